"""The audit as text for a terminal: right from 60 to 99 columns, with names in any script."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .. import files, terminal
from ..errors import printable

if TYPE_CHECKING:
    from rich.table import Table

    from .auditing import Audit
    from .findings import Finding

SHOWN_GROUPS = 3  # of each finding; JSON has them all
SHOWN_NAMES = 4  # of each group
SHOWN_KINDS = 4
MEANING = {
    "serial": "what bears one serial",
    "copies": "copies of one photograph, as no serials are known",
    "photograph": "each photograph by itself, as no serials are known",
}


def table(audit: Audit, width: int | None = None) -> str:
    """Return ``audit`` as lines of at most ``width`` columns, 60 to 99; None asks the terminal."""
    page = terminal.page(width)
    page.print(printable(files.shown(audit.folder)), overflow="fold")
    page.print("", _counts(audit.counts()), "", sep="\n")
    if audit.readable:
        kinds = _side_by_side()
        for what in ("size", "format", "mode"):
            kinds.add_row(what, _kinds(audit.kinds(what)))
        kinds.add_row("unit", MEANING[audit.by])
        page.print(kinds, "", sep="\n")
    for finding in audit.findings:
        page.print(_told(finding), "", sep="\n")
    wrong = [(sum(one.severity == word for one in audit.findings), word) for word in ("problem", "warning")]
    parts = [f"{count} {word}{'' if count == 1 else 's'}" for count, word in wrong if count]
    page.print(f"Found: {' and '.join(parts)}." if parts else "Nothing wrong was found.")
    return terminal.text(page)


def _counts(rows: list[dict[str, str | int | None]]) -> Table:
    """Return rows as a table: the first column to the left, numbers to the right, without what is unknown."""
    from rich.table import Table

    names = [name for name, value in rows[0].items() if value is not None]
    counts = Table(box=None, pad_edge=False, header_style="")
    for place, name in enumerate(names):
        counts.add_column(name, justify="right" if place else "left", overflow="ellipsis", no_wrap=True)
    for row in rows:
        counts.add_row(*(printable(str(row[name])) for name in names))
    return counts


def _side_by_side(first: int = 8) -> Table:
    """Return a grid of two columns: a word, and text that is broken into lines beside it."""
    from rich.table import Table

    grid = Table.grid(padding=(0, 1, 0, 0))
    grid.add_column(width=first)
    grid.add_column(overflow="fold")
    return grid


def _kinds(counts: dict[str, int]) -> str:
    if len(counts) == 1:
        return f"{next(iter(counts))}, all alike"
    listed = ", ".join(f"{value} ({count})" for value, count in list(counts.items())[:SHOWN_KINDS])
    return listed + (f" and {len(counts) - SHOWN_KINDS} more" if len(counts) > SHOWN_KINDS else "")


def _told(finding: Finding) -> Table:
    """Return a finding: severity and sentence, what to do, and the first of the files concerned."""
    told = _side_by_side()
    told.add_row(finding.severity.upper(), finding.sentence)
    if finding.advice:
        told.add_row("", finding.advice)
    single = all(len(group) == 1 for group in finding.groups)
    groups = [finding.files] if single and finding.groups else finding.groups
    for group in groups[:SHOWN_GROUPS]:
        more = f" and {len(group) - SHOWN_NAMES} more" if len(group) > SHOWN_NAMES else ""
        names = _side_by_side(first=1)
        names.add_row("-", ", ".join(map(printable, group[:SHOWN_NAMES])) + more)
        told.add_row("", names)
    if len(groups) > SHOWN_GROUPS:
        told.add_row("", f"- and {len(groups) - SHOWN_GROUPS} more")
    return told
