"""Ledgers as tables: a class by exercise or by learner, for an instructor; one's own by notebook."""

import csv
import os
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from .. import files, terminal
from ..errors import WorkbookError, printable
from . import ledger, lessons
from .answers import counted
from .outcomes import Outcome, one_learners, outcomes

if TYPE_CHECKING:
    from rich.table import Table

    from .exercise import Exercise

SHOWN = 10  # mistakes with their sentences; the CSV has them all


@dataclass(frozen=True)
class Group:
    """The ledgers of a class: the records, each once; the files; how many lines of a file hold no record."""

    records: list[dict]
    files: list[Path]
    broken: dict[Path, int]

    @property
    def heading(self) -> str:
        """What tables of it are made of, and what is left out."""
        learners = len({record["learner"] for record in self.records})
        source = files.shown(self.files[0]) if len(self.files) == 1 else f"{len(self.files)} files"
        sentences = [f"{counted(learners, 'learner')}, {len(self.records)} records, from {source}"]
        for path, count in self.broken.items():
            sentences.append(f"{files.shown(path)}: {counted(count, 'line')} without a record left out")
        return "\n".join(f"{printable(sentence)}." for sentence in sentences)


def collect(places: Sequence[str | os.PathLike]) -> Group:
    """Read the ledgers that are named, and all ``*.jsonl`` in the folders that are named."""
    paths: list[Path] = []
    for place in map(Path, places):
        if place.is_dir():
            inside = sorted(path for path in place.rglob("*.jsonl") if path.is_file())
            paths += [path for path in inside if not path.name.startswith(".")]  # half written
        elif place.exists():
            paths.append(place)
        else:
            raise WorkbookError(f"There is no {files.shown(place)}: name ledgers, or folders that hold some.")
    paths = list(dict.fromkeys(paths))
    records, broken = ledger.merge(paths)
    if not records:
        looked = ", ".join(map(files.shown, places))
        raise WorkbookError(f"There is no ledger in {looked}: a learner's own is called my_ledger.jsonl.")
    return Group(records, paths, broken)


# ---- Tables as rows; their keys are the columns of the CSV ------------------------------------------------


def by_exercise(group: Group) -> list[dict]:
    """Return how the learners fared with each exercise that somebody has tried, in the lessons' order."""
    known = {(lesson.number, name): own for lesson in lessons() for name, own in lesson.exercises.items()}
    tried: dict[tuple[str, str], list[Outcome]] = {}
    for (_, notebook, exercise), outcome in outcomes(group.records).items():
        if notebook.isdigit() and exercise.isidentifier():  # else no exercise of ours wrote it
            tried.setdefault((notebook, exercise), []).append(outcome)
    if not tried:
        raise WorkbookError(f"Nobody has tried an exercise yet: {group.heading}")
    order = [place for place in known if place in tried] + sorted(tried.keys() - known.keys())
    rows = []
    for place in sorted(order, key=lambda place: place[0]):
        slip = _commonest_mistake(tried[place], known.get(place))
        rows.append({"exercise": " ".join(place), **_counts(tried[place]), **slip})
    return rows


def by_learner(group: Group) -> list[dict]:
    """Return how each learner fared, by name, or by number where no name was set."""
    names = {
        record["learner"]: str(record.get("answer")) for record in group.records if record["event"] == "name"
    }
    fared: dict[str, list[Outcome]] = {record["learner"]: [] for record in group.records}
    for (learner, _, _), outcome in outcomes(group.records).items():
        fared[learner].append(outcome)
    rows = [{"learner": names.get(learner) or learner, **_counts(own)} for learner, own in fared.items()]
    return sorted(rows, key=lambda row: row["learner"])


def by_notebook(group: Group) -> list[dict]:
    """Return how one learner fared in each notebook that has exercises."""
    own = one_learners(group.records)
    rows = []
    for lesson in lessons():
        counts = _counts([own.get((lesson.number, name), Outcome()) for name in lesson.exercises])
        notebook = f"{lesson.number} {lesson.title}"
        rows.append({"notebook": notebook, "exercises": len(lesson.exercises), **counts})
    return rows


def _counts(own: Sequence[Outcome]) -> dict[str, int]:
    """Return how many learners (or exercises) of those in question …"""
    return {
        "tried": sum(outcome.tried for outcome in own),  # gave an answer that was judged
        "right": sum(outcome.state == "right" for outcome in own),  # in the end
        "at_once": sum(outcome.first for outcome in own),  # at the first attempt, without the solution
        "hints": sum(outcome.hints > 0 for outcome in own),
        "solutions": sum(outcome.solution for outcome in own),
    }


def _commonest_mistake(own: Sequence[Outcome], exercise: "Exercise | None") -> dict[str, int | str | None]:
    """Return the known mistake that most learners made, the first of several, by its place from 0.

    Its sentence is "" for an exercise that this version of the workbook does not have.
    """
    made = Counter(index for outcome in own for index in set(outcome.mistakes))
    index, count = min(made.items(), key=lambda pair: (-pair[1], pair[0]), default=(None, 0))
    sentences = exercise.sentences() if exercise else []
    known = index is not None and 0 <= index < len(sentences)
    return {"mistake": index, "made": count, "says": sentences[index] if known else ""}


# ---- Rows for people --------------------------------------------------------------------------------------


def page_of(rows: Sequence[dict], width: int | None = None) -> str:
    """Return rows as a table of 60 to 99 columns, and below it what the commonest mistakes are.

    Without a ``width`` the terminal is asked.
    """
    page = terminal.page(width)
    page.print(_table([{name: value for name, value in row.items() if name != "says"} for row in rows]))
    slips = sorted((row for row in rows if row.get("says")), key=lambda row: -row["made"] / row["tried"])
    if slips:
        page.print("", "Made by the largest share of those who tried:", sep="\n")
        commonest = [{"exercise": row["exercise"], "says": row["says"]} for row in slips[:SHOWN]]
        page.print(_table(commonest, head=False))
    return terminal.text(page)


def _table(rows: Sequence[dict], head: bool = True) -> "Table":
    """Return rows as a table: texts to the left, numbers to the right, an empty cell for None."""
    from rich.table import Table

    table = Table(box=None, pad_edge=False, header_style="", show_header=head)
    for name in rows[0]:
        if any(isinstance(row[name], int) for row in rows):
            table.add_column(name.replace("_", " "), justify="right", no_wrap=True)
        else:
            table.add_column(name, overflow="fold")
    for row in rows:
        table.add_row(*("" if value is None else printable(str(value)) for value in row.values()))
    return table


def write_csv(rows: Sequence[Mapping[str, str | int | None]], file: str | os.PathLike) -> None:
    """Write rows as CSV, the whole file or none of it."""
    with files.replacing(file) as beside, beside.open("w", encoding="utf-8-sig", newline="") as text:
        # The mark at the beginning tells Excel that it is UTF-8.
        writer = csv.DictWriter(text, rows[0].keys(), lineterminator="\n")
        writer.writeheader()
        writer.writerows({name: _no_formula(value) for name, value in row.items()} for row in rows)


def _no_formula(value: str | int | None) -> str | int | None:
    """Return a cell that no spreadsheet takes for a formula: anybody can edit a ledger."""
    return f"'{value}" if isinstance(value, str) and value[:1] in tuple("=+-@\t\r") else value
