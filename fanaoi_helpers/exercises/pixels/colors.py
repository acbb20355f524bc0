"""Notebook 01's exercises on the numbers in a picture: gray, channel order, overflow, range."""

import numpy as np

from ..engine.choosing import Choice, Option
from ..engine.exercise import Mistake
from ..engine.function import Function
from ..engine.value import Value


def random_picture(rng: np.random.Generator) -> np.ndarray:
    """Draw a small color picture that is not square and has no side of 3."""
    rows, columns = rng.choice([4, 5, 6, 7, 8], 2, replace=False)
    return rng.integers(0, 256, (rows, columns, 3), dtype=np.uint8)


# How bright is a color?


def _to_gray(picture):
    return picture @ np.array([0.299, 0.587, 0.114])  # red, green, blue


def _gray_of_three(picture):
    red, green, blue = np.moveaxis(picture.astype(float), -1, 0)
    return 0.299 * red + 0.587 * green + 0.114 * blue


to_gray = Function(
    "to_gray",
    asks="Turn an RGB picture into a gray matrix: 0.299 red + 0.587 green + 0.114 blue, not rounded.",
    reference=_to_gray,
    oracle=_gray_of_three,
    cases=lambda rng: (random_picture(rng),),
    mistakes=[
        Mistake("That is the plain mean: all three count alike.", lambda picture: picture.mean(axis=-1)),
        Mistake(
            "The weights are in the order blue, green, red.",
            lambda picture: picture @ np.array([0.114, 0.587, 0.299]),
        ),
        Mistake(
            "You dropped the fractions; the gray shall not be rounded.",
            lambda picture: (picture @ np.array([0.299, 0.587, 0.114])).astype(np.uint8),
        ),
        Mistake("That takes the largest of the three.", lambda picture: picture.max(axis=-1)),
        Mistake("You add up the rows; the channels are the last axis.", lambda picture: picture.sum(axis=0)),
    ],
    hints=[
        "Take the three channels apart: `picture[..., 0]` is the red one.",
        "`0.299 * picture[..., 0]` is red's part.",
        "Add the green part, `0.587 * picture[..., 1]`, and blue's in the same way.",
    ],
    why="A weighted sum over the last axis: `@` multiplies three numbers by three weights and adds them up.",
    minutes=3,
    difficulty=2,
)

# Why are the colors wrong?


def _to_rgb(bgr):
    blue, green, red = bgr[..., 0], bgr[..., 1], bgr[..., 2]
    return np.stack([red, green, blue], axis=-1)  # the same as bgr[..., ::-1]


to_rgb = Function(
    "to_rgb",
    asks="Turn a picture in the order blue, green, red into red, green, blue.",
    reference=_to_rgb,
    oracle=lambda bgr: np.take(bgr, [2, 1, 0], axis=-1),
    cases=lambda rng: (random_picture(rng),),
    mistakes=[
        Mistake("That turns the rows round: the picture stands on its head.", lambda bgr: bgr[::-1]),
        Mistake("That turns the columns round: left and right are swapped.", lambda bgr: bgr[:, ::-1]),
        Mistake("That turns rows and columns round, not the channels.", lambda bgr: bgr[::-1, ::-1]),
        Mistake("That turns all three axes round; one is enough.", lambda bgr: bgr[::-1, ::-1, ::-1]),
        Mistake("That is a photographic negative.", lambda bgr: 255 - bgr),
        Mistake("That is the picture as it was.", lambda bgr: bgr),
    ],
    hints=[
        "Which axis holds the colors? Only that one must be turned round.",
        "`[::-1]` turns the first axis round, and `...` stands for all the axes that stay as they are.",
        "bgr[..., ?] with what turns an axis round",
    ],
    why="Only the last axis is turned round: `bgr[..., ::-1]` in short. The pixels stay where they are.",
    minutes=3,
    difficulty=2,
)

# How much is 200 + 100?


def _wraparound():
    return [(200 + 100) % 256, (100 - 200) % 256]  # uint8 holds 256 numbers, 0 to 255


wraparound = Value(
    "wraparound",
    asks="What are 200 + 100 and 100 - 200 in uint8?",
    reference=_wraparound,
    mistakes=[
        Mistake("There is room for 0 to 255 only.", lambda: [300, -100]),
        Mistake("That would be kind: to stop at the limits. Nothing stops there.", lambda: [255, 0]),
        Mistake("Nearly: 0 is a number too, so one round has 256 of them.", lambda: [45, 155]),
        Mistake("The sum is right. A negative number has no place in uint8 either.", lambda: [44, -100]),
        Mistake("The sum is right. uint8 does not drop the minus sign; it goes round.", lambda: [44, 100]),
    ],
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


def _brighten(picture, by):
    brighter = picture.astype(np.int16) + by  # room for the sum
    return np.clip(brighter, 0, 255).astype(np.uint8)


def _brighten_where_there_is_room(picture, by):
    brighter = picture.astype(np.int16) + by
    return np.where(brighter > 255, picture, brighter).astype(np.uint8)


def _brighten_by_a_factor(picture, by):
    return np.clip(picture * (1 + by / 255), 0, 255).astype(np.uint8)


brighten = Function(
    "brighten",
    asks="Add `by` to each number of a uint8 picture; what would pass 255 becomes 255. Return uint8.",
    reference=_brighten,
    oracle=lambda picture, by: np.where(picture > 255 - by, 255, picture + np.uint8(by)).astype(np.uint8),
    cases=lambda rng: (random_picture(rng), int(rng.integers(40, 200))),
    mistakes=[
        Mistake("Bright pixels have wrapped: convert first.", lambda picture, by: picture + np.uint8(by)),
        Mistake(
            "Numbers above 255 remain: no picture can hold them. Limit them.",
            lambda picture, by: picture.astype(np.int16) + by,
        ),
        Mistake(
            "The numbers are right, but they are int16. A picture is uint8.",
            lambda picture, by: np.clip(picture.astype(np.int16) + by, 0, 255),
        ),
        Mistake(
            "Where there was no room you changed nothing; such pixels must become white.",
            _brighten_where_there_is_room,
        ),
        Mistake("That multiplies, so that black stays black. Add.", _brighten_by_a_factor),
    ],
    hints=[
        "Convert, calculate, limit, convert back.",
        "`picture.astype(np.int16)` makes room; `np.clip(x, 0, 255)` limits.",
        "np.clip(picture.astype(np.int16) + by, 0, 255), and then back to uint8",
    ],
    why="Convert, calculate, limit, convert back: so it is done whenever photographs are calculated with.",
    minutes=4,
    difficulty=2,
    dtype="uint8",
)

# Divide by 255: how often?

twice = Choice(
    "twice",
    asks="The loader divides by 255, and the CNN's first layer as well. What does the CNN see?",
    options=[
        Option("an error: the layer wants 0 to 255", "Nothing checks the range. That is the trap."),
        Option("a picture that is nearly black", "255 / 255 / 255 is 0.0039.", right=True),
        Option("the same: from 0 to 1 nothing changes", "The layer can't know; it divides what it gets."),
        Option("a picture that is too bright", "Dividing makes numbers smaller, and small is dark."),
    ],
    hints=["Follow a white pixel: 255, divided once, divided twice."],
    why="A white pixel becomes 1, and then 0.0039: there is hardly anything left to see.",
    minutes=1,
    difficulty=1,
    prediction=True,
)
