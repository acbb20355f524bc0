"""Every exercise of every notebook: right answers pass, slips are named, garbage gets a sentence.

``pytest tests/test_exercises.py -k 02-stride_two`` tries one exercise, in seconds.
"""

import ast
import builtins
import functools

import exercise_trials as trials
import lint
import nasty_answers
import numpy as np
import pytest

from fanaoi_helpers import exercises, notebooks
from fanaoi_helpers.exercises.choosing import Choice
from fanaoi_helpers.exercises.exercise import State
from fanaoi_helpers.exercises.function import Function

LESSONS = exercises.lessons()
EXERCISES = [exercise for lesson in LESSONS for exercise in lesson.exercises.values()]
FUNCTIONS = [exercise for exercise in EXERCISES if isinstance(exercise, Function)]


label = trials.label


each = pytest.mark.parametrize("exercise", EXERCISES, ids=label)
each_function = pytest.mark.parametrize("exercise", FUNCTIONS, ids=label)


# A notebook and its exercises ------------------------------------------------------------------------------


def unpaired(stems, numbers):
    """Yield the notebooks without exercises, and the exercises without a notebook or with two sheets."""
    for stem in stems:
        if numbers.count(stem[:2]) != 1:
            yield f"{stem} has {numbers.count(stem[:2])} sheets in fanaoi_helpers/exercises"
    for number in numbers:
        if number not in [stem[:2] for stem in stems]:
            yield f"there are exercises of notebook {number}, but no such notebook"


def test_each_notebook_has_its_sheet_of_exercises():
    assert list(unpaired([path.stem for path in notebooks.paths()], [one.number for one in LESSONS])) == []
    assert list(unpaired(["00_a", "01_b"], ["00", "01"])) == []
    assert list(unpaired(["00_a", "01_b"], ["00"])) == ["01_b has 0 sheets in fanaoi_helpers/exercises"]
    assert list(unpaired(["00_a"], ["00", "00"])) == ["00_a has 2 sheets in fanaoi_helpers/exercises"]
    assert list(unpaired(["00_a"], ["00", "01"])) == [
        "there are exercises of notebook 01, but no such notebook"
    ]


def misplaced(sources, sheet, declared):
    """Yield what is wrong with where a notebook's code cells ask the exercises that its sheet declares.

    Args:
        sources: the code cells.
        sheet: its name, such as "losses".
        declared: the exercises' names in their order.
    """
    trees = [lint.tree({"source": source}) for source in sources]
    nodes = [
        node for tree in trees for node in sorted(ast.walk(tree), key=lambda node: getattr(node, "lineno", 0))
    ]
    imported = [
        alias.name
        for node in nodes
        if isinstance(node, ast.ImportFrom) and node.module == "fanaoi_helpers.exercises"
        for alias in node.names
        if alias.asname == "ex"
    ]
    if imported != [sheet]:
        yield f"`ex` is {', '.join(imported) or 'not imported'}, not {sheet}"
    calls = [
        node.func.value.attr
        for node in nodes
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr in ("check", "predict")
        and isinstance(node.func.value, ast.Attribute)
        and ast.unparse(node.func.value.value) == "ex"
    ]
    asked = list(dict.fromkeys(calls))
    yield from (f"ex.{name} is asked, but {sheet} declares none" for name in asked if name not in declared)
    yield from (f"{sheet} declares {name}, but no cell asks it" for name in declared if name not in asked)
    for wanted, name in zip([name for name in declared if name in asked], asked, strict=False):
        if name != wanted and name in declared:
            yield f"{sheet} declares {wanted} as the next one, but the notebook asks {name} before it"
            return


@pytest.mark.parametrize("path", notebooks.paths(), ids=lambda path: path.stem)
def test_every_exercise_is_asked_in_its_notebook_in_order(path):
    (lesson,) = (lesson for lesson in LESSONS if lesson.number == path.name[:2])
    sources = ["".join(cell["source"]) for cell in lint.cells(notebooks.read(path), "code")]
    assert list(misplaced(sources, lesson.name, list(lesson.exercises))) == []


@pytest.mark.parametrize(
    ("cells", "declared", "words"),
    [
        (["ex.a.check(1)", "ex.b.predict(...)\nex.b.reveal()"], ["a", "b"], None),
        (["ex.a.check(1)"], ["a", "b"], "declares b, but no cell asks it"),
        (["ex.a.check(1)", "# ex.b.check(1)\nex.b.hint()"], ["a", "b"], "declares b, but no cell asks it"),
        (["ex.a.check(1)", "ex.b.check(1)"], ["a"], "ex.b is asked, but made_up declares none"),
        (
            ["ex.b.check(1)", "ex.a.check(1)"],
            ["a", "b"],
            "declares a as the next one, but the notebook asks b",
        ),
    ],
)
def test_an_exercise_that_is_not_asked_where_it_belongs_is_noticed(cells, declared, words):
    setup = "from fanaoi_helpers.exercises import made_up as ex"
    problems = list(misplaced([setup, *cells], "made_up", declared))
    assert problems == [] if words is None else len(problems) == 1 and words in problems[0]
    assert "`ex` is other, not made_up" in list(misplaced([setup.replace("made_up", "other")], "made_up", []))
    assert "`ex` is not imported, not made_up" in list(misplaced([], "made_up", []))


@pytest.mark.parametrize("lesson", LESSONS, ids=lambda lesson: lesson.number)
def test_a_lesson_asks_enough_and_in_many_ways(lesson):
    assert len(lesson.exercises) >= (5 if lesson.number == "00" else 8)
    kinds = {"prediction" if exercise.prediction else exercise.kind for exercise in lesson.exercises.values()}
    assert len(kinds) >= 5, kinds


# One exercise ----------------------------------------------------------------------------------------------


@each
def test_a_notebook_finds_it_by_its_name(exercise):
    (lesson,) = (lesson for lesson in LESSONS if lesson.number == exercise.notebook)
    assert getattr(getattr(exercises, lesson.name), exercise.name) is exercise


@functools.cache
def tried(name):
    """Return the trials of an exercise; ``python tests/exercise_trials.py`` tries all wrong functions."""
    return trials.trials(trials.by_label()[name], most=25)


def unknown_faults(kind, found, exercise):
    """Return what is said to the answers of a kind that are judged wrongly, but not listed as such."""
    faults = trials.faults(found).get(kind, {})
    listed = trials.known_today().get(label(exercise), {}).get(kind, [])
    mended = [what for what in listed if what not in faults]
    assert mended == [], "judged rightly now: python tests/exercise_trials.py --store"
    return {what: says for what, says in faults.items() if what not in listed}


@each
@pytest.mark.parametrize("kind", [trials.STYLE, trials.WRONG, trials.EQUAL, trials.NAME, trials.NASTY])
def test_nothing_that_is_tried_is_judged_wrongly(exercise, kind):
    assert unknown_faults(kind, tried(label(exercise)), exercise) == {}


@each
def test_the_untouched_stub_is_not_tried(exercise):
    for answer in nasty_answers.stub(exercise):
        assert exercise.judge(answer).state is State.NOT_TRIED


@each
def test_the_solution_runs_in_an_empty_notebook_and_in_one_that_holds_other_things_by_its_names(exercise):
    assert exercise.judge(trials.run_solution(exercise, {})).state is State.RIGHT
    names = [node.id for node in ast.walk(ast.parse(exercise.solution_text())) if isinstance(node, ast.Name)]
    others = {name: "something else" for name in names if name not in vars(builtins)}
    assert exercise.judge(trials.run_solution(exercise, others)).state is State.RIGHT


@each_function
def test_the_oracle_agrees_with_the_solution_on_fresh_cases(exercise):
    for case in trials.fresh_cases(exercise, 60):
        assert trials.same(trials.run(exercise.reference, case), trials.run(exercise.oracle, case)), case


@each_function
def test_the_cases_have_many_shapes(exercise):
    """So that what was memorized from the printed example does not pass."""
    drawn = {str([np.shape(part) or part for part in case]) for case in exercise.drawn()}
    assert len(drawn) >= 4, drawn


@each_function
def test_ten_mutants_that_its_author_did_not_write_are_refused(exercise):
    mutants = [trial for trial in tried(label(exercise)) if trial.kind == trials.WRONG]
    assert sum(trial.judged == "refused" for trial in mutants) >= 10, mutants


def test_what_is_listed_as_equal_is_tried():
    for name, listed in trials.equals().items():
        assert set(listed) == {trial.what for trial in tried(name) if trial.kind == trials.EQUAL}, name
        assert all(len(why) > 10 for why in listed.values()), name


# All of them at once, so that one alone is tried quickly ---------------------------------------------


def test_what_libraries_give_is_judged_as_arrays_are():
    import keras_answers  # takes seconds: nothing else here waits for TensorFlow

    assert set(keras_answers.LAYERS) <= {exercise.name for exercise in FUNCTIONS}
    symbolic = keras_answers.keras.Input((3,))
    for exercise in EXERCISES:
        name = label(exercise)
        assert unknown_faults(trials.LIBRARY, trials.library_trials(exercise), exercise) == {}, name
        odd = exercise.judge(symbolic)
        assert odd.state is State.NOT_YET and odd.mistake is None, name
        assert "expected" in odd.says and len(odd.says) > 25, (name, odd.says)
    for exercise in FUNCTIONS:
        odd = exercise.judge(lambda *args: symbolic)
        assert odd.state is State.NOT_YET and "return" in odd.says, (label(exercise), odd.says)


def test_the_right_letter_can_not_be_guessed():
    letters = [exercise.truth_text()[0] for exercise in EXERCISES if isinstance(exercise, Choice)]
    assert max(map(letters.count, letters)) <= len(letters) / 2
