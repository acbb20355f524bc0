"""AOI's words for a classifier's mistakes, the threshold that decides GO or NG, and what counts prove.

GO = 1 and NG = 0; a fan is called GO when P(GO) >= threshold.
*Escape*: an NG fan called GO. *Overkill*: a GO fan called NG.
"""

from .attribute import Appraiser, AttributeStudy, attribute_study
from .bounds import Bounds, at_least, at_most, exact, units_needed, wilson, zero_escape_bound
from .detectability import SizeBin, detectability, pooled
from .judging import Verdicts, checked, judge
from .prevalence import Prevalence, at_prevalence
from .review import ReviewBin, calls, review_bin, review_for_costs
from .scale import MOST_LOG_ODDS, log_odds
from .sealed import Opening, SealedTest
from .thresholds import (
    CostCurve,
    choose_threshold,
    cost_curve,
    threshold_for_costs,
    threshold_for_overkill,
)

__all__ = [
    "MOST_LOG_ODDS",
    "Appraiser",
    "AttributeStudy",
    "Bounds",
    "CostCurve",
    "Opening",
    "Prevalence",
    "ReviewBin",
    "SealedTest",
    "SizeBin",
    "Verdicts",
    "at_least",
    "at_most",
    "at_prevalence",
    "attribute_study",
    "calls",
    "checked",
    "choose_threshold",
    "cost_curve",
    "detectability",
    "exact",
    "judge",
    "log_odds",
    "pooled",
    "review_bin",
    "review_for_costs",
    "threshold_for_costs",
    "threshold_for_overkill",
    "units_needed",
    "wilson",
    "zero_escape_bound",
]
