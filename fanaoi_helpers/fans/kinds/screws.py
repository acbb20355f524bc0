"""What happens to screws."""

import math

import numpy as np

from ..defects import Defect, Sizes
from ..fittings import Screw
from ..scene import cover


class ScrewMissing(Defect, kind="screw_missing", order=11):
    """One of the four screws is sheared off or was never put in."""

    sizes = Sizes(5.5, 8.0, 8.0, "how much of the screw head's width is gone", even=True)

    def on_screw(self, screw: Screw) -> np.ndarray | None:
        """Take a side of its head away."""
        if (screw.x < 0) != (self.spot < 0.5) or (screw.y < 0) != (self.side < 0.5):
            return None
        along = screw.u * math.cos(self.angle) + screw.v * math.sin(self.angle)
        return cover(self.design.screw - self.size - along, screw.mm)
