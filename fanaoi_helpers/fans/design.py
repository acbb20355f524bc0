"""What a fan is: a design in millimeters, and units of it with serials."""

from dataclasses import dataclass

import numpy as np

from ..errors import WorkbookError, number, one_of, text, whole_number
from .defects import DEFECTS, SIZES, size_at

HIGHEST_SEED = 2**63 - 1
MOST_UNITS = 100_000


@dataclass(frozen=True)
class Design:
    """A model of fan. Lengths in mm, angles in degrees; the frame is 120 mm wide."""

    name: str = "AF120-7"
    blades: int = 7
    sweep: float = 26.0  # how far a blade's tip trails its root
    blade_share: float = 0.83  # of the pitch that a blade covers at its tip
    blade_tip: float = 54.0  # radius
    opening: float = 57.2  # radius
    frame: float = 60.0  # half of the width
    corner: float = 7.0  # radius of the frame's corners
    hole: float = 2.2  # radius of a mounting hole
    hole_at: float = 52.5  # from the center, along both axes
    struts: bool = True
    strut_turn: float = 22.0
    strut_width: float = 3.2
    hub: float = 23.5  # radius
    label: float = 17.5  # radius


AF120 = Design()


@dataclass(frozen=True)
class Unit:
    """One fan off the line: its serial, the seed of all that is random about it, and its verdict.

    ``label`` is "GO" or "NG"; ``defect`` is one of `DEFECTS`, or "" for GO; ``defect_size`` is in mm on a
    120 mm fan, 0.0 for GO.
    """

    serial: str
    seed: int
    label: str
    defect: str
    defect_size: float


def make_unit(serial: str, seed: int, defect: str = "", defect_size: float | None = None) -> Unit:
    """Return one unit; with no ``defect`` a GO unit, with no ``defect_size`` one of a usual size.

    A GO and an NG unit of the same seed are the same fan but for the defect.

    Raises:
        WorkbookError: an unknown kind of defect, or a size that the kind can't have.

    >>> make_unit("F0007", seed=1, defect="scratch", defect_size=12)
    Unit(serial='F0007', seed=1, label='NG', defect='scratch', defect_size=12.0)
    >>> make_unit("F0008", seed=1).label
    'GO'
    """
    text("serial", serial)
    seed = whole_number("seed", seed, 0, HIGHEST_SEED)
    one_of("defect", defect, ("", *DEFECTS))
    if not defect:
        if defect_size:
            raise WorkbookError(
                f"defect_size is {defect_size!r}, but a GO unit has no defect; name a defect."
            )
        return Unit(serial, seed, "GO", "", 0.0)
    if defect_size is None:
        defect_size = size_at(defect, np.random.default_rng([seed, 3]).random())
    defect_size = number("defect_size", defect_size, 0.1, SIZES[defect].largest)
    return Unit(serial, seed, "NG", defect, defect_size)


def make_units(units: int, seed: int) -> list[Unit]:
    """Return the first ``units`` fans off the line ``seed``; half of them are NG.

    Each two neighbors are one GO and one NG in random order, each six NG are one of every kind, and the sizes
    of a kind are spread evenly over its range. More units of the same seed begin with the same ones.

    Raises:
        WorkbookError: ``units`` is not a whole number from 1 to 100000, or ``seed`` not one from 0.

    >>> [unit.label for unit in make_units(4, seed=0)].count("NG")
    2
    >>> make_units(3, seed=5) == make_units(9, seed=5)[:3]
    True
    """
    units = whole_number("units", units, 1, MOST_UNITS)
    seed = whole_number("seed", seed, 0, HIGHEST_SEED)
    starts = np.random.default_rng([seed, 0]).random(len(DEFECTS))
    made = []
    for index in range(units):
        serial = f"F{index + 1:04d}"
        pair, place = divmod(index, 2)
        own_seed = int(np.random.default_rng([seed, 1, index]).integers(2**63))
        if np.random.default_rng([seed, 2, pair]).integers(2) != place:
            made.append(make_unit(serial, own_seed))
            continue
        turn, step = divmod(pair, len(DEFECTS))
        kind = int(np.random.default_rng([seed, 3, turn]).permutation(len(DEFECTS))[step])
        # Steps of the golden ratio fill the range evenly, however many units there are in the end.
        spot = (starts[kind] + turn * 0.6180339887498949) % 1.0
        made.append(make_unit(serial, own_seed, DEFECTS[kind], size_at(DEFECTS[kind], spot)))
    return made
