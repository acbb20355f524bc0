"""Models and photographs for the tests of explain: made by hand, so that their explanation is known."""

import numpy as np

from fanaoi_helpers import byhand, cnn, explain

keras = cnn.keras
layers = keras.layers


def photographs(count, size, seed=0):
    """Return (count, size, size, 3) uint8 of noise."""
    return np.random.default_rng(seed).integers(0, 256, (count, size, size, 3), dtype=np.uint8)


def dark_with_pixel(size, row, column):
    """Return one photograph, black but for one white pixel."""
    photo = np.zeros((1, size, size, 3), np.uint8)
    photo[0, row, column] = 255
    return photo


def with_random_weights(model, seed=1):
    """Give a model weights and biases that are not 0; return it."""
    rng = np.random.default_rng(seed)
    model.set_weights([rng.normal(0, 0.3, weights.shape) for weights in model.get_weights()])
    return model


def reloaded(model, folder):
    """Return the model as it comes back from a file."""
    cnn.save(model, folder / "model.keras")
    return cnn.load(folder / "model.keras")


def linear(size, seed=0):
    """Return a model whose logit is a sum of the pixels, and its weights (size, size, 3) and bias."""
    ends_in = layers.Dense(1, activation="sigmoid")
    model = keras.Sequential(
        [keras.Input((size, size, 3)), layers.Rescaling(1 / 255), layers.Flatten(), ends_in]
    )
    weights = np.random.default_rng(seed).normal(size=(size, size, 3))
    ends_in.set_weights([weights.reshape(-1, 1), np.array([0.7])])
    return model, weights.astype("float32").astype(float), 0.7


def red_sum(size, weight):
    """Return a model whose logit is 0.5 + weight * the mean red (0..1) of all pixels but the outermost."""
    conv, ends_in = (
        layers.Conv2D(1, 3, activation="relu", name="conv2"),
        layers.Dense(1, activation="sigmoid"),
    )
    model = keras.Sequential(
        [
            keras.Input((size, size, 3)),
            layers.Rescaling(1 / 255),
            conv,
            layers.GlobalAveragePooling2D(),
            ends_in,
        ]
    )
    kernel = np.zeros((3, 3, 3, 1))
    kernel[1, 1, 0] = 1
    conv.set_weights([kernel, np.zeros(1)])
    ends_in.set_weights([np.array([[weight]]), np.array([0.5])])
    return model


def smooth(size, seed=1):
    """Return a functional model without corners, so that numeric differences are exact."""
    photo = keras.Input((size, size, 3))
    x = layers.Rescaling(1 / 255)(photo)
    x = layers.Conv2D(4, 3, activation="tanh", name="conv2")(x)
    x = layers.AveragePooling2D(2)(x)
    x = layers.Dense(5, activation="tanh")(layers.Flatten()(x))
    return with_random_weights(keras.Model(photo, layers.Dense(1, activation="sigmoid")(x)), seed)


def branched(size):
    """Return a model that is not one row of layers."""
    photo = keras.Input((size, size, 3))
    left, right = layers.Conv2D(2, 3, name="left")(photo), layers.Conv2D(2, 3, name="right")(photo)
    joined = layers.Flatten()(layers.Add(name="add")([left, right]))
    return keras.Model(photo, layers.Dense(1, activation="sigmoid")(joined))


def logit_from(model, maps):
    """Return by hand, in float64, what the handout's CNN makes of conv2's maps (h, w, C): its logit."""
    flat = byhand.pool2d(maps.astype(float)).reshape(-1)
    hidden = byhand.relu(byhand.dense(flat, *model.get_layer("dense1").get_weights()))
    return byhand.dense(hidden, *model.get_layer("verdict").get_weights())[0]


def logit_by_hand(model, photo):
    """Return by hand, in float64, the handout's CNN's logit of one photograph."""
    x = photo / 255
    for conv in ("conv1", "conv2"):
        x = byhand.pool2d(x) if conv == "conv2" else x
        x = byhand.relu(byhand.conv_layer(x, explain.filters(model, conv), explain.biases(model, conv)))
    return logit_from(model, x)
