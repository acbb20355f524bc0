"""Verdicts held against the labels: `judge` counts escapes and overkill, `auc` ranks the scores."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np

from .. import arrays
from ..errors import WorkbookError, number
from .worth import ByUnit, counted_by_unit, sentences, units_checked

MOST_LOG_ODDS = 12.0  # P(GO) = 0.999994; beyond, float32 has too few digits left near 1 to tell scores apart


@dataclass(frozen=True)
class Counts:
    """How verdicts compare with the labels.

    Attributes:
        escapes: NG called GO.
        ng_total: all NG, the denominator of ``escape_rate``.
        overkill: GO called NG.
        go_total: all GO, the denominator of ``overkill_rate``.
    """

    escapes: int
    ng_total: int
    overkill: int
    go_total: int

    @property
    def total(self) -> int:
        """All that was judged."""
        return self.ng_total + self.go_total

    @property
    def escape_rate(self) -> float | None:
        """Escapes as a share of all NG; None where there is no NG."""
        return self.escapes / self.ng_total if self.ng_total else None

    @property
    def overkill_rate(self) -> float | None:
        """Overkill as a share of all GO; None where there is no GO."""
        return self.overkill / self.go_total if self.go_total else None


def counted(labels: np.ndarray, called_go: np.ndarray, called_ng: np.ndarray) -> dict[str, int]:
    """Return the four `Counts` of (N,) verdicts by name; what is called neither is left to a human."""
    go = labels == 1
    return {
        "escapes": int(np.sum(~go & called_go)),
        "ng_total": int(np.sum(~go)),
        "overkill": int(np.sum(go & called_ng)),
        "go_total": int(np.sum(go)),
    }


def counted_between(labels: np.ndarray, p_go: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return the K scores that occur, rising, and (K + 1,) escapes and overkill at a threshold between them.

    A threshold in gap k calls the k lowest scores NG and the others GO.
    """
    scores, position = np.unique(p_go, return_inverse=True)
    go = np.bincount(position, weights=labels, minlength=len(scores)).astype(np.int64)
    ng = np.bincount(position, minlength=len(scores)) - go
    return scores, ng.sum() - np.concatenate([[0], np.cumsum(ng)]), np.concatenate([[0], np.cumsum(go)])


@dataclass(frozen=True)
class Verdicts(Counts):
    """How the verdicts at one threshold compare with the labels; made by `judge`.

    Attributes, besides those of `Counts`:
        threshold: a photograph is called GO when P(GO) >= threshold.
        labels: (N,) that they were held against.
        p_go: (N,) the scores.
        units: (N,) int64, the unit that each photograph shows; None where that is not known.
    """

    threshold: float
    labels: np.ndarray = field(repr=False, compare=False)
    p_go: np.ndarray = field(repr=False, compare=False)
    units: np.ndarray | None = field(default=None, repr=False, compare=False)

    def with_units(self, units: Sequence) -> Verdicts:
        """Return the same verdicts, of photographs that show these ``units`` (N,): serials or numbers."""
        return replace(self, units=units_checked(units, len(self.labels)))

    @property
    def accuracy(self) -> float:
        """The share of right verdicts, 0..1."""
        return (self.total - self.escapes - self.overkill) / self.total

    @property
    def commoner(self) -> str:
        """The label that more photographs have, "GO" or "NG"; "GO" where there are as many of both."""
        return "NG" if self.ng_total > self.go_total else "GO"

    @property
    def majority(self) -> float:
        """The accuracy of always saying the commoner label, 0.5..1."""
        return max(self.ng_total, self.go_total) / self.total

    @property
    def balanced(self) -> float | None:
        """The mean of the shares of GO and of NG that are called right; None where one label does not occur.

        Always saying one label has 0.5, and so has a coin.
        """
        if not (self.ng_total and self.go_total):
            return None
        return 1 - (self.escape_rate + self.overkill_rate) / 2

    @cached_property
    def auc(self) -> float | None:
        """The area under the ROC curve; see `auc`. It is ranked when somebody asks for it."""
        return auc(self.labels, self.p_go)

    @cached_property
    def by_unit(self) -> ByUnit:
        """The verdicts counted by unit; each photograph is one where units are not known."""
        return counted_by_unit(self.labels, self.p_go >= self.threshold, self.units)

    @property
    def go_units(self) -> int | None:
        """How many units the GO photographs show; None where that is not known."""
        return None if self.units is None else self.by_unit.go_units

    @property
    def ng_units(self) -> int | None:
        """How many units the NG photographs show; None where that is not known."""
        return None if self.units is None else self.by_unit.ng_units

    @property
    def luck(self) -> float | None:
        """The share of tests in which verdicts dealt out by lot would do as well; see `ByUnit`."""
        return self.by_unit.luck

    @cached_property
    def worth(self) -> str:
        """What a reader of the score must know besides, in sentences; "" for nothing.

        That is where it is no better than always saying one label, and where it rests on few units.
        """
        return " ".join(sentences(self))

    @property
    def score(self) -> str:
        """Accuracy beside that of always saying the commoner label, balanced accuracy, and AUC, in words."""
        if self.balanced is None:
            both = "balanced accuracy and AUC need both labels"
        else:
            both = f"balanced {self.balanced:.1%}, AUC {self.auc:.3f}"
        return f"accuracy {self.accuracy:.1%} (always saying {self.commoner}: {self.majority:.1%}), {both}"

    @property
    def mistakes(self) -> str:
        """Escapes and overkill with their totals, and the units of these where they are known, in words."""
        of = {
            label: f"{total} {label}" + ("" if units is None else f" ({units} unit{'s' * (units != 1)})")
            for label, total, units in (
                ("NG", self.ng_total, self.ng_units),
                ("GO", self.go_total, self.go_units),
            )
        }
        return f"escapes {self.escapes} of {of['NG']}, overkill {self.overkill} of {of['GO']}"

    def described(self) -> str:
        """Return the score, the mistakes, and what the score is worth, a line each."""
        return "\n".join(filter(None, [self.score, self.mistakes, self.worth]))

    def as_dict(self) -> dict[str, float | int | str | None]:
        """Return the figures for metrics.json; None becomes null there."""
        names = ("threshold", "accuracy", "majority", "balanced", "auc", "luck")
        names += ("escapes", "ng_total", "ng_units", "overkill", "go_total", "go_units", "worth")
        return {name: getattr(self, name) for name in names}

    def __str__(self) -> str:
        return f"GO when P(GO) >= {self.threshold:.3f}: {self.score}, {self.mistakes}"


def judge(
    labels: Sequence[int], p_go: Sequence[float], threshold: float, units: Sequence | None = None
) -> Verdicts:
    """Count what happens when every photograph with P(GO) >= threshold is called GO.

    Args:
        labels: (N,) GO 1, NG 0.
        p_go: (N,) P(GO), 0..1.
        threshold: 0..1.
        units: (N,) the unit that each photograph shows, its serial or number; None: not known.

    Raises:
        WorkbookError: shapes that do not match, labels other than 0 and 1, NaN, a value outside 0..1.

    >>> verdicts = judge([1, 1, 0, 0], [0.9, 0.4, 0.6, 0.1], 0.5)
    >>> verdicts.escapes, verdicts.ng_total, verdicts.overkill, verdicts.go_total
    (1, 2, 1, 2)
    >>> verdicts.escape_rate
    0.5
    """
    labels, p_go = checked(labels, p_go)
    threshold = number("threshold", threshold, 0, 1)
    called_go = p_go >= threshold
    counts = counted(labels, called_go, ~called_go)
    found = Verdicts(**counts, threshold=threshold, labels=labels, p_go=p_go)
    return found if units is None else found.with_units(units)


def auc(labels: Sequence[int], p_go: Sequence[float]) -> float | None:
    """Return the area under the ROC curve: the chance that a GO photograph scores above an NG one.

    No threshold plays a part in it. None where one of the labels does not occur.

    Args:
        labels: (N,) GO 1, NG 0.
        p_go: (N,) P(GO), 0..1.

    >>> auc([1, 1, 0, 0], [0.9, 0.4, 0.6, 0.1])
    0.75
    """
    labels, p_go = checked(labels, p_go)
    if labels.all() or not labels.any():
        return None
    from sklearn.metrics import roc_auc_score

    return float(roc_auc_score(labels, p_go))


def log_odds(p_go: Sequence[float]) -> np.ndarray:
    """Return ln(p / (1 - p)) for each P(GO), from -12 to 12: what is beyond is set to that.

    Near 0 and 1 probabilities can't be told apart; log-odds can. It undoes the sigmoid: 0 is P(GO) = 0.5,
    4.6 is 0.99, 6.9 is 0.999, and so for NG with a minus.

    Args:
        p_go: probabilities of any shape, 0..1.

    >>> log_odds([0.0, 0.01, 0.5, 0.999]).round(1).tolist()
    [-12.0, -4.6, 0.0, 6.9]
    """
    p_go = _probabilities(p_go)
    with np.errstate(divide="ignore"):
        return np.clip(np.log(p_go) - np.log1p(-p_go), -MOST_LOG_ODDS, MOST_LOG_ODDS)


def checked(labels: Sequence[int], p_go: Sequence[float]) -> tuple[np.ndarray, np.ndarray]:
    """Return ``labels`` as (N,) int64 and ``p_go`` as (N,) float64, or refuse them."""
    labels, p_go = arrays.numbers("labels", labels), arrays.numbers("p_go", p_go)
    if labels.ndim != 1 or p_go.shape != labels.shape or len(labels) == 0:
        raise WorkbookError(
            f"labels has the shape {labels.shape} and p_go {p_go.shape}, but both must be (N,) with the same "
            "N of at least 1: flatten the model's output with [:, 0]."
        )
    return arrays.zeros_and_ones("labels", labels), _probabilities(p_go)


def _probabilities(p_go: Sequence[float]) -> np.ndarray:
    advice = ": check that training did not diverge and that the last layer is a sigmoid"
    return arrays.within("p_go", arrays.numbers("p_go", p_go).astype(np.float64), 0, 1, advice)
