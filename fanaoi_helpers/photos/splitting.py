"""Splitting photographs into train, validation and test without tearing units apart."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from ..errors import WorkbookError, whole_number
from . import cache
from .groups import joined, units_of

if TYPE_CHECKING:
    from . import Photos
    from .copies import Copies

PARTS = ("train", "validation", "test")
SHARES = (0.6, 0.2, 0.2)
FOLDS = 5
LARGEST_UNIT = 0.5  # of all photographs; beyond it no split is worth its name
LARGEST_FOLD = 0.3  # of all photographs; a fold that a large unit made larger is for training
UNUSUAL_SHARE = 0.05  # a part this far from its share of a label gets a note
FEW_UNITS = 10  # of a label in validation or test; below it their number gets a note
KINDS = {"serial": "units", "copies": "photographs (copies counted once)", "photograph": "photographs"}
_TRIES = 20


@dataclass(frozen=True, eq=False)
class Split:
    """Which photographs are for training, for validation, and for the sealed test.

    Attributes:
        train, validation, test: sorted int64 indices; together each photograph once.
        by: what was dealt out whole: "serial" where serials are known, "copies" where copies of one
            photograph were searched for instead, "photograph" where nothing holds a unit together.
        groups: (N,) int64, the unit of each photograph as far as it is known, numbered from 0.
        rows: for each part its name, photographs, photographs and units of each class, and units.
        notes: sentences about what a reader of the score must know.
    """

    train: np.ndarray
    validation: np.ndarray
    test: np.ndarray
    by: str
    groups: np.ndarray
    rows: tuple[dict[str, str | int], ...] = ()
    notes: tuple[str, ...] = ()

    def with_units(self, unit_ids: np.ndarray) -> Split:
        """Return the same parts, where a unit is also what one of ``unit_ids`` (N,) holds together.

        So what this split was told to keep together does not hide a serial that it tore apart.
        """
        return replace(self, groups=joined(unit_ids, self.groups))

    def summary(self) -> list[dict[str, str | int]]:
        """Return one row for each part: part, photographs, GO, GO units, NG, NG units, units."""
        return [dict(row) for row in self.rows]

    @property
    def parts(self) -> dict[str, np.ndarray]:
        """The indices of each part by its name."""
        return {"train": self.train, "validation": self.validation, "test": self.test}

    @property
    def units(self) -> dict[str, int]:
        """The number of units in each part."""
        return {name: len(np.unique(self.groups[part])) for name, part in self.parts.items()}

    @property
    def torn(self) -> int:
        """The number of units whose photographs stand in more than one part: 0 in any honest split."""
        held = [unit for part in self.parts.values() for unit in np.unique(self.groups[part]).tolist()]
        return int(np.sum(np.bincount(held) > 1)) if held else 0

    def __str__(self) -> str:
        promise = {
            "serial": "all photographs of a unit are in one part",
            "copies": "all copies of one photograph are in one part",
            "photograph": "photographs of one unit may be in two parts",
        }[self.by]
        if self.torn:
            units = len(np.unique(self.groups))
            promise = f"{self.torn} of {units} units have photographs in more than one part"
        table = []
        if self.rows:
            columns = list(self.rows[0])
            lines = [columns, *([str(row[column]) for column in columns] for row in self.rows)]
            widths = [max(map(len, cells)) for cells in zip(*lines, strict=True)]
            table = [
                "  ".join([line[0].ljust(widths[0]), *map(str.rjust, line[1:], widths[1:])]) for line in lines
            ]
        return "\n".join([f"Split by {self.by}: {promise}.", *table, *self.notes])


def split(photos: Photos, seed: int, copies: bool | Copies = True) -> Split:
    """Split photographs 60/20/20 into train, validation and test: whole units, both labels in each part.

    A unit is what bears one serial. Where photographs have none, copies of one photograph are searched for
    (rotated, mirrored, resized, brighter) and kept together; what was found is kept for the next time.
    scikit-learn deals the units out into five folds with a similar mix of labels each; one fold is the test,
    one the validation, three are for training.

    Args:
        photos: what `load` returned (labels, serials and classes are used; paths where copies are searched).
        seed: the same seed gives the same split.
        copies: True searches where serials are missing. Where all are known, a search would cost more than
            training does, so none is made; but one that was made (``fanaoi check`` keeps its own) is used, so
            that serials finer than the units don't tear copies apart. What `copies.find` returned for
            ``photos.paths`` is joined with the serials: neither is torn apart. False
            never searches; without serials the split is then by photograph, and its notes warn of it.

    Refused is what `why_not` refuses: fewer than five units of a label, or one that holds most photographs.
    """
    from sklearn.model_selection import StratifiedGroupKFold, StratifiedKFold

    seed = whole_number("seed", seed, 0, 2**32 - 1)
    labels = photos.labels
    by, groups, notes = _units(photos, copies)
    if reason := why_not(labels, groups, photos.classes, KINDS[by]):
        raise WorkbookError(reason)
    alone = photos.serials is None and len(np.unique(groups)) == len(groups)
    # Units and folds are shuffled here: told to shuffle, scikit-learn before 1.8 does not stratify groups.
    rng = np.random.default_rng(seed)
    for _ in range(_TRIES):  # the first one does, unless few units of very different sizes are left over
        if alone:
            dealt = StratifiedKFold(FOLDS, shuffle=True, random_state=seed).split(labels, labels)
        else:
            shuffled = rng.permutation(int(groups.max()) + 1)[groups]
            dealt = StratifiedGroupKFold(FOLDS).split(labels, labels, shuffled)
        folds = [fold for _, fold in dealt]
        order = rng.permutation(FOLDS).tolist()
        largest = max(range(FOLDS), key=lambda place: len(folds[place]))
        if len(folds[largest]) > LARGEST_FOLD * len(labels):
            order.remove(largest)
            order.append(largest)
        test, validation, *rest = (folds[place] for place in order)
        parts = [np.sort(part) for part in (np.concatenate(rest), validation, test)]
        if all(len(np.unique(labels[part])) == 2 for part in parts):
            return _split(photos, parts, by, groups, notes)
    raise WorkbookError(
        "The units are so different in size that a part would lack a label: add photographs of other units."
    )


def split_random(photos: Photos, seed: int, copies: bool | Copies = True) -> Split:
    """Split photographs 60/20/20 without regard to units: only for the lesson that shows why it is wrong.

    Photographs of one unit come to stand on both sides, so a score tells what was memorized. ``torn`` of the
    result counts such units; use `split`, which takes the same, for everything else. Here ``copies`` only
    decide what is counted as a unit.
    """
    from sklearn.model_selection import StratifiedKFold

    seed = whole_number("seed", seed, 0, 2**32 - 1)
    groups = _units(photos, copies)[1]
    if reason := why_not(photos.labels, np.arange(len(photos)), photos.classes, "photographs"):
        raise WorkbookError(reason)
    dealt = StratifiedKFold(FOLDS, shuffle=True, random_state=seed).split(photos.labels, photos.labels)
    test, validation, *rest = (fold for _, fold in dealt)
    note = "Units were torn apart on purpose: a score tells what was memorized, not what was learned."
    return _split(photos, [np.sort(np.concatenate(rest)), validation, test], "photograph", groups, [note])


def mixed(index: np.ndarray, labels: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Return ``index`` in random order, but with one photograph of each label that it has in front.

    So a sample from the front has both labels in it, however small it is and however rare one of them: of
    1,995 GO and 5 NG, a hundred drawn at random usually lack NG. ``index`` (K,) is for instance
    ``split.train``, ``labels`` (N,) are those of all photographs.

    >>> labels = np.array([1] * 1995 + [0] * 5)
    >>> sorted(labels[mixed(np.arange(2000), labels, np.random.default_rng(0))[:2]].tolist())
    [0, 1]
    """
    order = rng.permutation(index)
    first = np.sort(np.unique(labels[order], return_index=True)[1])
    return np.concatenate([order[first], np.delete(order, first)])


def why_not(labels: np.ndarray, groups: np.ndarray, classes: Sequence[str], kind: str = "units") -> str:
    """Return why units can't be split three ways, in one sentence with what to do; "" if they can.

    Of N photographs each has a label, 0 or 1, and in ``groups`` its unit; ``kind`` is what units are called.
    """
    having = [len(np.unique(groups[labels == label])) for label in (0, 1)]
    if min(having) < FOLDS:
        found = " and ".join(f"{having[label]} {classes[label]}" for label in (1, 0))
        return (
            f"There are {found} {kind}, but a split into {', '.join(PARTS)} needs at least {FOLDS} "
            "of each: add photographs of other units."
        )
    largest = int(np.unique(groups, return_counts=True)[1].max())
    if largest > LARGEST_UNIT * len(groups):
        return (
            f"One unit holds {largest} of the {len(groups)} photographs, but at most "
            f"{LARGEST_UNIT:.0%} may be of one unit for a split: add photographs of other units."
        )
    return ""


def _units(photos: Photos, copies: bool | Copies) -> tuple[str, np.ndarray, list[str]]:
    """Return what the units are made from, the unit of each photograph, and notes."""
    if not isinstance(copies, bool) and not hasattr(copies, "groups"):
        raise WorkbookError(
            f"copies is {copies!r}, but it must be True, False, or what copies.find returned."
        )
    serials = photos.serials
    missing = len(photos) if serials is None else int(np.sum(serials == ""))
    by = "serial" if serials is not None else "copies" if copies else "photograph"
    if copies is False or (copies is True and not missing):
        notes = []
        if copies and len(photos.contents) == len(photos) and (known := cache.known_copies(photos.contents)):
            return by, *_serials_and_copies(photos, known)
        if missing:
            without = (
                "No serials are known" if by == "photograph" else f"{missing} photographs have no serial"
            )
            notes = [
                f"{without} and copies were not searched for: photographs of one unit may be in two parts, "
                "and then a score tells what was memorized, not what was learned."
            ]
        return by, photos.unit_ids, notes
    if copies is True:
        copies = _search(photos)
    if np.shape(copies.groups) != (len(photos),):
        raise WorkbookError(
            f"copies were searched for in {len(copies.groups)} photographs, but there are {len(photos)}: "
            "search in photos.paths."
        )
    groups = units_of(photos.known_serials, copies.groups)
    before, after = photos.units, len(np.unique(groups))
    if serials is None:
        notes = [f"No serials are known. Copies were searched for: {before} photographs come from {after}."]
    elif after < before:
        notes = [f"Copies of one photograph were kept together: {before} units by serial became {after}."]
    else:
        notes = []
    if skipped := [index for index, _ in copies.skipped if serials is None or not serials[index]]:
        notes.append(
            f"Too little to compare in {len(skipped)} photographs (first: {photos.names[skipped[0]]}): "
            "each counts as a unit of its own."
        )
    return by, groups, notes


def _serials_and_copies(photos: Photos, found: Copies) -> tuple[np.ndarray, list[str]]:
    """Return the unit of each photograph by its serial, joined by the copies that are sure, and notes."""
    from .copies import surely

    sure = surely(photos.paths, found.groups, photos.unit_ids)
    groups = joined(photos.unit_ids, sure)
    before, after = photos.units, len(np.unique(groups))
    if after == before:
        return photos.unit_ids, []
    return groups, [
        f"Copies with other serials were kept together, as an earlier search for copies found them: {before} "
        f"units by serial became {after}."
    ]


def _search(photos: Photos) -> Copies:
    if not len(photos.paths) == len(photos.contents) == len(photos):
        raise WorkbookError(
            "These photographs have no paths, so copies can't be searched for: open their folder with load, "
            "or give copies=False."
        )
    return cache.copies_of(photos.paths, photos.contents)


def _split(photos: Photos, parts: list[np.ndarray], by: str, groups: np.ndarray, notes: list[str]) -> Split:
    """Return the Split with its rows, and a note on the shares where they are not the usual ones."""
    labels = photos.labels
    held = {
        label: [int(np.sum(labels[part] == label)) / int(np.sum(labels == label)) for part in parts]
        for label in (1, 0)
    }
    off = max(
        abs(share - usual) for shares in held.values() for share, usual in zip(shares, SHARES, strict=True)
    )
    if off > UNUSUAL_SHARE:
        listed = "; ".join(
            f"{photos.classes[label]} " + ", ".join(f"{share:.0%}" for share in shares)
            for label, shares in held.items()
        )
        notes = [*notes, f"Whole units do not fit 60 %, 20 %, 20 % any better: {listed}."]
    rows, few = [], []
    for name, part in zip(PARTS, parts, strict=True):
        row = {"part": name, "photographs": len(part)}
        for label in (1, 0):
            of_label = part[labels[part] == label]
            count, units = len(of_label), len(np.unique(groups[of_label]))
            row |= {photos.classes[label]: count, f"{photos.classes[label]} units": units}
            if name != "train" and units < min(FEW_UNITS, count):
                few.append(f"the {count} {photos.classes[label]} of {name} are {units}")
        rows.append(row | {"units": len(np.unique(groups[part]))})
    if few:
        few = "; ".join(few)
        notes = [*notes, f"Few units: {few}. A score rests on units, however many photographs show them."]
    return Split(*parts, by=by, groups=groups, rows=tuple(rows), notes=tuple(notes))


def known_units(photos: Photos) -> tuple[str, np.ndarray, list[str]]:
    """Return what `split` would keep together: by what, the unit of each photograph (N,), and its notes."""
    return _units(photos, True)
