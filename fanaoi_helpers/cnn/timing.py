"""How fast a model is trained on one device or another."""

from __future__ import annotations

import time

import numpy as np

from .. import errors
from .backend import devices, keras
from .predicting import check_pixels

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
    Compiling is not counted.

    Args:
        model: for instance from :func:`handout_cnn`.
        pixels: (N, size, size, 3) uint8; the first ``batch_size`` of them are used.
        labels: (N,) GO 1, NG 0.
        batch_size: photographs per step.
        device: one of :func:`devices`.
        steps: how many are timed.

    Raises:
        WorkbookError: a device that isn't there, or pixels that do not fit.
    """
    device = errors.one_of("device", device, devices())
    batch_size = errors.whole_number("batch_size", batch_size, 1, len(pixels))
    steps = errors.whole_number("steps", steps, 1, 10_000)
    check_pixels(model, pixels)
    photographs = np.asarray(pixels[:batch_size])
    truth = np.asarray(labels[:batch_size], "float32")[:, None]
    with keras.device(f"{device.lower()}:0"):
        copy = keras.models.clone_model(model)
        copy.compile("adam", loss="binary_crossentropy")
        for _ in range(WARM_UP):
            copy.train_on_batch(photographs, truth)
        began = time.perf_counter()
        for _ in range(steps):
            copy.train_on_batch(photographs, truth)  # gives the loss back: the step has ended
        return steps / (time.perf_counter() - began)
