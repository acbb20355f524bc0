"""What a function returned: read in whatever form it came, and compared with what it should be."""

from __future__ import annotations

import inspect
from collections import deque
from collections.abc import Mapping, ValuesView
from dataclasses import dataclass

import numpy as np

from .answers import Unreadable, counted, numbers, shape_in_words, untouched

DEFAULT = 1e-6  # tolerance where an exercise declares none
SINGLE = 16 * float(np.finfo(np.float32).eps)  # what sums of float32 may be off, in units of the data
ONE_CELL = 0.01  # no arithmetic of floats makes a whole number another one


@dataclass(frozen=True)
class Result:
    """What a function did with one case: arrays, or what came in their place.

    Args:
        values: the results, one array each.
        error: a sentence about the error that stopped it.
        kind: the error's type.
        odd: a sentence about a result that holds no numbers, or not the right ones.
        dots: whether dots stand where nobody has written anything yet.
        printed: what it printed.
    """

    values: tuple[np.ndarray, ...] = ()
    error: str = ""
    kind: str = ""
    odd: str = ""
    dots: bool = False
    printed: str = ""


def truth(result: object, keep_bools: bool = False) -> Result:
    """Return what our own function returned: a tuple is several results."""
    parts = result if isinstance(result, tuple) else (result,)
    return Result(tuple(numbers(part, finite=False, yes_no=True) for part in parts))


def read(result: object, wanted: Result, printed: str, dtype: str | None) -> Result:
    """Return what a learner's function returned.

    Args:
        result: anything.
        wanted: what it should be; its shapes tell how a result of one number, or of several, may be written.
        printed: what the function printed.
        dtype: that is asked for; then True is not 1.
    """
    if result is ... or isinstance(result, tuple) and untouched(result):
        return Result(dots=True)
    if inspect.iscoroutine(result):
        result.close()  # nobody will wait for it
    if result is None and printed.strip():
        return Result(
            odd="it prints its result and returns None: write `return` in place of `print`.", printed=printed
        )
    try:
        parts = _parts(result, len(wanted.values))
        if len(parts) != len(wanted.values):
            came, expected = counted(len(parts), "result"), len(wanted.values)
            return Result(odd=f"it returns {came}; expected {expected}.", printed=printed)
        values = tuple(
            _fitted(_numbers(part, like, dtype), like.shape)
            for part, like in zip(parts, wanted.values, strict=True)
        )
    except Unreadable as odd:
        return Result(odd=str(odd).replace("You gave", "it returns", 1), printed=printed)
    except Exception as error:  # a list of the learner's own kind may fail anywhere
        return Result(odd=f"it returns what can't be read ({type(error).__name__}).", printed=printed)
    return Result(values, printed=printed)


def _parts(result: object, count: int) -> list[object]:
    """Return one result, or several that stand in a tuple, a list, the values of a dict or an array."""
    if count == 1:
        return [result]
    if isinstance(result, Mapping):
        raise Unreadable("You gave a dict; expected its values alone, as a tuple or a list.")
    if isinstance(result, (tuple, list, deque, ValuesView)):
        return list(result)
    if hasattr(result, "shape") and len(result.shape) > 0:
        return list(np.asarray(result))
    numbers(result, f"{count} results", finite=False, yes_no=True)  # what is no number is named as that
    return [result]


def _numbers(part: object, like: np.ndarray, dtype: str | None) -> np.ndarray:
    yes_no = dtype is None and bool(np.isin(like, (0, 1)).all())
    return numbers(part, shape_in_words(like.shape), finite=False, yes_no=yes_no)


def _fitted(values: np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
    """Return a result without axes of size 1 that were not asked for: [x], keepdims, a batch of one."""
    if values.ndim <= len(shape):
        return values
    left = iter(values.shape)
    for side in shape:
        if not any(one == side for one in _after_ones(left, side)):
            return values
    return values if any(one != 1 for one in left) else values.reshape(shape)


def _after_ones(sides: object, wanted: int) -> list[int]:
    """Return the next side that is ``wanted``, passing over sides of 1."""
    for side in sides:
        if side == wanted:
            return [side]
        if side != 1:
            return []
    return []


def same(got: Result, wanted: Result, tolerance: float, dtype: str | None, case: tuple) -> bool:
    """Tell whether two results are the same but for the arithmetic of floats."""
    if got.error or wanted.error:
        return bool(got.error and wanted.error) and got.kind == wanted.kind
    if got.odd or wanted.odd:
        return got.odd == wanted.odd
    return len(got.values) == len(wanted.values) and all(
        a.shape == b.shape and (dtype is None or a.dtype == b.dtype) and close(a, b, tolerance, case).all()
        for a, b in zip(got.values, wanted.values, strict=True)
    )


def close(got: np.ndarray, wanted: np.ndarray, tolerance: float, case: tuple) -> np.ndarray:
    """Tell for each number whether it is the wanted one but for the arithmetic of floats.

    Args:
        got: an array.
        wanted: one of the same shape.
        tolerance: absolute and relative. The default one shrinks with the numbers, so that zeros are not
            taken for small numbers.
        case: the arguments: how large they are tells what float32 can do.
    """
    with np.errstate(all="ignore"):
        off = np.abs(np.subtract(got, wanted, dtype=float))
        largest = np.abs(np.where(np.isfinite(wanted), wanted, 0)).max(initial=0).astype(float)
        scale = magnitude(case)
        room = tolerance * np.abs(wanted, dtype=float) + 1e-12 * scale
        room = room + tolerance * (1 if tolerance > DEFAULT else min(1.0, largest))
        single = _single(got)
        if single:
            room = room + SINGLE * (np.abs(wanted) + scale)
        if tolerance <= DEFAULT and (wanted.dtype.kind in "iu" or not single):
            room = np.where(wanted == np.round(wanted), np.minimum(room, ONE_CELL), room)
        near = (off <= room) & np.isfinite(got) & np.isfinite(wanted)
        return near | (got == wanted) | (np.isnan(got) & np.isnan(wanted))


def magnitude(case: tuple) -> float:
    """Return how large products of the data may be: the product of the two largest arguments, at least 1."""
    largest = sorted(map(_largest, case))[-2:]
    return float(np.prod([max(1.0, one) for one in largest]))


def _largest(value: object) -> float:
    try:
        values = np.asarray(value)
        if values.dtype.kind not in "iuf" or not values.size:
            return 1.0
        return float(np.abs(values[np.isfinite(values)], dtype=float).max(initial=0))
    except Exception:
        return 1.0


def _single(values: np.ndarray) -> bool:
    """Tell whether numbers were calculated in float32, as Keras does, in whatever they are given now."""
    if values.dtype.kind != "f":
        return False
    finite = values[np.isfinite(values)]
    return values.dtype.itemsize <= 4 or bool(
        np.all(finite.astype(np.float32) == finite) and np.any(finite != np.round(finite))
    )


def unlike(before: object, after: object) -> bool:
    """Tell whether an argument of any kind is another one than before."""
    try:
        if isinstance(before, np.ndarray):
            floats = before.dtype.kind == "f"
            return not (
                isinstance(after, np.ndarray)
                and before.dtype == after.dtype
                and np.array_equal(before, after, equal_nan=floats)
            )
        if isinstance(before, (list, tuple, deque)):
            return len(before) != len(after) or any(map(unlike, before, after))
        if isinstance(before, dict):
            return list(before) != list(after) or any(unlike(before[key], after[key]) for key in before)
        if isinstance(before, float) and before != before:
            return after == after
        if hasattr(before, "__dict__") and not callable(before):
            return unlike(vars(before), vars(after))
        if callable(before):
            return hasattr(before, "__dict__") and unlike(vars(before), vars(after))
        return bool(before != after)
    except Exception:  # it can't be compared any more: so it was changed
        return True
