"""The one look of the workbook's pictures: colors, the style file, and how a figure leaves this package."""

import functools
from collections.abc import Callable, Iterable, Sequence
from contextlib import AbstractContextManager
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
from matplotlib import colormaps, figure
from matplotlib.axes import Axes
from matplotlib.backend_bases import FigureCanvasBase, RendererBase
from matplotlib.image import AxesImage
from numpy.typing import ArrayLike

GO_COLOR = "#0072B2"
NG_COLOR = "#D55E00"
NG_HATCH = "//"
HIGHLIGHT = "#E69F00"
SIGNED_CMAP = "RdBu_r"  # always drawn on a scale symmetric about 0
# 41 steps with white in the middle: sensor noise stays white, and the stored picture stays small.
SIGNED = colormaps[SIGNED_CMAP].resampled(41)

STYLE_FILE = Path(__file__).resolve().parents[2] / "assets" / "fanaoi.mplstyle"


def look() -> AbstractContextManager:
    """Return a context in which Matplotlib draws as the workbook does, whatever the user has set.

    A matplotlibrc in the home, ``plt.style.use`` in a cell, usetex, other sizes: they are put aside.
    """
    return plt.style.context(STYLE_FILE if STYLE_FILE.is_file() else {}, after_reset=True)


class Figure(figure.Figure):
    """A figure that is shown and saved in the workbook's style: Matplotlib asks for settings then, too."""

    def draw(self, renderer: RendererBase) -> None:
        """Draw it."""
        with look():
            super().draw(renderer)

    def savefig(self, *args: object, **kwargs: object) -> None:
        """Save it."""
        with look():
            super().savefig(*args, **kwargs)

    def set_canvas(self, canvas: FigureCanvasBase) -> None:
        """Take a canvas; its ``print_figure`` is what IPython calls, past ``savefig``."""
        super().set_canvas(canvas)
        print_figure = canvas.print_figure

        def print_in_style(*args: object, **kwargs: object) -> object:
            with look():
                return print_figure(*args, **kwargs)

        canvas.print_figure = print_in_style


def styled(draw: Callable[..., figure.Figure]) -> Callable[..., Figure]:
    """Let ``draw`` work in the workbook's style and return its Figure, closed for pyplot.

    A closed figure is shown once, as the value of its cell, and does not pile up in memory.
    """

    @functools.wraps(draw)
    def draw_in_style(*args: object, **kwargs: object) -> Figure:
        open_before = set(plt.get_fignums())
        try:
            with look():
                _settle_backend()
                drawn = draw(*args, **kwargs)
        finally:  # also where a drawing was begun and then refused
            for number in set(plt.get_fignums()) - open_before:
                plt.close(number)
        if not isinstance(drawn, Figure):
            drawn.__class__ = Figure  # pyplot has made a plain one, whichever of its functions was called
            drawn.set_canvas(drawn.canvas)
        return drawn

    return draw_in_style


@functools.cache
def _settle_backend() -> None:
    """Draw without windows where the backend that a matplotlibrc asks for can't open any."""
    try:
        plt.close(plt.figure())
    except ImportError:
        plt.switch_backend("agg")


def true_minus(number: str) -> str:
    """Return ``number``, as text, with a true minus sign, as Matplotlib writes its ticks."""
    return number.replace("-", "−")


def bare(axes: Axes) -> None:
    """Take away ticks and frame; the labels stay."""
    axes.set(xticks=[], yticks=[])
    axes.spines[:].set_visible(False)


def panels(rows: int, columns: int, size: tuple[float, float], **looks: object) -> tuple[Figure, np.ndarray]:
    """Return a figure of ``size`` (inches) and its (rows, columns) panels."""
    return plt.subplots(rows, columns, figsize=size, squeeze=False, **looks)


def put(axes: Axes, picture: ArrayLike, title: str = "", below: str = "", **looks: object) -> AxesImage:
    """Show a picture or a map without ticks and frame, with a title and with words below it."""
    axes.set(title=title, xlabel=below)
    bare(axes)
    return axes.imshow(picture, **looks)


def put_signed(
    axes: Axes, values: ArrayLike, largest: float, title: str = "", below: str = "", **looks: object
) -> AxesImage:
    """Show a map as `put` does, on a scale symmetric about 0 that ends at ``largest``."""
    return put(axes, values, title, below, **{"cmap": SIGNED, "vmin": -largest, "vmax": largest, **looks})


def largest_in(arrays: Iterable[ArrayLike]) -> float:
    """Return the largest absolute value in all ``arrays``, the end of a scale symmetric about 0."""
    return max(1e-12, *(np.abs(values).max(initial=0) for values in arrays))


def name_row(axes: Axes, name: str, **looks: object) -> None:
    """Write the name of a row of panels at the left of its first one."""
    axes.set_ylabel(name, rotation=0, ha="right", va="center", **looks)


def mark(axes: Axes, x: ArrayLike, y: ArrayLike, size: float = 9) -> None:
    """Mark points of a curve."""
    axes.plot(x, y, "o", color=HIGHLIGHT, markeredgecolor="black", markersize=size)


def squared_paper(size: tuple[float, float], x: tuple[float, float], y: tuple[float, float]) -> Axes:
    """Return an empty sheet of ``size`` (inches) from one end of x and of y to the other."""
    axes = plt.figure(figsize=size, layout="none").add_axes((0, 0, 1, 1))
    axes.set(xlim=x, ylim=y)
    axes.set_axis_off()
    return axes


def legend_beside(axes: Axes, **looks: object) -> None:
    """Explain the lines at the right of the panel, where they can't hide any."""
    axes.legend(loc="center left", **{"bbox_to_anchor": (1, 0.5), **looks})


def outlined(axes: Axes, mask: np.ndarray, color: str, width: float, *middles: np.ndarray) -> None:
    """Draw the outline of what is True in ``mask``, unless it is nowhere or everywhere."""
    if mask.any() and not mask.all():
        axes.contour(*middles, mask, levels=[0.5], colors=color, linewidths=width)


def tinted_cell(axes: Axes, column: int, row: int, color: str, hatch: str, alpha: float, gap: float) -> None:
    """Tint a cell of a table, 1 × 1, with a white ``gap`` (points) around it."""
    look = {"facecolor": color, "hatch": hatch, "alpha": alpha, "edgecolor": "white", "linewidth": gap}
    axes.add_patch(plt.Rectangle((column, row), 1, 1, **look))


def name_cells(axes: Axes, rows: Sequence[str], columns: Sequence[str]) -> None:
    """Name a table's rows at the left and its columns on top, the first row being the upper one."""
    axes.set(xlim=(0, len(columns)), ylim=(len(rows), 0))
    axes.set_xticks(np.arange(len(columns)) + 0.5, columns)
    axes.set_yticks(np.arange(len(rows)) + 0.5, rows)
    axes.xaxis.tick_top()
    axes.tick_params(length=0)
    axes.spines[:].set_visible(False)


def signed_numbers(axes: Axes, kernel: np.ndarray, largest: float, write: Callable[[float], str]) -> None:
    """Draw a kernel's cells with their numbers; ``largest`` is where the colors end."""
    # Half the color range, so that black numbers stay readable on the strongest cells.
    put_signed(axes, kernel, 2 * largest)
    for (row, column), value in np.ndenumerate(kernel):
        axes.text(column, row, write(value), ha="center", va="center", fontsize=11)


def hatched_histogram(axes: Axes, ng: np.ndarray, go: np.ndarray, bins: np.ndarray, **looks: object) -> None:
    """Draw how often the scores of NG and of GO fall into each of ``bins``, side by side, NG hatched."""
    colors = [NG_COLOR, GO_COLOR]
    _, _, bars = axes.hist([ng, go], bins, color=colors, label=["NG", "GO"], edgecolor="white", **looks)
    for bar in bars[0]:  # `hatch` takes a list from Matplotlib 3.10 on only
        bar.set_hatch(NG_HATCH)
