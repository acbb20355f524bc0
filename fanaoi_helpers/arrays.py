"""Looking at arrays that came in, before any arithmetic; what makes no sense is refused by its name."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, DTypeLike

from .errors import WorkbookError


def numbers(name: str, values: ArrayLike, expected: str = "an array of numbers") -> np.ndarray:
    """Return ``values`` as an int64 array if it holds whole numbers (or bool), as float64 otherwise.

    >>> numbers("x", [True, 2])
    array([1, 2])
    >>> numbers("x", "photo")
    Traceback (most recent call last):
    fanaoi_helpers.errors.WorkbookError: x is 'photo', but it must be an array of numbers.
    """
    array = _numeric(name, values, expected)
    return array.astype(np.int64 if array.dtype.kind in "biu" else np.float64)


def _numeric(name: str, values: ArrayLike, expected: str) -> np.ndarray:
    try:
        array = np.asarray(values)
    except ValueError:
        raise WorkbookError(
            f"{name} has rows of different lengths; give every row as many numbers."
        ) from None
    except TypeError:  # such as a tensor that lies on a GPU
        array = None
    if array is None or array.dtype.kind not in "biuf":
        raise WorkbookError(f"{name} is {values!r:.80}, but it must be {expected}.")
    return array


def some(name: str, array: np.ndarray) -> np.ndarray:
    """Return ``array`` if there is anything in it."""
    if array.size == 0:
        raise wrong_shape(name, array, "one that holds at least one number")
    return array


def shaped(name: str, values: ArrayLike, shape: tuple[int, ...], whose: str) -> np.ndarray:
    """Return the numbers of ``values`` if they have ``shape``; nothing is stretched to fit."""
    array = numbers(name, values)
    if array.shape != shape:
        raise wrong_shape(name, array, f"{shape}, {whose}")
    return array


def row(name: str, values: ArrayLike, count: int | None = None, *, finite: bool = True) -> np.ndarray:
    """Return ``values`` as (N,) float64 with N of at least 1, or of ``count`` where it is given.

    >>> row("hours", [0, 1], 3)
    Traceback (most recent call last):
    fanaoi_helpers.errors.WorkbookError: hours has shape (2,), but it must be a row of 3 numbers.
    """
    expected = "a row of numbers" if count is None else f"a row of {count} numbers"
    array = numbers(name, values, expected).astype(np.float64)
    if array.ndim != 1 or not array.size or count not in (None, len(array)):
        raise wrong_shape(name, array, expected)
    return all_finite(name, array) if finite else array


def all_finite(name: str, array: np.ndarray) -> np.ndarray:
    """Return ``array`` if it holds neither infinity nor what is no number."""
    if not np.isfinite(array).all():
        raise WorkbookError(f"{name} holds NaN or infinity, but every number must be finite.")
    return array


def within(
    name: str, array: np.ndarray, low: float, high: float, advice: str = "", *, above: bool = False
) -> np.ndarray:
    """Return ``array`` if each number lies from ``low`` (or, with ``above``, above it) to ``high``.

    >>> within("p_go", np.array([0.5, 1.5]), 0, 1, ": check that the last layer is a sigmoid")
    Traceback (most recent call last):
    fanaoi_helpers.errors.WorkbookError: p_go holds 1.5, but each must lie from 0 to 1: check that the last \
layer is a sigmoid.
    """
    inside = (array > low if above else array >= low) & (array <= high)  # a comparison with NaN is false
    if not inside.all():
        raise WorkbookError(
            f"{name} holds {array[~inside].flat[0]:g}, but each must lie {'above' if above else 'from'} "
            f"{low:g} {'and up ' if above else ''}to {high:g}{advice}."
        )
    return array


def zeros_and_ones(name: str, values: ArrayLike, count: int | None = None) -> np.ndarray:
    """Return ``values`` as (N,) int64 of 1 for GO and 0 for NG, N as in :func:`row`."""
    array = row(name, values, count, finite=False)
    odd = array[~np.isin(array, (0, 1))]
    if odd.size:
        raise WorkbookError(f"{name} holds {odd[0]:g}, but it must hold only 1 for GO and 0 for NG.")
    return array.astype(np.int64)


def of_type(name: str, values: ArrayLike, dtype: DTypeLike, ndim: Sequence[int]) -> np.ndarray:
    """Return a copy of ``values`` as finite numbers of ``dtype`` if ``ndim`` has its number of axes.

    >>> of_type("x", [[1, 300]], "uint8", ndim=[2])
    Traceback (most recent call last):
    fanaoi_helpers.errors.WorkbookError: x holds 1 to 300, but it must hold whole numbers from 0 to 255.
    """
    axes = " or ".join(map(str, ndim))
    expected = "a row of finite numbers" if axes == "1" else f"an array with {axes} axes of finite numbers"
    given = _numeric(name, values, expected)
    if given.ndim not in ndim:
        raise wrong_shape(name, given, expected)
    with np.errstate(over="ignore"):  # float32 ends earlier than float64
        array = np.array(all_finite(name, given), dtype)
    if array.dtype.kind in "iu" and not np.array_equal(array, given):
        limits = np.iinfo(array.dtype)
        raise WorkbookError(
            f"{name} holds {given.min():g} to {given.max():g}, but it must hold whole numbers from "
            f"{limits.min} to {limits.max}."
        )
    return all_finite(name, array)


def picture(name: str, pixels: np.ndarray) -> np.ndarray:
    """Return ``pixels`` as an array if it is a uint8 picture (H, W) or (H, W, 3)."""
    pixels = np.asarray(pixels)
    if pixels.dtype != np.uint8 or pixels.ndim not in (2, 3) or pixels.ndim == 3 and pixels.shape[2] != 3:
        raise WorkbookError(
            f"{name} has shape {pixels.shape} and dtype {pixels.dtype}, "
            "but a picture is uint8 with shape (height, width) or (height, width, 3)."
        )
    return pixels


def wrong_shape(name: str, array: np.ndarray, expected: str) -> WorkbookError:
    """Return, to be raised, the sentence about an array of the wrong shape."""
    return WorkbookError(f"{name} has shape {array.shape}, but it must be {expected}.")
