"""The pixel lens, in a real JupyterLab: its numbers are those of the array."""

import numpy as np
import pytest
from PIL import Image

from fanaoi_helpers.errors import WorkbookError
from fanaoi_helpers.widgets.pixel_lens import PixelLens

CELLS = [
    """from fanaoi_helpers import fans
from fanaoi_helpers.widgets.pixel_lens import PixelLens
pixels = fans.render(fans.make_unit("F0001", 1), size=160).pixels
figure = PixelLens(pixels)
figure""",
]
PHOTOGRAPH, CELL = "[data-role=photograph]", "[data-role=cell]"
COLORED = np.random.default_rng(0).integers(0, 256, (20, 30, 3), dtype=np.uint8)


def one_step(page, number):
    """Move the mouse over the photograph, by one pixel or two."""
    if number == 0:
        box = page.locator(PHOTOGRAPH).bounding_box()
        one_step.corner = box["x"] + 40, box["y"] + 60
    left, top = one_step.corner
    page.mouse.move(left + 2 * (number % 100), top + (number * 3) % 150)


# --- without a browser -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("pixels", "words"),
    [
        (COLORED / 255, "dtype float64, but a picture is uint8"),
        (COLORED.astype(int), "dtype int64, but a picture is uint8"),
        (np.zeros((4, 5, 5, 3), np.uint8), r"shape \(4, 5, 5, 3\)"),
        (np.zeros((5, 5, 4), np.uint8), r"shape \(5, 5, 4\)"),
        (np.zeros((2, 9), np.uint8), "2 × 9 pixels, but the lens needs 3 to 2048"),
        (np.zeros((9, 2049), np.uint8), "9 × 2049 pixels"),
        ("a photograph", "dtype <U12"),
        (None, "dtype object"),
    ],
)
def test_what_is_no_picture_gets_a_sentence(pixels, words):
    with pytest.raises(WorkbookError, match=words):
        PixelLens(pixels)
    lens = PixelLens(COLORED)
    with pytest.raises(WorkbookError, match=words):
        lens.pixels = pixels
    assert np.array_equal(lens.pixels, COLORED)


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("row", 20, "row is 20, but it must be a whole number from 0 to 19"),
        ("row", -1, "row is -1"),
        ("row", "3", "row is '3'"),
        ("column", 30, "from 0 to 29"),
        ("column", 1.5, "column is 1.5"),
        ("size", 6, "size is 6, but it must be one of 3, 5, 7, 9, 11"),
        ("size", "7", "size is '7'"),
        ("frozen", 1, "frozen is 1, but it must be True or False"),
        ("channels", "red", "channels is 'red', but it must be one of 'gray', 'color'"),
        ("channels", None, "channels is None"),
    ],
)
def test_values_that_make_no_sense_get_a_sentence(name, value, words):
    with pytest.raises(WorkbookError, match=words):
        PixelLens(COLORED, **{name: value})
    lens = PixelLens(COLORED)
    before = getattr(lens, name)
    with pytest.raises(WorkbookError, match=words):
        setattr(lens, name, value)
    assert getattr(lens, name) == before


def test_it_begins_in_the_middle_and_takes_numpys_numbers():
    lens = PixelLens(COLORED)
    assert (lens.row, lens.column, lens.size, lens.frozen, lens.channels) == (10, 15, 7, False, "gray")
    lens.row, lens.size, lens.frozen = np.int64(3), 5.0, np.bool_(True)
    assert [type(one) for one in (lens.row, lens.size, lens.frozen)] == [int, int, bool]
    assert np.array_equal(lens.value, COLORED[3, 15])
    assert np.array_equal(PixelLens(Image.fromarray(COLORED)).pixels, COLORED)


def test_a_smaller_picture_keeps_the_place_inside():
    lens = PixelLens(COLORED, 19, 29)
    lens.pixels = COLORED[:5, :4]
    assert (lens.row, lens.column) == (4, 3)
    lens.pixels = COLORED
    assert (lens.row, lens.column) == (4, 3)


def test_it_is_written_in_one_line():
    assert repr(PixelLens(np.full((9, 9), 7, np.uint8), 0, 8, 3, frozen=True)) == (
        "PixelLens(pixels[0, 8] → 7, #070707, 3 × 3 around it, frozen)"
    )
    assert PixelLens(np.full((9, 9, 3), (1, 2, 255), np.uint8)).hex == "#0102ff"


@pytest.mark.parametrize("row, column, size", [(0, 0, 3), (19, 29, 11), (19, 0, 7), (10, 15, 5)])
@pytest.mark.parametrize("pixels", [COLORED, COLORED[..., 0], COLORED[:3, :3]], ids=["color", "gray", "tiny"])
def test_still(pixels, row, column, size):
    row, column = min(row, len(pixels) - 1), min(column, pixels.shape[1] - 1)
    lens = PixelLens(pixels, row, column, size, channels="color")
    figure = lens.still()
    titles = [figure.axes[1].get_title(loc) for loc in ("left", "center")]
    assert f"pixels[{row}, {column}] → " in titles[0] and lens.hex in titles[0] and titles[1] == ""
    side = min(size, *pixels.shape[:2])
    assert figure.axes[1].images[0].get_array().shape[:2] == (side, side)
    place = figure.axes[0].patches[0].get_bbox()
    assert place.x0 < column < place.x1 and place.y0 < row < place.y1
    figure.canvas.draw()


def test_a_picture_everywhere_and_a_widget_where_somebody_watches(forms):
    words, picture = forms(PixelLens(COLORED))
    assert words == repr(PixelLens(COLORED)) and picture.width > 300


# --- in the browser ----------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def figure(lab, browser):
    with lab.open(browser, CELLS, "pixel_lens") as shown:
        shown.page.wait_for_selector(f".fanaoi-pixel-lens {CELL}")
        shown.pixels = np.array(shown.python("figure.pixels"), np.uint8)
        yield shown


@pytest.fixture(autouse=True)
def begin_anew(request):
    if "figure" in request.fixturenames:
        shown = request.getfixturevalue("figure")
        shown.python(
            "figure.pixels = pixels; figure.size = 7; figure.frozen = False; figure.channels = 'gray'\n"
            "figure.row = figure.column = 80\n0"
        )
        wait(shown, 80, 80, 7)


def wait(figure, row, column, size):
    """Wait until the page shows this state."""
    figure.page.wait_for_function(
        """([row, column, size]) => document.querySelectorAll('[data-role=cell]').length === size * size
        && document.querySelector('[data-role=row]').dataset.value == row
        && document.querySelector('[data-role=column]').dataset.value == column""",
        arg=[row, column, size],
    )


def around(pixels, row, column, size):
    """Return the (size, size, channels) pixels around one, NaN where there is none."""
    half = size // 2
    whole = np.pad(
        pixels.reshape(*pixels.shape[:2], -1).astype(float),
        ((half, half), (half, half), (0, 0)),
        constant_values=np.nan,
    )
    return whole[row : row + size, column : column + size]


def numbers(figure, size):
    """Return what the cells of the page hold, in the same shape."""
    cells = figure.page.eval_on_selector_all(CELL, "found => found.map((one) => one.dataset.value)")
    depth = max(len(cell.split()) for cell in cells)
    each = [[float(one) for one in cell.split()] or [np.nan] * depth for cell in cells]
    return np.reshape(each, (-1, size, size, depth))[0]


def pixel(figure, row, column, picture=PHOTOGRAPH):
    """Return where on the page the middle of a pixel is."""
    box = figure.page.locator(picture).bounding_box()
    height, width = figure.pixels.shape[:2]
    return box["x"] + (column + 0.5) * box["width"] / width, box["y"] + (row + 0.5) * box["height"] / height


def test_its_numbers_are_those_of_the_array(figure):
    rng = np.random.default_rng(1)
    for number in range(12):
        height, width, size = *rng.integers(3, 40, 2).tolist(), rng.choice([3, 5, 7, 9, 11]).item()
        pixels = rng.integers(0, 256, (height, width, 3)[: 2 + number % 2], dtype=np.uint8)
        row, column = rng.integers(height).item(), rng.integers(width).item()
        figure.python(
            f"import numpy as np; figure.pixels = np.array({pixels.tolist()}, np.uint8)\n"
            f"figure.row, figure.column, figure.size = {row}, {column}, {size}\n0"
        )
        wait(figure, row, column, size)
        wanted = around(pixels, row, column, size)
        np.testing.assert_array_equal(numbers(figure, size), wanted)
        value = np.broadcast_to(pixels[row, column], 3)
        told = [figure.numbers(f"[data-role={name}]")[0] for name in ("red", "green", "blue")]
        assert told == value.tolist()
        line = figure.page.inner_text("[data-role=readout]")
        assert f"pixels[{row}, {column}] → {pixels[row, column]}" in line
        assert figure.page.inner_text("[data-role=hex]") == figure.python("figure.hex")
        assert figure.page.locator(CELL).get_by_text("pixel").count() == np.isnan(wanted[..., 0]).sum()
    assert figure.errors == []


def test_the_mouse_moves_and_freezes_it(figure):
    page = figure.page
    for row, column in [(0, 0), (159, 159), (31, 120)]:
        page.mouse.move(*pixel(figure, row, column))
        wait(figure, row, column, 7)
        figure.until("[figure.row, figure.column]", [row, column])
        np.testing.assert_array_equal(numbers(figure, 7), around(figure.pixels, row, column, 7))
    page.mouse.click(*pixel(figure, 30, 119))
    figure.until("figure.frozen", True)
    page.mouse.move(*pixel(figure, 90, 20))
    wait(figure, 30, 119, 7)
    page.focus(PHOTOGRAPH)
    page.keyboard.press("ArrowDown")  # keys move a frozen lens
    wait(figure, 31, 119, 7)
    page.mouse.click(*pixel(figure, 90, 20))
    figure.until("[figure.frozen, figure.row, figure.column]", [False, 90, 20])
    page.mouse.move(*pixel(figure, 10, 50, "[data-role=picture-green]"))  # a channel is as good
    figure.until("abs(figure.row - 10) < 2 and abs(figure.column - 50) < 2", True)


def test_keys(figure):
    page = figure.page
    page.focus(PHOTOGRAPH)
    steps = [
        ("ArrowRight", 80, 81), ("ArrowDown", 81, 81), ("ArrowLeft", 81, 80), ("ArrowUp", 80, 80),
        ("PageDown", 90, 80), ("PageUp", 80, 80), ("Shift+ArrowRight", 80, 90), ("Home", 80, 0),
        ("ArrowLeft", 80, 0), ("End", 80, 159), ("ArrowRight", 80, 159),
    ]  # fmt: skip
    for key, row, column in steps:
        page.keyboard.press(key)
        assert figure.numbers("[data-role=row], [data-role=column]") == [row, column], key
    figure.until("[figure.row, figure.column]", [80, 159])
    page.keyboard.press("Enter")
    figure.until("figure.frozen", True)
    page.keyboard.press(" ")
    figure.until("figure.frozen", False)
    page.click("text=Freeze")
    figure.until("figure.frozen", True)


def test_jupyterlab_leaves_its_keys_alone(figure):
    page = figure.page
    cells = page.locator(".jp-Notebook .jp-Cell").count()
    page.mouse.click(*pixel(figure, 5, 5))
    for key in "a b d d x ArrowDown Enter Home".split():
        page.keyboard.press(key)
    page.wait_for_timeout(300)
    assert page.locator(".jp-Notebook .jp-Cell").count() == cells
    assert page.evaluate("document.activeElement.dataset.role") == "photograph"


def colors(figure, name):
    """Return the sum of each channel of a small picture, as it is drawn."""
    return figure.page.evaluate(
        """(name) => { const canvas = document.querySelector(`[data-role=picture-${name}] canvas`);
        const data = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height).data;
        const sums = [0, 0, 0]; data.forEach((value, at) => { if (at % 4 < 3) sums[at % 4] += value; });
        return sums; }""",
        name,
    )


def test_channels_apart(figure):
    page = figure.page
    for view in ("gray", "color"):
        page.get_by_label("channels").select_option(view)
        figure.until("figure.channels", view)
        for channel, name in enumerate(("red", "green", "blue")):
            total = int(figure.pixels[..., channel].sum())
            wanted = [total * (view == "gray" or channel == other) for other in range(3)]
            assert colors(figure, name) == wanted
            assert figure.numbers(f"[data-role=channel-{name}]") == [figure.pixels[80, 80, channel]]
    figure.python("figure.pixels = pixels[..., 0]\n0")
    page.wait_for_selector("[data-role=picture-red]", state="hidden")
    page.get_by_label("lens", exact=True).select_option("11")
    figure.until("figure.size", 11)
    np.testing.assert_array_equal(numbers(figure, 11), around(figure.pixels[..., :1], 80, 80, 11))
    assert figure.errors == []


def test_five_hundred_random_steps(figure):
    page, rng = figure.page, np.random.default_rng(2)
    keys = ["ArrowUp", "ArrowDown", "ArrowLeft", "ArrowRight", "PageUp", "PageDown", "Home", "End", "Enter"]

    def some_step():
        row, column = rng.integers(0, 160, 2).tolist()
        kind = rng.choice(5, p=[0.5, 0.37, 0.05, 0.05, 0.03])
        if kind == 0:
            page.mouse.move(*(rng.integers([60, 180], [700, 800])).tolist())
        elif kind == 1:
            page.focus(PHOTOGRAPH)
            page.keyboard.press(rng.choice(keys).item())
        elif kind == 2:
            page.mouse.click(*pixel(figure, row, column))
        elif kind == 3:
            page.get_by_label("lens", exact=True).select_option(str(rng.choice([3, 5, 7, 9, 11])))
            page.get_by_label("channels").select_option(rng.choice(["gray", "color"]).item())
        else:
            figure.python(f"figure.row, figure.column, figure.size = {row}, {column}, 7\n0")

    figure.steps(some_step, 500)
    page.wait_for_timeout(400)
    size, (row, column) = figure.python("figure.size"), figure.python("[figure.row, figure.column]")
    wait(figure, row, column, size)
    np.testing.assert_array_equal(numbers(figure, size), around(figure.pixels, row, column, size))
    assert figure.errors == []


def test_two_views_agree(lab, browser):
    with lab.open(browser, [*CELLS, "figure"], "pixel_lens_twice") as shown:
        page = shown.page
        page.wait_for_function("document.querySelectorAll('.fanaoi-pixel-lens').length === 2")
        page.locator(PHOTOGRAPH).nth(0).focus()
        page.keyboard.press("ArrowDown")
        page.keyboard.press("Home")
        assert shown.numbers("[data-role=row], [data-role=column]") == [81, 0, 81, 0]
        cells = page.eval_on_selector_all(CELL, "found => found.map((one) => one.dataset.value)")
        assert len(cells) == 2 * 7 * 7 and cells[: 7 * 7] == cells[7 * 7 :]
        assert shown.errors == []
