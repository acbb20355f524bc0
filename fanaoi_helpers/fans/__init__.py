"""A simulated production line: fans with serials, defects of known size, photographs with exact masks.

>>> from fanaoi_helpers import fans
>>> unit = fans.make_unit("F0001", seed=7, defect="blade_missing", defect_size=31)
>>> photograph = fans.render(unit, shot=0, size=80)
>>> photograph.pixels.shape, photograph.mask.dtype
((80, 80, 3), dtype('bool'))
"""

from .defects import DEFECTS, SIZES
from .design import AF120, MOST_UNITS, Design, Unit, make_unit, make_units
from .drawing import FIELD, Conditions, Shot, render
from .line import MOST_SHOTS, produce

__all__ = [
    "AF120",
    "DEFECTS",
    "FIELD",
    "MOST_SHOTS",
    "MOST_UNITS",
    "SIZES",
    "Conditions",
    "Design",
    "Shot",
    "Unit",
    "make_unit",
    "make_units",
    "produce",
    "render",
]
