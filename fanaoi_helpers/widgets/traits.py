"""The state of an interactive figure: traits that take NumPy's numbers, too, and refuse in one sentence."""

import inspect
from collections.abc import Collection, Sequence

import numpy as np
import traitlets
from numpy.typing import ArrayLike

from .. import arrays, errors
from ..errors import WorkbookError


class State(traitlets.TraitType):
    """A trait that the browser shares and that a figure is made with; its figure may check it, too.

    Args:
        default: the first value; ``...`` where one must be given, None where it follows from the others, by a
            method of the figure (``traitlets.default``).
        help: what it is, for the figure's documentation.
        optional: whether None stands for ``default``, too.
        metadata: as of any trait.
    """

    range = ""  # which values there are, for the documentation

    def __init__(
        self, default: object = ..., help: str = "", *, optional: bool = False, **metadata: object
    ) -> None:
        self.unless_given = None if optional else default
        super().__init__(default, help=help, **metadata)
        # An echo of what the browser has sent would undo what it has done since.
        self.tag(sync=True, echo_update=False)

    def parameter(self, name: str) -> inspect.Parameter:
        """Return it as an argument of its figure."""
        default = inspect.Parameter.empty if self.unless_given is ... else self.unless_given
        return inspect.Parameter(name, inspect.Parameter.POSITIONAL_OR_KEYWORD, default=default)

    def in_words(self) -> str:
        """Return what it is and which values there are, for the figure's documentation."""
        return "; ".join(filter(None, (self.help, self.range))) + "."


class Array(State):
    """An array of finite numbers: NumPy in Python, a typed array in the browser.

    It travels as a binary buffer. What is read from it can't be written to: set the whole trait, so that the
    browser hears of it.

    Args:
        default: the first value.
        ndim: how many axes it must have, or several numbers to choose from.
        dtype: as the browser gets it: uint8, int32, float32 or float64.
        metadata: as of any trait.
    """

    def __init__(
        self,
        default: ArrayLike | None = ...,
        *,
        ndim: int | Sequence[int] = 1,
        dtype: str = "float64",
        **metadata: object,
    ) -> None:
        self.ndims, self.dtype = (ndim,) if isinstance(ndim, int) else tuple(ndim), np.dtype(dtype)
        unset = default is ... or default is None
        super().__init__(default if unset else self._checked("default", default), **metadata)
        self.tag(to_json=_pack, from_json=_unpack)

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


class Number(State):
    """A finite number from ``low`` to ``high``, kept as float."""

    check = staticmethod(errors.number)

    def __init__(self, default: float | None, low: float, high: float, **metadata: object) -> None:
        self.low, self.high, self.range = low, high, f"{low:g} to {high:g}"
        super().__init__(default, **metadata)

    def validate(self, obj: object, value: object) -> float:
        """Return ``value`` as a number, or refuse it by the trait's name."""
        return self.check(self.name, value, self.low, self.high)


class Whole(Number):
    """A whole number from ``low`` to ``high``, kept as int."""

    check = staticmethod(errors.whole_number)


class OneOf(State):
    """One of some words or numbers, kept as it stands among them."""

    def __init__(self, default: str | float, choices: Collection[str | float], **metadata: object) -> None:
        self.choices, self.range = tuple(choices), ", ".join(map(repr, choices))
        super().__init__(default, **metadata)

    def validate(self, obj: object, value: object) -> str | float:
        """Return the choice that ``value`` is, or refuse it by the trait's name."""
        return self.choices[self.choices.index(errors.one_of(self.name, value, self.choices))]


class Switch(State):
    """True or False."""

    def validate(self, obj: object, value: object) -> bool:
        """Return ``value`` as a bool, or refuse it by the trait's name."""
        if not isinstance(value, (bool, np.bool_)):
            raise WorkbookError(f"{self.name} is {value!r}, but it must be True or False.")
        return bool(value)
