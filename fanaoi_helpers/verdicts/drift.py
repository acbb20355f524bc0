"""A day at a frozen threshold: what becomes of verdicts hour by hour, and the alarm that a line can have."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from .. import arrays
from ..errors import WorkbookError
from .counting import Verdicts, checked, judge

FIRST = 2  # hours that set the limits
SIGMAS = 3.0  # standard deviations of a mean that are allowed: a good hour gives a false alarm once in 370
LEAST_SPREAD = 0.1  # log-odds; smaller moves are of no consequence, however steady the first hours were


def by_hour(
    hours: Sequence[float], labels: Sequence[int], p_go: Sequence[float], threshold: float
) -> dict[float, Verdicts]:
    """Return the verdicts of each hour at one frozen threshold: escapes and overkill, hours rising.

    It needs the truth, which a line does not have while it works; see `control_chart` for what it has.

    Args:
        hours: (N,) when each of N photographs was taken, in whole hours: what is equal goes together.
        labels: (N,) GO 1, NG 0.
        p_go: (N,) P(GO), 0..1.
        threshold: GO from it on, 0..1.

    >>> day = by_hour([8, 8, 9, 9], [1, 0, 1, 0], [0.9, 0.1, 0.4, 0.2], threshold=0.5)
    >>> {hour: (counts.escapes, counts.overkill) for hour, counts in day.items()}
    {8.0: (0, 0), 9.0: (0, 1)}
    """
    labels, p_go = checked(labels, p_go)
    hours = arrays.row("hours", hours, len(p_go))
    return {
        hour: judge(labels[hours == hour], p_go[hours == hour], threshold)
        for hour in np.unique(hours).tolist()
    }


@dataclass(frozen=True, eq=False)
class ControlChart:
    """Mean scores by hour, the limits that the first hours set, and the hours outside of them.

    Attributes:
        hours: (H,) rising.
        means: (H,) mean log-odds; less those of the references where there were any.
        counts: (H,) photographs.
        center: the mean of the first hours.
        low, high: (H,) the limits.
    """

    hours: np.ndarray
    means: np.ndarray
    counts: np.ndarray
    center: float
    low: np.ndarray
    high: np.ndarray

    @property
    def outside(self) -> np.ndarray:
        """(H,) bool: the mean is beyond a limit."""
        return (self.means < self.low) | (self.means > self.high)

    @property
    def steady(self) -> bool:
        """Tell whether the first hours are within the limits that they set; else the limits mean little."""
        return not self.outside[:FIRST].any()

    @property
    def alarm(self) -> float | None:
        """The first hour outside of the limits after those that set them; None: there is none."""
        later = self.hours[FIRST:][self.outside[FIRST:]]
        return float(later[0]) if len(later) else None

    def __str__(self) -> str:
        center = round(self.center, 2) + 0.0  # no "-0.00"
        start = f"Mean score {center:+.2f} log-odds in the first {FIRST} hours"
        if not self.steady:
            start += ", which were not steady themselves"
        if self.alarm is None:
            return f"{start}; within the limits from then on."
        mean = self.means[self.hours == self.alarm][0]
        return (
            f"{start}; alarm in hour {self.alarm:g}, at {mean:+.2f}: stop, and look at lamp, lens and camera."
        )


def control_chart(
    hours: Sequence[float], scores: Sequence[float], reference: Sequence[float] | None = None
) -> ControlChart:
    """Watch the mean score by hour: an alarm that needs no labels.

    Give it what a line has: the golden samples, put into the station and photographed again every hour, with
    their scores at release as ``reference``; or simply all fans that were called GO. It is Shewhart's chart
    for means (Shewhart, "Economic Control of Quality of Manufactured Product", 1931): the limits are the mean
    of the first two hours, in which the station must be in order, ± 3 s / √n, with the standard deviation s
    within these hours (at least 0.1) and the n photographs of the hour. Probabilities would not do: near 0
    and 1 they hardly move.

    Args:
        hours: (N,) when each of N photographs was taken, in whole hours.
        scores: (N,) log-odds: ``verdicts.log_odds(p_go)`` or ``explain.logit(model, pixels)``.
        reference: (N,) the log-odds of the same unit at release; it takes away how units differ, so that
            less drift is noticed. None: there is none.

    Raises:
        WorkbookError: only one hour, or too few photographs in the first two to know how scores vary.

    >>> from fanaoi_helpers.verdicts import log_odds
    >>> hours, p_go = [8, 8, 9, 9, 10, 10], [0.99, 0.995, 0.992, 0.99, 0.8, 0.85]
    >>> control_chart(hours, log_odds(p_go)).alarm
    10.0
    """
    scores = arrays.row("scores", scores)
    hours = arrays.row("hours", hours, len(scores))
    if reference is not None:
        scores = scores - arrays.row("reference", reference, len(scores))
    when, place = np.unique(hours, return_inverse=True)
    if len(when) < FIRST:
        raise WorkbookError(
            f"hours holds only {when[0]:g}, but the first {FIRST} hours set the limits: go on."
        )

    counts = np.bincount(place)
    means = np.bincount(place, weights=scores) / counts
    early = place < FIRST
    free = int(early.sum()) - FIRST  # a mean was taken off in each hour
    if free < 1:
        raise WorkbookError(
            f"The first {FIRST} hours hold {int(early.sum())} photographs, too few to know how scores vary: "
            "take 2 or more an hour."
        )
    within = float(np.sum((scores - means[place])[early] ** 2))
    spread = max(LEAST_SPREAD, float(np.sqrt(within / free)))
    center = float(scores[early].mean())
    reach = SIGMAS * spread / np.sqrt(counts)
    return ControlChart(when, means, counts, center, center - reach, center + reach)
