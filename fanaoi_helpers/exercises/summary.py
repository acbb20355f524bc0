"""Ledgers as tables: a class by exercise or by learner, for an instructor; one's own by notebook."""

import csv
import os
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from .. import files, terminal
from ..errors import WorkbookError, printable
from . import ledger, lessons
from .lesson import Lesson
from .outcomes import Outcome, outcomes

if TYPE_CHECKING:
    from rich.table import Table

    from .exercise import Exercise

TOLD = 10  # mistakes told in full; the CSV has them all


@dataclass(frozen=True)
class Group:
    """The ledgers of a class: the records, each once; the files; how many lines of a file hold no record."""

    records: list[dict]
    files: list[Path]
    broken: dict[Path, int]


@dataclass(frozen=True)
class Counts:
    """How many learners (or exercises) of those in question …

    Args:
        tried: gave an answer that was judged.
        right: were right in the end.
        at_once: were right at the first attempt, before the solution was opened.
        hints: took a hint.
        solutions: opened the solution.
    """

    tried: int
    right: int
    at_once: int
    hints: int
    solutions: int


@dataclass(frozen=True)
class Commonest:
    """The commonest known mistake of an exercise.

    Args:
        mistake: its place in the exercise's list, counted from 0; None where nobody made any.
        made: how many learners made it.
        says: its sentence; "" for an exercise that this version of the workbook does not have.
    """

    mistake: int | None
    made: int
    says: str


def collect(places: Sequence[str | os.PathLike]) -> Group:
    """Read the ledgers that are named, and all ``*.jsonl`` in the folders that are named.

    Raises:
        WorkbookError: a place does not exist or can't be read, or there is no ledger among them.
    """
    found: list[Path] = []
    for place in map(Path, places):
        if place.is_dir():
            inside = sorted(path for path in place.rglob("*.jsonl") if path.is_file())
            found += [path for path in inside if not path.name.startswith(".")]  # half written
        elif place.exists():
            found.append(place)
        else:
            raise WorkbookError(f"There is no {files.shown(place)}: name ledgers, or folders that hold some.")
    found = list(dict.fromkeys(found))
    broken = {path: ledger.read(path)[1] for path in found}
    records = ledger.merge(found)
    if not records:
        looked = ", ".join(map(files.shown, places))
        raise WorkbookError(f"There is no ledger in {looked}: a learner's own is called my_ledger.jsonl.")
    return Group(records, found, {path: count for path, count in broken.items() if count})


def by_exercise(
    records: Iterable[dict], of: Sequence[Lesson] | None = None
) -> dict[tuple[str, str], tuple[Counts, Commonest]]:
    """Return how the learners fared with each (notebook, exercise) in the records, in the lessons' order.

    Args:
        records: as :func:`collect` returns them.
        of: the lessons; all of the workbook unless given.
    """
    known = {
        (lesson.number, name): own for lesson in of or lessons() for name, own in lesson.exercises.items()
    }
    found: dict[tuple[str, str], list[Outcome]] = {}
    for (_, notebook, exercise), outcome in outcomes(records).items():
        if notebook.isdigit() and exercise.isidentifier():  # else no exercise of ours wrote it
            found.setdefault((notebook, exercise), []).append(outcome)
    order = [place for place in known if place in found] + sorted(found.keys() - known.keys())
    order.sort(key=lambda place: place[0])
    return {place: (_counts(found[place]), _commonest(found[place], known.get(place))) for place in order}


def by_learner(records: Sequence[dict]) -> dict[str, tuple[str, Counts]]:
    """Return the name, "" where none was set, and the counts of each learner in the records."""
    names = {record["learner"]: str(record.get("answer")) for record in records if record["event"] == "name"}
    found: dict[str, list[Outcome]] = {record["learner"]: [] for record in records}
    for (learner, _, _), outcome in outcomes(records).items():
        found[learner].append(outcome)
    return {learner: (names.get(learner, ""), _counts(own)) for learner, own in found.items()}


def _counts(own: Sequence[Outcome]) -> Counts:
    return Counts(
        tried=sum(outcome.tried for outcome in own),
        right=sum(outcome.state == "right" for outcome in own),
        at_once=sum(outcome.first for outcome in own),
        hints=sum(outcome.hints > 0 for outcome in own),
        solutions=sum(outcome.solution for outcome in own),
    )


def _commonest(own: Sequence[Outcome], exercise: "Exercise | None") -> Commonest:
    """Return the mistake that most learners made, the first of several."""
    made = Counter(index for outcome in own for index in set(outcome.mistakes))
    if not made:
        return Commonest(None, 0, "")
    index, count = min(made.items(), key=lambda pair: (-pair[1], pair[0]))
    sentences = [says for says, _ in exercise.known_mistakes()] if exercise else []
    return Commonest(index, count, sentences[index] if 0 <= index < len(sentences) else "")


# ---- Tables -----------------------------------------------------------------------------------------------


def heading(group: Group) -> str:
    """Return what the tables were made of, and what was left out."""
    learners = len({record["learner"] for record in group.records})
    sentences = [
        f"{learners} learner{'s' * (learners > 1)}, {len(group.records)} records, from "
        + (files.shown(group.files[0]) if len(group.files) == 1 else f"{len(group.files)} files")
    ]
    for path, count in group.broken.items():
        sentences.append(f"{files.shown(path)}: {count} line{'s' * (count > 1)} without a record left out")
    return "\n".join(f"{printable(sentence)}." for sentence in sentences)


def class_rows(group: Group, learners: bool = False) -> list[dict]:
    """Return a class's table as rows, by exercise or by learner; the keys are the columns of the CSV.

    Raises:
        WorkbookError: nobody has tried an exercise.
    """
    if learners:
        rows = [
            {"learner": name or learner, **asdict(counts)}
            for learner, (name, counts) in by_learner(group.records).items()
        ]
        rows.sort(key=lambda row: row["learner"])
    else:
        rows = [
            {"exercise": f"{notebook} {exercise}", **asdict(counts), **asdict(mistake)}
            for (notebook, exercise), (counts, mistake) in by_exercise(group.records).items()
        ]
    if not rows:
        raise WorkbookError(f"Nobody has tried an exercise yet: {heading(group)}")
    return rows


def own_rows(group: Group, of: Sequence[Lesson] | None = None) -> list[dict]:
    """Return one learner's table as rows, one for each notebook that has exercises."""
    own = outcomes({**record, "learner": ""} for record in group.records)
    rows = []
    for lesson in of or lessons():
        counts = _counts([own.get(("", lesson.number, name), Outcome()) for name in lesson.exercises])
        notebook = f"{lesson.number} {lesson.title}"
        rows.append({"notebook": notebook, "exercises": len(lesson.exercises), **asdict(counts)})
    return rows


def told(rows: Sequence[dict], width: int | None = None) -> str:
    """Return rows as a table of 60 to 99 columns, and below it what the commonest mistakes are.

    Args:
        rows: of one of the functions above.
        width: None asks the terminal.
    """
    page = terminal.page(width)
    page.print(_table([{name: value for name, value in row.items() if name != "says"} for row in rows]))
    slips = sorted((row for row in rows if row.get("says")), key=lambda row: -row["made"] / row["tried"])
    if slips:
        page.print("", "Made by the largest share of those who tried:", sep="\n")
        page.print(
            _table([{"exercise": row["exercise"], "says": row["says"]} for row in slips[:TOLD]], head=False)
        )
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


def write_csv(rows: Sequence[dict], file: str | os.PathLike) -> None:
    """Write rows as CSV, the whole file or none of it.

    Raises:
        WorkbookError: it can't be written.
    """
    with files.replacing(file) as beside, beside.open("w", encoding="utf-8-sig", newline="") as text:
        # The mark at the beginning tells Excel that it is UTF-8.
        writer = csv.DictWriter(text, rows[0].keys(), lineterminator="\n")
        writer.writeheader()
        writer.writerows({name: _no_formula(value) for name, value in row.items()} for row in rows)


def _no_formula(value: object) -> object:
    """Return a cell that no spreadsheet takes for a formula: anybody can edit a ledger."""
    return f"'{value}" if isinstance(value, str) and value[:1] in tuple("=+-@\t\r") else value
