"""What an audit of photographs found, on paper: the largest groups of copies of one photograph."""

import textwrap
from collections.abc import Mapping

import matplotlib.pyplot as plt
import numpy as np
from matplotlib import font_manager
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from .. import arrays
from ..audit import Audit
from ..audit.audited import some_of
from ..audit.inspecting import Inspected
from .line import LOOKS
from .style import panels, styled

ROWS, COLUMNS = 8, 8  # groups, and photographs of each, at most
SIDE = 1.35  # inches of one photograph
LETTERS = 18  # of a file name under it


@styled
def copy_groups(audit: Audit, pictures: Mapping[str, np.ndarray]) -> Figure:
    """Draw the largest groups of copies, one in each row, framed in the color and line of their labels.

    Args:
        audit: what `audit.check` returned.
        pictures: photographs by name, uint8 (H, W, 3) or (H, W), as ``audit.thumbnails()`` returns them; a
            photograph that is missing here leaves its place empty.
    """
    groups = audit.copy_groups()
    largest = groups[:ROWS]
    if not largest:
        searched = "No copies were found" if audit.copies is not None else "Copies were not searched for"
        return _only_text(f"{searched} among {len(audit.readable)} photographs.")
    columns = min(COLUMNS, max(map(len, largest)))
    title = f"{sum(map(len, groups))} of {len(audit.readable)} photographs come from {len(groups)}"
    if len(groups) > len(largest):
        title += f"; here the {len(largest)} with most copies"
    width = SIDE * max(columns, 4) + 0.5
    title = textwrap.fill(title, int(width * 9))
    height = (SIDE + 0.42) * len(largest) + 0.25 * (title.count("\n") + 1)
    figure, grid = panels(len(largest), columns, (width, height), layout="compressed")
    for line, group in zip(grid, largest, strict=True):
        line[0].set_ylabel(f"{len(group)} copies", fontsize=11, fontweight="bold")
        for axis in line[len(group) :]:
            axis.set_axis_off()
        for axis, photo in zip(line, some_of(group, columns), strict=False):
            _photograph(axis, photo, pictures.get(photo.name), audit.classes)
    figure.suptitle(title, fontsize=13, fontweight="bold", x=0.01, ha="left")
    return figure


def _photograph(axis: Axes, photo: Inspected, pixels: np.ndarray | None, classes: tuple[str, str]) -> None:
    """Show one photograph with its label over it and its name below."""
    if pixels is not None:
        axis.imshow(arrays.picture(photo.name, pixels), cmap="gray", vmin=0, vmax=255)
    axis.set(xticks=[], yticks=[])
    color, mark, line = LOOKS["GO" if photo.label == 1 else "NG"]
    axis.spines[:].set(visible=True, color=color, linewidth=3, linestyle=line, capstyle="butt")
    axis.set_title(_plain(f"{mark} {classes[photo.label]}"), fontsize=10, color=color, pad=4)
    name = photo.name.rpartition("/")[2]
    axis.set_xlabel(_plain(_shortened(name)), fontsize=8, labelpad=3)


def _shortened(name: str) -> str:
    """Return ``name`` with its middle left out where it is too long to stand under a photograph.

    >>> _shortened("g000_test_cast_ok_0_1028.jpeg")
    'g000_test…028.jpeg'
    """
    if len(name) <= LETTERS:
        return name
    return f"{name[: LETTERS // 2]}…{name[-(LETTERS // 2 - 1) :]}"


def _plain(text: str) -> str:
    """Return ``text`` so that it can be drawn as it is: no formula in it, no letter that the font lacks."""
    font = font_manager.get_font(font_manager.findfont(font_manager.FontProperties()))
    drawable = "".join(letter if font.get_char_index(ord(letter)) else "?" for letter in text)
    return drawable.replace("$", r"\$")


def _only_text(text: str) -> Figure:
    figure, axis = plt.subplots(figsize=(6, 1))
    axis.set_axis_off()
    axis.text(0.5, 0.5, text, ha="center", va="center", fontsize=12)
    return figure
