"""Whether numbers are the same but for arithmetic in floats, for rounding, or for a factor."""

from collections.abc import Callable

import numpy as np

from . import numerals

ONE_CELL = 0.01  # no tolerance of arithmetic makes a whole number another one


def whole(values: np.ndarray) -> np.ndarray:
    """Tell of each number whether it is a whole one."""
    with np.errstate(invalid="ignore"):
        return np.isfinite(values) & (values == np.round(values))


def is_the(got: np.ndarray, truth: np.ndarray) -> bool:
    """Tell whether numbers are the truth; what is small beside the others may be nothing but arithmetic."""
    largest = np.abs(truth, where=np.isfinite(truth), out=np.zeros(truth.shape)).max(initial=0)
    return all_close(got, truth, 1e-6, 1e-6 * min(1.0, largest or 1.0))


def all_close(got: np.ndarray, wanted: np.ndarray, relative: float, absolute: float) -> bool:
    """Tell whether numbers are the same but for arithmetic in floats; a whole one is never its neighbor."""
    if got.shape != wanted.shape or wanted.dtype.kind not in "biuf":
        return False
    return bool(close(got, wanted, relative * np.abs(wanted) + absolute).all())


def close(got: np.ndarray, wanted: np.ndarray, room: np.ndarray, neighbors: bool = False) -> np.ndarray:
    """Tell of each number whether it is the wanted one, or at most ``room`` away from it.

    A whole number is never taken for its neighbor, unless ``neighbors`` says so.
    """
    with np.errstate(all="ignore"):
        if not neighbors:
            room = np.where(whole(wanted), np.minimum(room, ONE_CELL), room)
        off = np.abs(np.subtract(got, wanted, dtype=float))
        near = (off <= room) & np.isfinite(got) & np.isfinite(wanted)
        return near | (got == wanted) | (np.isnan(got) & np.isnan(wanted))


def each(got: np.ndarray, wanted: np.ndarray, same: Callable[[float, float], bool]) -> bool:
    """Tell whether each number is a whole one and the same, or no whole one and ``same``."""
    if got.shape != wanted.shape or not (np.isfinite(got).all() and np.isfinite(wanted).all()):
        return False
    exact = whole(wanted)
    with np.errstate(all="ignore"):
        return bool(np.all(got[exact] == wanted[exact])) and all(
            same(float(g), float(w)) for g, w in zip(got[~exact], wanted[~exact], strict=True)
        )


def factor(got: np.ndarray, truth: np.ndarray, asked: str) -> str:
    """Name an answer that is the truth but for a factor of 100, as in percent, or of 1000; "" for others."""
    if got.shape != truth.shape or not np.any(truth) or not np.isfinite(got).all():
        return ""

    def same(values: np.ndarray, coarse: bool = True) -> bool:
        pairs = zip(np.ravel(got), np.ravel(values), strict=True)
        return all(
            np.isclose(g, v, rtol=1e-6, atol=0) or numerals.is_rounded(g, v, None, coarse) for g, v in pairs
        )

    if same(truth * 100):
        if asked == "a share":
            return "That is right in percent. Asked is a share, a number from 0 to 1: divide by 100."
        return "That is a hundred times the right number."
    if same(truth / 100, coarse=False):  # a guess of 0.0001 is no hundredth of 0.0075
        share = "right as a share. Asked are percent."
        return f"That is {share if asked == 'percent' else 'a hundredth of the right number.'}"
    if whole(truth).all() and same(truth / 1000):
        number = int(truth.flat[0])
        return f"If you mean thousands: in Python decimals follow a point, so write {number} or {number:_}."
    return ""
