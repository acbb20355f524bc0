"""The instructor's guide, and the README's table: the notebooks' minutes, commands and calls that exist."""

import re

import pytest

from fanaoi_helpers import __main__ as command
from fanaoi_helpers import files, notebooks, parameters
from fanaoi_helpers.exercises import ledger
from fanaoi_helpers.exercises.exercise import Exercise

GUIDE = (files.root() / "docs" / "instructor_guide.md").read_text(encoding="utf-8")
TIMETABLE = re.findall(r"^\| (\d) \| \[(\d\d) [^\]]+\]\([^)]+\) \| (\d+) \|$", GUIDE, re.MULTILINE)


def test_the_timetable_holds_every_notebook_with_its_minutes():
    minutes = {path.stem[:2]: notebooks.title(path)[1] for path in notebooks.paths()}
    assert {number: int(stated) for _, number, stated in TIMETABLE} == {
        number: int(stated) for number, stated in minutes.items()
    }


def test_the_readme_lists_every_notebook_with_its_title_and_minutes():
    readme = (files.root() / "README.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| \[(\d\d .+?)\]\(notebooks/(.+?)\) \| .+\? \| (\d+) \|$", readme, re.MULTILINE)
    wanted = []
    for path in notebooks.paths():
        name, minutes = notebooks.title(path)
        wanted.append((f"{path.stem[:2]} {name}", path.name, minutes))
    assert rows == wanted


def test_the_days_add_up():
    minutes = {number: int(stated) for _, number, stated in TIMETABLE}
    days = [sum(int(stated) for day, _, stated in TIMETABLE if day == wanted) for wanted in "123"]
    assert sum(days) == sum(minutes.values())
    assert f"day 1 takes {days[0]} minutes, day 2 takes {days[1]} and day 3 takes {days[2]}." in GUIDE
    shorter = re.findall(r"\bdo ([\d, and]+):\s+(\d+) minutes", GUIDE)
    assert len(shorter) == 2
    for numbers, stated in shorter:
        assert sum(minutes[number] for number in re.findall(r"\d\d", numbers)) == int(stated)


def test_the_asides_of_05_take_what_its_head_says():
    head = notebooks.read(notebooks.find("05"))["cells"][0]["source"]
    asides = re.search(r"(\d+) more for the asides", head)[1]
    assert f"The asides at the end of 05 are {asides} minutes more" in GUIDE


def test_what_may_be_lowered_is_there_to_be_lowered():
    lowered = dict(re.findall(r"^\| (\d\d) \| (`[^|]+`) \|", GUIDE, re.MULTILINE))
    assert lowered.keys() == {"05", "06", "07", "08"}
    said = {number: set(re.findall(r"`(\w+)`", names)) for number, names in lowered.items()}
    for number, names in {**said, "07 ": {"try_network", "full_recipe"}, "08 ": {"seed"}}.items():
        assert names <= parameters.declared(notebooks.find(number.strip())).keys(), number


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
