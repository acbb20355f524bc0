"""Runs: numbers and parameters are checked first, results are left whole, failures are told in sentences."""

import json
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import browser as browsers
import nbformat
import numpy as np
import pytest
from PIL import Image

from fanaoi_helpers import __main__ as command
from fanaoi_helpers import files, notebooks, runs
from fanaoi_helpers.errors import WorkbookError

PARAMETERS = 'epochs = 4  # turns\nrate = 1e-3\nflag = True\nphotos_dir = ""\noutput_dir = ""\nname = "a"'
RECORD = """import json, os, pathlib
record = dict(epochs=epochs, rate=rate, flag=flag, photos_dir=photos_dir, name=name)
record["cwd"] = pathlib.Path.cwd().name
record["headless"] = os.environ["FANAOI_HEADLESS"]
pathlib.Path(output_dir or ".", "record.json").write_text(json.dumps(record))
print("recorded")"""
FAIL = """if epochs < 0:
    from fanaoi_helpers.errors import WorkbookError
    raise WorkbookError("epochs is negative.")
if epochs == 98:
    raise KeyError("gone")
if epochs == 99:
    os._exit(1)
if epochs == 97:
    import time
    time.sleep(60)"""
BADGE = "[![Open in Colab](../assets/colab-badge.svg)](https://colab.research.google.com/github/old/old)"


def make(path, *cells):
    """Write a notebook of (source, tag) pairs; tag "markdown" makes a text cell."""
    notebook = nbformat.v4.new_notebook(metadata=runs.METADATA)
    for number, (source, tag) in enumerate(cells):
        new = nbformat.v4.new_markdown_cell if tag == "markdown" else nbformat.v4.new_code_cell
        metadata = {"tags": [tag]} if tag not in ("", "markdown") else {}
        notebook.cells.append(new(source, id=f"cell{number}", metadata=metadata))
    nbformat.write(notebook, path)
    return path


@pytest.fixture
def workbook(tmp_path, monkeypatch):
    """A workbook of two small notebooks."""
    folder = tmp_path / "notebooks"
    folder.mkdir()
    head = (f"# Tiny lesson\n\n{BADGE} · 5 minutes", "markdown")
    parameters = (PARAMETERS, "parameters")
    make(
        folder / "05_tiny.ipynb",
        head,
        ("", "setup"),
        parameters,
        (RECORD, ""),
        ("## Late", "markdown"),
        (FAIL, ""),
    )
    make(folder / "07_other.ipynb", ("# Other", "markdown"), ("a = 1", "parameters"))
    monkeypatch.setattr(notebooks, "notebooks_dir", lambda: folder)
    monkeypatch.setenv("FANAOI_RUNS", str(tmp_path / "runs"))
    return folder


def fanaoi(*arguments):
    """Run the command in this process; return its exit status."""
    with pytest.raises(SystemExit) as stopped:
        command.main([str(argument) for argument in arguments])
    return stopped.value.code or 0


def test_find_takes_number_name_and_path(workbook):
    for number in (5, "5", "05", "05_tiny", "05_tiny.ipynb", workbook / "05_tiny.ipynb"):
        assert notebooks.find(number) == workbook / "05_tiny.ipynb"


@pytest.mark.parametrize("number", ["6", "tiny", "", "../05_tiny", "99999", "-5"])
def test_an_unknown_notebook_is_answered_with_those_there_are(workbook, number):
    with pytest.raises(WorkbookError, match="there are 05_tiny, 07_other"):
        notebooks.find(number)


def test_a_workbook_without_notebooks_is_told(tmp_path, monkeypatch):
    monkeypatch.setattr(notebooks, "notebooks_dir", lambda: tmp_path)
    with pytest.raises(WorkbookError, match="no notebooks in"):
        notebooks.find("05")


def test_a_run_leaves_notebook_page_and_what_it_writes(workbook, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    given = {"epochs": "7", "rate": "1", "flag": "no", "photos_dir": "mine", "name": "007"}
    before = (workbook / "05_tiny.ipynb").read_bytes()
    executed = runs.run("05", given, "out {x}", progress=False)
    folder = tmp_path / "out {x}"
    assert executed == folder / "05_tiny.ipynb"
    assert sorted(path.name for path in folder.iterdir()) == ["05_tiny.html", "05_tiny.ipynb", "record.json"]
    record = json.loads((folder / "record.json").read_text(encoding="utf-8"))
    photos = str(tmp_path / "mine")
    values = {"epochs": 7, "rate": 1.0, "flag": False, "photos_dir": photos, "name": "007"}
    assert record == {**values, "cwd": "notebooks", "headless": "1"}
    page = (folder / "05_tiny.html").read_text(encoding="utf-8")
    assert "recorded" in page
    assert (workbook / "05_tiny.ipynb").read_bytes() == before


def test_a_notebook_that_says_nothing_of_its_language(workbook):
    path = make(workbook / "05_tiny.ipynb", ("a = 1", "parameters"), ("print(a)", ""))
    notebook = json.loads(path.read_text(encoding="utf-8"))
    path.write_text(json.dumps(notebook | {"metadata": {}}), encoding="utf-8")
    assert "outputs" in runs.run(path, progress=False).read_text(encoding="utf-8")


def test_the_default_folder_is_named_after_the_notebook(workbook, tmp_path):
    assert runs.run(7, progress=False) == tmp_path / "runs" / "07_other" / "07_other.ipynb"


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("epochs", "four", "epochs is 'four', but it must be a whole number"),
        ("epochs", "4.5", "whole number"),
        ("rate", "quick", "rate is 'quick', but it must be a number"),
        ("flag", "perhaps", "flag is 'perhaps', but it must be true or false"),
        ("epoch", "4", "no parameter 'epoch'; its parameters are epochs, rate, flag"),
    ],
)
def test_a_wrong_parameter_is_refused_before_anything_runs(workbook, tmp_path, capsys, name, value, words):
    assert fanaoi("run", "05", "-p", name, value) == 1
    captured = capsys.readouterr()
    assert words in captured.err
    assert captured.err.count("\n") == 1
    assert captured.out == ""
    assert not (tmp_path / "runs").exists()


def test_all_notebooks_are_checked_before_the_first_runs(workbook, tmp_path, capsys):
    assert fanaoi("run", "05", "07", "-p", "epochs", "3") == 1
    assert "07_other has no parameter 'epochs'" in capsys.readouterr().err
    assert not (tmp_path / "runs").exists()


@pytest.mark.parametrize(
    ("epochs", "words"),
    [
        (-1, 'failed in cell [4] under "Late" that begins with `if epochs < 0:`: epochs is negative. What'),
        (98, "KeyError: 'gone'."),
        (99, ' under "Late" that begins with `if epochs < 0:`: Python itself was ended'),
    ],
)
def test_a_failing_cell_is_named_and_the_rest_is_kept(workbook, tmp_path, capfd, epochs, words):
    (tmp_path / "runs" / "05_tiny").mkdir(parents=True)
    (tmp_path / "runs" / "05_tiny" / "05_tiny.html").write_text("an earlier run", encoding="utf-8")
    assert fanaoi("run", "05", "-p", "epochs", epochs) == 1
    error = capfd.readouterr().err
    assert words in error.rsplit("\r")[-1]
    assert "Traceback" not in error
    kept = tmp_path / "runs" / "05_tiny"
    assert "recorded" in (kept / "05_tiny.ipynb").read_text(encoding="utf-8")
    assert not (kept / "05_tiny.html").exists()


def test_several_notebooks_get_a_folder_each(workbook, tmp_path, capfd):
    make(workbook / "05_tiny.ipynb", ("# A", "markdown"), ("a = 1", "parameters"), ("print(a)", ""))
    assert fanaoi("run", "5", "7", "-p", "a", "3", "--output", tmp_path / "out") == 0
    assert (tmp_path / "out" / "05_tiny" / "05_tiny.html").is_file()
    assert (tmp_path / "out" / "07_other" / "07_other.html").is_file()
    captured = capfd.readouterr()
    assert captured.out.count("done; see") == 2
    assert "100%" in captured.err  # the progress of each, by cell


def test_an_output_folder_that_refuses_is_told(workbook, tmp_path, capsys):
    (tmp_path / "taken").write_text("", encoding="utf-8")
    with pytest.raises(WorkbookError, match="could not be written"):
        runs.run("05", output=tmp_path / "taken" / "deeper")
    with pytest.raises(WorkbookError, match="holds the notebook itself"):
        runs.run("05", output=workbook)


def test_a_broken_notebook_is_told(workbook):
    (workbook / "05_tiny.ipynb").write_text("{", encoding="utf-8")
    with pytest.raises(WorkbookError, match="can't be read as a Jupyter notebook"):
        runs.run("05")


def test_list_and_version(workbook, capsys):
    assert fanaoi("list") == 0
    assert capsys.readouterr().out == "05  Tiny lesson (5 minutes)\n07  Other\n"
    assert fanaoi("--version") == 0
    assert "0.1.0" in capsys.readouterr().out


def test_wrong_usage_ends_with_2(workbook, capsys):
    assert fanaoi("run") == 2
    assert fanaoi("run", "05", "-p", "epochs") == 2
    assert fanaoi("walk") == 2


def begun(workbook, folder):
    """Start a run that sleeps in its last cell; return it when it is there."""
    words = [sys.executable, "-m", "fanaoi_helpers", "run", workbook / "05_tiny.ipynb", "-p", "epochs", "97"]
    words += ["--output", folder]
    process = subprocess.Popen(words, stderr=subprocess.PIPE, text=True, cwd=files.root())
    for _ in range(600):
        if (folder / "record.json").exists():
            return process
        time.sleep(0.1)
    process.kill()
    raise AssertionError(process.communicate()[1])


def test_a_second_run_into_the_same_folder_is_refused_and_a_killed_one_lets_go(workbook, tmp_path, capfd):
    folder = tmp_path / "out"
    folder.mkdir()
    (folder / "05_tiny.html").write_text("an earlier run", encoding="utf-8")
    first = begun(workbook, folder)
    assert not (folder / "05_tiny.html").exists()
    held = (folder / "05_tiny.ipynb").read_bytes()
    assert fanaoi("run", "05", "--output", folder) == 1
    refusal = f"Another run writes into {folder}: wait until it ends, or choose another output folder.\n"
    assert capfd.readouterr().err == refusal
    assert (folder / "05_tiny.ipynb").read_bytes() == held
    assert fanaoi("run", "05", "--output", tmp_path / "other") == 0
    first.kill()  # -9
    first.communicate()
    json.loads((folder / "05_tiny.ipynb").read_text(encoding="utf-8"))  # as far as it came, and whole
    assert fanaoi("run", "05", "--output", folder) == 0
    left = sorted(path.name for path in folder.iterdir())
    assert left == ["05_tiny.html", "05_tiny.ipynb", "record.json"]


@pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX")
def test_ctrl_c_ends_with_one_line(workbook, tmp_path):
    words = [sys.executable, "-m", "fanaoi_helpers", "run", workbook / "05_tiny.ipynb", "-p", "epochs", "97"]
    # A test run in the background ignores Ctrl-C and would hand that down to what it starts.
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    process = subprocess.Popen(words, stderr=subprocess.PIPE, text=True, cwd=files.root())
    signal.signal(signal.SIGINT, before)
    record = tmp_path / "runs" / "05_tiny" / "record.json"
    for _ in range(300):
        if record.exists():
            break
        time.sleep(0.1)
    time.sleep(0.5)
    process.send_signal(signal.SIGINT)
    error = process.communicate(timeout=30)[1]
    assert process.returncode == 130, error
    assert error.endswith("Stopped.\n"), error
    assert "Traceback" not in error


def test_store_stamps_executes_and_normalizes(workbook, monkeypatch):
    monkeypatch.setenv("MPLBACKEND", "Agg")  # of the shell; the kernel draws inline all the same
    path = make(
        workbook / "05_tiny.ipynb",
        (f"# Tiny lesson\n\n{BADGE} · 5 minutes", "markdown"),
        ("old", "setup"),
        (PARAMETERS, "parameters"),
        ("print(1)\nprint(2)\nimport matplotlib.pyplot as plt\nplt.plot([1, 2]);\n\n", ""),
        ("import os, pathlib\nassert not pathlib.Path(os.environ['FANAOI_RUNS'], 'x').exists()", ""),
    )
    assert runs.store("05") == path
    first = path.read_bytes()
    notebook = json.loads(first)
    assert runs.badge_url(path) in "".join(notebook["cells"][0]["source"])
    assert "".join(notebook["cells"][1]["source"]) == runs.setup_source()
    assert [cell["id"] for cell in notebook["cells"]] == [f"cell{number}" for number in range(5)]
    assert [cell["execution_count"] for cell in notebook["cells"][1:]] == [1, 2, 3, 4]
    stream, picture = notebook["cells"][3]["outputs"]
    assert stream == {"name": "stdout", "output_type": "stream", "text": ["1\n", "2\n"]}
    assert "image/png" in picture["data"]
    assert notebook["metadata"] == runs.METADATA
    assert runs.store("05") == path
    assert path.read_bytes() == first


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ("1 / 0", "`1 / 0`: ZeroDivisionError: division by zero."),
        ("import sys; print('careful', file=sys.stderr)", "it wrote to stderr: careful."),
        ("import os; os._exit(1)", "Python itself was ended"),
    ],
)
def test_store_refuses_a_failing_notebook_and_leaves_it(workbook, source, words):
    cells = [(f"# T\n\n{BADGE}", "markdown"), ("", "setup"), ("a = 1", "parameters"), (source, "")]
    path = make(workbook / "05_tiny.ipynb", *cells)
    before = path.read_bytes()
    with pytest.raises(WorkbookError) as refused:
        runs.store("05")
    assert words in str(refused.value)
    assert path.read_bytes() == before
    assert sorted(p.name for p in workbook.iterdir()) == ["05_tiny.ipynb", "07_other.ipynb"]


def test_store_needs_badge_and_setup_cell(workbook):
    with pytest.raises(WorkbookError, match="must have one of each"):
        runs.store("07")


def test_shown_is_the_same_wherever_runs_are_kept(tmp_path, monkeypatch):
    monkeypatch.setenv("FANAOI_RUNS", str(tmp_path))
    assert files.shown(tmp_path / "05" / "model.keras") == "runs/05/model.keras"
    monkeypatch.setenv("FANAOI_HEADLESS", "0")
    assert Path(files.shown(tmp_path / "05" / "model.keras")) == tmp_path / "05" / "model.keras"


def test_pictures_of_the_html_copy_have_a_text(tmp_path):
    from nbformat import v4, write

    def picture(kind):
        return v4.new_code_cell(outputs=[v4.new_output("display_data", {f"image/{kind}": "AAAA"})])

    words = [
        '# A <b>"fan"</b> & more',
        "No heading.",
        "## `x` and $y$\n\n![badge](data:image/gif;base64,R0lGODlhAQABAAAAACw=)",
    ]
    texts = [v4.new_markdown_cell(one) for one in words]
    cells = [picture("png"), texts[0], picture("png"), texts[1], picture("jpeg"), texts[2], picture("png")]
    write(v4.new_notebook(cells=cells), tmp_path / "a.ipynb")
    page = runs.html_copy.page(tmp_path / "a.ipynb", tmp_path)
    first, second = "Picture under A &quot;fan&quot; &amp; more", "Picture under x and $y$"
    assert re.findall('alt="([^"]*)"', page) == [
        "Picture under the beginning", first, first, "badge", second
    ]  # fmt: skip


def test_answers_stay_folded_in_the_html_copy(tmp_path):
    code = "```python\nx = 4\n\ny = 5\n```"
    answer = f"<details><summary>Answer</summary>\n\nIt is **4**.\n\n{code}\n\n</details>"
    make(tmp_path / "a.ipynb", (f"Ask.\n\n{answer}\n\nGo on.", "markdown"))
    page = runs.html_copy.page(tmp_path / "a.ipynb", tmp_path)
    inside = page[page.index("<details>") : page.index("</details>")]
    assert "<strong>4</strong>" in inside and ">y<" in inside
    assert "Ask." not in inside and "Go on." not in inside


def test_pictures_beside_a_notebook_are_in_its_html_copy(tmp_path):
    Image.fromarray(np.zeros((4, 4), np.uint8)).save(tmp_path / "a.png")
    words = "![one](a.png) and <img alt='two' src='a.png'> but [a link](a.png), ![none](b.png)"
    make(tmp_path / "a.ipynb", (words, "markdown"))
    page = runs.html_copy.page(tmp_path / "a.ipynb", tmp_path)
    assert re.findall(r"<img alt=.(\w+). src=.data:image/png;base64,iVBOR", page) == ["one", "two"]
    assert '<a href="a.png">' in page and 'src="b.png"' in page


HOSTILE = """from IPython.display import HTML, Javascript, display
display(HTML('<script src="https://example.org/a.js"></script><img src="https://example.org/b.png">'))
display(Javascript("fetch('https://example.org/c')"))"""


@pytest.fixture
def copy(workbook, tmp_path):
    """The HTML copy of a run with a formula, a picture, widgets, and outputs that name other servers."""
    words = ["# T", "![O < K](../far/a.svg)", "$$L = -\\sum_i y_i \\ln p_i$$", "$$\\nosuch{x}$$"]
    words = ("\n\n".join([*words, "```mermaid\na\n```"]), "markdown")
    (tmp_path / "far").mkdir()
    picture = '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>'
    (tmp_path / "far" / "a.svg").write_text(picture, encoding="utf-8")
    path = make(workbook / "05_tiny.ipynb", words, ("a = 1", "parameters"), (HOSTILE, ""))
    notebook = nbformat.read(path, as_version=4)
    notebook.metadata["widgets"] = {"application/vnd.jupyter.widget-state+json": {"state": {}}}
    nbformat.write(notebook, path)
    return runs.run("05", progress=False).with_suffix(".html")


def test_the_html_copy_names_no_script_and_allows_none(copy):
    text = copy.read_text(encoding="utf-8")
    head, body = text.split("</head>")
    assert "<script" not in head and "http-equiv" in head.split("<style")[0]
    assert "default-src 'none'" in head and "script-src" not in head
    assert 'alt="O &lt; K"' in body and 'alt="L = -\\sum_i y_i \\ln p_i"' in body
    assert r"\nosuch{x}" in body and body.count("data:image/svg+xml;base64,") == 2
    for name in ("cdnjs", "mathjax.hub", "require.min.js", "unpkg", "mermaid.esm"):
        assert name not in text.lower()


@pytest.mark.skipif(
    browsers.executable() is None and not os.environ.get("CI"), reason="no browser on this machine"
)
def test_whoever_opens_the_html_copy_asks_nobody(copy, browser):
    asked, tab = [], browser.new_page()
    tab.on("request", lambda asking: asked.append(asking.url))
    tab.on("requestfailed", lambda asking: asking.failure == "csp" and asked.remove(asking.url))
    tab.goto(copy.as_uri())
    tab.wait_for_timeout(300)
    pictures = tab.eval_on_selector_all("img[alt]", "all => all.map((one) => one.naturalWidth)")
    tab.close()
    assert [address for address in asked if not address.startswith("data:")] == [copy.as_uri()]
    assert sum(width > 0 for width in pictures) == 2
