"""Notebook 03 goes through with whatever its parameters allow, and what it says holds for other numbers."""

import lesson
import numpy as np
import pytest

from fanaoi_helpers import byhand
from fanaoi_helpers.cnn import keras
from fanaoi_helpers.errors import WorkbookError

LOWEST = {"p_true": 0.001, "layers": 1.0, "batch": 2.0, "logit_scale": 1, "seed": 0.0}
HIGHEST = {"p_true": 0.999, "layers": 100.0, "batch": 100.0, "logit_scale": 1e6, "seed": 2**32 - 1}


@pytest.mark.parametrize("parameters", [LOWEST, HIGHEST], ids=["lowest", "highest"])
def test_it_goes_through_at_both_ends_of_its_parameters(parameters):
    names = lesson.execute("03", again=True, **parameters)
    assert {name: names[name] for name in parameters} == parameters
    assert all(type(names[name]) is int for name in ("layers", "batch", "seed"))
    assert len(lesson.claims(names["printed"])) == 2 and all(lesson.claims(names["printed"]).values())


@pytest.mark.parametrize(
    ("name", "value"),
    [("p_true", 0), ("p_true", 1), ("p_true", "0.7"), ("layers", 0), ("layers", 2.5), ("layers", True),
     ("batch", 1), ("batch", 101), ("logit_scale", 0.5), ("logit_scale", float("nan")), ("seed", -1),
     ("seed", 2**32)],
)  # fmt: skip
def test_what_makes_no_sense_is_refused_before_any_work(name, value):
    with pytest.raises(WorkbookError, match=name):
        lesson.execute("03", until="## 1.", **{name: value})


# What it says, for other numbers than its own ------------------------------------------------------------


def test_a_filter_is_a_neuron_that_looks_at_a_window():
    rng = np.random.default_rng(0)
    for rows, columns in ((3, 3), (2, 5), (1, 4)):
        window, kernel = rng.normal(size=(2, rows, columns))
        neuron = byhand.dense(window.ravel(), kernel.reshape(-1, 1), np.zeros(1))
        assert neuron[0] == pytest.approx(byhand.convolve2d(window, kernel)[0, 0])


@pytest.mark.parametrize("seed", range(3))
def test_the_handouts_ann_is_weighted_sums_and_bends(seed):
    keras.utils.set_random_seed(seed)
    relu, sigmoid = keras.layers.Dense(4, "relu"), keras.layers.Dense(3, "sigmoid")
    bends = {relu: byhand.relu, keras.layers.Dense(4, "relu"): byhand.relu, sigmoid: byhand.sigmoid}
    with keras.device("cpu"):
        ann = keras.Sequential([keras.Input((4,)), *bends])
        fans = np.random.default_rng(seed).uniform(size=(5, 4))
        theirs = keras.ops.convert_to_numpy(ann(fans))
    ours = fans
    for layer, bend in bends.items():
        ours = bend(byhand.dense(ours, *layer.get_weights()))
    assert ours == pytest.approx(theirs, abs=1e-6) and ann.count_params() == 55


def test_layers_without_a_bend_are_one_layer():
    rng = np.random.default_rng(1)
    fans = rng.uniform(size=(5, 3))
    layers = [(rng.normal(size=shape), rng.normal(size=shape[1])) for shape in ((3, 8), (8, 8), (8, 1))]

    def through(bend):
        out = fans
        for weights, bias in layers:
            out = bend(byhand.dense(out, weights, bias))
        return out

    bias = through(lambda out: out) - fans @ np.linalg.multi_dot([weights for weights, _ in layers])
    assert np.ptp(bias) < 1e-12, "what is left is the same number for every fan"
    assert np.ptp(through(byhand.relu) - through(lambda out: out)) > 0.1, "with a bend it is not"


def test_tanh_is_a_stretched_sigmoid():
    z = np.linspace(-6, 6, 241)
    assert byhand.tanh(z) == pytest.approx(2 * byhand.sigmoid(2 * z) - 1)


def test_softmax_knows_differences_alone():
    rng = np.random.default_rng(2)
    scores = rng.normal(scale=3, size=(9, 4))
    assert byhand.softmax(scores + 100) == pytest.approx(byhand.softmax(scores))
    assert not np.allclose(byhand.softmax(3 * scores), byhand.softmax(scores))
    with np.errstate(over="ignore", invalid="ignore"):
        naive = np.exp(1000 * scores)
        assert np.isnan(naive / naive.sum(axis=1, keepdims=True)).any()
    assert np.isfinite(byhand.softmax(1000 * scores)).all()


def test_sigmoid_is_softmax_for_two_classes():
    scores = np.random.default_rng(3).normal(scale=3, size=(9, 2))
    assert byhand.softmax(scores)[:, 0] == pytest.approx(byhand.sigmoid(scores[:, 0] - scores[:, 1]))


@pytest.mark.parametrize("classes", [2, 3, 10])
def test_a_shrug_costs_ln_k_whatever_the_labels_are(classes):
    labels = np.random.default_rng(classes).integers(classes, size=20)
    assert byhand.cross_entropy(labels, np.full((20, classes), 1 / classes)) == pytest.approx(np.log(classes))
    if classes == 2:
        assert byhand.binary_cross_entropy(labels, np.full(20, 0.5)) == pytest.approx(np.log(2))


@pytest.mark.parametrize("z", [-1.0, -10.0, -20.0, -1000.0])
def test_from_the_probability_the_loss_of_a_go_fan_stops_and_from_the_score_it_does_not(z):
    go, score = np.array([1.0]), np.array([z])
    from_p = float(keras.losses.BinaryCrossentropy()(go, byhand.sigmoid(score)))
    from_z = float(keras.losses.BinaryCrossentropy(from_logits=True)(go, score))
    exact = byhand.binary_cross_entropy_from_logits(go, score)
    assert (
        exact == pytest.approx(max(z, 0) - z + np.log1p(np.exp(-abs(z)))) == pytest.approx(from_z, rel=1e-5)
    )
    assert from_p == pytest.approx(min(exact, 16.118), abs=0.01)


def test_a_perfect_model_with_a_second_sigmoid_stays_above_a_half():
    y = np.array([1.0, 0.0])
    slip = float(keras.losses.BinaryCrossentropy(from_logits=True)(y, y))
    assert slip == pytest.approx(byhand.binary_cross_entropy(y, byhand.sigmoid(y)), abs=1e-5)
    assert 0.5 < slip < 0.51
