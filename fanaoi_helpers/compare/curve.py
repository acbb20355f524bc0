"""How many photographs it takes: one neuron on borrowed convolutions, trained on a few of each label."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from .. import cnn, verdicts
from .methods import Fold

COUNTS = (5, 10, 20, 50)  # photographs of each label
DRAWS = 5


@dataclass(frozen=True)
class Point:
    """What ``count`` photographs of each label are worth.

    Attributes:
        count: of GO, and of NG.
        auc, least_auc: mean and least over draws, each the mean over folds.
        balanced, least_balanced: the same of the balanced accuracy, at a threshold of 0.5.
    """

    count: int
    auc: float
    least_auc: float
    balanced: float
    least_balanced: float


def learning_curve(means: np.ndarray, labels: np.ndarray, folds: Sequence[Fold], seed: int) -> list[Point]:
    """Return a point for each of ``COUNTS`` that every fold has photographs for.

    Args:
        means: (N, 2048), `cnn.features(...).means`.
        labels: (N,) GO 1, NG 0.
        folds: photographs are drawn from ``rest``, one of each unit before a second one; ``test`` judges.
        seed: draws them.
    """
    most = min(int(np.sum(labels[fold.rest] == label)) for fold in folds for label in (0, 1))
    points = []
    for count in (count for count in COUNTS if count <= most):
        rng = np.random.default_rng([seed, count])
        tried = np.array(
            [[_tried(means, labels, fold, count, rng) for fold in folds] for _ in range(DRAWS)]
        ).mean(axis=1)
        auc, balanced = tried.mean(axis=0)
        least_auc, least_balanced = tried.min(axis=0)
        points.append(Point(count, *map(float, (auc, least_auc, balanced, least_balanced))))
    return points


def _tried(
    means: np.ndarray, labels: np.ndarray, fold: Fold, count: int, rng: np.random.Generator
) -> tuple[float, float]:
    drawn = np.concatenate([_drawn(fold, labels, label, count, rng) for label in (0, 1)])
    p_go = cnn.quick_neuron(means[drawn], labels[drawn])(means[fold.test])
    seen = verdicts.judge(labels[fold.test], p_go, 0.5)
    return seen.auc, seen.balanced


def _drawn(fold: Fold, labels: np.ndarray, label: int, count: int, rng: np.random.Generator) -> np.ndarray:
    """Return ``count`` photographs of a label at random; every unit gives its first one before its second."""
    own = rng.permutation(fold.rest[labels[fold.rest] == label])
    order = np.argsort(fold.units[own], kind="stable")
    _, starts, sizes = np.unique(fold.units[own][order], return_index=True, return_counts=True)
    turn = np.empty(len(own), np.int64)
    turn[order] = np.arange(len(own)) - np.repeat(starts, sizes)
    return own[np.argsort(turn, kind="stable")[:count]]
