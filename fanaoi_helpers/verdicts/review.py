"""The third verdict: fans that the machine leaves to a human, and what that costs in minutes."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ..errors import WorkbookError, number, whole_number
from .bounds import between
from .counting import Counts, checked, counted
from .thresholds import MOST_COST, cost_curve


def calls(p_go: Sequence[float], low: float, high: float) -> np.ndarray:
    """Return "GO" where P(GO) >= high, "NG" where it is below low, "REVIEW" between, and where it is NaN.

    With ``low == high`` nothing is left to review, and the two are the threshold.

    Args:
        p_go: (N,) P(GO).
        low, high: 0..1, rising.

    Returns:
        (N,) str.

    >>> calls([0.1, 0.3, 0.6, 0.7], 0.3, 0.7).tolist()
    ['NG', 'REVIEW', 'REVIEW', 'GO']
    """
    low, high = _band(low, high)
    p_go = np.asarray(p_go, dtype=np.float64)
    return np.select([p_go >= high, p_go < low], ["GO", "NG"], "REVIEW")


@dataclass(frozen=True)
class ReviewBin(Counts):
    """What a band of scores that goes to a human means.

    Its `Counts` are the mistakes that the machine makes by itself; what goes to the human is none.

    Attributes, besides those of `Counts`:
        low: NG below it.
        high: GO from it on.
        reviewed: photographs between.
        share: the share of the line's fans that goes to a human.
        minutes_per_shift: what the human spends on them.
    """

    low: float
    high: float
    reviewed: int
    share: float
    minutes_per_shift: float


def review_bin(
    p_go: Sequence[float],
    low: float,
    high: float,
    *,
    labels: Sequence[int],
    fans_per_shift: int,
    seconds_each: float,
    ng_rate: float | None = None,
) -> ReviewBin:
    """Return what it means that fans with ``low <= P(GO) < high`` go to a human.

    Args:
        p_go: (N,) P(GO) of N photographs, 0..1.
        low: NG below it, 0..1.
        high: GO from it on, low..1.
        labels: (N,) GO 1, NG 0.
        fans_per_shift: fans that the line makes in a shift.
        seconds_each: what a human needs for one of them.
        ng_rate: the share of NG on the line, between 0 and 1; both labels must occur. None: as in ``p_go``,
            which on a test that is half NG says little about a line that is not.

    >>> labels, p_go = [0, 1, 0, 1], [0.1, 0.4, 0.6, 0.9]
    >>> band = review_bin(p_go, 0.3, 0.7, labels=labels, fans_per_shift=3000, seconds_each=6)
    >>> band.share, band.minutes_per_shift, band.escapes
    (0.5, 150.0, 0)
    """
    low, high = _band(low, high)
    fans_per_shift = whole_number("fans_per_shift", fans_per_shift, 1, 100_000_000)
    seconds_each = number("seconds_each", seconds_each, 0, 86_400)
    labels, p_go = checked(labels, p_go)
    called_go, called_ng = p_go >= high, p_go < low
    review = ~(called_go | called_ng)
    share = float(review.mean())
    if ng_rate is not None:
        ng_rate = between("ng_rate", ng_rate, "0.005")
        if labels.all() or not labels.any():
            raise WorkbookError(
                "ng_rate needs labels of both kinds, or else the shares of each are not known."
            )
        share = float(ng_rate * review[labels == 0].mean() + (1 - ng_rate) * review[labels == 1].mean())
    return ReviewBin(
        **counted(labels, called_go, called_ng),
        low=low,
        high=high,
        reviewed=int(review.sum()),
        share=share,
        minutes_per_shift=share * fans_per_shift * seconds_each / 60,
    )


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
    now = curve.gap(threshold)
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
