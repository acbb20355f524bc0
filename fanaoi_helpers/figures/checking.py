"""Reading what a picture is drawn from: arrays in, or one sentence that says what is wrong with them."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike

from ..errors import WorkbookError


def as_vector(name: str, values: ArrayLike, length: int | None = None, finite: bool = True) -> np.ndarray:
    """Return ``values`` as a (N,) float64 array with at least one number, or refuse it by ``name``."""
    array = np.asarray(values, dtype=float)
    if array.ndim != 1 or not array.size or (length is not None and len(array) != length):
        wanted = "a row of numbers" if length is None else f"a row of {length} numbers"
        raise WorkbookError(f"{name} has shape {array.shape}, but it must be {wanted}.")
    if finite and not np.isfinite(array).all():
        raise WorkbookError(f"{name} holds inf or nan; compute it so that every number is finite.")
    return array


def as_probabilities(name: str, values: ArrayLike, above_zero: bool = False) -> np.ndarray:
    """Return ``values`` as a (N,) float64 array of numbers from 0 to 1, or refuse it by ``name``.

    Args:
        name: what the message calls it.
        values: the numbers.
        above_zero: refuse 0, too.
    """
    array = as_vector(name, values)
    outside = (array < 0) | (array > 1) | ((array == 0) & above_zero)
    if outside.any():
        low = "above 0" if above_zero else "from 0"
        raise WorkbookError(
            f"{name} holds {array[outside][0]:g}, but each must be {low} to 1: use probabilities."
        )
    return array


def as_names(names: Sequence[str], count: int) -> list[str]:
    """Return ``names`` as a list of ``count`` strings, or refuse another number of them."""
    if len(names) != count:
        raise WorkbookError(f"names holds {len(names)} names for {count} numbers; give one name for each.")
    return [str(name) for name in names]


def as_index(name: str, value: int, count: int) -> int:
    """Return ``value`` as the number of one of ``count`` classes, or refuse it by ``name``."""
    if isinstance(value, bool) or int(value) != value or not 0 <= value < count:
        raise WorkbookError(f"{name} is {value!r}, but it must be a class number from 0 to {count - 1}.")
    return int(value)


def true_minus(number: str) -> str:
    """Return ``number``, as text, with a true minus sign, as matplotlib writes its ticks."""
    return number.replace("-", "−")
