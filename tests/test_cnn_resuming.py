"""A training that is killed goes on as if nothing had happened."""

import json
import os
import shutil
import subprocess
import sys

import killing
import numpy as np
import pytest
from toys import small_cnn, toy

from fanaoi_helpers import cnn, files
from fanaoi_helpers.cnn import checkpoints
from fanaoi_helpers.errors import WorkbookError

keras = cnn.keras

NAME = checkpoints.NAME


@pytest.fixture(scope="module")
def killed(tmp_path_factory):
    if not hasattr(os, "fork"):
        pytest.skip("this system can't fork a process")
    place = tmp_path_factory.mktemp("killed")
    environment = {**os.environ, "PYTHONPATH": str(files.root()), "CUDA_VISIBLE_DEVICES": ""}
    words = [sys.executable, killing.__file__, place]
    done = subprocess.run(words, env=environment, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr[-3000:]
    return place


def test_trainings_killed_ten_times_end_like_one_that_was_not(killed):
    wanted = np.load(killed / "undisturbed" / "end.npz")
    assert (
        len(wanted["val_loss"]) == killing.EPOCHS and len(set(wanted["val_loss"].tolist())) == killing.EPOCHS
    )
    went_on, at = 0, []
    for number in range(killing.RUNS):
        folder = killed / f"killed{number}"
        end = np.load(folder / "end.npz")
        assert set(end.files) == set(wanted.files)
        for name in wanted.files:
            np.testing.assert_array_equal(end[name], wanted[name], f"run {number}, {name}")
        assert sorted(path.name for path in folder.iterdir()) == ["at", "end.npz", NAME, "log"]
        log = (folder / "log").read_text(encoding="utf-8")
        assert "anew" not in log
        went_on += log.count("goes on after epoch")
        at += (folder / "at").read_text(encoding="utf-8").split()
    assert went_on >= 6  # the others were killed in their first epoch
    assert len(at) == 10 and len(set(at)) >= 3


def test_a_run_killed_before_it_was_saved_is_not_trained_again(killed):
    wanted, end = (np.load(killed / name / "end.npz") for name in ("undisturbed", "unsaved"))
    for name in wanted.files:
        np.testing.assert_array_equal(end[name], wanted[name], name)
    told = (killed / "unsaved" / "log").read_text(encoding="utf-8").splitlines()
    assert len(told) == killing.EPOCHS + 1  # no epoch after the kill
    assert told[-1].endswith(f"complete, with {killing.EPOCHS} epochs; remove the file to repeat it.")
    assert (killed / "unsaved" / "metrics.json").exists() and not (killed / "unsaved" / NAME).exists()
    # What was saved is the best epoch, as the killed process had it.
    kept = cnn.load(killed / "unsaved" / "model.keras").get_weights()
    for number, weight in enumerate(kept):
        np.testing.assert_array_equal(weight, wanted[f"weight{number}"])


# --- in one process ---


class Killed(Exception):
    pass


def run(folder, *, epochs=4, until=99, model=None, lines=None, **changes):
    """Train a small CNN; ``until`` ends it after so many reported epochs, as a stop button would."""
    lines = [] if lines is None else lines

    def report(line):
        lines.append(line)
        if line.startswith(f"epoch {until}/"):
            raise Killed

    pixels, labels, split = toy()
    model = model or small_cnn()
    how = {"batch_size": 8, "learning_rate": 0.01, "deterministic": True, "resume_dir": folder} | changes
    pixels = how.pop("pixels", pixels)
    history = cnn.train(model, pixels, labels, split, epochs=epochs, report=report, **how)
    history.pop("seconds")
    return history, model.get_weights()


def same(one, other):
    for a, b in zip(one[1], other[1], strict=True):
        np.testing.assert_array_equal(a, b)
    assert one[0] == other[0]


@pytest.fixture(scope="module")
def undisturbed():
    return run(None)


@pytest.fixture(scope="module")
def stopped(tmp_path_factory):
    """A folder in which a training was stopped after its second epoch of four."""
    folder = tmp_path_factory.mktemp("stopped")
    with pytest.raises(Killed):
        run(folder, until=2)
    return folder


@pytest.fixture
def interrupted(stopped, tmp_path):
    """A copy of it, for one test."""
    shutil.copy(stopped / NAME, tmp_path)
    return tmp_path


def test_the_same_seed_gives_the_same_run_to_the_last_bit(undisturbed, tmp_path):
    same(run(tmp_path), undisturbed)  # keeping checkpoints changes nothing


def test_a_stopped_training_goes_on_with_the_model_at_hand(interrupted, undisturbed):
    lines, half_trained = [], small_cnn(seed=0)
    half_trained.set_weights([weight + 1 for weight in half_trained.get_weights()])
    same(run(interrupted, model=half_trained, lines=lines), undisturbed)
    assert "goes on after epoch 2" in lines[0] and [line[:9] for line in lines[1:]] == [
        "epoch 3/4",
        "epoch 4/4",
    ]


def test_it_may_go_on_to_more_epochs(interrupted):
    same(run(interrupted, epochs=6), run(None, epochs=6))


def test_a_training_stopped_after_its_last_epoch_is_only_put_back(tmp_path, undisturbed):
    with pytest.raises(Killed):
        run(tmp_path, until=4)
    lines = []
    same(run(tmp_path, lines=lines), undisturbed)
    assert len(lines) == 1 and "is complete, with 4 epochs" in lines[0]


def test_a_saved_run_is_trained_anew_the_next_time(tmp_path, undisturbed):
    for _ in range(2):
        lines, model = [], small_cnn()
        history, weights = run(tmp_path, lines=lines, model=model)
        same((history, weights), undisturbed)
        assert len(lines) == 4
        cnn.save_run(tmp_path, model, history, {})


def note(folder, **changes):
    """Return what is said about the checkpoint in ``folder``, and no training after that."""

    def report(line):
        raise Killed(line)

    pixels, labels, split = toy()
    how = {
        "epochs": 4,
        "batch_size": 8,
        "learning_rate": 0.01,
        "model": small_cnn(),
        "pixels": pixels,
    } | changes
    model, pixels = how.pop("model"), how.pop("pixels")
    with pytest.raises(Killed) as told:
        cnn.train(model, pixels, labels, split, resume_dir=folder, report=report, **how)
    return str(told.value)


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"batch_size": 7}, "batch_size"),
        ({"learning_rate": 0.02}, "optimizer"),
        ({"optimizer": keras.optimizers.SGD(0.01)}, "optimizer"),
        ({"seed": 1}, "seed"),
        ({"precision": "bfloat16"}, "precision"),
        ({"pixels": toy(seed=1)[0]}, "photographs"),
        ({"model": cnn.handout_cnn(16, filters_1=3, filters_2=4, dense_units=8, seed=0)}, "model"),
        ({"model": small_cnn(seed=1)}, "model"),
        ({"epochs": 1}, "epochs"),
    ],
)
def test_the_checkpoint_of_another_training_is_left_aside_with_a_note(interrupted, changes, told):
    sentence = note(interrupted, **changes)
    assert f"(other {told})" in sentence and sentence.endswith("begins anew.") and "\n" not in sentence


def written_by(path, version):
    """Let the checkpoint at ``path`` be one of another Keras."""
    with np.load(path) as archive:
        arrays = dict(archive)
    told = json.loads(str(arrays["told"])) | {"keras": version}
    np.savez(path, **arrays | {"told": np.array(json.dumps(told))})


def test_a_training_goes_on_with_another_keras(interrupted, undisturbed):
    written_by(interrupted / NAME, "3.14.0")
    lines = []
    same(run(interrupted, lines=lines), undisturbed)
    assert "goes on after epoch 2" in lines[0]


def test_a_layer_is_the_same_whatever_another_keras_tells_of_it(monkeypatch):
    """What is new in another Keras and not in use makes no other training of it."""
    pixels, labels, split = toy()
    before = checkpoints.which_run(small_cnn(), pixels, labels, split)
    model, told = small_cnn(), keras.layers.Conv2D.get_config

    def newer(self):
        config = told(self)
        del config["groups"], config["dilation_rate"]  # as one that does not have them
        return config

    monkeypatch.setattr(keras.layers.Conv2D, "get_config", newer)
    assert checkpoints.which_run(model, pixels, labels, split) == before


def test_a_note_about_a_checkpoint_of_another_keras_names_both(interrupted):
    written_by(interrupted / NAME, "3.14.0")
    both = f"written by the Keras 3.14.0, while this is {keras.__version__}"
    assert both in note(interrupted, seed=1) and both not in note(interrupted, epochs=9)
    damage(interrupted / NAME, "short")
    assert both in note(interrupted)


def damage(path, how):
    """Damage the checkpoint at ``path``."""
    whole = bytearray(path.read_bytes())
    if how in ("lost", "short"):
        with np.load(path) as archive:
            arrays = dict(archive)
        del arrays["told" if how == "lost" else "state0"]
        np.savez(path, **arrays)
        return
    if how == "flipped":
        whole[len(whole) // 2] ^= 255
    path.write_bytes({"cut": whole[: len(whole) // 2], "empty": b"", "text": b"hello"}.get(how, whole))


@pytest.mark.parametrize("how", ["cut", "empty", "flipped", "text", "lost", "short"])
def test_a_torn_checkpoint_is_left_aside_with_a_note(interrupted, how):
    damage(interrupted / NAME, how)
    sentence = note(interrupted)
    assert f"{NAME} can't be read" in sentence and sentence.endswith("begins anew.")


def test_a_training_that_begins_anew_is_like_any_other(interrupted, undisturbed):
    damage(interrupted / NAME, "flipped")
    same(run(interrupted), undisturbed)


def test_a_run_killed_while_it_wrote_keeps_the_epoch_before(interrupted, undisturbed, monkeypatch):
    savez = np.savez

    def torn(path, **arrays):
        savez(path, **arrays)
        path.write_bytes(path.read_bytes()[:1000])
        (path.parent / f".fanaoi-01234567-{NAME}").write_bytes(b"as after kill -9")
        raise Killed

    monkeypatch.setattr(np, "savez", torn)
    with pytest.raises(Killed):
        run(interrupted)
    monkeypatch.undo()
    assert len(list(interrupted.iterdir())) == 2
    same(run(interrupted), undisturbed)
    assert [path.name for path in interrupted.iterdir()] == [NAME]


def test_two_trainings_never_write_into_one_folder(tmp_path):
    with files.alone_in(tmp_path, "training"):
        with pytest.raises(WorkbookError, match="Another training writes into .*: wait until it ends"):
            run(tmp_path)
    inside = []

    def try_another(epoch, logs):
        with pytest.raises(WorkbookError, match="Another training"), files.alone_in(tmp_path, "training"):
            pass
        inside.append(epoch)

    watch = keras.callbacks.LambdaCallback(on_epoch_end=try_another)
    with pytest.raises(Killed):
        run(tmp_path, until=1, callbacks=[watch])
    assert inside == [0] and [path.name for path in tmp_path.iterdir()] == [NAME]  # it let go
    with files.alone_in(tmp_path, "training"):
        pass


def test_a_folder_that_can_not_be_written_is_told_before_any_work(tmp_path):
    (tmp_path / "taken").write_text("a file", encoding="utf-8")
    lines = []
    with pytest.raises(WorkbookError, match="could not be written"):
        run(tmp_path / "taken", lines=lines)
    assert lines == []


def test_random_ops_are_free_again_afterwards(undisturbed):
    if keras.backend.backend() == "tensorflow":
        import tensorflow as tf

        assert tf.random.normal((2,)).shape == (2,)  # would be refused where ops must be deterministic
