"""What is asked of a station before it may release fans, and whether what was found meets it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

from .. import verdicts
from ..errors import number
from ..verdicts import ControlChart, Counts, Opening, ReviewBin
from ..verdicts.bounds import between
from .golden import GoldenResult

MET, UNPROVEN, BROKEN = "met", "not proven", "not met"


@dataclass(frozen=True)
class Limits:
    """What is asked of the station before it may release fans."""

    escape_rate: float = 0.005  # escapes as a share of all NG, at most; between 0 and 1
    overkill_rate: float = 0.01  # overkill as a share of all GO, at most; between 0 and 1
    review_minutes: float | None = None  # per shift for the fans left to a human, at most; None: any
    confidence: float = 0.95  # with which the rates must be proven, 0.5 to below 1

    def __post_init__(self) -> None:
        between("escape_rate", self.escape_rate, "0.005")
        between("overkill_rate", self.overkill_rate, "0.01")
        between("confidence", number("confidence", self.confidence, 0.5, 1), "0.95")
        if self.review_minutes is not None:
            number("review_minutes", self.review_minutes, 0, 100_000)


class Requirement(NamedTuple):
    """One thing that is asked, and what was found."""

    asks: str  # what, in words
    found: str  # in words, with the counts
    state: str  # "met", "not proven" (nothing speaks against it, but too little was seen) or "not met"


def rate(name: str, label: str, count: int, total: int, limit: float, confidence: float) -> Requirement:
    """Hold a rate that was seen, and what it proves, against its limit."""
    asks = f"{name} at most {percent(limit)} of all {label}, with {percent(confidence)} confidence"
    proven = verdicts.at_most(count, total, confidence)
    found = f"{count} of {total} {label} ({percent(count / total)}); proven: at most {percent(proven)}"
    if count / total > limit:
        return Requirement(asks, found, BROKEN)
    if proven <= limit:
        return Requirement(asks, found, MET)
    needed = verdicts.units_needed(limit, confidence, count)
    with_so_many = "without one" if count == 0 else f"with no more than {count}"
    return Requirement(asks, f"{found}; {needed:,} {label} {with_so_many} would prove it", UNPROVEN)


def short_review(review: ReviewBin, most: float) -> Requirement:
    """Tell whether review takes no more than ``most`` minutes of a shift."""
    found = f"{review.minutes_per_shift:,.0f} minutes for {percent(review.share)} of the fans"
    asks = f"Review takes at most {most:,.0f} minutes per shift"
    return Requirement(asks, found, MET if review.minutes_per_shift <= most else BROKEN)


def sealed(opening: Opening, threshold: float) -> Requirement:
    """Tell whether the sealed test was opened once, with the threshold that is released."""
    asks, at = "The sealed test was opened once, with the threshold frozen before", opening.threshold
    if at is None or abs(at - threshold) > 1e-9:
        other = "an unknown threshold" if at is None else f"the threshold {at:.6g}"
        return Requirement(asks, f"opened with {other}, but {threshold:.6g} is to be released", BROKEN)
    if opening.number > 1:
        found = f"this was opening {opening.number}: what was changed since may flatter the score"
        return Requirement(asks, found, BROKEN)
    return Requirement(asks, f"opened for the first time, with {at:.6g}", MET)


def golden_gate(result: GoldenResult | None) -> Requirement:
    """Tell whether the golden gate was passed."""
    asks = "The golden samples get the verdicts and scores that they had"
    if result is None:
        return Requirement(asks, "there are no golden samples", UNPROVEN)
    total = len(result.checks)
    found = "; ".join([f"{total - len(result.failed)} of {total} are as they were", *result.problems])
    return Requirement(asks, found, MET if result.passed else BROKEN)


def alarm_in_time(
    day: Mapping[float, Counts] | None, chart: ControlChart | None, limits: Limits
) -> Requirement:
    """Tell whether an alarm came before the verdicts of a drift day were beyond the limits."""
    asks = "On a day that drifts, an alarm comes before the rates are beyond their limits"
    if not day:
        return Requirement(asks, "no such day was watched", UNPROVEN)
    bad = [hour for hour, counts in sorted(day.items()) if _beyond(counts, limits)]
    alarm = None if chart is None else chart.alarm
    words = "no alarm" if alarm is None else f"alarm in hour {alarm:g}"
    if not bad:
        return Requirement(asks, f"no hour of {len(day)} was beyond them; {words}", MET)
    in_time = alarm is not None and alarm <= bad[0]
    return Requirement(asks, f"beyond them from hour {bad[0]:g} on; {words}", MET if in_time else BROKEN)


def _beyond(counts: Counts, limits: Limits) -> bool:
    """Tell whether the rates of an hour are beyond the limits by more than chance."""
    return any(
        total and verdicts.at_least(count, total, limits.confidence) > limit
        for count, total, limit in (
            (counts.escapes, counts.ng_total, limits.escape_rate),
            (counts.overkill, counts.go_total, limits.overkill_rate),
        )
    )


def percent(share: float) -> str:
    """Return a rate in percent, with three digits that say something.

    >>> percent(0.0295131), percent(0.005), percent(0.0), percent(1.0)
    ('2.95%', '0.5%', '0%', '100%')
    """
    return f"{100 * share:.3g}%"
