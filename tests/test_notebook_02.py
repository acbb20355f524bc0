"""Notebook 02: it goes through at both ends of its parameters, and what no cell shows holds."""

import lesson
import numpy as np
import pytest

from fanaoi_helpers import byhand
from fanaoi_helpers.cnn import keras
from fanaoi_helpers.errors import WorkbookError

LOWEST = {"stride": 1.0, "padding": "valid", "photo_size": 40.0, "seed": 0.0}
HIGHEST = {"stride": 8, "padding": "same", "photo_size": 640, "seed": 2**32 - 1}
FALSE = {  # what is said to be false, whatever the parameters
    "ReLU and average pooling may change places",
    "flipped     within 0.001 of Keras",
    "with the same kernel",
}


@pytest.fixture(scope="module")
def names():
    return lesson.execute("02", **LOWEST)


def test_it_goes_through_at_the_lower_end_of_its_parameters(names):
    assert {name: names[name] for name in LOWEST} == LOWEST
    assert all(type(names[name]) is int for name in ("stride", "photo_size", "seed"))
    claims = lesson.claims(names["printed"])
    assert len(claims) >= 15 and {words for words, true in claims.items() if not true} == FALSE


def test_it_goes_through_at_the_upper_end_of_its_parameters():
    claims = lesson.claims(lesson.execute("02", **HIGHEST)["printed"])
    assert len(claims) >= 15 and {words for words, true in claims.items() if not true} == FALSE


@pytest.mark.parametrize(
    ("name", "value"),
    [("stride", 0), ("stride", 9), ("stride", 1.5), ("padding", "full"), ("padding", 1), ("photo_size", 39),
     ("photo_size", 641), ("seed", -1), ("seed", 2**32), ("seed", True)],
)  # fmt: skip
def test_what_makes_no_sense_is_refused_before_any_work(name, value):
    with pytest.raises(WorkbookError, match=name):
        lesson.execute("02", until="You answer by putting", **{name: value})


# What it says --------------------------------------------------------------------------------------------


def test_a_stride_leaves_out_numbers_of_stride_1(names):
    for stride in (2, 3):
        thinned = names["conv"](names["ramp"], names["kernel"])[::stride, ::stride]
        assert np.array_equal(names["conv"](names["ramp"], names["kernel"], stride=stride), thinned)


def test_each_slip_is_caught_by_the_harder_example_and_three_by_the_handouts(names):
    hidden = [slip for slip, seen in zip(names["slips"], names["caught"]["handout"], strict=True) if not seen]
    assert hidden == [
        "kernel flipped",
        "kernel transposed",
        "center pixel × sum of k",
        "bottom right for max",
    ]
    assert all(names["caught"]["harder"])
    numbers = {tuple(out.ravel()) for out in names["answers"].values()}
    assert len(numbers) == 3, "flipped and transposed give numbers of their own"


def test_a_dot_shows_the_kernel_turned_by_half_a_turn(names):
    dot, signed, kernel = (names[name] for name in ("dot", "signed", "kernel"))
    assert np.array_equal(byhand.convolve2d(dot, signed), signed[::-1, ::-1])
    assert np.array_equal(byhand.convolve2d(dot, signed[::-1, ::-1]), signed)
    assert np.array_equal(kernel, kernel[::-1, ::-1]), "the handout's kernel can't show it"


def test_the_handouts_other_example_of_max_pooling_is_right():
    assert byhand.pool2d(np.array([[1, 3], [2, 4]])).tolist() == [[4]]


def test_none_of_the_four_kernels_responds_to_even_gray(names):
    assert len(names["kernels"]) == 4
    assert all(kernel.sum() == 0 for kernel in names["kernels"].values())


def test_zeros_that_same_padding_adds_to_a_photograph():
    """With stride 2 one column on the right; with stride 1 one on each side."""
    assert [byhand.same_padding(160, 3, stride) for stride in (2, 1)] == [(0, 1), (1, 1)]


def test_a_dense_layer_works_on_the_last_axis_and_so_does_softmax(names):
    assert [layers[-1].count_params() for layers in names["ways"].values()] == [9, 129, 9]
    assert names["ways"]["Dense"][0](names["maps"]).shape == (1, 4, 4, 1)
    shares = np.asarray(keras.ops.softmax(names["maps"]))
    assert shares.shape == (1, 4, 4, 8) and np.allclose(shares.sum(axis=-1), 1)


def test_flatten_writes_position_by_position_all_channels_side_by_side():
    small = np.arange(12).reshape(1, 2, 2, 3)
    assert np.asarray(keras.layers.Flatten()(small))[0].tolist() == list(range(12))


def test_conv2_does_three_quarters_of_the_multiplications(names):
    work = names["multiplications"]
    assert max(work, key=work.get) == "conv2" and work["conv2"] / sum(work.values()) > 3 / 4
    assert sum(work.values()) == 33_144_320


def test_the_ledger_is_the_handouts(names):
    assert list(names["parameters"].values()) == [896, 18_496, 2_654_336, 129]
    assert names["as_dense"] == 3_738_204_288


def test_what_one_number_sees_is_what_was_measured(names):
    assert names["reaching"] == {"conv1": 3, "pool1": 4, "conv2": 8, "pool2": 10}
