"""What a comparison found: a table, plain values for JSON, and how sure a difference is."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field, replace

import numpy as np

from .. import verdicts
from ..photos import Photos
from .curve import Point
from .methods import Fold, Method, Scores

RESAMPLES = 2000
CERTAIN = 95  # percent of the resamples lie between the ends of a range


@dataclass(frozen=True, eq=False)
class Outcome:
    """What one method is worth on a folder; every photograph was in a test once.

    Attributes:
        method: which.
        balanced: balanced accuracy over all folds, at the threshold with the best one on validation.
        balanced_range: where it would be with other units of this kind, 95 % of 2,000 resamples of units.
        auc, auc_range: mean over folds; least and most.
        escapes, ng_total, overkill, go_total: at the threshold that keeps overkill on validation within what
            one may afford.
        seconds: CPU time of all folds.
        promise: what validation promises, mean over folds: the lower end of the AUC's range there.
        right: (N,) 1 where the verdict on a photograph in the test was right.
    """

    method: Method
    balanced: float
    balanced_range: tuple[float, float]
    auc: float
    auc_range: tuple[float, float]
    escapes: int
    ng_total: int
    overkill: int
    go_total: int
    seconds: float
    promise: float
    right: np.ndarray = field(repr=False)

    def as_dict(self) -> dict[str, object]:
        """Return plain values."""
        names = (
            "balanced",
            "balanced_range",
            "auc",
            "auc_range",
            "escapes",
            "ng_total",
            "overkill",
            "go_total",
        )
        rounded = {name: _rounded(getattr(self, name)) for name in names}
        return {"called": self.method.called, **rounded, "seconds": round(self.seconds, 2)}


@dataclass(frozen=True, eq=False)
class Comparison:
    """All outcomes on a folder, and what to make of them.

    Attributes:
        folder: as it was given.
        classes: (NG, GO), as the folders are called.
        photographs, units: how many, by class; ``by``: what holds a unit together.
        folds: how many.
        majority: accuracy of always saying the commoner label, ``commoner``.
        afforded: the share of GO that one may lose.
        outcomes: by name of the method.
        chosen: the outcome of taking, in each fold, the method that validation promises most of.
        choices: which that was, fold by fold.
        best: the name of the method that validation promises most of, over all folds.
        curve: what few photographs are worth.
        coarse: the borrowed convolutions' AUC when they see 128 pixels; None where that was not tried.
        notes: of whoever told the units apart.
        advice: sentences.
    """

    folder: str
    classes: tuple[str, str]
    photographs: dict[str, int]
    units: dict[str, int]
    by: str
    folds: int
    majority: float
    commoner: str
    afforded: float
    outcomes: dict[str, Outcome]
    chosen: Outcome
    choices: tuple[str, ...]
    best: str
    curve: tuple[Point, ...]
    coarse: float | None
    notes: tuple[str, ...]
    bootstrap: Bootstrap = field(repr=False)
    advice: tuple[str, ...] = ()

    def advised(self, sentences: Sequence[str]) -> Comparison:
        """Return the same with advice."""
        return replace(self, advice=tuple(sentences))

    def ahead(self, one: str, other: str) -> tuple[float, float]:
        """Return by how much one method's balanced accuracy is above another's: the ends of the 95 % range.

        Both are judged on the same units, drawn again and again. A range that holds 0 may be luck.
        """
        return self.bootstrap.difference(self.outcomes[one].right, self.outcomes[other].right)

    def as_dict(self) -> dict[str, object]:
        """Return plain values: what ``fanaoi compare --json`` writes."""
        return {
            "folder": self.folder,
            "photographs": self.photographs,
            "units": self.units,
            "units_by": self.by,
            "folds": self.folds,
            "majority": _rounded(self.majority),
            "afforded_overkill": self.afforded,
            "methods": {name: outcome.as_dict() for name, outcome in self.outcomes.items()},
            "chosen": {**self.chosen.as_dict(), "by_fold": list(self.choices)},
            "best": self.best,
            "curve": [
                {name: _rounded(value) for name, value in asdict(point).items()} for point in self.curve
            ],
            "auc_at_128_pixels": None if self.coarse is None else _rounded(self.coarse),
            "notes": list(self.notes),
            "advice": " ".join(self.advice),
        }

    def table(self) -> str:
        """Return the comparison for people."""
        go, ng = (
            f"{self.photographs[name]} {name} ({self.units[name]} units)" for name in reversed(self.classes)
        )
        head = ("method", "balanced", "AUC (folds)", "escapes", "overkill", "CPU s")
        lines = [
            (
                outcome.method.called,
                f"{outcome.balanced:.2f}",
                f"{outcome.auc:.2f} ({outcome.auc_range[0]:.2f} to {outcome.auc_range[1]:.2f})",
                f"{outcome.escapes} of {outcome.ng_total}",
                f"{outcome.overkill} of {outcome.go_total}",
                f"{outcome.seconds:.0f}",
            )
            for outcome in (*self.outcomes.values(), self.chosen)
        ]
        always = f"always saying {self.commoner}"
        lines = [(always, "0.50", "0.50", "", "", ""), *lines]
        widths = [max(len(line[column]) for line in (head, *lines)) for column in range(len(head))]
        aligned = [
            "  ".join([line[0].ljust(widths[0]), *map(str.rjust, line[1:], widths[1:])])
            for line in (head, *lines)
        ]
        few = [
            f"{point.count} + {point.count}: {point.balanced:.2f} (at least {point.least_balanced:.2f})"
            for point in self.curve
        ]
        curve = f"Borrowed convolutions with few photographs, balanced: {', '.join(few)}." if few else ""
        return "\n".join(
            [
                f"{go}, {ng}; {self.folds} folds.",
                f"Always saying {self.commoner} is right on {self.majority:.1%}.",
                *self.notes,
                "",
                *aligned,
                "",
                f"Escapes and overkill at a threshold that lost {self.afforded:.0%} of {self.classes[1]} on "
                "validation.",
                *filter(None, [curve]),
                "",
                *self.advice,
            ]
        )


class Bootstrap:
    """Units drawn again and again, as many of each label as there are: how much a figure rests on which.

    B. Efron, Bootstrap methods: another look at the jackknife (Annals of Statistics 7, 1979), by unit.
    """

    def __init__(self, labels: np.ndarray, units: np.ndarray, seed: int = 0) -> None:
        self.labels, self.units = labels, units
        self.rng = rng = np.random.default_rng(seed)
        self.drawn = []  # of each label: units' numbers, and how often each was drawn in each resample
        for label in (0, 1):
            own = np.unique(units[labels == label])
            often = rng.multinomial(len(own), np.full(len(own), 1 / len(own)), RESAMPLES)
            self.drawn.append((own, often))

    def balanced(self, right: np.ndarray) -> np.ndarray:
        """Return the balanced accuracy of each resample: (2000,) from (N,) right or wrong."""
        return np.mean(self._shares(right), axis=0)

    def _shares(self, right: np.ndarray) -> list[np.ndarray]:
        """Return the share that is right of each label, in each resample."""
        shares = []
        for label, (own, often) in enumerate(self.drawn):
            of = self.labels == label
            place = np.searchsorted(own, self.units[of])
            hits = np.bincount(place, weights=right[of], minlength=len(own))
            total = np.bincount(place, minlength=len(own))
            shares.append((often @ hits) / (often @ total))
        return shares

    def range(self, right: np.ndarray) -> tuple[float, float]:
        """Return the ends of the middle 95 % of the resamples.

        Where all units of a label are right (or wrong), so are they in each resample, which proves nothing:
        then the share is drawn as H. Jeffreys' prior leaves it after so many units.
        """
        shares = self._shares(right)
        for label, (own, _) in enumerate(self.drawn):
            sure = right[self.labels == label].mean()
            if sure in (0, 1):
                ends = (len(own) + 0.5, 0.5) if sure else (0.5, len(own) + 0.5)
                shares[label] = self.rng.beta(*ends, RESAMPLES)
        return _ends(np.mean(shares, axis=0))

    def difference(self, right: np.ndarray, other: np.ndarray) -> tuple[float, float]:
        """Return the ends of the middle 95 % of what one is ahead of the other, on the same units."""
        return _ends(self.balanced(right) - self.balanced(other))


def _ends(values: np.ndarray) -> tuple[float, float]:
    low, high = np.percentile(values, [(100 - CERTAIN) / 2, (100 + CERTAIN) / 2])
    return float(low), float(high)


@dataclass(eq=False)
class Run:
    """The scores of a comparison as they come in."""

    album: Photos
    by: str
    units: np.ndarray
    notes: tuple[str, ...]
    folds: Sequence[Fold]
    overkill: float
    scores: dict[str, list[tuple[Scores, float]]] = field(default_factory=dict)
    methods: dict[str, Method] = field(default_factory=dict)

    def add(self, method: Method, fold: Fold, scores: Scores, seconds: float) -> None:
        """Take what a method says of a fold; the folds come in order."""
        self.methods[method.name] = method
        self.scores.setdefault(method.name, []).append((scores, seconds))

    def line(self, method: Method, fold: Fold) -> str:
        """Return a line for people about what was added last."""
        scores, seconds = self.scores[method.name][-1]
        ranked = verdicts.auc(self.album.labels[fold.test], scores.test)
        which = f"{method.called}, fold {fold.number + 1} of {len(self.folds)}"
        return f"{which}: AUC {ranked:.2f}, {seconds:.0f} CPU s"

    def mean_auc(self, tests: Sequence[np.ndarray]) -> float:
        """Return the mean AUC over folds of some method's scores of the tests."""
        pairs = zip(self.folds, tests, strict=True)
        return float(np.mean([verdicts.auc(self.album.labels[fold.test], test) for fold, test in pairs]))

    def comparison(
        self, folder: str | os.PathLike, curve: Sequence[Point], coarse: float | None
    ) -> Comparison:
        """Return what was found, without advice."""
        labels = self.album.labels
        boot = Bootstrap(labels, self.units)
        promises = {
            name: [_promised(labels[scores.judged], scores.validation) for scores, _ in kept]
            for name, kept in self.scores.items()
        }
        names = list(self.scores)
        choices = [max(names, key=lambda name: promises[name][fold.number]) for fold in self.folds]
        picked = [self.scores[name][fold.number] for name, fold in zip(choices, self.folds, strict=True)]
        spent = sum(seconds for kept in self.scores.values() for _, seconds in kept)
        promised = float(np.mean([promises[name][number] for number, name in enumerate(choices)]))
        by_choice = Method("chosen", "what validation chose", scores=None)
        go, ng = (self.album.classes[label] for label in (1, 0))
        share = float(np.mean(labels == 1))
        return Comparison(
            folder=str(folder),
            classes=self.album.classes,
            photographs=self.album.counts,
            units={name: len(np.unique(self.units[labels == label])) for label, name in ((1, go), (0, ng))},
            by=self.by,
            folds=len(self.folds),
            majority=max(share, 1 - share),
            commoner=go if share >= 0.5 else ng,
            afforded=self.overkill,
            outcomes={
                name: self._outcome(self.methods[name], kept, float(np.mean(promises[name])), boot)
                for name, kept in self.scores.items()
            },
            chosen=replace(self._outcome(by_choice, picked, promised, boot), seconds=spent),
            choices=tuple(choices),
            best=max(names, key=lambda name: np.mean(promises[name])),
            curve=tuple(curve),
            coarse=coarse,
            notes=self.notes,
            bootstrap=boot,
        )

    def _outcome(
        self, method: Method, kept: Sequence[tuple[Scores, float]], promise: float, boot: Bootstrap
    ) -> Outcome:
        labels = self.album.labels
        right = np.zeros(len(labels))
        called = {"escapes": 0, "ng_total": 0, "overkill": 0, "go_total": 0}
        ranked = []
        for fold, (scores, _) in zip(self.folds, kept, strict=True):
            known, truth = labels[scores.judged], labels[fold.test]
            even = verdicts.threshold_for_costs(known, scores.validation, 1, 1, ng_rate=0.5)
            right[fold.test] = (scores.test >= even) == (truth == 1)
            limit = verdicts.threshold_for_overkill(known, scores.validation, self.overkill)
            seen = verdicts.judge(truth, scores.test, limit)
            called = {name: count + getattr(seen, name) for name, count in called.items()}
            ranked.append(seen.auc)
        hits = [right[labels == label].mean() for label in (0, 1)]
        return Outcome(
            method=method,
            balanced=float(np.mean(hits)),
            balanced_range=boot.range(right),
            auc=float(np.mean(ranked)),
            auc_range=(min(ranked), max(ranked)),
            seconds=sum(seconds for _, seconds in kept),
            promise=promise,
            right=right,
            **called,
        )


def _promised(labels: np.ndarray, p_go: np.ndarray) -> float:
    """Return what an AUC on validation promises: one standard error below it.

    The fewer photographs it was seen on, the less. J. Hanley and B. McNeil, The meaning and use of the area
    under a ROC curve (Radiology 143, 1982).
    """
    go, ng = int(labels.sum()), int(len(labels) - labels.sum())
    # A perfect rank on a few photographs is no certainty: as if half a pair was wrong.
    area = min(verdicts.auc(labels, p_go), 1 - 0.5 / (go * ng))
    both_go, both_ng = area / (2 - area), 2 * area**2 / (1 + area)
    spread = area * (1 - area) + (go - 1) * (both_go - area**2) + (ng - 1) * (both_ng - area**2)
    return area - float(np.sqrt(max(spread, 0) / (go * ng)))


def _rounded(value: object) -> object:
    """Return a number with four decimals, and so each of several; what is whole stays whole."""
    if isinstance(value, (tuple, list)):
        return [_rounded(each) for each in value]
    return value if isinstance(value, int) else round(float(value), 4)
