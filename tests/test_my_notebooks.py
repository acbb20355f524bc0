"""What a learner wrote is never lost: by no newer lesson, fresh copy, kill, full disk or other program."""

import copy
import errno
import json
import os
import random
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest

from fanaoi_helpers import __main__ as command
from fanaoi_helpers import files, learner, notebooks
from fanaoi_helpers.errors import WorkbookError
from fanaoi_helpers.learner import folding, keeping
from fanaoi_helpers.learner.merging import given, merged

BADGE = "[![Open in Colab](../assets/colab-badge.svg)](https://colab.research.google.com/x)"
# The program is killed before it gives the file that it writes as number ``at`` its name.
KILLED = """import os, signal, sys
from pathlib import Path
from fanaoi_helpers import __main__

at = int(sys.argv.pop(1))
real, count = Path.replace, 0
def replace(path, target):
    global count
    count += 1
    if count == at:
        os.kill(os.getpid(), signal.SIGKILL)
    return real(path, target)
Path.replace = replace
__main__.main(sys.argv[1:])
"""


def lesson(*sources, name="05_tiny"):
    """Return a lesson's JSON; each source is a cell with the id c0, c1 and so on."""
    notebook = nbformat.v4.new_notebook(metadata={"kernelspec": {"name": "python3", "display_name": "P"}})
    notebook.cells = [nbformat.v4.new_markdown_cell(f"# {name}\n\n{BADGE}", id="title")]
    for number, source in enumerate(sources):
        output = nbformat.v4.new_output("stream", text="the answer")
        notebook.cells.append(
            nbformat.v4.new_code_cell(source, id=f"c{number}", outputs=[output], execution_count=number + 1)
        )
    return notebook


@pytest.fixture
def place(tmp_path, monkeypatch):
    """A workbook of two lessons in ``notebooks``; the learner's are in ``my_notebooks`` beside it."""
    folder = tmp_path / "notebooks"
    folder.mkdir()
    for module in (notebooks, folding):
        monkeypatch.setattr(module, "notebooks_dir", lambda: folder)
    monkeypatch.setattr(files.places, "root", lambda: tmp_path)
    monkeypatch.setattr(files, "root", lambda: tmp_path)
    monkeypatch.delenv("FANAOI_NOTEBOOKS", raising=False)
    written(folder / "05_tiny.ipynb", lesson("my_a = ...", "b = 2", "c = 3"))
    written(folder / "06_other.ipynb", lesson("x = 1", name="06_other"))
    return tmp_path


def written(path, notebook):
    nbformat.write(notebook, path)
    return path


def sources(path):
    return [cell.source for cell in nbformat.read(path, as_version=4).cells[1:]]


def worked(path, *, source=None, at=0, run=False):
    """Do what a learner does in JupyterLab, and save as JupyterLab does."""
    notebook = nbformat.read(path, as_version=4)
    cell = notebook.cells[at + 1]
    if source is not None:
        cell.source = source
    if run:
        cell.outputs, cell.execution_count = [nbformat.v4.new_output("stream", text="mine")], 7
    notebook.metadata["language_info"] = {"name": "python", "version": "3.11.7"}
    nbformat.write(notebook, path)


def everything(place):
    """Return the text of all notebooks that the learner has, whatever they are called."""
    return "\n".join(path.read_text(encoding="utf-8") for path in (place / "my_notebooks").glob("*.ipynb"))


def test_copies_are_made_once_and_left_alone(place):
    assert learner.bring_up_to_date() == []
    mine = place / "my_notebooks" / "05_tiny.ipynb"
    assert sources(mine) == ["my_a = ...", "b = 2", "c = 3"] and "the answer" not in everything(place)
    assert BADGE in nbformat.read(mine, as_version=4).cells[0].source
    worked(mine, source="my_a = 42", run=True)
    before = {path: path.read_bytes() for path in mine.parent.iterdir()}
    assert learner.bring_up_to_date() == []
    assert {path: path.read_bytes() for path in mine.parent.iterdir()} == before


def test_a_newer_lesson_keeps_what_was_written(place):
    learner.bring_up_to_date()
    mine, other = (place / "my_notebooks" / name for name in ("05_tiny.ipynb", "06_other.ipynb"))
    worked(mine, source="my_a = 42", run=True)
    worked(mine, source="c = 3\nmine = True", at=2)
    was = mine.read_bytes()
    written(place / "notebooks" / "05_tiny.ipynb", lesson("my_a = ...", "b = 22", "c = 33", "d = 4"))
    written(place / "notebooks" / "06_other.ipynb", lesson("x = 11", name="06_other"))
    (told,) = learner.bring_up_to_date()
    assert sources(mine) == ["my_a = 42", "b = 22", "c = 33", "c = 3\nmine = True", "d = 4"]
    cells = nbformat.read(mine, as_version=4).cells
    nbformat.validate(nbformat.read(mine, as_version=4))
    assert cells[1].outputs[0].text == "mine" and cells[1].execution_count == 7
    assert sources(other) == ["x = 11"]  # nobody had worked in it: no word of it
    (kept,) = mine.parent.glob("05_tiny_20*.ipynb")
    assert kept.read_bytes() == was
    assert told == (
        "my_notebooks/05_tiny.ipynb is the newer lesson now, with all that you wrote; as it was it is "
        f"my_notebooks/{kept.name}."
    )
    assert learner.bring_up_to_date() == []


def test_what_was_only_run_is_kept_as_it_was(place):
    learner.bring_up_to_date()
    mine = place / "my_notebooks" / "05_tiny.ipynb"
    worked(mine, at=2, run=True)
    written(place / "notebooks" / "05_tiny.ipynb", lesson("my_a = ...", "b = 2", "c = 33"))
    assert len(learner.bring_up_to_date()) == 1 and sources(mine)[2] == "c = 33"
    assert len(list(mine.parent.glob("05_tiny_20*.ipynb"))) == 1 and '"mine"' in everything(place)


def test_a_notebook_that_was_not_made_here_is_left_alone(place):
    mine = place / "my_notebooks" / "05_tiny.ipynb"
    mine.parent.mkdir()
    written(mine, lesson("my_a = 1"))
    was = mine.read_bytes()
    assert learner.bring_up_to_date() == [] and mine.read_bytes() == was


@pytest.mark.parametrize("noted", ["text", {"c0": "x"}, [1], ["no-space"], None])
def test_odd_notes_in_a_copy_are_none(place, noted):
    assert given({"metadata": {"fanaoi": noted}, "cells": []}) is None


def test_whatever_is_edited_survives_every_newer_lesson():
    """Random edits on both sides: what the learner wrote is there, and all else is the lesson."""
    for seed in range(300):
        draw = random.Random(seed)
        old = {"cells": [cell(f"c{n}", f"lesson {n}") for n in range(8)], "metadata": {}}
        copied = copy.deepcopy(old)
        copied["metadata"] = {"fanaoi": learner.merging.fingerprints(old)}
        wrote, left = edit(copied["cells"], draw, "learner")
        new = copy.deepcopy(old)
        edit(new["cells"], draw, "teacher")
        result = merged(copied, new)["cells"]
        texts = [one["source"] for one in result]
        assert all(texts.count(text) == 1 for text in wrote), seed
        names = [one["id"] for one in result]
        assert len(set(names)) == len(names)
        for one in new["cells"]:
            if one["id"] in left or one["source"].startswith("teacher new"):
                assert texts.count(one["source"]) == 1, seed
        lesson_order = [text for text in texts if text in {one["source"] for one in new["cells"]}]
        assert lesson_order == [one["source"] for one in new["cells"] if one["source"] in lesson_order]


def test_where_everything_stands_in_a_newer_lesson():
    old = {"cells": [cell(name, name) for name in "abcdef"], "metadata": {}}
    mine = copy.deepcopy(old)
    mine["metadata"] = {"fanaoi": learner.merging.fingerprints(old)}
    a, b, c, d, _, f = mine["cells"]  # e was taken out
    for one, text in ((b, "my b"), (c, "better"), (d, "my d"), (f, "my f")):
        one["source"] = text
    first, own, after_d = cell("0", "first"), cell("1", "own"), cell("2", "after d")
    mine["cells"] = [first, a, b, own, c, d, after_d, f]
    new = {"cells": [cell(name, name) for name in "afbcegh"], "metadata": {}}  # d is gone, f has moved
    new["cells"][3]["source"] = "better"  # as the learner has it by now
    new["cells"][1]["source"] = "newer f"
    result = [one["source"] for one in merged(mine, new)["cells"]]
    assert result == ["first", "a", "newer f", "my f", "my b", "own", "better", "my d", "after d", "g", "h"]


def cell(name, source):
    return {"cell_type": "code", "id": name, "metadata": {}, "source": source, "outputs": []}


def edit(cells, draw, who):
    """Change, remove and add a few cells; return the texts that ``who`` wrote, and the ids left alone."""
    wrote, left = [], {one["id"] for one in cells}
    for number in range(draw.randint(0, 5)):
        at, what = draw.randrange(len(cells)), draw.choice(["change", "remove", "add", "double"])
        text = f"{who} new {number}" if what != "change" else f"{who} {number}"
        name = cells[at]["id"]
        if what == "change":
            if cells[at]["source"] in wrote:
                wrote.remove(cells[at]["source"])
            cells[at]["source"] = text
            left.discard(name)
            wrote.append(text)
        elif what == "remove":
            left.discard(name)
            if (gone := cells.pop(at)["source"]) in wrote:
                wrote.remove(gone)
        else:  # "double": as editors do that copy the id, too
            double = what == "double" and who == "learner"
            cells.insert(at + 1, cell(name if double else f"{who}{number}", text))
            wrote.append(text)
    return wrote, left


def test_a_fresh_copy_keeps_the_old_one(place, monkeypatch, capsys):
    assert learner.reset("05") == (place / "my_notebooks" / "05_tiny.ipynb", None)
    mine = place / "my_notebooks" / "05_tiny.ipynb"
    fresh = mine.read_bytes()
    assert learner.reset(mine) == (mine, None) and mine.read_bytes() == fresh
    monkeypatch.setattr(keeping.time, "strftime", lambda form: "2026-01-02_03-04-05")
    olds = []
    for answer in ("my_a = 1", "my_a = 2", "my_a = 3"):  # three times in one second
        worked(mine, source=answer)
        olds.append(mine.read_bytes())
        assert learner.reset(5)[1].read_bytes() == olds[-1] and mine.read_bytes() == fresh
    names = [f"05_tiny_2026-01-02_03-04-05{more}.ipynb" for more in ("", "_2", "_3")]
    assert [(mine.parent / name).read_bytes() for name in names] == olds
    worked(mine, source="my_a = 4")
    with pytest.raises(SystemExit) as end:
        command.main(["reset", "05", "06"])
    assert end.value.code == 0
    assert capsys.readouterr().out == (
        "my_notebooks/05_tiny.ipynb: fresh; yours is my_notebooks/05_tiny_2026-01-02_03-04-05_4.ipynb now\n"
        "my_notebooks/06_other.ipynb: fresh\n"
    )
    with pytest.raises(
        WorkbookError, match="is none of the workbook's notebooks; these are 05_tiny, 06_other"
    ):
        learner.reset(mine.parent / names[0])
    with pytest.raises(WorkbookError, match="There is no notebook '07'"):
        learner.reset("07")


def test_a_copy_that_is_no_notebook_any_more(place):
    learner.bring_up_to_date()
    mine = place / "my_notebooks" / "05_tiny.ipynb"
    mine.write_bytes(b'{"cells": [')
    assert learner.bring_up_to_date() == [
        "my_notebooks/05_tiny.ipynb can't be read as a notebook: python3 workbook.py reset 05 "
        "makes a fresh one and keeps it."
    ]
    assert mine.read_bytes() == b'{"cells": ['
    assert learner.reset("05")[1].read_bytes() == b'{"cells": ['


def test_elsewhere_no_link_leads_nowhere(place, monkeypatch, tmp_path):
    monkeypatch.setenv("FANAOI_NOTEBOOKS", str(tmp_path / "else where" / "fans"))
    learner.bring_up_to_date()
    mine = tmp_path / "else where" / "fans" / "05_tiny.ipynb"
    source = nbformat.read(mine, as_version=4).cells[0].source
    assert source == "# 05_tiny\n\n[Open in Colab](https://colab.research.google.com/x)"
    assert learner.bring_up_to_date() == [] and not (place / "my_notebooks").exists()


def started(place, *words, before=()):
    """Start the command on the workbook of ``place`` in a process of its own."""
    code = f"""import pathlib
from fanaoi_helpers import files, notebooks
from fanaoi_helpers.learner import folding
place = pathlib.Path({str(place)!r})
files.root = files.places.root = lambda: place
notebooks.notebooks_dir = folding.notebooks_dir = lambda: place / "notebooks"
"""
    return subprocess.Popen(
        [sys.executable, "-c", code + KILLED, *map(str, words)],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, **dict(before),
    )  # fmt: skip


@pytest.mark.parametrize("words", [("reset", "05"), ("copies",)])
@pytest.mark.parametrize("at", [1, 2])
def test_a_killed_command_loses_nothing(place, words, at):
    learner.bring_up_to_date()
    mine = place / "my_notebooks" / "05_tiny.ipynb"
    worked(mine, source="my_a = 42", run=True)
    was = mine.read_bytes()
    written(place / "notebooks" / "05_tiny.ipynb", lesson("my_a = ...", "b = 22", "c = 3"))
    killed = started(place, at, *words)
    assert killed.wait(60) == -9, killed.stderr.read()
    assert mine.read_bytes() == was
    again = started(place, 99, *words)
    assert again.wait(60) == 0, again.stderr.read()
    (kept,) = mine.parent.glob("05_tiny_20*.ipynb")  # one alone, whole
    assert kept.read_bytes() == was
    assert sources(mine) == ["my_a = ..." if words[0] == "reset" else "my_a = 42", "b = 22", "c = 3"]


@pytest.mark.skipif(os.name == "nt", reason="POSIX limits")
@pytest.mark.parametrize("words", [("reset", "05"), ("copies",)])
@pytest.mark.parametrize("most", [100, 3000])
def test_a_full_disk_changes_nothing(place, words, most):
    """The disk takes the first bytes of a file and no more."""
    import resource

    learner.bring_up_to_date()
    mine = place / "my_notebooks" / "05_tiny.ipynb"
    worked(mine, source=f"my_a = '{'long ' * 1000}'")
    written(place / "notebooks" / "05_tiny.ipynb", lesson("my_a = ...", "b = 22"))
    before = {path.name: path.read_bytes() for path in mine.parent.iterdir()}
    limit = {"preexec_fn": lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (most, most))}
    failed = started(place, 99, *words, before=limit)
    said = failed.communicate(timeout=60)[1]
    assert failed.returncode == 1 and said.count("\n") == 1 and "FANAOI_NOTEBOOKS" in said, said
    assert said.startswith("Your notebooks can't be kept in my_notebooks (File too large): make room there")
    assert {path.name: path.read_bytes() for path in mine.parent.iterdir()} == before


def test_many_at_once_lose_nothing(place):
    learner.bring_up_to_date()
    mine = place / "my_notebooks" / "05_tiny.ipynb"
    worked(mine, source="my_a = 42")
    written(place / "notebooks" / "05_tiny.ipynb", lesson("my_a = ...", "b = 22"))
    all_of_them = [started(place, 99, *words) for words in [("copies",), ("reset", "05"), ("copies",)]]
    for one in all_of_them:
        assert one.wait(100) == 0, one.stderr.read()
    assert "my_a = 42" in everything(place) and json.loads(mine.read_text(encoding="utf-8"))
    assert not list(mine.parent.glob(".*"))


def test_where_nothing_can_be_written_jupyterlab_opens_what_is_there(place, monkeypatch, capsys):
    opened = []
    from jupyterlab.labapp import LabApp

    monkeypatch.setattr(LabApp, "launch_instance", lambda words: opened.append(words))
    real = Path.replace
    full = OSError(errno.ENOSPC, "No space left on device")
    monkeypatch.setattr(Path, "replace", lambda *_: (_ for _ in ()).throw(full))
    said = (
        "Your notebooks can't be kept in my_notebooks (No space left on device): make room there, or choose"
    )
    for status in (1, 0):
        with pytest.raises(SystemExit) as end:
            command.main(["lab", "--no-browser", "--port", "9999"])
        assert end.value.code == status and len(opened) == 1 - status
        assert capsys.readouterr().err.startswith(said)
        with monkeypatch.context() as patch:
            patch.setattr(Path, "replace", real)
            learner.bring_up_to_date()
        written(place / "notebooks" / "05_tiny.ipynb", lesson("newer"))
    assert opened == [
        [f"--ServerApp.root_dir={place}", "--LabApp.default_url=/lab/tree/my_notebooks/05_tiny.ipynb",
         "--no-browser", "--port", "9999"]
    ]  # fmt: skip


def test_jupyterlab_opens_a_folder_elsewhere(place, monkeypatch, tmp_path):
    from jupyterlab.labapp import LabApp

    monkeypatch.setenv("FANAOI_NOTEBOOKS", str(tmp_path.parent / f"{tmp_path.name} else" / "my fans"))

    def launch(words):
        assert words == [
            f"--ServerApp.root_dir={tmp_path.parent / (tmp_path.name + ' else')}",
            "--LabApp.default_url=/lab/tree/my%20fans/05_tiny.ipynb",
        ]
        raise SystemExit(3)

    monkeypatch.setattr(LabApp, "launch_instance", launch)
    with pytest.raises(SystemExit) as end:
        command.main(["lab"])
    assert end.value.code == 3
