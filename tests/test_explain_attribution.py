"""Logit, Grad-CAM, occlusion and integrated gradients, on models whose explanation is known."""

import numpy as np
import pytest
from explain_models import (
    branched,
    dark_with_pixel,
    linear,
    logit_by_hand,
    logit_from,
    photographs,
    red_sum,
    reloaded,
    smooth,
    with_random_weights,
)
from scipy.interpolate import RegularGridInterpolator

from fanaoi_helpers import byhand, cnn, explain
from fanaoi_helpers.cnn.backends import BACKEND
from fanaoi_helpers.errors import WorkbookError
from fanaoi_helpers.explain import scores

keras = cnn.keras
layers = keras.layers
METHODS = {
    "grad_cam": explain.grad_cam,
    "occlusion": explain.occlusion,
    "integrated_gradients": explain.integrated_gradients,
}


@pytest.fixture(scope="module")
def model():
    return with_random_weights(cnn.handout_cnn(23, filters_1=5, filters_2=6, dense_units=9))


# Logit ----------------------------------------------------------------------------------------------------


def test_the_logit_is_the_score_before_the_sigmoid(model):
    pixels = photographs(5, 23)
    logits = explain.logit(model, pixels, batch_size=2)
    assert logits.shape == (5,) and logits.dtype == np.float64 and logits.std() > 0.1
    np.testing.assert_allclose(logits, [logit_by_hand(model, photo) for photo in pixels], rtol=1e-4)
    np.testing.assert_allclose(byhand.sigmoid(logits), cnn.predict(model, pixels), atol=1e-6)
    assert explain.logit(model, pixels[:0]).shape == (0,)


def test_the_logit_is_exact_where_the_sigmoid_is_full():
    model = red_sum(8, weight=1000.0)
    red = np.full((1, 8, 8, 3), 255, np.uint8)
    assert cnn.predict(model, red) == 1
    np.testing.assert_allclose(explain.logit(model, red), [1000.5])


def test_the_logit_of_models_with_branches_and_without_a_bias():
    model = branched(12)
    pixels = photographs(3, 12)
    np.testing.assert_allclose(
        byhand.sigmoid(explain.logit(model, pixels)), cnn.predict(model, pixels), atol=1e-5
    )
    model = keras.Sequential(
        [keras.Input((9, 9, 3)), layers.Flatten(), layers.Dense(1, activation="sigmoid", use_bias=False)]
    )
    weights = model.get_weights()[0]
    pixels = photographs(3, 9)
    np.testing.assert_allclose(
        explain.logit(model, pixels), (pixels.reshape(3, -1) @ weights)[:, 0], rtol=1e-4
    )


# Gradients ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("sequential", [True, False])
def test_gradients_are_the_numeric_differences(sequential):
    model = smooth(8)
    if sequential:
        model = keras.Sequential(model.layers)
    score = scores.scorer(model)
    pixels = photographs(2, 8).astype("float32")
    found = BACKEND.gradient(score, pixels)
    assert found.shape == pixels.shape and np.abs(found).max() > 1e-4
    rng = np.random.default_rng(0)
    for number, row, column, channel in zip(
        *(rng.integers(0, most, 12) for most in pixels.shape), strict=True
    ):
        up, down = pixels.copy(), pixels.copy()
        up[number, row, column, channel] += 1
        down[number, row, column, channel] -= 1
        above, below = (
            keras.ops.convert_to_numpy(score(side)) for side in map(keras.ops.convert_to_tensor, (up, down))
        )
        numeric = (above - below) / 2
        np.testing.assert_allclose(found[number, row, column, channel], numeric[number], rtol=1e-2, atol=4e-7)


def test_a_score_that_ignores_its_sample_has_the_gradient_0():
    same = keras.ops.zeros((3,))
    found = BACKEND.gradient(lambda x: same, np.ones((3, 2), "float32"))
    np.testing.assert_array_equal(found, np.zeros((3, 2)))


# Grad-CAM -------------------------------------------------------------------------------------------------


def test_grad_cam_of_a_model_that_sees_red_is_the_red():
    """One filter, global average pooling: each place of the map is what it adds to minus the logit."""
    model = red_sum(10, weight=-20.0)
    pixels = photographs(3, 10)
    maps = explain.grad_cam(model, pixels, "NG")
    assert maps.shape == (3, 10, 10) and maps.dtype == np.float32
    inside = maps[:, 1:-1, 1:-1]
    np.testing.assert_allclose(inside, pixels[:, 1:-1, 1:-1, 0] / 255 * 20 / 64, rtol=1e-5)
    np.testing.assert_allclose(inside.sum(axis=(1, 2)), 0.5 - explain.logit(model, pixels), rtol=1e-5)
    np.testing.assert_array_equal(maps[:, 0], maps[:, 1])  # beyond the outermost middles it stays as it is
    assert not explain.grad_cam(model, pixels, "GO").any(), "nothing speaks for GO"


def test_grad_cam_is_its_formula_with_numeric_gradients(model):
    """Weights from differences of a logit computed by hand, places from the middles of the fields."""
    pixels = photographs(2, 23)
    ys, xs = explain.centers(model, "conv2")
    at = np.stack(np.meshgrid(np.arange(23) + 0.5, np.arange(23) + 0.5, indexing="ij"), axis=-1)
    at = at.clip(ys[0], ys[-1])
    for verdict, sign in (("GO", 1), ("NG", -1)):
        found = explain.grad_cam(model, pixels, verdict)
        for number, maps in enumerate(explain.feature_maps(model, pixels, ["conv2"])["conv2"]):
            weights = []
            for channel in range(maps.shape[-1]):
                step = 1e-5 * (np.arange(maps.shape[-1]) == channel)
                change = logit_from(model, maps + step) - logit_from(model, maps - step)
                weights.append(sign * change / 2e-5 / maps[..., 0].size)
            cam = np.maximum(maps @ np.array(weights), 0)
            expected = RegularGridInterpolator((ys, xs), cam)(at)
            np.testing.assert_allclose(found[number], expected, atol=1e-3 * expected.max())


def with_two_ends(size, weights):
    """Return a model whose last layer weighs a map's maximum and its mean, and the same with a way around."""
    photo = keras.Input((size, size, 3))
    shown = layers.Conv2D(1, 3, activation="relu", name="conv2", use_bias=False)(
        layers.Rescaling(1 / 255)(photo)
    )
    ends = [layers.GlobalMaxPooling2D()(shown), layers.GlobalAveragePooling2D()(shown)]
    verdict = layers.Dense(1, activation="sigmoid")
    model = keras.Model(photo, verdict(layers.Concatenate()(ends)))
    kernel = np.zeros((3, 3, 3, 1))
    kernel[1, 1, 0] = 1
    model.set_weights([kernel, np.array(weights, float)[:, None], np.array([0.5])])
    around = layers.Concatenate()([*ends, layers.GlobalMaxPooling2D()(photo)])
    return model, keras.Model(photo, layers.Dense(1, activation="sigmoid")(around))


def test_grad_cam_of_a_model_that_branches_behind_the_layer(tmp_path):
    """Of 64 places the mean gives each 1/64 of its weight, the maximum its whole weight to one place."""
    model, around = with_two_ends(10, weights=[-3.0, -8.0])
    pixels = photographs(3, 10)
    red = pixels[:, 1:-1, 1:-1, 0] / 255
    for one in (model, reloaded(model, tmp_path)):
        before = [len(layer._inbound_nodes) for layer in one.layers]
        maps = explain.grad_cam(one, pixels, "NG")
        np.testing.assert_allclose(maps[:, 1:-1, 1:-1], red * (3 / 64 + 8 / 64), rtol=1e-5)
        assert not explain.grad_cam(one, pixels, "GO").any()
        assert [len(layer._inbound_nodes) for layer in one.layers] == before, "it leaves no marks"
    around.layers[-1].set_weights([np.array([[-3.0], [-8.0], [5.0], [5.0], [5.0]]), np.zeros(1)])
    np.testing.assert_allclose(explain.grad_cam(around, pixels, "NG"), maps, rtol=1e-5), "the way around it"


def with_residuals(size):
    """Return a model with a path around a convolution, two stages' means, and what is no layer."""
    photo = keras.Input((size, size, 3))
    first = layers.Conv2D(4, 3, padding="same", activation="tanh", name="first")(photo / 255)
    inner = layers.Conv2D(4, 3, padding="same", activation="tanh", name="inner")(first)
    joined = layers.Add(name="joined")([first, inner])
    low = layers.Conv2D(3, 3, strides=2, padding="same", activation="tanh", name="low")(joined)
    means = [layers.GlobalAveragePooling2D()(joined), keras.ops.max(low, axis=(1, 2)) ** 2]
    layers.Conv2D(2, 1, name="aside")(first)
    return with_random_weights(
        keras.Model(photo, layers.Dense(1, activation="sigmoid")(layers.Concatenate()(means)))
    )


@pytest.mark.parametrize("layer", ["first", "inner", "joined", "low"])
def test_grad_cam_where_ways_lead_around_a_layer_is_the_tapes(layer, tmp_path):
    """TensorFlow's tape, on a model with two outputs: it, too, holds what doesn't come through the layer."""
    tf = pytest.importorskip("tensorflow")
    if keras.backend.backend() != "tensorflow":
        pytest.skip("the oracle is TensorFlow's tape")
    model, pixels = with_residuals(12), photographs(3, 12)
    for one in (model, reloaded(model, tmp_path)):
        before = [len(each._inbound_nodes) for each in one.layers]
        found = explain.grad_cam(one, pixels, "NG", layer, batch_size=2)
        assert [len(each._inbound_nodes) for each in one.layers] == before, "it leaves no marks"
        last = one.layers[-1]
        both = keras.Model(one.inputs, [one.get_layer(layer).output, last.input])
        with tf.GradientTape() as tape:
            maps, into = both([pixels.astype("float32")], training=False)
            score = -(into @ last.kernel + last.bias)
        weights = tf.reduce_mean(tape.gradient(score, maps), axis=(1, 2), keepdims=True)
        cam = np.maximum((maps * weights).numpy().sum(axis=-1), 0)
        ys, xs = explain.centers(one, layer)
        pixels_at = np.arange(12) + 0.5
        down, across = (
            np.array([np.interp(pixels_at, at, row) for row in np.eye(len(at))]) for at in (ys, xs)
        )
        np.testing.assert_allclose(found, np.einsum("nhw,hy,wx->nyx", cam, down, across), atol=1e-5)
        assert cam.max() > 0


@pytest.mark.parametrize("name", METHODS)
def test_a_model_that_branches_is_explained_by_all_ways(name, tmp_path):
    model, pixels = with_residuals(12), photographs(3, 12)
    how = {"layer": "joined"} if name == "grad_cam" else {}
    found = METHODS[name](model, pixels, "NG", **how)
    assert found.shape == (3, 12, 12) and found.any()
    again = METHODS[name](reloaded(model, tmp_path), pixels, "NG", batch_size=1, **how)
    np.testing.assert_allclose(again, found, atol=1e-5)


def test_grad_cam_where_windows_are_not_known_is_spread_evenly():
    photo = keras.Input((8, 8, 3))
    x = layers.Conv2D(2, 1, name="conv")(photo)
    excited = layers.Multiply(name="excited")([x, layers.GlobalAveragePooling2D(keepdims=True)(x)])
    ends_in = layers.Dense(1, activation="sigmoid")(layers.GlobalAveragePooling2D()(excited))
    model, pixels = with_random_weights(keras.Model(photo, ends_in)), photographs(2, 8)
    with pytest.raises(WorkbookError, match="windows are not known"):
        explain.centers(model, "excited")
    maps = explain.feature_maps(model, pixels, ["excited"])["excited"]
    weights = model.layers[-1].get_weights()[0][:, 0] / 64
    for verdict, sign in (("GO", 1), ("NG", -1)):
        expected = np.maximum(sign * maps @ weights, 0)
        np.testing.assert_allclose(explain.grad_cam(model, pixels, verdict, "excited"), expected, rtol=1e-4)


def test_a_layer_with_one_map_is_asked_too():
    """Without channels: of the mean over a weighted map, Grad-CAM is the map times its weight over places."""
    photo = keras.Input((8, 8, 3))
    one = layers.Rescaling(2, name="one")(keras.ops.sum(layers.Conv2D(2, 1, name="conv")(photo), axis=3))
    mean = keras.ops.mean(one, axis=(1, 2), keepdims=True)
    ends_in = layers.Dense(1, activation="sigmoid")(layers.Flatten()(mean))
    model, pixels = with_random_weights(keras.Model(photo, ends_in)), photographs(2, 8)
    assert explain.last_maps(model) == "one"
    maps = 2 * explain.feature_maps(model, pixels, ["conv"])["conv"].sum(axis=3)
    weight = model.layers[-1].get_weights()[0].item() / 64
    for verdict, sign in (("GO", 1), ("NG", -1)):
        expected = np.maximum(sign * weight * maps, 0)
        np.testing.assert_allclose(explain.grad_cam(model, pixels, verdict, "one"), expected, rtol=1e-4)
    with pytest.raises(WorkbookError, match="not maps"):
        explain.feature_maps(model, pixels, ["one"])


def test_the_last_maps_of_the_workbooks_cnns():
    assert explain.last_maps(cnn.handout_cnn(24)) == "pool2"
    assert explain.last_maps(cnn.load(cnn.shipped_model())) == "relu5"
    with pytest.raises(WorkbookError, match="no layer that gives maps"):
        explain.last_maps(linear(8)[0].__class__([keras.Input((4,)), layers.Dense(1)]))


def test_a_layer_that_leads_nowhere_is_refused():
    photo = keras.Input((8, 8, 3))
    aside = layers.Conv2D(1, 3, name="aside")(photo)
    ends_in = layers.Dense(1, activation="sigmoid", name="verdict")(layers.Flatten()(photo))
    model = keras.Model(photo, [ends_in])
    assert "aside" not in [layer.name for layer in model.layers] and aside.shape[1] == 6
    with pytest.raises(WorkbookError, match="^layer is 'aside'"):
        explain.grad_cam(model, photographs(1, 8), "NG", "aside")


def sees_all(size):
    """Return a handout's CNN in which whatever is bright, wherever it is, speaks for NG."""
    model = cnn.handout_cnn(size, filters_1=1, filters_2=1, dense_units=1)
    ones = [np.ones(weights.shape) for weights in model.get_weights()]
    ones[-2] *= -1
    model.set_weights(ones)
    return model


@pytest.mark.parametrize("layer", ["conv1", "conv2"])
@pytest.mark.parametrize("size", [24, 25])
def test_the_maximum_lies_on_the_bright_pixel(layer, size):
    model, black = sees_all(size), np.zeros((1, size, size, 3), np.uint8)
    away = explain.grad_cam(model, black, "NG", layer)
    last = size - 1 - (size % 2 if layer == "conv2" else 0)  # with an odd side pool1 drops conv1's last row
    corners = [(0, 0), (0, last), (last, 0), (last, last)]
    for row, column in [*corners, (7, 12), (8, 13), (11, 11), (0, 9), (last, 10)]:
        shown = explain.grad_cam(model, dark_with_pixel(size, row, column), "NG", layer) - away
        highest = np.argwhere(shown[0] > shown.max() * (1 - 1e-5))
        assert [row, column] in highest.tolist()
        assert len(highest) <= 25, "a maximum, not a plain"


def test_erratum_18_one_sigmoid_has_no_argmax(model):
    """Argmax is 0 for every photograph; the logit and minus the logit explain the two verdicts."""
    pixels = photographs(6, 23)
    answers = keras.ops.convert_to_numpy(model(pixels))
    assert not answers.argmax(axis=1).any()
    go, ng = (explain.grad_cam(model, pixels, verdict, "pool2") for verdict in ("GO", "NG"))
    assert go.any() and ng.any() and np.minimum(go, ng).max() < go.max() / 2


# Occlusion ------------------------------------------------------------------------------------------------


def test_covering_one_pixel_takes_away_what_it_adds():
    model, weights, _ = linear(6)
    pixels = photographs(2, 6)
    color = np.array([10, 200, 30])
    found = explain.occlusion(model, pixels, "GO", patch=1, stride=1, fill=color)
    expected = (weights * (pixels.astype(float) - color) / 255).sum(axis=-1)
    np.testing.assert_allclose(found, expected, atol=1e-5)
    np.testing.assert_array_equal(
        explain.occlusion(model, pixels, "NG", patch=1, stride=1, fill=color), -found
    )


def test_occlusion_is_the_mean_over_the_patches_on_a_pixel(model):
    pixels = photographs(2, 23)
    kept = pixels.copy()
    found = explain.occlusion(model, pixels, "NG", patch=7, stride=5, fill=50, batch_size=3)
    np.testing.assert_array_equal(pixels, kept)
    before = explain.logit(model, pixels)
    falls = [[[] for _ in range(23)] for _ in range(23)]
    for top in (0, 5, 10, 15, 16):
        for left in (0, 5, 10, 15, 16):
            covered = pixels.copy()
            covered[:, top : top + 7, left : left + 7] = 50
            fall = explain.logit(model, covered) - before  # minus the logit falls
            for row in range(top, top + 7):
                for column in range(left, left + 7):
                    falls[row][column].append(fall)
    expected = np.array([[np.mean(here, axis=0) for here in row] for row in falls])
    np.testing.assert_allclose(found, np.moveaxis(expected, -1, 0), atol=1e-4)


# Integrated gradients -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "baseline", [0, (20, 100, 250), photographs(1, 6, seed=9)[0], photographs(2, 6, seed=8)]
)
def test_integrated_gradients_of_a_sum_are_its_parts(baseline):
    model, weights, _ = linear(6)
    pixels = photographs(2, 6)
    found = explain.integrated_gradients(model, pixels, "GO", steps=1, baseline=baseline)
    expected = (weights * (pixels - np.asarray(baseline, float)) / 255).sum(axis=-1)
    assert found.shape == (2, 6, 6) and found.dtype == np.float32
    np.testing.assert_allclose(found, expected, atol=1e-5)
    np.testing.assert_array_equal(
        explain.integrated_gradients(model, pixels, "NG", steps=1, baseline=baseline), -found
    )


def test_integrated_gradients_are_complete(model):
    """They add up to the photograph's score minus the baseline's, the better the more steps."""
    pixels = photographs(4, 23)
    grays = np.full_like(pixels, 90)
    wanted = explain.logit(model, grays) - explain.logit(model, pixels)  # minus the logit
    sums = {
        steps: explain.integrated_gradients(model, pixels, "NG", steps, 90, batch_size=50).sum(axis=(1, 2))
        for steps in (4, 256)
    }
    error = {steps: np.abs(found - wanted).max() for steps, found in sums.items()}
    assert np.abs(wanted).max() > 0.5
    assert error[256] < 0.01 * np.abs(wanted).max()
    assert error[4] > 2 * error[256]


def test_twice_the_steps_leave_a_quarter_of_the_error():
    """What the middles of the pieces are for: at their beginnings it would be half."""
    model, pixels = smooth(14), photographs(3, 14)
    wanted = explain.logit(model, pixels) - explain.logit(model, np.zeros_like(pixels))
    error = [
        np.abs(explain.integrated_gradients(model, pixels, "GO", steps).sum(axis=(1, 2)) - wanted).sum()
        for steps in (8, 16)
    ]
    assert 3 < error[0] / error[1] < 5


def test_a_pixel_like_the_baseline_accounts_for_nothing(model):
    pixels = photographs(1, 23)
    pixels[0, 5:9] = 90
    found = explain.integrated_gradients(model, pixels, "GO", steps=8, baseline=90)
    assert not found[0, 5:9].any() and found[0, 9:].any()


# All of them ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", METHODS)
def test_a_reloaded_model_is_explained_alike(name, model, tmp_path):
    pixels = photographs(3, 23)
    again = reloaded(model, tmp_path)
    for verdict in ("GO", "NG"):
        found = METHODS[name](model, pixels, verdict)
        assert found.any()
        np.testing.assert_allclose(METHODS[name](again, pixels, verdict), found, atol=1e-5)
    np.testing.assert_allclose(explain.logit(again, pixels), explain.logit(model, pixels), atol=1e-5)


@pytest.mark.parametrize("name", METHODS)
def test_a_functional_model_is_explained_like_the_same_in_a_row(name, tmp_path):
    functional = smooth(14)
    pixels = photographs(2, 14)
    found = METHODS[name](functional, pixels, "NG")
    assert found.any()
    for other in (keras.Sequential(functional.layers), reloaded(functional, tmp_path)):
        np.testing.assert_allclose(METHODS[name](other, pixels, "NG"), found, atol=1e-5)


@pytest.mark.parametrize("name", METHODS)
def test_batches_change_nothing_and_none_gives_none(name, model):
    pixels = photographs(5, 23)
    whole, parts = (METHODS[name](model, pixels, "NG", batch_size=size) for size in (64, 2))
    np.testing.assert_allclose(whole, parts, atol=1e-5)
    np.testing.assert_allclose(METHODS[name](model, pixels[3:4], "NG")[0], whole[3], atol=1e-5)
    assert METHODS[name](model, pixels[:0], "NG").shape == (0, 23, 23)


def test_layers_that_only_train_do_nothing_here(tmp_path):
    """Dropout, augmentation and batch normalization, as in training that lasts longer than one lesson."""
    augment = keras.Sequential([layers.RandomFlip("horizontal"), layers.RandomRotation(0.1)], name="augment")
    model = keras.Sequential(
        [keras.Input((16, 16, 3)), augment, layers.Rescaling(1 / 255), layers.Conv2D(4, 3, name="conv2"),
         layers.BatchNormalization(), layers.ReLU(), layers.MaxPooling2D(2), layers.Dropout(0.5),
         layers.GlobalAveragePooling2D(), layers.Dense(1, activation="sigmoid")]
    )  # fmt: skip
    pixels = photographs(2, 16)
    for call in METHODS.values():
        first, second = (call(model, pixels, "NG") for _ in range(2))
        np.testing.assert_array_equal(first, second)
        assert np.isfinite(first).all()
    np.testing.assert_allclose(
        byhand.sigmoid(explain.logit(model, pixels)), cnn.predict(model, pixels), atol=1e-6
    )


def test_a_model_that_computes_in_bfloat16_will_do():
    before = keras.config.dtype_policy()
    keras.config.set_dtype_policy("mixed_bfloat16")
    try:
        half = cnn.handout_cnn(23, 5, 6, 9)
    finally:
        keras.config.set_dtype_policy(before)
    full = cnn.handout_cnn(23, 5, 6, 9)
    with_random_weights(half), with_random_weights(full)
    pixels = photographs(2, 23)
    np.testing.assert_allclose(explain.logit(half, pixels), explain.logit(full, pixels), atol=0.2)
    for call in METHODS.values():
        rough, exact = call(half, pixels, "NG"), call(full, pixels, "NG")
        assert np.corrcoef(rough.ravel(), exact.ravel())[0, 1] > 0.8


def other_ending(units, activation):
    return keras.Sequential([keras.Input((9, 9, 3)), layers.Flatten(), layers.Dense(units, activation)])


@pytest.mark.parametrize("name", METHODS)
def test_bad_input_gets_one_sentence(name, model):
    call, pixels = METHODS[name], photographs(1, 23)
    small = photographs(1, 9)
    for attempt, sentence in [
        (lambda: call(model, pixels, "ng"), "^verdict is 'ng', but it must be one of 'GO', 'NG'"),
        (lambda: call(model, pixels, 0), "^verdict is 0"),
        (lambda: call(model, pixels / 255, "NG"), "don't divide by 255"),
        (lambda: call(model, pixels[0], "NG"), "^pixels has the shape"),
        (lambda: call(model, pixels, "NG", batch_size=0), "^batch_size is 0"),
        (lambda: call(other_ending(1, None), small, "NG"), "ends in a Dense of 1 with linear, but"),
        (lambda: call(other_ending(2, "softmax"), small, "NG"), "ends in a Dense of 2 with softmax, but"),
        (lambda: explain.logit(other_ending(1, "tanh"), small), "needs the logit of a last layer"),
    ]:
        with pytest.raises(WorkbookError, match=sentence):
            attempt()


def test_occlusion_covers_with_the_same_piece_of_a_picture():
    """A linear logit falls by what a patch takes away: weights times the difference of the two pictures."""
    model, weights, _ = linear(8)
    pixels, cover = photographs(2, 8), photographs(1, 8, seed=5)[0]
    found = explain.occlusion(model, pixels, "GO", patch=2, stride=2, fill=cover)
    each = ((pixels.astype(float) - cover) / 255 * weights).sum(axis=-1)
    patches = each.reshape(2, 4, 2, 4, 2).sum(axis=(2, 4))
    np.testing.assert_allclose(found, patches.repeat(2, axis=1).repeat(2, axis=2), atol=1e-4)
    same = explain.occlusion(model, pixels[:1], "GO", patch=2, stride=2, fill=pixels[0])
    np.testing.assert_allclose(same, 0, atol=1e-5)


def test_bad_choices_get_one_sentence(model):
    pixels = photographs(1, 23)
    for attempt, sentence in [
        (lambda: explain.grad_cam(model, pixels, "NG", "conv9"), "^layer is 'conv9'"),
        (lambda: explain.grad_cam(model, pixels, "NG", "dense1"), "^layer 'dense1' gives"),
        (lambda: explain.trace(branched(12), photographs(1, 12), 0, 0), "one row of layers; take a model"),
        (lambda: explain.heat_map(model, pixels), "has no layer 'heat'"),
        (lambda: explain.occlusion(model, pixels, "NG", patch=24), "^patch is 24.* from 1 to 23"),
        (lambda: explain.occlusion(model, pixels, "NG", patch=4, stride=5), "^stride is 5.* from 1 to 4"),
        (lambda: explain.occlusion(model, pixels, "NG", fill=256), "^fill is 256"),
        (lambda: explain.occlusion(model, pixels, "NG", fill=0.5), "^fill is 0.5"),
        (lambda: explain.occlusion(model, pixels, "NG", fill=(1, 2)), "^fill is "),
        (lambda: explain.occlusion(model, pixels, "NG", fill=pixels), "^fill is an array .1, 23, 23, 3."),
        (lambda: explain.occlusion(model, pixels, "NG", fill=pixels[0] / 7), "^fill is an array .23, 23, 3."),
        (lambda: explain.integrated_gradients(model, pixels, "NG", steps=0), "^steps is 0"),
        (lambda: explain.integrated_gradients(model, pixels, "NG", baseline=-1), "^baseline must be"),
        (lambda: explain.integrated_gradients(model, pixels, "NG", baseline=[1, 2]), "^baseline must be"),
        (lambda: explain.integrated_gradients(model, pixels, "NG", baseline=np.nan), "^baseline must be"),
        (lambda: explain.integrated_gradients(model, pixels, "NG", baseline="black"), "^baseline must be"),
    ]:
        with pytest.raises(WorkbookError, match=sentence):
            attempt()
