"""The table that closes a notebook: you said, it was."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from .. import files, pages
from . import ledger
from .answers import counted, written
from .outcomes import Outcome, one_learners
from .panel import LOOKS

if TYPE_CHECKING:
    from .exercise import Exercise

QUESTION, ANSWER = 110, 70  # letters shown of each


@dataclass(frozen=True)
class Row:
    """One exercise: what it asked, what the learner said, what it was.

    ``answers`` are the first one, and the one that counts where it is another one; ``truth`` is "" for an
    exercise that was not tried, or a prediction that was not revealed.
    """

    name: str
    asks: str
    answers: tuple[str, ...]
    truth: str
    outcome: Outcome

    @property
    def look(self) -> tuple[str, str, str]:
        """Mark, words and color of its state; the mark carries the state where its color is not seen."""
        return LOOKS["noted" if self.outcome.state == "predicted" else self.outcome.state]

    @property
    def help(self) -> str:
        """What help was taken, "" for none."""
        hints = self.outcome.hints
        return ", ".join([*[counted(hints, "hint")] * (hints > 0), *["solution"] * self.outcome.solution])

    def __str__(self) -> str:
        was = f"it was: {self.truth}" if self.truth else "not revealed yet"
        return "; ".join(filter(None, [f"you said: {', then '.join(self.answers)}", was, self.help]))


class Recap:
    """What a learner said in one notebook, and what it was, as HTML or as text."""

    def __init__(self, heading: str, rows: list[Row]) -> None:
        self.heading = heading
        self.rows = rows
        self.answered = [row for row in rows if row.answers]
        right = sum(row.outcome.state == "right" for row in rows)
        first = sum(row.outcome.first for row in rows)
        self.score = f"{right} of {len(rows)} right, {first} at the first attempt."
        left = [row.name for row in rows if not row.answers]
        self.untried = f"Not tried yet: {', '.join(left)}." if left else ""
        own = "" if files.headless() else files.shown(ledger.path())
        self.lost = ledger.unread()
        self.kept_in = self.lost or (f"Kept in {own}, which is yours." if own else "")

    def __repr__(self) -> str:
        if not self.answered:
            says = f"None of the {len(self.rows)} exercises is tried yet. Your answers will stand here."
            return f"Your earlier answers can't be shown: {self.lost}" if self.lost else says
        wide = max(len(row.name) for row in self.answered)
        lines = [f"{row.look[0]} {row.name:<{wide}}  {row}" for row in self.answered]
        folded = [textwrap.fill(line, 100, subsequent_indent=" " * (wide + 4)) for line in lines]
        below = [textwrap.fill(self.untried, 100), self.score, self.kept_in]
        return "\n".join([self.heading, *folded, *filter(None, below)])

    def _repr_html_(self) -> str | None:
        if not self.answered:
            return None  # the text says it
        return pages.rendered("exercises/recap.html", recap=self)


def rows(number: str, exercises: Mapping[str, Exercise], records: Iterable[dict]) -> list[Row]:
    """Return a row for each of a notebook's exercises, in its order, from a ledger's records."""
    own = one_learners(records)
    made = []
    for name, exercise in exercises.items():
        outcome = own.get((number, name), Outcome())
        truth = (outcome.truth or exercise.truth_text()) if outcome.tried else ""
        answers = tuple(dict.fromkeys(_short(written(answer)) for answer in outcome.answers))
        asks = textwrap.shorten(exercise.asks.replace("`", ""), QUESTION, placeholder=" …")
        made.append(Row(name, asks, answers, _short(truth), outcome))
    return made


def _short(text: str) -> str:
    """Return an answer on one line, ended by an ellipsis where it is too long."""
    text = " ".join(text.split())
    return text if len(text) <= ANSWER else text[: ANSWER - 1].rstrip() + "…"
