"""What lies on a fan or has touched it: scratches, foreign objects, oil, dust and scuffs, in color."""

import math

import numpy as np

from .picture import Picture
from .placing import Placed
from .scene import Scene, box, cover, line_of, ramp, smooth_max, strip, thinness

SCRATCH_LIGHT, SCRATCH_DARK = 0.95, 0.16  # what a scratch shows on dark and on light material
OIL_DARK = 0.30  # of the light that oil leaves
OIL_SHINE = 0.75  # what it mirrors of the lamp
SCRAP_SHINE = 0.6  # what a glossy scrap mirrors
DUST_LIGHT = 0.62
SCUFF_LIGHT = 0.30  # what a scuff adds


def draw_damage(color: np.ndarray, picture: Picture, scene: Scene, placed: Placed) -> None:
    """Draw ``placed`` into ``color`` (3, S, S), and mark a defect in the picture's mask."""
    x, y, angle = placed.x, placed.y, placed.angle
    if placed.turns:
        cos, sin = math.cos(scene.view.rotor), math.sin(scene.view.rotor)
        x, y, angle = cos * x - sin * y, sin * x + cos * y, angle + scene.view.rotor
    reach = 6 * placed.size + 4 if placed.kind == "dust" else placed.size / 2 + 5
    window = scene.window(x, y, reach)
    u, v = scene.u[window] - x, scene.v[window] - y
    along, off = u * math.cos(angle) + v * math.sin(angle), v * math.cos(angle) - u * math.sin(angle)
    patch = color[:, window[0], window[1]]
    if placed.kind == "foreign_object":
        picture.mark(window, _lay(patch, scene, placed, u, v))
        return
    shown = picture.shown(placed.surface, window)
    draw = {"scratch": _scratch, "oil_stain": _oil, "dust": _dust, "scuff": _scuff}[placed.kind]
    share = draw(patch, scene, placed, along, off, shown)
    if placed.kind in ("scratch", "oil_stain"):
        picture.mark(window, share)


def _scratch(
    patch: np.ndarray, scene: Scene, placed: Placed, along: np.ndarray, off: np.ndarray, shown: np.ndarray
) -> np.ndarray:
    """Scratch the surface: bright on dark plastic, dark on light plastic and print."""
    off = np.abs(off - placed.bend * along * along)
    ends = np.clip(1 - np.abs(along) * (2 / placed.size), 0, 1)
    rough = 0.82 + 0.18 * np.sin(along * 1.7 + placed.angle) * np.sin(along * 0.63)
    line = strip(off, placed.width / 2 * (0.3 + 0.7 * np.sqrt(ends)) * rough, scene.mm)
    line *= cover(np.abs(along) - placed.size / 2, scene.mm) * thinness(placed.size, scene.mm)
    line *= shown
    bare = np.where(patch[1] > 0.38, SCRATCH_DARK, SCRATCH_LIGHT)
    patch += line * (bare - patch)
    return line


def _oil(
    patch: np.ndarray, scene: Scene, placed: Placed, along: np.ndarray, off: np.ndarray, shown: np.ndarray
) -> np.ndarray:
    """Spill oil: a dark, brownish film with a soft irregular edge, and the lamp mirrored at its rim."""
    half = placed.size / 2
    random = np.random.default_rng([int(placed.shape * 2**32), 6])
    blots = [(-0.52, 0.0, 0.48), (0.62, 0.1, 0.38)]
    blots += [(*random.uniform(-0.45, 0.45, 2).tolist(), float(random.uniform(0.2, 0.45))) for _ in range(4)]

    def distance(toward: float) -> np.ndarray:
        x, y = along + toward * lamp_along, off + toward * lamp_off
        nearest = None
        for blot_x, blot_y, radius in blots:
            away = np.sqrt((x - half * blot_x) ** 2 + (y - half * blot_y) ** 2) - half * radius
            nearest = away if nearest is None else -smooth_max(-nearest, -away, 0.35 * half)
        return nearest

    view, cos, sin = scene.view, math.cos(placed.angle), math.sin(placed.angle)
    if placed.turns:
        cos, sin = math.cos(placed.angle + view.rotor), math.sin(placed.angle + view.rotor)
    lamp_along, lamp_off = view.lamp_x * cos + view.lamp_y * sin, view.lamp_y * cos - view.lamp_x * sin
    here = distance(0.0)
    slope = np.clip(distance(1.0) - here, 0, 1)  # 1 where the film's edge faces the lamp
    soft = min(1.2, 0.3 * half) + 0.5 * scene.mm
    film = ramp(0.5 - here / soft) * min(1.0, (placed.size / scene.mm) ** 2) * shown
    tint = np.array((1.0, 0.92, 0.72), np.float32)[:, None, None]
    patch *= 1 - film * (1 - OIL_DARK * tint)
    wet = line_of(here + 0.2 * half, 0.16 * half) * slope + 0.22 * ramp(-2 * here / half - 0.5)
    patch += film * OIL_SHINE * wet
    return film


def _dust(
    patch: np.ndarray, scene: Scene, placed: Placed, along: np.ndarray, off: np.ndarray, shown: np.ndarray
) -> np.ndarray:
    """Strew a few light specks; the largest has the size asked for."""
    random = np.random.default_rng([int(placed.shape * 2**32), 5])
    dust = np.zeros_like(along)
    for place in range(int(random.integers(2, 6))):
        x, y, share = random.random(3).tolist()
        spread = 0.0 if place == 0 else 4 * placed.size + 3
        size = placed.size * (1 if place == 0 else 0.3 + 0.5 * share)
        away = np.sqrt((along - spread * (x - 0.5)) ** 2 + (off - spread * (y - 0.5)) ** 2)
        np.maximum(dust, _speck(away, size / 2, scene.mm), out=dust)
    dust *= shown
    patch += dust * 0.8 * (DUST_LIGHT - patch)
    return dust


def _scuff(
    patch: np.ndarray, scene: Scene, placed: Placed, along: np.ndarray, off: np.ndarray, shown: np.ndarray
) -> np.ndarray:
    """Rub the surface a little dull: faint short lines side by side."""
    half = placed.size / 2
    away = np.sqrt((along / half) ** 2 + (off / (0.6 * half)) ** 2)  # 1 at the edge
    rub = ramp(2.5 * (1.1 - away)) * thinness(placed.size, scene.mm)
    rub *= (0.7 + 0.3 * np.sin(off * 5)) * shown
    patch += rub * SCUFF_LIGHT
    return rub


def _speck(away: np.ndarray, radius: float, mm: float) -> np.ndarray:
    """Return how much of each pixel a disk covers that may be smaller than a pixel."""
    seen = max(radius, 0.56 * mm)  # a disk of about a pixel's area
    return cover(away - seen, mm) * (radius / seen) ** 2


def _form(placed: Placed, u: np.ndarray, v: np.ndarray) -> np.ndarray:
    """Return the signed distance to a scrap of film, a ring, a wire, a cable tie or a curl of swarf."""
    half, cos, sin = placed.size / 2, math.cos(placed.angle), math.sin(placed.angle)
    x, y = u * cos + v * sin, v * cos - u * sin
    form = placed.scrap.form
    if form == "film":
        high = 0.45 + 0.5 * placed.width  # compared with its width
        # The largest extent is from corner to corner.
        half /= math.hypot(0.88, high - 0.12) + 0.12
        return box(x, y, half, half * high, 0.12 * half)
    if form == "ring":
        wire = min(0.5 + 0.16 * half, half / 2)
        return np.abs(np.sqrt(x * x + y * y) - (half - wire)) - wire
    if form == "swarf":
        # A flat spiral, a turn and a half: it winds outward with the angle.
        wire = 0.10 * half + min(0.35, 0.1 * half)
        away, turn = np.sqrt(x * x + y * y), np.arctan2(y, x) / math.tau
        step = (half - wire) / 1.5
        ring = np.clip(np.rint(away / step - turn), 0, 1)
        return np.abs(away - (turn + ring) * step) - wire
    wire = min((0.8 if form == "wire" else 1.1) + 0.10 * half, half)
    y = y - placed.bend * (x * x / half - half / 3) * (1.0 if form == "wire" else 0.3)
    thread = np.sqrt(np.maximum(np.abs(x) - half + wire, 0) ** 2 + y * y) - wire
    if form == "wire":
        return thread
    head = box(x - half + 1.3 * wire, y, 1.3 * wire, 1.9 * wire, 0.3 * wire)
    return np.minimum(thread, head)


def _lay(patch: np.ndarray, scene: Scene, placed: Placed, u: np.ndarray, v: np.ndarray) -> np.ndarray:
    """Lay something on the fan that does not belong there; return how much of each pixel it covers."""
    view, scrap, mm = scene.view, placed.scrap, scene.mm
    here = _form(placed, u, v)
    lamp = _form(placed, u + 1.0 * view.lamp_x, v + 1.0 * view.lamp_y)
    share = cover(here, mm) * thinness(placed.size, mm)
    high = min(1.0, placed.size / 4)  # a small thing is flat as well
    shadow = 0.45 * ramp(0.5 - _form(placed, u + 1.6 * high * view.lamp_x, v + 1.6 * high * view.lamp_y) / 3)
    shadow *= (1 - share) * high
    toward = np.clip(lamp - here, -1, 1)  # 1 where the edge faces the lamp
    lit = 0.92 + 0.30 * toward * np.clip(1 + here / 1.4, 0, 1)
    patch *= 1 - shadow
    tone = np.asarray(scrap.color, np.float32)[:, None, None] * lit
    ridge = line_of(here + 0.9, 0.9) * np.maximum(toward, 0) * scrap.gloss
    patch += (share * scrap.opacity) * (tone - patch)
    patch += share * ridge * SCRAP_SHINE
    return share
