"""Files are written beside and renamed; what can't be written is told in a sentence."""

import sys

import pytest

from fanaoi_helpers import files
from fanaoi_helpers.errors import WorkbookError


def test_replacing_puts_the_whole_file_in_place(tmp_path):
    target = tmp_path / "deep" / "metrics.json"
    with files.replacing(target) as beside:
        beside.write_text("new", encoding="utf-8")
        assert beside.suffix == ".json"
        assert not target.exists()
    assert target.read_text(encoding="utf-8") == "new"
    assert list(target.parent.iterdir()) == [target]


def test_replacing_keeps_the_old_file_when_writing_fails(tmp_path):
    target = tmp_path / "metrics.json"
    target.write_text("old", encoding="utf-8")
    with pytest.raises(RuntimeError), files.replacing(target) as beside:
        beside.write_text("half", encoding="utf-8")
        raise RuntimeError
    assert target.read_text(encoding="utf-8") == "old"
    assert list(tmp_path.iterdir()) == [target]


def test_a_file_in_the_place_of_a_folder_is_told(tmp_path):
    (tmp_path / "taken").write_text("", encoding="utf-8")
    with pytest.raises(WorkbookError, match="taken/metrics.json could not be written"):
        with files.replacing(tmp_path / "taken" / "metrics.json"):
            pass


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no umask")
def test_the_written_file_has_ordinary_permissions(tmp_path):
    with files.replacing(tmp_path / "a.txt") as beside:
        beside.write_text("", encoding="utf-8")
    (tmp_path / "b.txt").write_text("", encoding="utf-8")
    assert (tmp_path / "a.txt").stat().st_mode == (tmp_path / "b.txt").stat().st_mode


def test_runs_go_where_the_environment_says(tmp_path, monkeypatch):
    monkeypatch.setenv("FANAOI_RUNS", str(tmp_path))
    assert files.runs_dir() == tmp_path.resolve()
    monkeypatch.delenv("FANAOI_RUNS")
    assert files.runs_dir() == files.root() / "runs"


def test_paths_in_the_workbook_are_shown_from_its_folder():
    assert files.shown(files.root() / "notebooks" / "x.ipynb") == "notebooks/x.ipynb"


def test_a_writable_folder_is_made_and_left_empty(tmp_path):
    folder = files.writable_folder(tmp_path / "a" / "b")
    assert list(folder.iterdir()) == []
    (tmp_path / "file").write_text("", encoding="utf-8")
    with pytest.raises(WorkbookError, match="could not be written"):
        files.writable_folder(tmp_path / "file")
