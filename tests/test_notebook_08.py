"""Notebook 08 with other parameters: the lesson's own cells are executed, on small lots."""

import contextlib
import io
import os
import re

import numpy as np
import pytest
from PIL import Image

from fanaoi_helpers import cnn, runs, station
from fanaoi_helpers.errors import WorkbookError

SMALL = {"lot_units": 45, "sealed_units": 44, "size_fans": 1, "hour_fans": 5}


def run_08(**parameters):
    """Execute the notebook's cells; return its variables, and what it printed."""
    path, names, said = runs.find("08"), {"__name__": "notebook"}, io.StringIO()
    before = os.getcwd()  # noqa: PTH109
    os.chdir(path.parent)
    try:
        with contextlib.redirect_stdout(said):
            for cell in runs.read(path)["cells"]:
                if cell["cell_type"] == "code":
                    exec(compile(cell["source"], path.name, "exec"), names)
                if runs.tagged(cell, "parameters"):
                    names.update(SMALL | parameters)
    finally:
        os.chdir(before)
    return names, said.getvalue()


@pytest.fixture(scope="module")
def untrained(tmp_path_factory):
    """Return the file of a CNN for 24 × 24 pixels that has learned nothing."""
    path = tmp_path_factory.mktemp("model") / "mine.keras"
    cnn.handout_cnn(24, 4, 4, 4, seed=0).save(path)
    return path


@pytest.fixture(scope="module")
def first(untrained, tmp_path_factory):
    """Return a run with a model and photographs of one's own: variables, what it printed, its parameters."""
    mine = tmp_path_factory.mktemp("mine")
    Image.fromarray(np.full((30, 90), 77, np.uint8)).save(mine / "gray.png")
    Image.fromarray(np.full((300, 20, 3), 130, np.uint8)).save(mine / "narrow.jpg")
    (mine / "torn.bmp").write_bytes(b"BM, and then nothing")
    given = {
        "model_path": str(untrained),
        "photos_dir": str(mine),
        "output_dir": str(tmp_path_factory.mktemp("run")),
        "ng_share": 0.3,
        "escape_cost": 5.0,
    }
    return *run_08(**given), given


def test_photographs_and_a_model_of_ones_own_go_through_the_station(first, untrained):
    names, said, _ = first
    assert names["side"] == 24
    assert [(one.photo.rpartition("/")[2], one.unreadable) for one in names["judged"]] == [
        ("gray.png", False),
        ("narrow.jpg", False),
        ("torn.bmp", True),
    ]
    assert re.search(r"torn\.bmp +REVIEW", said)


def test_a_run_leaves_a_frozen_policy_golden_samples_and_a_report(first, untrained):
    names, _, _ = first
    policy = station.read_policy(names["folder"] / "policy.json")
    assert policy.threshold == names["threshold"]
    assert policy.model == station.sha256(untrained)
    assert len(station.read_golden(names["folder"] / "golden")) == len(names["golden"])
    page = (names["folder"] / "release_report.html").read_text(encoding="utf-8")
    assert "mine.keras" in page and policy.model[:12] in page


def test_the_parameters_are_those_of_the_decision(first):
    names, _, _ = first
    assert (len(names["lot"]), len(names["sealed_lot"]), names["hours"].size) == (45, 44, 40)
    assert names["report"].ng_rate == names["expected"].ng_rate == 0.3
    cost = names["curve"].at(names["threshold"])
    seen = names["alone"]
    assert np.isclose(cost, 0.3 * seen.escape_rate * 5 + 0.7 * seen.overkill_rate * 4)


def test_a_second_run_opens_the_seal_a_second_time_and_the_report_says_so(first):
    _, said, given = first
    assert "opened for the first time" in said
    names, said = run_08(**given)
    assert names["opening"].number == 2
    assert "This is opening 2 of the sealed test" in said
    assert any("opening 2" in one.found for one in names["report"].requirements)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("photos_dir", "no_such_folder"),
        ("photos_dir", 3),
        ("model_path", "no_such_model.keras"),
        ("lot_units", 12),
        ("sealed_units", "many"),
        ("ng_share", 0),
        ("escape_cost", -1.0),
        ("overkill_cost", float("nan")),
        ("review_seconds", 0),
        ("seed", -1),
        ("output_dir", 7),
    ],
)
def test_what_makes_no_sense_is_refused_in_one_sentence(name, value, tmp_path):
    with pytest.raises(WorkbookError) as refused:
        run_08(**{"output_dir": str(tmp_path), name: value})
    assert "\n" not in str(refused.value)
    assert name in str(refused.value) or str(value) in str(refused.value)
