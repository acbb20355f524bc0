"""Exercises whose answer is a function, judged on drawn cases against an oracle."""

import copy
import inspect
import itertools
import time
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from . import results, saying
from .answers import counted, described, untouched
from .calling import Stopped, Watch, parameters, quietly, refuse_what_is_no_function
from .cases import drawn, size_of, smallest
from .exercise import Exercise
from .results import Result
from .suspects import OF_ANY_NUMBER, Suspect
from .verdict import NOT_TRIED, State, Verdict, either

CASES = 60  # drawn cases that a function is tried on, beside the corners
FEWEST = 12  # of these, where the function is slow
ENOUGH = 3.0  # seconds, after which the fewest will do
MOST_ORDERED = 4  # parameters of which all orders are tried


@dataclass(eq=False)
class Case:
    """What functions are called with, and what then is right."""

    arguments: tuple
    truth: Result
    scale: float  # how large the arguments are, see results.magnitude
    slips: dict[Suspect, tuple[Result, bool]] = field(default_factory=dict)  # and whether it is right


@dataclass(repr=False, kw_only=True)
class Function(Exercise):
    """A function to write.

    Args:
        reference: the solution.
        shown: the solution as code that runs in an empty notebook.
        oracle: the truth, computed in another way than the reference does it.
        cases: returns a Hypothesis strategy of argument tuples; it imports Hypothesis itself, when called.
        mistakes: for each known slip the sentence that names it and leads on, without giving the answer away,
            and the function, with the reference's signature, that somebody who makes it would write.
        corners: argument tuples that are tried first: what the lesson names, and what is easily forgotten.
        tolerance: how far a result may be off, absolute and relative.
        decimals: what is rounded to so many is right. None: to three or more; who rounds to fewer is told.
        dtype: the dtype that the result must have, where that is part of the question.
    """

    reference: Callable
    shown: str
    oracle: Callable
    cases: Callable
    mistakes: Mapping[str, Callable]
    corners: Sequence[tuple] = ()
    tolerance: float = results.DEFAULT
    decimals: int | None = None
    dtype: str | None = None
    _trying: tuple = field(default=(), init=False)  # the arguments of the last call

    kind = "a function to write"
    stub = "replace the three dots in the function and run its cell again"

    def _faults(self) -> Iterator[str]:
        yield from super()._faults()
        if any(len(corner) != len(self._names) for corner in self.corners):
            yield f"each of its `corners` must be a tuple of its arguments, ({self._listed})."

    def drawn(self) -> list[tuple]:
        """Return the cases that every answer is tried on, the corners first: the same ones each time."""
        return [case.arguments for case in self._cases]

    @cached_property
    def _cases(self) -> list[Case]:
        return [*map(self._case, [*self.corners, *drawn(self.cases, CASES, self._seed())])]

    def _case(self, arguments: tuple) -> Case:
        with np.errstate(all="ignore"):
            truth = results.truth(self.oracle(*arguments))
        return Case(arguments, truth, results.magnitude(arguments))

    def _seed(self) -> int:
        return zlib.crc32(self.name.encode())

    def _judge(self, answer: object, given: dict) -> Verdict:
        if untouched(answer):
            return NOT_TRIED
        refuse_what_is_no_function(answer)
        odd_signature = self._signature_problem(answer, self._cases[0].arguments)
        if odd_signature:
            return Verdict(State.NOT_YET, odd_signature, form=True)
        try:
            with Watch() as watch:
                return self._verdict(answer, self._cases)
        except Stopped:
            says, form = f"For {self._arguments(self._trying)}: {watch.says}", False
        except KeyboardInterrupt:
            says = f"You stopped it for {self._arguments(self._trying)}. Is there a loop that never ends?"
            form = True
        return Verdict(State.NOT_YET, says, form=form)

    def _verdict(self, answer: Callable, cases: Sequence[Case]) -> Verdict:
        order = self._order_of_names(answer)
        if order:
            return self._in_another_order(answer, order)
        wrong, may_be, changed, printed = None, [], "", ""
        begun = time.monotonic()
        for number, case in enumerate(cases):
            if number >= len(cases) - CASES + FEWEST and time.monotonic() - begun > ENOUGH:
                break
            result, now_changed = self._called(answer, case)
            if result.dots:
                return NOT_TRIED
            changed, printed = changed or now_changed, printed or result.printed
            right = self._is_right(result, case)
            if not right and wrong is None:
                wrong = case
                may_be = [one for one in self._suspects if self._is_right_on(one, cases[:number])]
            if wrong is not None:
                may_be = [one for one in may_be if self._gives(one, case, result, right)]
                if not may_be:
                    break
        may_be = self._shown_digits(may_be)
        if wrong is None or may_be and self._rounds_enough(may_be):
            return Verdict(State.NOT_YET if changed else State.RIGHT, changed or self.why, printed=printed)
        if may_be:
            return self._named(may_be, answer)
        if self._other_order_is_right(answer):
            return Verdict(State.NOT_YET, self._says_order())
        return self._counterexample(answer, wrong)

    # Calling functions, ours and the learner's.

    def _called(self, function: Callable, case: Case) -> tuple[Result, str]:
        """Call a function on a copy of a case; return what it did, and whether it changed an argument."""
        own = copy.deepcopy(case.arguments)
        self._trying = case.arguments
        return self._run(function, own, case.truth), self._changed(case.arguments, own)

    def _run(self, function: Callable, arguments: tuple, truth: Result) -> Result:
        """Call a function; what happens in it stays here, but for a stop from outside."""
        with quietly() as kept:
            try:
                result = function(*arguments)
            except (KeyboardInterrupt, Stopped):
                raise
            except BaseException as error:  # also SystemExit: an answer may hold exit()
                says = saying.error(error)
                dots = "ellipsis" in says
                return Result(error=says, kind=type(error).__name__, dots=dots, printed=kept.getvalue())
            return results.read(result, truth, kept.getvalue(), self.dtype)

    def _difference(self, result: Result, case: Case) -> str:
        return results.difference(result, case.truth, self.tolerance, self.dtype, case.scale)

    def _is_right(self, result: Result, case: Case) -> bool:
        return not self._difference(result, case)

    # Why is it wrong?

    @cached_property
    def _suspects(self) -> list[Suspect]:
        known = self.mistakes.items()
        return [*(Suspect(*slip, index) for index, slip in enumerate(known)), *OF_ANY_NUMBER]

    def _slip(self, suspect: Suspect, case: Case) -> tuple[Result, bool]:
        """Return what a slip gives on a case, and whether that is the truth."""
        if suspect not in case.slips:
            truth = case.truth
            if suspect.index is None:
                with np.errstate(all="ignore"):
                    changed = [suspect.function(part.astype(float)) for part in truth.values]
                result = Result(tuple(part.astype(self.dtype or float) for part in changed))
            else:
                result = self._run(suspect.function, copy.deepcopy(case.arguments), truth)
            case.slips[suspect] = result, self._is_right(result, case)
        return case.slips[suspect]

    def _is_right_on(self, suspect: Suspect, cases: Sequence[Case]) -> bool:
        return all(self._slip(suspect, case)[1] for case in cases)

    def _gives(self, suspect: Suspect, case: Case, result: Result, right: bool) -> bool:
        """Tell whether a slip gives what an answer does."""
        slip, is_truth = self._slip(suspect, case)
        if right:
            return is_truth
        return self._same(result, slip, case) or suspect.rounds(result.values, case.truth.values)

    def _same(self, result: Result, slip: Result, case: Case) -> bool:
        return not results.difference(result, slip, results.DEFAULT, self.dtype, case.scale)

    def _shown_digits(self, may_be: Sequence[Suspect]) -> list[Suspect]:
        """Leave out roundings of which too little is left to tell them from any small number."""
        if all(one.decimals is None for one in may_be):
            return list(may_be)
        largest = max(map(self._largest, self._cases))
        return [one for one in may_be if one.decimals is None or largest >= 10.0 ** (2 - one.decimals)]

    def _rounds_enough(self, may_be: Sequence[Suspect]) -> bool:
        """Tell whether all that is wrong is a rounding that is allowed, and leaves two digits each time."""
        least = 3 if self.decimals is None else self.decimals
        allowed = [one for one in may_be if one.decimals is not None and one.decimals >= least]
        if not allowed or any(one.index is not None for one in may_be):
            return False
        shown = 10.0 ** (1 - allowed[0].decimals)
        return self.decimals is not None or all(not 0 < self._largest(case) < shown for case in self._cases)

    def _largest(self, case: Case) -> float:
        """Return the largest of the right results of a case."""
        values = np.concatenate([np.ravel(part) for part in case.truth.values]).astype(float)
        return float(np.abs(values[np.isfinite(values)]).max(initial=0))

    def _named(self, may_be: Sequence[Suspect], answer: Callable) -> Verdict:
        known = [one for one in may_be if one.index is not None]
        says = [one.says for one in known] or [may_be[0].says]
        if known and self._other_order_is_right(answer):
            says.append(self._says_order())
        return Verdict(State.NOT_YET, either(says), known[0].index if known else None)

    def _counterexample(self, answer: Callable, wrong: Case) -> Verdict:
        """Return the verdict that shows a small case on which an answer is wrong, and what it printed."""
        small = smallest(
            self.cases, lambda case: self._wrong_on(answer, self._case(case)), CASES, self._seed()
        )
        if small is not None and size_of(small) <= size_of(wrong.arguments):
            wrong = self._case(small)
        result, _ = self._called(answer, wrong)
        says = self._difference(result, wrong)  # "": it says another thing each time
        says = says or "it is right once and wrong another time. Is there chance in it?"
        says = f"For {self._arguments(wrong.arguments)}: {says}"
        return Verdict(State.NOT_YET, says, printed=result.printed)

    def _wrong_on(self, function: Callable, case: Case) -> bool:
        return not self._is_right(self._called(function, case)[0], case)

    # Parameters.

    @cached_property
    def _names(self) -> list[str]:
        return parameters(self.reference)

    @property
    def _listed(self) -> str:
        return ", ".join(self._names)

    def _signature_problem(self, answer: Callable, case: tuple) -> str:
        try:
            inspect.signature(answer).bind(*case)
        except TypeError:
            if "*, " in str(inspect.signature(answer)) and sorted(parameters(answer)) == sorted(self._names):
                return f"Your function takes them by name alone: leave the `*` out of ({self._listed})."
            count = counted(len(case), "argument")
            return f"Your function can't be called with {count}; it must take ({self._listed})."
        except Exception:  # what has no signature to look at may still be called
            pass
        return ""

    def _order_of_names(self, answer: Callable) -> list[int] | None:
        """Return where each of the answer's parameters stands in ours, if it has ours in another order."""
        own = parameters(answer)
        if own == self._names or sorted(own) != sorted(self._names):
            return None
        return [*map(self._names.index, own)]

    def _in_another_order(self, answer: Callable, order: Sequence[int]) -> Verdict:
        own = ", ".join(parameters(answer))
        says = f"Your function takes ({own}), but it is called with ({self._listed}), in this order."
        if self._right_in_order(answer, order):
            says += " With that, it is right."
        return Verdict(State.NOT_YET, says)

    def _right_in_order(self, answer: Callable, order: Sequence[int]) -> bool:
        def reordered(*case: object) -> object:
            return answer(*(case[place] for place in order))

        return not any(self._wrong_on(reordered, case) for case in self._cases)

    def _other_order_is_right(self, answer: Callable) -> bool:
        names = self._names
        if parameters(answer) in ([], names) or not 1 < len(names) <= MOST_ORDERED:
            return False
        orders = list(itertools.permutations(range(len(names))))[1:]
        return any(self._right_in_order(answer, order) for order in orders)

    def _says_order(self) -> str:
        return f"It would be right with its parameters in another order: it is called with ({self._listed})."

    def _arguments(self, case: tuple) -> str:
        given = zip(self._names, map(saying.value, case), strict=False)
        return ", ".join(f"`{name}` {value}" for name, value in given)

    def _changed(self, before: tuple, after: tuple) -> str:
        for name, a, b in zip(self._names, before, after, strict=False):
            if results.unlike(a, b):
                changes = f"your function changes its argument `{name}`; work on a copy."
                return f"The result is right, but {changes}"
        return ""

    # What is shown of it.

    def answer_text(self, answer: object) -> str:
        """Return "your function": its source is the learner's own."""
        return "your function" if callable(answer) else described(answer)

    def truth_text(self, **given: object) -> str:
        """Return where the right answer is to be seen."""
        return "see its solution()"

    def solution_text(self) -> str:
        """Return code that defines the function in an empty notebook."""
        return self.shown


@dataclass(repr=False, kw_only=True)
class Line(Function):
    """A line to complete: a blank in a function of the notebook, which is judged by what that then does."""

    kind = "a line to complete"
    stub = "replace the three dots in the line and run the cell again"

    def usual_form(self) -> str:
        """Return where the line belongs."""
        return f"code in place of the three dots in `{self.reference.__name__}({self._listed})`"
