"""Slide a window over a small input: every number of a convolution or a pooling, term by term."""

import textwrap

import numpy as np
import traitlets
from matplotlib.figure import Figure

from .. import byhand
from ..errors import WorkbookError
from ..figures import arithmetic
from .base import InteractiveFigure
from .traits import Array, OneOf, Switch, Whole

OPERATIONS = ("convolution", "max pooling", "average pooling")
FEWEST, MOST = 3, 12  # rows and columns of the input
LONGEST = 6  # rows and columns of a kernel or a pooling window, and the stride
RIGHT_MINUS_LEFT = np.array([[-1, 0, 1], [-2, 0, 2], [-1, 0, 1]])


class ConvolutionStepper(InteractiveFigure):
    """Input, kernel and output side by side; the window that slides can be played, stepped and dragged.

    Point at an output to see its window and its sum; point at an input to see every output that it feeds;
    click a number of the input or the kernel and type to change it. Not flipped, as in ``byhand``.
    Settings that don't fit each other are no error: the figure says why there is no output.

    Keys: arrows, Home and End go from number to number in the grid that has the focus, Tab goes to the next
    grid; a digit or Enter begins to change a number, Enter keeps and Escape drops the change; Space plays.

    >>> stepper = ConvolutionStepper(np.arange(1, 26).reshape(5, 5), np.eye(3), stride=2)
    >>> stepper.output
    array([[21., 27.],
           [51., 57.]])
    >>> stepper
    ConvolutionStepper(convolution of 5×5 with 3×3, stride 2, padding valid: output 2×2, [0, 0] is 21)
    """

    scripts = ("number_grid.js", "convolution_stepper.js")

    positional = 5

    x = Array(ndim=2, help="(H, W), 3×3 to 12×12; 0 to 255, and beyond 100, is drawn in gray")
    kernel = Array(RIGHT_MINUS_LEFT, ndim=2, help="(kh, kw), 1×1 to 6×6")
    stride = Whole(None, 1, LONGEST, help="unless given, 1 for a convolution and `window` for pooling")
    padding = OneOf("valid", ("valid", "same"), help="zeros around the input, or none; pooling has none")
    operation = OneOf("convolution", OPERATIONS, help="what is done in each window")
    window = Whole(2, 1, LONGEST, help="rows and columns of the pooling window")
    row = Whole(0, 0, MOST - 1, help="of the output looked at; beyond the output, its last one")
    column = Whole(0, 0, MOST - 1, help="the same")
    so_far = Switch(False, help="show the output only as far as that")

    @traitlets.default("stride")
    def _window_by_window(self) -> int:
        return 1 if self.operation == "convolution" else self.window

    @traitlets.validate("x")
    def _input_is_small(self, proposal: dict) -> np.ndarray:
        return _sides("x", proposal["value"], FEWEST, MOST, "cut a piece out, such as x[:12, :12]")

    @traitlets.validate("kernel")
    def _kernel_is_small(self, proposal: dict) -> np.ndarray:
        return _sides("kernel", proposal["value"], 1, LONGEST, "take a smaller one")

    @property
    def output(self) -> np.ndarray:
        """What comes out, (H', W'); a WorkbookError where the settings don't fit each other."""
        if self.operation == "convolution":
            return byhand.convolve2d(self.x, self.kernel, self.stride, self.padding)
        return byhand.pool2d(self.x, self.window, self.stride, self.operation.split()[0])

    def still(self) -> Figure:
        """Return the grids as a picture, with the window of the output looked at."""
        convolves = self.operation == "convolution"
        try:
            out = self.output
        except WorkbookError as why:
            grids = {"input": self.x} | ({"kernel": self.kernel} if convolves else {})
            return _captioned(arithmetic.number_grids(grids), str(why))
        row, column = self._place(out)
        if convolves and self.so_far:
            return arithmetic.sliding_window(self.x, self.kernel, row, column, self.stride, self.padding)
        words = f"out[{row}, {column}] is {arithmetic.short(out[row, column])}"
        if not convolves:
            kind = self.operation.split()[0]
            return _captioned(arithmetic.pooling(self.x, self.window, self.stride, (kind,)), words)
        sides = byhand.sizes.padding_sides(self.x.shape, self.kernel.shape, self.stride, self.padding)
        padded = np.pad(self.x, sides)
        window, lit = np.zeros(padded.shape, bool), np.zeros(out.shape, bool)
        (kh, kw), top, left = self.kernel.shape, row * self.stride, column * self.stride
        window[top : top + kh, left : left + kw] = lit[row, column] = True
        zeros = " with zeros" if padded.size > self.x.size else ""
        grids = {f"input{zeros}": padded, "kernel": self.kernel, "output": out}
        figure = arithmetic.number_grids(grids, {f"input{zeros}": window, "output": lit})
        pairs = zip(padded[window], self.kernel.ravel(), strict=True)
        terms = " + ".join("·".join(map(arithmetic.signed, pair)) for pair in pairs)
        return _captioned(figure, f"{words}: {terms}")

    def words(self) -> str:
        """Return the present state in one line."""
        rows, columns = self.x.shape
        if self.operation == "convolution":
            kh, kw = self.kernel.shape
            sizes = f"convolution of {rows}×{columns} with {kh}×{kw}"
            what = f"{sizes}, stride {self.stride}, padding {self.padding}"
        else:
            window = f"{self.window}×{self.window}"
            what = f"{self.operation} of {rows}×{columns} by {window}, stride {self.stride}"
        try:
            out = self.output
        except WorkbookError as why:
            return f"{what}: no output, for {why}"
        row, column = self._place(out)
        return f"{what}: output {out.shape[0]}×{out.shape[1]}, [{row}, {column}] is {out[row, column]:g}"

    def _place(self, out: np.ndarray) -> tuple[int, int]:
        return min(self.row, out.shape[0] - 1), min(self.column, out.shape[1] - 1)


def _sides(name: str, values: np.ndarray, low: int, high: int, advice: str) -> np.ndarray:
    """Return ``values`` if both sides are ``low`` to ``high`` long."""
    if not all(low <= side <= high for side in values.shape):
        rows, columns = values.shape
        raise WorkbookError(
            f"{name} is {rows}×{columns}, but it must have {low} to {high} rows and columns; {advice}."
        )
    return values


def _captioned(figure: Figure, words: str) -> Figure:
    """Write ``words`` under the picture."""
    lines = textwrap.wrap(words, max(40, int(figure.get_figwidth() * 11)))
    figure.text(0.02, 0, "\n".join(lines), fontsize=11, va="top", ha="left", linespacing=1.4)
    return figure
