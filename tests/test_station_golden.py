"""The golden gate: what is not as it was at release is noticed and named; no set is left half-written."""

import json
import os
import shutil
import sys

import numpy as np
import pytest
from PIL import Image

from fanaoi_helpers import __main__ as command
from fanaoi_helpers import cnn, files
from fanaoi_helpers.errors import WorkbookError
from fanaoi_helpers.station import Policy, gate, golden, keep_golden, read_golden, sha256

SIDE = 16
LEVELS = (10, 60, 110, 140, 190, 250)  # the first three are NG
LABELS = [0, 0, 0, 1, 1, 1]


def brightness(pixels):
    """A stand-in for a CNN: the brighter, the more GO."""
    assert pixels.dtype == np.uint8 and pixels.shape[1:] == (SIDE, SIDE, 3)
    return 1 / (1 + np.exp(-(pixels.mean(axis=(1, 2, 3)) - 125) / 10))


@pytest.fixture
def photographs(tmp_path):
    paths = []
    for level in LEVELS:
        paths.append(tmp_path / "bench" / f"fan {level}.png")
        paths[-1].parent.mkdir(exist_ok=True)
        Image.new("RGB", (20, 24), (level,) * 3).save(paths[-1])
    return paths


@pytest.fixture
def model(tmp_path):
    (tmp_path / "model.keras").write_bytes(b"weights")
    return tmp_path / "model.keras"


@pytest.fixture
def kept(tmp_path, photographs, model):
    policy = Policy(0.5, model=sha256(model))
    return keep_golden(tmp_path / "golden", photographs, LABELS, brightness, SIDE, policy)


def test_what_is_as_it_was_passes_and_is_read_as_it_was_kept(kept, model, photographs):
    again = read_golden(kept.folder)
    assert again == kept and len(again) == 6
    assert [sample.verdict for sample in again.samples] == ["NG"] * 3 + ["GO"] * 3
    assert [sample.p_go for sample in again.samples] == pytest.approx(
        [1 / (1 + np.exp(-(level - 125) / 10)) for level in LEVELS]
    )
    for sample, photograph in zip(again.samples, photographs, strict=True):
        assert (again.folder / sample.photo).read_bytes() == photograph.read_bytes()
        assert sample.sha256 == sha256(photograph)
    found = gate(again, brightness, model=model)
    assert found.passed and found.failed == ()
    assert str(found) == "Golden gate passed. 6 of 6 samples are as they were at release."


def test_the_set_moves_with_its_folder(kept, tmp_path):
    shutil.move(kept.folder, tmp_path / "elsewhere")
    assert gate(read_golden(tmp_path / "elsewhere"), brightness).passed


def test_a_changed_file_is_named_even_if_it_shows_nearly_the_same(kept):
    path = kept.folder / kept.samples[4].photo
    path.write_bytes(path.read_bytes() + b" ")  # not a pixel differs
    found = gate(kept, brightness)
    (failed,) = found.failed
    assert not found.passed and failed.sample == kept.samples[4]
    assert failed.problem == "its file was changed since the release" and failed.verdict == "GO"
    assert "FAILED: do not start the line" in str(found) and "5 of 6" in str(found)


def test_a_changed_model_is_noticed_by_its_file_and_by_its_scores(kept, model):
    model.write_bytes(b"other weights")
    by_file = gate(kept, brightness, model=model)
    assert not by_file.passed and by_file.failed == ()
    assert "another one than at release" in by_file.problems[0]

    def retrained(pixels):
        return 1 / (1 + np.exp(-(pixels.mean(axis=(1, 2, 3)) - 128) / 10))

    by_scores = gate(kept, retrained)
    assert len(by_scores.failed) == 5, "the darkest is beyond what can be told apart"
    assert {check.verdict for check in by_scores.failed} == {"GO", "NG"}
    assert all("moved by -0.30 log-odds" in check.problem for check in by_scores.failed[1:])


def test_another_machines_last_digits_pass(kept):
    def other_machine(pixels):
        return brightness(pixels).astype(np.float32) * (1 - 3e-7)

    assert gate(kept, other_machine).passed


def test_a_flipped_verdict_is_named(kept):
    found = gate(kept, lambda pixels: np.where(pixels[:, 0, 0, 0] == 140, 0.3, brightness(pixels)))
    (failed,) = found.failed
    assert failed.sample == kept.samples[3] and failed.verdict == "NG"
    assert failed.problem == "called NG, but GO at release (P(GO) 0.8176, now 0.3000)"


def test_a_missing_and_an_unreadable_photograph_fail_and_the_others_are_judged(kept):
    (kept.folder / kept.samples[0].photo).unlink()
    (kept.folder / kept.samples[5].photo).write_bytes(b"no photograph")
    found = gate(kept, brightness)
    assert [check.problem for check in found.failed] == [
        "its photograph is missing",
        "its photograph can't be read any more",
    ]
    assert [check.verdict for check in found.checks] == [None, "NG", "NG", "GO", "GO", None]
    shutil.rmtree(kept.folder)
    assert len(gate(kept, None).failed) == 6, "the model is not asked where there is nothing to show"


def test_a_policy_that_was_turned_fails(kept):
    found = gate(kept, brightness, policy=Policy(0.4))
    assert not found.passed and found.failed == ()
    assert found.problems == (
        "The policy is another one than at release: GO when P(GO) >= 0.4; it was: GO when P(GO) >= 0.5.",
    )


@pytest.mark.parametrize("score", [float("nan"), 1.5, -0.1, float("inf")])
def test_what_is_no_probability_fails(kept, score):
    found = gate(kept, lambda pixels: np.full(len(pixels), score))
    assert len(found.failed) == 6 and "gives no probability" in found.failed[0].problem


def test_samples_in_review_stay_there(tmp_path, photographs):
    policy = Policy(0.5, (0.15, 0.9))
    kept = keep_golden(tmp_path / "g", photographs, LABELS, brightness, SIDE, policy, notes=["a"] * 6)
    assert [sample.verdict for sample in kept.samples] == ["NG", "NG", "REVIEW", "REVIEW", "GO", "GO"]
    assert gate(read_golden(tmp_path / "g"), brightness).passed
    assert read_golden(tmp_path / "g").samples[2].note == "a"


def test_a_set_can_be_made_with_a_real_model(tmp_path, photographs):
    net = cnn.handout_cnn(SIDE)
    scores = cnn.predict(net, np.stack([golden.prepare(path, SIDE) for path in photographs]))
    threshold = float(np.sort(scores)[3])
    labels = (scores >= threshold).astype(int)

    def predict(pixels):
        return cnn.predict(net, pixels)

    keep_golden(tmp_path / "g", photographs, labels, predict, SIDE, Policy(threshold))
    assert gate(read_golden(tmp_path / "g"), predict).passed


# ---- The command ------------------------------------------------------------------------------------------


def run(capsys, *words):
    """Return exit status, stdout and stderr of `fanaoi gate`."""
    with pytest.raises(SystemExit) as done:
        command.main(["gate", *map(str, words)])
    return done.value.code, *capsys.readouterr()


@pytest.fixture(scope="module")
def net():
    return cnn.handout_cnn(SIDE)


@pytest.fixture
def released(tmp_path, photographs, net):
    """Return the folder of a golden set and the file of the model that it was kept with."""
    path = cnn.save(net, tmp_path / "net.keras")
    scores = cnn.predict(net, np.stack([golden.prepare(path, SIDE) for path in photographs]))
    policy = Policy(float(np.sort(scores)[3]), model=sha256(path))
    labels = (scores >= policy.threshold).astype(int)
    kept = keep_golden(
        tmp_path / "g", photographs, labels, lambda pixels: cnn.predict(net, pixels), SIDE, policy
    )
    return kept.folder, path


def test_a_line_whose_station_judges_as_at_release_may_start(released, capsys):
    status, out, err = run(capsys, *released)
    assert (status, out) == (0, "Golden gate passed. 6 of 6 samples are as they were at release.\n")


def test_what_changed_since_the_release_keeps_the_line_from_starting(released, net, tmp_path, capsys):
    folder, path = released
    (tmp_path / "policy.json").write_text('{"threshold": 0.9}')
    status, out, _ = run(capsys, folder, path, "--policy", tmp_path / "policy.json")
    assert status == 1 and "FAILED: do not start the line" in out and "The policy is another one" in out
    other = cnn.save(cnn.handout_cnn(SIDE, seed=7), tmp_path / "other.keras")
    status, out, _ = run(capsys, folder, other)
    assert status == 1 and "The model is another one than at release" in out
    next(folder.glob("*/*.png")).unlink()
    status, out, _ = run(capsys, folder, path)
    assert status == 1 and "its photograph is missing" in out


def test_what_can_not_be_judged_keeps_the_line_from_starting(released, tmp_path, capsys):
    folder, path = released
    smaller = cnn.save(cnn.handout_cnn(12), tmp_path / "smaller.keras")
    for words, told in (
        ((tmp_path / "nowhere", path), "make golden samples with keep_golden"),
        ((folder, tmp_path / "nowhere.keras"), "is not there"),
        ((folder, smaller), "takes 12 × 12 pixels, but the golden samples were kept with 16 × 16"),
        ((folder, path, "--policy", tmp_path / "none.json"), "can't be read"),
    ):
        status, out, err = run(capsys, *words)
        assert (status, out) == (1, "") and told in err and "Traceback" not in err and err.count("\n") == 1


# ---- Keeping a set ----------------------------------------------------------------------------------------


def test_a_set_made_again_replaces_the_first(kept, photographs):
    keep_golden(kept.folder, photographs[:2], [0, 0], brightness, SIDE, Policy(0.5))
    assert len(read_golden(kept.folder)) == 2


def test_a_set_that_could_not_be_made_leaves_the_first_one_whole(kept, photographs, monkeypatch):
    before = (kept.folder / golden.FILE).read_bytes()
    real = files.write

    def killed(path, content):
        if str(path).endswith(golden.FILE):
            raise KeyboardInterrupt
        return real(path, content)

    monkeypatch.setattr(golden.files, "write", killed)
    Image.new("RGB", (20, 20), (7, 7, 7)).save(photographs[0])
    with pytest.raises(KeyboardInterrupt):
        keep_golden(kept.folder, photographs, LABELS, brightness, SIDE, Policy(0.5))
    monkeypatch.undo()
    assert (kept.folder / golden.FILE).read_bytes() == before
    assert gate(read_golden(kept.folder), brightness).passed
    assert not [path for path in kept.folder.rglob(".*") if path.is_file()]


@pytest.mark.skipif(sys.platform == "win32" or os.geteuid() == 0, reason="root may write everywhere")
def test_without_permission_nothing_is_left(tmp_path, photographs):
    (tmp_path / "locked").mkdir(mode=0o555)
    with pytest.raises(WorkbookError, match="could not be written"):
        keep_golden(tmp_path / "locked" / "g", photographs, LABELS, brightness, SIDE, Policy(0.5))


def test_where_a_file_is_in_the_way_nothing_is_left(tmp_path, photographs):
    (tmp_path / "g").write_text("in the way")
    with pytest.raises(WorkbookError, match="could not be written"):
        keep_golden(tmp_path / "g", photographs, LABELS, brightness, SIDE, Policy(0.5))
    assert (tmp_path / "g").read_text() == "in the way"


def test_what_makes_no_golden_set_is_refused_in_a_sentence(tmp_path, photographs):
    def keep(paths=photographs, labels=LABELS, predict=brightness, size=SIDE, notes=None):
        keep_golden(tmp_path / "g", paths, labels, predict, size, Policy(0.5), notes)

    (tmp_path / "torn.png").write_bytes(photographs[0].read_bytes()[:40])
    for words, told in (
        (lambda: keep([], []), "from 1 to 1000"),
        (lambda: keep(labels=[1, 0]), "the same number of each"),
        (lambda: keep(labels=[2] * 6), "1 for GO and 0 for NG"),
        (lambda: keep(labels=[[1]] * 6), "labels has shape (6, 1)"),
        (lambda: keep(notes=["x"] * 5), "5 notes"),
        (lambda: keep(notes=[1] * 6), "notes is 1"),
        (lambda: keep(size=0), "image_size is 0"),
        (lambda: keep(labels=[1, 0, 0, 1, 1, 1]), "is GO, but the model calls it NG"),
        (lambda: keep([tmp_path / "none.png"] * 6), "none.png can't be used (No such file"),
        (lambda: keep([tmp_path / "torn.png"] * 6), "torn.png can't be used"),
        (lambda: keep([photographs[0]] * 2, [0, 0]), "twice"),
        (lambda: keep(predict=lambda pixels: pixels.mean()), "one P(GO) for each"),
    ):
        with pytest.raises(WorkbookError) as refused:
            words()
        assert told in str(refused.value) and "\n" not in str(refused.value)
    assert not (tmp_path / "g").exists()


def test_a_file_that_is_no_golden_set_is_refused_in_a_sentence(kept):
    path = kept.folder / golden.FILE
    good = json.loads(path.read_text())
    changes = {
        "version": 9,
        "samples": [],
        "image_size": -1,
        "policy": {"threshold": 2},
    }
    texts = [json.dumps(good | {key: value}) for key, value in changes.items()]
    sample = good["samples"][0]
    for change in (
        {"photo": "../../secret.png"},
        {"photo": "/etc/passwd"},
        {"photo": "C:\\x.png"},
        {"photo": 3},
        {"label": 2},
        {"verdict": "MAYBE"},
        {"p_go": float("nan")},
        {"p_go": 1.2},
        {"sha256": "abc"},
        {"note": ["x"]},
    ):
        texts.append(json.dumps(good | {"samples": [sample | change]}))
    texts += [json.dumps({key: value for key, value in good.items() if key != gone}) for gone in good]
    texts += ["", "[]", "3", "{", '{"version": 1}', json.dumps(good | {"samples": [3]}), "[" * 100_000]
    for text in texts:
        path.write_text(text)
        with pytest.raises(WorkbookError) as refused:
            read_golden(kept.folder)
        assert "golden.json" in str(refused.value) and "\n" not in str(refused.value), text
    path.unlink()
    with pytest.raises(WorkbookError, match="make golden samples"):
        read_golden(kept.folder)
    with pytest.raises(WorkbookError, match="can't be read"):
        gate(kept, brightness, model=kept.folder / "none.keras")
