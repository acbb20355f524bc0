"""The line on paper: contact sheets of fan photographs, GO and NG told apart by color and by mark."""

import textwrap
from collections.abc import Sequence

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from .. import arrays
from ..errors import WorkbookError, whole_number
from .style import GO_COLOR, HIGHLIGHT, NG_COLOR, panels, put, styled

# Color, mark and line: each of the three alone tells GO from NG, also in gray and on a poor projector.
LOOKS = {"GO": (GO_COLOR, "✓", "solid"), "NG": (NG_COLOR, "✗", (0, (2, 1)))}
MISTAKES = {("NG", "GO"): "escape", ("GO", "NG"): "overkill"}  # (the label, the verdict)
WIDTH = 11  # inches


def label_name(label: str | int) -> str:
    """Return "GO" or "NG" for a label given by name or by number (GO is 1, NG is 0).

    >>> label_name(1), label_name("NG")
    ('GO', 'NG')
    """
    name = {"GO": "GO", "NG": "NG", "1": "GO", "0": "NG"}.get(str(label))
    if name is None:
        raise WorkbookError(f"A label is {label!r}, but it must be 'GO' or 'NG', or 1 for GO and 0 for NG.")
    return name


@styled
def contact_sheet(
    pictures: Sequence[np.ndarray],
    labels: Sequence | None = None,
    captions: Sequence[str] | None = None,
    *,
    verdicts: Sequence | None = None,
    boxes: Sequence[tuple | None] | None = None,
    rows: Sequence[str] | None = None,
    columns: int = 5,
    zoom: int | None = None,
) -> Figure:
    """Draw photographs in rows, left to right, as on a photographer's contact sheet.

    Args:
        pictures: N photographs, uint8, each (height, width, 3) or (height, width); one array or a list.
        labels: "GO" or "NG" (or 1 or 0) for each; frames it in the label's color, line and mark.
        captions: a text under each photograph; long ones are wrapped.
        verdicts: "GO" or "NG" (or 1 or 0) for each, beside ``labels``: mistakes are named escape or overkill.
        boxes: (x0, y0, x1, y1) in pixels for each, half-open, or None: drawn to point a defect out.
        rows: a name at the left of each row.
        columns: photographs in a row, at most 10.
        zoom: how many pixels of the figure wide and high a pixel of a photograph is, exactly; without it the
            photographs are scaled to fill the sheet.
    """
    count = len(pictures)
    columns = min(whole_number("columns", columns, 1, 10), max(count, 1))
    if not count:
        raise WorkbookError("The contact sheet got no photographs; give it at least one.")
    named = {"labels": labels, "captions": captions, "verdicts": verdicts, "boxes": boxes}
    for name, values in named.items():
        if values is not None and len(values) != count:
            raise WorkbookError(f"{name} has {len(values)} entries, but there are {count} photographs.")
    if verdicts is not None and labels is None:
        raise WorkbookError("verdicts need labels beside them: without the truth no mistake can be named.")
    pictures = [arrays.picture(f"Photograph {index}", pixels) for index, pixels in enumerate(pictures)]
    labels = [label_name(label) for label in labels] if labels is not None else None
    verdicts = [label_name(verdict) for verdict in verdicts] if verdicts is not None else [None] * count
    lines = -(-count // columns)
    if rows is not None and len(rows) != lines:
        raise WorkbookError(f"rows has {len(rows)} names, but the photographs fill {lines} rows.")

    zoom = whole_number("zoom", zoom, 1, 16) if zoom is not None else None
    tallest, widest = (max(pixels.shape[axis] for pixels in pictures) for axis in (0, 1))
    dpi = plt.rcParams["figure.dpi"]
    side = min(WIDTH / columns, 2.3) if zoom is None else zoom * widest / dpi
    letters = max(int(side * 12), 8)  # of 10 points, as many as fit under a photograph
    texts = [textwrap.fill(str(caption), letters) for caption in (() if captions is None else captions)]
    below = max((text.count("\n") + 1 for text in texts), default=0)
    height = lines * (side + 0.28 * (labels is not None) + 0.2 * below)
    if rows is not None and zoom is not None:
        rows = [textwrap.fill(str(name), max(int(zoom * tallest / dpi * 11.5), 8)) for name in rows]
    layout = "compressed" if zoom is None else "none"
    figure, axes = panels(lines, columns, (side * columns, height), layout=layout)
    for axis in axes.flat[count:]:
        axis.set_axis_off()
    if zoom is not None:
        named_lines = max((name.count("\n") + 1 for name in rows or ()), default=0)
        _place_exactly(figure, axes, pictures, zoom, texts, named_lines, titled=labels is not None)
    for index, axis in enumerate(axes.flat[:count]):
        exact = None if zoom is None else "nearest"
        put(axis, pictures[index], cmap="gray", vmin=0, vmax=255, interpolation=exact)
        if labels is not None:
            _frame(axis, labels[index], verdicts[index], narrow=side < 1.4)
        if texts:
            axis.set_xlabel(texts[index], fontsize=10)
        if boxes is not None and boxes[index] is not None:
            _box(axis, boxes[index], air=3 if zoom is None else 6 / zoom)
    for name, axis in zip(rows or [], axes[:, 0], strict=False):
        axis.set_ylabel(name, fontsize=11, fontweight="bold")
    return figure


def _place_exactly(
    figure: Figure,
    axes: np.ndarray,
    pictures: list[np.ndarray],
    zoom: int,
    texts: list[str],
    named: int,
    titled: bool,
) -> None:
    """Give each photograph ``zoom`` whole pixels of the figure for each of its own, and the texts their room.

    ``texts`` are the captions, ``named`` counts the lines of row names, ``titled`` says whether photographs
    have a title.
    """
    lines, columns = axes.shape
    point = figure.dpi / 72  # in pixels
    tall, wide = (max(zoom * pixels.shape[axis] for pixels in pictures) for axis in (0, 1))
    gap, above, left = round(8 * point), round((22 * titled + 4) * point), round((8 + 17 * named) * point)
    captions = [texts[start : start + columns] for start in range(0, lines * columns, columns)]
    under = [max((text.count("\n") + 1 for text in row if text), default=0) for row in captions]
    pitches = [above + tall + round((14.5 * count + 6) * point) for count in under]
    tops = np.cumsum([0, *pitches])
    width, height = left + columns * (wide + gap), tops[-1] + gap // 2
    figure.set_size_inches(width / figure.dpi, height / figure.dpi)
    for index, (axis, pixels) in enumerate(zip(axes.flat, pictures, strict=False)):
        row, column = divmod(index, columns)
        high, broad = (zoom * edge for edge in pixels.shape[:2])
        x, y = left + column * (wide + gap), tops[row] + above
        # A hair within the whole pixels: rounding must not make it one pixel more.
        hair = 1e-3
        corner = (x + hair) / width, 1 - (y + high - hair) / height
        axis.set_position((*corner, (broad - 2 * hair) / width, (high - 2 * hair) / height))


def _frame(axis: Axes, label: str, verdict: str | None, narrow: bool) -> None:
    """Frame a photograph by its label, and say so; a mistaken verdict is named on a colored ground."""
    color, mark, line = LOOKS[label]
    axis.spines[:].set(visible=True, color=color, linewidth=3.5, linestyle=line, capstyle="butt")
    mistake = MISTAKES.get((label, verdict))
    if mistake:
        ground = {"facecolor": color, "edgecolor": "none", "pad": 2}
        text = f"{mark} {mistake}" if narrow else f"{mark} {label}: {mistake}"
        axis.set_title(text, fontsize=10 if narrow else 11, color="white", bbox=ground)
    else:
        axis.set_title(f"{mark} {label}", fontsize=11, color=color)


def _box(axis: Axes, box: tuple, air: float) -> None:
    """Point out the half-open pixel box (x0, y0, x1, y1), with ``air`` pixels around it."""
    x0, y0, x1, y1 = box
    place = (x0 - 0.5 - air, y0 - 0.5 - air)
    size = (x1 - x0 + 2 * air, y1 - y0 + 2 * air)
    axis.add_patch(plt.Rectangle(place, *size, fill=False, color="black", linewidth=3.5))
    axis.add_patch(plt.Rectangle(place, *size, fill=False, color=HIGHLIGHT, linewidth=2))
