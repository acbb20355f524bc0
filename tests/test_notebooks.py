"""Every stored notebook keeps the rules, and every rule notices its violation."""

import copy
import json

import lint
import pytest

from fanaoi_helpers import notebooks, runs

NOTEBOOKS = sorted(notebooks.notebooks_dir().glob("*.ipynb"))


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_notebook_keeps_the_rules(path):
    assert lint.problems(path) == [], "\n".join(lint.problems(path))


def test_notebooks_are_numbered_once():
    assert NOTEBOOKS == notebooks.paths()
    numbers = [path.name[:2] for path in NOTEBOOKS]
    assert len(set(numbers)) == len(numbers)


def code(source, count, *tags, outputs=()):
    metadata = {"tags": list(tags)} if tags else {}
    return {
        "cell_type": "code",
        "id": f"c{count}",
        "metadata": metadata,
        "source": source,
        "execution_count": count,
        "outputs": list(outputs),
    }


def text(source, name):
    return {"cell_type": "markdown", "id": name, "metadata": {}, "source": source}


PARAMETERS = """a = -1  # -9 to 9: a number
b = 0.5  # 0 to 1: a share
c = True  # True or False: whether
d = ''  # text: words
e = "x"  # "x" or "y": which
f = -5  # -9 to a: no more than a"""


@pytest.fixture
def good(tmp_path):
    """A notebook without a flaw, and a file beside it to link to."""
    (tmp_path / "other.ipynb").write_text("{}", encoding="utf-8")
    badge = f"[![Open in Colab](../assets/colab-badge.svg)]({runs.badge_url(tmp_path / 'made.ipynb')})"
    (tmp_path / "assets").mkdir()
    (tmp_path / "assets" / "colab-badge.svg").write_text("<svg/>", encoding="utf-8")
    folder = tmp_path / "notebooks"
    folder.mkdir()
    long = "```\n" + "# word \n" * 200 + "```\n" + "| a | b |\n" * 200
    folded = f"<details><summary>Answer</summary>\n\n{'word ' * 200}\n\n</details>"
    cells = [
        text(f"# Made up\n\n**You will be able to** test.\n\n{badge} · 5 minutes", "title"),
        code(runs.setup_source(), 1, "setup"),
        code(PARAMETERS, 2, "parameters"),
        text(
            f"## Section\n\n[back](../other.ipynb#here), [web](https://example.org/home/x)\n{long}{folded}",
            "s",
        ),
        code('settings = check_parameters("ma", globals())', 3),
        code("%time\na", 4, "nbval-ignore-output"),
        code("print(...)", 5, outputs=[{"output_type": "stream", "name": "stdout", "text": "a < 0: True\n"}]),
    ]
    notebook = {"cells": cells, "metadata": copy.deepcopy(runs.METADATA), "nbformat": 4, "nbformat_minor": 5}
    return notebook, folder / "made.ipynb"


def test_a_good_notebook_has_no_problems(good):
    assert lint.problems(lint.dump(*good)) == []


def source(index, new):
    """Return a change that gives a cell another source; {} stands for the old one."""

    def change(notebook):
        notebook["cells"][index]["source"] = new.replace("{}", notebook["cells"][index]["source"])

    return change


def tags(index, *new):
    return lambda notebook: notebook["cells"][index]["metadata"].update(tags=list(new))


def count(index, new):
    return lambda notebook: notebook["cells"][index].update(execution_count=new)


def output(**new):
    return lambda notebook: notebook["cells"][6].update(outputs=[new])


def metadata(**new):
    return lambda notebook: notebook["metadata"].update(new)


HOME = "/home" + "/somebody/fans"  # in two halves, for the test that no file names a machine's path

WRONG = {
    "second H1": (source(3, "# Another\n\n{}"), "2 H1"),
    "no H1": (source(0, "#{}"), "0 H1"),
    "no goal": (
        lambda n: n["cells"][0].update(source=n["cells"][0]["source"].replace("able", "")),
        "be able",
    ),
    "no minutes": (lambda n: n["cells"][0].update(source=n["cells"][0]["source"][:-8]), "minutes"),
    "foreign badge": (
        lambda n: n["cells"][0].update(source=n["cells"][0]["source"].replace("made.ipynb", "05.ipynb")),
        "lacks the badge",
    ),
    "changed setup": (source(1, "{}\n1"), "setup cell is not"),
    "no setup": (tags(1), "tagged 'setup'"),
    "no parameters": (tags(2), "tagged 'parameters'"),
    "two parameters": (tags(6, "parameters"), "tagged 'parameters'"),
    "list parameter": (source(2, "a = [1]"), "no plain value"),
    "computed parameter": (source(2, "a = 1\nb = a + 1"), "no plain value"),
    "import in parameters": (source(2, "import os"), "no plain value"),
    "a parameter without a range": (source(2, "{}\ng = 5  # how many"), "parameter g does not say"),
    "a parameter without a word": (source(2, "{}\ng = 5  # 0 to 9"), "parameter g does not say"),
    "a number that is text": (source(2, "{}\ng = 5  # text: which"), "parameter g is none"),
    "a number that is a switch": (source(2, "{}\ng = 0  # True or False: which"), "parameter g does not say"),
    "a switch that is a number": (source(2, "{}\ng = True  # 0 to 1: which"), "parameter g does not say"),
    "a default out of range": (source(2, "{}\ng = 5  # 0 to 4: how many"), "parameter g is none"),
    "a default that is no choice": (source(2, '{}\ng = "z"  # "x" or "y": which'), "parameter g is none"),
    "a range of nothing": (source(2, "{}\ng = 5  # 0 to h: how many"), "parameter g is none"),
    "parameters that nobody checks": (source(4, "a"), "holds the line settings = check"),
    "parameters of another notebook": (source(4, 'check_parameters("05", globals())'), "holds the line"),
    "count skipped": (count(6, 6), "execution counts"),
    "not executed": (count(5, None), "execution counts"),
    "error": (output(output_type="error", ename="E", evalue="", traceback=[]), "ends in an error"),
    "stderr": (output(output_type="stream", name="stderr", text="careful"), "stderr"),
    "widget": (output(output_type="display_data", data={lint.WIDGET: {}, "text/plain": "x"}), "widget"),
    "timing": (lambda n: n["cells"][6]["metadata"].update(execution={"a": 1}), "carries metadata"),
    "other kernel": (metadata(kernelspec={"name": "conda"}), "metadata"),
    "same ids": (lambda n: n["cells"][6].update(id="c1"), "ids"),
    "path in code": (source(6, f"assert a < 0, '{HOME}'"), "machine's path"),
    "path in prose": (source(3, f"see `{HOME}`"), "machine's path"),
    "path in output": (output(output_type="stream", name="stdout", text=["in " + HOME]), "machine's path"),
    "path in metadata": (metadata(papermill={"input_path": HOME}), "machine's path"),
    "Windows path": (source(6, "assert a < 0, r'C:\\Users\\me'"), "machine's path"),
    "too large": (output(output_type="display_data", data={"image/png": "A" * 1_500_000}), "bytes"),
    "broken link": (source(3, "[gone](../gone.ipynb)"), "leads nowhere"),
    "broken picture": (source(3, '<img src="../gone.png">'), "leads nowhere"),
    "wall of text": (source(3, "word " * 120), "120 words"),
    "long code": (source(6, "assert a\n" * 20 + "a"), "21 lines"),
    "wide code": (source(6, "assert a < 0\n#" + "x" * 78), "79 columns"),
    "an assert": (source(6, "assert a < 0"), "asserts: print the claim"),
    "nothing claimed": (output(output_type="stream", name="stdout", text="True"), "claims nothing"),
    "a false claim": (output(output_type="stream", name="stdout", text="a < 0: False"), "claims nothing"),
    "ignored at the end": (tags(6, "nbval-ignore-output"), "claims nothing"),
    "a number from nowhere": (source(3, "{}\n\nThat makes 4,711 fans."), "says 4711, which no cell shows"),
}


@pytest.mark.parametrize("name", WRONG)
def test_each_rule_notices_its_violation(good, name):
    notebook, path = good
    change, words = WRONG[name]
    before = json.dumps(notebook)
    change(notebook)
    assert json.dumps(notebook) != before
    assert any(words in problem for problem in lint.problems(lint.dump(notebook, path)))
