"""What does not turn: the mat below the fan, the frame, its struts and the hub."""

import math

import numpy as np

from .picture import Picture, paint
from .scene import Scene, cover, frame_outline, line_of, ramp, unit_range

STRUT_SHADOW = 0.42  # of the light that a strut takes from what lies below


def lit_mat(scene: Scene) -> np.ndarray:
    """Return the light on the mat, with the soft shadow of the frame on the side away from the lamp."""
    view, design = scene.view, scene.design
    u, v = scene.u + 4.0 * view.lamp_x, scene.v + 4.0 * view.lamp_y
    shadow = ramp(0.5 - frame_outline(design, u, v) / 12)
    mat = 0.86 - 0.42 * shadow
    window = scene.window(0, 0, design.opening)
    u, v = u[window], v[window]
    deep = ramp((np.sqrt(u * u + v * v) - (design.opening - 9)) / 14)  # the frame is 25 mm high
    np.copyto(mat[window], 0.80 - 0.26 * deep, where=scene.r[window] < design.opening)
    return mat


def draw_frame(picture: Picture, scene: Scene) -> None:
    """Draw the duct's inner wall, the frame, and the struts."""
    view, design, look = scene.view, scene.design, scene.look
    u, v, r, facing, mm = scene.u, scene.v, scene.r, scene.facing, scene.mm
    wall = cover(np.maximum(design.blade_tip + 0.9 - r, r - design.opening - 1), mm)
    paint(picture.frame, picture.frame_share, wall, (0.17 - 0.11 * facing) * look.plastic)

    outline = frame_outline(design, u, v, r)
    light = 0.225 + 0.0006 * (view.lamp_x * u + view.lamp_y * v)
    cube = design.frame**-3
    toward = u * u * u * (view.lamp_x * cube) + v * v * v * (view.lamp_y * cube)
    light += np.clip(1 + outline / 1.5, 0, 1) * toward * 0.17
    light += line_of(r - (design.opening + 1.0), 1.2) * (0.05 - 0.13 * facing)
    light += line_of(r - (design.opening + 5.2), 0.9) * facing * 0.08
    body = cover(np.maximum(outline, design.opening - r), mm)
    light *= look.plastic
    paint(picture.frame, picture.frame_share, body, light)
    if design.struts:
        _draw_struts(picture, scene)


def _draw_struts(picture: Picture, scene: Scene) -> None:
    """Draw the struts from the hub to the frame, and their shadow on the blades."""
    design, mm, window = scene.design, scene.mm, scene.window(0, 0, scene.design.opening)
    u, v, r, around = (plane[window] for plane in (scene.u, scene.v, scene.r, scene.around))
    pitch = math.tau / design.struts
    lean = math.radians(design.strut_lean) / (design.opening - design.hub)
    turns = np.arctan2(v, u)
    turns -= math.radians(design.strut_turn)
    if lean:
        turns -= lean * (r - design.hub)
    turns /= pitch
    which = np.rint(turns)
    off = (turns - which) * (r * pitch)
    half = design.strut_width / 2 + 0.012 * (design.opening - r)
    half += 1.1 * (which % design.struts == 0)  # one strut is wider: it carries the cable
    within = (r > design.hub - 1) & (r < design.opening + 1)
    open_ = (1 - picture.frame_share[window]) * within
    shadow = 1 - STRUT_SHADOW * unit_range(1.2 - (np.abs(off + 1.5 * around) - half) / 2.6) * open_
    picture.rotor[window] *= shadow
    picture.mat[window] *= shadow
    bar = cover(np.abs(off) - half, mm) * within
    # Rounded: one flank faces the lamp, the other one turns away.
    flank = np.clip(off / half, -1, 1)
    light = 0.26 - 0.05 * flank * flank
    light += 0.11 * flank * around
    light *= scene.look.plastic
    paint(picture.frame[window], picture.frame_share[window], bar, light)


def draw_hub(picture: Picture, scene: Scene) -> None:
    """Draw the motor's base: a flat disk with a bevel that catches the lamp."""
    view, design, look = scene.view, scene.design, scene.look
    window = scene.window(0, 0, design.hub)
    r, facing = scene.r[window], scene.facing[window]
    bevel = unit_range((r - (design.hub - 2.6)) / 1.4)
    u, v = scene.u[window], scene.v[window]
    light = 0.25 + 0.0016 * (view.lamp_x * u + view.lamp_y * v) + bevel * (0.02 + 0.17 * facing)
    light -= line_of(r - (design.hub - 4.2), 0.7) * (0.05 + 0.05 * facing)
    x, y = u - 11 * view.lamp_x, v - 11 * view.lamp_y
    light += 0.07 * look.gloss * design.gloss / (1 + (x * x + y * y) * (1 / 90))
    disk = cover(r - design.hub, scene.mm)
    paint(picture.frame[window], picture.frame_share[window], disk, light * look.plastic)
