"""What the layers compute, each with its gradients: convolution, pooling, and the dense layer.

The gradients are the chain rule: how much the loss changes with what went into a layer. ``d_out`` is the
gradient of the loss at a layer's output, in the shape of that output. Each ``…_gradients`` passes it back to
what made the output: ``d_x`` has the shape of ``x``, ``d_weights`` that of ``weights``. (Those of activations
and losses stand beside them, in their modules.)

Formulas: Goodfellow, Bengio and Courville, Deep Learning (2016), chapter 6.5 (back-propagation) and 9.5
(the two gradients of a convolution); Dumoulin and Visin, chapter 4 (arXiv:1603.07285).
"""

from collections.abc import Iterator

import numpy as np
from numpy.typing import ArrayLike

from ..arrays import shaped, some
from ..errors import one_of
from .inputs import length, picture, picture_and_kernel, picture_and_kernels, samples_and_weights
from .sizes import Padding, pad2d, padding_sides, windows

# Convolution ---------------------------------------------------------------------------------------------


def convolve2d(x: ArrayLike, kernel: ArrayLike, stride: int = 1, padding: Padding = "valid") -> np.ndarray:
    """Slide ``kernel`` over ``x``; at each place multiply cell by cell and add up.

    out[i, j] = sum over u, v of x[i * stride + u, j * stride + v] * kernel[u, v]

    This is cross-correlation: the kernel is not flipped. It is what CNN layers compute and call convolution.

    Args:
        x: (H, W).
        kernel: (kh, kw).
        stride: rows and columns from one window to the next.
        padding: "valid" (none), "same" (as Keras), zeros on each side, or ((top, bottom), (left, right)).

    Returns:
        (H', W'), each as :func:`output_size` says.

    >>> convolve2d([[1, 2, 3], [4, 5, 6]], [[-1, 1]])
    array([[1, 1],
           [1, 1]])
    """
    x, kernel = picture_and_kernel(x, kernel)
    seen = windows(x, kernel.shape, stride, padding)  # (H', W', kh, kw)
    return np.tensordot(seen, kernel, axes=2)


def convolve2d_gradients(
    x: ArrayLike, kernel: ArrayLike, d_out: ArrayLike, stride: int = 1, padding: Padding = "valid"
) -> tuple[np.ndarray, np.ndarray]:
    """Return the gradients of :func:`convolve2d` at its picture and at its kernel.

    d_kernel[u, v] = sum over i, j of d_out[i, j] * x[i * stride + u, j * stride + v]
    d_x[r, c] = sum of d_out[i, j] * kernel[u, v] over all with i * stride + u = r and j * stride + v = c

    where x is the padded picture. In words: a kernel number met one pixel in each window and adds up over
    the windows; a pixel lay in several windows and adds up what comes back from each. (Goodfellow et al.,
    chapter 9.5; d_x is Dumoulin and Visin's transposed convolution of d_out with the kernel, chapter 4.)

    Args:
        x, kernel, stride, padding: as they were there.
        d_out: (H', W'), the gradient at what :func:`convolve2d` gave.

    Returns:
        d_x (H, W) and d_kernel (kh, kw). Pixels that no window reached get 0; padding gets nothing.

    >>> d_x, d_kernel = convolve2d_gradients([[1, 2, 3]], [[10, 20]], [[1, 5]])
    >>> d_x.tolist(), d_kernel.tolist()
    ([[10, 70, 100]], [[11, 17]])
    """
    x, kernel = picture_and_kernel(x, kernel)
    seen = windows(x, kernel.shape, stride, padding)  # (H', W', kh, kw)
    d_out = shaped("d_out", d_out, seen.shape[:2], "the shape of the output")
    d_kernel = np.tensordot(d_out, seen, axes=2)
    sides = padding_sides(x.shape, kernel.shape, stride, padding)
    d_padded = pad2d(np.zeros(x.shape, np.result_type(d_out, kernel)), sides)
    for u, v, met in _meetings(kernel.shape, d_out.shape, stride):
        d_padded[met] += d_out * kernel[u, v]
    return _without(sides, d_padded), d_kernel


def conv_layer(
    x: ArrayLike,
    kernels: ArrayLike,
    bias: ArrayLike | None = None,
    stride: int = 1,
    padding: Padding = "valid",
) -> np.ndarray:
    """Return what a Conv2D layer computes before its activation.

    A filter has one kernel for each input channel; the channels' responses are added, then the filter's bias.

    Args:
        x: (H, W, C), one photograph or one stack of feature maps.
        kernels: (kh, kw, C, F), Keras's layout: F filters of C kernels each.
        bias: (F,), one number for each filter; none means 0.
        stride, padding: as in :func:`convolve2d`.

    Returns:
        (H', W', F), one feature map for each filter.

    >>> conv_layer(np.ones((5, 5, 3)), np.ones((3, 3, 3, 2)), bias=[0, 100])[0, 0]
    array([ 27., 127.])
    """
    x, kernels = picture_and_kernels(x, kernels)
    seen = windows(x, kernels.shape[:2], stride, padding)  # (H', W', C, kh, kw)
    maps = np.tensordot(seen, kernels, axes=([3, 4, 2], [0, 1, 2]))
    if bias is None:
        return maps
    return maps + shaped("bias", bias, kernels.shape[3:], "one number for each filter")


def conv_layer_gradients(
    x: ArrayLike, kernels: ArrayLike, d_out: ArrayLike, stride: int = 1, padding: Padding = "valid"
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return the gradients of :func:`conv_layer` at its input, its kernels and its bias.

    As :func:`convolve2d_gradients`, for each channel and filter; a channel adds up what comes back from all
    filters, and d_bias[f] is the sum of d_out[:, :, f], because the bias was added at every place.
    (Goodfellow et al., chapter 9.5.)

    Args:
        x, kernels, stride, padding: as they were there.
        d_out: (H', W', F), the gradient at what :func:`conv_layer` gave.

    Returns:
        d_x (H, W, C), d_kernels (kh, kw, C, F) and d_bias (F,).

    >>> d_x, d_kernels, d_bias = conv_layer_gradients(
    ...     np.ones((5, 5, 3)), np.ones((3, 3, 3, 2)), np.ones((3, 3, 2))
    ... )
    >>> d_x[2, 2], d_kernels[0, 0, 0], d_bias
    (array([18., 18., 18.]), array([9., 9.]), array([9., 9.]))
    """
    x, kernels = picture_and_kernels(x, kernels)
    seen = windows(x, kernels.shape[:2], stride, padding)  # (H', W', C, kh, kw)
    d_out = shaped("d_out", d_out, seen.shape[:2] + kernels.shape[3:], "the shape of the output")
    d_kernels = np.tensordot(seen, d_out, axes=([0, 1], [0, 1]))  # (C, kh, kw, F)
    sides = padding_sides(x.shape, kernels.shape[:2], stride, padding)
    d_padded = pad2d(np.zeros(x.shape, np.result_type(d_out, kernels)), sides)
    for u, v, met in _meetings(kernels.shape[:2], d_out.shape, stride):
        d_padded[met] += d_out @ kernels[u, v].T  # (H', W', F) @ (F, C)
    return _without(sides, d_padded), np.moveaxis(d_kernels, 0, 2), d_out.sum(axis=(0, 1))


# Pooling -------------------------------------------------------------------------------------------------


def pool2d(x: ArrayLike, size: int = 2, stride: int | None = None, kind: str = "max") -> np.ndarray:
    """Return the largest value (``kind="max"``) or the mean (``"average"``) of each window, without padding.

    Rows and columns left over at the bottom and at the right are dropped.

    Args:
        x: (H, W), or (H, W, C) where each channel is pooled by itself.
        size: rows and columns of the window.
        stride: from one window to the next; ``size`` where none is given, so that windows do not overlap.
        kind: "max" or "average".

    Returns:
        (H', W') or (H', W', C), each as :func:`output_size` says; float64 for averages.

    >>> pool2d([[1, 2, 9], [3, 4, 9], [9, 9, 9]]), pool2d([[1, 2], [3, 4]], kind="average")
    (array([[4]]), array([[2.5]]))
    """
    x = picture(x)
    one_of("kind", kind, ("max", "average"))
    size = length("size", size)
    seen = windows(x, (size, size), size if stride is None else stride, "valid")
    return seen.max(axis=(-2, -1)) if kind == "max" else seen.mean(axis=(-2, -1))


def pool2d_gradient(
    x: ArrayLike, d_out: ArrayLike, size: int = 2, stride: int | None = None, kind: str = "max"
) -> np.ndarray:
    """Return the gradient of :func:`pool2d` at its input.

    Max: the largest value of a window gets all of the window's d_out, the others 0. Where several are equally
    large, the first one gets it, row by row from the top left, as in TensorFlow. Average: each value of a
    window gets d_out / size². A value that lies in several windows adds up what it gets from each.
    (The chain rule of Goodfellow et al., chapter 6.5; who gets it among equals: ``tf.nn.max_pool2d``.)

    Args:
        x, size, stride, kind: as they were there.
        d_out: (H', W') or (H', W', C), the gradient at what came out.

    Returns:
        d_x, the shape of ``x``. Rows and columns that pooling dropped get 0.

    >>> pool2d_gradient([[1, 2, 9], [4, 4, 9]], [[8]])
    array([[0, 0, 0],
           [8, 0, 0]])
    >>> pool2d_gradient([[1, 2, 9], [4, 4, 9]], [[8]], kind="average")
    array([[2., 2., 0.],
           [2., 2., 0.]])
    """
    x = picture(x)
    one_of("kind", kind, ("max", "average"))
    size = length("size", size)
    stride = size if stride is None else stride
    seen = windows(x, (size, size), stride, "valid")
    d_out = shaped("d_out", d_out, seen.shape[:-2], "the shape of the output")
    if kind == "average":
        d_x = np.zeros(x.shape)
        for _, _, met in _meetings((size, size), d_out.shape, stride):
            d_x[met] += d_out / size**2
        return d_x
    d_x = np.zeros(x.shape, d_out.dtype)
    largest = seen.max(axis=(-2, -1))
    given = np.zeros(d_out.shape, bool)  # windows whose largest value has been found
    for _, _, met in _meetings((size, size), d_out.shape, stride):
        first = (x[met] == largest) & ~given
        d_x[met] += np.where(first, d_out, 0)
        given |= first
    return d_x


# Dense layer ---------------------------------------------------------------------------------------------


def dense(x: ArrayLike, weights: ArrayLike, bias: ArrayLike) -> np.ndarray:
    """Return ``x @ weights + bias``: each output is a weighted sum of all inputs, plus its bias.

    Args:
        x: (inputs,) or (batch, inputs); only the last axis is summed over.
        weights: (inputs, outputs), Keras's layout.
        bias: (outputs,).

    Returns:
        (outputs,) or (batch, outputs).

    >>> dense([1, 2], [[1, 0], [0, 10]], [5, 5])
    array([ 6, 25])
    """
    x, weights = samples_and_weights(x, weights)
    return x @ weights + shaped("bias", bias, weights.shape[1:], "one number for each output")


def dense_gradients(
    x: ArrayLike, weights: ArrayLike, d_out: ArrayLike
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return the gradients of :func:`dense` at its input, its weights and its bias.

    d_x = d_out @ weights.T    d_weights = x.T @ d_out    d_bias = sum of d_out over the batch

    (Goodfellow et al., chapter 6.5.)

    Args:
        x: (inputs,) or (batch, inputs).
        weights: (inputs, outputs).
        d_out: (outputs,) or (batch, outputs), the gradient at what the layer gave.

    Returns:
        d_x in the shape of ``x``, d_weights (inputs, outputs) and d_bias (outputs,). The samples of a batch
        share the weights, so their gradients are added up.

    >>> d_x, d_weights, d_bias = dense_gradients([1, 2], [[3], [4]], [10])
    >>> d_x.tolist(), d_weights.tolist(), d_bias.tolist()
    ([30, 40], [[10], [20]], [10])
    """
    x, weights = samples_and_weights(x, weights)
    x, weights = some("x", x), some("weights", weights)
    d_out = shaped("d_out", d_out, x.shape[:-1] + weights.shape[1:], "the shape of the layer's output")
    samples = x.reshape(-1, weights.shape[0])  # one sample becomes a batch of one
    d_samples = d_out.reshape(-1, weights.shape[1])
    return d_out @ weights.T, samples.T @ d_samples, d_samples.sum(axis=0)


# Where windows and pixels meet ---------------------------------------------------------------------------


def _meetings(
    kernel: tuple[int, int], out: tuple[int, ...], stride: int
) -> Iterator[tuple[int, int, tuple[slice, slice]]]:
    """Yield u, v and which (H', W') cells of the padded input the kernel's cell (u, v) meets."""
    stride = int(stride)  # 2.0 is a fine stride, but a slice wants 2
    for u in range(kernel[0]):
        for v in range(kernel[1]):
            yield u, v, (slice(u, u + out[0] * stride, stride), slice(v, v + out[1] * stride, stride))


def _without(sides: tuple[tuple[int, int], tuple[int, int]], padded: np.ndarray) -> np.ndarray:
    """Return ``padded`` without the cells that the padding added on its sides."""
    (top, bottom), (left, right) = sides
    return padded[top : padded.shape[0] - bottom, left : padded.shape[1] - right]
