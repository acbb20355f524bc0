"""The release report as a page: self-contained HTML that prints on two sheets of A4."""

from .. import __version__, files, verdicts
from ..figures import release as figures
from .markup import STYLE, Markup, bullets, element, markup, pairs, picture, section, table
from .report import ReleaseReport, percent

SIGNS = {"met": "✔", "not proven": "?", "not met": "✘"}
BESIDE = 7  # size bins that leave room for a picture beside their table
HOURS = 12  # that fit side by side
NAMED = 8  # golden samples that are named; the others are counted


def page(report: ReleaseReport) -> str:
    """Return the whole page."""
    head = markup(
        Markup('<meta charset="utf-8">'),
        Markup('<meta http-equiv="Content-Security-Policy" content="default-src \'none\'; img-src data:; '),
        Markup("style-src 'unsafe-inline'\">"),  # nothing is fetched and nothing runs, whatever a name holds
        Markup('<meta name="viewport" content="width=device-width">'),
        element("title", f"Release report: {report.product}"),
        Markup(f"<style>{STYLE}</style>"),
    )
    body = markup(
        _top(report),
        _requirements(report),
        _inspected(report),
        _sealed(report),
        _detectability(report),
        _day(report),
        _golden_and_humans(report),
        _open_points(report),
        _signatures(),
    )
    return f'<!DOCTYPE html>\n<html lang="en"><head>{head}</head>\n<body><main>{body}</main></body></html>\n'


def _top(report: ReleaseReport) -> Markup:
    sign = SIGNS[report.state]
    return markup(
        element(
            "header",
            element("div", element("h1", "Release report"), element("p", report.product)),
            element("p", report.made_at),
        ),
        element("div", f"{sign} {report.decision}", class_=f"decision {report.state.replace(' ', '-')}"),
    )


def _requirements(report: ReleaseReport) -> Markup:
    rows = [
        element(
            "tr",
            element("td", one.asks),
            element("td", one.found),
            element("td", f"{SIGNS[one.state]} {one.state}", class_=f"state {one.state.replace(' ', '-')}"),
        )
        for one in report.requirements
    ]
    head = element("tr", element("th", "Asked"), element("th", "Found"), element("th", "State"))
    words = "Escape: an NG fan called GO. Overkill: a GO fan called NG. Not proven: too few fans were seen."
    return section(
        "What is asked, and what was found", element("table", head, *rows), element("small", words)
    )


def _inspected(report: ReleaseReport) -> Markup:
    model = markup(
        files.shown(report.model), Markup("<br>"), element("code", f"SHA-256 {report.model_sha256}")
    )
    review = report.review
    band = (
        f"{review.reviewed} of {review.total} of the sealed test; on the line {percent(review.share)} "
        f"of the fans, {review.minutes_per_shift:,.0f} minutes a shift of {report.fans_per_shift:,} fans at "
        f"{report.seconds_each:g} s each"
    )
    opened = f"opening {report.opening.number}"
    opened += (
        f", {report.opening.at.replace('T', ' ').replace('+00:00', ' UTC')}" if report.opening.at else ""
    )
    opened += f" ({report.opening.note})" if report.opening.note else ""
    rows = [
        ("Model", model),
        ("Trained on", report.trained_on),
        ("Verdict", f"{report.policy}. {report.chosen_how}"),
        *([("Left to review", band)] if report.policy.review else []),
        ("Sealed test", f"{opened}. {report.tested_on}".strip()),
    ]
    return section("What is to be released", pairs(rows))


def _sealed(report: ReleaseReport) -> Markup:
    seen, confidence = report.review, report.limits.confidence
    rows = []
    for name, count, total, label in (
        ("Escapes", seen.escapes, seen.ng_total, "NG"),
        ("Overkill", seen.overkill, seen.go_total, "GO"),
    ):
        bounds = verdicts.wilson(count, total, confidence), verdicts.exact(count, total, confidence)
        rows.append(
            [name, f"{count} of {total:,} {label}", percent(count / total)]
            + [f"{percent(low)} to {percent(high)}" for low, high in bounds]
            + [f"at most {percent(verdicts.at_most(count, total, confidence))}"]
        )
    held = report.review.reviewed if report.policy.review else 0
    calls = report.policy.calls(report.p_go)
    other = (
        f"By the other denominator: of {calls.count('GO'):,} fans called GO {seen.escapes} are escapes, of "
        f"{calls.count('NG'):,} called NG {seen.overkill} are overkill"
    )
    other += f"; {held:,} are left to review." if held else "."
    head = [
        "",
        "seen",
        "rate",
        f"Wilson, {percent(confidence)}",
        "exact (Clopper and Pearson)",
        "proven, one-sided",
    ]
    auc = f" Area under the ROC curve: {verdicts.auc(report.labels, report.p_go):.4f}."
    histogram = figures.score_band(report.labels, report.p_go, report.policy.threshold, report.policy.review)
    return section(
        f"The sealed test: {len(report.labels):,} units, one photograph of each",
        table(head, rows, "counts"),
        element("p", other + auc + _zero(seen.escapes, seen.ng_total, confidence)),
        element("p", _line(report)),
        picture(histogram, "Histogram of the scores of GO and NG fans about the threshold"),
    )


def _zero(escapes: int, total: int, confidence: float) -> str:
    """Return what no escape proves, where there is none."""
    if escapes:
        return ""
    bound = percent(verdicts.zero_escape_bound(total, confidence))
    return (
        f" 0 escapes of {total:,} is no proof of none: with {percent(confidence)} confidence it proves only "
        f"that no more than {bound} of NG escape."
    )


def _line(report: ReleaseReport) -> str:
    """Return what the rates mean on the line."""
    line, worst = report.prevalence, report.worst_escapes_per_million
    box = line.ng_among_called_ng
    told = f"On the line {percent(line.ng_rate)} of the fans are NG: {line.ng:,.0f} of 10,000."
    if box is not None:
        the = (
            "The" if report.policy.review is None else "If the human is right about every fan in review, the"
        )
        told += (
            f" {the} NG box will hold {line.called_ng:,.0f} of these 10,000, and {box:.0%} of them are NG."
        )
    if line.escapes_per_million is not None:
        told += (
            f" Of a million fans delivered {line.escapes_per_million:,.0f} are escapes as seen; {worst:,.0f} "
            f"can't be ruled out with {percent(report.limits.confidence)} confidence."
        )
    return told


def _detectability(report: ReleaseReport) -> Markup:
    if not report.detectability:
        return markup()
    together = verdicts.pooled(report.detectability, report.limits.confidence)
    kinds = list(dict.fromkeys(one.kind for one in report.detectability))
    steps = [(one.low, one.high) for one in together]
    rows = []
    for kind, bins in [
        *((kind, [one for one in report.detectability if one.kind == kind]) for kind in kinds),
        *([("all kinds", together)] if len(kinds) > 1 else []),
    ]:
        at = {(one.low, one.high): one for one in bins}
        cells = [at.get(step) for step in steps]
        rows.append(
            element(
                "tr",
                element("th", kind.replace("_", " ") or "all kinds"),
                *(
                    element(
                        "td", f"{cell.escapes}/{cell.total}", class_="escapes" if cell.escapes else "none"
                    )
                    if cell is not None and cell.total
                    else element("td", "–")
                    for cell in cells
                ),
                element("td", f"{sum(one.escapes for one in bins)}/{sum(one.total for one in bins)}"),
            )
        )
    head = element(
        "tr",
        element("th", "mm"),
        *(element("th", f"{low:g}–{high:g}") for low, high in steps),
        element("th", "all"),
    )
    curve = picture(
        figures.detectability(together), "Escape rate over the size of the defect, all kinds together"
    )
    note = "Escapes of all NG fans of that kind and size. A dash: there was none, so nothing is known."
    left = element(
        "div", element("table", head, *rows, class_="counts"), element("small", note), class_="wide"
    )
    beside = "side" if len(steps) <= BESIDE else "part"
    parts = element("div", left, element("div", curve, class_="narrow"), class_=beside)
    return section("Which defects escape: by kind and size", parts, sheet=True)


def _day(report: ReleaseReport) -> Markup:
    if not report.drift:
        return markup()
    chart, means = report.chart, {}
    if chart is not None:
        means = {
            hour: f"{round(mean, 1) + 0.0:+.1f}{' !' * bool(out)}"
            for hour, mean, out in zip(chart.hours.tolist(), chart.means, chart.outside, strict=True)
        }
    hours, parts = sorted(report.drift.items()), []
    for some in (hours[start : start + HOURS] for start in range(0, len(hours), HOURS)):
        rows = [
            ["Escapes", *(f"{seen.escapes}/{seen.ng_total}" for _, seen in some)],
            ["Overkill", *(f"{seen.overkill}/{seen.go_total}" for _, seen in some)],
            *([["Mean score", *(means.get(hour, "–") for hour, _ in some)]] if means else []),
        ]
        parts.append(table(["Hour", *(f"{hour:g}" for hour, _ in some)], rows, "counts"))
    if chart is not None:
        parts.append(element("small", f"{chart} A mean with ! is outside of its limits."))
    return section("A day of drift at the frozen threshold", *parts)


def _golden_and_humans(report: ReleaseReport) -> Markup:
    parts = []
    if report.golden is not None:
        failed = report.golden.failed
        told = [f"{check.sample.photo}: {check.problem}" for check in failed[:NAMED]]
        told += [f"and {len(failed) - NAMED} more"] if len(failed) > NAMED else []
        good = len(report.golden.checks) - len(failed)
        parts.append(
            element(
                "div",
                element("h2", "Golden samples"),
                element("p", f"{good} of {len(report.golden.checks)} are as they were at release."),
                element(
                    "small",
                    "Known fans, judged again before each shift: where one changes, the station stops.",
                ),
                bullets([*report.golden.problems, *told]),
            )
        )
    if report.study is not None:
        rows = [
            [
                one.name,
                "–" if one.kappa is None else f"{one.kappa:.2f}",
                f"{one.counts.escapes}/{one.counts.ng_total}",
                f"{one.counts.overkill}/{one.counts.go_total}",
                f"{one.same}/{one.repeated}" if one.repeated else "–",
            ]
            for one in report.study.appraisers
        ]
        parts.append(
            element(
                "div",
                element("h2", "Human and machine"),
                table(["", "kappa", "misses", "false alarms", "same again"], rows, "counts"),
                element("small", "Kappa: agreement with the truth beyond chance. Same again: units judged "
                                 "alike on all their photographs."),
                class_="wide",
            )
        )  # fmt: skip
    return element("section", element("div", *parts, class_="side")) if parts else markup()


def _open_points(report: ReleaseReport) -> Markup:
    points = report.points
    return section("Open points", bullets(points) if points else element("p", "None."))


def _signatures() -> Markup:
    box = element("span", "☐", class_="box")
    gap = "\u2003"
    choice = markup(
        box, f" released{gap}", box, f" released under the conditions below{gap}", box, " not released"
    )
    fields = (
        ("Quality: name, date, signature", "Production: name, date, signature"),
        ("Conditions", "Valid until"),
    )
    rows = [element("tr", *(element("td", element("small", name)) for name in pair)) for pair in fields]
    made = f"Made by the FanAOI workbook {__version__}. The figures advise; who signs decides."
    return section(
        "Decision",
        element("p", choice),
        element("table", *rows, class_="sign"),
        element("small", made),
    )
