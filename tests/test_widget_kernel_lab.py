"""The kernel lab, in a real JupyterLab: its response is that of ``byhand``."""

import numpy as np
import pytest

from fanaoi_helpers import byhand
from fanaoi_helpers.errors import WorkbookError
from fanaoi_helpers.widgets.kernel_lab import PRESETS, KernelLab

ROOT = ".fanaoi-kernel-lab"
CELLS = [
    """import numpy as np
from fanaoi_helpers import fans
from fanaoi_helpers.widgets.kernel_lab import KernelLab
photograph = fans.render(fans.make_unit("F0001", seed=1), size=160).pixels
figure = KernelLab(photograph)
figure""",
]


def one_step(page, number):
    """Drag a number of the kernel a little."""
    if number == 0:
        field = page.locator(f"{ROOT} [data-role=weight]").nth(2)
        field.scroll_into_view_if_needed()
        box = field.bounding_box()
        one_step.at = box["x"] + 10, box["y"] + 10
        page.mouse.move(*one_step.at)
        page.mouse.down()
    x, y = one_step.at
    page.mouse.move(x + 9 + 6 * (number % 50), y)


def photograph(seed, *shape):
    return np.random.default_rng(seed).integers(0, 256, shape, dtype=np.uint8)


# Without a browser ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (
            {"photograph": np.zeros((7, 90))},
            "photograph has the shape (7, 90), but it must be (H, W) or (H, W, 3)",
        ),
        ({"photograph": np.zeros((90, 641, 3))}, "8 to 640 rows and columns; a large one gets smaller by"),
        ({"photograph": np.zeros((90, 90, 4))}, "photograph has the shape (90, 90, 4), but it must be"),
        (
            {"photograph": np.full((9, 9), 256)},
            "photograph holds 256 to 256, but it must hold whole numbers from 0 to 255.",
        ),
        (
            {"photograph": np.zeros(9)},
            "photograph has shape (9,), but it must be an array with 2 or 3 axes",
        ),
        ({"kernel": np.ones((2, 2))}, "kernel has the shape (2, 2), but it must be (k, k) or (k, k, 3)"),
        ({"kernel": np.ones((3, 5))}, "kernel has the shape (3, 5), but it must be (k, k) or (k, k, 3)"),
        ({"kernel": np.ones((3, 3, 3))}, "three channels, but the photograph is gray, (9, 12)"),
        ({"kernel": np.full((3, 3), np.inf)}, "kernel holds NaN or infinity"),
        ({"bias": "none"}, "bias is 'none', but it must be a number from -1e+06 to 1e+06."),
        ({"padding": 1}, "padding is 1, but it must be one of 'valid', 'same'."),
        ({"colors": "heat"}, "colors is 'heat', but it must be one of 'signed', 'pixels'."),
        ({"row": 640}, "row is 640, but it must be a whole number from 0 to 639."),
        ({"column": 1.5}, "column is 1.5, but it must be a whole number from 0 to 639."),
    ],
)
def test_bad_input_is_refused_in_a_sentence(given, said):
    with pytest.raises(WorkbookError) as made:
        KernelLab(**({"photograph": photograph(0, 9, 12)} | given))
    lab = KernelLab(photograph(0, 9, 12))
    (name, value), before = *given.items(), repr(lab)
    with pytest.raises(WorkbookError) as assigned:
        setattr(lab, name, value)
    assert said in str(made.value) and said in str(assigned.value)
    assert repr(lab) == before


def test_presets_by_name():
    lab = KernelLab(photograph(0, 9, 12, 3), "blue minus green", bias=2)
    color = lab.photograph.astype(float)
    expected = byhand.convolve2d(color[:, :, 2] - color[:, :, 1], np.full((3, 3), 1 / 9)) + 2
    assert np.allclose(lab.response, expected)
    with pytest.raises(WorkbookError, match="kernel is 'unsharp', but it must be one of 'identity', 'blur'"):
        KernelLab(photograph(0, 9, 12), "unsharp")
    with pytest.raises(WorkbookError, match="the photograph is gray"):
        KernelLab(photograph(0, 9, 12), "blue minus green")
    lab.kernel = PRESETS["identity"]
    assert np.allclose(lab.response, color.mean(axis=2)[1:-1, 1:-1] + 2)


@pytest.mark.parametrize("shape", [(8, 8), (30, 21, 3)])
@pytest.mark.parametrize(
    "state",
    [
        {"kernel": "emboss", "bias": -3.5, "relu": True},
        {"kernel": [[0]], "padding": "same"},
        {"kernel": np.full((5, 5), 1e-7), "colors": "pixels", "row": 399},
        {"kernel": "blue minus green"},
    ],
)
def test_still(shape, state):
    if len(shape) == 2 and np.array_equal(state["kernel"], "blue minus green"):
        state = {"kernel": "identity"}  # a gray photograph has no blue
    figure = KernelLab(photograph(1, *shape), **state).still()
    figure.canvas.draw()
    assert 4 <= figure.get_figwidth() <= 12


def test_bundle(forms):
    words, _ = forms(KernelLab(photograph(0, 9, 12), "blur", relu=True, bias=1))
    assert words.startswith("KernelLab(kernel 3×3 over 9×12, gray, bias 1, ReLU, padding valid: response")


# In the browser ---------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def figure(lab, browser):
    with lab.open(browser, CELLS, "kernel_lab") as shown:
        shown.page.wait_for_selector(f"{ROOT} [data-role=weight]")
        yield shown


def begin(figure, photo, kernel, **state):
    """Set a known state from Python; ``photo`` is an expression."""
    state = {
        "bias": 0.0,
        "relu": False,
        "padding": "valid",
        "colors": "signed",
        "row": 0,
        "column": 0,
    } | state
    lines = [
        "figure.kernel = [[1.0]]",
        f"figure.photograph = {photo}",
        f"figure.kernel = {np.asarray(kernel).tolist()}",
    ]
    figure.python("\n".join([*lines, *(f"figure.{name} = {value!r}" for name, value in state.items()), "0"]))


def answers(figure, expected, scale=None):
    """Wait until the response is ``expected``, within 1e-5 of its scale."""
    expected = np.asarray(expected, float)
    scale = scale or max(1e-9, np.abs(expected).max())
    script = "(canvas) => ({rows: canvas.height, columns: canvas.width, numbers: Array.from(canvas.numbers)})"
    for _ in range(60):
        found = figure.page.eval_on_selector(f"{ROOT} canvas[data-role=response]", script)
        if [found["rows"], found["columns"]] == list(expected.shape):
            worst = np.abs(np.reshape(found["numbers"], expected.shape) - expected).max()
            if worst <= 1e-5 * scale:
                return
        figure.page.wait_for_timeout(50)
    raise AssertionError(
        f"the response is {found['rows']}×{found['columns']}, for {expected.shape}; or other numbers"
    )


def test_response_is_that_of_byhand(figure):
    rng = np.random.default_rng(4)
    for number in range(16):
        shape = (*rng.integers(8, 60, 2).tolist(), 3)[: 3 if number % 3 else 2]
        k = (1, 3, 5)[rng.integers(3)]
        kernel = rng.normal(
            size=(k, k, 3) if len(shape) == 3 and number % 3 == 1 else (k, k)
        ) * 10.0 ** rng.integers(-3, 3)
        bias, relu = float(rng.normal(0, 50)), bool(rng.integers(2))
        padding, colors = ("valid", "same")[number % 2], ("signed", "pixels")[rng.integers(2)]
        row, column = rng.integers(0, 60, 2).tolist()
        made = f"np.random.default_rng({number}).integers(0, 256, {shape}, dtype=np.uint8)"
        begin(
            figure, made, kernel, bias=bias, relu=relu, padding=padding, colors=colors, row=row, column=column
        )
        x = photograph(number, *shape)
        if kernel.ndim == 2:
            plain = byhand.convolve2d(x.mean(axis=2) if x.ndim == 3 else x, kernel, padding=padding) + bias
        else:
            plain = byhand.conv_layer(x, kernel[..., None], [bias], padding=padding)[:, :, 0]
        out, scale = byhand.relu(plain) if relu else plain, np.abs(plain).max()
        answers(figure, out, scale)
        row, column = min(row, out.shape[0] - 1), min(column, out.shape[1] - 1)
        figure.page.wait_for_selector(
            f"{ROOT} [data-role=value][data-row='{row}'][data-column='{column}']", state="attached"
        )
        assert np.isclose(figure.numbers(f"{ROOT} [data-role=value]")[0], out[row, column], atol=1e-5 * scale)
        sums = figure.numbers(f"{ROOT} [data-role=channel-sum]")
        assert len(sums) == (3 if kernel.ndim == 3 else 1)
        assert np.isclose(sum(sums) + bias, plain[row, column], atol=1e-5 * scale)
        low, high = figure.numbers(f"{ROOT} [data-role=low], {ROOT} [data-role=high]")
        limit = max(np.abs(out).max(), 1e-12)
        assert np.allclose([low, high], [-limit, limit] if colors == "signed" else [0, 255], rtol=1e-5)
    assert figure.errors == []


def test_pointing_shows_position_value_and_window(figure):
    begin(figure, "photograph", PRESETS["vertical edge"])
    gray = figure.python("figure.seen")
    out = byhand.convolve2d(gray, PRESETS["vertical edge"])
    answers(figure, out)
    figure.page.locator(f"{ROOT} [data-role=response]").scroll_into_view_if_needed()
    box, rng = figure.page.locator(f"{ROOT} [data-role=place]").bounding_box(), np.random.default_rng(5)
    for row, column in rng.integers(0, 158, (20, 2)).tolist():
        figure.page.mouse.move(
            box["x"] + 1 + (column + 0.5) * (box["width"] - 2) / 158,
            box["y"] + 1 + (row + 0.5) * (box["height"] - 2) / 158,
        )
        said = figure.page.locator(f"{ROOT} [data-role=value]")
        assert [said.get_attribute("data-row"), said.get_attribute("data-column")] == [str(row), str(column)]
        assert np.isclose(float(said.get_attribute("data-value")), out[row, column], atol=1e-3)
        window = figure.numbers(f"{ROOT} [data-role=window]")
        assert np.allclose(window, np.array(gray)[row : row + 3, column : column + 3].ravel())
    figure.until("[figure.row, figure.column]", [row, column])
    figure.page.focus(f"{ROOT} [data-role=place]")
    for key in ("Home", "ArrowRight", "ArrowDown", "PageDown", "ArrowUp"):
        figure.page.keyboard.press(key)
    figure.until("[figure.row, figure.column]", [10, 1])
    figure.page.keyboard.press("End")
    figure.until("[figure.row, figure.column]", [157, 157])


def test_the_kernel_is_edited_by_typing_keys_and_dragging(figure):
    begin(figure, "photograph", PRESETS["identity"])
    page, fields = figure.page, figure.page.locator(f"{ROOT} [data-role=weight]")
    answers(figure, figure.python("figure.response"))
    fields.nth(4).click()
    page.keyboard.type("-2.5")
    figure.until("figure.kernel[1, 1]", -2.5)
    page.keyboard.press("ArrowUp")
    page.keyboard.press("PageUp")
    page.keyboard.press("PageUp")
    page.keyboard.press("Shift+PageDown")
    figure.until("figure.kernel[0, 1]", 1.9)
    page.keyboard.press("ArrowLeft")
    page.keyboard.type("x")  # no number: nothing changes
    page.keyboard.press("Tab")
    figure.until("figure.kernel[0].tolist()", [0, 1.9, 0])
    page.click(f"{ROOT} [data-role=bias]")
    page.keyboard.type("−7")  # a true minus sign
    page.keyboard.press("Tab")
    figure.until("figure.bias", -7.0)
    answers(figure, figure.python("figure.response"))
    assert page.locator(f"{ROOT} [data-role=preset]").input_value() == "own"
    assert figure.errors == []


def test_numbers_are_dragged(figure):
    kernel = np.array(PRESETS["vertical edge"], float)
    begin(figure, "photograph", kernel)
    page, weights = figure.page, f"{ROOT} [data-role=weight]"
    # In any direction, by a fast hand and a slow one; a second time in the field that has the focus by then.
    for number, by, slow in [(0, 80, False), (0, -41, True), (4, 61, True), (4, 200, False), (8, -90, False)]:
        x, y = figure.middle(weights, number)
        figure.drag((x, y), (x + by, y + 3), slow=slow)
        kernel[divmod(number, 3)] += round(by / 3) / 10
        figure.until("figure.kernel.round(6).tolist()", kernel.round(6).tolist())
        assert page.evaluate("document.activeElement.value.length > 0 && getSelection().toString()") == (
            page.locator(weights).nth(number).input_value()
        )  # whole, so that what is typed takes its place
    for by, bias in [(30, 10), (-60, -10)]:
        x, y = figure.middle(f"{ROOT} [data-role=bias]")
        figure.drag((x, y), (x + by, y))
        figure.until("figure.bias", bias)
    x, y = figure.middle(weights, 3)
    figure.drag((x, y), (x + 3, y))  # the hand trembles: a click
    assert figure.numbers(weights) == pytest.approx(kernel.ravel().tolist())
    answers(figure, figure.python("figure.response"))
    assert figure.errors == []


def test_presets_sizes_and_switches(figure):
    begin(figure, "photograph", PRESETS["blur"])
    page = figure.page

    def choose(role, value):
        page.select_option(f"{ROOT} select[data-role={role}]", value)

    page.wait_for_function(f"document.querySelector('{ROOT} [data-role=preset]').value == 'blur'")
    for name, kernel in PRESETS.items():
        choose("preset", name)
        figure.until(
            "figure.kernel",
            lambda found, kernel=kernel: (
                np.allclose(found, kernel) if np.shape(found) == np.shape(kernel) else False
            ),
        )
        answers(figure, figure.python("figure.response"))
        assert page.locator(f"{ROOT} [data-role=preset]").input_value() == name
    choose("channel", "red")
    choose("preset", "spot")  # in red only; the others stay
    figure.until("figure.kernel[:, :, 0].tolist()", PRESETS["spot"])
    assert figure.python("figure.kernel[0, 0].tolist()") == [-1, pytest.approx(-1 / 9), pytest.approx(1 / 9)]
    choose("channel", "all")
    choose("preset", "sharpen")
    figure.until("figure.kernel.sum()", lambda total: abs(total - 1) < 1e-9)
    in_color = figure.python("figure.response")
    page.click(f"{ROOT} button:text-is('gray')")
    figure.until("figure.kernel.shape", [3, 3])
    answers(figure, in_color)  # a third of the kernel for each channel is the kernel for their mean
    choose("size", "5")
    figure.until("figure.kernel.shape", [5, 5])
    answers(figure, np.array(in_color)[1:-1, 1:-1])
    choose("size", "1")
    choose("padding", "same")
    page.click(f"{ROOT} button:text-is('ReLU')")
    choose("colors", "pixels")
    figure.until(
        "[figure.kernel, figure.padding, figure.relu, figure.colors]",
        lambda found: np.allclose(found[0], [[5]]) and found[1:] == ["same", True, "pixels"],
    )
    answers(figure, 5 * np.array(figure.python("figure.seen")))


def test_five_hundred_steps(figure):
    begin(figure, "photograph", PRESETS["emboss"], padding="same")
    page, rng = figure.page, np.random.default_rng(6)
    keys = [
        "ArrowLeft",
        "ArrowRight",
        "ArrowUp",
        "ArrowDown",
        "PageUp",
        "PageDown",
        "Home",
        "End",
        "Tab",
        "Shift+Tab",
        "Backspace",
        "5",
        "-",
        ".",
    ]
    menus = {"preset": 10, "channel": 4, "size": 3, "padding": 2, "colors": 2}
    page.locator(ROOT).scroll_into_view_if_needed()
    box = page.locator(ROOT).bounding_box()

    def some_step():
        kind = rng.integers(20)
        if kind < 10:
            page.mouse.move(box["x"] + rng.random() * box["width"], box["y"] + rng.random() * box["height"])
        elif kind < 17:
            if not page.evaluate(f"Boolean(document.activeElement.closest('{ROOT}'))"):
                page.focus(f"{ROOT} [data-role=weight][tabindex='0']")
            page.keyboard.press(keys[rng.integers(len(keys))])
        elif kind == 17:
            name = ("ReLU", "gray")[rng.integers(2)]
            page.eval_on_selector(f"{ROOT} button:text-is('{name}')", "(one) => one.click()")
        else:
            name = list(menus)[rng.integers(len(menus))]
            field = page.locator(f"{ROOT} select[data-role={name}]")
            if field.is_visible():
                field.select_option(index=int(rng.integers(menus[name])))

    figure.steps(some_step, 500)
    page.wait_for_timeout(500)
    answers(figure, figure.python("figure.response"), 1000)
    assert figure.errors == []
