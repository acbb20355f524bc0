"""What layers hold and give: a convolution's filters and biases, and the maps of photographs."""

import numpy as np

from .. import cnn
from ..errors import WorkbookError
from ._row import WINDOWS, batches, keras, layer_of, map_layer, outputs_of


def filters(model: keras.Model, layer: str = "conv1") -> np.ndarray:
    """Return a convolution's weights (kh, kw, C, F): F filters, each with one kernel per input channel."""
    conv = layer_of(model, layer)
    if not isinstance(conv, keras.layers.Conv2D):
        kind = type(conv).__name__
        raise WorkbookError(
            f"layer {layer!r} is a {kind} and has no filters; take a Conv2D layer, such as 'conv1'."
        )
    return keras.ops.convert_to_numpy(conv.kernel)


def biases(model: keras.Model, layer: str = "conv1") -> np.ndarray:
    """Return a convolution's biases (F,), one for each filter; zeros where the layer has none."""
    count = filters(model, layer).shape[-1]
    bias = layer_of(model, layer).bias
    return np.zeros(count, "float32") if bias is None else keras.ops.convert_to_numpy(bias)


def feature_maps(
    model: keras.Model, pixels: np.ndarray, layers: list[str] | None = None, batch_size: int = 64
) -> dict[str, np.ndarray]:
    """Return what layers make of photographs: for each layer's name its maps (N, h, w, C), float32.

    Args:
        model: built or loaded.
        pixels: (N, size, size, 3) uint8, as the model takes them.
        layers: names of layers whose output is maps; None takes every convolution and pooling, in order.
        batch_size: photographs at a time. The maps of all of them are kept: about 2 MB for one photograph of
            80x80 through the handout's CNN.
    """
    cnn.check_pixels(model, pixels)
    if layers is None:
        layers = [layer.name for layer in model.layers if isinstance(layer, WINDOWS)]
    maps = {
        name: np.empty((len(pixels), *map_layer(model, name).output.shape[1:]), "float32") for name in layers
    }
    for batch in batches(len(pixels) if layers else 0, batch_size, pixels.shape[1]):
        for name, values in zip(layers, outputs_of(model, pixels[batch], layers), strict=True):
            maps[name][batch] = keras.ops.convert_to_numpy(values)
    return maps


def last_maps(model: keras.Model) -> str:
    """Return the name of the last layer that gives maps: the one that Grad-CAM is usually asked for.

    It is "pool2" of the handout's CNN, "last_relu" of `cnn.borrowed_cnn`. That of `cnn.go_only_cnn` gives its
    heat map, one number for each place.
    """
    for layer in reversed(model.layers):
        shape = layer.output.shape
        if len(shape) in (3, 4) and min(shape[1:3]) > 1 and not isinstance(layer, keras.layers.InputLayer):
            return layer.name
    raise WorkbookError(f"The model {model.name!r} has no layer that gives maps; take a CNN.")
