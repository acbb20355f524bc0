"""Move a lens over a photograph: its pixels with their numbers, and its three channels apart."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import traitlets

from .. import arrays, errors
from ..errors import WorkbookError
from .base import InteractiveFigure
from .traits import Array, Checked, OneOf, Switch

if TYPE_CHECKING:
    from matplotlib.figure import Figure

SIZES = (3, 5, 7, 9, 11)
VIEWS = ("gray", "color")
SMALLEST, LARGEST = 3, 2048  # pixels along a side


class Picture(Array):
    """A uint8 picture; others are refused, since floats between 0 and 1 would come out black."""

    def validate(self, obj: object, value: object) -> np.ndarray:
        """Return ``value`` as a read-only picture (H, W) or (H, W, 3), or refuse it by the trait's name."""
        pixels = arrays.picture(self.name, value)
        height, width = pixels.shape[:2]
        if not (SMALLEST <= min(height, width) and max(height, width) <= LARGEST):
            raise WorkbookError(
                f"{self.name} is {height} × {width} pixels, but the lens needs {SMALLEST} to {LARGEST} along "
                "each side."
            )
        return super().validate(obj, pixels)


class PixelLens(InteractiveFigure):
    """A photograph under a lens: the pixels around [row, column] magnified, each with its numbers.

    Beside it stand the three channels of a color photograph, with the same lens marked. The pixel that is
    looked at is always in the middle of the lens; where the lens reaches over the edge of the photograph,
    its cells say that there is no pixel.

    Mouse: the lens follows; a click freezes it and another one frees it. Keys, on the photograph: arrows move
    by one pixel, with Shift by ten; Page Up and Page Down by ten rows; Home and End to the first and last
    column; Enter or Space freezes and frees. Keys (and Python) move a frozen lens, too.

    Args:
        pixels: uint8 (H, W, 3) red, green, blue, or (H, W); 3 to 2048 pixels along a side.
        row: of the pixel that is looked at, counted downward from 0; the middle unless given.
        column: of that pixel, counted to the right from 0.
        size: pixels along a side of the lens: 3, 5, 7, 9 or 11.
        frozen: whether the lens stays where it is when the mouse moves.
        channels: "gray" draws each channel as the matrix that it is, "color" in its own color.

    Raises:
        WorkbookError: no uint8 picture, or a value that makes no sense.

    >>> lens = PixelLens(np.full((20, 30, 3), (201, 7, 0), np.uint8), row=4)
    >>> lens
    PixelLens(pixels[4, 15] → [201   7   0], #c90700, 7 × 7 around it)
    >>> lens.row = 20
    Traceback (most recent call last):
    fanaoi_helpers.errors.WorkbookError: row is 20, but it must be a whole number from 0 to 19.
    """

    scripts = ("pixel_lens.js",)

    pixels = Picture(np.zeros((3, 3), np.uint8), ndim=(2, 3), dtype="uint8", help="uint8 (H, W, 3) or (H, W)")
    row = Checked(0, help="of the pixel that is looked at, from 0")
    column = Checked(0, help="of the pixel that is looked at, from 0")
    size = OneOf(7, SIZES, help="pixels along a side of the lens")
    frozen = Switch(False, help="the lens does not follow the mouse")
    channels = OneOf("gray", VIEWS, help="how a channel is drawn")

    def __init__(
        self,
        pixels: np.ndarray,
        row: int | None = None,
        column: int | None = None,
        size: int = 7,
        *,
        frozen: bool = False,
        channels: str = "gray",
    ) -> None:
        middle = [length // 2 for length in np.shape(pixels)[:2]] if np.ndim(pixels) > 1 else [0, 0]
        super().__init__(
            pixels=pixels,
            row=middle[0] if row is None else row,
            column=middle[1] if column is None else column,
            size=size,
            frozen=frozen,
            channels=channels,
        )

    @traitlets.validate("row", "column")
    def _place_is_inside(self, proposal: dict) -> int:
        name = proposal["trait"].name
        length = self.pixels.shape[name == "column"]
        return errors.whole_number(name, proposal["value"], 0, length - 1)

    @traitlets.observe("pixels")
    def _stay_inside(self, change: dict) -> None:
        height, width = self.pixels.shape[:2]
        # Not by comparison with the old picture: while the figure is made, there is none.
        self.row, self.column = _within(self.row, height), _within(self.column, width)

    @property
    def value(self) -> np.ndarray:
        """What ``pixels[row, column]`` holds: three numbers, or one."""
        return self.pixels[self.row, self.column]

    @property
    def hex(self) -> str:
        """The color of that pixel as web pages write it, such as "#c90700"."""
        return "#" + "".join(f"{number:02x}" for number in np.broadcast_to(self.value, 3))

    def still(self) -> Figure:
        """Return the photograph and the lens as a picture; at the edge the lens is moved inside."""
        from matplotlib.patches import Rectangle

        from ..figures import pixels

        height, width = self.pixels.shape[:2]
        size = min(self.size, height, width)
        row = min(max(0, self.row - size // 2), height - size)
        column = min(max(0, self.column - size // 2), width - size)
        figure = pixels.zoom(self.pixels, row, column, size)
        corner = self.column - column - 0.5, self.row - row - 0.5
        for color, wide in (("black", 4.5), ("#E69F00", 2.5)):
            figure.axes[1].add_patch(Rectangle(corner, 1, 1, fill=False, edgecolor=color, linewidth=wide))
        title = f"pixels[{self.row}, {self.column}] → {self.value}   {self.hex}"
        figure.axes[1].set_title(title, fontsize=11, loc="left")  # where the workbook's style has put its own
        return figure

    def words(self) -> str:
        """Return the present state in one line."""
        around = f"{self.size} × {self.size} around it" + ", frozen" * self.frozen
        return f"pixels[{self.row}, {self.column}] → {self.value}, {self.hex}, {around}"


def _within(place: object, length: int) -> object:
    """Return an index moved into 0..length - 1; what is no number is left for the check of its trait."""
    return min(max(place, 0), length - 1) if isinstance(place, int) else place
