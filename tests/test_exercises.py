"""Every exercise of every notebook: right answers pass, slips are named, garbage gets a sentence."""

import exercise_trials as trials
import numpy as np
import pytest
from exercise_table import PAGE, page

from fanaoi_helpers import exercises
from fanaoi_helpers.exercises.engine.choosing import Choice
from fanaoi_helpers.exercises.engine.exercise import State
from fanaoi_helpers.exercises.engine.function import Function

LESSONS = exercises.lessons()
EXERCISES = [exercise for lesson in LESSONS for exercise in lesson.exercises.values()]
FUNCTIONS = [exercise for exercise in EXERCISES if isinstance(exercise, Function)]


def label(exercise):
    return f"{exercise.notebook}-{exercise.name}"


each = pytest.mark.parametrize("exercise", EXERCISES, ids=label)


@pytest.mark.parametrize("lesson", LESSONS, ids=lambda lesson: lesson.number)
def test_a_lesson_asks_enough_and_in_many_ways(lesson):
    assert len(lesson.exercises) >= (5 if lesson.number == "00" else 8)
    kinds = {"prediction" if one.prediction else one.kind for one in lesson.exercises.values()}
    assert len(kinds) >= 5, kinds


@each
def test_it_is_complete(exercise):
    module = __import__(f"fanaoi_helpers.exercises.{exercises.MODULES[exercise.notebook]}", fromlist=["x"])
    assert getattr(module, exercise.name) is exercise
    assert exercise.asks and exercise.why and 1 <= len(exercise.hints) <= 3 and all(exercise.hints)
    assert len(set(exercise.hints)) == len(exercise.hints)
    assert 1 <= exercise.minutes <= 20 and exercise.difficulty in (1, 2, 3)
    assert len(exercise.known_mistakes()) >= 3


@each
def test_the_reference_passes_in_every_form(exercise):
    for form, answer in trials.right_answers(exercise).items():
        verdict = exercise.judge(answer)
        assert verdict.state is State.RIGHT, (form, verdict.says)


@each
def test_each_known_mistake_is_refused_with_its_own_sentence(exercise):
    sentences = []
    for index, (says, wrong) in enumerate(exercise.known_mistakes()):
        assert wrong is not None, f"no answer earns: {says}"
        verdict = exercise.judge(wrong)
        assert verdict.state is State.NOT_YET, says
        assert (verdict.says, verdict.mistake) == (says, index)
        sentences.append(says)
    assert len(set(sentences)) == len(sentences)


@each
def test_the_untouched_stub_is_not_tried(exercise):
    for answer in trials.stub(exercise):
        assert exercise.judge(answer).state is State.NOT_TRIED


@each
@pytest.mark.parametrize("kind", trials.GARBAGE)
def test_garbage_gets_a_sentence(exercise, kind):
    verdict = exercise.judge(trials.GARBAGE[kind])
    assert verdict.state is State.NOT_YET and verdict.mistake is None
    assert "expected" in verdict.says and len(verdict.says) > 25, verdict.says


@each
def test_the_solution_runs_as_it_is_shown(exercise):
    assert exercise.judge(trials.run_solution(exercise)).state is State.RIGHT


@pytest.mark.parametrize("exercise", FUNCTIONS, ids=label)
def test_a_function_that_returns_garbage_gets_a_sentence(exercise):
    for kind, garbage in trials.GARBAGE.items():
        verdict = exercise.judge(lambda *args, garbage=garbage: garbage)
        assert verdict.state is State.NOT_YET and "return" in verdict.says, (kind, verdict.says)


@pytest.mark.parametrize("exercise", FUNCTIONS, ids=label)
def test_the_oracle_agrees_with_the_solution_on_fresh_cases(exercise):
    assert not trials.differs(exercise, exercise.reference)


@pytest.mark.parametrize("exercise", FUNCTIONS, ids=label)
def test_the_cases_have_many_shapes(exercise):
    """So that what was memorized from the printed example does not pass."""
    drawn = {str([np.shape(part) or part for part in case]) for case in exercise.drawn()}
    assert len(drawn) >= 4, drawn


@pytest.mark.parametrize("exercise", FUNCTIONS, ids=label)
def test_mutants_of_the_solution_are_refused(exercise):
    wrong, passed = trials.mutant_verdicts(exercise)
    assert passed == []
    assert len(wrong) >= 5, [code for code, _ in wrong]


def test_the_right_letter_can_not_be_guessed():
    letters = [exercise.truth_text()[0] for exercise in EXERCISES if isinstance(exercise, Choice)]
    assert max(map(letters.count, letters)) <= len(letters) / 2


def test_the_page_of_exercises_is_up_to_date():
    assert PAGE.read_text(encoding="utf-8") == page(), "run: python tests/exercise_table.py"
