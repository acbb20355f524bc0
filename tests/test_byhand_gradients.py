"""The gradients against TensorFlow's GradientTape and against measured ones: shapes, strides, paddings."""

import itertools
import os
from functools import partial

import numpy as np
import pytest

from fanaoi_helpers import byhand
from fanaoi_helpers.errors import WorkbookError

PADDINGS = ["valid", "same", 2, ((1, 0), (2, 3))]
KERNELS = [(3, 3), (2, 2), (1, 4), (4, 3), (2, 5)]  # odd and even, square and not
STRIDES = [1, 2, 3]


@pytest.fixture(scope="module")
def tf():
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    import tensorflow

    with tensorflow.device("cpu"):  # a GPU may round the factors of a convolution
        yield tensorflow


def tape_gradients(tf, f, inputs, d_out):
    """Return the gradients of sum(f(*inputs) * d_out) at each input, by GradientTape, in float64."""
    inputs = [tf.constant(x, tf.float64) for x in inputs]
    with tf.GradientTape() as tape:
        tape.watch(inputs)
        out = f(*inputs)
    return [g.numpy() for g in tape.gradient(out, inputs, output_gradients=tf.constant(d_out, tf.float64))]


def tf_conv(tf, stride, padding):
    """Return the function of (x, kernels) that TensorFlow computes for one picture."""
    if isinstance(padding, str):
        words = padding.upper()
    else:
        rows, columns = padding if isinstance(padding, tuple) else ((padding, padding),) * 2
        words = [[0, 0], list(rows), list(columns), [0, 0]]
    return lambda x, kernels: tf.nn.conv2d(x[None], kernels, stride, words)[0]


def conv_cases(seed, padding, channels=True):
    """Yield (x, kernels, d_out, stride) with kernels and strides of every kind; height and width differ."""
    rng = np.random.default_rng(seed)
    for (kh, kw), stride in itertools.product(KERNELS, STRIDES):
        height = int(rng.integers(kh, 10))
        width = height + int(rng.integers(1, 5))
        c, f = (int(n) for n in rng.integers(1, 4, 2)) if channels else (1, 1)
        x, kernels = rng.normal(size=(height, width + kw, c)), rng.normal(size=(kh, kw, c, f))
        out = byhand.conv_layer(x, kernels, None, stride, padding)
        yield x, kernels, rng.normal(size=out.shape), stride


# Convolution ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("padding", PADDINGS)
def test_conv_layer_gradients_are_the_tapes(tf, padding):
    for x, kernels, d_out, stride in conv_cases(1, padding):
        d_x, d_kernels, d_bias = byhand.conv_layer_gradients(x, kernels, d_out, stride, padding)
        theirs = tape_gradients(tf, tf_conv(tf, stride, padding), (x, kernels), d_out)
        assert d_x == pytest.approx(theirs[0]) and d_kernels == pytest.approx(theirs[1])
        bias = np.zeros(kernels.shape[3])
        assert d_bias == pytest.approx(
            tape_gradients(tf, lambda b, d=d_out: b + tf.zeros(d.shape, b.dtype), [bias], d_out)[0]
        )


@pytest.mark.parametrize("padding", PADDINGS)
def test_convolve2d_gradients_are_the_tapes(tf, padding):
    for x, kernels, d_out, stride in conv_cases(2, padding, channels=False):
        one = x[..., 0], kernels[..., 0, 0]
        d_x, d_kernel = byhand.convolve2d_gradients(*one, d_out[..., 0], stride, padding)
        theirs = tape_gradients(tf, tf_conv(tf, stride, padding), (x, kernels), d_out)
        assert d_x == pytest.approx(theirs[0][..., 0])
        assert d_kernel == pytest.approx(theirs[1][..., 0, 0])


@pytest.mark.parametrize("padding", PADDINGS)
def test_conv_layer_gradients_are_the_measured_ones(padding):
    for x, kernels, d_out, stride in itertools.islice(conv_cases(3, padding), 0, None, 4):
        inputs = x, kernels, np.ones(kernels.shape[3])

        def loss_with(place, z, inputs=inputs, d_out=d_out, stride=stride):
            inputs = *inputs[:place], z, *inputs[place + 1 :]
            return (d_out * byhand.conv_layer(*inputs, stride, padding)).sum()

        ours = byhand.conv_layer_gradients(x, kernels, d_out, stride, padding)
        measured = [byhand.numeric_gradient(partial(loss_with, place), inputs[place]) for place in range(3)]
        assert max(map(byhand.relative_error, ours, measured)) < 1e-8


def test_convolve2d_gradients_are_the_measured_ones():
    rng = np.random.default_rng(4)
    x, kernel, d_out = rng.normal(size=(5, 7)), rng.normal(size=(3, 2)), rng.normal(size=(3, 4))
    d_x, d_kernel = byhand.convolve2d_gradients(x, kernel, d_out, 2, "same")

    def loss(x, kernel):
        return (d_out * byhand.convolve2d(x, kernel, 2, "same")).sum()

    assert byhand.relative_error(d_x, byhand.numeric_gradient(lambda z: loss(z, kernel), x)) < 1e-8
    assert byhand.relative_error(d_kernel, byhand.numeric_gradient(lambda z: loss(x, z), kernel)) < 1e-8


def test_what_comes_back_is_a_transposed_convolution(tf):
    """Stride 1: the full correlation with the flipped kernel; any stride: TensorFlow's conv2d_transpose."""
    rng = np.random.default_rng(5)
    kernel, d_out = rng.normal(size=(3, 2)), rng.normal(size=(4, 5))
    d_x, _ = byhand.convolve2d_gradients(np.zeros((6, 6)), kernel, d_out)
    full = byhand.convolve2d(d_out, np.flip(kernel), padding=((2, 2), (1, 1)))
    assert d_x == pytest.approx(full)
    d_x, _ = byhand.convolve2d_gradients(np.zeros((9, 10)), kernel, d_out, stride=2)
    theirs = tf.nn.conv2d_transpose(
        d_out[None, ..., None], kernel[..., None, None], (1, 9, 10, 1), 2, "VALID"
    )
    assert d_x == pytest.approx(theirs.numpy()[0, ..., 0])


def test_pixels_that_no_window_reached_get_nothing():
    x, kernel = np.ones((6, 7)), np.ones((2, 2))
    d_x, d_kernel = byhand.convolve2d_gradients(x, kernel, np.ones((2, 2)), stride=3)
    reached = np.zeros((6, 7))
    reached[np.ix_([0, 1, 3, 4], [0, 1, 3, 4])] = 1
    assert np.array_equal(d_x, reached) and np.array_equal(d_kernel, np.full((2, 2), 4))


# Pooling -------------------------------------------------------------------------------------------------


def tf_pool(tf, size, stride, kind):
    pool = tf.nn.max_pool2d if kind == "max" else tf.nn.avg_pool2d
    return lambda x: pool(x[None], size, stride, "VALID")[0]


@pytest.mark.parametrize("kind", ["max", "average"])
@pytest.mark.parametrize("few_values", [False, True], ids=["all differ", "ties"])
def test_pool2d_gradient_is_the_tapes(tf, kind, few_values):
    rng = np.random.default_rng(6)
    for size, stride in itertools.product((1, 2, 3, 4), (1, 2, 3, 5)):
        shape = (int(rng.integers(size, 9)), int(rng.integers(size, 12)), int(rng.integers(1, 4)))
        x = rng.integers(0, 3, shape) if few_values else rng.normal(size=shape)
        d_out = rng.normal(size=byhand.pool2d(x, size, stride, kind).shape)
        (theirs,) = tape_gradients(tf, tf_pool(tf, size, stride, kind), [x], d_out)
        assert byhand.pool2d_gradient(x, d_out, size, stride, kind) == pytest.approx(theirs)
        one = byhand.pool2d_gradient(x[..., 0], d_out[..., 0], size, stride, kind)
        assert one == pytest.approx(theirs[..., 0])


@pytest.mark.parametrize("kind", ["max", "average"])
def test_pool2d_gradient_is_the_measured_one(kind):
    rng = np.random.default_rng(7)
    for size, stride in ((2, None), (3, 2), (2, 3)):
        x = rng.permutation(70).reshape(7, 10) / 10  # far enough apart for the step
        d_out = rng.normal(size=byhand.pool2d(x, size, stride, kind).shape)
        ours = byhand.pool2d_gradient(x, d_out, size, stride, kind)
        measured = byhand.numeric_gradient(
            lambda z, d=d_out, n=size, s=stride: (d * byhand.pool2d(z, n, s, kind)).sum(), x
        )
        assert byhand.relative_error(ours, measured) < 1e-8


def test_the_first_of_the_largest_gets_it_all():
    assert byhand.pool2d_gradient([[0, 5], [5, 5]], [[3]]).tolist() == [[0, 3], [0, 0]]
    assert byhand.pool2d_gradient([[7, 7], [7, 7]], [[3]]).tolist() == [[3, 0], [0, 0]]
    # Windows that overlap: the middle value is the first of the largest in both.
    assert byhand.pool2d_gradient([[1, 5, 1], [1, 1, 5]], [[3, 4]], stride=1).tolist() == [
        [0, 7, 0],
        [0, 0, 0],
    ]


@pytest.mark.parametrize("kind", ["max", "average"])
def test_rows_and_columns_that_pooling_dropped_get_nothing(kind):
    x = np.arange(35).reshape(5, 7)  # the largest values stand where pooling drops them
    d_x = byhand.pool2d_gradient(x, np.ones((2, 3)), kind=kind)
    assert not d_x[4].any() and not d_x[:, 6].any()
    assert d_x.sum() == 6


# Activations, the dense layer, losses --------------------------------------------------------------------


@pytest.mark.parametrize("name", ["relu", "sigmoid"])
def test_activation_gradients_are_the_tapes(tf, name):
    rng = np.random.default_rng(9)
    gradient, theirs = getattr(byhand, f"{name}_gradient"), getattr(tf.nn, name)
    for shape in ((), (7,), (4, 5, 2)):
        x, d_out = rng.normal(scale=3, size=shape), rng.normal(size=shape)
        assert gradient(x, d_out) == pytest.approx(tape_gradients(tf, theirs, [x], d_out)[0])
    corners, ones = np.array([0.0, -0.0, 1e-300, -700, 700]), np.ones(5)
    with np.errstate(all="raise", under="ignore"):
        assert gradient(corners, ones) == pytest.approx(tape_gradients(tf, theirs, [corners], ones)[0])


@pytest.mark.parametrize("name", ["relu", "sigmoid"])
def test_activation_gradients_are_the_measured_ones(name):
    x = np.linspace(-3, 3, 20).reshape(4, 5)  # 0, where ReLU has its corner, is not among them
    d_out = np.random.default_rng(10).normal(size=x.shape)
    activation, gradient = getattr(byhand, name), getattr(byhand, f"{name}_gradient")
    measured = byhand.numeric_gradient(lambda z: (d_out * activation(z)).sum(), x)
    assert byhand.relative_error(gradient(x, d_out), measured) < 1e-8


def test_relu_gradient_at_0_is_0():
    assert byhand.relu_gradient([0, 0.0, -0.0], [5, 5, 5]).tolist() == [0, 0, 0]
    # Where the unit is off, even a gradient that ran away does not come through.
    assert byhand.relu_gradient([-1.0, 1.0], [np.inf, 2.0]).tolist() == [0, 2]


@pytest.mark.parametrize("batch", [(), (1,), (4,), (2, 3)])
def test_dense_gradients_are_the_tapes_and_the_measured_ones(tf, batch):
    rng = np.random.default_rng(11)
    x, weights, bias = rng.normal(size=(*batch, 5)), rng.normal(size=(5, 3)), rng.normal(size=3)
    d_out = rng.normal(size=(*batch, 3))
    ours = byhand.dense_gradients(x, weights, d_out)
    theirs = tape_gradients(tf, lambda x, w, b: tf.tensordot(x, w, 1) + b, (x, weights, bias), d_out)
    assert [g.shape for g in ours] == [x.shape, weights.shape, bias.shape]
    for our, their in zip(ours, theirs, strict=True):
        assert our == pytest.approx(their)
    measured = byhand.numeric_gradient(lambda w: (d_out * byhand.dense(x, w, bias)).sum(), weights)
    assert byhand.relative_error(ours[1], measured) < 1e-8


def test_softmax_cross_entropy_gradient_is_the_tapes_and_the_measured_one(tf):
    rng = np.random.default_rng(12)
    for batch, classes in [(1, 2), (6, 3), (3, 3), (9, 10)]:
        index, logits = rng.integers(classes, size=batch), rng.normal(scale=3, size=(batch, classes))
        soft = byhand.softmax(rng.normal(size=(batch, classes)))
        for true in (np.eye(classes)[index], soft):
            ours = byhand.softmax_cross_entropy_gradient(true, logits)
            (theirs,) = tape_gradients(
                tf, lambda z, t=true: tf.nn.softmax_cross_entropy_with_logits(t, z), [logits], np.ones(batch)
            )
            assert ours == pytest.approx(theirs / batch)
            measured = byhand.numeric_gradient(
                lambda z, t=true: byhand.cross_entropy(t, byhand.softmax(z)), logits
            )
            assert byhand.relative_error(ours, measured) < 1e-7
        by_index = byhand.softmax_cross_entropy_gradient(index, logits)
        assert np.array_equal(by_index, byhand.softmax_cross_entropy_gradient(np.eye(classes)[index], logits))
        one = byhand.softmax_cross_entropy_gradient(index[0], logits[0])
        assert one == pytest.approx(by_index[0] * batch)


def test_binary_cross_entropy_gradient_is_the_tapes_and_the_measured_one(tf):
    rng = np.random.default_rng(13)
    for shape in ((), (7,), (5, 1)):
        labels, logits = rng.integers(2, size=shape).astype(float), rng.normal(scale=3, size=shape)
        ours = byhand.binary_cross_entropy_from_logits_gradient(labels, logits)
        (theirs,) = tape_gradients(
            tf,
            lambda z, y=labels: tf.reduce_mean(tf.nn.sigmoid_cross_entropy_with_logits(y, z)),
            [logits],
            1.0,
        )
        assert ours == pytest.approx(theirs)
        measured = byhand.numeric_gradient(
            lambda z, y=labels: byhand.binary_cross_entropy_from_logits(y, z), logits
        )
        assert byhand.relative_error(ours, measured) < 1e-7
    for_all = byhand.binary_cross_entropy_from_logits_gradient(1, [0.0, 2.0])
    assert np.array_equal(for_all, byhand.binary_cross_entropy_from_logits_gradient([1, 1], [0.0, 2.0]))


def test_gradients_from_large_logits_are_finite():
    with np.errstate(all="raise", under="ignore"):
        assert byhand.softmax_cross_entropy_gradient(1, [900.0, -900.0]).tolist() == [1, -1]
        assert byhand.binary_cross_entropy_from_logits_gradient([0, 1], [900, -900]).tolist() == [0.5, -0.5]


# Together ------------------------------------------------------------------------------------------------


def test_a_whole_cnn_backward_is_the_tapes(tf):
    """Convolution, ReLU, pooling, flatten, dense, softmax and loss: the chain rule from end to end."""
    rng = np.random.default_rng(14)
    x, true = rng.normal(size=(9, 8, 3)), 1
    kernels, kernel_bias = rng.normal(size=(3, 3, 3, 4)), rng.normal(size=4)
    weights, bias = rng.normal(size=(4 * 3 * 4, 2)), rng.normal(size=2)

    convolved = byhand.conv_layer(x, kernels, kernel_bias, padding="same")
    active = byhand.relu(convolved)
    pooled = byhand.pool2d(active)[:, :3]  # a slice too: what it leaves out gets nothing
    logits = byhand.dense(pooled.ravel(), weights, bias)
    d_logits = byhand.softmax_cross_entropy_gradient(true, logits)
    d_flat, d_weights, d_bias = byhand.dense_gradients(pooled.ravel(), weights, d_logits)
    d_pooled = np.zeros((4, 4, 4))
    d_pooled[:, :3] = d_flat.reshape(4, 3, 4)
    d_active = byhand.pool2d_gradient(active, d_pooled)
    d_convolved = byhand.relu_gradient(convolved, d_active)
    d_x, d_kernels, d_kernel_bias = byhand.conv_layer_gradients(x, kernels, d_convolved, padding="same")

    def model(x, kernels, kernel_bias, weights, bias):
        out = tf.nn.relu(tf.nn.conv2d(x[None], kernels, 1, "SAME") + kernel_bias)
        flat = tf.reshape(tf.nn.max_pool2d(out, 2, 2, "VALID")[:, :, :3], (1, -1))
        return tf.nn.sparse_softmax_cross_entropy_with_logits([true], flat @ weights + bias)[0]

    theirs = tape_gradients(tf, model, (x, kernels, kernel_bias, weights, bias), 1.0)
    ours = d_x, d_kernels, d_kernel_bias, d_weights, d_bias
    assert max(map(byhand.relative_error, ours, theirs)) < 1e-12


# What comes in and what goes out -------------------------------------------------------------------------


def as_lists(*arrays):
    return [array.tolist() for array in arrays]


def test_whole_numbers_and_lists_are_welcome():
    """Lists give what arrays give; whole numbers stay whole, and bytes do not overflow."""
    x = np.full((4, 5), 255, np.uint8)
    kernel, d_out = np.full((2, 2), 200, np.uint8), np.full((3, 4), 100, np.uint8)
    d_x, d_kernel = byhand.convolve2d_gradients(*as_lists(x, kernel, d_out))
    assert d_x.dtype == d_kernel.dtype == np.int64
    assert d_x.max() == 4 * 200 * 100 and d_kernel.min() == 12 * 255 * 100
    for from_lists, from_arrays in [
        ((d_x, d_kernel), byhand.convolve2d_gradients(x, kernel, d_out)),
        (
            byhand.conv_layer_gradients(
                *as_lists(x[..., None], kernel[..., None, None], d_out[..., None]), 1.0, [[0, 0], [0, 0]]
            ),
            byhand.conv_layer_gradients(x[..., None], kernel[..., None, None], d_out[..., None]),
        ),
        (
            byhand.dense_gradients(*as_lists(x, x.T, x[:, :4])),
            byhand.dense_gradients(x, x.T, x[:, :4]),
        ),
        ([byhand.pool2d_gradient(*as_lists(x, d_out[:2, :2]))], [byhand.pool2d_gradient(x, d_out[:2, :2])]),
        ([byhand.relu_gradient(*as_lists(x, x))], [byhand.relu_gradient(x, x)]),
    ]:
        for ours, theirs in zip(from_lists, from_arrays, strict=True):
            assert ours.dtype == np.int64 and np.array_equal(ours, theirs)
    assert byhand.dense_gradients(x, x.T, x[:, :4])[1].max() == 4 * 255 * 255
    d_x = byhand.pool2d_gradient(x, [[1, 1], [1, 2]], kind="average")
    assert d_x.dtype == np.float64 and d_x[0, 0] == 0.25 and d_x[3, 3] == 0.5
    # A stride that is a whole number, if written as a float, is one.
    assert np.array_equal(byhand.pool2d_gradient(x, [[1, 1]], 2.0, 3.0).nonzero(), ([0, 0], [0, 3]))


def test_nothing_that_came_in_is_changed():
    rng = np.random.default_rng(15)
    x, kernels, d_out = rng.normal(size=(5, 5, 2)), rng.normal(size=(2, 2, 2, 3)), rng.normal(size=(4, 4, 3))
    before = x.copy(), kernels.copy(), d_out.copy()
    d_x, *_ = byhand.conv_layer_gradients(x, kernels, d_out)
    d_x += 1
    byhand.pool2d_gradient(x, d_out[:2, :2, :2])[:] = 7
    byhand.relu_gradient(d_out, d_out)[:] = 7
    byhand.numeric_gradient(lambda z: z.fill(3) or 3, x)
    assert all(np.array_equal(*pair) for pair in zip(before, (x, kernels, d_out), strict=True))


# The check itself ----------------------------------------------------------------------------------------


def test_numeric_gradient():
    x = np.array([[1.0, -2.0], [0.5, 3.0]])
    assert byhand.numeric_gradient(lambda z: (z**3).sum(), x) == pytest.approx(3 * x**2, abs=1e-7)
    assert byhand.numeric_gradient(lambda z: z**2, 3) == pytest.approx(6)  # one number, a whole one
    assert byhand.numeric_gradient(lambda z: [z[0] * z[1]], [2, 5]) == pytest.approx(np.array([5, 2]))
    # At the corner of |x| the mean of both slopes; a larger step is a coarser look.
    assert byhand.numeric_gradient(lambda z: abs(z[0]), [0.0]) == pytest.approx(np.zeros(1))
    assert byhand.numeric_gradient(lambda z: z[0] ** 3, [0.0], step=0.5) == pytest.approx(np.array([0.25]))


def test_relative_error():
    a = np.array([[100.0, 1e-12], [-50.0, 0.0]])
    assert byhand.relative_error(a, a) == 0 and byhand.relative_error(a, -a) == 1
    assert byhand.relative_error(a, a * 1.02) == pytest.approx(0.02 / 2.02)
    # Rounding in a number near 0 does not count, a wrong sign in a large one does.
    assert byhand.relative_error(a, a + [[0, 1e-12], [0, 0]]) < 1e-13
    assert byhand.relative_error(a, a * [[1, 1], [-1, 1]]) == pytest.approx(0.5)
    assert byhand.relative_error([0, 0], [0, 0]) == 0
    assert byhand.relative_error([1e-9], [-1e-9]) == pytest.approx(0.2)  # the floor, 1e-8
    assert not byhand.relative_error([1.0, np.nan], [1.0, 2.0]) < 1
    assert byhand.relative_error(3, 3.0) == 0


# Refusals ------------------------------------------------------------------------------------------------

X, KERNEL, D_OUT = np.ones((5, 6)), np.ones((3, 3)), np.ones((3, 4))
X3, KERNELS4, D_OUT3 = np.ones((5, 6, 2)), np.ones((3, 3, 2, 4)), np.ones((3, 4, 4))


@pytest.mark.parametrize(
    ("call", "says"),
    [
        (lambda: byhand.relu_gradient(X, D_OUT), r"d_out has shape \(3, 4\).* \(5, 6\)"),
        (lambda: byhand.sigmoid_gradient(X, 1.0), r"d_out has shape \(\)"),
        (lambda: byhand.sigmoid_gradient([1, 2], [[1, 2]]), r"d_out has shape \(1, 2\)"),
        (lambda: byhand.sigmoid_gradient([[1], [1, 2]], [1]), "x has rows of different lengths"),
        (lambda: byhand.dense_gradients([1, 2], [[1, 2]], [1, 1]), "weights has shape"),
        (lambda: byhand.dense_gradients([1, 2], [[1], [2]], [1, 1]), r"d_out has shape \(2,\).* \(1,\)"),
        (lambda: byhand.dense_gradients(5, [[1]], [1]), "weights has shape"),
        (lambda: byhand.dense_gradients([], np.ones((0, 2)), [1, 1]), "x has shape"),
        (lambda: byhand.dense_gradients([1], np.ones((1, 0)), []), "weights has shape"),
        (lambda: byhand.convolve2d_gradients(X3, KERNEL, D_OUT), "x has shape .*there is conv_layer"),
        (lambda: byhand.convolve2d_gradients(X, KERNELS4, D_OUT), "kernel has .*there is conv_layer"),
        (lambda: byhand.convolve2d_gradients(X, KERNEL, X), r"d_out has shape \(5, 6\).* \(3, 4\)"),
        (lambda: byhand.convolve2d_gradients(X, KERNEL, D_OUT, padding="same"), r"d_out .* \(5, 6\)"),
        (lambda: byhand.convolve2d_gradients(X, KERNEL, D_OUT, 2), r"d_out .* \(2, 2\)"),
        (lambda: byhand.convolve2d_gradients(X, KERNEL, D_OUT, 1.5), "stride is 1.5"),
        (lambda: byhand.convolve2d_gradients(X, KERNEL, D_OUT, padding="full"), "padding is 'full'"),
        (lambda: byhand.convolve2d_gradients(X, np.ones((6, 6)), D_OUT), "kernel is 6 long"),
        (lambda: byhand.convolve2d_gradients(X, KERNEL, [["a"]]), "d_out is .*'a'.*array of numbers"),
        (lambda: byhand.conv_layer_gradients(X, KERNELS4, D_OUT3), r"x has shape \(5, 6\)"),
        (lambda: byhand.conv_layer_gradients(X3, np.ones((3, 3, 1, 4)), D_OUT3), "kernels .* C = 2"),
        (lambda: byhand.conv_layer_gradients(X3, KERNELS4, D_OUT), r"d_out .* \(3, 4, 4\)"),
        (lambda: byhand.pool2d_gradient(X, D_OUT), r"d_out .* \(2, 3\)"),
        (lambda: byhand.pool2d_gradient(X, np.ones((2, 3)), kind="mean"), "kind is 'mean'"),
        (lambda: byhand.pool2d_gradient(X, np.ones((2, 3)), stride=0), "stride is 0"),
        (lambda: byhand.pool2d_gradient(X, np.ones((2, 3)), 7), "kernel is 7 long"),
        (lambda: byhand.pool2d_gradient(X[0], [1, 1]), r"x has shape \(6,\)"),
        (lambda: byhand.softmax_cross_entropy_gradient([0, 3], np.ones((2, 3))), "true holds 3"),
        (lambda: byhand.softmax_cross_entropy_gradient([0, 1, 2], np.ones((2, 3))), "true has shape"),
        (lambda: byhand.softmax_cross_entropy_gradient([1, 1], [0.5, 0.5]), "does not add up to 1"),
        (lambda: byhand.softmax_cross_entropy_gradient(0, 3.0), "logits has shape"),
        (lambda: byhand.binary_cross_entropy_from_logits_gradient([0, 2], [1, 2]), "labels holds 2"),
        (lambda: byhand.binary_cross_entropy_from_logits_gradient([0, 1], [[1], [2]]), "labels has shape"),
        (lambda: byhand.binary_cross_entropy_from_logits_gradient([], []), "logits has shape"),
        (lambda: byhand.numeric_gradient(lambda z: z * 2, X), r"what f returns has shape \(5, 6\).*sum"),
        (lambda: byhand.numeric_gradient(lambda z: z, [1, 2]), r"what f returns has shape \(2,\)"),
        (lambda: byhand.numeric_gradient(lambda z: None, X), "what f returns is None, .*array of numbers"),
        (lambda: byhand.numeric_gradient(np.sum, X, step=0), "step is 0"),
        (lambda: byhand.relative_error(X, D_OUT), r"b has shape \(3, 4\)"),
        (lambda: byhand.relative_error([], []), "a has shape"),
    ],
)
def test_refusals_name_the_slip(call, says):
    with pytest.raises(WorkbookError, match=says) as refusal:
        call()
    assert "\n" not in str(refusal.value)
