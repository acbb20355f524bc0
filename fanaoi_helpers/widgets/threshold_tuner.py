"""Drag the threshold over the scores: what escapes, what is overkill, and what it costs."""

import numpy as np
import traitlets
from matplotlib.figure import Figure

from .. import verdicts
from ..errors import WorkbookError
from ..figures import release
from ..verdicts.thresholds import MOST_COST
from .base import InteractiveFigure
from .traits import Array, Number, OneOf

NO_PHOTOGRAPHS = np.zeros((0, 1, 1, 3), np.uint8)
LOWEST_RATE, HIGHEST_RATE = 0.00001, 0.9


class ThresholdTuner(InteractiveFigure):
    """The scores of GO and NG photographs with a threshold to drag; what follows from it is counted live.

    The table holds escapes and overkill with both denominators; below it, what 10,000 fans of a line would
    give and cost. A click on one of the four counts shows its photographs.

    Keys: on the threshold, arrows move it to the next score and Page Up and Page Down ten scores further;
    Home and End call everything GO or NG.

    >>> tuner = ThresholdTuner([1, 1, 0, 0], [0.9, 0.4, 0.6, 0.1], threshold=0.5)
    >>> tuner.verdicts.escapes, tuner.verdicts.overkill
    (1, 1)
    """

    scripts = ("threshold_tuner.js",)

    positional = 3

    labels = Array(dtype="uint8", help="(N,) GO 1, NG 0; both must occur")
    p_go = Array(help="(N,) P(GO), 0 to 1")
    threshold = Number(0.5, 0, 1, help="GO from here on")
    escape_cost = Number(1000.0, 1 / MOST_COST, MOST_COST, help="of one NG fan called GO")
    overkill_cost = Number(4.0, 1 / MOST_COST, MOST_COST, help="of one GO fan called NG")
    ng_rate = Number(0.005, LOWEST_RATE, HIGHEST_RATE, help="the share of NG on the line")
    photographs = Array(
        NO_PHOTOGRAPHS,
        ndim=4,
        dtype="uint8",
        optional=True,
        help="(N, H, W, 3), to look at",
    )
    shown = OneOf("", ("", "caught", "escapes", "overkill", "passed"), help="whose photographs are shown")

    @traitlets.validate("labels", "p_go", "photographs")
    def _they_belong_together(self, proposal: dict) -> np.ndarray:
        parts = {name: getattr(self, name) for name in ("labels", "p_go", "photographs")}
        parts[proposal["trait"].name] = proposal["value"]
        counts = verdicts.judge(parts["labels"], parts["p_go"], self.threshold)
        if not counts.ng_total or not counts.go_total:
            raise WorkbookError(
                f"The labels hold {counts.go_total} GO and {counts.ng_total} NG, but a threshold needs both."
            )
        photographs, count = len(parts["photographs"]), len(parts["labels"])
        if photographs not in (0, count):
            raise WorkbookError(
                f"There are {photographs} photographs for {count} labels: give one for each, or none."
            )
        return proposal["value"]

    @property
    def verdicts(self) -> verdicts.Verdicts:
        """What the present threshold gives."""
        return verdicts.judge(self.labels, self.p_go, self.threshold)

    def still(self) -> Figure:
        """Return the scores and the threshold as a picture."""
        return release.score_band(self.labels, self.p_go, self.threshold)

    def words(self) -> str:
        """Return the present state in one line."""
        return str(self.verdicts)
