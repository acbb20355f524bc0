"""No notebook tells an answer before its question, and the rule that says so notices where one does."""

import giveaways
import lint
import pytest
from test_notebooks import code, text

from fanaoi_helpers import exercises, notebooks
from fanaoi_helpers.exercises.function import Function
from fanaoi_helpers.exercises.value import Value

LESSONS = exercises.lessons()
ALL = [exercise for lesson in LESSONS for exercise in lesson.exercises.values()]
NUMBER = next(one for one in ALL if isinstance(one, Value) and len(giveaways.telling_numbers(one)) > 1)
FUNCTION = next(
    one
    for one in ALL
    if isinstance(one, Function)
    and max(giveaways.of_solution(one).values(), default=0) >= giveaways.TELLING_OPERATIONS
)


@pytest.mark.parametrize("lesson", LESSONS, ids=lambda lesson: lesson.number)
def test_no_answer_stands_beside_its_question(lesson):
    notebook = notebooks.read(notebooks.find(lesson.number))
    assert set(giveaways.asked_at(notebook["cells"])) == set(lesson.exercises)
    found = list(giveaways.giveaways(notebook, lesson.exercises))
    assert found == [], "\n".join(found)


def printed(words):
    return [{"output_type": "stream", "name": "stdout", "text": f"so it is: {words}\n"}]


def lesson(above, below, *, tags=(), asking=(), outputs=(), later=(), prose=""):
    """Return a notebook that asks two exercises, with a cell above and one below the questions."""
    cells = [
        text(f"# Made up\n\n{prose}", "title"),
        code(above, 1, *tags, outputs=outputs),
        code("my_number = ...\n\nex.number.check(my_number)", 2, *asking),
        code("def mine(x):\n    return ...\n\n\nex.function.check(mine)", 3),
        code(below, 4, *tags),
        text("## What is next?", "next"),
        *(code(one, 5) for one in later),
    ]
    return {"cells": cells}


def found(notebook):
    return list(giveaways.giveaways(notebook, {"number": NUMBER, "function": FUNCTION}))


ANSWER = NUMBER.truth_text()
ONE = lint.numbers(ANSWER)[0]
SUM = f"total = {float(ONE) - 1!r} + 1"
SOLUTION = FUNCTION.solution_text()


def test_what_tells_nothing_is_no_giveaway():
    assert found(lesson("import numpy as np\nnp.ones((3, 3)).sum()", "print(2 + 2)")) == []
    answer = code(f"my_number = {ANSWER}\n\nex.number.check(my_number)", 2)
    notebook = lesson("a = 1", "b = 2", later=[f"x = {ANSWER}", SOLUTION])  # another section
    notebook["cells"][2] = answer  # the question's own cell
    assert found(notebook) == []


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"above": f"x = {ANSWER}"}, "above the question number, holds the answer in its code"),
        ({"above": f"x = [y, {ANSWER}]"}, "above the question number, holds"),
        ({"below": f"x = {ANSWER}"}, "below the question number, holds"),
        ({"below": SUM}, "below the question number, holds"),
        ({"above": SOLUTION}, "above the question function, holds"),
        ({"below": SOLUTION.replace("_", "_of_")}, "below the question function, holds"),
        ({"outputs": printed(ANSWER)}, "above the question number, tells the answer"),
        ({"outputs": printed(ANSWER), "tags": ["answer"]}, "tells the answer"),
        (
            {"prose": f"That makes {float(ONE):,.10g} of them."},
            "'# Made up', above the question number, tells",
        ),
        ({"asking": ["answer"]}, "its question number is folded"),
    ],
)
def test_a_giveaway_is_noticed(change, words):
    problems = found(lesson(**{"above": "a = 1", "below": "b = 2"} | change))
    assert len(problems) == 1 and words in problems[0], problems


def test_what_is_folded_holds_what_it_likes():
    assert found(lesson(f"x = {ANSWER}", SOLUTION, tags=["answer"])) == []
