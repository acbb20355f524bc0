"""From pixels to verdict with the model's own numbers: one place all the way, and a logit taken apart."""

from dataclasses import dataclass

import numpy as np

from .. import cnn
from ..errors import WorkbookError
from ._row import keras, outputs_of, row_of_layers
from .fields import behind, patch_of
from .scores import last_layer, logit

_RELU, _LINEAR = keras.activations.relu, keras.activations.linear


@dataclass(frozen=True, eq=False)
class Trace:
    """One place of the last maps, from its pixels to the logit; and the whole logit, taken apart.

    With (row, column) the place, C the last maps and n the neurons of the first dense layer:
    """

    layer: str  # of the last maps, such as pool2
    row: int  # in them
    column: int
    box: tuple[int, int, int, int]  # (x0, y0, x1, y1) of the patch, half-open, in pixels
    patch: np.ndarray  # (h, w, 3) uint8: all pixels that the place depends on
    steps: dict[str, np.ndarray]  # by layer what it gives within the patch, float32; the last is (1, 1, C)
    dense: str  # the first dense layer, such as dense1
    weights: np.ndarray  # (C, n) float64: its weights for this place
    adds: np.ndarray  # (n,) float64: what this place adds to each neuron's sum
    sums: np.ndarray  # (n,) float64: the neurons' sums over all places, with their biases
    active: np.ndarray  # (n,) bool: whose sum ReLU lets through
    to_logit: np.ndarray  # (n,) float64: what 1 more out of each neuron adds to the logit
    contributions: np.ndarray  # (rows, columns, C) float64: what each number of the maps adds to the logit
    from_biases: dict[str, float]  # by dense layer what its biases add to the logit
    logit: float  # as the model computes it

    @property
    def here(self) -> float:
        """What this place adds to the logit."""
        return float(self.contributions[self.row, self.column].sum())

    @property
    def elsewhere(self) -> float:
        """What all other places add to the logit."""
        return float(self.contributions.sum()) - self.here

    @property
    def total(self) -> float:
        """The sum of all contributions and biases: the model's logit, computed in another way."""
        return self.here + self.elsewhere + sum(self.from_biases.values())

    def __str__(self) -> str:
        """Return the trace as a table, ending in the sum and the model's logit."""
        x0, y0, _, _ = self.box
        width = max(16, *(len(name) + 10 for name in self.from_biases), *map(len, self.steps))
        lines = [f"{'patch':{width}}  {_size(self.patch)} pixels from x {x0}, y {y0}"]
        for name, values in self.steps.items():
            lines.append(f"{name:{width}}  {_size(values)}, largest {values.max():.3f}")
        lines.append(
            f"{self.dense:{width}}  this place adds {self.adds.min():+.3f} to {self.adds.max():+.3f}; "
            f"{self.active.sum()} of {len(self.active)} neurons active"
        )
        parts = {"this place": self.here, "all other places": self.elsewhere}
        parts |= {f"biases of {name}": adds for name, adds in self.from_biases.items()}
        parts |= {"sum": self.total, "the model's logit": self.logit}
        lines += [f"{name:{width}}  {value:+10.4f}" for name, value in parts.items()]
        return "\n".join(lines)


def trace(model: keras.Model, pixels: np.ndarray, row: int, column: int) -> Trace:
    """Follow one place of the last maps from its pixels to the logit, with the model's own numbers.

    Everything after the last maps is sums and ReLU. For one photograph ReLU lets some neurons through and
    not the others; with those fixed the logit is a plain sum: each of the flattened numbers times its way
    through the active neurons, and each bias likewise. So the contributions and biases add up to the logit.

    Args:
        model: a row of layers: those that give maps, Flatten, Dense with ReLU or none, Dense(1,
            activation="sigmoid"). Dropout may stand between, since it does nothing here.
        pixels: one photograph (size, size, 3) uint8.
        row, column: in the last maps (with the handout's CNN on 80x80: pool2, 0 to 17).
    """
    last = last_layer(model)
    photo = _one_photograph(model, pixels)
    layers = row_of_layers(model, last)
    cut = next((n for n, layer in enumerate(layers) if isinstance(layer, keras.layers.Flatten)), 0)
    if not cut:
        raise WorkbookError(
            "the model has no Flatten after its maps, but a trace needs one; take the handout's CNN."
        )
    ahead, dense = layers[:cut], _dense_layers(layers[cut + 1 :])
    name = ahead[-1].name
    box = x0, y0, x1, y1 = patch_of(model, name, row, column)
    row, column = int(row), int(column)

    names = [layer.name for layer in ahead]
    maps = [
        keras.ops.convert_to_numpy(keras.ops.cast(values, "float32"))[0]
        for values in outputs_of(model, photo[None], names)
    ]
    downs, acrosses = ([(place, 1), *behind(ahead, axis, place)] for axis, place in ((0, row), (1, column)))
    windows = zip(reversed(downs[:-1]), reversed(acrosses[:-1]), strict=True)
    steps = {
        step: values[max(top, 0) : top + height, max(left, 0) : left + width]
        for step, values, ((top, height), (left, width)) in zip(names, maps, windows, strict=True)
    }

    last_maps = maps[-1].astype("float64")
    sums, active = _forward(dense, last_maps.reshape(-1))
    to_logit, from_biases = _backward(dense, active)
    channels = last_maps.shape[-1]
    first = (row * last_maps.shape[1] + column) * channels
    weights = _kernel(dense[0])[first : first + channels]
    return Trace(
        layer=name,
        row=row,
        column=column,
        box=box,
        patch=photo[y0:y1, x0:x1],
        steps=steps,
        dense=dense[0].name,
        weights=weights,
        adds=last_maps[row, column] @ weights,
        sums=sums,
        active=active[0],
        to_logit=to_logit,
        contributions=last_maps * (_kernel(dense[0]) @ (active[0] * to_logit)).reshape(last_maps.shape),
        from_biases=from_biases,
        logit=float(logit(model, photo[None])[0]),
    )


def _forward(dense: list[keras.layers.Dense], x: np.ndarray) -> tuple[np.ndarray, list[np.ndarray]]:
    """Return the first layer's sums, and for each layer which of its neurons are let through."""
    first, active = None, []
    for layer in dense:
        sums = x @ _kernel(layer) + _bias(layer)
        first = sums if first is None else first
        active.append(sums > 0 if layer.activation is _RELU else np.ones(len(sums), bool))
        x = sums * active[-1]
    return first, active


def _backward(
    dense: list[keras.layers.Dense], active: list[np.ndarray]
) -> tuple[np.ndarray, dict[str, float]]:
    """Return what 1 more out of each of the first layer's neurons adds to the logit, and what biases add."""
    way, from_biases = np.ones(1), {}
    for number in range(len(dense) - 1, -1, -1):
        from_biases[dense[number].name] = float(_bias(dense[number]) @ (active[number] * way))
        if number:
            way = _kernel(dense[number]) @ (active[number] * way)
    return way, dict(reversed(from_biases.items()))


def _kernel(layer: keras.layers.Dense) -> np.ndarray:
    return keras.ops.convert_to_numpy(layer.kernel).astype("float64")


def _bias(layer: keras.layers.Dense) -> np.ndarray:
    if layer.bias is None:
        return np.zeros(layer.units)
    return keras.ops.convert_to_numpy(layer.bias).astype("float64")


def _dense_layers(layers: list[keras.Layer]) -> list[keras.layers.Dense]:
    """Return the dense layers after Flatten, if there is nothing else that changes a number."""
    dense = [layer for layer in layers if not isinstance(layer, keras.layers.Dropout)]
    for layer in dense[:-1]:
        if not isinstance(layer, keras.layers.Dense) or layer.activation not in (_RELU, _LINEAR):
            raise WorkbookError(
                f"layer {layer.name!r} is a {type(layer).__name__} that a trace can't take apart; after "
                "Flatten take Dense layers with activation 'relu' or none."
            )
    return dense


def _one_photograph(model: keras.Model, pixels: np.ndarray) -> np.ndarray:
    shape = getattr(pixels, "shape", None)
    if shape is not None and len(shape) == 4 and shape[0] == 1:
        pixels = pixels[0]
    elif shape is None or len(shape) != 3:
        raise WorkbookError(
            f"pixels has the shape {shape}, but a trace follows one photograph (size, size, 3); take one."
        )
    cnn.check_pixels(model, pixels[None])
    return pixels


def _size(values: np.ndarray) -> str:
    return "×".join(map(str, values.shape))
