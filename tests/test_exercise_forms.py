"""Answers as people write them: which are taken, which are told what to change, which slip is named."""

import numpy as np
import pytest

from fanaoi_helpers import exercises
from fanaoi_helpers.exercises import numerals, outcomes
from fanaoi_helpers.exercises.choosing import Choice, Order, Right, named
from fanaoi_helpers.exercises.exercise import State
from fanaoi_helpers.exercises.value import Value

COMMON = {"asks": "How much?", "hints": ["look"], "why": "So it is.", "minutes": 1, "difficulty": 1}
FAR = {"one": lambda: -70.5, "two": lambda: -80.5, "three": lambda: -90.5}


def asked(truth, mistakes=FAR, **more):
    return Value("asked", reference=lambda: truth, shown="truth", mistakes=mistakes, **{**COMMON, **more})


TAKEN = [
    (
        7200,
        [(7, 200), "7,200", "7 200", "7.200", "7_200", "7'200", "7200 fans", " 7200 ", "about 7200", [7200]],
    ),
    (7200, [7.2 * 1000, np.float32(7200), np.array([[7200]]), "7,200.0", "=7200", "7\u202f200"]),
    (1_234_567, [(1, 234, 567), "1,234,567", "1.234.567", "1 234 567"]),
    (50176, [50.176, (50, 176), "50.176"]),
    (-7200, [(-7, 200), "-7,200", "−7,200"]),
    (
        0.96,
        [(0, 96), "0,96", "0.96", ".96", "96 %", "96%", "96 percent", "24/25", "24 of 25", "24 out of 25"],
    ),
    (0.375, ["3/8", "37.5 %", "37,5%", 3 / 8, (0, 375), "0.375"]),
    (12.5, [(12, 5), "12,5", "12.5 mm"]),
    (35, [35.0, "35", b"35", [35], (35,), [[35]], np.array([35]), "35 pixels"]),
    (78.5714, ["78.57 %", 78.57, 78.571, 78.6, "78,57"]),
    ([896, 18496, 2654336, 129], [[896, 18, 496, 2, 654, 336, 129], (896, 18496, 2654336, 129)]),
    ([896, 18496, 2654336, 129], [["896", "18,496", "2,654,336", "129"], "896, 18496, 2654336, 129"]),
    ([0.5, 12], [[0, 5, 12], ["0,5", 12], ["50 %", "12"], "[0.5, 12]", [[0.5, 12]]]),
    ([[35, 45], [85, 95]], ["[[35, 45], [85, 95]]", [["35", "45"], [85, 95]], [[[35, 45], [85, 95]]]]),
    ([[1200, 3], [4, 5]], [[[1, 200, 3], [4, 5]]]),
    ([1, 0, 1], [[True, False, True], np.array([True, False, True]), (1, 0, 1)]),
    (0.3525, [0.35, 0.353, 0.3525, "0.35"]),
    (0.3047, [0.3, 0.305, 0.30470]),
    (0.007461, [0.00746, 0.0075, "0.75 %"]),
    (28.346, [28.3, 28.35, 28.346]),
]


@pytest.mark.parametrize(
    ("truth", "answer"), [(truth, one) for truth, all_ in TAKEN for one in all_], ids=repr
)
def test_a_right_number_is_taken_however_it_is_written(truth, answer):
    assert asked(truth).judge(answer).state is State.RIGHT, asked(truth).judge(answer).says


@pytest.mark.parametrize(
    ("truth", "answer", "words"),
    [
        (7200, (7, 300), "7300 is too large. In Python a comma separates numbers: write 7300 or 7_300."),
        (7200, (7, 3), "expected one number. In Python numbers have no commas inside: write 7200 or 7_200"),
        (7200, "seven thousand", "You gave the text 'seven thousand'; expected one number."),
        (7200, 7201, "7201 is too large."),
        (5_347_714, 5_347_713, "5347713 is too small."),
        (0.96, 96, "right in percent. Asked is a share, a number from 0 to 1: divide by 100."),
        (0.96, "0.96 %", "0.0096 is too small.|a hundredth"),
        (0.96, True, "You gave True; expected one number."),
        (
            28.346,
            28,
            "28 is right as far as it goes, but rounded too far: give two decimals, or three digits.",
        ),
        (0.936, 0.93, "0.93 is cut off. Rounding looks at the next digit"),
        (0.936, 0.9, "0.9 is right as far as it goes"),
        (7200, 7.200, "If you mean thousands: in Python decimals follow a point, so write 7200 or 7_200."),
        (5_347_714, 5347.714, "If you mean thousands"),
        (1728, 17.28, "That is a hundredth of the right number."),
        (0.00746, 0.0001, "0.0001 is too small."),  # a guess, no hundredth
        (35, 36, "36 is too large."),
        (35, 35.4, "35.4 is too large."),
        (35, None, "Is a `return` missing, or did you give what `print` returns?"),
        ([1, 2, 3], [1, 2], "Your answer is 2 numbers in a row; expected 3 numbers in a row."),
        ([1, 2, 3], [1], "Your answer is 1 number in a row; expected 3 numbers in a row."),
        (
            [[4, 6], [14, 16]],
            [4, 6, 14, 16],
            "All numbers are right; write them as 2 rows of 2: [[…, …], […, …]].",
        ),
        ([1, 2, 3, 4], [[1, 2], [3, 5]], "Your answer is 2 rows of 2; expected 4 numbers in a row."),
        (19.76, 20, "20 is right as far as it goes"),
        (0.1976, 20, "That is right in percent."),
    ],
    ids=repr,
)
def test_what_can_not_be_taken_is_told_what_to_change(truth, answer, words):
    verdict = asked(truth).judge(answer)
    assert verdict.state is State.NOT_YET and verdict.mistake is None
    assert any(part in verdict.says for part in words.split("|")), verdict.says


def test_percent_is_named_as_what_is_asked():
    percent = asked(78.5714, asks="How many percent are GO?")
    assert percent.judge(0.785714).says == "That is right as a share. Asked are percent."
    assert percent.judge(0.7857).mistake is None and percent.judge("78.57 %").state is State.RIGHT


def test_an_exercise_says_how_many_decimals_it_asks_for():
    two = asked(12.3456, decimals=2)
    assert [two.judge(one).state is State.RIGHT for one in (12.35, 12.346, 12.3456, 12.3, 12.34)] == [
        True, True, True, False, False
    ]  # fmt: skip
    assert "give 2 decimals" in two.judge(12.3).says
    assert asked(12.3456, decimals=0).judge(12).state is State.RIGHT


def test_a_slip_is_matched_exactly_or_in_the_digits_that_are_written():
    slips = {"to base 10": lambda: 0.30103, "percent": lambda: 0.75, "half": lambda: 0.5, "none": lambda: 0}
    loose = asked(0.6931, slips, tolerance=0.2)
    found = {
        0.30103: 0,
        0.301: 0,
        0.3: None,
        0.31: None,
        0.746: 1,
        0.75: 1,
        0.5: 2,
        0.45: None,
        0: 3,
        0.01: None,
    }
    assert {answer: loose.judge(answer).mistake for answer in found} == found
    assert loose.judge(0.8).state is State.RIGHT  # within its tolerance, and no slip
    assert loose.judge(0.75).state is State.NOT_YET  # a slip, though it lies in the tolerance of the truth


def test_two_slips_of_one_value_are_both_said():
    both = {"You forgot the first 2.": lambda: 1.5, "You forgot the second 2.": lambda: 1.5, "No.": lambda: 0}
    verdict = asked(2.5, both).judge(1.5)
    assert (
        verdict.says == "Either: You forgot the first 2. Or: You forgot the second 2."
        and verdict.mistake == 0
    )


def test_a_guess_gets_no_sentence_that_claims_to_know_how_it_came():
    slips = {"equal": lambda: 0.2, "mean": lambda: 0.844, "half": lambda: 0.5}
    guess = asked(0.7, slips, tolerance=0.05, about=True)
    assert [guess.judge(one).mistake for one in (0.2, 0.5, 0.84, 0.844)] == [None, None, None, 1]
    assert guess.judge(0.2).says == "0.2 is too small." and guess.judge(0.72).state is State.RIGHT
    assert asked(0.7, {}, about=True).judge(0.2).state is State.NOT_YET  # none needs to be known


def test_a_true_mistake_of_another_shape_is_named():
    slips = {"all": lambda: [[1, 2], [3, 4]], "one": lambda: 7, "other": lambda: 8}
    assert asked([1, 4], slips).judge([[1, 2], [3, 4]]).mistake == 0
    assert asked([1, 4], slips).judge("7").mistake is None and asked([1, 4], slips).judge(7).mistake == 1


def test_readings_are_few_and_quick_whatever_is_written():
    assert len(numerals.readings(list(range(1, 60)), np.zeros(30), True)) <= 2 * numerals.MOST
    assert numerals.readings("9" * 10_000, np.zeros(()), True) == []
    assert asked(3).judge(np.zeros(20_000_000)).says.startswith("Your answer is 20000000 numbers in a row")


# Letters -------------------------------------------------------------------------------------------------

OPTIONS = {
    "A fan that is GO": Right("Yes."),
    "An escape: with the customer": "No.",
    "none": "None?",
    "3": "Three?",
    "An escape and overkill": "Both?",
}


@pytest.mark.parametrize(
    ("answer", "letter"),
    [
        *[
            ("A", "A"),
            ("a", "A"),
            ("A.", "A"),
            ("(a)", "A"),
            ("Option A", "A"),
            ("answer: A", "A"),
            (["A"], "A"),
        ],
        *[
            ("A fan that is GO", "A"),
            ("A. A fan that is GO", "A"),
            ("a fan that is go.", "A"),
            ("a fan", "A"),
        ],
        *[
            ("An escape: with the customer", "B"),
            ("B. An escape: with the customer", "B"),
            ("B) an escape", "B"),
        ],
        *[("none", "C"), ("None.", "C"), ("3", "D"), (3, "D"), (3.0, "D"), ("D", "D"), (np.array("D"), "D")],
        *[
            ("an escape", None),
            ("A. none", None),
            ("AB", None),
            ("F", None),
            ("?", None),
            (None, None),
            (2, None),
        ],
    ],
    ids=repr,
)
def test_an_option_is_chosen_by_letter_or_by_its_text(answer, letter):
    choice = Choice("choice", options=OPTIONS, **COMMON)
    verdict = choice.judge(answer)
    if letter is None:
        assert "expected one letter from A to E" in verdict.says and verdict.form
    else:
        assert verdict == choice.judge(letter) and not verdict.form


def test_no_letter_is_read_out_of_a_text():
    assert named({"A": "black", "B": "white"}, "B") == "" and named({"A": "black"}, "") == ""


@pytest.mark.parametrize(
    "write",
    [
        lambda letters, lines: letters,
        lambda letters, lines: ", ".join(letters[:-1]) + " and " + letters[-1],
        lambda letters, lines: " -> ".join(letters).lower(),
        lambda letters, lines: "first " + ", then ".join(letters),
        lambda letters, lines: list(letters),
        lambda letters, lines: lines,
        lambda letters, lines: "\n".join(
            f"{letter}. {line}" for letter, line in zip(letters, lines, strict=True)
        ),
    ],
)
def test_lines_are_put_in_order_by_letters_or_by_their_texts(write):
    lines = ["open the file", "rotate it", "resize it"]
    rules = {(0, 1): "Open first.", (1, 2): "Rotate first.", (0, 2): "First open."}
    order = Order("order", lines=lines, rules=rules, **COMMON)
    assert order.judge(write(order.truth_text(), lines)).state is State.RIGHT
    assert order.judge(write(order.truth_text()[::-1], lines[::-1])).state is State.NOT_YET
    assert "There is no line N" in order.judge("A N B").says


# Predictions ---------------------------------------------------------------------------------------------


@pytest.fixture
def shown(monkeypatch):
    import IPython.display

    panels = []
    monkeypatch.setattr(IPython.display, "display", panels.append)
    return panels


@pytest.mark.parametrize(
    ("truth", "odd"),
    [
        ([4, 2, 1, 5], [4, 2, 1]),
        ([4, 2, 1, 5], [4, 2, 1, 5, 6]),
        ([4, 2, 1, 5], 3),
        ([896, 18496], [896, 18, 496]),
        (3, [1, 2]),
        (3, (1, 2, 3)),
        (0.5, (1, 2)),
        ([[1, 2], [3, 4]], [1, 2, 3, 4]),
        (3, "many"),
        (3, None),
        (3, float("nan")),
    ],
    ids=repr,
)
def test_a_prediction_of_another_form_is_turned_back_and_the_one_before_stands(truth, odd, shown):
    exercise = asked(truth, prediction=True)
    right = np.asarray(truth).tolist()
    exercise.predict(odd)
    assert str(shown[-1]).count("Nothing noted.") == 1 and "still say" not in str(shown[-1])
    exercise.predict(right)
    exercise.predict(odd)
    exercise.predict(...)
    assert f"You still say {exercise.answer_text(right)}." in str(shown[-2])
    exercise.reveal()
    assert shown[-1].state == "right"


def test_turning_back_tells_nothing_of_the_truth(shown):
    exercise = asked([896, 18496], prediction=True)
    for answer in ([896, 18, 496], [896, 18, 497]):
        exercise.predict(answer)
    assert str(shown[0]) == str(shown[1])
    number = asked(36928, prediction=True)
    number.predict((36, 992))
    assert "You say 36992." in str(shown[-1])


def test_an_order_with_lines_missing_is_no_prediction(shown):
    rules = {(0, 1): "1", (1, 2): "2", (0, 2): "3"}
    order = Order("order", lines=["a1", "b1", "c1"], rules=rules, prediction=True, **COMMON)
    order.predict("AB")
    assert "Nothing noted. 1 more of the lines must stand in it." in str(shown[-1])


# The first attempt ---------------------------------------------------------------------------------------


def fared(shown, *calls):
    from fanaoi_helpers.exercises import ledger

    before = len(ledger.records())
    for call in calls:
        call()
    found = outcomes.one_learners(ledger.records()[before:])
    return next(iter(found.values()))


def test_a_form_that_can_not_be_taken_costs_no_first_attempt(shown):
    exercise = asked([[4, 6], [14, 16]])
    right = [[4, 6], [14, 16]]

    def check(answer):
        return lambda: exercise.check(answer)

    for odd in ([4, 6, 14, 16], "many", [1, 2, 3], None, [[400, 600], [1400, 1600]]):
        assert fared(shown, check(odd), check(right)).first, odd
    assert not fared(shown, check([[4, 6], [14, 17]]), check(right)).first
    assert fared(shown, check("many")).state == "not yet"
    assert not fared(shown, exercise.solution, check("many"), check(right)).first


def test_a_prediction_that_was_changed_in_time_is_the_one_that_was_said(shown):
    exercise = asked(3, prediction=True)
    found = fared(shown, lambda: exercise.predict(4), lambda: exercise.predict(3), exercise.reveal)
    assert found.first and found.answers == (3,)
    assert fared(shown, lambda: exercise.predict(4), lambda: exercise.predict(3)).answers == (3,)


@pytest.mark.parametrize(
    ("name", "answer", "says"),
    [
        ("megabytes", "768 KB", "“KB” is no unit of the question"),
        ("turn_range", "72 radians", "“radians” is no unit"),
        ("photo_shape", [160, 160, 3, 1], "Your answer is 4 numbers in a row"),
        ("first_loss", "ln 2", "In Python ln is `np.log`"),
        ("diverge", 4, "That is a hundred times the right number."),
        ("digit_loss", 35.7, "That is a hundred times the right number."),
        ("cost_threshold", 1, "1 is too large."),
        ("steepest_sigmoid", 0.2, "0.2 is too small."),
        ("one_step", 2.49, "2.49 is too small."),
        ("one_step", -2, "Either: You used the loss itself"),
        ("underflow", 5e-324, "the smallest number above 0"),
        ("forward_passes", 5_347_715, "where you stand is not needed"),
        ("first_number", [2, 6, 7, 8, 12, 35], "lie under a plus"),
        ("dead_bias", -2.5, "the sum of all weights"),
    ],
)
def test_a_wrong_answer_gets_no_sentence_that_is_not_true_of_it(name, answer, says):
    every = {one.name: one for lesson in exercises.lessons() for one in lesson.exercises.values()}
    verdict = every[name].judge(answer)
    assert verdict.state is State.NOT_YET and says in verdict.says, verdict.says


@pytest.mark.parametrize(("name", "answer"), [("turn_range", "72°"), ("forward_passes", "5.35 million")])
def test_a_right_number_may_have_its_unit_behind_it(name, answer):
    every = {one.name: one for lesson in exercises.lessons() for one in lesson.exercises.values()}
    assert every[name].judge(answer).state is State.RIGHT
