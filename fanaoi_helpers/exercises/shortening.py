"""Answers as the ledger keeps them: short, and nothing that JSON can't hold, whatever the learner typed."""

import math
from collections.abc import Iterator
from itertools import islice

import numpy as np

MOST = 120  # numbers, texts and lists in one answer, all counted
LONGEST = 200  # letters of a text


class _TooMuch(Exception):
    """The answer holds more than MOST things."""


def shortened(value: object) -> object:
    """Return ``value`` as something short that JSON can hold; never raises.

    Numbers are rounded to 7 digits, arrays and tensors become lists. What is too large, or of a kind of its
    own, is only named: the text of such an object may hold anything, its code or the name of a folder.

    >>> shortened((1, np.float32(0.1), float("nan"), None))
    [1, 0.1, 'nan', None]
    >>> shortened(np.zeros((224, 224, 3)))
    'array of 224 × 224 × 3'
    >>> shortened(lambda x: x)
    'a function'
    """
    try:
        return _clean(value, iter(range(MOST)))
    except _TooMuch:
        return f"{_kind(value)} of more than {MOST} things"
    except Exception:  # a property, a length or an array that raises: it is the learner's object
        return f"({_kind(value)})"


def _clean(value: object, room: Iterator[int]) -> object:
    """Return ``value`` cleaned; ``room`` runs out where it holds too much, or itself."""
    if next(room, None) is None:
        raise _TooMuch
    if value is None or isinstance(value, bool):
        return value
    if value is ...:
        return "..."
    if isinstance(value, str):
        return str(value) if len(value) <= LONGEST else value[: LONGEST - 1] + "…"
    if isinstance(value, int):
        return int(value) if abs(value) < 2**63 else "a huge number"
    if isinstance(value, float):
        return float(f"{value:.7g}") if math.isfinite(value) else str(float(value))
    if isinstance(value, (list, tuple)):
        return [_clean(item, room) for item in value]
    if isinstance(value, dict):
        return {str(key)[:LONGEST]: _clean(item, room) for key, item in islice(value.items(), MOST)}
    if callable(value) and not hasattr(value, "shape"):
        return "a function"
    return _numbers(value, room)


def _numbers(value: object, room: Iterator[int]) -> object:
    """Return an array, a tensor or a NumPy number as (nested) lists, anything else by its kind."""
    sides = [int(side) for side in value.shape]
    if math.prod(sides) > MOST:
        return f"array of {' × '.join(map(str, sides))}"
    array = np.asarray(value)
    if array.dtype.kind == "c":
        array = array.astype(str)
    if array.dtype.kind not in "biufSU":
        raise TypeError
    return _clean(array.tolist(), room)


def _kind(value: object) -> str:
    return str(type(value).__name__)[:40]
