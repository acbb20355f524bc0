"""Exercises whose answer is a function, judged on drawn cases against an oracle."""

import copy
import inspect
import itertools
import time
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from . import results, saying, suspects
from .answers import counted, described, untouched
from .calling import Stopped, Watch, parameters, quietly, refuse_what_is_no_function
from .cases import drawn, size_of, smallest
from .exercise import Exercise
from .results import Result
from .suspects import Suspect
from .verdict import NOT_TRIED, State, Verdict, either

CASES = 60  # drawn cases that a function is tried on, beside the corners
FEWEST = 12  # of these, where the function is slow
ENOUGH = 3.0  # seconds, after which the fewest will do
MOST_ORDERED = 4  # parameters of which all orders are tried


@dataclass
class _Tried:
    """Which case is being tried, and what the function printed with it."""

    case: tuple = ()
    printed: str = ""


@dataclass(repr=False, kw_only=True)
class Function(Exercise):
    """A function to write.

    Args:
        reference: the solution.
        shown: the solution as code that runs in an empty notebook.
        oracle: the truth, computed in another way than the reference does it.
        cases: returns a Hypothesis strategy of argument tuples; it imports Hypothesis itself, when called.
        corners: argument tuples that are tried first: what the lesson names, and what is easily forgotten; or
            a function without arguments that returns them.
        mistakes: for each known slip the sentence that names it and leads on, without giving the answer away,
            and the function, with the reference's signature, that somebody who makes it would write.
        tolerance: how far a result may be off, absolute and relative.
        decimals: what is rounded to so many is right. None: to three or more; who rounds to fewer is told.
        dtype: the dtype that the result must have, where that is part of the question.
    """

    reference: Callable
    shown: str
    oracle: Callable
    cases: Callable
    mistakes: Mapping[str, Callable | str]
    corners: Sequence[tuple] | Callable[[], Sequence[tuple]] = ()
    tolerance: float = results.DEFAULT
    decimals: int | None = None
    dtype: str | None = None
    _drawn: list[tuple] | None = field(default=None, init=False)

    kind = "a function to write"
    stub = "replace the three dots in the function and run its cell again"

    def _faults(self) -> Iterator[str]:
        yield from super()._faults()
        yield from self._faults_of_corners(self.reference)
        for says, slip in self.mistakes.items():
            if not callable(slip):
                yield f"`{says}` is {described(slip)}, not a function."

    def _faults_of_corners(self, reference: Callable) -> Iterator[str]:
        if callable(self.corners):
            return
        names = parameters(reference)
        for corner in self.corners:
            if not isinstance(corner, tuple) or len(corner) != len(names):
                yield f"each of its `corners` must be a tuple of its arguments, ({', '.join(names)})."

    def drawn(self) -> list[tuple]:
        """Return the cases that every answer is tried on, the corners first: the same ones each time."""
        if self._drawn is None:
            corners = self.corners() if callable(self.corners) else self.corners
            self._drawn = [*corners, *drawn(self.cases, CASES, self._seed())]
        return self._drawn

    def _seed(self) -> int:
        return zlib.crc32(self.name.encode())

    def _judge(self, answer: object, given: dict) -> Verdict:
        if untouched(answer):
            return NOT_TRIED
        refuse_what_is_no_function(answer)
        cases = self.drawn()
        odd_signature = self._signature_problem(answer, cases[0])
        if odd_signature:
            return Verdict(State.NOT_YET, odd_signature, form=True)
        tried = _Tried()
        try:
            with Watch():
                return self._verdict(answer, cases, tried)
        except Stopped as stopped:
            says, form = f"For {self._arguments(tried.case)}: {stopped.says}", False
        except KeyboardInterrupt:
            says = f"You stopped it for {self._arguments(tried.case)}. Is there a loop that never ends?"
            form = True
        return Verdict(State.NOT_YET, says, form=form)

    def _verdict(self, answer: Callable, cases: Sequence[tuple], tried: _Tried) -> Verdict:
        order = self._order_of_names(answer)
        if order:
            return self._in_another_order(answer, order, cases)
        wrong, may_be, changed, printed = None, [], "", ""
        begun = time.monotonic()
        for number, case in enumerate(cases):
            if number >= len(cases) - CASES + FEWEST and time.monotonic() - begun > ENOUGH:
                break
            truth = self._truth(case)
            result, now_changed = self._called(answer, case, truth, tried)
            if result.dots:
                return NOT_TRIED
            changed, printed = changed or now_changed, printed or result.printed
            right = self._same(result, truth, case)
            if not right and wrong is None:
                wrong = case
                may_be = [one for one in self._suspects() if self._explains(one, cases[:number])]
            if wrong is not None:
                may_be = [one for one in may_be if self._gives(one, case, truth, truth if right else result)]
                if not may_be:
                    break
        may_be = self._shown_digits(may_be, cases)
        if wrong is None or may_be and self._rounds_enough(may_be, cases):
            return Verdict(State.NOT_YET if changed else State.RIGHT, changed or self.why, printed=printed)
        if may_be:
            return self._slip(may_be, answer, cases)
        if self._other_order_is_right(answer, cases):
            return Verdict(State.NOT_YET, self._says_order())
        return self._counterexample(answer, wrong, tried)

    # Calling functions, ours and the learner's.

    def _truth(self, case: tuple) -> Result:
        with np.errstate(all="ignore"):
            return results.truth(self.oracle(*case))

    def _called(self, function: Callable, case: tuple, truth: Result, tried: _Tried) -> tuple[Result, str]:
        """Call a function on a copy of a case; return what it did, and whether it changed an argument."""
        own = copy.deepcopy(case)
        tried.case = case
        result = self._run(function, own, truth)
        return result, self._changed(case, own)

    def _run(self, function: Callable, case: tuple, truth: Result) -> Result:
        """Call a function; what happens in it stays here, but for a stop from outside."""
        with quietly() as kept:
            try:
                result = function(*case)
            except (KeyboardInterrupt, Stopped):
                raise
            except BaseException as error:  # also SystemExit: an answer may hold exit()
                says = saying.error(error)
                dots = "ellipsis" in says
                return Result(error=says, kind=type(error).__name__, dots=dots, printed=kept.getvalue())
            return results.read(result, truth, kept.getvalue(), self.dtype)

    def _same(self, got: Result, wanted: Result, case: tuple) -> bool:
        return results.same(got, wanted, self.tolerance, self.dtype, case)

    def wrong_on(self, function: Callable, case: tuple) -> bool:
        """Tell whether a function gives something else than the truth on one case."""
        truth = self._truth(case)
        return not self._same(self._called(function, case, truth, _Tried())[0], truth, case)

    # Why is it wrong?

    def _suspects(self) -> list[Suspect]:
        known = [Suspect(says, slip, index) for index, (says, slip) in enumerate(self.known_mistakes())]
        return [*known, *suspects.of_any_number(lambda case: self._truth(case).values)]

    def _explains(self, suspect: Suspect, cases: Sequence[tuple]) -> bool:
        """Tell whether a slip gives the truth on the cases on which the answer did."""
        return all(self._gives(suspect, case, self._truth(case), self._truth(case)) for case in cases)

    def _gives(self, suspect: Suspect, case: tuple, truth: Result, result: Result) -> bool:
        given = self._run(suspect.function, copy.deepcopy(case), truth)
        return results.same(result, given, results.DEFAULT, self.dtype, case)

    def _shown_digits(self, may_be: Sequence[Suspect], cases: Sequence[tuple]) -> list[Suspect]:
        """Leave out roundings of which too little is left to tell them from any small number."""
        if all(one.decimals is None for one in may_be):
            return list(may_be)
        largest = max(self._largest(case) for case in cases)
        return [one for one in may_be if one.decimals is None or largest >= 10.0 ** (2 - one.decimals)]

    def _rounds_enough(self, may_be: Sequence[Suspect], cases: Sequence[tuple]) -> bool:
        """Tell whether all that is wrong is a rounding that is allowed, and leaves two digits each time."""
        least = 3 if self.decimals is None else self.decimals
        allowed = [one for one in may_be if one.decimals is not None and one.decimals >= least]
        if not allowed or any(one.index is not None for one in may_be):
            return False
        shown = 10.0 ** (1 - allowed[0].decimals)
        return self.decimals is not None or all(not 0 < self._largest(case) < shown for case in cases)

    def _largest(self, case: tuple) -> float:
        """Return the largest of the right results of a case."""
        values = np.concatenate([np.ravel(part) for part in self._truth(case).values]).astype(float)
        return float(np.abs(values[np.isfinite(values)]).max(initial=0))

    def _slip(self, may_be: Sequence[Suspect], answer: Callable, cases: Sequence[tuple]) -> Verdict:
        known = [one for one in may_be if one.index is not None]
        says = [one.says for one in known] or [may_be[0].says]
        if known and self._other_order_is_right(answer, cases):
            says.append(self._says_order())
        return Verdict(State.NOT_YET, either(says), known[0].index if known else None)

    def _counterexample(self, answer: Callable, wrong: tuple, tried: _Tried) -> Verdict:
        """Return the verdict that shows a small case on which an answer is wrong, and what it printed."""

        def is_wrong(case: tuple) -> bool:
            truth = self._truth(case)
            return not self._same(self._called(answer, case, truth, tried)[0], truth, case)

        case = smallest(self.cases, is_wrong, CASES, self._seed())
        if case is None or size_of(case) > size_of(wrong):
            case = wrong
        truth = self._truth(case)
        result, _ = self._called(answer, case, truth, tried)
        if self._same(result, truth, case):  # it says another thing each time
            says = "it is right once and wrong another time. Is there chance in it?"
        else:
            says = saying.difference(result, truth, case, self.tolerance, self.dtype)
        return Verdict(State.NOT_YET, f"For {self._arguments(case)}: {says}", printed=result.printed)

    # Parameters.

    def _names(self) -> list[str]:
        return parameters(self.reference)

    def _signature_problem(self, answer: Callable, case: tuple) -> str:
        try:
            inspect.signature(answer).bind(*case)
        except TypeError:
            count = counted(len(case), "argument")
            return f"Your function can't be called with {count}; it must take ({', '.join(self._names())})."
        except Exception:  # what has no signature to look at may still be called
            return ""
        return ""

    def _order_of_names(self, answer: Callable) -> list[int] | None:
        """Return where each of the answer's parameters stands in ours, if it has ours in another order."""
        own = parameters(answer)
        names = self._names()
        if own == names or sorted(own) != sorted(names):
            return None
        return [names.index(name) for name in own]

    def _in_another_order(self, answer: Callable, order: Sequence[int], cases: Sequence[tuple]) -> Verdict:
        own = ", ".join(parameters(answer))
        says = (
            f"Your function takes ({own}), but it is called with ({', '.join(self._names())}), in this order."
        )
        if self._right_in_order(answer, order, cases):
            says += " With that, it is right."
        return Verdict(State.NOT_YET, says)

    def _right_in_order(self, answer: Callable, order: Sequence[int], cases: Sequence[tuple]) -> bool:
        def reordered(*case: object) -> object:
            return answer(*(case[place] for place in order))

        return not any(self.wrong_on(reordered, case) for case in cases)

    def _other_order_is_right(self, answer: Callable, cases: Sequence[tuple]) -> bool:
        names = self._names()
        if parameters(answer) in ([], names) or not 1 < len(names) <= MOST_ORDERED:
            return False
        orders = list(itertools.permutations(range(len(names))))[1:]
        return any(self._right_in_order(answer, order, cases) for order in orders)

    def _says_order(self) -> str:
        names = ", ".join(self._names())
        return f"It would be right with its parameters in another order: it is called with ({names})."

    def _arguments(self, case: tuple) -> str:
        return ", ".join(
            f"`{name}` {saying.value(value)}" for name, value in zip(self._names(), case, strict=False)
        )

    def _changed(self, before: tuple, after: tuple) -> str:
        for name, a, b in zip(self._names(), before, after, strict=False):
            if results.unlike(a, b):
                return (
                    f"The result is right, but your function changes its argument `{name}`; work on a copy."
                )
        return ""

    # What is shown of it.

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
