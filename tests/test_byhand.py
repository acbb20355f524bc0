"""The arithmetic against Keras and SciPy over random shapes, and every number of the handout's example."""

import inspect

import numpy as np
import pytest
from scipy import signal, special

from fanaoi_helpers import byhand
from fanaoi_helpers.errors import WorkbookError

RAMP = np.arange(1, 26).reshape(5, 5)
KERNEL = np.array([[1, 0, 1], [0, 1, 0], [1, 0, 1]])


@pytest.fixture(scope="module")
def keras():
    import os

    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    import keras

    # A GPU may round the factors of a convolution to 10 bits (TF32); the oracle must not.
    with keras.device("cpu"):
        yield keras


def random_shapes(seed, count):
    """Yield (height, width, kh, kw, channels, filters, stride); even kernels and full-size ones occur."""
    rng = np.random.default_rng(seed)
    for _ in range(count):
        height, width = rng.integers(1, 14, 2)
        kh, kw = (int(rng.integers(1, min(size, 6) + 1)) for size in (height, width))
        channels, filters, stride = (int(number) for number in rng.integers(1, 5, 3))
        yield int(height), int(width), kh, kw, channels, filters, stride


def test_every_function_shows_itself():
    """Each public function has an example in its docstring, where it is called by its name."""
    functions = {name: found for name, found in vars(byhand).items() if inspect.isfunction(found)}
    assert len(functions) > 25
    for name, function in functions.items():
        examples = [line for line in function.__doc__.splitlines() if ">>> " in line]
        assert any(f"{name}(" in line for line in examples), name


# Convolution and pooling against Keras and SciPy ---------------------------------------------------------


def test_convolve2d_is_scipys_correlate2d():
    rng = np.random.default_rng(1)
    for height, width, kh, kw, _, _, stride in random_shapes(1, 60):
        x, kernel = rng.normal(size=(height, width)), rng.normal(size=(kh, kw))
        full = signal.correlate2d(x, kernel, mode="valid")
        assert byhand.convolve2d(x, kernel, stride) == pytest.approx(full[::stride, ::stride])
        padding = int(rng.integers(0, 4))
        full = signal.correlate2d(np.pad(x, padding), kernel, mode="valid")
        assert byhand.convolve2d(x, kernel, stride, padding) == pytest.approx(full[::stride, ::stride])


@pytest.mark.parametrize("padding", ["valid", "same"])
def test_conv_layer_is_keras_conv(keras, padding):
    rng = np.random.default_rng(2)
    for height, width, kh, kw, channels, filters, stride in random_shapes(2, 40):
        x = rng.normal(size=(height, width, channels))
        kernels, bias = rng.normal(size=(kh, kw, channels, filters)), rng.normal(size=filters)
        theirs = np.asarray(keras.ops.conv(x[None], kernels, strides=stride, padding=padding))[0] + bias
        ours = byhand.conv_layer(x, kernels, bias, stride, padding)
        assert ours.shape == theirs.shape
        assert ours == pytest.approx(theirs, abs=1e-5)


def test_conv_layer_is_a_keras_layer(keras):
    rng = np.random.default_rng(3)
    layer = keras.layers.Conv2D(5, (3, 2), strides=2, padding="same")
    layer.build((None, 9, 8, 3))
    kernels, bias = rng.normal(size=(3, 2, 3, 5)), rng.normal(size=5)
    layer.set_weights([kernels, bias])
    photo = rng.integers(0, 256, (9, 8, 3), dtype=np.uint8)
    theirs = np.asarray(layer(photo[None].astype("float32")))[0]
    assert byhand.conv_layer(photo, kernels, bias, 2, "same") == pytest.approx(theirs, rel=1e-4, abs=1e-2)


def test_conv_layer_adds_the_channels():
    rng = np.random.default_rng(4)
    x, kernels = rng.integers(-9, 10, (6, 7, 3)), rng.integers(-9, 10, (3, 3, 3, 2))
    by_channel = [
        sum(byhand.convolve2d(x[:, :, c], kernels[:, :, c, f]) for c in range(3)) + bias
        for f, bias in enumerate((10, -10))
    ]
    assert np.array_equal(byhand.conv_layer(x, kernels, (10, -10)), np.stack(by_channel, axis=-1))


@pytest.mark.parametrize("kind", ["max", "average"])
def test_pool2d_is_keras_pool(keras, kind):
    rng = np.random.default_rng(5)
    pool = keras.ops.max_pool if kind == "max" else keras.ops.average_pool
    for height, width, size, _, channels, _, stride in random_shapes(5, 30):
        if size > width:
            continue
        x = rng.normal(size=(height, width, channels))
        theirs = np.asarray(pool(x[None], size, stride, "valid"))[0]
        assert byhand.pool2d(x, size, stride, kind) == pytest.approx(theirs)
        assert byhand.pool2d(x[..., 0], size, stride, kind) == pytest.approx(theirs[..., 0])
        default = np.asarray(pool(x[None], size, None, "valid"))[0]
        assert byhand.pool2d(x, size, kind=kind) == pytest.approx(default)


def test_sizes_agree_with_each_other():
    for size in range(1, 20):
        for kernel in range(1, 7):
            for stride in range(1, 5):
                sides = byhand.same_padding(size, kernel, stride)
                assert byhand.output_size(size, kernel, stride, sides) == -(-size // stride)
                assert 0 <= sides[1] - sides[0] <= 1
                if kernel <= size + 4:
                    positions = range(0, size + 4 - kernel + 1, stride)
                    assert byhand.output_size(size, kernel, stride, 2) == len(positions)


def test_the_handouts_cnn():
    """Errata 7: 80 becomes 78, 39, 37, 18 with valid padding."""
    conv1 = byhand.output_size(80, 3)
    pool1 = byhand.output_size(conv1, 2, 2)
    conv2 = byhand.output_size(pool1, 3)
    assert (conv1, pool1, conv2, byhand.output_size(conv2, 2, 2)) == (78, 39, 37, 18)


def test_pad2d():
    x = np.arange(6, dtype=np.uint8).reshape(2, 3)
    padded = byhand.pad2d(x, ((1, 0), (2, 3)))
    assert padded.shape == (3, 8) and padded.dtype == np.uint8
    assert np.array_equal(padded[1:, 2:5], x) and padded.sum() == x.sum()
    assert byhand.pad2d(np.ones((2, 3, 4)), 1).shape == (4, 5, 4)
    assert byhand.pad2d(np.ones((1, 1), np.float32), 1).dtype == np.float32


def test_photographs_do_not_overflow():
    white = np.full((4, 4), 255, dtype=np.uint8)
    assert byhand.convolve2d(white, np.ones((3, 3), np.uint8)).tolist() == [[2295, 2295], [2295, 2295]]
    assert byhand.convolve2d(white, -np.ones((4, 4), np.int8)).tolist() == [[-4080]]
    assert byhand.pool2d(white, 4, kind="average").tolist() == [[255]]
    assert byhand.conv_layer(white[..., None], np.ones((4, 4, 1, 1), np.uint8)).tolist() == [[[4080]]]


# Dense layer, activations, losses ------------------------------------------------------------------------


def test_activations_are_scipys():
    x = np.concatenate([np.linspace(-8, 8, 101), [-1000, 1000, -0.0]])
    with np.errstate(all="raise", under="ignore"):
        assert byhand.sigmoid(x) == pytest.approx(special.expit(x), rel=1e-12)
        assert byhand.tanh(x) == pytest.approx(np.tanh(x))
        logits = np.random.default_rng(6).normal(scale=300, size=(7, 4, 3))
        for axis in (0, 1, -1):
            assert byhand.softmax(logits, axis) == pytest.approx(special.softmax(logits, axis))
    assert byhand.relu(x).min() == 0 and byhand.relu([2.5]).tolist() == [2.5]


@pytest.mark.parametrize("name", ["relu", "sigmoid", "tanh"])
def test_slopes_are_the_slopes(name):
    x = np.linspace(-5, 5, 40)  # 0 is not among them: ReLU has a corner there
    activation, slope = getattr(byhand, name), getattr(byhand, f"{name}_slope")
    step = 1e-5
    assert slope(x) == pytest.approx((activation(x + step) - activation(x - step)) / (2 * step), abs=1e-8)
    assert byhand.relu_slope(0) == 0 and byhand.sigmoid_slope(0) == 0.25 and byhand.tanh_slope(0) == 1


def test_dense_is_keras_dense(keras):
    rng = np.random.default_rng(7)
    layer = keras.layers.Dense(3)
    layer.build((None, 5))
    weights, bias, x = rng.normal(size=(5, 3)), rng.normal(size=3), rng.normal(size=(4, 5))
    layer.set_weights([weights, bias])
    assert byhand.dense(x, weights, bias) == pytest.approx(np.asarray(layer(x.astype("float32"))), abs=1e-5)
    assert byhand.dense(x[0], weights, bias) == pytest.approx(byhand.dense(x, weights, bias)[0])


def test_cross_entropy_is_keras(keras):
    rng = np.random.default_rng(8)
    for batch, classes in [(1, 2), (6, 3), (3, 3), (9, 10)]:
        index = rng.integers(classes, size=batch)
        p = byhand.softmax(rng.normal(size=(batch, classes)))
        theirs = float(keras.losses.CategoricalCrossentropy()(np.eye(classes)[index], p))
        assert byhand.cross_entropy(np.eye(classes)[index], p) == pytest.approx(theirs, rel=1e-5)
        assert byhand.cross_entropy(index, p) == pytest.approx(theirs, rel=1e-5)
        assert byhand.cross_entropy(index.astype(float), p) == pytest.approx(theirs, rel=1e-5)
    smooth = np.full((1, 4), 0.25)
    assert byhand.cross_entropy(smooth, smooth) == pytest.approx(np.log(4))


def test_binary_cross_entropy_is_keras(keras):
    rng = np.random.default_rng(9)
    labels, logits = rng.integers(2, size=50), rng.normal(scale=3, size=50)
    theirs = float(keras.losses.BinaryCrossentropy()(labels.astype(float), byhand.sigmoid(logits)))
    assert byhand.binary_cross_entropy(labels, byhand.sigmoid(logits)) == pytest.approx(theirs, rel=1e-5)
    theirs = float(keras.losses.BinaryCrossentropy(from_logits=True)(labels.astype(float), logits))
    assert byhand.binary_cross_entropy_from_logits(labels, logits) == pytest.approx(theirs, rel=1e-5)
    assert byhand.binary_cross_entropy(1, [0.5, 0.25]) == pytest.approx((np.log(2) + np.log(4)) / 2)


def test_losses_are_finite_where_probabilities_are_0_or_1():
    with np.errstate(all="raise", under="ignore"):
        assert byhand.cross_entropy([1, 0], [1.0, 0.0]) == 0
        assert byhand.cross_entropy([0, 1], [1.0, 0.0]) == pytest.approx(-np.log(byhand.EPSILON))
        assert byhand.binary_cross_entropy([1, 0], [1.0, 0.0]) == 0
        assert byhand.binary_cross_entropy([0, 1], [1.0, 0.0]) == pytest.approx(-np.log(byhand.EPSILON))
        # From logits nothing is cut off: the true loss, however wrong the verdict.
        assert byhand.binary_cross_entropy_from_logits([0, 1], [800, -700]) == 750
        assert byhand.binary_cross_entropy_from_logits([1], [40]) == pytest.approx(np.exp(-40))


# Refusals ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("call", "says"),
    [
        (lambda: byhand.convolve2d(np.ones((5, 5, 3)), KERNEL), r"x has shape \(5, 5, 3\).*conv_layer"),
        (lambda: byhand.convolve2d(RAMP, np.ones(3)), r"kernel has shape \(3,\)"),
        (lambda: byhand.convolve2d(RAMP, np.ones((6, 3))), "kernel is 6 long, but .* only 5"),
        (lambda: byhand.convolve2d(RAMP, KERNEL, stride=0), "stride is 0"),
        (lambda: byhand.convolve2d(RAMP, KERNEL, stride=1.5), "stride is 1.5"),
        (lambda: byhand.convolve2d(RAMP, KERNEL, padding="full"), "padding is 'full'.*'valid', 'same'"),
        (lambda: byhand.convolve2d(RAMP, KERNEL, padding=-1), "padding is -1"),
        (lambda: byhand.convolve2d([[1, 2], [3]], KERNEL), "x has rows of different lengths"),
        (lambda: byhand.convolve2d([["a", "b"]], [[1]]), "x is .*'a'.*array of numbers"),
        (lambda: byhand.convolve2d(np.ones((0, 5)), [[1]]), "size is 0"),
        (lambda: byhand.conv_layer(RAMP, np.ones((3, 3, 1, 1))), r"x has shape \(5, 5\)"),
        (lambda: byhand.conv_layer(np.ones((5, 5, 3)), np.ones((3, 3, 1, 2))), "kernels .* C = 3"),
        (lambda: byhand.conv_layer(np.ones((5, 5, 1)), np.ones((3, 3, 1, 2)), [1]), r"bias .* \(2,\)"),
        (lambda: byhand.pool2d(RAMP, 6), "kernel is 6 long"),
        (lambda: byhand.pool2d(RAMP, 2, kind="mean"), "kind is 'mean'.*'max', 'average'"),
        (lambda: byhand.pool2d(np.ones(5)), r"x has shape \(5,\)"),
        (lambda: byhand.pad2d(RAMP, (1, 2, 3)), r"padding is \(1, 2, 3\)"),
        (lambda: byhand.output_size(2, 3), "kernel is 3 long"),
        (lambda: byhand.dense([1, 2], [[1, 2]], [0, 0]), "weights has shape"),
        (lambda: byhand.dense([1], [[1, 2]], 0), r"bias has shape \(\)"),
        (lambda: byhand.softmax(3.0), "logits has shape"),
        (lambda: byhand.cross_entropy([0, 1], [2.5, -1.5]), "probabilities holds 2.5.*softmax"),
        (lambda: byhand.cross_entropy([0, 1], [np.nan, 0.5]), "probabilities holds nan"),
        (lambda: byhand.cross_entropy([0, 3], np.full((2, 3), 0.3)), "true holds 3, .* 0 to 2"),
        (lambda: byhand.cross_entropy([0.5], np.full((1, 3), 0.3)), "true holds 0.5"),
        (lambda: byhand.cross_entropy([1, 1], [0.5, 0.5]), "does not add up to 1"),
        (lambda: byhand.cross_entropy([1, 0, 0], [0.5, 0.5]), "true has shape"),
        (lambda: byhand.cross_entropy([], np.ones((0, 3))), "probabilities has shape"),
        (lambda: byhand.binary_cross_entropy([0, 1], [[0.5], [0.5]]), "labels has shape"),
        (lambda: byhand.binary_cross_entropy([0, 2], [0.5, 0.5]), "labels holds 2"),
        (lambda: byhand.binary_cross_entropy([0], [-0.1]), "probabilities holds -0.1"),
        (lambda: byhand.binary_cross_entropy_from_logits([0], [1, 2]), "labels has shape"),
    ],
)
def test_refusals_name_the_slip(call, says):
    with pytest.raises(WorkbookError, match=says) as refusal:
        call()
    assert "\n" not in str(refusal.value)
