"""Notebook 00: it goes through at both ends of its parameters and on a machine that is not ready."""

import lesson
import pytest

from fanaoi_helpers import fans, machine, notebooks, verdicts
from fanaoi_helpers.errors import WorkbookError
from fanaoi_helpers.exercises import ledger

LOWEST = {"units": 2.0, "photo_size": 32.0, "seed": 0.0}
HIGHEST = {"units": 100, "photo_size": 512, "seed": 2**31 - 1}
READY = "Python, Keras and its backend are ready"


@pytest.fixture(scope="module")
def names():
    return lesson.execute("00", **LOWEST)


def test_it_goes_through_at_the_lower_end_of_its_parameters(names):
    assert {name: names[name] for name in LOWEST} == LOWEST
    assert all(type(names[name]) is int for name in LOWEST)
    assert lesson.claims(names["printed"]) == {READY: True}


def test_it_goes_through_at_the_upper_end_of_its_parameters():
    assert lesson.claims(lesson.execute("00", **HIGHEST)["printed"]) == {READY: True}


@pytest.mark.parametrize(
    ("name", "value"),
    [("units", 1), ("units", 101), ("units", 20.5), ("photo_size", 31), ("photo_size", 513), ("seed", -1),
     ("seed", 2**31), ("seed", "0")],
)  # fmt: skip
def test_what_makes_no_sense_is_refused_before_any_work(name, value):
    with pytest.raises(WorkbookError, match=name):
        lesson.execute("00", until="## Is my machine ready?", **{name: value})


def test_a_machine_that_is_not_ready_is_told_what_to_do_and_the_notebook_goes_on(monkeypatch):
    bad = [machine.Fact(name, "odd", False, "Mend it.") for name in ("Python", "Backend", "Disk")]
    monkeypatch.setattr(machine, "check", lambda ledger=None: bad)
    printed = lesson.execute("00", until="## How does a notebook work?")["printed"]
    assert lesson.claims(printed) == {READY: False}
    assert printed.endswith("Before notebook 01 do what the arrow says at Python and Backend\n")


def test_the_twelve_are_one_good_fan_and_each_defect_once(names):
    assert set(names["sizes"]) == set(fans.DEFECTS) and len(fans.DEFECTS) == 11


@pytest.mark.parametrize("seed", range(6))
def test_a_round_of_two_fans_goes_through_whatever_they_are(seed):
    names = lesson.execute("00", until="## How are mistakes counted?", units=2, photo_size=32, seed=seed)
    assert names["first"].words() == "0 of 2 fans judged"


def test_each_round_keeps_itself_when_all_cells_have_run_before(names, tmp_path, monkeypatch):
    monkeypatch.setenv("FANAOI_LEDGER", str(tmp_path / "ledger.jsonl"))
    monkeypatch.setenv("FANAOI_HEADLESS", "0")
    for judge, size in ((names["first"], 32), (names["second"], 80), (names["first"], 32)):
        judge.verdicts = ""
        assert judge.photographs.shape == (2, size, size, 3)
        judge.set_state({"started": 1.0, "seconds": 9.0, "verdicts": "GN"})  # as its page does
        assert "Kept: you meet it again" in judge.words()
        kept = ledger.kept("beat_the_machine")
        assert (kept["photo_size"], kept["seconds"]) == (size, 9.0)
        assert (kept["escapes"], kept["overkill"]) == (judge.result.escapes, judge.result.overkill)


def test_a_shift_of_go_is_right_by_99_percent_and_lets_every_ng_fan_out(names):
    lazy = names["lazy"]
    assert isinstance(lazy, verdicts.Verdicts)
    assert (lazy.escapes, lazy.overkill, lazy.accuracy) == (72, 0, 0.99)


def test_the_table_of_what_is_ahead_names_every_notebook():
    prose = "".join(cell["source"] for cell in notebooks.read(notebooks.find("00"))["cells"])
    assert all(path.name in prose for path in notebooks.paths() if path.name[:2] != "00")
