"""The rotor: blades on a cup, lit from one side, and how a blade breaks."""

import math

import numpy as np

from .design import Design
from .picture import Picture, paint
from .placing import Placed
from .scene import Scene, cover, overlap, ramp, smooth_max, strip, thinness
from .units import Look

CRACK_GAPE = 0.13  # width of a crack where it began, as a share of its length
STRAINED = 1.0  # mm on either side of a crack that are turned white
CRACK_LIGHT = 0.85  # of dark plastic that strain has turned white along a crack
CRACK_DARK = 0.12  # of light plastic, where the crack's edges lie in the shade
BLADE_SHINE = 0.10  # what a blade mirrors of the lamp


def draw_rotor(picture: Picture, scene: Scene, design: Design, look: Look, defect: Placed | None) -> None:
    """Draw the blades and the cup that carries them; all blades are one shape, folded about the center."""
    window, view = scene.window(0, 0, design.blade_tip), scene.view
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
    if defect and defect.kind.startswith("blade"):
        lost, white = _lost(defect, design, r, across, half, mm)
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


def _lost(
    defect: Placed, design: Design, r: np.ndarray, across: np.ndarray, half: np.ndarray, mm: float
) -> tuple[np.ndarray, np.ndarray | float]:
    """Return how much of each pixel of a blade is gone, and how much is turned white by the strain.

    A point of the blade is at r mm from the center and ``across`` radians from the blade's middle line, which
    is swept back; ``half`` is where its edge is.
    """
    rough = np.sin(across * 17 + defect.angle) + 0.4 * np.sin(across * 41 + 2 * defect.angle)
    if defect.kind == "blade_missing":
        return cover(design.blade_tip - defect.size - r + min(1.6, 0.25 * defect.size) * rough, mm), 0.0
    long = design.blade_tip - design.hub
    if defect.kind == "blade_chipped":
        # A bite around a point of the blade's end: (mm from the center, share of the blade's half width).
        lean = _lean(design, (defect.x - design.hub) / long) / long
        x = r - defect.x
        y = (across - half * defect.y + lean * x) * r
        bite = np.sqrt(x * x + y * y) - defect.size / 2 + 0.05 * defect.size * rough
        return cover(bite, mm) * thinness(defect.size, mm), 0.0
    # A crack runs from the tip along the blade, or from the trailing edge across, and gapes where it began.
    if defect.shape < 0.6:
        askew = math.hypot(1.0, _lean(design, 0.75) / long * (design.hub + 0.75 * long))
        depth, off = (design.blade_tip - r) * askew, (across - half * defect.y * 0.6) * r / askew
    else:
        depth, off = (half - across) * r, r - (design.hub + long * (0.45 + 0.4 * defect.shape))
    off = off + 0.9 * np.sin(depth * 0.27 + defect.angle) + 0.22 * np.sin(depth * 1.3)
    np.abs(off, out=off)
    gape = (CRACK_GAPE / 2 * defect.size) * np.clip(1 - depth / defect.size, 0, 1)
    return strip(off, gape, mm), strip(off, gape + STRAINED * np.minimum(gape * 4, 1), mm)


def _lean(design: Design, out: float) -> float:
    """Return how steeply a blade is swept at ``out`` (0 at the hub, 1 at the tip), radians a blade length."""
    return math.radians(design.sweep) * (1 - design.curl + 2 * design.curl * out)
