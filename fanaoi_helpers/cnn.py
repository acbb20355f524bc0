"""The handout's CNN: build it, train it, ask it, save it and load it again. Keras 3, any backend.

Photographs are uint8 arrays ``(N, size, size, 3)`` with values 0..255 everywhere in this module:
the division by 255 happens once, in the model's own ``rescale`` layer. GO is 1, NG is 0, the answer is P(GO).

In a notebook import this module before ``keras``: it keeps TensorFlow's greetings out of the lesson.
"""

from __future__ import annotations

import csv
import dataclasses
import importlib.metadata
import json
import os
import platform
import re
import time
import zipfile
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from . import __version__, errors, fans, files
from .errors import WorkbookError
from .photos import splitting
from .photos.threads import cores


@contextmanager
def _without_greetings() -> Iterator[None]:
    """Point file descriptor 2 at nothing for a while, if ``$TF_CPP_MIN_LOG_LEVEL`` asks for quiet.

    TensorFlow greets from C++ before it has read that variable, past Python's ``sys.stderr``.
    """
    if os.environ.get("TF_CPP_MIN_LOG_LEVEL", "0") == "0":
        yield
        return
    try:
        kept = os.dup(2)
    except OSError:  # a program without a standard error, such as pythonw
        yield
        return
    try:
        with Path(os.devnull).open("wb") as nowhere:
            os.dup2(nowhere.fileno(), 2)
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)


with _without_greetings():
    import keras

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from .photos import Photos, Split
    from .verdicts import Verdicts

SMALLEST_IMAGE = 10  # 10 -> 8 -> 4 -> 2 -> 1: the smallest side that leaves one pixel after both poolings
LARGEST_IMAGE = 1024
MOST_WEIGHTS = 300_000_000  # about 5 GB while training: each weight with its gradient and Adam's two averages


@dataclasses.dataclass(frozen=True)
class RunParameters:
    """Everything that notebook 05 can be told. Making one checks every value; the notebook has the defaults.

    Raises:
        WorkbookError: a value that makes no sense, alone or with the others, by the parameter's name.
    """

    photos_dir: str  # a folder with GO/ and NG/, or "" for the simulated line
    units: int  # simulated fans, each with a serial
    shots: int  # photographs of each
    image_size: int
    epochs: int
    batch_size: int
    learning_rate: float
    filters_1: int
    filters_2: int
    dense_units: int
    seed: int
    output_dir: str

    def __post_init__(self) -> None:
        """Check every value and keep it as a plain Python number or text."""
        whole = {
            "units": (10, fans.MOST_UNITS),  # 5 units of each class: the fewest that leave both in every part
            "shots": (1, fans.MOST_SHOTS),
            "image_size": (SMALLEST_IMAGE, LARGEST_IMAGE),
            "epochs": (1, 1000),
            "batch_size": (1, 4096),
            "filters_1": (1, 1024),
            "filters_2": (1, 1024),
            "dense_units": (1, 8192),
            "seed": (0, 2**32 - 1),
        }
        checked = {
            name: errors.whole_number(name, getattr(self, name), *span) for name, span in whole.items()
        }
        checked["learning_rate"] = errors.number("learning_rate", self.learning_rate, 1e-9, 1.0)
        for name in ("photos_dir", "output_dir"):
            checked[name] = errors.text(name, getattr(self, name)).strip()
        for name, value in checked.items():
            object.__setattr__(self, name, value)
        if self.units * self.shots > 1_000_000:
            raise WorkbookError(
                f"units {self.units} times shots {self.shots} makes {self.units * self.shots:,} photographs, "
                "but a run takes at most 1,000,000; make units or shots smaller."
            )
        weights = count_weights(self.image_size, self.filters_1, self.filters_2, self.dense_units)
        if weights > MOST_WEIGHTS:
            raise WorkbookError(
                f"image_size {self.image_size} with filters_2 {self.filters_2} and dense_units "
                f"{self.dense_units} makes a model of {weights:,} weights, but a run takes at most "
                f"{MOST_WEIGHTS:,}; make image_size smaller."
            )

    def as_dict(self) -> dict[str, int | float | str]:
        """Return the parameters as plain values, for ``metrics.json``."""
        return dataclasses.asdict(self)


def map_sizes(image_size: int) -> tuple[int, int, int, int]:
    """Return the side of the maps that conv1, pool1, conv2 and pool2 give, in pixels.

    A 3x3 convolution without padding takes off 2, a pooling 2x2 halves and drops an odd last row.

    >>> map_sizes(80)
    (78, 39, 37, 18)
    """
    conv1 = image_size - 2
    pool1 = conv1 // 2
    conv2 = pool1 - 2
    return conv1, pool1, conv2, conv2 // 2


def count_weights(
    image_size: int = 80, filters_1: int = 32, filters_2: int = 64, dense_units: int = 128
) -> int:
    """Return how many numbers the model learns: the kernels and biases of all four layers that have any.

    >>> count_weights()
    2673857
    """
    flat = map_sizes(image_size)[-1] ** 2 * filters_2
    conv1 = (3 * 3 * 3 + 1) * filters_1
    conv2 = (3 * 3 * filters_1 + 1) * filters_2
    return conv1 + conv2 + (flat + 1) * dense_units + (dense_units + 1)


def handout_cnn(
    image_size: int = 80,
    filters_1: int = 32,
    filters_2: int = 64,
    dense_units: int = 128,
    seed: int | None = None,
) -> keras.Sequential:
    """Return the handout's CNN, untrained: photographs (N, size, size, 3) of 0..255 in, P(GO) (N, 1) out.

    Args:
        image_size: side of the photographs in pixels, 10 to 1024.
        filters_1: filters of the first convolution.
        filters_2: filters of the second convolution.
        dense_units: neurons of the dense layer.
        seed: decides the first weights; None draws other ones each time. Nothing global is seeded.

    Raises:
        WorkbookError: a size or number that leaves no model, by its name.
    """
    size = errors.whole_number("image_size", image_size, SMALLEST_IMAGE, LARGEST_IMAGE)
    filters_1 = errors.whole_number("filters_1", filters_1, 1, 1024)
    filters_2 = errors.whole_number("filters_2", filters_2, 1, 1024)
    dense_units = errors.whole_number("dense_units", dense_units, 1, 8192)
    _grow_gpu_memory()

    # One seed per layer: the same seed in all of them would start the layers with related weights.
    seeds = [None] * 4 if seed is None else np.random.SeedSequence(seed).generate_state(4).tolist()

    def first_weights(layer: int) -> keras.Initializer:
        return keras.initializers.GlorotUniform(seed=seeds[layer])

    return keras.Sequential(
        [
            keras.Input((size, size, 3), name="photo"),
            keras.layers.Rescaling(1 / 255, name="rescale"),
            keras.layers.Conv2D(
                filters_1, 3, activation="relu", kernel_initializer=first_weights(0), name="conv1"
            ),
            keras.layers.MaxPooling2D(2, name="pool1"),
            keras.layers.Conv2D(
                filters_2, 3, activation="relu", kernel_initializer=first_weights(1), name="conv2"
            ),
            keras.layers.MaxPooling2D(2, name="pool2"),
            keras.layers.Flatten(name="flatten"),
            keras.layers.Dense(
                dense_units, activation="relu", kernel_initializer=first_weights(2), name="dense1"
            ),
            keras.layers.Dense(1, activation="sigmoid", kernel_initializer=first_weights(3), name="verdict"),
        ],
        name="handout_cnn",
    )


class Batches(keras.utils.PyDataset):
    """Hands photographs to Keras batch by batch, so that a memory-mapped array never lies in memory whole.

    Each epoch holds every photograph of ``index`` once, in an order that ``seed`` and the epoch's number
    decide; without a seed the order is that of ``index``.
    """

    def __init__(
        self,
        pixels: np.ndarray,
        labels: np.ndarray,
        index: np.ndarray,
        batch_size: int,
        seed: int | None = None,
    ) -> None:
        super().__init__()
        self.pixels, self.labels, self.index = pixels, labels, np.asarray(index)
        self.batch_size, self.seed, self.epoch = batch_size, seed, 0
        self._shuffle()

    def __len__(self) -> int:
        """Return the number of batches; the last one may be smaller."""
        return -(-len(self.index) // self.batch_size)

    def __getitem__(self, number: int) -> tuple[np.ndarray, np.ndarray]:
        """Return photographs (n, size, size, 3) uint8 and labels (n, 1) float32 of one batch."""
        # Sorted: the order within a batch changes nothing, and a file is read fastest from front to back.
        chosen = np.sort(self.order[number * self.batch_size : (number + 1) * self.batch_size])
        return self.pixels[chosen], self.labels[chosen].astype("float32")[:, None]

    def on_epoch_end(self) -> None:
        """Shuffle for the next epoch; Keras calls this."""
        self.epoch += 1
        self._shuffle()

    def _shuffle(self) -> None:
        if self.seed is None:
            self.order = self.index
        else:
            self.order = np.random.default_rng([self.seed, self.epoch]).permutation(self.index)


class _Watch(keras.callbacks.Callback):
    """Times each epoch, reports it in one line, and stops a run whose loss is no longer a number."""

    def __init__(self, report: Callable[[str], object], epochs: int) -> None:
        super().__init__()
        self.report, self.epochs = report, epochs
        self.seconds: list[float] = []

    def on_epoch_begin(self, epoch: int, logs: dict | None = None) -> None:
        self.started = time.perf_counter()

    def on_epoch_end(self, epoch: int, logs: dict | None = None) -> None:
        self.seconds.append(time.perf_counter() - self.started)
        if not np.isfinite([logs["loss"], logs["val_loss"]]).all():
            raise WorkbookError(
                f"the loss is no longer a number after epoch {epoch + 1}: the learning_rate of "
                f"{float(self.model.optimizer.learning_rate):g} is too large; try 0.001."
            )
        width = len(str(self.epochs))
        self.report(
            f"epoch {epoch + 1:{width}}/{self.epochs}  loss {logs['loss']:.3f}  "
            f"accuracy {logs['accuracy']:.3f}  validation {logs['val_accuracy']:.3f}"
        )


def train(
    model: keras.Model,
    pixels: np.ndarray,
    labels: np.ndarray,
    split: Split,
    *,
    epochs: int,
    batch_size: int = 32,
    learning_rate: float = 0.001,
    seed: int = 0,
    report: Callable[[str], object] = print,
) -> dict[str, list[float]]:
    """Train ``model`` with Adam on the training part; keep the weights of its best epoch on validation.

    The best epoch is the one with the smallest ``val_loss``: the last one may have got worse again.

    Args:
        model: for instance from :func:`handout_cnn`; trained in place.
        pixels: (N, size, size, 3) uint8, may be memory-mapped.
        labels: (N,) GO 1, NG 0.
        split: has the index arrays ``train`` and ``validation``; the test part is not touched.
        epochs: times that every training photograph is seen.
        batch_size: photographs per step.
        learning_rate: of Adam, above 0 and up to 1.
        seed: decides the order of the photographs. The first weights are the model's own affair.
        report: called with one line after each epoch.

    Returns:
        loss, accuracy, val_loss, val_accuracy and seconds, one float per epoch each. Loss is the binary
        cross-entropy; accuracy counts P(GO) above 0.5 as GO.

    Raises:
        WorkbookError: arrays that don't fit the model or each other, values that make no sense, or a loss
            that is no longer a number.
    """
    epochs = errors.whole_number("epochs", epochs, 1, 1000)
    batch_size = errors.whole_number("batch_size", batch_size, 1, 4096)
    learning_rate = errors.number("learning_rate", learning_rate, 1e-9, 1.0)
    seed = errors.whole_number("seed", seed, 0, 2**32 - 1)
    labels = np.asarray(labels)
    check_pixels(model, pixels)
    _check_labels(labels, len(pixels))
    for part in ("train", "validation"):
        index = np.asarray(getattr(split, part))
        if not len(index) or index.min() < 0 or index.max() >= len(pixels):
            raise WorkbookError(
                f"split.{part} names photographs outside of the {len(pixels)} given, or none; "
                "make the split from the same photographs."
            )

    model.compile(keras.optimizers.Adam(learning_rate), loss="binary_crossentropy", metrics=["accuracy"])
    watch = _Watch(report, epochs)
    # A patience that never runs out: all epochs are trained, and then the best weights are put back.
    keep_best = keras.callbacks.EarlyStopping("val_loss", patience=epochs, restore_best_weights=True)
    fitted = model.fit(
        Batches(pixels, labels, split.train, batch_size, seed=seed),
        validation_data=Batches(pixels, labels, split.validation, batch_size),
        epochs=epochs,
        shuffle=False,  # Batches does, by the seed; Keras would by Python's global generator
        callbacks=[watch, keep_best],
        verbose=0,
    )
    names = ("loss", "accuracy", "val_loss", "val_accuracy")
    return {name: [float(value) for value in fitted.history[name]] for name in names} | {
        "seconds": watch.seconds
    }


def predict(model: keras.Model, pixels: np.ndarray, batch_size: int = 64) -> np.ndarray:
    """Return P(GO) of each photograph: (N,) float64 from pixels (N, size, size, 3) uint8.

    Memory is bounded by ``batch_size``, so ``pixels`` may be a memory-mapped array larger than it.

    Raises:
        WorkbookError: pixels that do not fit the model.
    """
    batch_size = errors.whole_number("batch_size", batch_size, 1, 65_536)
    check_pixels(model, pixels)
    # The model is called directly: model.predict() builds a graph for every model and warns about it.
    answers = [
        keras.ops.convert_to_numpy(model(pixels[start : start + batch_size], training=False))[:, 0]
        for start in range(0, len(pixels), batch_size)
    ]
    return np.concatenate(answers).astype("float64") if answers else np.empty(0)


def device() -> str:
    """Return what Keras computes on, for people: ``"GPU: NVIDIA ..."`` or ``"CPU, 2 cores"``."""
    _grow_gpu_memory()
    try:
        gpu = _gpu_name()
    except Exception:  # each backend fails in its own way where there is no driver; then there is no GPU
        gpu = None
    if gpu:
        return f"GPU: {gpu}"
    count = cores()
    return f"CPU, {count} core{'s' if count > 1 else ''}"


def _gpu_name() -> str | None:
    backend = keras.backend.backend()
    if backend == "tensorflow":
        import tensorflow as tf

        found = tf.config.list_physical_devices("GPU")
        return (
            tf.config.experimental.get_device_details(found[0]).get("device_name", "GPU") if found else None
        )
    if backend == "jax":
        import jax

        found = [one for one in jax.devices() if one.platform not in ("cpu", "tpu")]
        return found[0].device_kind if found else None
    if backend == "torch":
        import torch

        return torch.cuda.get_device_name(0) if torch.cuda.is_available() else None
    return None


def _grow_gpu_memory() -> None:
    """Let TensorFlow take GPU memory bit by bit, so that two notebooks can share one GPU."""
    if keras.backend.backend() == "tensorflow":
        import tensorflow as tf

        try:
            for gpu in tf.config.list_physical_devices("GPU"):
                tf.config.experimental.set_memory_growth(gpu, True)
        except (RuntimeError, ValueError):
            pass  # the GPU is in use already, with whatever it was given


def versions() -> dict[str, str]:
    """Return the versions that a result depends on, by name."""
    backend = keras.backend.backend()
    found = {"fanaoi_helpers": __version__, "python": platform.python_version(), "keras": keras.__version__}
    for package in ("numpy", backend):
        found[package] = importlib.metadata.version(package)
    return found | {"backend": backend}


def metrics(
    parameters: RunParameters, photos: Photos, split: Split, verdicts: Verdicts, seconds: float
) -> dict[str, object]:
    """Return what ``metrics.json`` says about a run, as plain values.

    Args:
        parameters: what the run was told.
        photos: the photographs of the run.
        split: their three parts.
        verdicts: of the sealed test.
        seconds: that the run took.
    """
    # What the split was told to keep together does not hide a serial that it tore apart.
    unit_of = splitting.joined(photos.unit_ids, split.groups)
    units = {part: set(unit_of[index].tolist()) for part, index in split.parts.items()}
    sides = Counter(unit for held in units.values() for unit in held)
    return {
        "parameters": parameters.as_dict(),
        "versions": versions(),
        "device": device(),
        "seconds": round(float(seconds), 2),
        "split_by": split.by,
        "photographs": {part: len(index) for part, index in split.parts.items()},
        "units": {part: len(held) for part, held in units.items()},
        "units_on_two_sides": sum(count > 1 for count in sides.values()),
        "test": verdicts.as_dict(),
    }


def save_run(
    output_dir: str | os.PathLike,
    model: keras.Model,
    history: Mapping[str, list[float]],
    metrics: Mapping[str, object],
    figures: Mapping[str, Figure] | None = None,
) -> Path:
    """Write a run: ``model.keras``, ``history.csv``, ``figures/NAME.png`` and, last of all, ``metrics.json``.

    So a folder with a ``metrics.json`` holds a whole run: one from an earlier run is removed first.

    Args:
        output_dir: folder, made where it is missing.
        model: the trained model.
        history: lists of one float per epoch, as :func:`train` returns them.
        metrics: plain values; numbers must be finite.
        figures: a picture by name (letters, digits, ``_`` and ``-``).

    Returns:
        The folder.

    Raises:
        WorkbookError: the folder can't be written, or the results can't be told in a file.
    """
    folder = Path(output_dir)
    figures = figures or {}
    for name in figures:
        if not re.fullmatch(r"[A-Za-z0-9_-]+", name):
            raise WorkbookError(
                f"figures has the name {name!r}, but a name takes letters, digits, _ and - only."
            )
    try:
        told = json.dumps(metrics, indent=2, ensure_ascii=False, allow_nan=False) + "\n"
    except (TypeError, ValueError) as error:
        raise WorkbookError(
            f"metrics can't be written as JSON ({error}); give plain texts, finite numbers, lists and dicts."
        ) from error
    columns = [
        name for name in ("loss", "accuracy", "val_loss", "val_accuracy", "seconds") if name in history
    ]

    try:
        (folder / "metrics.json").unlink(missing_ok=True)
    except OSError as error:
        raise files.cannot_write(folder / "metrics.json", error) from error
    with files.replacing(folder / "model.keras") as path:
        model.save(path)
    with (
        files.replacing(folder / "history.csv") as path,
        path.open("w", encoding="utf-8", newline="") as file,
    ):
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["epoch", *columns])
        for epoch, values in enumerate(zip(*(history[name] for name in columns), strict=True), start=1):
            writer.writerow([epoch, *(f"{value:.6g}" for value in values)])
    for name, figure in figures.items():
        with files.replacing(folder / "figures" / f"{name}.png") as path:
            figure.savefig(path)
    with files.replacing(folder / "metrics.json") as path:
        path.write_text(told, encoding="utf-8", newline="\n")
    return folder


def load(path: str | os.PathLike) -> keras.Model:
    """Return the model of a ``.keras`` file, ready to :func:`predict`.

    Keras' safe mode is on: a file can't bring code of its own.

    Raises:
        WorkbookError: the file is missing, broken, unsafe, or its model is of another kind than photographs
            (N, size, size, 3) in, one probability out.
    """
    path = Path(path)
    name = files.shown(path)
    if not path.is_file():
        raise WorkbookError(f"{name} is not there; train a model first, or give the path of a .keras file.")
    if path.suffix != ".keras" or not zipfile.is_zipfile(path):
        raise WorkbookError(
            f"{name} is not a .keras file, or only a part of one; train the model again and save it."
        )
    _grow_gpu_memory()
    try:
        model = keras.saving.load_model(path, compile=False, safe_mode=True)
    except Exception as error:  # Keras raises many kinds, with messages of many lines
        if "safe_mode" in str(error) or "unsafe" in str(error).lower():
            why = "it brings code of its own, which could do anything on this machine"
        else:
            why = f"it is broken or was written by another program: {type(error).__name__}"
        raise WorkbookError(
            f"{name} can't be loaded ({why}); use a model that this workbook saved."
        ) from error
    takes, gives = getattr(model, "input_shape", None), getattr(model, "output_shape", None)
    square = (
        isinstance(takes, tuple) and len(takes) == 4 and takes[3] == 3 and takes[1] == takes[2] is not None
    )
    ends_in = getattr(model.layers[-1], "activation", None) if model.layers else None
    if not square or gives != (None, 1) or ends_in is not keras.activations.sigmoid:
        raise WorkbookError(
            f"{name} holds a model that takes {takes} and gives {gives}, but it must take square color "
            "photographs (None, size, size, 3) and give one probability (None, 1) by a sigmoid."
        )
    return model


def check_pixels(model: keras.Model, pixels: np.ndarray) -> None:
    """Refuse pixels that the model can't take, or would take for something else."""
    takes = tuple(model.input_shape[1:])
    shape, dtype = getattr(pixels, "shape", None), getattr(pixels, "dtype", None)
    if shape is None or len(shape) != 4 or tuple(shape[1:]) != takes or dtype != np.uint8:
        raise WorkbookError(
            f"pixels has the shape {shape} and type {dtype}, but the model takes "
            f"(N, {', '.join(map(str, takes))}) of uint8, 0..255; load the photographs with that "
            "image_size and don't divide by 255."
        )


def _check_labels(labels: np.ndarray, count: int) -> None:
    """Refuse labels that are not one 0 or 1 for each photograph."""
    if labels.shape != (count,) or not np.isin(labels, (0, 1)).all():
        raise WorkbookError(
            f"labels has the shape {labels.shape} and the values {np.unique(labels)[:5].tolist()}, but it "
            f"must hold one number for each of the {count} photographs: 1 for GO, 0 for NG."
        )
