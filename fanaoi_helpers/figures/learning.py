"""Pictures of learning: descent on a curve and on a surface, filters that change."""

from collections.abc import Callable, Mapping

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator
from numpy.typing import ArrayLike

from .. import arrays, byhand
from ..errors import WorkbookError, number
from .chain import two_decimals
from .style import (
    largest_in,
    legend_beside,
    name_row,
    panels,
    put,
    put_signed,
    signed_numbers,
    styled,
    true_minus,
)

# Blue and orange stay with GO and NG.
CURVE, PATH, SLOPE, OTHER = "#222222", "#CC79A7", "#009E73", "#56B4E9"
LINES = (("-", CURVE), ("--", PATH), (":", SLOPE), ("-.", OTHER))  # curves differ in more than color
MAP_CMAP = "magma"  # feature maps after ReLU: 0 is black
SMALLEST = 1e-30  # stands for 0 where a logarithm is drawn


# Descent -------------------------------------------------------------------------------------------------


@styled
def descent(loss: Callable, path: ArrayLike, low: float, high: float, name: str = "w") -> Figure:
    """Draw a loss over one number and the steps of a descent on it, with the slope where it begins.

    Args:
        loss: takes an array of numbers and returns their losses.
        path: (steps + 1,) the numbers that were visited, the start first; those outside are told, not drawn.
        low, high: left and right end of the picture.
        name: of the number, for the axis.
    """
    path = arrays.row("path", path, finite=False)
    number("the start of the path", float(path[0]), low, high)
    w = np.linspace(low, high, 300)
    figure, ax = plt.subplots(figsize=(8.5, 4))
    heights = loss(w)
    ax.plot(w, heights, color=CURVE, label="loss")
    slope = float(byhand.numeric_gradient(lambda at: loss(at)[0], [path[0]])[0])
    reach = np.array([-1.0, 1.0]) * 0.09 * (high - low)
    words = f"slope at the start: {_short(round(slope, 3))}"
    ax.plot(path[0] + reach, loss(path[:1]) + slope * reach, color=SLOPE, label=words)
    inside = np.isfinite(path) & (path >= low) & (path <= high)
    count = len(path) if inside.all() else int(np.argmin(inside))  # up to where it leaves the picture
    drawn = path[:count]
    ax.plot(drawn, loss(drawn), "o--", color=PATH, linewidth=1, label=f"{len(path) - 1} steps")
    for step in range(min(count, 4)):
        place, off = (drawn[step], loss(drawn)[step]), (0, 9) if step % 2 == 0 else (0, -17)
        ax.annotate(str(step), place, off, textcoords="offset points", ha="center")
    if count < len(path):
        ax.set_title(f"step {count} leaves the picture: {name} = {_short(path[count])}")
    else:
        ax.set_title(f"after {len(path) - 1} steps: {name} = {_short(path[-1])}")
    ax.set(xlabel=name, ylabel="loss", xlim=(low, high))
    ax.set_ylim(-0.12 * heights.max(), 1.15 * heights.max())
    legend_beside(ax)
    return figure


@styled
def surface_paths(
    loss: Callable, paths: Mapping[str, ArrayLike], low: tuple[float, float], high: tuple[float, float]
) -> Figure:
    """Draw descents on one surface, a panel for each: contours of the loss, and the path from its start.

    Args:
        loss: takes the two weights, arrays of one shape, and returns the losses in that shape.
        paths: name to (steps + 1, 2), the start first; what lies outside the picture is cut off.
        low, high: the smallest and the largest first and second weight of the picture.
    """
    paths = {name: np.asarray(path, float) for name, path in paths.items()}
    if not 1 <= len(paths) <= 4:
        raise WorkbookError(
            f"paths holds {len(paths)} paths, but surface_paths draws 1 to 4, a panel for each."
        )
    for name, path in paths.items():
        if path.ndim != 2 or path.shape[1] != 2 or not len(path):
            raise arrays.wrong_shape(f"paths[{name!r}]", path, "(steps + 1, 2)")
    a, b = np.meshgrid(*(np.linspace(low[i], high[i], 160) for i in range(2)))
    heights = loss(a, b)
    # Contours at equal ratios: the valley's floor shows as well as its walls.
    levels = np.geomspace(max(heights.max() / 3000, SMALLEST), heights.max(), 12)
    figure, axes = panels(1, len(paths), (2.8 * len(paths) + 0.5, 3.6), sharey=True)
    for ax, (name, path) in zip(axes[0], paths.items(), strict=True):
        ax.contour(a, b, heights, levels, colors="#BBBBBB", linewidths=0.9)
        ax.plot(path[:, 0], path[:, 1], "o-", color=PATH, linewidth=1.3, markersize=3.5)
        ax.plot(*path[0], "s", color="white", markeredgecolor="black", markersize=9, zorder=3)
        with np.errstate(over="ignore", invalid="ignore"):
            end = float(loss(*path[-1]))
        ax.set_title(name)
        ax.set(xlim=(low[0], high[0]), ylim=(low[1], high[1]))
        ax.xaxis.set_major_locator(MaxNLocator(5, integer=True))
        ax.set_xlabel(f"first weight\nloss {_short(float(loss(*path[0])))} → {_short(end)}")
    axes[0, 0].set_ylabel("second weight")
    return figure


@styled
def loss_curves(curves: Mapping[str, ArrayLike], ylabel: str = "loss") -> Figure:
    """Draw losses over the steps, on a logarithmic scale.

    Args:
        curves: name to (steps + 1,) losses from 0; inf and nan are left out.
        ylabel: what is drawn.
    """
    if not 1 <= len(curves) <= len(LINES):
        raise WorkbookError(f"curves holds {len(curves)} curves, but loss_curves draws 1 to {len(LINES)}.")
    figure, ax = plt.subplots(figsize=(8.5, 3.6))
    for (name, losses), (style, color) in zip(curves.items(), LINES, strict=False):
        losses = np.asarray(losses, float)
        if losses.ndim != 1 or not len(losses) or np.any(losses < 0):
            raise WorkbookError(f"curves[{name!r}] must be a row of losses from 0, one for each step.")
        losses = np.where(np.isfinite(losses), np.maximum(losses, SMALLEST), np.nan)
        ax.semilogy(losses, style, color=color, label=name)
    ax.xaxis.get_major_locator().set_params(integer=True)
    ax.grid(axis="y")
    ax.set(xlabel="step", ylabel=ylabel)
    legend_beside(ax)
    return figure


# Filters -------------------------------------------------------------------------------------------------


@styled
def filter_learning(photo: ArrayLike, kernels: Mapping[str, ArrayLike], x: ArrayLike) -> Figure:
    """Draw a kernel at several times and its response each time, beside those that it learns to match.

    Kernels share one scale symmetric about 0, maps another one; under each map is its mean squared distance
    from the last map.

    Args:
        photo: (H, W) or (H, W, 3) as matplotlib shows pictures.
        kernels: name to (kh, kw): the learning kernel's states, and last the one that gives the wanted map.
        x: (H, W), what the kernels slide over.
    """
    if not 2 <= len(kernels) <= 4:
        raise WorkbookError(
            f"kernels holds {len(kernels)}, but filter_learning draws 2 to 4, the wanted one last."
        )
    kernels = {name: np.asarray(kernel, float) for name, kernel in kernels.items()}
    maps = [byhand.convolve2d(x, kernel) for kernel in kernels.values()]
    count = len(kernels) + 1
    figure, axes = panels(2, count, (2.05 * count, 4.1), height_ratios=(0.8, 1))
    axes[0, 0].set_axis_off()
    put(axes[1, 0], photo, "photograph")
    widest, strongest = largest_in(kernels.values()), largest_in(maps[-1:])
    for (above, below), (name, kernel), response in zip(axes[:, 1:].T, kernels.items(), maps, strict=True):
        signed_numbers(above, kernel, widest, two_decimals)
        above.set_title(name)
        loss = _short(float(((response - maps[-1]) ** 2).mean()))
        put_signed(below, response, strongest, below=f"loss {loss}")
    return figure


@styled
def before_and_after(
    before: ArrayLike, after: ArrayLike, responses: Mapping[str, tuple[ArrayLike, ArrayLike]]
) -> Figure:
    """Draw a first layer's filters before and after training, and how they respond to photographs.

    A filter is one colored picture: gray is 0 in all three channels, brighter is positive, darker negative.
    Maps are those after ReLU: black is 0; all maps of a filter share one scale.

    Args:
        before: (kh, kw, 3, F) filters; 12 at most.
        after: the same filters later.
        responses: name of a photograph to its maps (H', W', F) before and after.
    """
    before, after = np.asarray(before, float), np.asarray(after, float)
    filters = before.shape[-1] if before.ndim == 4 and before.shape[2] == 3 else 0
    if before.shape != after.shape or not 1 <= filters <= 12:
        raise WorkbookError(
            f"before and after have shapes {before.shape} and {after.shape}, but both must be "
            "(rows, columns, 3, filters) with 1 to 12 filters."
        )
    largest = largest_in([before, after])
    rows = {"before": 0.5 + before / (2 * largest), "after": 0.5 + after / (2 * largest)}
    top = np.full(filters, 1e-12)
    for name, pair in responses.items():
        pair = [np.asarray(maps, float) for maps in pair]
        if len(pair) != 2 or any(maps.ndim != 3 or maps.shape[2] != filters for maps in pair):
            raise WorkbookError(
                f"responses[{name!r}] must be two stacks of {filters} maps, before and after."
            )
        largest_of = [maps.max(axis=(0, 1)) for maps in pair]
        top = np.max([top, *largest_of], axis=0)
        rows |= {f"{name},\nbefore": pair[0], f"{name},\nafter": pair[1]}
    size = min(1.0, 9.2 / filters)
    figure, axes = panels(len(rows), filters, (size * filters + 1.2, size * len(rows) + 0.4))
    for line, (name, stack) in zip(axes, rows.items(), strict=True):
        for f, ax in enumerate(line):
            put(ax, stack[..., f], cmap=MAP_CMAP, vmin=0, vmax=top[f])  # colored pictures take no scale
        name_row(line[0], name)
    for f, ax in enumerate(axes[0]):
        ax.set_title(str(f))
    return figure


# Numbers and frames --------------------------------------------------------------------------------------


def _short(value: float) -> str:
    """Return a number with two or three digits that count, and a true minus sign."""
    if not np.isfinite(value):
        return "∞" if value > 0 else "not a number"
    size = abs(value)
    if size and (size < 0.001 or size >= 1e5):
        text = f"{value:.0e}"
    elif size >= 100 or float(value).is_integer():
        text = f"{value:.0f}"
    else:
        text = f"{value:.2f}" if size >= 0.01 else f"{value:.3f}"
    return true_minus(text)
