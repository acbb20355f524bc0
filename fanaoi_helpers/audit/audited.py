"""What an audit found, as rows, as text for a terminal (right from 60 to 99 columns, any script), as JSON."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from .. import files, terminal
from ..errors import printable
from ..photos.decoding import picture, within
from ..photos.groups import together
from .findings import Finding, many
from .inspecting import Inspected

if TYPE_CHECKING:
    from rich.table import Table

VERSION = 1  # of what as_dict returns; raised when a key changes its meaning or goes
SHOWN_GROUPS = 3  # of each finding; JSON has them all
SHOWN_NAMES = 4  # of each group
SHOWN_KINDS = 4
MEANING = {
    "serial": "what bears one serial",
    "copies": "copies of one photograph, as no serials are known",
    "photograph": "each photograph by itself, as no serials are known",
}


@dataclass(frozen=True, eq=False, repr=False)
class Audit:
    """What an audit found."""

    folder: Path  # that holds the class folders, or the .zip of it
    classes: tuple[str, str]  # the class names, in the order of their labels
    photos: tuple[Inspected, ...]  # every file below the class folders, by name; the unreadable have a reason
    by: str  # what a unit is: "serial", "copies" or "photograph"
    units: np.ndarray  # (N,) int64, the unit of each readable photograph, in the order of ``photos``
    copies: np.ndarray | None  # (N,) int64, the same number for copies of one; None where nobody searched
    findings: tuple[Finding, ...]  # the worst first

    def __repr__(self) -> str:
        return f"Audit({len(self.photos)} files, {len(self.findings)} findings, ok={self.ok})"

    def __str__(self) -> str:
        return self.table()

    @property
    def ok(self) -> bool:
        """Whether nothing is wrong: notes at most."""
        return all(finding.severity == "note" for finding in self.findings)

    @property
    def readable(self) -> list[Inspected]:
        """The photographs that can be read: those that ``units`` and ``copies`` tell of."""
        return [photo for photo in self.photos if not photo.reason]

    def counts(self) -> list[dict[str, str | int | None]]:
        """Return rows of class, files, unreadable, photographs, distinct, units: each class, then all.

        ``distinct`` is how many photographs are left when copies count once, None where nobody searched.
        """
        labels = np.array([photo.label for photo in self.readable], dtype=np.int64)
        rows = []
        for name, wanted in (*((self.classes[label], [label]) for label in (1, 0)), ("all", [0, 1])):
            own = [photo for photo in self.photos if photo.label in wanted]
            mask = np.isin(labels, wanted)
            rows.append(
                {
                    "class": name,
                    "files": len(own),
                    "unreadable": sum(bool(photo.reason) for photo in own),
                    "photographs": int(mask.sum()),
                    "distinct": None if self.copies is None else len(np.unique(self.copies[mask])),
                    "units": len(np.unique(self.units[mask])),
                }
            )
        return rows

    def kinds(self, what: str) -> dict[str, int]:
        """Return how many readable photographs have each "size", "format" or "mode", the commonest first."""
        return dict(Counter(getattr(photo, what) for photo in self.readable).most_common())

    def copy_groups(self) -> list[list[Inspected]]:
        """Return the photographs of each group of two or more copies, the largest group first."""
        if self.copies is None:
            return []
        readable = self.readable
        return [[readable[index] for index in members] for members in together(self.copies)]

    def thumbnails(self) -> dict[str, np.ndarray]:
        """Return photographs of the largest groups of copies by name, for `figures.audit.copy_groups`.

        Each is (H, W, 3) uint8, 200 pixels high or wide; those that can't be read any more are missing.
        """
        chosen = [photo for group in self.copy_groups()[:8] for photo in some_of(group, 8)]
        pictures = {photo.name: picture(photo.path, within(200)).pixels for photo in chosen}
        return {name: pixels for name, pixels in pictures.items() if pixels is not None}

    def table(self, width: int | None = None) -> str:
        """Return the audit as text for a terminal of ``width`` columns, 60 to 99; None asks the terminal."""
        page = terminal.page(width)
        page.print(printable(files.shown(self.folder)), overflow="fold")
        page.print("", _counts(self.counts()), "", sep="\n")
        if self.readable:
            kinds = _side_by_side()
            for what in ("size", "format", "mode"):
                kinds.add_row(what, _kinds(self.kinds(what)))
            kinds.add_row("unit", MEANING[self.by])
            page.print(kinds, "", sep="\n")
        for finding in self.findings:
            page.print(_with_files(finding), "", sep="\n")
        severities = [finding.severity for finding in self.findings]
        parts = [many(severities.count(word), word) for word in ("problem", "warning") if word in severities]
        page.print(f"Found: {' and '.join(parts)}." if parts else "Nothing wrong was found.")
        return terminal.text(page)

    def as_dict(self) -> dict[str, object]:
        """Return the audit as plain values, ready for JSON.

        Keys: ``version`` (1), ``folder``, ``classes``, ``ok``, ``by``, ``counts`` (as `counts` returns them),
        ``sizes``, ``formats`` and ``modes`` (how many of each), ``unreadable`` (``file`` and ``reason``),
        ``copies_searched``, ``copy_groups`` (lists of names, the largest first), and ``findings``:
        ``severity`` ("problem", "warning", "note"), ``kind``, ``sentence``, ``advice``, ``count``, ``groups``
        (lists of names). Later versions may add keys.
        """
        return {
            "version": VERSION,
            "folder": files.shown(self.folder),
            "classes": list(self.classes),
            "ok": self.ok,
            "by": self.by,
            "counts": self.counts(),
            "sizes": self.kinds("size"),
            "formats": self.kinds("format"),
            "modes": self.kinds("mode"),
            "unreadable": [
                {"file": photo.name, "reason": photo.reason} for photo in self.photos if photo.reason
            ],
            "copies_searched": self.copies is not None,
            "copy_groups": [[photo.name for photo in group] for group in self.copy_groups()],
            "findings": [finding.as_dict() for finding in self.findings],
        }


def some_of(group: Sequence[Inspected], count: int) -> list[Inspected]:
    """Return ``count`` photographs of a group at most, of both labels where it has both."""
    ones = [photo for photo in group if photo.label == 1]
    zeros = [photo for photo in group if photo.label == 0]
    room = max(count // 2, count - len(ones))
    return [*ones[: count - min(room, len(zeros))], *zeros[:room]]


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


def _with_files(finding: Finding) -> Table:
    """Return a finding: severity and sentence, what to do, and the first of the files concerned."""
    table = _side_by_side()
    table.add_row(finding.severity.upper(), finding.sentence)
    if finding.advice:
        table.add_row("", finding.advice)
    single = all(len(group) == 1 for group in finding.groups)
    groups = [finding.files] if single and finding.groups else finding.groups
    for group in groups[:SHOWN_GROUPS]:
        more = f" and {len(group) - SHOWN_NAMES} more" if len(group) > SHOWN_NAMES else ""
        names = _side_by_side(first=1)
        names.add_row("-", ", ".join(map(printable, group[:SHOWN_NAMES])) + more)
        table.add_row("", names)
    if len(groups) > SHOWN_GROUPS:
        table.add_row("", f"- and {len(groups) - SHOWN_GROUPS} more")
    return table
