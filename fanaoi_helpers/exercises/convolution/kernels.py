"""Which kernel it was: flipped, transposed, or right."""

import numpy as np

from ... import byhand
from ..choosing import Right
from ..lesson import Exercises

ask = Exercises()

BUMPY = np.array(
    [[int(digit) for digit in row] for row in "307142 851609 294073 618520 073916 420851".split()]
)
SIGNED = np.array([[1, 2, 0], [0, -1, 3], [-2, 0, 1]])


@ask.value(
    asks="How many of the seven slips give the right answer on the handout's example, so that nobody "
    "notices?",
    given={"caught": [False, False, False, False, True, True, True]},
    mistakes={
        "So many are caught; the others pass.": lambda caught: caught.count(True),
        "Not one of them is caught? The size of the output gives one away.": lambda caught: len(caught),
        "Look at the kernel: what does it look like when it is flipped?": lambda: 0,
        "You have seen what the kernel hides. The ramp hides something, too: where in each window is its "
        "largest pixel, and which pixel is its mean?": lambda: 2,
    },
    hints=[
        "Which slips leave this kernel as it is? Which number of a ramp's window is the largest?",
        (
            "Flipped and transposed it is the same kernel. Two more slips pass for reasons that lie in the "
            "ramp."
        ),
    ],
    why="A symmetric kernel hides slips about the kernel, a ramp hides slips about the window.",
    minutes=2,
    difficulty=2,
    prediction=True,
)
def hidden_slips(caught):
    return caught.count(False)


@ask.value(
    asks="First row, second column of the output: the window 0 7 1, 5 1 6, 9 4 0 under the signed kernel.",
    given={"bumpy": BUMPY, "signed": SIGNED},
    mistakes={
        "You left out the minus signs of the kernel.": (
            lambda bumpy, signed: (bumpy[0:3, 1:4] * abs(signed)).sum()
        ),
        "You flipped the kernel. Lay it on the window as it is written.": (
            lambda bumpy, signed: (bumpy[0:3, 1:4] * np.flip(signed)).sum()
        ),
        "You read the kernel by columns: that is its transpose.": (
            lambda bumpy, signed: (bumpy[0:3, 1:4] * signed.T).sum()
        ),
        "That is the second row, first column. The row is named first.": (
            lambda bumpy, signed: (bumpy[1:4, 0:3] * signed).sum()
        ),
        "That is the first number of the row. For the second one the window moves on by one pixel.": (
            lambda bumpy, signed: (bumpy[0:3, 0:3] * signed).sum()
        ),
        "You added up the window without the kernel.": lambda bumpy: bumpy[0:3, 1:4].sum(),
    },
    hints=[
        "Three products in each row of the kernel; mind −1 and −2.",
        "The first row gives 0·1 + 7·2 + 1·0 = 14.",
        "14, then 5·0 + 1·(−1) + 6·3 = 17, then 9·(−2) + 4·0 + 0·1 = −18.",
    ],
    why="14 + 17 − 18. With this kernel every slip gives a number of its own.",
    minutes=3,
    difficulty=1,
)
def signed_sum(bumpy, signed):
    window = bumpy[0:3, 1:4]
    return (window * signed).sum()


def _convolve_cases(rng):
    kh, kw = rng.permutation([1, 2, 3, 4])[:2]  # never square
    side = int(max(kh, kw)) + 2
    return (
        rng.integers(-9, 10, (side + rng.integers(1, 4), side + rng.integers(4, 7))),
        rng.integers(-3, 4, (kh, kw)) + 0.25 * np.arange(kh * kw).reshape(kh, kw),  # never symmetric
        int(rng.integers(1, 4)),
    )


@ask.function(
    asks="What a convolutional layer computes from x, a kernel of any shape, and a stride.",
    oracle=lambda x, kernel, stride: byhand.convolve2d(x, kernel, stride),
    cases=_convolve_cases,
    mistakes={
        "You flipped the kernel. The layer does not: lay it on the window as it is.": (
            lambda x, kernel, stride: byhand.convolve2d(x, np.flip(kernel), stride)
        ),
        "The kernel was transposed: its rows became columns.": (
            lambda x, kernel, stride: byhand.convolve2d(x, kernel.T, stride)
        ),
        "The stride is not used.": lambda x, kernel, stride: byhand.convolve2d(x, kernel),
        "The stride is used downward only.": lambda x, kernel, stride: byhand.convolve2d(x, kernel)[::stride],
        "The stride is used to the right only.": (
            lambda x, kernel, stride: byhand.convolve2d(x, kernel)[:, ::stride]
        ),
        "The size is right, but your windows are neighbors: window (row, column) begins at row · stride.": (
            lambda x, kernel, stride: byhand.convolve2d(x, kernel)[
                : (x.shape[0] - kernel.shape[0]) // stride + 1,
                : (x.shape[1] - kernel.shape[1]) // stride + 1,
            ]
        ),
        "The last row and column are missing: + 1 for the window that fits before any step.": (
            lambda x, kernel, stride: byhand.convolve2d(x, kernel, stride)[:-1, :-1]
        ),
        "You took each window's mean. The products are added up.": (
            lambda x, kernel, stride: byhand.convolve2d(x, kernel, stride) / kernel.size
        ),
    },
    hints=[
        "Begin with the loops of section 2 or 7. What changes is where a window begins, and how many fit.",
        "Rows: `(x.shape[0] - kh) // stride + 1`. Window (row, column) begins at `row * stride`.",
    ],
    why="Size from section 5, sum from section 1: that is the whole operation.",
    minutes=7,
    difficulty=3,
)
def convolve(x, kernel, stride):
    kh, kw = kernel.shape
    rows, columns = (x.shape[0] - kh) // stride + 1, (x.shape[1] - kw) // stride + 1
    out = np.zeros((rows, columns))
    for row in range(rows):
        for column in range(columns):
            top, left = row * stride, column * stride
            out[row, column] = (x[top : top + kh, left : left + kw] * kernel).sum()
    return out


ask.choice(
    "dot_response",
    asks="The input is 0 everywhere but for a single 1. What is the output, without a flip of the kernel?",
    options={
        "the kernel as it is written": (
            "That is what the flip is for. Follow the first window: the dot lies at its bottom right."
        ),
        "the kernel transposed": (
            "Rows stay rows: when the window moves to the right, the dot moves to the left in it, never up "
            "or down."
        ),
        "the kernel turned by half a turn": Right(
            "In the first window the dot lies under the kernel's last number, in the last one under its "
            "first."
        ),
        "its center number in the middle, and zeros around": (
            "Nine windows hold the dot, each at another place, so each number of the kernel is met once."
        ),
    },
    hints=[
        "Where in the first window, top left, does the dot lie? Which number of the kernel meets it?",
        "It lies at the bottom right. So the first number of the output is the kernel's last.",
    ],
    why="Without a flip the output shows the kernel turned; convolution flips it so that it shows as it is.",
    minutes=2,
    difficulty=2,
    prediction=True,
)
