"""A lesson's change can be read, and a sentence of it changed, without opening a notebook."""

import os
import subprocess
import sys

import nbformat
import pytest
from nbformat import v4
from test_runs import BADGE, make

from fanaoi_helpers import __main__ as command
from fanaoi_helpers import notebooks, runs
from fanaoi_helpers.errors import WorkbookError
from fanaoi_helpers.runs import reviewing

PIXEL = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAQAAAC1HAwCAAAAC0lEQVR42mNk+A8AAQUBAScY42YAAAAASUVORK5CYII="


def git(folder, *words):
    who = {f"GIT_{role}_{what}": "a@b.c" for role in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}
    subprocess.run(["git", *words], cwd=folder, check=True, capture_output=True, env=os.environ | who)


@pytest.fixture
def lessons(tmp_path, monkeypatch):
    """Give the notebooks of a small workbook in a clone of its own, with one commit; return the first."""
    folder = tmp_path / "notebooks"
    folder.mkdir()
    cells = [
        (f"# Tiny lesson\n\n{BADGE} · 5 minutes", "markdown"),
        ("", "setup"),
        ("a = 1  # 0 to 9: it", "parameters"),
    ]
    path = make(folder / "05_tiny.ipynb", *cells, ("Half of them.", "markdown"), ("print(a)", ""))
    monkeypatch.setattr(notebooks, "notebooks_dir", lambda: folder)
    monkeypatch.chdir(tmp_path)
    runs.store(path)
    git(tmp_path, "init", "-q")
    git(tmp_path, "add", ".")
    git(tmp_path, "commit", "-q", "-m", "first")
    return path


def fanaoi(capsys, *words):
    with pytest.raises(SystemExit) as stopped:
        command.main([str(word) for word in words])
    return stopped.value.code or 0, *capsys.readouterr()


def changed(path, change):
    notebook = nbformat.read(path, as_version=4)
    change(notebook.cells)
    nbformat.write(notebook, path)


def lines(capsys, *words):
    """Return what a diff takes off and puts in, without its head."""
    status, out, err = fanaoi(capsys, "diff", "05", *words)
    assert (status, err) == (0, "") and out.startswith("--- 05_tiny.ipynb as of ")
    return [line for line in out.splitlines()[2:] if line.startswith(("-", "+"))]


def test_a_notebook_that_is_as_it_was(lessons, capsys):
    assert fanaoi(capsys, "diff", "05") == (0, "05_tiny.ipynb is as in HEAD.\n", "")
    changed(lessons, lambda cells: cells[4].update(execution_count=77))
    assert fanaoi(capsys, "diff", "05")[1] == "05_tiny.ipynb is as in HEAD.\n", "nobody reads that"


def test_a_changed_sentence_parameter_and_output_are_lines(lessons, capsys):
    def change(cells):
        cells[2].source = "a = 2  # 0 to 9: it"
        cells[3].source = "A third of them."
        cells[4].outputs[0].text = "2\n"

    changed(lessons, change)
    wanted = [
        "-a = 1  # 0 to 9: it",
        "+a = 2  # 0 to 9: it",
        "-# Half of them.",
        "+# A third of them.",
        "-# 1",
        "+# 2",
    ]
    assert lines(capsys) == wanted
    git(lessons.parent, "commit", "-q", "-a", "-m", "second")
    assert fanaoi(capsys, "diff", "05")[1].endswith("as in HEAD.\n")
    assert lines(capsys, "HEAD~1") == wanted


def test_a_picture_is_told_by_its_size_and_hash(lessons, capsys):
    data = {"image/png": PIXEL, "text/plain": "<Figure>", "text/html": "<b>a</b>"}
    changed(lessons, lambda cells: cells[4].outputs.append(v4.new_output("display_data", data)))
    new = lines(capsys)
    assert new[0] == "+# <Figure>" and new[1].startswith("+# (text/html, 8 bytes, SHA-256 ")
    assert new[2].startswith("+# (image/png, 68 bytes, SHA-256 ") and len(new) == 3
    git(lessons.parent, "commit", "-q", "-a", "-m", "second")
    changed(
        lessons, lambda cells: cells[4].outputs[1].data.update({"image/png": PIXEL.replace("HAw", "HBw")})
    )
    assert [line[:30] for line in lines(capsys)] == [
        "-# (image/png, 68 bytes, SHA-2",
        "+# (image/png, 68 bytes, SHA-2",
    ]


# The names are short: pytest tells each to the programs that a test starts.
@pytest.mark.parametrize(
    "revision",
    ["nowhere", "--help", "-p", "", "a\0b", "x" * 300_000, "HEAD:notebooks"],
    ids=["unknown", "an option", "a short option", "empty", "a zero", "long", "a folder"],
)
def test_a_commit_that_is_none(lessons, revision):
    if revision == "":
        assert reviewing.difference(lessons, "") == "", "git's index"
        return
    with pytest.raises(WorkbookError, match=r"05_tiny\.ipynb as of '") as refused:
        reviewing.difference(lessons, revision)
    assert len(str(refused.value)) < 500


def test_outside_of_a_clone_or_without_git_or_jupytext(lessons, tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("GIT_DIR", str(tmp_path / "none"))
    status, out, err = fanaoi(capsys, "diff", "05")
    assert (status, out) == (1, "") and "not a git repository" in err and err.count("\n") == 1
    monkeypatch.setenv("PATH", str(tmp_path))
    assert (
        fanaoi(capsys, "diff", "05")[2]
        == "git, which knows what the notebook was before, is not installed here.\n"
    )
    monkeypatch.setitem(sys.modules, "jupytext", None)
    for words in (["text", "05", "lesson.py"], ["store", "05", "--from", "lesson.py"]):
        status, out, err = fanaoi(capsys, *words)
        assert (status, out) == (1, "") and 'pip install "jupytext' in err and err.count("\n") == 1
    assert not (tmp_path / "lesson.py").exists()


def test_a_sentence_is_changed_without_a_run(lessons, capsys, monkeypatch):
    assert fanaoi(capsys, "text", "05", "lesson.py")[0] == 0
    lesson = lessons.parents[1] / "lesson.py"
    text = lesson.read_text(encoding="utf-8")
    assert text.startswith("# %% [markdown]\n# # Tiny lesson\n") and '# %% tags=["parameters"]\na = 1' in text
    before = nbformat.read(lessons, as_version=4)
    lesson.write_text(text.replace("Half of", "All of"), encoding="utf-8")
    monkeypatch.setattr(runs.storing, "_play", lambda *_: pytest.fail("nothing but prose has changed"))
    assert fanaoi(capsys, "store", "05", "--from", "lesson.py")[0] == 0
    assert lines(capsys) == ["-# Half of them.", "+# All of them."]
    after = nbformat.read(lessons, as_version=4)
    before.cells[3].source = "All of them."
    assert after == before


def test_changed_code_is_executed(lessons, capsys):
    fanaoi(capsys, "text", "05", "lesson.py")
    lesson = lessons.parents[1] / "lesson.py"
    text = lesson.read_text(encoding="utf-8").replace("a = 1 ", "a = 3 ")
    lesson.write_text(text + "\n# %%\nprint(2 * a)\n", encoding="utf-8")
    assert fanaoi(capsys, "store", "05", "--from", "lesson.py")[0] == 0
    cells = nbformat.read(lessons, as_version=4).cells
    assert [cell.outputs[0].text for cell in cells[4:]] == ["3\n", "6\n"]
    assert [cell.id for cell in cells[:5]] == [f"cell{number}" for number in range(5)]


def test_what_is_there_already_is_kept_and_what_is_no_lesson_is_refused(lessons, capsys):
    mine = lessons.parents[1] / "mine.py"
    mine.write_bytes(b"\xff mine")
    assert (
        fanaoi(capsys, "text", "05", "mine.py")[2]
        == "'mine.py' is there already: give the name of a new file.\n"
    )
    assert mine.read_bytes() == b"\xff mine"
    stored = lessons.read_bytes()
    for name in ("mine.py", "nowhere.py", "notebooks"):
        status, _, err = fanaoi(capsys, "store", "05", "--from", name)
        assert status == 1 and f"{name} can't be read as a lesson" in err
    (lessons.parents[1] / "empty.py").write_text("", encoding="utf-8")
    assert "(it is empty)" in fanaoi(capsys, "store", "05", "--from", "empty.py")[2]
    assert lessons.read_bytes() == stored
    assert fanaoi(capsys, "store", "05", "05", "--from", "mine.py")[0] == 2
