"""Notebook 01's exercises on pictures as arrays: pixels, colors, rows and columns."""

import numpy as np
from PIL import Image

from ..choosing import Right
from ..lesson import Exercises

ask = Exercises()


GRAY = np.array([[0, 128, 255], [64, 200, 50], [128, 255, 0]], dtype=np.uint8)  # the handout's example

# What is a gray picture?


@ask.value(
    asks="`gray` is [[0, 128, 255], [64, 200, 50], [128, 255, 0]]. Which number is `gray[1, 2]`?",
    given={"gray": GRAY},
    mistakes={
        "That is `gray[2, 1]`: the row comes first.": lambda gray: gray[2, 1],
        "You counted from 1; the first row is row 0, the first column 0.": lambda gray: gray[0, 1],
        "You counted from 1 and took the column first.": lambda gray: gray[1, 0],
    },
    hints=[
        "The first number says which row, the second which column.",
        "Both are counted from 0: row 1 is the middle row.",
        "In the row 64, 200, 50 take the number in column 2, the third one.",
    ],
    why="Row first, then column, both from 0.",
    minutes=1,
    difficulty=1,
    prediction=True,
)
def gray_pixel(gray):
    return gray[1, 2]  # row 1, column 2, both counted from 0


# How do three matrices make a color?


@ask.value(
    asks="Red, green and blue of white, of the gray 128, and of cyan, which is white without its red.",
    mistakes={
        "Your white is black: 0 means no light.": lambda: [[0, 0, 0], [128, 128, 128], [0, 255, 255]],
        "Your gray is a dark red: a gray has as much of each light.": (
            lambda: [[255, 255, 255], [128, 0, 0], [0, 255, 255]]
        ),
        "Your third color is red itself; take the red away from white.": (
            lambda: [[255, 255, 255], [128, 128, 128], [255, 0, 0]]
        ),
        "Your third color is yellow: you took away the blue. Red is the first number.": (
            lambda: [[255, 255, 255], [128, 128, 128], [255, 255, 0]]
        ),
        "Your third color is blue: you took the green away as well.": (
            lambda: [[255, 255, 255], [128, 128, 128], [0, 0, 255]]
        ),
        "Here the scale goes from 0 to 255, not to 1.": lambda: np.array(mix.reference()) / 255,
    },
    hints=[
        "A row for each color: how much red, how much green, how much blue.",
        "White has 255 of each, a gray three equal numbers.",
        "For cyan begin with white's three numbers and set the first one to 0.",
    ],
    why="Equal numbers make white, gray or black; what is missing from white gives the color.",
    minutes=2,
    difficulty=1,
)
def mix():
    white = [255, 255, 255]  # all the light there is
    gray = [128, 128, 128]  # three equal numbers
    cyan = [0, 255, 255]  # white without its red
    return [white, gray, cyan]


# Which number comes first, x or y?

ask.choice(
    "corner",
    asks="Where is `pixels[row, column]` with a small row and a large column?",
    options={
        "top left": "There both are small.",
        "bottom left": "That is x first: a small x and a large y. An array takes the row first.",
        "top right": Right("A small row is near the top, a large column far right."),
        "bottom right": "There both are large.",
    },
    hints=[
        "Row 0 is the topmost one, column 0 the leftmost.",
        "A small row number: near the top. A large column number: which side?",
    ],
    why="Row first, and rows are counted downward.",
    minutes=1,
    difficulty=1,
    prediction=True,
)


def _crop_by_pillow(picture, size):
    height, width = picture.shape[:2]
    box = ((width - size) // 2, (height - size) // 2, (width + size) // 2, (height + size) // 2)
    return np.array(Image.fromarray(picture).crop(box))


def _crop_swapped(picture, size):
    top, left = (picture.shape[1] - size) // 2, (picture.shape[0] - size) // 2
    return picture[top : top + size, left : left + size]


def _crop_from_the_middle(picture, size):
    top, left = picture.shape[0] // 2, picture.shape[1] // 2
    return picture[top : top + size, left : left + size]


def _crop_ends_too_soon(picture, size):
    top, left = (picture.shape[0] - size) // 2, (picture.shape[1] - size) // 2
    return picture[top:size, left:size]


def _crop_rows(picture, size):
    top = (picture.shape[0] - size) // 2
    return picture[top : top + size]


def _crop_cases(rng):
    size = int(rng.integers(2, 6))
    rows, columns = size + 2 * rng.choice([1, 2, 3, 4], 2, replace=False)  # as much on both sides
    return rng.integers(0, 256, (rows, columns, 3), dtype=np.uint8), size


@ask.function(
    asks="Cut `size` × `size` pixels out of the middle of a photograph of any height and width.",
    oracle=_crop_by_pillow,
    cases=_crop_cases,
    mistakes={
        "Height and width are swapped: `shape[0]` counts the rows.": _crop_swapped,
        "That is the top left corner.": lambda picture, size: picture[:size, :size],
        "That begins in the middle, so it is too far down and right.": _crop_from_the_middle,
        "The second number of a slice says where it ends, not how long it is.": _crop_ends_too_soon,
        "Only the rows are cut; the columns need a slice of their own.": _crop_rows,
    },
    hints=[
        "How many rows are left over? Half of them belong above the crop.",
        "`picture.shape[0]` is the number of rows, `picture.shape[1]` that of columns.",
        "top = (picture.shape[0] - size) // 2, left in the same way, then a slice for each axis.",
    ],
    why="Half of what is left over lies above, half on the left. A square photograph hides swapped axes.",
    minutes=5,
    difficulty=2,
)
def center_crop(picture, size):
    top = (picture.shape[0] - size) // 2
    left = (picture.shape[1] - size) // 2
    return picture[top : top + size, left : left + size]
