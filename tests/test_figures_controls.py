"""Controls appear for people; a stored execution shows the first picture."""

import ipywidgets
import numpy as np
import pytest
from matplotlib.figure import Figure

from fanaoi_helpers.figures import controls, style


@pytest.fixture
def shown(monkeypatch):
    """Return the list of what was displayed."""
    displayed = []
    monkeypatch.setattr("IPython.display.display", displayed.append)
    return displayed


@style.styled
def draw(stride: int, padding: str) -> Figure:
    """Return a Figure that remembers how it was asked for."""
    figure, axes = style.plt.subplots()
    axes.set_title(f"{stride} {padding}")
    return figure


def test_headless_shows_the_first_picture_only(shown, monkeypatch):
    monkeypatch.setenv("FANAOI_HEADLESS", "1")
    controls.explore(draw, stride=[2, 1], padding=["same", "valid"])
    controls.explore(draw, {"stride": 1}, stride=[2, 1], padding=["same", "valid"])
    assert [figure.axes[0].get_title(loc="left") for figure in shown] == ["2 same", "1 same"]


def test_a_person_gets_a_slider_and_a_menu_that_redraw(shown, monkeypatch):
    monkeypatch.setenv("FANAOI_HEADLESS", "0")
    controls.explore(draw, {"stride": 2}, stride=[1, 2, 3], padding=["same", "valid"])
    (box,) = [item for item in shown if isinstance(item, ipywidgets.interactive)]
    slider, menu, _ = box.children
    assert isinstance(slider, ipywidgets.SelectionSlider)
    assert isinstance(menu, ipywidgets.Dropdown)
    assert (slider.value, menu.value) == (2, "same")
    box.update()
    slider.value = 3
    menu.value = "valid"
    assert shown[-1].axes[0].get_title(loc="left") == "3 valid"


def test_styled_figures_are_closed_and_wear_the_style():
    before = style.plt.get_fignums()
    figure = draw(1, "same")
    assert style.plt.get_fignums() == before
    assert not figure.axes[0].spines["top"].get_visible()
    assert np.isclose(figure.dpi, 110)
    assert style.plt.rcParams["figure.dpi"] != 110, "the style must not leak out of the drawing"
