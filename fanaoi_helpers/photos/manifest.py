"""Reading manifest.csv: which unit a photograph shows, and which defect."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from .. import files
from ..errors import WorkbookError
from . import csv_file, zip_names
from .folders import Entry


@dataclass(frozen=True)
class Known:
    """What a manifest tells of N photographs: (N,) serials or None, (N,) defects, (N,) sizes, and notes."""

    serials: np.ndarray | None
    defects: np.ndarray
    sizes: np.ndarray
    notes: list[str]


def read(root: Path, entries: list[Entry], classes: tuple[str, str]) -> Known:
    """Return what is known of ``entries`` from the manifest, where there is one."""
    serials, defects = [""] * len(entries), [""] * len(entries)
    sizes = np.full(len(entries), np.nan)
    path = _find(root)
    if path is None:
        return Known(None, np.array(defects, dtype=str), sizes, [])

    find = finder(root, entries)
    rows: dict[int, tuple[str, str]] = {}
    missing, repeated, total = [], 0, 0
    for line, row in csv_file.rows(path, ("photo", "serial"), ("label", "defect", "size")):
        total += 1
        index = find(row["photo"])
        if index is None:
            missing.append(row["photo"])
            continue
        entry, label, found = entries[index], row["label"], (row["serial"], row["defect"])
        if label and zip_names.alike(label) != zip_names.alike(classes[entry.label]):
            raise WorkbookError(
                f"{files.shown(path)} line {line} says that {entry.name} is {label}, but it lies in "
                f"{entry.name.partition('/')[0]}/: correct the line or move the photograph."
            )
        repeated += index in rows
        if rows.setdefault(index, found) != found:
            raise WorkbookError(
                f"{files.shown(path)} line {line} lists {entry.name} again with another serial or defect: "
                "keep one line for each photograph."
            )
        serials[index], defects[index] = found
        sizes[index] = _size(row["size"])

    if total and not rows:
        raise WorkbookError(
            f"{files.shown(path)} lists photographs of which none is there (first: {missing[0]}): "
            f"paths must be written from {files.shown(root)}, like {entries[0].name}."
        )
    notes = []
    if missing:
        notes.append(f"Listed in manifest.csv but not there: {len(missing)} (first: {missing[0]}).")
    if repeated:
        notes.append(f"Listed more than once in manifest.csv: {repeated}.")
    if not any(serials):
        notes.append("manifest.csv gives no serials.")
        return Known(None, np.array(defects, dtype=str), sizes, notes)
    if without := serials.count(""):
        notes.append(f"Without a serial in manifest.csv: {without}.")
    labels_of: dict[str, set[int]] = {}
    for entry, serial in zip(entries, serials, strict=True):
        labels_of.setdefault(serial, set()).add(entry.label)
    if both := sorted(serial for serial, labels in labels_of.items() if serial and len(labels) > 1):
        listed = ", ".join(both[:5]) + (", …" if len(both) > 5 else "")
        notes.append(f"Both labels are given to photographs of one serial: {listed}.")
    return Known(np.array(serials, dtype=str), np.array(defects, dtype=str), sizes, notes)


def _size(text: str) -> float:
    """Return the size of a defect, NaN where none is given: a size is told, never needed."""
    try:
        return float(text)
    except ValueError:
        return math.nan


def _find(root: Path) -> Path | None:
    """Return the manifest in ``root``, or beside it where ``root`` is the folder photos/ of a larger one."""
    for folder in (root, root.parent) if root.name.casefold() == "photos" else (root,):
        found = sorted(path for path in folder.iterdir() if path.name.casefold() == "manifest.csv")
        if found:  # a folder or a pipe of that name is refused when it is read, not passed over
            return next(filter(Path.is_file, found), found[0])
    return None


def finder(root: Path, entries: list[Entry]) -> Callable[[str], int | None]:
    """Return a function that finds the index in ``entries`` of a path as people and programs write it."""

    def alike(name: str) -> str:
        return zip_names.alike(name).replace("\\", "/").removeprefix("./")

    exact = {entry.name: index for index, entry in enumerate(entries)}
    loose: dict[str, int | None] = {}
    for index, entry in enumerate(entries):
        key = alike(entry.name)
        loose[key] = None if key in loose else index  # two files that differ only in case: no guess

    def find(name: str) -> int | None:
        if name in exact:
            return exact[name]
        key = alike(name)
        return loose.get(key, loose.get(key.removeprefix(alike(root.name) + "/")))

    return find
