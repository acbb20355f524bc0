"""What filters find, how they are drawn, what a number saw, and how maps move."""

import numpy as np

from ..choosing import Right
from ..lesson import Exercises

ask = Exercises()


ask.choice(
    "which_kernel",
    asks="A bright 7 on black. After ReLU a map is bright along the left sides of its strokes and black "
    "everywhere else. Which kernel is it?",
    options={
        "`[[1, 0, -1], [1, 0, -1], [1, 0, -1]]`": (
            "That is positive where it gets darker from left to right. Which side of a stroke is that?"
        ),
        "`[[-1, -1, -1], [0, 0, 0], [1, 1, 1]]`": (
            "That compares a row with the one two below it; left and right are the same to it."
        ),
        "`[[-1, 0, 1], [-1, 0, 1], [-1, 0, 1]]`": Right(
            "Dark on the left and bright on the right is a stroke's left side. The right side gives the same "
            "number below 0, and ReLU makes that 0."
        ),
        "`[[1, 1, 1], [1, 1, 1], [1, 1, 1]]`": (
            "That adds up nine pixels: bright all over the stroke, on whichever side."
        ),
        "`[[0, 0, 0], [0, 1, 0], [0, 0, 0]]`": "That copies the picture, both sides of each stroke.",
    },
    hints=[
        "Put the 3×3 on the left side of a stroke: which of its columns are dark, which are bright?",
        "A dark pixel is 0, so its weight does not matter there; but it does on the right side.",
    ],
    why="It takes the left column from the right one, so it is positive where brightness rises.",
    minutes=2,
    difficulty=1,
)

ask.choice(
    "background",
    asks="One of the handout's maps is bright all over the background, where every pixel is 0. What makes it "
    "so?",
    options={
        "negative weights": "0 times a negative weight is 0 as well.",
        "large weights": "However large a weight, 0 times it is 0.",
        "ReLU": "ReLU only cuts off what is below 0. It makes nothing bright.",
        "a positive bias": Right(
            "Where all pixels are 0 the sum is the bias alone. Negative weights then darken the strokes."
        ),
        "padding": "Padding adds zeros around the edge, more of what the background has already.",
    },
    hints=["Write down the sum for a window of nine zeros.", "Nine products are 0. What else is in the sum?"],
    why="window · kernel + bias is the bias where the window is 0; ReLU lets it through if it is positive.",
    minutes=1,
    difficulty=1,
)


def _some_filters(rng):
    shape = (*rng.integers(2, 4, size=2), 3, int(rng.integers(2, 5)))
    return (rng.normal(size=shape) + rng.choice([-0.5, 0.5]),)


@ask.function(
    asks="Make brightness from 0 to 1 of all `filters` (kh, kw, 3, F) on one scale: 0.5 for weight 0, and "
    "the largest weight, whichever its sign, at the end of the scale.",
    oracle=lambda filters: np.interp(
        filters, [-np.max([filters, -filters]), np.max([filters, -filters])], [0, 1]
    ),
    cases=_some_filters,
    mistakes={
        "That is the handout's scale, from the smallest to the largest: weight 0 gets another gray in "
        "every plot.": lambda filters: (filters - filters.min()) / (filters.max() - filters.min()),
        "The largest weight may be a negative one: it falls off your scale.": (
            lambda filters: 0.5 + filters / (2 * filters.max())
        ),
        "Every filter has its own scale now: a filter of tiny weights looks as loud as the others.": (
            lambda filters: 0.5 + filters / (2 * np.abs(filters).max(axis=(0, 1, 2)))
        ),
        "Every channel has its own scale now, so a color may come out that the weights do not have.": (
            lambda filters: 0.5 + filters / (2 * np.abs(filters).max(axis=(0, 1, 3), keepdims=True))
        ),
        "That is from −1 to 1. Brightness goes from 0 to 1, with 0.5 for weight 0.": (
            lambda filters: filters / np.abs(filters).max()
        ),
        "0 is in the middle, but the largest weight is at 1.5 or −0.5, outside of 0 to 1.": (
            lambda filters: 0.5 + filters / np.abs(filters).max()
        ),
    },
    hints=[
        "First the largest weight without its sign: `np.abs(filters).max()`.",
        "Divide by it: now all lies between −1 and 1. Half of that, and 0.5 more.",
    ],
    why="One scale symmetric about 0: gray means 'does not care', in every filter and every plot.",
    minutes=4,
    difficulty=2,
)
def same_scale(filters):
    largest = np.abs(filters).max()
    return 0.5 + filters / (2 * largest)


@ask.value(
    asks="How many weights has one filter of conv2, its bias not counted?",
    given={"kernel": 3, "channels": 32, "filters": 64},
    mistakes={
        "That is one kernel. A filter has one for each map that comes in.": lambda kernel: kernel**2,
        "Three channels has the photograph. What comes into conv2?": lambda kernel: kernel**2 * 3,
        "That counts the bias as well.": lambda kernel, channels: kernel**2 * channels + 1,
        "Those are all filters of conv2 together.": (
            lambda kernel, channels, filters: kernel**2 * channels * filters
        ),
        "64 is how many maps come out of conv2.": lambda kernel, filters: kernel**2 * filters,
        "That is one weight for each map; each has a kernel.": lambda channels: channels,
    },
    hints=["What comes into conv2 is what pool1 gives.", "A 3×3 kernel for each of pool1's 32 maps."],
    why="One 3×3 kernel for each map that comes in: 3 · 3 · 32.",
    minutes=1,
    difficulty=1,
)
def filter_weights(kernel, channels):
    return kernel * kernel * channels


def _backward(windows):
    """Return the same, from the number back to the photograph."""
    length = 1
    for size, stride in reversed(windows):
        length = (length - 1) * stride + size
    return length


def _some_windows(rng):
    count = int(rng.integers(1, 6))
    return ([(int(rng.integers(1, 6)), int(rng.integers(1, 4))) for _ in range(count)],)


def _wrong_field(first, add, multiply):
    """Return a field computed with a slip: where it begins, what a window adds, what becomes of the step."""

    def slip(windows):
        side, step = first, 1
        for size, stride in windows:
            side += add(size, step, stride)
            step = multiply(step, stride)
        return side

    return slip


@ask.function(
    asks="The side of the square of pixels that one number saw, after `windows` [(size, stride), …] from the "
    "photograph on: a window of size k makes it (k − 1) steps longer, and a step is all strides before it "
    "multiplied.",
    oracle=_backward,
    cases=_some_windows,
    mistakes={
        "Your steps always stay 1 pixel: a stride makes all later steps longer.": (
            lambda windows: _wrong_field(1, lambda size, step, stride: size - 1, max)(windows)
        ),
        "You multiplied with the window's own stride first: only the strides before it count.": (
            lambda windows: _wrong_field(
                1, lambda size, step, stride: (size - 1) * step * stride, lambda step, stride: step * stride
            )(windows)
        ),
        "One number that has gone through no window saw 1 pixel: begin there.": lambda windows: _wrong_field(
            0, lambda size, step, stride: (size - 1) * step, lambda step, stride: step * stride
        )(windows),
        "A window of size k adds k − 1 steps: its first place was there already.": lambda windows: (
            _wrong_field(1, lambda size, step, stride: size * step, lambda step, stride: step * stride)(
                windows
            )
        ),
        "Strides multiply: two poolings of stride 2 make steps of 4, and three of them steps of 8.": (
            lambda windows: _wrong_field(
                1, lambda size, step, stride: (size - 1) * step, lambda step, stride: step + stride - 1
            )(windows)
        ),
        "You forget a stride as soon as the next one comes: keep multiplying.": lambda windows: _wrong_field(
            1, lambda size, step, stride: (size - 1) * step, lambda step, stride: stride
        )(windows),
    },
    hints=[
        "Keep two numbers, both 1 at first: `side` and `step`.",
        "For each window: `side += (size - 1) * step`, and after that the step changes.",
        "`step *= stride`; at the end return `side`.",
    ],
    why="3, 4, 8 and 10 pixels for the handout's conv1, pool1, conv2 and pool2.",
    minutes=5,
    difficulty=2,
)
def field(windows):
    side, step = 1, 1
    for size, stride in windows:
        side += (size - 1) * step
        step *= stride
    return side


@ask.value(
    asks="The photograph is shifted by 4 pixels to the right. By how many places do the maps of conv1, "
    "pool1, conv2 and pool2 move?",
    given={"shift": 4},
    mistakes={
        "A place of pool1 is 2 pixels wide, one of pool2 is 4.": lambda shift: [shift] * 4,
        "conv2 has stride 1: its places are as far apart as those of pool1.": (
            lambda shift: [shift, shift / 2, shift / 4, shift / 8]
        ),
        "The same filter visits every place, so what it found moves along.": lambda shift: [0] * 4,
        "conv1 has stride 1: its map has a number for every pixel.": (
            lambda shift: [shift / 2, shift / 4, shift / 4, shift / 8]
        ),
        "There are two poolings before pool2's maps are done, each with stride 2.": (
            lambda shift: [shift, shift / 2, shift / 2, shift / 2]
        ),
    },
    hints=["How many pixels is it from one place of a map to the next?", "1, 2, 2 and 4 pixels."],
    why="One place of a map is all strides before it, multiplied: 1, 2, 2 and 4 pixels.",
    minutes=2,
    difficulty=2,
    prediction=True,
)
def moved(shift):
    return [shift, shift / 2, shift / 2, shift / 4]
