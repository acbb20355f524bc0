"""The threshold that decides GO or NG, chosen on validation: by mistakes, costs, or a limit for overkill.

Three rules, for who knows more and more. `choose_threshold`: nobody has said what a mistake costs, as in
notebook 05 and for all that is compared with its CNN. `threshold_for_overkill`: the good fans that may be
stopped are limited, as for the repaired CNN of notebook 07 that comes with the workbook. And
`threshold_for_costs`: a line tells what its mistakes cost and how rare NG is, as in notebook 08.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ..errors import WorkbookError, number
from .bounds import between
from .counting import checked, counted_between

MOST_COST = 1e12  # in any currency


def choose_threshold(labels: Sequence[int], p_go: Sequence[float]) -> float:
    """Return the threshold with the fewest mistakes, in the middle of the widest gap between the scores.

    Escapes and overkill count the same. All thresholds between two neighboring scores give the same verdicts;
    among the gaps with the fewest mistakes the widest is taken, then the one whose middle is nearest to 0.5,
    then the higher one, which lets fewer fans pass. Choose on validation, then leave it alone: chosen on the
    test, it would flatter the test.

    Args:
        labels: (N,) GO 1, NG 0; both must occur.
        p_go: (N,) P(GO), 0..1.

    >>> choose_threshold([0, 0, 1, 1], [0.1, 0.25, 0.5, 0.9])
    0.375
    """
    return threshold_for_costs(labels, p_go, 1, 1)


def threshold_for_costs(
    labels: Sequence[int],
    p_go: Sequence[float],
    escape_cost: float,
    overkill_cost: float,
    ng_rate: float | None = None,
) -> float:
    """Return the threshold with the smallest expected cost, in the middle of the widest gap.

    The cost of a fan, expected on a line with the share π of NG (Elkan, "The foundations of cost-sensitive
    learning", 2001)::

        π · escape rate · escape_cost  +  (1 - π) · overkill rate · overkill_cost

    Thresholds of equal cost are told apart as `choose_threshold` does. Chosen on validation, as there.

    Args:
        labels: (N,) GO 1, NG 0; both must occur.
        p_go: (N,) P(GO), 0..1.
        escape_cost: what one escape costs; more than 0.
        overkill_cost: what one good fan called NG costs, in the same currency; more than 0.
        ng_rate: the share of NG on the line, between 0 and 1; None: as among ``labels``. Photographs for
            training are often half NG, a line is not: then the costs weigh quite differently.

    >>> labels, p_go = [0, 0, 1, 0, 1, 1], [0.1, 0.2, 0.3, 0.5, 0.75, 0.9]
    >>> threshold_for_costs(labels, p_go, escape_cost=100, overkill_cost=1)
    0.625
    >>> threshold_for_costs(labels, p_go, escape_cost=1, overkill_cost=100)
    0.25
    """
    curve = cost_curve(labels, p_go, escape_cost, overkill_cost, ng_rate)
    return float(curve.thresholds[_best(curve)])


def threshold_for_overkill(labels: Sequence[int], p_go: Sequence[float], at_most: float) -> float:
    """Return the strictest threshold that calls no more than a share ``at_most`` of GO photographs NG.

    Where overkill has a limit and escapes shall be as few as they can be, as in the lemma of Neyman and
    Pearson ("On the problem of the most efficient tests of statistical hypotheses", 1933). It stands in the
    middle between the lowest GO score that is kept and the next score below. Chosen on validation, the limit
    is kept there; elsewhere it comes out a little more or less, so choose with room to spare.

    Args:
        labels: (N,) GO 1, NG 0; both must occur.
        p_go: (N,) P(GO), 0..1.
        at_most: share of GO, 0 to less than 1.

    >>> labels, p_go = [0, 0, 0, 1, 1, 1, 1], [0.1, 0.4, 0.7, 0.3, 0.6, 0.8, 0.9]
    >>> [round(threshold_for_overkill(labels, p_go, share), 2) for share in (0, 0.25, 0.5)]
    [0.2, 0.5, 0.75]
    """
    labels, p_go = _with_both(labels, p_go)
    at_most = number("at_most", at_most, 0, 1 - 1e-9)
    lowest_go = np.sort(p_go[labels == 1])[int(at_most * np.sum(labels == 1) + 1e-9)]
    below = p_go[p_go < lowest_go]
    return _middle(below.max() if below.size else 0.0, lowest_go)


@dataclass(frozen=True, eq=False)
class CostCurve:
    """What every threshold would cost; between two neighboring scores all thresholds cost the same.

    Attributes:
        edges: (K + 1,) 0, the scores that occur, rising, and 1: gap k goes from ``edges[k]`` to
            ``edges[k + 1]``.
        thresholds: (K,) the middle of each gap.
        escapes: (K,) NG called GO at that threshold, of ``ng_total``.
        overkill: (K,) GO called NG, of ``go_total``.
        ng_total: NG photographs.
        go_total: GO photographs.
        escape_costs: (K,) what escapes cost, expected for each fan of the line.
        overkill_costs: (K,) what overkill costs.
    """

    edges: np.ndarray
    thresholds: np.ndarray
    escapes: np.ndarray
    overkill: np.ndarray
    ng_total: int
    go_total: int
    escape_costs: np.ndarray
    overkill_costs: np.ndarray

    @property
    def costs(self) -> np.ndarray:
        """(K,) what a fan costs, expected."""
        return self.escape_costs + self.overkill_costs

    def at(self, threshold: float) -> float:
        """Return what a fan costs at ``threshold``, 0..1."""
        return float(self.costs[self.gap(number("threshold", threshold, 0, 1))])

    def gap(self, threshold: float) -> int:
        """Return the gap of a threshold: one at a score calls that GO, and is of the gap that ends there."""
        return int(np.searchsorted(self.edges[1:-1], threshold, side="left"))


def cost_curve(
    labels: Sequence[int],
    p_go: Sequence[float],
    escape_cost: float,
    overkill_cost: float,
    ng_rate: float | None = None,
) -> CostCurve:
    """Return what a fan costs at every threshold, as `threshold_for_costs` weighs it.

    >>> curve = cost_curve([0, 0, 1, 1], [0.2, 0.6, 0.4, 0.8], escape_cost=10, overkill_cost=1)
    >>> [round(float(threshold), 2) for threshold in curve.thresholds], curve.costs.tolist()
    ([0.1, 0.3, 0.5, 0.7, 0.9], [5.0, 2.5, 2.75, 0.25, 0.5])
    >>> curve.at(0.6), curve.at(0.65)
    (2.75, 0.25)
    """
    labels, p_go = _with_both(labels, p_go)
    escape_cost = number("escape_cost", escape_cost, 1 / MOST_COST, MOST_COST)
    overkill_cost = number("overkill_cost", overkill_cost, 1 / MOST_COST, MOST_COST)
    go_total = int(labels.sum())
    ng_total = len(labels) - go_total
    ng_rate = ng_total / len(labels) if ng_rate is None else between("ng_rate", ng_rate, "0.005")
    scores, escapes, overkill = counted_between(labels, p_go)
    edges = np.concatenate([[0.0], scores, [1.0]])
    return CostCurve(
        edges=edges,
        thresholds=np.array([_middle(low, high) for low, high in zip(edges, edges[1:], strict=False)]),
        escapes=escapes,
        overkill=overkill,
        ng_total=ng_total,
        go_total=go_total,
        escape_costs=escapes / ng_total * ng_rate * escape_cost,
        overkill_costs=overkill / go_total * (1 - ng_rate) * overkill_cost,
    )


def _best(curve: CostCurve) -> int:
    """Return the cheapest gap; of equals the widest, then the one nearest to 0.5, then the higher one."""
    gaps = len(curve.thresholds) - (curve.edges[-2] == 1)  # no threshold calls a score of 1 NG
    costs = curve.costs / max(curve.costs[0], curve.costs[-1])
    # Rounded, so that gaps equal but for the last bit are equal on every machine.
    by_cost, by_width = costs.round(13), -np.diff(curve.edges).round(12)
    by_distance = np.abs(curve.thresholds - 0.5).round(12)
    keys = (-curve.thresholds, by_distance, by_width, by_cost)  # the last one is looked at first
    return int(np.lexsort([key[:gaps] for key in keys])[0])


def _with_both(labels: Sequence[int], p_go: Sequence[float]) -> tuple[np.ndarray, np.ndarray]:
    """Return labels and scores as arrays, checked, or refuse them where only one label occurs."""
    labels, p_go = checked(labels, p_go)
    if labels.all() or not labels.any():
        present = "GO" if labels.any() else "NG"
        raise WorkbookError(
            f"All {len(labels)} labels are {present}, but a threshold between GO and NG can only be chosen "
            "on photographs of both."
        )
    return labels, p_go


def _middle(low: float, high: float) -> float:
    """Return the middle, but above ``low`` where the two are neighbors: the lower score must stay NG."""
    middle = float((low + high) / 2)
    return middle if middle > low else float(high)
