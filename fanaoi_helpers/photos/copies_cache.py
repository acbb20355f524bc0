"""Searching for copies once: what was found is kept beside the decoded photographs and found again."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from .. import files
from ..errors import WorkbookError
from . import decoding
from .threads import in_order

if TYPE_CHECKING:
    from .copies import Copies

_CACHE_FORMAT = 1  # raise it when the same photographs would give other copies
_PAIR = ("first", "second", "points", "similarity", "rotation", "mirrored", "scale")
_MOST_KEPT = 20  # searches; the oldest go


def find(paths: Sequence[str | os.PathLike]) -> Copies:
    """Return what `copies.find` finds among N photographs; the second time it costs nothing.

    Kept under ``files.runs_dir()/cache/copies`` by the content of the files, so photographs that were moved
    or touched are not compared again; made again where it is broken or missing.

    Raises:
        WorkbookError: whatever `copies.find` refuses.
    """
    cache = _cache_file(paths)
    found = _open(cache, len(paths))
    if found is None:
        from . import copies  # heavy: OpenCV

        found = copies.find(paths)
        with suppress(WorkbookError):  # no room or no permission: then it is searched for again next time
            _keep(cache, found)
    return found


def _cache_file(paths: Sequence[str | os.PathLike]) -> Path:
    known = hashlib.sha256(f"{_CACHE_FORMAT}\n".encode())
    for content in in_order(_content, paths):
        known.update(content)
    return files.runs_dir() / "cache" / "copies" / f"{known.hexdigest()[:24]}.npz"


def _content(path: str | os.PathLike) -> bytes:
    try:
        return hashlib.sha256(decoding.content(path)).digest()
    except OSError as error:  # a file that is out of reach now looks another way when it is back
        return hashlib.sha256(decoding.why(error).encode()).digest()


def _keep(cache: Path, found: Copies) -> None:
    """Write ``found`` and forget the oldest searches."""
    rows = [[getattr(pair, field) for field in _PAIR] for pair in found.pairs]
    skipped = json.dumps([(int(index), reason) for index, reason in found.skipped])
    with files.replacing(cache) as beside, beside.open("wb") as file:
        np.savez_compressed(
            file,
            groups=found.groups,
            pairs=np.array(rows, dtype=np.float64).reshape(-1, len(_PAIR)),
            skipped=np.frombuffer(skipped.encode("utf-8"), np.uint8),
        )
    with suppress(OSError):
        kept = sorted(cache.parent.glob("[0-9a-f]*.npz"), key=lambda path: path.stat().st_mtime)
        for old in kept[:-_MOST_KEPT]:
            old.unlink()


def _open(cache: Path, count: int) -> Copies | None:
    """Return what an earlier search left, or None where there is nothing whole."""
    try:
        with np.load(cache, allow_pickle=False) as kept:
            groups, rows = kept["groups"], kept["pairs"]
            skipped = json.loads(kept["skipped"].tobytes())
        from .copies import Copies, Pair  # heavy: OpenCV

        if groups.shape != (count,) or groups.dtype != np.int64:
            return None
        pairs = tuple(
            Pair(int(first), int(second), int(points), similarity, rotation, bool(mirrored), scale)
            for first, second, points, similarity, rotation, mirrored, scale in rows.tolist()
        )
        reasons = tuple((int(index), str(reason)) for index, reason in skipped)
        return Copies(groups=groups, pairs=pairs, skipped=reasons)
    except Exception:  # a broken archive can fail in any way; then it is made again
        return None
