"""A simulated production line: fans with serials, defects of known size, photographs with exact masks.

>>> from fanaoi_helpers import fans
>>> unit = fans.make_unit("F0001", seed=7, defect="blade_missing", defect_size=31)
>>> photograph = fans.render(unit, shot=0, size=80)
>>> photograph.pixels.shape, photograph.mask.dtype
((80, 80, 3), dtype('bool'))
>>> evening = fans.PRESETS["drift_day"].conditions(unit, share=1.0)
>>> photograph = fans.render(unit, size=80, design=fans.DESIGNS["AF120-9"], conditions=evening)
"""

from .conditions import PRESETS, USUAL, Conditions, Preset
from .defects import BLEMISH_LIMIT
from .design import AF120, DESIGNS, Design, Unit
from .drawing import Shot, render
from .kinds import BLEMISHES, DEFECTS, SIZES
from .production import LINE_VERSION, MOST_SHOTS, produce
from .scene import FIELD
from .units import MOST_UNITS, make_unit, make_units
