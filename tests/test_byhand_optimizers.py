"""The optimizers step for step against Keras's, and what their paths must be."""

import os
import warnings

import numpy as np
import pytest

from fanaoi_helpers import byhand
from fanaoi_helpers.errors import WorkbookError


@pytest.fixture(scope="module")
def keras():
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    import keras

    with keras.device("cpu"):
        yield keras


def valley(point):
    """Return the gradient of (x² + 8 y² + x y) / 2 + cos x: steep one way, flat the other, no bowl."""
    x, y = point
    return np.array([x + y / 2 - np.sin(x), 8 * y + x / 2])


def keras_path(keras, optimizer, gradient, start, steps):
    """Return the points that Keras's optimizer visits, in float64."""
    weights = keras.Variable(start, dtype="float64")
    optimizer.build([weights])
    path = [np.array(start, dtype=float)]
    for _ in range(steps):
        optimizer.apply([keras.ops.convert_to_tensor(gradient(path[-1]), "float64")])
        path.append(np.array(weights.numpy()))
    return np.stack(path)


# Keras rounds rates and averages' weights to float32; of numbers that float32 holds nothing is rounded off.
@pytest.mark.parametrize("momentum", [0.0, 0.5, 0.875])
@pytest.mark.parametrize("rate", [1 / 128, 0.25])
def test_sgd_is_keras_sgd(keras, rate, momentum):
    ours = byhand.sgd(valley, [3.0, -2.0], rate, 40, momentum)
    theirs = keras_path(keras, keras.optimizers.SGD(rate, momentum=momentum), valley, [3.0, -2.0], 40)
    assert ours.shape == (41, 2) and ours.dtype == np.float64
    assert ours == pytest.approx(theirs, rel=1e-9, abs=1e-12)


@pytest.mark.parametrize(
    ("beta1", "beta2", "epsilon"),
    [(0.875, 1 - 2**-10, 2**-23), (0.5, 0.875, 2**-23), (0.0, 0.75, 2**-23), (0.875, 0.0, 0.125)],
)
@pytest.mark.parametrize("rate", [1 / 128, 0.25])
def test_adam_is_keras_adam(keras, rate, beta1, beta2, epsilon):
    ours = byhand.adam(valley, [3.0, -2.0], rate, 40, beta1, beta2, epsilon)
    theirs = keras.optimizers.Adam(rate, beta_1=beta1, beta_2=beta2, epsilon=epsilon)
    theirs = keras_path(keras, theirs, valley, [3.0, -2.0], 40)
    assert ours.shape == (41, 2) and ours.dtype == np.float64
    assert ours == pytest.approx(theirs, rel=1e-9, abs=1e-12)


def test_the_defaults_are_keras_defaults(keras):
    """Adam's averages and epsilon, and no momentum; a gradient near epsilon shows which epsilon it is."""
    for slope in (1.0, 1e-7):
        start, gradient = [3.0, -2.0], lambda point, slope=slope: slope * valley(point)
        theirs = keras_path(keras, keras.optimizers.Adam(1 / 128), gradient, start, 40)
        assert byhand.adam(gradient, start, 1 / 128, 40) == pytest.approx(theirs, abs=1e-5)
    theirs = keras_path(keras, keras.optimizers.SGD(1 / 128), valley, start, 40)
    assert byhand.sgd(valley, start, 1 / 128, 40) == pytest.approx(theirs, rel=1e-9)


def test_a_filter_learns_with_sgd_as_with_keras(keras):
    """Weights of any shape, and a gradient from the package: one kernel learns to see an edge."""
    rng = np.random.default_rng(1)
    x, edge = rng.normal(size=(8, 9)), np.array([[-1.0, 0, 1]] * 3)
    wanted, start = byhand.convolve2d(x, edge), rng.normal(size=(3, 3))

    def gradient(kernel):
        off = byhand.convolve2d(x, kernel) - wanted
        return byhand.convolve2d_gradients(x, kernel, 2 * off / off.size)[1]

    path = byhand.sgd(gradient, start, 0.125, 200)
    assert path.shape == (201, 3, 3)
    assert path[:21] == pytest.approx(keras_path(keras, keras.optimizers.SGD(0.125), gradient, start, 20))
    assert np.abs(path[0] - edge).max() > 0.5 and np.abs(path[-1] - edge).max() < 1e-3


def test_sgd_on_a_parabola_is_a_geometric_series():
    """On x² each step multiplies by 1 - 2 rate: too small creeps, 1/2 is there at once, above 1 runs away."""
    for rate in (0.01, 0.3, 0.5, 0.9, 1.1):
        path = byhand.sgd(lambda x: 2 * x, 4, rate, 10)
        assert path.shape == (11,)
        assert path == pytest.approx(4 * (1 - 2 * rate) ** np.arange(11))


def test_momentum_goes_on_where_the_ground_is_flat():
    pushed_once = lambda x: np.where(x == 0, -1.0, 0.0)  # noqa: E731 - slopes at the start alone
    path = byhand.sgd(pushed_once, [0.0], 1.0, 4, momentum=0.5)
    assert path[:, 0].tolist() == [0, 1, 1.5, 1.75, 1.875]
    assert byhand.sgd(pushed_once, [0.0], 1.0, 4)[:, 0].tolist() == [0, 1, 1, 1, 1]


def test_adams_first_step_is_as_long_as_the_rate_however_steep_it_is():
    for steepness in (1e-3, 1.0, 1e6):
        path = byhand.adam(lambda x, s=steepness: s * x, [5.0, -5.0], 0.1, 1)
        assert path[1] == pytest.approx([4.9, -4.9], abs=1e-3)
    assert byhand.adam(lambda x: 0 * x, [5.0], 0.1, 3).tolist() == [[5], [5], [5], [5]]


@pytest.mark.parametrize("optimizer", [byhand.sgd, byhand.adam])
def test_paths(optimizer):
    def careless(point):
        gradient = 2 * point
        point[:] = 99  # what a function does with its argument must not reach the path
        return gradient.tolist()

    path = optimizer(careless, (3, -1), rate=0.1, steps=5)
    assert np.array_equal(path, optimizer(lambda x: 2 * x, np.array([3.0, -1.0]), rate=0.1, steps=5))
    assert path[0].tolist() == [3, -1] and np.all(np.diff(np.abs(path), axis=0) < 0)
    assert optimizer(careless, [3, -1], 0.1, 0).tolist() == [[3, -1]]
    assert np.all(optimizer(lambda x: 2 * x, [3.0, -1.0], 0, 5) == [3, -1])
    assert optimizer(lambda x: 2 * x, np.ones((2, 3, 4)), 0.1, 5).shape == (6, 2, 3, 4)


def test_a_path_that_runs_away_is_no_error():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        path = byhand.sgd(lambda x: 4 * x**3, [3.0], 1.0, 12)
        assert np.abs(path[1, 0]) > 100 and not np.isfinite(path[-1, 0])
        path = byhand.adam(lambda x: x * 1e200, [1e200], 1.0, 3)
        assert not np.isfinite(path[-1, 0])


@pytest.mark.parametrize("optimizer", [byhand.sgd, byhand.adam])
@pytest.mark.parametrize(
    ("words", "says"),
    [
        ({"rate": -0.1}, "rate is -0.1"),
        ({"rate": "small"}, "rate is 'small'"),
        ({"steps": 1.5}, "steps is 1.5"),
        ({"steps": -1}, "steps is -1"),
        ({"start": "here"}, "start is 'here', .*array of numbers"),
        ({"gradient": lambda x: 1.0}, r"the gradient has shape \(\).* \(2,\)"),
        ({"gradient": lambda x: None}, "the gradient is None, .*array of numbers"),
    ],
)
def test_refusals_name_the_slip(optimizer, words, says):
    words = {"gradient": lambda x: 2 * x, "start": [1.0, 2.0], "rate": 0.1, "steps": 3, **words}
    with pytest.raises(WorkbookError, match=says) as refusal:
        optimizer(**words)
    assert "\n" not in str(refusal.value)


@pytest.mark.parametrize(
    ("optimizer", "words", "says"),
    [
        (byhand.sgd, {"momentum": 1.5}, "momentum is 1.5"),
        (byhand.sgd, {"momentum": -0.1}, "momentum is -0.1"),
        (byhand.adam, {"beta1": 1}, "beta1 is 1,"),
        (byhand.adam, {"beta2": 1.0}, "beta2 is 1.0"),
        (byhand.adam, {"epsilon": 0}, "epsilon is 0"),
    ],
)
def test_settings_that_make_no_sense_are_refused(optimizer, words, says):
    with pytest.raises(WorkbookError, match=says):
        optimizer(lambda x: 2 * x, [1.0], 0.1, 3, **words)
