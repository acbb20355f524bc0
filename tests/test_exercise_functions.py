"""Functions that are judged: which results are taken, what is said of others, and that nothing hangs."""

import os
import signal
import subprocess
import sys
import threading
import time
import warnings
import weakref

import numpy as np
import pytest

from fanaoi_helpers import files
from fanaoi_helpers.exercises import calling, results
from fanaoi_helpers.exercises.cases import size_of
from fanaoi_helpers.exercises.exercise import State
from fanaoi_helpers.exercises.function import CASES, Function

COMMON = {"asks": "?", "hints": ["look"], "why": "So it is.", "minutes": 1, "difficulty": 1, "shown": "f"}
posix = pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX")


def lists():
    """Draw a list of numbers and a factor."""
    from hypothesis import strategies as st

    return st.tuples(st.lists(st.integers(-50, 50), max_size=8), st.integers(0, 20))


def scaled(numbers, by):
    return sum(numbers) * by


SLIPS = {
    "The factor is missing.": lambda numbers, by: sum(numbers),
    "You took the largest.": lambda numbers, by: max(numbers) * by,
    "You scaled twice.": lambda numbers, by: sum(numbers) * by * by,
}


def declared(reference=scaled, cases=lists, mistakes=SLIPS, **more):
    return Function(
        "made", **{**COMMON, **more}, reference=reference, oracle=reference, cases=cases,
        mistakes=mistakes,
    )  # fmt: skip


@pytest.fixture(scope="module")
def sums():
    return declared()


def floats():
    """Draw the numbers of a few pictures."""
    from hypothesis import strategies as st
    from hypothesis.extra import numpy as hnp

    side = st.integers(1, 4)
    number = st.floats(-200, 200, allow_subnormal=False)
    pictures = st.tuples(side, side).flatmap(lambda shape: hnp.arrays(float, shape, elements=number))
    return st.tuples(pictures)


def root(x):
    return np.sqrt(np.abs(x) + 1)


def mean_root(x):
    return float(np.sqrt(np.abs(x) + 1).mean())


NO_SLIPS = {"a": lambda x: x + 1e9, "b": lambda x: x + 2e9, "c": lambda x: x + 3e9}


# Cases ---------------------------------------------------------------------------------------------------


def test_cases_are_many_and_the_same_each_time_and_small_ones_come_first():
    once, again = declared().drawn(), declared().drawn()
    assert once == again and len(once) >= CASES * 0.8
    assert len({str(case) for case in once}) > CASES / 2
    sizes = [size_of(case) for case in once]
    assert sizes == sorted(sizes) and len({len(numbers) for numbers, _ in once}) > 4


def test_another_interpreter_that_has_imported_more_draws_the_same():
    code = (
        "import sys\nsys.path.insert(0, 'tests')\n{}\nimport test_exercise_functions as t\n"
        "print(t.declared().drawn()[:40])"
    )
    said = [
        subprocess.run(
            [sys.executable, "-c", code.format(more)], capture_output=True, text=True, cwd=files.root()
        )
        for more in ("", "import lint, prose, exercise_trials")
    ]
    assert said[0].stdout and said[0].stdout == said[1].stdout, said[0].stderr
    assert said[0].stderr == said[1].stderr == ""


def test_drawing_leaves_no_file_and_says_nothing(tmp_path, monkeypatch, capfd):
    from hypothesis import strategies as st

    monkeypatch.chdir(tmp_path)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        exercise = declared(len_of := lambda text: len(text), lambda: st.tuples(st.text()), NO_SLIPS)
        assert exercise.judge(len_of).state is State.RIGHT
        assert exercise.judge(lambda text: len(text) + ("x" in text)).state is State.RIGHT  # never drawn
        assert exercise.judge(lambda text: min(len(text), 2)).state is State.NOT_YET
    assert list(tmp_path.rglob("*")) == [] and capfd.readouterr() == ("", "")


def test_a_right_answer_takes_well_under_a_second(sums):
    sums.drawn()
    begun = time.process_time()
    assert sums.judge(scaled).state is State.RIGHT
    assert time.process_time() - begun < 0.5


def test_corners_come_first():
    corner = ([7] * 30, 1)
    exercise = declared(corners=[corner])
    assert exercise.drawn()[0] == corner
    wrong = exercise.judge(lambda numbers, by: sum(numbers) * by if len(numbers) < 30 else 0)
    assert wrong.state is State.NOT_YET and "expected 210" in wrong.says


def test_a_corner_of_another_length_is_refused_when_it_is_declared():
    from fanaoi_helpers.errors import WorkbookError

    with pytest.raises(WorkbookError, match=r"must be a tuple of its arguments, \(numbers, by\)"):
        declared(corners=[([1, 2],)])


def test_what_is_shown_is_a_small_case_in_words(sums):
    def cut(numbers, by):
        return sum(numbers) * min(by, 7)

    says = sums.judge(cut).says
    assert says in (
        "For `numbers` = [1], `by` = 8: it returns 7; expected 8.",
        "For `numbers` = [-1], `by` = 8: it returns -7; expected -8.",
    )
    pictures = declared(root, floats, NO_SLIPS)
    assert pictures.judge(lambda x: x).says.startswith(
        "For `x` = [[0.0]]: it returns 0 at [0, 0]; expected 1."
    )


# Arguments that are changed --------------------------------------------------------------------------------


class Box:
    def __init__(self, held):
        self.held = held


@pytest.mark.parametrize(
    ("kept", "change"),
    [
        (lambda: [3, 1, 2], lambda kept: kept.sort()),
        (lambda: [3, 1, 2], lambda kept: kept.pop()),
        (lambda: [[3, 1], [2]], lambda kept: kept[0].reverse()),
        (lambda: ([3, 1], 2), lambda kept: kept[0].append(1)),
        (lambda: {"a": 1}, lambda kept: kept.update(b=2)),
        (lambda: {"a": [1]}, lambda kept: kept["a"].clear()),
        (lambda: {1, 2}, lambda kept: kept.discard(1)),
        (lambda: np.arange(3.0), lambda kept: kept.__setitem__(0, 9)),
        (lambda: np.array([np.nan, 1]), lambda kept: kept.sort()),
        (lambda: [np.zeros(2)], lambda kept: kept[0].__iadd__(1)),
        (lambda: Box([1]), lambda kept: setattr(kept, "held", 2)),
        (lambda: Box([1]), lambda kept: kept.held.append(2)),
        (lambda: bytearray(b"ab"), lambda kept: kept.clear()),
    ],
)
def test_an_argument_of_any_kind_must_stay_as_it_is(kept, change):
    from hypothesis import strategies as st

    def size(thing, n):
        return n

    def changes(thing, n):
        if n == 3:  # in some cases alone
            change(thing)
        return n

    exercise = declared(size, lambda: st.tuples(st.builds(kept), st.integers(0, 5)), NO_SLIPS)
    exercise.mistakes = {
        "a": lambda thing, n: n + 1,
        "b": lambda thing, n: n + 2,
        "c": lambda thing, n: n + 3,
    }
    assert exercise.judge(size).state is State.RIGHT
    says = exercise.judge(changes).says
    assert says == "The result is right, but your function changes its argument `thing`; work on a copy."
    assert exercise.judge(size).state is State.RIGHT  # what was changed was a copy


# Results in other forms ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "form",
    [
        lambda n: [n],
        lambda n: (n,),
        lambda n: np.array(n),
        lambda n: np.array([n]),
        lambda n: np.array([[n]]),
        lambda n: float(n),
        lambda n: np.float32(n),
        lambda n: {"sum": n}.values(),
    ],
)
def test_one_result_is_taken_in_any_wrapping(sums, form):
    assert sums.judge(lambda numbers, by: form(scaled(numbers, by))).state is State.RIGHT


def two(numbers, by):
    return len(numbers), by


@pytest.mark.parametrize(
    "form",
    [
        list,
        np.array,
        lambda pair: np.array(pair, dtype=float),
        lambda pair: {"a": pair[0], "b": pair[1]}.values(),
        lambda pair: (np.array(pair[0]), np.array([pair[1]])),
        lambda pair: [[pair[0]], pair[1]],
    ],
)
def test_two_results_are_taken_in_any_row(form):
    pair = declared(
        two, mistakes={"a": lambda n, b: (0, 0), "b": lambda n, b: (1, 1), "c": lambda n, b: (2, 2)}
    )
    assert pair.judge(lambda numbers, by: form(two(numbers, by))).state is State.RIGHT
    one = pair.judge(lambda numbers, by: form((len(numbers), by + 1)))
    assert "result 2: it returns" in one.says


@pytest.mark.parametrize(
    ("form", "says"),
    [
        (lambda pair: None, "it returns None; expected"),
        (lambda pair: pair[0], "it returns 1 result; expected 2."),
        (lambda pair: (*pair, 1), "it returns 3 results; expected 2."),
        (dict.fromkeys, "it returns a dict; expected its values alone, as a tuple or a list."),
        (lambda pair: (n for n in pair), "put list( ) around it"),
        (lambda pair: map(int, pair), "put list( ) around it"),
        (lambda pair: ("a", "b"), "Return a number, not text."),
    ],
)
def test_nothing_is_cut_off_what_is_said_of_a_result(form, says):
    pair = declared(
        two, mistakes={"a": lambda n, b: (0, 0), "b": lambda n, b: (1, 1), "c": lambda n, b: (2, 2)}
    )
    got = pair.judge(lambda numbers, by: form(two(numbers, by))).says
    assert says in got, got


def test_an_axis_of_one_too_many_is_taken_and_one_that_is_missing_is_not():
    pictures = declared(root, floats, NO_SLIPS)
    assert pictures.judge(lambda x: root(x)[..., None]).state is State.RIGHT
    assert pictures.judge(lambda x: root(x)[None]).state is State.RIGHT
    batch = declared(lambda x: root(x)[None], floats, NO_SLIPS)
    assert batch.judge(root).state is State.NOT_YET
    assert pictures.judge(lambda x: root(x).T).state is State.NOT_YET
    assert pictures.judge(np.ravel).state is State.NOT_YET


def test_true_and_false_stand_for_1_and_0_alone():
    exercise = declared(lambda x: (x > 0).astype(int), floats, NO_SLIPS)
    assert exercise.judge(lambda x: x > 0).state is State.RIGHT
    assert exercise.judge(lambda x: x >= 0).state is State.NOT_YET
    other = declared(lambda x: root(x) + 1, floats, NO_SLIPS)
    assert "it returns True or False; expected" in other.judge(lambda x: x > 0).says


def test_float32_is_precise_enough_and_hides_no_slip():
    def total(x):
        return (x * 0.1234567).sum(axis=0)

    exercise = declared(total, floats, NO_SLIPS)
    single = np.float32
    for answer in (
        lambda x: (x.astype(single) * single(0.1234567)).sum(axis=0),
        lambda x: (x.astype(single) * single(0.1234567)).sum(axis=0).astype(float),
        lambda x: [float(part) for part in (x.astype(single) * single(0.1234567)).sum(axis=0)],
    ):
        assert exercise.judge(answer).state is State.RIGHT
    for factor in (0.1235, 0.12346):
        assert (
            exercise.judge(lambda x, f=factor: (x.astype(single) * single(f)).sum(axis=0)).state
            is State.NOT_YET
        )


def test_a_whole_number_is_never_its_neighbor():
    from hypothesis import strategies as st

    exercise = declared(lambda n: n * 10**6, lambda: st.tuples(st.integers(1, 9)), NO_SLIPS)
    assert exercise.judge(lambda n: n * 10.0**6).state is State.RIGHT
    assert exercise.judge(lambda n: n * 10**6 + 1).state is State.NOT_YET


def test_small_results_are_not_zero():
    from hypothesis import strategies as st

    exercise = declared(lambda n: n * 1e-7, lambda: st.tuples(st.integers(1, 9)), NO_SLIPS)
    assert exercise.judge(lambda n: 0.0).state is State.NOT_YET
    assert exercise.judge(lambda n: n / 1e7).state is State.RIGHT


@pytest.mark.parametrize(("decimals", "right"), [(1, False), (2, False), (3, True), (4, True)])
def test_rounding_to_three_decimals_is_taken_and_coarser_is_named(decimals, right):
    verdict = declared(mean_root, floats, NO_SLIPS).judge(lambda x: round(mean_root(x), decimals))
    assert (verdict.state is State.RIGHT) == right
    assert right or f"rounded to {decimals} decimals: return the number as it is" in verdict.says
    asked = declared(mean_root, floats, NO_SLIPS, decimals=1)
    assert asked.judge(lambda x: round(mean_root(x), decimals)).state is State.RIGHT


def test_percent_is_named():
    exercise = declared(mean_root, floats, NO_SLIPS)
    assert "a hundred times the right number" in exercise.judge(lambda x: 100 * mean_root(x)).says
    assert "a hundredth of the right number" in exercise.judge(lambda x: mean_root(x) / 100).says


# Slips -----------------------------------------------------------------------------------------------------


def test_a_slip_is_told_by_its_sentence_and_two_by_both():
    slips = {**SLIPS, "The factor was left out.": lambda numbers, by: np.sum(numbers)}
    exercise = declared(mistakes=slips)
    assert exercise.judge(lambda numbers, by: max(numbers) * by).mistake == 1
    both = exercise.judge(lambda numbers, by: sum(numbers))
    assert both.says == "Either: The factor is missing. Or: The factor was left out." and both.mistake == 0


def test_parameters_in_another_order_are_named_as_that():
    def minus(first, later):
        return first - later

    def cases():
        from hypothesis import strategies as st

        return st.tuples(st.integers(-9, 9), st.integers(-9, 9))

    slips = {
        "The other way round.": lambda first, later: later - first,
        "a": lambda f, s: 99,
        "b": lambda f, s: 98,
    }
    exercise = declared(minus, cases, slips)
    swapped = exercise.judge(lambda later, first: first - later)
    assert swapped.says == (
        "Your function takes (later, first), but it is called with (first, later), in this order. "
        "With that, it is right."
    )
    assert "With that" not in exercise.judge(lambda later, first: 7).says
    assert exercise.judge(lambda first, later: later - first).says == "The other way round."
    own_names = exercise.judge(lambda b, a: a - b).says
    assert own_names.startswith(
        "Either: The other way round. Or: It would be right with its parameters in another"
    )
    alone = declared(minus, cases, {"a": lambda f, s: 97, "b": lambda f, s: 99, "c": lambda f, s: 98})
    assert alone.judge(lambda b, a: a - b).says.endswith("it is called with (first, later).")


# What is printed, and what would end or hang the kernel -------------------------------------------------


def test_print_in_place_of_return_is_named_and_shown_once(sums):
    verdict = sums.judge(lambda numbers, by: print(sum(numbers) * by))
    assert "it prints its result and returns None: write `return` in place of `print`." in verdict.says
    assert verdict.printed == "0\n"
    silent = sums.judge(lambda numbers, by: None)
    assert "Is a `return` missing" in silent.says and silent.printed == ""


def test_what_a_function_prints_is_shown_once_with_the_case_that_fails(sums, capsys):
    import IPython.display

    def loud(numbers, by):
        print("by is", by)
        print("and", file=sys.stderr)
        IPython.display.display(by)
        return sum(numbers) * min(by, 7)

    verdict = sums.judge(loud)
    assert verdict.printed.startswith("by is 8\nand\n") and "`by` = 8" in verdict.says
    assert capsys.readouterr() == ("", "")
    assert sums.judge(lambda numbers, by: print("x" * 10**6) or 1).printed.count("x") <= calling.PRINTED


def test_what_is_printed_stands_in_the_panel(sums, monkeypatch):
    import IPython.display

    panels = []
    monkeypatch.setattr(IPython.display, "display", panels.append)
    sums.check(lambda numbers, by: print("so far") or 1)
    assert str(panels[-1]).count("so far") == 1 and "It printed:" in str(panels[-1])


@pytest.mark.parametrize(
    "leave", ["exit()", "quit()", "sys.exit()", "raise SystemExit", "raise GeneratorExit"]
)
def test_leaving_ends_the_answer_and_nothing_else(sums, leave):
    names = {"sys": sys, "exit": exit, "quit": quit}
    exec(f"def leaves(numbers, by):\n    {leave}", names)
    typed = sys.stdin
    says = sums.judge(names["leaves"]).says
    assert ("exit( ), which ends a whole program" in says) == ("Generator" not in leave)
    assert sys.stdin is typed and not sys.stdin.closed


def test_ipythons_exit_does_not_end_the_kernel(sums):
    code = """
from ipykernel.zmqshell import ZMQInteractiveShell
shell = ZMQInteractiveShell.instance()
import sys
sys.path.insert(0, "tests")
import test_exercise_functions as t
from IPython.core.autocall import ZMQExitAutocall
leave = ZMQExitAutocall(ip=shell)
verdict = t.declared().judge(lambda numbers, by: leave())
print("which ends a whole program" in verdict.says, bool(shell.exit_now), type(shell.display_pub).__name__)
print("ask_exit" in vars(shell))
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=files.root())
    assert done.stdout.split("\n")[:2] == ["True False ZMQDisplayPublisher", "False"], done.stderr


def test_async_functions_and_generators_are_named_without_a_warning(sums):
    async def later(numbers, by):
        return 1

    def bit_by_bit(numbers, by):
        yield 1

    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert "begins with `async def`" in sums.judge(later).says
        assert "has a `yield`" in sums.judge(bit_by_bit).says
        assert "a coroutine" in sums.judge(lambda numbers, by: later(numbers, by)).says


def endless(numbers, by):
    while True:
        pass


@posix
def test_one_press_of_stop_ends_the_check(sums):
    calls = []

    def counted(numbers, by):
        calls.append(by)
        endless(numbers, by)

    presser = threading.Timer(0.5, os.kill, [os.getpid(), signal.SIGINT])
    presser.start()
    begun = time.monotonic()
    verdict = sums.judge(counted)
    presser.join()
    assert len(calls) == 1 and time.monotonic() - begun < 5
    assert verdict.says.startswith("You stopped it for `numbers` =") and "never ends?" in verdict.says


def sleeps(numbers, by):
    time.sleep(1000)


def swallows(numbers, by):
    for _ in range(3):
        try:
            endless(numbers, by)
        except BaseException:
            pass
    endless(numbers, by)


@posix
@pytest.mark.parametrize("slow", [endless, sleeps, swallows])
def test_an_answer_that_takes_too_long_is_told_so(sums, slow, monkeypatch):
    monkeypatch.setattr(calling, "SECONDS", 0.5)
    before = signal.getsignal(calling.SIGNAL)
    begun = time.monotonic()
    verdict = sums.judge(slow)
    assert "it takes more than 10 seconds. Is there a loop that never ends?" in verdict.says
    assert time.monotonic() - begun < 10 and verdict.state is State.NOT_YET
    assert signal.getsignal(calling.SIGNAL) == before
    assert sums.judge(scaled).state is State.RIGHT


def test_it_is_stopped_in_another_thread_too(sums, monkeypatch):
    monkeypatch.setattr(calling, "SECONDS", 0.5)
    found = []
    thread = threading.Thread(target=lambda: found.append((sums.judge(endless), sums.judge(scaled))))
    thread.start()
    thread.join(60)
    assert "more than 10 seconds" in found[0][0].says and found[0][1].state is State.RIGHT


def test_an_answer_that_takes_too_much_memory_is_told_so(sums, monkeypatch):
    monkeypatch.setattr(calling, "BYTES", 100_000_000)

    def grows(numbers, by):
        kept = []
        while True:
            kept.append(np.ones(300_000))
            time.sleep(0.001)

    verdict = sums.judge(grows)
    assert "it takes more than 1 GB of memory." in verdict.says
    assert sums.judge(scaled).state is State.RIGHT


def test_a_library_that_is_imported_does_not_count(sums, monkeypatch, tmp_path):
    monkeypatch.setattr(calling, "SECONDS", 1.0)
    for name in range(6):
        (tmp_path / f"slow_part_{name}.py").write_text("import time; time.sleep(0.4)")
    monkeypatch.syspath_prepend(tmp_path)

    def imports(numbers, by):
        for name in range(6):
            __import__(f"slow_part_{name}")
        return scaled(numbers, by)

    assert sums.judge(imports).state is State.RIGHT


def test_results_of_earlier_cases_are_not_kept():
    class Own(np.ndarray):
        pass

    alive, most = weakref.WeakSet(), []

    def answer(x):
        result = root(x).view(Own)
        alive.add(result)
        most.append(len(alive))
        return result

    Own.__hash__ = object.__hash__
    Own.__eq__ = lambda self, other: self is other
    assert declared(root, floats, NO_SLIPS).judge(answer).state in (State.RIGHT, State.NOT_YET)
    assert len(most) > 1 and max(most) <= 3


def test_a_slow_answer_is_tried_on_fewer_cases(monkeypatch):
    monkeypatch.setattr("fanaoi_helpers.exercises.function.ENOUGH", 0.1)
    calls = []

    def slow(numbers, by):
        calls.append(by)
        time.sleep(0.02)
        return scaled(numbers, by)

    assert declared().judge(slow).state is State.RIGHT and 12 <= len(calls) < 40


def test_an_answer_with_chance_in_it_is_told_so():
    import itertools

    count = itertools.count()
    verdict = declared().judge(lambda numbers, by: scaled(numbers, by) + (next(count) == 20))
    assert "Is there chance in it?" in verdict.says or "expected" in verdict.says


def test_an_argument_is_compared_whatever_it_is():
    assert not results.unlike(float("nan"), float("nan")) and results.unlike(1, 2)
    assert results.unlike(np.zeros(2), [0, 0]) and results.unlike({"a": 1, "b": 2}, {"b": 2, "a": 1})
