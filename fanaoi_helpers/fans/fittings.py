"""What is fitted to a frame, in color: rubber pads, molded arrows, wires, screws."""

import math
from collections.abc import Callable
from functools import lru_cache
from itertools import product
from typing import NamedTuple

import numpy as np
from PIL import Image, ImageDraw

from .picture import Picture
from .scene import Scene, box, cover, frame_outline, overlap, sample, strip

MARK = 9.0  # mm; half of the width of what is molded into the frame
WIRES = ((0.62, 0.10, 0.07), (0.05, 0.05, 0.06), (0.70, 0.56, 0.08))


class Screw(NamedTuple):
    """A screw that is at x, y on the fan; u and v, a plane each, are from its middle. All in mm."""

    x: float
    y: float
    u: np.ndarray
    v: np.ndarray
    mm: float  # a pixel's width


Loss = Callable[[Screw], np.ndarray | None]


def draw_details(color: np.ndarray, scene: Scene) -> None:
    """Draw what is of another color or molded into the frame: rubber pads, arrows, the cable's wires."""
    view, design, mm = scene.view, scene.design, scene.mm
    if design.pads:
        ratio = np.divide(design.pads, design.frame_color).astype(np.float32)[:, None, None]
        for x, y in product((-design.frame, design.frame), repeat=2):
            window = scene.window(x, y, 22)
            u, v = scene.u[window], scene.v[window]
            pad = cover((1.62 * design.frame - np.abs(u) - np.abs(v)) * math.sqrt(0.5), mm)
            pad *= cover(frame_outline(design, u, v), mm)
            color[:, window[0], window[1]] *= 1 + pad * (ratio - 1)
    if design.marks:
        for x, y, quarter in ((36.0, 56.2, 0), (-36.0, -56.2, 2)):
            window = scene.window(x, y, MARK)
            u, v = (scene.u[window] - x) / MARK, (scene.v[window] - y) / MARK
            if quarter == 2:
                u, v = -u, -v
            right, down = sample(_mark(), u, v)
            sign = 1 - quarter
            relief = right * (sign * view.lamp_x) + down * (sign * view.lamp_y)
            color[:, window[0], window[1]] += relief * (0.14 / 3 * sum(design.frame_color))
    if design.cable:
        turn = math.radians(design.strut_turn)
        cos, sin = math.cos(turn), math.sin(turn)
        middle, long = (design.hub + design.opening) / 2, (design.opening - design.hub) / 2 - 1
        window = scene.window(middle * cos, middle * sin, long)
        u, v = scene.u[window], scene.v[window]
        along, off = np.abs(u * cos + v * sin - middle), v * cos - u * sin
        within = cover(along - long, mm)
        patch = color[:, window[0], window[1]]
        for place, wire in zip((-1.0, 0.0, 1.0), WIRES, strict=True):
            aside = np.abs(off - place)
            share = strip(aside, 0.42, mm) * within
            patch += share * (np.asarray(wire, np.float32)[:, None, None] * (1 - 0.5 * aside) - patch)


@lru_cache(maxsize=1)
def _mark() -> np.ndarray:
    """Return the slopes of the arrow molded into a frame, to the right and down, (2, T, T)."""
    page = Image.new("L", (192, 192))
    pen = ImageDraw.Draw(page)
    pen.line((20, 96, 130, 96), 255, 18)
    pen.polygon(((120, 66), (172, 96), (120, 126)), 255)
    height = np.asarray(page.resize((48, 48), Image.Resampling.BOX), np.float32) / 255
    return np.ascontiguousarray(np.stack(np.gradient(height, axis=(1, 0))) * -2)


def draw_screws(color: np.ndarray, picture: Picture, scene: Scene, lost: Loss) -> None:
    """Sink a countersunk hole into each corner of the frame and put a screw with a cross recess into it.

    ``lost`` says how much of each pixel of a screw is gone.
    """
    view, design, mm = scene.view, scene.design, scene.mm
    steel = np.asarray(design.screw_color, np.float32)[:, None, None]
    corners = product((-design.hole_at, design.hole_at), repeat=2)
    for (y, x), turn in zip(corners, scene.look.screws, strict=True):
        window = scene.window(x, y, design.screw + 2)
        u, v = scene.u[window] - x, scene.v[window] - y
        patch = color[:, window[0], window[1]]
        away = np.sqrt(u * u + v * v)
        near = (view.lamp_x * u + view.lamp_y * v) / (away + 0.01)
        # The seat, as deep as it would be without the screw: dark, and bright on the side away from the lamp.
        seat = cover(away - design.screw - 0.5, mm)
        patch *= 1 - seat * (0.45 + 0.35 * near)
        patch *= 1 - 0.9 * cover(away - design.hole, mm)
        head = cover(away - design.screw, mm)
        gone = lost(Screw(x, y, u, v, mm))
        if gone is not None:
            gone = overlap(gone, head)
            picture.mark(window, gone)
            head = head - gone
        cos, sin = math.cos(turn), math.sin(turn)
        p, q = np.abs(u * cos + v * sin), np.abs(v * cos - u * sin)
        recess = cover(np.minimum(box(p, q, 2.4, 0.55, 0.2), box(p, q, 0.55, 2.4, 0.2)), mm)
        light = 0.62 + 0.045 * away * near
        light -= recess * 0.45
        patch += head * (steel * light - patch)
