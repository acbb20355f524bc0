"""Verdicts at one threshold held against the labels: escapes and overkill counted."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass

import numpy as np

from ..errors import WorkbookError, number


@dataclass(frozen=True)
class Verdicts:
    """How the verdicts at one threshold compare with the labels.

    Attributes:
        threshold: a photograph is called GO when P(GO) >= threshold.
        accuracy: share of right verdicts, 0..1.
        auc: area under the ROC curve, the chance that a GO photograph scores above an NG one; None where one
            of the labels does not occur.
        escapes: NG called GO.
        ng_total: all NG, the denominator of ``escape_rate``.
        overkill: GO called NG.
        go_total: all GO, the denominator of ``overkill_rate``.
    """

    threshold: float
    accuracy: float
    auc: float | None
    escapes: int
    ng_total: int
    overkill: int
    go_total: int

    @property
    def escape_rate(self) -> float | None:
        """Escapes as a share of all NG; None where there is no NG."""
        return self.escapes / self.ng_total if self.ng_total else None

    @property
    def overkill_rate(self) -> float | None:
        """Overkill as a share of all GO; None where there is no GO."""
        return self.overkill / self.go_total if self.go_total else None

    def as_dict(self) -> dict[str, float | int | None]:
        """Return the attributes for metrics.json; None becomes null there."""
        return asdict(self)

    def __str__(self) -> str:
        auc = "needs both labels" if self.auc is None else f"{self.auc:.3f}"
        return (
            f"GO when P(GO) >= {self.threshold:.3f}: accuracy {self.accuracy:.1%}, AUC {auc}, "
            f"escapes {self.escapes} of {self.ng_total} NG, overkill {self.overkill} of {self.go_total} GO"
        )


def judge(labels: Sequence[int], p_go: Sequence[float], threshold: float) -> Verdicts:
    """Count what happens when every photograph with P(GO) >= threshold is called GO.

    Args:
        labels: (N,) GO 1, NG 0.
        p_go: (N,) P(GO), 0..1.
        threshold: 0..1.

    Raises:
        WorkbookError: shapes that do not match, labels other than 0 and 1, NaN, a value outside 0..1.

    >>> verdicts = judge([1, 1, 0, 0], [0.9, 0.4, 0.6, 0.1], 0.5)
    >>> verdicts.escapes, verdicts.ng_total, verdicts.overkill, verdicts.go_total
    (1, 2, 1, 2)
    >>> verdicts.escape_rate, verdicts.auc
    (0.5, 0.75)
    """
    labels, p_go = checked(labels, p_go)
    threshold = number("threshold", threshold, 0, 1)
    go, called_go = labels == 1, p_go >= threshold
    auc = None
    if 0 < go.sum() < len(labels):
        from sklearn.metrics import roc_auc_score

        auc = float(roc_auc_score(labels, p_go))
    return Verdicts(
        threshold=threshold,
        accuracy=float(np.mean(go == called_go)),
        auc=auc,
        escapes=int(np.sum(~go & called_go)),
        ng_total=int(np.sum(~go)),
        overkill=int(np.sum(go & ~called_go)),
        go_total=int(np.sum(go)),
    )


def checked(labels: Sequence[int], p_go: Sequence[float]) -> tuple[np.ndarray, np.ndarray]:
    """Return ``labels`` as (N,) int64 and ``p_go`` as (N,) float64, or refuse them."""
    try:
        labels, p_go = np.asarray(labels, dtype=np.float64), np.asarray(p_go, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise WorkbookError(f"labels and p_go must be lists of numbers ({error}).") from error
    if labels.ndim != 1 or p_go.shape != labels.shape or len(labels) == 0:
        raise WorkbookError(
            f"labels has the shape {labels.shape} and p_go {p_go.shape}, but both must be (N,) with the same "
            "N of at least 1: flatten the model's output with [:, 0]."
        )
    if not np.isin(labels, (0, 1)).all():
        odd = labels[~np.isin(labels, (0, 1))][0]
        raise WorkbookError(f"labels holds {odd:g}, but it must hold only 1 for GO and 0 for NG.")
    if not ((p_go >= 0) & (p_go <= 1)).all():
        odd = p_go[~((p_go >= 0) & (p_go <= 1))][0]
        raise WorkbookError(
            f"p_go holds {odd:g}, but it must hold probabilities from 0 to 1: check that training did not "
            "diverge and that the last layer is a sigmoid."
        )
    return labels.astype(np.int64), p_go
