"""Exercises that judge their answers and name the slip: one module for each notebook.

In a notebook: ``from fanaoi_helpers.exercises import convolution as ex``, then ``ex.stride_two.check(mine)``.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .engine.lesson import Lesson

MODULES = {
    "00": "start",
    "01": "pixels",
    "02": "convolution",
    "03": "losses",
    "04": "learning",
    "05": "full_run",
    "06": "inside",
    "07": "overfitting",
    "08": "release",
}


def lessons() -> "list[Lesson]":
    """Return the exercises of all notebooks, in the notebooks' order.

    >>> [lesson.number for lesson in lessons()]
    ['00', '01', '02', '03', '04', '05', '06', '07', '08']
    """
    from importlib import import_module

    return [import_module(f".{module}", __name__).lesson for module in MODULES.values()]
