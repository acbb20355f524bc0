"""Reading what people wrote down about photographs: manifest.csv (which unit, which defect), and a split."""

from __future__ import annotations

import csv
import io
import math
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from .. import files
from ..errors import WorkbookError
from .folders import Entry
from .splitting import PARTS
from .zip_names import alike

MOST_BYTES = 100_000_000  # of the file
MOST_ROWS = 1_000_000  # as many photographs as a run takes

_NAMES = {name: name for name in PARTS} | {"training": "train", "val": "validation", "valid": "validation"}


@dataclass(frozen=True)
class Known:
    """What a manifest tells of N photographs: (N,) serials or None, (N,) defects, (N,) sizes, and notes."""

    serials: np.ndarray | None
    defects: np.ndarray
    sizes: np.ndarray
    notes: list[str]


def read_manifest(root: Path, entries: list[Entry], classes: tuple[str, str]) -> Known:
    """Return what is known of ``entries`` from the manifest, where there is one."""
    serials, defects = np.full((2, len(entries)), "", dtype=object)
    sizes = np.full(len(entries), np.nan)
    path = _find(root)
    if path is None:
        return Known(None, defects.astype(str), sizes, [])

    rows: dict[int, tuple[str, str]] = {}
    missing, repeated = [], 0
    for line, index, row in _photographs(path, root, entries, "serial", ("label", "defect", "size")):
        if index is None:
            missing.append(row["photo"])
            continue
        entry, label = entries[index], row["label"]
        if label and alike(label) != alike(classes[entry.label]):
            raise WorkbookError(
                f"{files.shown(path)} line {line} says that {entry.name} is {label}, but it lies in "
                f"{entry.name.partition('/')[0]}/: correct the line or move the photograph."
            )
        repeated += index in rows
        serials[index], defects[index] = facts = row["serial"], row["defect"]
        if rows.setdefault(index, facts) != facts:
            raise WorkbookError(
                f"{files.shown(path)} line {line} lists {entry.name} again with another serial or defect: "
                "keep one line for each photograph."
            )
        sizes[index] = _size(row["size"])

    if missing and not rows:
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
        return Known(None, defects.astype(str), sizes, notes)
    if without := int(np.sum(serials == "")):
        notes.append(f"Without a serial in manifest.csv: {without}.")
    labels_of: dict[str, set[int]] = {}
    for entry, serial in zip(entries, serials, strict=True):
        labels_of.setdefault(serial, set()).add(entry.label)
    if both := sorted(serial for serial, labels in labels_of.items() if serial and len(labels) > 1):
        listed = ", ".join(both[:5]) + (", …" if len(both) > 5 else "")
        notes.append(f"Both labels are given to photographs of one serial: {listed}.")
    return Known(serials.astype(str), defects.astype(str), sizes, notes)


def _size(text: str) -> float:
    """Return the size of a defect, NaN where none is given: a size is told, never needed."""
    try:
        return float(text)
    except ValueError:
        return math.nan


def _find(root: Path) -> Path | None:
    """Return the manifest in ``root``, or beside it where ``root`` is the folder photos/ of a larger one."""
    for folder in (root, root.parent) if root.name.casefold() == "photos" else (root,):
        manifests = sorted(path for path in folder.iterdir() if path.name.casefold() == "manifest.csv")
        if manifests:  # a folder or a pipe of that name is refused when it is read, not passed over
            return next(filter(Path.is_file, manifests), manifests[0])
    return None


def read_split(
    path: str | os.PathLike, root: Path, entries: Sequence[Entry], classes: tuple[str, str]
) -> tuple[list[str], list[str]]:
    """Return the part of each entry, "" where the file names none, and the photographs it names in vain."""
    if not isinstance(path, (str, os.PathLike)):
        raise WorkbookError(f"split is {path!r}, but it must be a Split or the path of a CSV file.")
    path = Path(path)
    title = files.shown(path)
    parts, missing = [""] * len(entries), []
    for line, index, row in _photographs(path, root, entries, "part"):
        photo, name = row["photo"], _NAMES.get(row["part"].casefold())
        if not name:
            raise WorkbookError(
                f"{title} line {line} puts {photo} into {row['part']!r}, but a part is one of "
                f"{', '.join(PARTS)}: correct the line."
            )
        if index is None:
            missing.append(photo)
            continue
        if parts[index] not in ("", name):
            raise WorkbookError(
                f"{title} line {line} puts {photo} into {name}, but an earlier line puts it into "
                f"{parts[index]}: keep one line for each photograph."
            )
        parts[index] = name
    if not any(parts):
        first = f" (first: {missing[0]})" if missing else ""
        raise WorkbookError(
            f"{title} lists no photograph of {files.shown(root)}{first}: "
            f"write paths from there, like {classes[1]}/name.png."
        )
    return parts, missing


def _photographs(
    path: Path, root: Path, entries: Sequence[Entry], needed: str, also: Sequence[str] = ()
) -> Iterator[tuple[int, int | None, dict[str, str]]]:
    """Yield line, index in ``entries`` (None: it is not there) and row of each photograph in a list.

    Paths are taken as people and programs write them.
    """

    def plain(name: str) -> str:
        return alike(name).replace("\\", "/").removeprefix("./")

    exact = {entry.name: index for index, entry in enumerate(entries)}
    loose: dict[str, int | None] = {}
    for index, entry in enumerate(entries):
        key = plain(entry.name)
        loose[key] = None if key in loose else index  # two files that differ only in case: no guess

    for line, row in _rows(path, ("photo", needed), also):
        key = plain(row["photo"])
        inside = key.removeprefix(plain(root.name) + "/")
        yield line, exact.get(row["photo"], loose.get(key, loose.get(inside))), row


def _rows(
    path: Path, needed: Sequence[str], also: Sequence[str] = ()
) -> Iterator[tuple[int, dict[str, str]]]:
    """Yield (line, row) of each row of a CSV file that is not empty, as people and spreadsheets write it.

    It is in UTF-8, separated by commas, semicolons or tabs. The columns ``needed`` must be there, ``also``
    may be (else ""); all others are passed over.
    """
    title, wanted = files.shown(path), " and ".join(needed)
    try:
        data = files.content(path, MOST_BYTES)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise WorkbookError(
            f"{title} can't be read ({reason}): give a CSV file with the columns {wanted}."
        ) from error
    header = data.partition(b"\n")[0]
    delimiter = max(",;\t", key=lambda sign: header.count(sign.encode()))  # many countries write semicolons
    text = io.TextIOWrapper(io.BytesIO(data), "utf-8-sig", newline="")
    reader = csv.DictReader(text, delimiter=delimiter, strict=True)
    try:
        columns = [(column or "").strip().lower() for column in reader.fieldnames or []]
        reader.fieldnames = columns
        if not set(needed) <= set(columns):
            known = f" (and {' and '.join(also)} if known)" if also else ""
            raise WorkbookError(
                f"{title} has the columns {', '.join(columns) or 'none'}, but it needs {wanted}{known}: "
                "correct its first line."
            )
        for count, row in enumerate(reader):
            if count == MOST_ROWS:
                raise WorkbookError(
                    f"{title} has more than {MOST_ROWS:,} rows: give a list of these photographs alone."
                )
            if None in row:
                raise WorkbookError(
                    f"{title} line {reader.line_num} has more fields than the header: "
                    "put double quotes around values that contain the separator."
                )
            cells = {name: (row.get(name) or "").strip() for name in (*needed, *also)}
            if any(cells.values()):
                yield reader.line_num, cells
    except UnicodeDecodeError as error:
        raise WorkbookError(f"{title} is not in UTF-8: save it as CSV in UTF-8.") from error
    except csv.Error as error:
        raise WorkbookError(
            f"{title} line {reader.line_num} is not sound CSV ({error}): save it as CSV in UTF-8 again."
        ) from error
