"""The rotor: blades on a cup, lit from one side."""

import math
from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from .picture import Picture, paint
from .scene import Scene, cover, overlap, ramp, smooth_max

CRACK_LIGHT = 0.85  # of dark plastic that strain has turned white along a crack
CRACK_DARK = 0.12  # of light plastic, where the crack's edges lie in the shade
BLADE_SHINE = 0.10  # what a blade mirrors of the lamp


class Blade(NamedTuple):
    """The points of a blade, as something that breaks it meets them: a plane each, but for ``mm``."""

    r: np.ndarray  # mm from the fan's center
    across: np.ndarray  # radians from the blade's middle line, which is swept back
    half: np.ndarray  # and where its edge is
    mm: float  # a pixel's width


Break = Callable[[Blade], tuple[np.ndarray, np.ndarray | float] | None]


def draw_rotor(picture: Picture, scene: Scene, broken: Break) -> None:
    """Draw the blades and the cup that carries them; all blades are one shape, folded about the center.

    ``broken`` says how much of each pixel of a blade is gone and how much is turned white by the strain.
    """
    view, design, look = scene.view, scene.design, scene.look
    window = scene.window(0, 0, design.blade_tip)
    u, v, r, mm = scene.u[window], scene.v[window], scene.r[window], scene.mm
    pitch = math.tau / design.blades
    out = (r - design.hub) / (design.blade_tip - design.hub)  # 0 at the hub, 1 at the tip
    sweep = math.radians(design.sweep) * out * (1 - design.curl + design.curl * out)
    turns = np.arctan2(v, u)
    turns -= view.rotor
    turns -= sweep
    turns /= pitch
    which = np.rint(turns)
    across = (turns - which) * pitch  # radians from the blade's middle line
    half = (0.5 * pitch) * (design.blade_share + 0.10 * (1 - out))
    side = (np.abs(across) - half) * r * 0.92  # 0.92: the edge runs askew to the circle
    blade = cover(smooth_max(side, r - design.blade_tip, 3.0), mm)
    white = 0.0
    damage = broken(Blade(r, across, half, mm))
    if damage is not None:
        lost, white = damage
        first = which % design.blades == 0
        lost *= first
        lost = overlap(lost, blade)
        white = white * first
        picture.mark(window, np.maximum(lost, white * blade))
        blade = blade - lost

    # A blade is tilted about its middle line: it catches the lamp on one side of the rotor only.
    along = across / half  # -1 at the leading edge, 1 at the trailing edge
    if design.sweep < 0:
        along *= -1
    around = scene.around[window]
    shading = design.rotor_shading
    light = 0.30 + (shading * (0.115 - 0.05 * along)) * around - shading * 0.055 * along
    light += 0.10 * np.clip(1 + (np.abs(along + 0.93) - 0.06) * -16, 0, 1) * (0.6 + 0.4 * around)
    light -= 0.10 * np.clip(1 - out * 4, 0, 1)
    # Where the twisted blade mirrors the lamp, a soft streak runs over it.
    streak = (0.25 - 0.55 * out) + along
    streak *= streak
    streak *= -3.0
    streak += 1
    np.maximum(streak, 0, out=streak)
    streak *= np.maximum(around, 0)
    streak *= BLADE_SHINE * design.gloss * look.gloss
    light += streak
    shade = np.sqrt((u + 3.0 * view.lamp_x) ** 2 + (v + 3.0 * view.lamp_y) ** 2)
    light *= 1 - 0.45 * ramp((design.hub + 4.5 - shade) / 5) - 0.35 * ramp((shade - design.opening + 6) / 8)
    light *= look.plastic
    strained = CRACK_LIGHT if max(design.rotor_color) < 1.5 else CRACK_DARK
    light += white * (strained - light)
    paint(picture.rotor[window], picture.rotor_share[window], blade, light)
    cup = cover(r - (design.hub + 1.6), mm)
    paint(picture.rotor[window], picture.rotor_share[window], cup, 0.13)
    if picture.hurt is not None:
        picture.hurt[window] *= 1 - cup
