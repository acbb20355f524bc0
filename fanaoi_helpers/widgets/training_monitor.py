"""Watch a training while it runs, and stop it cleanly."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np
from matplotlib.figure import Figure

from ..errors import WorkbookError
from ..figures import training
from ..files import headless
from ..frontend import running_kernel
from ._early_news import EarlyNews
from .base import InteractiveFigure
from .traits import Array, Number, OneOf, Whole

if TYPE_CHECKING:
    from ..cnn import keras

SEND_EVERY = 0.2  # seconds: five updates a second
LOOK_EVERY = 0.1  # seconds: a click is heard within a batch and this
MOST_POINTS = 1000  # of batches: then every second one is dropped
MOST_EPOCHS, MOST_STEPS, LONGEST = 100_000, 10**12, 1e12
CURVES = ("loss", "accuracy", "val_loss", "val_accuracy")
STATES = ("waiting", "training", "stopping", "done", "stopped", "interrupted")


class TrainingMonitor(InteractiveFigure):
    """Loss and accuracy while ``fit`` runs, with a button that stops the training after the present batch.

    Show it, then give its callback to the training:

        monitor = TrainingMonitor(epochs=15)
        display(monitor)
        model.fit(..., epochs=15, callbacks=[monitor.callback()])

    Stopped is as if Keras had stopped by itself: the epoch that was begun is validated and noted, ``fit``
    returns its history, the model keeps its weights. :func:`cnn.train` then puts the best epoch's weights
    back; with a ``resume_dir`` it goes on when it is called again. Curves: thin, as Keras reports it within
    the epoch (the mean so far); with marks, each epoch. Where no figure can live, the callback prints one
    line for each epoch.

    Keys: the button takes Enter and Space.

    Args:
        epochs: how many are planned; the training itself says it when it begins.

    >>> monitor = TrainingMonitor(epochs=15)
    >>> monitor
    TrainingMonitor(waiting, 0 of 15 epochs)
    """

    scripts = ("training_monitor.js",)

    state = OneOf("waiting", STATES, help="where the training is")
    run = Whole(0, 0, MOST_STEPS, help="how many trainings it has watched")
    epochs = Whole(0, 0, MOST_EPOCHS, help="planned; 0 while unknown")
    first = Whole(0, 0, MOST_EPOCHS, help="epochs that were trained before, by a run that goes on")
    steps = Whole(0, 0, MOST_STEPS, help="batches of an epoch; 0 while unknown")
    step = Whole(0, 0, MOST_STEPS, help="batches done in this epoch")
    seconds = Number(0.0, 0, LONGEST, help="since the training began")
    left = Number(-1.0, -LONGEST, LONGEST, help="seconds to go, estimated; below 0 while unknown")
    batch_at = Array([], ndim=1, help="when a batch was through, in epochs", dtype="float32")
    batch_loss = Array([], ndim=1, help="Keras's mean of the epoch so far", dtype="float32")
    batch_accuracy = Array([], ndim=1, help="the same; empty where accuracy is not measured", dtype="float32")
    loss = Array([], ndim=1, help="of each epoch")
    accuracy = Array([], ndim=1, help="of each epoch; empty where not measured")
    val_loss = Array([], ndim=1, help="of each epoch; empty without validation")
    val_accuracy = Array([], ndim=1, help="of each epoch; empty without validation")

    def __init__(self, epochs: int = 0) -> None:
        super().__init__(epochs=epochs)
        self._asked = threading.Event()
        self._running: _Telling | None = None
        self.on_msg(lambda widget, content, buffers: self._heard(content))

    def stop(self) -> None:
        """End the running training after its present batch."""
        if self.state not in ("training", "stopping"):
            raise WorkbookError(f"No training runs: the state is {self.state!r}.")
        self._asked.set()

    def callback(self, report: Callable[[str], object] | None = print) -> keras.callbacks.Callback:
        """Return a Keras callback that shows one training here.

        Args:
            report: called with one line after each epoch where no figure can live; None says nothing, as
                with :func:`cnn.train`, which has lines of its own.
        """
        from ..cnn import keras

        class Monitoring(_Telling, keras.callbacks.Callback):
            """Tells the monitor what the training does, and the training to stop."""

        return Monitoring(self, report)

    def _heard(self, content: object) -> None:
        # The number of the run: a click that is heard late, or twice, must not stop the next one.
        if isinstance(content, dict) and content.get("stop") == self.run:
            self._asked.set()

    @property
    def history(self) -> dict[str, list[float]]:
        """What each epoch gave, as Keras names it."""
        return {name: getattr(self, name).tolist() for name in CURVES if len(getattr(self, name))}

    @property
    def best(self) -> int | None:
        """The epoch with the smallest loss on validation, from 1; None without any."""
        return self.first + int(self.val_loss.argmin()) + 1 if len(self.val_loss) else None

    def still(self) -> Figure:
        """Return the curves as a picture."""
        count = len(self.loss)
        curves = {
            name: getattr(self, name) if len(getattr(self, name)) else np.full(count, np.nan)
            for name in CURVES
        }
        figure = training.learning_curves(curves, None if self.best is None else self.best - self.first)
        if not count:
            for axes in figure.axes:
                axes.set(xlim=(0.5, max(self.epochs, 2) + 0.5), ylim=(0, 1))
        return figure

    def words(self) -> str:
        """Return the present state in one line."""
        ends = "".join(
            f", {name} {getattr(self, name)[-1]:.3f}" for name in CURVES if len(getattr(self, name))
        )
        return f"{self.state}, {self.first + len(self.loss)} of {self.epochs} epochs{ends}"


class _Telling:
    """What one training told so far, and what of it the figure has got; the methods of a Keras callback."""

    def __init__(self, monitor: TrainingMonitor, report: Callable[[str], object] | None) -> None:
        super().__init__()
        self.monitor, self.report, self.news = monitor, report, None
        self.live = not headless() and running_kernel() is not None

    @property
    def by_hand(self) -> bool:
        """Whether somebody asked for the end: :func:`cnn.train` may then go on another time."""
        return self.monitor._asked.is_set()

    def on_train_begin(self, logs: dict | None = None) -> None:
        monitor, params = self.monitor, self.params
        if monitor._running is not None:  # broke off, in this very cell
            monitor._running.end("interrupted")
        monitor._running = self
        monitor._asked.clear()
        self.every, self.points, self.curves = 1, [], {name: [] for name in CURVES}
        self.epochs, self.steps = int(params.get("epochs") or 0), int(params.get("steps") or 0)
        self.epoch, self.first, self.step, self.state = 0, None, 0, "training"
        self.began = self.looked = time.perf_counter()
        self.sent = self.began - SEND_EVERY
        self.paced = None  # when the first batches were done, and how much that was: before, Keras compiles
        monitor.run += 1
        monitor.first = 0
        if self.live and monitor.comm is not None:
            self.news = EarlyNews(monitor.comm.comm_id, monitor._heard)
            # Without this a training that ends by an exception or an interrupt would seem to run for ever.
            running_kernel().shell.events.register("post_run_cell", self.cell_ends)
        self.send()

    def on_epoch_begin(self, epoch: int, logs: dict | None = None) -> None:
        self.epoch, self.step = epoch, 0
        self.first = epoch if self.first is None else self.first

    def on_train_batch_end(self, batch: int, logs: dict | None = None) -> None:
        # Several steps are taken at once, and Keras tells the last of them, also where the epoch has fewer.
        self.step, logs = min(batch + 1, self.steps or batch + 1), logs or {}
        self.paced = self.paced or (time.perf_counter(), self.done())
        if self.step % self.every == 0 and self.live:
            accuracy = next((value for name, value in logs.items() if "acc" in name), None)
            at = self.epoch + (self.step / self.steps if self.steps else 0)
            self.points.append((at, logs.get("loss", 0.0), accuracy))
            if len(self.points) > MOST_POINTS:
                self.every, self.points = 2 * self.every, self.points[1::2]
        self.model.stop_training |= self.wants_to_stop()
        self.send_if_due()

    def on_test_batch_end(self, batch: int, logs: dict | None = None) -> None:
        self.model.stop_training |= self.wants_to_stop()

    def on_epoch_end(self, epoch: int, logs: dict | None = None) -> None:
        self.note_epoch(logs or {})
        self.model.stop_training |= self.wants_to_stop()
        self.send_if_due()

    def on_train_end(self, logs: dict | None = None) -> None:
        self.end()

    def on_already_trained(self, history: dict[str, list[float]], epochs: int) -> None:
        """Show what :func:`cnn.train` found complete, as if it had been watched."""
        self.report, self.params = None, {"epochs": epochs}
        self.on_train_begin()
        for epoch in range(len(history["loss"])):
            self.on_epoch_begin(epoch)
            self.note_epoch({name: history[name][epoch] for name in CURVES})
        self.end()

    def wants_to_stop(self) -> bool:
        now = time.perf_counter()
        if self.news is not None and now - self.looked >= LOOK_EVERY:
            self.looked = now
            self.news.look()
        stop = self.monitor._asked.is_set()
        if stop and self.state == "training":
            self.state = "stopping"
        return stop

    def note_epoch(self, logs: dict) -> None:
        for name, value in logs.items():
            kind = "accuracy" if "acc" in name else "loss" if name in ("loss", "val_loss") else None
            curve = self.curves.get(("val_" if name.startswith("val_") else "") + str(kind))
            if curve is not None and len(curve) < self.epoch - self.first + 1:
                curve.append(float(value))
        if self.report is not None and not self.live:
            numbers = "  ".join(f"{name} {curve[-1]:.3f}" for name, curve in self.curves.items() if curve)
            self.report(f"epoch {self.epoch + 1:{len(str(self.epochs))}}/{self.epochs}  {numbers}")
        self.epoch, self.step = self.epoch + 1, 0

    def end(self, state: str = "done") -> None:
        early = self.monitor._asked.is_set() and state == "done"
        self.state = "stopped" if early else state
        self.send()
        self.leave()
        self.monitor._running = None
        self.monitor._store_again()  # the end, not the beginning

    def cell_ends(self, *result: object) -> None:
        if self.news is not None:
            self.end("interrupted")

    def leave(self) -> None:
        if self.news is not None:
            self.news.close()
            self.news = None
            running_kernel().shell.events.unregister("post_run_cell", self.cell_ends)

    def done(self) -> float:
        """Return how many epochs are done, parts of one included."""
        return self.epoch - (self.first or 0) + (self.step / self.steps if self.steps else 0)

    def send_if_due(self) -> None:
        if self.live and time.perf_counter() - self.sent >= SEND_EVERY:
            self.send()

    def send(self) -> None:
        """Let the figure have it all, in one message."""
        monitor, now = self.monitor, time.perf_counter()
        first, done, elapsed = self.first or 0, self.done(), now - self.began
        since, before = self.paced or (now, done)
        left = (now - since) / (done - before) * (self.epochs - first - done) if done > before else -1.0
        with monitor.hold_sync():
            monitor.state, monitor.epochs, monitor.first = self.state, self.epochs, first
            monitor.steps, monitor.step, monitor.seconds, monitor.left = self.steps, self.step, elapsed, left
            points = [point for point in self.points if np.isfinite(point[1])]
            monitor.batch_at = [point[0] for point in points]
            monitor.batch_loss = [point[1] for point in points]
            monitor.batch_accuracy = [point[2] for point in points if point[2] is not None]
            for name, curve in self.curves.items():
                # A loss that is no longer a number ends the curve; the training says why.
                whole = next((n for n, value in enumerate(curve) if not np.isfinite(value)), len(curve))
                setattr(monitor, name, curve[:whole])
        self.sent = time.perf_counter()
