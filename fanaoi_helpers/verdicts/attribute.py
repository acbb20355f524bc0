"""An attribute study: human and machine judge the same units, several times, and are compared."""

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from ..errors import WorkbookError


@dataclass(frozen=True)
class Appraiser:
    """How one who judges agrees with the truth, and with himself, herself or itself.

    Attributes:
        name: "human" or "machine", for instance.
        kappa: Cohen's, against the truth; None where it is not defined (only one verdict and one label).
        agreement: the share of right verdicts.
        misses: NG called GO, of ``ng_total``.
        ng_total: NG shots.
        false_alarms: GO called NG, of ``go_total``.
        go_total: GO shots.
        same: units with the same verdict on all their shots, of ``repeated``.
        repeated: units with two or more shots.
    """

    name: str
    kappa: float | None
    agreement: float
    misses: int
    ng_total: int
    false_alarms: int
    go_total: int
    same: int
    repeated: int

    @property
    def miss_rate(self) -> float | None:
        """Misses as a share of all NG; None where there is no NG. An inspector's escape rate."""
        return self.misses / self.ng_total if self.ng_total else None

    @property
    def false_alarm_rate(self) -> float | None:
        """False alarms as a share of all GO; None where there is no GO. An inspector's overkill rate."""
        return self.false_alarms / self.go_total if self.go_total else None

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

    Raises:
        WorkbookError: shapes that do not match, other values than 0 and 1, a unit with two labels.

    >>> study = attribute_study([1, 1, 0, 0], {"human": [1, 1, 0, 1], "machine": [1, 0, 0, 0]}, "aabb")
    >>> [(judge.name, judge.kappa, judge.miss_rate, judge.repeatability) for judge in study.appraisers]
    [('human', 0.5, 0.5, 0.5), ('machine', 0.5, 0.0, 0.5)]
    """
    truth = _zeros_and_ones("labels", labels, None)
    if not isinstance(verdicts, Mapping) or not verdicts:
        raise WorkbookError(
            'verdicts must be a dict of at least one, such as {"human": [1, 0], "machine": [1, 1]}.'
        )
    called = {name: _zeros_and_ones(str(name), given, len(truth)) for name, given in verdicts.items()}
    shots = _shots_of_units(units, truth)
    appraisers = []
    for name, given in called.items():
        repeats = [len(np.unique(given[places])) == 1 for places in shots]
        appraisers.append(
            Appraiser(
                name=name,
                kappa=_kappa(truth, given),
                agreement=float(np.mean(truth == given)),
                misses=int(np.sum((truth == 0) & (given == 1))),
                ng_total=int(np.sum(truth == 0)),
                false_alarms=int(np.sum((truth == 1) & (given == 0))),
                go_total=int(np.sum(truth == 1)),
                same=sum(repeats),
                repeated=len(repeats),
            )
        )
    pairs = {(one, other): _kappa(called[one], called[other]) for one, other in combinations(called, 2)}
    return AttributeStudy(appraisers, pairs)


def _kappa(one: np.ndarray, other: np.ndarray) -> float | None:
    """Return Cohen's kappa, None where both hold one value only, the same: chance would agree as well."""
    if len(np.unique(np.concatenate([one, other]))) == 1:
        return None
    from sklearn.metrics import cohen_kappa_score

    return float(cohen_kappa_score(one, other))


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


def _zeros_and_ones(name: str, values: Sequence[int], count: int | None) -> np.ndarray:
    """Return ``values`` as (N,) int64 of 0 and 1, N being ``count`` where it is given, or refuse them."""
    array = np.asarray(values)
    if array.ndim != 1 or len(array) == 0 or not np.isin(array, (0, 1)).all():
        raise WorkbookError(f"{name} must be a list of 1 for GO and 0 for NG, one for each shot.")
    if count not in (None, len(array)):
        raise WorkbookError(
            f"{name} holds {len(array)} verdicts, but there are {count} labels: one for each shot."
        )
    return array.astype(np.int64)
