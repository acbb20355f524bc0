"""Pictures of explanations: what a verdict rests on, beside the defect's true outline."""

from collections.abc import Mapping, Sequence

import matplotlib.pyplot as plt
import numpy as np
from matplotlib import colormaps
from matplotlib.figure import Figure
from numpy.typing import ArrayLike

from ..errors import WorkbookError
from .style import legend_beside, name_row, outlined, panels, put, styled

HEAT = colormaps["magma"].resampled(16)  # in steps: the stored picture stays small
BRIGHTEST = 0.995  # of a map's pixels; the rest is as bright: a few hot pixels leave the others visible
OUTLINE = "#00E5FF"  # on gray photographs and on heat alike
MARKERS = ("o", "s", "D", "^", "v", "x", "+", "*")
COLORS = ("#0072B2", "#D55E00", "#009E73", "#999999", "#555555", "#CC79A7")


@styled
def heat_rows(
    photos: ArrayLike,
    heats: Mapping[str, ArrayLike],
    masks: ArrayLike | None = None,
    captions: Sequence[str] = (),
) -> Figure:
    """Draw photographs in a row, and below each what explanations point to, with the defect's outline.

    Of a map only what is above 0 is drawn, black at 0, with a cross at its largest value; a map that is
    nowhere above 0 stays black and has no cross. Each map has a scale of its own, which ends where its
    hottest 0.5 % begin.

    Args:
        photos: (N, S, S, 3) uint8.
        heats: row's name to maps (N, S, S), larger where the explanation points to.
        masks: (N, S, S) bool, True on the defect; an empty one has no outline.
        captions: one for each photograph.
    """
    photos = np.asarray(photos)
    heats = {name: np.asarray(maps, float) for name, maps in heats.items()}
    shapes = {name: maps.shape for name, maps in heats.items()}
    if masks is not None:
        masks = np.asarray(masks)
        shapes["masks"] = masks.shape
    for name, shape in shapes.items():
        if shape != photos.shape[:3]:
            raise WorkbookError(
                f"{name} has the shape {shape}, but there are photographs {photos.shape}; "
                "give each its own map."
            )
    rows, columns = 1 + len(heats), len(photos)
    figure, grid = panels(rows, columns, (1.4 * columns + 1.1, 1.4 * rows + 0.3))
    for column, photo in enumerate(photos):
        put(grid[0, column], photo)
        if column < len(captions):
            grid[0, column].set_title(captions[column], fontsize=10, fontweight="normal", loc="center")
        for axes, maps in zip(grid[1:, column], heats.values(), strict=True):
            heat = np.maximum(maps[column], 0)
            top = np.quantile(heat, BRIGHTEST) or heat.max()
            put(axes, heat, cmap=HEAT, vmin=0, vmax=max(top, 1e-12))
            if heat.max() > 0:
                row, place = np.unravel_index(heat.argmax(), heat.shape)
                axes.plot(place, row, "+", color="white", markersize=11, markeredgewidth=2)
        for axes in grid[:, column] if masks is not None else ():
            outlined(axes, masks[column], OUTLINE, 1.2)
    for axes, name in zip(grid[:, 0], ("photograph", *heats), strict=True):
        name_row(axes, name)
    return figure


@styled
def scores_by_kind(scores: Mapping[str, Mapping[str, float]], title: str) -> Figure:
    """Draw for each kind one line from 0 to 1 with a mark for every method's score.

    Args:
        scores: method to {kind: score from 0 to 1}; all methods have the kinds of the first one.
        title: what the score is.
    """
    if not 1 <= len(scores) <= len(COLORS):
        raise WorkbookError(f"scores has {len(scores)} methods, but 1 to {len(COLORS)} can be told apart.")
    kinds = list(next(iter(scores.values())))
    figure, axes = plt.subplots(figsize=(9, 0.42 * len(kinds) + 1.1))
    places = np.arange(len(kinds))[::-1]
    axes.hlines(places, 0, 1, color="#DDDDDD", linewidth=1)
    for index, (method, values) in enumerate(scores.items()):
        apart = places - 0.1 * (index - len(scores) / 2)  # a little, so that equal scores are all seen
        fill = COLORS[index] if index < 3 else "none"
        look = {"markersize": 7, "markeredgewidth": 1.5, "linestyle": "none", "clip_on": False, "zorder": 3}
        x = [values[kind] for kind in kinds]
        axes.plot(x, apart, MARKERS[index], color=COLORS[index], markerfacecolor=fill, label=method, **look)
    axes.set_yticks(places, [kind.replace("_", " ") for kind in kinds])
    axes.set(xlim=(-0.03, 1.03), title=title)  # a mark at 0 must not lie on a name
    axes.spines[["top", "right", "left"]].set_visible(False)
    axes.tick_params(axis="y", length=0)
    legend_beside(axes, bbox_to_anchor=(1.02, 0.5), frameon=False)
    return figure
