"""What a photograph is painted on: two layers of gray plastic over a lit mat, then color."""

from dataclasses import dataclass

import numpy as np

from .design import Design
from .scene import Window

MAT_COLOR = (0.20, 0.62, 0.56)

Hurt = tuple[Window, np.ndarray]  # how much of each pixel in a window a defect covers


@dataclass
class Picture:
    """The planes of a picture, (S, S) float32, from back to front.

    A layer is ``light``, what its material sends before it is colored, times ``share``, how much of the pixel
    it covers. Nothing of the frame lies below the rotor.
    """

    mat: np.ndarray
    rotor: np.ndarray
    rotor_share: np.ndarray
    frame: np.ndarray
    frame_share: np.ndarray
    hurt: np.ndarray | None = None  # how much of each pixel a defect covers, if any

    def visible(self, surface: str, window: Window) -> np.ndarray:
        """Return how much of each pixel in ``window`` shows the blades, or else any other part of the fan."""
        frame = self.frame_share[window]
        return self.rotor_share[window] * (1 - frame) if surface == "blade" else frame

    def mark(self, window: Window, share: np.ndarray) -> None:
        """Note that a defect covers so much of each pixel in ``window``."""
        if self.hurt is None:
            self.hurt = np.zeros_like(self.mat)
        np.maximum(self.hurt[window], share, out=self.hurt[window])


def blank(mat: np.ndarray) -> Picture:
    """Return a picture of the ``mat`` alone."""
    return Picture(mat, *(np.zeros_like(mat) for _ in range(4)))


def paint(light: np.ndarray, share: np.ndarray, cover: np.ndarray, value: np.ndarray | float) -> None:
    """Lay plastic that sends ``value`` over a layer's planes where ``cover`` says, in place."""
    light += cover * (value - light)
    share += cover * (1 - share)


def in_color(picture: Picture, design: Design) -> np.ndarray:
    """Return the picture so far as (3, S, S) float32."""
    open_ = 1 - picture.frame_share
    mat = 1 - picture.rotor_share * design.rotor_opacity
    mat *= picture.mat
    mat *= open_
    color = np.empty((3, *mat.shape), np.float32)
    same = design.rotor_color == design.frame_color
    front = picture.rotor * open_
    front *= design.rotor_opacity
    if same:
        front += picture.frame
    part = np.empty_like(mat)
    for channel in range(3):
        np.multiply(mat, MAT_COLOR[channel], out=color[channel])
        color[channel] += np.multiply(front, design.rotor_color[channel], out=part)
        if not same:
            color[channel] += np.multiply(picture.frame, design.frame_color[channel], out=part)
    return color
