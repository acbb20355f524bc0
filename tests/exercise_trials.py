"""Tries every exercise: right answers in other styles, wrong ones, slips and their names.

``python tests/exercise_trials.py 03 --faults`` prints what was tried on notebook 03, and what went wrong.
"""

import argparse
import ast
import collections
import copy
import functools
import itertools
import json
import re
import sys
from dataclasses import asdict, dataclass
from pathlib import Path
from unittest import mock

import answer_styles
import nasty_answers
import numpy as np
import source_mutants
import wrong_values

from fanaoi_helpers import exercises
from fanaoi_helpers.exercises.cases import drawn
from fanaoi_helpers.exercises.choosing import Order
from fanaoi_helpers.exercises.exercise import State
from fanaoi_helpers.exercises.function import Function
from fanaoi_helpers.exercises.value import Value

EQUALS = Path(__file__).with_name("equal_mutants.json")  # {exercise: {answer that is as good: why}}
KNOWN = Path(__file__).with_name("known_today.json")  # {exercise: {kind: [faults not yet mended]}}
STYLE, LIBRARY, WRONG, EQUAL, NAME, NASTY = "style", "library", "wrong", "equal", "name", "nasty"


@dataclass(frozen=True)
class Trial:
    """One answer that was tried.

    Args:
        exercise: such as "03-softmax".
        kind: "style" for a right answer in another style, "library" for one by TensorFlow and the like;
            "wrong" for a wrong one, "equal" for a changed one that is as good; "name" for a slip that the
            exercise knows, or nearly; "nasty" for garbage.
        what: the style, the change that was made, or the slip.
        judged: "right", "helped" (refused with a sentence that says what to change), or "refused".
        fault: what the exercise said, where it should have said something else; else "".
    """

    exercise: str
    kind: str
    what: str
    judged: str
    fault: str


def label(exercise):
    return f"{exercise.notebook}-{exercise.name}"


@functools.cache
def equals():
    """Return {exercise: {changed answer that is as good as the right one: why}}."""
    return json.loads(EQUALS.read_text("utf-8"))


@functools.cache
def by_label():
    return {label(one): one for lesson in exercises.lessons() for one in lesson.exercises.values()}


def trials(exercise, most=None):
    """Return all trials of an exercise, but those with libraries, as a list.

    A wrong answer is told by a case as it was drawn: to find smaller ones, thousands of times, takes long.

    Args:
        exercise: which.
        most: of how many wrong functions, evenly out of all of them; None: of all.
    """
    with mock.patch("fanaoi_helpers.exercises.function.smallest", return_value=None):
        answers = wrong_answers(exercise, most)
        wrong = [(what, answer, exercise.judge(answer)) for what, answer in answers]
        found = [*right_trials(exercise, STYLE), *wrong_trials(exercise, wrong)]
        found += [*name_trials(exercise, wrong), *nasty_trials(exercise)]
    return [Trial(label(exercise), *trial) for trial in found]


def library_trials(exercise):
    """Return the trials with TensorFlow, which takes seconds to import."""
    return [Trial(label(exercise), *trial) for trial in right_trials(exercise, LIBRARY)]


def right_trials(exercise, kind):
    if kind == LIBRARY:
        from keras_answers import styles
    else:
        from answer_styles import styles
    for what, answer, helps in styles(exercise):
        verdict = exercise.judge(answer)
        right = verdict.state is State.RIGHT
        helped = helps and bool(re.search(answer_styles.HELP[helps], verdict.says))
        judged = "right" if right else "helped" if helped else "refused"
        yield kind, what, judged, "" if right or helped else verdict.says


def wrong_trials(exercise, wrong):
    for what, _, verdict in wrong:
        right, equal = verdict.state is State.RIGHT, what in equals().get(label(exercise), {})
        fault = "" if right == equal else "It is called right." if right else verdict.says
        yield EQUAL if equal else WRONG, what, "right" if right else "refused", fault


def wrong_answers(exercise, most=None):
    """Return (what was changed, answer) for answers that are wrong unless ``equals`` lists them."""
    if isinstance(exercise, Function):
        mutants, listed = list(function_mutants(exercise)), equals().get(label(exercise), {})
        others = [mutant for mutant in mutants if mutant[0] not in listed]
        step = max(1, len(others) // most) if most else 1
        return [mutant for mutant in mutants if mutant[0] in listed] + others[::step]
    if isinstance(exercise, Order):
        return wrong_values.orders(exercise)
    if isinstance(exercise, Value):
        return wrong_values.near_misses(exercise, answer_styles.truth(exercise))
    return []  # a choice's other options are its known mistakes


def function_mutants(exercise):
    """Yield what ``source_mutants`` makes of a function's reference; none was written by its author."""
    names, cases = answer_styles.parameters(exercise), answer_styles.seen_cases(exercise)
    source, scope = exercise.solution_text(), exercise.reference.__globals__
    counts = all(isinstance(exercise.oracle(*case), (int, np.integer)) for case in cases)
    for what, mutant in source_mutants.from_source(source, scope, source_mutants.heads(source, names, cases)):
        if not (counts and "np.trunc" in what):
            yield what, mutant
    yield from source_mutants.in_place(exercise.reference, names, cases)


# Names -----------------------------------------------------------------------------------------------------


def name_trials(exercise, wrong):
    """Yield whether each slip is told by its own sentence alone, and nothing else by it."""
    known = known_mistakes(exercise)
    results = [outcome(exercise, slip) for _, slip in known]
    for index, (says, slip) in enumerate(known):
        verdict = exercise.judge(slip)
        alike = [other for other in range(len(known)) if same(results[other], results[index])]
        told = {other for other, (sentence, _) in enumerate(known) if sentence in verdict.says}
        fine = verdict.state is State.NOT_YET and verdict.mistake in alike and told == set(alike)
        yield NAME, f"slip {index}: {says}", "refused", "" if fine else verdict.says or "It is called right."
    if isinstance(exercise, Value):
        yield from nearby_trials(exercise, results)
    if isinstance(exercise, Function):
        yield from claim_trials(exercise, known, wrong)


def known_mistakes(exercise):
    """Return (sentence, a wrong answer that earns it, None where there is none) for each known mistake."""
    if isinstance(exercise, Function):
        return list(exercise.mistakes.items())
    if isinstance(exercise, Value):
        return [(says, exercise._wrong(slip, {})) for says, slip in exercise.mistakes.items()]
    if isinstance(exercise, Order):
        return list(zip(exercise.sentences(), orders_that_earn(exercise), strict=True))
    options = exercise._by_letter.items()
    return [(says, letter) for letter, (_, says) in options if letter != exercise._right]


def orders_that_earn(exercise):
    """Yield an order that breaks each rule, and one with each line that does not belong."""
    right = tuple(range(len(exercise.lines)))
    orders = list(itertools.permutations(right))
    wrong = [
        next((o for o in orders if exercise._broken(o) == rule), ()) for rule in range(len(exercise.rules))
    ]
    for places in [*wrong, *((*right, len(right) + index) for index in range(len(exercise.extra)))]:
        yield "".join(map(exercise._letter, places))


def nearby_trials(exercise, slips):
    """Yield whether a slip is known when it is rounded, and whether guesses near it are left alone."""
    right = answer_styles.truth(exercise)
    for index, slip in enumerate(slips):
        if slip is None or slip.size == 0 or not np.isfinite(slip).all():
            continue
        others = [right, *(other for place, other in enumerate(slips) if place != index)]
        for what, guess, named in wrong_values.around(slip, exercise.asks):
            if any(wrong_values.near(guess, other) for other in others):
                continue
            verdict = exercise.judge(guess)
            fine = verdict.mistake == index if named else verdict.mistake is None
            yield NAME, f"slip {index} {what}", "refused", "" if fine else f"{guess}: {verdict.says}"


def claim_trials(exercise, known, wrong):
    """Yield the mutants to which a slip's sentence is said, though they do something else than the slip."""
    fresh = None
    for what, answer, verdict in wrong:
        if verdict.mistake is None:
            continue
        fresh = fresh or fresh_cases(exercise, 100)
        alike = all(same(run(answer, case), run(known[verdict.mistake][1], case)) for case in fresh)
        yield NAME, f"mutant {what}", "refused", "" if alike else verdict.says


def outcome(exercise, slip):
    """Return what tells two slips apart: the number, or a function's results for all of the judge's cases."""
    if isinstance(exercise, Function):
        return [run(slip, case) for case in answer_styles.seen_cases(exercise)]
    return slip


def run(function, case):
    with np.errstate(all="ignore"):
        try:
            return function(*copy.deepcopy(case))
        except Exception as error:
            return type(error).__name__


def same(a, b):
    """Tell whether two outcomes can't be told apart."""
    if isinstance(a, (list, tuple)) and isinstance(b, (list, tuple)):
        return len(a) == len(b) and all(map(same, a, b))
    try:
        return np.shape(a) == np.shape(b) and bool(np.allclose(a, b, equal_nan=True))
    except TypeError:  # letters, names of errors
        return type(a) is type(b) and np.array_equal(a, b)


def nasty_trials(exercise):
    """Yield whether garbage gets a sentence, and also where a function returns it."""
    for what, garbage in nasty_answers.GARBAGE.items():
        answers = {what: (garbage, "expected")}
        if isinstance(exercise, Function):
            answers[f"returns {what}"] = (lambda *args, garbage=garbage: garbage, "return")
        for name, (answer, word) in answers.items():
            verdict = exercise.judge(answer)
            fine = verdict.state is State.NOT_YET and verdict.mistake is None and word in verdict.says
            yield NASTY, name, "refused", "" if fine and len(verdict.says) > 25 else verdict.says or "Right."


def fresh_cases(exercise, count):
    """Return arguments that the judge has not drawn."""
    return drawn(exercise.cases, count, seed=1_000)


def run_solution(exercise, names):
    """Run what ``solution()`` shows where a notebook holds ``names``; return the value of its last line."""
    *steps, last = ast.parse(exercise.solution_text()).body
    exec(compile(ast.Module(steps, []), "<solution>", "exec"), names)
    if isinstance(last, ast.Expr):
        return eval(compile(ast.Expression(last.value), "<solution>", "eval"), names)
    exec(compile(ast.Module([last], []), "<solution>", "exec"), names)
    return names[last.name]


# The command -----------------------------------------------------------------------------------------------


@functools.cache
def known_today():
    """Return {exercise: {kind: [what is judged wrongly, and not yet mended]}}."""
    return json.loads(KNOWN.read_text("utf-8"))


def faults(trials):
    """Return {kind: {what was judged wrongly: what was said}}."""
    found = {}
    for trial in trials:
        if trial.fault:
            found.setdefault(trial.kind, {})[trial.what] = trial.fault
    return found


HEADS = "notebook asked styles right helped refused wrong accepted equal names misnamed nasty misread".split()


def table(tried):
    """Return what was tried, a line a notebook and one for all of them."""
    rows = [HEADS]
    for notebook in [*sorted({trial.exercise[:2] for trial in tried}), "all"]:
        own = [trial for trial in tried if notebook in ("all", trial.exercise[:2])]
        kinds = collections.Counter(trial.kind for trial in own)
        faulty = collections.Counter(trial.kind for trial in own if trial.fault)
        styles = collections.Counter(trial.judged for trial in own if trial.kind in (STYLE, LIBRARY))
        row = [notebook, len({trial.exercise for trial in own})]
        row += [sum(styles.values()), styles["right"], styles["helped"], styles["refused"]]
        row += [kinds[WRONG], faulty[WRONG], kinds[EQUAL]]
        row += [kinds[NAME], faulty[NAME], kinds[NASTY], faulty[NASTY]]
        rows.append(row)
    return "\n".join("".join(f"{cell:>9}" for cell in row) for row in rows)


def stored(tried):
    """Write what is judged wrongly of the exercises that were tried to the file of known faults."""
    listed = known_today() | {trial.exercise: {} for trial in tried}
    for name in {trial.exercise for trial in tried}:
        found = faults(trial for trial in tried if trial.exercise == name)
        listed[name] = {kind: sorted(whats) for kind, whats in found.items()}
    lines = [
        f" {json.dumps(name)}: {json.dumps(listed[name], ensure_ascii=False)}"
        for name in sorted(listed)
        if listed[name]
    ]
    KNOWN.write_text("{\n" + ",\n".join(lines) + "\n}\n", "utf-8")


def main(arguments):
    """Try the exercises of the notebooks that are named, or of all."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("notebooks", nargs="*", help="such as 03; all of them by default")
    parser.add_argument("--keras", action="store_true", help="also tensors and layers of Keras")
    parser.add_argument("--faults", action="store_true", help="list what was judged wrongly")
    parser.add_argument("--json", action="store_true", help="every trial, as JSON")
    parser.add_argument("--store", action="store_true", help=f"write what is judged wrongly to {KNOWN.name}")
    given = parser.parse_args(arguments)
    asked = [one for one in by_label().values() if one.notebook in (given.notebooks or [one.notebook])]
    tried = [trial for exercise in asked for trial in trials(exercise)]
    if given.keras or given.store:
        tried += [trial for exercise in asked for trial in library_trials(exercise)]
    if given.store:
        stored(tried)
    if given.json:
        print(json.dumps([asdict(trial) for trial in tried], ensure_ascii=False, indent=1))
        return
    print(table(tried))
    for trial in tried if given.faults else ():
        if trial.fault:
            print(f"{trial.exercise}  {trial.kind}: {trial.what}\n    {trial.fault}")


if __name__ == "__main__":
    main(sys.argv[1:])
