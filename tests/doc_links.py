"""What a page of docs/ says about where a topic is taught, and whether the notebooks agree.

A place is a notebook's number, which links to it, and a heading of it: ``[02] 7. What does pooling keep?``.
After a colon, quotations in backticks may follow: each must stand beneath that heading, in a cell's code or
in what the cell has printed and nbval compares. What has no notebook yet is written ``comes with 09``.
Semicolons part several places.
"""

import re
from dataclasses import dataclass
from functools import cache
from itertools import takewhile
from pathlib import Path

import lint

from fanaoi_helpers import files, notebooks

DOCS = files.root() / "docs"
HANDOUTS = files.root().parent / "shared" / "handouts"
NO_HANDOUTS = f"the handouts are not here: {HANDOUTS.parent.name}/{HANDOUTS.name} is not beside the project"
PLACE = re.compile(r"\[(?P<number>\d\d)\] (?P<heading>.+?)(?::(?P<cells>( `[^`]+`)+))?")
LATER = re.compile(r"comes with (09)")


@dataclass(frozen=True)
class Place:
    """Where something is taught; ``later`` if that notebook is still to come."""

    number: str
    heading: str = ""
    cells: tuple[str, ...] = ()
    later: bool = False


def places(text: str) -> list[Place]:
    """Return the places that ``text`` names; a ValueError says what can't be read."""
    found = []
    for part in text.split(";"):
        part = part.strip()
        if later := LATER.fullmatch(part):
            found.append(Place(later[1], later=True))
        elif place := PLACE.fullmatch(part):
            cells = tuple(re.findall("`([^`]+)`", place["cells"] or ""))
            found.append(Place(place["number"], place["heading"], cells))
        else:
            raise ValueError(f"{part!r} is no place: write [02] and a heading, or comes with 09")
    return found


@dataclass
class Section:
    """What stands beneath a heading of a notebook, down to the next heading that is not below it."""

    text: str = ""
    code: str = ""
    shown: str = ""  # what its cells print and nbval compares

    def add(self, other: "Section") -> None:
        self.text += other.text
        self.code += other.code
        self.shown += other.shown

    def has(self, quotation: str) -> bool:
        """Tell whether the quotation stands in code, however its lines break, or in what is printed."""
        return squeezed(quotation) in squeezed(self.code) or one_line(quotation) in one_line(self.shown)


@cache
def sections(number: str) -> dict[str, Section]:
    """Return the sections of a notebook by their headings; {} where there is no such notebook."""
    paths = list(notebooks.notebooks_dir().glob(f"{number}_*.ipynb"))
    return by_heading(notebooks.read(paths[0])["cells"]) if paths else {}


def by_heading(cells: list[dict]) -> dict[str, Section]:
    """Return {heading: its section}; sections of the same name are one."""
    parts = []  # (level, heading, section)
    for cell in cells:
        if cell["cell_type"] == "code":
            if parts:
                shown = "" if notebooks.tagged(cell, "nbval-ignore-output") else lint.texts_of(cell)
                parts[-1][2].add(Section(code=cell["source"] + "\n", shown=shown + "\n"))
            continue
        for line in lint.without_fences(cell["source"]).splitlines():
            if heading := re.match(r"(#{1,6}) +(.+?)\s*$", line):
                parts.append((len(heading[1]), heading[2], Section()))
            elif parts:
                parts[-1][2].text += line + "\n"
    found = {}
    for index, (level, heading, section) in enumerate(parts):
        below = takewhile(lambda part, level=level: part[0] > level, parts[index + 1 :])
        whole = found.setdefault(heading, Section())
        for part in [section, *(part[2] for part in below)]:
            whole.add(part)
    return found


def squeezed(code: str) -> str:
    """Return code without what only breaks its lines: spaces, and commas before a closing bracket."""
    return re.sub(r",(?=[)\]}])", "", "".join(code.split()))


def one_line(text: str) -> str:
    """Return a text without what only aligns it."""
    return " ".join(text.split())


def problems(text: str) -> list[str]:
    """Return what is wrong with the places in ``text``."""
    try:
        named = places(text)
    except ValueError as error:
        return [str(error)]
    wrong = []
    for place in named:
        if place.later:
            continue
        known = sections(place.number)
        if place.heading not in known:
            wrong.append(f"notebook {place.number} has no heading {place.heading!r}, only {sorted(known)}")
            continue
        for cell in place.cells:
            if not known[place.heading].has(cell):
                wrong.append(f"no cell beneath {place.heading!r} in notebook {place.number} has {cell!r}")
    return wrong


def links(page: Path) -> dict[str, str]:
    """Return the page's link definitions ``[02]: ../notebooks/...``."""
    return dict(re.findall(r"^\[(\d\d)\]: (\S+)$", page.read_text(encoding="utf-8"), re.MULTILINE))


def link_problems(page: Path) -> list[str]:
    """Return which numbers in brackets lead nowhere or to another notebook."""
    text, known = page.read_text(encoding="utf-8"), links(page)
    wrong = [f"[{number}] is not linked" for number in set(re.findall(r"\[(\d\d)\](?!:)", text)) - set(known)]
    for number, target in known.items():
        path = (page.parent / target).resolve()
        if not path.is_file() or not path.name.startswith(f"{number}_"):
            wrong.append(f"[{number}] leads to {target}")
    return wrong


def handouts() -> dict[str, str]:
    """Return the handouts' texts by file name; {} where they are not beside the project."""
    return {path.name: path.read_text(encoding="utf-8") for path in sorted(HANDOUTS.glob("*.txt"))}
