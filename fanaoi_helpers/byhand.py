"""The arithmetic of a convolutional neural network in plain NumPy, written to be read.

Shapes are Keras's: a photograph is (H, W, C), a layer's kernels are (kh, kw, C, F), a batch comes first.
Whole numbers stay whole (int64, so that uint8 photographs do not overflow); everything else is float64.

Sources of the formulas: Goodfellow, Bengio and Courville, Deep Learning (2016), chapters 3.10, 6.2 and 9;
Dumoulin and Visin, A guide to convolution arithmetic for deep learning (arXiv:1603.07285);
for "same" padding and the stable cross-entropies, the documentation of ``tf.nn``.
"""

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import ArrayLike

from .errors import WorkbookError, one_of, whole_number

EPSILON = 1e-7  # the smallest probability that a loss looks at, as in Keras: -ln 0 would be infinite

Sides = (
    int | tuple[tuple[int, int], tuple[int, int]]
)  # the same on all four, or ((top, bottom), (left, right))
Padding = str | Sides


# Sizes and padding ---------------------------------------------------------------------------------------


def output_size(size: int, kernel: int, stride: int = 1, padding: int | tuple[int, int] = 0) -> int:
    """Return how many windows of length ``kernel`` fit along ``size``: floor((n + 2p - k) / s) + 1.

    Args:
        size: n, rows or columns of the input.
        kernel: k, rows or columns of the kernel (or of the pooling window).
        stride: s, how far the window moves at each step.
        padding: p, added on each side; or (before, after) where the sides differ, and then 2p is their total.

    Raises:
        WorkbookError: not even one window fits, or a number makes no sense.

    >>> output_size(5, 3), output_size(5, 3, stride=2), output_size(5, 3, padding=1)
    (3, 2, 5)
    >>> output_size(224, 7, stride=2, padding=(2, 3))
    112
    """
    size, kernel, stride = _length("size", size), _length("kernel", kernel), _length("stride", stride)
    before, after = _sides(padding)
    room = size + before + after - kernel
    if room < 0:
        raise WorkbookError(
            f"kernel is {kernel} long, but the input with its padding is only {size + before + after}; "
            "take a smaller kernel or more padding."
        )
    return room // stride + 1


def same_padding(size: int, kernel: int, stride: int = 1) -> tuple[int, int]:
    """Return the zeros (before, after) with which the output has ceil(size / stride) rows: "same" in Keras.

    With stride 1 that is the size of the input. An odd total puts the extra zero after, as TensorFlow does.

    >>> same_padding(5, 3), same_padding(5, 2), same_padding(6, 3, stride=2)
    ((1, 1), (0, 1), (0, 1))
    """
    size, kernel, stride = _length("size", size), _length("kernel", kernel), _length("stride", stride)
    windows = -(-size // stride)
    total = max((windows - 1) * stride + kernel - size, 0)
    return total // 2, total - total // 2


def pad2d(x: ArrayLike, padding: Sides, value: float = 0.0) -> np.ndarray:
    """Return ``x``, (H, W) or (H, W, C), with ``value`` added around its rows and columns; the dtype stays.

    Args:
        x: the picture.
        padding: the same number on all four sides, or ((top, bottom), (left, right)).
        value: what is added; it must fit the dtype of ``x``.

    Raises:
        WorkbookError: ``x`` is no picture, ``padding`` is negative, or ``value`` does not fit the dtype.

    >>> pad2d([[7]], 1)
    array([[0, 0, 0],
           [0, 7, 0],
           [0, 0, 0]])
    """
    x = np.asarray(x)
    if x.ndim not in (2, 3):
        raise _wrong_shape("x", x, "(H, W) or (H, W, C)")
    if x.dtype.kind in "iu" and not (float(value).is_integer() and _fits(value, np.iinfo(x.dtype))):
        raise WorkbookError(f"value is {value!r}, but x holds {x.dtype}; pad with a value of that type.")
    rows, columns = _two(padding)
    around = [_sides(rows), _sides(columns), (0, 0)][: x.ndim]
    return np.pad(x, around, constant_values=value)


# Convolution and pooling ---------------------------------------------------------------------------------


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
    x, kernel = _numbers("x", x), _numbers("kernel", kernel)
    if x.ndim != 2:
        raise _wrong_shape("x", x, "(H, W); conv_layer takes (H, W, C)")
    if kernel.ndim != 2:
        raise _wrong_shape("kernel", kernel, "(kh, kw); conv_layer takes (kh, kw, C, F)")
    windows = _windows(x, kernel.shape, stride, padding)  # (H', W', kh, kw)
    return np.tensordot(windows, kernel, axes=2)


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
    x, kernels = _numbers("x", x), _numbers("kernels", kernels)
    if x.ndim != 3:
        raise _wrong_shape("x", x, "(H, W, C), one picture; a gray one is x[..., None]")
    if kernels.ndim != 4 or kernels.shape[2] != x.shape[2]:
        raise _wrong_shape("kernels", kernels, f"(kh, kw, C, F) with C = {x.shape[2]}, the channels of x")
    windows = _windows(x, kernels.shape[:2], stride, padding)  # (H', W', C, kh, kw)
    maps = np.tensordot(windows, kernels, axes=([3, 4, 2], [0, 1, 2]))
    if bias is None:
        return maps
    bias = _numbers("bias", bias)
    if bias.shape != kernels.shape[3:]:
        raise _wrong_shape("bias", bias, f"({kernels.shape[3]},), one number for each filter")
    return maps + bias


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
    x = _numbers("x", x)
    if x.ndim not in (2, 3):
        raise _wrong_shape("x", x, "(H, W) or (H, W, C)")
    one_of("kind", kind, ("max", "average"))
    size = _length("size", size)
    windows = _windows(x, (size, size), size if stride is None else stride, "valid")
    return windows.max(axis=(-2, -1)) if kind == "max" else windows.mean(axis=(-2, -1))


# The dense layer and activations -------------------------------------------------------------------------


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
    x, weights, bias = _numbers("x", x), _numbers("weights", weights), _numbers("bias", bias)
    if x.ndim < 1 or weights.ndim != 2 or weights.shape[0] != x.shape[-1]:
        raise _wrong_shape("weights", weights, f"(inputs, outputs) to fit x with shape {x.shape}")
    if bias.shape != weights.shape[1:]:
        raise _wrong_shape("bias", bias, f"({weights.shape[1]},), one number for each output")
    return x @ weights + bias


def relu(x: ArrayLike) -> np.ndarray:
    """Return ``x`` where it is positive and 0 elsewhere.

    >>> relu([-2, 0, 3])
    array([0, 0, 3])
    """
    return np.maximum(_numbers("x", x), 0)


def relu_slope(x: ArrayLike) -> np.ndarray:
    """Return the derivative of :func:`relu` at ``x``: 1 where positive, else 0 (at 0 too, as in Keras).

    >>> relu_slope([-2, 0, 3])
    array([0., 0., 1.])
    """
    return (_numbers("x", x) > 0).astype(float)


def sigmoid(x: ArrayLike) -> np.ndarray:
    """Return 1 / (1 + exp(-x)), from 0 to 1, without overflow for any ``x``.

    >>> sigmoid([-1000, 0, 1000])
    array([0. , 0.5, 1. ])
    """
    x = _numbers("x", x)
    small = np.exp(-np.abs(x))  # never above 1
    return np.where(x >= 0, 1, small) / (1 + small)


def sigmoid_slope(x: ArrayLike) -> np.ndarray:
    """Return the derivative of :func:`sigmoid` at ``x``: s (1 - s), at most 1/4.

    >>> sigmoid_slope([0])
    array([0.25])
    """
    return sigmoid(x) * sigmoid(-_numbers("x", x))  # 1 - s, kept exact where s is nearly 1


def tanh(x: ArrayLike) -> np.ndarray:
    """Return the hyperbolic tangent of ``x``, from -1 to 1.

    >>> tanh([0])
    array([0.])
    """
    return np.tanh(_numbers("x", x))


def tanh_slope(x: ArrayLike) -> np.ndarray:
    """Return the derivative of :func:`tanh` at ``x``: 1 - tanh², at most 1.

    >>> tanh_slope([0])
    array([1.])
    """
    return 1 - tanh(x) ** 2


def softmax(logits: ArrayLike, axis: int = -1) -> np.ndarray:
    """Return probabilities, exp(logit) divided by their sum along ``axis``.

    The largest logit is taken off first: the result is the same and exp can't overflow.

    >>> softmax([1000, 1000])
    array([0.5, 0.5])
    """
    logits = _numbers("logits", logits)
    if logits.ndim == 0 or logits.size == 0:
        raise _wrong_shape("logits", logits, "one number for each class, for instance (classes,)")
    powers = np.exp(logits - logits.max(axis=axis, keepdims=True))
    return powers / powers.sum(axis=axis, keepdims=True)


# Losses --------------------------------------------------------------------------------------------------


def cross_entropy(true: ArrayLike, probabilities: ArrayLike) -> float:
    """Return the mean over the batch of -sum(true * ln(probability)): -ln of what the true class was given.

    Args:
        true: (batch, classes) one-hot, or (batch,) class indices; or one sample of these.
        probabilities: (batch, classes) or (classes,). They are used as they are: where they do not add up
            to 1, Keras divides by their sum first and this function does not.

    Returns:
        The loss in nats. A probability below EPSILON counts as EPSILON, as in Keras.

    Raises:
        WorkbookError: a probability outside 0 to 1 (a logit, perhaps), an index outside the classes, or
            shapes that do not fit each other.

    >>> round(cross_entropy([0, 0, 1], [0.1, 0.2, 0.7]), 4), round(cross_entropy(2, [0.1, 0.2, 0.7]), 4)
    (0.3567, 0.3567)
    """
    probabilities = _probabilities(probabilities)
    true = _numbers("true", true)
    if probabilities.ndim == 0:
        raise _wrong_shape("probabilities", probabilities, "(classes,) or (batch, classes)")
    classes = probabilities.shape[-1]
    if true.shape == probabilities.shape[:-1]:
        known = np.isin(true, np.arange(classes))
        if not np.all(known):
            wrong = true[~known].flat[0]
            raise WorkbookError(
                f"true holds {wrong:g}, but a class index is a whole number 0 to {classes - 1}."
            )
        true = np.eye(classes)[true.astype(int)]
    elif true.shape != probabilities.shape:
        either = f"{probabilities.shape} one-hot or {probabilities.shape[:-1]} class indices"
        raise _wrong_shape("true", true, either)
    elif not np.all(np.abs(true.sum(axis=-1) - 1) < 1e-6):
        raise WorkbookError("true has a row that does not add up to 1, but one-hot rows do; check its shape.")
    losses = -(true * np.log(np.maximum(probabilities, EPSILON))).sum(axis=-1)
    return float(losses.mean())


def binary_cross_entropy(labels: ArrayLike, probabilities: ArrayLike) -> float:
    """Return the mean of -(y ln p + (1 - y) ln(1 - p)).

    Args:
        labels: y, 0 or 1, the shape of ``probabilities`` or one number for all.
        probabilities: p, the probability of label 1.

    Returns:
        The loss in nats. A probability below EPSILON counts as EPSILON, as in Keras.

    Raises:
        WorkbookError: a label or a probability outside 0 to 1 (a logit, perhaps), or different shapes.

    >>> round(binary_cross_entropy([1, 0], [0.9, 0.2]), 4)
    0.1643
    """
    p = _probabilities(probabilities)
    y = _labels(labels, p)
    losses = -(y * np.log(np.maximum(p, EPSILON)) + (1 - y) * np.log(np.maximum(1 - p, EPSILON)))
    return float(losses.mean())


def binary_cross_entropy_from_logits(labels: ArrayLike, logits: ArrayLike) -> float:
    """Return :func:`binary_cross_entropy` of ``sigmoid(logits)``, exact even where that rounds to 0 or 1.

    The mean of max(z, 0) - z y + ln(1 + exp(-|z|)), the form that TensorFlow uses.

    Args:
        labels: y, 0 or 1, the shape of ``logits`` or one number for all.
        logits: z, any numbers.

    Raises:
        WorkbookError: a label outside 0 to 1, or different shapes.

    >>> binary_cross_entropy_from_logits([1], [-1000])
    1000.0
    """
    z = _some("logits", _numbers("logits", logits))
    y = _labels(labels, z)
    return float((np.maximum(z, 0) - z * y + np.log1p(np.exp(-np.abs(z)))).mean())


# Looking at what came in ---------------------------------------------------------------------------------


def _windows(x: np.ndarray, kernel: tuple[int, int], stride: int, padding: Padding) -> np.ndarray:
    """Return every window of the padded ``x``: (H', W', kh, kw), or (H', W', C, kh, kw) with channels."""
    stride = _length("stride", stride)
    if isinstance(padding, str):
        one_of("padding", padding, ("valid", "same"))
        sizes = zip(x.shape[:2], kernel, strict=True)
        padding = 0 if padding == "valid" else tuple(same_padding(n, k, stride) for n, k in sizes)
    padded = pad2d(x, padding)
    for size, length in zip(padded.shape[:2], kernel, strict=True):
        output_size(size, length, stride)  # refuses a kernel larger than the picture
    return sliding_window_view(padded, kernel, axis=(0, 1))[::stride, ::stride]


def _numbers(name: str, x: ArrayLike) -> np.ndarray:
    """Return ``x`` as an int64 array if it holds whole numbers (or bool), as float64 otherwise."""
    try:
        x = np.asarray(x)
    except ValueError:  # rows of different lengths
        raise WorkbookError(
            f"{name} has rows of different lengths; give every row as many numbers."
        ) from None
    if x.dtype.kind not in "biuf":
        raise WorkbookError(f"{name} holds {x.dtype}, but the arithmetic takes an array of numbers.")
    return x.astype(np.int64 if x.dtype.kind in "biu" else np.float64)


def _probabilities(probabilities: ArrayLike) -> np.ndarray:
    p = _numbers("probabilities", probabilities)
    if not np.all((p >= 0) & (p <= 1)):
        raise WorkbookError(
            f"probabilities holds {_outside(p):g}, but each must lie from 0 to 1; "
            "turn logits into probabilities with softmax or sigmoid first."
        )
    return _some("probabilities", p)


def _labels(labels: ArrayLike, like: np.ndarray) -> np.ndarray:
    y = _numbers("labels", labels)
    # (batch,) against (batch, 1) would silently become (batch, batch).
    if y.ndim and y.shape != like.shape:
        raise _wrong_shape("labels", y, f"{like.shape}, as the predictions have")
    if not np.all((y >= 0) & (y <= 1)):
        raise WorkbookError(f"labels holds {_outside(y):g}, but each label must lie from 0 to 1.")
    return y


def _outside(x: np.ndarray) -> float:
    """Return, to be named in a message, the first value of ``x`` that is not from 0 to 1."""
    return x[~((x >= 0) & (x <= 1))].flat[0]


def _some(name: str, x: np.ndarray) -> np.ndarray:
    if x.size == 0:
        raise _wrong_shape(name, x, "one that holds at least one number")
    return x


def _fits(value: float, limits: np.iinfo) -> bool:
    return limits.min <= value <= limits.max


def _length(name: str, value: object) -> int:
    return whole_number(name, value, 1, 1_000_000)


def _two(padding: object) -> tuple:
    """Return ``padding`` as a pair: for rows and columns, or for before and after."""
    if not isinstance(padding, (tuple, list)):
        return padding, padding
    if len(padding) != 2:
        raise WorkbookError(
            f"padding is {padding!r}, but it must be a whole number or ((top, bottom), (left, right))."
        )
    return tuple(padding)


def _sides(padding: object) -> tuple[int, int]:
    """Return padding along one axis as (before, after)."""
    before, after = _two(padding)
    return whole_number("padding", before, 0, 1_000_000), whole_number("padding", after, 0, 1_000_000)


def _wrong_shape(name: str, x: np.ndarray, expected: str) -> WorkbookError:
    return WorkbookError(f"{name} has shape {x.shape}, but it must be {expected}.")
