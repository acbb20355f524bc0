"""The camera: lamp, lens, sensor, and a compressed file if that is asked for."""

import io
import math
from functools import lru_cache
from statistics import NormalDist

import numpy as np
from PIL import Image

from .scene import FIELD, Scene

HALL = 0.15  # share of the usual light that comes from the hall and not from the lamp
FALLOFF = 0.11  # how much brighter the field's edge is on the lamp's side
VIGNETTE = 0.16  # of the light that the lens loses toward the corners
GRAIN = 0.009  # standard deviation of a surface's brightness from place to place
# Gaussian noise from random bytes: 256 equally likely steps of the bell curve, far cheaper than deviates.
_BELL = np.array([NormalDist().inv_cdf((step + 0.5) / 256) for step in range(256)], np.float32)


@lru_cache(maxsize=4)
def _lens(size: int) -> np.ndarray:
    """Return what the lens lets through, (size, size) float32."""
    along = ((np.arange(size, dtype=np.float32) + 0.5) / size - 0.5) ** 2
    return 1 - 2 * VIGNETTE * (along[:, None] + along[None, :])


@lru_cache(maxsize=4)
def _grain(size: int) -> np.ndarray:
    """Return how light a surface is from place to place, about 1, wider than a photograph by a quarter."""
    random, across = np.random.default_rng(120), size + size // 4
    grain = np.ones((across, across), np.float32)
    for step in (1.3, 5.0):  # mm: molded texture, and the flow of the plastic
        coarse = random.standard_normal((int(1.25 * FIELD / step),) * 2).astype(np.float32)
        grain += GRAIN * np.asarray(
            Image.fromarray(coarse).resize((across, across), Image.Resampling.BICUBIC)
        )
    return grain


def expose(color: np.ndarray, scene: Scene, random: np.random.Generator) -> np.ndarray:
    """Return what the sensor reads of ``color`` (3, S, S), as (S, S, 3) uint8: lamp, lens, noise, 8 bits."""
    view = scene.view
    slope = FALLOFF * view.light * 2 / FIELD
    lamp = (slope * view.lamp_x) * scene.x
    lamp += (slope * view.lamp_y) * scene.y
    lamp += HALL + (1 - HALL) * view.light
    lamp *= _lens(scene.size)
    left, top = (int(share * (scene.size // 4)) for share in scene.look.grain)
    lamp *= _grain(scene.size)[top : top + scene.size, left : left + scene.size]
    color = _blurred(color, view.blur / scene.mm)
    for channel, gain in zip(color, view.gains, strict=True):
        channel *= lamp
        channel *= gain * view.exposure * 255
    noise = _BELL[random.integers(0, 256, color.shape, np.uint8)]
    noise *= 255 * view.noise * 0.55 + (view.noise * 0.45) * np.maximum(color[1], 0)
    color += noise
    color += 0.5
    np.clip(color, 0, 255, out=color)
    pixels = np.ascontiguousarray(color.astype(np.uint8).transpose(1, 2, 0))
    return _compressed(pixels, view.jpeg_quality) if view.jpeg_quality else pixels


def _compressed(pixels: np.ndarray, quality: int) -> np.ndarray:
    """Return ``pixels`` (S, S, 3) as they come back from a JPEG file."""
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "JPEG", quality=quality)
    with Image.open(file) as image:
        return np.array(image)


def _blurred(color: np.ndarray, sigma: float) -> np.ndarray:
    """Return (3, S, S) ``color`` blurred by a Gaussian of ``sigma`` pixels."""
    reach = max(1, math.ceil(2.5 * sigma))
    weights = [math.exp(-0.5 * (step / max(sigma, 1e-3)) ** 2) for step in range(reach + 1)]
    total = weights[0] + 2 * sum(weights[1:])
    for axis in (1, 2):
        wide = np.pad(color, [(reach, reach) if axis == place else (0, 0) for place in range(3)], "edge")
        length = color.shape[axis]

        def slid(step: int, wide: np.ndarray = wide, axis: int = axis, length: int = length) -> np.ndarray:
            return wide[:, step : step + length] if axis == 1 else wide[:, :, step : step + length]

        color = slid(reach) * np.float32(weights[0] / total)
        for step in range(1, reach + 1):
            color += (slid(reach - step) + slid(reach + step)) * np.float32(weights[step] / total)
    return color
