"""What is left of an interactive figure where it cannot live: its picture, in every notebook that has one."""

import copy
import importlib
import os
import sys

import nbformat
import pytest
from nbconvert import HTMLExporter

from fanaoi_helpers import files, frontend

NOTEBOOKS = sorted((files.root() / "notebooks").glob("0*.ipynb"))
FIGURES = {  # the class: its module, and the notebooks in which it stands
    "BlindJudge": ("blind_judge", {"00": 2}),
    "PixelLens": ("pixel_lens", {"01": 1}),
    "ConvolutionStepper": ("convolution_stepper", {"02": 1}),
    "KernelLab": ("kernel_lab", {"02": 2}),
    "LossExplorer": ("loss_explorer", {"03": 2}),
    "DescentExplorer": ("descent_explorer", {"04": 2}),
    "TrainingMonitor": ("training_monitor", {"05": 1}),
    "NetworkExplorer": ("network_explorer", {"06": 1}),
    "ThresholdTuner": ("threshold_tuner", {"08": 1}),
}
PICTURES = "found => found.filter((one) => one.naturalWidth > 300 && one.offsetWidth > 300).length"
# What a hand may drag, or drag over: a place of each kind in the first figure that a selector finds.
PLACES = """(root) => {
  const figure = document.querySelector(root), seen = new Set(), found = [];
  const grabbed = "svg, canvas, input, label, button, [role=slider], [role=gridcell], [role=option]";
  for (const one of figure.querySelectorAll(grabbed)) {
    const { x, y, width, height } = one.getBoundingClientRect();
    const kind = [one.tagName, one.type, one.getAttribute("role")].join();
    if (!seen.has(kind) && width && height) found.push([x + width / 2, y + height / 2]);
    seen.add(kind);
  }
  return found;
}"""


def figures_in(cells):
    """Return the outputs of interactive figures, by the class."""
    found = {name: [] for name in FIGURES}
    for cell in cells:
        for output in cell.get("outputs", []):
            name = "".join(output.get("data", {}).get("text/plain", "")).partition("(")[0]
            if name in found:
                found[name].append(output)
    return found


def only_figures(paths):
    """Return a notebook that holds nothing but the cells with interactive figures of these notebooks."""
    notebooks = [nbformat.read(path, 4) for path in paths]
    made = copy.deepcopy(notebooks[0])
    made.cells = [
        cell for notebook in notebooks for cell in notebook.cells if any(figures_in([cell]).values())
    ]
    return made


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem[:2])
def test_each_figure_stands_in_its_notebook_as_a_picture(path):
    found = figures_in(nbformat.read(path, 4).cells)
    wanted = {name: places.get(path.stem[:2], 0) for name, (_, places) in FIGURES.items()}
    assert {name: len(outputs) for name, outputs in found.items()} == wanted
    for output in sum(found.values(), []):
        assert frontend.WIDGET not in output.data
        assert {"image/png", "image/jpeg"} & set(output.data)


def test_html_of_02_shows_them():
    path = next(path for path in NOTEBOOKS if path.stem.startswith("02"))
    page, _ = HTMLExporter().from_notebook_node(only_figures([path]))
    assert page.count("<img") == 3 and "widget-view" not in page


@pytest.mark.parametrize(
    ("variables", "apart"),
    [
        ({}, True),
        ({"JPY_SESSION_NAME": "/srv/class/02.ipynb"}, True),
        # JupyterLab from VS Code's terminal, VS Code's own kernel, VS Code connected to a server
        (
            {"JPY_SESSION_NAME": "/srv/class/02.ipynb", "VSCODE_INJECTION": "1", "TERM_PROGRAM": "vscode"},
            True,
        ),
        ({"VSCODE_PID": "4711", "VSCODE_CWD": "/"}, False),
        ({"JPY_SESSION_NAME": "02-jvsc-1f2e3d.ipynb"}, False),
    ],
)
def test_where_a_picture_is_an_output_of_its_own(variables, apart, monkeypatch):
    for name in list(os.environ):
        if name.startswith("VSCODE_") or name == "JPY_SESSION_NAME":
            monkeypatch.delenv(name)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    assert frontend.outputs_are_apart() is apart
    monkeypatch.setitem(sys.modules, "google.colab", None)
    assert not frontend.outputs_are_apart()


# In a browser ----------------------------------------------------------------------------------------------


def test_stored_notebooks_show_pictures_without_a_kernel(lab, browser, tmp_path):
    """The cells of all notebooks, on one page."""
    notebook = only_figures(NOTEBOOKS)
    nbformat.write(notebook, tmp_path / "stored.ipynb")
    assert len(notebook.cells) == sum(sum(places.values()) for _, places in FIGURES.values())
    with lab.open(browser, tmp_path / "stored.ipynb", "stored", height=4000, kernel=False) as shown:
        shown.page.wait_for_function(
            f"({PICTURES})([...document.querySelectorAll('.jp-OutputArea img')]) >= {len(notebook.cells)}"
        )
        assert shown.page.eval_on_selector_all(".jp-OutputArea img", PICTURES) == len(notebook.cells)
        assert shown.errors == []


@pytest.fixture(scope="module", params=range(3))
def alive(request, lab, browser):
    """Give a third of the figures, living on one page: {class: what it is found by}."""
    names = list(FIGURES)[request.param :: 3]
    cells = [
        cell for name in names for cell in importlib.import_module(f"test_widget_{FIGURES[name][0]}").CELLS
    ]
    roots = {name: f".fanaoi-{FIGURES[name][0].replace('_', '-')}" for name in names}
    with lab.open(browser, cells, f"alive{request.param}", height=4000) as shown:
        for root in roots.values():
            shown.page.wait_for_selector(root)
        yield shown, roots


def test_the_browser_drags_and_selects_nothing_in_a_figure(alive):
    shown, roots = alive
    for root in roots.values():
        places = shown.page.evaluate(PLACES, root)
        assert len(places) >= 2
        for x, y in places:
            shown.page.evaluate("getSelection().removeAllRanges()")
            shown.drag((x, y), (x + 8, y + 8))
        select = "(root) => getSelection().selectAllChildren(document.querySelector(root))"
        for x, y in places:  # with all selected, as by Ctrl+A
            shown.page.evaluate(select, root)
            shown.drag((x, y), (x + 8, y))


def test_no_word_of_a_chart_is_cut(alive):
    shown, roots = alive
    assert {name: shown.cut(root) for name, root in roots.items()} == {name: [] for name in roots}


def test_what_a_learner_saved_shows_pictures_without_a_kernel(alive, lab, browser, tmp_path):
    shown, roots = alive
    shown.page.wait_for_function(f"({PICTURES})([...document.querySelectorAll('.jp-OutputArea img')]) === 0")
    counts = [shown.page.locator(root).count() for root in roots.values()]
    shown.page.keyboard.press("Control+s")
    shown.page.wait_for_function("!document.querySelector('.jp-mod-dirty')")
    shown.page.wait_for_timeout(500)
    saved = nbformat.read(shown.path, 4)
    found = figures_in(saved.cells)
    pictures = [[one for one in found[name] if frontend.WIDGET not in one.data] for name in roots]
    assert [len(stored) for stored in pictures] == counts
    nbformat.write(saved, tmp_path / "saved.ipynb")
    stem = f"saved_{shown.path.stem}"
    with lab.open(browser, tmp_path / "saved.ipynb", stem, height=4000, kernel=False) as shown:
        shown.page.wait_for_selector(".jp-OutputArea img")
        shown.page.wait_for_timeout(500)
        assert shown.page.eval_on_selector_all(".jp-OutputArea img", PICTURES) == sum(counts)
        assert not any(shown.page.locator(root).count() for root in roots.values())
    page, _ = HTMLExporter().from_notebook_node(saved)
    assert page.count("<img") == sum(counts)
