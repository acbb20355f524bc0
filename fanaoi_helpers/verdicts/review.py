"""The third verdict: fans that the machine leaves to a human, and what that costs in minutes."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ..errors import WorkbookError, number, whole_number
from .bounds import between
from .judging import checked
from .thresholds import MOST_COST, cost_curve


def calls(p_go: Sequence[float], low: float, high: float) -> np.ndarray:
    """Return "GO" where P(GO) >= high, "NG" where it is below low, "REVIEW" between, and where it is NaN.

    With ``low == high`` nothing is left to review, and the two are the threshold.

    Args:
        p_go: (N,) P(GO).
        low: 0..1.
        high: low..1.

    Returns:
        (N,) str.

    Raises:
        WorkbookError: bounds that make no sense.

    >>> calls([0.1, 0.3, 0.6, 0.7], 0.3, 0.7).tolist()
    ['NG', 'REVIEW', 'REVIEW', 'GO']
    """
    low, high = _band(low, high)
    p_go = np.asarray(p_go, dtype=np.float64)
    return np.select([p_go >= high, p_go < low], ["GO", "NG"], "REVIEW")


@dataclass(frozen=True)
class ReviewBin:
    """What a band of scores that goes to a human means.

    Attributes:
        low: NG below it.
        high: GO from it on.
        reviewed: photographs between.
        total: all photographs.
        share: the share of the line's fans that goes to a human.
        minutes_per_shift: what the human spends on them.
        escapes: NG that the machine still calls GO, of ``ng_total``; None without labels.
        overkill: GO that the machine still calls NG, of ``go_total``; None without labels.
        ng_total: all NG; None without labels.
        go_total: all GO; None without labels.
    """

    low: float
    high: float
    reviewed: int
    total: int
    share: float
    minutes_per_shift: float
    escapes: int | None = None
    overkill: int | None = None
    ng_total: int | None = None
    go_total: int | None = None


def review_bin(
    p_go: Sequence[float],
    low: float,
    high: float,
    *,
    fans_per_shift: int,
    seconds_each: float,
    labels: Sequence[int] | None = None,
    ng_rate: float | None = None,
) -> ReviewBin:
    """Return what it means that fans with ``low <= P(GO) < high`` go to a human.

    Args:
        p_go: (N,) P(GO) of N photographs, 0..1.
        low: NG below it, 0..1.
        high: GO from it on, low..1.
        fans_per_shift: fans that the line makes in a shift.
        seconds_each: what a human needs for one of them.
        labels: (N,) GO 1, NG 0: then escapes and overkill are counted that the machine makes by itself.
        ng_rate: the share of NG on the line, between 0 and 1; labels are needed. None: as in ``p_go``, which
            on a test that is half NG says little about a line that is not.

    Raises:
        WorkbookError: bounds, scores, labels or numbers that make no sense.

    >>> found = review_bin([0.1, 0.4, 0.6, 0.9], 0.3, 0.7, fans_per_shift=3000, seconds_each=6)
    >>> found.share, found.minutes_per_shift
    (0.5, 150.0)
    """
    low, high = _band(low, high)
    fans_per_shift = whole_number("fans_per_shift", fans_per_shift, 1, 100_000_000)
    seconds_each = number("seconds_each", seconds_each, 0, 86_400)
    checked_labels, p_go = checked(np.zeros(np.shape(p_go)) if labels is None else labels, p_go)
    called = calls(p_go, low, high)
    review = called == "REVIEW"
    share, counts = float(review.mean()), {}
    if labels is not None:
        go = checked_labels == 1
        counts = {
            "escapes": int(np.sum(~go & (called == "GO"))),
            "overkill": int(np.sum(go & (called == "NG"))),
            "ng_total": int(np.sum(~go)),
            "go_total": int(np.sum(go)),
        }
    if ng_rate is not None:
        ng_rate = between("ng_rate", ng_rate, "0.005")
        if not counts or not counts["ng_total"] or not counts["go_total"]:
            raise WorkbookError(
                "ng_rate needs labels of both kinds, or else the shares of each are not known."
            )
        share = float(ng_rate * review[~go].mean() + (1 - ng_rate) * review[go].mean())
    minutes = share * fans_per_shift * seconds_each / 60
    return ReviewBin(low, high, int(review.sum()), len(p_go), share, minutes, **counts)


def review_for_costs(
    labels: Sequence[int],
    p_go: Sequence[float],
    threshold: float,
    *,
    escape_cost: float,
    overkill_cost: float,
    review_cost: float,
    ng_rate: float | None = None,
) -> tuple[float, float]:
    """Return the band about ``threshold`` that should go to a human: where that costs less than mistakes.

    A fan in the band costs ``review_cost`` instead of what the machine's mistake would cost (Chow, "On
    optimum recognition error and reject tradeoff", 1970); the human is taken to be right. Choose on
    validation, as the threshold. ``(threshold, threshold)`` says that no review pays.

    Args:
        labels: (N,) GO 1, NG 0; both must occur.
        p_go: (N,) P(GO), 0..1.
        threshold: GO from it on where nothing is reviewed, 0..1; it lies in the band or at its end.
        escape_cost: what one escape costs; more than 0.
        overkill_cost: what one good fan called NG costs, in the same currency; more than 0.
        review_cost: what one look of a human costs; more than 0.
        ng_rate: as in `threshold_for_costs`.

    Raises:
        WorkbookError: as in `threshold_for_costs`.

    >>> labels, p_go = [0, 0, 1, 0, 1, 1], [0.1, 0.2, 0.3, 0.5, 0.75, 0.9]
    >>> low, high = review_for_costs(labels, p_go, 0.4, escape_cost=100, overkill_cost=10, review_cost=1)
    >>> low, high
    (0.25, 0.625)
    """
    threshold = number("threshold", threshold, 0, 1)
    review_cost = number("review_cost", review_cost, 1 / MOST_COST, MOST_COST)
    curve = cost_curve(labels, p_go, escape_cost, overkill_cost, ng_rate)
    # The cost of review up to each gap: that of all fans whose score lies below it.
    ng_share = curve.ng_total / (curve.ng_total + curve.go_total) if ng_rate is None else ng_rate
    below = (1 - curve.escapes / curve.ng_total) * ng_share + curve.overkill / curve.go_total * (1 - ng_share)
    review = below * review_cost
    now = int(np.searchsorted(curve.edges[1:-1], threshold, side="left"))
    low_costs = np.round((curve.overkill_costs - review)[: now + 1], 13)
    high_costs = np.round((curve.escape_costs + review)[now:], 13)
    low = now - int(np.argmin(low_costs[::-1]))  # of equals the one nearest to the threshold
    high = now + int(np.argmin(high_costs))
    return (
        threshold if low == now else float(curve.thresholds[low]),
        threshold if high == now else float(curve.thresholds[high]),
    )


def _band(low: float, high: float) -> tuple[float, float]:
    low = number("low", low, 0, 1)
    return low, number("high", high, low, 1)
