"""The pictures say the right numbers, and nothing in them is cut off or too small to read."""

import numpy as np
import pytest
from figure_checks import assert_readable_and_whole
from matplotlib.colors import to_hex
from matplotlib.patches import Rectangle
from matplotlib.text import Text

from fanaoi_helpers import byhand
from fanaoi_helpers.errors import WorkbookError
from fanaoi_helpers.figures import arithmetic

RAMP = np.arange(1, 26).reshape(5, 5)
KERNEL = np.array([[1, 0, 1], [0, 1, 0], [1, 0, 1]])
SIGNED = np.array([[1, 2, 0], [0, -1, 3], [-2, 0, 1]])
WINDOW = np.stack([[[2, 0], [1, 3]], [[1, 4], [0, 2]], [[5, 1], [2, 0]]], axis=-1)
FILTER = np.stack([[[1, 0], [0, 1]], [[0, -1], [2, 0]], [[1, 1], [0, -1]]], axis=-1)

FIGURES = {
    "window": lambda: arithmetic.sliding_window(RAMP, KERNEL, 1, 1),
    "window, same": lambda: arithmetic.sliding_window(RAMP, SIGNED, 2, 0, stride=2, padding="same"),
    "window, 1x1": lambda: arithmetic.sliding_window([[0.25]], [[-3]], padding=2, row=2, column=2),
    "grids": lambda: arithmetic.number_grids({"a name longer than its grid": [[1]], "b": RAMP * -10.5}),
    "padding": lambda: arithmetic.padding_sides(RAMP),
    "padding, even kernel": lambda: arithmetic.padding_sides(RAMP, 4),
    "stride": lambda: arithmetic.stride_windows(8, 3),
    "pooling": lambda: arithmetic.pooling(RAMP),
    "pooling, overlapping": lambda: arithmetic.pooling(RAMP, 3, 1, ["average"]),
    "channels": lambda: arithmetic.channels_added(WINDOW, FILTER, -3),
    "channels, 3x3 and two of them": lambda: arithmetic.channels_added(
        np.full((3, 3, 2), -20.25), np.full((3, 3, 2), 99), 0.5
    ),
    "ledger": lambda: arithmetic.ledger({"conv1": 896, "dense1": 2654336}),
}


def words(figure):
    return [text.get_text() for text in figure.findobj(Text) if text.get_text() and text.get_visible()]


def colored(figure, color):
    return [
        p for p in figure.axes[0].patches if isinstance(p, Rectangle) and to_hex(p.get_facecolor()) == color
    ]


@pytest.mark.parametrize("name", FIGURES)
def test_readable_and_whole(name):
    assert_readable_and_whole(FIGURES[name]())


def test_the_window_writes_its_sum():
    figure = arithmetic.sliding_window(RAMP, KERNEL, 0, 1, stride=2)
    assert "3·1 + 4·0 + 5·1 = 8" in words(figure) and "8 + 9 + 28 = 45" in words(figure)
    assert {"35", "45"} <= set(words(figure)) and "85" not in words(figure)  # not computed yet
    assert len(colored(figure, arithmetic.TINT)) == 9 + 1
    figure = arithmetic.sliding_window(RAMP, SIGNED, padding="same")
    assert "0·0 + 1·(−1) + 2·3 = 5" in words(figure)
    assert len(colored(figure, arithmetic.ADDED)) == 24 - 5  # 24 zeros, of which 5 lie in the window


def test_the_window_refuses_a_place_that_is_not_there():
    with pytest.raises(WorkbookError, match="row is 3.* 0 to 2"):
        arithmetic.sliding_window(RAMP, KERNEL, row=3)


def test_padding_counts_the_windows_of_each_pixel():
    numbers = [int(word) for word in words(arithmetic.padding_sides(RAMP)) if word.isdigit()]
    assert len(numbers) == 25 + 49 and numbers[:5] == [1, 2, 3, 2, 1] and max(numbers) == 9
    assert sum(numbers) == 9 * (9 + 25)


def test_strides_count_their_windows():
    assert {"stride 1: 6 windows", "stride 2: 3 windows", "stride 3: 2 windows"} <= set(
        words(arithmetic.stride_windows(8, 3))
    )
    assert "stride 4: 1 window" in words(arithmetic.stride_windows(4, 3, [4]))
    # 8 pixels, kernel 3: stride 2 leaves one pixel over, stride 3 two.
    assert len(colored(arithmetic.stride_windows(8, 3), arithmetic.ADDED)) == 3


def test_pooling_hatches_what_is_dropped():
    figure = arithmetic.pooling(RAMP)
    assert sum(bool(patch.get_hatch()) for patch in figure.axes[0].patches) == 9
    assert not any(patch.get_hatch() for patch in arithmetic.pooling(RAMP[:4, :4]).axes[0].patches)
    assert {"max pooling", "average pooling", "19", "16"} <= set(words(figure))


def test_marked_cells_are_tinted():
    figure = arithmetic.number_grids({"a": KERNEL, "b": KERNEL}, {"b": KERNEL > 0})
    assert len(colored(figure, arithmetic.TINT)) == 5


def test_channels_write_each_sum_and_the_total():
    found = words(arithmetic.channels_added(WINDOW, FILTER, -3))
    assert {"red", "green", "blue", "2·1 + 0·0 = 2", "2 + 3 = 5", "1·0 + 4·(−1) = −4"} <= set(found)
    assert "5 + (−4) + 6 + (−3) (bias) = 4" in found
    assert byhand.conv_layer(WINDOW, FILTER[..., None], [-3])[0, 0, 0] == 4


def test_ledger_says_numbers_and_shares():
    found = words(arithmetic.ledger({"conv1": 896, "conv2": 18496, "dense1": 2654336, "verdict": 129}))
    assert {"2,673,857 parameters", "2,654,336  (99.3%)", "18,496  (0.7%)", "129  (under 0.1%)"} <= set(found)
    assert "3 multiplications" in words(arithmetic.ledger({"conv1": 1, "conv2": 2}, "multiplications"))
