"""Notebook 08 with other parameters: the lesson's own cells are executed, on small lots."""

import hashlib
import re

import lesson
import numpy as np
import pytest
from PIL import Image

from fanaoi_helpers import cnn, station
from fanaoi_helpers.errors import WorkbookError
from fanaoi_helpers.meaning import Meaning

SMALL = {"lot_units": 45, "sealed_units": 44, "size_fans": 1, "hour_fans": 5}


def run_08(until="", **parameters):
    """Execute the notebook's cells on small lots; return its variables."""
    return lesson.execute("08", until, **SMALL | parameters)


@pytest.fixture(scope="module")
def untrained(tmp_path_factory):
    """Return the file of a CNN for 24 × 24 pixels that has learned nothing."""
    path = tmp_path_factory.mktemp("model") / "mine.keras"
    cnn.handout_cnn(24, 4, 4, 4, seed=0).save(path)
    return path


@pytest.fixture(scope="module")
def first(untrained, tmp_path_factory):
    """Return a run with a model and photographs of one's own: variables, and its parameters."""
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
    return run_08(**given), given


def test_photographs_and_a_model_of_ones_own_go_through_the_station(first):
    names, _ = first
    assert names["side"] == 24
    assert [(one.photo.rpartition("/")[2], one.unreadable) for one in names["judged"]] == [
        ("gray.png", False),
        ("narrow.jpg", False),
        ("torn.bmp", True),
    ]
    assert re.search(r"torn\.bmp +REVIEW", names["printed"])
    assert "whether the verdicts are right, only you know" in names["printed"]
    rows = [row for row in names["rows"] if row]
    assert len(rows) == 14 and rows[0] == "photo,verdict,p_go,reason" and "torn.png,REVIEW,," in rows[-1]


def test_a_run_leaves_a_frozen_policy_golden_samples_and_a_report(first, untrained):
    names, _ = first
    policy = station.read_policy(names["folder"] / "policy.json")
    assert policy.threshold == names["threshold"] and policy.meaning is None
    assert policy.model == station.sha256(untrained)
    assert len(station.read_golden(names["folder"] / "golden")) == len(names["golden"])
    page = (names["folder"] / "release_report.html").read_text(encoding="utf-8")
    assert "mine.keras" in page and policy.model[:12] in page


def test_the_parameters_are_those_of_the_decision(first):
    names, _ = first
    assert (len(names["lot"]), len(names["sealed_lot"]), names["hours"].size) == (45, 44, 40)
    assert names["report"].ng_rate == names["expected"].ng_rate == 0.3
    cost = names["curve"].at(names["threshold"])
    seen = names["alone"]
    assert np.isclose(cost, 0.3 * seen.escape_rate * 5 + 0.7 * seen.overkill_rate * 4)


def test_no_fan_is_in_two_lots(first):
    names, _ = first
    lots = [names[lot] for lot in ("lot", "sealed_lot", "trial", "golden_units", "swept")]
    for what in ("serial", "seed"):
        told = [getattr(unit, what) for lot in lots for unit in lot]
        assert len(set(told)) == len(told)


def test_a_second_run_opens_the_seal_a_second_time_and_the_report_says_so(first):
    before, given = first
    assert "opened for the first time" in before["printed"]
    names = run_08("## 5. What do the counts prove?", **given)
    assert names["opening"].number == 2
    assert "This is opening 2 of the sealed test" in names["printed"]
    report = station.ReleaseReport(**{name: getattr(before["report"], name) for name in (
        "product", "model", "trained_on", "policy", "chosen_how", "labels", "p_go", "ng_rate"
    )}, opening=names["opening"])  # fmt: skip
    assert any("opening 2" in one.found for one in report.requirements)


def test_a_run_beside_the_model_tells_its_threshold_and_what_it_learned_from(tmp_path):
    """Photographs of one's own are judged as the run froze it; the rest is said to be about other fans."""
    mine = tmp_path / "mine"
    mine.mkdir()
    for level in (10, 90, 200):
        Image.fromarray(np.full((30, 30), level, np.uint8)).save(mine / f"{level}.png")
    content = hashlib.sha256((mine / "90.png").read_bytes()).hexdigest()
    model = cnn.handout_cnn(16, 1, 1, 1, seed=0)
    told = {"parameters": {"photos_dir": str(mine)}, "test": {"threshold": 0.999}}
    run = cnn.save_run(tmp_path / "run", model, {}, told)
    (run / "photographs.csv").write_text(f"content,part\n{content[:16]},train\n", encoding="utf-8")
    names = run_08(
        "## 3. What should a human look at again?",
        model_path=str(run / "model.keras"), photos_dir=str(mine), output_dir=str(tmp_path / "out"),
    )  # fmt: skip
    assert {one.verdict for one in names["judged"]} == {"NG"} and names["beside"].threshold == 0.999
    shown = names["printed"]
    assert "The threshold is the one that this model's run froze, from " in shown
    assert "1 of these 3 photographs was trained on: a score on them flatters." in shown
    assert "policy and report are for these alone" in shown


# What a learner may bring or choose: each goes through, whatever the claims say then.
@pytest.mark.parametrize(
    ("bias", "parameters"),
    [
        (-20.0, {"ng_share": 0.9, "escape_cost": 0.01, "hour_fans": 4}),  # calls everything NG
        (20.0, {"overkill_cost": 1e9, "review_cost": 1e9, "lot_units": 44.0, "seed": 7}),  # everything GO
    ],
)
def test_a_model_of_one_verdict_only_goes_through(bias, parameters, tmp_path):
    model = cnn.handout_cnn(16, 1, 1, 1, seed=0)
    kernel, _ = model.layers[-1].get_weights()
    model.layers[-1].set_weights([0 * kernel, np.array([bias], np.float32)])
    path = cnn.save(model, tmp_path / "stubborn.keras")
    names = run_08(
        model_path=str(path), photos_dir=str(tmp_path), output_dir=str(tmp_path / "run"), **parameters
    )
    held = lesson.claims(names["printed"])
    assert held["status 1, some are not GO; 2, another model's policy"]
    assert not held["nine times in ten GO scores higher than NG"]
    (worth,) = [point for point in names["report"].points if "always saying" in point]
    assert worth.startswith("No better than always saying GO: ") and worth in names["printed"]
    assert len(held) == names["printed"].count(": True") + names["printed"].count(": False")


def test_a_model_of_another_program_is_told_once_and_then_everywhere(tmp_path):
    layers = cnn.keras.layers
    body = [layers.Conv2D(2, 3), layers.GlobalAveragePooling2D(), layers.Dense(1, "sigmoid")]
    alphabet = cnn.keras.Sequential([cnn.keras.Input((16, 16, 3)), *body])
    path = tmp_path / "alphabet.keras"
    alphabet.save(path)
    given = {"model_path": str(path), "output_dir": str(tmp_path / "run")}
    for half in ({}, {"go_is": "0"}, {"model_pixels": "0..1"}, {"go_is": 2, "model_pixels": "0..1"}):
        with pytest.raises(WorkbookError, match="go_is") as refused:
            run_08("## May it release fans?", **given, **half)
        assert "\n" not in str(refused.value)
    names = run_08(**given, go_is=0, model_pixels="0..1")  # papermill makes a number of 0
    assert names["policy"].meaning == Meaning(0, "0..1")
    assert station.read_policy(names["folder"] / "policy.json") == names["policy"]
    pixels = names["lot_pixels"][:8]
    truth = 1 - cnn.keras.ops.convert_to_numpy(alphabet(pixels / np.float32(255)))[:, 0]
    assert np.allclose(names["p_lot"][:8], truth, atol=1e-6)
    assert lesson.claims(names["printed"])["status 1, some are not GO; 2, another model's policy"]
    assert "GO is 0, pixels are 0..1" in names["report"].html()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("photos_dir", "no_such_folder"),
        ("photos_dir", 3),
        ("model_path", "no_such_model.keras"),
        ("go_is", "NG"),
        ("model_pixels", 255),
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
        run_08("## 2. What does a mistake cost?", **{"output_dir": str(tmp_path), name: value})
    assert "\n" not in str(refused.value)
    assert name.removeprefix("model_") in str(refused.value) or str(value) in str(refused.value)


def test_the_shipped_model_and_those_told_alike_need_no_word(tmp_path):
    for more in ({}, {"go_is": 1, "model_pixels": "0..255"}):
        names = run_08("## May it release fans?", output_dir=str(tmp_path), **more)
        assert names["model"].name == "repaired_cnn"
    with pytest.raises(WorkbookError, match="was saved by this workbook"):
        run_08("## May it release fans?", output_dir=str(tmp_path), go_is=0, model_pixels="0..255")
