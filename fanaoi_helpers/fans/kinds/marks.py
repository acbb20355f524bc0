"""What marks a surface: scratches and oil, and as blemishes dust and scuffs."""

import math
from typing import NamedTuple

import numpy as np

from ..defects import BLEMISH_LIMIT, Blemish, Damage, Defect, Sizes
from ..design import Design
from ..picture import Hurt, Picture
from ..scene import Scene, cover, frame_outline, line_of, ramp, smooth_max, strip, thinness

SCRATCH_LIGHT, SCRATCH_DARK = 0.95, 0.16  # what a scratch shows on dark and on light material
OIL_DARK = 0.30  # of the light that oil leaves
OIL_SHINE = 0.75  # what it mirrors of the lamp
DUST_LIGHT = 0.62
SCUFF_LIGHT = 0.30  # what a scuff adds


class Ground(NamedTuple):
    """The part of a picture that a mark is drawn on."""

    patch: np.ndarray  # its color (3, h, w)
    along: np.ndarray  # mm from the mark's middle, along it
    off: np.ndarray  # and across
    angle: float  # of the mark in the picture
    visible: np.ndarray  # how much of each pixel shows the surface
    scene: Scene


class Mark(Damage):
    """Something flat on a ``surface``: blade, strut, hub or frame, and anywhere on it where it fits.

    On a blade it turns with the rotor; x and y are for a rotor that has not turned.
    """

    def __init__(self, size: float, seed: int, design: Design) -> None:
        super().__init__(size, seed, design)
        self.surface = self.chosen_surface()
        self.x, self.y = self.chosen_spot()
        self.bend, self.width = (self.curve - 0.5) * 0.02, 2.0 + 1.0 * self.thickness  # 1/mm and mm
        if self.surface == "strut":
            self.direction, self.bend, self.width = math.atan2(self.y, self.x), 0.0, 2.0

    @property
    def reach(self) -> float:
        """How far from its middle it may change a pixel, mm."""
        return self.size / 2 + 5

    def chosen_surface(self) -> str:
        """Choose by chance what it lies on: something that has room for it."""
        design = self.design
        if self.spot < 0.55:
            return "blade"
        if self.spot < 0.65 and design.struts and self.size < 0.8 * (design.opening - design.hub):
            return "strut"
        return "hub" if self.spot < 0.8 and self.size < 1.2 * design.hub else "frame"

    def chosen_spot(self) -> tuple[float, float]:
        """Choose by chance where on the surface its middle is."""
        design, angle = self.design, self.random.uniform(0, math.tau)
        share = self.random.random()
        if self.surface == "blade":
            reach = design.hub + 6.0 + (design.blade_tip - design.hub - 12.0) * share
        elif self.surface == "hub":
            reach = max(0.0, design.hub - 2 - self.size / 2) * math.sqrt(share)
        elif self.surface == "strut":
            reach = (design.hub + design.opening) / 2
            lean = math.radians(design.strut_lean) / 2
            angle = (
                math.radians(design.strut_turn) + math.tau / design.struts * int(share * design.struts) + lean
            )
        else:
            return self.spot_on_frame(angle, share)
        return reach * math.cos(angle), reach * math.sin(angle)

    def spot_on_frame(self, angle: float, share: float) -> tuple[float, float]:
        """Choose a spot on the frame; ``angle`` and ``share`` are by chance."""
        design = self.design
        for _ in range(200):
            x, y = self.random.uniform(-design.frame, design.frame, 2).tolist()
            inside = float(frame_outline(design, np.array([x]), np.array([y]))[0])
            if inside < -1.2 and math.hypot(x, y) > design.opening + 1.2:
                return x, y
        reach = (design.opening + design.frame) / 2
        return reach * math.cos(angle), reach * math.sin(angle)

    def on_top(self, color: np.ndarray, picture: Picture, scene: Scene) -> list[Hurt]:
        """Draw it where its surface shows."""
        turn = scene.view.rotor if self.surface == "blade" else 0.0
        cos, sin, angle = math.cos(turn), math.sin(turn), self.direction + turn
        x, y = cos * self.x - sin * self.y, sin * self.x + cos * self.y
        window = scene.window(x, y, self.reach)
        u, v = scene.u[window] - x, scene.v[window] - y
        along, off = u * math.cos(angle) + v * math.sin(angle), v * math.cos(angle) - u * math.sin(angle)
        patch, visible = color[:, window[0], window[1]], picture.visible(self.surface, window)
        return [(window, self.draw(Ground(patch, along, off, angle, visible, scene)))]

    def draw(self, ground: Ground) -> np.ndarray:
        """Draw it; return how much of each pixel it covers."""
        raise NotImplementedError


class Scratch(Mark, Defect, kind="scratch", order=8):
    """A scratch: bright on dark plastic, dark on light plastic and print."""

    sizes = Sizes(14.0, 55.0, 70.0, "length", even=True)

    def __init__(self, size: float, seed: int, design: Design) -> None:
        super().__init__(size, seed, design)
        if self.surface == "frame":
            # Along the rim: there is room for it, wherever on the frame it is.
            self.direction = math.atan2(self.y, self.x) + math.pi / 2 + (self.curve - 0.5) * 0.4
            if math.hypot(self.x, self.y) < design.opening + 5:
                self.direction = math.pi / 2 if abs(self.x) > abs(self.y) else 0.0
                self.bend, self.width = 0.0, 2.0

    def spot_on_frame(self, angle: float, share: float) -> tuple[float, float]:
        """Choose a spot; for a long one only the narrow sides of a square frame are long enough."""
        if self.size <= 30 or self.design.eared:
            return super().spot_on_frame(angle, share)
        angle, reach = math.pi / 2 * int(4 * share), (self.design.opening + self.design.frame) / 2
        return reach * math.cos(angle), reach * math.sin(angle)

    def draw(self, ground: Ground) -> np.ndarray:
        """Scratch the surface."""
        patch, along, mm = ground.patch, ground.along, ground.scene.mm
        off = np.abs(ground.off - self.bend * along * along)
        ends = np.clip(1 - np.abs(along) * (2 / self.size), 0, 1)
        rough = 0.82 + 0.18 * np.sin(along * 1.7 + self.direction) * np.sin(along * 0.63)
        line = strip(off, self.width / 2 * (0.3 + 0.7 * np.sqrt(ends)) * rough, mm)
        line *= cover(np.abs(along) - self.size / 2, mm) * thinness(self.size, mm)
        line *= ground.visible
        bare = np.where(patch[1] > 0.38, SCRATCH_DARK, SCRATCH_LIGHT)
        patch += line * (bare - patch)
        return line


class OilStain(Mark, Defect, kind="oil_stain", order=10):
    """Spilled oil: a dark, brownish film with a soft irregular edge, and the lamp mirrored at its rim."""

    sizes = Sizes(16.0, 42.0, 45.0, "largest extent", even=True)

    def chosen_surface(self) -> str:
        """Choose by chance what it lies on, as oil runs anywhere but on a strut."""
        return "blade" if self.spot < 0.5 else "frame" if self.spot < 0.75 else "hub"

    def draw(self, ground: Ground) -> np.ndarray:
        """Spill a few blots that run into each other."""
        half, scene, patch = self.size / 2, ground.scene, ground.patch
        random = np.random.default_rng([int(self.shape * 2**32), 6])
        blots = [(-0.52, 0.0, 0.48), (0.62, 0.1, 0.38)]
        blots += [
            (*random.uniform(-0.45, 0.45, 2).tolist(), float(random.uniform(0.2, 0.45))) for _ in range(4)
        ]
        view, cos, sin = scene.view, math.cos(ground.angle), math.sin(ground.angle)
        lamp_along, lamp_off = view.lamp_x * cos + view.lamp_y * sin, view.lamp_y * cos - view.lamp_x * sin

        def distance(toward: float) -> np.ndarray:
            x, y = ground.along + toward * lamp_along, ground.off + toward * lamp_off
            nearest = None
            for blot_x, blot_y, radius in blots:
                away = np.sqrt((x - half * blot_x) ** 2 + (y - half * blot_y) ** 2) - half * radius
                nearest = away if nearest is None else -smooth_max(-nearest, -away, 0.35 * half)
            return nearest

        here = distance(0.0)
        slope = np.clip(distance(1.0) - here, 0, 1)  # 1 where the film's edge faces the lamp
        soft = min(1.2, 0.3 * half) + 0.5 * scene.mm
        film = ramp(0.5 - here / soft) * min(1.0, (self.size / scene.mm) ** 2) * ground.visible
        tint = np.array((1.0, 0.92, 0.72), np.float32)[:, None, None]
        patch *= 1 - film * (1 - OIL_DARK * tint)
        wet = line_of(here + 0.2 * half, 0.16 * half) * slope + 0.22 * ramp(-2 * here / half - 0.5)
        patch += film * OIL_SHINE * wet
        return film


class Dust(Mark, Blemish, kind="dust", order=1):
    """A few light specks; the largest has the size asked for."""

    sizes = Sizes(0.4, BLEMISH_LIMIT, BLEMISH_LIMIT, "diameter of the largest speck")

    @property
    def reach(self) -> float:
        """How far from its middle it may change a pixel, mm."""
        return 6 * self.size + 4

    def draw(self, ground: Ground) -> np.ndarray:
        """Strew it."""
        mm, along, off = ground.scene.mm, ground.along, ground.off
        random = np.random.default_rng([int(self.shape * 2**32), 5])
        dust = np.zeros_like(along)
        for speck in range(int(random.integers(2, 6))):
            x, y, share = random.random(3).tolist()
            spread = 0.0 if speck == 0 else 4 * self.size + 3
            radius = self.size * (1 if speck == 0 else 0.3 + 0.5 * share) / 2
            away = np.sqrt((along - spread * (x - 0.5)) ** 2 + (off - spread * (y - 0.5)) ** 2)
            drawn = max(radius, 0.56 * mm)  # a disk of about a pixel's area
            np.maximum(dust, cover(away - drawn, mm) * (radius / drawn) ** 2, out=dust)
        dust *= ground.visible
        ground.patch[:] += dust * 0.8 * (DUST_LIGHT - ground.patch)
        return dust


class Scuff(Mark, Blemish, kind="scuff", order=2):
    """The surface is rubbed a little dull: faint short lines side by side."""

    sizes = Sizes(0.4, BLEMISH_LIMIT, BLEMISH_LIMIT, "length of the faint rub mark")

    def draw(self, ground: Ground) -> np.ndarray:
        """Rub it."""
        half = self.size / 2
        away = np.sqrt((ground.along / half) ** 2 + (ground.off / (0.6 * half)) ** 2)  # 1 at the edge
        rub = ramp(2.5 * (1.1 - away)) * thinness(self.size, ground.scene.mm)
        rub *= (0.7 + 0.3 * np.sin(ground.off * 5)) * ground.visible
        ground.patch[:] += rub * SCUFF_LIGHT
        return rub
