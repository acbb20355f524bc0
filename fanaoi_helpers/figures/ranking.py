"""The picture of a comparison: what each method is worth, and how few photographs would do."""

import matplotlib.pyplot as plt
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from ..compare import Comparison
from .style import GO_COLOR, HIGHLIGHT, styled

PLAIN = "#555555"


@styled
def comparison(found: Comparison) -> Figure:
    """Draw balanced accuracy and AUC of each method, with ranges, and the learning curve if there is one.

    Args:
        found: made by `compare.compare`.
    """
    rows = len(found.outcomes) + 2
    columns = 3 if found.curve else 2
    figure, panels = plt.subplots(
        1, columns, figsize=(4.6 + 2.9 * (columns - 1), 1.3 + 0.42 * rows), width_ratios=[1, 1, 1.1][:columns]
    )
    outcomes = [*found.outcomes.values(), found.chosen]
    names = [f"always saying {found.commoner}", *(outcome.method.called for outcome in outcomes)]
    _ranges(
        panels[0], "Balanced accuracy", [(outcome.balanced, outcome.balanced_range) for outcome in outcomes]
    )
    _ranges(panels[1], "AUC", [(outcome.auc, outcome.auc_range) for outcome in outcomes])
    panels[0].set_yticks(range(rows), names)
    panels[1].set_yticks(range(rows), [])
    panels[0].get_yticklabels()[1 + list(found.outcomes).index(found.best)].set_fontweight("bold")
    panels[0].set_xlabel("range: 95 % of resampled units")
    panels[1].set_xlabel(f"range: {found.folds} folds")
    if found.curve:
        _curve(panels[2], found)
    return figure


def _ranges(axes: Axes, title: str, values: list[tuple[float, tuple[float, float]]]) -> None:
    """Draw a point and its range for each row; the first row is always saying one label."""
    axes.axvline(0.5, color="black", linestyle=":", linewidth=1)
    axes.plot(0.5, 0, "o", color=PLAIN, markersize=7)
    for row, (value, (low, high)) in enumerate(values, start=1):
        color = HIGHLIGHT if row == len(values) else GO_COLOR
        axes.plot([low, high], [row, row], color=color, linewidth=3, alpha=0.45, solid_capstyle="butt")
        axes.plot(value, row, "s" if row == len(values) else "o", color=color, markersize=7)
        look = {"textcoords": "offset points", "ha": "right", "va": "center", "fontsize": 9}
        axes.annotate(f"{value:.2f}", (low, row), (-6, 0), **look)
    lowest = min([0.5, *(low for _, (low, _) in values)])
    axes.set(title=title, xlim=(lowest - 0.2, 1.02), ylim=(len(values) + 0.6, -0.6))
    axes.set_xticks([tick for tick in (0, 0.25, 0.5, 0.75, 1) if tick >= lowest - 0.2])
    axes.grid(axis="x")
    axes.tick_params(axis="y", length=0)


def _curve(axes: Axes, found: Comparison) -> None:
    """Draw balanced accuracy over the photographs of each label, least to mean, and with all of them."""
    places = range(len(found.curve) + 1)
    mean = [point.balanced for point in found.curve]
    axes.fill_between(
        places[:-1],
        [point.least_balanced for point in found.curve],
        mean,
        color=GO_COLOR,
        alpha=0.2,
        linewidth=0,
    )
    axes.plot(places[:-1], mean, "o-", color=GO_COLOR)
    axes.plot(places[-1], found.outcomes["borrowed"].balanced, "o", color=GO_COLOR, markersize=9)
    axes.axhline(0.5, color="black", linestyle=":", linewidth=1)
    axes.set_xticks(places, [*(f"{point.count}" for point in found.curve), "all"])
    axes.set(title="Borrowed, with few", xlabel="photographs of each label", ylim=(0.45, 1.02))
    axes.set_ylabel("balanced accuracy: mean, least")
    axes.grid(axis="y")
