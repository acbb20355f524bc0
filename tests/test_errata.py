"""The handouts' slips, a test for each row of docs/handout_errata.md: the page's numbers and the true ones.

What can be computed is computed in three ways: by the loops below, by ``byhand`` and by Keras or TensorFlow.
"""

import ast
import csv
import json
import logging
from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest
from PIL import Image

from fanaoi_helpers import byhand, cnn, explain, fans, files, photos, trials
from fanaoi_helpers.errors import WorkbookError

RAMP = np.arange(1, 26).reshape(5, 5)
KERNEL = np.array([[1, 0, 1], [0, 1, 0], [1, 0, 1]])
ROWS = "307142 851609 294073 618520 073916 420851".split()
NO_RAMP = np.array([[int(digit) for digit in row] for row in ROWS])
SIGNED = np.array([[1, 2, 0], [0, -1, 3], [-2, 0, 1]])


@pytest.fixture(scope="module")
def keras():
    import keras

    with keras.device("cpu"):  # a GPU may round the factors of a convolution to 10 bits
        yield keras


@pytest.fixture(scope="module")
def tf(keras):
    import tensorflow

    return tensorflow


@pytest.fixture(scope="module")
def shipped(keras):
    """The trained CNN that comes with the workbook: 0 to 255 in, divided inside, P(GO) out."""
    return cnn.load(cnn.shipped_model())


def six_of_each(kind="blade_missing"):
    """Return six good fans and six with a large defect."""
    size = fans.SIZES[kind].usual
    good = [fans.make_unit(f"E{i:02d}", 700 + i) for i in range(6)]
    return good + [fans.make_unit(f"E{i:02d}", 700 + i, kind, size) for i in range(6, 12)]


def windows(x, size, stride):
    """Return all windows of x, row by row, cut out by two loops."""
    tops, lefts = (range(0, side - size + 1, stride) for side in x.shape)
    return [[x[top : top + size, left : left + size] for left in lefts] for top in tops]


def convolved(x, kernel, stride=1):
    """Return the sums of all windows under the kernel, not flipped."""
    return [[int((window * kernel).sum()) for window in row] for row in windows(x, len(kernel), stride)]


def by_keras(keras, x, kernel, stride=1, padding="valid"):
    layer = keras.layers.Conv2D(1, len(kernel), strides=stride, padding=padding)
    layer.build((None, *x.shape, 1))
    layer.set_weights([kernel[:, :, None, None], np.zeros(1)])
    return np.asarray(layer(x[None, :, :, None].astype("float32")))[0, :, :, 0].tolist()


def handout_model(keras):
    """Return the CNN of the page, with the page's defaults."""
    layers = keras.layers
    return keras.Sequential(
        [
            keras.Input((80, 80, 3)),
            layers.Conv2D(32, (3, 3), activation="relu"),
            layers.MaxPooling2D(2, 2),
            layers.Conv2D(64, (3, 3), activation="relu"),
            layers.MaxPooling2D(2, 2),
            layers.Flatten(),
            layers.Dense(128, activation="relu"),
            layers.Dense(1, activation="sigmoid"),
        ]
    )


def photographs(folder, *names):
    """Save one small photograph in each of the folders ``names``."""
    for name in names:
        (folder / name).mkdir()
        Image.new("RGB", (8, 8)).save(folder / name / "a.png")
    return str(folder)


# The rows ------------------------------------------------------------------------------------------------


def test_row_01_convolution_of_the_ramp(keras):
    page = [[50, 60, 70], [110, 120, 130], [170, 180, 190]]
    true = [[35, 40, 45], [60, 65, 70], [85, 90, 95]]
    assert convolved(RAMP, KERNEL) == byhand.convolve2d(RAMP, KERNEL).tolist() == true
    assert by_keras(keras, RAMP, KERNEL) == true
    assert not np.any(np.array(page) == true), "all nine numbers are wrong"
    # No kernel at all gives the page's: a row down each pixel is 5 larger, a column to the right 1 larger.
    for one in np.eye(9).reshape(9, 3, 3):  # the outputs of all kernels are sums of these nine
        down, right = (np.diff(convolved(RAMP, one), axis=axis) for axis in (0, 1))
        assert set(down.flat) == {5} and set(right.flat) == {1}
    assert (110 - 50) / (60 - 50) == 6


def test_row_02_stride_two(keras):
    page, true = [[50, 70], [170, 190]], [[35, 45], [85, 95]]
    assert convolved(RAMP, KERNEL, 2) == byhand.convolve2d(RAMP, KERNEL, stride=2).tolist() == true
    assert by_keras(keras, RAMP, KERNEL, stride=2) == true
    assert not np.any(np.array(page) == true)
    wrong_already = np.array([[50, 60, 70], [110, 120, 130], [170, 180, 190]])
    assert wrong_already[::2, ::2].tolist() == page, "the page thinned out its own wrong output"


def test_row_03_average_pooling(keras):
    page, true, largest = [[6.5, 8.5], [16.5, 18.5]], [[4, 6], [14, 16]], [[7, 9], [17, 19]]
    x = RAMP[None, :, :, None].astype("float32")
    for kind, right, layer in [("average", true, "AveragePooling2D"), ("max", largest, "MaxPooling2D")]:
        reduce = {"average": np.mean, "max": np.max}[kind]
        assert [[reduce(window) for window in row] for row in windows(RAMP, 2, 2)] == right
        assert byhand.pool2d(RAMP, 2, 2, kind=kind).tolist() == right
        pooled = getattr(keras.layers, layer)(2, 2)(x)
        assert np.asarray(pooled)[0, :, :, 0].tolist() == right
        other = RAMP.copy()
        other[5 - 1], other[:, 5 - 1] = -100, 100  # row 5 and column 5 are dropped
        assert byhand.pool2d(other, 2, 2, kind=kind).tolist() == right
    bottom_rows = [[float(window[1].mean()) for window in row] for row in windows(RAMP, 2, 2)]
    assert bottom_rows == page != true


def test_row_04_same_padding(keras):
    true = [
        [8, 16, 19, 22, 14],
        [20, 35, 40, 45, 28],
        [35, 60, 65, 70, 43],
        [50, 85, 90, 95, 58],
        [38, 56, 59, 62, 44],
    ]
    assert convolved(np.pad(RAMP, 1), KERNEL) == true
    assert byhand.convolve2d(RAMP, KERNEL, padding="same").tolist() == true
    assert by_keras(keras, RAMP, KERNEL, padding="same") == true
    # The size stays for stride 1 only: with stride 2 five become three.
    assert np.shape(by_keras(keras, RAMP, KERNEL, stride=2, padding="same")) == (3, 3)


def test_row_05_classes_by_alphabet(keras, tf, tmp_path):
    folder = photographs(tmp_path, "GO", "NG")
    page = {"GO": 1, "NG": 0}
    generator = tf.keras.preprocessing.image.ImageDataGenerator().flow_from_directory(folder)
    assert generator.class_indices == {"GO": 0, "NG": 1} != page
    options = {"verbose": False, "shuffle": False, "image_size": (8, 8)}
    of_names = keras.utils.image_dataset_from_directory
    assert of_names(folder, **options).class_names == ["GO", "NG"]
    named = of_names(folder, class_names=["NG", "GO"], **options)
    assert {name: number for number, name in enumerate(named.class_names)} == page
    assert photos.CLASSES == ("NG", "GO")


def test_row_05_the_alphabet_turns_every_verdict(keras, tmp_path):
    """Trained on folders as Keras numbers them, judged by the page's rule: above 0.5 is GO."""
    for name, brightness in (("GO", 220), ("NG", 30)):
        (tmp_path / name).mkdir()
        for number in range(8):
            Image.new("RGB", (8, 8), (brightness + number,) * 3).save(tmp_path / name / f"{number}.png")
    options = {"label_mode": "binary", "image_size": (8, 8), "batch_size": 16, "verbose": False}
    good, bad = (np.full((1, 8, 8, 3), brightness, "float32") for brightness in (224, 34))
    called = {}
    for order in (None, ["NG", "GO"]):
        keras.utils.set_random_seed(0)
        layers = [keras.layers.Rescaling(1 / 255), keras.layers.Flatten()]
        layers += [keras.layers.Dense(1, activation="sigmoid")]
        model = keras.Sequential([keras.Input((8, 8, 3)), *layers])
        model.compile(keras.optimizers.Adam(0.05), loss="binary_crossentropy", metrics=["accuracy"])
        data = keras.utils.image_dataset_from_directory(tmp_path, class_names=order, seed=0, **options)
        log = model.fit(data, epochs=25, shuffle=False, verbose=0).history
        assert log["accuracy"][-1] == 1, "the log looks the same for both"
        p = [float(np.asarray(model(one)).item()) for one in (good, bad)]
        called[str(order)] = ["GO" if each > 0.5 else "NG" for each in p]
    assert called == {"None": ["NG", "GO"], "['NG', 'GO']": ["GO", "NG"]}


def test_row_06_numbers_sort_as_text(keras, tf, tmp_path):
    folder = photographs(tmp_path, "60", "100")
    page = {"60": 0, "100": 1}
    generator = tf.keras.preprocessing.image.ImageDataGenerator().flow_from_directory(folder)
    assert generator.class_indices == {"100": 0, "60": 1} != page
    assert keras.utils.image_dataset_from_directory(folder, verbose=False).class_names == ["100", "60"]
    assert sorted(["60", "100"]) == ["100", "60"] and sorted([60, 100]) == [60, 100]


def test_row_07_feature_maps_and_parameters(keras):
    page, true = [40, 20], [78, 39, 37, 18]
    sizes = [80 - 3 + 1]
    sizes += [sizes[0] // 2]
    sizes += [sizes[1] - 3 + 1]
    sizes += [sizes[2] // 2]
    assert sizes == true and [sizes[1], sizes[3]] != page
    side, ours = 80, []
    for size, stride in [(3, 1), (2, 2), (3, 1), (2, 2)]:
        side = byhand.output_size(side, size, stride)
        ours.append(side)
    assert ours == true
    assert [80 // 2, 80 // 2 // 2] == page, "with padding 'same' the page would be right"

    counts = [3 * 3 * 3 * 32 + 32, 3 * 3 * 32 * 64 + 64, 18 * 18 * 64 * 128 + 128, 128 + 1]
    assert 18 * 18 * 64 == 20_736 and counts == [896, 18_496, 2_654_336, 129]
    assert sum(counts) == 2_673_857 and round(100 * counts[2] / sum(counts), 1) == 99.3
    for model in (handout_model(keras), cnn.handout_cnn(80)):
        layers = [layer for layer in model.layers if not isinstance(layer, keras.layers.Rescaling)]
        assert [layer.output.shape[1] for layer in layers[:4]] == true
        assert layers[4].output.shape == (None, 20_736)
        assert [layer.count_params() for layer in layers if layer.count_params()] == counts
        assert model.count_params() == 2_673_857


def test_row_08_digit_example(keras):
    page = [0.1, 0.05, 0.1, 0.7, 0.02, 0.01, 0.01, 0.005, 0.01, 0.005]
    assert sum(Fraction(str(p)) for p in page) == Fraction("1.01"), "exactly"
    three = np.eye(10)[3]
    assert round(-np.log(0.7), 4) == round(byhand.cross_entropy(three, page), 4) == 0.3567
    shares = np.array(page) / 1.01
    assert round(-np.log(0.7 / 1.01), 4) == round(byhand.cross_entropy(three, shares), 4) == 0.3666
    of_row = keras.losses.CategoricalCrossentropy()(three[None], np.array([page]))
    of_number = keras.losses.SparseCategoricalCrossentropy()(np.array([3]), np.array([page]))
    assert round(float(of_row), 4) == round(float(of_number), 4) == 0.3666


def test_row_09_pixels_and_values(tf):
    photo = np.zeros((224, 224, 3), np.uint8)
    assert photo[:, :, 0].size == 224 * 224 == 50_176, "these are its pixels"
    assert photo.size == 224 * 224 * 3 == 150_528 > 150_000, "these are its values"
    batch = tf.zeros((32, 224, 224, 3), tf.uint8)
    assert int(tf.size(batch)) == 32 * photo.size == 4_816_896
    assert round(4_816_896 / 1e6, 1) == 4.8
    assert 32 * 50_176 == 1_605_632, "the batch's pixels"


def test_row_10_multi_label_is_not_multi_class(keras):
    keras.utils.set_random_seed(0)
    inputs = np.random.default_rng(0).normal(size=(50, 4)).astype("float32")
    outputs = {}
    for last in ("sigmoid", "softmax"):
        layers = [keras.layers.Dense(4, activation="relu"), keras.layers.Dense(4, activation="relu")]
        ann = keras.Sequential([keras.Input((4,)), *layers, keras.layers.Dense(3, activation=last)])
        outputs[last] = np.asarray(ann(inputs), dtype=float)
    assert np.allclose(outputs["softmax"].sum(axis=1), 1, atol=1e-6)
    assert np.all(np.abs(outputs["sigmoid"].sum(axis=1) - 1) > 1e-3), "three sigmoids do not"
    # The loss of the page asks three yes/no questions: two of three may be true at once and cost nothing.
    truth, answer = np.array([1.0, 0.0, 1.0]), np.array([1.0, 0.0, 1.0])
    assert float(keras.losses.BinaryCrossentropy()(truth, answer)) == pytest.approx(0, abs=1e-6)
    one_of_three = byhand.cross_entropy(2, np.array([1.0, 0.0, 1.0]) / 2)
    assert one_of_three == pytest.approx(np.log(2)), "as one of three it has to choose"


def test_row_11_tensorflow_1_is_gone(tf):
    assert int(tf.__version__.split(".")[0]) == 2
    for name in ("Session", "placeholder", "enable_eager_execution"):
        with pytest.raises(AttributeError, match=name):
            getattr(tf, name)()
    x, y = np.array([1, 2, 3]), np.array([4, 5, 6])
    assert tf.executing_eagerly() and tf.multiply(x, y).numpy().tolist() == [4, 10, 18]
    graph = tf.function(tf.multiply).get_concrete_function(tf.TensorSpec([3]), tf.TensorSpec([3])).graph
    assert [node.type for node in graph.get_operations()][:2] == ["Placeholder", "Placeholder"]


def test_row_12_layers_that_are_gone(keras):
    assert int(keras.__version__.split(".")[0]) == 3
    for name in ("RandomHeight", "RandomWidth"):
        with pytest.raises(AttributeError, match=name):
            getattr(keras.layers, name)(0.2)
    for name in ("RandomZoom", "RandomTranslation", "RandomFlip", "RandomRotation"):
        assert hasattr(keras.layers, name)
    # What the two were for: one stretches, one shifts, height and width on their own, and in training only.
    stripe = np.zeros((1, 8, 8, 1), "float32")
    stripe[:, 3:5] = 1
    shift = keras.layers.RandomTranslation((0.25, 0.25), 0.0, interpolation="nearest")
    stretch = keras.layers.RandomZoom((-0.5, -0.5), 0.0, interpolation="nearest")
    rows = {layer: np.asarray(layer(stripe, training=True))[0, :, 0, 0] for layer in (shift, stretch)}
    assert sorted(np.flatnonzero(rows[shift])) in ([1, 2], [5, 6]), "two rows up or down"
    assert rows[stretch].sum() == 4, "two rows became four"
    assert all(np.array_equal(layer(stripe, training=False), stripe) for layer in rows)


def test_row_13_legacy_h5(keras, tmp_path, caplog):
    model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1)])
    with caplog.at_level(logging.WARNING):
        model.save(tmp_path / "fan_model.keras")
        assert not caplog.text
        model.save(tmp_path / "fan_model.h5")
    assert "legacy" in caplog.text and "HDF5" in caplog.text


def test_row_14_image_data_generator(tf):
    with pytest.raises(ImportError, match="ImageDataGenerator"):
        exec("from keras.preprocessing.image import ImageDataGenerator", {})
    generator = tf.keras.preprocessing.image.ImageDataGenerator
    assert "legacy" in generator.__module__ and "DEPRECATED" in generator.__doc__
    upright = np.zeros((20, 8, 8, 3), np.float32)
    upright[:, :4] = 1  # bright above, dark below
    both = generator(validation_split=0.5, vertical_flip=True)
    for subset in ("training", "validation"):
        seen = next(both.flow(upright, batch_size=10, subset=subset, seed=0))
        turned = [bool(photo[-1].all()) for photo in seen]
        assert any(turned), f"augmentation reaches the {subset} photographs"
    bare = generator(validation_split=0.5)
    assert np.array_equal(next(bare.flow(upright, batch_size=10, subset="validation")), upright[:10])


def test_row_15_equivariant_not_robust(keras):
    rng = np.random.default_rng(0)
    x = rng.integers(0, 10, (12, 12))
    moved = np.roll(x, 2, axis=1)
    for maps in (lambda x: byhand.convolve2d(x, SIGNED), lambda x: np.array(by_keras(keras, x, SIGNED))):
        assert np.array_equal(maps(moved)[:, 2:], maps(x)[:, :-2]), "the map moves along: equivariant"
        assert not np.array_equal(maps(moved), maps(x)), "it does not stay: not invariant"
        assert not np.array_equal(maps(np.rot90(x)), np.rot90(maps(x))), "it does not turn along"
        large = np.kron(x, np.ones((2, 2), int))
        assert not np.array_equal(maps(large)[::2, ::2][:10, :10], maps(x)), "nor does it grow along"
    # Pooling forgives a shift inside its window, and no other.
    for column, stays in [(4, True), (5, False)]:
        dot = np.zeros((12, 12), int)
        dot[4, column] = 1
        assert np.array_equal(byhand.pool2d(dot), byhand.pool2d(np.roll(dot, 1, axis=1))) == stays


def test_row_15_a_trained_cnn_is_not_robust(shipped):
    """Good fans that lie elsewhere, turned, or farther from the camera: the trained CNN calls them NG."""
    units = fans.make_units(32, seed=515)
    side = shipped.input_shape[1]

    def good_called_go(**changed):
        album = trials.photographs(good, side, conditions=replace(fans.USUAL, **changed))
        return np.mean(cnn.predict(shipped, album.pixels) >= 0.5)

    good, bad = ([unit for unit in units if unit.label == label] for label in ("GO", "NG"))
    assert good_called_go() > 0.9, "as the station photographs them"
    assert np.mean(cnn.predict(shipped, trials.photographs(bad, side).pixels) < 0.5) > 0.8
    assert good_called_go(shift_x=2) > 0.9, "that much it was shown in training"
    far = {"shift_x": 12, "turn": 180, "zoom": 0.8}  # mm, degrees, times as large
    assert all(good_called_go(**{name: value}) < 0.5 for name, value in far.items())


def test_row_16_relu_and_flatten(keras):
    # ReLU passes the slope on, but the weights are factors as well, and below 0 nothing passes.
    relu, sigmoid = float(byhand.relu_slope(1.0)), float(byhand.sigmoid_slope(0.0))
    assert (relu, sigmoid, float(byhand.relu_slope(-1.0))) == (1, 0.25, 0)
    assert relu**10 == 1 and sigmoid**10 < 1e-6 and (0.5 * relu) ** 10 < 1e-3
    # Dense and softmax act on the last axis of whatever they get; Flatten joins the positions.
    maps = np.zeros((1, 18, 18, 64), "float32")
    assert keras.layers.Dense(128)(maps).shape == (1, 18, 18, 128)
    assert keras.ops.softmax(maps).shape == maps.shape == (1, 18, 18, 64)
    assert np.allclose(np.asarray(keras.ops.softmax(maps)).sum(axis=-1), 1, atol=1e-5)
    weights = {}
    for name, first in {"without": [], "with": [keras.layers.Flatten()]}.items():
        model = keras.Sequential([keras.Input((18, 18, 64)), *first, keras.layers.Dense(128)])
        weights[name] = model.count_params()
    assert weights == {"without": 64 * 128 + 128, "with": 20_736 * 128 + 128}


def test_row_17_cross_correlation(keras):
    assert np.array_equal(np.flip(KERNEL), KERNEL), "the page's kernel hides it"
    correlated, flipped = convolved(NO_RAMP, SIGNED), convolved(NO_RAMP, np.flip(SIGNED))
    assert by_keras(keras, NO_RAMP, SIGNED) == byhand.convolve2d(NO_RAMP, SIGNED).tolist() == correlated
    assert correlated != flipped
    signal = pytest.importorskip("scipy.signal")
    assert signal.correlate2d(NO_RAMP, SIGNED, "valid").tolist() == correlated
    assert signal.convolve2d(NO_RAMP, SIGNED, "valid").tolist() == flipped


def test_row_18_argmax_of_one_output(keras):
    photo = np.random.default_rng(0).uniform(0, 255, (6, 80, 80, 3)).astype("float32")
    outputs = np.asarray(cnn.handout_cnn(80)(photo))
    assert outputs.shape == (6, 1) and outputs.argmax(axis=1).tolist() == [0, 0, 0, 0, 0, 0]
    # With one output z the evidence for GO is z and for NG it is −z: sigmoid(−z) = 1 − sigmoid(z).
    z = np.linspace(-5, 5, 11)
    assert byhand.sigmoid(-z) == pytest.approx(1 - byhand.sigmoid(z))


def test_row_18_on_a_trained_cnn(shipped):
    """Six GO and six NG, told apart with certainty: argmax is 0 for all; minus the logit finds the defect."""
    side, units = shipped.input_shape[1], six_of_each()
    p = cnn.predict(shipped, trials.photographs(units, side).pixels)
    assert p[:6].min() > 0.9 and p[6:].max() < 0.1
    assert p[:, None].argmax(axis=1).tolist() == [0] * 12
    bad = [fans.render(unit, size=side) for unit in units[6:]]
    pixels, masks = np.stack([shot.pixels for shot in bad]), np.stack([shot.mask for shot in bad])
    told = json.loads(cnn.shipped_model().with_suffix(".json").read_text(encoding="utf-8"))["grad_cam"]
    found = {}
    for verdict in ("GO", "NG"):
        heat = explain.grad_cam(shipped, pixels, verdict, told["layer"])
        found[verdict] = explain.pointing_game(heat, masks, told["tolerance"]).mean()
    assert found["NG"] >= 5 / 6 and found["GO"] <= found["NG"] - 0.5, "the recipe explains GO to us"


def test_row_19_three_channels():
    filters = cnn.handout_cnn(80).get_layer("conv1").get_weights()[0]
    assert filters.shape == (3, 3, 3, 32)
    assert filters[:, :, 0].size * 3 == filters.size, "channel 0 alone is a third of what a filter holds"
    # Two filters that are alike in channel 0 may be opposite in the other two.
    red = filters[:, :, :1, 0]
    twins = [np.concatenate([red, sign * filters[:, :, 1:, 0]], axis=2) for sign in (1, -1)]
    assert np.array_equal(twins[0][:, :, 0], twins[1][:, :, 0]) and not np.array_equal(*twins)
    # Scaled from the smallest to the largest weight, 0 has no gray of its own; else it is the middle.
    lopsided = np.array([-1.0, 0.0, 3.0])
    by_page = (lopsided - lopsided.min()) / (lopsided.max() - lopsided.min())
    symmetric = (lopsided / np.abs(lopsided).max() + 1) / 2
    assert by_page[1] == 0.25 and symmetric[1] == 0.5


def test_row_19_on_a_trained_cnn(shipped):
    """The page's plot of trained filters stays the same while what they answer changes."""

    def page(filters):
        scaled = (filters - filters.min()) / (filters.max() - filters.min())
        return scaled[:, :, 0]

    filters = explain.filters(shipped)
    assert filters.shape[:3] == (3, 3, 3)
    zero = (0 - filters.min()) / (filters.max() - filters.min())
    assert abs(zero - 0.5) > 0.01, "on the page's scale 0 is no middle gray"
    other = filters.copy()
    other[:, :, 1] = filters[:, :, 2]  # green and blue exchanged: the same red, the same smallest and largest
    other[:, :, 2] = filters[:, :, 1]
    assert np.array_equal(page(other), page(filters))
    noise = np.random.default_rng(0).random((20, 20, 3))
    maps = [byhand.conv_layer(noise, weights) for weights in (filters, other)]
    likeness = [np.corrcoef(maps[0][..., i].flat, maps[1][..., i].flat)[0, 1] for i in range(len(maps[0].T))]
    assert min(likeness) < 0.5 and not np.allclose(*maps)
    shade = lambda weights: 0.5 + weights / (2 * np.abs(filters).max())  # noqa: E731 - the symmetric scale
    assert shade(0) == 0.5 and 0 <= shade(filters).min() < shade(filters).max() <= 1


def test_row_20_divide_once(keras):
    photo = np.array([[[0, 51, 255]]], np.uint8)
    rescaling = keras.layers.Rescaling(1 / 255)
    once, twice = (np.asarray(rescaling(x)) for x in (photo, (photo / 255).astype("float32")))
    assert once == pytest.approx(np.array([[[0, 0.2, 1]]]), abs=1e-6)
    assert twice == pytest.approx(once / 255, abs=1e-9) and twice.max() < 0.004, "night"
    assert any(isinstance(layer, keras.layers.Rescaling) for layer in cnn.handout_cnn(80).layers)


def test_row_20_night_on_a_trained_cnn(shipped, tf, tmp_path):
    """Twelve fans through the page's function: one verdict for all, without an error."""
    side, units = shipped.input_shape[1], six_of_each("label_missing")

    def load_and_prep_image(filename, img_shape):  # the page's, its typing slips mended
        image = tf.io.decode_image(tf.io.read_file(filename), channels=3, expand_animations=False)
        return tf.image.resize(image, [img_shape, img_shape]) / 255

    paths = [tmp_path / f"{number}.png" for number in range(12)]
    for path, unit in zip(paths, units, strict=True):
        Image.fromarray(fans.render(unit).pixels).save(path)
    twice = np.stack([load_and_prep_image(str(path), side).numpy() for path in paths])
    once = np.stack([photos.prepare(path, side) for path in paths])
    assert twice.max() <= 1 and once.max() > 200
    p_once, p_twice = cnn.predict(shipped, once), np.asarray(shipped(twice, training=False))[:, 0]
    assert p_once[:6].min() > 0.9 and p_once[6:].max() < 0.1
    assert np.ptp(p_twice) < 0.05 and len(set(p_twice >= 0.5)) == 1
    with pytest.raises(WorkbookError, match="255"):
        cnn.predict(shipped, twice)


def test_row_21_code_that_does_not_run(tf):
    for line in ("def load():\n    return **img**", "output_shape=[# images]"):
        with pytest.raises(SyntaxError):
            ast.parse(line)
    for line, name in [
        ("train_dategen = 1\ntrain_data = train_datagen", "train_datagen"),
        ("output = model(0)", "model"),
        ("loss = true_labels - 1", "true_labels"),
    ]:
        with pytest.raises(NameError, match=f"'{name}'"):
            exec(line, {})
    with pytest.raises(AttributeError, match="layersRandomRotation"):
        tf.keras.layersRandomRotation  # noqa: B018 - the page's slip: a dot is missing


def test_row_22_few_parameters(keras):
    counts = [layer.count_params() for layer in handout_model(keras).layers if layer.count_params()]
    convolutions, dense = counts[0] + counts[1], counts[2] + counts[3]
    assert convolutions == 896 + 18_496 == 19_392 and dense == 2_654_465
    assert round(sum(counts) / 1e6, 2) == 2.67
    # Per layer it is true, and how: a dense layer from photograph to conv1's maps.
    inputs, outputs = 80 * 80 * 3, 78 * 78 * 32
    assert inputs * outputs + outputs == 3_738_204_288 and counts[0] == 896


def test_row_23_copies_on_both_sides(tmp_path):
    """20 photographs, each turned 4 times: split at random, then so that copies stay together."""
    rng = np.random.default_rng(0)
    for name in ("GO", "NG"):
        (tmp_path / "set" / name).mkdir(parents=True)
        for number in range(10):
            coarse = rng.integers(0, 256, (24, 24, 3), dtype=np.uint8)
            photo = Image.fromarray(coarse).resize((96, 96), Image.Resampling.BICUBIC)
            for turn in range(4):
                photo.rotate(90 * turn).save(tmp_path / "set" / name / f"{number}_{turn}.png")
    album = photos.load(tmp_path / "set", 32)
    assert len(album) == 2 * 10 * 4
    source = np.array([str(path).rpartition("_")[0] for path in album.paths])

    at_random = rng.permutation(len(album))
    test, train = source[at_random[:16]], source[at_random[16:]]
    assert np.mean(np.isin(test, train)) == 1, "of every photograph in the test a copy was trained on"
    split = photos.split(album, seed=0)
    sides = [set(source[part]) for part in (split.train, split.validation, split.test)]
    assert all(sides) and sum(map(len, sides)) == 2 * 10, "no photograph has copies on two sides"


def test_row_23_a_split_at_random_measures_memory():
    """Counting how often each brightness occurs finds no defect, but knows a photograph again when turned."""
    originals = trials.photographs(fans.make_units(60, seed=23), 48)
    copies = trials.with_turned_copies(originals, copies=8, degrees=15)
    inner = copies.pixels[:, 8:-8, 8:-8].reshape(len(copies), -1, 3)
    counts = [[np.histogram(photo[:, c], 32, (0, 256))[0] for c in range(3)] for photo in inner]
    counts = np.array(counts, dtype=float).reshape(len(copies), -1)
    scores = {}
    at_random = photos.split_random(copies, 0, copies=False)
    for name, split in (("at random", at_random), ("by unit", photos.split(copies, 0))):
        far = ((counts[split.test][:, None] - counts[split.train]) ** 2).sum(axis=-1)
        remembered = copies.labels[split.train][far.argmin(axis=1)]  # the label of the most similar one
        scores[name] = np.mean(remembered == copies.labels[split.test])
        shared = np.isin(copies.serials[split.test], copies.serials[split.train])
        assert shared.mean() > 0.98 if name == "at random" else not shared.any()
    assert scores["at random"] > 0.9 and scores["by unit"] < 0.75, scores


def test_row_23_castings():
    """The public set that courses use: nearly all of its test is known from training."""
    table = files.root() / "assets" / "casting_groups.csv"
    with table.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert (len(rows), len({row["group"] for row in rows})) == (7348, 132)
    known = {row["group"] for row in rows if row["split"] == "train"}
    test = [row["group"] for row in rows if row["split"] == "test"]
    assert len(test) == 715 and sum(group in known for group in test) == 707
    told = json.loads((table.parent / "casting_results.json").read_text(encoding="utf-8"))
    assert [round(100 * score, 1) for score in told["official_split"]] == [98.3]
    folds = [round(100 * score) for score in told["four_folds_copies_together"]]
    assert (min(folds), max(folds)) == (60, 87)


def test_row_24_max_pooling_and_noise():
    x = np.linspace(-8, 8, 16_001)  # noise of size 1
    density = np.exp(-(x**2) / 2) / np.sqrt(2 * np.pi)
    below = np.cumsum(density) * (x[1] - x[0])
    largest = 4 * density * below**3 * (x[1] - x[0])  # of four independent numbers
    shift = (x * largest).sum()
    spread = np.sqrt((x**2 * largest).sum() - shift**2)
    assert (round(shift, 2), round(spread, 2)) == (1.03, 0.7)
    noise = np.random.default_rng(0).normal(size=(1000, 1000))
    average, maximum = (byhand.pool2d(noise, 2, kind=kind) for kind in ("average", "max"))
    assert average.std() == pytest.approx(0.5, abs=0.01) and abs(average.mean()) < 0.01
    assert maximum.std() == pytest.approx(spread, abs=0.01) and maximum.mean() == pytest.approx(
        shift, abs=0.01
    )


def test_row_25_steps_in_an_epoch(keras, tf):
    assert 500 / 32 == 15.625
    batches = [len(batch) for batch in tf.data.Dataset.range(500).batch(32)]
    assert len(batches) == 16 and batches[-1] == 20
    model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1)])
    model.compile(loss="mse")
    x = np.zeros((500, 1))
    assert model.fit(x, x, batch_size=32, verbose=0).params["steps"] == 16


def test_row_26_keras_is_a_library_of_its_own(keras, tf):
    assert int(tf.__version__.split(".")[0]) == 2 and int(keras.__version__.split(".")[0]) == 3
    assert not keras.__name__.startswith("tensorflow") and tf.keras.Model is keras.Model
    assert keras.backend.backend() in ("tensorflow", "jax", "torch")


def test_row_27_input_has_no_batch_axis(keras):
    layer = keras.layers.Conv2D(32, 3)
    assert layer(keras.Input((80, 80, 3))).shape == (None, 78, 78, 32)
    as_on_the_page = keras.Input((32, 80, 80, 3))
    assert as_on_the_page.shape == (None, 32, 80, 80, 3)
    with pytest.raises(ValueError, match=r"\(None, 32, 80, 80, 3\)"):
        layer(as_on_the_page)


def test_row_28_the_optimizer_updates(keras, tf):
    keras.utils.set_random_seed(0)
    layers = [keras.layers.Dense(3, activation="tanh"), keras.layers.Dense(1)]
    model = keras.Sequential([keras.Input((2,)), *layers])
    x, y = np.random.default_rng(0).normal(size=(2, 8, 2)).astype("float32")
    loss_fn = keras.losses.MeanSquaredError()
    first = model.get_weights()
    with tf.GradientTape() as tape:
        loss = loss_fn(y[:, :1], model(x))
    gradients = tape.gradient(loss, model.trainable_weights)
    assert all(map(np.array_equal, model.get_weights(), first)), "backpropagation has changed nothing"
    keras.optimizers.SGD(0.01).apply(gradients, model.trainable_weights)
    for now, then, gradient in zip(model.get_weights(), first, gradients, strict=True):
        assert now == pytest.approx(then - 0.01 * np.asarray(gradient), abs=1e-6)
        assert np.any(now != then), "one step for all"
    assert float(loss_fn(y[:, :1], model(x))) < float(loss)
    model.set_weights([then + 0.01 * np.asarray(g) for then, g in zip(first, gradients, strict=True)])
    assert float(loss_fn(y[:, :1], model(x))) > float(loss), "along the gradient it would rise"


def test_closing_the_example_hides_mistakes(keras):
    assert np.array_equal(np.flip(KERNEL), KERNEL) and np.array_equal(KERNEL.T, KERNEL)
    assert np.array_equal(convolved(RAMP, KERNEL), 5 * RAMP[1:4, 1:4])
    assert np.array_equal(by_keras(keras, RAMP, KERNEL, stride=2), 5 * RAMP[1:4:2, 1:4:2])
    bottom_right = [[int(window[-1, -1]) for window in row] for row in windows(RAMP, 2, 2)]
    assert byhand.pool2d(RAMP, 2, 2).tolist() == bottom_right == [[7, 9], [17, 19]]


def test_closing_the_harder_example_tells_them_apart(keras):
    right = convolved(NO_RAMP, SIGNED)
    assert right == by_keras(keras, NO_RAMP, SIGNED)
    answers = {
        "right": right,
        "flipped": convolved(NO_RAMP, np.flip(SIGNED)),
        "transposed": convolved(NO_RAMP, SIGNED.T),
        "center times the kernel's sum": (NO_RAMP[1:-1, 1:-1] * SIGNED.sum()).tolist(),
        "stride 2": convolved(NO_RAMP, SIGNED, 2),
        "stride 2, one pixel late": convolved(NO_RAMP[1:, 1:], SIGNED, 2),
        "padded": convolved(np.pad(NO_RAMP, 1), SIGNED),
        "max": byhand.pool2d(NO_RAMP).tolist(),
        "mean": byhand.pool2d(NO_RAMP, kind="average").tolist(),
        "bottom right": NO_RAMP[1::2, 1::2].tolist(),
    }
    assert len({str(answer) for answer in answers.values()}) == len(answers)
    # On the page's example half of these are one and the same.
    assert convolved(RAMP, np.flip(KERNEL)) == convolved(RAMP, KERNEL.T) == convolved(RAMP, KERNEL)
