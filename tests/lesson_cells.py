"""A notebook's own cells, executed in this process with other parameters: no kernel, nothing stored."""

import os
import re
from pathlib import Path

import matplotlib.pyplot as plt

from fanaoi_helpers import runs


def code(number):
    """Return the code cells of the notebook with this number."""
    return [cell for cell in runs.read(runs.find(number))["cells"] if cell["cell_type"] == "code"]


def execute(cells, names=None, **parameters):
    """Execute cells in the notebooks' folder and return their variables.

    Args:
        cells: as :func:`code` returns them.
        names: variables of cells executed before.
        parameters: in place of those in the parameters cell.
    """
    names = {"__name__": "notebook"} if names is None else names
    before = Path.cwd()
    os.chdir(runs.notebooks_dir())
    try:
        for cell in cells:
            exec(compile(cell["source"], "notebook", "exec"), names)
            plt.close("all")
            if runs.tagged(cell, "parameters"):
                names.update(parameters)
    finally:
        os.chdir(before)
    return names


def claims(printed):
    """Return what a notebook claims in what it printed: each sentence, and whether it holds."""
    found = re.findall(r"^(.+): (True|False)$", printed, re.MULTILINE)
    return {sentence: held == "True" for sentence, held in found}
