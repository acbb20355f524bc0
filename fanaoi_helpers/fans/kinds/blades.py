"""How a blade breaks. It is the one that points to the right where the rotor has not turned."""

import math

import numpy as np

from ..defects import Defect, Sizes
from ..design import Design
from ..rotor import Blade
from ..scene import cover, strip, thinness

CRACK_GAPE = 0.13  # width of a crack where it began, as a share of its length
STRAINED = 1.0  # mm on either side of a crack that are turned white


class BladeMissing(Defect, kind="blade_missing", order=5):
    """A blade has lost its outer end."""

    sizes = Sizes(9.0, 31.0, 31.0, "length that is broken off a blade", even=True)

    def on_blade(self, blade: Blade) -> tuple[np.ndarray, float]:
        """Break it off along a rough edge."""
        end = self.design.blade_tip - self.size
        return cover(end - blade.r + min(1.6, 0.25 * self.size) * _rough(blade, self.angle), blade.mm), 0.0


class BladeChipped(Defect, kind="blade_chipped", order=6):
    """A bite is taken out of a blade's end: anywhere along the tip, its corners included."""

    sizes = Sizes(10.0, 30.0, 30.0, "width of the piece that is gone", even=True)

    def on_blade(self, blade: Blade) -> tuple[np.ndarray, float]:
        """Bite around a point of the blade's end, which is a share of its half width off its middle line."""
        design = self.design
        point, aside = design.blade_tip - 0.28 * self.size, 1.4 * self.side - 0.7
        long = design.blade_tip - design.hub
        lean = _lean(design, (point - design.hub) / long) / long
        x = blade.r - point
        y = (blade.across - blade.half * aside + lean * x) * blade.r
        bite = np.sqrt(x * x + y * y) - self.size / 2 + 0.05 * self.size * _rough(blade, self.angle)
        return cover(bite, blade.mm) * thinness(self.size, blade.mm), 0.0


class BladeCracked(Defect, kind="blade_cracked", order=7):
    """A crack runs from the tip along a blade, or from the trailing edge across."""

    sizes = Sizes(18.0, 30.0, 30.0, "length of the crack from the edge inward", even=True)

    def on_blade(self, blade: Blade) -> tuple[np.ndarray, np.ndarray]:
        """Crack it; the crack gapes where it began."""
        design = self.design
        long = design.blade_tip - design.hub
        if self.shape < 0.6:
            askew = math.hypot(1.0, _lean(design, 0.75) / long * (design.hub + 0.75 * long))
            depth = (design.blade_tip - blade.r) * askew
            off = (blade.across - blade.half * (1.4 * self.side - 0.7) * 0.6) * blade.r / askew
        else:
            depth = (blade.half - blade.across) * blade.r
            off = blade.r - (design.hub + long * (0.45 + 0.4 * self.shape))
        off = off + 0.9 * np.sin(depth * 0.27 + self.angle) + 0.22 * np.sin(depth * 1.3)
        np.abs(off, out=off)
        gape = (CRACK_GAPE / 2 * self.size) * np.clip(1 - depth / self.size, 0, 1)
        return strip(off, gape, blade.mm), strip(off, gape + STRAINED * np.minimum(gape * 4, 1), blade.mm)


def _rough(blade: Blade, phase: float) -> np.ndarray:
    """Return the ups and downs of an edge that has broken."""
    return np.sin(blade.across * 17 + phase) + 0.4 * np.sin(blade.across * 41 + 2 * phase)


def _lean(design: Design, out: float) -> float:
    """Return how steeply a blade is swept at ``out`` (0 at the hub, 1 at the tip), radians a blade length."""
    return math.radians(design.sweep) * (1 - design.curl + 2 * design.curl * out)
