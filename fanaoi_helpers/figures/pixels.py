"""What the computer sees: pixels with their numbers, channels, coordinates, and arrays of more dimensions."""

from collections.abc import Sequence

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from ..errors import WorkbookError, whole_number
from .style import HIGHLIGHT, checked_picture, styled


def _show(axis: Axes, pixels: np.ndarray) -> None:
    """Show a uint8 picture: 0 is black and 255 is white, whatever else is in it."""
    axis.imshow(pixels, cmap="gray", vmin=0, vmax=255)
    for spine in axis.spines.values():  # a white pixel at the edge needs a line to end at
        spine.set(visible=True, color="#999999", linewidth=0.8)


def _write_values(axis: Axes, pixels: np.ndarray, fontsize: float) -> None:
    """Write each pixel's number, or its three numbers one below the other, in black or white."""
    luma = pixels if pixels.ndim == 2 else pixels @ np.array([0.299, 0.587, 0.114])
    for row, column in np.ndindex(*pixels.shape[:2]):
        text = "\n".join(str(value) for value in np.atleast_1d(pixels[row, column]))
        color = "black" if luma[row, column] > 110 else "white"
        axis.text(
            column, row, text, ha="center", va="center", fontsize=fontsize, color=color, linespacing=1.1
        )


def _index_ticks(axis: Axes, shape: tuple[int, ...], first: tuple[int, int] = (0, 0)) -> None:
    """Number the rows downward and the columns along the top, as in the array."""
    axis.xaxis.tick_top()
    axis.xaxis.set_label_position("top")
    axis.set_xticks(range(shape[1]), range(first[1], first[1] + shape[1]))
    axis.set_yticks(range(shape[0]), range(first[0], first[0] + shape[0]))
    axis.tick_params(length=0, labelsize=10)
    axis.set(xlabel="column", ylabel="row")


@styled
def values(pixels: np.ndarray, title: str = "") -> Figure:
    """Draw a small picture with its numbers written into its pixels.

    Args:
        pixels: uint8 (H, W) or (H, W, 3), at most 12 × 12.
        title: a text over it.

    Raises:
        WorkbookError: it is no uint8 picture, or too large to be read.
    """
    pixels = checked_picture("pixels", pixels)
    height, width = pixels.shape[:2]
    whole_number("the picture's height", height, 1, 12)
    whole_number("the picture's width", width, 1, 12)
    cell = 0.8
    figure, axis = plt.subplots(figsize=(max(cell * width, 1.6) + 1, max(cell * height, 1.6) + 0.8))
    _show(axis, pixels)
    _write_values(axis, pixels, fontsize=13 if pixels.ndim == 2 else 11)
    _index_ticks(axis, pixels.shape)
    if title:
        axis.set_title(title)
    return figure


@styled
def side_by_side(pictures: Sequence[np.ndarray], titles: Sequence[str], grid: bool = False) -> Figure:
    """Draw pictures in one row, each under its title, all on the scale from 0 to 255.

    Args:
        pictures: uint8 pictures (H, W) or (H, W, 3), of any sizes: each is drawn equally wide.
        titles: one for each.
        grid: number the rows and columns along the axes.

    Raises:
        WorkbookError: no pictures, a number of titles that differs, or what is no uint8 picture.
    """
    if not len(pictures) or len(pictures) != len(titles):
        raise WorkbookError(
            f"There are {len(pictures)} pictures and {len(titles)} titles; give one title for each picture."
        )
    pictures = [checked_picture(f"Picture {number}", pixels) for number, pixels in enumerate(pictures)]
    side = min(11 / len(pictures), 3.2)
    tallest = max(pixels.shape[0] / pixels.shape[1] for pixels in pictures)
    lines = max(title.count("\n") + 1 for title in titles)
    size = (side * len(pictures), side * tallest + 0.2 * lines + (0.4 if grid else 0.1))
    figure, axes = plt.subplots(1, len(pictures), figsize=size, squeeze=False)
    for axis, pixels, title in zip(axes.flat, pictures, titles, strict=True):
        _show(axis, pixels)
        axis.set_title(title, fontsize=11)
        if grid:
            axis.set(xlabel="column", ylabel="row" if axis is axes[0, 0] else "")
        else:
            axis.set(xticks=[], yticks=[])
    return figure


@styled
def places(pixels: np.ndarray, marks: Sequence[tuple[int, int]]) -> Figure:
    """Draw a photograph with its rows and columns numbered and some pixels marked.

    Args:
        pixels: uint8 (H, W) or (H, W, 3).
        marks: (row, column) of the pixels to mark; each is written as the index that finds it.

    Raises:
        WorkbookError: it is no uint8 picture, or a mark lies outside.
    """
    pixels = checked_picture("pixels", pixels)
    height, width = pixels.shape[:2]
    for row, column in marks:
        whole_number("a mark's row", row, 0, height - 1)
        whole_number("a mark's column", column, 0, width - 1)
    figure, axis = plt.subplots(figsize=(5.6, 5.6 * height / width + 0.4))
    _show(axis, pixels)
    axis.xaxis.tick_top()
    axis.xaxis.set_label_position("top")
    axis.set(xlabel="column  →", ylabel="←  row")
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


@styled
def zoom(pixels: np.ndarray, row: int, column: int, size: int = 6) -> Figure:
    """Draw a photograph, and beside it the ``size`` × ``size`` pixels whose top left one is [row, column].

    The numbers are written into the pixels where there is room: up to 8 × 8 in color, 12 × 12 in gray.
    A window that would reach over the edge is moved inside.

    Args:
        pixels: uint8 (H, W) or (H, W, 3).
        row, column: the window's first row and column.
        size: its side in pixels, at least 2.

    Raises:
        WorkbookError: it is no uint8 picture, or the window is larger than the picture.
    """
    pixels = checked_picture("pixels", pixels)
    height, width = pixels.shape[:2]
    size = whole_number("size", size, 2, min(height, width))
    row, column = (
        min(whole_number(name, value, 0, length - 1), length - size)
        for name, value, length in (("row", row, height), ("column", column, width))
    )
    figure, (left, right) = plt.subplots(1, 2, figsize=(9, 4.7))
    _show(left, pixels)
    left.set_title("The photograph", fontsize=11)
    left.add_patch(
        plt.Rectangle((column - 0.5, row - 0.5), size, size, fill=False, color=HIGHLIGHT, linewidth=3)
    )
    left.set(xlabel="column", ylabel="row")
    window = pixels[row : row + size, column : column + size]
    _show(right, window)
    right.set_title(f"{size} × {size} pixels, from [{row}, {column}]", fontsize=11)
    if size <= (8 if pixels.ndim == 3 else 12):
        _write_values(right, window, fontsize=10)
    step = max(1, size // 12)
    right.set_xticks(range(0, size, step), range(column, column + size, step))
    right.set_yticks(range(0, size, step), range(row, row + size, step))
    right.tick_params(length=0, labelsize=10)
    for spine in right.spines.values():
        spine.set(visible=True, color=HIGHLIGHT, linewidth=3)
    return figure


@styled
def channels(pixels: np.ndarray, numbers: bool = False) -> Figure:
    """Draw a color picture and its three channels, each as the gray matrix that it is.

    Args:
        pixels: uint8 (H, W, 3), red, green, blue.
        numbers: write the numbers into the pixels (for tiny pictures, at most 4 × 4).

    Raises:
        WorkbookError: it is no uint8 color picture, or numbers are asked for and there is no room.
    """
    pixels = checked_picture("pixels", pixels)
    if pixels.ndim != 3:
        raise WorkbookError(
            f"pixels has shape {pixels.shape}, but only a picture (height, width, 3) has channels."
        )
    if numbers:
        whole_number("the picture's side", max(pixels.shape[:2]), 1, 4)
    figure, axes = plt.subplots(1, 4, figsize=(11, 2.7 * pixels.shape[0] / pixels.shape[1] + 0.4))
    pictures = [pixels, *np.moveaxis(pixels, 2, 0)]
    titles = ["all three", "[..., 0] red", "[..., 1] green", "[..., 2] blue"]
    for axis, picture, title in zip(axes, pictures, titles, strict=True):
        _show(axis, picture)
        axis.set_title(title, fontsize=11)
        axis.set(xticks=[], yticks=[])
        if numbers:
            _write_values(axis, picture, fontsize=11)
    return figure


@styled
def dimensions(batch: int, height: int, width: int) -> Figure:
    """Draw a scalar, a vector, a matrix, a color photograph and a batch, each with its ndim and shape.

    Args:
        batch, height, width: the numbers in the shapes (the drawing is schematic).
    """
    figure, axis = plt.subplots(figsize=(11, 3.3))
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
def speeds(sizes: Sequence[int], seconds: Sequence[float], device: str) -> Figure:
    """Draw how long a product of two n × n matrices takes, and how much is multiplied in a second.

    Args:
        sizes: n, ascending.
        seconds: the time of one product for each n.
        device: what ran it, for the title.

    A product of two n × n matrices needs n³ multiplications and nearly as many additions: 2n³ operations.
    """
    sizes, seconds = np.asarray(sizes, float), np.asarray(seconds, float)
    figure, (left, right) = plt.subplots(1, 2, figsize=(10, 3.4))
    names = [f"{int(size):,}" for size in sizes]
    for axis, numbers, title, color in (
        (left, seconds * 1000, "Milliseconds for one product", "#777777"),
        (right, 2 * sizes**3 / seconds / 1e9, "Billion operations a second", "#009E73"),
    ):
        bars = axis.bar(names, numbers, color=color)
        axis.bar_label(bars, [f"{number:,.3g}" for number in numbers], fontsize=10)
        axis.set_title(title)
        axis.set(xlabel="side n of the matrices", yticks=[])
        axis.spines["left"].set_visible(False)
        axis.margins(y=0.15)
    figure.suptitle(device, fontsize=11, x=0.01, ha="left")
    return figure
