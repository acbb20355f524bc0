"""Asking a trained model."""

import functools

import numpy as np

from .. import errors
from ..errors import WorkbookError
from .backends import BACKEND
from .quiet import keras

MANY = 64  # photographs from which on a compiled model is worth its compiling: a tenth of a second, once


def predict(model: keras.Model, pixels: np.ndarray, batch_size: int = 64) -> np.ndarray:
    """Return P(GO) of each photograph: (N,) float64 from pixels (N, size, size, 3) uint8.

    Memory is bounded by ``batch_size``, so ``pixels`` may be a memory-mapped array larger than it.
    """
    batch_size = errors.whole_number("batch_size", batch_size, 1, 65_536)
    check_pixels(model, pixels)
    # Not model.predict(), which compiles one function per model and warns about it from the fifth model on.
    ask = BACKEND.compiled(model) if len(pixels) >= MANY else functools.partial(model, training=False)
    answers = [
        keras.ops.convert_to_numpy(ask(pixels[start : start + batch_size]))[:, 0]
        for start in range(0, len(pixels), batch_size)
    ]
    return np.concatenate(answers).astype("float64") if answers else np.empty(0)


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
