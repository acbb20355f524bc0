"""The pictures of notebook 04: what they show, how they look, what they refuse."""

import inspect

import matplotlib.colors
import matplotlib.pyplot as plt
import matplotlib.text
import numpy as np
import pytest
from figure_checks import assert_readable_and_whole

from fanaoi_helpers import byhand
from fanaoi_helpers.errors import WorkbookError
from fanaoi_helpers.figures import chain, learning
from fanaoi_helpers.figures.style import GO_COLOR, HIGHLIGHT, NG_COLOR

PATH = np.array([0.5, 2.5, 2.9, 2.98])
VALLEY_PATH = byhand.sgd(lambda w: np.array([2, 20]) * w, [-8.0, 2.5], 0.08, 30)
RNG = np.random.default_rng(0)
PHOTO = RNG.integers(0, 256, size=(12, 10, 3), dtype=np.uint8)
X = RNG.normal(size=(12, 10))
EDGE = np.array([[-1, 0, 1], [-2, 0, 2], [-1, 0, 1]]) / 4
FILTERS = RNG.normal(size=(3, 3, 3, 4))
MAPS = RNG.uniform(size=(6, 5, 4))


def gain_loss(w):
    return (2 * w - 6) ** 2


def valley(a, b):
    return a**2 + 10 * b**2


def network(label=1, filters=2, bias=0.2):
    """A forward and a backward pass of the chain, with ``filters`` filters."""
    rng = np.random.default_rng(filters)
    v = {"patch": np.arange(9.0).reshape(3, 3) / 10, "kernels": rng.normal(size=(2, 2, 1, filters))}
    v |= {"bias": np.full(filters, bias), "weights": rng.normal(size=(filters, 1)), "dense_bias": np.zeros(1)}
    v["map"] = byhand.conv_layer(v["patch"][..., None], v["kernels"], v["bias"])
    v["relu"] = byhand.relu(v["map"])
    v["pool"] = byhand.pool2d(v["relu"])
    v["z"] = byhand.dense(v["pool"].ravel(), v["weights"], v["dense_bias"])[0]
    v["p"] = byhand.sigmoid(v["z"])
    v["loss"] = byhand.binary_cross_entropy_from_logits(label, v["z"])
    g = {name: np.zeros(np.shape(value)) for name, value in v.items()}
    g |= {"z": v["p"] - label, "loss": 1.0, "weights": v["pool"].reshape(-1, 1) * (v["p"] - label)}
    return v, g


EXAMPLES = {
    "descent": lambda: learning.descent(gain_loss, PATH, -1, 7, "gain"),
    "surface_paths": lambda: learning.surface_paths(
        valley, {name: VALLEY_PATH for name in ("left", "middle", "right")}, (-10, -4), (6, 4)
    ),
    "loss_curves": lambda: learning.loss_curves(
        {"slow": np.geomspace(9, 1, 20), "fast": np.geomspace(9, 1e-5, 20)}
    ),
    "filter_learning": lambda: learning.filter_learning(
        PHOTO, {"before": -EDGE, "after 10": EDGE / 2, "after 200": EDGE, "edge kernel": EDGE}, X
    ),
    "before_and_after": lambda: learning.before_and_after(
        FILTERS, -FILTERS, {"label there": (MAPS, 2 * MAPS), "label missing": (MAPS, MAPS)}
    ),
    "network": lambda: chain.network(*network(), label=1),
}


def words(figure):
    return [text.get_text() for text in figure.findobj(matplotlib.text.Text) if text.get_text()]


def test_every_picture_has_an_example():
    drawn = [
        name
        for module in (chain, learning)
        for name, function in vars(module).items()
        if inspect.isfunction(function) and function.__module__ == module.__name__ and name[0] != "_"
    ]
    assert sorted(drawn) == sorted([*EXAMPLES, "two_decimals"])


@pytest.mark.parametrize("name", EXAMPLES)
def test_readable_and_whole(name):
    assert_readable_and_whole(EXAMPLES[name](), widest=11.3)


@pytest.mark.parametrize("name", EXAMPLES)
def test_looks_the_same_outside_the_style(name):
    for line in EXAMPLES[name]().findobj(plt.Line2D):
        assert not (isinstance(line.get_color(), str) and line.get_color().startswith("C")), line


@pytest.mark.parametrize("name", ["descent", "surface_paths", "loss_curves"])
def test_blue_and_orange_stay_with_go_and_ng(name):
    for line in EXAMPLES[name]().findobj(plt.Line2D):
        assert matplotlib.colors.to_hex(line.get_color()).upper() not in (GO_COLOR, NG_COLOR)


# Descent -------------------------------------------------------------------------------------------------


def test_descent_draws_the_curve_the_slope_and_every_step():
    axis = EXAMPLES["descent"]().axes[0]
    curve, slope, steps = axis.get_lines()
    np.testing.assert_allclose(curve.get_ydata(), (2 * curve.get_xdata() - 6) ** 2)
    (x0, x1), (y0, y1) = slope.get_data()
    np.testing.assert_allclose((y1 - y0) / (x1 - x0), 4 * (2 * 0.5 - 6), rtol=1e-6)
    np.testing.assert_allclose(steps.get_data(), [PATH, (2 * PATH - 6) ** 2])
    assert axis.get_title(loc="left") == "after 3 steps: gain = 2.98"


def test_descent_tells_where_a_path_leaves():
    axis = learning.descent(gain_loss, [0.5, 6.0, -2.0, 9.0], -1, 7).axes[0]
    np.testing.assert_allclose(axis.get_lines()[2].get_xdata(), [0.5, 6.0])
    assert axis.get_title(loc="left") == "step 2 leaves the picture: w = −2"


def test_descent_survives_a_path_that_ran_away():
    axis = learning.descent(gain_loss, [0.5, np.inf, np.nan], -1, 7).axes[0]
    assert axis.get_title(loc="left") == "step 1 leaves the picture: w = ∞"


def test_surface_paths_share_the_surface_and_the_losses_are_named():
    start, end = valley(-8, 2.5), float(valley(*VALLEY_PATH[-1]))
    axes = EXAMPLES["surface_paths"]().axes
    assert len(axes) == 3 and len({axis.get_xlim() for axis in axes}) == 1
    for axis in axes:
        np.testing.assert_allclose(axis.get_lines()[0].get_xydata(), VALLEY_PATH)
        assert axis.get_xlabel() == f"first weight\nloss {start:.0f} → {end:.3f}"


def test_surface_contours_are_those_of_the_loss():
    axis = learning.surface_paths(valley, {"one": VALLEY_PATH}, (-10, -4), (6, 4)).axes[0]
    contours = axis.collections[0]
    for level, path in zip(contours.levels, contours.get_paths(), strict=True):
        if len(path.vertices):
            np.testing.assert_allclose(valley(*path.vertices.T), level, rtol=0.15)


def test_a_path_that_ran_away_is_cut_off_and_told():
    path = np.array([[-8.0, 2.5], [1e200, 1e200], [np.inf, -np.inf]])
    axis = learning.surface_paths(valley, {"far": path}, (-10, -4), (6, 4)).axes[0]
    assert axis.get_xlim() == (-10, 6) and axis.get_xlabel().endswith("→ ∞")


def test_loss_curves_differ_in_more_than_color_and_leave_out_what_is_infinite():
    axis = learning.loss_curves({"a": [1, 0.1, 0], "b": [1, np.inf, np.nan]}).axes[0]
    a, b = axis.get_lines()[:2]
    assert axis.get_yscale() == "log" and a.get_linestyle() != b.get_linestyle()
    assert np.all(a.get_ydata() > 0) and np.isnan(b.get_ydata()).tolist() == [False, True, True]


# Filters -------------------------------------------------------------------------------------------------


def test_filter_learning_shows_numbers_maps_and_distances_on_one_scale():
    axes = np.array(EXAMPLES["filter_learning"]().axes).reshape(2, 5)
    maps = [byhand.convolve2d(X, kernel) for kernel in (-EDGE, EDGE / 2, EDGE, EDGE)]
    scales = set()
    for column, response in enumerate(maps, 1):
        (picture,) = axes[1, column].get_images()
        np.testing.assert_allclose(picture.get_array(), response)
        scales.add(picture.get_clim())
    assert len(scales) == 1 and scales.pop() == (-np.abs(maps[-1]).max(), np.abs(maps[-1]).max())
    far = ((maps[0] - maps[-1]) ** 2).mean()
    assert axes[1, 1].get_xlabel() == f"loss {far:.2f}" and axes[1, 3].get_xlabel() == "loss 0"
    assert [text.get_text() for text in axes[0, 1].texts][:3] == ["0.25", "0", "−0.25"]
    lowest, highest = axes[0, 1].get_images()[0].get_clim()
    assert lowest == -highest


def test_before_and_after_draws_gray_for_zero_and_one_scale_for_each_filter():
    filters = FILTERS.copy()
    filters[0, 0, :, 1] = 0
    figure = learning.before_and_after(filters, filters / 2, {"fan": (MAPS, 3 * MAPS)})
    axes = np.array(figure.axes).reshape(4, 4)
    np.testing.assert_allclose(axes[0, 1].get_images()[0].get_array()[0, 0], 0.5)
    for f in range(4):
        before, after = (axes[row, f].get_images()[0] for row in (2, 3))
        np.testing.assert_allclose(after.get_array(), 3 * before.get_array())
        assert before.get_clim() == after.get_clim() == (0, 3 * MAPS[..., f].max())
    assert [axis.get_ylabel() for axis in axes[:, 0]] == ["before", "after", "fan,\nbefore", "fan,\nafter"]


# The chain -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("filters", [1, 2, 3])
def test_the_chain_shows_every_value_and_every_gradient(filters):
    values, gradients = network(filters=filters)
    shown = words(chain.network(values, gradients, 1))
    for name in values:
        for pair in zip(np.ravel(values[name]), np.ravel(gradients[name]), strict=True):
            for number in pair:
                wanted = "0" if number == 0 else f"{round(number, 2) + 0.0:.2f}".replace("-", "−")
                assert wanted in shown, (name, wanted)
    assert shown.count("bias") == filters + 1
    cells = sum(np.size(value) for value in values.values())
    numbers = [word for word in shown if word.replace("−", "").replace(".", "").isdigit()]
    assert len(numbers) == 2 * cells


def test_the_chain_draws_the_way_back_stop_by_stop():
    values, gradients = network()
    assert sorted(sum(chain.STOPS.values(), ())) == sorted(values)
    gradients = {name: np.full(np.shape(gradient), 7.77) for name, gradient in gradients.items()}
    numbers = 0
    for stop, names in chain.STOPS.items():
        numbers += sum(np.size(values[name]) for name in names)
        figure = chain.network(values, gradients, 1, stop)
        assert words(figure).count("7.77") == numbers, stop
        tinted = [patch for patch in figure.axes[0].patches if patch.get_facecolor()[2] < 0.9]
        assert len([patch for patch in tinted if patch.get_fill()]) == numbers
        passed = list(chain.STOPS)[: list(chain.STOPS).index(stop) + 1]
        for _, needed, rule in chain.COLUMNS:
            assert (rule in words(figure)) == (needed in passed), (stop, rule)


def test_the_chain_outlines_what_max_pooling_chose():
    values, gradients = network(filters=2)
    figure = chain.network(values, gradients, 1)
    outlined = [
        patch
        for patch in figure.axes[0].patches
        if patch.get_edgecolor() == matplotlib.colors.to_rgba(HIGHLIGHT)
    ]
    cells = {(p.get_x(), p.get_y()): p for p in figure.axes[0].patches if p not in outlined}
    assert len(outlined) == 2
    for f, winner in enumerate(outlined):
        assert winner.get_xy() in cells
        x, y = winner.get_xy()
        inside = [
            t.get_text()
            for t in figure.axes[0].texts
            if x < t.get_position()[0] < x + 1 and y < t.get_position()[1] < y + 1
        ]
        assert inside[0] == chain.two_decimals(values["pool"][0, 0, f])


@pytest.mark.parametrize(
    ("label", "said", "color"), [(1, "GO, label 1", GO_COLOR), (0, "NG, label 0", NG_COLOR)]
)
def test_the_chain_names_the_label(label, said, color):
    (text,) = [t for t in chain.network(*network(label), label).axes[0].texts if t.get_text() == said]
    assert text.get_color() == color


def test_the_chain_tints_by_the_sign_of_the_gradient():
    values, gradients = network()
    gradients["patch"] = np.array([[1.0, -1.0, 0.0]] * 3)
    patches = chain.network(values, gradients, 1).axes[0].patches[:3]  # the patch is drawn first
    (red, _, blue), (red2, _, blue2), (red0, green0, blue0) = (patch.get_facecolor()[:3] for patch in patches)
    assert (
        red > blue + 0.2 and blue2 > red2 + 0.2 and max(red0, green0, blue0) - min(red0, green0, blue0) < 0.01
    )


# Refusals ------------------------------------------------------------------------------------------------


def without(name):
    values, gradients = network()
    del values[name]
    return values, gradients


def misshapen(name, shape):
    values, gradients = network()
    return values, gradients | {name: np.zeros(shape)}


def two_pooled():
    values, gradients = network()
    return values | {"pool": np.zeros((2, 1, 2))}, gradients | {"pool": np.zeros((2, 1, 2))}


@pytest.mark.parametrize(
    ("draw", "said"),
    [
        (lambda: learning.descent(gain_loss, [[1.0]], 0, 1), "path has shape (1, 1)"),
        (lambda: learning.descent(gain_loss, [], 0, 1), "path has shape (0,)"),
        (lambda: learning.descent(gain_loss, [2.0], 0, 1), "the start of the path is 2.0"),
        (lambda: learning.surface_paths(valley, {}, (0, 0), (1, 1)), "paths holds 0"),
        (
            lambda: learning.surface_paths(valley, {"a": [1.0, 2.0]}, (0, 0), (1, 1)),
            "paths['a'] has shape (2,)",
        ),
        (lambda: learning.loss_curves({}), "curves holds 0"),
        (lambda: learning.loss_curves({"a": [1, -1]}), "curves['a']"),
        (lambda: learning.loss_curves({"a": [[1]]}), "curves['a']"),
        (lambda: learning.filter_learning(PHOTO, {"a": EDGE}, X), "kernels holds 1"),
        (lambda: learning.before_and_after(FILTERS, FILTERS[..., :2], {}), "before and after have shapes"),
        (lambda: learning.before_and_after(FILTERS[:, :, :1], FILTERS[:, :, :1], {}), "before and after"),
        (lambda: learning.before_and_after(FILTERS, FILTERS, {"x": (MAPS, MAPS[..., :2])}), "responses['x']"),
        (lambda: chain.network(*without("pool"), 1), "'pool'"),
        (lambda: chain.network(*misshapen("bias", 3), 1), "gradients['bias'] (3,)"),
        (lambda: chain.network(*two_pooled(), 1), "one number a filter"),
        (lambda: chain.network(*network(), 1, "start"), "back_to is 'start'"),
    ],
)
def test_refuses_in_one_sentence(draw, said):
    with pytest.raises(WorkbookError) as refusal:
        draw()
    assert said in str(refusal.value) and "\n" not in str(refusal.value)
    assert not plt.get_fignums()


@pytest.mark.parametrize(
    ("number", "said"),
    [(0, "0"), (3.0, "3"), (-20.004, "−20.00"), (0.0018, "0.002"), (19030.2, "19030"), (3e-5, "3e−05")]
    + [(np.inf, "∞"), (np.nan, "not a number")],
)
def test_numbers_are_short(number, said):
    assert learning._short(number) == said
