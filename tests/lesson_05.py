"""Notebook 05 at small sizes: a run without a kernel, and what it leaves."""

import csv
import json

import lesson
import numpy as np

# Sizes at which a run takes seconds.
SMALL = {"units": 20, "shots": 2, "image_size": 16, "epochs": 1, "batch_size": 8,
         "filters_1": 2, "filters_2": 3, "dense_units": 4}  # fmt: skip


def run(asides=False, again=False, **parameters):
    """Execute the notebook and return what it left, by name.

    Args:
        asides: also the cells tagged "aside", which train small CNNs of their own.
        again: as for :func:`lesson.execute`.
        parameters: in place of those in its parameters cell, or of the small ones.
    """
    without = () if asides else ("aside",)
    names = lesson.execute("05", again=again, without=without, **(SMALL | parameters))
    folder = names["run_folder"]
    with (folder / "history.csv").open(encoding="utf-8", newline="") as file:
        history = list(csv.DictReader(file))
    metrics = json.loads((folder / "metrics.json").read_text(encoding="utf-8"))
    return {"folder": folder, "metrics": metrics, "history": history, "model": names["network"],
            "pixels": np.array(names["album"].pixels), "steps": names["steps"], "names": names,
            "printed": names["printed"]}  # fmt: skip
