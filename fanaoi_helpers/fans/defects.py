"""What can be wrong with a fan: the kinds of defect, how large they are, and where they sit."""

import math
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Sizes:
    """The sizes of one kind of defect in mm on a 120 mm fan."""

    smallest: float  # that the line makes
    usual: float  # the largest that the line makes
    largest: float  # that can be asked for
    means: str  # what is measured
    even: bool = False  # spread evenly over the range; otherwise evenly on a log scale


SIZES = {
    "label_missing": Sizes(4.0, 35.0, 35.0, "how much of the label's width is gone", even=True),
    "label_off_center": Sizes(1.3, 10.0, 20.0, "how far the label is from its place"),
    "blade_missing": Sizes(9.0, 31.0, 31.0, "length that is broken off a blade", even=True),
    "blade_chipped": Sizes(7.0, 28.0, 30.0, "width of the piece that is gone"),
    "scratch": Sizes(6.0, 45.0, 70.0, "length"),
    "foreign_object": Sizes(4.5, 34.0, 40.0, "largest extent"),
}
DEFECTS = tuple(SIZES)

# Colors of what falls into a fan: scraps of wire, film and packaging.
OBJECT_COLORS = ((0.95, 0.20, 0.10), (1.0, 0.55, 0.05), (1.0, 0.80, 0.10))


@dataclass(frozen=True)
class Placed:
    """One defect in its place. Lengths in mm from the fan's center, angles in radians.

    What of it counts depends on the kind: a label is gone or shifted toward ``angle``; a piece of a blade is
    gone around (x, y) in the coordinates of the rotor, where blade 0 points to the right.
    """

    kind: str
    size: float
    x: float
    y: float
    angle: float
    bend: float  # curvature of a scratch or wire, 1/mm
    width: float  # of a scratch, a wire or a film
    shape: int
    color: tuple[float, float, float]
    turns: bool  # lies on the rotor and turns with it


def size_at(kind: str, share: float) -> float:
    """Return the size of ``kind`` in mm that ``share`` (0 to 1) of the line's units of that kind stay below.

    >>> [size_at("scratch", share) for share in (0.0, 0.5, 1.0)]
    [6.0, 16.43, 45.0]
    """
    sizes = SIZES[kind]
    if sizes.even:
        return round(sizes.smallest + share * (sizes.usual - sizes.smallest), 2)
    return round(sizes.smallest * (sizes.usual / sizes.smallest) ** share, 2)


def place(kind: str, size: float, seed: int, hub: float, blade_tip: float) -> Placed:
    """Return where on its fan the defect of a unit with this ``seed`` sits."""
    random = np.random.default_rng([seed, 1])
    angle, direction = random.uniform(0, math.tau, 2).tolist()
    spot, thickness, curve, side = random.random(4).tolist()
    shape, color = int(random.integers(3)), OBJECT_COLORS[random.integers(len(OBJECT_COLORS))]
    x = y = bend = width = 0.0
    turns = kind in ("blade_missing", "blade_chipped")
    if kind == "blade_chipped":
        # The bite is taken out of the blade's end: anywhere along the tip, its corners included.
        x, y = blade_tip - 0.28 * size, 1.4 * side - 0.7
    elif kind == "scratch":
        # Two of three on the rotor's blades, the others across a corner of the frame.
        width = 2.0 + 1.0 * thickness
        bend = (curve - 0.5) * 0.02
        turns = shape > 0
        if turns:
            reach = hub + 6.0 + (blade_tip - hub - 12.0) * spot
        else:
            reach = blade_tip + 7.0 + 5.0 * spot
            corner = math.pi / 4 + math.pi / 2 * math.floor(4 * side)
            angle, direction = (
                corner + (angle / math.tau - 0.5) * 0.2,
                corner + math.pi / 2 + (curve - 0.5) * 0.6,
            )
        x, y = reach * math.cos(angle), reach * math.sin(angle)
        angle = direction
    elif kind == "foreign_object":
        reach = blade_tip * math.sqrt(0.05 + 0.8 * spot)
        x, y = reach * math.cos(angle), reach * math.sin(angle)
        angle, width, bend = direction, 0.25 + 0.5 * thickness, (curve - 0.5) * 1.6
    return Placed(kind, size, x, y, angle, bend, width, shape, color, turns)
