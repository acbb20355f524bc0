"""The table that closes a notebook: you said, it was."""

from __future__ import annotations

import html
import json
import textwrap
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from .. import files
from . import ledger
from .outcomes import Outcome, outcomes
from .panel import LOOKS

if TYPE_CHECKING:
    from .exercise import Exercise

QUESTION, ANSWER = 110, 70  # letters shown of each
CELL = "text-align:left;vertical-align:top;padding:.35em .8em .35em .5em;overflow-wrap:anywhere;"
LINE = "border-bottom:1px solid rgba(128,128,128,.35);"
FAINT = "font-size:.85em;opacity:.75"
TABLE = "border-collapse:collapse;max-width:60em;margin:.3em 0;font-size:14px;line-height:1.4;color:inherit"


@dataclass(frozen=True)
class Row:
    """One exercise: what it asked, what the learner said, what it was.

    Args:
        name: as in ``ex.NAME``.
        asks: the question, shortened.
        said: the first answer, and the one that counts where it is another one.
        was: the right answer; "" for an exercise that was not tried, or a prediction that was not revealed.
        outcome: state, hints, and the rest.
    """

    name: str
    asks: str
    said: tuple[str, ...]
    was: str
    outcome: Outcome


@dataclass(frozen=True)
class Recap:
    """The rows of one notebook, as HTML or as text; ``heading`` is its number and title."""

    heading: str
    rows: list[Row]

    @property
    def score(self) -> str:
        """The sentence below the table."""
        right = sum(row.outcome.state == "right" for row in self.rows)
        first = sum(row.outcome.first for row in self.rows)
        return f"{right} of {len(self.rows)} right, {first} at the first attempt."

    @property
    def empty(self) -> bool:
        """Whether nothing was answered."""
        return not any(row.said for row in self.rows)

    @property
    def open(self) -> str:
        """The sentence that names what nobody has tried; "" if all was."""
        names = [row.name for row in self.rows if not row.said]
        return f"Not tried yet: {', '.join(names)}." if names else ""

    def __repr__(self) -> str:
        if self.empty:
            count = len(self.rows)
            return f"None of the {count} exercises is tried yet. Your answers will stand here."
        said = [row for row in self.rows if row.said]
        wide = max(len(row.name) for row in said)
        lines = [f"{_mark(row)} {row.name:<{wide}}  {_sentence(row)}" for row in said]
        folded = [textwrap.fill(line, 100, subsequent_indent=" " * (wide + 4)) for line in lines]
        folded += [textwrap.fill(self.open, 100)] if self.open else []
        return "\n".join([self.heading, *folded, self.score, *_kept_in()])

    def _repr_html_(self) -> str | None:
        if self.empty:
            return None  # the text says it
        names = ("", "exercise", "you said", "it was", "help")
        head = "".join(
            f'<th style="{CELL}{LINE}white-space:nowrap;overflow-wrap:normal">{name}</th>' for name in names
        )
        said = [row for row in self.rows if row.said]
        body = "".join(f'<tr style="background:none">{_cells(row)}</tr>' for row in said)
        table = f'<table style="{TABLE}"><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>'
        foot = "".join(
            f'<div style="{FAINT}">{html.escape(line)}</div>' for line in [self.open, *_kept_in()] if line
        )
        return (
            f'<div style="overflow-x:auto;max-width:60em">{table}<div><b>{self.score}</b></div>{foot}</div>'
        )


def rows(number: str, exercises: Mapping[str, Exercise], records: Iterable[dict]) -> list[Row]:
    """Return a row for each of a notebook's exercises, in its order, from a ledger's records."""
    own = ({**record, "learner": ""} for record in records if record["notebook"] == number)
    found = {exercise: outcome for (_, _, exercise), outcome in outcomes(own).items()}
    made = []
    for name, exercise in exercises.items():
        outcome = found.get(name, Outcome())
        was = (outcome.truth or exercise.truth_text()) if outcome.tried else ""
        said = tuple(dict.fromkeys(_short(written(answer)) for answer in outcome.said))
        asks = textwrap.shorten(exercise.asks.replace("`", ""), QUESTION, placeholder=" …")
        made.append(Row(name, asks, said, _short(was), outcome))
    return made


def recap(number: str, title: str, exercises: Mapping[str, Exercise]) -> Recap:
    """Return what the learner said in a notebook, and what it was, from the learner's ledger."""
    return Recap(f"{number} {title}", rows(number, exercises, ledger.records()))


def written(answer: object) -> str:
    """Return an answer from a ledger as people write it.

    >>> written([[35.0, 0.123456789], [4, "?"]]), written(25690112.0), written("B (the kernel)")
    ('[[35, 0.123457], [4, ?]]', '25690112', 'B (the kernel)')
    """
    if isinstance(answer, (list, tuple)):
        return f"[{', '.join(map(written, answer))}]"
    if isinstance(answer, float):
        return f"{answer:.0f}" if answer.is_integer() and abs(answer) < 1e12 else f"{answer:.6g}"
    return answer if isinstance(answer, str) else json.dumps(answer)


def _short(text: str) -> str:
    """Return an answer on one line, ended by an ellipsis where it is too long."""
    text = " ".join(text.split())
    return text if len(text) <= ANSWER else text[: ANSWER - 1].rstrip() + "…"


def _mark(row: Row) -> str:
    return LOOKS["noted" if row.outcome.state == "predicted" else row.outcome.state][0]


def _help(row: Row) -> str:
    """Return what help was taken, "" for none."""
    hints = row.outcome.hints
    counted = [f"{hints} hint{'s' * (hints != 1)}"] if hints else []
    return ", ".join([*counted, *["solution"] * row.outcome.solution])


def _sentence(row: Row) -> str:
    """Return a row as text."""
    parts = [f"you said: {', then '.join(row.said)}", f"it was: {row.was}" if row.was else "not revealed yet"]
    return "; ".join(filter(None, [*parts, _help(row)]))


def _cells(row: Row) -> str:
    """Return a row's cells as HTML; the mark carries the state where its color is not seen."""
    state = row.outcome.state
    color = LOOKS["noted" if state == "predicted" else state][2]
    asks = f'<b>{html.escape(row.name)}</b><div style="{FAINT}">{html.escape(row.asks)}</div>'
    said = "<br>then ".join(map(html.escape, row.said))
    was = html.escape(row.was) or "not revealed yet"
    edge = f"border-left:4px solid {color};font-weight:bold"
    cells = "".join(f'<td style="{CELL}{LINE}">{cell}</td>' for cell in (asks, said, was))
    aid = f'<td style="{CELL}{LINE}overflow-wrap:normal">{_help(row)}</td>'
    return f'<td style="{CELL}{LINE}{edge}" title="{state}">{_mark(row)}</td>{cells}{aid}'


def _kept_in() -> list[str]:
    """Return where the records are; nowhere, for a headless run."""
    return [] if files.headless() else [f"Kept in {files.shown(ledger.path())}, which is yours."]
