"""What pooling keeps, and what it drops."""

from ... import byhand
from ..lesson import Exercises
from .window import RAMP

ask = Exercises()


@ask.value(
    asks="Average pooling of the 5×5 input, windows of 2×2, stride 2.",
    given={"ramp": RAMP},
    mistakes={
        "These are the handout's: the mean of each window's bottom row. A window holds four numbers.": (
            lambda ramp: (ramp[1::2, 0:4:2] + ramp[1::2, 1::2]) / 2
        ),
        "That is max pooling. Here every number of the window counts.": lambda ramp: byhand.pool2d(ramp),
        "You added up. The mean divides by the four numbers of the window.": (
            lambda ramp: 4 * byhand.pool2d(ramp, kind="average")
        ),
        "Your windows overlap: that is stride 1. The next window begins where the last one ends.": (
            lambda ramp: byhand.pool2d(ramp, stride=1, kind="average")
        ),
        "You pooled row 5 and column 5 as well. A window that hangs over the edge is left out.": (
            lambda ramp: [[4, 6, 7.5], [14, 16, 17.5], [21.5, 23.5, 25]]
        ),
    },
    hints=[
        "Four windows fit. The first holds 1, 2, 6 and 7.",
        "(1 + 2 + 6 + 7) / 4. The next window begins two columns further on.",
        "Each step to the right adds 2, each step down adds 10.",
    ],
    why="The mean of all four numbers of each window; row 5 and column 5 are in none.",
    minutes=3,
    difficulty=1,
)
def average_pooling(ramp):
    return byhand.pool2d(ramp, size=2, stride=2, kind="average")


def _pooling_cases(rng):
    size = int(rng.integers(2, 4))
    rows, columns = 2 * size + rng.integers(0, size), 3 * size + 1
    return rng.integers(-20, 10, (rows, columns)), size


ask.line(
    "max_pool",
    asks="Complete max pooling, windows of size×size that do not overlap: what is written into the output?",
    template="""
            def my_max_pool(x, size):
                rows, columns = x.shape[0] // size, x.shape[1] // size
                out = np.zeros((rows, columns))
                for row in range(rows):
                    for column in range(columns):
                        top, left = row * size, column * size
                        out[row, column] = ____
                return out
        """,
    line="x[top : top + size, left : left + size].max()",
    oracle=lambda x, size: byhand.pool2d(x, size),
    cases=_pooling_cases,
    mistakes={
        "That is the mean, and the maximum was asked.": "x[top : top + size, left : left + size].mean()",
        "That is the smallest number of each window.": "x[top : top + size, left : left + size].min()",
        "Your windows overlap: that is stride 1. `top` and `left` say where this one begins.": (
            "x[row : row + size, column : column + size].max()"
        ),
        "You took the bottom right corner. On the ramp that is the largest number; elsewhere it is not.": (
            "x[top + size - 1, left + size - 1]"
        ),
        "That is the largest number of the whole input, each time.": "x.max()",
        "One row and one column are missing: a slice ends before its second number.": (
            "x[top : top + size - 1, left : left + size - 1].max()"
        ),
        "Your window is 2×2, whatever the size.": "x[top : top + 2, left : left + 2].max()",
        "You added the window up. Pooling keeps its largest number.": (
            "x[top : top + size, left : left + size].sum()"
        ),
    },
    hints=[
        "First the window: rows from `top` on and columns from `left` on, `size` of each.",
        "`x[top : top + size, …]` are the rows. `a.max()` is the largest number in `a`.",
    ],
    why="The loops of section 2, with a step of `size` and the largest number in place of the sum.",
    minutes=3,
    difficulty=1,
)
