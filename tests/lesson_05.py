"""Notebook 05's own cells, executed in this process with other parameters: a run without a kernel."""

import csv
import json
import os
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np

from fanaoi_helpers import runs

# Sizes at which a run takes seconds.
SMALL = {"units": 20, "shots": 2, "image_size": 16, "epochs": 1, "batch_size": 8,
         "filters_1": 2, "filters_2": 3, "dense_units": 4}  # fmt: skip


def execute(parameters, asides=False, until=None):
    """Execute the notebook and return its variables.

    Args:
        parameters: in place of those in its parameters cell.
        asides: also the cells tagged "aside", which train small CNNs of their own.
        until: stop as soon as there is a variable of this name.
    """
    path = runs.find("05")
    names: dict = {"__name__": "notebook"}
    before = Path.cwd()
    os.chdir(path.parent)
    try:
        for cell in runs.read(path)["cells"]:
            if cell["cell_type"] != "code" or (runs.tagged(cell, "aside") and not asides):
                continue
            exec(compile(cell["source"], path.name, "exec"), names)
            plt.close("all")
            if runs.tagged(cell, "parameters"):
                names.update(parameters)
            if until in names:
                break
    finally:
        os.chdir(before)
    return names


def run(asides=False, **parameters):
    """Execute the whole notebook at small sizes and return what it left, by name."""
    names = execute(SMALL | parameters, asides)
    folder = names["run_folder"]
    with (folder / "history.csv").open(encoding="utf-8", newline="") as file:
        history = list(csv.DictReader(file))
    metrics = json.loads((folder / "metrics.json").read_text(encoding="utf-8"))
    return {"folder": folder, "metrics": metrics, "history": history, "model": names["model"],
            "pixels": np.array(names["album"].pixels), "steps": names["steps"], "names": names}  # fmt: skip
