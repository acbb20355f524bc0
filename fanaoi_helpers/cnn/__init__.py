"""The handout's CNN: build it, train it, ask it, save it and load it again. Keras 3, any backend.

Photographs are uint8 arrays ``(N, size, size, 3)`` with values 0..255 everywhere in this module:
the division by 255 happens once, in the model's own ``rescale`` layer. GO is 1, NG is 0, the answer is P(GO).

In a notebook import this module before ``keras``: it keeps TensorFlow's greetings out of the lesson.
"""

from .backend import device, keras, versions  # first: no other module may import Keras with its greetings
from .batches import Batches
from .models import LARGEST_IMAGE, SMALLEST_IMAGE, count_weights, handout_cnn, map_sizes
from .parameters import MOST_WEIGHTS, RunParameters
from .predicting import check_pixels, predict
from .saving import load, metrics, save_run
from .training import train

__all__ = [
    "LARGEST_IMAGE",
    "MOST_WEIGHTS",
    "SMALLEST_IMAGE",
    "Batches",
    "RunParameters",
    "check_pixels",
    "count_weights",
    "device",
    "handout_cnn",
    "keras",
    "load",
    "map_sizes",
    "metrics",
    "predict",
    "save_run",
    "train",
    "versions",
]
