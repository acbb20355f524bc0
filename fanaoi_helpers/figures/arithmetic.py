"""Pictures of the CNN's arithmetic in grids of numbers: windows, padding, strides, pooling, channels."""

from collections.abc import Mapping, Sequence

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from numpy.typing import ArrayLike

from .. import byhand
from ..errors import whole_number
from .style import HIGHLIGHT, squared_paper, styled, true_minus

ADDED = "#e8e8e8"  # zeros that padding added
TINT = "#fdebc8"  # the window and the number that it gives
LINE = "#888888"
BLOCKS = ("#cfe3f1", "#f9dcc8", "#cfeae0", "#f3dfea")  # pooling windows; their outlines tell them apart too


# Grids of numbers ----------------------------------------------------------------------------------------


@styled
def sliding_window(
    x: ArrayLike,
    kernel: ArrayLike,
    row: int = 0,
    column: int = 0,
    stride: int = 1,
    padding: byhand.Padding = "valid",
) -> Figure:
    """Draw one window of a convolution: the input, the kernel, the output so far, and the sum term by term.

    Args:
        x: (H, W).
        kernel: (kh, kw).
        row, column: of the output number that is being computed.
        stride, padding: as in ``byhand.convolve2d``; the added zeros are drawn gray.
    """
    x, kernel = np.asarray(x), np.asarray(kernel)
    out = byhand.convolve2d(x, kernel, stride, padding)
    row = whole_number("row", row, 0, out.shape[0] - 1)
    column = whole_number("column", column, 0, out.shape[1] - 1)
    sides = byhand.sizes.padding_sides(x.shape, kernel.shape, stride, padding)
    padded, added = np.pad(x, sides), np.pad(np.zeros(x.shape, bool), sides, constant_values=True)
    kh, kw = kernel.shape
    top, left = row * stride, column * stride
    here = (slice(top, top + kh), slice(left, left + kw))
    colors = np.where(added, ADDED, "white")
    colors[here] = TINT
    order, place = np.arange(out.size).reshape(out.shape), row * out.shape[1] + column

    lines = _terms(padded[here], kernel)
    height = max(padded.shape[0], out.shape[0])
    width = padded.shape[1] + 2 + kw + 2 + out.shape[1]
    sheet = _Sheet(width, height + 0.5 + 0.65 * len(lines), [padded, kernel, out])
    sheet.grid(0, 0, padded, f"input, {by(x)}" + (" and zeros" if added.any() else ""), colors)
    sheet.outline(left, top, kw, kh)
    at = padded.shape[1] + 2
    sheet.text(at - 1, kh / 2, "×", 16)
    sheet.grid(at, 0, kernel, f"kernel, {by(kernel)}")
    at += kw + 2
    sheet.text(at - 1, kh / 2, "=", 16)
    sheet.grid(at, 0, out, f"output, {by(out)}", np.where(order == place, TINT, "white"), order <= place)
    sheet.outline(at + column, row, 1, 1)
    for number, line in enumerate(lines):
        sheet.text(0, height + 0.7 + 0.65 * number, line, 12, align="left")
    return sheet.figure


@styled
def number_grids(grids: Mapping[str, ArrayLike], marked: Mapping[str, ArrayLike] | None = None) -> Figure:
    """Draw small matrices side by side, each under its name, cells as large as their numbers need.

    Args:
        grids: name to (H, W).
        marked: name to a bool array of the same shape; those cells are tinted and outlined.
    """
    grids = {name: np.atleast_2d(values) for name, values in grids.items()}
    marked = marked or {}
    # A title may be wider than its grid; about 5 letters go on the width of one cell.
    widths = [max(values.shape[1], 0.25 * len(name)) for name, values in grids.items()]
    height = max(values.shape[0] for values in grids.values())
    sheet = _Sheet(sum(widths) + 1.2 * (len(grids) - 1), height + 0.2, list(grids.values()))
    at = 0.0
    for (name, values), width in zip(grids.items(), widths, strict=True):
        mark = np.broadcast_to(np.asarray(marked.get(name, False), bool), values.shape)
        sheet.grid(at, 0, values, name, np.where(mark, TINT, "white"))
        for row, column in np.argwhere(mark):
            sheet.outline(at + column, row, 1, 1, width=1.6)
        at += width + 1.2
    return sheet.figure


@styled
def channels_added(window: ArrayLike, kernels: ArrayLike, bias: float) -> Figure:
    """Draw how one filter makes one number of all channels: each channel's sum, their total, the bias.

    Args:
        window: (kh, kw, 3), what lies under the filter.
        kernels: (kh, kw, 3), the filter's kernel for each channel.
        bias: the filter's.
    """
    window, kernels = np.asarray(window), np.asarray(kernels)
    kh, kw, channels = window.shape
    lines = [_terms(window[:, :, c], kernels[:, :, c]) for c in range(channels)]
    sums = (window * kernels).sum(axis=(0, 1))
    total = " + ".join(signed(part) for part in (*sums, bias))
    answer = f"{total} (bias) = {short(sums.sum() + bias)}"
    high = kh + 1.1  # one channel, with its title
    longest = max(len(line) for channel in lines for line in channel)
    width = max(2 * kw + 2.6 + 0.24 * longest, 0.24 * len(answer))
    sheet = _Sheet(width, channels * high + 0.3, [window, kernels])
    for channel, name in zip(range(channels), ("red", "green", "blue"), strict=False):
        y = channel * high
        sheet.grid(0, y, window[:, :, channel], name, TINT)
        sheet.text(kw + 1, y + kh / 2, "×", 16)
        sheet.grid(kw + 2, y, kernels[:, :, channel], "kernel")
        for number, line in enumerate(lines[channel]):
            down = kh / 2 + 0.65 * (number - (len(lines[channel]) - 1) / 2)
            sheet.text(2 * kw + 2.6, y + down, line, 12, align="left")
    sheet.text(0, channels * high - 0.2, answer, 12, align="left")
    return sheet.figure


@styled
def padding_sides(x: ArrayLike, kernel: int = 3) -> Figure:
    """Draw in how many windows each pixel takes part: without padding and with "same" padding, stride 1.

    Args:
        x: (H, W); only its shape matters.
        kernel: rows and columns of the window.
    """
    shape = np.shape(x)
    ones = np.ones((kernel, kernel), int)
    counts = {}
    for padding in ("valid", "same"):
        (top, bottom), (left, right) = byhand.sizes.padding_sides(shape, ones.shape, 1, padding)
        out = np.ones([shape[0] + top + bottom - kernel + 1, shape[1] + left + right - kernel + 1], int)
        # Spreading a 1 from every output number back over its window counts the windows of each pixel.
        spread = byhand.convolve2d(out, ones, padding=kernel - 1)
        counts[padding] = (spread, (top, left), out.shape)
    width = sum(spread.shape[1] for spread, _, _ in counts.values()) + 2.5
    height = max(spread.shape[0] for spread, _, _ in counts.values())
    sheet = _Sheet(width, height + 1.2, [spread for spread, _, _ in counts.values()])
    at = 0.0
    for padding, (spread, (top, left), out) in counts.items():
        rows, columns = np.indices(spread.shape)
        inside = (rows >= top) & (rows < top + shape[0]) & (columns >= left) & (columns < left + shape[1])
        down = (height - spread.shape[0]) / 2
        sheet.grid(
            at, down, spread, f'"{padding}": output {out[0]}×{out[1]}', np.where(inside, "white", ADDED)
        )
        sheet.outline(at + left, down + top, shape[1], shape[0], color="#333333")
        at += spread.shape[1] + 2.5
    sheet.text(0, height + 0.7, "number of windows that see each pixel; gray: added zeros", 11, align="left")
    return sheet.figure


@styled
def stride_windows(size: int, kernel: int, strides: Sequence[int] = (1, 2, 3)) -> Figure:
    """Draw one row of ``size`` pixels and, under it, every window that fits, for each stride.

    Pixels that no window reaches at the end are hatched.
    """
    strides = [whole_number("stride", stride, 1, size) for stride in strides]
    counts = [byhand.output_size(size, kernel, stride) for stride in strides]
    gap, step = 1.5, 0.55
    height = 1 + step * max(counts) + 0.4
    sheet = _Sheet((size + gap) * len(strides) - gap, height, [np.arange(1, size + 1)])
    for number, (stride, count) in enumerate(zip(strides, counts, strict=True)):
        at = number * (size + gap)
        reached = (count - 1) * stride + kernel
        colors = np.where(np.arange(size) < reached, "white", ADDED)[None]
        s = "" if count == 1 else "s"
        sheet.grid(at, 0, np.arange(1, size + 1)[None], f"stride {stride}: {count} window{s}", colors)
        for left in range(reached, size):
            sheet.hatch(at + left, 0)
        for window in range(count):
            y = 1.25 + step * window
            sheet.bar(at + window * stride, y, kernel, step * 0.75, f"{window + 1}")
    return sheet.figure


@styled
def pooling(
    x: ArrayLike, size: int = 2, stride: int | None = None, kinds: Sequence[str] = ("max", "average")
) -> Figure:
    """Draw the windows of ``byhand.pool2d`` on ``x``, (H, W), and what each kind of pooling makes of them.

    Cells that no window reaches are hatched.
    """
    x = np.asarray(x)
    stride = size if stride is None else stride
    outs = [byhand.pool2d(x, size, stride, kind) for kind in kinds]
    rows, columns = outs[0].shape
    tints = np.array([[BLOCKS[(r % 2) * 2 + c % 2] for c in range(columns)] for r in range(rows)])
    colors = np.full(x.shape, "white", dtype=object)
    reached = np.zeros(x.shape, bool)
    for r, c in np.ndindex(rows, columns):
        here = (slice(r * stride, r * stride + size), slice(c * stride, c * stride + size))
        colors[here], reached[here] = tints[r, c], True

    sheet = _Sheet(x.shape[1] + sum(2 + max(columns, 4) for _ in outs), x.shape[0] + 0.2, [x, *outs])
    sheet.grid(0, 0, x, f"input, {by(x)}", colors)
    for r, c in np.argwhere(~reached):
        sheet.hatch(c, r)
    for r, c in np.ndindex(rows, columns):
        sheet.outline(c * stride, r * stride, size, size, color="#333333", width=2)
    at = x.shape[1] + 2.0
    for kind, out in zip(kinds, outs, strict=True):
        down = (x.shape[0] - rows) / 2
        sheet.grid(at, down, out, f"{kind} pooling", tints)
        at += max(columns, 4) + 2  # the title needs four cells
    return sheet.figure


# Counts ----------------------------------------------------------------------------------------------


@styled
def ledger(counts: Mapping[str, int], what: str = "parameters") -> Figure:
    """Draw how many parameters (or whatever ``what`` says) each layer has: bars, numbers and shares."""
    total = sum(counts.values())
    figure, ax = plt.subplots(figsize=(8, 0.5 * len(counts) + 1))
    bars = ax.barh(list(counts), list(counts.values()), color="#0072B2")
    ax.invert_yaxis()
    shares = [f"{count:,}  ({_share(count / total)})" for count in counts.values()]
    ax.bar_label(bars, labels=shares, padding=6)
    ax.set_xlim(0, 1.3 * max(counts.values()))
    ax.set_title(f"{total:,} {what}")
    ax.tick_params(left=False, bottom=False, labelbottom=False)
    ax.spines["bottom"].set_visible(False)
    return figure


# How the grids are drawn ---------------------------------------------------------------------------------


class _Sheet:
    """A sheet of squared paper: one unit is one cell, y runs downward, and one row above is for titles."""

    def __init__(self, width: float, height: float, arrays: Sequence[np.ndarray]) -> None:
        letters = max(len(short(value)) for values in arrays for value in np.ravel(values))
        inch = min(max(0.4, 0.1 * letters + 0.12), 11 / (width + 0.4))
        size = ((width + 0.4) * inch, (height + 1.1) * inch)
        self.ax = squared_paper(size, (-0.2, width + 0.2), (height + 0.1, -1.0))
        self.figure, self.font = self.ax.figure, 11 if letters <= 4 else 10

    def grid(
        self,
        x: float,
        y: float,
        values: np.ndarray,
        title: str = "",
        colors: ArrayLike = "white",
        shown: ArrayLike = True,
    ) -> None:
        """Draw the cells of ``values``, with their numbers where ``shown`` is True."""
        colors = np.broadcast_to(np.asarray(colors), values.shape)
        shown = np.broadcast_to(shown, values.shape)
        for (r, c), value in np.ndenumerate(values):
            self.ax.add_patch(Rectangle((x + c, y + r), 1, 1, fc=colors[r, c], ec=LINE, lw=0.8))
            if shown[r, c]:
                self.text(x + c + 0.5, y + r + 0.5, short(value), self.font)
        self.ax.text(x, y - 0.2, title, fontsize=11, fontweight="bold", ha="left", va="bottom")

    def outline(
        self, x: float, y: float, columns: float, rows: float, color: str = HIGHLIGHT, width: float = 3
    ) -> None:
        self.ax.add_patch(Rectangle((x, y), columns, rows, fill=False, ec=color, lw=width, zorder=3))

    def hatch(self, x: float, y: float) -> None:
        look = {"fill": False, "hatch": "///", "ec": LINE, "lw": 0.8, "alpha": 0.6}
        self.ax.add_patch(Rectangle((x, y), 1, 1, **look))

    def bar(self, x: float, y: float, columns: float, rows: float, label: str) -> None:
        self.ax.add_patch(Rectangle((x + 0.08, y), columns - 0.16, rows, fc=TINT, ec=HIGHLIGHT, lw=1.5))
        self.text(x + columns / 2, y + rows / 2, label, 10)

    def text(self, x: float, y: float, words: str, size: float, align: str = "center") -> None:
        va = "center_baseline" if align == "center" else "center"
        self.ax.text(x, y, words, fontsize=size, ha=align, va=va)


def _terms(window: np.ndarray, kernel: np.ndarray) -> list[str]:
    """Return the window's sum in words: one line for each kernel row, then their total."""
    lines, sums = [], []
    for pixels, weights in zip(window, kernel, strict=True):
        products = " + ".join(f"{short(p)}·{signed(w)}" for p, w in zip(pixels, weights, strict=True))
        sums.append((pixels * weights).sum())
        lines.append(f"{products} = {short(sums[-1])}")
    if len(lines) > 1:
        lines.append(" + ".join(signed(part) for part in sums) + f" = {short(sum(sums))}")
    return lines


def short(value: float) -> str:
    """Return a number as a cell shows it: whole, or with one or two digits, and with a true minus sign."""
    return true_minus(f"{value:.0f}" if float(value).is_integer() else f"{value:.2f}".rstrip("0"))


def signed(value: float) -> str:
    """Return a number as a term of a sum: a negative one in brackets."""
    return f"({short(value)})" if value < 0 else short(value)


def _share(part: float) -> str:
    return f"{part:.1%}" if part == 0 or part >= 0.001 else "under 0.1%"


def by(values: ArrayLike) -> str:
    """Return the size of a picture or a matrix as it is written, "5×5"."""
    return "×".join(map(str, np.shape(values)[:2]))
