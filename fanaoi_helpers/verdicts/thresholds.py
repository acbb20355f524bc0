"""The threshold that decides GO or NG, chosen on validation: fewest mistakes, or least cost."""

from collections.abc import Sequence

import numpy as np

from ..errors import WorkbookError, number
from .bounds import between
from .judging import checked

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

    Raises:
        WorkbookError: as in `judge`, or only one label occurs.

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

    Raises:
        WorkbookError: as in `judge`, only one label occurs, or a cost or rate that makes no sense.

    >>> labels, p_go = [0, 0, 1, 0, 1, 1], [0.1, 0.2, 0.3, 0.5, 0.75, 0.9]
    >>> threshold_for_costs(labels, p_go, escape_cost=100, overkill_cost=1)
    0.625
    >>> threshold_for_costs(labels, p_go, escape_cost=1, overkill_cost=100)
    0.25
    """
    labels, p_go = checked(labels, p_go)
    escape_cost = number("escape_cost", escape_cost, 1 / MOST_COST, MOST_COST)
    overkill_cost = number("overkill_cost", overkill_cost, 1 / MOST_COST, MOST_COST)
    go_total = int(labels.sum())
    if not 0 < go_total < len(labels):
        present = "GO" if go_total else "NG"
        raise WorkbookError(
            f"All {len(labels)} labels are {present}, but a threshold between GO and NG can only be chosen "
            "on photographs of both."
        )
    if ng_rate is not None:
        ng_rate = between("ng_rate", ng_rate, "0.005")
        escape_cost *= ng_rate / (len(labels) - go_total)
        overkill_cost *= (1 - ng_rate) / go_total
    scores, position = np.unique(p_go, return_inverse=True)
    go = np.bincount(position, weights=labels, minlength=len(scores))
    ng = np.bincount(position, weights=1 - labels, minlength=len(scores))
    # A threshold in gap k calls the k lowest scores NG and the others GO.
    overkill = np.concatenate([[0], np.cumsum(go)])
    escapes = ng.sum() - np.concatenate([[0], np.cumsum(ng)])
    costs = escapes * escape_cost + overkill * overkill_cost
    costs /= max(costs[0], costs[-1])
    edges = np.concatenate([[0.0], scores, [1.0]])
    gaps = range(len(scores) + 1 if scores[-1] < 1 else len(scores))  # no threshold calls a score of 1 NG

    def preference(gap: int) -> tuple[float, float, float, float]:
        low, high = edges[gap], edges[gap + 1]
        middle = _middle(low, high)
        # Rounded, so that gaps equal but for the last bit are equal on every machine.
        return round(costs[gap], 13), -round(high - low, 12), round(abs(middle - 0.5), 12), -middle

    best = min(gaps, key=preference)
    return _middle(edges[best], edges[best + 1])


def _middle(low: float, high: float) -> float:
    """Return the middle, but above ``low`` where the two are neighbors: the lower score must stay NG."""
    middle = float((low + high) / 2)
    return middle if middle > low else float(high)
