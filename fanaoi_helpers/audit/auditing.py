"""Looking a folder of photographs over: what is known of them is gathered, and handed to each finding."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from .. import files
from ..errors import WorkbookError
from ..photos import cache, folders, tables
from ..photos import copies as copies_module
from ..photos.folders import Entry
from ..photos.groups import joined, numbered, units_of
from ..photos.splitting import Split
from . import doubts, findings, quality, shortcuts
from .audited import Audit
from .findings import Evidence, Finding, many
from .inspecting import Inspected, inspect

MOST_COMPARED = 10_000  # photographs that are searched for copies; of more, a sample
SAMPLE = 2500
TEST = "test: "  # stands before the names of photographs in the folder of the sealed test


def check(
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
        folder: as `photos.load` takes it.
        classes: the names of the class folders, as `photos.load` takes them.
        split: what stands in which part: a Split of these photographs, or a CSV file with the columns photo
            and part (train, validation, test). Copies and serials that stand in two parts are found.
        test_folder: another folder with the same class folders, the sealed test; copies and serials that
            stand in both folders are found.
        copies: whether to search for copies of one photograph (seconds for hundreds of photographs, minutes
            for thousands; the second time costs nothing). Identical files are found in any case.
    """
    classes = folders.two_classes(classes)
    root, entries, serials, problems = _open(folder, classes)
    own = len(entries)
    parts = None
    if split is not None and not isinstance(split, Split):
        parts, in_vain = tables.read_split(split, root, entries, classes)
        if in_vain:
            listed = f"{many(len(in_vain), 'photograph')} in vain (first: {in_vain[0]})"
            sentence = f"{files.shown(split)} lists {listed}."
            groups = tuple((name,) for name in in_vain)
            advice = "Correct the file or the folder."
            problems.append(Finding("warning", "split_unknown", sentence, advice, groups=groups))
    if test_folder is not None:
        test_root, others, more, more_problems = _open(test_folder, classes)
        if test_root == root:
            raise WorkbookError(f"The test folder is {files.shown(root)} itself: give another one.")
        serials += more
        problems += more_problems
    photos = inspect(root, entries)
    if isinstance(split, Split):
        parts = _parts_of(split, photos)
    if test_folder is not None:
        photos += [replace(photo, name=TEST + photo.name) for photo in inspect(test_root, others)]
        parts = [*(parts or [files.shown(root)] * own), *[files.shown(test_root)] * len(others)]
    problems += _unreadable(photos, classes)

    usable = [index for index, photo in enumerate(photos) if not photo.reason]
    serials = [serials[index] for index in usable]
    readable = [photos[index] for index in usable]
    identical = np.unique([photo.pixels for photo in readable], return_inverse=True)[1]
    alike, more_problems = _copies(readable) if copies else (identical, [])
    alike = joined(alike, identical)
    by = "serial" if any(serials) else "copies" if copies else "photograph"
    poor = quality.poor(readable)
    sure = _surely(readable, serials, alike, identical, poor) if copies else identical
    everything = Evidence(
        photos=readable,
        classes=classes,
        serials=serials,
        identical=identical,
        copies=alike,
        searched=copies,
        sure=sure,
        poor=poor,
        units=units_of(serials, alike)
        if copies and "" in serials
        else units_of(serials, sure),  # as split does
        by=by,
        parts=None if parts is None else [parts[index] for index in usable],
    )
    mine = everything.first(sum(index < own for index in usable))
    problems += [*more_problems, *findings.of(everything, mine)]
    if mine.photos:
        problems += [*quality.find(mine), *quality.odd_ones(mine), *shortcuts.find(mine)]
        problems += doubts.find(mine) if copies else []
    problems.sort(key=lambda finding: findings.SEVERITIES.index(finding.severity))
    return Audit(
        folder=Path(folder) if Path(folder).suffix.casefold() == ".zip" else root,
        classes=classes,
        photos=tuple(photos[:own]),
        by=by,
        units=mine.units,
        copies=mine.copies if copies else None,
        findings=tuple(problems),
    )


SAMPLED = "Write serials into manifest.csv: they keep copies together without a search."


def _open(
    folder: str | os.PathLike, classes: tuple[str, str]
) -> tuple[Path, list[Entry], list[str], list[Finding]]:
    """Return the root, the photograph files, the serial of each ("" for none), and what is wrong so far."""
    root, places = folders.class_folders(folder, classes)
    entries, notes, refusals = folders.listing(root, places)
    found = [Finding("problem", "no_photographs", str(refusal)) for refusal in refusals]
    notes += folders.unused(root, places)
    serials = [""] * len(entries)
    if entries:
        try:
            known = tables.read_manifest(root, entries, classes)
        except WorkbookError as error:
            found.append(Finding("problem", "manifest", str(error)))
        else:
            serials = serials if known.serials is None else known.serials.tolist()
            # The audit says itself, and names the files, which serials bear both labels.
            notes += [note for note in known.notes if not note.startswith("Both labels")]
    return root, entries, serials, found + [Finding("note", "folder", note) for note in notes]


def _parts_of(split: Split, photos: list[Inspected]) -> list[str]:
    """Return the part of each photograph in ``split``, which knows only those that can be read."""
    usable = [index for index, photo in enumerate(photos) if not photo.reason]
    if len(split.groups) != len(usable):
        raise WorkbookError(
            f"The split is one of {len(split.groups)} photographs, but {len(usable)} can be read here: "
            "give a split of the same folder."
        )
    parts = [""] * len(photos)
    for name, members in split.parts.items():
        for index in members:
            parts[usable[index]] = name
    return parts


def _unreadable(photos: list[Inspected], classes: tuple[str, str]) -> list[Finding]:
    """Return a finding for files that can't be read, and a worse one for a class without any other."""
    broken = [photo for photo in photos if photo.reason]
    if not broken:
        return []
    problems = []
    for label in (1, 0):
        own = [photo for photo in photos if photo.label == label]
        if own and all(photo.reason for photo in own):
            sentence = f"No photograph of {classes[label]} can be read, of {len(own)}."
            problems.append(Finding("problem", "no_photographs", sentence, "Replace them.", count=len(own)))
    reasons = Counter(photo.reason for photo in broken).most_common()
    told = "; ".join(f"{reason} ({count})" for reason, count in reasons[:4])
    more = f"; {len(reasons) - 4} other reasons" if len(reasons) > 4 else ""
    sentence = f"{many(len(broken), 'file')} can't be read and will be left out: {told}{more}."
    groups = tuple((photo.name,) for photo in broken)
    advice = "Replace them, or take them out of the folder."
    return [*problems, Finding("warning", "unreadable", sentence, advice, groups=groups)]


def _surely(
    photos: list[Inspected], serials: list[str], alike: np.ndarray, identical: np.ndarray, poor: np.ndarray
) -> np.ndarray:
    """Return (N,) the same number for what is surely one, asked where labels or serials of copies differ.

    What is too poor to be judged by is alike in nothing but that, and left out.
    """
    labels = np.array([photo.label for photo in photos], np.int64)
    kinds = np.where(poor == "", 2 * numbered(serials) + labels, -1)
    return joined(copies_module.surely([photo.path for photo in photos], alike, kinds), identical)


def _copies(photos: list[Inspected]) -> tuple[np.ndarray, list[Finding]]:
    """Return (N,) the same number for copies of one photograph, and what could not be compared."""
    if len(photos) < 2:
        return np.arange(len(photos)), []
    found, chosen = [], np.arange(len(photos))
    if len(photos) > MOST_COMPARED:
        chosen = np.sort(np.random.default_rng(0).choice(len(photos), SAMPLE, replace=False))
        sentence = (
            f"Copies were searched for in {SAMPLE} of {len(photos)} photographs, a sample: of the others "
            "only identical ones are found, and a photograph with few copies is easily missed."
        )
        found.append(Finding("warning", "copies_of_a_sample", sentence, SAMPLED, count=SAMPLE))
    own = [photos[index] for index in chosen]
    copies = cache.copies_of([photo.path for photo in own], [photo.content for photo in own])
    groups = np.arange(len(photos))
    groups[chosen] = chosen[np.unique(copies.groups, return_index=True)[1]][copies.groups]
    if copies.skipped:
        sentence = (
            f"Too little to compare in {len(copies.skipped)} of {len(own)} photographs: of them only "
            "identical copies are found."
        )
        names = tuple((own[index].name,) for index, _ in copies.skipped)
        found.append(Finding("note", "not_compared", sentence, groups=names))
    return groups, found
