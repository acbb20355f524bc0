"""What falls into a fan that does not belong there."""

import math
from dataclasses import dataclass

import numpy as np

from ..defects import Defect, Sizes
from ..design import Color
from ..picture import Hurt, Picture
from ..scene import Scene, box, cover, line_of, ramp, thinness

SHINE = 0.6  # what a glossy scrap mirrors
RED, ORANGE, YELLOW = (0.95, 0.20, 0.10), (1.0, 0.55, 0.05), (1.0, 0.80, 0.10)
GREEN, BLUE, WHITE, BLACK = (0.20, 0.85, 0.25), (0.15, 0.35, 0.95), (0.95, 0.95, 0.92), (0.05, 0.05, 0.06)


@dataclass(frozen=True)
class Scrap:
    """Its form, color and material."""

    form: str  # film, ring, wire, tie or swarf
    color: Color
    opacity: float = 1.0
    gloss: float = 0.3  # strength of the highlight


SCRAPS = (
    Scrap("film", RED),
    Scrap("film", ORANGE),
    Scrap("film", YELLOW),
    Scrap("film", (0.92, 0.95, 0.97), opacity=0.45, gloss=0.8),  # clear packaging
    Scrap("ring", RED),
    Scrap("ring", YELLOW),
    Scrap("wire", RED),
    Scrap("wire", ORANGE),
    Scrap("wire", GREEN),
    Scrap("wire", BLUE),
    Scrap("tie", WHITE),
    Scrap("tie", BLACK, gloss=1.4),
    Scrap("swarf", (0.72, 0.74, 0.78), gloss=1.0),
)


class ForeignObject(Defect, kind="foreign_object", order=9):
    """A scrap of film, a ring, a wire, a cable tie or a curl of swarf lies on blades, hub or struts."""

    sizes = Sizes(8.0, 36.0, 40.0, "largest extent")

    def on_top(self, color: np.ndarray, picture: Picture, scene: Scene) -> list[Hurt]:
        """Lay it on the fan; it throws a shadow."""
        reach = self.design.blade_tip * math.sqrt(0.05 + 0.8 * self.spot)
        x, y = reach * math.cos(self.angle), reach * math.sin(self.angle)
        window = scene.window(x, y, self.size / 2 + 5)
        u, v, patch = scene.u[window] - x, scene.v[window] - y, color[:, window[0], window[1]]
        view, scrap, mm = scene.view, SCRAPS[self.pick], scene.mm
        here = self.distance(u, v)
        lamp = self.distance(u + 1.0 * view.lamp_x, v + 1.0 * view.lamp_y)
        share = cover(here, mm) * thinness(self.size, mm)
        high = min(1.0, self.size / 4)  # a small thing is flat as well
        below = self.distance(u + 1.6 * high * view.lamp_x, v + 1.6 * high * view.lamp_y)
        shadow = 0.45 * ramp(0.5 - below / 3)
        shadow *= (1 - share) * high
        toward = np.clip(lamp - here, -1, 1)  # 1 where the edge faces the lamp
        lit = 0.92 + 0.30 * toward * np.clip(1 + here / 1.4, 0, 1)
        patch *= 1 - shadow
        tone = np.asarray(scrap.color, np.float32)[:, None, None] * lit
        ridge = line_of(here + 0.9, 0.9) * np.maximum(toward, 0) * scrap.gloss
        patch += (share * scrap.opacity) * (tone - patch)
        patch += share * ridge * SHINE
        return [(window, share)]

    def distance(self, u: np.ndarray, v: np.ndarray) -> np.ndarray:
        """Return the signed distance to its edge at u, v from its middle."""
        half, cos, sin = self.size / 2, math.cos(self.direction), math.sin(self.direction)
        x, y = u * cos + v * sin, v * cos - u * sin
        form = SCRAPS[self.pick].form
        if form == "film":
            high = 0.45 + 0.5 * (0.25 + 0.5 * self.thickness)  # compared with its width
            # The largest extent is from corner to corner.
            half /= math.hypot(0.88, high - 0.12) + 0.12
            return box(x, y, half, half * high, 0.12 * half)
        if form == "ring":
            wire = min(0.5 + 0.16 * half, half / 2)
            return np.abs(np.sqrt(x * x + y * y) - (half - wire)) - wire
        if form == "swarf":
            # A flat spiral, a turn and a half: it winds outward with the angle.
            wire = 0.10 * half + min(0.35, 0.1 * half)
            away, turn = np.sqrt(x * x + y * y), np.arctan2(y, x) / math.tau
            step = (half - wire) / 1.5
            ring = np.clip(np.rint(away / step - turn), 0, 1)
            return np.abs(away - (turn + ring) * step) - wire
        wire = min((0.8 if form == "wire" else 1.1) + 0.10 * half, half)
        bend = (self.curve - 0.5) * 1.6
        y = y - bend * (x * x / half - half / 3) * (1.0 if form == "wire" else 0.3)
        thread = np.sqrt(np.maximum(np.abs(x) - half + wire, 0) ** 2 + y * y) - wire
        if form == "wire":
            return thread
        head = box(x - half + 1.3 * wire, y, 1.3 * wire, 1.9 * wire, 0.3 * wire)
        return np.minimum(thread, head)
