"""Which pixels a verdict rests on, by covering them: occlusion."""

import numpy as np
from numpy.typing import ArrayLike

from .. import cnn, errors
from ..errors import WorkbookError
from ._row import batches, keras
from .scores import scorer, sign_of


def occlusion(
    model: keras.Model,
    pixels: np.ndarray,
    verdict: str,
    patch: int = 8,
    stride: int = 4,
    fill: ArrayLike = 128,
    batch_size: int = 64,
) -> np.ndarray:
    """Return how much the score falls when a pixel is covered, (N, size, size) float32, in logits.

    A square patch is laid on every ``stride``-th place, the last one flush with the edge, and the model is
    asked again. A pixel gets the mean of what the patches over it did: above 0 it speaks for the verdict,
    below 0 against it. No gradients are needed, but one answer for each place.
    Source: Zeiler and Fergus, Visualizing and understanding convolutional networks (ECCV 2014,
    arXiv:1311.2901), section 4.2.

    Args:
        model: ends in Dense(1, activation="sigmoid").
        pixels: (N, size, size, 3) uint8, as the model takes them.
        verdict: "GO" (the score is the logit) or "NG" (minus the logit).
        patch: its side in pixels, up to that of the photograph.
        stride: pixels from one place to the next, up to ``patch``, so that no pixel is left out.
        fill: what covers, 0 to 255: one gray, three numbers for a color, or a picture (size, size, 3) whose
            piece is laid on each place, such as a good fan's. To a model that looks for what should not be
            there, a gray patch may itself be such a thing.
        batch_size: covered photographs at a time.
    """
    sign, score = sign_of(verdict), scorer(model)

    def logits(batch: np.ndarray) -> np.ndarray:
        return keras.ops.convert_to_numpy(score(keras.ops.cast(batch, "float32")))

    cnn.check_pixels(model, pixels)
    height, width = pixels.shape[1:3]
    patch = errors.whole_number("patch", patch, 1, min(height, width))
    stride = errors.whole_number("stride", stride, 1, patch)
    cover = _cover(fill, (height, width))
    tops, lefts = _starts(height, patch, stride), _starts(width, patch, stride)
    places = [np.s_[top : top + patch, left : left + patch] for top in tops for left in lefts]

    sums, times = np.zeros(pixels.shape[:3]), np.zeros((height, width))
    for place in places:
        times[place] += 1
    for photo, total in zip(pixels, sums, strict=True):
        before = logits(photo[None])
        for batch in batches(len(places), batch_size, height):
            covered = np.repeat(photo[None], batch.stop - batch.start, axis=0)
            for picture, place in zip(covered, places[batch], strict=True):
                picture[place] = cover[place]
            falls = sign * (before - logits(covered))
            for fall, place in zip(falls, places[batch], strict=True):
                total[place] += fall
    return (sums / times).astype("float32")


def _starts(side: int, patch: int, stride: int) -> list[int]:
    """Return where patches begin so that they cover a side whole.

    >>> _starts(10, patch=4, stride=4)
    [0, 4, 6]
    """
    return [*range(0, side - patch, stride), side - patch]


def _cover(fill: ArrayLike, sides: tuple[int, int]) -> np.ndarray:
    """Return the picture (H, W, 3) uint8 that covers."""
    shape = (*sides, 3)
    try:
        values = np.asarray(fill, "float64")
        cover = np.broadcast_to(values, shape) if values.shape in ((), (3,), shape) else None
    except (TypeError, ValueError):
        cover = None
    if cover is None or not ((cover >= 0) & (cover <= 255) & (cover % 1 == 0)).all():
        what = f"an array {fill.shape}" if isinstance(fill, np.ndarray) and fill.ndim else repr(fill)
        raise WorkbookError(
            f"fill is {what}, but it must be a whole number from 0 to 255, three of them for a color, or a "
            f"picture {shape} of them."
        )
    return cover.astype("uint8")
