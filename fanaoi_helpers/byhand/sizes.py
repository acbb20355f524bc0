"""Output sizes, padding, and the windows in which a kernel meets the picture."""

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import ArrayLike

from ..arrays import wrong_shape
from ..errors import WorkbookError, one_of, whole_number
from .inputs import length

# The same on all four, or ((top, bottom), (left, right)).
Sides = int | tuple[tuple[int, int], tuple[int, int]]
Padding = str | Sides


def output_size(size: int, kernel: int, stride: int = 1, padding: int | tuple[int, int] = 0) -> int:
    """Return how many windows of length ``kernel`` fit along ``size``: floor((n + 2p - k) / s) + 1.

    Args:
        size: n, rows or columns of the input.
        kernel: k, rows or columns of the kernel (or of the pooling window).
        stride: s, how far the window moves at each step.
        padding: p, added on each side; or (before, after) where the sides differ, and then 2p is their total.

    >>> output_size(5, 3), output_size(5, 3, stride=2), output_size(5, 3, padding=1)
    (3, 2, 5)
    >>> output_size(224, 7, stride=2, padding=(2, 3))
    112
    """
    size, kernel, stride = length("size", size), length("kernel", kernel), length("stride", stride)
    before, after = _before_after(padding)
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
    size, kernel, stride = length("size", size), length("kernel", kernel), length("stride", stride)
    count = -(-size // stride)
    total = max((count - 1) * stride + kernel - size, 0)
    return total // 2, total - total // 2


def pad2d(x: ArrayLike, padding: Sides) -> np.ndarray:
    """Return ``x``, (H, W) or (H, W, C), with zeros added around its rows and columns; the dtype stays.

    Args:
        x: the picture.
        padding: the same number on all four sides, or ((top, bottom), (left, right)).

    >>> pad2d([[7]], 1)
    array([[0, 0, 0],
           [0, 7, 0],
           [0, 0, 0]])
    """
    x = np.asarray(x)
    if x.ndim not in (2, 3):
        raise wrong_shape("x", x, "(H, W) or (H, W, C)")
    rows, columns = _pair(padding)
    around = [_before_after(rows), _before_after(columns), (0, 0)][: x.ndim]
    return np.pad(x, around)


def padding_sides(
    shape: tuple[int, ...], kernel: tuple[int, int], stride: int, padding: Padding
) -> tuple[tuple[int, int], tuple[int, int]]:
    """Return ``padding``, a word or numbers, as ((top, bottom), (left, right)) for a picture of ``shape``."""
    if isinstance(padding, str):
        one_of("padding", padding, ("valid", "same"))
        sizes = zip(shape[:2], kernel, strict=True)
        padding = 0 if padding == "valid" else tuple(same_padding(n, k, stride) for n, k in sizes)
    rows, columns = _pair(padding)
    return _before_after(rows), _before_after(columns)


def windows(x: np.ndarray, kernel: tuple[int, int], stride: int, padding: Padding) -> np.ndarray:
    """Return every window of the padded ``x``: (H', W', kh, kw), or (H', W', C, kh, kw) with channels."""
    stride = length("stride", stride)
    padded = pad2d(x, padding_sides(x.shape, kernel, stride, padding))
    for size, side in zip(padded.shape[:2], kernel, strict=True):
        output_size(size, side, stride)  # refuses a kernel larger than the picture
    return sliding_window_view(padded, kernel, axis=(0, 1))[::stride, ::stride]


def _pair(padding: object) -> tuple:
    """Return ``padding`` as a pair: for rows and columns, or for before and after."""
    if not isinstance(padding, (tuple, list)):
        return padding, padding
    if len(padding) != 2:
        raise WorkbookError(
            f"padding is {padding!r}, but it must be a whole number or ((top, bottom), (left, right))."
        )
    return tuple(padding)


def _before_after(padding: object) -> tuple[int, int]:
    """Return padding along one axis as (before, after)."""
    before, after = _pair(padding)
    return whole_number("padding", before, 0, 1_000_000), whole_number("padding", after, 0, 1_000_000)
