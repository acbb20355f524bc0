"""What happens after each epoch of a training: ours, and the further Keras callbacks of the caller."""

from __future__ import annotations

import importlib.util
import time
from collections.abc import Callable, Sequence

import numpy as np

from ..errors import WorkbookError
from .batches import Batches
from .checkpoints import Checkpoint, Progress
from .quiet import keras

NAMES = ("loss", "accuracy", "val_loss", "val_accuracy")
# What Keras' callbacks count from epoch to epoch: EarlyStopping, ReduceLROnPlateau, ModelCheckpoint.
COUNTED = ("best", "best_epoch", "wait", "cooldown_counter", "stopped_epoch")


class Watch(keras.callbacks.Callback):
    """Shuffles before each epoch; after it notes, keeps the best weights, saves the checkpoint, reports.

    A run whose loss is no longer a number is stopped. It stands behind the ``others``, so that the
    checkpoint holds what they did after the epoch: another learning rate, the end of the training. A
    training that one of them was told to stop ``by_hand`` is not at its end.
    """

    def __init__(
        self,
        report: Callable[[str], object],
        epochs: int,
        progress: Progress,
        checkpoint: Checkpoint | None,
        batches: Batches,
        others: Sequence[keras.callbacks.Callback] = (),
    ) -> None:
        super().__init__()
        self.report, self.epochs, self.progress, self.checkpoint = report, epochs, progress, checkpoint
        self.batches, self.others = batches, others

    def on_train_begin(self, logs: dict | None = None) -> None:
        """Let the other callbacks count on; they have just begun anew."""
        put_back(self.others, self.progress.callbacks)

    def on_epoch_begin(self, epoch: int, logs: dict | None = None) -> None:
        """Shuffle the photographs, start the clock."""
        self.batches.begin(epoch)
        self.started = time.perf_counter()

    def on_epoch_end(self, epoch: int, logs: dict | None = None) -> None:
        """Note, keep, save and report."""
        told = {name: float(logs[name]) for name in NAMES} | {"seconds": time.perf_counter() - self.started}
        if not np.isfinite([told["loss"], told["val_loss"]]).all():
            raise WorkbookError(
                f"the loss is no longer a number after epoch {epoch + 1}: the learning_rate of "
                f"{float(self.model.optimizer.learning_rate):g} is too large; try 0.001."
            )
        for name, value in told.items():
            self.progress.history.setdefault(name, []).append(value)
        if told["val_loss"] < self.progress.best_loss:
            self.progress.best_loss = told["val_loss"]
            self.progress.best_weights = self.model.get_weights()
        self.progress.callbacks = counts(self.others)
        stopped = bool(self.model.stop_training)
        by_hand = any(getattr(one, "by_hand", False) for one in self.others)
        self.progress.stopped = stopped and not by_hand
        if self.checkpoint:
            self.checkpoint.write(self.model, self.progress)
        width = len(str(self.epochs))
        self.report(
            f"epoch {epoch + 1:{width}}/{self.epochs}  loss {told['loss']:.3f}  "
            f"accuracy {told['accuracy']:.3f}  validation {told['val_accuracy']:.3f}"
        )
        if stopped and epoch + 1 < self.epochs:
            goes_on = "; run it again to go on" if by_hand and self.checkpoint else ""
            self.report(f"stopped early, after epoch {epoch + 1} of {self.epochs}{goes_on}")


def already_trained(callbacks: Sequence[keras.callbacks.Callback], progress: Progress, epochs: int) -> None:
    """Let those callbacks know that want to (``on_already_trained``) that nothing is left of ``epochs``."""
    for one in callbacks:
        if hasattr(one, "on_already_trained"):
            one.on_already_trained(progress.history, epochs)


def checked(callbacks: object) -> list[keras.callbacks.Callback]:
    """Return ``callbacks`` as a list."""
    if isinstance(callbacks, keras.callbacks.Callback):
        callbacks = [callbacks]
    found = list(callbacks) if isinstance(callbacks, (list, tuple)) else [callbacks]
    for one in found:
        if not isinstance(one, keras.callbacks.Callback):
            raise WorkbookError(
                f"callbacks holds {one!r}, but it takes a list of Keras callbacks, such as "
                "[keras.callbacks.EarlyStopping(patience=3)]."
            )
        if isinstance(one, keras.callbacks.BackupAndRestore):
            raise WorkbookError(
                "callbacks holds BackupAndRestore, but train() resumes by itself; give resume_dir instead."
            )
        if isinstance(one, keras.callbacks.TensorBoard) and not tensorboard_is_there():
            raise WorkbookError(
                "callbacks holds TensorBoard, but the package tensorboard is not installed; "
                "install it (pip install tensorboard) or leave the callback out."
            )
    return found


def tensorboard_is_there() -> bool:
    """Tell whether the package tensorboard is installed; Keras' callback of that name needs it."""
    return importlib.util.find_spec("tensorboard") is not None


def counts(callbacks: Sequence[keras.callbacks.Callback]) -> list[list]:
    """Return, for each callback, its class and what it has counted so far, as plain values."""
    return [
        [
            type(one).__name__,
            {
                name: None if vars(one)[name] is None else np.asarray(vars(one)[name]).item()
                for name in COUNTED
                if name in vars(one)
            },
        ]
        for one in callbacks
    ]


def put_back(callbacks: Sequence[keras.callbacks.Callback], counted: Sequence[list]) -> None:
    """Let callbacks of the same classes in the same order count on from ``counted``."""
    if [type(one).__name__ for one in callbacks] == [kind for kind, _ in counted]:
        for one, (_, values) in zip(callbacks, counted, strict=True):
            vars(one).update(values)
