"""The audit as text for a terminal: right from 60 to 99 columns, with names in any script."""

from __future__ import annotations

import shutil
import unicodedata
from typing import TYPE_CHECKING

from .. import files

if TYPE_CHECKING:
    from .auditing import Audit
    from .findings import Finding

NARROWEST, WIDEST = 60, 99
SHOWN_GROUPS = 3  # of each finding; JSON has them all
SHOWN_NAMES = 4  # of each group
SHOWN_KINDS = 4


def table(audit: Audit, width: int | None = None) -> str:
    """Return ``audit`` as lines of at most ``width`` columns."""
    if width is None:
        width = shutil.get_terminal_size().columns - 1  # some terminals break a line that is just full
    width = min(max(width, NARROWEST), WIDEST)
    lines = wrapped(f"{files.shown(audit.folder)}", width)
    lines += ["", *_aligned(audit.counts(), width), ""]
    if audit.readable:
        for title, what in (("size", "size"), ("format", "format"), ("mode", "mode")):
            lines += wrapped(f"{title.ljust(8)}{_kinds(audit.kinds(what))}", width, " " * 8)
        lines += wrapped(f"{'unit'.ljust(8)}{_MEANING[audit.by]}", width, " " * 8)
        lines.append("")
    for finding in audit.findings:
        lines += _told(finding, width)
    wrong = [sum(finding.severity == word for finding in audit.findings) for word in ("problem", "warning")]
    parts = [
        f"{count} {word}{'' if count == 1 else 's'}"
        for count, word in zip(wrong, ("problem", "warning"), strict=True)
        if count
    ]
    lines += wrapped(f"Found: {' and '.join(parts)}." if parts else "Nothing wrong was found.", width)
    return "\n".join(lines)


_MEANING = {
    "serial": "what bears one serial",
    "copies": "copies of one photograph, as no serials are known",
    "photograph": "each photograph by itself, as no serials are known",
}


def columns(text: str) -> int:
    """Return how many columns of a terminal ``text`` takes: two for wide characters, none for accents.

    >>> columns("GO/é漢字.png")
    12
    """
    # "C" stands for control and format characters; a combining accent sits on the letter before it.
    return sum(
        0
        if unicodedata.combining(letter) or unicodedata.category(letter) in ("Cc", "Cf", "Me", "Mn")
        else 1 + (unicodedata.east_asian_width(letter) in "WF")
        for letter in text
    )


def wrapped(text: str, width: int, indent: str = "") -> list[str]:
    """Return ``text`` in lines of at most ``width`` columns; the second and later ones begin with ``indent``.

    Breaks at spaces, and within a word only where the word alone is too long.

    >>> wrapped("one two three", 7, "  ")
    ['one two', '  three']
    """
    lines, line, empty = [], "", True
    for word in text.split(" "):
        if not empty and columns(line) + 1 + columns(word) > width:
            lines.append(line)
            line, empty = indent, True
        line += word if empty else f" {word}"
        empty = False
        while columns(line) > width:
            cut = next(end for end in range(len(line), 0, -1) if columns(line[:end]) <= width)
            lines.append(line[:cut])
            line = indent + line[cut:]
    return [*lines, line]


def shortened(text: str, width: int) -> str:
    """Return ``text`` with its middle left out where it takes more than ``width`` columns.

    >>> shortened("GO/a_very_long_name.png", 15)
    'GO/a_ve…ame.png'
    """
    if columns(text) <= width:
        return text
    head, tail = "", ""
    for index in range(len(text)):
        if columns(head + text[index]) + 1 + columns(tail) > width:
            break
        head += text[index]
        if columns(head) + 1 + columns(text[-1 - index] + tail) > width:
            break
        tail = text[-1 - index] + tail
    return f"{head}…{tail}"


def _printable(name: str) -> str:
    """Return ``name`` without line breaks and other letters that would upset a terminal."""
    return "".join("?" if unicodedata.category(letter) in ("Cc", "Cs") else letter for letter in name)


def _aligned(rows: list[dict[str, str | int | None]], width: int) -> list[str]:
    """Return rows as columns: the first to the left, numbers to the right, nothing for what is not known."""
    names = [name for name, value in rows[0].items() if value is not None]
    cells = [names, *([str(row[name]) for name in names] for row in rows)]
    cells = [[shortened(row[0], 16), *row[1:]] for row in cells]
    widths = [max(map(columns, column)) for column in zip(*cells, strict=True)]
    gap = "  " if sum(widths) + 2 * len(widths) <= width else " "
    return [
        gap.join(
            [row[0] + " " * (widths[0] - columns(row[0])), *map(str.rjust, row[1:], widths[1:])]
        ).rstrip()
        for row in cells
    ]


def _kinds(counts: dict[str, int]) -> str:
    if len(counts) == 1:
        return f"{next(iter(counts))}, all alike"
    listed = ", ".join(f"{value} ({count})" for value, count in list(counts.items())[:SHOWN_KINDS])
    return listed + (f" and {len(counts) - SHOWN_KINDS} more" if len(counts) > SHOWN_KINDS else "")


def _told(finding: Finding, width: int) -> list[str]:
    """Return a finding: severity and sentence, what to do, and the first of the files concerned."""
    space = " " * 9
    lines = wrapped(f"{finding.severity.upper().ljust(8)} {finding.sentence}", width, space)
    if finding.advice:
        lines += wrapped(space + finding.advice, width, space)
    single = all(len(group) == 1 for group in finding.groups)
    groups = [finding.files] if single and finding.groups else finding.groups
    for group in groups[:SHOWN_GROUPS]:
        more = f" and {len(group) - SHOWN_NAMES} more" if len(group) > SHOWN_NAMES else ""
        names = [shortened(_printable(name), width - 12) for name in group[:SHOWN_NAMES]]
        lines += wrapped(f"{space}- {', '.join(names)}{more}", width, space + "  ")
    if len(groups) > SHOWN_GROUPS:
        lines.append(f"{space}- and {len(groups) - SHOWN_GROUPS} more")
    return [*lines, ""]
