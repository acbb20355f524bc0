"""The instructor's guide: its minutes are the notebooks', its commands and calls exist."""

import re

import pytest

from fanaoi_helpers import __main__ as command
from fanaoi_helpers import files, runs
from fanaoi_helpers.exercises import ledger
from fanaoi_helpers.exercises.engine.exercise import Exercise

GUIDE = (files.root() / "docs" / "instructor_guide.md").read_text(encoding="utf-8")
TIMETABLE = re.findall(r"^\| (\d) \| \[(\d\d) [^\]]+\]\([^)]+\) \| (\d+) \|$", GUIDE, re.MULTILINE)


def test_the_timetable_holds_every_notebook_with_its_minutes():
    minutes = {path.stem[:2]: runs.title(path)[1] for path in runs.notebooks()}
    assert {number: int(stated) for _, number, stated in TIMETABLE} == {
        number: int(stated) for number, stated in minutes.items()
    }


def test_the_days_add_up():
    minutes = {number: int(stated) for _, number, stated in TIMETABLE}
    days = [sum(int(stated) for day, _, stated in TIMETABLE if day == wanted) for wanted in "12"]
    assert f"Day 1 takes {days[0]} minutes and day 2 takes {days[1]}" in GUIDE
    short = re.search(r"single day do ([\d, and]+):\s+(\d+) minutes", GUIDE)
    assert sum(minutes[number] for number in re.findall(r"\d\d", short[1])) == int(short[2])


@pytest.mark.parametrize("line", sorted(set(re.findall(r"python3 workbook\.py ?([^`\n]*)", GUIDE))))
def test_a_command_exists(line):
    name, *words = line.split() or ["lab"]
    if name != "lab":
        known = {option for parameter in command.fanaoi.commands[name].params for option in parameter.opts}
        assert {word for word in words if word.startswith("-")} <= known


def test_the_calls_exist():
    of_ledger = re.findall(r"ledger\.(\w+)\(", GUIDE)
    of_exercise = re.findall(r"`(?:ex\.share)?\.(\w+)\(", GUIDE)
    assert set(of_ledger) == {"set_name", "path"} and len(of_exercise) >= 4
    assert all(callable(getattr(ledger, call)) for call in of_ledger)
    assert all(callable(getattr(Exercise, call)) for call in of_exercise)
