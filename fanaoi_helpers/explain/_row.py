"""A model as its layers: one by name, the row from the photograph on, and what they make of a batch."""

from collections.abc import Iterator, Sequence

import numpy as np

from .. import cnn, errors
from ..cnn.backends import Tensor
from ..errors import WorkbookError

keras = cnn.keras

# What looks at a window of maps; all else keeps each pixel in its place, or has none any more.
KERNELS = (keras.layers.Conv2D, keras.layers.DepthwiseConv2D, keras.layers.SeparableConv2D)
WINDOWS = (*KERNELS, keras.layers.MaxPooling2D, keras.layers.AveragePooling2D)


def layer_of(model: keras.Model, name: str) -> keras.Layer:
    """Return the layer of that name, or refuse it by the names that there are."""
    names = [layer.name for layer in model.layers if not isinstance(layer, keras.layers.InputLayer)]
    return model.get_layer(errors.one_of("layer", name, names))


def map_layer(model: keras.Model, name: str) -> keras.Layer:
    """Return the layer of that name, if it gives maps (N, h, w, C)."""
    layer = layer_of(model, name)
    shape = layer.output.shape
    if len(shape) != 4:
        raise WorkbookError(
            f"layer {name!r} gives {shape}, not maps (N, h, w, C); take a convolution or pooling."
        )
    return layer


def row_of_layers(model: keras.Model, last: keras.Layer) -> list[keras.Layer]:
    """Return the layers from the photograph to ``last``, if each takes what the one before it gives."""
    layers = [layer for layer in model.layers if not isinstance(layer, keras.layers.InputLayer)]
    layers = layers[: layers.index(last) + 1]
    if isinstance(model, keras.Sequential):
        return layers
    given = model.inputs[0]
    for layer in layers:
        if layer.input is not given:
            raise WorkbookError(
                f"layer {layer.name!r} does not take just what the layer before it gives; "
                "take a model that is one row of layers."
            )
        given = layer.output
    return layers


def through(layers: Sequence[keras.Layer], x: Tensor) -> Tensor:
    """Return what a row of layers makes of ``x``, both the backend's tensors, as when nothing is trained."""
    for layer in layers:
        x = layer(x, training=False)
    return x


def after(model: keras.Model, layer: keras.Layer, maps: Tensor, last: keras.Layer) -> Tensor:
    """Return what comes into ``last`` if ``layer`` gives ``maps``; between the two the model may branch.

    Raises:
        WorkbookError: ``last`` depends on more than what ``layer`` gives, such as a path around it.
    """
    if isinstance(model, keras.Sequential):
        return through(model.layers[model.layers.index(layer) + 1 : model.layers.index(last)], maps)
    # Walked by hand: a keras.Model that begins in the middle would leave its marks in the layers.
    known = {id(layer.output): maps}
    for later in model.layers[model.layers.index(layer) + 1 :]:
        takes = later.input if isinstance(later.input, (list, tuple)) else [later.input]
        given = [known.get(id(tensor)) for tensor in takes]
        if later is last and given[0] is not None:
            return given[0]
        if all(values is not None for values in given):  # else it may belong to nothing that matters here
            known[id(later.output)] = later(given if len(given) > 1 else given[0], training=False)
    raise WorkbookError(
        f"the verdict depends on more than layer {layer.name!r}: there is a path around it; take a layer "
        "that all paths go through."
    )


def outputs_of(model: keras.Model, pixels: np.ndarray, names: list[str]) -> list[Tensor]:
    """Return what the named layers make of one batch (N, size, size, 3), as the backend's tensors."""
    x = keras.ops.cast(pixels, "float32")
    if isinstance(model, keras.Sequential):
        # Layer by layer: a Sequential from a file holds each layer several times in its graph.
        outputs = {}
        for layer in model.layers:
            x = outputs[layer.name] = layer(x, training=False)
            if outputs.keys() >= set(names):
                break
        return [outputs[name] for name in names]
    inside = keras.Model(model.inputs[0], [model.get_layer(name).output for name in names])
    outputs = inside(x, training=False)
    # A model with one output returns it bare, or in a list, depending on the Keras version.
    return outputs if isinstance(outputs, (list, tuple)) else [outputs]


def batches(count: int, batch_size: int) -> Iterator[slice]:
    """Yield the slices that cut ``count`` things into batches; the last one may be smaller."""
    batch_size = errors.whole_number("batch_size", batch_size, 1, 65_536)
    for start in range(0, count, batch_size):
        yield slice(start, min(start + batch_size, count))
