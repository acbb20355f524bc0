"""Move a lens over a photograph: its pixels with their numbers, and its three channels apart."""

import numpy as np
import traitlets
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from .. import arrays, errors
from ..errors import WorkbookError
from ..figures import pixels
from .base import InteractiveFigure
from .traits import Array, OneOf, State, Switch

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

    >>> lens = PixelLens(np.full((20, 30, 3), (201, 7, 0), np.uint8), row=4)
    >>> lens
    PixelLens(pixels[4, 15] → [201   7   0], #c90700, 7 × 7 around it)
    >>> lens.row = 20
    Traceback (most recent call last):
    fanaoi_helpers.errors.WorkbookError: row is 20, but it must be a whole number from 0 to 19.
    """

    scripts = ("pixel_lens.js",)

    positional = 4

    pixels = Picture(ndim=(2, 3), dtype="uint8", help="(H, W, 3) or (H, W), 3 to 2048 along a side")
    row = State(None, help="of the pixel that is looked at, counted downward from 0; the middle unless given")
    column = State(None, help="of that pixel, counted to the right from 0")
    size = OneOf(7, SIZES, help="pixels along a side of the lens")
    frozen = Switch(False, help="whether the lens stays where it is when the mouse moves")
    channels = OneOf("gray", VIEWS, help="each channel as the matrix that it is, or in its color")

    @traitlets.default("row")
    def _middle_row(self) -> int:
        return self.pixels.shape[0] // 2

    @traitlets.default("column")
    def _middle_column(self) -> int:
        return self.pixels.shape[1] // 2

    @traitlets.validate("row", "column")
    def _place_is_inside(self, proposal: dict) -> int:
        name = proposal["trait"].name
        length = self.pixels.shape[name == "column"]
        return errors.whole_number(name, proposal["value"], 0, length - 1)

    @traitlets.observe("pixels")
    def _stay_inside(self, change: dict) -> None:
        height, width = self.pixels.shape[:2]
        # Not by comparison with the old picture: while the figure is made, there is none.
        self.row, self.column = min(self.row, height - 1), min(self.column, width - 1)

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
