"""Which method earns it on a folder: all of them on the same folds, and what the result is worth."""

from .comparing import compare
from .comparison import Comparison, Outcome
from .methods import METHODS
