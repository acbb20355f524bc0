"""What can be wrong with a fan: a kind of damage is a class, one damage of one fan an object of it.

A kind says how large it is, where it may lie and what it does to a photograph; all kinds are in `kinds`.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from ..errors import WorkbookError
from .design import Design
from .fittings import Screw
from .label import Sticker, stuck
from .picture import Hurt, Picture
from .rotor import Blade
from .scene import Scene

LEAST_SIZE = 0.1  # mm; that can be asked for
TINY = 0.5  # mm; where the range of all sizes begins: no photograph at 80x80 shows it
# The limit sample: a fan with dust or a scuff of up to so many mm is GO, with more it is NG.
BLEMISH_LIMIT = 3.0
EFFECTS = ("on_blade", "on_screw", "on_label", "on_top")  # what a kind of damage may do, each a method


@dataclass(frozen=True)
class Sizes:
    """The sizes of one kind of damage in mm on a 120 mm fan."""

    smallest: float  # that the line makes
    usual: float  # the largest that the line makes
    largest: float  # that can be asked for
    means: str  # what is measured
    even: bool = False  # the line's range is filled evenly; otherwise evenly on a log scale

    def at(self, share: float, sizes: str = "usual") -> float:
        """Return the size in mm that ``share`` (0 to 1) of the line's units of this kind stay below.

        ``sizes`` is "usual" for the line's own range, or "all" for a log scale from 0.5 mm to the largest.

        >>> scratch = Sizes(14.0, 55.0, 70.0, "length", even=True)
        >>> [scratch.at(share) for share in (0.0, 0.5, 1.0)]
        [14.0, 34.5, 55.0]
        >>> [scratch.at(share, "all") for share in (0.0, 0.5, 1.0)]
        [0.5, 5.92, 70.0]
        """
        low, high = (TINY, self.largest) if sizes == "all" else (self.smallest, self.usual)
        if self.even and sizes != "all":
            return round(low + share * (high - low), 2)
        return round(low * (high / low) ** share, 2)


class Damage:
    """What has happened to one fan: here nothing. A class below it is a kind, an object one damage of a fan.

    Lengths are in mm from the fan's center, angles in radians. Chance draws the same of one seed for all
    kinds; what a kind makes of it is the kind's own affair.
    """

    kind: ClassVar[str]
    called: ClassVar[str]  # the kind in plain words
    order: ClassVar[int]  # of the kinds; which fan gets which hangs on it
    sizes: ClassVar[Sizes]
    stream: ClassVar[int] = 1  # of random numbers

    def __init_subclass__(cls, *, kind: str = "", called: str = "", order: int = 1000) -> None:
        """Take a class that is given a ``kind`` for one that the line makes.

        Raises:
            WorkbookError: such a class has no sizes, or would leave every fan as it was.
        """
        cls.kind, cls.called, cls.order = kind, called or kind.replace("_", " "), order
        if kind and not hasattr(cls, "sizes"):
            raise WorkbookError(f"The kind {kind!r} has no sizes; give its class {cls.__name__} some.")
        if kind and all(getattr(cls, effect) is getattr(Damage, effect) for effect in EFFECTS):
            raise WorkbookError(
                f"The kind {kind!r} changes no photograph; give its class {cls.__name__} one of "
                f"{', '.join(EFFECTS)}."
            )

    def __init__(self, size: float, seed: int, design: Design) -> None:
        self.size, self.design = size, design
        self.random = np.random.default_rng([seed, self.stream])
        self.angle, self.direction = self.random.uniform(0, math.tau, 2).tolist()
        self.spot, self.thickness, self.curve, self.side, self.shape = self.random.random(5).tolist()
        self.pick = int(self.random.integers(13))

    def on_blade(self, blade: Blade) -> tuple[np.ndarray, np.ndarray | float] | None:
        """Return how much of each pixel of a blade is gone, and how much the strain has turned white."""
        return None

    def on_screw(self, screw: Screw) -> np.ndarray | None:
        """Return how much of each pixel of a screw is gone; None where it is another screw."""
        return None

    def on_label(self, scene: Scene) -> tuple[Sticker, Sequence[Hurt]]:
        """Return how the label is stuck on, and where that is wrong."""
        return stuck(scene), ()

    def on_top(self, color: np.ndarray, picture: Picture, scene: Scene) -> Sequence[Hurt]:
        """Draw into ``color`` (3, S, S) what lies on the fan or has touched it; return where."""
        return ()


class Defect(Damage):
    """What makes a fan NG."""


class Blemish(Damage):
    """What is still allowed."""

    stream = 4
