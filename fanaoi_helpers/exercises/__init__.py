"""Exercises that judge their answers and name the slip: a sheet of Markdown for each notebook.

In a notebook: ``from fanaoi_helpers.exercises import convolution as ex``, then ``ex.stride_two.check(mine)``.
"""

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .lesson import Lesson


def lessons() -> "list[Lesson]":
    """Return the exercises of all notebooks, in the notebooks' order.

    >>> [lesson.number for lesson in lessons()][:3]
    ['00', '01', '02']
    """
    return [_lesson(path) for path in _sheets()]


def _sheets() -> list[Path]:
    return sorted(Path(__file__).parent.glob("[0-9][0-9]_*.md"))


@cache
def _lesson(path: Path) -> "Lesson":
    from . import sheets

    return sheets.read(path)


def __getattr__(name: str) -> "Lesson":
    """Return the lesson of this name: only what is asked for is read."""
    for path in _sheets():
        if path.stem[3:] == name:
            return _lesson(path)
    raise AttributeError(f"There are no exercises called {name}.")
