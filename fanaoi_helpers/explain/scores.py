"""The logit: the score that the last layer's sigmoid turns into P(GO)."""

from collections.abc import Callable

import numpy as np

from .. import cnn, errors
from ..cnn.backends import Tensor
from ..errors import WorkbookError
from ._row import batches, keras, steps_to, walk

VERDICTS = {"GO": 1.0, "NG": -1.0}  # what speaks for a verdict: the logit times this


def logit(model: keras.Model, pixels: np.ndarray, batch_size: int = 64) -> np.ndarray:
    """Return the score before the sigmoid, (N,) float64: above 0 it speaks for GO, below for NG.

    It is computed from the last layer's weights and bias. Inverting the sigmoid would not do: in float32
    P(GO) is exactly 1 from a logit of about 17 on.

    Args:
        model: built or loaded, ends in Dense(1, activation="sigmoid").
        pixels: (N, size, size, 3) uint8, as the model takes them.
        batch_size: photographs at a time.
    """
    score = scorer(model)
    cnn.check_pixels(model, pixels)
    logits = np.empty(len(pixels))
    for batch in batches(len(pixels), batch_size, pixels.shape[1]):
        logits[batch] = keras.ops.convert_to_numpy(score(keras.ops.cast(pixels[batch], "float32")))
    return logits


def sign_of(verdict: str) -> float:
    """Return 1 for GO and -1 for NG, or refuse ``verdict``."""
    return VERDICTS[errors.one_of("verdict", verdict, tuple(VERDICTS))]


def scorer(model: keras.Model) -> Callable[[Tensor], Tensor]:
    """Return the function from photographs (N, size, size, 3) float32 to logits (N,), tensors both."""
    last = last_layer(model)
    *steps, end = steps_to(model, last.output)
    start = id(model.inputs[0])
    return lambda x: before_sigmoid(last, *walk(steps, {start: x}, end.takes))


def before_sigmoid(last: keras.layers.Dense, x: Tensor) -> Tensor:
    """Return the logits (N,) of what comes into the last layer, (N, inputs), as tensors in float32."""
    scores = keras.ops.matmul(keras.ops.cast(x, "float32"), keras.ops.cast(last.kernel, "float32"))
    if last.bias is not None:
        scores = scores + keras.ops.cast(last.bias, "float32")
    return scores[:, 0]


def last_layer(model: keras.Model) -> keras.layers.Dense:
    """Return the last layer, if it is one sigmoid neuron."""
    last = model.layers[-1] if model.layers else None
    activation = getattr(last, "activation", None)
    neuron = isinstance(last, keras.layers.Dense) and last.units == 1 and model.output_shape == (None, 1)
    if not neuron or activation is not keras.activations.sigmoid:
        name = f"a {type(last).__name__}" if last else "nothing"
        size = f" of {last.units}" if hasattr(last, "units") else ""
        ending = f" with {activation.__name__}" if hasattr(activation, "__name__") else ""
        raise WorkbookError(
            f"the model ends in {name}{size}{ending}, but an explanation needs the logit of a last layer "
            "Dense(1, activation='sigmoid')."
        )
    return last
