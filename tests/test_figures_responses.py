"""The pictures of responses are on honest scales, say their sizes, and nothing in them is cut off."""

import numpy as np
import pytest
from figure_checks import assert_readable_and_whole
from matplotlib.image import AxesImage
from matplotlib.patches import Rectangle
from matplotlib.text import Text

from fanaoi_helpers import byhand
from fanaoi_helpers.errors import WorkbookError
from fanaoi_helpers.figures import responses

KERNEL = np.array([[1, 0, 1], [0, 1, 0], [1, 0, 1]])
SIGNED = np.array([[1, 2, 0], [0, -1, 3], [-2, 0, 1]])
PHOTO = np.random.default_rng(0).integers(0, 256, (40, 50, 3), dtype=np.uint8)
GRAY = PHOTO.mean(axis=2)
EDGES = byhand.convolve2d(GRAY, SIGNED)
ROWS = {
    "before": (PHOTO, {"response": EDGES, "max pooling": byhand.pool2d(EDGES)}),
    "moved to the right": (PHOTO, {"response": 3 * EDGES, "max pooling": byhand.pool2d(EDGES)}),
}

FIGURES = {
    "responses": lambda: responses.response_maps(
        {"response": GRAY - 99, "ReLU": byhand.relu(GRAY - 99)}, PHOTO
    ),
    "kernels": lambda: responses.kernels_over_photo(GRAY, {"asymmetric": SIGNED, "blur": KERNEL / 5}),
    "moved": lambda: responses.moved_maps(ROWS),
    "moved, nothing responds": lambda: responses.moved_maps({"here": (PHOTO, {"flat": np.zeros((3, 3))})}),
    "receptive": lambda: responses.receptive_fields(PHOTO, {"conv1": 3, "pool2": 10}, 20, 20),
}


def words(figure):
    return [text.get_text() for text in figure.findobj(Text) if text.get_text() and text.get_visible()]


def signed_images(figure):
    return [image for image in figure.findobj(AxesImage) if image.get_cmap().name == "RdBu_r"]


@pytest.mark.parametrize("name", FIGURES)
def test_readable_and_whole(name):
    assert_readable_and_whole(FIGURES[name]())


@pytest.mark.parametrize("name", ["responses", "kernels", "moved"])
def test_signed_pictures_are_symmetric_about_zero(name):
    images = signed_images(FIGURES[name]())
    assert images
    for image in images:
        low, high = image.get_clim()
        assert low == -high and np.abs(image.get_array()).max() <= high


def test_moved_maps_share_one_scale_and_say_their_sizes():
    figure = responses.moved_maps(ROWS)
    assert {image.get_clim()[1] for image in signed_images(figure)} == {3 * np.abs(EDGES).max()}
    assert {"before", "moved to the right", "40×50", "38×48", "19×24"} <= set(words(figure))


def test_kernels_over_photo_takes_gray_photographs():
    with pytest.raises(WorkbookError, match=r"photo has shape \(40, 50, 3\)"):
        responses.kernels_over_photo(PHOTO, {"asymmetric": SIGNED})


def test_receptive_fields_are_squares_of_their_sides():
    figure = responses.receptive_fields(PHOTO, {"conv1": 3, "pool2": 10}, 20, 12)
    squares = [patch for patch in figure.axes[0].patches if isinstance(patch, Rectangle)]
    assert [(s.get_xy(), s.get_width(), s.get_height()) for s in squares] == [
        ((11.5, 19.5), 3, 3),
        ((11.5, 19.5), 10, 10),
    ]
