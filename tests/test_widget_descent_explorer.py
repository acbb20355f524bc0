"""The descent explorer, in a real JupyterLab: its paths are those of ``byhand``."""

import numpy as np
import pytest

from fanaoi_helpers import byhand
from fanaoi_helpers.errors import WorkbookError
from fanaoi_helpers.widgets.descent_explorer import MOST_STEPS, OPTIMIZERS, SURFACES, DescentExplorer

CELLS = [
    """from fanaoi_helpers.widgets.descent_explorer import DescentExplorer
figure = DescentExplorer("valley", optimizer="momentum", rate=0.02, momentum=0.9, step=40)
figure""",
]
FIRST, SECOND = (f".jp-Cell:nth-of-type({n}) .fanaoi-descent-explorer" for n in (1, 2))
LEFT, TOP, ACROSS, DOWN, WIDTH, HEIGHT = 44, 8, 560, 280, 614, 334  # the picture, as in the script


def one_step(page, number):
    """Drag the ball a little, by the mouse; 100 steps go along."""
    if number == 0:
        step = page.locator(".fanaoi-descent-explorer [data-role=step]").first
        step.fill("100")
        one_step.box = box = page.locator(".fanaoi-descent-explorer [data-role=picture]").first.bounding_box()
        start = page.locator(".fanaoi-descent-explorer [data-role=start]").first.bounding_box()
        page.mouse.move(start["x"] + start["width"] / 2, start["y"] + start["height"] / 2)
        page.mouse.down()
    box = one_step.box
    page.mouse.move(box["x"] + 80 + 4 * (number % 100), box["y"] + 60 + number % 7)


# Without a browser -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "wrong, said",
    [
        (lambda: DescentExplorer("hill"), "one of 'parabola'"),
        (lambda: DescentExplorer(3), "one of 'parabola'"),
        (lambda: DescentExplorer(optimizer="sgd"), "one of 'SGD', 'momentum', 'Adam'"),
        (lambda: DescentExplorer(rate=0), "from 0.0001 to 10"),
        (lambda: DescentExplorer(rate="fast"), "from 0.0001 to 10"),
        (lambda: DescentExplorer(momentum=1), "from 0 to 0.99"),
        (lambda: DescentExplorer(step=201), "from 0 to 200"),
        (lambda: DescentExplorer(step=1.5), "whole number"),
        (lambda: DescentExplorer(start=3.0), r"must be 2 numbers from \(-10, -4\) to \(6, 4\)"),
        (lambda: DescentExplorer(start=(0, 5)), r"start is \(0, 5\)"),
        (lambda: DescentExplorer(start=(0, np.nan)), "NaN"),
        (lambda: DescentExplorer("parabola", start=(0, 1)), "must be 1 number from -1 to 7"),
        (lambda: setattr(DescentExplorer(), "start", [1]), "must be 2 numbers"),
        (lambda: setattr(DescentExplorer(), "rate", -1), "from 0.0001 to 10"),
        (lambda: setattr(DescentExplorer(), "rate", None), "from 0.0001 to 10"),
        (lambda: setattr(DescentExplorer(), "surface", "sea"), "one of 'parabola'"),
    ],
)
def test_what_makes_no_sense_is_refused_in_a_sentence(wrong, said):
    with pytest.raises(WorkbookError, match=said) as refused:
        wrong()
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize("name", SURFACES)
def test_gradients_are_those_of_the_losses(name):
    surface, rng = SURFACES[name], np.random.default_rng(0)
    for _ in range(20):
        point = rng.uniform(surface.low, surface.high)
        measured = byhand.numeric_gradient(lambda at: surface.loss(*at), point)
        assert byhand.relative_error(surface.gradient(point), measured) < 1e-6


def test_a_new_surface_brings_a_start_where_the_old_one_is_outside():
    explorer = DescentExplorer("valley", step=3)
    explorer.surface = "parabola"
    assert explorer.start.tolist() == [0.5] and explorer.path.shape == (4, 1)
    explorer.surface, explorer.start = "bowl", (1, 1)
    explorer.surface = "saddle"
    assert explorer.start.tolist() == [1, 1]
    assert DescentExplorer("parabola", start=2).start.tolist() == [2]


@pytest.mark.parametrize(
    "explorer",
    [
        DescentExplorer("parabola"),
        DescentExplorer("parabola", rate=10, step=200),
        DescentExplorer("valley", rate=0.11, step=60),
        DescentExplorer("valley", rate=10, step=200),
        DescentExplorer("two minima", rate=10, step=200),
        DescentExplorer("saddle", optimizer="Adam", start=(0, 0), step=5),
        DescentExplorer("bowl", optimizer="momentum", step=1),
    ],
    ids=repr,
)
def test_still_of_odd_states(explorer, forms):
    words, picture = forms(explorer)
    assert "step" in words and picture.width > 600


# In the browser --------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def figure(lab, browser):
    with lab.open(browser, [*CELLS, "figure"], "descent_explorer", height=1500) as shown:
        for where in (FIRST, SECOND):
            shown.page.wait_for_selector(f"{where} [data-role=loss]")
        yield shown


def put(figure, surface, start, step=0, optimizer="SGD", rate=0.05, momentum=0.9):
    """Set everything from Python, wait until the figure shows it, and return the same in Python."""
    start = list(map(float, start))
    figure.python(
        f"with figure.hold_sync(): figure.set_trait('surface', {surface!r}); "
        f"figure.start = {start}; figure.step = {step}; figure.optimizer = {optimizer!r}; "
        f"figure.rate = {rate}; figure.momentum = {momentum}\nNone"
    )
    figure.page.wait_for_function(
        "([where, state]) => document.querySelector(where).dataset.value === state.join(' ')",
        arg=[f"{FIRST} [data-role=picture]", [surface, optimizer, rate, momentum, step, *start]],
    )
    return DescentExplorer(surface, optimizer=optimizer, rate=rate, momentum=momentum, start=start, step=step)


def check(figure, explorer, where=FIRST):
    point = np.array(figure.numbers(f"{where} [data-role^=point-]"))
    gradient = np.array(figure.numbers(f"{where} [data-role^=gradient-]"))
    (loss,) = figure.numbers(f"{where} [data-role=loss]")
    assert np.allclose(point, explorer.path[-1], rtol=1e-5, atol=1e-5)
    assert np.allclose(loss, explorer.losses[-1], rtol=1e-5, atol=1e-5)
    wanted = SURFACES[explorer.surface].gradient(explorer.path[-1])
    assert np.allclose(gradient, wanted, rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("name", SURFACES)
def test_formulas_equal_those_of_python(figure, name):
    rng = np.random.default_rng(5)
    for _ in range(4):
        explorer = put(figure, name, rng.uniform(SURFACES[name].low, SURFACES[name].high))
        check(figure, explorer)
    # Round numbers far apart show a wrong term that noise might hide.
    check(figure, put(figure, name, SURFACES[name].high))


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_paths_equal_byhand(figure, optimizer):
    rng = np.random.default_rng(6)
    names = [*SURFACES, *SURFACES]
    for name in names:
        start = rng.uniform(SURFACES[name].low, SURFACES[name].high)
        rate = float(10 ** rng.uniform(-3, 0 if optimizer == "Adam" else -1.4))
        step = int(rng.integers(1, MOST_STEPS + 1))
        explorer = put(figure, name, start, step, optimizer, rate, round(float(rng.uniform(0, 0.99)), 3))
        if np.isfinite(explorer.losses[-1]) and explorer.losses.max() < 1e12:
            check(figure, explorer)
    assert figure.errors == []


def test_running_away_is_said(figure):
    explorer = put(figure, "valley", (-8, 2.5), 30, rate=0.105)
    check(figure, explorer)
    said = f"{FIRST} [data-role=sentence]"
    assert "Diverging" in figure.page.inner_text(said)
    put(figure, "valley", (-8, 2.5), 200, rate=10)
    assert "too large for the computer" in figure.page.inner_text(said)
    put(figure, "valley", (-8, 2.5), 200, rate=0.05)
    assert "At rest, or nearly, at the minimum" in figure.page.inner_text(said)
    put(figure, "two minima", (5, 2), 200)
    assert "shallow minimum" in figure.page.inner_text(said)
    put(figure, "saddle", (-4, 0), 200)
    assert "saddle" in figure.page.inner_text(said)
    assert figure.errors == []


def place(figure, *point):
    """Where a point of the present picture lies in the window."""
    box = figure.page.locator(f"{FIRST} [data-role=picture]").bounding_box()
    surface = SURFACES[figure.python("figure.surface")]
    part = (np.array(point) - surface.low) / (np.array(surface.high) - surface.low)
    x, y = LEFT + part[0] * ACROSS, TOP + (1 - part[1]) * DOWN
    return box["x"] + x / WIDTH * box["width"], box["y"] + y / HEIGHT * box["height"]


def test_drag_the_square_and_the_path_follows(figure):
    put(figure, "valley", (-8, 2.5), 10, rate=0.02)
    figure.drag(place(figure, -8, 2.5), place(figure, -5, -3))
    figure.until("list(figure.start.round(1))", [-5.0, -3.0])
    figure.drag(place(figure, -5, -3), place(figure, -5.5, -3), slow=True)
    figure.until("list(figure.start.round(1))", [-5.5, -3.0])
    start = figure.python("figure.start")
    check(figure, DescentExplorer("valley", rate=0.02, start=start, step=10))
    assert figure.python("figure.step") == 10


def test_drag_the_ball_and_a_new_descent_begins(figure):
    explorer = put(figure, "valley", (-8, 2.5), 10, rate=0.02)
    # outside: the start stays in the picture
    figure.drag(place(figure, *explorer.path[-1]), place(figure, 6.5, 4.5))
    figure.until("[figure.step, *figure.start]", [0, 6.0, 4.0])
    check(figure, DescentExplorer("valley", start=(6, 4)))


def test_buttons_sliders_and_menus(figure):
    put(figure, "valley", (-8, 2.5), 0, rate=0.02)
    page = figure.page.locator(FIRST)
    for label, step in (("one step", 1), ("one step", 2), ("one step back", 1), ("reset to the start", 0)):
        page.get_by_role("button", name=label, exact=True).click()
        figure.until("figure.step", step)
    page.locator("[data-role=rate]").fill("-1.3")
    figure.until("figure.rate", 0.0501)
    page.locator("[data-role=step]").fill("20")
    assert page.locator("[data-role=momentum]").is_disabled()
    page.locator("[data-role=optimizer]").select_option("momentum")
    page.locator("[data-role=momentum]").fill("0.5")
    figure.until("[figure.optimizer, figure.momentum, figure.step]", ["momentum", 0.5, 20])
    explorer = DescentExplorer("valley", optimizer="momentum", rate=0.0501, momentum=0.5, step=20)
    check(figure, explorer)
    check(figure, explorer, SECOND)  # two views of one figure agree
    for name in SURFACES:
        page.locator("[data-role=surface]").select_option(name)
        wanted = [name, 0, list(SURFACES[name].start)]
        figure.until("[figure.surface, figure.step, list(figure.start)]", wanted)
    assert figure.errors == []


def test_play_and_pause(figure):
    put(figure, "bowl", (-6, 3), 0, rate=0.01)
    page = figure.page
    page.locator(FIRST).get_by_role("button", name="play").click()
    figure.until("figure.step", lambda step: step > 2)
    page.locator(FIRST).get_by_role("button", name="pause").click()
    rest = figure.numbers(f"{FIRST} [data-role=loss]")
    page.wait_for_timeout(400)
    assert figure.numbers(f"{FIRST} [data-role=loss]") == rest
    page.focus(f"{FIRST} [data-role=picture]")
    page.keyboard.press("Space")
    page.wait_for_timeout(400)
    page.keyboard.press("Space")
    assert figure.numbers(f"{FIRST} [data-role=loss]") < rest
    # What plays ends by itself where there is nothing more to play.
    put(figure, "valley", (-8, 2.5), MOST_STEPS - 1, rate=0.001)
    page.keyboard.press("Space")
    figure.until("figure.step", MOST_STEPS)
    page.locator(FIRST).get_by_role("button", name="play").wait_for()


def test_keys(figure):
    put(figure, "valley", (-8, 2.5), 0, rate=0.02)
    page = figure.page
    page.focus(f"{FIRST} [data-role=picture]")
    for key in ("ArrowRight", "ArrowRight", "ArrowDown", "ArrowLeft", "PageUp", "PageUp", "PageDown"):
        page.keyboard.press(key)
    figure.until("[figure.step, *figure.start]", [1, -7.9, 2.4])
    page.keyboard.press("End")
    figure.until("figure.step", MOST_STEPS)
    page.keyboard.press("Home")
    figure.until("figure.step", 0)
    for key in "abdd":  # JupyterLab would make and delete cells
        page.keyboard.press(key)
    assert page.locator(".jp-CodeCell").count() == len(CELLS) + 1
    assert figure.errors == []


def test_the_hand_and_python_at_once_end_in_one_state(figure):
    put(figure, "valley", (-8, 2.5), 0, rate=0.02)
    for step in (7, 20, 3):
        figure.page.locator(FIRST).get_by_role("button", name="one step", exact=True).click()
        figure.python(f"figure.step = {step}\n0")
        figure.page.wait_for_timeout(600)
        shown = figure.page.get_attribute(f"{FIRST} [data-role=picture]", "data-value").split()
        assert int(shown[4]) == figure.python("figure.step") == step


def test_500_steps(figure):
    put(figure, "valley", (-8, 2.5), 20, rate=0.02)
    rng, page = np.random.default_rng(8), figure.page
    here = page.locator(FIRST)
    box = here.locator("[data-role=picture]").bounding_box()
    keys = ["ArrowLeft", "ArrowRight", "ArrowUp", "ArrowDown", "PageUp", "PageDown", "Home", "End", "Space"]

    def some_step():
        kind = rng.integers(10)
        if kind < 5:
            page.mouse.move(box["x"] + rng.random() * box["width"], box["y"] + rng.random() * box["height"])
            (page.mouse.down if rng.random() < 0.5 else page.mouse.up)()
        elif kind < 8:
            page.keyboard.press(str(rng.choice(keys)))
        elif kind < 9:
            here.locator("[data-role=rate]").fill(str(round(rng.uniform(-4, 1), 2)))  # as a slider writes it
        else:
            which = rng.choice(["surface", "optimizer"])
            here.locator(f"[data-role={which}]").select_option(index=int(rng.integers(3)))

    figure.steps(some_step, 500)
    page.mouse.up()
    here.locator("[data-role=step]").fill("7")  # whatever played stops
    here.locator("[data-role=rate]").fill("-2")
    figure.until("[figure.step, figure.rate]", [7, 0.01])
    state = figure.python("[figure.surface, figure.optimizer, figure.momentum, figure.start]")
    surface, optimizer, momentum, start = state
    seven = {"optimizer": optimizer, "rate": 0.01, "momentum": momentum, "start": start, "step": 7}
    check(figure, DescentExplorer(surface, **seven))
    assert figure.errors == []
