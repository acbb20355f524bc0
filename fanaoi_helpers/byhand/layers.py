"""What the layers compute: convolution, pooling, and the dense layer."""

import numpy as np
from numpy.typing import ArrayLike

from ..arrays import shaped, some
from ..errors import one_of
from .inputs import length, picture, picture_and_kernel, picture_and_kernels, samples_and_weights
from .sizes import Padding, windows


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

    Raises:
        WorkbookError: a shape, the stride or the padding makes no sense, or the kernel is larger than ``x``.

    >>> convolve2d([[1, 2, 3], [4, 5, 6]], [[-1, 1]])
    array([[1, 1],
           [1, 1]])
    """
    x, kernel = picture_and_kernel(x, kernel)
    seen = windows(x, kernel.shape, stride, padding)  # (H', W', kh, kw)
    return np.tensordot(seen, kernel, axes=2)


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
        stride: as in :func:`convolve2d`.
        padding: as in :func:`convolve2d`.

    Returns:
        (H', W', F), one feature map for each filter.

    Raises:
        WorkbookError: the shapes do not fit each other, or the stride or the padding makes no sense.

    >>> conv_layer(np.ones((5, 5, 3)), np.ones((3, 3, 3, 2)), bias=[0, 100])[0, 0]
    array([ 27., 127.])
    """
    x, kernels = picture_and_kernels(x, kernels)
    seen = windows(x, kernels.shape[:2], stride, padding)  # (H', W', C, kh, kw)
    maps = np.tensordot(seen, kernels, axes=([3, 4, 2], [0, 1, 2]))
    if bias is None:
        return maps
    return maps + shaped("bias", bias, kernels.shape[3:], "one number for each filter")


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

    Raises:
        WorkbookError: ``x`` is no picture or smaller than the window, or an argument makes no sense.

    >>> pool2d([[1, 2, 9], [3, 4, 9], [9, 9, 9]]), pool2d([[1, 2], [3, 4]], kind="average")
    (array([[4]]), array([[2.5]]))
    """
    x = picture(x)
    one_of("kind", kind, ("max", "average"))
    size = length("size", size)
    seen = windows(x, (size, size), size if stride is None else stride, "valid")
    return seen.max(axis=(-2, -1)) if kind == "max" else seen.mean(axis=(-2, -1))


def global_average_pool(x: ArrayLike) -> np.ndarray:
    """Return the mean of each channel over all its places: a feature map becomes one number.

    Args:
        x: (H, W, C), or (H, W) for one map alone.

    Returns:
        (C,), or one number for one map; float64.

    Raises:
        WorkbookError: ``x`` is no stack of feature maps, or empty.

    >>> global_average_pool([[[1, 10], [3, 30]]])
    array([ 2., 20.])
    """
    x = some("x", picture(x))
    return x.mean(axis=(0, 1))


def dense(x: ArrayLike, weights: ArrayLike, bias: ArrayLike) -> np.ndarray:
    """Return ``x @ weights + bias``: each output is a weighted sum of all inputs, plus its bias.

    Args:
        x: (inputs,) or (batch, inputs); only the last axis is summed over.
        weights: (inputs, outputs), Keras's layout.
        bias: (outputs,).

    Returns:
        (outputs,) or (batch, outputs).

    Raises:
        WorkbookError: the shapes do not fit each other.

    >>> dense([1, 2], [[1, 0], [0, 10]], [5, 5])
    array([ 6, 25])
    """
    x, weights = samples_and_weights(x, weights)
    return x @ weights + shaped("bias", bias, weights.shape[1:], "one number for each output")
