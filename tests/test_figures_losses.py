"""The pictures of notebook 03: what they show, how they look, what they refuse."""

import inspect
import json

import matplotlib.colors
import matplotlib.pyplot as plt
import matplotlib.text
import numpy as np
import pytest
from figure_checks import assert_readable_and_whole
from scipy import special, stats

from fanaoi_helpers import byhand
from fanaoi_helpers.errors import WorkbookError
from fanaoi_helpers.figures import losses, neurons
from fanaoi_helpers.figures.style import GO_COLOR, NG_COLOR, NG_HATCH

Z = np.linspace(-6, 6, 121)
SHIFTS = np.linspace(-4, 4, 81)
DIGITS = [0.1, 0.05, 0.1, 0.7, 0.02, 0.01, 0.01, 0.005, 0.01, 0.005]
KINDS = ["label missing", "blade chipped", "scratch"]
TABLE = [[2.0, 1.0, 0.1], [0.5, 3.0, 1.0], [-2.0, 0.0, 4.0], [1.0, 1.0, 1.0]]
SAID = np.linspace(0.01, 0.99, 99)
EXAMPLES = {
    "network": lambda: neurons.network(
        [[0.5, 1], [0, 2.25, 1], [0.125]],
        [[[1, -2, 3], [-4, 5, 0]], [[1], [-1], [2]]],
        ["in", "hidden", "out"],
    ),
    "activations": lambda: neurons.activations(
        Z,
        {"ReLU": byhand.relu(Z), "sigmoid": byhand.sigmoid(Z), "tanh": byhand.tanh(Z)},
        {"ReLU": byhand.relu_slope(Z), "sigmoid": byhand.sigmoid_slope(Z), "tanh": byhand.tanh_slope(Z)},
    ),
    "scores_over_offset": lambda: neurons.scores_over_offset(
        Z, {"one layer": 0.5 * Z, "two ReLU, then a layer": 2 - np.abs(Z)}, tolerance=2
    ),
    "fading": lambda: neurons.fading({f"factor {f}": f ** np.arange(11) for f in (0.25, 0.42, 0.5, 1.0)}),
    "scores_to_loss": lambda: losses.scores_to_loss([2.0, 1.0, -4.0], KINDS, truth=2),
    "softmax_axes": lambda: losses.softmax_axes(TABLE, ["fan 0", "fan 1", "fan 2", "fan 3"], KINDS),
    "surprise": lambda: losses.surprise([1.0, 0.7, 0.5, 0.1, 0.01]),
    "constant_predictions": lambda: losses.constant_predictions(
        SAID, SAID**7 * (1 - SAID) ** 3, -0.7 * np.log(SAID) - 0.3 * np.log(1 - SAID)
    ),
    "probabilities_and_truth": lambda: losses.probabilities_and_truth(DIGITS, 3),
    "binary_loss": lambda: losses.binary_loss([0, 1, 0, 1], [0.98, 0.8, 0.3, 0.6]),
    "clipped_loss": lambda: losses.clipped_loss(Z, np.logaddexp(0, -Z), np.where(Z < -5, np.inf, 1.0)),
    "accuracy_and_loss": lambda: losses.accuracy_and_loss(SHIFTS, (SHIFTS > 0) * 0.5, SHIFTS**2),
}


def lines(axis):
    return {line.get_label(): line for line in axis.get_lines()}


def heights(axis):
    return np.array([bar.get_height() for bar in axis.patches])


def test_every_picture_has_an_example():
    drawn = [
        name
        for module in (losses, neurons)
        for name, function in vars(module).items()
        if inspect.isfunction(function) and function.__module__ == module.__name__ and name[0] != "_"
    ]
    assert sorted(drawn) == sorted(EXAMPLES)


@pytest.mark.parametrize("name", EXAMPLES)
def test_readable_and_whole(name):
    assert_readable_and_whole(EXAMPLES[name]())


@pytest.mark.parametrize("name", EXAMPLES)
def test_looks_the_same_outside_the_style(name):
    """A color such as "C0" would be looked up when the figure is drawn, in whatever style is on then."""
    figure = EXAMPLES[name]()
    for line in figure.findobj(plt.Line2D):
        assert not (isinstance(line.get_color(), str) and line.get_color().startswith("C")), line


def test_network_shows_each_neuron_and_each_weight():
    axis = EXAMPLES["network"]().axes[0]
    written = [text.get_text() for text in axis.texts]
    assert written == ["0.50", "1.00", "in", "0.00", "2.25", "1.00", "hidden", "0.12", "out"]
    edges = [line for line in axis.get_lines() if len(line.get_xdata()) == 2]
    assert [line.get_linestyle() for line in edges] == ["-", "--", "-", "--", "-", "-", "-", "--", "-"]
    widths = [line.get_linewidth() for line in edges]
    assert widths[4] == max(widths) and widths[5] == min(widths)  # the weights 5 and 0
    # An edge leads from its input's row to its neuron's: weight [1, 0] from the lower input up to the top.
    assert edges[3].get_ydata().tolist() == [-0.5, 1.0]


def test_network_grays_the_neurons_that_give_0():
    axis = EXAMPLES["network"]().axes[0]
    drawn = [line for line in axis.get_lines() if len(line.get_xdata()) == 1]
    assert [neuron.get_color() for neuron in drawn] == ["white", "white", neurons.SILENT] + ["white"] * 3


@pytest.mark.parametrize("seed", range(3))
def test_softmax_axes_writes_both_tables_with_bold_sums(seed):
    scores = np.random.default_rng(seed).normal(size=(3, 4))
    figure = losses.softmax_axes(scores, list("abc"), list("wxyz"))
    for axis, over in zip(figure.axes, (1, 0), strict=True):
        truth = special.softmax(scores, axis=over)
        expected = [*truth.ravel(), *truth.sum(axis=1), *truth.sum(axis=0)]
        assert [text.get_text() for text in axis.texts] == [f"{number:.2f}" for number in expected]
        bold = [text for text in axis.texts if text.get_weight() == "bold"]
        assert len(bold) == scores.shape[1 - over] and {text.get_text() for text in bold} == {"1.00"}


def test_constant_predictions_marks_the_share_that_is_true():
    left, right = EXAMPLES["constant_predictions"]().axes
    for axis, which in ((left, "highest"), (right, "lowest")):
        np.testing.assert_allclose(axis.get_lines()[1].get_xdata(), 0.7)
        assert f"{which} at p = 0.7" in axis.get_title(loc="left")


def test_activations_shows_values_over_slopes():
    figure = EXAMPLES["activations"]()
    axes = np.array(figure.axes).reshape(2, 3)
    for axis, value, slope in zip(
        axes[0], (np.maximum(Z, 0), special.expit(Z), np.tanh(Z)), (1.0, 0.25, 1.0), strict=True
    ):
        np.testing.assert_allclose(axis.get_lines()[0].get_ydata(), value)
        column = list(axes[0]).index(axis)
        assert axes[1, column].texts[0].get_text() == f"at most {slope:g}"


def test_go_is_blue_and_solid_and_ng_is_orange_and_dashed():
    axis = EXAMPLES["binary_loss"]().axes[0]
    go, ng = lines(axis)["fan is GO: −ln p"], lines(axis)["fan is NG: −ln(1 − p)"]
    assert (go.get_color(), go.get_linestyle()) == (GO_COLOR, "-")
    assert (ng.get_color(), ng.get_linestyle()) == (NG_COLOR, "--")


@pytest.mark.parametrize("seed", range(3))
def test_binary_loss_puts_every_fan_on_its_curve(seed):
    rng = np.random.default_rng(seed)
    labels, p = rng.integers(0, 2, size=9), rng.uniform(0.01, 0.99, size=9)
    axis = losses.binary_loss(labels, p).axes[0]
    for label, name in ((1, "GO"), (0, "NG")):
        fans = lines(axis)[f"{name} fan of the batch"]
        np.testing.assert_allclose(fans.get_xdata(), p[labels == label])
        expected = -stats.bernoulli.logpmf(label, p[labels == label])
        np.testing.assert_allclose(fans.get_ydata(), expected)
    curve = lines(axis)["fan is NG: −ln(1 − p)"]
    np.testing.assert_allclose(curve.get_ydata(), -stats.bernoulli.logpmf(0, curve.get_xdata()))


def test_binary_loss_without_fans_is_the_curves_alone():
    assert len(losses.binary_loss([], []).axes[0].get_legend().get_texts()) == 2


@pytest.mark.parametrize("seed", range(3))
def test_scores_to_loss_is_softmax_and_its_loss(seed):
    rng = np.random.default_rng(seed)
    logits, truth = rng.normal(scale=4, size=5), int(rng.integers(5))
    left, middle, right = losses.scores_to_loss(logits, list("abcde"), truth).axes
    np.testing.assert_allclose(heights(left), logits)
    np.testing.assert_allclose(heights(middle), special.softmax(logits))
    np.testing.assert_allclose(heights(right), -special.log_softmax(logits)[truth])


def test_scores_to_loss_survives_large_scores():
    figure = losses.scores_to_loss([1000.0, 0.0], ["a", "b"], 1)
    np.testing.assert_allclose(heights(figure.axes[2]), 1000.0)


def test_the_true_class_stands_out_in_grey_too():
    for axis in EXAMPLES["probabilities_and_truth"]().axes:
        lightness = [np.mean(matplotlib.colors.to_rgb(bar.get_facecolor())) for bar in axis.patches]
        assert lightness[3] < min(lightness[:3] + lightness[4:]) - 0.4


def test_surprise_is_minus_ln():
    axis = losses.surprise([0.7, 0.001]).axes[0]
    curve, marks = axis.get_lines()[:2]
    np.testing.assert_allclose(curve.get_ydata(), -np.log(curve.get_xdata()))
    np.testing.assert_allclose(marks.get_ydata(), [0.3567, 6.9078], atol=1e-4)
    assert curve.get_xdata().min() <= 0.001


def test_probabilities_are_drawn_as_given_even_if_they_add_up_to_more_than_1():
    left, right = EXAMPLES["probabilities_and_truth"]().axes
    np.testing.assert_allclose(heights(right), DIGITS)
    np.testing.assert_allclose(heights(left), np.eye(10)[3])


def test_the_band_around_the_tolerance_is_go():
    figure = neurons.scores_over_offset(Z, {"a": Z}, tolerance=1.5)
    go, left, right = figure.axes[0].patches
    assert [go.get_x(), go.get_x() + go.get_width()] == [-1.5, 1.5]
    assert [left.get_x(), right.get_x()] == [-6, 1.5]
    assert go.get_hatch() is None and left.get_hatch() == right.get_hatch() == NG_HATCH


def test_fading_draws_even_what_has_faded_to_0():
    curve = neurons.fading({"sigmoid": 0.25 ** np.arange(1000)}).axes[0].get_lines()[0]
    assert np.all(curve.get_ydata() > 0)


def test_clipped_loss_leaves_infinite_losses_out():
    curve = lines(EXAMPLES["clipped_loss"]().axes[0])["from the probability"]
    assert np.array_equal(np.isnan(curve.get_ydata()), Z < -5)


def test_accuracy_and_loss_marks_the_lowest_loss():
    top, bottom = losses.accuracy_and_loss(SHIFTS, SHIFTS > 0, (SHIFTS - 1) ** 2).axes
    np.testing.assert_allclose(bottom.get_lines()[1].get_xdata(), 1)
    np.testing.assert_allclose(top.get_lines()[0].get_ydata(), SHIFTS > 0)


@pytest.mark.parametrize(
    ("draw", "said"),
    [
        (lambda: neurons.activations(Z, {"a": Z}, {"b": Z}), "same names"),
        (lambda: neurons.activations(Z, {}, {}), "same names"),
        (lambda: neurons.activations(Z, {"a": Z[1:]}, {"a": Z}), "values['a']"),
        (lambda: losses.scores_to_loss([1, 2], ["a"], 0), "names holds 1"),
        (lambda: losses.scores_to_loss([1, 2], ["a", "b"], 2), "truth is 2"),
        (lambda: losses.scores_to_loss([1, np.nan], ["a", "b"], 0), "NaN or infinity"),
        (lambda: neurons.network([[1], [2]], [[[1, 2]]], ["a", "b"]), "weights has shapes"),
        (lambda: neurons.network([[1], [2]], [[[1]]], ["a"]), "1 titles"),
        (lambda: neurons.network([[1]], [], ["a"]), "weights has shapes"),
        (lambda: losses.softmax_axes([1, 2], ["a"], ["b"]), "logits has shape (2,)"),
        (lambda: losses.softmax_axes(TABLE, ["a"], KINDS), "names holds 1"),
        (lambda: losses.constant_predictions([0.5], [1, 2], [1]), "likelihood has shape"),
        (lambda: losses.surprise([0.5, 0]), "above 0"),
        (lambda: losses.surprise([1.5]), "holds 1.5"),
        (lambda: losses.probabilities_and_truth([0.2, -0.1], 0), "holds -0.1"),
        (lambda: losses.probabilities_and_truth([[0.2, 0.8]], 0), "shape (1, 2)"),
        (lambda: losses.binary_loss([0, 2], [0.2, 0.3]), "labels"),
        (lambda: losses.binary_loss([0], [0.2, 0.3]), "equally long"),
        (lambda: losses.binary_loss([1], [1.0]), "strictly"),
        (lambda: losses.accuracy_and_loss(Z, Z, Z[1:]), "loss has shape"),
        (lambda: losses.clipped_loss([], [], []), "logits has shape (0,)"),
        (lambda: neurons.fading({"a": [[1, 2]]}), "remaining['a']"),
    ],
)
def test_refuses_in_one_sentence(draw, said):
    with pytest.raises(WorkbookError) as refusal:
        draw()
    assert said in str(refusal.value) and "\n" not in str(refusal.value)


def test_leaves_its_input_alone():
    logits = np.array([2.0, 1.0, 0.1])
    probabilities = np.array(DIGITS)
    before = json.dumps([logits.tolist(), probabilities.tolist()])
    losses.scores_to_loss(logits, KINDS, 0)
    losses.probabilities_and_truth(probabilities, 3)
    assert json.dumps([logits.tolist(), probabilities.tolist()]) == before
