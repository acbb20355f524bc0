"""Reading a split that somebody wrote down: a CSV with the columns photo and part."""

import os
from collections.abc import Sequence
from pathlib import Path

from .. import files
from ..errors import WorkbookError
from . import csv_file
from .folders import Entry
from .manifest import finder
from .splitting import PARTS

_NAMES = {name: name for name in PARTS} | {"training": "train", "val": "validation", "valid": "validation"}


def read(
    path: str | os.PathLike, root: Path, entries: Sequence[Entry], classes: tuple[str, str]
) -> tuple[list[str], list[str]]:
    """Return the part of each entry, "" where the file names none, and the photographs it names in vain.

    Raises:
        WorkbookError: no such file, no sound CSV in UTF-8, a column missing, a part of an unknown name, one
            photograph in two parts, or none of the photographs there.
    """
    if not isinstance(path, (str, os.PathLike)):
        raise WorkbookError(f"split is {path!r}, but it must be a Split or the path of a CSV file.")
    path = Path(path)
    shown = files.shown(path)
    parts, missing = [""] * len(entries), []
    find = finder(root, list(entries))
    for line, row in csv_file.rows(path, ("photo", "part")):
        photo, part = row["photo"], row["part"]
        if part.casefold() not in _NAMES:
            raise WorkbookError(
                f"{shown} line {line} puts {photo} into {part!r}, but a part is one of {', '.join(PARTS)}: "
                "correct the line."
            )
        index = find(photo)
        if index is None:
            missing.append(photo)
            continue
        name = _NAMES[part.casefold()]
        if parts[index] not in ("", name):
            raise WorkbookError(
                f"{shown} line {line} puts {photo} into {name}, but an earlier line puts it into "
                f"{parts[index]}: keep one line for each photograph."
            )
        parts[index] = name
    if not any(parts):
        first = f" (first: {missing[0]})" if missing else ""
        raise WorkbookError(
            f"{shown} lists no photograph of {files.shown(root)}{first}: "
            f"write paths from there, like {classes[1]}/name.png."
        )
    return parts, missing
