"""What tries the exercises finds what is wrong with them: on small exercises with a fault each."""

import json

import answer_styles
import exercise_trials
import numpy as np
import pytest
import source_mutants
import wrong_values
from hypothesis import strategies as st

from fanaoi_helpers.exercises import results
from fanaoi_helpers.exercises.function import Function
from fanaoi_helpers.exercises.value import Value

COMMON = {"asks": "?", "hints": ["look"], "why": "So it is.", "minutes": 1, "difficulty": 1}


def pairs(most=8):
    """Draw a list of numbers and a factor."""
    return st.tuples(st.lists(st.integers(1, 8), min_size=1, max_size=5), st.integers(1, most))


def scaled(numbers, by):
    return sum(numbers) * by


SLIPS = {
    "One is missing.": lambda numbers, by: sum(numbers[1:]) * by,
    "That is not scaled.": lambda numbers, by: sum(numbers),
    "That is scaled twice.": lambda numbers, by: sum(numbers) * by**2,
}


def declared_value(**other):
    slips = {"Too few.": lambda: 900, "Too many.": lambda: 1500, "Far too many.": lambda: 3000}
    declared = {"reference": lambda: 1200, "shown": "1200", "mistakes": slips}
    return Value("made", **{**COMMON, **declared, **other})


def declared_function(**other):
    shown = "def scaled(numbers, by):\n    return sum(numbers) * by"
    declared = {"reference": scaled, "oracle": scaled, "shown": shown, "cases": pairs, "mistakes": SLIPS}
    return Function("made", **{**COMMON, **declared, **other})


def found(kind, exercise):
    return exercise_trials.faults(exercise_trials.trials(exercise)).get(kind, {})


def test_a_value_that_takes_wrong_numbers_is_found():
    assert found("wrong", declared_value()) == {}
    assert {"5 % more", "5 % less"} <= found("wrong", declared_value(tolerance=0.1)).keys()


def test_slips_that_are_told_wrongly_are_found(monkeypatch):
    assert found("name", declared_value()) == {}
    with monkeypatch.context() as loose:  # as if a slip were matched with the tolerance of the truth
        loose.setattr(Value, "_is_slip", Value._near)
        near = found("name", declared_value(tolerance=0.04))
    assert {"slip 0 3 % more", "slip 1 3 % less", "slip 2 3 % more"} <= near.keys()
    right = {"Too few.": lambda: 900, "Too many.": lambda: 1200, "Far too many.": lambda: 3000}
    assert "slip 1: Too many." in found("name", declared_value(mistakes=right))
    alone = {"Too few.": lambda: 0.123456, "Too many.": lambda: 1500, "Far too many.": lambda: 3000}
    assert found("name", declared_value(mistakes=alone)) == {}
    monkeypatch.setattr(Value, "_slip_in_digits", lambda self, got, wrong: False)
    assert "slip 0 rounded" in found("name", declared_value(mistakes=alone))


def test_a_function_whose_cases_leave_a_hole_is_found():
    sound = declared_function()
    in_place = {what for what in found("wrong", sound) if what.startswith(("numbers.", "numbers[0]"))}
    assert found("wrong", sound).keys() - in_place == {"numbers = numbers[::-1]"}  # a sum has no order
    blind = declared_function(cases=lambda: pairs(most=1))
    assert {"return sum(numbers)", "return sum(numbers) / by", "by = 1"} <= found("wrong", blind).keys()


def test_the_style_that_is_refused_is_found(monkeypatch):
    assert found("style", declared_value(asks="How many?")).keys() <= {"7,200"}

    def tiny(numbers, by):
        return np.float64(sum(numbers) / by / 3)

    # As if nobody calculated in float32, and no rounding was allowed.
    monkeypatch.setattr(results, "SINGLE", 0)
    monkeypatch.setattr(Function, "_rounds_enough", lambda *_: False)
    strict = declared_function(reference=tiny, oracle=tiny, tolerance=1e-30)
    assert "returns float32" in found("style", strict)


def test_mutants_change_one_thing_each():
    source = "def f(a, b):\n    for n in range(a):\n        b += n\n    return b"
    changed = dict(source_mutants.from_source(source, {}, ["a = 1"]))
    assert {
        "for n in list(range(a))[1:]:",
        "b -= n",
        "without b += n",
        "return -b",
        "a = 1",
    } <= changed.keys()
    assert changed["b -= n"](3, 0) == -3 and changed["a = 1"](3, 5) == 5
    assert source not in changed and len(changed) >= 8


def test_a_parameter_that_the_truth_does_not_need_may_be_ignored():
    heads = list(source_mutants.heads("def f(a, b):\n    return a", ["a", "b"], [(1, 2), (3, 2)]))
    assert "a = b" in heads and not [head for head in heads if head.startswith("b =")]


@pytest.mark.parametrize("value", [[2, 1, 3], np.array([[2.0, 1.0], [4.0, 5.0]])])
def test_arguments_are_changed_after_the_right_result(value):
    ways = dict(source_mutants.in_place(lambda x: np.sum(x), ["x"], [(value,)]))
    assert len(ways) >= 4
    for way, function in ways.items():
        given = value.copy()
        assert function(given) == np.sum(value)
        assert not np.array_equal(given, value), way


def test_rounding_follows_the_question():
    assert answer_styles.digits_shown("Give two decimals.", np.array(0.123456)) == 2
    assert answer_styles.digits_shown("How many?", np.array(0.123456)) == 4
    assert answer_styles.digits_shown("How many?", np.array(0.3525)) is None
    assert wrong_values.near(np.array(0.353), np.array(0.3525))


def test_what_is_stored_is_what_is_told(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(exercise_trials, "KNOWN", tmp_path / "known.json")
    monkeypatch.setattr(exercise_trials, "known_today", dict)
    lenient = declared_value(tolerance=0.1)
    exercise_trials.stored(exercise_trials.trials(lenient))
    listed = json.loads((tmp_path / "known.json").read_text("utf-8"))["-made"]
    assert listed["wrong"] == sorted(found("wrong", lenient))
    lines = exercise_trials.table(exercise_trials.trials(lenient)).split("\n")
    assert len(lines) == 3 and lines[1].split()[1:] == lines[2].split()[1:]
    assert int(lines[2].split()[7]) == len(listed["wrong"])
