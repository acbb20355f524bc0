"""Makes docs/exercises.md: every exercise, every known mistake, and the verdicts that the tests saw.

python tests/exercise_table.py
"""

from collections import Counter

import exercise_trials as trials

from fanaoi_helpers import exercises, files
from fanaoi_helpers.exercises.engine.exercise import State
from fanaoi_helpers.exercises.engine.function import Function

PAGE = files.root() / "docs" / "exercises.md"
INTRODUCTION = """# Exercises, their known mistakes, and what the judge says

Made by `python tests/exercise_table.py`; a test fails where this page is out of date. Every line was tried:
the reference in all forms (list, tuple, NumPy, TensorFlow, int, float; letters as text, list, array), every
known mistake, the untouched stub, {garbage} kinds of garbage, and for functions every one-slip mutant of the
solution that gives another result than the oracle. "Own sentence": the judge answered with that mistake's.
"""


def page() -> str:
    """Return the page's text, from verdicts seen now."""
    parts = [INTRODUCTION.format(garbage=len(trials.GARBAGE))]
    for lesson in exercises.lessons():
        parts.append(f"\n## {lesson.number} {lesson.title}\n")
        parts.append(
            "| exercise | kind | difficulty | min | reference | mistakes | stub | garbage | mutants |"
        )
        parts.append("|---|---|---|--:|---|---|---|---|---|")
        parts += [summary(exercise) for exercise in lesson.exercises.values()]
        parts.append("\n| exercise | known mistake | verdict |\n|---|---|---|")
        parts += [row for exercise in lesson.exercises.values() for row in mistakes(exercise)]
    return "\n".join(parts) + "\n"


def summary(exercise: object) -> str:
    """Return an exercise's row: what became of all that was tried on it."""
    right = [exercise.judge(answer).state for answer in trials.right_answers(exercise).values()]
    slips = [exercise.judge(wrong).says == says for says, wrong in exercise.known_mistakes()]
    stub = {exercise.judge(answer).state.value for answer in trials.stub(exercise)}
    garbage = [exercise.judge(answer).state for answer in trials.GARBAGE.values()]
    mutants = "–"
    if isinstance(exercise, Function):
        wrong, passed = trials.mutant_verdicts(exercise)
        mutants = f"{len(wrong) - len(passed)} of {len(wrong)} refused"
    cells = [
        f"`{exercise.name}`",
        "prediction" if exercise.prediction else exercise.kind,
        "●" * exercise.difficulty,
        str(exercise.minutes),
        f"right in {right.count(State.RIGHT)} of {len(right)} forms",
        f"{sum(slips)} of {len(slips)} own sentence",
        ", ".join(sorted(stub)),
        f"{garbage.count(State.NOT_YET)} of {len(garbage)} refused",
        mutants,
    ]
    return f"| {' | '.join(cells)} |"


def mistakes(exercise: object) -> list[str]:
    """Return a row for each known mistake."""
    rows = []
    for says, wrong in exercise.known_mistakes():
        verdict = exercise.judge(wrong)
        own = ", own sentence" if verdict.says == says else ""
        in_a_cell = says.replace("|", "\\|")
        rows.append(f"| `{exercise.name}` | {in_a_cell} | {verdict.state.value}{own} |")
    return rows


if __name__ == "__main__":
    with files.replacing(PAGE) as beside:
        beside.write_text(page(), encoding="utf-8")
    kinds = Counter(
        "prediction" if exercise.prediction else exercise.kind
        for lesson in exercises.lessons()
        for exercise in lesson.exercises.values()
    )
    print(f"{files.shown(PAGE)}: {sum(kinds.values())} exercises: {dict(kinds)}")
