"""Exercises that judge their answers and name the slip: one folder for each notebook.

In a notebook: ``from fanaoi_helpers.exercises import convolution as ex``, then ``ex.stride_two.check(mine)``.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from types import ModuleType

    from .lesson import Lesson


def modules() -> "list[ModuleType]":
    """Return what notebooks import as ``ex``, in the notebooks' order.

    >>> [module.__name__.rpartition(".")[2] for module in modules()][:3]
    ['start', 'pixels', 'convolution']
    """
    from importlib import import_module
    from pkgutil import iter_modules

    folders = [module.name for module in iter_modules(__path__) if module.ispkg]
    imported = [import_module(f".{name}", __name__) for name in folders]
    return sorted(imported, key=lambda module: module.lesson.number)


def lessons() -> "list[Lesson]":
    """Return the exercises of all notebooks, in the notebooks' order.

    >>> [lesson.number for lesson in lessons()][:3]
    ['00', '01', '02']
    """
    return [module.lesson for module in modules()]
