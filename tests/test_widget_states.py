"""A figure's states are declared once: as its arguments, its documentation, and what is refused by name."""

import importlib
import inspect

import numpy as np
import pytest
from test_widgets_stored import FIGURES

from fanaoi_helpers.errors import WorkbookError
from fanaoi_helpers.widgets.kernel_lab import KernelLab

CLASSES = [
    getattr(importlib.import_module(f"fanaoi_helpers.widgets.{module}"), name)
    for name, (module, _) in FIGURES.items()
]
PHOTO = np.zeros((9, 12), np.uint8)


@pytest.mark.parametrize("figure", CLASSES, ids=lambda figure: figure.__name__)
def test_each_argument_is_explained(figure):
    lines = inspect.getdoc(figure).splitlines()
    for name in inspect.signature(figure).parameters:
        (line,) = [line for line in lines if line.strip().startswith(f"{name}: ")]
        assert len(line.split()) > 2


def test_help_shows_the_states():
    assert str(inspect.signature(KernelLab)).startswith("(photograph, kernel=array([[")
    assert "colors='signed', row=None, column=None)" in str(inspect.signature(KernelLab))
    assert "    bias: added to each number; -1e+06 to 1e+06." in inspect.getdoc(KernelLab).splitlines()


def test_none_stands_for_what_follows_from_the_others():
    lab = KernelLab(PHOTO, "blur", row=None, column=3)
    assert (lab.row, lab.column) == (4, 3)


@pytest.mark.parametrize(
    ("make", "says"),
    [
        (lambda: KernelLab(PHOTO, kernal="blur"), "KernelLab has no kernal: did you mean kernel?"),
        (lambda: KernelLab(PHOTO, speed=3), "KernelLab has no speed: it has photograph, kernel, bias"),
        (lambda: KernelLab(), "KernelLab takes photograph, .*: missing a required argument: 'photograph'"),
        (lambda: KernelLab(PHOTO, "blur", 1.0), "KernelLab takes .*: too many positional arguments"),
        (lambda: KernelLab(PHOTO, photograph=PHOTO), "multiple values for argument 'photograph'"),
        (lambda: KernelLab(PHOTO, bias=None), "bias is None"),
    ],
)
def test_what_is_no_state_is_refused_in_a_sentence(make, says):
    with pytest.raises(WorkbookError, match=says) as refused:
        make()
    assert "\n" not in str(refused.value)
