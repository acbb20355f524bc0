"""Which photographs a run learned from, by their content: a small file that lies beside its model."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import TYPE_CHECKING

from .. import files

if TYPE_CHECKING:
    from . import Photos
    from .splitting import Split

FILE = "photographs.csv"
DIGITS = 16  # of a photograph's SHA-256 that stand there: enough to tell millions of photographs apart
MOST_BYTES = 200_000_000  # of the file; 100,000 photographs take 3 MB


def key(content: str) -> str:
    """Return by what a photograph of this content stands in the file: the first digits of its SHA-256."""
    return content[:DIGITS]


def table(photos: Photos, split: Split) -> str:
    """Return the file's text: a line for each photograph, its `key` and its part."""
    text = io.StringIO()
    rows = csv.writer(text, lineterminator="\n")
    rows.writerow(("content", "part"))
    for part, index in split.parts.items():
        rows.writerows((key(photos.contents[i]), part) for i in index)
    return text.getvalue()


def read(folder: Path) -> dict[str, str]:
    """Return the part of each photograph, by its `key`; empty where the folder has no such file.

    Raises:
        OSError, ValueError: it can't be read, or is no such table.
    """
    path = folder / FILE
    if not path.is_file():
        return {}
    head, *rows = csv.reader(files.content(path, MOST_BYTES).decode("utf-8").splitlines())
    if head != ["content", "part"]:
        raise ValueError("no columns content and part")
    return {content: part for content, part in rows}
