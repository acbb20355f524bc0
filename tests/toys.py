"""A toy to train on in no time, and a small CNN for it."""

from types import SimpleNamespace

import numpy as np

from fanaoi_helpers import cnn


def toy(count=60, size=16, seed=0, train=None):
    """Return pixels, labels and split: noise, with a bright square in every GO photograph.

    The first ``train`` photographs are there to train on (half of them unless given), the others to validate.
    """
    rng = np.random.default_rng(seed)
    pixels = rng.integers(0, 120, (count, size, size, 3), dtype=np.uint8)
    labels = np.arange(count) % 2
    pixels[labels == 1, 5:11, 5:11] += 130
    part = np.arange(count)
    train = count // 2 if train is None else train
    return pixels, labels, SimpleNamespace(train=part[:train], validation=part[train:], test=part[:0])


def small_cnn(seed=0):
    """Return the handout's CNN for 16 pixels, with few filters."""
    return cnn.handout_cnn(16, filters_1=4, filters_2=4, dense_units=8, seed=seed)


def flat_net(seed=0):
    """Return the least that learns the toy: without convolutions, so that TensorFlow has little to trace."""
    layers = cnn.keras.layers
    first = cnn.keras.initializers.GlorotUniform(seed=seed)
    return cnn.keras.Sequential(
        [
            cnn.keras.Input((16, 16, 3), name="photo"),
            layers.Rescaling(1 / 255, name="rescale"),
            layers.Flatten(),
            layers.Dense(1, activation="sigmoid", kernel_initializer=first, name="verdict"),
        ]
    )


def trained(seed=0, model=None, photographs=None, **how):
    """Train a small CNN, quietly unless told to ``report``; return it and its history."""
    pixels, labels, split = photographs or toy()
    model = model or small_cnn(seed)
    how = {"epochs": 3, "batch_size": 8, "learning_rate": 0.01, "report": lambda line: None} | how
    return model, cnn.train(model, pixels, labels, split, seed=seed, **how)
