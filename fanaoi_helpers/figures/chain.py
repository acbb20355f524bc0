"""A small network with live numbers: values on the way there, gradients on the way back."""

from collections.abc import Mapping

import numpy as np
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from numpy.typing import ArrayLike

from .. import arrays
from ..errors import WorkbookError, one_of
from .style import GO_COLOR, HIGHLIGHT, NG_COLOR, SIGNED, squared_paper, styled, true_minus

GRAY = "#888888"
WIDE, HIGH = 0.63, 0.56  # inches: a cell of the chain
GAP = 0.55  # cells between two columns

# What is drawn, with its number of axes.
AXES = {
    **{"patch": 2, "kernels": 4, "bias": 1, "map": 3, "relu": 3, "pool": 3, "weights": 2, "dense_bias": 1},
    **{"z": 0, "p": 0, "loss": 0},
}
# The way back: at each stop these get their gradients.
STOPS = {
    "loss": ("loss",),
    "p": ("p",),
    "z": ("z",),
    "pooled": ("pool", "weights", "dense_bias"),
    "ReLU": ("relu",),
    "map": ("map",),
    "kernels": ("kernels", "bias"),
    "patch": ("patch",),
}
# A column's title, the stop at which it gets its gradients, and how.
COLUMNS = (
    ("patch", "patch", "sum of blame\n× kernel"),
    ("kernels", "kernels", "sum of blame\n× pixel"),
    ("map", "map", "only where\npositive"),
    ("ReLU", "ReLU", "only to the\nwinner"),
    ("pooled", "pooled", "blame ×\nweight"),
    ("weights", "pooled", "blame ×\ninput"),
    ("output", "z", "z gets\np − label"),
)


@styled
def network(
    values: Mapping[str, ArrayLike],
    gradients: Mapping[str, ArrayLike],
    label: int,
    back_to: str = "patch",
) -> Figure:
    """Draw a small network with live numbers: each cell has its value and, under it, its gradient.

    The network is convolution, ReLU, max pooling, dense, sigmoid and binary cross-entropy on one gray patch.
    Cells are tinted by their gradient; what max pooling has chosen is outlined; under a column stands how
    its gradients come from those on its right.

    Args:
        values: of the forward pass: patch (H, W), kernels (kh, kw, 1, F), bias (F,), map and relu
            (H', W', F), pool (1, 1, F), weights (F, 1), dense_bias (1,), and z, p and loss, a number each.
        gradients: of the backward pass, the same names and shapes.
        label: GO 1, NG 0.
        back_to: how far the backward pass has come, one of ``STOPS``; gradients further left are not drawn.
    """
    one_of("back_to", back_to, STOPS)
    stops = list(STOPS)[: list(STOPS).index(back_to) + 1]
    parts = _parts(values, gradients)
    v = {name: pair[0] for name, pair in parts.items()}
    filters, kh = v["map"].shape[2], v["kernels"].shape[0]
    band = max(kh + 1.3, v["map"].shape[0] + 0.4)  # the kernel and, under it, its bias
    height = max(filters * band + 0.4, v["patch"].shape[0], 5.7)
    widths = [v[name].shape[1] for name in ("patch", "kernels", "map", "relu")] + [1.0, 1.2, 1.2]
    lefts = np.cumsum([0, *(width + GAP for width in widths[:-1])])
    reached = {name for stop in stops for name in STOPS[stop]}
    sheet = _Sheet(sum(widths) + GAP * (len(widths) - 1), height, parts, reached)
    for left, (title, stop, rule) in zip(lefts, COLUMNS, strict=True):
        sheet.title(left, title)
        if stop in stops:
            sheet.words(left, height + 0.35, rule, style="italic")
    sheet.block(lefts[0], (height - v["patch"].shape[0]) / 2, "patch")
    for f in range(filters):
        top = (height - filters * band) / 2 + f * band + 0.2
        sheet.block(lefts[1], top, "kernels", (slice(None), slice(None), 0, f))
        sheet.title(lefts[1] - 0.4, chr(ord("A") + f), top + kh / 2)
        sheet.cell(lefts[1], top + kh + 0.15, "bias", f, note="bias")
        sheet.block(lefts[2], top, "map", (..., f))
        sheet.block(lefts[3], top, "relu", (..., f))
        row, column = np.unravel_index(v["relu"][..., f].argmax(), v["relu"].shape[:2])
        sheet.outline(lefts[3] + column, top + row)
        sheet.cell(lefts[4], top + 0.5, "pool", (0, 0, f))
        sheet.cell(lefts[5], top + 0.5, "weights", (f, 0))
    sheet.cell(lefts[5], height - 1.1, "dense_bias", 0, note="bias")
    for place, name in enumerate(("z", "p", "loss")):
        sheet.cell(lefts[6], height / 2 - 2.2 + 1.7 * place, name, (), note=name)
    verdict, color = ("GO, label 1", GO_COLOR) if label else ("NG, label 0", NG_COLOR)
    sheet.words(lefts[6] - 0.4, 0.35, verdict, color=color, weight="bold")
    how_to_read = (
        "Upper number: value, from left to right. Lower: gradient, from right to left.",
        "Blue: negative, should rise. Red: positive, should fall.",
    )
    for line, words in enumerate(how_to_read):
        sheet.words(0, height + 1.5 + 0.55 * line, words)
    return sheet.ax.figure


class _Sheet:
    """Squared paper whose cells hold two numbers; x runs to the right and y downward, a cell is 1 × 1."""

    def __init__(
        self,
        width: float,
        height: float,
        parts: Mapping[str, tuple[np.ndarray, np.ndarray]],
        reached: set[str],
    ) -> None:
        self.parts, self.reached = parts, reached
        self.steepest = max(1e-12, *(np.abs(gradient).max() for _, gradient in parts.values()))
        size = ((width + 0.7) * WIDE, (height + 3.5) * HIGH)
        self.ax = squared_paper(size, (-0.2, width + 0.5), (height + 2.7, -0.8))

    def title(self, x: float, words: str, y: float = -0.25) -> None:
        self.ax.text(x, y, words, fontsize=13, fontweight="bold", va="center_baseline")

    def words(self, x: float, y: float, words: str, **looks: str) -> None:
        self.ax.text(x, y, words, fontsize=12, va="top", linespacing=1.1, **looks)

    def block(self, x: float, y: float, name: str, chosen: tuple = (...,)) -> None:
        """Draw a grid of cells from what ``chosen`` takes out of the named arrays."""
        for r, c in np.ndindex(self.parts[name][0][chosen].shape):
            self._draw(name, x + c, y + r, *(float(array[chosen][r, c]) for array in self.parts[name]))

    def cell(self, x: float, y: float, name: str, chosen: object, note: str = "") -> None:
        self._draw(name, x, y, *(float(array[chosen]) for array in self.parts[name]))
        if note:
            self.ax.text(x + 1.08, y + 0.5, note, fontsize=12, va="center_baseline")

    def outline(self, x: float, y: float) -> None:
        self.ax.add_patch(Rectangle((x, y), 1, 1, fill=False, ec=HIGHLIGHT, lw=3, zorder=3))

    def _draw(self, name: str, x: float, y: float, value: float, gradient: float) -> None:
        known = name in self.reached
        # The root makes small gradients visible; half of the range keeps black text readable.
        share = np.sign(gradient) * np.sqrt(abs(gradient) / self.steepest) if known else 0.0
        self.ax.add_patch(Rectangle((x, y), 1, 1, fc=SIGNED(0.5 + share / 4), ec=GRAY, lw=0.8))
        self._number(x + 0.5, y + 0.31, value, fontsize=13)
        if known:
            color = GRAY if gradient == 0 else "black"
            self._number(x + 0.5, y + 0.75, gradient, fontsize=12, style="italic", color=color)

    def _number(self, x: float, y: float, value: float, **looks: object) -> None:
        self.ax.text(x, y, two_decimals(value), ha="center", va="center_baseline", **looks)


def _parts(values: Mapping, gradients: Mapping) -> dict[str, tuple[np.ndarray, np.ndarray]]:
    """Return name -> (value, gradient) for all that the network draws, or refuse what does not fit."""
    parts = {}
    for name, dimensions in AXES.items():
        if name not in values or name not in gradients:
            raise WorkbookError(
                f"values and gradients must both hold {name!r}; network draws {', '.join(AXES)}."
            )
        value, gradient = np.asarray(values[name], float), np.asarray(gradients[name], float)
        if value.shape != gradient.shape or value.ndim != dimensions:
            raise WorkbookError(
                f"values[{name!r}] has shape {value.shape} and gradients[{name!r}] {gradient.shape}, "
                f"but both must be the same, with {dimensions} axes."
            )
        parts[name] = (value, gradient)
    if parts["pool"][0].shape[:2] != (1, 1):
        raise arrays.wrong_shape("values['pool']", parts["pool"][0], "(1, 1, F), one number a filter")
    return parts


def two_decimals(value: float) -> str:
    """Return a number with two decimals; an exact 0 as 0, so that it is told from a small one."""
    return "0" if value == 0 else true_minus(f"{round(value, 2) + 0.0:.2f}")
