import matplotlib.pyplot as plt
import numpy as np
import pytest

from fanaoi_helpers.errors import WorkbookError
from fanaoi_helpers.figures import pixels as draw

RNG = np.random.default_rng(0)
PHOTO = RNG.integers(0, 256, (40, 50, 3), dtype=np.uint8)
TINY = RNG.integers(0, 256, (3, 2, 3), dtype=np.uint8)


def written(axis):
    return [text.get_text() for text in axis.texts]


def drawn(axis):
    return np.asarray(axis.images[0].get_array())


def test_values_writes_every_number_where_it_is():
    gray = np.array([[0, 128, 255], [64, 200, 50]], dtype=np.uint8)
    axis = draw.values(gray).axes[0]
    assert written(axis) == ["0", "128", "255", "64", "200", "50"]
    assert [text.get_position() for text in axis.texts][:4] == [(0, 0), (1, 0), (2, 0), (0, 1)]
    assert axis.images[0].get_clim() == (0, 255)
    assert [text.get_color() for text in axis.texts][:3] == ["white", "black", "black"]


def test_values_writes_three_numbers_in_color():
    axis = draw.values(TINY).axes[0]
    assert written(axis)[1] == "\n".join(map(str, TINY[0, 1]))


def test_side_by_side_shows_each_picture_as_it_is():
    figure = draw.side_by_side([PHOTO, PHOTO[:10, :, 0]], ["one", "two"], grid=True)
    assert np.array_equal(drawn(figure.axes[0]), PHOTO)
    assert np.array_equal(drawn(figure.axes[1]), PHOTO[:10, :, 0])
    assert [axis.get_title("left") for axis in figure.axes] == ["one", "two"]


def test_places_marks_row_first():
    axis = draw.places(PHOTO, [(5, 45), (30, 20)]).axes[0]
    assert written(axis) == ["pixels[5, 45]", "pixels[30, 20]"]
    assert {(float(mark.get_xdata()[0]), float(mark.get_ydata()[0])) for mark in axis.lines} == {
        (45.0, 5.0),
        (20.0, 30.0),
    }


@pytest.mark.parametrize("row, column, size", [(0, 0, 6), (12, 30, 6), (39, 49, 8), (20, 20, 30)])
def test_zoom_shows_the_window_it_frames(row, column, size):
    left, right = draw.zoom(PHOTO, row, column, size).axes
    x, y = (round(at + 0.5) for at in left.patches[0].get_xy())
    assert np.array_equal(drawn(right), PHOTO[y : y + size, x : x + size])
    assert (y, x) == (min(row, 40 - size), min(column, 50 - size))
    ticks = [label.get_text() for label in right.get_xticklabels()]
    assert ticks[0] == str(x)
    assert len(written(right)) == (size * size if size <= 8 else 0)
    if size <= 8:
        assert written(right)[size] == "\n".join(map(str, PHOTO[y + 1, x]))


def test_channels_are_red_green_blue_on_one_scale():
    figure = draw.channels(TINY, numbers=True)
    assert len(figure.axes) == 4
    for number, axis in enumerate(figure.axes[1:]):
        assert np.array_equal(drawn(axis), TINY[..., number])
        assert axis.images[0].get_clim() == (0, 255)
        assert written(axis) == [str(value) for value in TINY[..., number].ravel()]


def test_dimensions_says_the_shapes():
    texts = " ".join(written(draw.dimensions(32, 80, 90).axes[0]))
    for part in ("0D", "4D", "()", "(3,)", "(3, 3)", "(80, 90, 3)", "(32, 80, 90, 3)"):
        assert part in texts


def test_speeds_counts_operations():
    left, right = draw.speeds([100, 1000], [0.001, 0.5], "CPU").axes
    assert [patch.get_height() for patch in left.patches] == pytest.approx([1, 500])
    assert [patch.get_height() for patch in right.patches] == pytest.approx([2, 4])


@pytest.mark.parametrize(
    "figure",
    [
        lambda: draw.values(TINY, "tiny"),
        lambda: draw.values(TINY[:1, :1]),
        lambda: draw.side_by_side([PHOTO] * 4, ["a longer title"] * 4),
        lambda: draw.places(PHOTO, [(0, 0), (39, 49), (0, 49), (39, 0)]),
        lambda: draw.zoom(PHOTO, 3, 4, 8),
        lambda: draw.zoom(PHOTO, 3, 4, 40),
        lambda: draw.channels(TINY, numbers=True),
        lambda: draw.dimensions(256, 2048, 2048),
        lambda: draw.speeds([128, 4096], [1e-5, 1.0], "GPU: a long name"),
    ],
)
def test_texts_are_readable_and_inside(figure):
    figure = figure()
    figure.draw_without_rendering()
    assert figure.get_size_inches()[0] <= 11.01
    texts = [text for text in figure.findobj(plt.Text) if text.get_text() and text.get_visible()]
    assert texts
    for text in texts:
        assert text.get_fontsize() >= 10
    for axis in figure.axes:
        for text in axis.texts:
            box = text.get_window_extent()
            assert box.x0 >= -1 and box.y0 >= -1
            assert box.x1 <= figure.bbox.x1 + 1 and box.y1 <= figure.bbox.y1 + 1
    assert not plt.get_fignums()


@pytest.mark.parametrize(
    "wrong, said",
    [
        (lambda: draw.values(PHOTO), "height"),
        (lambda: draw.values(TINY / 255), "uint8"),
        (lambda: draw.values(TINY[..., 0].ravel()), "shape"),
        (lambda: draw.side_by_side([PHOTO], []), "1 pictures and 0 titles"),
        (lambda: draw.side_by_side([], []), "0 pictures"),
        (lambda: draw.side_by_side([PHOTO, PHOTO * 0.5], ["a", "b"]), "Picture 1"),
        (lambda: draw.places(PHOTO, [(45, 5)]), "row"),
        (lambda: draw.zoom(PHOTO, 0, 50), "column"),
        (lambda: draw.zoom(PHOTO, 0, 0, 41), "size"),
        (lambda: draw.channels(PHOTO[..., 0]), "channels"),
        (lambda: draw.channels(PHOTO, numbers=True), "side"),
    ],
)
def test_what_makes_no_sense_is_refused_in_one_sentence(wrong, said):
    with pytest.raises(WorkbookError, match=said) as caught:
        wrong()
    assert "\n" not in str(caught.value)
    assert not plt.get_fignums()
