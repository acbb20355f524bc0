"""An attribute study: human and machine judge the same units, several times, and are compared."""

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from .. import arrays
from ..errors import WorkbookError
from .counting import Counts, counted


@dataclass(frozen=True)
class Appraiser:
    """How one who judges agrees with the truth, and with himself, herself or itself.

    Attributes:
        name: "human" or "machine", for instance.
        kappa: Cohen's, against the truth; None where it is not defined (only one verdict and one label).
        counts: shots of NG called GO and of GO called NG: an inspector's misses and false alarms.
        same: units with the same verdict on all their shots, of ``repeated``.
        repeated: units with two or more shots.
    """

    name: str
    kappa: float | None
    counts: Counts
    same: int
    repeated: int

    @property
    def miss_rate(self) -> float | None:
        """Misses as a share of all NG; None where there is no NG. An inspector's escape rate."""
        return self.counts.escape_rate

    @property
    def false_alarm_rate(self) -> float | None:
        """False alarms as a share of all GO; None where there is no GO. An inspector's overkill rate."""
        return self.counts.overkill_rate

    @property
    def repeatability(self) -> float | None:
        """The share of units judged the same on all their shots; None where none has two or more."""
        return self.same / self.repeated if self.repeated else None


@dataclass(frozen=True)
class AttributeStudy:
    """All who judged, in their order, and Cohen's kappa between any two (None where it is not defined)."""

    appraisers: list[Appraiser]
    between: dict[tuple[str, str], float | None]


def attribute_study(
    labels: Sequence[int],
    verdicts: Mapping[str, Sequence[int]],
    units: Sequence[Hashable] | None = None,
) -> AttributeStudy:
    """Compare human and machine (or any others) with the truth, with each other and each with itself.

    Kappa is the agreement beyond chance (Cohen, "A coefficient of agreement for nominal scales", 1960;
    scikit-learn's ``cohen_kappa_score``). A usual yardstick: kappa 0.75 or more, misses at most 2 %, false
    alarms at most 5 % (AIAG, Measurement Systems Analysis, 4th edition, 2010). A machine gives the same file
    the same verdict every time, which proves nothing: photograph the unit again, taken off and put back.

    Args:
        labels: (N,) the truth for each shot, GO 1, NG 0.
        verdicts: by name of who judged, (N,) 1 for called GO, 0 for called NG, on the same N shots.
        units: (N,) which unit each shot shows; None: nothing was judged twice.

    >>> study = attribute_study([1, 1, 0, 0], {"human": [1, 1, 0, 1], "machine": [1, 0, 0, 0]}, "aabb")
    >>> [(judge.name, judge.kappa, judge.miss_rate, judge.repeatability) for judge in study.appraisers]
    [('human', 0.5, 0.5, 0.5), ('machine', 0.5, 0.0, 0.5)]
    """
    truth = arrays.zeros_and_ones("labels", labels)
    if not isinstance(verdicts, Mapping) or not verdicts:
        raise WorkbookError(
            'verdicts must be a dict of at least one, such as {"human": [1, 0], "machine": [1, 1]}.'
        )
    called = {name: arrays.zeros_and_ones(str(name), given, len(truth)) for name, given in verdicts.items()}
    shots = _shots_of_units(units, truth)
    appraisers = []
    for name, given in called.items():
        repeats = [len(np.unique(given[places])) == 1 for places in shots]
        appraisers.append(
            Appraiser(
                name=name,
                kappa=_kappa(truth, given),
                counts=Counts(**counted(truth, given == 1, given == 0)),
                same=sum(repeats),
                repeated=len(repeats),
            )
        )
    pairs = {
        (first, second): _kappa(called[first], called[second]) for first, second in combinations(called, 2)
    }
    return AttributeStudy(appraisers, pairs)


def _kappa(first: np.ndarray, second: np.ndarray) -> float | None:
    """Return Cohen's kappa, None where both hold one value only, the same: chance would agree as well."""
    if len(np.unique(np.concatenate([first, second]))) == 1:
        return None
    from sklearn.metrics import cohen_kappa_score

    return float(cohen_kappa_score(first, second))


def _shots_of_units(units: Sequence[Hashable] | None, truth: np.ndarray) -> list[list[int]]:
    """Return the places of the shots of each unit that has two or more, all of one label."""
    if units is None:
        return []
    places: dict[Hashable, list[int]] = {}
    for place, unit in enumerate(np.asarray(units).tolist() if isinstance(units, np.ndarray) else units):
        places.setdefault(unit, []).append(place)
    count = sum(map(len, places.values()))
    if count != len(truth):
        raise WorkbookError(
            f"units names {count} shots, but labels has {len(truth)}: one unit for each shot."
        )
    for unit, held in places.items():
        if len(np.unique(truth[held])) > 1:
            raise WorkbookError(
                f"Unit {unit!r} is labeled GO on one shot and NG on another: put the labels right."
            )
    return [held for held in places.values() if len(held) > 1]
