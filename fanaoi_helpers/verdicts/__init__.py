"""AOI's words for a classifier's mistakes, the threshold that decides GO or NG, and what counts prove.

GO = 1 and NG = 0; a fan is called GO when P(GO) >= threshold.
*Escape*: an NG fan called GO. *Overkill*: a GO fan called NG.
"""

from .attribute import Appraiser, AttributeStudy, attribute_study
from .bounds import Bounds, exact, units_needed, wilson, zero_escape_bound
from .detectability import SizeBin, detectability
from .judging import Verdicts, judge
from .prevalence import Prevalence, at_prevalence
from .review import ReviewBin, calls, review_bin
from .sealed import Opening, SealedTest
from .thresholds import choose_threshold, threshold_for_costs

__all__ = [
    "Appraiser",
    "AttributeStudy",
    "Bounds",
    "Opening",
    "Prevalence",
    "ReviewBin",
    "SealedTest",
    "SizeBin",
    "Verdicts",
    "at_prevalence",
    "attribute_study",
    "calls",
    "choose_threshold",
    "detectability",
    "exact",
    "judge",
    "review_bin",
    "threshold_for_costs",
    "units_needed",
    "wilson",
    "zero_escape_bound",
]
