"""Filters, feature maps and receptive fields, held against the arithmetic by hand and against Keras."""

import explain_models
import numpy as np
import pytest
from explain_models import photographs, with_random_weights

from fanaoi_helpers import byhand, cnn, explain
from fanaoi_helpers.errors import WorkbookError

keras = cnn.keras
layers = keras.layers


@pytest.fixture(scope="module")
def reloaded(tmp_path_factory):
    """A model as it comes back from a file, with biases that are not 0."""
    model = with_random_weights(cnn.handout_cnn(23, filters_1=5, filters_2=6, dense_units=4), seed=3)
    return explain_models.reloaded(model, tmp_path_factory.mktemp("model"))


def test_filters_have_the_shape_of_keras(reloaded):
    assert explain.filters(reloaded).shape == (3, 3, 3, 5)
    assert explain.filters(reloaded, "conv2").shape == (3, 3, 5, 6)
    np.testing.assert_array_equal(explain.filters(reloaded), reloaded.get_layer("conv1").get_weights()[0])
    np.testing.assert_array_equal(explain.biases(reloaded), reloaded.get_layer("conv1").get_weights()[1])
    assert explain.biases(reloaded).any()


def test_every_map_is_the_arithmetic_by_hand(reloaded):
    pixels = photographs(3, 23)
    maps = explain.feature_maps(reloaded, pixels)
    assert list(maps) == ["conv1", "pool1", "conv2", "pool2"]
    for number, photo in enumerate(pixels):
        x = photo / 255
        for conv, pool in (("conv1", "pool1"), ("conv2", "pool2")):
            x = byhand.relu(
                byhand.conv_layer(x, explain.filters(reloaded, conv), explain.biases(reloaded, conv))
            )
            np.testing.assert_allclose(maps[conv][number], x, atol=1e-4)
            assert x.any() and not x.all()
            x = byhand.pool2d(x)
            np.testing.assert_allclose(maps[pool][number], x, atol=1e-4)


def test_maps_lead_to_the_verdict(reloaded):
    pixels = photographs(2, 23)
    rest = explain.feature_maps(reloaded, pixels, ["pool2"])["pool2"].reshape(2, -1)
    for name, activation in (("dense1", byhand.relu), ("verdict", byhand.sigmoid)):
        rest = activation(byhand.dense(rest, *reloaded.get_layer(name).get_weights()))
    np.testing.assert_allclose(rest[:, 0], cnn.predict(reloaded, pixels), atol=1e-5)


def test_batches_give_the_same_maps_and_none_gives_none(reloaded):
    pixels = photographs(5, 23)
    whole, parts = (
        explain.feature_maps(reloaded, pixels, ["conv2"], batch_size=size)["conv2"] for size in (64, 2)
    )
    np.testing.assert_allclose(whole, parts, atol=1e-5)
    assert explain.feature_maps(reloaded, pixels[:0])["pool2"].shape == (0, 4, 4, 6)


def functional():
    """A model with every kind of window: same padding, strides, dilation, oblong kernels, average pooling."""
    photo = keras.Input((29, 29, 3))
    x = layers.Conv2D(2, (3, 5), padding="same", strides=2, name="a")(photo)
    x = layers.BatchNormalization()(x)
    x = layers.MaxPooling2D(3, strides=1, padding="same", name="b")(x)
    x = layers.Conv2D(2, 2, dilation_rate=2, use_bias=False, name="c")(x)
    x = layers.AveragePooling2D((2, 1), name="d")(x)
    return keras.Model(photo, layers.Dense(1, activation="sigmoid")(layers.Flatten()(x)))


def test_a_functional_model_will_do():
    model = functional()
    pixels = photographs(2, 29)
    maps = explain.feature_maps(model, pixels)
    assert list(maps) == ["a", "b", "c", "d"]
    by_keras = keras.ops.convert_to_numpy(model.get_layer("a")(pixels.astype("float32")))
    np.testing.assert_allclose(maps["a"], by_keras, rtol=1e-4)
    np.testing.assert_array_equal(explain.biases(model, "c"), [0, 0])


def changed_by(model, layer, row, column, size):
    """Return the box of the pixels that change the number when they change: the field, found by trying."""
    still = np.zeros((1, size, size, 3), np.uint8)
    tries = np.repeat(still, size * size, axis=0)
    for place in range(size * size):
        tries[place, place // size, place % size] = 255
    inside = keras.Model(model.inputs[0], model.get_layer(layer).output)

    def number(pixels):
        return keras.ops.convert_to_numpy(inside(pixels))[:, row, column].sum(axis=-1)

    ys, xs = np.nonzero((np.abs(number(tries) - number(still)) > 1e-5).reshape(size, size))
    return xs.min(), ys.min(), xs.max() + 1, ys.max() + 1


def positive(model):
    """Let every weight count: with none at 0 or below, each pixel of a window changes its number."""
    rng = np.random.default_rng(0)
    model.set_weights([rng.uniform(0.2, 1, weights.shape) for weights in model.get_weights()])
    return model


@pytest.mark.parametrize(
    ("layer", "row", "column"),
    [("conv1", 0, 0), ("pool1", 9, 3), ("conv2", 2, 5), ("pool2", 1, 2), ("rescale", 4, 7)],
)
def test_the_patch_is_what_the_number_depends_on(layer, row, column):
    model = positive(cnn.handout_cnn(23, filters_1=2, filters_2=2, dense_units=2))
    assert explain.patch_of(model, layer, row, column) == changed_by(model, layer, row, column, 23)


@pytest.mark.parametrize("layer", ["a", "b", "c", "d"])
@pytest.mark.parametrize("corner", ["first", "middle", "last"])
def test_the_patch_with_padding_strides_and_dilation(layer, corner):
    model = positive(functional())
    height, width = model.get_layer(layer).output.shape[1:3]
    row, column = {"first": (0, 0), "middle": (height // 2, width // 3), "last": (height - 1, width - 1)}[
        corner
    ]
    x0, y0, x1, y1 = explain.patch_of(model, layer, row, column)
    tried = changed_by(model, layer, row, column, 29)
    assert (x0, y0, x1, y1) == tried


def test_the_handouts_receptive_fields():
    """3, 4, 8 and 10 pixels: 1 + 2, + 1, + 2 * 2, + 2 * 1."""
    model = cnn.handout_cnn()
    for layer, side in {"conv1": 3, "pool1": 4, "conv2": 8, "pool2": 10}.items():
        x0, y0, x1, y1 = explain.patch_of(model, layer, 5, 6)
        assert (x1 - x0, y1 - y0) == (side, side)
    assert explain.patch_of(model, "pool2", 17, 17) == (68, 68, 78, 78)


@pytest.mark.parametrize("layer", ["a", "b", "c", "d"])
def test_centers_are_the_middles_of_the_patches(layer):
    """Far from the edges, where no patch is cut."""
    model = functional()
    ys, xs = explain.centers(model, layer)
    assert (len(ys), len(xs)) == model.get_layer(layer).output.shape[1:3]
    row, column = len(ys) // 2, len(xs) // 2
    x0, y0, x1, y1 = explain.patch_of(model, layer, row, column)
    assert (xs[column], ys[row]) == ((x0 + x1) / 2, (y0 + y1) / 2)
    assert len(set(np.diff(ys))) == len(set(np.diff(xs))) == 1


def test_the_handouts_centers():
    ys, xs = explain.centers(cnn.handout_cnn(), "pool2")
    np.testing.assert_array_equal(ys, 5 + 4 * np.arange(18))  # 10 pixels long, 4 from one to the next
    np.testing.assert_array_equal(xs, ys)


def test_what_can_not_be_looked_into_is_refused(reloaded):
    pixels = photographs(1, 23)
    for call, sentence in [
        (
            lambda: explain.filters(reloaded, "conv9"),
            "^layer is 'conv9', but it must be one of 'rescale', 'conv1'",
        ),
        (lambda: explain.filters(reloaded, "pool1"), "^layer 'pool1' is a MaxPooling2D and has no filters"),
        (lambda: explain.feature_maps(reloaded, pixels, ["dense1"]), "^layer 'dense1' gives"),
        (lambda: explain.feature_maps(reloaded, pixels[0]), "^pixels has the shape"),
        (lambda: explain.feature_maps(reloaded, pixels / 255), "don't divide by 255"),
        (
            lambda: explain.patch_of(reloaded, "conv1", 21, 0),
            "^row is 21, but it must be a whole number from 0 to 20",
        ),
        (lambda: explain.patch_of(reloaded, "conv1", 0, -1), "^column is -1"),
        (lambda: explain.patch_of(reloaded, "flatten", 0, 0), "^layer 'flatten' gives"),
    ]:
        with pytest.raises(WorkbookError, match=sentence):
            call()


def two_ways(size):
    """Return a model whose ways join: a window of 5 and one of 3 with a stride of 2, then one of 3."""
    photo = keras.Input((size, size, 3))
    wide = layers.Conv2D(2, 5, strides=2, padding="same", name="wide")(photo)
    narrow = layers.MaxPooling2D(3, strides=2, padding="same", name="narrow")(photo)
    joined = layers.Concatenate(name="joined")([wide, narrow])
    deep = layers.Add(name="deep")([joined, layers.DepthwiseConv2D(3, padding="same")(joined)])
    flat = layers.Flatten()(layers.Conv2D(1, 3, name="last")(deep))
    return positive(keras.Model(photo, layers.Dense(1, activation="sigmoid")(flat)))


@pytest.mark.parametrize("layer", ["joined", "deep", "last"])
def test_where_ways_join_the_patch_is_what_any_of_them_sees(layer):
    model = two_ways(20)
    for row, column in [(0, 0), (3, 4), (7, 7)]:
        assert explain.patch_of(model, layer, row, column) == changed_by(model, layer, row, column, 20)
    ys, _ = explain.centers(model, layer)
    x0, y0, x1, y1 = explain.patch_of(model, layer, 4, 4)
    assert ys[4] == (y0 + y1) / 2 and set(np.diff(ys)) == {2}


def test_ways_that_drift_apart_have_no_patch():
    photo = keras.Input((3, 3, 3))
    ways = layers.Conv2D(2, 2)(photo), layers.Conv2D(2, 2, strides=2, padding="same")(photo)
    model = keras.Model(photo, layers.Add(name="add")(ways))
    with pytest.raises(WorkbookError, match="numbers stand 1 and 2 pixels apart"):
        explain.patch_of(model, "add", 0, 0)


@pytest.mark.parametrize("kind", [layers.DepthwiseConv2D, layers.SeparableConv2D])
def test_the_patch_through_other_convolutions(kind):
    one = {"filters": 2} if kind is layers.SeparableConv2D else {}
    rows = [layers.Conv2D(2, 3), layers.BatchNormalization(), kind(kernel_size=3, padding="same", **one)]
    rows[-1].name = "other"
    ends_in = [layers.Flatten(), layers.Dense(1, activation="sigmoid")]
    model = positive(keras.Sequential([keras.Input((14, 14, 3)), *rows, *ends_in]))
    for row, column in [(0, 0), (5, 6), (11, 11)]:
        assert explain.patch_of(model, "other", row, column) == changed_by(model, "other", row, column, 14)


@pytest.mark.parametrize("layer", [layers.UpSampling2D(2), layers.Conv2DTranspose(2, 3, padding="same")])
def test_windows_that_are_not_known_are_refused(layer):
    model = keras.Sequential([keras.Input((12, 12, 3)), layer, layers.Conv2D(2, 3, name="conv2")])
    with pytest.raises(WorkbookError, match=f"is a {type(layer).__name__}, whose windows are not known here"):
        explain.patch_of(model, "conv2", 0, 0)


def test_the_photograph_itself_is_no_layer():
    model = functional()
    with pytest.raises(WorkbookError, match="must be one of 'a'"):
        explain.patch_of(model, model.layers[0].name, 0, 0)
