"""Models that other programs saved: no verdict is turned around without a word, whichever way it comes in."""

import json

import numpy as np
import pytest
from PIL import Image
from test_station import photograph, run, verdicts_of

from fanaoi_helpers import cnn, station
from fanaoi_helpers.errors import WorkbookError
from fanaoi_helpers.meaning import PIXELS, Meaning
from fanaoi_helpers.station import Policy, policy

SIDE = 16
LEVELS = {"GO": range(150, 246, 8), "NG": range(4, 100, 8)}  # bright is GO, 12 photographs of each


def net(kernel, bias, *first, nested=False):
    """A model that calls a photograph 1 the surer the brighter it is, or the darker."""
    layers = cnn.keras.layers
    body = [*first, layers.GlobalAveragePooling2D()]
    if nested:
        body = [cnn.keras.Sequential([cnn.keras.Input((SIDE, SIDE, 3)), *body], name="base")]
    last = [layers.Dense(1), layers.Activation("sigmoid")] if nested else [layers.Dense(1, "sigmoid")]
    model = cnn.keras.Sequential([cnn.keras.Input((SIDE, SIDE, 3)), *body, *last])
    dense = next(layer for layer in model.layers if isinstance(layer, layers.Dense))
    dense.set_weights([np.full((3, 1), kernel / 3, np.float32), np.array([bias], np.float32)])
    return model


# All of them mean the same: P(GO) = sigmoid(12 · brightness / 255 - 6).
def made():
    rescaling = cnn.keras.layers.Rescaling
    return {
        "alphabet": (net(-12, 6, rescaling(1 / 255)), Meaning(0, "0..255")),
        "divided": (net(-12, 6), Meaning(0, "0..1")),
        "divided_go": (net(12, -6), Meaning(1, "0..1")),
        "minus_1": (net(6, 0), Meaning(1, "-1..1")),
        "minus_1_turned": (net(-6, 0), Meaning(0, "-1..1")),
        "nested": (net(12, -6, rescaling(1 / 255), nested=True), Meaning(1, "0..255")),
        "plain": (net(12, -6, rescaling(1 / 255)), Meaning(1, "0..255")),
    }


MODELS = ("alphabet", "divided", "divided_go", "minus_1", "minus_1_turned", "nested", "plain")


@pytest.fixture(scope="module")
def foreign(tmp_path_factory):
    folder, told = tmp_path_factory.mktemp("foreign"), {}
    for name, (model, meaning) in made().items():
        model.save(folder / f"{name}.keras")
        told[name] = folder / f"{name}.keras", meaning
    return told


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    folder = tmp_path_factory.mktemp("data")
    for label, levels in LEVELS.items():
        for level in levels:
            photograph(folder / label / f"{level}.png", level)
    return folder


def said(meaning):
    return ["--go-is", meaning.go_is, "--pixels", meaning.pixels]


@pytest.mark.parametrize("name", MODELS)
def test_nothing_is_judged_before_it_is_told_what_the_model_means(name, foreign, data, capsys):
    path, meaning = foreign[name]
    for words in ([], ["--go-is", meaning.go_is], ["--pixels", meaning.pixels], ["--threshold", "0.9"]):
        status, out, err = run(capsys, path, data, *words)
        assert (status, out) == (2, "") and err.count("\n") == 1, words
        assert "--go-is" in err and "--pixels" in err
    with pytest.raises(WorkbookError, match="was not saved by this workbook"):
        cnn.load(path)


@pytest.mark.parametrize("name", MODELS)
def test_told_rightly_every_model_gives_p_go(name, foreign, data, capsys):
    path, meaning = foreign[name]
    status, out, err = run(capsys, path, data, *said(meaning), "--json")
    assert status == 1 and "24 photographs: 12 GO, 12 NG, 0 REVIEW" in err
    assert str(meaning) in err and "WARNING" not in err
    for line in out.splitlines():
        record = json.loads(line)
        level = int(record["photo"].rpartition("/")[2].removesuffix(".png"))
        assert record["p_go"] == pytest.approx(1 / (1 + np.exp(6 - 12 * level / 255)), rel=2e-3)
        assert f"/{record['verdict']}/" in record["photo"]


@pytest.mark.parametrize("name", MODELS)
def test_told_the_wrong_label_there_is_a_warning(name, foreign, data, capsys):
    path, meaning = foreign[name]
    turned = Meaning(1 - meaning.go_is, meaning.pixels)
    _, out, err = run(capsys, path, data, *said(turned))
    assert all(f"/{verdict}/" not in photo for photo, verdict in verdicts_of(out).items())
    assert "WARNING: 12 of 12 in GO/ are called NG and 12 of 12 in NG/ are called GO: does a high" in err


def test_told_the_wrong_pixels_nearly_all_verdicts_are_one_and_there_is_a_warning(foreign, data, capsys):
    path, _ = foreign["minus_1"]
    status, out, err = run(capsys, path, data, "--go-is", "1", "--pixels", "0..255")
    assert set(verdicts_of(out).values()) == {"GO"} and status == 0
    assert "WARNING: 0 of 12 in GO/ are called NG and 12 of 12 in NG/ are called GO" in err


def test_what_the_workbook_saved_needs_no_word_and_takes_no_other(tmp_path, data, capsys):
    model = net(12, -6, cnn.keras.layers.Rescaling(1 / 255))
    ours = cnn.save(model, tmp_path / "ours.keras")
    assert "12 GO, 12 NG" in run(capsys, ours, data)[2]
    assert "12 GO, 12 NG" in run(capsys, ours, data, "--go-is", "1", "--pixels", "0..255")[2]
    for words in (["--go-is", "0", "--pixels", "0..255"], ["--go-is", "1", "--pixels", "0..1"]):
        status, out, err = run(capsys, ours, data, *words)
        assert (status, out) == (2, "") and "was saved by this workbook" in err
    handout = tmp_path / "handout.keras"  # as workbooks saved it that knew no mark
    cnn.handout_cnn(SIDE, 4, 4, 4, seed=0).save(handout)
    assert run(capsys, handout, data)[0] in (0, 1)
    assert cnn.load(cnn.shipped_model()).name == "repaired_cnn"


@pytest.mark.parametrize("words", [["--go-is", "2"], ["--pixels", "0-255"], ["--go-is"]])
def test_options_that_make_no_sense_are_wrong_usage(words, data, capsys):
    status, out, err = run(capsys, "any.keras", data, *words)
    assert (status, out) == (2, "") and "Traceback" not in err


# ---- The policy carries what the model means ---------------------------------------------------------------


@pytest.mark.parametrize("name", MODELS)
def test_a_policy_tells_what_its_model_means(name, foreign, data, tmp_path, capsys):
    path, meaning = foreign[name]
    frozen = Policy(0.6, (0.4, 0.7), station.sha256(path), meaning)
    file = station.write_policy(tmp_path / "policy.json", frozen)
    assert station.read_policy(file) == frozen
    status, out, err = run(capsys, path, data, "--policy", file)
    assert status == 1 and str(meaning) in err
    assert verdicts_of(out) == verdicts_of(run(capsys, path, data, "--policy", file, *said(meaning))[1])
    assert {photo.split("/")[-2] for photo, verdict in verdicts_of(out).items() if verdict == "NG"} == {"NG"}
    other = Meaning(1 - meaning.go_is, meaning.pixels)
    status, out, err = run(capsys, path, data, "--policy", file, *said(other))
    assert (status, out) == (2, "") and "The policy was chosen for a model of which" in err


def test_a_policy_chosen_on_scores_as_they_came_is_not_applied_to_turned_ones(
    foreign, data, tmp_path, capsys
):
    path, meaning = foreign["alphabet"]
    file = station.write_policy(tmp_path / "old.json", Policy(0.6, model=station.sha256(path)))
    status, out, err = run(capsys, path, data, "--policy", file)
    assert (status, out) == (2, "") and "--go-is" in err
    status, out, err = run(capsys, path, data, "--policy", file, *said(meaning))
    assert (status, out) == (2, "") and "chosen for a model of which GO is 1, pixels are 0..255" in err


def test_a_threshold_alone_fits_any_model_that_is_told(foreign, data, tmp_path, capsys):
    file = station.write_policy(tmp_path / "any.json", Policy(0.6))
    for path, meaning in foreign.values():
        assert "12 GO, 12 NG" in run(capsys, path, data, "--policy", file, *said(meaning))[2]


def test_a_policy_of_a_turned_model_is_not_for_one_of_ours(data, tmp_path, capsys):
    ours = cnn.save(net(12, -6, cnn.keras.layers.Rescaling(1 / 255)), tmp_path / "ours.keras")
    file = station.write_policy(tmp_path / "policy.json", Policy(0.6, meaning=Meaning(0, "0..255")))
    status, out, err = run(capsys, ours, data, "--policy", file)
    assert (status, out) == (2, "") and "was saved by this workbook" in err


@pytest.mark.parametrize(
    ("told", "problem"),
    [
        ({"go_is": 0}, "not pixels"),
        ({"pixels": "0..1"}, "not go_is"),
        ({"go_is": 2, "pixels": "0..1"}, "go_is is 2"),
        ({"go_is": True, "pixels": "0..1"}, "go_is is True"),
        ({"go_is": 1, "pixels": "0..100"}, "pixels is '0..100'"),
        ({"go_is": 1, "pixels": [0, 1]}, "pixels is"),
    ],
)
def test_half_a_meaning_in_a_policy_is_refused_in_a_sentence(told, problem):
    with pytest.raises(WorkbookError, match=problem) as refused:
        policy.policy_from({"threshold": 0.5} | told, "line3.json")
    assert "line3.json" in str(refused.value) and "\n" not in str(refused.value)


def test_golden_samples_know_what_the_model_meant(foreign, data, tmp_path):
    path, meaning = foreign["minus_1_turned"]
    model = cnn.load(path, meaning)
    photographs, labels = [data / "GO" / "150.png", data / "NG" / "4.png"], [1, 0]

    def predict(pixels):
        return cnn.predict(model, pixels)

    frozen = Policy(0.5, None, station.sha256(path), meaning)
    station.keep_golden(tmp_path / "golden", photographs, labels, predict, SIDE, frozen)
    golden = station.read_golden(tmp_path / "golden")
    assert golden.policy == frozen and station.gate(golden, predict, model=path).passed
    other = station.gate(golden, predict, Policy(0.5, None, frozen.model, Meaning(1, "-1..1")), path)
    assert not other.passed and "The policy is another one" in other.problems[0]
    assert not station.gate(golden, lambda pixels: 1 - predict(pixels)).passed


@pytest.mark.parametrize("pixels", PIXELS)
def test_many_photographs_and_few_are_turned_alike(pixels, foreign, tmp_path):
    name = {"0..255": "alphabet", "0..1": "divided", "-1..1": "minus_1_turned"}[pixels]
    model = cnn.load(*foreign[name])
    shades = np.arange(0, 200, 2, dtype=np.uint8)
    taken = np.broadcast_to(shades[:, None, None, None], (len(shades), SIDE, SIDE, 3)).copy()
    many = cnn.predict(model, taken)
    assert np.allclose(many, 1 / (1 + np.exp(6 - 12 * shades.astype(float) / 255)), rtol=1e-4)
    assert np.allclose(many[:3], cnn.predict(model, taken[:3]), rtol=1e-5)


# ---- Verdicts held against class folders -------------------------------------------------------------------


@pytest.mark.parametrize(
    ("by_folder", "warned"),
    [
        ({("GO", "GO"): 40, ("NG", "NG"): 9, ("NG", "GO"): 1}, False),
        ({("GO", "GO"): 4, ("GO", "NG"): 36, ("NG", "NG"): 40}, False),  # strict, but it tells them apart
        ({("GO", "GO"): 1990, ("NG", "GO"): 10}, True),  # 99.5 % right, and every NG fan shipped
        ({("GO", "NG"): 24, ("NG", "GO"): 24}, True),
        ({("GO", "NG"): 24}, True),
        ({("GO", "GO"): 24}, False),
        ({("NG", "NG"): 24}, False),
        ({("GO", "NG"): 2, ("NG", "GO"): 2}, False),  # too few to say
        ({}, False),
    ],
)
def test_verdicts_are_held_against_their_folders(by_folder, warned):
    summary = station.Summary("")
    for (folder, verdict), count in by_folder.items():
        for number in range(count):
            summary.note(station.Judged(f"day/{folder.lower()}/line 1/{number}.png", verdict, 0.5))
    assert bool(summary.warning) == warned and ("WARNING" in str(summary)) == warned


def test_folders_above_and_names_of_photographs_are_no_class(data, foreign, tmp_path, capsys):
    summary = station.Summary("")
    for name in ("GO.png", "tango/NG.png", "C:\\line\\GOOD\\a.png"):
        for _ in range(9):
            summary.note(station.Judged(name, "NG", 0.1))
    assert summary.by_folder == {}
    summary.note(station.Judged("C:\\GO\\NG\\a.png", "NG", 0.1))
    assert summary.by_folder == {("NG", "NG"): 1}
    Image.new("RGB", (20, 20)).save(tmp_path / "one.png")
    path, meaning = foreign["plain"]
    assert "WARNING" not in run(capsys, path, tmp_path, *said(meaning))[2]
