"""Figures and a panel where a learner may open them, too: in Notebook 7, and in Firefox, where those are."""

import contextlib
import importlib

import browser as browsers
import pytest
from firefox import FIREFOXES, Firefox
from test_widgets_stored import FIGURES

MODULES = {name: importlib.import_module(f"test_widget_{module}") for name, (module, _) in FIGURES.items()}
# What the mouse takes, in the first figure of its kind.
GRABBED = {
    "BlindJudge": "button",
    "PixelLens": "[data-role=photograph]",
    "ConvolutionStepper": "[data-role=input]",
    "KernelLab": "[data-role=weight]",
    "LossExplorer": "[data-role=logit]",
    "DescentExplorer": "[data-role=picture]",
    "TrainingMonitor": "[data-role=stop]",
    "NetworkExplorer": "[data-role=map]",
    "ThresholdTuner": "svg",
}
EXERCISE = """from fanaoi_helpers import exercises
exercises.lessons()[0].exercises["mistake_named"].check(...)"""
NOTEBOOKS_OWN = "reading 'schema'"  # an error that Notebook 7 reports on any page
LOOK = """(root) => {
  const one = document.querySelector(root);
  one.scrollIntoView();
  const canvases = [...one.querySelectorAll("canvas")].filter((canvas) => canvas.width);
  return one.outerHTML + canvases.map((canvas) => canvas.toDataURL());
}"""
PICTURES = "[...document.querySelectorAll('.jp-OutputArea img')].filter((one) => one.offsetWidth).length"


@contextlib.contextmanager
def notebook_7(folder):
    pytest.importorskip("notebook", "7", reason="Notebook 7 is not installed")
    if browsers.executable() is None:
        pytest.skip("no Chromium on this machine")
    with browsers.chromium() as chromium, browsers.Lab(folder, program="notebook") as server:
        yield server, chromium


@contextlib.contextmanager
def lab_in_firefox(folder):
    executable = browsers.executable(FIREFOXES)
    if executable is None:
        pytest.skip("no Firefox on this machine")
    (folder / ".profile").mkdir()
    with Firefox(executable, folder / ".profile") as firefox, browsers.Lab(folder) as server:
        yield server, firefox


@pytest.fixture(scope="module", params=[notebook_7, lab_in_firefox], ids=lambda param: param.__name__)
def figures(request, tmp_path_factory):
    """Give one notebook with all figures and an exercise, elsewhere than in JupyterLab and Chromium."""
    cells = [cell for module in MODULES.values() for cell in module.CELLS] + [EXERCISE]
    with request.param(tmp_path_factory.mktemp("elsewhere")) as (server, browser):
        with server.open(browser, cells, width=1366, height=768) as shown:
            yield shown


@pytest.mark.parametrize("name", FIGURES)
def test_a_figure_lives_and_answers_the_hand(figures, name):
    root = f".fanaoi-{FIGURES[name][0].replace('_', '-')}"
    figures.page.wait_for_selector(root)
    before = figures.page.evaluate(LOOK, root)
    x, y = figures.middle(f"{root} {GRABBED[name]}")
    figures.drag((x, y), (x + 25, y))
    figures.drag((x + 2, y + 1), (x + 30, y + 2))
    assert name == "TrainingMonitor" or figures.page.evaluate(LOOK, root) != before  # a training has ended
    assert [error for error in figures.errors if NOTEBOOKS_OWN not in error] == []


def test_no_picture_stands_beside_a_living_figure(figures):
    assert figures.page.evaluate(PICTURES) == 0


def test_numbers_are_dragged(figures):
    weights = ".fanaoi-kernel-lab [data-role=weight]"
    wanted = figures.numbers(weights)
    for number, by, slow in [(0, 80, False), (0, -41, True), (4, 61, False)]:
        x, y = figures.middle(weights, number)
        figures.drag((x, y), (x + by, y + 3), slow=slow)
        wanted[number] += round(by / 3) / 10
        assert figures.numbers(weights) == pytest.approx(wanted)


def test_an_answer_is_clicked(figures):
    root, page = ".fanaoi-exercise", figures.page
    for button, done in (
        ("data-help=solution", "aria-disabled=true"),
        ("data-letter=C", "aria-pressed=true"),
    ):
        page.wait_for_selector(f"{root} [{button}]")
        page.mouse.move(*figures.middle(f"{root} [{button}]"))
        page.mouse.down()
        page.mouse.up()
        page.wait_for_selector(f"{root} [{button}][{done}]")
    page.wait_for_function(
        f"document.querySelector('{root} [data-role=verdict]').textContent.includes('Right.')"
    )
    assert page.evaluate("document.querySelector('.fanaoi-still').offsetWidth") == 0
