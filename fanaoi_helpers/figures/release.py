"""Pictures for the decision to release: scores and their band, costs, detectability, prevalence, a day."""

from collections.abc import Sequence

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from ..errors import WorkbookError, number
from ..verdicts import ControlChart, CostCurve, Prevalence, SizeBin, by_hour, checked, log_odds
from ..verdicts.prevalence import FANS
from .style import GO_COLOR, HIGHLIGHT, NG_COLOR, hatched_histogram, styled

GRAY, DARK = "#BBBBBB", "#222222"
TICKS = (1e-5, 1e-4, 0.001, 0.01, 0.1, 0.5, 0.9, 0.99, 0.999, 0.9999, 0.99999)
PRICED, CURRENCY = 1000, "€"  # for how many fans costs are told
MOST_COUNTED = 8  # size bins beside which their counts still find room


@styled
def score_band(
    labels: Sequence[int],
    p_go: Sequence[float],
    threshold: float,
    review: tuple[float, float] | None = None,
) -> Figure:
    """Draw how the scores of GO and NG photographs lie about the threshold, on an axis of log-odds.

    Probabilities pile up at 0 and 1; log-odds tell them apart. The axis is labeled with probabilities.

    Args:
        labels: (N,) GO 1, NG 0.
        p_go: (N,) P(GO), 0..1.
        threshold: GO from here on, 0..1.
        review: the band that goes to a human, low and high, 0..1; None: there is none.
    """
    labels, p_go = checked(labels, p_go)
    place = _at(number("threshold", threshold, 0, 1))
    scores = log_odds(p_go)
    figure, axes = plt.subplots(figsize=(9.5, 3.6))
    reach = max(5.0, float(np.abs(scores).max()), abs(place)) + 0.5
    bins = np.linspace(-reach, reach, 45)
    hatched_histogram(axes, scores[labels == 0], scores[labels == 1], bins, linewidth=0.5)
    words = f"threshold {threshold:.3g}"
    if review is not None:
        low, high = number("review", review[0], 0, 1), number("review", review[1], 0, 1)
        left, right = _at(low), _at(high)
        between = int(np.sum((p_go >= low) & (p_go < high)))
        axes.axvspan(left, right, facecolor=HIGHLIGHT, alpha=0.3, zorder=0, label=f"REVIEW: {between}")
        words = f"REVIEW from {low:.3g} to {high:.3g}"
        place = (left + right) / 2
    else:
        axes.axvline(place, color=DARK, linestyle=":")
    axes.text(place, 1.02, words, transform=axes.get_xaxis_transform(), ha="center")
    axes.set_yscale("symlog", linthresh=1)  # one escape must stay visible beside hundreds of good verdicts
    axes.yaxis.set_major_formatter(lambda value, _: f"{value:g}")
    axes.set_ylim(bottom=0)
    axes.set(xlim=(-reach, reach), ylabel="photographs")
    _probability_axis(axes)
    axes.legend(loc="lower right", bbox_to_anchor=(1, 1.08), ncols=3)
    return figure


@styled
def costs_over_threshold(curve: CostCurve, chosen: float) -> Figure:
    """Draw what every threshold would cost for 1,000 fans, in euros, and the chosen one.

    Args:
        curve: from `verdicts.cost_curve`.
        chosen: the threshold, 0..1.
    """
    place, cost = _at(number("chosen", chosen, 0, 1)), PRICED * curve.at(chosen)
    edges = log_odds(curve.edges)
    figure, axes = plt.subplots(figsize=(9.5, 3.8))
    parts = (
        (curve.escape_costs, "escapes", NG_COLOR, "--"),
        (curve.overkill_costs, "overkill", GO_COLOR, "-."),
        (curve.costs, "both", DARK, "-"),
    )
    for costs, name, color, style in parts:
        axes.stairs(
            PRICED * costs, edges, baseline=None, color=color, linestyle=style, label=name, linewidth=2
        )
    some = PRICED * curve.costs[curve.costs > 0].min()
    axes.set_yscale("symlog", linthresh=some)
    axes.yaxis.set_major_formatter(lambda value, _: f"{value:,.10g}")
    axes.set_ylim(0, PRICED * curve.costs.max() * 1.6)
    axes.plot([place], [cost], marker="D", markersize=9, color=HIGHLIGHT, markeredgecolor=DARK, linestyle="")
    axes.axvline(place, color=DARK, linestyle=":", linewidth=1)
    axes.text(
        place, 1.02, f"chosen: {chosen:.3g}, {cost:,.3g} {CURRENCY}", ha="center",
        transform=axes.get_xaxis_transform(),
    )  # fmt: skip
    axes.set(ylabel=f"{CURRENCY} for {PRICED:,} fans")
    _probability_axis(axes, "threshold on P(GO)")
    axes.grid(axis="y")
    axes.legend(loc="lower right", bbox_to_anchor=(1, 1.08), ncols=3)
    return figure


@styled
def detectability(bins: Sequence[SizeBin]) -> Figure:
    """Draw the escape rate by size of the defect, with its bounds, a panel for each kind.

    A point is the share that escaped, the bar its exact bounds, above it how many of how many. A bin with
    nothing in it is gray: there may be anything.

    Args:
        bins: from `verdicts.detectability`, or `verdicts.pooled` for all kinds in one; sizes in mm.
    """
    kinds = list(dict.fromkeys(size.kind for size in bins))
    if not kinds:
        raise WorkbookError("bins is empty, but a curve needs one or more: see verdicts.detectability.")
    columns = min(3, len(kinds))
    rows = -(-len(kinds) // columns)
    size = (3.5 * columns, 0.5 + 2.25 * rows) if columns > 1 else (5.2, 4.2)
    figure, panels = plt.subplots(rows, columns, figsize=size, sharey=True, squeeze=False)
    for axes, kind in zip(panels.flat, kinds, strict=False):
        _curve(axes, [size for size in bins if size.kind == kind])
        axes.set_title(kind.replace("_", " ") or "all kinds")
    for axes in panels.flat[len(kinds) :]:
        axes.set_visible(False)
    figure.supxlabel("size of the defect in mm", fontsize=11)
    figure.supylabel("escaped, of all of that size", fontsize=11)
    return figure


def _curve(axes: Axes, bins: Sequence[SizeBin]) -> None:
    """Draw one kind: each bin as wide as the next, its edges at the ticks."""
    for place, size in enumerate(bins):
        middle = place + 0.5
        if size.rate is None:
            axes.axvspan(place, place + 1, facecolor=GRAY, alpha=0.35, hatch="..", edgecolor="white")
            continue
        axes.plot([middle] * 2, size.bounds, color=DARK, linewidth=1.5, marker="_", markersize=8)
        escaped = size.escapes > 0
        axes.plot([middle], [size.rate], marker="X" if escaped else "o", markersize=8, linestyle="",
                  color=NG_COLOR if escaped else GO_COLOR)  # fmt: skip
        if len(bins) <= MOST_COUNTED:
            axes.text(middle, 1.04, f"{size.escapes}/{size.total}", ha="center", va="bottom", fontsize=10)
    edges = [size.low for size in bins] + [bins[-1].high]
    axes.set_xticks(range(len(edges)), [f"{edge:g}" for edge in edges])
    axes.set_yticks([0, 0.5, 1], ["0%", "50%", "100%"])
    axes.set(xlim=(0, len(bins)), ylim=(-0.05, 1.25))
    axes.grid(axis="y")


@styled
def prevalence(line: Prevalence) -> Figure:
    """Draw 10,000 fans of a line: what the machine does with them, and what lies in the NG box.

    Args:
        line: from `verdicts.at_prevalence`.
    """
    counts = (line.ng_total - line.escapes, line.escapes, line.overkill)
    caught, escapes, overkill = map(round, counts)
    passed = FANS - caught - escapes - overkill
    what = np.repeat([0, 1, 2, 3], [caught, escapes, overkill, passed])
    rows, columns = np.divmod(np.arange(FANS), round(FANS**0.5))
    # The panels must stay square, which the style's own way to lay them out takes two drawings to find.
    figure = plt.figure(figsize=(10.5, 6.1), layout="none")
    left, right = figure.add_axes((0.02, 0.13, 0.465, 0.8)), figure.add_axes((0.515, 0.13, 0.465, 0.8))
    parts = (
        (NG_COLOR, f"{caught:,} NG called NG"),
        (DARK, f"{escapes:,} NG called GO: escapes"),
        (GO_COLOR, f"{overkill:,} GO called NG: overkill"),
        (GRAY, f"{passed:,} GO called GO"),
    )
    for kind, (color, name) in enumerate(parts):
        here, marker = what == kind, "X" if kind == 1 else "s"
        left.scatter(columns[here], rows[here], s=50 if kind == 1 else 4.5, color=color, marker=marker,
                     linewidths=0.5 if kind == 1 else 0, edgecolors="white", label=name,
                     zorder=3 if kind == 1 else 2)  # fmt: skip
    _square(left, round(FANS**0.5), f"{FANS:,} fans, {100 * line.ng_rate:.3g}% of them NG")
    _ng_box(right, caught, overkill)
    return figure


def _square(axes: Axes, side: int, title: str) -> None:
    """Frame a square of ``side`` rows, the first one on top, with a legend below."""
    axes.set(xlim=(-1, side), ylim=(side, -1), xticks=[], yticks=[], title=title)
    axes.spines[:].set_visible(True)
    legend = axes.legend(loc="upper center", bbox_to_anchor=(0.5, 0), ncols=2, columnspacing=1)
    for handle in legend.legend_handles:
        handle.set_sizes([60])


def _ng_box(axes: Axes, caught: int, overkill: int) -> None:
    """Draw all fans called NG side by side, the bad ones first."""
    total = caught + overkill
    side = max(1, int(np.ceil(total**0.5)))
    rows, columns = np.divmod(np.arange(total), side)
    area = min(150.0, (210 / side) ** 2)
    bad = np.arange(total) < caught
    for chosen, color, marker, name in (
        (bad, NG_COLOR, "X", f"NG ({caught:,})"),
        (~bad, GO_COLOR, "o", f"GO ({overkill:,})"),
    ):
        axes.scatter(
            columns[chosen], rows[chosen], s=area, color=color, marker=marker, linewidths=0, label=name
        )
    share = f": {caught / total:.0%} are NG" if total else " is empty"
    _square(axes, side, f"The NG box{share}")


@styled
def drift_day(
    hours: Sequence[float],
    labels: Sequence[int],
    p_go: Sequence[float],
    threshold: float,
    chart: ControlChart | None = None,
) -> Figure:
    """Draw a day at a frozen threshold: the scores hour by hour, escapes and overkill, and the alarm.

    Args:
        hours: (N,) when each photograph was taken.
        labels: (N,) GO 1, NG 0.
        p_go: (N,) P(GO), 0..1.
        threshold: GO from here on, 0..1.
        chart: from `verdicts.control_chart`; None: no alarm is drawn.
    """
    labels, p_go = checked(labels, p_go)
    day = by_hour(hours, labels, p_go, threshold)
    hours, when, line, scores = np.asarray(hours), np.array(list(day)), _at(threshold), log_odds(p_go)
    step = float(np.diff(when).min()) if len(when) > 1 else 1.0
    figure = plt.figure(figsize=(10.5, 4.8))
    grid = figure.add_gridspec(1 if chart is None else 2, 2, width_ratios=(1.15, 1))
    cloud, rates = figure.add_subplot(grid[:, 0]), figure.add_subplot(grid[0, 1])
    for label, color, marker, name, aside in (
        (1, GO_COLOR, "o", "GO", -0.17),
        (0, NG_COLOR, "x", "NG", 0.17),
    ):
        here = labels == label
        # Side by side, and spread evenly within the hour: the same picture every time.
        spread = (np.arange(here.sum()) * 0.618 % 1 - 0.5) * 0.3
        cloud.scatter(hours[here] + step * (aside + spread), scores[here], s=14, color=color, marker=marker,
                      linewidths=0.9 if marker == "x" else 0, alpha=0.8, label=name)  # fmt: skip
    cloud.axhline(line, color=DARK, linestyle=":", label=f"threshold {threshold:.3g}")
    cloud.set(xlabel="hour", title="Scores")
    _probability_axis(cloud, which="y")
    cloud.legend(loc="lower right", bbox_to_anchor=(1.02, 1.0), ncols=3, columnspacing=1, handletextpad=0.4)
    for name, color, style, shares in (
        ("escapes", NG_COLOR, "X--", [counts.escape_rate for counts in day.values()]),
        ("overkill", GO_COLOR, "o-", [counts.overkill_rate for counts in day.values()]),
    ):
        rates.plot(when, 100 * np.array(shares, dtype=float), style, color=color, label=name)  # None: a gap
    rates.set(ylabel="% of all GO, NG", ylim=(0, None))
    rates.set_ylim(0, max(5.0, 1.1 * rates.get_ylim()[1]))
    rates.legend(loc="lower right", bbox_to_anchor=(1.02, 1.0), ncols=2)
    rates.grid(axis="y")
    if chart is None:
        rates.set_xlabel("hour")
    else:
        rates.tick_params(labelbottom=False)
        _control(figure.add_subplot(grid[1, 1], sharex=rates), chart)
    return figure


def _control(axes: Axes, chart: ControlChart) -> None:
    """Draw a control chart: means, limits, and what is outside of them."""
    axes.fill_between(chart.hours, chart.low, chart.high, step="mid", color=GRAY, alpha=0.4, linewidth=0)
    axes.axhline(chart.center, color=DARK, linewidth=1, linestyle=":")
    axes.plot(chart.hours, chart.means, "o-", color="#555555", markersize=4)
    outside = chart.outside
    axes.plot(chart.hours[outside], chart.means[outside], "D", color=HIGHLIGHT, markeredgecolor=DARK)
    if chart.alarm is not None:
        axes.axvline(chart.alarm, color=DARK, linestyle=":", linewidth=1)
    words = "no alarm" if chart.alarm is None else f"alarm in hour {chart.alarm:g}"
    axes.set_title(f"Mean score and its limits: {words}")
    axes.set(xlabel="hour", ylabel="log-odds")
    axes.margins(y=0.15)


def _at(p: float) -> float:
    """Return the log-odds of one probability."""
    return float(log_odds([p])[0])


def _probability_axis(axes: Axes, label: str = "P(GO)", which: str = "x") -> None:
    """Label an axis of log-odds with probabilities, as far as it reaches."""
    low, high = axes.get_xlim() if which == "x" else axes.get_ylim()
    ticks = [p for p in TICKS if low <= _at(p) <= high]
    words = [np.format_float_positional(p, trim="-") for p in ticks]
    if which == "x":
        axes.set_xticks([_at(p) for p in ticks], words)
        axes.set_xlabel(f"{label}, on an axis of log-odds")
    else:
        axes.set_yticks([_at(p) for p in ticks], words)
        axes.set_ylabel(f"{label}, log-odds")
