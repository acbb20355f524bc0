"""The convolution stepper, in a real JupyterLab: its numbers are those of ``byhand``."""

import numpy as np
import pytest

from fanaoi_helpers import byhand
from fanaoi_helpers.errors import WorkbookError
from fanaoi_helpers.widgets.convolution_stepper import OPERATIONS, ConvolutionStepper

RAMP = np.arange(1, 26).reshape(5, 5)
CROSS = np.array([[1, 0, 1], [0, 1, 0], [1, 0, 1]])
ROOT = ".fanaoi-convolution-stepper"
CELLS = [
    """import numpy as np
from fanaoi_helpers.widgets.convolution_stepper import ConvolutionStepper
figure = ConvolutionStepper(np.arange(144).reshape(12, 12) % 17 - 5, padding="same")
figure""",
]


def one_step(page, number):
    """Move the mouse to the next number of the output."""
    cell = f"{ROOT} [data-role=output][data-row='%d'][data-column='%d']"
    if number == 0:
        page.locator(cell % (6, 0)).scroll_into_view_if_needed()
        first, last = (page.locator(cell % place).bounding_box() for place in [(0, 0), (11, 11)])
        one_step.at = (first["x"] + first["width"] / 2, first["y"] + first["height"] / 2,
                       (last["x"] - first["x"]) / 11, (last["y"] - first["y"]) / 11)  # fmt: skip
    x, y, wide, high = one_step.at
    page.mouse.move(x + wide * (number % 12), y + high * (number // 12 % 12))


# Without a browser ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"x": np.ones((2, 5))}, "x is 2×5, but it must have 3 to 12 rows and columns; cut a piece out"),
        ({"x": np.ones((5, 13))}, "x is 5×13, but it must have 3 to 12 rows and columns"),
        ({"x": np.ones((5, 5, 3))}, "x has shape (5, 5, 3), but it must be an array with 2 axes"),
        ({"x": [[1, np.nan, 1]] * 3}, "x holds NaN or infinity"),
        ({"x": "photo"}, "x is 'photo', but it must be an array with 2 axes of finite numbers."),
        ({"kernel": np.ones((7, 7))}, "kernel is 7×7, but it must have 1 to 6 rows and columns"),
        ({"kernel": np.ones((0, 3))}, "kernel is 0×3, but it must have 1 to 6 rows and columns"),
        ({"stride": 0}, "stride is 0, but it must be a whole number from 1 to 6."),
        ({"stride": "two"}, "stride is 'two', but it must be a whole number from 1 to 6."),
        ({"window": 7}, "window is 7, but it must be a whole number from 1 to 6."),
        ({"padding": "full"}, "padding is 'full', but it must be one of 'valid', 'same'."),
        ({"operation": "pooling"}, "operation is 'pooling', but it must be one of 'convolution'"),
        ({"row": -1}, "row is -1, but it must be a whole number from 0 to 11."),
        ({"column": 12}, "column is 12, but it must be a whole number from 0 to 11."),
    ],
)
def test_bad_input_is_refused_in_a_sentence(given, said):
    with pytest.raises(WorkbookError) as made:
        ConvolutionStepper(**({"x": RAMP} | given))
    stepper = ConvolutionStepper(RAMP, CROSS)
    (name, value), before = *given.items(), repr(stepper)
    with pytest.raises(WorkbookError) as assigned:
        setattr(stepper, name, value)
    assert said in str(made.value) and said in str(assigned.value)
    assert repr(stepper) == before


def test_output_is_that_of_byhand():
    stepper = ConvolutionStepper(RAMP, CROSS)
    assert stepper.output.tolist() == [[35, 40, 45], [60, 65, 70], [85, 90, 95]]
    stepper.operation, stepper.stride = "max pooling", 2
    assert stepper.output.tolist() == [[7, 9], [17, 19]]
    assert ConvolutionStepper(RAMP, operation="average pooling").output.tolist() == [[4, 6], [14, 16]]


def test_what_does_not_fit_is_said_and_no_error():
    stepper = ConvolutionStepper(np.ones((3, 3)), np.ones((5, 5)))
    assert "no output, for kernel is 5 long, but the input with its padding is only 3" in repr(stepper)
    with pytest.raises(WorkbookError):
        _ = stepper.output


@pytest.mark.parametrize(
    "state",
    [
        {"so_far": True, "row": 11, "column": 11},
        {"padding": "same", "stride": 2, "row": 1},
        {"kernel": [[0.25, -1e-9]]},
        {"operation": "max pooling"},
        {"operation": "average pooling", "window": 3, "stride": 1},
        {"operation": "max pooling", "window": 6},
        {"kernel": np.ones((6, 6))},
        {"kernel": np.ones((6, 1)), "padding": "same", "so_far": True},
    ],
)
def test_still(state):
    figure = ConvolutionStepper(RAMP, **state).still()
    figure.canvas.draw()
    assert 2 <= figure.get_figwidth() <= 12


def test_bundle(forms):
    words, _ = forms(ConvolutionStepper(RAMP, CROSS, row=1))
    assert words.endswith("output 3×3, [1, 0] is 60)")


# In the browser ---------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def figure(lab, browser):
    with lab.open(browser, CELLS, "convolution_stepper") as shown:
        shown.page.wait_for_selector(f"{ROOT} [data-role=output]")
        yield shown


def begin(figure, x=RAMP, kernel=CROSS, **state):
    """Set a known state from Python and wait until the figure shows it."""
    state = {
        "stride": 1,
        "padding": "valid",
        "operation": "convolution",
        "window": 2,
        "row": 0,
        "column": 0,
    } | state
    lines = [f"figure.{name} = {value!r}" for name, value in state.items()]
    arrays = f"{np.asarray(x).tolist()}, {np.asarray(kernel).tolist()}"
    told = f"figure.x, figure.kernel, figure.so_far = {arrays}, False"
    return figure.python("\n".join([told, *lines, "figure.output"]))


def cell(role, row, column):
    return f"{ROOT} [data-role={role}][data-row='{row}'][data-column='{column}']"


def shows(figure, role, expected):
    """Wait until a grid shows these numbers."""
    expected, found = np.ravel(expected), []
    for _ in range(60):
        found = figure.numbers(f"{ROOT} [data-role={role}]")
        if len(found) == expected.size and np.abs(np.subtract(found, expected)).max(initial=0) <= 1e-5:
            return
        figure.page.wait_for_timeout(50)
    raise AssertionError(f"{role} shows {found}, not {expected.tolist()}")


def test_numbers_are_those_of_byhand(figure):
    rng = np.random.default_rng(2)
    for number in range(24):
        operation = OPERATIONS[number % 4 % 3]
        x = rng.normal(0, 100, rng.integers(3, 13, 2)).round(rng.integers(0, 4))
        kernel = rng.normal(size=rng.integers(1, min(*x.shape, 6) + 1, 2)).round(2)
        stride, padding = int(rng.integers(1, 5)), ("valid", "same")[number % 2]
        window = int(rng.integers(1, min(*x.shape, 6) + 1))
        place = {"row": int(rng.integers(12)), "column": int(rng.integers(12))}
        begin(figure, x, kernel, stride=stride, padding=padding, operation=operation, window=window, **place)
        if operation == "convolution":
            out = byhand.convolve2d(x, kernel, stride, padding)
        else:
            out = byhand.pool2d(x, window, stride, operation.split()[0])
        shows(figure, "output", out)
        row, column = (min(at, side - 1) for at, side in zip(place.values(), out.shape, strict=True))
        shows(figure, "sum", out[row, column])
        if operation == "convolution":
            sums = figure.numbers(f"{ROOT} [data-role=row-sum]")
            assert len(sums) == len(kernel) and np.isclose(sum(sums), out[row, column], atol=1e-5)
    assert figure.errors == []


def test_the_mouse_looks_at_outputs_and_inputs(figure):
    out = begin(figure)
    shows(figure, "output", out)
    figure.page.hover(cell("output", 1, 2))
    figure.until("[figure.row, figure.column]", [1, 2])
    assert figure.numbers(f"{ROOT} [data-role=sum]") == [70]
    assert (
        figure.page.text_content(f"{ROOT} [data-role=explanation] p:nth-child(2)") == "8·1 + 9·0 + 10·1 = 18"
    )
    figure.page.hover(cell("input", 0, 1))
    assert figure.numbers(f"{ROOT} [data-role=fed]") == [2]
    lit = f"{ROOT} [data-role=output].stepper-fed"
    assert figure.page.eval_on_selector_all(lit, "all => all.map((one) => one.dataset.column)") == ["0", "1"]
    figure.page.hover(cell("kernel", 0, 2))
    assert figure.page.locator(f"{ROOT} [data-role=input].stepper-fed").get_attribute("data-value") == "10"
    figure.page.hover(f"{ROOT} [data-role=rule]")
    assert figure.page.locator(f"{ROOT} .stepper-fed").count() == 0


def test_the_window_can_be_dragged(figure):
    begin(figure)
    shows(figure, "sum", 35)
    middle = {at: figure.middle(cell("input", *at)) for at in [(1, 1), (3, 2), (2, 1)]}
    figure.drag(middle[1, 1], middle[3, 2], slow=True)
    figure.until("[figure.row, figure.column]", [2, 1])
    shows(figure, "sum", 90)
    figure.page.keyboard.press("Control+a")  # in the cell that has the focus by now
    figure.drag(middle[3, 2], middle[2, 1])
    figure.until("[figure.row, figure.column]", [1, 0])


def test_numbers_are_edited_in_place(figure):
    begin(figure)
    shows(figure, "sum", 35)
    page = figure.page
    page.click(cell("input", 0, 0))
    page.keyboard.type("-9.5")
    page.keyboard.press("Enter")
    figure.until("figure.x[0, 0]", -9.5)
    page.click(cell("kernel", 2, 2))
    page.keyboard.type("2")
    page.keyboard.press("ArrowLeft")  # within the field
    page.keyboard.type("1")
    figure.until("figure.kernel[2, 2]", 12.0)
    page.keyboard.press("Escape")
    figure.until("figure.kernel[2, 2]", 1.0)
    assert page.text_content(cell("kernel", 2, 2)) == "1"
    page.dblclick(cell("kernel", 0, 0))
    page.keyboard.type("3")
    page.keyboard.press("Tab")
    figure.until("figure.kernel[0, 0]", 3.0)
    shows(figure, "output", figure.python("figure.output"))
    page.click(cell("input", 4, 4))
    page.keyboard.type("-")  # no number yet: nothing changes
    page.keyboard.press("Enter")
    shows(figure, "input", figure.python("figure.x"))
    assert figure.errors == []


def test_keys(figure):
    cells = figure.python("len(In)")
    begin(figure)
    shows(figure, "sum", 35)
    page = figure.page
    page.focus(cell("output", 0, 0))
    for key in ("ArrowRight", "ArrowDown", "ArrowDown", "ArrowDown", "ArrowLeft", "ArrowLeft"):
        page.keyboard.press(key)
    figure.until("[figure.row, figure.column]", [2, 0])
    page.keyboard.press("End")
    figure.until("[figure.row, figure.column]", [2, 2])
    page.keyboard.press("Home")
    page.keyboard.press("ArrowDown")
    figure.until("[figure.row, figure.column]", [1, 0])
    page.keyboard.press("Shift+Tab")  # to the kernel, one tab stop
    assert page.evaluate("document.activeElement.dataset.role") == "kernel"
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("ArrowRight")
    assert figure.numbers(f"{ROOT} [data-role=fed]")[0] > 0
    for key in ("7", "Enter", "a", "b", "d", "d"):  # letters mean something to JupyterLab
        page.keyboard.press(key)
    figure.until("int((figure.x == 7).sum())", 2)
    assert page.locator(".jp-Notebook .jp-Cell").count() == len(CELLS)
    assert figure.python("len(In)") == cells and figure.errors == []


def test_play_fills_the_output_and_pauses(figure):
    begin(figure)
    figure.python("figure.so_far = True\n0")
    page = figure.page
    page.wait_for_selector(f"{cell('output', 0, 1)}.stepper-later")
    page.focus(cell("output", 0, 0))
    page.keyboard.press("Space")
    figure.until("figure.column", lambda column: column > 0)
    page.keyboard.press("Space")
    at = figure.python("[figure.row, figure.column]")
    page.wait_for_timeout(900)
    assert figure.python("[figure.row, figure.column]") == at
    assert page.locator(f"{ROOT} .stepper-later").count() == 8 - 3 * at[0] - at[1]
    page.click(f"{ROOT} button:has-text('Step')")
    figure.until("3 * figure.row + figure.column", 3 * at[0] + at[1] + 1)
    page.click(f"{ROOT} button:has-text('so far only')")
    figure.until("figure.so_far", False)
    assert page.locator(f"{ROOT} .stepper-later").count() == 0


def test_settings_and_what_does_not_fit(figure):
    begin(figure, np.arange(9).reshape(3, 3))
    page = figure.page
    shows(figure, "output", [20])
    page.select_option(f"{ROOT} select[data-role=size]", label="5×5")
    figure.until("figure.kernel.shape", [5, 5])
    trouble = "The kernel is 5 long, but the input with its padding is only 3: "
    trouble += "take a smaller kernel or more padding."
    assert page.text_content(f"{ROOT} [data-role=trouble]") == trouble
    page.select_option(f"{ROOT} select[data-role=padding]", "same")
    figure.until("figure.padding", "same")
    shows(figure, "output", byhand.convolve2d(np.arange(9).reshape(3, 3), np.pad(CROSS, 1), padding="same"))
    assert page.text_content(f"{ROOT} [data-role=trouble]") == ""
    page.select_option(f"{ROOT} select[data-role=operation]", "average pooling")
    figure.until("[figure.operation, figure.stride]", ["average pooling", 2])
    shows(figure, "output", [2])
    page.select_option(f"{ROOT} select[data-role=window]", label="4×4")
    figure.until("figure.window", 4)
    assert "The window is 4 long" in page.text_content(f"{ROOT} [data-role=trouble]")
    page.select_option(f"{ROOT} select[data-role=window]", label="3×3")
    page.select_option(f"{ROOT} select[data-role=stride]", "1")
    figure.until("[figure.window, figure.stride]", [3, 1])
    shows(figure, "output", [4])


def test_five_hundred_steps(figure):
    begin(figure, np.arange(64).reshape(8, 8) % 11)
    page, rng = figure.page, np.random.default_rng(3)
    keys = [
        "ArrowLeft",
        "ArrowRight",
        "ArrowUp",
        "ArrowDown",
        "Home",
        "End",
        "Tab",
        "Shift+Tab",
        "Enter",
        "Escape",
        "5",
        "-",
        "Space",
    ]
    page.locator(ROOT).scroll_into_view_if_needed()
    box = page.locator(ROOT).bounding_box()
    menus = {"size": 6, "window": 6, "stride": 6, "padding": 2, "operation": 3}

    def some_step():
        kind = rng.integers(10)
        if kind < 5:
            page.mouse.move(box["x"] + rng.random() * box["width"], box["y"] + rng.random() * box["height"])
        elif kind < 9:
            if not page.evaluate(f"Boolean(document.activeElement.closest('{ROOT}'))"):
                page.focus(f"{ROOT} [data-role=input][tabindex='0']")
            page.keyboard.press(keys[rng.integers(len(keys))])
        else:
            name = list(menus)[rng.integers(len(menus))]
            field = page.locator(f"{ROOT} select[data-role={name}]")
            if field.is_visible():
                field.select_option(index=int(rng.integers(menus[name])))

    figure.steps(some_step, 500)
