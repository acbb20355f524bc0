"""Pictures of filters and feature maps: what they show, in numbers."""

import matplotlib
import numpy as np
import pytest
from matplotlib.figure import Figure

from fanaoi_helpers.errors import WorkbookError

matplotlib.use("Agg")

from fanaoi_helpers.figures import inside


def numbers(*shape, seed=0):
    return np.random.default_rng(seed).normal(size=shape)


def photo(seed=0, side=40):
    return np.random.default_rng(seed).integers(0, 256, (side, side, 3), dtype=np.uint8)


def shown(figure):
    """Return the arrays that a figure shows as pictures, panel by panel."""
    figure.canvas.draw()
    return [image.get_array() for axes in figure.axes for image in axes.images]


def texts(figure):
    return [text.get_text() for text in figure.findobj(matplotlib.text.Text) if text.get_text()]


def test_filters_share_one_scale_about_zero():
    filters = numbers(3, 3, 3, 10)
    filters[..., 4] = 0
    figure = inside.filters_rgb({"a": filters, "b": filters / 2})
    first, second = shown(figure)
    assert isinstance(figure, Figure) and first.shape == (7, 31, 3)  # two rows of eight with gaps of one cell
    np.testing.assert_array_equal(first[:3, 16:19], 0.5)  # 0 is gray
    largest = np.abs(filters).max()
    np.testing.assert_allclose(first[4:7, :3], 0.5 + filters[..., 8] / (2 * largest))
    np.testing.assert_allclose(second[4:7, :3], 0.5 + filters[..., 8] / (4 * largest))
    np.testing.assert_array_equal(first[3], 1)  # the gap is white


def test_channels_are_drawn_symmetric_about_zero():
    filters = numbers(3, 3, 3, 6)
    figure = inside.filters_by_channel(filters, [5, 2])
    pictures = [axes.images[0] for axes in figure.axes[:8]]
    np.testing.assert_array_equal(pictures[2].get_array(), filters[:, :, 0, 5])
    np.testing.assert_array_equal(pictures[7].get_array(), filters[:, :, 2, 2])
    largest = np.abs(filters[..., [5, 2]]).max()
    assert {picture.get_clim() for picture in pictures[2:]} == {(-largest, largest)}
    assert {"5", "2", "together", "red", "green", "blue"} <= set(texts(figure))
    alone = inside.filters_by_channel(filters, [0, 1], channels=["red"])
    assert "green" not in texts(alone)


@pytest.mark.parametrize(
    "draw", [lambda f: inside.filters_rgb({"a": f}), lambda f: inside.filters_by_channel(f, [0])]
)
def test_filters_of_later_layers_are_refused(draw):
    with pytest.raises(WorkbookError, match=r"^filters has the shape \(3, 3, 32, 4\)"):
        draw(numbers(3, 3, 32, 4))


def test_a_filter_that_is_not_there_is_refused():
    with pytest.raises(WorkbookError, match="^filter is 6"):
        inside.filters_by_channel(numbers(3, 3, 3, 6), [6])


def test_the_strongest_maps_come_first_and_silent_ones_are_counted():
    maps = np.zeros((5, 6, 4))
    maps[2, 3, 1], maps[1, 1, 3] = 2.0, 7.0
    assert inside.strongest(maps).tolist() == [3, 1]
    figure = inside.map_gallery(photo(), maps, "conv1", caption="scratch")
    pictures = shown(figure)
    assert len(pictures) == 3
    np.testing.assert_array_equal(pictures[1], maps[..., 3])
    said = texts(figure)
    assert "conv1: 4 maps of 5×6, 2 of them 0 everywhere; the 2 strongest" in said
    assert {"map 3: 7.00", "map 1: 2.00", "scratch"} <= set(said)


def test_many_maps_and_none():
    assert len(shown(inside.map_gallery(photo(), np.abs(numbers(4, 4, 64)), "conv2", count=12))) == 13
    assert len(shown(inside.map_gallery(photo(), np.zeros((4, 4, 8)), "pool2"))) == 1


def test_the_maps_that_change_most_are_drawn_in_their_place():
    go = np.abs(numbers(9, 9, 6))
    ng = go.copy()
    ng[2:4, 5, 1] += 3
    ng[3, 5, 4] -= 1
    mask = np.zeros((40, 40), bool)
    mask[10:16, 20:24] = True
    centers = 4 + 4.0 * np.arange(9), 4 + 4.0 * np.arange(9)
    figure = inside.what_changed((photo(), photo(1)), (go, ng), mask, "pool2", centers, count=2)
    change = figure.axes[7].images[0]  # the third row's second panel
    np.testing.assert_allclose(change.get_array(), ng[..., 1] - go[..., 1])
    assert change.get_extent() == [2, 38, 38, 2]  # a number every 4 pixels, from 4 to 36
    assert change.get_clim() == pytest.approx((-3, 3))
    assert {"map 1", "map 4", "GO", "NG", "NG − GO"} <= set(texts(figure))


def test_no_change_and_no_defect_can_be_drawn():
    maps = np.abs(numbers(1, 1, 3))
    centers = np.array([20.0]), np.array([20.0])
    figure = inside.what_changed((photo(), photo()), (maps, maps), np.zeros((40, 40), bool), "pool2", centers)
    assert figure.axes[4 + 4 + 1].images[0].get_extent() == [0, 40, 40, 0]


def test_fields_are_drawn_to_scale():
    figure = inside.fields_on_photo(photo(), {"conv1": (10, 12, 13, 15), "pool2": (8, 8, 18, 18)})
    whole = figure.axes[0].patches
    assert [patch.get_bbox().bounds for patch in whole] == [(9.5, 11.5, 3, 3), (7.5, 7.5, 10, 10)]
    assert {"conv1: 3×3", "pool2: 10×10"} <= set(texts(figure))
    with pytest.raises(WorkbookError, match="^fields is empty"):
        inside.fields_on_photo(photo(), {})


def test_patches_are_framed_by_label_in_color_and_in_line():
    patches = {"map 1": [photo(n, 10) for n in range(3)], "map 2": [photo(9, 10)]}
    figure = inside.best_patches(patches, {"map 1": ["GO", "NG", "GO"], "map 2": ["NG"]})
    assert len(shown(figure)) == 4
    frames = [axes.spines["left"] for axes in figure.axes[:2]]
    assert matplotlib.colors.to_hex(frames[0].get_edgecolor()) == inside.GO_COLOR.lower()
    assert matplotlib.colors.to_hex(frames[1].get_edgecolor()) == inside.NG_COLOR.lower()
    assert frames[0].get_linestyle() != frames[1].get_linestyle()


def test_contributions_add_up():
    values = numbers(32)
    figure = inside.contributions(values, -0.5, "map 3")
    bars = [patch.get_height() for patch in figure.axes[0].patches]
    np.testing.assert_allclose(bars[:32], values)
    assert bars[32] == -0.5 and bars[33] == pytest.approx(sum(bars[:33]))
    assert f"{values.sum() - 0.5:.2f}" in texts(figure)
