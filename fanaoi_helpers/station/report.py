"""The release report: one page on which a quality manager can decide, and sign."""

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timezone
from pathlib import Path
from typing import NamedTuple

from .. import files, verdicts
from ..errors import WorkbookError, number, text
from ..verdicts import AttributeStudy, ControlChart, Opening, Prevalence, ReviewBin, SizeBin, Verdicts
from ..verdicts.bounds import between
from .golden import GoldenResult
from .policy import Policy, sha256

MET, UNPROVEN, BROKEN = "met", "not proven", "not met"
DECISIONS = {
    MET: "The figures support a release.",
    UNPROVEN: "No limit is broken, but not everything that is asked is proven.",
    BROKEN: "The figures do not support a release.",
}


@dataclass(frozen=True)
class Limits:
    """What is asked of the station before it may release fans.

    Attributes:
        escape_rate: escapes as a share of all NG, at most; between 0 and 1.
        overkill_rate: overkill as a share of all GO, at most; between 0 and 1.
        review_minutes: per shift for the fans left to a human, at most; None: any.
        confidence: with which the rates must be proven, 0.5 to below 1.

    Raises:
        WorkbookError: a limit that makes no sense.
    """

    escape_rate: float = 0.005
    overkill_rate: float = 0.01
    review_minutes: float | None = None
    confidence: float = 0.95

    def __post_init__(self) -> None:
        between("escape_rate", self.escape_rate, "0.005")
        between("overkill_rate", self.overkill_rate, "0.01")
        between("confidence", number("confidence", self.confidence, 0.5, 1), "0.95")
        if self.review_minutes is not None:
            number("review_minutes", self.review_minutes, 0, 100_000)


class Requirement(NamedTuple):
    """One thing that is asked, and what was found.

    Attributes:
        asks: what, in words.
        found: in words, with the counts.
        state: "met", "not proven" (nothing speaks against it, but too little was seen) or "not met".
    """

    asks: str
    found: str
    state: str


@dataclass(frozen=True, eq=False)
class ReleaseReport:
    """All that a release is decided by. `write` makes the page; `requirements` and `decision` sum it up.

    Everything about the sealed test is counted here, from its labels and scores, so that no figure in the
    report can come from elsewhere.

    Attributes:
        product: what is inspected, such as "Fan AF120-7, station 3".
        model: the file of the model; its SHA-256 goes into the report.
        trained_on: on what, in a sentence.
        policy: frozen; see `Policy`.
        chosen_how: how the threshold (and the band) were chosen, in a sentence.
        opening: of the sealed test, from `verdicts.SealedTest.open`.
        labels: (N,) GO 1, NG 0 of the sealed test: one photograph of each unit.
        p_go: (N,) P(GO).
        ng_rate: the share of NG on the line, between 0 and 1.
        limits: what is asked.
        detectability: from `verdicts.detectability`, in mm; empty: not known.
        fans_per_shift: for the minutes of review.
        seconds_each: that a human needs for a fan in review.
        golden: what `gate` found; None: there are no golden samples.
        drift: from `by_hour`, of a day at the frozen threshold; None: no day was watched.
        chart: from `control_chart`, of the same day: the alarm.
        study: human and machine on the same units; None: they were not compared.
        open_points: what the reader must know besides, a sentence each.
        made_at: date and time in words; "": now, UTC.
        tested_on: which fans the sealed test holds, in a sentence: its escape rate is theirs.

    Raises:
        WorkbookError: a model that can't be read, or a value that makes no sense.
    """

    product: str
    model: str | os.PathLike
    trained_on: str
    policy: Policy
    chosen_how: str
    opening: Opening
    labels: Sequence[int]
    p_go: Sequence[float]
    ng_rate: float
    limits: Limits = Limits()
    detectability: Sequence[SizeBin] = ()
    fans_per_shift: int = 3000
    seconds_each: float = 6.0
    golden: GoldenResult | None = None
    drift: Mapping[float, Verdicts] | None = None
    chart: ControlChart | None = None
    study: AttributeStudy | None = None
    open_points: Sequence[str] = ()
    made_at: str = ""
    tested_on: str = ""
    model_sha256: str = field(init=False, default="")

    def __post_init__(self) -> None:
        for name in ("product", "trained_on", "chosen_how", "made_at", "tested_on"):
            text(name, getattr(self, name))
        for point in self.open_points:
            text("open_points", point)
        labels, p_go = verdicts.checked(self.labels, self.p_go)
        between("ng_rate", self.ng_rate, "0.005")
        if not 0 < labels.sum() < len(labels):
            raise WorkbookError(
                f"The sealed test holds {int(labels.sum())} GO and {int((1 - labels).sum())} NG, but a "
                "release is decided on fans of both."
            )
        now = datetime.now(timezone.utc).strftime("%Y-%m-%d %H:%M UTC")
        for name, value in (
            ("labels", labels),
            ("p_go", p_go),
            ("made_at", self.made_at or now),
            ("model_sha256", sha256(self.model)),
        ):
            object.__setattr__(self, name, value)

    @property
    def review(self) -> ReviewBin:
        """The sealed test under the policy, and the minutes that its review takes on the line."""
        low, high = self.policy.review or (self.policy.threshold, self.policy.threshold)
        return verdicts.review_bin(
            self.p_go,
            low,
            high,
            fans_per_shift=self.fans_per_shift,
            seconds_each=self.seconds_each,
            labels=self.labels,
            ng_rate=self.ng_rate,
        )

    @property
    def prevalence(self) -> Prevalence:
        """What the rates seen on the sealed test mean for 10,000 fans of the line."""
        return verdicts.at_prevalence(self.review, self.ng_rate)

    @property
    def worst_escapes_per_million(self) -> float | None:
        """Escapes in a million fans delivered, if the escape rate is as high as is not excluded."""
        seen, line = self.review, self.prevalence
        worst = replace(
            line, escapes=line.ng * verdicts.at_most(seen.escapes, seen.ng_total, self.limits.confidence)
        )
        return worst.escapes_per_million

    @property
    def requirements(self) -> list[Requirement]:
        """All that is asked, and what was found."""
        seen, limits = self.review, self.limits
        rates = [
            _rate("Escapes", "NG", seen.escapes, seen.ng_total, limits.escape_rate, limits.confidence),
            _rate("Overkill", "GO", seen.overkill, seen.go_total, limits.overkill_rate, limits.confidence),
        ]
        review = self.review
        minutes = f"{review.minutes_per_shift:,.0f} minutes for {percent(review.share)} of the fans"
        if limits.review_minutes is not None:
            good = review.minutes_per_shift <= limits.review_minutes
            asks = f"Review takes at most {limits.review_minutes:,.0f} minutes per shift"
            rates.append(Requirement(asks, minutes, MET if good else BROKEN))
        return [*rates, self._sealed(), self._golden(), self._drift()]

    def _sealed(self) -> Requirement:
        """Tell whether the sealed test was opened once, with the threshold that is released."""
        asks, at = "The sealed test was opened once, with the threshold frozen before", self.opening.threshold
        if at is None or abs(at - self.policy.threshold) > 1e-9:
            other = "an unknown threshold" if at is None else f"the threshold {at:.6g}"
            found = f"opened with {other}, but {self.policy.threshold:.6g} is to be released"
            return Requirement(asks, found, BROKEN)
        if self.opening.number > 1:
            found = f"this was opening {self.opening.number}: what was changed since may flatter the score"
            return Requirement(asks, found, BROKEN)
        return Requirement(asks, f"opened for the first time, with {at:.6g}", MET)

    def _golden(self) -> Requirement:
        """Tell whether the golden gate was passed."""
        asks = "The golden samples get the verdicts and scores that they had"
        if self.golden is None:
            return Requirement(asks, "there are no golden samples", UNPROVEN)
        failed, total = len(self.golden.failed), len(self.golden.checks)
        found = "; ".join([f"{total - failed} of {total} are as they were", *self.golden.problems])
        return Requirement(asks, found, MET if self.golden.passed else BROKEN)

    def _drift(self) -> Requirement:
        """Tell whether an alarm came before the verdicts of a drift day were beyond the limits."""
        asks = "On a day that drifts, an alarm comes before the rates are beyond their limits"
        if not self.drift:
            return Requirement(asks, "no such day was watched", UNPROVEN)
        bad = [hour for hour, seen in sorted(self.drift.items()) if self._beyond(seen)]
        alarm = None if self.chart is None else self.chart.alarm
        told = "no alarm" if alarm is None else f"alarm in hour {alarm:g}"
        if not bad:
            return Requirement(asks, f"no hour of {len(self.drift)} was beyond them; {told}", MET)
        good = alarm is not None and alarm <= bad[0]
        return Requirement(asks, f"beyond them from hour {bad[0]:g} on; {told}", MET if good else BROKEN)

    def _beyond(self, seen: Verdicts) -> bool:
        """Tell whether the rates of an hour are beyond the limits by more than chance."""
        return any(
            total and verdicts.at_least(count, total, self.limits.confidence) > limit
            for count, total, limit in (
                (seen.escapes, seen.ng_total, self.limits.escape_rate),
                (seen.overkill, seen.go_total, self.limits.overkill_rate),
            )
        )

    @property
    def state(self) -> str:
        """The worst state of all requirements: "met", "not proven" or "not met"."""
        return max((one.state for one in self.requirements), key=list(DECISIONS).index)

    @property
    def decision(self) -> str:
        """What the figures say, in a sentence. Who signs decides."""
        return DECISIONS[self.state]

    @property
    def points(self) -> list[str]:
        """The open points given, and those that the figures leave open by themselves."""
        found = list(self.open_points)
        if self.policy.model is None:
            found.append(
                "The policy names no model, so the station would take any: freeze it with the SHA-256."
            )
        elif self.policy.model != self.model_sha256:
            found.append("The policy was frozen for another model than this one.")
        if self.policy.review is not None:
            found.append("Fans in review are judged by a human, whose escapes are not counted here.")
        if not self.tested_on:
            found.append("Which fans the sealed test holds is not told; its rates are those of such fans.")
        if not self.detectability:
            found.append("Which sizes of defects escape was not measured.")
        if self.study is None:
            found.append("Human and machine were not compared on the same units.")
        return found

    def html(self) -> str:
        """Return the page: self-contained HTML, pictures inside, made for A4."""
        from .page import page  # draws, which takes a second to import

        return page(self)

    def write(self, path: str | os.PathLike) -> Path:
        """Write the page; what was there before stays until the new one is whole.

        Raises:
            WorkbookError: it can't be written.
        """
        page = self.html()
        with files.replacing(path) as beside:
            beside.write_text(page, encoding="utf-8", newline="\n")
        return Path(path)


def _rate(name: str, label: str, count: int, total: int, limit: float, confidence: float) -> Requirement:
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


def percent(rate: float) -> str:
    """Return a rate in percent, with three digits that say something.

    >>> percent(0.0295131), percent(0.005), percent(0.0), percent(1.0)
    ('2.95%', '0.5%', '0%', '100%')
    """
    return f"{100 * rate:.3g}%"
