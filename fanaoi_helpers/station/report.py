"""The release report: one page on which a quality manager can decide, and sign."""

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timezone
from functools import cached_property
from pathlib import Path

from .. import __version__, files, pages, verdicts
from ..errors import WorkbookError, text
from ..verdicts import (
    AttributeStudy,
    ControlChart,
    Counts,
    Opening,
    Prevalence,
    ReviewBin,
    SizeBin,
    Verdicts,
    worth,
)
from ..verdicts.bounds import between
from . import page, requirements
from .golden import GoldenResult
from .policy import Policy, sha256
from .requirements import BROKEN, MET, UNPROVEN, Limits, Requirement, percent

DECISIONS = {
    MET: "The figures support a release.",
    UNPROVEN: "No limit is broken, but not everything that is asked is proven.",
    BROKEN: "The figures do not support a release.",
}
SIGNS = {MET: "✔", UNPROVEN: "?", BROKEN: "✘"}


@dataclass(frozen=True, eq=False)
class ReleaseReport:
    """All that a release is decided by. `write` makes the page; `requirements` and `decision` sum it up.

    Everything about the sealed test is counted here, from its labels and scores, so that no figure in the
    report can come from elsewhere.
    """

    product: str  # what is inspected, such as "Fan AF120-7, station 3"
    model: str | os.PathLike  # its file; the SHA-256 goes into the report
    trained_on: str  # on what, in a sentence
    policy: Policy  # frozen; see `Policy`
    chosen_how: str  # how the threshold (and the band) were chosen, in a sentence
    opening: Opening  # of the sealed test, from `verdicts.SealedTest.open`
    labels: Sequence[int]  # (N,) GO 1, NG 0 of the sealed test: one photograph of each unit
    p_go: Sequence[float]  # (N,) P(GO)
    ng_rate: float  # the share of NG on the line, between 0 and 1
    limits: Limits = Limits()  # what is asked
    detectability: Sequence[SizeBin] = ()  # from `verdicts.detectability`, in mm; empty: not known
    fans_per_shift: int = 3000  # for the minutes of review
    seconds_each: float = 6.0  # that a human needs for a fan in review
    golden: GoldenResult | None = None  # what `gate` found; None: there are no golden samples
    drift: Mapping[float, Counts] | None = None  # from `verdicts.by_hour`; None: no day was watched
    chart: ControlChart | None = None  # of the same day, from `verdicts.control_chart`
    study: AttributeStudy | None = None  # human and machine on the same units; None: not compared
    open_points: Sequence[str] = ()  # what the reader must know besides, a sentence each
    made_at: str = ""  # date and time in words; "": now, UTC
    tested_on: str = ""  # which fans the sealed test holds, in a sentence: its escape rate is theirs
    units: Sequence | None = (
        None  # (N,) the unit of each photograph, where one has several; None: each its own
    )
    model_sha256: str = field(init=False, default="")  # of the model's file, when the report was made

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
        if self.units is not None:
            worth.units_checked(self.units, len(labels))

    @cached_property
    def review(self) -> ReviewBin:
        """The sealed test under the policy: the machine's own mistakes, and the human's minutes."""
        low, high = self.policy.review or (self.policy.threshold, self.policy.threshold)
        return verdicts.review_bin(
            self.p_go,
            low,
            high,
            labels=self.labels,
            fans_per_shift=self.fans_per_shift,
            seconds_each=self.seconds_each,
            ng_rate=self.ng_rate,
        )

    @cached_property
    def score(self) -> Verdicts:
        """The sealed test at the threshold alone, as if nothing were left to review."""
        return verdicts.judge(self.labels, self.p_go, self.policy.threshold, self.units)

    @property
    def few_units(self) -> str:
        """A sentence where the bounds count photographs of one unit as if each was of another, else ""."""
        score = self.score
        if score.units is None or score.go_units + score.ng_units >= score.total:
            return ""
        return (
            f"The {score.go_total} GO photographs are {score.go_units} units and the {score.ng_total} NG "
            f"{score.ng_units}: the bounds count photographs, so they are narrower than units allow."
        )

    @cached_property
    def prevalence(self) -> Prevalence:
        """What the rates seen on the sealed test mean for 10,000 fans of the line."""
        return verdicts.at_prevalence(self.review, self.ng_rate)

    @property
    def worst_escapes_per_million(self) -> float | None:
        """Escapes in a million fans delivered, if the escape rate is as high as is not excluded."""
        worst = verdicts.at_most(self.review.escapes, self.review.ng_total, self.limits.confidence)
        return replace(self.prevalence, escapes=self.prevalence.ng_total * worst).escapes_per_million

    @cached_property
    def requirements(self) -> list[Requirement]:
        """All that is asked, and what was found."""
        counts, limits = self.review, self.limits
        rates = (
            ("Escapes", "NG", counts.escapes, counts.ng_total, limits.escape_rate),
            ("Overkill", "GO", counts.overkill, counts.go_total, limits.overkill_rate),
        )
        asked = [requirements.rate(*rate, limits.confidence) for rate in rates]
        if limits.review_minutes is not None:
            asked.append(requirements.short_review(self.review, limits.review_minutes))
        return [
            *asked,
            requirements.sealed(self.opening, self.policy.threshold),
            requirements.golden_gate(self.golden),
            requirements.alarm_in_time(self.drift, self.chart, limits),
        ]

    @property
    def state(self) -> str:
        """The worst state of all requirements: "met", "not proven" or "not met"."""
        return max((requirement.state for requirement in self.requirements), key=list(DECISIONS).index)

    @property
    def decision(self) -> str:
        """What the figures say, in a sentence. Who signs decides."""
        return DECISIONS[self.state]

    @property
    def points(self) -> list[str]:
        """The open points given, and those that the figures leave open by themselves."""
        points = [*self.open_points, *filter(None, [self.score.worth, self.few_units])]
        if self.policy.model is None:
            points.append(
                "The policy names no model, so the station would take any: freeze it with the SHA-256."
            )
        elif self.policy.model != self.model_sha256:
            points.append("The policy was frozen for another model than this one.")
        if self.policy.review is not None:
            points.append("Fans in review are judged by a human, whose escapes are not counted here.")
        if not self.tested_on:
            points.append("Which fans the sealed test holds is not told; its rates are those of such fans.")
        if not self.detectability:
            points.append("Which sizes of defects escape was not measured.")
        if self.study is None:
            points.append("Human and machine were not compared on the same units.")
        return points

    def html(self) -> str:
        """Return the page: self-contained HTML, pictures inside, made for A4."""
        from ..figures import release as figures  # draws, which takes a second to import

        together = verdicts.pooled(self.detectability, self.limits.confidence)
        scores = figures.score_band(self.labels, self.p_go, self.policy.threshold, self.policy.review)
        return pages.rendered(
            "station/report.html",
            report=self,
            model=files.shown(self.model),
            calls=self.policy.calls(self.p_go),
            rates=page.rates(self.review, self.limits.confidence),
            zero_escape_bound=verdicts.zero_escape_bound(self.review.ng_total, self.limits.confidence),
            histogram=page.png(scores),
            together=together,
            kinds=page.by_size(self.detectability, together),
            curve=page.png(figures.detectability(together)) if together else "",
            hours=page.by_hour(self.drift or {}, self.chart),
            signs=SIGNS,
            percent=percent,
            whole="{:,.0f}".format,
            version=__version__,
        )

    def write(self, path: str | os.PathLike) -> Path:
        """Write the page; what was there before stays until the new one is whole."""
        files.write(path, self.html())
        return Path(path)
