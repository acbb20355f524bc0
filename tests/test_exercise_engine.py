"""The engine behind the exercises, on small exercises of the tests' own."""

import subprocess
import sys

import IPython.display
import nasty_answers as trials
import numpy as np
import pytest
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from fanaoi_helpers import files
from fanaoi_helpers.errors import WorkbookError
from fanaoi_helpers.exercises import ledger, numerals
from fanaoi_helpers.exercises.answers import Unreadable, letters, numbers
from fanaoi_helpers.exercises.choosing import Choice, Order, Right
from fanaoi_helpers.exercises.exercise import State
from fanaoi_helpers.exercises.function import Function
from fanaoi_helpers.exercises.lesson import Lesson
from fanaoi_helpers.exercises.panel import LOOKS, Panel
from fanaoi_helpers.exercises.value import Value

COMMON = {
    "hints": ["look", "look closer", "it is nearly this"],
    "why": "So it is.",
    "minutes": 3,
    "difficulty": 2,
}


def add(a, b):
    total = a + b
    return total


SHOWN = "total = a + b\ntotal"


def times(a, b):
    return a * b


def pairs():
    """Draw two lists of as many numbers."""
    number = st.floats(-3, 3).map(lambda number: round(number, 3))
    return st.integers(1, 5).flatmap(lambda n: st.tuples(*[hnp.arrays(float, n, elements=number)] * 2))


SLIPS = {"You multiplied.": times, "b is missing.": lambda a, b: a, "a is missing.": lambda a, b: b}


class Ask:
    """Makes exercises of references, as sheets do."""

    def __init__(self):
        self.by_name = {}
        self.choice, self.order = (
            lambda name, kind=kind, **declared: self.made(kind, name, **declared) for kind in (Choice, Order)
        )
        self.value, self.function = (
            lambda kind=kind, **declared: (
                lambda reference: self.made(
                    kind, reference.__name__, reference=reference, shown=SHOWN, **declared
                )
            )
            for kind in (Value, Function)
        )

    def made(self, kind, name, **declared):
        exercise = self.by_name[name] = kind(name, **declared)
        return exercise


@pytest.fixture
def ask():
    return Ask()


@pytest.fixture
def value(ask):
    @ask.value(asks="a + b?", given={"a": np.array([1, 2]), "b": np.array([3, 5])}, mistakes=SLIPS, **COMMON)
    def value(a, b):
        total = a + b
        return total

    return value


@pytest.fixture
def function(ask):
    @ask.function(asks="Add.", oracle=np.add, cases=pairs, mistakes=SLIPS, **COMMON)
    def function(a, b):
        total = a + b
        return total

    return function


@pytest.fixture
def choice(ask):
    options = {"black": "Too dark.", "white": Right("It is."), "gray": "Nearly.", "red": "No gray."}
    return ask.choice("choice", asks="255 is?", options=options, prediction=True, **COMMON)


@pytest.fixture
def order(ask):
    rules = {(0, 1): "Open it first.", (0, 2): "Nothing is there to resize."}
    lines = ["open", "rotate", "resize"]
    extra = {"print": "Printing changes nothing."}
    return ask.order("order", asks="Order?", lines=lines, rules=rules, extra=extra, **COMMON)


@pytest.fixture
def shown(monkeypatch):
    panels = []
    monkeypatch.setattr(IPython.display, "display", panels.append)
    return panels


@pytest.fixture
def notes(monkeypatch):
    """Return what the exercises tell the ledger."""
    kept = []

    def note(event, notebook, exercise, **details):
        kept.append({"event": event, "notebook": notebook, "exercise": exercise, **details})
        return ""

    monkeypatch.setattr(ledger, "note", note)
    return kept


# Reading answers ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (None, "None"),
        ("35", "the text '35'"),
        (b"35", "the text '35'"),
        (True, "True"),
        (np.True_, "True"),
        ([True, False], "True or False"),
        ([[1, 2], [3]], "different lengths (1 and 2"),
        ([1, [2, 3]], "different lengths"),
        ([1, None], "None"),
        ([1, ...], "dots"),
        (["35", "45"], "text such as '35'"),
        ([], "empty"),
        (float("inf"), "inf"),
        ([1, float("nan")], "nan"),
        (1j, "complex"),
        ({"a": 1}, "a dict"),
        (iter([1]), "list( )"),
        (print, "a function itself"),
        (int, "the type `int`"),
        (np.zeros(2, dtype="datetime64[s]"), "datetime64"),
        (trials.Hostile(), "Hostile"),
        (trials.ENDLESS, "different lengths|can't be read"),
    ],
    ids=lambda case: case if isinstance(case, str) else "",
)
def test_what_holds_no_numbers_is_named(answer, words):
    with pytest.raises(Unreadable) as refused:
        numbers(answer, "2 numbers in a row")
    assert any(part in str(refused.value) for part in words.split("|")), refused.value
    assert "; expected 2 numbers in a row." in str(refused.value)


def test_numbers_of_every_kind_are_read():
    from decimal import Decimal
    from fractions import Fraction

    for answer in (3, 3.0, np.float32(3), np.array(3), Fraction(3), Decimal(3), np.ma.array(3)):
        assert numbers(answer) == 3
    assert numbers([10**30]).tolist() == [1e30]
    assert numbers(range(3)).tolist() == [0, 1, 2]


def test_letters_are_read_from_anything_that_holds_them():
    for answer in ("cab", "C A B", "C, A, B", ["c", "a", "b"], ("CAB",), np.array(["C", "A", "B"]), [b"CAB"]):
        assert letters(answer, "letters") == ["C", "A", "B"]
    for answer in (3, None, [1, 2], [], trials.Hostile(), {"C": 1}, print, {"C", "A"}, iter("CAB")):
        with pytest.raises(Unreadable, match="expected letters"):
            letters(answer, "letters")


# The states ---------------------------------------------------------------------------------------------


def test_a_value_is_judged_on_the_inputs_of_the_notebook(value):
    assert value.judge([4, 7]).state is State.RIGHT
    assert value.judge([4, 7], a=np.array([0, 0])).state is State.NOT_YET
    assert value.judge([3, 5], a=np.array([0, 0])).state is State.RIGHT
    assert value.judge([0, 0], a=np.array([0, 0])).mistake == 0  # what multiplying gives now
    with pytest.raises(WorkbookError, match="no input c; it takes a, b"):
        value.judge([4, 7], c=1)


def test_an_input_that_the_question_can_not_be_asked_with_is_told(value):
    with pytest.raises(WorkbookError, match="can't be asked with this a .*run the cell again that sets it"):
        value.judge([4, 7], a="text")


def test_a_value_says_what_is_wrong(value):
    assert value.judge([4, 8]).says == "1 of 2 numbers is right. Look again at position [1], counted from 0."
    assert value.judge([[4, 7], [1, 2]]).says == "Your answer is 2 rows of 2; expected 2 numbers in a row."
    assert value.judge([[4], [7]]).state is State.RIGHT
    assert value.judge([3, 10]).says == "You multiplied."
    assert value.judge([1, 2]).says == "b is missing."


def test_a_number_is_too_large_or_too_small(ask):
    total = ask.value(asks="?", given={"a": 1, "b": 2}, mistakes=SLIPS, tolerance=0.01, **COMMON)(add)
    assert total.judge(4).says == "4 is too large."
    assert total.judge([2.5]).says == "2.5 is too small."
    assert total.judge(3.005).state is State.RIGHT


def test_a_slip_that_these_inputs_leave_no_room_for_is_skipped(ask):
    slips = {"third": lambda a: np.asarray(a)[2], "negative": lambda a: -a, "next": lambda a: a[0] + 1}

    @ask.value(asks="?", given={"a": [1]}, mistakes=slips, **COMMON)
    def first(a):
        return a

    assert first.judge([3]).state is State.NOT_YET
    assert first._wrong(slips["third"], {}) is None


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (add, "Right"),
        (lambda a, b: (a + b).tolist(), "Right"),
        (lambda a, b: a * b, "You multiplied."),
        (lambda a, b: a - b, "expected"),
        (lambda a, b: a[:-1], "numbers in a row; expected|one number; expected|empty"),
        (lambda a: a, "can't be called with 2 arguments; it must take (a, b)"),
        (lambda a, b: a / "x", "it stops"),
        (lambda a, b: exit(), "with exit( ), which ends a whole program"),
        (lambda a, b: None, "returns None"),
        (lambda a, b: "text", "returns the text"),
        (lambda a, b: a.sum(), "returns one number; expected"),
        (lambda a, b: (_ for _ in ()).throw(KeyboardInterrupt), "a loop that never ends"),
        (3, "expected the function itself"),
        (np.ones(2), "the result of a call; expected the function itself"),
        (None, "expected the function itself"),
        (int, "the type `int`"),
    ],
)
def test_a_function_is_told_what_it_does(function, answer, words):
    verdict = function.judge(answer)
    if words == "Right":
        assert verdict.state is State.RIGHT
    else:
        assert verdict.state is State.NOT_YET
        assert any(part in verdict.says for part in words.split("|")), verdict.says


def test_a_function_must_not_change_its_arguments(function):
    def changes(a, b):
        a += b
        return a

    assert function.judge(changes).says.endswith("changes its argument `a`; work on a copy.")


def test_a_function_is_not_tried_while_its_dots_stand(function):
    def returns(a, b):
        return ...

    def adds(a, b):
        return a + ...

    for answer in (..., returns, adds):
        assert function.judge(answer).state is State.NOT_TRIED


def test_what_a_function_prints_and_warns_stays_inside(function, capsys):
    def loud(a, b):
        print("here")
        np.log(-1.0)
        return a + b

    assert function.judge(loud).state is State.RIGHT
    assert capsys.readouterr() == ("", "")


def test_functions_of_several_results_and_of_one_dtype(ask):
    def both(a, b):
        return a + b, a[0]

    pair = ask.function(asks="?", oracle=both, cases=pairs, mistakes=SLIPS, **COMMON)(both)
    assert pair.judge(lambda a, b: [a + b, a[0]]).state is State.RIGHT
    assert "result 2: it returns" in pair.judge(lambda a, b: (a + b, a[0] + 1)).says
    assert "it returns 1 result; expected 2" in pair.judge(lambda a, b: a + b).says

    def shorten(a, b):
        return (a + b).astype(np.float32)

    declared = {"oracle": shorten, "cases": pairs, "mistakes": SLIPS, "dtype": "float32"}
    typed = ask.function(asks="?", **declared, **COMMON)(shorten)
    assert typed.judge(shorten).state is State.RIGHT
    assert "it returns float64; expected float32" in typed.judge(add).says


def test_a_choice_has_feedback_for_every_option(choice):
    assert [choice.judge(letter).says for letter in "ABCD"] == ["Too dark.", "It is.", "Nearly.", "No gray."]
    assert [choice.judge(letter).mistake for letter in "ABCD"] == [0, None, 1, 2]
    assert choice.judge("white").state is State.RIGHT and choice.judge("Option C").mistake == 1
    for odd in ("E", "AB", "", "blue", 2, "A. white"):
        assert "one letter from A to D" in choice.judge(odd).says


def test_lines_in_order(order):
    assert order.judge(order.truth_text()).state is State.RIGHT
    open_, rotate, resize, extra = (order._letter(place) for place in range(4))
    assert (
        order.judge(open_ + resize + rotate).state is State.RIGHT
    )  # no rule says which of the two comes first
    assert order.judge(rotate + open_ + resize).says == "Open it first."
    assert order.judge(open_ + rotate).says == "1 more line belongs in it."
    assert order.judge(open_ + open_).says.startswith(f"Line {open_} stands in it more than once")
    assert order.judge(open_ + rotate + resize + extra).says == "Printing changes nothing."
    assert "There is no line X" in order.judge("X").says
    assert order.details()[0] != "A. open"


def test_lines_are_never_shown_in_a_right_order(ask):
    rules = {(0, 1): "a before b", (1, 2): "b before c", (0, 2): "a before c"}
    for number in range(50):
        order = ask.order(f"order{number}", asks="?", lines=["a", "b", "c"], rules=rules, **COMMON)
        assert order.judge("ABC").state is State.NOT_YET


# What the learner sees, and what is kept ----------------------------------------------------------------


def test_each_call_shows_one_panel_and_nothing_raises(value, function, choice, order, shown):
    answers = [..., *trials.GARBAGE.values(), trials.HostileNumber(4), trials.HostileCall(), "A", [4, 7], add]
    for exercise in (value, function, choice, order):
        for answer in answers:
            shown.clear()
            exercise.check(answer)
            exercise.predict(answer)
            exercise.reveal()
            assert len(shown) == 3
            assert all(isinstance(panel, Panel) and str(panel) and panel._repr_html_() for panel in shown)


def test_hints_come_one_by_one(value, shown, notes):
    for expected in (1, 2, 3, 3):
        value.hint()
        assert len([line for line in shown[-1].lines if line[0].isdigit()]) == expected
    assert "solution()" in shown[-1].lines[-1] and "hint()" in shown[0].lines[-1]
    assert [note["event"] for note in notes] == ["hint"] * 4


def test_a_solution_is_shown_with_its_code(ask, value, shown, notes):
    Lesson("02", "made_up", "Made up", ask.by_name, {})
    value.solution()
    assert shown[-1].code == "total = a + b\ntotal  # [4, 7]"
    assert notes == [{"event": "solution", "notebook": "02", "exercise": "value"}]


def test_a_prediction_is_noted_and_judged_later(choice, value, shown, notes):
    choice.reveal()
    assert shown[-1].state == "not tried" and notes == []
    choice.predict("A")
    assert shown[-1].state == "noted" and "white" not in str(shown[-1])
    choice.reveal()
    assert "You said A (black), it is B (white). Too dark." in str(shown[-1])
    assert [(note["event"], note.get("state")) for note in notes] == [
        ("predict", None),
        ("reveal", "not yet"),
    ]
    choice.predict("Z")
    assert "Nothing noted" in str(shown[-1])
    value.predict([1, float("nan")])
    assert "Nothing noted" in str(shown[-1])
    value.predict([1, float("inf")])
    assert "You say [1, inf]" in str(shown[-1])
    for answer in ("Z", ...):  # neither takes back what is noted
        choice.predict(answer)
        assert answer is ... or "You still say A (black)." in str(shown[-1])
        choice.reveal()
        assert "You said A (black)" in str(shown[-1])


def test_attempts_are_noted_and_stubs_are_not(value, shown, notes):
    for answer in (..., [3, 10], "x", [4, 7]):
        value.check(answer)
    kept = [(note["answer"], note["state"], note["mistake"]) for note in notes]
    assert kept == [([3, 10], "not yet", 0), ("the text 'x'", "not yet", None), ([4, 7], "right", None)]


def test_a_right_answer_stands_beside_the_truth(value, order, shown, notes):
    value.check(np.array([4.0000001, 7]))
    assert notes[-1]["truth"] == "[4, 7]"
    own = order._letter(0) + order._letter(2) + order._letter(1)
    order.check(own)
    assert own != order.truth_text() and notes[-1]["truth"] == own


def test_a_ledger_that_can_not_be_written_is_told_and_the_verdict_stands(value, shown, monkeypatch):
    monkeypatch.setattr(ledger, "note", lambda *args, **details: "The disk is full.")
    value.check([4, 7])
    assert shown[-1].state == "right" and "The disk is full." in shown[-1].lines


def test_a_question_shows_itself(choice):
    assert "255 is?" in repr(choice) and "B. white" in repr(choice)
    assert "[choice · prediction · ●●○ · 3 min]" in repr(choice)
    assert "255 is?" in choice._repr_html_()


def test_a_panel_escapes_what_it_is_given():
    panel = Panel("<i>", "right", "a < b & `c < d`", ["<script>"], code="if a < b:")
    html = panel._repr_html_()
    assert "<i>" not in html and "<script>" not in html
    assert "a &lt; b &amp; <code>c &lt; d</code>" in html and "if a &lt; b:" in html


def test_states_differ_in_mark_word_and_color():
    assert {"right", "not yet", "not tried"} == {state.value for state in State} <= LOOKS.keys()
    own = [look for state, look in LOOKS.items() if state != "not so"]  # a prediction's "not yet"
    for part in range(2):
        assert len({look[part] for look in own}) == len(own)
    assert len({LOOKS[state.value][2] for state in State}) == 3


# A wrong declaration ------------------------------------------------------------------------------------

VALUE = {"asks": "a + b?", "given": {"a": 1, "b": 2}, "mistakes": SLIPS, **COMMON}
FUNCTION = {"asks": "Add.", "oracle": np.add, "cases": pairs, "mistakes": SLIPS, **COMMON}
CHOICE = {"asks": "?", "options": {"a": "A.", "b": Right("B."), "c": "C.", "d": "D."}, **COMMON}
ORDER = {"asks": "?", "lines": ["a", "b"], "rules": {(0, 1): "1"}, "extra": {"c": "2", "d": "3"}, **COMMON}


@pytest.mark.parametrize(
    ("kind", "declared", "words"),
    [
        (
            "value",
            {**VALUE, "mistakes": dict([*SLIPS.items()][:2])},
            "it knows 2 mistakes, but must know at least 3",
        ),
        ("value", {**VALUE, "mistakes": {**SLIPS, "": add}}, "each known mistake needs a sentence"),
        ("value", {**VALUE, "hints": []}, "it must have one to three hints"),
        ("value", {**VALUE, "hints": ["a", "b", "c", "d"]}, "it must have one to three hints"),
        ("value", {**VALUE, "hints": ["look", ""]}, "it must have one to three hints"),
        ("value", {**VALUE, "hints": ["look", "look"]}, "two of its hints are the same"),
        ("value", {**VALUE, "minutes": 0}, "`minutes` must be 1 to 20"),
        ("value", {**VALUE, "difficulty": 4}, "`difficulty` 1, 2 or 3"),
        (
            "choice",
            {**CHOICE, "options": {"a": "A.", "b": "B.", "c": "C."}},
            "one of at most 10 options must be right",
        ),
        ("choice", {**CHOICE, "options": {"a": Right("A."), "b": "B.", "c": "C."}}, "it knows 2 mistakes"),
        ("choice", {**CHOICE, "options": {**CHOICE["options"], "e": "A."}}, "have the same sentence"),
        ("order", {**ORDER, "rules": {}, "extra": {"c": "2", "d": "3", "e": "4"}}, "needs `rules`"),
        ("order", {**ORDER, "rules": {(1, 0): "1"}}, "(1, 0) contradicts the order of its 2 lines"),
        ("order", {**ORDER, "rules": {(0, 2): "1"}}, "(0, 2) contradicts the order of its 2 lines"),
        ("function", {**FUNCTION, "corners": [(1,)]}, "must be a tuple of its arguments, (a, b)"),
    ],
)
def test_a_wrong_declaration_is_refused_in_a_sentence(ask, kind, declared, words):
    with pytest.raises(WorkbookError) as refused:
        if kind in ("value", "function"):
            getattr(ask, kind)(**declared)(add)
        else:
            getattr(ask, kind)("add", **declared)
    assert str(refused.value).startswith("Exercise add") and words in str(refused.value)
    assert str(refused.value).count("\n") == 0 and ask.by_name == {}


def test_a_name_that_python_does_not_take_is_refused(ask):
    with pytest.raises(WorkbookError, match="must be a Python name"):
        ask.choice("which one", **CHOICE)


def test_importing_exercises_is_light():
    code = (
        "import sys, fanaoi_helpers.exercises as e; e.lessons();"
        "print({'tensorflow', 'keras', 'matplotlib', 'IPython', 'cv2'} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=files.root())
    assert done.stdout.strip() == "set()", done.stdout + done.stderr


def test_words_around_a_letter_are_passed_over_and_none_is_taken_for_the_letter():
    by_hand = Choice(
        **COMMON,
        name="which",
        asks="Which?",
        options={
            "The accuracy": Right("Yes."),
            "about a millionth": "No.",
            "about a tenth": "1?",
            "ten": "10?",
        },
    )
    for answer in ("it is A", "the answer is A", "I think A", "a", "it's the accuracy", {"A"}, [["A"]]):
        assert by_hand.judge(answer).says == "Yes.", answer
    for answer in ("the A", "it is a", "about a", "A and B", "not A", "A because B", 1):
        assert "expected one letter from A to D" in by_hand.judge(answer).says, answer
    assert "the number 1" in by_hand.judge(1).says


def test_text_among_numbers_is_named_and_no_number_is_called_text():
    with pytest.raises(Unreadable, match="text such as 'fans'; expected one number. Give numbers alone"):
        numbers((300, "fans"), "one number")


@pytest.mark.parametrize(
    "text", ["not 3", "< 3", "3 or 4", "minus 3", "half of 3", "3 x 4", "1 3", "-(3)", "3-4"]
)
def test_other_words_around_a_number_are_no_number(text):
    assert 3.0 not in [float(one.values) for one in numerals.readings(text, np.array(3.0))]
