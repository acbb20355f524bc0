"""Looking inside a trained CNN: its filters, its feature maps, and the pixels that a number of them saw.

The models are those of :mod:`fanaoi_helpers.cnn`, fresh or loaded; other Keras models will do as well.
"""

import numpy as np

from . import cnn, errors
from .byhand import same_padding
from .errors import WorkbookError

keras = cnn.keras

# What changes the height and width of maps; all else keeps each pixel in its place, or has none any more.
_WINDOWS = (keras.layers.Conv2D, keras.layers.MaxPooling2D, keras.layers.AveragePooling2D)


def filters(model: keras.Model, layer: str = "conv1") -> np.ndarray:
    """Return a convolution's weights (kh, kw, C, F): F filters, each with one kernel per input channel.

    Raises:
        WorkbookError: there is no such layer, or it is no convolution.
    """
    found = _layer(model, layer)
    if not isinstance(found, keras.layers.Conv2D):
        kind = type(found).__name__
        raise WorkbookError(
            f"layer {layer!r} is a {kind} and has no filters; take a Conv2D layer, such as 'conv1'."
        )
    return keras.ops.convert_to_numpy(found.kernel)


def biases(model: keras.Model, layer: str = "conv1") -> np.ndarray:
    """Return a convolution's biases (F,), one for each filter; zeros where the layer has none.

    Raises:
        WorkbookError: there is no such layer, or it is no convolution.
    """
    count = filters(model, layer).shape[-1]
    bias = _layer(model, layer).bias
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

    Raises:
        WorkbookError: pixels that do not fit, or a layer that is not there or gives no maps.
    """
    cnn.check_pixels(model, pixels)
    if layers is None:
        layers = [layer.name for layer in model.layers if isinstance(layer, _WINDOWS)]
    outputs = [_layer(model, name).output for name in layers]
    for name, output in zip(layers, outputs, strict=True):
        if len(output.shape) != 4:
            raise WorkbookError(
                f"layer {name!r} gives {output.shape}, not maps (N, h, w, C); take a convolution or pooling."
            )
    maps = {
        name: np.empty((len(pixels), *output.shape[1:]), "float32")
        for name, output in zip(layers, outputs, strict=True)
    }
    for start in range(0, len(pixels) if layers else 0, batch_size):
        batch = slice(start, start + batch_size)
        for name, values in zip(layers, _run(model, pixels[batch], layers), strict=True):
            maps[name][batch] = keras.ops.convert_to_numpy(values)
    return maps


def patch_of(model: keras.Model, layer: str, row: int, column: int) -> tuple[int, int, int, int]:
    """Return the pixels that one number of a feature map depends on: its receptive field.

    Walking back through the layers, a window of size k and stride s sees, for n rows of its output from row
    r on, (n - 1) s + k rows of its input from row r s - p on, with p rows of padding before the first.
    Source: Dumoulin and Visin, A guide to convolution arithmetic for deep learning (arXiv:1603.07285).

    Args:
        model: one row of layers.
        layer: the feature map's layer.
        row: in the feature map.
        column: in the feature map.

    Returns:
        (x0, y0, x1, y1), half-open, in pixels of the photograph and cut at its edges.

    Raises:
        WorkbookError: no such layer or number, or a model that is not one row of layers.
    """
    (top, height, down, rows), (left, width, across, columns) = _fields(model, layer)
    y0 = top + down * errors.whole_number("row", row, 0, rows - 1)
    x0 = left + across * errors.whole_number("column", column, 0, columns - 1)
    bottom, right = model.input_shape[1:3]
    return max(x0, 0), max(y0, 0), min(x0 + width, right), min(y0 + height, bottom)


def centers(model: keras.Model, layer: str) -> tuple[np.ndarray, np.ndarray]:
    """Return where a layer's numbers sit on the photograph: the middles of their receptive fields.

    Args:
        model: one row of layers.
        layer: the feature maps' layer.

    Returns:
        ys (h,) and xs (w,) in pixels from the photograph's upper left corner: the middle of its first pixel
        is at 0.5. So ``photo[int(ys[row]), int(xs[column])]`` lies in the middle of the field.

    Raises:
        WorkbookError: as :func:`patch_of`.
    """
    ys, xs = (
        first + size / 2 + step * np.arange(count) for first, size, step, count in _fields(model, layer)
    )
    return ys, xs


def _fields(model: keras.Model, layer: str) -> list[tuple[int, int, int, int]]:
    """Return for rows and for columns: the first field's first pixel, its length, the step, and how many."""
    found = _layer(model, layer)
    if len(found.output.shape) != 4:
        raise WorkbookError(
            f"layer {layer!r} gives {found.output.shape}, not maps; take a convolution or pooling."
        )
    fields = []
    for axis in (0, 1):
        first, size, step = 0, 1, 1
        for one in reversed(_row_of_layers(model, found)):
            before, window, stride = _window(one, axis)
            first, size, step = first * stride - before, (size - 1) * stride + window, step * stride
        fields.append((first, size, step, found.output.shape[1 + axis]))
    return fields


def _run(model: keras.Model, pixels: np.ndarray, names: list[str]) -> list:
    """Return the outputs of the named layers for one batch, as the backend's tensors."""
    if isinstance(model, keras.Sequential):
        # Layer by layer: a Sequential from a file holds each layer several times in its graph.
        x, outputs = keras.ops.cast(pixels, "float32"), {}
        for layer in model.layers:
            x = outputs[layer.name] = layer(x, training=False)
            if outputs.keys() >= set(names):
                break
        return [outputs[name] for name in names]
    inside = keras.Model(model.inputs[0], [model.get_layer(name).output for name in names])
    outputs = inside(pixels, training=False)
    # A model with one output returns it bare, or in a list, depending on the Keras version.
    return outputs if isinstance(outputs, (list, tuple)) else [outputs]


def _row_of_layers(model: keras.Model, last: keras.Layer) -> list[keras.Layer]:
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


def _window(layer: keras.Layer, axis: int) -> tuple[int, int, int]:
    """Return (padding before, length of the window, stride) of a layer along height (0) or width (1)."""
    if not isinstance(layer, _WINDOWS):
        return 0, 1, 1
    if isinstance(layer, keras.layers.Conv2D):
        reach = (layer.kernel_size[axis] - 1) * layer.dilation_rate[axis] + 1
    else:
        reach = layer.pool_size[axis]
    stride = layer.strides[axis]
    padded = layer.padding == "same"
    return same_padding(layer.input.shape[1 + axis], reach, stride)[0] if padded else 0, reach, stride


def _layer(model: keras.Model, name: str) -> keras.Layer:
    names = [layer.name for layer in model.layers]
    return model.get_layer(errors.one_of("layer", name, names))
