"""What plays Colab notices what would go wrong there; both ends of the ranges are read off pyproject.toml."""

import copy
import re
import sys
from pathlib import Path
from types import SimpleNamespace

import nbformat
import pytest
from click.testing import CliRunner

from fanaoi_helpers import files, notebooks, packages, parameters
from fanaoi_helpers.errors import WorkbookError

sys.path.insert(0, str(Path(__file__).parent / "outside"))
import backends
import bounds
import colab
import environments

STATE = "application/vnd.jupyter.widget-state+json"


def stream(text, name="stdout"):
    return nbformat.v4.new_output("stream", name=name, text=text)


@pytest.fixture
def stored():
    """A notebook as it is stored: a figure, and a claim."""
    cells = [
        nbformat.v4.new_code_cell(
            "from fanaoi_helpers.widgets.pixel_lens import PixelLens\n\nPixelLens(pixels)", id="figure"
        ),
        nbformat.v4.new_code_cell("print(...)", id="claim", outputs=[stream("mean 3\nit is gray: True\n")]),
    ]
    return nbformat.v4.new_notebook(cells=cells)


@pytest.fixture
def played(stored):
    """The same, as it is after it was played on Colab without a flaw."""
    notebook = copy.deepcopy(stored)
    metadata = {colab.WIDGET: {"colab": {"custom_widget_manager": {"url": "https://example.org"}}}}
    view = nbformat.v4.new_output("display_data", data={colab.WIDGET: {"model_id": "m"}}, metadata=metadata)
    notebook.cells[0].outputs = [view]
    model = {"state": {"_esm": "export default {}", "_anywidget_id": "fanaoi_helpers.PixelLens"}}
    notebook.metadata["widgets"] = {STATE: {"state": {"m": model}}}
    notebook.cells[1].outputs = [stream("mean 2.9\n"), stream("it is gray: True\n")]
    return notebook


def test_a_flawless_run_has_no_problems(played, stored):
    assert colab.judge(played, stored) == []


WRONG = {
    "a claim that is false": (
        lambda n: n.cells[1].update(outputs=[stream("it is gray: False\n")]),
        "does not say 'it is gray: True'",
    ),
    "a word on stderr": (
        lambda n: n.cells[1].outputs.append(stream("careful", "stderr")),
        "stderr: careful",
    ),
    "a figure that is a picture only": (lambda n: n.cells[0].update(outputs=[]), "PixelLens does not live"),
    "a figure without its script": (
        lambda n: n.metadata.widgets[STATE]["state"]["m"]["state"].pop("_esm"),
        "PixelLens does not live",
    ),
    "a figure without Colab's manager": (
        lambda n: n.cells[0].outputs[0].update(metadata={}),
        "PixelLens does not live",
    ),
}


@pytest.mark.parametrize("name", WRONG)
def test_what_goes_wrong_on_colab_is_noticed(played, stored, name):
    change, said = WRONG[name]
    change(played)
    (found,) = colab.judge(played, stored)
    assert said in found


@pytest.mark.parametrize(
    ("traceback", "right"),
    [(["WorkbookError: nowhere is not there."], True), (["WorkbookError: a", "Cell In[1], line 1"], False),
     (["ValueError: a"], False), (None, False)],
)  # fmt: skip
def test_a_refusal_is_one_sentence(traceback, right):
    notebook = colab.refusal()
    error = nbformat.v4.new_output("error", ename="E", evalue="", traceback=traceback or [])
    notebook.cells[-1].outputs = [error] if traceback else []
    assert [
        found for found in colab.judge(notebook, notebook) if "is not refused" in found
    ] == [] or not right
    assert any("is not refused" in found for found in colab.judge(notebook, notebook)) != right


def test_every_figure_of_the_notebooks_is_looked_for():
    cells = [cell for path in notebooks.paths() for cell in notebooks.read(path)["cells"]]
    code = [cell["source"] for cell in cells if cell["cell_type"] == "code"]
    named = set(re.findall(r"fanaoi_helpers\.widgets\.\w+ import (\w+)", "\n".join(code)))
    assert named == {name for source in code for name in colab.imported_figures(source)} and len(named) >= 9


def test_the_list_that_is_kept_is_colabs():
    published = colab.read_list(colab.PUBLISHED)
    assert {"tensorflow", "keras", "numpy", "ipython", "ipywidgets"} <= set(published.versions)
    assert "papermill" not in published.versions, "then the setup cell would have nothing to install"
    assert re.fullmatch(r"20\d\d-\d\d-\d\d", published.date) and published.python.count(".") == 2


def test_a_file_that_is_no_list_is_refused(tmp_path):
    (tmp_path / "list.txt").write_text("numpy==2.0\n", encoding="utf-8")
    with pytest.raises(WorkbookError, match="list.txt is no list of packages"):
        colab.read_list(tmp_path / "list.txt")


def test_every_requirement_has_two_ends():
    text = bounds.project()
    named = re.findall(r'^\s*"([\w.-]+)[^"]*",$|"([\w.-]+)[<>=][^"]*"', text, re.MULTILINE)
    named = {a or b for a, b in named} - {"setuptools", "tests", "fanaoi_helpers", "notebooks"}
    assert named == {pin.partition("==")[0] for pin in bounds.lowest(text)} and len(named) > 25


def test_another_backend_comes_beside_the_tested_versions():
    lines = backends.tested()
    assert len(lines) > 150 and not any("--hash" in line for line in lines)
    pins = packages.pinned((files.root() / "requirements.txt").read_text(encoding="utf-8"))
    assert packages.pinned("\n".join(lines)) == pins


def test_other_backends_run_notebooks_at_small_sizes():
    assert set(backends.NUMBERS) <= {path.name[:2] for path in notebooks.paths()}
    for number, values in backends.SMALL.items():
        known = parameters.declared(notebooks.find(number))
        assert {name: type(value) for name, value in values.items()} == {
            name: type(known[name].default) for name in values
        }
    told = backends.words(Path("python"), "05", Path("there"))
    assert told[told.index("run") + 1] == "05" and told[-2:] == ["epochs", "3"]


@pytest.mark.parametrize(("stopped", "complains"), [(False, False), (True, False), (False, True)])
def test_what_goes_wrong_on_another_backend_is_noticed(monkeypatch, stopped, complains):
    def run(words, env, check):
        assert env["KERAS_BACKEND"] == "jax"
        folder = Path(words[words.index("--output") + 1])
        folder.mkdir()
        outputs = [stream("greetings", "stderr")] if complains else [stream("fine")]
        cells = [nbformat.v4.new_code_cell("print()", outputs=outputs)]
        nbformat.write(nbformat.v4.new_notebook(cells=cells), folder / "played.ipynb")
        return SimpleNamespace(returncode=int(stopped))

    monkeypatch.setattr(backends, "environment", lambda *words: Path(sys.executable))
    monkeypatch.setattr(backends.subprocess, "run", run)
    done = CliRunner().invoke(backends.main, ["jax"])
    assert done.exit_code == int(stopped or complains)
    said = "stopped" if stopped else "greetings" if complains else "no error"
    assert [line.split(" (")[0] for line in done.output.splitlines()] == [
        f"{number} on jax: {said}" for number in ("03", "05", "06")
    ]


def test_a_python_that_is_not_here_is_told():
    with pytest.raises(WorkbookError, match=r"There is no Python 3\.99 or 4\.0 here: install it"):
        environments.find_python("3.99", "4.0")
