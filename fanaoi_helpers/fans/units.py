"""Units off the line: fans with serials, half of them with a defect, sizes and kinds evenly spread."""

import numpy as np

from ..errors import WorkbookError, number, one_of, text, whole_number
from .conditions import PRESETS
from .defects import BLEMISH_LIMIT, LEAST_SIZE
from .design import Unit
from .kinds import BLEMISH_KINDS, BLEMISHES, DEFECTS, SIZES

HIGHEST_SEED = 2**63 - 1
MOST_UNITS = 100_000
GOLDEN = 0.6180339887498949  # its steps fill a range evenly, however many there are in the end


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
    usual_size, usual_blemish = (SIZES[defect].at(random.random()) if defect else 0.0), random.random()
    for name, kind, value in (("defect", defect, defect_size), ("blemish", blemish, blemish_size)):
        if not kind and value:
            what = "a GO unit has no defect" if name == "defect" else "the unit has no blemish"
            raise WorkbookError(f"{name}_size is {value!r}, but {what}; name a {name}.")
    if defect:
        wanted = usual_size if defect_size is None else defect_size
        usual_size = number("defect_size", wanted, LEAST_SIZE, SIZES[defect].largest)
    size = 0.0
    if blemish:
        size = BLEMISH_KINDS[blemish].sizes.at(usual_blemish) if blemish_size is None else blemish_size
        size = number("blemish_size", size, LEAST_SIZE, 120.0)
        if size > BLEMISH_LIMIT:
            raise WorkbookError(
                f"blemish_size is {size:g}, but {blemish} is harmless only up to {BLEMISH_LIMIT:g} mm and "
                "such a unit is NG; ask for a smaller blemish or a defect."
            )
    return Unit(serial, seed, "NG" if defect else "GO", defect, usual_size, blemish, size)


def make_units(units: int, seed: int, *, preset: str = "usual") -> list[Unit]:
    """Return the first ``units`` fans off the line ``seed``; half of them are NG.

    Each two neighbors are one GO and one NG in random order, NG units go through all kinds in turn, and the
    sizes of a kind are spread evenly over its range. More units of the same seed begin with the same ones.
    The ``preset`` says what sizes the line makes and how many units have a blemish; serials, verdicts, kinds
    and the fans themselves are the same for all presets.

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
            size = SIZES[defect].at((starts[kind] + turn * GOLDEN) % 1.0, chosen.sizes)
        if chosen.blemished:
            chance, which = np.random.default_rng([seed, 4, index]).random(2).tolist()
            if chance < chosen.blemished:
                blemish = tuple(BLEMISHES)[int(which * len(BLEMISHES))]
                blemish_size = BLEMISH_KINDS[blemish].sizes.at((blemish_start + index * GOLDEN) % 1.0)
        made.append(make_unit(serial, own_seed, defect, size, blemish=blemish, blemish_size=blemish_size))
    return made
