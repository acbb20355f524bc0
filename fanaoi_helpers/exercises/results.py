"""What a function returned: read in whatever form it came, and compared with what it should be."""

from __future__ import annotations

import inspect
from collections import deque
from collections.abc import Mapping, ValuesView
from dataclasses import dataclass

import numpy as np

from . import closeness
from .answers import Unreadable, counted, numbers, shape_in_words, untouched

DEFAULT = 1e-6  # tolerance where an exercise declares none
SINGLE = 16 * float(np.finfo(np.float32).eps)  # what sums of float32 may be off, in units of the data


@dataclass(frozen=True)
class Result:
    """What a function did with one case: arrays, or what came in their place."""

    values: tuple[np.ndarray, ...] = ()
    error: str = ""  # a sentence about the error that stopped it
    kind: str = ""  # the error's type
    odd: str = ""  # a sentence about a result that holds no numbers, or not the right ones
    dots: bool = False  # whether dots stand where nobody has written anything yet
    printed: str = ""


def truth(result: object) -> Result:
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
    try:
        if result is None and printed.strip():
            raise Unreadable("it prints its result and returns None: write `return` in place of `print`.")
        parts = _parts(result, len(wanted.values))
        if len(parts) != len(wanted.values):
            raise Unreadable(f"You gave {counted(len(parts), 'result')}; expected {len(wanted.values)}.")
        pairs = zip(parts, wanted.values, strict=True)
        values = tuple(_fitted(_numbers(part, like, dtype), like.shape) for part, like in pairs)
    except Unreadable as odd:
        says = str(odd).replace("You gave", "it returns", 1)
        return Result(odd=says.replace("Leave the quotes out", "Return a number, not text"), printed=printed)
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
    yes_no = dtype is None and bool(((like == 0) | (like == 1)).all())
    return numbers(part, shape_in_words(like.shape), finite=False, yes_no=yes_no)


def _fitted(values: np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
    """Return a result without axes of size 1 that were not asked for: [x], keepdims, a batch of one."""
    same = values.squeeze().shape == tuple(side for side in shape if side != 1)
    return values.reshape(shape) if same and values.ndim > len(shape) else values


def difference(got: Result, wanted: Result, tolerance: float, dtype: str | None, scale: float) -> str:
    """Say how a result differs from another one by more than the arithmetic of floats, "" if it does not.

    ``dtype`` is None where any is taken; ``scale`` is the :func:`magnitude` of the case.
    """
    if got.kind or got.odd or wanted.kind or wanted.odd:
        alike = (got.kind, got.odd) == (wanted.kind, wanted.odd)
        return "" if alike else got.error or got.odd or "it returns numbers."
    for number, (a, b) in enumerate(zip(got.values, wanted.values, strict=True), 1):
        which = f"result {number}: " if len(wanted.values) > 1 else ""
        if a.shape != b.shape:
            return f"{which}it returns {shape_in_words(a.shape)}; expected {shape_in_words(b.shape)}."
        if dtype is not None and a.dtype != b.dtype:
            return f"{which}it returns {a.dtype}; expected {b.dtype}."
        if (a == b).all():  # nearly always, and seen at once
            continue
        wrong = ~close(a, b, tolerance, scale)
        if wrong.any():
            place = tuple(int(i) for i in np.argwhere(wrong)[0])
            at = f" at {list(place)}" if place else ""
            came, expected = _apart(a[place], b[place])
            return f"{which}it returns {came}{at}; expected {expected}."
    return ""


def _apart(got: float, wanted: float) -> tuple[str, str]:
    """Return two numbers with as many digits as it takes to tell them apart."""
    for digits in (6, 9, 12):
        pair = f"{got:.{digits}g}", f"{wanted:.{digits}g}"
        if pair[0] != pair[1]:
            break
    return pair


def close(got: np.ndarray, wanted: np.ndarray, tolerance: float, scale: float) -> np.ndarray:
    """Tell for each number whether it is the wanted one but for the arithmetic of floats.

    The default tolerance shrinks with the numbers, so that zeros are not taken for small numbers. ``scale``,
    the :func:`magnitude` of the case, tells what float32 can do.
    """
    with np.errstate(all="ignore"):
        largest = np.abs(np.where(np.isfinite(wanted), wanted, 0)).max(initial=0).astype(float)
        room = tolerance * np.abs(wanted, dtype=float) + 1e-12 * scale
        room = room + tolerance * (1 if tolerance > DEFAULT else min(1.0, largest))
        single = _single(got)
        if single:
            room = room + SINGLE * (np.abs(wanted) + scale)
    neighbors = tolerance > DEFAULT or single and wanted.dtype.kind not in "iu"
    return closeness.close(got, wanted, room, neighbors)


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
        if callable(before) or hasattr(before, "__dict__"):
            return hasattr(before, "__dict__") and unlike(vars(before), vars(after))
        return bool(before != after and (before == before or after == after))  # NaN is like NaN
    except Exception:  # it can't be compared any more: so it was changed
        return True
