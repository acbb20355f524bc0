"""Notebook 01's exercises on the numbers in a picture: gray, channel order, overflow, range."""

import numpy as np

from ..choosing import Right
from ..lesson import Exercises

ask = Exercises()


def random_picture(rng: np.random.Generator) -> np.ndarray:
    """Draw a small color picture that is not square and has no side of 3."""
    rows, columns = rng.choice([4, 5, 6, 7, 8], 2, replace=False)
    return rng.integers(0, 256, (rows, columns, 3), dtype=np.uint8)


# How bright is a color?


def _gray_of_three(picture):
    red, green, blue = np.moveaxis(picture.astype(float), -1, 0)
    return 0.299 * red + 0.587 * green + 0.114 * blue


@ask.function(
    asks="Turn an RGB picture into a gray matrix: 0.299 red + 0.587 green + 0.114 blue, not rounded.",
    oracle=_gray_of_three,
    cases=lambda rng: (random_picture(rng),),
    mistakes={
        "That is the plain mean: all three count alike.": lambda picture: picture.mean(axis=-1),
        "The weights are in the order blue, green, red.": (
            lambda picture: picture @ np.array([0.114, 0.587, 0.299])
        ),
        "You dropped the fractions; the gray shall not be rounded.": (
            lambda picture: (picture @ np.array([0.299, 0.587, 0.114])).astype(np.uint8)
        ),
        "That takes the largest of the three.": lambda picture: picture.max(axis=-1),
        "You add up the rows; the channels are the last axis.": lambda picture: picture.sum(axis=0),
    },
    hints=[
        "Take the three channels apart: `picture[..., 0]` is the red one.",
        "`0.299 * picture[..., 0]` is red's part.",
        "Add the green part, `0.587 * picture[..., 1]`, and blue's in the same way.",
    ],
    why="A weighted sum over the last axis: `@` multiplies three numbers by three weights and adds them up.",
    minutes=3,
    difficulty=2,
)
def to_gray(picture):
    return picture @ np.array([0.299, 0.587, 0.114])  # red, green, blue


# Why are the colors wrong?


@ask.function(
    asks="Turn a picture in the order blue, green, red into red, green, blue.",
    oracle=lambda bgr: np.take(bgr, [2, 1, 0], axis=-1),
    cases=lambda rng: (random_picture(rng),),
    mistakes={
        "That turns the rows round: the picture stands on its head.": lambda bgr: bgr[::-1],
        "That turns the columns round: left and right are swapped.": lambda bgr: bgr[:, ::-1],
        "That turns rows and columns round, not the channels.": lambda bgr: bgr[::-1, ::-1],
        "That turns all three axes round; one is enough.": lambda bgr: bgr[::-1, ::-1, ::-1],
        "That is a photographic negative.": lambda bgr: 255 - bgr,
        "That is the picture as it was.": lambda bgr: bgr,
    },
    hints=[
        "Which axis holds the colors? Only that one must be turned round.",
        "`[::-1]` turns the first axis round, and `...` stands for all the axes that stay as they are.",
        "bgr[..., ?] with what turns an axis round",
    ],
    why="Only the last axis is turned round: `bgr[..., ::-1]` in short. The pixels stay where they are.",
    minutes=3,
    difficulty=2,
)
def to_rgb(bgr):
    blue, green, red = bgr[..., 0], bgr[..., 1], bgr[..., 2]
    return np.stack([red, green, blue], axis=-1)  # the same as bgr[..., ::-1]


# How much is 200 + 100?


@ask.value(
    asks="What are 200 + 100 and 100 - 200 in uint8?",
    mistakes={
        "There is room for 0 to 255 only.": lambda: [300, -100],
        "That would be kind: to stop at the limits. Nothing stops there.": lambda: [255, 0],
        "Nearly: 0 is a number too, so one round has 256 of them.": lambda: [45, 155],
        "The sum is right. A negative number has no place in uint8 either.": lambda: [44, -100],
        "The sum is right. uint8 does not drop the minus sign; it goes round.": lambda: [44, 100],
    },
    hints=[
        "Think of an odometer that shows three digits and has just passed 999.",
        "After 255 comes 0. How far past 255 is 300?",
        "Take away 256 where it is too large, add 256 where it is negative.",
    ],
    why="uint8 holds 256 numbers; beyond either end it goes on at the other one.",
    minutes=2,
    difficulty=2,
    prediction=True,
)
def wraparound():
    return [(200 + 100) % 256, (100 - 200) % 256]  # uint8 holds 256 numbers, 0 to 255


def _brighten_where_there_is_room(picture, by):
    brighter = picture.astype(np.int16) + by
    return np.where(brighter > 255, picture, brighter).astype(np.uint8)


def _brighten_by_a_factor(picture, by):
    return np.clip(picture * (1 + by / 255), 0, 255).astype(np.uint8)


@ask.function(
    asks="Add `by` to each number of a uint8 picture; what would pass 255 becomes 255. Return uint8.",
    oracle=lambda picture, by: np.where(picture > 255 - by, 255, picture + np.uint8(by)).astype(np.uint8),
    cases=lambda rng: (random_picture(rng), int(rng.integers(40, 200))),
    dtype="uint8",
    mistakes={
        "Bright pixels have wrapped: convert first.": lambda picture, by: picture + np.uint8(by),
        "Numbers above 255 remain: no picture can hold them. Limit them.": (
            lambda picture, by: picture.astype(np.int16) + by
        ),
        "The numbers are right, but they are int16. A picture is uint8.": (
            lambda picture, by: np.clip(picture.astype(np.int16) + by, 0, 255)
        ),
        "Where there was no room you changed nothing; such pixels must become white.": (
            _brighten_where_there_is_room
        ),
        "That multiplies, so that black stays black. Add.": _brighten_by_a_factor,
    },
    hints=[
        "Convert, calculate, limit, convert back.",
        "`picture.astype(np.int16)` makes room; `np.clip(x, 0, 255)` limits.",
        "np.clip(picture.astype(np.int16) + by, 0, 255), and then back to uint8",
    ],
    why="Convert, calculate, limit, convert back: so it is done whenever photographs are calculated with.",
    minutes=4,
    difficulty=2,
)
def brighten(picture, by):
    brighter = picture.astype(np.int16) + by  # room for the sum
    return np.clip(brighter, 0, 255).astype(np.uint8)


# Divide by 255: how often?

ask.choice(
    "twice",
    asks="The loader divides by 255, and the CNN's first layer as well. What does the CNN see?",
    options={
        "an error: the layer wants 0 to 255": "Nothing checks the range. That is the trap.",
        "a picture that is nearly black": Right("255 / 255 / 255 is 0.0039."),
        "the same: from 0 to 1 nothing changes": "The layer can't know; it divides what it gets.",
        "a picture that is too bright": "Dividing makes numbers smaller, and small is dark.",
    },
    hints=["Follow a white pixel: 255, divided once, divided twice."],
    why="A white pixel becomes 1, and then 0.0039: there is hardly anything left to see.",
    minutes=1,
    difficulty=1,
    prediction=True,
)
