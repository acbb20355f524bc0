"""Keras callbacks beside ours: stopping early, another learning rate, files of their own."""

import json
import sys

import numpy as np
import pytest
from toys import flat_net, toy

from fanaoi_helpers import cnn
from fanaoi_helpers.cnn import checkpoints
from fanaoi_helpers.errors import WorkbookError

keras = cnn.keras


class Killed(Exception):
    pass


def run(*callbacks, epochs=12, folder=None, until=99, learning_rate=0.01):
    """Train a small net that gets worse on validation; ``until`` ends it as a stop button would."""
    lines = []

    def report(line):
        lines.append(line)
        if line.startswith((f"epoch {until}/", f"epoch  {until}/")):
            raise Killed

    pixels, labels, split = toy()
    labels[split.validation[::3]] = (
        1 - labels[split.validation[::3]]
    )  # what is learned makes validation worse
    model = flat_net()
    how = {"epochs": epochs, "batch_size": 8, "learning_rate": learning_rate, "report": report}
    how |= {"deterministic": True, "resume_dir": folder, "callbacks": list(callbacks)}
    history = cnn.train(model, pixels, labels, split, **how)
    loss = model.evaluate(pixels[split.validation], labels[split.validation], verbose=0, return_dict=True)
    history.pop("seconds")
    return history, loss["loss"], lines, model


@pytest.fixture(scope="module")
def all_epochs():
    return run()


def stopping():
    return keras.callbacks.EarlyStopping(patience=2)


def test_early_stopping_ends_the_training_and_the_best_epoch_stays(all_epochs):
    history, loss, lines, _ = run(stopping())
    best = int(np.argmin(all_epochs[0]["val_loss"]))
    trained = best + 1 + 2
    assert trained < 12  # else nothing was stopped
    assert history == {name: values[:trained] for name, values in all_epochs[0].items()}
    assert len(lines) == trained + 1 and lines[-1] == f"stopped early, after epoch {trained} of 12"
    assert loss == pytest.approx(min(history["val_loss"]), rel=1e-4)


@pytest.mark.parametrize("restore", [False, True])
def test_whatever_a_callback_does_to_the_weights_the_best_epoch_is_kept(all_epochs, restore):
    class Meddling(keras.callbacks.Callback):
        def on_train_end(self, logs=None):
            self.model.set_weights([weight * 0 for weight in self.model.get_weights()])

    stop = keras.callbacks.EarlyStopping("loss", patience=1, restore_best_weights=restore)
    _, loss, _, _ = run(stop, Meddling())
    assert loss == pytest.approx(min(all_epochs[0]["val_loss"]), rel=1e-4)


def test_an_interrupted_training_counts_its_patience_on(tmp_path):
    wanted = run(stopping())
    count = len(wanted[0]["loss"])
    with pytest.raises(Killed):
        run(stopping(), folder=tmp_path, until=count - 1)  # one epoch without progress is counted
    went_on = run(stopping(), folder=tmp_path)
    assert went_on[:2] == wanted[:2]
    found, trained, ended = went_on[2]
    assert f"goes on after epoch {count - 1}." in found and trained.startswith(f"epoch {count:2}/12")
    assert ended == f"stopped early, after epoch {count} of 12"


def test_a_training_that_was_stopped_early_is_complete(tmp_path):
    first = run(stopping(), folder=tmp_path)
    again = run(stopping(), folder=tmp_path)
    assert again[:2] == first[:2]
    (line,) = again[2]
    assert f"is complete, with {len(first[0]['loss'])} epochs" in line


def test_a_reduced_learning_rate_survives_an_interruption(tmp_path):
    def callbacks():
        return (
            keras.callbacks.ReduceLROnPlateau(factor=0.1, patience=1, min_delta=0.0, cooldown=2),
            keras.callbacks.ModelCheckpoint(tmp_path / "best.keras", save_best_only=True, monitor="val_loss"),
        )

    wanted = run(*callbacks())
    rate = float(wanted[3].optimizer.learning_rate)
    assert rate < 0.01
    kept = (tmp_path / "best.keras").stat().st_mtime_ns
    for until in (5, 9):
        with pytest.raises(Killed):
            run(*callbacks(), folder=tmp_path, until=until)
    went_on = run(*callbacks(), folder=tmp_path)
    assert went_on[:2] == wanted[:2] and float(went_on[3].optimizer.learning_rate) == rate
    assert (tmp_path / "best.keras").stat().st_mtime_ns > kept


def test_model_checkpoint_writes_the_best_epoch(tmp_path):
    kept = keras.callbacks.ModelCheckpoint(tmp_path / "best.keras", save_best_only=True)
    model = run(kept)[3]
    pixels = toy(seed=4)[0]
    np.testing.assert_array_equal(
        cnn.predict(cnn.load(tmp_path / "best.keras"), pixels), cnn.predict(model, pixels)
    )


def test_model_checkpoint_does_not_forget_its_best_over_an_interruption(tmp_path):
    def kept():
        return keras.callbacks.ModelCheckpoint(tmp_path / "best.keras", save_best_only=True)

    best = int(np.argmin(run()[0]["val_loss"])) + 1
    with pytest.raises(Killed):
        run(kept(), folder=tmp_path, until=best)
    before = (tmp_path / "best.keras").read_bytes()
    run(kept(), folder=tmp_path)
    assert (tmp_path / "best.keras").read_bytes() == before  # no later epoch was better


def test_other_callbacks_than_before_begin_anew(tmp_path):
    with pytest.raises(Killed):
        run(stopping(), folder=tmp_path, until=2)
    with np.load(tmp_path / checkpoints.NAME) as archive:
        told = json.loads(str(archive["told"]))
    assert told["callbacks"][0][0] == "EarlyStopping" and not told["stopped"]
    assert run(folder=tmp_path, epochs=4)[0] == run(epochs=4)[0]


def test_tensorboard_writes_its_events(tmp_path):
    pytest.importorskip("tensorboard")
    run(keras.callbacks.TensorBoard(tmp_path), epochs=2)
    events = list(tmp_path.rglob("*.tfevents.*"))
    assert {path.parent.name for path in events} == {"train", "validation"}
    assert all(b"epoch_loss" in path.read_bytes() for path in events if path.parent.name == "train")


def test_tensorboard_without_its_package_is_one_sentence(monkeypatch, tmp_path):
    monkeypatch.setattr(cnn.callbacks, "tensorboard_is_there", lambda: False)
    with pytest.raises(WorkbookError, match="^callbacks holds TensorBoard.*pip install tensorboard"):
        run(keras.callbacks.TensorBoard(tmp_path))
    monkeypatch.undo()
    monkeypatch.setitem(sys.modules, "tensorboard", None)
    assert not cnn.tensorboard_is_there()


@pytest.mark.parametrize(
    ("callbacks", "sentence"),
    [
        (["EarlyStopping"], r"^callbacks holds 'EarlyStopping', .*a list of Keras callbacks"),
        (None, "^callbacks holds None"),
        ([keras.callbacks.EarlyStopping], "^callbacks holds <class"),
        ([keras.callbacks.BackupAndRestore("x")], "^callbacks holds BackupAndRestore.*resume_dir"),
    ],
)
def test_what_is_no_callback_is_refused(callbacks, sentence):
    pixels, labels, split = toy()
    with pytest.raises(WorkbookError, match=sentence):
        cnn.train(flat_net(), pixels, labels, split, epochs=1, callbacks=callbacks)


def test_one_callback_need_not_be_a_list():
    pixels, labels, split = toy()
    how = {"epochs": 3, "report": lambda line: None}
    stop = keras.callbacks.EarlyStopping("loss", mode="max", patience=1)
    assert len(cnn.train(flat_net(), pixels, labels, split, callbacks=stop, **how)["loss"]) == 2
