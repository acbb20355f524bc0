"""Pictures of what a CNN has learned: filters, feature maps, and the pixels that a number of them saw."""

from collections.abc import Mapping, Sequence

import matplotlib.pyplot as plt
import numpy as np
from matplotlib import colormaps
from matplotlib.figure import Figure

from ..errors import WorkbookError, whole_number
from .responses import mark_fields
from .style import (
    GO_COLOR,
    NG_COLOR,
    SIGNED_CMAP,
    largest_in,
    legend_beside,
    name_row,
    outlined,
    panels,
    put,
    put_signed,
    styled,
)

CHANNELS = ("red", "green", "blue")
COLUMNS = 8  # filters in a row
MAP_CMAP = colormaps["magma"].resampled(32)  # feature maps after ReLU: 0 is black; stored small


# Filters --------------------------------------------------------------------------------------------------


@styled
def filters_rgb(sets: Mapping[str, np.ndarray]) -> Figure:
    """Draw every filter of a first layer as one small colored picture, sets side by side, numbered by row.

    Gray is 0 in all three channels; a channel is brighter where its weight is positive and darker where it is
    negative, on one scale symmetric about 0 for all sets.

    Args:
        sets: name to filters (kh, kw, 3, F).
    """
    sets = {name: _color_filters(filters) for name, filters in sets.items()}
    largest = largest_in(sets.values())
    count = max(filters.shape[-1] for filters in sets.values())
    rows = -(-count // COLUMNS)
    figure, grid = panels(1, len(sets), (5.2 * len(sets), 0.62 * rows + 0.7))
    figure.get_layout_engine().set(wspace=0.08)
    for axes, (name, filters) in zip(grid[0], sets.items(), strict=True):
        axes.imshow(_mosaic(0.5 + filters / (2 * largest)), aspect="equal")
        kh = filters.shape[0]
        axes.set(title=name, xticks=[], yticks=[kh / 2 - 0.5 + row * (kh + 1) for row in range(rows)])
        axes.set_yticklabels([f"{row * COLUMNS}" for row in range(rows)])
        axes.tick_params(length=0)
        axes.spines[:].set_visible(False)
    return figure


@styled
def filters_by_channel(
    filters: np.ndarray, chosen: Sequence[int], channels: Sequence[str] = ("together", *CHANNELS)
) -> Figure:
    """Draw filters of a first layer channel by channel: blue is negative, white 0, red positive.

    Args:
        filters: (kh, kw, 3, F).
        chosen: which of the F filters, one column for each.
        channels: rows from "together" (as a colored picture), "red", "green" and "blue".
    """
    filters = _color_filters(filters)
    chosen = [whole_number("filter", number, 0, filters.shape[-1] - 1) for number in chosen]
    largest = largest_in([filters[..., chosen]])
    size = (0.95 * len(chosen) + 1.9, 0.95 * len(channels) + 0.5)
    figure, grid = panels(len(channels), len(chosen), size)
    signed = None
    for row, channel in zip(grid, channels, strict=True):
        for axes, number in zip(row, chosen, strict=True):
            if channel == "together":
                put(axes, 0.5 + filters[..., number] / (2 * largest))
            else:
                weights = filters[:, :, CHANNELS.index(channel), number]
                signed = put_signed(axes, weights, largest, cmap=SIGNED_CMAP)
        name_row(row[0], channel)
    for axes, number in zip(grid[0], chosen, strict=True):
        axes.set_title(f"{number}", fontsize=11, fontweight="normal", loc="center")
    if signed is not None:
        figure.colorbar(signed, ax=grid, shrink=0.8, label="weight")
    return figure


# Feature maps ---------------------------------------------------------------------------------------------


@styled
def map_gallery(
    photo: np.ndarray, maps: np.ndarray, layer: str, caption: str = "", count: int = 12
) -> Figure:
    """Draw a photograph and beside it the strongest feature maps of one layer, the strongest first.

    The strongest have the largest mean. Every map is drawn from 0 (black) to its own largest value, which
    stands below it after the map's number; maps that are 0 everywhere are counted in the title.

    Args:
        photo: (H, W, 3) uint8.
        maps: (h, w, C), of that photograph.
        layer: its name, for the title.
        caption: for the photograph.
        count: the most maps to draw.
    """
    maps = np.asarray(maps)
    order = strongest(maps)[:count]
    columns, height = 6, 1.55
    rows = max(2, -(-max(len(order), 1) // columns))
    figure = plt.figure(figsize=(11, height * rows + 0.5))
    grid = figure.add_gridspec(rows, columns + 2)
    put(figure.add_subplot(grid[:2, :2]), photo, below=caption)
    for place, number in enumerate(order):
        axes = figure.add_subplot(grid[place // columns, 2 + place % columns])
        put(axes, maps[..., number], cmap=MAP_CMAP, vmin=0)
        axes.set_xlabel(f"map {number}: {maps[..., number].max():.2f}", fontsize=10, labelpad=2)
    h, w, total = maps.shape
    silent = int((maps.max(axis=(0, 1)) <= 0).sum())
    figure.suptitle(
        f"{layer}: {total} maps of {h}×{w}, {silent} of them 0 everywhere; the {len(order)} strongest",
        x=0.01, ha="left", fontsize=12, fontweight="bold",
    )  # fmt: skip
    return figure


def strongest(maps: np.ndarray) -> np.ndarray:
    """Return the numbers of the maps (h, w, C) that are not 0 everywhere, largest mean first.

    >>> strongest(np.array([[[0.0, 1.0, 5.0]]]))
    array([2, 1])
    """
    means = np.asarray(maps).mean(axis=(0, 1))
    order = np.argsort(-means, kind="stable")
    return order[means[order] > 0]


@styled
def what_changed(
    photos: tuple[np.ndarray, np.ndarray], maps: tuple[np.ndarray, np.ndarray], mask: np.ndarray, layer: str,
    centers: tuple[np.ndarray, np.ndarray], count: int = 5,
) -> Figure:  # fmt: skip
    """Draw one fan without and with a defect, and the feature maps that the defect changes most.

    Rows: GO, NG, and NG minus GO on a scale symmetric about 0 with the defect's outline.

    Args:
        photos: GO and NG, (H, W, 3) uint8 each, alike but for the defect.
        maps: GO and NG, (h, w, C) each.
        mask: (H, W) bool, the defect.
        layer: its name, for the title.
        centers: where the maps' rows and columns sit on the photograph, as ``explain.centers`` returns them.
        count: the most maps to draw.
    """
    go, ng = (np.asarray(values, float) for values in maps)
    change = ng - go
    order = np.argsort(-np.abs(change).sum(axis=(0, 1)), kind="stable")[:count]
    figure, grid = panels(3, len(order) + 1, (1.75 * (len(order) + 1) + 0.6, 5.6))
    side = photos[0].shape[0]
    whole, extent, middle = (0, side, side, 0), _extent(centers, side), np.arange(side) + 0.5
    for axes, photo, name, color in zip(grid[:, 0], photos, ("GO", "NG"), (GO_COLOR, NG_COLOR), strict=False):
        put(axes, photo, extent=whole)
        name_row(axes, name, color=color, fontweight="bold", fontsize=14)
    put(grid[2, 0], mask, below="the defect's mask", extent=whole, vmin=0, vmax=1)
    name_row(grid[2, 0], "NG − GO", fontweight="bold")
    largest = largest_in([change[..., order]])
    signed = None
    for (above, below, last), number in zip(grid[:, 1:].T, order, strict=True):
        top = max(go[..., number].max(), ng[..., number].max(), 1e-12)
        for axes, values in ((above, go), (below, ng)):
            put(axes, values[..., number], cmap=MAP_CMAP, vmin=0, vmax=top, extent=extent)
        above.set_title(f"map {number}", fontsize=11, fontweight="normal", loc="center")
        signed = put_signed(last, change[..., number], largest, cmap=SIGNED_CMAP, extent=extent)
        outlined(last, mask, "black", 0.9, middle, middle)
        for axes in (above, below, last):
            axes.set(xlim=(0, side), ylim=(side, 0))
    figure.colorbar(signed, ax=grid, shrink=0.3, anchor=(0, 0), label="NG − GO")
    figure.suptitle(f"{layer}: the {len(order)} maps that change most", x=0.01, ha="left", fontsize=12,
                    fontweight="bold")  # fmt: skip
    return figure


# What a number saw ----------------------------------------------------------------------------------------


@styled
def fields_on_photo(photo: np.ndarray, fields: Mapping[str, tuple[int, int, int, int]]) -> Figure:
    """Draw the pixels that numbers of several layers depend on: on the photograph, and enlarged.

    Args:
        photo: (H, W, 3) uint8.
        fields: what to call it, to (x0, y0, x1, y1), half-open, as ``explain.patch_of`` returns it.
    """
    if not fields:
        raise WorkbookError("fields is empty, but there must be at least one (x0, y0, x1, y1) to draw.")
    boxes = np.array(list(fields.values()))
    (x0, y0), (x1, y1) = boxes[:, :2].min(axis=0), boxes[:, 2:].max(axis=0)
    figure, (whole, near) = plt.subplots(1, 2, figsize=(9, 4.0))
    for axes, width in ((whole, 1.5), (near, 3)):
        put(axes, photo)
        # A little inside, so that boxes with a common edge stay apart.
        mark_fields(axes, fields, width, apart=0.1 if axes is near else 0)
    near.set(xlim=(x0 - 2.5, x1 + 1.5), ylim=(y1 + 1.5, y0 - 2.5))
    legend_beside(near, bbox_to_anchor=(1.02, 0.5), title="one number of")
    return figure


@styled
def best_patches(patches: Mapping[str, Sequence[np.ndarray]], labels: Mapping[str, Sequence[str]]) -> Figure:
    """Draw for each feature map the patches of photographs that it answers to most, framed by their label.

    Args:
        patches: the map's name to pictures (h, w, 3) uint8, the strongest first.
        labels: the map's name to "GO" or "NG" for each patch.
    """
    columns = max(len(row) for row in patches.values())
    figure, grid = panels(len(patches), columns, (0.95 * columns + 1.1, 1.0 * len(patches) + 0.2))
    for axes in grid.flat:
        axes.set_axis_off()
    for line, (name, row) in zip(grid, patches.items(), strict=True):
        for axes, patch, label in zip(line, row, labels[name], strict=False):
            axes.set_axis_on()
            put(axes, patch)
            color, dashes = (GO_COLOR, "-") if label == "GO" else (NG_COLOR, (0, (1.5, 1)))
            axes.spines[:].set(visible=True, color=color, linewidth=3, linestyle=dashes, capstyle="butt")
        line[0].set_axis_on()
        name_row(line[0], name)
    return figure


@styled
def contributions(values: np.ndarray, bias: float, title: str) -> Figure:
    """Draw what each input map adds to one number of the next convolution, the bias, and the sum.

    Args:
        values: (C,) the sum of window times kernel, for each input map.
        bias: the filter's.
        title: the picture's.
    """
    values = np.asarray(values, float)
    figure, axes = plt.subplots(figsize=(10, 3.2))
    heights = [*values, bias, values.sum() + bias]
    colors = ["#B2182B" if value > 0 else "#2166AC" for value in values] + ["#999999", "black"]
    places = [*range(len(values)), len(values) + 1, len(values) + 3]
    bars = axes.bar(places, heights, color=colors)
    axes.bar_label(bars, ["" for _ in values] + [f"{value:.2f}" for value in heights[-2:]], padding=3)
    axes.axhline(0, color="black", linewidth=0.8)
    step = max(1, len(values) // 8)
    some = [*range(0, len(values), step)]
    axes.set_xticks([*some, *places[-2:]], [*some, "bias", "sum"])
    axes.set(title=title, xlabel="map of the layer before", ylabel="adds")
    axes.margins(y=0.15)
    return figure


# How it is drawn ------------------------------------------------------------------------------------------


def _extent(centers: tuple[np.ndarray, np.ndarray], side: int) -> tuple[float, float, float, float]:
    """Return where to draw a map (left, right, bottom, top), so that each number sits at its center."""
    ys, xs = (np.asarray(values, float) for values in centers)
    (top, bottom), (left, right) = (
        (values[0] - step / 2, values[-1] + step / 2)
        for values in (ys, xs)
        for step in [values[1] - values[0] if len(values) > 1 else side]
    )
    return left, right, bottom, top


def _color_filters(filters: np.ndarray) -> np.ndarray:
    filters = np.asarray(filters, float)
    if filters.ndim != 4 or filters.shape[2] != 3:
        raise WorkbookError(
            f"filters has the shape {filters.shape}, but only filters of a first layer, (kh, kw, 3, F), have "
            "a red, a green and a blue channel."
        )
    return filters


def _mosaic(filters: np.ndarray) -> np.ndarray:
    """Lay filters (kh, kw, 3, F) out in rows of COLUMNS, with one white cell between them."""
    kh, kw, _, count = filters.shape
    rows = -(-count // COLUMNS)
    sheet = np.ones((rows * (kh + 1) - 1, COLUMNS * (kw + 1) - 1, 3))
    for number in range(count):
        top, left = number // COLUMNS * (kh + 1), number % COLUMNS * (kw + 1)
        sheet[top : top + kh, left : left + kw] = filters[..., number]
    return sheet
