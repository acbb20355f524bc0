"""The trace from pixels to verdict, held against the arithmetic by hand."""

import numpy as np
import pytest
from explain_models import logit_by_hand, photographs, reloaded, with_random_weights

from fanaoi_helpers import byhand, cnn, explain
from fanaoi_helpers.errors import WorkbookError

keras = cnn.keras
layers = keras.layers


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    """A handout's CNN with other numbers of filters, as it comes back from a file."""
    built = with_random_weights(cnn.handout_cnn(29, filters_1=5, filters_2=6, dense_units=9))
    return reloaded(built, tmp_path_factory.mktemp("model"))


@pytest.fixture(scope="module")
def photo():
    return photographs(1, 29)[0]


@pytest.mark.parametrize("place", [(0, 0), (2, 3), (4, 4)])
def test_the_steps_are_the_arithmetic_on_the_patch_alone(model, photo, place):
    found = explain.trace(model, photo, *place)
    top, left = 4 * place[0], 4 * place[1]
    assert found.box == (left, top, left + 10, top + 10)
    np.testing.assert_array_equal(found.patch, photo[top : top + 10, left : left + 10])
    x = found.patch / 255
    np.testing.assert_allclose(found.steps["rescale"], x, atol=1e-6)
    for conv, pool in (("conv1", "pool1"), ("conv2", "pool2")):
        x = byhand.relu(byhand.conv_layer(x, explain.filters(model, conv), explain.biases(model, conv)))
        np.testing.assert_allclose(found.steps[conv], x, atol=1e-4)
        x = byhand.pool2d(x)
        np.testing.assert_allclose(found.steps[pool], x, atol=1e-4)
    assert [values.shape for values in found.steps.values()] == [
        (10, 10, 3), (8, 8, 5), (4, 4, 5), (2, 2, 6), (1, 1, 6)
    ]  # fmt: skip


def test_the_sum_is_the_models_logit(model):
    for photo in photographs(4, 29, seed=5):
        found = explain.trace(model, photo, 1, 2)
        np.testing.assert_allclose(found.logit, explain.logit(model, photo[None])[0], rtol=1e-7)
        np.testing.assert_allclose(found.total, found.logit, atol=1e-4)
        np.testing.assert_allclose(found.total, logit_by_hand(model, photo), atol=1e-4)
        parts = found.contributions.sum() + sum(found.from_biases.values())
        np.testing.assert_allclose(parts, found.total, rtol=1e-9)
        assert set(found.from_biases) == {"dense1", "verdict"}
        assert 0 < found.active.sum() < 9, "a sum that needs to know who is active"


def test_each_contribution_is_its_way_through_the_active_neurons(model, photo):
    found = explain.trace(model, photo, 2, 3)
    pool2 = explain.feature_maps(model, photo[None], ["pool2"])["pool2"][0].astype(float)
    (kernel, bias), (verdict, verdict_bias) = (
        model.get_layer(name).get_weights() for name in ("dense1", "verdict")
    )
    np.testing.assert_allclose(found.sums, pool2.reshape(-1) @ kernel + bias, atol=1e-4)
    np.testing.assert_array_equal(found.active, found.sums > 0)
    np.testing.assert_allclose(found.to_logit, verdict[:, 0])
    for row, column, channel in [(0, 0, 0), (2, 3, 4), (4, 4, 5), (1, 0, 2)]:
        flat = np.ravel_multi_index((row, column, channel), pool2.shape)
        way = sum(kernel[flat, n] * verdict[n, 0] for n in np.flatnonzero(found.active))
        np.testing.assert_allclose(
            found.contributions[row, column, channel], pool2[row, column, channel] * way, atol=1e-6
        )
    np.testing.assert_allclose(found.from_biases["dense1"], bias[found.active] @ verdict[found.active, 0])
    np.testing.assert_allclose(found.from_biases["verdict"], verdict_bias[0])


def test_what_a_place_adds_is_what_its_absence_takes_away(model, photo):
    found = explain.trace(model, photo, 2, 3)
    pool2 = explain.feature_maps(model, photo[None], ["pool2"])["pool2"][0].astype(float)
    without = pool2.copy()
    without[2, 3] = 0
    kernel, bias = model.get_layer("dense1").get_weights()
    less = without.reshape(-1) @ kernel + bias
    np.testing.assert_allclose(found.adds, found.sums - less, atol=1e-5)
    np.testing.assert_allclose(found.adds, pool2[2, 3] @ found.weights, atol=1e-6)
    np.testing.assert_allclose(found.here, (found.adds * found.active) @ found.to_logit, atol=1e-6)
    np.testing.assert_allclose(found.here + found.elsewhere, found.contributions.sum(), atol=1e-9)
    assert abs(found.here) > 1e-4


def test_the_printed_parts_add_up(model, photo):
    found = explain.trace(model, photo, 2, 3)
    lines = str(found).splitlines()
    assert lines[0].split() == ["patch", "10×10×3", "pixels", "from", "x", "12,", "y", "8"]
    assert any(line.startswith("conv2 ") and "2×2×6" in line for line in lines)
    printed = {line[:-10].strip(): float(line[-10:]) for line in lines[-6:]}
    assert list(printed) == [
        "this place", "all other places", "biases of dense1", "biases of verdict", "sum", "the model's logit"
    ]  # fmt: skip
    *parts, total, logit = printed.values()
    assert abs(sum(parts) - total) < 3e-4 and abs(total - logit) < 2e-4
    assert abs(logit - explain.logit(model, photo[None])[0]) < 1e-4


def test_a_batch_of_one_will_do(model, photo):
    assert explain.trace(model, photo[None], 1, 1).total == explain.trace(model, photo, 1, 1).total


def deeper(functional):
    """Return a CNN with padding, dropout, two hidden dense layers of which one has no ReLU, no biases."""
    row = [
        layers.Rescaling(1 / 255, name="rescale"),
        layers.Conv2D(3, 3, padding="same", activation="relu", name="conv1"),
        layers.MaxPooling2D(2, name="pool1"),
        layers.Flatten(),
        layers.Dropout(0.5),
        layers.Dense(7, activation="relu", name="hidden1"),
        layers.Dense(6, name="hidden2"),
        layers.Dense(5, activation="relu", use_bias=False, name="hidden3"),
        layers.Dense(1, activation="sigmoid", name="verdict"),
    ]
    photo = x = keras.Input((12, 12, 3))
    for layer in row:
        x = layer(x)
    return with_random_weights(keras.Model(photo, x) if functional else keras.Sequential([photo, *row]))


@pytest.mark.parametrize("functional", [True, False])
def test_other_models_are_taken_apart_too(functional):
    model, photo = deeper(functional), photographs(1, 12)[0]
    corner = explain.trace(model, photo, 0, 0)
    assert corner.box == (0, 0, 3, 3)  # the padding is no pixel
    assert corner.steps["rescale"].shape == (3, 3, 3) and corner.steps["conv1"].shape == (2, 2, 3)
    assert corner.dense == "hidden1" and set(corner.from_biases) == {
        "hidden1",
        "hidden2",
        "hidden3",
        "verdict",
    }
    assert corner.from_biases["hidden3"] == 0
    np.testing.assert_allclose(corner.total, explain.logit(model, photo[None])[0], atol=1e-4)
    # What one more out of a neuron adds, found by trying: none of the later neurons changes sides.
    x = byhand.relu(corner.sums)

    def rest(x):
        for name in ("hidden2", "hidden3", "verdict"):
            x = x @ model.get_layer(name).get_weights()[0].astype(float)
            x = x + model.get_layer(name).get_weights()[1] if name != "hidden3" else byhand.relu(x)
        return x[0]

    for neuron in range(7):
        more = x + 1e-6 * (np.arange(7) == neuron)
        np.testing.assert_allclose((rest(more) - rest(x)) / 1e-6, corner.to_logit[neuron], atol=1e-5)


def test_what_can_not_be_traced_gets_one_sentence(model, photo):
    pooled = keras.Sequential(
        [keras.Input((9, 9, 3)), layers.GlobalAveragePooling2D(), layers.Dense(1, activation="sigmoid")]
    )
    smooth = keras.Sequential(
        [keras.Input((9, 9, 3)), layers.Conv2D(1, 3), layers.Flatten(), layers.Dense(2, activation="tanh"),
         layers.Dense(1, activation="sigmoid")]
    )  # fmt: skip
    small = photographs(1, 9)[0]
    for attempt, sentence in [
        (lambda: explain.trace(model, photo, 5, 0), "^row is 5, but it must be a whole number from 0 to 4"),
        (lambda: explain.trace(model, photo, 0, -1), "^column is -1"),
        (lambda: explain.trace(model, photographs(2, 29), 0, 0), "follows one photograph"),
        (lambda: explain.trace(model, None, 0, 0), "follows one photograph"),
        (lambda: explain.trace(model, photo / 255, 0, 0), "don't divide by 255"),
        (lambda: explain.trace(pooled, small, 0, 0), "has no Flatten"),
        (lambda: explain.trace(smooth, small, 0, 0), "is a Dense that a trace can't take apart"),
    ]:
        with pytest.raises(WorkbookError, match=sentence):
            attempt()
