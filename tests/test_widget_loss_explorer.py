"""The loss explorer, in a real JupyterLab: its numbers are those of ``byhand``."""

import numpy as np
import pytest

from fanaoi_helpers import byhand
from fanaoi_helpers.errors import WorkbookError
from fanaoi_helpers.widgets.loss_explorer import LossExplorer

CELLS = [
    """from fanaoi_helpers.widgets.loss_explorer import LossExplorer
figure = LossExplorer([2.0, 1.0, 0.1], names=["crack", "stain", "scratch"], truth=2)
figure""",
    """go = LossExplorer.binary(logit=0.5, label=1)
go""",
    """six = LossExplorer([0.0] * 6)
six""",
]
THREE, GO, SIX, AGAIN = (f".jp-Cell:nth-of-type({n}) .fanaoi-loss-explorer" for n in (1, 2, 3, 4))


def one_step(page, number):
    """Drag the first score a little, by the mouse."""
    if number == 0:
        box = page.locator(".fanaoi-loss-explorer [data-role=logit]").first.bounding_box()
        one_step.at = box["x"], box["y"] + box["height"] / 2, box["width"]
        page.mouse.move(box["x"] + 5, one_step.at[1])
        page.mouse.down()
    left, middle, width = one_step.at
    page.mouse.move(left + 5 + (number % 100) * (width - 10) / 100, middle)


# Without a browser -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "wrong, said",
    [
        (lambda: LossExplorer([1.0]), "room for 2 to 6 classes"),
        (lambda: LossExplorer([0.0] * 7), "room for 2 to 6 classes"),
        (lambda: LossExplorer(["a", "b"]), "a row of finite numbers"),
        (lambda: LossExplorer([[1, 2], [3]]), "rows of different lengths"),
        (lambda: LossExplorer([[1.0, 2.0]]), "a row of finite numbers"),
        (lambda: LossExplorer([1.0, np.nan]), "NaN or infinity"),
        (lambda: LossExplorer([1.0, 2e9]), "from -1e\\+09 to 1e\\+09"),
        (lambda: LossExplorer([1.0, 2.0], names=["a"]), "a list of 2 names"),
        (lambda: LossExplorer([1.0, 2.0], names="ab"), "a list of 2 names"),
        (lambda: LossExplorer([1.0, 2.0], names=["a", 3]), "plain text"),
        (lambda: LossExplorer([1.0, 2.0], names=["a", " "]), "an empty name"),
        (lambda: LossExplorer([1.0, 2.0], truth=2), "whole number from 0 to 1"),
        (lambda: LossExplorer([1.0, 2.0], truth="a"), "whole number from 0 to 1"),
        (lambda: LossExplorer([1.0, 2.0], form="sigmoid"), "one of 'softmax', 'binary'"),
        (lambda: LossExplorer([1.0, 2.0], form="binary"), "takes one"),
        (lambda: LossExplorer.binary(logit="a"), "logit is 'a'"),
        (lambda: LossExplorer.binary(label=2), "whole number from 0 to 1"),
        (lambda: setattr(LossExplorer([1.0, 2.0]), "logits", [1, 2, 3]), "this figure has 2"),
        (lambda: setattr(LossExplorer([1.0, 2.0]), "truth", 0.5), "whole number"),
        (lambda: setattr(LossExplorer([1.0, 2.0]), "truth", None), "whole number"),
        (lambda: setattr(LossExplorer([1.0, 2.0]), "names", None), "a list of 2 names"),
        (lambda: setattr(LossExplorer([1.0, 2.0]), "names", [1, 2]), "plain text"),
        (lambda: setattr(LossExplorer.binary(), "logits", [1, 2]), "this figure has 1"),
    ],
)
def test_what_makes_no_sense_is_refused_in_a_sentence(wrong, said):
    with pytest.raises(WorkbookError, match=said) as refused:
        wrong()
    assert "\n" not in str(refused.value)


def test_numbers_of_python():
    rng = np.random.default_rng(3)
    for _ in range(20):
        z = rng.normal(0, 3, rng.integers(2, 7))
        truth = rng.integers(len(z))
        explorer = LossExplorer(z, truth=truth)
        assert np.isclose(explorer.loss, byhand.cross_entropy(truth, byhand.softmax(z)))
        assert np.allclose(explorer.gradient, byhand.softmax_cross_entropy_gradient(truth, z))
    explorer.truth = np.int64(1)
    assert explorer.truth == 1 and LossExplorer([0, 0]).names == ["class 0", "class 1"]


@pytest.mark.parametrize(
    "explorer",
    [
        LossExplorer([1e9, -1e9], truth=1),
        LossExplorer([0, 0, 0, 0, 0, 0], names=["a rather long name"] * 6),
        LossExplorer.binary(1e9, 0),
        LossExplorer.binary(-1e9, 0),
    ],
    ids=repr,
)
def test_still_of_odd_states(explorer, forms):
    words, picture = forms(explorer)
    assert "loss" in words and picture.width > 600


# In the browser --------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def figure(lab, browser):
    with lab.open(browser, [*CELLS, "figure"], "loss_explorer", height=2100) as shown:
        for where in (THREE, GO, SIX, AGAIN):
            shown.page.wait_for_selector(f"{where} [data-role=loss]")
        yield shown


def put(figure, name, where, z, truth):
    """Set scores and true class from Python, and wait until the figure shows them."""
    figure.python(f"{name}.logits = {list(map(float, z))}\n{name}.truth = {truth}\nNone")
    figure.page.wait_for_function(
        """([where, z, truth]) => {
          const root = document.querySelector(where), bars = [...root.querySelectorAll("[data-role=logit]")];
          const names = [...root.querySelectorAll("[data-role=name]")];
          if (names[truth].ariaPressed !== "true") return false;
          return bars.every((bar, k) => Number(bar.dataset.value) === z[k]);
        }""",
        arg=[where, list(map(float, z)), int(truth)],
    )


def numbers(figure, where, *roles):
    return [np.array(figure.numbers(f"{where} [data-role={role}]")) for role in roles]


def check(figure, where, z, truth):
    p, gradient, loss, clipped = numbers(figure, where, "probability", "gradient", "loss", "clipped")
    if len(z) == 1:
        wanted = byhand.sigmoid(z), byhand.binary_cross_entropy_from_logits_gradient([truth], z)
        assert np.allclose(loss, byhand.binary_cross_entropy_from_logits([truth], z), rtol=1e-5, atol=0)
        assert np.allclose(clipped, byhand.binary_cross_entropy([truth], wanted[0]), rtol=1e-5, atol=1e-5)
    else:
        wanted = byhand.softmax(z), byhand.softmax_cross_entropy_gradient(truth, z)
        exact = LossExplorer(z, truth=truth).loss
        assert np.allclose(loss, exact, rtol=1e-5, atol=1e-5)
        assert np.allclose(clipped, byhand.cross_entropy(truth, wanted[0]), rtol=1e-5, atol=1e-5)
        if wanted[0][truth] > byhand.EPSILON:
            assert np.allclose(loss, byhand.cross_entropy(truth, wanted[0]), rtol=1e-5, atol=1e-5)
    assert np.allclose(p, wanted[0], rtol=1e-5, atol=1e-12)
    assert np.allclose(gradient, wanted[1], rtol=1e-5, atol=1e-12)


def test_numbers_equal_byhand(figure):
    rng = np.random.default_rng(1)
    for scale in (1, 1, 5, 5, 30, 1000):
        for name, where, count in (("figure", THREE, 3), ("go", GO, 1), ("six", SIX, 6)):
            z, truth = rng.normal(0, scale, count), rng.integers(max(2, count))
            put(figure, name, where, z, truth)
            check(figure, where, z, truth)
    put(figure, "six", SIX, [1e9, -1e9, 0, 1e9, 5, 5], 1)
    check(figure, SIX, np.array([1e9, -1e9, 0, 1e9, 5, 5]), 1)
    assert "cut off" in figure.page.inner_text(f"{SIX} [data-role=clipped]")
    assert figure.errors == []


def test_drag_a_score(figure):
    put(figure, "figure", THREE, [2, 1, 0.1], 2)
    box = figure.page.locator(f"{THREE} [data-role=logit]").nth(1).bounding_box()
    left, width, middle = box["x"], box["width"], box["y"] + box["height"] / 2
    for share, wanted, slow in ((0.75, 3, False), (0.625, 1.5, True)):
        z = figure.drag(
            (left + width / 2, middle), (left + width * share, middle), slow=slow,
            then=lambda: numbers(figure, THREE, "logit")[0],
        )  # fmt: skip
        assert abs(z[1] - wanted) < 0.1 and z[[0, 2]].tolist() == [2, 0.1]
    check(figure, THREE, z, 2)
    figure.until("figure.logits", z.tolist())
    figure.page.mouse.move(left, middle)  # no longer held
    assert numbers(figure, THREE, "logit")[0].tolist() == z.tolist()


@pytest.mark.parametrize("share", [0.02, 0.3, 0.9])
def test_drag_a_probability(figure, share):
    before = np.array([2, -1, 0.1])
    put(figure, "figure", THREE, before, 2)
    box = figure.page.locator(f"{THREE} [data-role=probability]").first.bounding_box()
    figure.drag((box["x"] + 3, box["y"] + 15), (box["x"] + box["width"] * share, box["y"] + 15))
    z, p = numbers(figure, THREE, "logit", "probability")
    old = byhand.softmax(before)
    assert abs(p[0] - share) < 0.02 and np.isclose(p.sum(), 1)
    assert np.isclose(p[1] / p[2], old[1] / old[2])  # the others keep their proportions
    assert z[[1, 2]].tolist() == before[[1, 2]].tolist()  # and their scores: the constant is theirs
    check(figure, THREE, z, 2)
    figure.until("figure.logits", z.tolist())


def test_drag_the_point_and_choose_the_label(figure):
    put(figure, "go", GO, [0.5], 1)
    box = figure.page.locator(f"{GO} svg").bounding_box()
    start = box["x"] + 100, box["y"] + 60
    z = figure.drag(start, (box["x"] + 60, start[1]), then=lambda: numbers(figure, GO, "logit")[0])
    assert -6 <= z[0] < -5
    check(figure, GO, z, 1)
    figure.page.click(f"{GO} [data-role=name][data-row='0']")
    check(figure, GO, z, 0)
    figure.until("[go.truth, list(go.logits)]", [0, z.tolist()])
    assert figure.page.locator(f"{GO} [data-role=name]").all_inner_texts() == ["✓ NG", "GO"]


def test_keys(figure):
    put(figure, "figure", THREE, [2, 1, 0.1], 2)
    page = figure.page
    page.focus(f"{THREE} [data-role=logit][data-row='0']")
    for key in ("ArrowRight", "ArrowRight", "ArrowLeft", "PageUp"):
        page.keyboard.press(key)
    figure.until("round(figure.logits[0], 6)", 3.1)
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Home")
    figure.until("figure.logits[1]", -6.0)
    page.focus(f"{THREE} [data-role=probability][data-row='0']")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("End")
    assert np.isclose(numbers(figure, THREE, "probability")[0][1], 0.999)
    page.keyboard.press("PageDown")
    assert np.isclose(numbers(figure, THREE, "probability")[0][1], 0.899)
    # The names are one tab stop, and JupyterLab keeps its hands off: a, b and d d would change cells.
    page.focus(f"{THREE} [data-role=name][data-row='2']")
    page.keyboard.press("ArrowDown")
    figure.until("figure.truth", 0)
    for key in "abdd":
        page.keyboard.press(key)
    assert page.locator(".jp-CodeCell").count() == len(CELLS) + 1
    assert page.locator(f"{THREE} [tabindex='0']").count() == 3
    assert figure.errors == []


def test_typing_a_score(figure):
    put(figure, "figure", THREE, [2, 1, 0.1], 2)
    score = figure.page.locator(f"{THREE} [data-role=score]").first
    score.fill("1000")
    check(figure, THREE, np.array([1000, 1, 0.1]), 2)
    figure.until("figure.logits[0]", 1000.0)
    score.fill("")
    assert score.get_attribute("aria-invalid") == "true" and numbers(figure, THREE, "logit")[0][0] == 1000
    score.blur()
    assert score.input_value() == "1000"


def test_two_views_agree(figure):
    figure.python("figure.names = ['oil', 'dust', 'rust']\nNone")
    figure.page.wait_for_selector(f"{AGAIN} >> text=rust")
    put(figure, "figure", THREE, [2, 1, 0.1], 2)
    figure.page.click(f"{THREE} [data-role=name][data-row='1']")
    figure.page.focus(f"{THREE} [data-role=logit][data-row='0']")
    figure.page.keyboard.press("PageUp")
    for where in (THREE, AGAIN):
        assert "dust" in figure.page.inner_text(f"{where} [data-role=how]")
        check(figure, where, numbers(figure, where, "logit")[0], 1)
    assert numbers(figure, AGAIN, "logit")[0].tolist() == [3, 1, 0.1]


def test_500_steps(figure):
    rng, page = np.random.default_rng(7), figure.page
    bars = page.locator(f"{THREE} [role=slider]")
    places = [bar.bounding_box() for bar in [*bars.all(), page.locator(f"{THREE} svg")]]
    keys = ["ArrowLeft", "ArrowRight", "ArrowUp", "ArrowDown", "PageUp", "PageDown", "Home", "End"]

    def some_step():
        box = places[rng.integers(len(places))]
        kind = rng.integers(10)
        if kind < 6:
            page.mouse.move(box["x"] + rng.random() * box["width"], box["y"] + rng.random() * box["height"])
            (page.mouse.down if rng.random() < 0.5 else page.mouse.up)()
        elif kind < 9:
            page.keyboard.press(str(rng.choice(keys)))
        else:
            page.locator(f"{THREE} [data-role=name]").nth(int(rng.integers(3))).dispatch_event("click")

    figure.steps(some_step, 500)
    page.mouse.up()
    z = numbers(figure, THREE, "logit")[0]
    check(figure, THREE, z, figure.until("figure.truth", lambda truth: True))
    figure.until("figure.logits", z.tolist())
    assert figure.errors == []
