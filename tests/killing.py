"""Kills trainings. Run by test_cnn_resuming.py in a process of its own: python killing.py FOLDER.

All trainings are forks of one process, so that TensorFlow is imported only once. It may be imported before a
fork, but nothing may be computed: its threads would be missing in the child, which then waits for them.
"""

import os
import re
import signal
import sys
import time
from pathlib import Path
from types import SimpleNamespace

import numpy as np

from fanaoi_helpers import cnn

keras = cnn.keras

EPOCHS = 4
MOMENTS = np.sort(np.random.default_rng(5).uniform(0, EPOCHS, 10))  # epochs after which a run is killed
RUNS = 4  # that are killed two or three times each, and go on after each time


def restless_cnn():
    """Return a small CNN with everything that has a state of its own: noise, moving averages, dropout."""
    layers = keras.layers
    keras.utils.set_random_seed(0)  # in the test's own process only
    return keras.Sequential(
        [
            keras.Input((16, 16, 3)),
            layers.Rescaling(1 / 255),
            layers.GaussianNoise(0.05, seed=1),
            layers.Conv2D(4, 3, activation="relu"),
            layers.BatchNormalization(),
            layers.Flatten(),
            layers.Dropout(0.3, seed=2),
            layers.Dense(1, activation="sigmoid"),
        ]
    )


def restless_run(folder, report):
    """Train it deterministically, with a schedule and weight decay; keep what came out in folder/end.npz."""
    rng = np.random.default_rng(0)
    pixels, labels = rng.integers(0, 256, (800, 16, 16, 3), dtype=np.uint8), np.arange(800) % 2
    pixels[labels == 1, 5:11, 5:11] //= 2
    split = SimpleNamespace(train=np.arange(600), validation=np.arange(600, 800))
    model = restless_cnn()
    steps = EPOCHS * -(-len(split.train) // 8)
    optimizer = keras.optimizers.AdamW(keras.optimizers.schedules.CosineDecay(0.01, steps), weight_decay=0.01)
    history = cnn.train(
        model,
        pixels,
        labels,
        split,
        epochs=EPOCHS,
        batch_size=8,
        optimizer=optimizer,
        seed=3,
        deterministic=True,
        resume_dir=folder,
        report=report,
    )
    end = {f"weight{number}": value for number, value in enumerate(model.get_weights())}
    end |= {f"moment{number}": np.asarray(one) for number, one in enumerate(model.optimizer.variables)}
    end |= {name: values for name, values in history.items() if name != "seconds"}
    np.savez(folder / "end.npz", **end)
    return model, history


def whole_run(folder, report):
    """Train, and save the run. The first time the process stops in between and waits to be killed."""
    model, history = restless_run(folder, report)
    if not (folder / "trained").exists():
        (folder / "trained").touch()
        time.sleep(600)
    cnn.save_run(folder, model, history, {"epochs": EPOCHS})


def started(folder, what=restless_run):
    """Fork a process that does ``what`` and writes each report to folder/log; return its number."""
    child = os.fork()
    if child == 0:
        code = 1
        try:
            folder.mkdir(exist_ok=True)
            with (folder / "log").open("a", encoding="utf-8") as log:
                what(folder, lambda line: print(line, file=log, flush=True))
            code = 0
        finally:
            os._exit(code)
    return child


def running(child):
    return os.waitid(os.P_PID, child, os.WEXITED | os.WNOHANG | os.WNOWAIT) is None


def epochs_told(folder):
    """Return how many epochs are through, by what was reported; whoever goes on reports on."""
    log = folder / "log"
    told = re.findall(r"^epoch (\d+)/", log.read_text(encoding="utf-8"), re.M) if log.exists() else []
    return int(told[-1]) if told else 0


def kill_ten_times(place):
    """Train once undisturbed; kill each of the other runs, let it go on and kill it again, to its end."""
    began = time.perf_counter()
    child, first = started(place / "undisturbed"), None
    while running(child):
        if first is None and epochs_told(place / "undisturbed"):
            first = time.perf_counter()
        time.sleep(0.002)
    ended = time.perf_counter()
    lasts = [first - began] + [(ended - first) / (EPOCHS - 1)] * (EPOCHS - 1)  # each epoch, roughly
    going_on = None
    for number in range(RUNS):
        folder = place / f"killed{number}"
        for moment in MOMENTS[number::RUNS]:
            already, finished = epochs_told(folder), int(moment)
            child = started(folder)
            while epochs_told(folder) < finished and running(child):
                time.sleep(0.001)
            # The first epoch of a process takes longer: it begins with tracing the graph.
            time.sleep((moment - finished) * lasts[0 if epochs_told(folder) == already else finished])
            os.kill(child, signal.SIGKILL)
            os.waitid(os.P_PID, child, os.WEXITED)
            with (folder / "at").open("a", encoding="utf-8") as file:
                print(epochs_told(folder), file=file)
            (folder / "end.npz").unlink(missing_ok=True)  # so quick that it was through
        if going_on:
            os.waitid(os.P_PID, going_on, os.WEXITED)
        going_on = started(folder)  # while the next one is begun and killed
    os.waitid(os.P_PID, going_on, os.WEXITED)


def kill_before_saving(folder):
    """Kill a run between the end of its training and the saving, and run it again."""
    child = started(folder, whole_run)
    while not (folder / "trained").exists() and running(child):
        time.sleep(0.01)
    os.kill(child, signal.SIGKILL)
    os.waitid(os.P_PID, child, os.WEXITED)
    (folder / "end.npz").unlink()
    os.waitid(os.P_PID, started(folder, whole_run), os.WEXITED)


if __name__ == "__main__":
    kill_ten_times(Path(sys.argv[1]))
    kill_before_saving(Path(sys.argv[1]) / "unsaved")
