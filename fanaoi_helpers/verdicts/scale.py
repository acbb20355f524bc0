"""Log-odds: the scale on which scores near 0 and near 1 can be told apart."""

from collections.abc import Sequence

import numpy as np

from ..errors import WorkbookError

MOST_LOG_ODDS = 12.0  # P(GO) = 0.999994; beyond, float32 has too few digits left near 1 to tell scores apart


def log_odds(p_go: Sequence[float]) -> np.ndarray:
    """Return ln(p / (1 - p)) for each P(GO), from -12 to 12: what is beyond is set to that.

    It undoes the sigmoid: 0 is P(GO) = 0.5, 4.6 is 0.99, 6.9 is 0.999, and so for NG with a minus.

    Args:
        p_go: probabilities of any shape, 0..1.

    Raises:
        WorkbookError: a value outside 0..1, or NaN.

    >>> log_odds([0.0, 0.01, 0.5, 0.999]).round(1).tolist()
    [-12.0, -4.6, 0.0, 6.9]
    """
    p_go = np.asarray(p_go, dtype=np.float64)
    if not ((p_go >= 0) & (p_go <= 1)).all():
        odd = p_go[~((p_go >= 0) & (p_go <= 1))][0]
        raise WorkbookError(f"p_go holds {odd:g}, but it must hold probabilities from 0 to 1.")
    with np.errstate(divide="ignore"):
        return np.clip(np.log(p_go) - np.log1p(-p_go), -MOST_LOG_ODDS, MOST_LOG_ODDS)
