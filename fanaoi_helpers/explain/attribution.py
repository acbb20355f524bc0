"""Which pixels a verdict rests on: Grad-CAM and integrated gradients, and the heat map of GO alone."""

import numpy as np
from numpy.typing import ArrayLike

from .. import cnn, errors
from ..cnn.backends import BACKEND, Tensor
from ..errors import WorkbookError
from ._row import as_known, batches, keras, map_layer, outputs_of, parted, steps_to, walk
from .fields import spread
from .scores import before_sigmoid, last_layer, scorer, sign_of


def grad_cam(
    model: keras.Model, pixels: np.ndarray, verdict: str, layer: str = "conv2", batch_size: int = 64
) -> np.ndarray:
    """Return Grad-CAM maps (N, size, size) float32: where a layer found what speaks for the verdict.

    Each feature map is weighted with the mean of its gradient, the weighted maps are added up, and what
    speaks against the verdict (below 0) is left out. The score is the logit for GO and minus the logit for
    NG. Source: Selvaraju et al., Grad-CAM (ICCV 2017, arXiv:1610.02391), equations 1 and 2.

    Scale: logit for each place of the layer. It is the paper's own, and no map is stretched to 1, so that
    maps of several photographs compare. (Were the rest of the model a global average pooling and the last
    layer, then the map, before what is below 0 is left out, would add up over the layer's places to the
    score without its bias.) A map of zeros says that nothing in the layer speaks for the verdict.

    Between the middles of the layer's receptive fields a map is interpolated linearly, beyond the outermost
    of them it stays as it is there. Where the windows of a model are not known, as behind squeeze and
    excitation, the layer's numbers are spread evenly over the photograph.

    Where the model branches around the layer, as residual connections do, what comes by other ways is held as
    it is for this photograph: the map then explains the layer's own part of the score only.

    Args:
        model: a row of layers, or one that branches and joins. It ends in Dense(1, activation="sigmoid").
        pixels: (N, size, size, 3) uint8, as the model takes them.
        verdict: "GO" or "NG": what to explain, whatever the model says.
        layer: whose maps (N, h, w, C) are weighted, or whose one map (N, h, w) is; `last_maps` is usual.
        batch_size: photographs at a time, at most.
    """
    sign, last = sign_of(verdict), last_layer(model)
    cnn.check_pixels(model, pixels)
    maps_from = map_layer(model, layer, bare=True).output
    *steps, end = steps_to(model, last.output)
    before, on = parted(steps, maps_from)
    given = {id(tensor) for step in on for tensor in step.gives} | {id(maps_from)}
    if id(end.takes[0]) not in given:
        raise WorkbookError(f"the verdict does not depend on layer {layer!r}; take one that leads to it.")
    around = [tensor for step in on for tensor in step.takes if id(tensor) not in given]

    down, across = (
        _between(places, side) for places, side in zip(spread(model, layer), pixels.shape[1:3], strict=True)
    )
    cams = np.empty(pixels.shape[:3], "float32")
    for batch in batches(len(pixels), batch_size, pixels.shape[1]):
        maps, *others = walk(before, as_known(model, pixels[batch]), [maps_from, *around])
        maps = keras.ops.convert_to_numpy(keras.ops.cast(maps, "float32"))
        held = {id(tensor): value for tensor, value in zip(around, others, strict=True)}

        def score(maps: Tensor, held: dict[int, Tensor] = held) -> Tensor:
            return sign * before_sigmoid(last, *walk(on, {**held, id(maps_from): maps}, end.takes))

        weights = BACKEND.gradient(score, maps).mean(axis=(1, 2), keepdims=True)
        cam = np.maximum((maps * weights).reshape(*maps.shape[:3], -1).sum(axis=3), 0)
        cams[batch] = down @ cam @ across.T
    return cams


def heat_map(model: keras.Model, pixels: np.ndarray, batch_size: int = 64) -> np.ndarray:
    """Return what is foreign to a model that learned GO alone: maps (N, size, size) float32, 0 and above.

    No gradient is asked: the distance to the nearest good place *is* what the verdict is made of. It is 1
    where a place is as foreign as a photograph at the limit, P(GO) = 0.5, is on the whole. Between places a
    map is interpolated linearly.

    Args:
        model: made by `cnn.go_only` or `cnn.go_only_cnn`, fresh or loaded.
        pixels: (N, size, size, 3) uint8, as the model takes them.
        batch_size: photographs at a time, at most.
    """
    if not {"heat", "in_limits"} <= {layer.name for layer in model.layers}:
        raise WorkbookError(
            f"The model {model.name!r} has no layer 'heat' as cnn.go_only_cnn's have; ask grad_cam instead."
        )
    cnn.check_pixels(model, pixels)
    down, across = (
        _between(places, side) for places, side in zip(spread(model, "heat"), pixels.shape[1:3], strict=True)
    )
    heats = np.empty(pixels.shape[:3], "float32")
    for batch in batches(len(pixels), batch_size, pixels.shape[1]):
        in_limits = keras.ops.convert_to_numpy(outputs_of(model, pixels[batch], ["in_limits"])[0])
        heats[batch] = down @ np.sqrt(in_limits) @ across.T
    return heats


def integrated_gradients(
    model: keras.Model,
    pixels: np.ndarray,
    verdict: str,
    steps: int = 64,
    baseline: ArrayLike = 0,
    batch_size: int = 64,
) -> np.ndarray:
    """Return how much of the score each pixel accounts for, (N, size, size) float32, in logits.

    On the straight way from the baseline to the photograph the gradient is averaged, at the middles of
    ``steps`` equal pieces, and multiplied with what the pixel has changed by; its three channels are added
    up. Above 0 a pixel speaks for the verdict, below 0 against it. **Completeness:** a map adds up to the
    photograph's score minus the baseline's, the better the more steps.
    Source: Sundararajan, Taly and Yan, Axiomatic attribution for deep networks (ICML 2017,
    arXiv:1703.01365).

    Args:
        model: ends in Dense(1, activation="sigmoid").
        pixels: (N, size, size, 3) uint8, as the model takes them.
        verdict: "GO" (the score is the logit) or "NG" (minus the logit).
        steps: 1 to 10,000; time grows with it.
        baseline: the photograph that says nothing, 0 to 255: one number, one color, one picture
            (size, size, 3), or one for each photograph. A pixel as bright as the baseline accounts for
            nothing, so black (0) can't see what is black.
        batch_size: gradients at a time.
    """
    sign, logits = sign_of(verdict), scorer(model)
    cnn.check_pixels(model, pixels)
    steps = errors.whole_number("steps", steps, 1, 10_000)
    start = _baseline(baseline, pixels.shape)
    slopes = np.zeros(pixels.shape)
    for photo, begin, slope in zip(pixels, start, slopes, strict=True):
        for batch in batches(steps, batch_size, pixels.shape[1]):
            share = (np.arange(batch.start, batch.stop, dtype="float32") + 0.5) / steps
            way = begin + share[:, None, None, None] * (photo - begin)
            slope += BACKEND.gradient(lambda x: sign * logits(x), way).sum(axis=0)
    return ((pixels - start) * slopes / steps).sum(axis=-1).astype("float32")


def _between(middles: np.ndarray, side: int) -> np.ndarray:
    """Return weights (side, h): each pixel's mix of h numbers that sit at ``middles``."""
    pixels = np.arange(side) + 0.5
    return np.stack([np.interp(pixels, middles, weight) for weight in np.eye(len(middles))], axis=1)


def _baseline(baseline: ArrayLike, shape: tuple[int, ...]) -> np.ndarray:
    """Return the baseline of each photograph: an array of that shape, float32."""
    try:
        values = np.broadcast_to(np.asarray(baseline, "float32"), shape)
    except (TypeError, ValueError):
        values = None
    if values is None or not ((values >= 0) & (values <= 255)).all():
        raise WorkbookError(
            f"baseline must be a number, a color, or pictures {shape[1:]} with values from 0 to 255; "
            "0 is black and 255 is white."
        )
    return values
