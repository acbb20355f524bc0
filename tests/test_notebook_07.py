"""Notebook 07: what it refuses, what a full training of the recipe leaves behind, and its facts."""

import csv
import json
import os
from collections import defaultdict
from pathlib import Path

import numpy as np
import pytest

from fanaoi_helpers import cnn, files, runs
from fanaoi_helpers.errors import WorkbookError

CELLS = [cell for cell in runs.read(runs.find("07"))["cells"] if cell["cell_type"] == "code"]
FIRST = next(at for at, cell in enumerate(CELLS) if "trials.photographs" in cell["source"])


def execute(cells, names, **parameters):
    """Execute some cells in the notebook's folder, as if told these parameters."""
    before = Path.cwd()
    os.chdir(runs.notebooks_dir())
    try:
        for cell in cells:
            exec(compile(cell["source"], "07", "exec"), names)
            if runs.tagged(cell, "parameters"):
                names.update(parameters)
    finally:
        os.chdir(before)
    return names


@pytest.mark.parametrize(
    ("name", "value"),
    [("image_size", 10), ("steps", 1.5), ("trainings", 0), ("few", "40"), ("recipe_epochs", 0),
     ("recipe_size", 16), ("full_recipe", 1), ("full_units", 3), ("full_size", 8), ("full_epochs", 0),
     ("try_network", "no"), ("seed", -1)],
)  # fmt: skip
def test_what_makes_no_sense_is_refused_before_any_work(name, value):
    with pytest.raises(WorkbookError, match=name):
        execute(CELLS[:FIRST], {"__name__": "notebook"}, **{name: value})


def test_a_full_recipe_is_kept_for_notebook_08(tmp_path, monkeypatch):
    monkeypatch.setenv("FANAOI_RUNS", str(tmp_path))
    full = [cell for cell in CELLS[FIRST:] if cell["source"].startswith("if full_recipe")]
    assert len(full) >= 3
    small = {"full_recipe": True, "full_units": 20, "full_size": 32, "full_epochs": 2}
    names = execute([*CELLS[:FIRST], *full], {"__name__": "notebook"}, **small)
    kept = files.runs_dir() / "07_overfitting_and_augmentation"
    model = cnn.load(kept / "model.keras")
    assert model.input_shape == (None, 32, 32, 3) and model.name == "repaired_cnn"
    pixels = np.array(names["whole"].pixels[:5])
    assert np.allclose(cnn.predict(model, pixels), cnn.predict(names["own"], pixels), atol=1e-6)
    told = json.loads((kept / "metrics.json").read_text(encoding="utf-8"))
    assert told["parameters"]["looks"] == 4
    assert told["parameters"]["recipe"] == "repaired" and told["parameters"]["units"] == 20
    assert told["opening_of_the_sealed_test"] == 1 and told["units_on_two_sides"] == 0


def test_the_castings_are_as_told():
    table = files.root() / "assets" / "casting_groups.csv"
    with table.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    sides, labels = defaultdict(set), defaultdict(set)
    for row in rows:
        sides[row["group"]].add(row["split"])
        labels[row["group"]].add(row["class"])
    test = [row for row in rows if row["split"] == "test"]
    assert (len(rows), len(sides), len(test)) == (7348, 139, 715)
    assert sum("train" in sides[row["group"]] for row in test) == 707
    assert [group for group, names in labels.items() if len(names) == 2] == ["g009"]
    measured = json.loads(table.with_name("casting_results.json").read_text(encoding="utf-8"))
    assert measured["official_split"] == [0.983]
    assert measured["four_folds_copies_together"] == [0.60, 0.76, 0.87, 0.78]
