"""One photograph of a fan, from the mat up to the camera; with the exact mask of its defect.

The fan is painted from back to front: first gray light on planes, then color, then what is printed on it,
screwed into it or lies on it. Only then comes the camera.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from ..errors import WorkbookError, one_of, whole_number
from .camera import expose
from .conditions import USUAL, Conditions, view_of
from .defects import Damage
from .design import AF120, Design, Unit, look_of
from .fittings import draw_details, draw_screws
from .frame import draw_frame, draw_hub, lit_mat
from .kinds import BLEMISH_KINDS, DEFECT_KINDS
from .label import draw_label
from .picture import blank, in_color
from .rotor import draw_rotor
from .scene import LARGEST_PHOTO, SMALLEST_PHOTO, scene_of


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
    scene = scene_of(size, view_of(conditions, random, design.blades), design, look_of(unit))
    defect = _damage("defect", unit.defect, DEFECT_KINDS)(unit.defect_size, unit.seed, design)
    blemish = _damage("blemish", unit.blemish, BLEMISH_KINDS)(unit.blemish_size, unit.seed, design)
    picture = blank(lit_mat(scene))
    draw_rotor(picture, scene, defect.on_blade)
    draw_frame(picture, scene)
    draw_hub(picture, scene)
    if picture.hurt is not None:
        picture.hurt *= 1 - picture.frame_share
    color = in_color(picture, design)
    draw_details(color, scene)
    draw_screws(color, picture, scene, defect.on_screw)
    draw_label(color, picture, scene, defect.on_label)
    blemish.on_top(color, picture, scene)
    for hurt in defect.on_top(color, picture, scene):
        picture.mark(*hurt)
    mask = np.zeros((size, size), bool) if picture.hurt is None else _where(picture.hurt)
    return Shot(expose(color, scene, random), mask, box_of(mask))


def _damage(name: str, kind: str, kinds: Mapping[str, type[Damage]]) -> type[Damage]:
    """Return the class of a ``kind`` among ``kinds``; none is a damage that does nothing."""
    return kinds[one_of(name, kind, kinds)] if kind else Damage


def box_of(mask: np.ndarray) -> tuple[int, int, int, int] | None:
    """Return the half-open box (x0, y0, x1, y1) in pixels around what is True in ``mask`` (H, W), or None.

    >>> box_of(np.array([[False, False, False], [False, True, True]]))
    (1, 1, 3, 2)
    """
    rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    if not len(rows):
        return None
    return int(columns[0]), int(rows[0]), int(columns[-1]) + 1, int(rows[-1]) + 1


def _where(hurt: np.ndarray) -> np.ndarray:
    """Return where a defect shows: half of the pixel or, where it is finer, as much as it ever covers."""
    most = float(hurt.max())
    return hurt >= min(0.5, 0.8 * most) if most > 0.05 else np.zeros(hurt.shape, bool)
