"""Notebook 01: it goes through at both ends of its parameters, and what no cell shows holds."""

import lesson
import numpy as np
import pytest
from PIL import Image

from fanaoi_helpers.errors import WorkbookError

LOWEST = {"photo_size": 64.0, "image_size": 16.0, "batch_size": 1.0, "seed": 0.0}
HIGHEST = {"photo_size": 512, "image_size": 512, "batch_size": 256, "seed": 2**31 - 1}
FALSE = {"JPEG keeps every number"}  # and the reshaped fan, whose sentence holds its shape


@pytest.fixture(scope="module")
def names():
    return lesson.execute("01", **LOWEST)


def false(printed):
    return {words for words, true in lesson.claims(printed).items() if not true and "reshape" not in words}


def test_it_goes_through_at_the_lower_end_of_its_parameters(names):
    assert {name: names[name] for name in LOWEST} == LOWEST
    assert all(type(names[name]) is int for name in LOWEST)
    assert len(lesson.claims(names["printed"])) >= 12 and false(names["printed"]) == FALSE


def test_it_goes_through_at_the_upper_end_of_its_parameters():
    names = lesson.execute("01", until="## Why do GPUs help?", **HIGHEST)
    assert len(lesson.claims(names["printed"])) >= 10 and false(names["printed"]) == FALSE


@pytest.mark.parametrize(
    ("name", "value"),
    [("photo_size", 63), ("photo_size", 513), ("photo_size", "160"), ("image_size", 15), ("image_size", 161),
     ("image_size", 80.5), ("batch_size", 0), ("batch_size", 257), ("seed", -1), ("seed", 2**31)],
)  # fmt: skip
def test_what_makes_no_sense_is_refused_before_any_work(name, value):
    with pytest.raises(WorkbookError, match=name):
        lesson.execute("01", until="## What is a gray picture?", **{name: value})


# What it says --------------------------------------------------------------------------------------------


def test_a_png_keeps_every_number_and_may_be_transparent(names):
    assert np.array_equal(names["pixels"], names["shot"].pixels)
    assert np.array(Image.fromarray(names["pixels"]).convert("RGBA")).shape == (64, 64, 4)


def test_the_mean_gives_one_gray_to_three_lamps_and_pillow_three(names):
    assert names["mean"].tolist() == [[85, 85, 85]] and names["by_eye"].tolist() == [[76, 150, 29]]


def test_opencv_reads_blue_first_and_says_nothing_where_there_is_no_file(names):
    card, chips, cv2 = names["card"], names["chips"], names["cv2"]
    assert card[1, 2].tolist() == chips[1, 2].tolist(), "gray stays gray"
    assert card[0, 1].tolist() == [20, 140, 240], "orange has become blue"
    assert np.array_equal(names["bgr"][..., ::-1], names["pixels"])
    assert cv2.imread("no_such_file.png") is None


def test_both_gray_ways_of_opencv_are_the_weighted_sum(names):
    cv2, weighted = names["cv2"], names["pixels"] @ np.array([0.299, 0.587, 0.114])
    assert np.abs(names["cured_gray"] - weighted).max() <= 1
    _, content = cv2.imencode(".png", names["bgr"])
    assert np.abs(cv2.imdecode(content, cv2.IMREAD_GRAYSCALE) - weighted).max() < 2


def test_dividing_by_255_makes_float64_unless_255_is_float32(names):
    pixels, once, twice = names["pixels"], names["once"], names["twice"]
    assert (pixels / 255).dtype == np.float64 and (pixels / 255).nbytes == 8 * pixels.nbytes
    assert (pixels / np.float32(255)).dtype == np.float32
    assert np.allclose(once, pixels / 255, atol=1e-6) and np.allclose(twice, once / 255, atol=1e-6)
    assert names["as_picture"][1].max() <= 1, "night"


def test_what_tensorflow_calculates_is_what_numpy_does(names):
    tf, batch = names["tf"], names["batch"]
    assert np.allclose(names["scaled"].numpy(), batch[0] / 255, atol=1e-6)
    assert np.allclose(names["answer"][0], names["one_pixels"] / 255, atol=1e-6)
    assert names["weights"].numpy().tolist() == [0.75, 1.5]
    assert tf.executing_eagerly() and hasattr(tf.compat.v1, "Session")


def test_python_goes_through_a_tf_function_once_for_each_new_shape(names):
    assert names["went_through"] == [[2], [3]]


def test_all_ingredients_of_the_handouts_graph_are_in_todays(names):
    types = [node.type for node in names["operations"]]
    assert types[0] == "Placeholder"
    assert {"Const", "ReadVariableOp", "Cast", "RealDiv", "Mul"} <= set(types)
