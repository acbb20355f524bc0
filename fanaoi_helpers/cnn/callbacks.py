"""What happens after each epoch of a training: ours, and the further Keras callbacks of the caller."""

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
        results = {name: float(logs[name]) for name in NAMES}
        results["seconds"] = time.perf_counter() - self.started
        if not np.isfinite([results["loss"], results["val_loss"]]).all():
            raise WorkbookError(
                f"the loss is no longer a number after epoch {epoch + 1}: the learning_rate of "
                f"{float(self.model.optimizer.learning_rate):g} is too large; try 0.001."
            )
        for name, value in results.items():
            self.progress.history.setdefault(name, []).append(value)
        if results["val_loss"] < self.progress.best_loss:
            self.progress.best_loss = results["val_loss"]
            self.progress.best_weights = self.model.get_weights()
        self.progress.callbacks = counts(self.others)
        stopped = bool(self.model.stop_training)
        by_hand = any(getattr(other, "by_hand", False) for other in self.others)
        self.progress.stopped = stopped and not by_hand
        if self.checkpoint:
            self.checkpoint.write(self.model, self.progress)
        width = len(str(self.epochs))
        self.report(
            f"epoch {epoch + 1:{width}}/{self.epochs}  loss {results['loss']:.3f}  "
            f"accuracy {results['accuracy']:.3f}  validation {results['val_accuracy']:.3f}"
        )
        if stopped and epoch + 1 < self.epochs:
            goes_on = "; run it again to go on" if by_hand and self.checkpoint else ""
            self.report(f"stopped early, after epoch {epoch + 1} of {self.epochs}{goes_on}")


def already_trained(callbacks: Sequence[keras.callbacks.Callback], progress: Progress, epochs: int) -> None:
    """Let those callbacks know that want to (``on_already_trained``) that nothing is left of ``epochs``."""
    for callback in callbacks:
        if hasattr(callback, "on_already_trained"):
            callback.on_already_trained(progress.history, epochs)


def checked(callbacks: object) -> list[keras.callbacks.Callback]:
    """Return ``callbacks``, one or a list of them, as a list, if each can do its work here."""
    listed = list(callbacks) if isinstance(callbacks, (list, tuple)) else [callbacks]
    for callback in listed:
        if not isinstance(callback, keras.callbacks.Callback):
            raise WorkbookError(
                f"callbacks holds {callback!r}, but it takes a list of Keras callbacks, such as "
                "[keras.callbacks.EarlyStopping(patience=3)]."
            )
        if isinstance(callback, keras.callbacks.BackupAndRestore):
            raise WorkbookError(
                "callbacks holds BackupAndRestore, but train() resumes by itself; give resume_dir instead."
            )
        if isinstance(callback, keras.callbacks.TensorBoard) and not tensorboard_is_there():
            raise WorkbookError(
                "callbacks holds TensorBoard, but the package tensorboard is not installed; "
                "install it (pip install tensorboard) or leave the callback out."
            )
    return listed


def tensorboard_is_there() -> bool:
    """Tell whether the package tensorboard is installed; Keras' callback of that name needs it."""
    return importlib.util.find_spec("tensorboard") is not None


def counts(callbacks: Sequence[keras.callbacks.Callback]) -> list[list]:
    """Return, for each callback, its class and what it has counted so far, as plain values."""

    def plain(value: object) -> object:
        return None if value is None else np.asarray(value).item()

    return [
        [type(each).__name__, {name: plain(vars(each)[name]) for name in COUNTED if name in vars(each)}]
        for each in callbacks
    ]


def put_back(callbacks: Sequence[keras.callbacks.Callback], counted: Sequence[list]) -> None:
    """Let callbacks of the same classes in the same order count on from ``counted``."""
    if [type(each).__name__ for each in callbacks] == [kind for kind, _ in counted]:
        for each, (_, values) in zip(callbacks, counted, strict=True):
            vars(each).update(values)
