"""The threshold tuner: what it counts is what ``verdicts`` counts, wherever the threshold is dragged."""

import numpy as np
import pytest

from fanaoi_helpers import verdicts
from fanaoi_helpers.errors import WorkbookError
from fanaoi_helpers.widgets.threshold_tuner import ThresholdTuner

CELLS = [
    """import numpy as np
from fanaoi_helpers import verdicts
from fanaoi_helpers.widgets.threshold_tuner import ThresholdTuner
rng = np.random.default_rng(0)
labels = rng.integers(0, 2, 400)
p_go = 1 / (1 + np.exp(-rng.normal(labels * 6 - 3, 2)))
photographs = rng.integers(0, 256, (400, 32, 32, 3), dtype=np.uint8)
figure = ThresholdTuner(labels, p_go, 0.5, photographs=photographs)
figure""",
]
PLACES = [(name, f"[data-role={name}]") for name in ("escapes", "overkill", "escape-rate", "overkill-rate")]


def one_step(page, number):
    """Drag the threshold a little, by the mouse."""
    if number == 0:
        box = page.locator(".fanaoi-threshold-tuner svg").bounding_box()
        one_step.left, one_step.top = box["x"] + 100, box["y"] + 60
        page.mouse.move(one_step.left, one_step.top)
        page.mouse.down()
    page.mouse.move(one_step.left + 4 * (number % 100), one_step.top)


# Without a browser ------------------------------------------------------------------------------------------


def test_what_makes_no_sense_gets_a_sentence():
    labels, p_go = [1, 1, 0, 0], [0.9, 0.4, 0.6, 0.1]
    for arguments, sentence in [
        (([1, 1], [0.9, 0.8]), "2 GO and 0 NG"),
        ((labels, [0.9, 0.4, 0.6, 1.1]), "p_go"),
        ((labels, p_go[:3]), "p_go"),
        ((labels, p_go, 2), "^threshold is 2"),
    ]:
        with pytest.raises(WorkbookError, match=sentence):
            ThresholdTuner(*arguments)
    with pytest.raises(WorkbookError, match="3 photographs for 4 labels"):
        ThresholdTuner(labels, p_go, photographs=np.zeros((3, 8, 8, 3), np.uint8))
    tuner = ThresholdTuner(labels, p_go)
    for name, value in [("threshold", -0.1), ("escape_cost", 0), ("overkill_cost", -1), ("ng_rate", 0.95),
                        ("shown", "all"), ("p_go", [np.nan] * 4)]:  # fmt: skip
        with pytest.raises(WorkbookError, match=f"^{name} "):
            setattr(tuner, name, value)
    for name, value, sentence in [
        ("labels", [1, 1, 1, 1], "4 GO and 0 NG"),
        ("labels", [1, 0], "p_go"),
        ("p_go", [0.9, 0.4, 0.6, 1.1], "p_go"),
        ("photographs", np.zeros((3, 8, 8, 3), np.uint8), "3 photographs for 4 labels"),
    ]:
        with pytest.raises(WorkbookError, match=sentence):
            setattr(tuner, name, value)
    assert tuner.threshold == 0.5 and tuner.shown == "" and tuner.labels.tolist() == labels
    tuner.threshold, tuner.labels = np.float32(0.25), np.array([0, 1, 1, 0])
    assert tuner.verdicts.escapes == 1


def test_where_nobody_watches_there_is_a_still_picture(forms):
    tuner = ThresholdTuner([1, 1, 0, 0], [0.9, 0.4, 0.6, 0.1])
    words, _ = forms(tuner)
    assert words == f"ThresholdTuner({verdicts.judge(tuner.labels, tuner.p_go, 0.5)})"


# In a browser -----------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def figure(lab, browser):
    with lab.open(browser, CELLS, "threshold_tuner") as shown:
        shown.page.wait_for_selector(".fanaoi-threshold-tuner svg")
        yield shown


def counted(figure):
    """Return what the page shows: escapes, overkill, both rates; the line's escapes, overkill and cost."""
    line = figure.page.locator("[data-role=line]")
    counts = [figure.numbers(place)[0] for _, place in PLACES]
    return counts + [float(line.get_attribute(f"data-{one}")) for one in ("escapes", "overkill", "value")]


def test_its_numbers_are_those_of_verdicts(figure):
    rng = np.random.default_rng(1)
    for _ in range(12):
        threshold, rate, costs = rng.random(), 10 ** rng.uniform(-4, -0.31), 10 ** rng.uniform(0, 4, 2)
        wanted = figure.python(
            f"figure.threshold, figure.ng_rate = {threshold}, {rate}\n"
            f"figure.escape_cost, figure.overkill_cost = {costs[0]}, {costs[1]}\n"
            "seen = verdicts.judge(labels, p_go, figure.threshold)\n"
            "line = verdicts.at_prevalence(seen, figure.ng_rate)\n"
            "prices = figure.escape_cost, figure.overkill_cost\n"
            "cost = verdicts.cost_curve(labels, p_go, *prices, figure.ng_rate).at(figure.threshold)\n"
            "rates = [seen.escape_rate, seen.overkill_rate]\n"
            "[seen.escapes, seen.overkill, *rates, line.escapes, line.overkill, 10_000 * cost]"
        )
        figure.page.wait_for_function(
            "([threshold, cost]) => "
            "document.querySelector('[data-role=threshold]').dataset.value == threshold && "
            "Math.abs(document.querySelector('[data-role=line]').dataset.value - cost) < 1e-3 * cost + 1e-9",
            arg=[threshold, wanted[-1]],
        )
        assert counted(figure) == pytest.approx(wanted, rel=1e-5)


def test_mouse_and_keys_move_the_threshold_here_and_in_python(figure):
    page = figure.page
    page.focus("[data-role=threshold]")
    page.keyboard.press("End")
    figure.until("figure.threshold", 1.0)
    page.keyboard.press("ArrowLeft")
    figure.until("figure.threshold == max(p_go)", True)
    page.keyboard.press("PageDown")
    figure.until("figure.threshold == sorted(p_go)[-11]", True)
    page.keyboard.press("Home")
    figure.until("figure.threshold", 0.0)
    page.keyboard.press("ArrowRight")
    figure.until("figure.threshold == min(p_go)", True)
    # The axis is one of log-odds: its middle is 0.5.
    box = page.locator(".fanaoi-threshold-tuner svg").bounding_box()
    middle = (44 + (720 - 44 - 12) / 2) / 720 * box["width"]
    x, y = box["x"] + middle, box["y"] + 80
    for by, slow in ((-120, False), (30, True)):
        figure.drag((x + by, y), (x, y), slow=slow)
        figure.until("figure.threshold", lambda found: abs(found - 0.5) < 0.01)
    assert figure.errors == []


def test_a_count_shows_its_photographs_those_near_the_threshold_first(figure):
    figure.python("figure.threshold = 0.5\n0")
    figure.page.click("button:has([data-role=escapes])")
    figure.until("figure.shown", "escapes")
    shown = [int(one) for one in figure.page.eval_on_selector_all(
        "[data-photograph]", "found => found.map((one) => one.dataset.photograph)")]  # fmt: skip
    wanted = figure.python(
        "escaped = np.flatnonzero((labels == 0) & (p_go >= 0.5))\nescaped[np.argsort(p_go[escaped])]"
    )
    assert shown == wanted[:24] and shown
    drawn = figure.page.evaluate(
        "() => Array.from(document.querySelector('[data-photograph] canvas').getContext('2d')"
        ".getImageData(3, 2, 1, 1).data.slice(0, 3))"
    )
    assert drawn == figure.python(f"photographs[{shown[0]}, 2, 3]")
    figure.page.click("button:has([data-role=escapes])")
    figure.until("figure.shown", "")


def test_five_hundred_steps_leave_no_error_and_no_memory_behind(figure):
    page, rng = figure.page, np.random.default_rng(2)
    box = page.locator(".fanaoi-threshold-tuner svg").bounding_box()
    names = ("caught", "escapes", "overkill", "passed")

    def some_step():
        kind = rng.integers(4)
        if kind == 0:
            page.mouse.click(box["x"] + rng.uniform(50, 700), box["y"] + rng.uniform(30, 170))
        elif kind == 1:
            page.focus("[data-role=threshold]")
            page.keyboard.press(
                str(rng.choice(["ArrowLeft", "ArrowRight", "PageUp", "PageDown", "Home", "End"]))
            )
        elif kind == 2:
            page.click(f"button:has([data-role={rng.choice(names)}])")
        else:
            page.focus(".fanaoi-threshold-tuner input[type=range]")
            page.keyboard.press(str(rng.choice(["ArrowLeft", "ArrowRight"])))

    figure.steps(some_step, 500)
    figure.until("figure.threshold", float(figure.numbers("[data-role=threshold]")[0]))
