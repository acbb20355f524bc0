"""Splitting photographs into train, validation and test without tearing units apart."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ..errors import WorkbookError, whole_number

if TYPE_CHECKING:
    from . import Photos

PARTS = ("train", "validation", "test")
FOLDS = 5


@dataclass(frozen=True, eq=False)
class Split:
    """Which photographs are for training, for validation, and for the sealed test.

    Attributes:
        train, validation, test: sorted int64 indices; together each photograph once.
        by: "serial" if all photographs of a unit stay on one side, "photograph" where no serials are known.
        rows: for each part its name, photographs, the count of each class, and units.
    """

    train: np.ndarray
    validation: np.ndarray
    test: np.ndarray
    by: str
    rows: tuple[dict[str, str | int], ...] = ()

    def summary(self) -> list[dict[str, str | int]]:
        """Return one row for each part: part, photographs, GO, NG, units."""
        return [dict(row) for row in self.rows]

    def __str__(self) -> str:
        if not self.rows:
            return (
                f"Split by {self.by}: {len(self.train)}, {len(self.validation)}, {len(self.test)} photographs"
            )
        columns = list(self.rows[0])
        lines = [columns, *([str(row[column]) for column in columns] for row in self.rows)]
        widths = [max(map(len, cells)) for cells in zip(*lines, strict=True)]
        table = [
            "  ".join([line[0].ljust(widths[0]), *map(str.rjust, line[1:], widths[1:])]) for line in lines
        ]
        together = "all photographs of a unit are in one part"
        apart = "no serials, so photographs of one unit may be in two parts"
        return "\n".join([f"Split by {self.by}: {together if self.by == 'serial' else apart}.", *table])


def split(photos: Photos, seed: int) -> Split:
    """Split photographs 60/20/20 into train, validation and test: whole units, both labels in each part.

    scikit-learn deals the units out into five folds with a similar mix of labels each; one fold is the test,
    one the validation, three are for training.

    Args:
        photos: what `load` returned (``labels``, ``unit_ids``, ``serials`` and ``classes`` are used).
        seed: the same seed gives the same split.

    Raises:
        WorkbookError: seed makes no sense, or a label has fewer than five units.
    """
    from sklearn.model_selection import StratifiedGroupKFold, StratifiedKFold

    seed = whole_number("seed", seed, 0, 2**32 - 1)
    labels, unit_of = photos.labels, photos.unit_ids
    having = [len(np.unique(unit_of[labels == label])) for label in (0, 1)]
    if min(having) < FOLDS:
        kind = "units" if photos.serials is not None else "photographs"
        found = " and ".join(f"{having[label]} {photos.classes[label]}" for label in (1, 0))
        raise WorkbookError(
            f"There are {found} {kind}, but a split into {', '.join(PARTS)} needs at least {FOLDS} "
            "of each: add photographs of other units."
        )
    # Units and folds are shuffled here: told to shuffle, scikit-learn before 1.8 does not stratify groups.
    rng = np.random.default_rng(seed)
    if photos.serials is None:
        dealt = StratifiedKFold(FOLDS, shuffle=True, random_state=seed).split(labels, labels)
    else:
        groups = rng.permutation(int(unit_of.max()) + 1)[unit_of]
        dealt = StratifiedGroupKFold(FOLDS).split(labels, labels, groups)
    folds = [fold for _, fold in dealt]
    test, validation, *rest = (folds[place] for place in rng.permutation(FOLDS))
    parts = [np.sort(part) for part in (np.concatenate(rest), validation, test)]
    rows = tuple(
        {
            "part": name,
            "photographs": len(part),
            **{photos.classes[label]: int(np.sum(labels[part] == label)) for label in (1, 0)},
            "units": len(np.unique(unit_of[part])),
        }
        for name, part in zip(PARTS, parts, strict=True)
    )
    return Split(*parts, by="photograph" if photos.serials is None else "serial", rows=rows)
