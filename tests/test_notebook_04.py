"""Notebook 04 goes through with whatever its parameters allow, and what it says holds for other numbers."""

import lesson
import numpy as np
import pytest

from fanaoi_helpers import byhand, fans
from fanaoi_helpers.cnn import keras
from fanaoi_helpers.errors import WorkbookError
from fanaoi_helpers.exercises import learning
from fanaoi_helpers.exercises.choosing import Right
from fanaoi_helpers.widgets.descent_explorer import HIGHEST_RATE, LOWEST_RATE

pytestmark = pytest.mark.skipif(keras.backend.backend() != "tensorflow", reason="04 needs TensorFlow's tape")
LOWEST = {"learning_rate": 0.001, "filter_steps": 1.0, "photo_size": 40.0, "batch_size": 1.0,
          "epochs": 1.0, "seed": 0.0}  # fmt: skip
# The upper ends of filter_steps and epochs, 2000 and 200, differ in minutes alone.
HIGHEST = {"learning_rate": 0.5, "filter_steps": 201.0, "photo_size": 160.0, "batch_size": 10.0,
           "epochs": 30.0, "seed": 2**32 - 1}  # fmt: skip


@pytest.fixture(scope="module")
def usual():
    """The names of notebook 04 as it is stored."""
    return lesson.execute("04", until="## 12.")


@pytest.mark.parametrize("parameters", [LOWEST, HIGHEST], ids=["lowest", "highest"])
def test_it_goes_through_at_both_ends_of_its_parameters(parameters):
    names = lesson.execute("04", again=parameters is LOWEST, **parameters)
    assert {name: names[name] for name in parameters} == parameters
    assert all(type(names[name]) is int for name in parameters if name != "learning_rate")
    false = {words for words, true in lesson.claims(names["printed"]).items() if not true}
    false -= {words for words in false if words.startswith("random ")}  # that two random filters are equal
    assert false == (set() if parameters is HIGHEST else {"the loss is less than half of what it was"})


@pytest.mark.parametrize(
    ("name", "value"),
    [("learning_rate", 0), ("learning_rate", 0.6), ("filter_steps", 0), ("filter_steps", 2001),
     ("photo_size", 39), ("photo_size", "80"), ("batch_size", 0), ("batch_size", 11), ("epochs", 0.5),
     ("epochs", 201), ("seed", -1), ("seed", None)],
)  # fmt: skip
def test_what_makes_no_sense_is_refused_before_any_work(name, value):
    with pytest.raises(WorkbookError, match=name):
        lesson.execute("04", until="## 1.", **{name: value})


# What it says, for other numbers than its own ------------------------------------------------------------


@pytest.mark.parametrize("seed", range(3))
def test_the_filter_finds_the_edge_kernel_and_first_of_all_its_sum(seed):
    names = lesson.execute("04", until="## 3.", photo_size=40, seed=seed)
    sums = [abs(state.sum()) for state in names["states"]]
    assert sums[10] < sums[0] / 10 or sums[0] < 0.3
    assert np.abs(names["kernel"] - names["edge"]).max() < 0.2


def test_what_the_picture_of_the_gradients_is_asked(usual):
    gradients = usual["gradients"]
    assert [np.count_nonzero(gradients["map"][..., f]) for f in (0, 1)] == [1, 1], "the winners alone"
    assert not np.any(gradients["patch"][0]) and np.all(gradients["patch"][1:])
    of_a, of_b = gradients["weights"][:, 0]
    assert of_a < of_b < 0, "both weights should rise, A's more"


def test_a_filter_with_a_negative_map_gets_nothing_whatever_the_fan_is(usual):
    for label in (0, 1):
        values, gradients = usual["there_and_back"](-0.2, label)
        assert values["map"][..., 1].max() < 0
        for array in (gradients["kernels"][..., 1], gradients["bias"][1], gradients["weights"][1]):
            assert not np.any(array)
        assert np.any(gradients["kernels"][..., 0])
        assert gradients["z"] == pytest.approx(values["p"] - label)


@pytest.mark.parametrize("batch_size", [1, 3, 10])
def test_an_epoch_of_fit_is_what_the_prose_says(usual, batch_size):
    usual["batch_size"] = batch_size
    usual["fit_and_note"]()
    events, seen = usual["events"], [number for number in usual["seen"] if number < 10]
    assert sorted(seen[:10]) == sorted(seen[10:]) == list(range(10)), "each epoch is once through all"
    iterations = -(-10 // batch_size)
    one = ["forward pass", "backward pass", "parameter update"]
    after = ["VALIDATION", *["forward pass"] * -(-5 // batch_size), "CALLBACKS hear of the end: loss"]
    epoch = [word for number in range(iterations) for word in (f"iteration {number + 1}", *one)] + after
    assert [event.split(", ")[0] for event in events] == ["EPOCH 1", *epoch, "EPOCH 2", *epoch]
    assert events[-1].endswith("val_loss")


def test_fit_with_a_seed_repeats_one_order(usual):
    for seed in (1, 2):
        keras.utils.set_random_seed(seed)
        usual["fit_and_note"]()
        seen = [number for number in usual["seen"] if number < 10]
        assert seen[:10] == seen[10:]


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_a_filter_learns_faster_where_middle_gray_is_0(usual, seed):
    gray = fans.render(fans.make_unit("F0001", seed=seed), size=80).pixels.mean(axis=2)
    left = [
        usual["losses_while_learning"](pixels, 0.9 * usual["safe_rate"](pixels))[-1]
        for pixels in ((gray - gray.mean()) / gray.std(), gray / 255)
    ]
    assert left[0] < left[1] / 2


def test_the_paths_are_shown_in_the_order_that_the_exercise_means(usual):
    shown = zip(usual["places"], usual["shuffled"], strict=True)
    right = ", ".join(f"{place}: {name}" for place, name in shown)
    assert isinstance(learning.whose_path.options[right], Right)


def test_each_optimizer_is_known_by_its_path(usual):
    trio, start = usual["trio"], usual["start"]
    assert np.abs(trio["Adam"][1] - start) == pytest.approx(0.5), "Adam's rate is a length"
    assert trio["momentum"][:, 0].max() > 1 > 0 > trio["SGD"][:, 0].max(), "momentum has to swing back"


def test_adam_comes_closer_with_every_rate_on_the_slider(usual):
    for rate in np.geomspace(LOWEST_RATE, HIGHEST_RATE, 101):
        path = byhand.adam(usual["valley_gradient"], usual["start"], rate, steps=40)
        assert usual["valley"](*path[-1]) < usual["valley"](*path[0]), rate


def test_keras_draws_kernels_as_wide_as_glorot_says():
    keras.utils.set_random_seed(0)
    layer = keras.layers.Conv2D(32, 3)
    layer.build((None, 80, 80, 3))
    kernels, biases = layer.get_weights()
    assert kernels.std() == pytest.approx(np.sqrt(2 / (3 * 3 * 3 + 3 * 3 * 32)), rel=0.1)
    assert not np.any(biases)
