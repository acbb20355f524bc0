import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.colors import to_hex

from fanaoi_helpers.errors import WorkbookError
from fanaoi_helpers.figures import line
from fanaoi_helpers.figures.style import GO_COLOR, NG_COLOR

PHOTOS = np.random.default_rng(0).integers(0, 256, (4, 20, 20, 3), dtype=np.uint8)
LABELS = ["GO", "NG", "NG", "GO"]


def photographs(figure):
    return [axis for axis in figure.axes if axis.images]


def test_every_photograph_is_drawn_with_its_own_pixels():
    axes = photographs(line.contact_sheet(PHOTOS, columns=3))
    assert len(axes) == 4
    for axis, pixels in zip(axes, PHOTOS, strict=True):
        assert np.array_equal(axis.images[0].get_array(), pixels)


def test_gray_photographs_keep_their_scale():
    dark = np.full((1, 8, 8), 40, np.uint8)
    image = photographs(line.contact_sheet(dark))[0].images[0]
    assert image.get_clim() == (0, 255)


def test_label_shows_as_color_mark_and_line():
    go, ng = photographs(line.contact_sheet(PHOTOS[:2], LABELS[:2]))
    looks = [
        (axis.get_title("left") + axis.get_title(), axis.spines["left"].get_edgecolor()) for axis in (go, ng)
    ]
    assert [text for text, _ in looks] == ["✓ GO", "✗ NG"]
    assert [to_hex(color).upper() for _, color in looks] == [GO_COLOR, NG_COLOR]
    assert go.spines["left"].get_linestyle() != ng.spines["left"].get_linestyle()


def test_labels_may_be_numbers():
    numbered = photographs(line.contact_sheet(PHOTOS, np.array([1, 0, 0, 1])))
    named = photographs(line.contact_sheet(PHOTOS, LABELS))
    assert [a.get_title("left") for a in numbered] == [a.get_title("left") for a in named]


def test_mistakes_are_named():
    figure = line.contact_sheet(PHOTOS, LABELS, verdicts=["GO", "NG", "GO", "NG"])
    titles = [axis.get_title("left") for axis in photographs(figure)]
    assert titles == ["✓ GO", "✗ NG", "✗ NG: escape", "✓ GO: overkill"]


def test_captions_rows_and_boxes_are_drawn():
    figure = line.contact_sheet(
        PHOTOS,
        captions=list("abcd"),
        rows=["F0001", "F0002"],
        boxes=[None, (2, 3, 10, 12), None, None],
        columns=2,
    )
    axes = photographs(figure)
    assert [axis.get_xlabel() for axis in axes] == list("abcd")
    assert [axis.get_ylabel() for axis in axes] == ["F0001", "", "F0002", ""]
    assert [len(axis.patches) > 0 for axis in axes] == [False, True, False, False]
    box = axes[1].patches[0].get_bbox()
    assert box.x0 < 2 - 0.5 and box.y0 < 3 - 0.5 and box.x1 > 9.5 and box.y1 > 11.5


@pytest.mark.parametrize("zoom", [1, 3])
def test_zoom_shows_every_pixel_as_a_square_of_pixels(zoom):
    pictures = np.random.default_rng(1).integers(0, 256, (5, 90, 90, 3), dtype=np.uint8)
    boxes = [None] * 5
    captions = ["label off center, 12.5 mm, and more to tell about it"] * 5
    names = ["above", "a name too long for one line"]
    figure = line.contact_sheet(pictures, captions=captions, boxes=boxes, rows=names, columns=3, zoom=zoom)
    canvas = FigureCanvasAgg(figure)
    canvas.draw()
    drawn = np.asarray(canvas.buffer_rgba())[..., :3]
    for axis, pixels in zip(photographs(figure), pictures, strict=True):
        area = axis.get_window_extent()
        x, y = round(area.x0), drawn.shape[0] - round(area.y1)
        square = drawn[y : y + 90 * zoom, x : x + 90 * zoom]
        assert np.array_equal(square, pixels.repeat(zoom, axis=0).repeat(zoom, axis=1))
    texts = [axis.xaxis.label for axis in photographs(figure)] + [axis.yaxis.label for axis in figure.axes]
    spots = [text.get_window_extent() for text in texts if text.get_text()]
    assert len(spots) == 5 + 2
    spots += [axis.get_window_extent() for axis in photographs(figure)]
    for number, spot in enumerate(spots):
        assert spot.x0 >= 0 and spot.y0 >= 0 and spot.x1 <= figure.bbox.x1 and spot.y1 <= figure.bbox.y1
        assert not any(spot.overlaps(other) for other in spots[number + 1 :])


@pytest.mark.parametrize("columns", [1, 2, 5, 6, 10])
def test_no_text_is_cut_off_or_overlaps_another(columns):
    captions = ["F0001, foreign object, 12.5 mm"] * 4
    pictures = np.concatenate([PHOTOS] * 3)
    figure = line.contact_sheet(pictures, LABELS * 3, captions * 3, verdicts=["GO"] * 12, columns=columns)
    figure.draw_without_rendering()
    texts = [
        text for axis in photographs(figure) for text in (axis.title, axis._left_title, axis.xaxis.label)
    ]
    boxes = [text.get_window_extent() for text in texts if text.get_text()]
    assert len(boxes) == 24
    for number, box in enumerate(boxes):
        assert box.x0 >= 0 and box.y0 >= 0 and box.x1 <= figure.bbox.x1 and box.y1 <= figure.bbox.y1
        assert not any(box.overlaps(other) for other in boxes[number + 1 :])
    assert figure.get_size_inches()[0] <= 11.01


@pytest.mark.parametrize(
    "arguments, words",
    [
        ({"pictures": []}, "no photographs"),
        ({"pictures": PHOTOS / 255}, "uint8"),
        ({"pictures": PHOTOS[..., :2]}, "shape"),
        ({"labels": ["GO"]}, "labels has 1"),
        ({"labels": ["GO", "NG", "OK", "GO"]}, "'OK'"),
        ({"labels": [0, 1, 2, 1]}, "2"),
        ({"captions": ["a"]}, "captions has 1"),
        ({"boxes": [None]}, "boxes has 1"),
        ({"verdicts": LABELS}, "labels beside"),
        ({"rows": ["a", "b"]}, "rows has 2"),
        ({"columns": 0}, "columns"),
        ({"zoom": 0}, "zoom"),
    ],
)
def test_what_makes_no_sense_is_refused_in_one_sentence(arguments, words):
    with pytest.raises(WorkbookError, match=words) as caught:
        line.contact_sheet(**{"pictures": PHOTOS, **arguments})
    assert "\n" not in str(caught.value)
    assert not plt.get_fignums()
