"""The one checker of arrays: what it gives back, and the sentence about what it refuses."""

import numpy as np
import pytest

from fanaoi_helpers import arrays
from fanaoi_helpers.errors import WorkbookError

NAN = np.array([0.5, np.nan])


class OnAnotherDevice:
    """An array that can't be had, as a tensor on a GPU."""

    def __array__(self, dtype=None, copy=None):
        raise TypeError("move it first")


def test_whole_numbers_stay_whole_and_the_rest_is_float64():
    assert arrays.numbers("x", np.array([True, False])).dtype == np.int64
    assert arrays.numbers("x", np.uint8(255)) + 1 == 256
    assert arrays.numbers("x", np.float32([0.5])).dtype == np.float64 == arrays.row("x", [1]).dtype
    assert arrays.zeros_and_ones("x", [True, 0.0]).tolist() == [1, 0]


def test_what_is_checked_is_a_copy():
    x = np.zeros((2, 2))
    arrays.of_type("x", x, "float64", [2])[:] = 1
    assert not x.any()


@pytest.mark.parametrize(
    ("check", "says"),
    [
        (lambda: arrays.numbers("x", [[1], [1, 2]]), "x has rows of different lengths"),
        (lambda: arrays.numbers("x", [None]), r"x is \[None\], but it must be an array of numbers"),
        (lambda: arrays.numbers("x", OnAnotherDevice()), "x is .*OnAnotherDevice"),
        (lambda: arrays.shaped("x", [1], (2,), "one for each"), r"x has shape \(1,\).*\(2,\), one for each"),
        (lambda: arrays.row("x", [], 0), r"x has shape \(0,\)"),
        (lambda: arrays.row("x", [[1]]), "a row of numbers"),
        (lambda: arrays.row("x", NAN), "x holds NaN or infinity"),
        (lambda: arrays.within("x", NAN, 0, 1), "x holds nan, but each must lie from 0 to 1"),
        (lambda: arrays.within("x", np.zeros(1), 0, 1, above=True), "x holds 0, .* above 0 and up to 1"),
        (lambda: arrays.zeros_and_ones("x", [0, 0.5]), "x holds 0.5, .*only 1 for GO and 0 for NG"),
        (lambda: arrays.zeros_and_ones("x", [0, np.nan]), "x holds nan"),
        (lambda: arrays.of_type("x", [1e300], "float32", [1]), "x holds NaN or infinity"),
        (lambda: arrays.of_type("x", [np.inf], "uint8", [1]), "x holds NaN or infinity"),
        (lambda: arrays.of_type("x", [-1, 0.5], "uint8", [1]), "x holds -1 to 0.5, .*from 0 to 255"),
        (lambda: arrays.of_type("x", 1, "uint8", [1, 2]), r"x has shape \(\), .* 1 or 2 axes"),
        (lambda: arrays.picture("x", np.zeros((4, 4, 4), np.uint8)), "x has shape .* and dtype uint8"),
    ],
)
def test_what_is_refused_is_named(check, says):
    with pytest.raises(WorkbookError, match=says) as refused:
        check()
    assert "\n" not in str(refused.value)
