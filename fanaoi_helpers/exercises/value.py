"""Exercises whose answer is a number, a vector or a matrix, worked by hand."""

import contextlib
import inspect
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from ..errors import WorkbookError
from .answers import Unreadable, described, numbers, shape_in_words, untouched
from .exercise import NOT_TRIED, Exercise, State, Verdict
from .question import as_code, example, told


@dataclass(repr=False, kw_only=True)
class Value(Exercise):
    """A number or an array, judged against ``reference``.

    Args:
        reference: the solution; takes those of ``given`` that it names.
        shown: the solution as code that runs in an empty notebook and ends in the answer.
        given: the inputs of the question by name.
        mistakes: for each known slip the sentence that names it and leads on, without giving the answer away,
            and as code what somebody who makes it would answer; it takes inputs as the reference does.
        tolerance: how far an answer may be off, absolute and relative to the truth.
        hides: names of inputs that are no part of the question, such as what an experiment shows later.
        rows: names of the rows of a table of yes and no, which is answered by 1 and 0 and can be clicked.
        columns: names of its columns.
    """

    reference: Callable
    shown: str
    mistakes: Mapping[str, Callable]
    given: Mapping[str, object] = field(default_factory=dict)
    tolerance: float = 1e-6
    hides: str = ""
    rows: Sequence[str] = ()
    columns: Sequence[str] = ()

    kind = "worked by hand"

    def _faults(self) -> Iterator[str]:
        yield from super()._faults()
        for what, code in (
            ("its reference", self.reference),
            *((f"`{m}`", c) for m, c in self.mistakes.items()),
        ):
            if not callable(code):
                yield f"{what} is {described(code)}, not a function."
            elif unknown := inspect.signature(code).parameters.keys() - self.given.keys():
                inputs = ", ".join(self.given) or "no input"
                yield f"{what} takes {', '.join(sorted(unknown))}, but the question has only {inputs}."
        if self.rows and len(self.columns) < 2:
            yield "a table of yes and no has `rows` and at least two `columns`."
        if unknown := set(self.hides.split()) - self.given.keys():
            yield f"`hides` names {', '.join(sorted(unknown))}, which is not given."

    def _judge(self, answer: object, given: dict) -> Verdict:
        if untouched(answer):
            return NOT_TRIED
        truth = self._truth(given)
        expected = shape_in_words(truth.shape)
        got = numbers(answer, expected, finite=False)  # infinity may be what a known slip gives
        if truth.ndim == 0 and got.size == 1:
            got = got.reshape(())
        if self._same(got, truth):
            return Verdict(State.RIGHT, self.why)
        for index, (says, slip) in enumerate(self.mistakes.items()):
            wrong = self._wrong(slip, given)
            if wrong is not None and self._same(got, wrong):
                return Verdict(State.NOT_YET, says, index)
        numbers(answer, expected)
        if got.shape != truth.shape:
            return Verdict(State.NOT_YET, f"Your answer is {shape_in_words(got.shape)}; expected {expected}.")
        return Verdict(State.NOT_YET, self._where(got, truth))

    def _where(self, got: np.ndarray, truth: np.ndarray) -> str:
        """Say where an answer of the right shape is wrong."""
        if truth.ndim == 0:
            return f"{_short(got)} is too {'large' if got > truth else 'small'}."
        right = np.isclose(got, truth, rtol=self.tolerance, atol=self.tolerance)
        first = np.argwhere(~right)[0]
        place = (
            f"row {first[0]}, column {first[1]}" if truth.ndim == 2 else f"position {list(map(int, first))}"
        )
        return f"{right.sum()} of {truth.size} numbers are right. Look again at {place}, counted from 0."

    def _truth(self, given: dict) -> np.ndarray:
        try:
            return np.asarray(_call(self.reference, {**self.given, **given}))
        except Exception as error:  # a learner may have changed what the notebook passes
            listed = ", ".join(given) or "its inputs"
            raise WorkbookError(
                f"{self.name} can't be asked with this {listed} ({type(error).__name__}: {error}); "
                "run the cell again that sets it."
            ) from error

    def _wrong(self, slip: Callable, given: dict) -> np.ndarray | None:
        """Return what a known slip gives; None where these inputs leave no room for it."""
        try:
            with np.errstate(all="ignore"):
                return np.asarray(_call(slip, {**self.given, **given}))
        except Exception:
            return None

    def _same(self, a: np.ndarray, b: np.ndarray) -> bool:
        return a.shape == b.shape and np.allclose(
            a, b, rtol=self.tolerance, atol=self.tolerance, equal_nan=True
        )

    def _given(self, given: dict) -> dict:
        unknown = sorted(given.keys() - self.given.keys())
        if unknown:
            known = ", ".join(self.given) or "nothing"
            raise WorkbookError(f"{self.name} has no input {', '.join(unknown)}; it takes {known}.")
        return given

    def given_text(self, **given: object) -> str:
        """Return as code the inputs that the reference takes and the question's words do not hold."""
        inputs = {**self.given, **given}
        wanted = [
            name for name in inspect.signature(self.reference).parameters if name not in self.hides.split()
        ]
        return as_code({name: inputs[name] for name in wanted if not told(inputs[name], self.asks)})

    def usual_form(self) -> str:
        """Return the truth's shape in words, with an example that has nothing else in common with it."""
        shape = self._truth({}).shape
        if self.rows:
            return f"{shape_in_words(shape)}: 1 for yes, 0 for no"
        return f"{shape_in_words(shape)}, such as {example(shape)}" if shape else shape_in_words(shape)

    def clicks(self) -> dict:
        """Return the table's names, where there is one."""
        if not self.rows:
            return {}
        return {"kind": "table", "rows": self.rows, "columns": self.columns}

    def clicked(self, written: str) -> object:
        """Return the table of 0 and 1 that "0110" stands for, row by row."""
        wide = len(self.columns)
        cells = [int(cell) if cell in "01" else ... for cell in written]
        return [cells[start : start + wide] for start in range(0, len(cells), wide)]

    def as_clicked(self, answer: object) -> str:
        """Return a table's 0 and 1 row by row, "" for what is none."""
        if self.rows:
            with contextlib.suppress(Unreadable):
                values = numbers(answer)
                if values.size == len(self.rows) * len(self.columns) and np.isin(values, (0, 1)).all():
                    return "".join(str(int(value)) for value in values.flat)
        return ""

    def answer_text(self, answer: object) -> str:
        """Return the answer's numbers, shortened."""
        values = numbers(answer, finite=False)
        if np.isnan(values).any():
            raise Unreadable("You gave nan, which is no number; expected a guess.")
        return _short(values)

    def _recorded(self, answer: object) -> object:
        try:
            return numbers(answer).tolist()
        except Exception:
            return described(answer)

    def truth_text(self, **given: object) -> str:
        """Return the right answer's numbers, shortened."""
        return _short(self._truth(given))

    def solution_text(self) -> str:
        """Return code that gives the answer in an empty notebook, and the answer beside its last line."""
        commented = "#" in self.shown.rpartition("\n")[2]
        return self.shown + ("\n" if commented else "  ") + f"# {self.truth_text()}"

    def known_mistakes(self) -> list[tuple[str, object]]:
        """Return (sentence, the wrong value) for each known mistake, with the question's own inputs."""
        return [(says, self._wrong(slip, {})) for says, slip in self.mistakes.items()]

    def sentences(self) -> list[str]:
        """Return the sentences of the known mistakes."""
        return list(self.mistakes)


def _call(code: Callable, given: dict) -> object:
    """Call ``code`` with those of the inputs that it names."""
    return code(**{name: given[name] for name in inspect.signature(code).parameters})


def _short(values: np.ndarray) -> str:
    """Return numbers as a person writes them: 4, 0.3567, [[35, 45], [85, 95]]."""
    if values.size > 25:
        return f"{shape_in_words(values.shape)}"
    written = [f"{int(value)}" if _is_whole(value) else f"{value:.6g}" for value in np.ravel(values)]
    if values.ndim == 0:
        return written[0]
    for size in reversed(values.shape):
        written = [f"[{', '.join(written[i : i + size])}]" for i in range(0, len(written), size)]
    return written[0]


def _is_whole(value: float) -> bool:
    return np.isfinite(value) and value == np.round(value) and abs(value) < 1e15
