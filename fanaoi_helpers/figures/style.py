"""The one look of the workbook's pictures: colors, the style file, and how a figure leaves this package."""

import functools
from collections.abc import Callable
from contextlib import nullcontext
from pathlib import Path

import matplotlib.pyplot as plt
from matplotlib.figure import Figure

GO_COLOR = "#0072B2"
NG_COLOR = "#D55E00"
NG_HATCH = "//"
HIGHLIGHT = "#E69F00"
SIGNED_CMAP = "RdBu_r"  # always drawn on a scale symmetric about 0

STYLE_FILE = Path(__file__).resolve().parents[2] / "assets" / "fanaoi.mplstyle"


def styled(draw: Callable[..., Figure]) -> Callable[..., Figure]:
    """Let ``draw`` work in the workbook's style and return its Figure, closed for pyplot.

    A closed figure is shown once, as the value of its cell, and does not pile up in memory.
    """

    @functools.wraps(draw)
    def draw_in_style(*args: object, **kwargs: object) -> Figure:
        with plt.style.context(STYLE_FILE) if STYLE_FILE.is_file() else nullcontext():
            figure = draw(*args, **kwargs)
        plt.close(figure)
        return figure

    return draw_in_style
