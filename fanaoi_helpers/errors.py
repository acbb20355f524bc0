"""Refusing bad input in one sentence: what was found, what was expected, what to do."""

import re
from collections.abc import Collection
from numbers import Integral, Real

LONGEST = 2000  # letters of a message; whatever it quotes may be of any length
# What moves a terminal's cursor, ends a line, lets text run backwards, or is half a letter.
_UPSETTING = re.compile("[\\x00-\\x1f\\x7f-\\x9f\\u2028-\\u202e\\u2066-\\u2069\\ud800-\\udfff]")


def printable(text: str, keep: str = "") -> str:
    r"""Return ``text`` with a question mark for each letter that would upset a terminal or a page.

    Whatever comes from a stranger's file (a name, a value, what a library says of it) passes here before it
    is shown to a person.

    Args:
        text: any text.
        keep: letters that stay, such as the ends of lines of a whole page.

    >>> printable("a\nb\x1b[2J größe.png")
    'a?b?[2J größe.png'
    """
    return _UPSETTING.sub(lambda letter: letter[0] if letter[0] in keep else "?", text)


def printable_json(text: str) -> str:
    r"""Return JSON that says the same without letters that would upset a terminal: they become \uXXXX.

    >>> print(printable_json('"a\x9b2J"'))
    "a\u009b2J"
    """
    return _UPSETTING.sub(lambda letter: letter[0] if letter[0] == "\n" else f"\\u{ord(letter[0]):04x}", text)


class WorkbookError(ValueError):
    """Something a person can put right; the message is the whole story, in one printable line.

    All that the package refuses, an argument, a file or a folder, it refuses so.

    In a notebook it shows as that one sentence instead of a traceback.
    """

    def __init__(self, message: str = "") -> None:
        line = printable(" ".join(str(message).split("\n")))
        super().__init__(
            line if len(line) <= LONGEST else f"{line[: LONGEST // 2]} … {line[-LONGEST // 2 :]}"
        )

    def _render_traceback_(self) -> list[str]:
        """Return what IPython prints for an uncaught exception of this class."""
        return [f"{type(self).__name__}: {self}"]


def whole_number(name: str, value: object, low: int, high: int) -> int:
    """Return ``value`` as an int from ``low`` to ``high``, or refuse it by ``name``.

    >>> whole_number("epochs", 4, 1, 1000)
    4
    >>> whole_number("epochs", -1, 1, 1000)
    Traceback (most recent call last):
    fanaoi_helpers.errors.WorkbookError: epochs is -1, but it must be a whole number from 1 to 1000.
    """
    whole = isinstance(value, Integral) or (isinstance(value, Real) and float(value).is_integer())
    if isinstance(value, bool) or not whole or not low <= int(value) <= high:
        raise WorkbookError(f"{name} is {value!r}, but it must be a whole number from {low} to {high}.")
    return int(value)


def number(name: str, value: object, low: float, high: float) -> float:
    """Return ``value`` as a finite float from ``low`` to ``high``, or refuse it by ``name``.

    >>> number("learning_rate", 0.001, 1e-7, 1)
    0.001
    """
    real = isinstance(value, Real) and not isinstance(value, bool)
    if not real or not low <= value <= high:  # a comparison with NaN is false
        raise WorkbookError(f"{name} is {value!r}, but it must be a number from {low:g} to {high:g}.")
    return float(value)


def one_of(name: str, value: object, choices: Collection) -> object:
    """Return ``value`` if it is one of ``choices``, or refuse it by ``name``.

    >>> one_of("padding", "same", ["valid", "same"])
    'same'
    """
    if isinstance(value, bool) or not isinstance(value, (str, Real)) or value not in choices:
        listed = ", ".join(repr(choice) for choice in choices)
        raise WorkbookError(f"{name} is {value!r}, but it must be one of {listed}.")
    return value


def text(name: str, value: object) -> str:
    """Return ``value`` if it is a str without control characters, or refuse it by ``name``.

    >>> text("photos_dir", "")
    ''
    """
    if not isinstance(value, str) or any(ord(letter) < 32 for letter in value):
        raise WorkbookError(f"{name} is {value!r}, but it must be plain text in quotes.")
    return value
