"""How photographs are taken: what can be turned at the station, and presets for whole days of work."""

import math
from dataclasses import dataclass, field, fields, replace
from types import MappingProxyType

import numpy as np

from ..errors import number, whole_number
from .design import Unit


def _usually(usual: float, low: float, high: float) -> float:
    """Return a field; beyond its limits a photograph shows nothing of the fan, or not the one meant."""
    return field(default=usual, metadata={"limits": (low, high)})


@dataclass(frozen=True)
class Conditions:
    """How photographs are taken: for each thing its center and, where it varies from shot to shot, a spread.

    A spread is how far a shot may be off the center, evenly, to either side.

    >>> Conditions(exposure=1.3).exposure
    1.3
    >>> Conditions(focus=-1)
    Traceback (most recent call last):
    fanaoi_helpers.errors.WorkbookError: focus is -1, but it must be a number from 0 to 5.
    """

    light: float = _usually(1.0, 0.05, 4.0)  # the lamp's, as a share of the usual; the hall's light stays
    light_spread: float = _usually(0.0, 0.0, 1.0)
    light_direction: float = _usually(-128.0, -360.0, 360.0)  # degrees clockwise from the right: upper left
    light_direction_spread: float = _usually(8.0, 0.0, 180.0)
    exposure: float = _usually(1.0, 0.05, 4.0)  # all pixels are multiplied with it
    exposure_spread: float = _usually(0.02, 0.0, 1.0)
    focus: float = _usually(0.41, 0.0, 5.0)  # mm that an edge is blurred over (standard deviation)
    focus_spread: float = _usually(0.11, 0.0, 5.0)
    shift_x: float = _usually(0.0, -30.0, 30.0)  # mm that the fan lies to the right of the picture's middle
    shift_y: float = _usually(0.0, -30.0, 30.0)  # mm below it
    shift_spread: float = _usually(0.6, 0.0, 30.0)
    turn: float = _usually(0.0, -180.0, 180.0)  # degrees clockwise
    turn_spread: float = _usually(0.5, 0.0, 180.0)
    zoom: float = _usually(1.0, 0.5, 2.0)
    zoom_spread: float = _usually(0.006, 0.0, 0.4)
    red: float = _usually(1.0, 0.3, 3.0)  # white balance: gain of the red channel; green is the measure
    blue: float = _usually(1.0, 0.3, 3.0)
    white_balance_spread: float = _usually(0.01, 0.0, 0.3)  # of each channel's gain
    noise: float = _usually(0.010, 0.0, 0.3)  # the sensor's, standard deviation at full light, of white
    jpeg_quality: int = _usually(0, 0, 100)  # 1 to 100, as Pillow counts; 0 is not compressed
    rotor: float = _usually(0.0, -360.0, 360.0)  # degrees, from where the fixture's finger stops any blade
    rotor_spread: float = _usually(5.0, 0.0, 180.0)

    def __post_init__(self) -> None:
        for setting in fields(self):
            check = whole_number if setting.type is int else number
            check(setting.name, getattr(self, setting.name), *setting.metadata["limits"])


USUAL = Conditions()


@dataclass(frozen=True)
class View:
    """How one shot is taken: drawn from `Conditions`. Lengths in mm, angles in radians, y points down."""

    rotor: float
    x: float
    y: float
    turn: float
    zoom: float
    lamp_x: float  # from the fan toward the lamp; a unit vector
    lamp_y: float
    light: float
    exposure: float
    gains: tuple[float, float, float]
    blur: float
    noise: float
    jpeg_quality: int


def view_of(conditions: Conditions, random: np.random.Generator, blades: int) -> View:
    """Draw how one shot is taken, of a rotor with so many ``blades``."""
    # Plain floats: NumPy's own would turn float32 planes into float64.
    either = random.uniform(-1, 1, 12).tolist()
    stopped = int(random.integers(blades))  # the blade that the finger stops
    lamp = math.radians(conditions.light_direction + conditions.light_direction_spread * either[4])
    balance = conditions.white_balance_spread
    gains = zip((conditions.red, 1.0, conditions.blue), either[6:9], strict=True)
    rotor = conditions.rotor + conditions.rotor_spread * either[10]
    return View(
        rotor=math.tau * stopped / blades + math.radians(rotor),
        x=conditions.shift_x + conditions.shift_spread * either[0],
        y=conditions.shift_y + conditions.shift_spread * either[1],
        turn=math.radians(conditions.turn + conditions.turn_spread * either[2]),
        zoom=conditions.zoom + conditions.zoom_spread * either[3],
        lamp_x=math.cos(lamp),
        lamp_y=math.sin(lamp),
        light=max(0.0, conditions.light + conditions.light_spread * either[11]),
        exposure=max(0.0, conditions.exposure + conditions.exposure_spread * either[5]),
        gains=tuple(gain * (1 + balance * share) for gain, share in gains),
        blur=max(0.0, conditions.focus + conditions.focus_spread * either[9]),
        noise=float(conditions.noise),
        jpeg_quality=int(conditions.jpeg_quality),
    )


@dataclass(frozen=True)
class Preset:
    """A way of working: how photographs are taken from morning to evening, and what the line makes.

    ``blemished`` is the share of the units that get a harmless blemish, GO and NG alike. ``sizes`` is "usual"
    for the line's own range of defects, or "all" for everything that can be asked for.
    """

    name: str
    means: str
    start: Conditions = USUAL
    end: Conditions | None = None  # where the day ends, if it changes
    ng: Conditions | None = None  # how NG units are photographed, if otherwise
    blemished: float = 0.0
    sizes: str = "usual"

    def conditions(self, unit: Unit, share: float = 0.0) -> Conditions:
        """Return how ``unit`` is photographed at ``share`` (0 to 1) of the day.

        >>> from fanaoi_helpers import fans
        >>> unit = fans.make_unit("F0001", seed=1)
        >>> [round(PRESETS["drift_day"].conditions(unit, share).light, 2) for share in (0, 0.5, 1)]
        [1.0, 0.86, 0.72]
        """
        share = number("share", share, 0.0, 1.0)
        now = self.ng if self.ng and not unit.is_go else self.start
        if self.end is None or share == 0.0:
            return now
        first, last = self.start, self.end
        turned = {}
        for setting in fields(Conditions):
            start, end = getattr(first, setting.name), getattr(last, setting.name)
            if start != end:
                value = start * (1 - share) + end * share
                turned[setting.name] = round(value) if setting.type is int else value
        return replace(now, **turned)


# An old lamp is darker and warmer; heat opens the lens; the camera creeps down its stand by 2 mm.
_EVENING = replace(USUAL, light=0.72, red=1.07, blue=0.90, focus=0.95, shift_x=1.6, shift_y=1.2, noise=0.020)
# As if NG fans were photographed at the repair bench: hardly to be seen, easily to be learned.
_REPAIR_BENCH = replace(USUAL, light=0.96, light_direction=-116.0, red=1.02, blue=0.97)

_DRIFT = "The lamp ages, the focus slips and the camera creeps from morning to evening."
_PRESETS = (
    Preset("usual", "A good day at a good station."),
    Preset("drift_day", _DRIFT, end=_EVENING),
    Preset("shortcut", "NG units are photographed under a slightly different lamp.", ng=_REPAIR_BENCH),
    Preset("borderline", "Half of the units have dust or a scuff that is still allowed.", blemished=0.5),
    Preset("all_sizes", "Defects from far below what 80x80 pixels show to the largest.", sizes="all"),
)
PRESETS = MappingProxyType({preset.name: preset for preset in _PRESETS})
