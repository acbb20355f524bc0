"""Answers that nobody should give: objects that fail where they are touched, garbage, untouched stubs."""

import numpy as np

from fanaoi_helpers.exercises.function import Function


class Hostile:
    """An object that fails wherever it is touched."""

    def _fail(self, *args, **kwargs):
        raise RuntimeError("hostile")

    __array__ = __len__ = __iter__ = __repr__ = __str__ = __eq__ = __bool__ = __getitem__ = __float__ = _fail
    __hash__ = None


class HostileCall(Hostile):
    """A callable whose shape can't even be asked for."""

    shape = property(Hostile._fail)
    __call__ = Hostile._fail


class HostileNumber(int):
    """A number that can't be written."""

    __str__ = __repr__ = __format__ = Hostile._fail


class HostileList(list):
    """A list that fails where it is looked into."""

    __len__ = __iter__ = __getitem__ = Hostile._fail


ENDLESS = [1]
ENDLESS.append(ENDLESS)

GARBAGE = {
    "None": None,
    "text": "thirty-five, I think",
    "empty list": [],
    "NaN": float("nan"),
    "ragged list": [[1, 2], [3]],
    "dots left in a list": [[..., 2], [3, 4]],
    "dict": {"a": 1},
    "set": {1, 2, 3},
    "generator": (number for number in (1, 2, 3)),
    "complex number": 1 + 2j,
    "True": True,
    "a type": list,
    "hostile object": Hostile(),
    "hostile list": HostileList([1, 2]),
    "huge number": 10**5000,
    "list in itself": ENDLESS,
    "wrong shape": np.zeros((7, 1, 3, 2)),
    "wrong dtype": np.array(["thirty", "five"]),
    "dates": np.array(["2026-01-01"], dtype="datetime64[D]"),
}


def stub(exercise):
    """Return the answers of somebody who has not touched the cell."""
    if not isinstance(exercise, Function):
        return [..., [...]]

    def returns_dots(*args):
        return ...

    def assigns_dots(*args):
        out = np.zeros(3)
        out[0] = ...
        return out

    return [returns_dots, assigns_dots]
