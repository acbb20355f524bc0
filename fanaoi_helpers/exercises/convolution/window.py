"""One window, and where it moves: sum, stride, size, padding."""

import numpy as np

from ... import byhand
from ..choosing import Right
from ..lesson import Exercises

ask = Exercises()

RAMP = np.arange(1, 26).reshape(5, 5)
KERNEL = np.array([[1, 0, 1], [0, 1, 0], [1, 0, 1]])
EXAMPLE = {"ramp": RAMP, "kernel": KERNEL}


# One window ----------------------------------------------------------------------------------------------


@ask.value(
    asks="The first number of the output: the kernel lies on the top left corner of the input.",
    given=EXAMPLE,
    mistakes={
        "You added up all nine pixels. Multiply first: the kernel says how much each of them counts.": (
            lambda ramp: ramp[:3, :3].sum()
        ),
        "You took the pixels under the zeros. A 1 lets its pixel in, a 0 keeps it out.": (
            lambda ramp, kernel: (ramp[:3, :3] * (1 - kernel)).sum()
        ),
        "That is the center pixel alone. All nine products are added up.": lambda ramp: ramp[1, 1],
        "That is a number of the matrix product, row times column. Here it is cell times cell.": (
            lambda ramp, kernel: (ramp[:3, :3] @ kernel)[0, 0]
        ),
        "You divided by nine. The products are added up, and that is all.": (
            lambda ramp, kernel: (ramp[:3, :3] * kernel).mean()
        ),
        "That is what the handout prints. Do the sum yourself: section 3 needs it.": lambda: 50,
    },
    hints=[
        "The window holds 1 2 3, 6 7 8 and 11 12 13.",
        "Where the kernel has a 0, the product is 0: five products are left.",
        "Corners and center: 1 + 3 + 7 + 11 + 13.",
    ],
    why="Nine products, four of them 0, and the sum of them all.",
    minutes=2,
    difficulty=1,
)
def first_number(ramp, kernel):
    window = ramp[:3, :3]
    return (window * kernel).sum()


def _slid(x, kernel):
    return byhand.convolve2d(x, kernel)


ask.line(
    "window_sum",
    asks="Complete the line: what is written into the output for one window?",
    template="""
            def my_slide(x, kernel):
                kh, kw = kernel.shape
                rows, columns = x.shape[0] - kh + 1, x.shape[1] - kw + 1
                out = np.zeros((rows, columns))
                for row in range(rows):
                    for column in range(columns):
                        window = x[row : row + kh, column : column + kw]
                        out[row, column] = ____
                return out
        """,
    line="(window * kernel).sum()",
    oracle=_slid,
    # Square kernels, so that a matrix product goes through and can be named.
    cases=lambda rng: (
        rng.integers(-9, 10, rng.integers(4, 8, 2)),
        rng.integers(-3, 4, (3, 3)),
    ),
    mistakes={
        "`@` is the matrix product, row times column. `*` multiplies cell by cell.": (
            "(window @ kernel).sum()"
        ),
        "You took the mean. A convolution adds up and does not divide.": "(window * kernel).mean()",
        "The kernel is missing: you added up the window as it is.": "window.sum()",
        "You kept the largest product. All products are added up.": "(window * kernel).max()",
        "You multiplied two sums. Multiply cell by cell first, add afterwards.": (
            "window.sum() * kernel.sum()"
        ),
    },
    hints=[
        "Two steps: multiply `window` and `kernel` cell by cell, then add up all that comes out.",
        "In NumPy `a * b` multiplies cell by cell, and `c.sum()` adds up everything in `c`.",
    ],
    why="`*` multiplies two arrays cell by cell; `@` would be a matrix product, which is something else.",
    minutes=3,
    difficulty=1,
)


ask.choice(
    "which_is_wrong",
    asks="The handout and our program differ in every number. Which of them is wrong?",
    options={
        "ours, for the handout was printed and read by many": (
            "Go one column to the right: five pixels count, and each of them grows by 1. Ours grows by 5, as "
            "it must."
        ),
        "neither: the handout counts the stride in another way": (
            "A stride chooses which numbers there are. It never changes the value of a number that is there."
        ),
        "neither: the handout flips the kernel first": (
            "A good thought, but this kernel looks the same when it is flipped. It could change nothing."
        ),
        "the handout's": Right("One number worked by hand settles it, and so does the ratio."),
    },
    hints=[
        "One page or program may be wrong, or both; a single number by hand decides.",
        "You have that number already: section 1.",
    ],
    why="The window's pixels grow by 1 to the right and by 5 downward; so must the output, in that ratio.",
    minutes=2,
    difficulty=1,
    prediction=True,
)


# Stride and size -----------------------------------------------------------------------------------------


@ask.value(
    asks="The output of the 5×5 example with stride 2, as a list of two rows.",
    given=EXAMPLE,
    mistakes={
        "That is stride 1, each window one pixel from the last. With stride 2 it moves two.": (
            lambda ramp, kernel: byhand.convolve2d(ramp, kernel)
        ),
        "You stepped over columns only. The stride counts downward as well.": (
            lambda ramp, kernel: byhand.convolve2d(ramp, kernel)[:, ::2]
        ),
        "You stepped over rows only. The stride counts to the right as well.": (
            lambda ramp, kernel: byhand.convolve2d(ramp, kernel)[::2]
        ),
        "These four windows are neighbors, one pixel apart. Their number is right, their places are not.": (
            lambda ramp, kernel: byhand.convolve2d(ramp, kernel)[:2, :2]
        ),
        "These are the handout's numbers. Its stride is right; look at what it was applied to.": (
            lambda: [[50, 70], [170, 190]]
        ),
    },
    hints=[
        "Each of the four numbers is already in the 3×3 output.",
        "Keep every second row and every second column, beginning with the first.",
        "The four corners of the 3×3 output.",
    ],
    why="Every second row and column of the stride 1 output.",
    minutes=2,
    difficulty=1,
)
def stride_two(ramp, kernel):
    return byhand.convolve2d(ramp, kernel, stride=2)


def _counted(n, k, s, p):
    return len(range(0, n + 2 * p - k + 1, s))


def _sizes(rng):
    k = int(rng.integers(1, 8))
    return int(rng.integers(k, 60)), k, int(rng.integers(1, 5)), int(rng.integers(0, 4))


@ask.function(
    asks="The number of windows of k that fit along n pixels with stride s and p zeros on each side.",
    oracle=_counted,
    cases=_sizes,
    mistakes={
        "One is missing each time: the first window fits before any step is made.": (
            lambda n, k, s, p: (n + 2 * p - k) // s
        ),
        "You rounded up. A part of a step is no step.": lambda n, k, s, p: -(-(n + 2 * p - k) // s) + 1,
        "You did not round. `//` divides and drops what is less than a step.": (
            lambda n, k, s, p: (n + 2 * p - k) / s + 1
        ),
        "You counted the zeros of one side. There are p on each.": lambda n, k, s, p: (n + p - k) // s + 1,
        "The padding is missing.": lambda n, k, s, p: (n - k) // s + 1,
        "The stride is missing: that counts steps of 1.": lambda n, k, s, p: n + 2 * p - k + 1,
        "You divided all pixels by the stride. The first window uses up k of them.": (
            lambda n, k, s, p: (n + 2 * p) // s
        ),
    },
    hints=[
        "With its zeros the row is n + 2p long. How many pixels does the first window leave over?",
        "n + 2p − k are left. How many whole steps of s do they give?",
        "Divide with `//`, and count the first window too: + 1.",
    ],
    why="The first window uses up k pixels; each whole step of s in the rest gives one more.",
    minutes=5,
    difficulty=2,
)
def output_size(n, k, s, p):
    left = n + 2 * p - k  # what the first window leaves over
    return left // s + 1


# Padding -------------------------------------------------------------------------------------------------


@ask.value(
    asks='The top left number of the output with padding "same".',
    given=EXAMPLE,
    mistakes={
        "That is without padding. Now the kernel's center lies on the corner pixel.": (
            lambda ramp, kernel: byhand.convolve2d(ramp, kernel)[0, 0]
        ),
        "You added all four pixels up. The kernel keeps two of them.": lambda ramp: ramp[:2, :2].sum(),
        "That is the corner pixel alone. One more pixel meets a 1.": lambda ramp: ramp[0, 0],
        "The corner pixel is missing: the kernel's center lies on it and is a 1.": lambda ramp: ramp[1, 1],
        'You repeated the border\'s pixels. Padding "same" adds zeros.': (
            lambda ramp, kernel: (np.pad(ramp, 1, mode="edge")[:3, :3] * kernel).sum()
        ),
    },
    hints=[
        "The kernel's center lies on pixel 1. Which of its cells lie outside?",
        "The window is 0 0 0, 0 1 2, 0 6 7.",
        "Two of the four pixels meet a 1: the center and the bottom right corner.",
    ],
    why="1 under the center and 7 under the corner; everything else meets a 0 on one side or the other.",
    minutes=3,
    difficulty=1,
)
def padded_corner(ramp, kernel):
    window = np.pad(ramp, 1)[:3, :3]  # five zeros, and the pixels 1, 2, 6 and 7
    return (window * kernel).sum()
