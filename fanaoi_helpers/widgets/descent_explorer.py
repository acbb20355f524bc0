"""A ball on a loss surface: learning rate, momentum and Adam, step by step."""

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np
import traitlets
from matplotlib.figure import Figure

from .. import byhand
from ..errors import WorkbookError
from ..figures import learning
from .base import InteractiveFigure
from .traits import Array, Number, OneOf, Whole

OPTIMIZERS = ("SGD", "momentum", "Adam")
LOWEST_RATE, HIGHEST_RATE, MOST_STEPS = 1e-4, 10.0, 200


class Surface(NamedTuple):
    """A loss, its gradient, the part of it that is drawn, and where the ball starts unless told otherwise."""

    loss: Callable[..., np.ndarray]  # of the weights, one array each
    gradient: Callable[[np.ndarray], np.ndarray]  # of a point (n,)
    low: tuple[float, ...]
    high: tuple[float, ...]
    start: tuple[float, ...]


# The script holds the same formulas; a test compares them.
SURFACES = {
    "parabola": Surface(lambda w: (2 * w - 6) ** 2, lambda w: 4 * (2 * w - 6), (-1.0,), (7.0,), (0.5,)),
    "valley": Surface(
        lambda a, b: a**2 + 10 * b**2,
        lambda w: np.array([2 * w[0], 20 * w[1]]),
        (-10.0, -4.0),
        (6.0, 4.0),
        (-8.0, 2.5),
    ),
    "bowl": Surface(lambda a, b: a**2 + b**2, lambda w: 2 * w, (-8.0, -4.0), (8.0, 4.0), (-6.0, 3.0)),
    # Minima at b = ±2, a saddle between them at (0, 0); the start is nearly on the ridge that leads there.
    "saddle": Surface(
        lambda a, b: a**2 + (b**2 - 4) ** 2 / 8,
        lambda w: np.array([2 * w[0], w[1] * (w[1] ** 2 - 4) / 2]),
        (-6.0, -3.0),
        (6.0, 3.0),
        (-4.0, 0.01),
    ),
    # The deep minimum is at a = −3; the shallow one, at a = (6 + √28) / 4, catches what comes from the right.
    "two minima": Surface(
        lambda a, b: (a + 3) ** 2 * ((a - 3) ** 2 + 1) / 20 + b**2,
        lambda w: np.array([(w[0] + 3) * (2 * w[0] ** 2 - 6 * w[0] + 1) / 10, 2 * w[1]]),
        (-6.0, -3.0),
        (6.0, 3.0),
        (5.0, 2.0),
    ),
}


class DescentExplorer(InteractiveFigure):
    """A ball that walks down a loss surface, with its path and the loss at each step.

    The path is that of ``byhand.sgd`` (optimizers "SGD" and "momentum") or ``byhand.adam`` from ``start``.
    Play, step, go back; drag the ball, and a new descent begins there; drag the square at the start, or move
    the learning rate, and the whole path follows. A descent that runs away is said so in a sentence.

    Keys: Space plays and pauses; in the picture arrows move the start, Page Up and Page Down take a step
    or go one back, Home and End take the first and the last step.

    >>> explorer = DescentExplorer("valley", optimizer="momentum", rate=0.02, momentum=0.9, step=40)
    >>> explorer
    DescentExplorer(valley, momentum 0.9, rate 0.02, step 40: loss 0.0113)
    >>> explorer.rate = 0.005
    >>> explorer.path.shape, explorer.losses[0]
    ((41, 2), np.float64(126.5))
    """

    scripts = ("descent_explorer.js",)

    surface = OneOf("valley", SURFACES, help="of the loss; parabola is 04's gain, valley 04's a² + 10 b²")
    optimizer = OneOf("SGD", OPTIMIZERS)
    rate = Number(0.05, LOWEST_RATE, HIGHEST_RATE, help="the learning rate")
    momentum = Number(0.9, 0, 0.99, help="for the optimizer of this name; the others do without")
    start = Array(None, ndim=(0, 1), help="(n,) the first point; each surface has one of its own")
    step = Whole(0, 0, MOST_STEPS, help="how many steps are taken")

    @traitlets.default("start")
    def _start_of_the_surface(self) -> tuple[float, ...]:
        return SURFACES[self.surface].start

    @traitlets.validate("start")
    def _start_is_in_the_picture(self, proposal: dict) -> np.ndarray:
        start = np.atleast_1d(proposal["value"])
        if not self._has(start):
            _, _, low, high, _ = SURFACES[self.surface]
            numbers = ", ".join(f"{number:g}" for number in start)
            raise WorkbookError(
                f"start is ({numbers}), but on the {self.surface} it must be {len(low)} "
                f"number{'s' if len(low) > 1 else ''} from {_point(low)} to {_point(high)}."
            )
        return start

    @traitlets.observe("surface")
    def _start_goes_along(self, change: dict) -> None:
        if not self._has(self.start):
            self.start = SURFACES[self.surface].start

    def _has(self, point: np.ndarray) -> bool:
        """Tell whether a point lies in the picture of the present surface."""
        low, high = np.array(SURFACES[self.surface].low), np.array(SURFACES[self.surface].high)
        return point.shape == low.shape and bool(np.all((low <= point) & (point <= high)))

    @property
    def path(self) -> np.ndarray:
        """(step + 1, n) the points so far, the start first; inf and nan once it has run away."""
        gradient = SURFACES[self.surface].gradient
        if self.optimizer == "Adam":
            return byhand.adam(gradient, self.start, self.rate, self.step)
        momentum = self.momentum if self.optimizer == "momentum" else 0.0
        return byhand.sgd(gradient, self.start, self.rate, self.step, momentum)

    @property
    def losses(self) -> np.ndarray:
        """(step + 1,) the loss at each point of the path."""
        with np.errstate(over="ignore", invalid="ignore"):
            return SURFACES[self.surface].loss(*self.path.T)

    def still(self) -> Figure:
        """Return the surface and the path as a picture."""
        surface = SURFACES[self.surface]
        # What has run far away cannot be drawn: the picture ends with the last point before that.
        near = np.abs(self.path).max(axis=1) < 1e6
        path = self.path[: len(near) if near.all() else int(np.argmin(near))]
        if len(surface.start) == 1:
            figure = learning.descent(surface.loss, path[:, 0], surface.low[0], surface.high[0], name="gain")
        else:
            figure = learning.surface_paths(surface.loss, {self.words(): path}, surface.low, surface.high)
            figure.set_size_inches(8, 4.6)
        return figure

    def words(self) -> str:
        """Return the present state in one line."""
        optimizer = f"momentum {self.momentum:g}" if self.optimizer == "momentum" else self.optimizer
        loss = self.losses[-1]
        end = f"{loss:.3g}" if np.isfinite(loss) else "run away"
        return f"{self.surface}, {optimizer}, rate {self.rate:g}, step {self.step}: loss {end}"


def _point(numbers: Sequence[float]) -> str:
    return f"({', '.join(f'{number:g}' for number in numbers)})" if len(numbers) > 1 else f"{numbers[0]:g}"
