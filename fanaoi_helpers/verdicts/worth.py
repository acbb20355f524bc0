"""What a score is worth: held against always saying one label, and against verdicts dealt out by lot."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from ..errors import WorkbookError
from .bounds import zero_escape_bound

if TYPE_CHECKING:
    from .counting import Verdicts

MOST_LUCK = 0.05  # verdicts are better than luck where luck does as well in no more than 5 % of tests
LEAST_AUC = 0.6  # below it no threshold tells much
FEW = 0.1  # units of a label are few where even all of them right leave a rate of more than 10 % open


class ByUnit(NamedTuple):
    """Verdicts counted by unit: one is right where more than half of its photographs are."""

    go_right: int
    go_units: int
    ng_right: int
    ng_units: int

    @property
    def luck(self) -> float | None:
        """The share of tests in which verdicts dealt out by lot do as well; None where one label lacks.

        Fisher's exact test, one-sided (R. A. Fisher, "The design of experiments", 1935, chapter 2): as many
        units are called GO as were, but any of them.
        """
        if not (self.go_units and self.ng_units):
            return None
        from scipy.stats import fisher_exact

        wrong = self.go_units - self.go_right, self.ng_units - self.ng_right
        table = [[self.go_right, wrong[0]], [wrong[1], self.ng_right]]
        return float(fisher_exact(table, alternative="greater")[1])


def units_checked(units: object, count: int) -> np.ndarray:
    """Return (N,) int64, the unit of each of ``count`` photographs numbered from 0, or refuse ``units``."""
    found = np.asarray(units)
    if found.shape != (count,):
        raise WorkbookError(
            f"units has the shape {found.shape}, but it must be ({count},): one serial or number for each "
            "photograph."
        )
    return np.unique(found, return_inverse=True)[1].astype(np.int64)


def counted_by_unit(labels: np.ndarray, called_go: np.ndarray, units: np.ndarray | None) -> ByUnit:
    """Count (N,) verdicts by unit; without ``units`` (N,) each photograph is one.

    A unit that bears both labels, in different photographs, counts for each of them.

    >>> labels, called = np.array([1, 1, 1, 0, 0]), np.array([True, True, False, False, True])
    >>> counted_by_unit(labels, called, np.array([7, 7, 7, 8, 9]))
    ByUnit(go_right=1, go_units=1, ng_right=1, ng_units=2)
    """
    units = np.arange(len(labels)) if units is None else units
    names, which = np.unique(2 * units + labels, return_inverse=True)
    right = 2 * np.bincount(which, weights=called_go == (labels == 1)) > np.bincount(which)
    go = names % 2 == 1
    return ByUnit(int(right[go].sum()), int(go.sum()), int(right[~go].sum()), int((~go).sum()))


def sentences(verdicts: Verdicts) -> list[str]:
    """Return what a reader of a score must know besides: is it better than no CNN, and how many units tell?

    Better than always saying one label is a score that is right more often, and tells GO from NG as verdicts
    dealt out by lot would in no more than 5 % of tests, counted by unit.
    """
    counts = verdicts.by_unit
    if counts.luck is None:
        other = "NG" if verdicts.go_total else "GO"
        return [f"No {other} was judged: whether {other} would be found is not known."]
    told = []
    unit = "photographs" if verdicts.units is None else "units"
    always = f"always saying {verdicts.commoner}"
    ahead = verdicts.accuracy > verdicts.majority
    lot = f"verdicts dealt out by lot do as well in {_share(counts.luck)} of tests"
    if counts.luck > MOST_LUCK:
        better = "Not shown to be better" if ahead else "No better"
        seen = f"on {counts.go_units} GO and {counts.ng_units} NG {unit}"
        told.append(f"{better} than {always}: {seen} {lot}.")
        if verdicts.auc >= LEAST_AUC and _ranks(verdicts):
            told.append(f"Its scores do rank GO above NG (AUC {verdicts.auc:.3f}): try another threshold.")
    elif not ahead:
        told.append(f"Right no more often than {always}, though it does tell GO from NG: {lot}.")
    label, fewest, total = ("GO", counts.go_units, verdicts.go_total)
    if counts.ng_units < fewest:
        label, fewest, total = ("NG", counts.ng_units, verdicts.ng_total)
    if (open_rate := zero_escape_bound(fewest)) > FEW:
        units = f"{fewest} unit{'s' * (fewest != 1)}"
        few = f"{total} {label} are few" if fewest == total else f"The {total} {label} are {units}"
        told.append(
            f"{few}: even with all of them right, up to {open_rate:.0%} of {label} may be called wrong "
            "(95% confidence)."
        )
    return told


def _ranks(verdicts: Verdicts) -> bool:
    """Tell whether GO units score above NG units by more than luck (Mann and Whitney's test)."""
    from scipy.stats import mannwhitneyu

    labels = verdicts.labels
    units = np.arange(len(labels)) if verdicts.units is None else verdicts.units
    names, which = np.unique(2 * units + labels, return_inverse=True)
    means = np.bincount(which, weights=verdicts.p_go) / np.bincount(which)
    go = names % 2 == 1
    return bool(mannwhitneyu(means[go], means[~go], alternative="greater").pvalue <= MOST_LUCK)


def _share(share: float) -> str:
    """Return a share in percent, never as none or all of it where it is neither.

    >>> _share(0.00004), _share(0.0791), _share(0.83), _share(0.9991), _share(1.0)
    ('less than 0.1%', '7.9%', '83%', 'more than 99%', '100%')
    """
    if share < 0.001:
        return "less than 0.1%"
    if 0.99 < share < 1:
        return "more than 99%"
    return f"{share:.0%}" if share >= 0.1 else f"{share:.1%}"
