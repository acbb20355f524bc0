"""Does an explanation point at the defect? Scores against exact masks, and baselines to hold beside them.

An explanation that scores no better than the same architecture with random weights does not depend on what
the model has learned; one that scores no better than a blob in the middle has learned where defects are
usual. Both are asked in the same way as the model.
"""

import numpy as np
from numpy.typing import ArrayLike
from scipy.ndimage import distance_transform_edt

from .. import errors
from ..errors import WorkbookError
from ._row import keras


def pointing_game(maps: ArrayLike, masks: ArrayLike, tolerance: float = 0) -> np.ndarray:
    """Return for each photograph whether its map is largest on the defect: (N,) float64, 1 hit and 0 miss.

    Where several pixels share the maximum, it is the share of them that hits: what pointing at one of them
    at random would score. So a map without a maximum scores the mask's share of the photograph. The mean
    over the photographs is the score of the game.
    Source: Zhang et al., Top-down neural attention by excitation backprop (ECCV 2016, arXiv:1608.00507),
    which allows 15 pixels on photographs of some hundred pixels.

    Args:
        maps: (N, size, size), larger where the explanation points to.
        masks: (N, size, size) bool, True on the defect; none of them empty.
        tolerance: how far from the mask still counts, in pixels from middle to middle.
    """
    maps, masks = _checked(maps, masks)
    largest = maps == maps.max(axis=(1, 2), keepdims=True)
    tolerance = errors.number("tolerance", tolerance, 0, 1024)
    near = np.array([distance_transform_edt(~mask) <= tolerance for mask in masks], bool)
    return (largest & near.reshape(masks.shape)).sum(axis=(1, 2)) / largest.sum(axis=(1, 2))


def mass_inside(maps: ArrayLike, masks: ArrayLike) -> np.ndarray:
    """Return for each photograph which share of its map lies on the defect: (N,) float64, 0 to 1.

    What is below 0 does not count; a map that is nowhere above 0 scores 0. A map that is the same everywhere
    scores the mask's share of the photograph: hold that beside it. (Also known as the energy-based pointing
    game: Wang et al., Score-CAM, CVPR workshops 2020, arXiv:1910.01279.)

    Args:
        maps: (N, size, size), larger where the explanation points to.
        masks: (N, size, size) bool, True on the defect; none of them empty.
    """
    maps, masks = _checked(maps, masks)
    mass = np.maximum(maps, 0)
    whole = mass.sum(axis=(1, 2))
    return np.divide((mass * masks).sum(axis=(1, 2)), whole, out=np.zeros(len(maps)), where=whole > 0)


def random_weights(model: keras.Model, seed: int) -> keras.Model:
    """Return a model of the same architecture with fresh first weights, which ``seed`` decides.

    Source: Adebayo et al., Sanity checks for saliency maps (NeurIPS 2018, arXiv:1810.03292).

    Args:
        model: stays as it is.
        seed: 0 to 2**32 - 1; another one than the model's own start, if it had the same.
    """
    random = np.random.default_rng(errors.whole_number("seed", seed, 0, 2**32 - 1))

    def reseeded(config: object) -> object:
        """Return a layer's configuration with a new seed wherever it has one: initializers keep theirs."""
        if isinstance(config, dict):
            return {
                name: int(random.integers(2**31)) if name == "seed" else reseeded(value)
                for name, value in config.items()
            }
        return [reseeded(value) for value in config] if isinstance(config, (list, tuple)) else config

    return keras.models.clone_model(
        model, clone_function=lambda layer: layer.__class__.from_config(reseeded(layer.get_config()))
    )


def center_blob(shape: tuple[int, ...], width: float = 0.25) -> np.ndarray:
    """Return maps with a round blob in the middle, 1 at the most: what points at any fan's middle.

    Args:
        shape: (size, size) or (N, size, size), as those of the maps to compare with.
        width: the standard deviation as a share of the shorter side.

    Returns:
        float32 in that shape.

    >>> center_blob((3, 3), width=0.5)[1].round(2)
    array([0.8, 1. , 0.8], dtype=float32)
    """
    try:
        *_, height, width_in_pixels = sides = [int(side) for side in shape]
        fits = len(sides) in (2, 3) and min(sides[-2:]) > 0 and sides[0] >= 0
    except (TypeError, ValueError):
        fits = False
    if not fits:
        raise WorkbookError(f"shape is {shape!r}, but it must be (size, size) or (N, size, size) of maps.")
    spread = errors.number("width", width, 0.01, 10) * min(height, width_in_pixels)
    down, across = (
        np.exp(-((np.arange(side) - (side - 1) / 2) ** 2) / (2 * spread**2))
        for side in (height, width_in_pixels)
    )
    blob = np.outer(down, across) / (down.max() * across.max())
    return np.broadcast_to(blob, sides).astype("float32")


def _checked(maps: ArrayLike, masks: ArrayLike) -> tuple[np.ndarray, np.ndarray]:
    """Return maps as float64 and masks as they are, if each map has its mask."""
    maps, masks = np.asarray(maps), np.asarray(masks)
    if maps.ndim != 3 or maps.shape != masks.shape or masks.dtype != bool or maps.dtype.kind not in "fiub":
        raise WorkbookError(
            f"maps has the shape {maps.shape} of {maps.dtype} and masks {masks.shape} of {masks.dtype}, but "
            "they must be numbers and bool of one shape (N, size, size)."
        )
    maps = maps.astype("float64")
    if not np.isfinite(maps).all():
        raise WorkbookError("maps holds NaN or infinity, but it must hold numbers; look at the model first.")
    empty = np.flatnonzero(~masks.any(axis=(1, 2)))
    if len(empty):
        raise WorkbookError(
            f"masks[{empty[0]}] is empty, as are {len(empty)} of {len(masks)}, but a map can only hit a "
            "defect that shows; leave such photographs out."
        )
    return maps, masks
