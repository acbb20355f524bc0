"""What is left of an interactive figure where it cannot live: its picture, in every notebook that has one."""

import copy
import importlib

import nbformat
import pytest
from nbconvert import HTMLExporter

from fanaoi_helpers import files

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
WIDGET = "application/vnd.jupyter.widget-view+json"
PICTURES = "found => found.filter((one) => one.naturalWidth > 300 && one.offsetWidth > 300).length"


def figures_in(cells):
    """Return the outputs of interactive figures, by the class."""
    found = {name: [] for name in FIGURES}
    for cell in cells:
        for output in cell.get("outputs", []):
            name = "".join(output.get("data", {}).get("text/plain", "")).partition("(")[0]
            if name in found:
                found[name].append(output)
    return found


def only_figures(notebook):
    """Return a copy that holds nothing but the cells with interactive figures."""
    made = copy.deepcopy(notebook)
    made.cells = [cell for cell in made.cells if any(figures_in([cell]).values())]
    return made


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem[:2])
def test_each_figure_stands_in_its_notebook_as_a_picture(path):
    found = figures_in(nbformat.read(path, 4).cells)
    wanted = {name: places.get(path.stem[:2], 0) for name, (_, places) in FIGURES.items()}
    assert {name: len(outputs) for name, outputs in found.items()} == wanted
    for output in sum(found.values(), []):
        assert WIDGET not in output.data
        assert {"image/png", "image/jpeg"} & set(output.data)


def test_html_of_02_shows_them():
    path = next(path for path in NOTEBOOKS if path.stem.startswith("02"))
    page, _ = HTMLExporter().from_notebook_node(only_figures(nbformat.read(path, 4)))
    assert page.count("<img") == 3 and "widget-view" not in page


# In a browser ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem[:2])
def test_a_stored_notebook_shows_pictures_without_a_kernel(path, lab, browser, tmp_path):
    notebook = only_figures(nbformat.read(path, 4))
    if not notebook.cells:
        pytest.skip("no interactive figure stands there")
    nbformat.write(notebook, tmp_path / "stored.ipynb")
    count = len(notebook.cells)
    with lab.open(
        browser, tmp_path / "stored.ipynb", f"stored{path.stem[:2]}", height=4000, kernel=False
    ) as shown:
        shown.page.wait_for_selector(".jp-OutputArea img")
        shown.page.wait_for_timeout(500)
        assert shown.page.eval_on_selector_all(".jp-OutputArea img", PICTURES) == count
        assert shown.errors == []


@pytest.mark.parametrize("third", range(3))
def test_what_a_learner_saved_shows_pictures_without_a_kernel(third, lab, browser, tmp_path):
    names = list(FIGURES)[third::3]
    modules = [FIGURES[name][0] for name in names]
    cells = [cell for module in modules for cell in importlib.import_module(f"test_widget_{module}").CELLS]
    places = [f".fanaoi-{module.replace('_', '-')}" for module in modules]
    with lab.open(browser, cells, f"alive{third}", height=4000) as shown:
        for alive in places:
            shown.page.wait_for_selector(alive)
        shown.page.wait_for_function(
            f"({PICTURES})([...document.querySelectorAll('.jp-OutputArea img')]) === 0"
        )
        counts = [shown.page.locator(alive).count() for alive in places]
        shown.page.keyboard.press("Control+s")
        shown.page.wait_for_function("!document.querySelector('.jp-mod-dirty')")
        shown.page.wait_for_timeout(500)
        saved = nbformat.read(shown.path, 4)
    found = figures_in(saved.cells)
    pictures = [[one for one in found[name] if WIDGET not in one.data] for name in names]
    assert [len(stored) for stored in pictures] == counts
    nbformat.write(saved, tmp_path / "saved.ipynb")
    with lab.open(browser, tmp_path / "saved.ipynb", f"saved{third}", height=4000, kernel=False) as shown:
        shown.page.wait_for_selector(".jp-OutputArea img")
        shown.page.wait_for_timeout(500)
        assert shown.page.eval_on_selector_all(".jp-OutputArea img", PICTURES) == sum(counts)
        assert not any(shown.page.locator(alive).count() for alive in places)
    page, _ = HTMLExporter().from_notebook_node(saved)
    assert page.count("<img") == sum(counts)
