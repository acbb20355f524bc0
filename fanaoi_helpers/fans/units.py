"""Units off the line: a serial, the seed of all that is random about a fan, and its verdict."""

import math
from dataclasses import dataclass

import numpy as np

from ..errors import WorkbookError, number, one_of, text, whole_number
from .conditions import PRESETS
from .defects import BLEMISH_LIMIT, BLEMISHES, DEFECTS, LEAST_SIZE, SIZES, blemish_at, size_at

HIGHEST_SEED = 2**63 - 1
MOST_UNITS = 100_000
GOLDEN = 0.6180339887498949  # its steps fill a range evenly, however many there are in the end


@dataclass(frozen=True)
class Unit:
    """One fan off the line: its serial, the seed of all that is random about it, and its verdict.

    ``label`` is "GO" or "NG"; ``defect`` is one of `DEFECTS`, or "" for GO; ``defect_size`` is in mm on a
    120 mm fan, 0.0 for GO. ``blemish`` is one of `BLEMISHES`, or "", and changes no verdict.
    """

    serial: str
    seed: int
    label: str
    defect: str
    defect_size: float
    blemish: str = ""
    blemish_size: float = 0.0


def make_unit(
    serial: str,
    seed: int,
    defect: str = "",
    defect_size: float | None = None,
    *,
    blemish: str = "",
    blemish_size: float | None = None,
) -> Unit:
    """Return one unit; with no ``defect`` a GO unit, with no size given one of a usual size.

    A GO and an NG unit of the same seed are the same fan but for the defect. Sizes are in mm; a blemish is
    harmless up to `BLEMISH_LIMIT`, and a larger one is refused: it would make the unit NG.

    Raises:
        WorkbookError: an unknown kind of defect or blemish, or a size that the kind can't have.

    >>> make_unit("F0007", seed=1, defect="scratch", defect_size=12).label
    'NG'
    >>> make_unit("F0008", seed=1, blemish="dust", blemish_size=1.5)
    Unit(serial='F0008', seed=1, label='GO', defect='', defect_size=0.0, blemish='dust', blemish_size=1.5)
    """
    text("serial", serial)
    seed = whole_number("seed", seed, 0, HIGHEST_SEED)
    one_of("defect", defect, ("", *DEFECTS))
    one_of("blemish", blemish, ("", *BLEMISHES))
    random = np.random.default_rng([seed, 3])
    usual_size, usual_blemish = (size_at(defect, random.random()) if defect else 0.0), random.random()
    for name, kind, value in (("defect", defect, defect_size), ("blemish", blemish, blemish_size)):
        if not kind and value:
            what = "a GO unit has no defect" if name == "defect" else "the unit has no blemish"
            raise WorkbookError(f"{name}_size is {value!r}, but {what}; name a {name}.")
    if defect:
        wanted = usual_size if defect_size is None else defect_size
        usual_size = number("defect_size", wanted, LEAST_SIZE, SIZES[defect].largest)
    size = 0.0
    if blemish:
        size = blemish_at(usual_blemish) if blemish_size is None else blemish_size
        size = number("blemish_size", size, LEAST_SIZE, 120.0)
        if size > BLEMISH_LIMIT:
            raise WorkbookError(
                f"blemish_size is {size:g}, but {blemish} is harmless only up to {BLEMISH_LIMIT:g} mm and "
                "such a unit is NG; ask for a smaller blemish or a defect."
            )
    return Unit(serial, seed, "NG" if defect else "GO", defect, usual_size, blemish, size)


def make_units(units: int, seed: int, *, preset: str = "usual") -> list[Unit]:
    """Return the first ``units`` fans off the line ``seed``; half of them are NG.

    Each two neighbors are one GO and one NG in random order, each eleven NG are one of every kind, and the
    sizes of a kind are spread evenly over its range. More units of the same seed begin with the same ones.
    The ``preset`` says what sizes the line makes and how many units have a blemish; serials, verdicts, kinds
    and the fans themselves are the same for all presets.

    Raises:
        WorkbookError: ``units`` is not a whole number from 1 to 100000, ``seed`` not one from 0, or there is
            no such preset.

    >>> [unit.label for unit in make_units(4, seed=0)].count("NG")
    2
    >>> make_units(3, seed=5) == make_units(9, seed=5)[:3]
    True
    """
    units = whole_number("units", units, 1, MOST_UNITS)
    seed = whole_number("seed", seed, 0, HIGHEST_SEED)
    chosen = PRESETS[one_of("preset", preset, tuple(PRESETS))]
    *starts, blemish_start = np.random.default_rng([seed, 0]).random(len(DEFECTS) + 1).tolist()
    made = []
    for index in range(units):
        serial = f"F{index + 1:04d}"
        pair, place = divmod(index, 2)
        own_seed = int(np.random.default_rng([seed, 1, index]).integers(2**63))
        defect, size, blemish, blemish_size = "", None, "", None
        if np.random.default_rng([seed, 2, pair]).integers(2) == place:
            turn, step = divmod(pair, len(DEFECTS))
            kind = int(np.random.default_rng([seed, 3, turn]).permutation(len(DEFECTS))[step])
            defect = DEFECTS[kind]
            size = size_at(defect, (starts[kind] + turn * GOLDEN) % 1.0, chosen.sizes)
        if chosen.blemished:
            chance, which = np.random.default_rng([seed, 4, index]).random(2).tolist()
            if chance < chosen.blemished:
                blemish = tuple(BLEMISHES)[int(which * len(BLEMISHES))]
                blemish_size = blemish_at((blemish_start + index * GOLDEN) % 1.0)
        made.append(make_unit(serial, own_seed, defect, size, blemish=blemish, blemish_size=blemish_size))
    return made


@dataclass(frozen=True)
class Look:
    """What makes a unit differ from its neighbors, within what counts as good."""

    plastic: float
    gloss: float
    paper: float
    label_x: float  # mm
    label_y: float
    label_turn: float  # radians
    lot: str
    screws: tuple[float, ...]  # how far each of the four is turned, radians
    grain: tuple[float, float]  # where the surface's grain begins, 0 to 1


def look_of(unit: Unit) -> Look:
    """Draw how ``unit`` looks; it knows nothing of the defect."""
    random = np.random.default_rng([unit.seed, 0])
    return Look(
        plastic=random.uniform(0.94, 1.06),
        gloss=random.uniform(0.8, 1.2),
        paper=random.uniform(0.97, 1.03),
        label_x=random.uniform(-0.3, 0.3),
        label_y=random.uniform(-0.3, 0.3),
        label_turn=math.radians(random.uniform(-2, 2)),
        lot=f"{random.integers(23, 27):02d}{random.integers(1, 53):02d}-{random.integers(10000):04d}",
        screws=tuple(random.uniform(0, math.tau, 4).tolist()),
        grain=tuple(random.random(2).tolist()),
    )
