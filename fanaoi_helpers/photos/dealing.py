"""Folds for cross-validation: whole units, dealt out so that each fold has its share of both labels."""

import numpy as np

from ..errors import WorkbookError, whole_number
from .groups import numbered

_TRIES = 50


def folds(
    labels: np.ndarray, units: np.ndarray, count: int, seed: int
) -> list[tuple[np.ndarray, np.ndarray]]:
    """Return (rest, fold) for each of ``count`` folds: sorted indices, each photograph in one fold.

    Photographs of one unit are in one fold. Where a label has fewer units than ``count``, there are as many
    folds as it has units. In every fold and every rest both labels occur.

    Args:
        labels: (N,) 0 or 1.
        units: (N,) int, the same number for photographs of one unit.
        count: of folds, 2 or more.
        seed: other folds for another seed.

    Raises:
        WorkbookError: a label has fewer than two units, or they are so unlike in size that no deal gives both
            labels to each fold.

    >>> labels, units = np.array([0, 0, 0, 1, 1, 1]), np.array([0, 0, 1, 2, 3, 3])
    >>> [fold.tolist() for _, fold in folds(labels, units, 4, seed=0)]
    [[0, 1, 3], [2, 4, 5]]
    """
    from sklearn.model_selection import StratifiedGroupKFold

    count, seed = whole_number("count", count, 2, 100), whole_number("seed", seed, 0, 2**32 - 1)
    labels, units = np.asarray(labels), numbered(np.asarray(units).tolist())
    having = [len(np.unique(units[labels == label])) for label in (0, 1)]
    if min(having) < 2:
        raise WorkbookError(
            f"There are {having[1]} GO and {having[0]} NG units, but cross-validation needs 2 of each at "
            "least: add photographs of other units."
        )
    count = min(count, *having)
    rng = np.random.default_rng(seed)
    for _ in range(_TRIES):  # the first one does, unless few units of very different sizes are there
        # Shuffled here: told to shuffle, scikit-learn before 1.8 does not stratify groups.
        shuffled = rng.permutation(int(units.max()) + 1)[units]
        dealt = list(StratifiedGroupKFold(count).split(labels, labels, shuffled))
        if all(len(np.unique(labels[part])) == 2 for both in dealt for part in both):
            return dealt
    if count > 2:
        return folds(labels, units, count - 1, seed)
    raise WorkbookError(
        "The units are so different in size that a fold would lack a label: add photographs of other units."
    )
