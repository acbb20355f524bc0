"""What a panel asks, and the living panel: a click is judged exactly as what is typed."""

import os
import re
import sys

import IPython.display
import numpy as np
import pytest

from fanaoi_helpers import exercises, frontend
from fanaoi_helpers.exercises import closeness, ledger
from fanaoi_helpers.exercises.choosing import Choice, Order
from fanaoi_helpers.exercises.exercise import State
from fanaoi_helpers.exercises.live import LivingPanel
from fanaoi_helpers.exercises.panel import Panel
from fanaoi_helpers.exercises.question import LARGEST
from fanaoi_helpers.exercises.value import Value

EXERCISES = [exercise for lesson in exercises.lessons() for exercise in lesson.exercises.values()]
CLICKED = [exercise for exercise in EXERCISES if exercise.clicks()]
WORDS = {"one": 1, "two": 2, "three": 3, "four": 4}
TABLES = [exercise for exercise in EXERCISES if isinstance(exercise, Value) and exercise.rows]


def label(exercise):
    return f"{exercise.notebook}-{exercise.name}"


each = pytest.mark.parametrize("exercise", EXERCISES, ids=label)
each_clicked = pytest.mark.parametrize("exercise", CLICKED, ids=label)


@pytest.fixture(autouse=True)
def fresh():
    """Let every test find the exercises as a new kernel does."""
    yield
    for exercise in EXERCISES:
        exercise._hints_shown, exercise._predicted = 0, ...


@pytest.fixture
def notes(monkeypatch):
    """Return what the exercises tell the ledger."""
    kept = []
    monkeypatch.setattr(ledger, "note", lambda *told, **details: kept.append((told, details)) or "")
    return kept


@pytest.fixture
def live(monkeypatch):
    """Let a browser seem to be there; return what is displayed, living panels as themselves."""
    displayed = []
    monkeypatch.setattr(frontend, "widgets_live", lambda: True)
    monkeypatch.setattr(LivingPanel, "show", lambda panel: displayed.append(panel))
    monkeypatch.setattr(IPython.display, "display", displayed.append)
    return displayed


# The question ----------------------------------------------------------------------------------------------


@each
def test_a_question_is_complete(exercise):
    question = exercise.question()
    assert question.asks == exercise.asks and question.details == exercise.details() and question.form
    shown = repr(exercise)
    assert all(part in shown for part in (question.asks, question.given, f"Answer: {question.form}"))
    if isinstance(exercise, Value):
        names = {}
        exec(question.given, {}, names)
        assert not set(exercise.hides.split()) & names.keys()
        for name, value in names.items():
            assert np.size(value) <= LARGEST
            np.testing.assert_array_equal(value, exercise.given[name])


@each
def test_an_untried_panel_asks_the_question_first(exercise, monkeypatch):
    displayed = []
    monkeypatch.setattr(IPython.display, "display", displayed.append)
    exercise.check(...)
    if exercise.prediction:
        exercise.predict(...)
    asked = repr(exercise)  # as ex.NAME alone shows it
    for panel in displayed:
        untried = repr(panel).removeprefix(asked).strip().split("\n")
        assert len(untried) == 1 and untried[0].startswith("○ Not tried yet.") and ".hint()" in untried[0]
        assert panel._repr_html_().index(">Answer: ") < panel._repr_html_().index("Not tried yet.")


@each
def test_the_form_of_an_answer_gives_nothing_away(exercise):
    if isinstance(exercise, (Choice, Order)):
        examples = ["A"] if isinstance(exercise, Choice) else ["CAB"]
        assert f'such as "{examples[0]}"' in exercise.usual_form()
        return  # the same for all of their kind
    written = exercise.question().form.partition("such as ")[2]
    written = re.split(r"; |, to ", written)[0]
    if written and "…" not in written:
        verdict = exercise.judge(eval(written))
        assert verdict.state is State.NOT_YET and verdict.mistake is None


@each
def test_what_is_rounded_as_the_panel_says_is_right(exercise):
    """What is no whole number says how far it may be rounded, or is a guess, or not to be rounded."""
    if not isinstance(exercise, Value) or closeness.whole(exercise._truth({})).all():
        return
    form, truth = exercise.question().form, np.ravel(exercise._truth({}))
    said = re.search(r"(\w+) (decimal|digit)|guess|about|no rounding|exact|as Python prints it", form)
    assert said, f"{exercise.name}: how far may it be rounded?"
    count = WORDS.get(said[1], said[1])
    if said[2] == "digit":
        rounded = [float(f"{value:.{count}g}") for value in truth]
    elif said[2] == "decimal":
        rounded = [round(float(value), int(count)) for value in truth]
    else:
        return
    answer = np.reshape(rounded, exercise._truth({}).shape).tolist()
    assert exercise.judge(answer).state is State.RIGHT


@each
def test_what_is_given_is_not_the_answer(exercise):
    """No input alone is a number that is asked for, but where the question's own words hold it, too."""
    if not isinstance(exercise, Value):
        return
    names = {}
    exec(exercise.question().given, {}, names)
    assert not any(
        np.ndim(value) == 0 and exercise.judge(value).state is State.RIGHT for value in names.values()
    )


def test_a_question_shows_the_inputs_of_the_notebook():
    nats = next(exercise for exercise in EXERCISES if exercise.name == "nats")
    assert nats.question().given == ""  # its words say 1.5 bits
    assert nats.question(bits=2.5).given == "bits = 2.5"
    for odd in ([[1], [2, 3]], object()):
        nats.question(bits=odd)


# Clicks ----------------------------------------------------------------------------------------------------


def answers(exercise):
    """Yield what may be clicked: every option, a right order and wrong ones, tables."""
    if isinstance(exercise, Choice):
        yield from exercise._by_letter
    elif isinstance(exercise, Order):
        right = exercise.truth_text()
        yield from (right, right[::-1], right[:-1], right[1:] + right[:1])
    else:
        right = "".join(map(str, np.ravel(exercise.reference())))
        yield from (right, right[::-1], "1" * len(right))


@each_clicked
def test_a_click_is_judged_and_noted_as_what_is_typed(exercise, live, notes):
    for written in answers(exercise):
        typed = exercise._judged(exercise.clicked(written), {}, "check")
        (as_typed,) = notes
        notes.clear()
        exercise.check(...)
        panel = live.pop()
        panel._hear({"answer": written})
        assert panel.shown["verdict"] == typed.said() and panel.shown["state"] == typed.state
        assert notes == [as_typed]
        notes.clear()
    assert exercise.judge(exercise.clicked(next(iter(answers(exercise))))) is not None
    assert exercise.as_clicked(exercise.clicked(written)) == written


def test_all_kinds_of_clicks_are_there():
    assert {exercise.clicks()["kind"] for exercise in CLICKED} == {"choice", "order", "table"}
    assert all(isinstance(exercise, (Choice, Order)) or exercise in TABLES for exercise in CLICKED)


@each_clicked
def test_what_is_shown_at_first_holds_no_answer(exercise, live, notes):
    """Neither the words on the page nor the state behind it tells which answer is right."""
    exercise.check(...)
    told = str(live.pop().get_state(["shown", "arranged"]))
    assert exercise.why not in told and not any(says in told for says in exercise.sentences())
    assert exercise.solution_text() not in told
    assert notes == []


def test_a_prediction_is_clicked_and_revealed(live, notes):
    choice = next(exercise for exercise in CLICKED if exercise.prediction)
    choice.predict(...)
    panel = live.pop()
    panel._hear({"answer": "B"})
    assert panel.shown["state"] == "noted" and "You say B" in panel.shown["verdict"]
    panel._hear({"answer": "A"})
    choice.predict(...)  # its cell is run again: what is noted stays, and is shown
    again = live.pop()
    assert again.shown["state"] == "noted" and again.arranged == "A"
    choice.reveal()
    assert isinstance(live[-1], Panel) and "You said A" in live[-1].says
    events = [told[0] for told, _ in notes]
    assert events[0] == "predict" and events[-1] == "reveal"
    assert [details["answer"][0] for _, details in notes] == ["B", "A", "A", "A"]


def test_help_by_button_is_the_help_of_the_methods(live, notes):
    for exercise in EXERCISES:
        exercise.check(...)
        panel = live.pop()
        for count in range(1, len(exercise.hints) + 1):
            assert panel.shown["help"]["hint"] == [f"Hint {count} of {len(exercise.hints)}", True]
            panel._hear({"help": "hint"})
            assert panel._help["hint"].lines == [
                f"{number}. {hint}" for number, hint in enumerate(exercise.hints[:count], 1)
            ]
        assert panel.shown["help"]["hint"][1] is False
        panel._hear({"help": "solution"})
        assert panel._help["solution"].code == exercise.solution_text()
        assert panel.shown["help"]["solution"][1] is False
        by_button = notes[:]
        notes.clear()
        exercise._hints_shown = 0
        for _ in exercise.hints:
            exercise.hint()
        exercise.solution()
        assert notes == by_button
        notes.clear()


@pytest.mark.parametrize("message", [None, 3, "hint", {}, {"answer": 3}, {"help": "x"}, {"answer": []}])
def test_a_message_that_means_nothing_changes_nothing(message, live, notes):
    for exercise in (CLICKED[0], TABLES[0]):
        exercise.check(...)
        panel = live.pop()
        before = {**panel.shown, "turn": 1}
        panel._hear(message)
        assert panel.shown == before and notes == []


@pytest.mark.parametrize("written", ["", "Z", "ABCDEFGHIJ", "01-", "0" * 999, "<i>", "\0"])
def test_clicks_that_no_page_sends_get_a_sentence(written, live, notes):
    for exercise in CLICKED:
        exercise.check(...)
        panel = live.pop()
        panel._hear({"answer": written})
        assert (
            panel.shown["state"] in ("not yet", "not so", "not tried") and "<i>" not in panel.shown["verdict"]
        )


def test_a_typed_answer_that_is_wrong_can_be_bettered_by_a_click(live, notes):
    choice = next(
        exercise for exercise in CLICKED if isinstance(exercise, Choice) and not exercise.prediction
    )
    wrong = next(letter for letter in choice._by_letter if letter != choice._right)
    choice.check(wrong.lower())
    panel = live.pop()
    assert panel.arranged == wrong and panel.shown["state"] == "not yet"
    panel._hear({"answer": choice._right})
    assert panel.shown["state"] == "right"
    choice.check(choice._right)
    assert isinstance(live.pop(), Panel)  # nothing is left to do


def test_what_stands_in_its_place_says_what_the_living_panel_says(live, notes):
    for exercise in (CLICKED[0], TABLES[0], next(one for one in EXERCISES if not one.clicks())):
        exercise.check(...)
        panel = live.pop()
        for message in ({"help": "hint"}, {"help": "solution"}, {"answer": "A"}):
            panel._hear(message)
        forms, _ = panel._forms()
        assert set(forms) == {"text/plain", "text/html", frontend.WIDGET}
        for words in (exercise.asks, exercise.hints[0], exercise.why, panel._verdict.says):
            assert words in forms["text/plain"]
        if not exercise.clicks():
            assert panel.shown["state"] == "not tried"  # nothing there to be clicked
        assert panel._help["solution"].said() in forms["text/html"]
        assert "<button" not in forms["text/html"]


# Where it lives --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("variables", "alive"),
    [
        ({}, False),  # nbval, papermill, a terminal
        ({"JPY_SESSION_NAME": "/srv/class/02.ipynb"}, True),
        ({"JPY_SESSION_NAME": "/srv/class/02.ipynb", "FANAOI_HEADLESS": "1"}, False),
        ({"VSCODE_PID": "4711"}, True),
        ({"VSCODE_INJECTION": "1"}, False),  # papermill from VS Code's terminal
    ],
)
def test_where_a_panel_lives(variables, alive, monkeypatch):
    for name in list(os.environ):
        if name.startswith("VSCODE_") or name in ("JPY_SESSION_NAME", "FANAOI_HEADLESS"):
            monkeypatch.delenv(name)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    assert not frontend.widgets_live()  # there is no kernel
    monkeypatch.setattr(frontend, "running_kernel", object)
    assert frontend.widgets_live() is alive
    monkeypatch.setitem(sys.modules, "google.colab", None)
    assert frontend.widgets_live() is ("FANAOI_HEADLESS" not in variables)


def test_without_anywidget_the_panel_stands_alone(live, monkeypatch):
    monkeypatch.setitem(sys.modules, "fanaoi_helpers.exercises.live", None)
    EXERCISES[0].check(...)
    assert isinstance(live.pop(), Panel)
