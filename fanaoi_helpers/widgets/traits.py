"""The state of an interactive figure: traits that take NumPy's numbers, too, and refuse in one sentence."""

from __future__ import annotations

from collections.abc import Collection, Sequence

import numpy as np
import traitlets

from .. import arrays, errors
from ..errors import WorkbookError


class Array(traitlets.TraitType):
    """A trait for an array of finite numbers: NumPy in Python, a typed array in the browser.

    It travels as a binary buffer. What is read from it can't be written to: set the whole trait, so that the
    browser hears of it.

    Args:
        default: the first value.
        ndim: how many axes it must have, or several numbers to choose from.
        dtype: as the browser gets it: uint8, int32, float32 or float64.
    """

    def __init__(
        self, default: object, ndim: int | Sequence[int], dtype: str = "float64", **metadata: object
    ) -> None:
        self.ndims, self.dtype = (ndim,) if isinstance(ndim, int) else tuple(ndim), np.dtype(dtype)
        super().__init__(self._checked("default", default), **metadata)
        self.tag(sync=True, echo_update=False, to_json=_pack, from_json=_unpack)

    def validate(self, obj: object, value: object) -> np.ndarray:
        """Return ``value`` as a read-only array of its own, or refuse it by the trait's name."""
        return self._checked(self.name, value)

    def _checked(self, name: str, value: object) -> np.ndarray:
        array = arrays.of_type(name, value, self.dtype, self.ndims)
        array.flags.writeable = False
        return array


def _pack(array: np.ndarray, widget: object) -> dict:
    data = np.ascontiguousarray(array).tobytes()
    return {"shape": list(array.shape), "dtype": str(array.dtype), "data": memoryview(data)}


def _unpack(packed: dict, widget: object) -> np.ndarray:
    return np.frombuffer(packed["data"], packed["dtype"]).reshape(packed["shape"])


class Checked(traitlets.TraitType):
    """A trait that the browser shares; a figure checks it by a method of its own (``traitlets.validate``)."""

    def __init__(self, default: object, **metadata: object) -> None:
        super().__init__(default, **metadata)
        # An echo of what the browser has sent would undo what it has done since.
        self.tag(sync=True, echo_update=False)


class Whole(Checked):
    """A whole number from ``low`` to ``high``, kept as int."""

    def __init__(self, default: int, low: int, high: int, **metadata: object) -> None:
        self.low, self.high = low, high
        super().__init__(default, **metadata)

    def validate(self, obj: object, value: object) -> int:
        """Return ``value`` as an int, or refuse it by the trait's name."""
        return errors.whole_number(self.name, value, self.low, self.high)


class Number(Checked):
    """A finite number from ``low`` to ``high``, kept as float."""

    def __init__(self, default: float, low: float, high: float, **metadata: object) -> None:
        self.low, self.high = low, high
        super().__init__(default, **metadata)

    def validate(self, obj: object, value: object) -> float:
        """Return ``value`` as a float, or refuse it by the trait's name."""
        return errors.number(self.name, value, self.low, self.high)


class OneOf(Checked):
    """One of some words or numbers, kept as it stands among them."""

    def __init__(self, default: str | float, choices: Collection[str | float], **metadata: object) -> None:
        self.choices = tuple(choices)
        super().__init__(default, **metadata)

    def validate(self, obj: object, value: object) -> str | float:
        """Return the choice that ``value`` is, or refuse it by the trait's name."""
        return self.choices[self.choices.index(errors.one_of(self.name, value, self.choices))]


class Switch(Checked):
    """True or False."""

    def validate(self, obj: object, value: object) -> bool:
        """Return ``value`` as a bool, or refuse it by the trait's name."""
        if not isinstance(value, (bool, np.bool_)):
            raise WorkbookError(f"{self.name} is {value!r}, but it must be True or False.")
        return bool(value)
