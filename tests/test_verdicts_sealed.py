"""The sealed test counts its openings, whatever happens to its file."""

import json
import subprocess
import sys

import pytest

from fanaoi_helpers.errors import WorkbookError
from fanaoi_helpers.verdicts import SealedTest


def test_the_second_opening_is_counted_and_told(tmp_path):
    sealed = SealedTest(tmp_path / "run")
    assert sealed.openings == []
    first = sealed.open(0.4)
    assert (first.number, first.threshold, first.note) == (1, 0.4, "")
    assert str(first) == "The sealed test is opened for the first time, at the frozen threshold 0.400."
    second = SealedTest(tmp_path / "run").open(0.6, "repaired: größer\u2028Netz")
    assert second.number == 2 and second.note == "repaired: größer\u2028Netz"
    assert "This is opening 2 of the sealed test" in str(second) and "flatters" in str(second)
    assert sealed.openings == [first, second]
    assert first.at.endswith("+00:00") and first.at <= second.at


def test_damaged_lines_count_as_openings(tmp_path):
    sealed = SealedTest(tmp_path)
    sealed.open(0.4)
    with sealed.path.open("ab") as file:
        file.write(b'\n[1]\n{"id": "x", "at": "then", "note": ""}\n\xff\xfe{"id": "torn')
    opened = sealed.open(0.5)
    assert opened.number == 5 and opened.threshold == 0.5
    assert [one.threshold for one in sealed.openings] == [0.4, None, None, None, 0.5]
    sealed.path.write_bytes(b"nonsense\n")
    assert str(sealed.openings[0]) == "The sealed test is opened for the first time."


def test_openings_at_the_same_time_are_all_counted(tmp_path):
    code = (
        "import sys; from fanaoi_helpers.verdicts import SealedTest\n"
        "print([SealedTest(sys.argv[1]).open(0.5).number for _ in range(25)])"
    )
    at_work = [
        subprocess.Popen([sys.executable, "-c", code, str(tmp_path)], stdout=subprocess.PIPE, text=True)
        for _ in range(3)
    ]
    numbers = [json.loads(one.communicate(timeout=60)[0]) for one in at_work]
    assert len(SealedTest(tmp_path).openings) == 75
    assert sorted(sum(numbers, [])) == list(range(1, 76))


def test_what_can_not_be_counted_is_not_opened(tmp_path):
    (tmp_path / "run").write_text("a file")
    with pytest.raises(WorkbookError, match="could not be written"):
        SealedTest(tmp_path / "run").open(0.5)
    (tmp_path / "other" / "sealed_test.jsonl").mkdir(parents=True)
    with pytest.raises(WorkbookError, match=r"can't be read|could not be written"):
        SealedTest(tmp_path / "other").open(0.5)
    for threshold, note in ((1.5, ""), (None, ""), (0.5, "two\nlines"), (0.5, 3)):
        with pytest.raises(WorkbookError, match=r"threshold is|note is"):
            SealedTest(tmp_path / "third").open(threshold, note)
    assert not (tmp_path / "third").exists()
