"""Exercises whose answer is a function, judged on random inputs against an oracle."""

import ast
import contextlib
import copy
import inspect
import io
import textwrap
import traceback
import warnings
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

import numpy as np

from .answers import Unreadable, described, numbers, shape_in_words, untouched
from .exercise import NOT_TRIED, Exercise, State, Verdict

CASES = 12  # random inputs that a function is tried on


@dataclass(frozen=True)
class Result:
    """What a function did with one case: arrays, or the error that stopped it."""

    values: tuple[np.ndarray, ...] = ()
    error: str = ""
    odd: str = ""  # a sentence about a result that holds no numbers


@dataclass(repr=False, kw_only=True)
class Function(Exercise):
    """A function to write.

    Args:
        reference: the solution.
        shown: the solution as code that runs in an empty notebook.
        oracle: the truth, computed in another way than the reference does it.
        cases: draws the arguments of one call from a ``numpy.random.Generator``, as a tuple.
        mistakes: for each known slip the sentence that names it and leads on, without giving the answer away,
            and the function, with the reference's signature, that somebody who makes it would write.
        tolerance: how far a result may be off, absolute and relative.
        dtype: the dtype that the result must have, where that is part of the question.
    """

    reference: Callable
    shown: str
    oracle: Callable
    cases: Callable[[np.random.Generator], tuple]
    mistakes: Mapping[str, Callable | str]
    tolerance: float = 1e-6
    dtype: str | None = None

    kind = "a function to write"
    stub = "replace the three dots in the function and run its cell again"

    def _faults(self) -> Iterator[str]:
        yield from super()._faults()
        for says, slip in self.mistakes.items():
            if not callable(slip):
                yield f"`{says}` is {described(slip)}, not a function."

    def _judge(self, answer: object, given: dict) -> Verdict:
        if untouched(answer):
            return NOT_TRIED
        self._refuse_what_is_no_function(answer)
        cases = self.drawn()
        odd_signature = self._signature_problem(answer, cases[0])
        if odd_signature:
            return Verdict(State.NOT_YET, odd_signature)
        several = isinstance(self.oracle(*cases[0]), tuple)
        truths = [self._run(self.oracle, case, several) for case in cases]
        outcomes, changed = [], ""
        for case in cases:
            given_to_it = copy.deepcopy(case)
            outcomes.append(self._run(answer, given_to_it, several))
            if "ellipsis" in outcomes[-1].error:
                return NOT_TRIED
            changed = changed or self._changed(case, given_to_it)
        if all(map(self._same, outcomes, truths)):
            return Verdict(State.NOT_YET, changed) if changed else Verdict(State.RIGHT, self.why)
        for index, (says, slip) in enumerate(self.known_mistakes()):
            slips = (self._run(slip, copy.deepcopy(case), several) for case in cases)
            if all(map(self._same, outcomes, slips)):
                return Verdict(State.NOT_YET, says, index)
        first = next(i for i in range(len(cases)) if not self._same(outcomes[i], truths[i]))
        return Verdict(State.NOT_YET, self._difference(outcomes[first], truths[first], cases[first]))

    def drawn(self) -> list[tuple]:
        """Return the random cases that every answer is tried on: the same ones each time."""
        rng = np.random.default_rng(len(self.name))
        return [self.cases(rng) for _ in range(CASES)]

    def _refuse_what_is_no_function(self, answer: object) -> None:
        if callable(answer) and not isinstance(answer, type):
            return
        came = "the result of a call" if hasattr(answer, "shape") else described(answer)
        raise Unreadable(f"You gave {came}; expected the function itself: its name, without brackets.")

    def _signature_problem(self, answer: Callable, case: tuple) -> str:
        try:
            inspect.signature(answer).bind(*case)
        except TypeError:
            names = ", ".join(inspect.signature(self.reference).parameters)
            return f"Your function can't be called with {len(case)} arguments; it must take ({names})."
        except Exception:  # what has no signature to look at may still be called
            return ""
        return ""

    def _run(self, function: Callable, case: tuple, several: bool) -> Result:
        """Call a learner's or our function, of one or several results; what happens in it stays here."""
        try:
            with (
                warnings.catch_warnings(),
                np.errstate(all="ignore"),
                contextlib.redirect_stdout(io.StringIO()),
            ):
                warnings.simplefilter("ignore")
                result = function(*case)
        except KeyboardInterrupt:
            return Result(error="it was stopped from outside. Is there a loop that never ends?")
        except BaseException as error:  # also SystemExit: an answer may hold exit()
            return Result(error=_error_in_words(error))
        if result is ... or isinstance(result, tuple) and untouched(result):
            return Result(error="it returns an ellipsis")
        try:
            parts = result if several and isinstance(result, (tuple, list)) else [result]
            parts = [numbers(part, finite=False) for part in parts]
        except Unreadable as odd:
            return Result(odd=str(odd).partition(";")[0].replace("You gave", "it returns", 1))
        except Exception as error:  # a list of the learner's own kind may fail anywhere
            return Result(odd=f"it returns what can't be read ({type(error).__name__})")
        return Result(tuple(parts))

    def _same(self, a: Result, b: Result) -> bool:
        if a.error or b.error or a.odd or b.odd:
            return (a.error, a.odd) == (b.error, b.odd)
        return len(a.values) == len(b.values) and all(map(self._close, a.values, b.values))

    def _close(self, a: np.ndarray, b: np.ndarray) -> bool:
        alike = a.shape == b.shape and (self.dtype is None or a.dtype == b.dtype)
        return alike and np.allclose(a, b, rtol=self.tolerance, atol=self.tolerance, equal_nan=True)

    def _difference(self, outcome: Result, truth: Result, case: tuple) -> str:
        """Say how a result differs from the truth, and for which arguments."""
        inputs = f"For {self._arguments(case)}"
        if outcome.error:
            return f"{inputs}: {outcome.error}"
        if outcome.odd:
            return f"{inputs}: {outcome.odd}."
        if len(outcome.values) != len(truth.values):
            return f"{inputs}: it returns {len(outcome.values)} things; expected {len(truth.values)}."
        for number, (got, wanted) in enumerate(zip(outcome.values, truth.values, strict=True), 1):
            which = f"result {number}: " if len(truth.values) > 1 else ""
            if got.shape != wanted.shape:
                came, expected = shape_in_words(got.shape), shape_in_words(wanted.shape)
                return f"{inputs}: {which}it returns {came}; expected {expected}."
            if self.dtype is not None and got.dtype != wanted.dtype:
                return f"{inputs}: {which}it returns {got.dtype}; expected {wanted.dtype}."
            wrong = ~np.isclose(got, wanted, rtol=self.tolerance, atol=self.tolerance, equal_nan=True)
            if wrong.any():
                place = tuple(int(i) for i in np.argwhere(wrong)[0])
                at = f" at {list(place)}" if place else ""
                return f"{inputs}: {which}it returns {got[place]:.6g}{at}; expected {wanted[place]:.6g}."
        raise AssertionError("asked for a difference where there is none")

    def _arguments(self, case: tuple) -> str:
        names = inspect.signature(self.reference).parameters
        return ", ".join(
            f"`{name}` {_value_in_words(value)}" for name, value in zip(names, case, strict=False)
        )

    def _changed(self, before: tuple, after: tuple) -> str:
        names = inspect.signature(self.reference).parameters
        for name, a, b in zip(names, before, after, strict=False):
            if isinstance(a, np.ndarray) and not np.array_equal(a, b, equal_nan=a.dtype.kind == "f"):
                return (
                    f"The result is right, but your function changes its argument `{name}`; work on a copy."
                )
        return ""

    def usual_form(self) -> str:
        """Return what the function takes."""
        parameters = inspect.signature(self.reference).parameters
        return f"a function that takes `({', '.join(parameters)})`"

    def answer_text(self, answer: object) -> str:
        """Return "your function": its source is the learner's own."""
        return "your function" if callable(answer) else described(answer)

    def truth_text(self, **given: object) -> str:
        """Return where the right answer is to be seen."""
        return "see its solution()"

    def solution_text(self) -> str:
        """Return code that defines the function in an empty notebook."""
        return self.shown

    def known_mistakes(self) -> list[tuple[str, Callable]]:
        """Return (sentence, the mistaken function) for each known mistake."""
        return list(self.mistakes.items())

    def sentences(self) -> list[str]:
        """Return the sentences of the known mistakes."""
        return list(self.mistakes)


@dataclass(repr=False, kw_only=True)
class Line(Function):
    """One line to complete: a function whose ``template`` has a blank, four underscores.

    Args:
        template: the function's code with ``____`` in the place of what is missing.
        line: what belongs there. What a known slip writes is text for the blank, too.
        names: what the code may use, such as ``{"np": np}``.
    """

    template: str
    line: str
    names: Mapping[str, object] = field(default_factory=lambda: {"np": np})
    reference: Callable = field(init=False)

    kind = "a line to complete"
    stub = "replace the three dots in the line and run the cell again"

    def __post_init__(self) -> None:
        self.template = textwrap.dedent(self.template).strip()
        super().__post_init__()
        self.reference = self.filled(self.line)

    def _faults(self) -> Iterator[str]:
        yield from Exercise._faults(self)
        if self.template.count("____") != 1:
            yield "`template` must have one blank, four underscores."
        for text in (self.line, *self.mistakes.values()):
            try:
                self.filled(text)
            except (SyntaxError, TypeError):
                yield f"`{text}` in the blank is no Python."

    def filled(self, text: str) -> Callable:
        """Return the template's function with ``text`` in the blank."""
        names = dict(self.names)
        code = self.template.replace("____", text)
        exec(compile(code, f"<{self.name}>", "exec"), names)
        return names[next(node.name for node in ast.parse(code).body if isinstance(node, ast.FunctionDef))]

    def usual_form(self) -> str:
        """Return where the line belongs."""
        call = f"{self.reference.__name__}({', '.join(inspect.signature(self.reference).parameters)})"
        return f"code in place of the three dots in `{call}`"

    def known_mistakes(self) -> list[tuple[str, Callable]]:
        """Return (sentence, the template's function with the slip in the blank) for each known mistake."""
        return [(says, self.filled(text)) for says, text in self.mistakes.items()]


def _error_in_words(error: BaseException) -> str:
    """Return an error as one sentence, with the line of the learner's own code where it arose."""
    frames = traceback.extract_tb(error.__traceback__)[1:]  # the first one is ours
    where = f" in line {frames[0].lineno} of its cell" if frames and frames[0].lineno else ""
    try:
        text = str(error).split("\n")[0][:200].rstrip(".")
    except Exception:
        text = ""
    return f"it stops{where} with {type(error).__name__}{': ' + text if text else ''}."


def _value_in_words(value: object) -> str:
    if isinstance(value, np.ndarray):
        return f"of shape {value.shape}"
    text = repr(value)
    return f"= {text if len(text) <= 40 else text[:39] + '…'}"
