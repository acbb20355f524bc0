"""Notebook 07: what it refuses, what a full training of the recipe leaves behind, and its facts."""

import csv
import json
from collections import Counter, defaultdict
from dataclasses import replace

import numpy as np
import pytest
from lesson import claims, code
from lesson import execute_cells as execute

from fanaoi_helpers import cnn, fans, files, trials
from fanaoi_helpers.errors import WorkbookError

# In a notebook a warning is a red box.
pytestmark = pytest.mark.filterwarnings(
    "error::RuntimeWarning", "error::UserWarning", "ignore::DeprecationWarning"
)

CELLS = code("07")
FIRST = next(at for at, cell in enumerate(CELLS) if "trials.photographs" in cell["source"])
SMALL = {"image_size": 32.0, "steps": 10.0, "trainings": 1.0, "few": 8.0, "recipe_epochs": 1.0,
         "recipe_size": 32.0, "try_network": False}  # fmt: skip


@pytest.mark.parametrize(
    ("name", "value"),
    [("image_size", 10), ("steps", 1.5), ("trainings", 0), ("few", "40"), ("recipe_epochs", 0),
     ("recipe_size", 16), ("full_recipe", 1), ("full_units", 3), ("full_size", 8), ("full_epochs", 0),
     ("try_network", "no"), ("seed", -1)],
)  # fmt: skip
def test_what_makes_no_sense_is_refused_before_any_work(name, value):
    with pytest.raises(WorkbookError, match=name):
        execute(CELLS[:FIRST], **{name: value})


def test_a_full_recipe_is_kept_for_notebook_08(tmp_path, monkeypatch):
    monkeypatch.setenv("FANAOI_RUNS", str(tmp_path))
    full = [cell for cell in CELLS[FIRST:] if cell["source"].startswith("if full_recipe")]
    assert len(full) >= 3
    small = {"full_recipe": True, "full_units": 20, "full_size": 32, "full_epochs": 2}
    names = execute([*CELLS[:FIRST], *full], **small)
    kept = files.runs_dir() / "07_overfitting_and_augmentation"
    model = cnn.load(kept / "model.keras")
    assert model.input_shape == (None, 32, 32, 3) and model.name == "repaired_cnn"
    pixels = np.array(names["whole"].pixels[:5])
    assert np.allclose(cnn.predict(model, pixels), cnn.predict(names["own"], pixels), atol=1e-6)
    told = json.loads((kept / "metrics.json").read_text(encoding="utf-8"))
    assert told["parameters"]["looks"] == 4
    assert told["parameters"]["recipe"] == "repaired" and told["parameters"]["units"] == 20
    assert told["opening_of_the_sealed_test"] == 1 and told["units_on_two_sides"] == 0


def test_the_smallest_experiments_go_through(capsys, monkeypatch):
    """So few steps teach nothing, and what is claimed of the full ones is false then, not an error."""
    monkeypatch.setattr(trials, "RENDERED", 32)
    tries = next(at for at, cell in enumerate(CELLS) if "def with_remedy" in cell["source"])
    names = execute(CELLS[:tries], **SMALL, seed=2**31)
    names["remedies"] = {name: names["remedies"][name] for name in ("nothing", "the handout's list")}
    execute(CELLS[tries:], names)
    said, complained = capsys.readouterr()
    assert "After a single epoch there is nothing to compare." in said and "not trained in full" in said
    found = claims(said)
    assert len(found) >= 18 and not complained
    assert not found["it knows nearly all of its own photographs"] and not found["more fans help"]
    assert found["outside of training every one of them does nothing"]
    assert found["less than a twentieth of the handout's weights"]
    assert "weights to train: 2049" in said and "always saying" in said
    assert found["in the fixture nearly all are told apart"] and found["turned, far fewer"]


def test_methods_are_compared_on_photographs_of_ones_own(tmp_path, capsys):
    own = fans.produce(tmp_path / "own", 16, 1, seed=5, size=64, workers=1)
    compares = [cell for cell in CELLS if "worth" in cell["source"]]
    names = execute([*CELLS[:FIRST], *compares], photos_dir=str(own))
    said, complained = capsys.readouterr()
    assert names["worth"].folder == str(own) and "8 GO (8 units), 8 NG (8 units)" in said and not complained
    assert list(names["worth"].outcomes) == ["hog_svm", "borrowed", "patchcore"]


def test_weights_from_the_network_are_used_where_they_come(tmp_path, monkeypatch, capsys):
    borrows = next(at for at, cell in enumerate(CELLS) if "MobileNetV2(" in cell["source"])
    defines = [cell for cell in CELLS[:borrows] if "def new_last_layer" in cell["source"]]
    weights = tmp_path / "mobilenet.weights.h5"
    how = {"alpha": 0.35, "include_top": False, "weights": None}
    cnn.keras.applications.MobileNetV2((96, 96, 3), **how).save_weights(weights)
    monkeypatch.setattr(trials, "fetched", lambda address, seconds: weights)
    imports = [cell for cell in CELLS[:borrows] if "LogisticRegression\n" in cell["source"]]
    there = trials.photographs(fans.make_units(60, seed=1), 32)
    execute([*CELLS[:FIRST], *imports, *defines, CELLS[borrows]], {"__name__": "notebook", "there": there})
    assert "borrowed from ImageNet: 0." in capsys.readouterr().out


def test_fans_to_learn_from_and_fans_to_be_asked_about_are_others():
    for seed in (0, 1):
        serials = [unit.serial for unit in fans.make_units(940, seed)]
        assert len(set(serials)) == 940
        elsewhere = fans.make_units(40, seed + 1_000_003)
        assert not np.array_equal(
            fans.render(elsewhere[0]).pixels, fans.render(fans.make_units(1, seed)[0]).pixels
        )


def test_the_repaired_cnn_is_lost_in_hall_b_and_with_nine_blades():
    """What the lesson borrows its layers for: as it is, it calls nearly everything NG there."""
    repaired = cnn.load(cnn.shipped_model())
    units = fans.make_units(60, seed=2_000_003)
    for how in ({"conditions": replace(fans.USUAL, zoom=0.9, turn=6.0)}, {"design": fans.DESIGNS["AF120-9"]}):
        assert trials.accuracy(repaired, trials.photographs(units, 128, **how)) < 0.7


def test_the_castings_are_as_told():
    table = files.root() / "assets" / "casting_groups.csv"
    with table.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    sides, labels = defaultdict(set), defaultdict(set)
    for row in rows:
        sides[row["group"]].add(row["split"])
        labels[row["group"]].add(row["class"])
    test = [row for row in rows if row["split"] == "test"]
    assert (len(rows), len(sides), len(test)) == (7348, 132, 715)
    assert sum("train" in sides[row["group"]] for row in test) == 707
    assert [group for group, names in labels.items() if len(names) == 2] == ["g009"]
    assert Counter(next(iter(names)) for names in labels.values() if len(names) == 1) == {
        "ok": 16,
        "def": 115,
    }
    measured = json.loads(table.with_name("casting_results.json").read_text(encoding="utf-8"))
    assert measured["official_split"] == [0.983]
    assert measured["four_folds_copies_together"] == [0.60, 0.76, 0.87, 0.78]
    assert "139" in measured["copies"]  # the folds were dealt before the list was mended
