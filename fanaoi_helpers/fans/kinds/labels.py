"""How a label is stuck on wrongly, or has suffered since."""

import math
from dataclasses import replace

import numpy as np

from ..defects import Defect, Sizes
from ..label import Sticker, stuck
from ..picture import Hurt
from ..scene import Scene, cover, overlap

FIBER = 0.86  # brightness of torn paper


class Torn(Defect):
    """A part of the label is gone, from a side of it inward."""

    def on_label(self, scene: Scene) -> tuple[Sticker, list[Hurt]]:
        """Take the part away."""
        sticker, angle = stuck(scene), self.angle
        if not self.design.round_label:
            angle = math.pi * round(angle / math.pi)  # along the label's width, which its size is measured on
        cos, sin = math.cos(angle), math.sin(angle)
        along = sticker.along * cos + sticker.across * sin
        across = sticker.across * cos - sticker.along * sin
        gone, fiber = self.gone(self.design.label - along, across, scene.mm)
        shadow = 1 - gone
        gone = overlap(gone, sticker.paper)
        ink = sticker.ink + fiber * gone * (FIBER - sticker.ink)
        left = replace(sticker, ink=ink, paper=sticker.paper - gone * (1 - fiber), shadow=shadow)
        return left, [(sticker.window, gone)]

    def gone(self, depth: np.ndarray, across: np.ndarray, mm: float) -> tuple[np.ndarray, np.ndarray | float]:
        """Return how much of each pixel is gone, and how much of that still holds fibers of paper.

        A point of the label is ``depth`` mm from its rim inward and ``across`` mm aside.
        """
        raise NotImplementedError


class LabelMissing(Torn, kind="label_missing", order=1):
    """A side of the label is gone, or all of it."""

    sizes = Sizes(6.0, 35.0, 35.0, "how much of the label's width is gone", even=True)

    def gone(self, depth: np.ndarray, across: np.ndarray, mm: float) -> tuple[np.ndarray, float]:
        """Cut along a ragged line."""
        if self.size >= 2 * self.design.label:  # the whole label: no ragged edge is left of it
            return np.ones_like(depth), 0.0
        torn = depth - self.size
        torn -= min(1.0, 0.5 * self.size) * (0.35 * np.sin(across * 1.3) + 0.2 * np.sin(across * 3.1))
        return cover(torn, mm), 0.0


class LabelTorn(Torn, kind="label_torn", order=4):
    """A strip is torn off from the rim; where it parted from the rest, the paper's white fibers show."""

    sizes = Sizes(13.0, 34.0, 35.0, "length of the tear from the rim inward", even=True)

    def gone(self, depth: np.ndarray, across: np.ndarray, mm: float) -> tuple[np.ndarray, np.ndarray]:
        """Tear a strip off that narrows inward."""
        across = across + 0.5 * np.sin(depth * 0.8) + 0.25 * np.sin(depth * 2.1)
        half = min(5.5, 1.4 + 0.18 * self.size) * np.clip(1.15 - 0.5 * depth / self.size, 0.3, 1.2)
        torn = np.maximum(np.abs(across) - half, depth - self.size + 0.4 * np.sin(across * 2.4))
        gone = cover(torn, mm)
        ragged = 0.75 + 0.35 * np.sin(depth * 2.9) * np.sin(across * 3.7 + 1)
        return gone, gone - cover(torn + ragged, mm)


class LabelOffCenter(Defect, kind="label_off_center", order=2):
    """The label is stuck on beside its place."""

    sizes = Sizes(2.2, 10.0, 20.0, "how far the label is from its place")

    def on_label(self, scene: Scene) -> tuple[Sticker, list[Hurt]]:
        """Move it; wrong is where it should be and where it is."""
        right = stuck(scene)
        moved = stuck(scene, self.size * math.cos(self.angle), self.size * math.sin(self.angle))
        return moved, [(sticker.window, sticker.paper) for sticker in (right, moved)]


class LabelRotated(Defect, kind="label_rotated", order=3):
    """The label is turned, to one side or the other."""

    sizes = Sizes(8.0, 55.0, 55.0, "how far its edge has moved along its rim", even=True)

    def on_label(self, scene: Scene) -> tuple[Sticker, list[Hurt]]:
        """Turn it; wrong is where it shows something else: 1 where that is plain to see."""
        right = stuck(scene)
        turned = stuck(
            scene, turn=math.copysign(min(math.pi, self.size / self.design.label), self.shape - 0.5)
        )
        print_ = np.abs(right.ink - turned.ink).max(axis=0) * np.minimum(right.paper, turned.paper)
        other = np.clip(np.maximum(print_ * 4, np.abs(right.paper - turned.paper)), 0, 1)
        return turned, [(turned.window, other)]
