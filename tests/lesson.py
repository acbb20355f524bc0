"""A notebook's own cells, executed in this process as papermill would run them with other parameters."""

import ast
import contextlib
import io
import itertools
import os
import re
import warnings
from unittest import mock

import lint
import matplotlib.pyplot as plt
from matplotlib.figure import Figure

from fanaoi_helpers import runs


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
        stack.enter_context(contextlib.redirect_stdout(printed))
        stack.enter_context(contextlib.redirect_stderr(complaints))
        stack.callback(os.chdir, os.getcwd())  # noqa: PTH109 - contextlib.chdir needs Python 3.11
        os.chdir(runs.notebooks_dir())
        cells = runs.read(runs.find(number))["cells"]
        cells = list(itertools.takewhile(lambda cell: not until or until not in cell["source"], cells))
        code = [cell for cell in cells if cell["cell_type"] == "code"]
        code = [cell for cell in code if not any(runs.tagged(cell, tag) for tag in without)]
        for cell in code:
            _execute(cell, names)
            if runs.tagged(cell, "parameters"):
                unknown = parameters.keys() - names.keys()
                assert not unknown, f"{number} has no parameter {unknown}"
                names |= parameters
        for cell in reversed(code[2:] if again else []):  # but for setup and parameters
            _execute(cell, names)
    assert complaints.getvalue() == ""
    names["printed"] = printed.getvalue()
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
