"""What a learner opens shows nothing before it is run; what teaches nothing, or would tell, is folded."""

import json

import nbformat
import pytest

from fanaoi_helpers import files, learner, notebooks, parameters
from fanaoi_helpers.learner import folding

SOURCES = {
    "setup": "import sys",
    "parameters": "epochs = 5  # 1 to 9: times",
    "imports": "import numpy as np",
    "check": 'settings = check_parameters("05", globals())\nready = True',
    "later": "import tensorflow as tf",
    "magic": "%%time\n4 * 4",
    "telling": "print(2 + 2)",
    "varies": "epochs * 2",
    "claim": "print('more than 2 fans: True')\nprint('fewer than 9: False')",
    "longer": "epochs" + "\nepochs" * 8,
    "varies-again": "epochs * 3",
    "asks": "my_fans = ...\nex.fans.check(my_fans)",
    "varies-at-last": "epochs * 4",
    "pictured": "draw(epochs)",
}
TAGS = {"setup": ["setup"], "parameters": ["parameters"], "magic": ["answer"], "telling": ["answer"]}
TAGS |= {name: ["nbval-ignore-output"] for name in SOURCES if name.startswith("varies")}
CLAIMS = ("telling", "claim", "longer", "asks", "pictured")  # what they print
UNFOLDED = ("later", "varies", "longer", "varies-again", "asks", "varies-at-last", "pictured")


@pytest.fixture
def lesson(tmp_path, monkeypatch):
    """A workbook's notebook with something of everything, stored with its outputs."""
    folder = tmp_path / "notebooks"
    folder.mkdir()
    notebook = nbformat.v4.new_notebook()
    notebook.cells = [nbformat.v4.new_markdown_cell("# Tiny", id="title")]
    for count, (name, source) in enumerate(SOURCES.items(), 1):
        text = "more than 2 fans: True\nfewer than 9: False\n" if name in CLAIMS else f"output of {name}"
        shown = [nbformat.v4.new_output("stream", text=text)]
        if name == "pictured":
            shown += [nbformat.v4.new_output("display_data", data={"image/png": "AAAA"})]
        cell = nbformat.v4.new_code_cell(source, id=name, execution_count=count, outputs=shown)
        cell.metadata = nbformat.from_dict({"tags": TAGS[name]} if name in TAGS else {})
        notebook.cells.append(cell)
    nbformat.write(notebook, folder / "05_tiny.ipynb")
    monkeypatch.setattr(notebooks, "notebooks_dir", lambda: folder)
    monkeypatch.setattr(folding, "notebooks_dir", lambda: folder)
    return folder / "05_tiny.ipynb"


def test_nothing_is_shown_and_plumbing_is_folded(lesson):
    stored = lesson.read_bytes()
    cells = {cell["id"]: cell for cell in learner.opened(lesson)["cells"]}
    assert "output of" not in json.dumps(list(cells.values())) and len(cells) == len(SOURCES) + 1
    first = {name: cells[name]["source"].split("\n")[0] for name in SOURCES}
    assert first == {
        "setup": "# @title Setup",
        "parameters": "# @title Parameters",
        "imports": "# @title Imports",
        "check": "# @title Imports",
        "magic": "%%time",
        "telling": "# @title Run this; look at its code afterwards",
        "claim": "# @title Does it hold? Run this",
    } | {name: SOURCES[name].split("\n")[0] for name in UNFOLDED}
    for name, source in SOURCES.items():
        folded = name not in UNFOLDED
        titled = first[name].startswith("# @title ")
        assert cells[name]["source"] == (first[name] + "\n") * titled + source
        assert cells[name]["metadata"].get("cellView") == ("form" if folded else None)  # Colab
        assert cells[name]["metadata"].get("jupyter") == ({"source_hidden": True} if folded else None)
        assert cells[name]["metadata"].get("tags", []) == TAGS.get(name, [])
        assert cells[name]["outputs"] == [] and cells[name]["execution_count"] is None
    assert lesson.read_bytes() == stored
    assert parameters.parsed(cells["parameters"]["source"]) == parameters.parsed(SOURCES["parameters"])


def test_what_colab_opens_is_noticed_when_it_is_out_of_step(lesson):
    assert learner.stale() == ["05_tiny.ipynb"]
    learner.write_lesson(lesson)
    there = learner.lesson_folder() / "05_tiny.ipynb"
    assert learner.stale() == [] and there.parent == lesson.parent.with_name("learner")
    nbformat.validate(nbformat.read(there, as_version=4))
    there.write_text(there.read_text(encoding="utf-8").replace("2 + 2", "4"), encoding="utf-8")
    (there.parent / "06_gone.ipynb").write_text("{}", encoding="utf-8")
    assert learner.stale() == ["05_tiny.ipynb", "06_gone.ipynb"]


@pytest.mark.parametrize("path", notebooks.paths(), ids=lambda path: path.stem)
def test_the_lessons_open_without_answers(path):
    there = files.root() / "learner" / path.name
    opened = nbformat.read(there, as_version=4)
    nbformat.validate(opened)
    code = [cell for cell in opened.cells if cell.cell_type == "code"]
    assert not any(cell.outputs or cell.execution_count for cell in code)
    begin = next(number for number, cell in enumerate(code) if folding.CHECKED.search(cell.source))
    assert all(cell.metadata.jupyter.source_hidden for cell in code[: begin + 1])
    assert not code[begin + 1].source.startswith("# @title Imports")
    stored = nbformat.read(path, as_version=4)
    assert [cell.id for cell in opened.cells] == [cell.id for cell in stored.cells]
