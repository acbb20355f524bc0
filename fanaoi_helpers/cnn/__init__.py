"""The handout's CNN: build it, train it, ask it, save it and load it again. Keras 3, any backend.

Photographs are uint8 arrays ``(N, size, size, 3)`` with values 0..255 everywhere in this module:
the division by 255 happens once, in the model's own ``rescale`` layer. GO is 1, NG is 0, the answer is P(GO).

In a notebook import this module before ``keras``: it keeps TensorFlow's greetings out of the lesson.
"""

from .backend import (
    LEFT_ASIDE,
    device,
    devices,
    keras,
    on_all_gpus,
    ready_gpu,
    versions,
)  # first: no other module may import Keras with its greetings
from .batches import Batches
from .callbacks import tensorboard_is_there
from .models import LARGEST_IMAGE, SMALLEST_IMAGE, count_weights, handout_cnn, map_sizes
from .parameters import MOST_WEIGHTS, RunParameters
from .precision import chosen_precision
from .predicting import check_pixels, predict
from .recipe import four_looks, repaired_cnn, repaired_optimizer, shipped_model
from .saving import load, metrics, save, save_run, saved_by_workbook
from .timing import compiling_seconds, steps_per_second
from .training import train

__all__ = [
    "LARGEST_IMAGE",
    "LEFT_ASIDE",
    "MOST_WEIGHTS",
    "SMALLEST_IMAGE",
    "Batches",
    "RunParameters",
    "check_pixels",
    "chosen_precision",
    "compiling_seconds",
    "count_weights",
    "device",
    "devices",
    "four_looks",
    "handout_cnn",
    "keras",
    "load",
    "map_sizes",
    "metrics",
    "on_all_gpus",
    "predict",
    "ready_gpu",
    "repaired_cnn",
    "repaired_optimizer",
    "save",
    "save_run",
    "saved_by_workbook",
    "shipped_model",
    "steps_per_second",
    "tensorboard_is_there",
    "train",
    "versions",
]
