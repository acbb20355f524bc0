"""A kernel edited by hand over a whole photograph, and its response, live."""

import numpy as np
import traitlets
from matplotlib.figure import Figure

from .. import byhand, errors
from ..errors import WorkbookError
from ..figures import arithmetic, pixels, responses
from .base import InteractiveFigure
from .traits import Array, Number, OneOf, Switch, Whole

SIDES = (1, 3, 5)  # rows and columns of a kernel
SMALLEST, LARGEST = 8, 640  # rows and columns of a photograph
MOST_BIAS = 1e6
CHANNELS = ("red", "green", "blue")
PRESETS = {
    "identity": [[0, 0, 0], [0, 1, 0], [0, 0, 0]],
    "blur": np.full((3, 3), 1 / 9).tolist(),
    "blur 5×5": np.full((5, 5), 1 / 25).tolist(),
    "sharpen": [[0, -1, 0], [-1, 5, -1], [0, -1, 0]],
    "vertical edge": [[-1, 0, 1], [-2, 0, 2], [-1, 0, 1]],
    "horizontal edge": [[-1, -2, -1], [0, 0, 0], [1, 2, 1]],
    "Laplacian": [[0, 1, 0], [1, -4, 1], [0, 1, 0]],
    "spot": [[-1, -1, -1], [-1, 8, -1], [-1, -1, -1]],
    "emboss": [[-2, -1, 0], [-1, 1, 1], [0, 1, 2]],
    "blue minus green": np.broadcast_to(np.array([0, -1, 1]) / 9, (3, 3, 3)).tolist(),  # of colors only
}


class Kernel(Array):
    """A kernel, or the name of one."""

    def validate(self, obj: object, value: object) -> np.ndarray:
        """Return ``value``, or the preset of that name, as an array."""
        if isinstance(value, str):
            value = PRESETS[errors.one_of(self.name, value, list(PRESETS))]
        return super().validate(obj, value)


class KernelLab(InteractiveFigure):
    """A photograph and what a kernel makes of it: change a number, and the whole response follows.

    A kernel of two axes looks at the photograph in gray (the mean of its channels). One of three axes is a
    filter: a kernel for each channel, their responses added up. The bias is added, then ReLU cuts if it is
    on. The kernel is not flipped, as in ``byhand``. Point at the response to see a number and its window.

    Keys: arrows go from field to field, Page Up and Page Down change a number by 1 (with Shift by 0.1);
    dragging a number to the left or right changes it by tenths. On the response the arrows move the place
    looked at, Page Up and Page Down by 10 rows, Home and End to the first and last number.

    >>> lab = KernelLab(np.tile(np.arange(0, 200, 20, dtype=np.uint8), (10, 1)), "vertical edge")
    >>> lab.response.shape, float(lab.response.max())
    ((8, 8), 160.0)
    >>> lab
    KernelLab(kernel 3×3 over 10×10, gray, padding valid: response 8×8, 160 to 160)
    """

    scripts = ("kernel_lab.js",)

    positional = 2

    photograph = Array(
        ndim=(2, 3), dtype="uint8", help="(H, W) or (H, W, 3), 8 to 640 rows and columns; fluent up to 320"
    )
    kernel = Kernel(
        PRESETS["vertical edge"],
        ndim=(2, 3),
        help="(k, k), or (k, k, 3) for color, k 1, 3 or 5; or a name out of PRESETS",
    )
    bias = Number(0.0, -MOST_BIAS, MOST_BIAS, help="added to each number")
    relu = Switch(False, help="whether negative numbers become 0")
    padding = OneOf("valid", ("valid", "same"), help="zeros around the photograph, or none")
    colors = OneOf(
        "signed",
        ("signed", "pixels"),
        help="blue below 0 and red above; or black 0, white 255",
    )
    row = Whole(None, 0, LARGEST - 1, help="of the number looked at; in the middle unless given")
    column = Whole(None, 0, LARGEST - 1, help="the same")
    presets = traitlets.Dict(PRESETS, read_only=True, help="name to kernel").tag(sync=True)

    @traitlets.default("row")
    def _middle_row(self) -> int:
        return self.photograph.shape[0] // 2

    @traitlets.default("column")
    def _middle_column(self) -> int:
        return self.photograph.shape[1] // 2

    @traitlets.validate("photograph")
    def _photograph_fits(self, proposal: dict) -> np.ndarray:
        shape = proposal["value"].shape
        if shape[2:] not in ((), (3,)) or not all(SMALLEST <= side <= LARGEST for side in shape[:2]):
            raise WorkbookError(
                f"photograph has the shape {shape}, but it must be (H, W) or (H, W, 3) with {SMALLEST} to "
                f"{LARGEST} rows and columns; a large one gets smaller by photograph[::2, ::2]."
            )
        _fit(shape, self.kernel.shape)
        return proposal["value"]

    @traitlets.validate("kernel")
    def _kernel_fits(self, proposal: dict) -> np.ndarray:
        shape = proposal["value"].shape
        if shape[0] not in SIDES or shape[1] != shape[0] or shape[2:] not in ((), (3,)):
            raise WorkbookError(
                f"kernel has the shape {shape}, but it must be (k, k) or (k, k, 3) where k is 1, 3 or 5."
            )
        _fit(self.photograph.shape, shape)
        return proposal["value"]

    @property
    def seen(self) -> np.ndarray:
        """The photograph as the kernel sees it: (H, W) in gray, float64, or (H, W, 3)."""
        mixes = self.photograph.ndim == 3 and self.kernel.ndim == 2
        return self.photograph.mean(axis=2) if mixes else self.photograph

    @property
    def response(self) -> np.ndarray:
        """What the filter answers, (H', W') float64, after ReLU if that is on."""
        height, width = self.seen.shape[:2]
        kernels = self.kernel.reshape(*self.kernel.shape[:2], -1, 1)
        x = self.seen.reshape(height, width, -1)
        response = byhand.conv_layer(x, kernels, [self.bias], padding=self.padding)[:, :, 0]
        return byhand.relu(response) if self.relu else response

    def still(self) -> Figure:
        """Return photograph and response as a picture, and under it the kernel's numbers."""
        name = "response after ReLU" if self.relu else "response"
        photograph = np.rint(self.seen).astype(np.uint8)
        if self.colors == "signed":
            figure = responses.response_maps({name: self.response}, photograph)
        else:
            response = np.rint(self.response).clip(0, 255).astype(np.uint8)
            figure = pixels.side_by_side([photograph, response], ["photograph", f"{name}, 0 to 255"])
        if self.kernel.ndim == 2:
            kernels = {"kernel": self.kernel}
        else:
            kernels = {name: self.kernel[:, :, c] for c, name in enumerate(CHANNELS)}
        lines = []
        for name, rows in kernels.items():
            lines.append(f"{name}: " + " / ".join(" ".join(map(arithmetic.short, row)) for row in rows))
        lines.append(f"bias {arithmetic.short(self.bias)}")
        figure.text(0.02, -0.02, "\n".join(lines), fontsize=10, va="top", ha="left", linespacing=1.4)
        return figure

    def words(self) -> str:
        """Return the present state in one line."""
        out, k = self.response, self.kernel.shape[0]
        channels = "gray" if self.kernel.ndim == 2 else "a kernel for each channel"
        bias = f", bias {self.bias:g}" if self.bias else ""
        return (
            f"kernel {k}×{k} over {self.seen.shape[0]}×{self.seen.shape[1]}, {channels}{bias}"
            f"{', ReLU' if self.relu else ''}, padding {self.padding}: "
            f"response {out.shape[0]}×{out.shape[1]}, {out.min():g} to {out.max():g}"
        )


def _fit(photograph: tuple[int, ...], kernel: tuple[int, ...]) -> None:
    """Refuse a kernel for each channel where the photograph has no channels."""
    if len(kernel) == 3 and len(photograph) == 2:
        raise WorkbookError(
            f"The kernel has the shape {kernel}, three channels, but the photograph is gray, {photograph}; "
            "take a kernel of two axes, or a photograph in color."
        )
