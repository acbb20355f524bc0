"""Pictures of explanations: what they show, in numbers."""

import matplotlib
import numpy as np
import pytest

from fanaoi_helpers.errors import WorkbookError

matplotlib.use("Agg")

from fanaoi_helpers.figures import saliency


def photographs(count, side=12):
    return np.random.default_rng(0).integers(0, 256, (count, side, side, 3), dtype=np.uint8)


def texts(figure):
    return [text.get_text() for text in figure.findobj(matplotlib.text.Text) if text.get_text()]


def test_heat_is_drawn_from_0_with_a_cross_at_its_largest_and_the_outline():
    heats = np.random.default_rng(1).normal(size=(2, 12, 12))
    heats[0, 3, 7] = 9
    heats[1] = -1
    masks = np.zeros((2, 12, 12), bool)
    masks[0, 2:5, 6:9] = True
    figure = saliency.heat_rows(photographs(2), {"Grad-CAM": heats}, masks, ["scratch", "GO"])
    panels = np.array(figure.axes).reshape(2, 2)
    np.testing.assert_array_equal(panels[1, 0].images[0].get_array(), np.maximum(heats[0], 0))
    low, high = panels[1, 0].images[0].get_clim()
    assert low == 0 and (heats[0] > high).sum() == 1  # the hottest 0.5 % of 144 pixels
    (cross,) = panels[1, 0].lines
    assert (cross.get_xdata()[0], cross.get_ydata()[0]) == (7, 3)
    assert not panels[1, 1].lines and not panels[1, 1].images[0].get_array().any()  # nothing above 0
    assert all(axes.collections for axes in panels[:, 0]) and not any(
        axes.collections for axes in panels[:, 1]
    )
    assert {"scratch", "GO", "photograph", "Grad-CAM"} <= set(texts(figure))


def test_heat_without_masks():
    figure = saliency.heat_rows(photographs(1), {"a": np.ones((1, 12, 12)), "b": np.zeros((1, 12, 12))})
    assert len(figure.axes) == 3 and not any(axes.collections for axes in figure.axes)


def test_maps_that_do_not_fit_are_refused():
    with pytest.raises(WorkbookError, match=r"^a has the shape \(1, 12, 11\)"):
        saliency.heat_rows(photographs(1), {"a": np.ones((1, 12, 11))})
    with pytest.raises(WorkbookError, match="^masks has the shape"):
        saliency.heat_rows(photographs(1), {"a": np.ones((1, 12, 12))}, np.ones((2, 12, 12), bool))


def test_every_method_has_its_mark_at_its_score():
    scores = {"Grad-CAM": {"oil_stain": 0.9, "all": 0.85}, "blob": {"oil_stain": 0.1, "all": 0.3}}
    figure = saliency.scores_by_kind(scores, "pointing game")
    (axes,) = figure.axes
    drawn = {line.get_label(): list(line.get_xdata()) for line in axes.lines}
    assert drawn == {"Grad-CAM": [0.9, 0.85], "blob": [0.1, 0.3]}
    assert axes.lines[0].get_ydata()[0] > axes.lines[0].get_ydata()[1]  # the first kind stands on top
    assert {line.get_marker() for line in axes.lines} == {"o", "s"}  # told apart without color
    assert {"oil stain", "all", "pointing game"} <= set(texts(figure))
    assert axes.get_xlim()[0] < 0 and axes.get_xlim()[1] > 1, "a mark at 0 does not lie on a name"


@pytest.mark.parametrize("count", [0, 7])
def test_too_many_methods_and_none_are_refused(count):
    with pytest.raises(WorkbookError, match=f"^scores has {count} methods"):
        saliency.scores_by_kind({str(n): {"all": 0.5} for n in range(count)}, "")
