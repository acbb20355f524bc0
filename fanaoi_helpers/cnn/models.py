"""The handout's CNN, untrained, and its numbers."""

import numpy as np

from .. import errors
from .backends import BACKEND
from .hardware import ready_gpu
from .quiet import channels_last, keras

SMALLEST_IMAGE = 10  # 10 -> 8 -> 4 -> 2 -> 1: the smallest side that leaves one pixel after both poolings
LARGEST_IMAGE = 1024
MOST_WEIGHTS = 300_000_000  # about 5 GB while training: each weight with its gradient and Adam's two averages


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


def layer_seeds(seed: int | None, count: int) -> list[int | None]:
    """Return a seed for each of ``count`` layers, or Nones; the same one would relate their weights."""
    if seed is None:
        return [None] * count
    return [int(word) % BACKEND.seeds for word in np.random.SeedSequence(seed).generate_state(count)]


@channels_last()
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
        filters_1, filters_2: filters of the first and the second convolution.
        dense_units: neurons of the dense layer.
        seed: decides the first weights; None draws other ones each time. Nothing global is seeded.
    """
    size = errors.whole_number("image_size", image_size, SMALLEST_IMAGE, LARGEST_IMAGE)
    filters_1 = errors.whole_number("filters_1", filters_1, 1, 1024)
    filters_2 = errors.whole_number("filters_2", filters_2, 1, 1024)
    dense_units = errors.whole_number("dense_units", dense_units, 1, 8192)
    ready_gpu()

    layers = keras.layers
    weights = [keras.initializers.GlorotUniform(seed=each) for each in layer_seeds(seed, 4)]
    return keras.Sequential(
        [
            keras.Input((size, size, 3), name="photo"),
            layers.Rescaling(1 / 255, name="rescale"),
            layers.Conv2D(filters_1, 3, activation="relu", kernel_initializer=weights[0], name="conv1"),
            layers.MaxPooling2D(2, name="pool1"),
            layers.Conv2D(filters_2, 3, activation="relu", kernel_initializer=weights[1], name="conv2"),
            layers.MaxPooling2D(2, name="pool2"),
            layers.Flatten(name="flatten"),
            layers.Dense(dense_units, activation="relu", kernel_initializer=weights[2], name="dense1"),
            layers.Dense(1, activation="sigmoid", kernel_initializer=weights[3], name="verdict"),
        ],
        name="handout_cnn",
    )
