"""Sliders and menus over a still picture where a person is watching; the picture alone elsewhere."""

from collections.abc import Callable, Mapping, Sequence

from matplotlib.figure import Figure

from ..files import headless


def explore(draw: Callable[..., Figure], start: Mapping | None = None, **choices: Sequence) -> None:
    """Show ``draw(**choice)`` under one control for each keyword.

    Args:
        draw: a function that returns a Figure, called with one value for each keyword.
        start: the value that a keyword begins with, where that is not the first one.
        choices: the values to choose from: numbers in order give a slider, anything else a menu.

    In a stored execution, a test or a papermill run the first picture is shown without controls.
    """
    from IPython.display import display

    start = {name: values[0] for name, values in choices.items()} | dict(start or {})
    if headless():
        display(draw(**start))
        return
    import ipywidgets as widgets

    def control(name: str, values: Sequence) -> widgets.Widget:
        shared = {"options": list(values), "value": start[name], "description": name.replace("_", " ")}
        if all(isinstance(value, (int, float)) for value in values):
            return widgets.SelectionSlider(continuous_update=False, **shared)
        return widgets.Dropdown(**shared)

    def show(**chosen: object) -> None:
        display(draw(**chosen))

    display(widgets.interactive(show, **{name: control(name, values) for name, values in choices.items()}))
