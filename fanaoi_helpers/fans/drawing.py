"""How a fan is photographed: signed distances in millimeters become light on a sensor.

A *signed distance* is negative inside a shape and positive outside, in mm; a pixel's share of the shape is
half at its edge and falls from 1 to 0 over one pixel, so that edges are smooth at any size. The formulas for
the box and the circle are those of https://iquilezles.org/articles/distfunctions2d/.

The fan is painted from back to front on three planes: ``mat`` (the mat behind the fan), ``light`` (what the
gray plastic sends, multiplied by its share of the pixel) and ``share`` (how much of the pixel is plastic).
Only then comes color, and in color the label, a scratch or a foreign object.
"""

import math
from dataclasses import dataclass
from functools import lru_cache
from itertools import product
from statistics import NormalDist
from types import SimpleNamespace

import numpy as np

from ..errors import WorkbookError, whole_number
from .defects import Placed, place
from .design import AF120, Design, Unit
from .label import label_texture

FIELD = 134.0  # mm that a photograph shows from side to side
LARGEST_PHOTO = 2048
SMALLEST_PHOTO = 16

MAT_TINT = (0.20, 0.62, 0.56)
PLASTIC_TINT = (0.78, 0.80, 0.84)


@dataclass(frozen=True)
class Shot:
    """One photograph of a unit: ``pixels`` (S, S, 3) uint8, and what can be seen of its defect.

    ``mask`` (S, S) bool is True where the defect shows; ``box`` is (x0, y0, x1, y1) around it in pixels,
    half-open, or None where there is nothing to see.
    """

    pixels: np.ndarray
    mask: np.ndarray
    box: tuple[int, int, int, int] | None


@dataclass(frozen=True)
class Conditions:
    """How photographs are taken: the spread of each thing that varies from shot to shot."""

    rotor: float = 5.0  # degrees, to either side of where the fixture's finger stops a blade, whichever comes
    shift: float = 0.6  # mm, to either side
    turn: float = 0.5  # degrees, to either side
    zoom: float = 0.006  # share, to either side
    light_turn: float = 8.0  # degrees, to either side of the upper left
    exposure: float = 0.02  # share, to either side
    white_balance: float = 0.01
    blur: tuple[float, float] = (0.30, 0.52)  # mm, standard deviation
    noise: float = 0.010  # standard deviation, at full light


USUAL = Conditions()


def render(
    unit: Unit, shot: int = 0, size: int = 160, *, design: Design = AF120, conditions: Conditions = USUAL
) -> Shot:
    """Photograph ``unit`` for the ``shot``-th time, at ``size`` × ``size`` pixels.

    The same unit, shot and size give the same pixels. Rotor angle, pose, light, blur and noise differ from
    shot to shot and know nothing of the defect: a GO and an NG unit of one seed differ in the defect alone.

    Raises:
        WorkbookError: ``unit`` is no `Unit`, or ``shot`` or ``size`` is out of range.

    >>> from fanaoi_helpers import fans
    >>> photograph = fans.render(fans.make_unit("F0001", seed=1), size=32)
    >>> photograph.pixels.shape, photograph.pixels.dtype, photograph.box
    ((32, 32, 3), dtype('uint8'), None)
    """
    if not isinstance(unit, Unit):
        raise WorkbookError(f"unit is {unit!r}, but it must be a fan from fans.make_unit or fans.make_units.")
    shot = whole_number("shot", shot, 0, 10**6)
    size = whole_number("size", size, SMALLEST_PHOTO, LARGEST_PHOTO)
    random = np.random.default_rng([unit.seed, 2, shot])
    look = _look_of(unit)
    view = _view_of(random, conditions, design)
    defect = None
    if unit.defect:
        defect = place(unit.defect, unit.defect_size, unit.seed, design.hub, design.blade_tip)
    scene = _scene(size, view)
    picture = SimpleNamespace(
        mat=_draw_mat(scene, design),
        light=np.zeros((size, size), np.float32),
        share=np.zeros((size, size), np.float32),
        hurt=None,
    )
    _draw_rotor(picture, scene, design, look, defect)
    _draw_frame(picture, scene, design, look)
    _draw_hub(picture, scene, design, look)
    color = _in_color(picture)
    _draw_label(color, picture, scene, design, look, defect, unit)
    if defect and defect.kind == "scratch":
        _draw_scratch(color, picture, scene, design, defect)
    if defect and defect.kind == "foreign_object":
        _draw_object(color, picture, scene, defect)
    mask = np.zeros((size, size), bool) if picture.hurt is None else _seen(picture.hurt)
    return Shot(_expose(color, scene, random), mask, box_of(mask))


def box_of(mask: np.ndarray) -> tuple[int, int, int, int] | None:
    """Return the half-open box (x0, y0, x1, y1) in pixels around what is True in ``mask`` (H, W), or None.

    >>> box_of(np.array([[False, False, False], [False, True, True]]))
    (1, 1, 3, 2)
    """
    rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    if not len(rows):
        return None
    return int(columns[0]), int(rows[0]), int(columns[-1]) + 1, int(rows[-1]) + 1


# What varies: from unit to unit, and from shot to shot.


def _look_of(unit: Unit) -> SimpleNamespace:
    """Draw what makes this unit differ from its neighbors, within what counts as good."""
    random = np.random.default_rng([unit.seed, 0])
    return SimpleNamespace(
        plastic=random.uniform(0.94, 1.06),
        gloss=random.uniform(0.8, 1.2),
        paper=random.uniform(0.97, 1.03),
        label_x=random.uniform(-0.3, 0.3),
        label_y=random.uniform(-0.3, 0.3),
        label_turn=math.radians(random.uniform(-2, 2)),
        lot=f"{random.integers(23, 27):02d}{random.integers(1, 53):02d}-{random.integers(10000):04d}",
    )


def _view_of(random: np.random.Generator, conditions: Conditions, design: Design) -> SimpleNamespace:
    """Draw how this shot is taken."""
    # Plain floats: NumPy's own would turn float32 planes into float64.
    either = random.uniform(-1, 1, 11).tolist()
    stopped = int(random.integers(design.blades))  # the blade that the finger stops
    lamp = math.radians(-128 + conditions.light_turn * either[4])  # y points down: this is the upper left
    low, high = conditions.blur
    return SimpleNamespace(
        rotor=math.tau * stopped / design.blades + math.radians(conditions.rotor * either[10]),
        x=conditions.shift * either[0],
        y=conditions.shift * either[1],
        turn=math.radians(conditions.turn * either[2]),
        zoom=1 + conditions.zoom * either[3],
        lamp_x=math.cos(lamp),
        lamp_y=math.sin(lamp),
        exposure=1 + conditions.exposure * either[5],
        balance=[1 + conditions.white_balance * share for share in either[6:9]],
        blur=low + (high - low) * (either[9] + 1) / 2,
        noise=conditions.noise,
    )


# Geometry. x points to the right, y down, lengths in mm; all planes are (S, S) float32.


@lru_cache(maxsize=4)
def _grid(size: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return x and y of every pixel's center on the mat in mm, and the lens's vignette."""
    along = ((np.arange(size, dtype=np.float32) + 0.5) / size - 0.5) * FIELD
    x, y = np.meshgrid(along, along)
    vignette = 1 - 0.16 * (x * x + y * y) / (FIELD * FIELD / 2)
    return x, y, vignette.astype(np.float32)


def _scene(size: int, view: SimpleNamespace) -> SimpleNamespace:
    """Return where each pixel looks: u, v on the fan, r from its center, how far that side faces the lamp."""
    x, y, vignette = _grid(size)
    cos, sin = math.cos(view.turn) / view.zoom, math.sin(view.turn) / view.zoom
    u = cos * x + sin * y - (cos * view.x + sin * view.y)
    v = cos * y - sin * x - (cos * view.y - sin * view.x)
    r = np.sqrt(u * u + v * v) + np.float32(1e-3)
    facing = (view.lamp_x * u + view.lamp_y * v) / r
    mm = FIELD / size / view.zoom
    return SimpleNamespace(
        size=size, view=view, u=u, v=v, r=r, facing=facing, mm=mm, x=x, y=y, vignette=vignette
    )


def _cover(distance: np.ndarray, mm: float) -> np.ndarray:
    """Return how much of each pixel lies inside a shape, from its signed distance in mm."""
    return np.clip(0.5 - distance / mm, 0, 1)


def _ramp(value: np.ndarray) -> np.ndarray:
    """Return ``value`` held within 0 and 1, with soft ends (smoothstep)."""
    value = np.clip(value, 0, 1)
    return value * value * (3 - 2 * value)


def _box(x: np.ndarray, y: np.ndarray, half_x: float, half_y: float, corner: float) -> np.ndarray:
    """Return the signed distance to a box about the origin with rounded corners."""
    x, y = np.abs(x) - (half_x - corner), np.abs(y) - (half_y - corner)
    outside_x, outside_y = np.maximum(x, 0), np.maximum(y, 0)
    return np.sqrt(outside_x**2 + outside_y**2) + np.minimum(np.maximum(x, y), 0) - corner


def _window(scene: SimpleNamespace, x: float, y: float, reach: float) -> tuple[slice, slice]:
    """Return the rows and columns that hold everything within ``reach`` mm of (x, y) on the fan."""
    view = scene.view
    cos, sin = math.cos(view.turn) * view.zoom, math.sin(view.turn) * view.zoom
    center_x, center_y = cos * x - sin * y + view.x, sin * x + cos * y + view.y
    reach = reach * view.zoom + 2 * scene.mm

    def span(center: float) -> slice:
        first, last = ((center + side + FIELD / 2) * scene.size / FIELD for side in (-reach, reach))
        return slice(max(0, int(first)), max(0, min(scene.size, int(last) + 1)))

    return span(center_y), span(center_x)


def _paint(
    picture: SimpleNamespace,
    cover: np.ndarray,
    light: np.ndarray | float,
    window: tuple[slice, slice] = (slice(None), slice(None)),
) -> None:
    """Lay gray plastic of brightness ``light`` over the picture where ``cover`` says."""
    below, share = picture.light[window], picture.share[window]
    below += cover * (light - below)
    share += cover * (1 - share)


# The parts, from the mat up.


def _draw_mat(scene: SimpleNamespace, design: Design) -> np.ndarray:
    """Return the lit mat with the soft shadow of the frame, on the side away from the lamp."""
    view = scene.view
    u, v = scene.u + 4.0 * view.lamp_x, scene.v + 4.0 * view.lamp_y
    shadow = _ramp(0.5 - _box(u, v, design.frame, design.frame, design.corner) / 12)
    deep = _ramp((np.sqrt(u * u + v * v) - (design.opening - 9)) / 14)  # the frame is 25 mm high
    inside = scene.r < design.opening
    return np.where(inside, 0.80 - 0.26 * deep, 0.86 - 0.42 * shadow)


def _draw_rotor(
    picture: SimpleNamespace,
    scene: SimpleNamespace,
    design: Design,
    look: SimpleNamespace,
    defect: Placed | None,
) -> None:
    """Draw the blades and the cup that carries them; all blades are one shape, folded about the center."""
    view, r = scene.view, scene.r
    cos, sin = math.cos(view.rotor), math.sin(view.rotor)
    x, y = cos * scene.u + sin * scene.v, cos * scene.v - sin * scene.u
    pitch = math.tau / design.blades
    out = (r - design.hub) / (design.blade_tip - design.hub)  # 0 at the hub, 1 at the tip
    sweep = math.radians(design.sweep) * out * (0.75 + 0.25 * out)
    turns = (np.arctan2(y, x) - sweep) / pitch
    which = np.rint(turns)
    across = (turns - which) * pitch  # radians from the blade's middle line
    half = 0.5 * pitch * (design.blade_share + 0.10 * (1 - out))
    side = (np.abs(across) - half) * r * 0.92  # 0.92: the edge runs askew to the circle
    tip = r - design.blade_tip
    edge = np.maximum(side, tip) + _corner_cut(side, tip, 3.0)
    first = which == 0
    if defect and defect.kind in ("blade_missing", "blade_chipped"):
        gone = _broken(defect, design, r, across, half)
        whole, edge = edge, np.where(first, np.maximum(edge, -gone), edge)
        picture.hurt = _cover(whole, scene.mm) - _cover(edge, scene.mm)
    cover = _cover(edge, scene.mm)

    # A blade is tilted about its middle line: it catches the lamp on one side of the rotor only.
    along = across / half  # -1 at the leading edge, 1 at the trailing edge
    around = (view.lamp_y * scene.u - view.lamp_x * scene.v) / r
    light = 0.30 + (0.115 - 0.05 * along) * around - 0.055 * along
    light += 0.10 * np.clip(1 + (np.abs(along + 0.93) - 0.06) * -16, 0, 1) * (0.6 + 0.4 * around)
    light -= 0.10 * np.clip(1 - out * 4, 0, 1)
    shade = np.sqrt((scene.u + 3.0 * view.lamp_x) ** 2 + (scene.v + 3.0 * view.lamp_y) ** 2)
    light *= 1 - 0.45 * _ramp((design.hub + 4.5 - shade) / 5) - 0.35 * _ramp((shade - design.opening + 6) / 8)
    _paint(picture, cover, light * look.plastic)
    cup = _cover(r - design.hub - 1.6, scene.mm)
    _paint(picture, cup, 0.13)
    if picture.hurt is not None:
        picture.hurt *= 1 - cup


def _corner_cut(first: np.ndarray, second: np.ndarray, radius: float) -> np.ndarray:
    """Return what rounds the corner of two distances by about ``radius`` mm (polynomial smooth max)."""
    near = np.maximum(radius - np.abs(first - second), 0)
    return near * near * (0.25 / radius)


def _broken(
    defect: Placed, design: Design, r: np.ndarray, across: np.ndarray, half: np.ndarray
) -> np.ndarray:
    """Return the signed distance to the piece that is gone from blade 0, with a ragged edge."""
    rough = np.sin(across * 17 + defect.angle) + 0.4 * np.sin(across * 41 + 2 * defect.angle)
    if defect.kind == "blade_missing":
        return design.blade_tip - defect.size - r + 1.6 * rough
    # A bite around a point of the blade's end: (mm from the center, share of the blade's half width).
    x, y = r - defect.x, (across - half * defect.y) * r
    return np.sqrt(x * x + y * y) - defect.size / 2 + 0.05 * defect.size * rough


def _draw_frame(
    picture: SimpleNamespace, scene: SimpleNamespace, design: Design, look: SimpleNamespace
) -> None:
    """Draw the duct's inner wall, the frame with its holes, and the struts."""
    view, u, v, r, facing, mm = scene.view, scene.u, scene.v, scene.r, scene.facing, scene.mm
    wall = _cover(np.maximum(design.blade_tip + 0.9 - r, r - design.opening - 1), mm)
    _paint(picture, wall, (0.17 - 0.11 * facing) * look.plastic)

    box = _box(u, v, design.frame, design.frame, design.corner)
    light = 0.225 + 0.0006 * (view.lamp_x * u + view.lamp_y * v)
    cube = design.frame**-3
    light += (
        np.clip(1 + box / 1.5, 0, 1)
        * (u * u * u * (view.lamp_x * cube) + v * v * v * (view.lamp_y * cube))
        * 0.17
    )
    lip = np.clip(1 - np.abs(r - design.opening - 1.0) / 1.2, 0, 1)
    light += lip * (0.05 - 0.13 * facing)
    ridge = np.clip(1 - np.abs(r - design.opening - 5.2) / 0.9, 0, 1)
    light += ridge * facing * 0.08
    for x, y in product((-design.hole_at, design.hole_at), repeat=2):
        _sink_hole(light, scene, design, x, y)
    frame = _cover(np.maximum(box, design.opening - r), mm)
    _paint(picture, frame, light * look.plastic)
    if picture.hurt is not None:
        picture.hurt *= 1 - wall
        picture.hurt *= 1 - frame

    if design.struts:
        angle = math.radians(design.strut_turn)
        cos, sin = math.cos(angle), math.sin(angle)
        x, y = cos * u + sin * v, cos * v - sin * u
        off = np.minimum(np.abs(x), np.abs(y))
        off -= 1.1 * (x > np.abs(y))  # one strut is wider: it carries the cable
        wide = design.strut_width / 2 + 0.012 * (design.opening - r)
        strut = off - wide
        within = (r > design.hub - 1) & (r < design.opening + 1)
        shadow = np.clip(1 - strut / 2.6, 0, 1) * within
        picture.light *= 1 - 0.38 * shadow * (1 - frame)
        cover = _cover(strut, mm) * within
        _paint(picture, cover, (0.265 + 0.05 * np.clip(-strut, 0, 1.2)) * look.plastic)
        if picture.hurt is not None:
            picture.hurt *= 1 - cover


def _sink_hole(light: np.ndarray, scene: SimpleNamespace, design: Design, x: float, y: float) -> None:
    """Sink a countersunk mounting hole at (x, y) mm into the frame's ``light`` (S, S)."""
    view, window = scene.view, _window(scene, x, y, design.hole + 3)
    u, v, light = scene.u[window] - x, scene.v[window] - y, light[window]
    away = np.sqrt(u * u + v * v)
    near = (view.lamp_x * u + view.lamp_y * v) / (away + 0.01)
    light += np.clip(1 - np.abs(away - design.hole - 1.9) / 0.8, 0, 1) * (0.03 + 0.12 * near)
    light -= np.clip((design.hole + 1.6 - away) / 0.6, 0, 1) * (0.06 + 0.09 * near)
    light += _cover(away - design.hole, scene.mm) * (0.045 - light - 0.05 * near)


def _draw_hub(
    picture: SimpleNamespace, scene: SimpleNamespace, design: Design, look: SimpleNamespace
) -> None:
    """Draw the motor's base: a flat disk with a bevel that catches the lamp."""
    view, window = scene.view, _window(scene, 0, 0, design.hub)
    r, facing = scene.r[window], scene.facing[window]
    bevel = np.clip((r - design.hub + 2.6) / 1.4, 0, 1)
    u, v = scene.u[window], scene.v[window]
    light = 0.25 + 0.0016 * (view.lamp_x * u + view.lamp_y * v) + bevel * (0.02 + 0.17 * facing)
    groove = np.clip(1 - np.abs(r - design.hub + 4.2) / 0.7, 0, 1)
    light -= groove * (0.05 + 0.05 * facing)
    x, y = u - 11 * view.lamp_x, v - 11 * view.lamp_y
    light += 0.07 * look.gloss / (1 + (x * x + y * y) * (1 / 90))
    cover = _cover(r - design.hub, scene.mm)
    _paint(picture, cover, light * look.plastic, window)
    if picture.hurt is not None:
        picture.hurt[window] *= 1 - cover


def _in_color(picture: SimpleNamespace) -> np.ndarray:
    """Return the picture so far as (3, S, S) float32: a green mat and bluish plastic."""
    mat = picture.mat * (1 - picture.share)
    color = np.empty((3, *mat.shape), np.float32)
    for channel, (behind, front) in enumerate(zip(MAT_TINT, PLASTIC_TINT, strict=True)):
        color[channel] = mat * behind + picture.light * front
    return color


def _draw_label(
    color: np.ndarray,
    picture: SimpleNamespace,
    scene: SimpleNamespace,
    design: Design,
    look: SimpleNamespace,
    defect: Placed | None,
    unit: Unit,
) -> None:
    """Stick the printed label on the hub."""
    kind = defect.kind if defect else ""
    shift = defect.size if kind == "label_off_center" else 0.0
    center_x = look.label_x + (shift * math.cos(defect.angle) if shift else 0.0)
    center_y = look.label_y + (shift * math.sin(defect.angle) if shift else 0.0)
    window = _window(scene, center_x, center_y, design.label + 2)
    u, v = scene.u[window] - center_x, scene.v[window] - center_y
    away = np.sqrt(u * u + v * v)
    cover = _cover(away - design.label, scene.mm)
    rim = np.clip(1 - np.abs(away - design.label - 0.5) / 0.9, 0, 1)
    left = 1.0
    if kind == "label_missing":
        along = u * math.cos(defect.angle) + v * math.sin(defect.angle)
        across = v * math.cos(defect.angle) - u * math.sin(defect.angle)
        torn = along - (design.label - defect.size) + 0.35 * np.sin(across * 1.3) + 0.2 * np.sin(across * 3.1)
        left = _cover(torn, scene.mm)
        picture.hurt = np.zeros_like(scene.u)
        picture.hurt[window] = cover * (1 - left)
    elif kind == "label_off_center":
        x, y = scene.u - look.label_x, scene.v - look.label_y
        picture.hurt = _cover(np.sqrt(x * x + y * y) - design.label, scene.mm)
        np.maximum(picture.hurt[window], cover, out=picture.hurt[window])
    texture = label_texture(look.lot, _texels(design.label, scene.mm))
    cos, sin = math.cos(look.label_turn), math.sin(look.label_turn)
    ink = _sample(texture, (cos * u + sin * v) / design.label, (cos * v - sin * u) / design.label)
    lit = look.paper * (0.93 + 0.0022 * (scene.view.lamp_x * u + scene.view.lamp_y * v))
    patch = color[:, window[0], window[1]]
    patch *= 1 - 0.30 * rim * left
    patch += (cover * left) * (ink * lit - patch)


def _texels(radius: float, mm: float) -> int:
    """Return how many texels across a label takes: a little finer than the pixels, in steps, to be cached."""
    return max(8, int(math.ceil(2 * radius / mm * 1.25 / 8)) * 8)


def _sample(texture: np.ndarray, x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Return ``texture`` (3, T, T) at x, y (both -1 to 1 over its width), bilinearly, as (3, h, w)."""
    texels = texture.shape[1]
    column = np.clip((x + 1) * (texels / 2) - 0.5, 0, texels - 1.001)
    row = np.clip((y + 1) * (texels / 2) - 0.5, 0, texels - 1.001)
    left, top = np.floor(column), np.floor(row)
    column -= left
    row -= top
    at = (top * texels + left).astype(np.intp)
    upper, lower = texture.reshape(3, -1), texture.reshape(3, -1)[:, texels:]
    upper = upper[:, at] * (1 - column) + upper[:, 1:][:, at] * column
    lower = lower[:, at] * (1 - column) + lower[:, 1:][:, at] * column
    return upper + row * (lower - upper)


def _draw_scratch(
    color: np.ndarray, picture: SimpleNamespace, scene: SimpleNamespace, design: Design, defect: Placed
) -> None:
    """Scratch the surface: bright on plastic, dark where the print is gone from the label."""
    x, y, angle = defect.x, defect.y, defect.angle
    if defect.turns:
        cos, sin = math.cos(scene.view.rotor), math.sin(scene.view.rotor)
        x, y, angle = cos * x - sin * y, sin * x + cos * y, angle + scene.view.rotor
    window = _window(scene, x, y, defect.size / 2 + 2)
    u, v = scene.u[window] - x, scene.v[window] - y
    along, off = u * math.cos(angle) + v * math.sin(angle), v * math.cos(angle) - u * math.sin(angle)
    off = np.abs(off - defect.bend * along * along)
    thin = defect.width * (0.5 + 0.5 * np.sqrt(np.clip(1 - np.abs(along) * (2 / defect.size), 0, 1)))
    line = _cover(np.maximum(off - thin / 2, np.abs(along) - defect.size / 2), scene.mm)
    line *= picture.share[window]
    patch = color[:, window[0], window[1]]
    bare = np.where(patch[1] > 0.55, 0.25, 0.98)
    patch += line * (bare - patch)
    picture.hurt = np.zeros_like(scene.u)
    picture.hurt[window] = line


def _draw_object(color: np.ndarray, picture: SimpleNamespace, scene: SimpleNamespace, defect: Placed) -> None:
    """Lay something on the fan that does not belong there: a scrap of film, a ring, a bit of wire."""
    window = _window(scene, defect.x, defect.y, defect.size / 2 + 5)
    u, v = scene.u[window] - defect.x, scene.v[window] - defect.y
    view, half = scene.view, defect.size / 2

    def distance(u: np.ndarray, v: np.ndarray) -> np.ndarray:
        x, y = (
            u * math.cos(defect.angle) + v * math.sin(defect.angle),
            v * math.cos(defect.angle) - u * math.sin(defect.angle),
        )
        if defect.shape == 0:
            return _box(x, y, half, half * (0.45 + 0.5 * defect.width), 0.12 * half)
        if defect.shape == 1:
            wire = 0.5 + 0.16 * half
            return np.abs(np.sqrt(x * x + y * y) - (half - wire)) - wire
        wire = 0.8 + 0.10 * half
        x, y = np.abs(x), y - defect.bend * (x * x / half - half / 3)
        return np.sqrt(np.maximum(x - half + wire, 0) ** 2 + y * y) - wire

    here = distance(u, v)
    lamp = distance(u + 1.0 * view.lamp_x, v + 1.0 * view.lamp_y)
    cover = _cover(here, scene.mm)
    shadow = 0.45 * _ramp(0.5 - distance(u + 1.6 * view.lamp_x, v + 1.6 * view.lamp_y) / 3) * (1 - cover)
    lit = 0.92 + 0.30 * np.clip(here - lamp, -1, 1) * np.clip(1 + here / 1.4, 0, 1)
    patch = color[:, window[0], window[1]]
    patch *= 1 - shadow
    tone = np.asarray(defect.color, np.float32)[:, None, None]
    patch += cover * (tone * lit - patch)
    picture.hurt = np.zeros_like(scene.u)
    picture.hurt[window] = cover


# The camera.


def _seen(hurt: np.ndarray) -> np.ndarray:
    """Return where a defect shows: half of the pixel or, where it is finer, as much as it ever covers."""
    most = float(hurt.max())
    return hurt >= min(0.5, 0.8 * most) if most > 0.05 else np.zeros(hurt.shape, bool)


# Gaussian noise from random bytes: 256 equally likely steps of the bell curve, far cheaper than deviates.
_BELL = np.array([NormalDist().inv_cdf((step + 0.5) / 256) for step in range(256)], np.float32)


def _expose(color: np.ndarray, scene: SimpleNamespace, random: np.random.Generator) -> np.ndarray:
    """Return what the sensor reads, (S, S, 3) uint8: lamp, lens, blur, noise, 8 bits."""
    view = scene.view
    lamp = (view.lamp_x * scene.x + view.lamp_y * scene.y) * (
        view.exposure * 0.11 / FIELD * 2
    ) + view.exposure
    lamp *= scene.vignette * 255
    color = _blurred(color, view.blur / scene.mm)
    color *= lamp
    color *= np.asarray(view.balance, np.float32)[:, None, None]
    noise = _BELL[random.integers(0, 256, color.shape, np.uint8)]
    noise *= 255 * view.noise * (0.55 + 0.45 / 255 * color[1])
    color += noise
    color += 0.5
    return np.ascontiguousarray(np.clip(color, 0, 255, out=color).astype(np.uint8).transpose(1, 2, 0))


def _blurred(color: np.ndarray, sigma: float) -> np.ndarray:
    """Return (3, S, S) ``color`` blurred by a Gaussian of ``sigma`` pixels."""
    reach = max(1, math.ceil(2.5 * sigma))
    weights = [math.exp(-0.5 * (step / max(sigma, 1e-3)) ** 2) for step in range(reach + 1)]
    total = weights[0] + 2 * sum(weights[1:])
    for axis in (1, 2):
        wide = np.pad(color, [(reach, reach) if axis == place else (0, 0) for place in range(3)], "edge")
        length = color.shape[axis]

        def slid(step: int, wide: np.ndarray = wide, axis: int = axis, length: int = length) -> np.ndarray:
            return wide[:, step : step + length] if axis == 1 else wide[:, :, step : step + length]

        color = slid(reach) * np.float32(weights[0] / total)
        for step in range(1, reach + 1):
            color += (slid(reach - step) + slid(reach + step)) * np.float32(weights[step] / total)
    return color
