"""The run beside a model: its threshold is taken where it is its own, and what it learned from is counted."""

import csv
import io
import json
import shutil
from types import SimpleNamespace

import numpy as np
import pytest
from PIL import Image

from fanaoi_helpers import __main__ as command
from fanaoi_helpers import cnn, photos, station
from fanaoi_helpers.meaning import Meaning
from fanaoi_helpers.photos import learned
from fanaoi_helpers.verdicts import judge

SIDE = 16
LEVELS = {"GO": (200, 255), "NG": (0, 140)}  # of gray; at 0.5 some of NG are GO, at 0.9 none


@pytest.fixture(scope="module")
def album(tmp_path_factory):
    """Forty photographs of each label, each of one gray, and of another in each file."""
    folder = tmp_path_factory.mktemp("mine")
    for label, (low, high) in LEVELS.items():
        (folder / label).mkdir()
        for number, level in enumerate(np.linspace(low, high, 40)):
            name = folder / label / f"{number:02d}.png"
            Image.new("RGB", (20, 20), (round(level), round(level), number)).save(name)
    return photos.load(folder, SIDE)


@pytest.fixture(scope="module")
def trained(album, tmp_path_factory):
    """A run with a model whose P(GO) is sigmoid(12 · mean / 255 - 6), and 0.9 as its frozen threshold."""
    keras = cnn.keras
    layers = [
        keras.layers.Rescaling(1 / 255),
        keras.layers.GlobalAveragePooling2D(),
        keras.layers.Dense(1, activation="sigmoid"),
    ]
    net = keras.Sequential([keras.Input((SIDE, SIDE, 3)), *layers])
    net.layers[-1].set_weights([np.full((3, 1), 4.0, np.float32), np.array([-6.0], np.float32)])
    split = photos.split(album, 0, copies=False)
    test = judge(album.labels[split.test], cnn.predict(net, album.pixels[split.test]), 0.9)
    told = cnn.metrics({"photos_dir": str(album.folder)}, album, split, test, 1)
    folder = cnn.save_run(tmp_path_factory.mktemp("run"), net, {}, told, photos=album, split=split)
    return SimpleNamespace(folder=folder, model=folder / "model.keras", split=split)


@pytest.fixture
def run(trained, tmp_path):
    """A copy of the run that a test may change."""
    shutil.copytree(trained.folder, tmp_path / "run")
    return tmp_path / "run"


def inspect(capsys, *words):
    with pytest.raises(SystemExit) as done:
        command.main(["inspect", *map(str, words)])
    out, err = capsys.readouterr()
    return done.value.code, out, err


def change(run, **changes):
    told = json.loads((run / "metrics.json").read_text(encoding="utf-8"))
    (run / "metrics.json").write_text(json.dumps(told | changes), encoding="utf-8")


def test_the_threshold_of_the_models_own_run_is_taken(album, trained, capsys):
    status, out, err = inspect(capsys, trained.model, album.folder)
    assert status == 1 and "GO when P(GO) >= 0.9." in err
    assert err.count("The threshold is the one that this model's run froze, from ") == 1
    rows = list(csv.DictReader(io.StringIO(out)))
    assert list(rows[0]) == ["photo", "verdict", "p_go", "reason"]
    assert all((row["verdict"] == "GO") == (float(row["p_go"]) >= 0.9) for row in rows)
    assert 0 < sum(0.5 <= float(row["p_go"]) < 0.9 for row in rows), "at 0.5 it is another verdict"


def test_threshold_and_policy_win(album, trained, tmp_path, capsys):
    _, _, err = inspect(capsys, trained.model, album.folder, "--threshold", "0.5")
    assert "GO when P(GO) >= 0.5." in err and "run froze" not in err
    assert "photographs were trained on" in err, "that is true at any threshold"
    policy = station.write_policy(tmp_path / "policy.json", station.Policy(0.6, (0.4, 0.8)))
    _, _, err = inspect(capsys, trained.model, album.folder, "--policy", policy)
    assert "GO when P(GO) >= 0.8, NG below 0.4, REVIEW between." in err and "run froze" not in err
    assert "Held against the folders GO/ and NG/, by the threshold alone:" in err


def test_how_many_were_trained_on_is_told_by_content(album, trained, tmp_path, capsys):
    _, _, err = inspect(capsys, trained.model, album.folder)
    assert (
        "48 of these 80 photographs were trained on, and 16 more chose its epoch and threshold: a score on "
        "them flatters." in err
    )
    some = [album.paths[index] for index in (*trained.split.train[:3], *trained.split.test[:2])]
    for number, path in enumerate(some):
        shutil.copy(path, tmp_path / f"renamed {number}.png")
    assert "3 of these 5 photographs were trained on: a" in inspect(capsys, trained.model, tmp_path)[2]
    _, _, err = inspect(capsys, trained.model, *some[3:])
    assert "None of these 2 photographs was trained on." in err


def test_the_score_on_labeled_folders_is_told_with_what_it_is_worth(album, trained, capsys):
    _, _, err = inspect(capsys, trained.model, album.folder)
    p_go = cnn.predict(cnn.load(trained.model), album.pixels)
    of_all = judge(album.labels, p_go, 0.9)
    index = trained.split.test
    of_test = judge(album.labels[index], p_go[index], 0.9)
    lines = [line.strip() for line in err.splitlines()]
    at = lines.index("Held against the folders GO/ and NG/:")
    assert lines[at + 1 : at + 3] == [of_all.score, of_all.mistakes]
    at = lines.index("Without those that it learned from:")
    assert lines[at + 1 : at + 4] == of_test.described().splitlines()
    assert " are few: even with all of them right" in lines[at + 3]


def test_folders_without_both_labels_have_no_score(album, trained, capsys):
    assert "Held against" not in inspect(capsys, trained.model, album.folder / "GO")[2]


def test_metrics_of_another_model_are_not_taken(album, run, capsys):
    change(run, model_sha256="0" * 64)
    _, _, err = inspect(capsys, run / "model.keras", album.folder)
    assert "GO when P(GO) >= 0.5." in err and "trained on" not in err
    assert "metrics.json is of another model (SHA-256 000000000000…, this one has " in err
    assert "its threshold is not taken." in err


def test_an_older_run_still_serves(album, run, capsys):
    told = json.loads((run / "metrics.json").read_text(encoding="utf-8"))
    del told["model_sha256"]
    (run / "metrics.json").write_text(json.dumps(told), encoding="utf-8")
    (run / "photographs.csv").unlink()
    _, _, err = inspect(capsys, run / "model.keras", album.folder)
    assert "GO when P(GO) >= 0.9." in err
    assert (
        "this model's run froze" in err and "Which photographs it learned from is not recorded there." in err
    )
    (run / "model.keras").rename(run / "small_best.keras")
    _, _, err = inspect(capsys, run / "small_best.keras", album.folder)
    assert "GO when P(GO) >= 0.5." in err and "metrics.json does not say of which model it is: its thr" in err


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{", "is not JSON"),
        ("[]", "holds no object"),
        ("{}", "tells no threshold of a sealed test"),
        ('{"test": 3}', "tells no threshold of a sealed test"),
        ('{"test": {"threshold": "0.5"}}', "tells no threshold of a sealed test"),
        ('{"test": {"threshold": NaN}}', "tells no threshold of a sealed test"),
        ('{"test": {"threshold": 7}}', "tells no threshold of a sealed test"),
    ],
)
def test_metrics_that_tell_nothing_stop_nobody(album, run, capsys, text, said):
    (run / "metrics.json").write_text(text, encoding="utf-8")
    status, out, err = inspect(capsys, run / "model.keras", album.folder)
    assert status == 1 and len(out.splitlines()) == 81 and "GO when P(GO) >= 0.5." in err
    assert said in err and err.count("its threshold is not taken.") == 1 and "Traceback" not in err


@pytest.mark.parametrize("text", ["", "content\nx\n", "content,part\na,b,c\n", "\x00"])
def test_a_torn_list_of_photographs_stops_nobody(album, run, text):
    (run / "photographs.csv").write_text(text, encoding="utf-8")
    found = station.run_beside(run / "model.keras")
    assert found.threshold == 0.9 and found.parts == {} and "is not recorded there" in found.remark


def test_a_model_without_a_run_and_one_of_another_program_have_none(trained, run):
    assert station.run_beside(cnn.shipped_model()) == station.Run()
    assert station.run_beside(run / "model.keras", Meaning(0, "0..1")) == station.Run()
    assert station.run_beside(run / "nowhere.keras") == station.Run()
    found = station.run_beside(run / "model.keras")
    assert found.policy == station.Policy(0.9) and found.photos_dir and len(found.parts) == 80


def test_the_list_of_many_photographs_is_small_and_read_again(tmp_path):
    count = 100_000
    album = SimpleNamespace(contents=[f"{index:064x}"[::-1] for index in range(count)])
    index = np.arange(count)
    text = learned.table(
        album, photos.Split(index[:60_000], index[60_000:80_000], index[80_000:], "serial", index)
    )
    assert len(text) < 3_000_000
    (tmp_path / learned.FILE).write_text(text, encoding="utf-8")
    parts = learned.read(tmp_path)
    assert len(parts) == count and parts[learned.key(album.contents[70_000])] == "validation"
