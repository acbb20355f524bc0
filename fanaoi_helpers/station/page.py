"""Tables and pictures of the release report's page, whose words stand in report.html."""

from __future__ import annotations

import base64
import io
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

from .. import verdicts
from ..verdicts import ControlChart, Counts, SizeBin
from .requirements import percent

if TYPE_CHECKING:
    from matplotlib.figure import Figure

HOURS = 12  # that fit side by side


class Table(NamedTuple):
    """A head and rows, each with its name first."""

    head: list[str]
    rows: list[list[str]]


def rates(counts: Counts, confidence: float) -> Table:
    """Return what the sealed test showed and what it proves."""
    rows = []
    for name, count, total, label in (
        ("Escapes", counts.escapes, counts.ng_total, "NG"),
        ("Overkill", counts.overkill, counts.go_total, "GO"),
    ):
        bounds = verdicts.wilson(count, total, confidence), verdicts.exact(count, total, confidence)
        rows.append(
            [name, f"{count} of {total:,} {label}", percent(count / total)]
            + [f"{percent(low)} to {percent(high)}" for low, high in bounds]
            + [f"at most {percent(verdicts.at_most(count, total, confidence))}"]
        )
    wilson = f"Wilson, {percent(confidence)}"
    return Table(["", "seen", "rate", wilson, "exact (Clopper and Pearson)", "proven, one-sided"], rows)


def by_size(bins: Sequence[SizeBin], together: Sequence[SizeBin]) -> dict[str, list[SizeBin | None]]:
    """Return each kind's bins, one for each size of ``together`` (None: it has none); then all kinds."""
    kinds = {size.kind: {} for size in bins}
    for size in bins:
        kinds[size.kind][size.low, size.high] = size
    rows = {
        kind.replace("_", " ") or "all kinds": [own.get((size.low, size.high)) for size in together]
        for kind, own in kinds.items()
    }
    return rows | ({"all kinds": list(together)} if len(kinds) > 1 else {})


def by_hour(day: Mapping[float, Counts], chart: ControlChart | None) -> list[Table]:
    """Return what became of the verdicts hour by hour, as many hours in a table as fit."""
    means = {}
    if chart is not None:
        means = {
            hour: f"{round(mean, 1) + 0.0:+.1f}{' !' * bool(out)}"  # no "-0.0"
            for hour, mean, out in zip(chart.hours.tolist(), chart.means, chart.outside, strict=True)
        }
    hours, tables = sorted(day), []
    for some in (hours[start : start + HOURS] for start in range(0, len(hours), HOURS)):
        rows = [
            ["Escapes", *(f"{day[hour].escapes}/{day[hour].ng_total}" for hour in some)],
            ["Overkill", *(f"{day[hour].overkill}/{day[hour].go_total}" for hour in some)],
        ]
        rows += [["Mean score", *(means.get(hour, "–") for hour in some)]] if means else []
        tables.append(Table(["Hour", *(f"{hour:g}" for hour in some)], rows))
    return tables


def png(figure: Figure) -> str:
    """Return a drawn figure as an address that holds the picture itself."""
    drawn = io.BytesIO()
    figure.savefig(drawn, format="png", dpi=170)
    return "data:image/png;base64," + base64.b64encode(drawn.getvalue()).decode("ascii")
