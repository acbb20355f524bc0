"""The pictures say the right numbers, and nothing in them is cut off or too small to read."""

import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib.colors import to_hex
from matplotlib.image import AxesImage
from matplotlib.patches import Rectangle
from matplotlib.text import Text

from fanaoi_helpers import byhand
from fanaoi_helpers.errors import WorkbookError
from fanaoi_helpers.figures import arithmetic

RAMP = np.arange(1, 26).reshape(5, 5)
KERNEL = np.array([[1, 0, 1], [0, 1, 0], [1, 0, 1]])
SIGNED = np.array([[1, 2, 0], [0, -1, 3], [-2, 0, 1]])
PHOTO = np.random.default_rng(0).integers(0, 256, (40, 50, 3), dtype=np.uint8)
GRAY = PHOTO.mean(axis=2)

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
    "responses": lambda: arithmetic.response_maps(
        {"response": GRAY - 99, "ReLU": byhand.relu(GRAY - 99)}, PHOTO
    ),
    "kernels": lambda: arithmetic.kernels_over_photo(GRAY, {"asymmetric": SIGNED, "blur": KERNEL / 5}),
    "receptive": lambda: arithmetic.receptive_fields(PHOTO, {"conv1": 3, "pool2": 10}, 20, 20),
    "ledger": lambda: arithmetic.ledger({"conv1": 896, "dense1": 2654336}),
}


def words(figure):
    return [text.get_text() for text in figure.findobj(Text) if text.get_text() and text.get_visible()]


def colored(figure, color):
    return [
        p for p in figure.axes[0].patches if isinstance(p, Rectangle) and to_hex(p.get_facecolor()) == color
    ]


@pytest.mark.parametrize("name", FIGURES)
def test_all_words_are_inside_and_readable(name):
    figure = FIGURES[name]()
    assert not plt.get_fignums()
    figure.draw_without_rendering()
    page = figure.bbox.padded(1)
    for text in figure.findobj(Text):
        if text.get_text() and text.get_visible():
            box = text.get_window_extent()
            assert page.x0 <= box.x0 and box.x1 <= page.x1, text.get_text()
            assert page.y0 <= box.y0 and box.y1 <= page.y1, text.get_text()
            assert text.get_fontsize() >= 10, text.get_text()
    width, height = figure.get_size_inches()
    assert width <= 11.01 and height <= 11


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


@pytest.mark.parametrize("name", ["responses", "kernels"])
def test_signed_pictures_are_symmetric_about_zero(name):
    images = [image for image in FIGURES[name]().findobj(AxesImage) if image.get_cmap().name == "RdBu_r"]
    assert images
    for image in images:
        low, high = image.get_clim()
        assert low == -high and np.abs(image.get_array()).max() <= high


def test_kernels_over_photo_takes_gray_photographs():
    with pytest.raises(WorkbookError, match=r"photo has shape \(40, 50, 3\)"):
        arithmetic.kernels_over_photo(PHOTO, {"asymmetric": SIGNED})


def test_ledger_says_numbers_and_shares():
    found = words(arithmetic.ledger({"conv1": 896, "conv2": 18496, "dense1": 2654336, "verdict": 129}))
    assert {"2,673,857 parameters", "2,654,336  (99.3%)", "18,496  (0.7%)", "129  (under 0.1%)"} <= set(found)
