"""Exercises whose answer is a number, a vector or a matrix, worked by hand."""

import contextlib
import functools
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from ..errors import WorkbookError
from . import closeness, measures, numerals
from .answers import Unreadable, counted, described, numbers, shape_in_words, untouched, written
from .calling import parameters
from .exercise import Exercise
from .numerals import Reading
from .question import as_code, example, told
from .shortening import MOST, shortened
from .verdict import NOT_TRIED, State, Verdict, either


@dataclass(repr=False, kw_only=True)
class Value(Exercise):
    """A number or an array, judged against ``reference``.

    Args:
        reference: the solution; takes those of ``given`` that it names.
        shown: the solution as code that runs in an empty notebook and ends in the answer.
        given: the inputs of the question by name.
        mistakes: for each known slip the sentence that names it and leads on, without giving the answer away,
            and as code what somebody who makes it would answer; it takes inputs as the reference does. It is
            matched exactly, or in all digits that are written.
        tolerance: how far an answer may be off, absolute and relative to the truth.
        decimals: that the question asks for: what is rounded to so many is right. None: two decimals, or
            three digits, are enough. A whole number is never rounded.
        about: whether it is a guess that nobody can calculate. A mistake is then named only where a number
            of three digits shows that it was calculated, and none need be known.
        hides: names of inputs that are no part of the question, such as what an experiment shows later.
        rows: names of the rows of a table of yes and no, which is answered by 1 and 0 and can be clicked.
        columns: names of its columns.
    """

    reference: Callable
    shown: str
    mistakes: Mapping[str, Callable] = field(default_factory=dict)
    given: Mapping[str, object] = field(default_factory=dict)
    tolerance: float = 1e-6
    decimals: int | None = None
    about: bool = False
    hides: str = ""
    rows: Sequence[str] = ()
    columns: Sequence[str] = ()

    kind = "worked by hand"

    @property
    def fewest_mistakes(self) -> int:
        """How many known mistakes it must have."""
        return 0 if self.about else Exercise.fewest_mistakes

    def _faults(self) -> Iterator[str]:
        yield from super()._faults()
        if self.rows and len(self.columns) < 2:
            yield "a table of yes and no has `rows` and at least two `columns`."
        if unknown := set(self.hides.split()) - self.given.keys():
            yield f"`hides` names {', '.join(sorted(unknown))}, which is not given."

    def _judge(self, answer: object, given: dict) -> Verdict:
        if untouched(answer):
            return NOT_TRIED
        unit = measures.odd_unit(answer, f"{self.asks} {self.form}")
        if unit:
            says = f"Write the number alone, without quotation marks: “{unit}” is no unit of the question."
            return Verdict(State.NOT_YET, says, form=True)
        truth = self._truth(given)
        read = numerals.readings(answer, truth, bool(closeness.whole(truth).all()))
        wrong = [self._wrong(slip, given) for slip in self.mistakes.values()]
        sure = [one for one in read if one.sure] or _as_it_is(answer)
        # What is exactly a known slip is not taken for the truth within its tolerance.
        for same, others, these in (
            (np.array_equal, [truth], sure),
            (self._is_exactly, wrong, sure[:1]),
            (closeness.is_the, [truth], sure),
            (self._is_slip, wrong, sure),
            (self._rounded, [truth], sure),
            (self._slip_in_digits, wrong, sure),
            (self._near, [truth], sure),
            (closeness.is_the, [truth], read),
            (self._rounded, [truth], read),
        ):
            for one in these:
                found = [i for i, other in enumerate(others) if other is not None and same(one.values, other)]
                if found and others is wrong:
                    says = either([self.sentences()[i] for i in found])
                    return Verdict(State.NOT_YET, _with(says, one.note), found[0])
                if found:
                    return Verdict(State.RIGHT, _with(self.why, one.note))
        read = [one for one in read if one.sure]
        as_it_is = _as_it_is(answer)
        if not read or truth.ndim and as_it_is and as_it_is[0].values.size != truth.size:
            return self._misread(answer, truth)
        return self._not_the_truth(read[0], truth)

    # Is it the truth, or a known slip?

    def _is_exactly(self, got: np.ndarray, wrong: np.ndarray) -> bool:
        return self._calculated(got) and np.array_equal(got, wrong)

    def _is_slip(self, got: np.ndarray, wrong: np.ndarray) -> bool:
        return self._calculated(got) and closeness.all_close(got, wrong, 1e-6, 1e-12)

    def _rounded(self, got: np.ndarray, truth: np.ndarray) -> bool:
        return closeness.each(got, truth, lambda g, t: numerals.is_rounded(g, t, self.decimals))

    def _slip_in_digits(self, got: np.ndarray, wrong: np.ndarray) -> bool:
        return self._calculated(got) and closeness.each(got, wrong, numerals.same_to_the_digits)

    def _near(self, got: np.ndarray, truth: np.ndarray) -> bool:
        return got.shape == truth.shape and np.allclose(
            got, truth, rtol=self.tolerance, atol=self.tolerance, equal_nan=True
        ) and (self.tolerance > 1e-6 or closeness.is_the(got, truth))  # fmt: skip

    def _calculated(self, got: np.ndarray) -> bool:
        """Tell whether numbers may come from a calculation; a guess shows one digit or two."""
        return not self.about or any(numerals.digits_of(value) > 2 for value in np.ravel(got))

    # What is said of another answer.

    def _misread(self, answer: object, truth: np.ndarray) -> Verdict:
        """Say what is wrong with the form of an answer."""
        expected, commas = shape_in_words(truth.shape), _no_commas(answer, truth.size)
        try:
            got = numbers(answer, expected)
            says = f"Your answer is {shape_in_words(got.shape)}; expected {expected}."
            if got.size == truth.size and closeness.is_the(got.reshape(truth.shape), truth):
                example = f": {_empty(truth.shape)}." if truth.size <= 12 and truth.ndim else "."
                says, commas = f"All numbers are right; write them as {expected}{example}", ""
        except Unreadable as odd:
            says = str(odd)
            if isinstance(answer, str):
                says = says.replace(" Leave the quotes out.", measures.in_python(answer, truth.ndim == 0))
                says = says.replace("numbers alone", f"{_empty(truth.shape)} with your numbers")
        return Verdict(State.NOT_YET, says + commas, form=True)

    def _not_the_truth(self, reading: Reading, truth: np.ndarray) -> Verdict:
        """Say what is wrong with numbers of the right shape."""
        got = reading.values
        if not np.isfinite(got).all() and np.isfinite(truth).all():
            numbers(got, shape_in_words(truth.shape))
        form = True
        if says := closeness.factor(got, truth, self._asked(truth)):
            pass
        elif self.about:
            form, says = False, self._where(got, truth)
        elif closeness.each(got, truth, lambda g, t: numerals.is_rounded(g, t, None, coarse=True)):
            digits = "two decimals, or three digits"
            if self.decimals is not None:
                digits = counted(self.decimals, "decimal")
            says = f"{written(got)} is right as far as it goes, but rounded too far: give {digits}."
        elif closeness.each(got, truth, lambda g, t: g == t or numerals.is_cut_off(g, t)):
            says = f"{written(got)} is cut off. Rounding looks at the next digit: from 5 on it rounds up."
        else:
            form, says = False, self._where(got, truth)
        return Verdict(State.NOT_YET, _with(says, reading.note), form=form)

    def _asked(self, truth: np.ndarray) -> str:
        """Return "percent" or "a share" where that is asked, else ""."""
        asks = f"{self.asks} {self.form}".lower()
        if "percent" in asks or "how many %" in asks:
            return "percent"
        share = re.search(r"share|probability|from 0 to 1\b", self.form)
        other = re.search(r"nats|loss|surprise|learning rate|slope|score|bias|gain", asks)
        return "" if other and not share or np.any(np.abs(truth) > 1) else "a share"

    def _where(self, got: np.ndarray, truth: np.ndarray) -> str:
        """Say where an answer of the right shape is wrong."""
        if truth.ndim == 0:
            return f"{written(got)} is too {'large' if got > truth else 'small'}."
        pairs = zip(map(np.asarray, np.ravel(got)), map(np.asarray, np.ravel(truth)), strict=True)
        same = closeness.is_the, self._rounded, self._near
        right = np.array([any(is_it(g, t) for is_it in same) for g, t in pairs]).reshape(truth.shape)
        first = np.argwhere(~right)[0]
        place = f"row {first[0]}, column {first[1]}" if truth.ndim == 2 else f"position {first.tolist()}"
        are = "is" if right.sum() == 1 else "are"
        return f"{right.sum()} of {truth.size} numbers {are} right. Look again at {place}, counted from 0."

    def _odd_form(self, answer: object) -> str:
        """Say why an answer can't be noted as a prediction, "" if it can."""
        truth = self._truth({})
        expected = shape_in_words(truth.shape)
        read = numerals.readings(answer, truth)
        if not any(one.sure for one in read) or truth.ndim and not list(numerals.literal(answer, truth)):
            came = shape_in_words(numbers(answer, expected).shape)
            return f"Your answer is {came}; expected {expected}.{_no_commas(answer, truth.size)}"
        return super()._odd_form(answer)

    # The truth, and what comes of a slip.

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

    def _given(self, given: dict) -> dict:
        unknown = sorted(given.keys() - self.given.keys())
        if unknown:
            known = ", ".join(self.given) or "nothing"
            raise WorkbookError(f"{self.name} has no input {', '.join(unknown)}; it takes {known}.")
        return given

    def given_text(self, **given: object) -> str:
        """Return as code the inputs that the reference takes and the question's words do not hold."""
        inputs = {**self.given, **given}
        wanted = [name for name in _inputs(self.reference) if name not in self.hides.split()]
        return as_code({name: inputs[name] for name in wanted if not told(inputs[name], self.asks)})

    def usual_form(self) -> str:
        """Return the truth's shape in words, with an example that has nothing else in common with it."""
        shape = self._truth({}).shape
        if self.rows:
            return f"{shape_in_words(shape)}: 1 for yes, 0 for no"
        such = f", such as {example(shape)}" if shape else ""
        return f"{shape_in_words(shape)}{such}{self._rounding()}"

    def _rounding(self) -> str:
        """Return how many decimals or digits are wanted of what is no whole number."""
        if self.about or closeness.whole(self._truth({})).all():
            return ""
        if self.decimals is None:
            return "; three digits are enough"
        return f", to {self.decimals} decimal{'s' * (self.decimals != 1)}"

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
        values = self._plain(answer)
        if np.isnan(values).any():
            raise Unreadable("You gave nan, which is no number; expected a guess.")
        return written(values)

    def _plain(self, answer: object) -> np.ndarray:
        """Return the numbers of an answer as they are most likely meant."""
        truth = self._truth({})
        read = sorted(numerals.readings(answer, truth), key=lambda one: not one.sure)
        return read[0].values if read else numbers(answer, finite=False)

    def _recorded(self, answer: object) -> object:
        try:
            values = self._plain(answer)
            return values.tolist() if values.size <= MOST else shortened(values)
        except Exception:
            return described(answer)

    def truth_text(self, **given: object) -> str:
        """Return the right answer's numbers, shortened."""
        return written(self._truth(given))

    def solution_text(self) -> str:
        """Return code that gives the answer in an empty notebook, and the answer beside its last line."""
        commented = "#" in self.shown.rpartition("\n")[2]
        return self.shown + ("\n" if commented else "  ") + f"# {self.truth_text()}"


@functools.cache
def _inputs(code: Callable) -> list[str]:
    return parameters(code)


def _call(code: Callable, given: dict) -> object:
    """Call ``code`` with those of the inputs that it names."""
    return code(**{name: given[name] for name in _inputs(code)})


def _with(says: str, note: str) -> str:
    return f"{says} {note}" if note else says


def _no_commas(answer: object, size: int) -> str:
    """Return advice to whoever may have written 7,200 or 0,96 among numbers; "" to others."""
    if (
        type(answer) in (list, tuple)
        and size < len(answer) <= MOST
        and all(type(one) in (int, float) for one in answer)
        and (len(answer) == 2 * size or any(one == 0 or 100 <= abs(one) <= 999 for one in answer[1:]))
    ):
        return " In Python numbers have no commas inside: write 7200 or 7_200, and 0.96 with a point."
    return ""


def _as_it_is(answer: object) -> list[Reading]:
    """Return an answer of any shape: a known slip may have another one than the truth."""
    with contextlib.suppress(Unreadable):
        return [Reading(numbers(answer, finite=False))]
    return []


def _empty(shape: tuple[int, ...]) -> str:
    """Return the brackets of an array: [[…, …], […, …]]."""
    return "…" if not shape else f"[{', '.join([_empty(shape[1:])] * shape[0])}]"
