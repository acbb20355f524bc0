"""Wrong numbers and orders, made from the right ones; guesses near a slip's number."""

import re

import numpy as np
from answer_styles import digits_shown, is_whole, letter_of


def near_misses(exercise, right):
    """Yield (what was changed, number or array), each of them wrong."""
    number = right.astype(float)
    misses = {
        "one more": number + 1,
        "one less": number - 1,
        "twice": number * 2,
        "half": number / 2,
        "a tenth": number / 10,
        "ten times": number * 10,
        "a hundred times": number * 100,
        "a thousandth": number / 1000,
        "other sign": -number,
        "1 - x": 1 - number,
        "squared": number**2,
        "last digit more": number + last_digit(exercise, number),
        "last digit less": number - last_digit(exercise, number),
    }
    if (number != 0).all():
        misses["1 / x"] = 1 / number
    if not re.search("about|roughly|guess", exercise.asks):
        misses |= {"5 % more": number * 1.05, "5 % less": number * 0.95}
    if number.ndim:
        misses |= array_misses(number)
    for what, miss in misses.items():
        if "one " in what and exercise.tolerance > 1e-5 and near(miss, number, exercise.tolerance):
            continue  # to somebody who may round
        if miss.shape != number.shape or not np.allclose(miss, number, rtol=1e-9, atol=0):
            yield what, miss


def array_misses(number):
    misses = {
        "reversed": number[::-1],
        "rolled": np.roll(number, 1),
        "sorted": np.sort(number, axis=None).reshape(number.shape),
        "first one missing": number[1:],
        "last one missing": number[:-1],
        "first one twice": np.concatenate([number[:1], number]),
    }
    for place in np.ndindex(number.shape):
        for what, change in ("more", 1), ("less", -1):
            miss = number.copy()
            miss[place] += change
            misses[f"{list(place)} one {what}"] = miss
    for place in range(number.size - 1):
        miss = number.ravel().copy()
        miss[[place, place + 1]] = miss[[place + 1, place]]
        misses[f"{place} and {place + 1} exchanged"] = miss.reshape(number.shape)
    if number.ndim == 2:
        misses |= {"transposed": number.T, "mirrored": number[:, ::-1], "in one row": number.reshape(1, -1)}
    return misses


def last_digit(exercise, number):
    """Return what a slip in the last digit shown is, or more, where the declared tolerance is more."""
    digits = digits_shown(exercise.asks, number)
    shown = 1.0 if digits is None else 10.0**-digits
    allowed = exercise.tolerance * (1 + np.abs(number).max())
    return shown if shown > allowed else 3 * allowed


def orders(exercise):
    """Yield (what was changed, letters): two neighbors exchanged, a line missing or twice, another order."""
    right = letter_of(exercise)
    for place in range(len(right) - 1):
        swapped = list(right)
        swapped[place : place + 2] = swapped[place + 1], swapped[place]
        yield f"lines {place} and {place + 1} exchanged", "".join(swapped)
    for place in range(len(right)):
        yield f"without line {place}", right[:place] + right[place + 1 :]
    yield "reversed", right[::-1]
    yield "first line last", right[1:] + right[0]
    yield "last line first", right[-1] + right[:-1]
    yield "as shown", "".join(line[0] for line in exercise.details())


def around(slip, asks):
    """Yield (what, guess, whether it is still that slip) for numbers near a known slip's."""
    digits = digits_shown(asks, slip)
    if digits is not None:
        rounded = np.round(slip, digits)
        if np.isfinite(rounded).all() and not np.allclose(rounded, slip, rtol=1e-9, atol=0):
            yield "rounded", rounded, True
    guesses = {"3 % more": slip * 1.03, "3 % less": slip * 0.97}
    if is_whole(slip):
        guesses |= {"one more": slip + 1, "one less": slip - 1}
    for what, guess in guesses.items():
        if not near(guess, slip):
            yield what, guess, False


def near(a, b, tolerance=0.005):
    """Tell whether two numbers or arrays are one to a learner, who rounds."""
    return b is not None and np.shape(a) == np.shape(b) and np.allclose(a, b, rtol=tolerance, atol=1e-9)
