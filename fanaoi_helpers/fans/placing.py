"""Where on a fan a defect or a blemish sits."""

import math
from dataclasses import dataclass

import numpy as np

from .defects import DEFECTS
from .design import Color, Design
from .scene import frame_outline


@dataclass(frozen=True)
class Scrap:
    """What falls into a fan: its form, color and material."""

    form: str  # film, ring, wire, tie or swarf
    color: Color
    opacity: float = 1.0
    gloss: float = 0.3  # strength of the highlight


RED, ORANGE, YELLOW = (0.95, 0.20, 0.10), (1.0, 0.55, 0.05), (1.0, 0.80, 0.10)
GREEN, BLUE, WHITE, BLACK = (0.20, 0.85, 0.25), (0.15, 0.35, 0.95), (0.95, 0.95, 0.92), (0.05, 0.05, 0.06)
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


@dataclass(frozen=True)
class Placed:
    """One defect or blemish in its place. Lengths in mm from the fan's center, angles in radians.

    What of it counts depends on the kind: a label is gone or shifted toward ``angle``; a piece of a blade is
    gone around (x, y) in the coordinates of the rotor, where blade 0 points to the right.
    """

    kind: str
    size: float
    surface: str  # that it lies on: blade, frame, hub or strut
    x: float
    y: float
    angle: float
    bend: float  # curvature of a scratch or wire, 1/mm
    width: float  # of a scratch, a wire or a film
    shape: float  # 0 to 1: which of several looks
    scrap: Scrap

    @property
    def turns(self) -> bool:
        """Whether it lies on the rotor and turns with it."""
        return self.surface == "blade"


def place(kind: str, size: float, seed: int, design: Design) -> Placed:
    """Return where on its fan the defect or blemish of a unit with this ``seed`` sits."""
    random = np.random.default_rng([seed, 1 if kind in DEFECTS else 4])
    angle, direction = random.uniform(0, math.tau, 2).tolist()
    spot, thickness, curve, side, shape = random.random(5).tolist()
    scrap = SCRAPS[int(random.integers(len(SCRAPS)))]
    x = y = bend = width = 0.0
    surface = ""
    if kind in ("label_missing", "label_torn") and not design.round_label:
        angle = math.pi * round(angle / math.pi)  # along the label's width, which its size is measured on
    if kind.startswith("blade"):
        # The bite is taken out of the blade's end: anywhere along the tip, its corners included.
        surface, x, y = "blade", design.blade_tip - 0.28 * size, 1.4 * side - 0.7
    elif kind == "screw_missing":
        surface = "frame"
        x, y = (design.hole_at * sign for sign in (1 - 2 * (spot < 0.5), 1 - 2 * (side < 0.5)))
    elif kind == "foreign_object":
        reach = design.blade_tip * math.sqrt(0.05 + 0.8 * spot)
        x, y = reach * math.cos(angle), reach * math.sin(angle)
        angle, width, bend = direction, 0.25 + 0.5 * thickness, (curve - 0.5) * 1.6
    elif kind in ("scratch", "oil_stain", "dust", "scuff"):
        surface = _surface(kind, size, spot, design)
        x, y = _spot_on(surface, kind, size, random, design)
        bend, width = (curve - 0.5) * 0.02, 2.0 + 1.0 * thickness
        angle = direction
        if kind == "scratch" and surface == "frame":
            # Along the rim: there is room for it, wherever on the frame it is.
            angle = math.atan2(y, x) + math.pi / 2 + (curve - 0.5) * 0.4
            if math.hypot(x, y) < design.opening + 5:
                angle, bend = math.pi / 2 if abs(x) > abs(y) else 0.0, 0.0
                width = 2.0
        elif surface == "strut":
            angle, bend, width = math.atan2(y, x), 0.0, 2.0
    return Placed(kind, size, surface, x, y, angle, bend, width, shape, scrap)


def _surface(kind: str, size: float, chance: float, design: Design) -> str:
    """Choose what a scratch, a stain or a blemish lies on: something that has room for it."""
    if kind == "oil_stain":
        return "blade" if chance < 0.5 else "frame" if chance < 0.75 else "hub"
    if chance < 0.55:
        return "blade"
    if chance < 0.65 and design.struts and size < 0.8 * (design.opening - design.hub):
        return "strut"
    return "hub" if chance < 0.8 and size < 1.2 * design.hub else "frame"


def _spot_on(
    surface: str, kind: str, size: float, random: np.random.Generator, design: Design
) -> tuple[float, float]:
    """Return the middle of something on a ``surface``, evenly anywhere that it fits."""
    angle = random.uniform(0, math.tau)
    share = random.random()
    if surface == "blade":
        reach = design.hub + 6.0 + (design.blade_tip - design.hub - 12.0) * share
    elif surface == "hub":
        reach = max(0.0, design.hub - 2 - size / 2) * math.sqrt(share)
    elif surface == "strut":
        reach = (design.hub + design.opening) / 2
        lean = math.radians(design.strut_lean) / 2
        angle = math.radians(design.strut_turn) + math.tau / design.struts * int(share * design.struts) + lean
    elif kind == "scratch" and size > 30 and not design.eared:
        # Only the narrow sides of the frame are long enough.
        angle = math.pi / 2 * int(4 * share)
        reach = (design.opening + design.frame) / 2
    else:
        for _ in range(200):
            x, y = random.uniform(-design.frame, design.frame, 2).tolist()
            inside = float(frame_outline(design, np.array([x]), np.array([y]))[0])
            if inside < -1.2 and math.hypot(x, y) > design.opening + 1.2:
                return x, y
        reach = (design.opening + design.frame) / 2
    return reach * math.cos(angle), reach * math.sin(angle)
