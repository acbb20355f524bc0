"""Beat the machine: judge fans by eye, one photograph after the other, by two keys and against the clock."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import fields
from typing import ClassVar

import numpy as np
import traitlets
from matplotlib.figure import Figure

from .. import errors, verdicts
from ..errors import WorkbookError
from ..figures import line
from .base import InteractiveFigure
from .traits import Array, Number, State

MOST_FANS = 200
BETWEEN = str.maketrans("", "", ",; \t\n")  # what may stand between typed letters
LATEST = 1e12  # seconds


class BlindJudge(InteractiveFigure):
    """Photographs of fans, one after the other, to be called GO or NG; the clock runs until the last one.

    The labels stay in Python until the last verdict is given; only then are they sent to the page, which
    shows what was wrong. Nothing is held against a learner who looks away, but the clock does not stop.
    Where no browser is, letters can be typed: ``judge.verdicts = "GGNGG NGGNG"``; seconds are then counted
    from when the figure was shown.

    Keys: G or N judges the photograph; Backspace takes the last verdict back, until the round is over.

    Args:
        photographs: (N, H, W, 3) uint8, N at most 200.
        labels: "GO" or "NG" (or 1 or 0) for each.
        notes: what each fan is, in words such as "oil stain"; shown at the end beside what was wrong.
        keep: called at the end of each round with :attr:`result` and the seconds; what it returns is shown.

    Attributes:
        verdicts: the letters G and N given so far; "" begins the round anew once it is over.
        seconds: from the first photograph to the last verdict so far.
        started: when the learner began, in seconds of the browser's clock; 0 before.
        finished: every photograph has its verdict. Follows from ``verdicts``, as does ``revealed``.
        revealed: empty until the round is over; then labels, notes, counts, and what ``keep`` said.

    >>> judge = BlindJudge(np.zeros((3, 32, 32, 3), np.uint8), ["GO", "NG", "NG"])
    >>> judge
    BlindJudge(0 of 3 fans judged)
    >>> judge.verdicts = "gg n"
    >>> judge.verdicts, judge.finished, judge.result.escapes, judge.result.ng_total
    ('GGN', True, 1, 2)
    """

    scripts = ("blind_judge.js",)
    # Many photographs as PNG would make a notebook of megabytes.
    stored_as: ClassVar[dict] = {"format": "jpeg", "pil_kwargs": {"quality": 75}}

    photographs = Array(ndim=4, dtype="uint8")
    verdicts = State("")
    seconds = Number(0.0, 0, LATEST)
    started = Number(0.0, 0, LATEST)
    finished = traitlets.Bool(False, read_only=True).tag(sync=True)
    revealed = traitlets.Dict(read_only=True).tag(sync=True)

    def __init__(
        self,
        photographs: np.ndarray,
        labels: Sequence[str | int],
        notes: Sequence[str] | None = None,
        keep: Callable[[verdicts.Verdicts, float], str] | None = None,
    ) -> None:
        pixels = np.asarray(photographs)
        if pixels.dtype != np.uint8 or pixels.ndim != 4 or pixels.shape[3] != 3 or 0 in pixels.shape:
            raise WorkbookError(
                f"photographs has shape {pixels.shape} and dtype {pixels.dtype}, "
                "but it must be uint8 with shape (N, height, width, 3)."
            )
        errors.whole_number("the number of photographs", len(pixels), 1, MOST_FANS)
        for name, values in {"labels": labels, "notes": notes}.items():
            if values is not None and len(values) != len(pixels):
                raise WorkbookError(f"There are {len(values)} {name} for {len(pixels)} photographs.")
        # No traits: the page must not know them before the end.
        self._labels = "".join(line.label_name(label)[0] for label in labels)
        self._notes = [str(note) for note in notes or ()]
        self._keep = keep
        self._shown_at = None
        super().__init__(photographs=pixels)
        self._made = True

    @traitlets.validate("photographs")
    def _photographs_stay(self, proposal: dict) -> np.ndarray:
        if getattr(self, "_made", False):
            raise WorkbookError("A round keeps its photographs: make a new BlindJudge for others.")
        return proposal["value"]

    @traitlets.validate("verdicts")
    def _verdicts_are_letters(self, proposal: dict) -> str:
        value, count = proposal["value"], len(self.photographs)
        if not isinstance(value, str):
            raise WorkbookError(f'verdicts is {value!r}, but it must be text of G and N, such as "GGNGG".')
        letters = value.upper().translate(BETWEEN)
        for place, letter in enumerate(letters, 1):
            if letter not in "GN":
                raise WorkbookError(f"Letter {place} of verdicts is {letter!r}: write G for GO or N for NG.")
        if len(letters) > count:
            raise WorkbookError(f"verdicts has {len(letters)} letters, but there are {count} photographs.")
        return letters

    @traitlets.observe("verdicts")
    def _end_or_begin_anew(self, change: dict) -> None:
        over = len(self.verdicts) == len(self.photographs)
        if over and not self.started and self._shown_at is not None:
            self.seconds = time.monotonic() - self._shown_at
        if self.finished and not over:
            self.seconds = self.started = 0.0
            self._shown_at = time.monotonic()
        self.set_trait("finished", over)
        self.set_trait("revealed", self._truth() if over else {})

    def _truth(self) -> dict:
        result = self.result
        counts = {field.name: getattr(result, field.name) for field in fields(verdicts.Counts)}
        kept = self._keep(result, self.seconds) if self._keep else ""
        return {"labels": self._labels, "notes": self._notes, **counts, "kept": kept}

    @property
    def result(self) -> verdicts.Verdicts:
        """The verdicts held against the labels, once the round is over."""
        if not self.finished:
            raise WorkbookError(f"The round is not over: {self.words()}.")
        labels, called = ([letter == "G" for letter in letters] for letters in (self._labels, self.verdicts))
        return verdicts.judge(labels, called, threshold=0.5)

    def still(self) -> Figure:
        """Return a numbered contact sheet; once the round is over, with the truth and the mistakes named."""
        count = len(self.photographs)
        columns = 5 if count <= 50 else 10
        numbers = range(1, count + 1)
        if not self.finished:
            return line.contact_sheet(self.photographs, captions=numbers, columns=columns)
        names = {"G": "GO", "N": "NG"}
        notes = [f"{number}: {note}" for number, note in enumerate(self._notes, 1)] or numbers
        return line.contact_sheet(
            self.photographs,
            [names[letter] for letter in self._labels],
            notes,
            verdicts=[names[letter] for letter in self.verdicts],
            columns=columns,
        )

    def words(self) -> str:
        """Return the present state in one line."""
        if not self.finished:
            return f"{len(self.verdicts)} of {len(self.photographs)} fans judged"
        truth = self.revealed
        return (
            f"{len(self.photographs)} fans judged in {self.seconds:.0f} s: escapes {truth['escapes']} of "
            f"{truth['ng_total']} NG, overkill {truth['overkill']} of {truth['go_total']} GO"
            + (f". {truth['kept']}" if truth["kept"] else "")
        )

    def _repr_mimebundle_(self, **kwargs: object) -> dict | tuple[dict, dict]:
        """Return the figure, and note when it was first shown."""
        bundle = super()._repr_mimebundle_(**kwargs)
        if self._shown_at is None:
            self._shown_at = time.monotonic()
        return bundle
