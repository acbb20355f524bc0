"""How fast a model is trained on one device or another."""

import time
from collections.abc import Sequence

import numpy as np

from .. import errors
from .hardware import devices
from .predicting import check_pixels
from .quiet import keras

WARM_UP = 2  # steps that compile and are not timed


def steps_per_second(
    model: keras.Model,
    pixels: np.ndarray,
    labels: np.ndarray,
    batch_size: int = 32,
    device: str = "CPU",
    steps: int = 20,
) -> float:
    """Time training steps of a copy of ``model`` on one device; the model itself is not changed.

    Counted is a whole step as the device sees it: the batch brought there, forward, backward, Adam's step.
    Compiling is not counted. Each device computes as a training on it would: where a GPU is, TensorFlow
    compiles by XLA, which on a CPU makes the same step slower, measured, by half and more.

    Args:
        model: for instance from :func:`handout_cnn`.
        pixels: (N, size, size, 3) uint8; the first ``batch_size`` of them are used.
        labels: (N,) GO 1, NG 0.
        batch_size: photographs per step.
        device: one of :func:`devices`.
        steps: how many are timed.
    """
    device = errors.one_of("device", device, devices())
    batch_size = errors.whole_number("batch_size", batch_size, 1, len(pixels))
    steps = errors.whole_number("steps", steps, 1, 10_000)
    check_pixels(model, pixels)
    photographs = np.asarray(pixels[:batch_size])
    truth = np.asarray(labels[:batch_size], "float32")[:, None]
    with keras.device(device.lower()):  # without a number: PyTorch takes "cpu:0" for another one than "cpu"
        copy = keras.models.clone_model(model)
        as_there = False if device == "CPU" and keras.backend.backend() == "tensorflow" else "auto"
        copy.compile("adam", loss="binary_crossentropy", jit_compile=as_there)
        copy.optimizer.build(copy.trainable_variables)  # built by the first step, that is traced twice
        for _ in range(WARM_UP):
            copy.train_on_batch(photographs, truth)
        began = time.perf_counter()
        for _ in range(steps):
            copy.train_on_batch(photographs, truth)  # gives the loss back: the step has ended
        return steps / (time.perf_counter() - began)


def compiling_seconds(seconds: Sequence[float]) -> float:
    """Return what the first epoch took beyond the usual one: compiling, where it is worth a word.

    Args:
        seconds: of each epoch, as :func:`train` gives them.

    Returns:
        Seconds; 0.0 for less than a tenth of an epoch, and where one epoch alone tells nothing.

    >>> compiling_seconds([25.9, 6.2, 6.0, 6.4]), compiling_seconds([6.3, 6.2]), compiling_seconds([25.9])
    (19.7, 0.0, 0.0)
    """
    if len(seconds) < 2:
        return 0.0
    usual = float(np.median(seconds[1:]))
    more = float(seconds[0]) - usual
    return round(more, 3) if more > usual / 10 else 0.0
