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
    figure = draw.side_by_side([PHOTO, PHOTO[:10, :, 0]], ["one", "two"])
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
    assert len(written(right)) == (size * size if size <= 6 else 0)
    if size <= 6:
        assert written(right)[size] == "\n".join(map(str, PHOTO[y + 1, x]))


@pytest.mark.parametrize(
    "box, margin, top, left, side",
    [
        ((10, 20, 16, 22), 0, 18, 10, 6),
        ((10, 20, 16, 22), 3, 15, 7, 12),
        ((0, 38, 2, 40), 4, 30, 0, 10),  # moved inside
        ((5, 5, 45, 8), 9, 0, 5, 40),  # no larger than the picture
    ],
)
def test_around_is_a_square_with_the_box_in_it(box, margin, top, left, side):
    assert np.array_equal(draw.around(PHOTO, box, margin), PHOTO[top : top + side, left : left + side])


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


@pytest.mark.parametrize("made", [..., None])
def test_attempt_leaves_the_place_empty_until_somebody_tries(made):
    given, mine = draw.attempt(PHOTO, made, "my crop").axes
    assert np.array_equal(drawn(given), PHOTO)
    assert len(np.unique(drawn(mine))) == 1 and written(mine) == ["nothing yet"]
    assert mine.get_title("left") == "my crop"


def test_attempt_shows_results_of_any_size_and_dtype_on_the_scale_of_the_picture():
    mine = draw.attempt(PHOTO, PHOTO[5:15, :20]).axes[1]
    assert np.array_equal(drawn(mine), PHOTO[5:15, :20])
    mine = draw.attempt(PHOTO, [[-3, 0.4], [254.6, 300]]).axes[1]
    assert drawn(mine).tolist() == [[0, 0], [255, 255]] and not written(mine)
    assert drawn(draw.attempt(PHOTO, [[float("nan"), 7]]).axes[1]).tolist() == [[0, 7]]


GRAPH = [
    ("x", "Placeholder", [], "uint8 (2,)"),
    ("cast", "Cast", ["x"], "float32 (2,)"),
    ("255", "Const", [], "float32 ()"),
    ("ratio", "RealDiv", ["cast", "255"], "float32 (2,)"),
    ("gain", "Placeholder", [], "resource ()"),
    ("read", "ReadVariableOp", ["gain"], "float32 ()"),
    ("product", "Mul", ["ratio", "read"], "float32 (2,)"),
]


def test_graph_draws_each_node_to_the_right_of_what_it_takes_from():
    axis = draw.graph(GRAPH).axes[0]
    boxes = {node[0]: box for node, box in zip(GRAPH, axis.patches, strict=True)}
    for name, _, inputs, _ in GRAPH:
        for source in inputs:
            assert boxes[source].get_x() + boxes[source].get_width() < boxes[name].get_x()
    assert len({box.get_xy() for box in axis.patches}) == len(GRAPH)
    assert boxes["255"].get_x() == boxes["cast"].get_x()  # a source stands right before its use
    assert boxes["gain"].get_facecolor() == boxes["read"].get_facecolor() != boxes["x"].get_facecolor()
    texts = written(axis)
    assert texts.count("Placeholder") == 2 and texts.count("float32 (2,)") == 3
    arrows = [text for text in written(axis) if not text]
    assert len(arrows) == sum(len(inputs) for _, _, inputs, _ in GRAPH)


def test_speeds_counts_operations_on_each_device():
    timed = {"CPU": [0.001, 0.5], "GPU": [0.002, 0.004]}
    left, right = draw.speeds([100, 1000], timed, [2e6, 2e9], "a product").axes
    assert [patch.get_height() for patch in left.patches] == pytest.approx([1, 500, 2, 4])
    assert [patch.get_height() for patch in right.patches] == pytest.approx([2, 4, 1, 500])
    assert [text.get_text() for text in left.get_legend().texts] == ["CPU", "GPU"]
    assert [text.get_text() for text in left.texts] == ["1", "500", "2", "4"]
    alone, _ = draw.speeds([100, 1000], {"CPU": [0.001, 0.5]}, [2e6, 2e9], "a product").axes
    assert alone.get_legend() is None


@pytest.mark.parametrize(
    "height, said", [(0.0892, "0.09"), (0.527, "0.53"), (1.61, "1.6"), (21.2, "21.2"), (104.7, "105")]
)
def test_speeds_writes_heights_briefly(height, said):
    right = draw.speeds([8], {"CPU": [1.0]}, [height * 1e9], "a product").axes[1]
    assert written(right) == [said]


@pytest.mark.parametrize(
    "figure",
    [
        lambda: draw.values(TINY),
        lambda: draw.values(TINY[:1, :1]),
        lambda: draw.side_by_side([PHOTO] * 4, ["a longer title"] * 4),
        lambda: draw.places(PHOTO, [(0, 0), (39, 49), (0, 49), (39, 0)]),
        lambda: draw.zoom(PHOTO, 3, 4, 6),
        lambda: draw.zoom(PHOTO, 3, 4, 40),
        lambda: draw.channels(TINY, numbers=True),
        lambda: draw.dimensions(256, 2048, 2048),
        lambda: draw.attempt(PHOTO, ..., "my brighter one"),
        lambda: draw.graph(GRAPH),
        lambda: draw.speeds([128, 4096], {"CPU": [1e-5, 1.0], "GPU": [2e-5, 0.01]}, [4e6, 1e11], "a product"),
    ],
)
def test_texts_are_readable_and_inside(figure):
    figure = figure()
    figure.draw_without_rendering()
    assert figure.get_size_inches()[0] <= 8.01  # wider ones are shown smaller, texts and all
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
        (lambda: draw.around(PHOTO, None), "no box"),
        (lambda: draw.around(PHOTO, (3, 3, 3, 9)), "not empty"),
        (lambda: draw.around(PHOTO, (3, 3, 51, 9)), "inside 50 × 40"),
        (lambda: draw.zoom(PHOTO, 0, 50), "column"),
        (lambda: draw.zoom(PHOTO, 0, 0, 41), "size"),
        (lambda: draw.attempt(PHOTO, "a crop"), "a str, can't be read"),
        (lambda: draw.attempt(PHOTO, 7.0), "shape"),
        (lambda: draw.attempt(PHOTO / 2, PHOTO), "uint8"),
        (lambda: draw.channels(PHOTO[..., 0]), "channels"),
        (lambda: draw.channels(PHOTO, numbers=True), "side"),
    ],
)
def test_what_makes_no_sense_is_refused_in_one_sentence(wrong, said):
    with pytest.raises(WorkbookError, match=said) as caught:
        wrong()
    assert "\n" not in str(caught.value)
    assert not plt.get_fignums()
