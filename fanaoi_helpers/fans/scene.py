"""Geometry: where each pixel looks, and how much of it a shape covers.

A *signed distance* is negative inside a shape and positive outside, in mm; a pixel's share of the shape is
half at its edge and falls from 1 to 0 over one pixel, so that edges are smooth at any size. The formulas for
the box and the segment are those of https://iquilezles.org/articles/distfunctions2d/.

x and u point to the right, y and v down; planes are (S, S) float32, or a window of that.
"""

import math
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from .conditions import View
from .design import Design, Look

FIELD = 134.0  # mm that a photograph shows from side to side
LARGEST_PHOTO = 1024
SMALLEST_PHOTO = 16

Window = tuple[slice, slice]


@dataclass(frozen=True)
class Scene:
    """One shot of one fan, and where each of its pixels looks: u, v on the fan in mm, r from its center."""

    size: int
    view: View
    design: Design
    look: Look
    mm: float  # a pixel's width on the fan
    x: np.ndarray  # on the mat
    y: np.ndarray
    u: np.ndarray
    v: np.ndarray
    r: np.ndarray
    facing: np.ndarray  # the lamp's share of the direction outward, -1 to 1
    around: np.ndarray  # and of the direction clockwise about the center

    def window(self, x: float, y: float, reach: float) -> Window:
        """Return the rows and columns that hold everything within ``reach`` mm of (x, y) on the fan."""
        view = self.view
        cos, sin = math.cos(view.turn) * view.zoom, math.sin(view.turn) * view.zoom
        center_x, center_y = cos * x - sin * y + view.x, sin * x + cos * y + view.y
        reach = reach * view.zoom + 2 * self.mm

        def span(center: float) -> slice:
            first, last = ((center + side + FIELD / 2) * self.size / FIELD for side in (-reach, reach))
            return slice(min(self.size, max(0, int(first))), max(0, min(self.size, int(last) + 1)))

        return span(center_y), span(center_x)


@lru_cache(maxsize=4)
def _grid(size: int) -> tuple[np.ndarray, np.ndarray]:
    """Return x and y of every pixel's center on the mat in mm."""
    along = ((np.arange(size, dtype=np.float32) + 0.5) / size - 0.5) * FIELD
    x, y = np.meshgrid(along, along)
    return x, y


def scene_of(size: int, view: View, design: Design, look: Look) -> Scene:
    """Return where the ``size`` × ``size`` pixels of a photograph look."""
    x, y = _grid(size)
    cos, sin = math.cos(view.turn) / view.zoom, math.sin(view.turn) / view.zoom
    u = cos * x + (sin * y - (cos * view.x + sin * view.y))
    v = cos * y - (sin * x + (cos * view.y - sin * view.x))
    r = u * u
    r += v * v
    np.sqrt(r, out=r)
    r += np.float32(1e-3)
    facing = view.lamp_x * u
    facing += view.lamp_y * v
    facing /= r
    around = view.lamp_y * u
    around -= view.lamp_x * v
    around /= r
    return Scene(size, view, design, look, FIELD / size / view.zoom, x, y, u, v, r, facing, around)


def cover(distance: np.ndarray, mm: float) -> np.ndarray:
    """Return how much of each pixel lies inside a shape, from its signed distance in mm."""
    share = distance * (-1 / mm)
    share += 0.5
    return unit_range(share)


def unit_range(value: np.ndarray) -> np.ndarray:
    """Hold ``value`` within 0 and 1, in place, and return it; faster than np.clip."""
    np.maximum(value, 0, out=value)
    return np.minimum(value, 1, out=value)


def strip(off: np.ndarray, half: np.ndarray | float, mm: float) -> np.ndarray:
    """Return how much of each pixel a strip covers that may be thinner than a pixel.

    ``off`` is the distance from its middle line, 0 or more, and ``half`` half of its width.
    """
    return cover(off - half, mm) - cover(off + half, mm)


def overlap(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """Return how much of each pixel two shapes share whose edges face each other: slivers come out right."""
    return np.maximum(first + second - 1, 0)


def thinness(extent: float, mm: float) -> float:
    """Return what `cover` must be multiplied with in the middle of a shape of so small an ``extent``."""
    return min(1.0, 2 * extent / (mm + extent))


def ramp(value: np.ndarray) -> np.ndarray:
    """Return ``value`` held within 0 and 1, with soft ends (smoothstep)."""
    value = np.clip(value, 0, 1)
    return value * value * (3 - 2 * value)


def line_of(distance: np.ndarray, half: float) -> np.ndarray:
    """Return a soft line where ``distance`` is 0: 1 in its middle, 0 from ``half`` mm on."""
    line = np.abs(distance)
    line *= -1 / half
    line += 1
    return np.maximum(line, 0, out=line)


def box(x: np.ndarray, y: np.ndarray, half_x: float, half_y: float, corner: float) -> np.ndarray:
    """Return the signed distance to a box about the origin with rounded corners."""
    x, y = np.abs(x), np.abs(y)
    x -= half_x - corner
    y -= half_y - corner
    inside = np.minimum(np.maximum(x, y), 0)
    np.maximum(x, 0, out=x)
    np.maximum(y, 0, out=y)
    x *= x
    y *= y
    x += y
    np.sqrt(x, out=x)
    x += inside
    x -= corner
    return x


def smooth_max(first: np.ndarray, second: np.ndarray, radius: float) -> np.ndarray:
    """Return the larger of two distances, with the corner between them rounded by about ``radius`` mm."""
    near = np.abs(first - second)
    near *= -1
    near += radius
    np.maximum(near, 0, out=near)
    near *= near
    near *= 0.25 / radius
    near += np.maximum(first, second)
    return near


def frame_outline(design: Design, u: np.ndarray, v: np.ndarray, r: np.ndarray | None = None) -> np.ndarray:
    """Return the signed distance to the frame's outer edge at u, v; r is how far they are from the center."""
    if not design.eared:
        return box(u, v, design.frame, design.frame, design.corner)
    u, v = np.abs(u), np.abs(v)
    r = np.sqrt(u * u + v * v) if r is None else r
    along, aside = (u + v) * math.sqrt(0.5), (u - v) * math.sqrt(0.5)
    along = np.maximum(along - design.hole_at * math.sqrt(2), 0)
    ear = np.sqrt(along * along + aside * aside) - (design.frame - design.hole_at)
    return -smooth_max(design.frame - r, -ear, 5.0)


def sample(texture: np.ndarray, x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Return ``texture`` (C, T, T) at x, y (both -1 to 1 over its width), bilinearly, as (C, h, w)."""
    texels = texture.shape[1]
    column = np.clip((x + 1) * (texels / 2) - 0.5, 0, texels - 1.001)
    row = np.clip((y + 1) * (texels / 2) - 0.5, 0, texels - 1.001)
    left, top = np.floor(column), np.floor(row)
    column -= left
    row -= top
    at = (top * texels + left).astype(np.intp)
    flat = texture.reshape(len(texture), -1)
    upper, lower = flat, flat[:, texels:]
    upper = upper[:, at] * (1 - column) + upper[:, 1:][:, at] * column
    lower = lower[:, at] * (1 - column) + lower[:, 1:][:, at] * column
    return upper + row * (lower - upper)
