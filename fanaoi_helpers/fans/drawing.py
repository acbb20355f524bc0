"""One photograph of a fan, from the mat up to the camera; with the exact mask of its defect.

The fan is painted from back to front: first gray light on planes, then color, then what is printed on it,
screwed into it or lies on it. Only then comes the camera.
"""

from dataclasses import dataclass

import numpy as np

from ..errors import WorkbookError, whole_number
from .camera import expose
from .conditions import USUAL, Conditions, view_of
from .damage import draw_damage
from .design import AF120, Design
from .fittings import draw_details, draw_screws
from .frame import draw_frame, draw_hub, lit_mat
from .label import draw_label
from .picture import blank, in_color
from .placing import place
from .rotor import draw_rotor
from .scene import LARGEST_PHOTO, SMALLEST_PHOTO, scene_of
from .units import Unit, look_of


@dataclass(frozen=True)
class Shot:
    """One photograph of a unit: ``pixels`` (S, S, 3) uint8, and what can be seen of its defect.

    ``mask`` (S, S) bool is True where the defect shows; ``box`` is (x0, y0, x1, y1) around it in pixels,
    half-open, or None where there is nothing to see.
    """

    pixels: np.ndarray
    mask: np.ndarray
    box: tuple[int, int, int, int] | None


def render(
    unit: Unit, shot: int = 0, size: int = 160, *, design: Design = AF120, conditions: Conditions = USUAL
) -> Shot:
    """Photograph ``unit`` for the ``shot``-th time, at ``size`` × ``size`` pixels.

    The same unit, shot, size, design and conditions give the same pixels. Rotor angle, pose, light, blur and
    noise differ from shot to shot and know nothing of the defect: a GO and an NG unit of one seed differ in
    the defect alone (a JPEG file spreads it a little).

    Raises:
        WorkbookError: ``unit`` is no `Unit`, ``design`` no `Design`, ``conditions`` no `Conditions`, or
            ``shot`` or ``size`` is out of range.

    >>> from fanaoi_helpers import fans
    >>> photograph = fans.render(fans.make_unit("F0001", seed=1), size=32)
    >>> photograph.pixels.shape, photograph.pixels.dtype, photograph.box
    ((32, 32, 3), dtype('uint8'), None)
    """
    if not isinstance(unit, Unit):
        raise WorkbookError(f"unit is {unit!r}, but it must be a fan from fans.make_unit or fans.make_units.")
    if not isinstance(design, Design):
        raise WorkbookError(f"design is {design!r}, but it must be a Design, for instance of fans.DESIGNS.")
    if not isinstance(conditions, Conditions):
        raise WorkbookError(f"conditions is {conditions!r}, but it must be fans.Conditions of numbers.")
    shot = whole_number("shot", shot, 0, 10**6)
    size = whole_number("size", size, SMALLEST_PHOTO, LARGEST_PHOTO)
    random = np.random.default_rng([unit.seed, 2, shot])
    look = look_of(unit)
    scene = scene_of(size, view_of(conditions, random, design.blades))
    defect = place(unit.defect, unit.defect_size, unit.seed, design) if unit.defect else None
    blemish = place(unit.blemish, unit.blemish_size, unit.seed, design) if unit.blemish else None
    picture = blank(lit_mat(scene, design))
    draw_rotor(picture, scene, design, look, defect)
    draw_frame(picture, scene, design, look)
    draw_hub(picture, scene, design, look)
    if picture.hurt is not None:
        picture.hurt *= 1 - picture.frame_share
    color = in_color(picture, design)
    draw_details(color, scene, design)
    draw_screws(color, picture, scene, design, look, defect)
    draw_label(color, picture, scene, design, look, defect)
    for placed in (blemish, defect):
        if placed and placed.kind in ("scratch", "oil_stain", "foreign_object", "dust", "scuff"):
            draw_damage(color, picture, scene, placed)
    mask = np.zeros((size, size), bool) if picture.hurt is None else _seen(picture.hurt)
    return Shot(expose(color, scene, look, random), mask, box_of(mask))


def box_of(mask: np.ndarray) -> tuple[int, int, int, int] | None:
    """Return the half-open box (x0, y0, x1, y1) in pixels around what is True in ``mask`` (H, W), or None.

    >>> box_of(np.array([[False, False, False], [False, True, True]]))
    (1, 1, 3, 2)
    """
    rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    if not len(rows):
        return None
    return int(columns[0]), int(rows[0]), int(columns[-1]) + 1, int(rows[-1]) + 1


def _seen(hurt: np.ndarray) -> np.ndarray:
    """Return where a defect shows: half of the pixel or, where it is finer, as much as it ever covers."""
    most = float(hurt.max())
    return hurt >= min(0.5, 0.8 * most) if most > 0.05 else np.zeros(hurt.shape, bool)
