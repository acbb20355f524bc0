"""The one look of the workbook's pictures: colors, the style file, and how a figure leaves this package."""

import functools
from collections.abc import Callable
from contextlib import nullcontext
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.figure import Figure

from ..errors import WorkbookError

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
        open_before = set(plt.get_fignums())
        try:
            with plt.style.context(STYLE_FILE) if STYLE_FILE.is_file() else nullcontext():
                return draw(*args, **kwargs)
        finally:  # also where a drawing was begun and then refused
            for number in set(plt.get_fignums()) - open_before:
                plt.close(number)

    return draw_in_style


def checked_picture(name: str, pixels: np.ndarray) -> np.ndarray:
    """Return ``pixels`` as an array, or refuse by ``name`` what is no uint8 picture (H, W) or (H, W, 3)."""
    pixels = np.asarray(pixels)
    if pixels.dtype != np.uint8 or pixels.ndim not in (2, 3) or pixels.ndim == 3 and pixels.shape[2] != 3:
        raise WorkbookError(
            f"{name} has shape {pixels.shape} and dtype {pixels.dtype}, "
            "but a picture is uint8 with shape (height, width) or (height, width, 3)."
        )
    return pixels
