"""A trained model as plain layers and one array of numbers: what the network explorer's script runs.

``forward`` walks the same list in NumPy, so that list and script can be held against Keras.

Every layer gives maps (h, w, C); a vector is maps of 1×1. So a Dense layer is a filter as large as its input,
and a GlobalMaxPooling2D a pooling as large as its input. What changes nothing when nobody trains (Dropout,
Flatten, random shifts) is left out. The last layer gives the logit; its sigmoid is P(GO).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from .. import byhand
from ..errors import WorkbookError

if TYPE_CHECKING:
    from ..cnn import keras

RESTING = (  # do something in training only
    "Dropout", "SpatialDropout2D", "GaussianNoise", "GaussianDropout", "RandomTranslation", "RandomFlip",
    "RandomRotation", "RandomZoom", "RandomContrast", "RandomBrightness",
)  # fmt: skip
ACTIVATIONS = ("relu", "sigmoid", "linear")


def layers_of(model: keras.Model) -> tuple[list[dict], np.ndarray]:
    """Return a model's layers as plain dictionaries, and all their numbers in one float32 array.

    Each layer has its ``name``, its ``type`` in Keras, the ``shape`` [h, w, C] of what it gives, a ``kind``:

    - ``scale``: each map times its ``factor`` plus its ``shift`` (C,): Rescaling, BatchNormalization;
    - ``conv``: ``kernel`` (kh, kw, C, F), ``bias`` (F,), ``strides``, ``pad`` [top, left], ``activation``;
    - ``dense``: the same with a kernel of the input's whole size;
    - ``pool``: the largest of a window of ``size``, with ``strides`` and ``pad``;
    - ``relu``.

    An array is given as [where it begins, shape]. ``takes`` is the shape of what comes in.

    Raises:
        WorkbookError: a model that is not one row of layers to Dense(1, activation="sigmoid"), or has a layer
            that is not understood, by its name.
    """
    from ..explain import _row, scores

    last = scores.last_layer(model)
    steps: list[dict] = []
    numbers: list[np.ndarray] = []
    shape = [int(side) for side in model.input_shape[1:]]
    for layer in _row.row_of_layers(model, last):
        for step in _understood(layer, shape):
            for key, value in step.items():
                if isinstance(value, np.ndarray):
                    step[key] = [sum(map(len, numbers)), list(value.shape)]
                    numbers.append(value.astype("float32").reshape(-1))
            steps.append({"name": layer.name, "type": type(layer).__name__, "takes": shape, **step})
            shape = step["shape"]
    steps[-1]["activation"] = "linear"
    return steps, np.concatenate(numbers)


def forward(layers: list[dict], weights: np.ndarray, photo: np.ndarray) -> dict[str, np.ndarray]:
    """Return what each layer makes of one photograph (H, W, 3): its name to maps (h, w, C), float32."""
    x, maps = photo.astype("float32"), {}
    for layer in layers:
        x = maps[layer["name"]] = _STEPS[layer["kind"]](x, layer, weights).astype("float32")
    return maps


def array(layer: dict, key: str, weights: np.ndarray) -> np.ndarray:
    """Return one array of a layer, such as its ``kernel``."""
    start, shape = layer[key]
    return weights[start : start + int(np.prod(shape))].reshape(shape)


# From Keras -----------------------------------------------------------------------------------------------


def _understood(layer: keras.Layer, shape: list[int]) -> list[dict]:
    """Return what a layer does to maps of ``shape``: one step, or none where it does nothing."""
    kind = type(layer).__name__
    if kind in RESTING or kind == "Flatten":
        return []
    if kind == "Rescaling":
        factor, shift = np.broadcast_to(layer.scale, shape[-1]), np.broadcast_to(layer.offset, shape[-1])
        return [{"kind": "scale", "shape": shape, "factor": factor, "shift": shift}]
    if kind == "BatchNormalization" and layer.axis in (-1, 3, [3]):
        factor = _or(layer.gamma, 1.0) / np.sqrt(_or(layer.moving_variance, 1.0) + layer.epsilon)
        shift = _or(layer.beta, 0.0) - _or(layer.moving_mean, 0.0) * factor
        return [{"kind": "scale", "shape": shape, "factor": factor, "shift": shift}]
    plain = layer.negative_slope == 0 and layer.threshold == 0 if kind == "ReLU" else False
    if plain and layer.max_value is None:
        return [{"kind": "relu", "shape": shape}]
    if kind == "GlobalMaxPooling2D" and not layer.keepdims:
        size = shape[:2]
        return [{"kind": "pool", "shape": [1, 1, shape[2]], "size": size, "strides": size, "pad": [0, 0]}]
    if kind == "MaxPooling2D":
        sides, pad = _windows(shape, layer.pool_size, layer.strides, layer.padding)
        how = {"size": list(layer.pool_size), "strides": list(layer.strides), "pad": pad}
        return [{"kind": "pool", "shape": [*sides, shape[2]], **how}]
    activation = getattr(getattr(layer, "activation", None), "__name__", "")
    simple = layer.groups == 1 and set(layer.dilation_rate) == {1} if kind == "Conv2D" else False
    if simple and activation in ACTIVATIONS:
        sides, pad = _windows(shape, layer.kernel_size, layer.strides, layer.padding)
        how = {"strides": list(layer.strides), "pad": pad, "activation": activation}
        return [{"kind": "conv", "shape": [*sides, layer.filters], **how, **_learned(layer, shape)}]
    given = len(layer.input.shape) == 2 if kind == "Dense" else False  # not on every pixel by itself
    if given and activation in ACTIVATIONS:
        how = {"strides": [1, 1], "pad": [0, 0], "activation": activation}
        return [{"kind": "dense", "shape": [1, 1, layer.units], **how, **_learned(layer, shape)}]
    raise WorkbookError(
        f"the layer {layer.name!r} is a {kind} that the network explorer does not understand; it knows "
        "Rescaling, Conv2D, BatchNormalization, ReLU, MaxPooling2D, GlobalMaxPooling2D, Flatten and Dense, "
        "with 'relu', 'sigmoid' or no activation."
    )


def _windows(shape: list[int], size: tuple, strides: tuple, padding: str) -> tuple[list[int], list[int]]:
    """Return how many windows fit on both axes, and how many rows and columns of padding come before."""
    axes = list(zip(shape, size, strides, strict=False))
    sides = [byhand.same_padding(*axis) if padding == "same" else (0, 0) for axis in axes]
    counts = [byhand.output_size(*axis, side) for axis, side in zip(axes, sides, strict=True)]
    return counts, [before for before, _ in sides]


def _learned(layer: keras.Layer, shape: list[int]) -> dict[str, np.ndarray]:
    kernel = _or(layer.kernel, 0.0)
    kernel = kernel.reshape(*shape, -1) if kernel.ndim == 2 else kernel
    return {"kernel": kernel, "bias": np.zeros(kernel.shape[-1]) + _or(layer.bias, 0.0)}


def _or(variable: object, otherwise: float) -> np.ndarray:
    from ..cnn import keras

    return np.asarray(otherwise if variable is None else keras.ops.convert_to_numpy(variable), "float64")


# In NumPy -------------------------------------------------------------------------------------------------


def _conv(x: np.ndarray, layer: dict, weights: np.ndarray) -> np.ndarray:
    kernel = array(layer, "kernel", weights)
    windows = _windows_of(x, layer, kernel.shape[:2], 0)
    sums = np.tensordot(windows, kernel, axes=([3, 4, 2], [0, 1, 2])) + array(layer, "bias", weights)
    how = layer["activation"]
    return np.maximum(sums, 0) if how == "relu" else 1 / (1 + np.exp(-sums)) if how == "sigmoid" else sums


def _windows_of(x: np.ndarray, layer: dict, size: list[int], outside: float) -> np.ndarray:
    """Return all windows, (h, w, C, *size), of ``x`` with ``outside`` around it."""
    (h, w, _), (down, across), (top, left) = layer["shape"], layer["strides"], layer["pad"]
    padded = np.full(((h - 1) * down + size[0], (w - 1) * across + size[1], x.shape[2]), outside, "float32")
    inside = padded[top : top + x.shape[0], left : left + x.shape[1]]
    inside[...] = x[: inside.shape[0], : inside.shape[1]]
    return sliding_window_view(padded, tuple(size), axis=(0, 1))[::down, ::across]


_STEPS = {
    "scale": lambda x, layer, weights: x * array(layer, "factor", weights) + array(layer, "shift", weights),
    "relu": lambda x, layer, weights: np.maximum(x, 0),
    "conv": _conv,
    "dense": _conv,
    "pool": lambda x, layer, weights: _windows_of(x, layer, layer["size"], -np.inf).max(axis=(-2, -1)),
}
