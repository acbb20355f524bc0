"""A notebook's own cells, executed in this process as papermill would run them with other parameters."""

import ast
import contextlib
import io
import itertools
import os
import re
import warnings
from pathlib import Path
from unittest import mock

import lint
import matplotlib.pyplot as plt
from matplotlib.figure import Figure

from fanaoi_helpers import notebooks


def execute(number, until="", again=False, without=(), **parameters):
    """Return the names that a notebook leaves behind, and under "printed" what it said.

    Args:
        number: which notebook.
        until: the first cell that holds these words, prose or code, ends it; "" runs it whole.
        again: run each cell once more at the end, the last one first, as a learner goes back to one: no later
            cell may have taken a name from it.
        without: leave out the code cells that bear one of these tags.
        parameters: in place of those in its parameters cell.

    What a cell ends with is drawn. Whatever would be written to stderr, warnings included, is an error.
    """
    names = {"__name__": "notebook"}
    printed, complaints = io.StringIO(), io.StringIO()
    with contextlib.ExitStack() as stack:
        stack.enter_context(mock.patch.dict(os.environ, FANAOI_HEADLESS="1"))
        stack.enter_context(warnings.catch_warnings())
        for kind in (RuntimeWarning, UserWarning):
            warnings.simplefilter("error", kind)
        # What an old Matplotlib says of a new pyparsing, no learner sees; pyparsing may speak for itself.
        warnings.filterwarnings("ignore", category=DeprecationWarning, module="matplotlib|pyparsing")
        stack.enter_context(contextlib.redirect_stdout(printed))
        stack.enter_context(contextlib.redirect_stderr(complaints))
        cells = code(number, until)
        cells = [cell for cell in cells if not any(notebooks.tagged(cell, tag) for tag in without)]
        execute_cells(cells, names, **parameters)
        if again:
            execute_cells(cells[:1:-1], names)  # but for setup and parameters
    assert complaints.getvalue() == ""
    names["printed"] = printed.getvalue()
    return names


def code(number, until=""):
    """Return the code cells of a notebook, up to the first cell that holds the words ``until``."""
    cells = notebooks.read(notebooks.find(number))["cells"]
    cells = itertools.takewhile(lambda cell: not until or until not in cell["source"], cells)
    return [cell for cell in cells if cell["cell_type"] == "code"]


def execute_cells(cells, names=None, **parameters):
    """Execute cells in the notebooks' folder and return their variables.

    Args:
        cells: as :func:`code` returns them.
        names: variables of cells executed before.
        parameters: in place of those in the parameters cell.
    """
    names = {"__name__": "notebook"} if names is None else names
    before = Path.cwd()
    os.chdir(notebooks.notebooks_dir())
    try:
        for cell in cells:
            _execute(cell, names)
            if notebooks.tagged(cell, "parameters"):
                assert parameters.keys() <= names.keys(), "a parameter that the notebook does not have"
                names.update(parameters)
    finally:
        os.chdir(before)
    return names


def _execute(cell, names):
    body = lint.tree(cell)
    last = body.body.pop() if body.body and isinstance(body.body[-1], ast.Expr) else None
    exec(compile(body, cell["source"].split("\n")[0], "exec"), names)
    shown = eval(compile(ast.Expression(last.value), "the cell's end", "eval"), names) if last else None
    shown = shown.still() if hasattr(shown, "still") else shown
    if isinstance(shown, Figure):
        shown.canvas.draw()
    plt.close("all")


def claims(printed):
    """Return what a notebook printed as true or false: the words of each claim and its value."""
    return {words: value == "True" for words, value in re.findall(r"^(.+): (True|False)$", printed, re.M)}
