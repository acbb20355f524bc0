"""AOI's words for a classifier's mistakes, the threshold that decides GO or NG, and what counts prove.

GO = 1 and NG = 0; a fan is called GO when P(GO) >= threshold.
*Escape*: an NG fan called GO. *Overkill*: a GO fan called NG.
"""

from .attribute import Appraiser, AttributeStudy, attribute_study
from .bounds import Bounds, at_least, at_most, exact, units_needed, wilson, zero_escape_bound
from .counting import MOST_LOG_ODDS, Counts, Verdicts, auc, checked, judge, log_odds
from .detectability import SizeBin, detectability, pooled
from .drift import ControlChart, by_hour, control_chart
from .prevalence import Prevalence, at_prevalence
from .review import ReviewBin, calls, review_bin, review_for_costs
from .sealed import Opening, SealedTest
from .thresholds import (
    CostCurve,
    choose_threshold,
    cost_curve,
    threshold_for_costs,
    threshold_for_overkill,
)
