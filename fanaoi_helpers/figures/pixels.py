"""What the computer sees: pixels with their numbers, channels, coordinates, and arrays of more dimensions."""

from collections.abc import Mapping, Sequence

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from .. import arrays
from ..errors import WorkbookError, whole_number
from .style import HIGHLIGHT, styled

DEVICE_COLORS = ("#777777", "#009E73")
GRAPH_COLORS = {
    **{"Placeholder": "#F3D9A4", "Const": "#CFE3F2"},
    **{"Variable": "#CDEBDD", "ReadVariableOp": "#CDEBDD"},
}


def _show(axis: Axes, pixels: np.ndarray, title: str | None = None) -> None:
    """Show a uint8 picture: 0 is black and 255 is white; with a title it has no ticks."""
    axis.imshow(pixels, cmap="gray", vmin=0, vmax=255)
    axis.spines[:].set(visible=True, color="#999999", linewidth=0.8)  # where a white pixel at the edge ends
    if title is not None:
        axis.set(xticks=[], yticks=[])
        axis.set_title(title, fontsize=11)


def _write_values(axis: Axes, pixels: np.ndarray, fontsize: float) -> None:
    """Write each pixel's number, or its three numbers one below the other, in black or white."""
    luma = pixels if pixels.ndim == 2 else pixels @ np.array([0.299, 0.587, 0.114])
    for row, column in np.ndindex(*pixels.shape[:2]):
        text = "\n".join(map(str, np.atleast_1d(pixels[row, column])))
        color = "black" if luma[row, column] > 110 else "white"
        look = {"ha": "center", "va": "center", "color": color, "linespacing": 1.1}
        axis.text(column, row, text, fontsize=fontsize, **look)


def _columns_on_top(axis: Axes, column: str, row: str) -> None:
    """Count rows downward and columns along the top, as in the array."""
    axis.xaxis.tick_top()
    axis.xaxis.set_label_position("top")
    axis.set(xlabel=column, ylabel=row)


@styled
def values(pixels: np.ndarray) -> Figure:
    """Draw a small picture with its numbers written into its pixels.

    Args:
        pixels: uint8 (H, W) or (H, W, 3), at most 12 × 12.
    """
    pixels = arrays.picture("pixels", pixels)
    height, width = pixels.shape[:2]
    whole_number("the picture's height", height, 1, 12)
    whole_number("the picture's width", width, 1, 12)
    cell = 0.8
    figure, axis = plt.subplots(figsize=(max(cell * width, 1.6) + 1, max(cell * height, 1.6) + 0.8))
    _show(axis, pixels)
    _write_values(axis, pixels, fontsize=13 if pixels.ndim == 2 else 11)
    axis.set(xticks=range(width), yticks=range(height))
    axis.tick_params(length=0, labelsize=10)
    _columns_on_top(axis, "column", "row")
    return figure


@styled
def side_by_side(pictures: Sequence[np.ndarray], titles: Sequence[str]) -> Figure:
    """Draw pictures in one row, each under its title, all on the scale from 0 to 255.

    Args:
        pictures: uint8 pictures (H, W) or (H, W, 3), of any sizes: each is drawn equally wide.
        titles: one for each.
    """
    if not len(pictures) or len(pictures) != len(titles):
        raise WorkbookError(
            f"There are {len(pictures)} pictures and {len(titles)} titles; give one title for each picture."
        )
    pictures = [arrays.picture(f"Picture {number}", pixels) for number, pixels in enumerate(pictures)]
    side = min(8 / len(pictures), 3.2)
    tallest = max(pixels.shape[0] / pixels.shape[1] for pixels in pictures)
    lines = max(title.count("\n") + 1 for title in titles)
    size = (side * len(pictures), side * tallest + 0.2 * lines + 0.1)
    figure, axes = plt.subplots(1, len(pictures), figsize=size, squeeze=False)
    for axis, pixels, title in zip(axes.flat, pictures, titles, strict=True):
        _show(axis, pixels, title)
    return figure


@styled
def attempt(picture: np.ndarray, made: object, title: str = "mine") -> Figure:
    """Draw a picture, and beside it what somebody's function made of it.

    Args:
        picture: uint8 (H, W) or (H, W, 3).
        made: the result, of any size and dtype; numbers beyond 0 and 255 are shown as black and white.
            Where nobody has tried yet (three dots or None) the place beside the picture stays empty.
        title: over the result.
    """
    if made is ... or made is None:
        figure = side_by_side([picture, np.full_like(picture, 235)], ["given", title])
        here = figure.axes[1]
        here.text(0.5, 0.5, "nothing yet", transform=here.transAxes, ha="center", va="center", fontsize=11)
        return figure
    try:
        numbers = np.nan_to_num(np.asarray(made, dtype=float))
        shown = np.clip(np.round(numbers), 0, 255).astype(np.uint8)
    except (TypeError, ValueError) as error:
        raise WorkbookError(
            f"The result, a {type(made).__name__}, can't be read as a picture, an array of numbers."
        ) from error
    return side_by_side([picture, shown], ["given", title])


@styled
def places(pixels: np.ndarray, marks: Sequence[tuple[int, int]]) -> Figure:
    """Draw a photograph with its rows and columns numbered and some pixels marked.

    Args:
        pixels: uint8 (H, W) or (H, W, 3).
        marks: (row, column) of the pixels to mark; each is written as the index that finds it.
    """
    pixels = arrays.picture("pixels", pixels)
    height, width = pixels.shape[:2]
    for row, column in marks:
        whole_number("a mark's row", row, 0, height - 1)
        whole_number("a mark's column", column, 0, width - 1)
    figure, axis = plt.subplots(figsize=(5.6, 5.6 * height / width + 0.4))
    _show(axis, pixels)
    _columns_on_top(axis, "column  →", "←  row")
    for (row, column), color in zip(marks, [HIGHLIGHT, "white"] * len(marks), strict=False):
        axis.plot(column, row, "o", markersize=13, markerfacecolor="none", color="black", markeredgewidth=5)
        axis.plot(column, row, "o", markersize=13, markerfacecolor="none", color=color, markeredgewidth=2.5)
        near_right = column > 0.6 * width
        axis.annotate(
            f"pixels[{row}, {column}]", (column, row), (-12 if near_right else 12, 0),
            textcoords="offset points", ha="right" if near_right else "left", va="center",
            fontsize=11, fontweight="bold",
            bbox={"facecolor": "white", "edgecolor": "none", "alpha": 0.9, "pad": 2},
        )  # fmt: skip
    return figure


def around(pixels: np.ndarray, box: tuple[int, int, int, int] | None, margin: int = 0) -> np.ndarray:
    """Return the square piece (S, S) or (S, S, 3) of a picture around a box.

    Args:
        pixels: uint8 (H, W) or (H, W, 3).
        box: half-open (x0, y0, x1, y1) in pixels, inside the picture, as `fans.Shot` has it.
        margin: pixels to add on each side; a piece that would reach over the edge is moved inside,
            and one that is larger than the picture is as large as its shorter side.
    """
    pixels = arrays.picture("pixels", pixels)
    if box is None:
        raise WorkbookError("Nothing shows in this photograph, so there is no box: take a larger one.")
    x0, y0, x1, y1 = box
    height, width = pixels.shape[:2]
    if not (0 <= x0 < x1 <= width and 0 <= y0 < y1 <= height):
        raise WorkbookError(
            f"The box {tuple(box)} must be (x0, y0, x1, y1) inside {width} × {height} pixels, and not empty."
        )
    side = min(max(x1 - x0, y1 - y0) + 2 * margin, height, width)
    top = min(max((y0 + y1 - side) // 2, 0), height - side)
    left = min(max((x0 + x1 - side) // 2, 0), width - side)
    return pixels[top : top + side, left : left + side]


@styled
def zoom(pixels: np.ndarray, row: int, column: int, size: int = 6) -> Figure:
    """Draw a photograph, and beside it the ``size`` × ``size`` pixels whose top left one is [row, column].

    The numbers are written into the pixels where there is room: up to 6 × 6 in color, 12 × 12 in gray.
    A window that would reach over the edge is moved inside.

    Args:
        pixels: uint8 (H, W) or (H, W, 3).
        row, column: the window's first row and column.
        size: its side in pixels, at least 2.
    """
    pixels = arrays.picture("pixels", pixels)
    height, width = pixels.shape[:2]
    size = whole_number("size", size, 2, min(height, width))
    row, column = (
        min(whole_number(name, value, 0, length - 1), length - size)
        for name, value, length in (("row", row, height), ("column", column, width))
    )
    figure, (left, right) = plt.subplots(1, 2, figsize=(8, 4.2))
    _show(left, pixels)
    left.set_title("The photograph", fontsize=11)
    corner = (column - 0.5, row - 0.5)
    left.add_patch(plt.Rectangle(corner, size, size, fill=False, color=HIGHLIGHT, linewidth=3))
    left.set(xlabel="column", ylabel="row")
    window = pixels[row : row + size, column : column + size]
    _show(right, window)
    right.set_title(f"{size} × {size} pixels, from [{row}, {column}]", fontsize=11)
    if size <= (6 if pixels.ndim == 3 else 12):
        _write_values(right, window, fontsize=10)
    step = max(1, size // 12)
    right.set_xticks(range(0, size, step), range(column, column + size, step))
    right.set_yticks(range(0, size, step), range(row, row + size, step))
    right.tick_params(length=0, labelsize=10)
    right.spines[:].set(visible=True, color=HIGHLIGHT, linewidth=3)
    return figure


@styled
def channels(pixels: np.ndarray, numbers: bool = False) -> Figure:
    """Draw a color picture and its three channels, each as the gray matrix that it is.

    Args:
        pixels: uint8 (H, W, 3), red, green, blue.
        numbers: write the numbers into the pixels (for tiny pictures, at most 4 × 4).
    """
    pixels = arrays.picture("pixels", pixels)
    if pixels.ndim != 3:
        raise WorkbookError(
            f"pixels has shape {pixels.shape}, but only a picture (height, width, 3) has channels."
        )
    if numbers:
        whole_number("the picture's side", max(pixels.shape[:2]), 1, 4)
    figure, axes = plt.subplots(1, 4, figsize=(8, 2 * pixels.shape[0] / pixels.shape[1] + 0.4))
    pictures = [pixels, *np.moveaxis(pixels, 2, 0)]
    titles = ["all three", "[..., 0] red", "[..., 1] green", "[..., 2] blue"]
    for axis, picture, title in zip(axes, pictures, titles, strict=True):
        _show(axis, picture, title)
        if numbers:
            _write_values(axis, picture, fontsize=11)
    return figure


@styled
def dimensions(batch: int, height: int, width: int) -> Figure:
    """Draw a scalar, a vector, a matrix, a color photograph and a batch, each with its ndim and shape.

    Args:
        batch, height, width: the numbers in the shapes (the drawing is schematic).
    """
    figure, axis = plt.subplots(figsize=(8, 2.7))
    colors = ["#CC3311", "#009E73", "#0072B2"]  # red in front, blue behind

    def sheet(x: float, y: float, rows: int, columns: int, color: str = "#555555") -> None:
        for row, column in np.ndindex(rows, columns):
            place = (x + column, y + row)
            axis.add_patch(plt.Rectangle(place, 1, 1, facecolor=color, edgecolor="white", linewidth=1.2))

    def photograph(x: float, y: float) -> None:
        for channel in (2, 1, 0):
            sheet(x + 0.5 * channel, y + 0.5 * channel, 3, 3, colors[channel])

    sheet(1.5, 2, 1, 1)
    sheet(5.5, 2, 1, 3)
    sheet(11.5, 1, 3, 3)
    photograph(18, 0.5)
    for number in (2, 1, 0):
        photograph(26 + 4.4 * number, 0.9 * number - 0.4)
    shapes = ["()", "(3,)", "(3, 3)", f"({height}, {width}, 3)", f"({batch}, {height}, {width}, 3)"]
    names = ["scalar", "vector", "matrix", "color photograph", "batch of photographs"]
    centers = [2, 7, 13, 20, 32.4]
    for ndim, (center, name, shape) in enumerate(zip(centers, names, shapes, strict=True)):
        axis.text(center, 6.6, f"{ndim}D", ha="center", va="bottom", fontsize=14, fontweight="bold")
        axis.text(center, -1, f"{name}\n{shape}", ha="center", va="top", fontsize=11, linespacing=1.5)
    axis.set(xlim=(-0.5, 39.5), ylim=(-3.4, 7.8), aspect="equal")
    axis.set_axis_off()
    return figure


@styled
def graph(nodes: Sequence[tuple[str, str, Sequence[str], str]]) -> Figure:
    """Draw a computation graph: nodes are operations, edges are the tensors that flow between them.

    Args:
        nodes: (name, type, names of the nodes it takes from, its result in words), each after its inputs.

    A node stands one column to the left of the first one that takes from it.
    """
    columns, taken = {}, {name: [] for name, *_ in nodes}
    for name, _, inputs, _ in reversed(nodes):
        columns[name] = min((columns[later] for later in taken[name]), default=0) - 1
        for source in inputs:
            taken[source].append(name)
    places, filled = {}, {}
    for name, *_ in nodes:
        row = filled[columns[name]] = filled.get(columns[name], -1) + 1
        places[name] = (2.2 * (columns[name] - min(columns.values())), -row)
    size = (1.6 * len(filled), 0.3 + 0.7 * max(row + 1 for row in filled.values()))
    figure, axis = plt.subplots(figsize=size)
    for name, kind, inputs, result in nodes:
        x, y = places[name]
        color = GRAPH_COLORS.get("Variable" if "resource" in result else kind, "#E8E8E8")
        axis.add_patch(plt.Rectangle((x - 0.94, y - 0.34), 1.88, 0.68, facecolor=color, edgecolor="#555555"))
        axis.text(x, y + 0.14, kind, ha="center", va="center", fontsize=10, fontweight="bold")
        axis.text(x, y - 0.15, result, ha="center", va="center", fontsize=10)
        for source in inputs:
            start = (places[source][0] + 0.94, places[source][1])
            axis.annotate("", (x - 0.94, y), start, arrowprops={"arrowstyle": "-|>", "color": "#555555"})
    right, bottom = max(x for x, _ in places.values()), min(y for _, y in places.values())
    axis.set(xlim=(-1, right + 1), ylim=(bottom - 0.4, 0.4))
    axis.set_axis_off()
    return figure


def _briefly(height: float) -> str:
    """Write a number with no more digits than there is room for over a bar."""
    if height >= 100:
        return f"{height:,.0f}"
    return f"{height:.{1 if height < 0.1 else 3 if height >= 10 else 2}g}"


@styled
def speeds(
    sizes: Sequence[int], seconds: Mapping[str, Sequence[float]], operations: Sequence[float], what: str
) -> Figure:
    """Draw how long something takes at several sizes, and how many operations that is in a second.

    Args:
        sizes: n, ascending.
        seconds: for each device by name, the time at each n.
        operations: multiplications and additions at each n.
        what: was timed, for the title.
    """
    figure, axes = plt.subplots(1, 2, figsize=(8, 3.2))
    width = 0.8 / len(seconds)
    for number, (device, times) in enumerate(seconds.items()):
        times = np.asarray(times, float)
        at = np.arange(len(sizes)) + (number - (len(seconds) - 1) / 2) * width
        for axis, heights in zip(axes, (1000 * times, operations / times / 1e9), strict=True):
            bars = axis.bar(at, heights, width, color=DEVICE_COLORS[number % 2], label=device)
            axis.bar_label(bars, [_briefly(height) for height in heights], fontsize=10)
    for axis, title in zip(axes, ("Milliseconds", "Billion operations a second"), strict=True):
        axis.set_title(title)
        axis.set_xticks(range(len(sizes)), [f"{size:,}" for size in sizes])
        axis.set(xlabel="n", yticks=[])
        axis.spines["left"].set_visible(False)
        axis.margins(y=0.15)
    if len(seconds) > 1:
        axes[0].legend(loc="upper left")
    figure.suptitle(what, fontsize=11, x=0.01, ha="left")
    return figure
