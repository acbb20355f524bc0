"""The audit: what to know about a folder of photographs before believing any score."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from .. import files
from ..errors import WorkbookError
from . import audit_text, decoding, findings, folders, manifest, shortcuts, split_file
from .findings import Finding, Seen, many
from .folders import Entry
from .inspecting import Inspected, inspect
from .splitting import Split, joined

VERSION = 1  # of what as_dict returns; raised when a key changes its meaning or goes
TEST = "test: "  # stands before the names of photographs in the folder of the sealed test


@dataclass(frozen=True, eq=False, repr=False)
class Audit:
    """What an audit found.

    Attributes:
        folder: the folder that holds the class folders, or the .zip of it.
        classes: the class names, in the order of their labels.
        photos: every photograph file below the class folders, by name; the unreadable ones have a reason.
        by: what a unit is: "serial", "copies" or "photograph".
        units: (N,) int64, the unit of each readable photograph, in the order of ``photos``.
        copies: (N,) int64, the same number for copies of one photograph; None where nobody searched.
        findings: the worst first.
    """

    folder: Path
    classes: tuple[str, str]
    photos: tuple[Inspected, ...]
    by: str
    units: np.ndarray
    copies: np.ndarray | None
    findings: tuple[Finding, ...]

    def __repr__(self) -> str:
        return f"Audit({len(self.photos)} files, {len(self.findings)} findings, ok={self.ok})"

    def __str__(self) -> str:
        return self.table()

    @property
    def ok(self) -> bool:
        """Whether nothing is wrong: notes at most."""
        return all(finding.severity == "note" for finding in self.findings)

    @property
    def readable(self) -> list[Inspected]:
        """The photographs that can be read: those that ``units`` and ``copies`` tell of."""
        return [photo for photo in self.photos if not photo.reason]

    def counts(self) -> list[dict[str, str | int | None]]:
        """Return rows of class, files, unreadable, photographs, distinct, units: each class, then all.

        ``distinct`` is how many photographs are left when copies count once, None where nobody searched.
        """
        labels = np.array([photo.label for photo in self.readable], dtype=np.int64)
        rows = []
        for name, wanted in (*((self.classes[label], [label]) for label in (1, 0)), ("all", [0, 1])):
            own = [photo for photo in self.photos if photo.label in wanted]
            mask = np.isin(labels, wanted)
            rows.append(
                {
                    "class": name,
                    "files": len(own),
                    "unreadable": sum(bool(photo.reason) for photo in own),
                    "photographs": int(mask.sum()),
                    "distinct": None if self.copies is None else len(np.unique(self.copies[mask])),
                    "units": len(np.unique(self.units[mask])),
                }
            )
        return rows

    def kinds(self, what: str) -> dict[str, int]:
        """Return how many readable photographs have each "size", "format" or "mode", the commonest first."""
        return dict(Counter(getattr(photo, what) for photo in self.readable).most_common())

    def copy_groups(self) -> list[list[Inspected]]:
        """Return the photographs of each group of two or more copies, the largest group first."""
        if self.copies is None:
            return []
        members: dict[int, list[Inspected]] = {}
        for photo, group in zip(self.readable, self.copies.tolist(), strict=True):
            members.setdefault(group, []).append(photo)
        return sorted((group for group in members.values() if len(group) > 1), key=len, reverse=True)

    def thumbnails(self, rows: int = 8, columns: int = 8, side: int = 200) -> dict[str, np.ndarray]:
        """Return photographs of the largest groups of copies by name, for `figures.audit.copy_groups`.

        Args:
            rows: groups at most.
            columns: photographs of each at most.
            side: pixels, the longer side at most.

        Returns:
            (H, W, 3) uint8 each; without those that can't be read any more.
        """
        chosen = [photo for group in self.copy_groups()[:rows] for photo in some_of(group, columns)]
        pictures = {photo.name: decoding.picture(photo.path, longest=side) for photo in chosen}
        return {name: pixels for name, pixels in pictures.items() if not isinstance(pixels, str)}

    def table(self, width: int | None = None) -> str:
        """Return the audit as text for a terminal of ``width`` columns, 60 to 99; None asks the terminal."""
        return audit_text.table(self, width)

    def as_dict(self) -> dict[str, object]:
        """Return the audit as plain values, ready for JSON.

        Keys: ``version`` (1), ``folder``, ``classes``, ``ok``, ``by``, ``counts`` (as `counts` returns them),
        ``sizes``, ``formats`` and ``modes`` (how many of each), ``unreadable`` (``file`` and ``reason``),
        ``copies_searched``, ``copy_groups`` (lists of names, the largest first), and ``findings``:
        ``severity`` ("problem", "warning", "note"), ``kind``, ``sentence``, ``advice``, ``count``, ``groups``
        (lists of names). Later versions may add keys.
        """
        return {
            "version": VERSION,
            "folder": files.shown(self.folder),
            "classes": list(self.classes),
            "ok": self.ok,
            "by": self.by,
            "counts": self.counts(),
            "sizes": self.kinds("size"),
            "formats": self.kinds("format"),
            "modes": self.kinds("mode"),
            "unreadable": [
                {"file": photo.name, "reason": photo.reason} for photo in self.photos if photo.reason
            ],
            "copies_searched": self.copies is not None,
            "copy_groups": [[photo.name for photo in group] for group in self.copy_groups()],
            "findings": [finding.as_dict() for finding in self.findings],
        }


def some_of(group: Sequence[Inspected], count: int) -> list[Inspected]:
    """Return ``count`` photographs of a group at most, of both labels where it has both."""
    ones = [photo for photo in group if photo.label == 1]
    zeros = [photo for photo in group if photo.label == 0]
    room = max(count // 2, count - len(ones))
    return [*ones[: count - min(room, len(zeros))], *zeros[:room]]


def audit(
    folder: str | os.PathLike,
    classes: Sequence[str] = ("NG", "GO"),
    *,
    split: Split | str | os.PathLike | None = None,
    test_folder: str | os.PathLike | None = None,
    copies: bool = True,
) -> Audit:
    """Look a folder of photographs over before any score on it is believed.

    Everything that can be looked at is, whatever else is broken: an empty class, files that can't be read and
    a manifest that contradicts the folders are findings.

    Args:
        folder: as `load` takes it.
        classes: the names of the class folders, as `load` takes them.
        split: what stands in which part: a Split of these photographs, or a CSV file with the columns photo
            and part (train, validation, test). Copies and serials that stand in two parts are found.
        test_folder: another folder with the same class folders, the sealed test; copies and serials that
            stand in both folders are found.
        copies: whether to search for copies of one photograph (seconds for hundreds of photographs, minutes
            for thousands; the second time costs nothing). Identical files are found in any case.

    Raises:
        WorkbookError: no such folder, a class folder missing, or a split of other photographs.
    """
    classes = folders.two_classes(classes)
    root, entries, serials, found = _open(folder, classes)
    own = len(entries)
    parts = None
    if split is not None and not isinstance(split, Split):
        parts, in_vain = split_file.read(split, root, entries, classes)
        found += _named_in_vain(split, in_vain)
    if test_folder is not None:
        test_root, others, more, noted = _open(test_folder, classes)
        if test_root == root:
            raise WorkbookError(f"The test folder is {files.shown(root)} itself: give another one.")
        entries += [entry._replace(name=TEST + entry.name) for entry in others]
        serials += more
        found += noted
    photos = inspect(entries)
    if isinstance(split, Split):
        parts = _parts_of(split, photos[:own])
    if test_folder is not None:
        parts = [*(parts or [files.shown(root)] * own), *[files.shown(test_root)] * len(others)]
    found += _unreadable(photos, classes)

    kept = [index for index, photo in enumerate(photos) if not photo.reason]
    serials = [serials[index] for index in kept]
    readable = [photos[index] for index in kept]
    identical = _identical(readable)
    alike, noted = _copies(readable) if copies else (identical, [])
    alike = joined(alike, identical)
    by = "serial" if any(serials) else "copies" if copies else "photograph"
    known = np.array([serial or f"\0{index}" for index, serial in enumerate(serials)], dtype=str)
    units = np.unique(known, return_inverse=True)[1]
    if by == "copies" or (copies and "" in serials):  # as split does
        units = joined(units, alike)
    everything = Seen(
        photos=readable,
        classes=classes,
        serials=serials,
        identical=identical,
        copies=alike,
        searched=copies,
        units=units,
        by=by,
        parts=None if parts is None else [parts[index] for index in kept],
    )
    mine = everything.first(sum(index < own for index in kept))
    found += [*noted, *findings.of_parts(everything), *findings.of_folder(mine), *shortcuts.find(mine)]
    found.sort(key=lambda finding: findings.SEVERITIES.index(finding.severity))
    return Audit(
        folder=Path(folder) if Path(folder).suffix.casefold() == ".zip" else root,
        classes=classes,
        photos=tuple(photos[:own]),
        by=by,
        units=mine.units,
        copies=mine.copies if copies else None,
        findings=tuple(found),
    )


def _open(
    folder: str | os.PathLike, classes: tuple[str, str]
) -> tuple[Path, list[Entry], list[str], list[Finding]]:
    """Return the root, the photograph files, the serial of each ("" for none), and what is wrong so far."""
    root, places = folders.class_folders(folder, classes)
    found = []
    try:
        entries, notes = folders.listing(root, places)
    except WorkbookError:  # a class is empty or closed: see what is left of the other one
        entries, notes = [], []
        for label, place in enumerate(places):
            try:
                own, more = folders.listing(root, [place])
            except WorkbookError as error:
                found.append(Finding("problem", "no_photographs", str(error)))
            else:
                entries += [entry._replace(label=label) for entry in own]
                notes += more
        entries.sort()
    notes += folders.unused(root, places)
    serials = [""] * len(entries)
    if entries:
        try:
            known = manifest.read(root, entries, classes)
        except WorkbookError as error:
            found.append(Finding("problem", "manifest", str(error)))
        else:
            serials = serials if known.serials is None else known.serials.tolist()
            # The audit says itself, and names the files, which serials bear both labels.
            notes += [note for note in known.notes if not note.startswith("Both labels")]
    return root, entries, serials, found + [Finding("note", "folder", note) for note in notes]


def _named_in_vain(split: str | os.PathLike, names: list[str]) -> list[Finding]:
    if not names:
        return []
    sentence = f"{files.shown(split)} lists {many(len(names), 'photograph')} in vain (first: {names[0]})."
    groups = tuple((name,) for name in names)
    return [
        Finding("warning", "split_unknown", sentence, "Correct the file or the folder.", len(names), groups)
    ]


def _parts_of(split: Split, photos: list[Inspected]) -> list[str]:
    """Return the part of each photograph in ``split``, which knows only those that can be read."""
    kept = [index for index, photo in enumerate(photos) if not photo.reason]
    if len(split.groups) != len(kept):
        raise WorkbookError(
            f"The split is one of {len(split.groups)} photographs, but {len(kept)} can be read here: "
            "give a split of the same folder."
        )
    parts = [""] * len(photos)
    for name, members in split.parts.items():
        for index in members:
            parts[kept[index]] = name
    return parts


def _unreadable(photos: list[Inspected], classes: tuple[str, str]) -> list[Finding]:
    """Return a finding for files that can't be read, and a worse one for a class without any other."""
    broken = [photo for photo in photos if photo.reason]
    if not broken:
        return []
    found = []
    for label in (1, 0):
        own = [photo for photo in photos if photo.label == label]
        if own and all(photo.reason for photo in own):
            sentence = f"No photograph of {classes[label]} can be read, of {len(own)}."
            found.append(Finding("problem", "no_photographs", sentence, "Replace them.", len(own)))
    reasons = Counter(photo.reason for photo in broken).most_common()
    told = "; ".join(f"{reason} ({count})" for reason, count in reasons[:4])
    more = f"; {len(reasons) - 4} other reasons" if len(reasons) > 4 else ""
    sentence = f"{many(len(broken), 'file')} can't be read and will be left out: {told}{more}."
    groups = tuple((photo.name,) for photo in broken)
    advice = "Replace them, or take them out of the folder."
    return [*found, Finding("warning", "unreadable", sentence, advice, len(broken), groups)]


def _identical(photos: list[Inspected]) -> np.ndarray:
    """Return (N,) the same number for the same pixels: of the same bytes, or of another format."""
    return np.unique([photo.pixels for photo in photos], return_inverse=True)[1]


def _copies(photos: list[Inspected]) -> tuple[np.ndarray, list[Finding]]:
    """Return (N,) the same number for copies of one photograph, and what could not be compared."""
    from . import copies_cache

    if len(photos) < 2:
        return np.arange(len(photos)), []
    copies = copies_cache.find([photo.path for photo in photos])
    if not copies.skipped:
        return copies.groups, []
    sentence = (
        f"Too little to compare in {len(copies.skipped)} of {len(photos)} photographs: of them only "
        "identical copies are found."
    )
    groups = tuple((photos[index].name,) for index, _ in copies.skipped)
    return copies.groups, [Finding("note", "not_compared", sentence, "", len(copies.skipped), groups)]
