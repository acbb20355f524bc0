"""Pictures of what kernels answer to photographs, and of what one number sees of them."""

from collections.abc import Mapping

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from numpy.typing import ArrayLike

from .. import byhand
from ..errors import WorkbookError
from .arithmetic import by, short
from .style import largest_in, legend_beside, panels, put, put_signed, signed_numbers, styled

FIELD_COLORS = ("#56B4E9", "#F0E442", "#E69F00", "#D55E00")


@styled
def response_maps(
    maps: Mapping[str, ArrayLike], photo: ArrayLike | None = None, title: str = "photograph"
) -> Figure:
    """Draw signed maps beside the photograph that they come from, on one scale symmetric about 0.

    Args:
        maps: name to (H', W'), for instance a response and what ReLU leaves of it.
        photo: (H, W) or (H, W, 3) as matplotlib shows pictures, or nothing.
        title: the photograph's.
    """
    maps = {name: np.asarray(values, float) for name, values in maps.items()}
    count, largest = len(maps) + (photo is not None), largest_in(maps.values())
    figure, axes = panels(1, count, (3 * count + 0.6, 3.2))
    places = list(axes[0])
    if photo is not None:
        put(places.pop(0), photo, title, by(photo))
    for place, (name, values) in zip(places, maps.items(), strict=True):
        drawn = put_signed(place, values, largest, name, by(values))
    figure.colorbar(drawn, ax=places, shrink=0.85, label="response")
    return figure


@styled
def kernels_over_photo(photo: ArrayLike, kernels: Mapping[str, ArrayLike]) -> Figure:
    """Draw each kernel's numbers and, under it, its response to a gray photograph, each symmetric about 0.

    Args:
        photo: (H, W), any numbers.
        kernels: name to (kh, kw), five at most.
    """
    photo = np.asarray(photo)
    if photo.ndim != 2 or not 1 <= len(kernels) <= 5:
        raise WorkbookError(
            f"photo has shape {photo.shape} with {len(kernels)} kernels, but kernels_over_photo draws 1 to 5 "
            "kernels over a gray photograph, (H, W)."
        )
    count = len(kernels)
    figure, axes = panels(2, count, (2.6 * count + 0.2, 4.6), height_ratios=(0.75, 1))
    for (above, below), (name, kernel) in zip(axes.T, kernels.items(), strict=True):
        kernel = np.asarray(kernel, float)
        signed_numbers(above, kernel, largest_in([kernel]), short)
        above.set_title(name)
        response = byhand.convolve2d(photo, kernel)
        ends = f"{short(round(response.min()))} to {short(round(response.max()))}"
        put_signed(below, response, largest_in([response]), below=ends)
    return figure


@styled
def moved_maps(rows: Mapping[str, tuple[ArrayLike, Mapping[str, ArrayLike]]]) -> Figure:
    """Draw one row for each place of a thing: the photograph and its maps, all maps on one scale about 0.

    Args:
        rows: name of the row to (photograph, name to map); the same maps in each row.
    """
    largest = largest_in(values for _, maps in rows.values() for values in maps.values())
    columns = 1 + max(len(maps) for _, maps in rows.values())
    figure, axes = panels(len(rows), columns, (2.5 * columns, 2.9 * len(rows)))
    for places, (name, (photo, maps)) in zip(axes, rows.items(), strict=True):
        put(places[0], photo, name, by(photo))
        for place, (title, values) in zip(places[1:], maps.items(), strict=True):
            put_signed(place, values, largest, title, by(values))
    if figure.get_layout_engine() is not None:
        figure.get_layout_engine().set(h_pad=0.12)  # so that a size and the next row's name stay apart
    return figure


@styled
def receptive_fields(photo: ArrayLike, fields: Mapping[str, int], row: int, column: int) -> Figure:
    """Draw on a photograph the squares that one number of each layer looks at, and the same square enlarged.

    Args:
        photo: (H, W) or (H, W, 3).
        fields: layer name to the side of its square in pixels, from small to large.
        row, column: of the squares' top left corner, in pixels.
    """
    photo = np.asarray(photo)
    largest = max(fields.values())
    figure, (whole, near) = plt.subplots(1, 2, figsize=(9, 4.2))
    put(whole, photo, "what one number sees", by(photo))
    put(near, photo, "the same, enlarged")
    near.set(xlim=(column - 3.5, column + largest + 2.5), ylim=(row + largest + 2.5, row - 3.5))
    corners = {name: (column, row, column + side, row + side) for name, side in fields.items()}
    mark_fields(whole, corners, 1.5)
    mark_fields(near, corners, 3)
    legend_beside(near, bbox_to_anchor=(1.02, 0.5), title="one number of")
    return figure


def mark_fields(
    axes: Axes, fields: Mapping[str, tuple[int, int, int, int]], width: float, apart: float = 0
) -> None:
    """Frame (x0, y0, x1, y1) of each field, half-open, those before the last by ``apart`` further inside."""
    for number, (name, (left, top, right, bottom)) in enumerate(fields.items()):
        inset = apart * (len(fields) - 1 - number)
        corner = (left - 0.5 + inset, top - 0.5 + inset)
        sides = (right - left - 2 * inset, bottom - top - 2 * inset)
        look = {"lw": width, "label": f"{name}: {bottom - top}×{right - left}"}
        color = FIELD_COLORS[number % len(FIELD_COLORS)]
        axes.add_patch(Rectangle(corner, *sides, fill=False, ec=color, **look))
