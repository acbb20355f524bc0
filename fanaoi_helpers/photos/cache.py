"""Many photographs, opened once in parallel; what came of it is kept by the content of their files.

In ``runs_dir()/cache/photos`` lie two kinds of files, each written beside and renamed:

    SIDE-CONTENT.npy        the pixels (N, side, side, 3) of the readable photographs; the name is made from
                            the content of their files, so the same photographs have one array anywhere
    SIDE-PLACE-FILES.json   the index of a folder at its last opening: which array holds the pixels, and of
                            each file name, bytes, times, content, and what was said about it

An index that fits the files as they are gives all of it at once: no file is read. One that almost fits, of
this folder as it was or of the same files elsewhere, saves the decoding of what has the same content. The
audit keeps no pixels but facts, with SIDE 0. In ``runs_dir()/cache/copies`` lie searches for copies.
"""

from __future__ import annotations

import hashlib
import json
import os
import secrets
import tempfile
import time
import warnings
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

import numpy as np

from .. import files
from ..errors import WorkbookError
from ..progress import bar
from ..threads import in_order
from . import copies, decoding
from .copies import Copies
from .decoding import Decoded
from .folders import Entry

MOST_BYTES = 20_000_000_000  # of all arrays together; those of folders not opened for longest go first
MOST_SEARCHES = 20  # for copies; the oldest go
ABANDONED = 3600  # seconds after which a file that nobody wrote to was left by a run that was killed
COPIES_FORMAT = 4  # raise it when the same photographs would give other copies

Look = Callable[[bytes], Decoded]


class Opened(NamedTuple):
    """All photographs of a folder: ``contents`` and ``facts`` of each, pixels of the readable ones.

    Facts are those of `Decoded`: the reason, the remark, and what else was asked for.
    """

    pixels: np.ndarray
    contents: list[str]
    facts: list[list]


class _Index(NamedTuple):
    array: str  # the name of its file
    opened: Opened
    files: list[tuple]  # name, size and times of each


def opened(root: Path, entries: Sequence[Entry], side: int, look: Look) -> Opened:
    """Return what ``look`` says of each photograph in ``root``, as found at an earlier opening or now.

    ``side`` is that of the squares of pixels that are kept; 0 keeps facts alone.
    """
    index, stamp = _index_of(root, entries, side)
    known = _read(index, stamp)
    if known and not _within_reach_again(known.opened.contents, entries):
        with suppress(OSError):
            os.utime(index)  # the cache forgets what was not opened for longest
        return known.opened
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # Pillow's remarks on odd files; what matters comes back as a reason
        try:
            index.parent.mkdir(parents=True, exist_ok=True)
            return _kept(index, stamp, entries, look)
        except (OSError, WorkbookError):  # no room, no permission, in use: a file that nobody else sees
            try:
                with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
                    array = Path(folder) / "pixels.npy"
                    contents, facts = _write(array, entries, side, look, _nearest(index))
                    return Opened(np.load(array, mmap_mode="r"), contents, facts)
            except OSError as error:
                raise files.cannot_write(index, error) from error


def _index_of(root: Path, entries: Sequence[Entry], side: int) -> tuple[Path, str]:
    """Return the index of these files in this place, and a stamp that any change of a file changes.

    The time of change (ctime) notices a file of the same size whose modification time was set back; on
    Windows it is the time of creation, which does no harm.
    """

    def digest(text: str) -> str:
        return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()

    what = "\0".join([str(decoding.FORMAT), *(f"{entry.name}\0{entry.size}" for entry in entries)])
    times = "\0".join(f"{entry.modified} {entry.changed}" for entry in entries)
    name = f"{side}-{digest(str(root))[:12]}-{digest(what)[:12]}.json"
    return files.runs_dir() / "cache" / "photos" / name, digest(f"{what}\0\0{times}")


def _within_reach_again(contents: list[str], entries: Sequence[Entry]) -> bool:
    """Tell whether a file that could not be read (permissions, a network drive) can be read now."""
    for entry, content in zip(entries, contents, strict=True):
        if not content:
            with suppress(OSError):
                decoding.content(entry.path)
                return True
    return False


def _read(index: Path, stamp: str = "") -> _Index | None:
    """Return what an index tells, None where it or its array is not whole, or has another stamp."""
    side = int(index.name.partition("-")[0])
    try:
        with index.open("rb") as file:
            head = json.loads(file.readline())
            if head["format"] != decoding.FORMAT or (stamp and head["stamp"] != stamp):
                return None
            contents, facts, known = json.loads(file.readline())
        count = sum(not reason for reason, *_ in facts) if side else 0
        pixels = np.load(index.parent / head["array"], mmap_mode="r", allow_pickle=False)
        sound = len(contents) == len(facts) == len(known)
    except Exception:  # a damaged file can fail in any way; then it is made again
        return None
    if not sound or pixels.dtype != np.uint8 or pixels.shape != (count, side, side, 3):
        return None
    return _Index(head["array"], Opened(pixels, contents, facts), list(map(tuple, known)))


def _nearest(index: Path) -> tuple[_Index, bool] | None:
    """Return an index to start from, and if it is of the same folder: then times tell what is unchanged."""
    side, place, what = index.stem.split("-")
    for pattern, own in ((f"{side}-{place}-*.json", True), (f"{side}-*-{what}.json", False)):
        for path in sorted(index.parent.glob(pattern), key=_last_used, reverse=True):
            if known := _read(path):
                return known, own
    return None


def _kept(index: Path, stamp: str, entries: Sequence[Entry], look: Look) -> Opened:
    """Bring the cache up to date with ``entries``, and open it."""
    side, nearest = int(index.name.partition("-")[0]), _nearest(index)
    beside = index.parent / f".{secrets.token_hex(8)}.npy"
    try:
        contents, facts = _write(beside, entries, side, look, nearest)
        readable = "".join(content for content, fact in zip(contents, facts, strict=True) if not fact[0])
        name = hashlib.sha256(f"{decoding.FORMAT}\n{readable}".encode()).hexdigest()[:24]
        array = index.parent / f"{side}-{name}.npy"
        try:
            beside.replace(array)
        except PermissionError:  # Windows: another run has it open; the content is the same
            if not array.is_file():
                raise
    finally:
        with suppress(OSError):
            beside.unlink(missing_ok=True)
    _write_index(index, stamp, array.name, entries, contents, facts)
    pixels = np.load(array, mmap_mode="r", allow_pickle=False)
    _tidy(index, {nearest[0].array} if nearest and nearest[1] else set())
    return Opened(pixels, contents, facts)


def _write(
    array: Path, entries: Sequence[Entry], side: int, look: Look, nearest: tuple[_Index, bool] | None
) -> tuple[list[str], list[list]]:
    """Write the readable photographs to the new file ``array``, an .npy; return all contents and facts.

    Written in order, never mapped for writing: memory stays small, and a full disk is an error, not a crash.
    """
    known: dict[str, tuple[list, int]] = {}  # facts and row by content
    unchanged: dict[tuple, str] = {}  # content by name, size and times
    if nearest:
        old, own = nearest
        row = 0
        for content, fact in zip(old.opened.contents, old.opened.facts, strict=True):
            known[content] = fact, row
            row += not fact[0]
        known.pop("", None)  # could not be read, that time
        unchanged = dict(zip(old.files, old.opened.contents, strict=True)) if own else {}

    def look_once(data: bytes | None, content: str) -> Decoded:
        if content not in known:
            return look(data)
        (reason, remark, *facts), row = known[content]
        pixels = old.opened.pixels[row] if side and not reason else None
        return Decoded(pixels, reason, remark, content=content, facts=tuple(facts))

    def open_one(entry: Entry) -> Decoded:
        content = unchanged.get((entry.name, entry.size, entry.modified, entry.changed))
        return look_once(None, content) if content else decoding.opened(entry.path, look_once)

    contents, facts = [], []
    at_once = max(1, min(32, 1_000_000 // max(1, side) ** 2))  # that a thread opens between two reports
    doing = "Reading photographs" if side else "Looking at photographs"
    with array.open("xb") as file:
        header = {"descr": "|u1", "fortran_order": False, "shape": (len(entries), side, side, 3)}
        np.lib.format.write_array_header_1_0(file, header)
        start = file.tell()
        for decoded in bar(in_order(open_one, entries, batch=at_once), len(entries), doing):
            contents.append(decoded.content)
            facts.append([decoded.reason, decoded.remark, *decoded.facts])
            if decoded.pixels is not None:
                file.write(np.ascontiguousarray(decoded.pixels).data)
        count = (file.tell() - start) // max(1, side * side * 3)
        file.seek(0)  # NumPy leaves room for any count
        np.lib.format.write_array_header_1_0(file, header | {"shape": (count, side, side, 3)})
    return contents, facts


def _write_index(
    index: Path, stamp: str, array: str, entries: Sequence[Entry], contents: list[str], facts: list[list]
) -> None:
    """Write the index of ``entries``, whole or not at all: what `_tidy` asks stands in the first line."""
    head = {"format": decoding.FORMAT, "stamp": stamp, "array": array}
    known = [(entry.name, entry.size, entry.modified, entry.changed) for entry in entries]
    files.write(index, f"{json.dumps(head)}\n{json.dumps([contents, facts, known])}\n")


def _last_used(path: Path) -> float:
    """Return when a file was last opened or written to, in seconds; 0 where it is gone."""
    try:
        return path.stat().st_mtime
    except OSError:
        return 0.0


def _tidy(own: Path, forgotten: set[str]) -> None:
    """Forget this folder as it was before, what was not opened for longest, and what killed runs left.

    ``forgotten`` are arrays that may go at once, unless an index needs them.
    A file in use can't be removed on Windows; it goes another time.
    """
    earlier = own.stem.rpartition("-")[0] + "-"
    indices = sorted(own.parent.glob("[0-9]*.json"), key=lambda path: (path == own, _last_used(path)))
    needed, room = set(), MOST_BYTES
    for index in reversed(indices):
        try:
            with index.open("rb") as file:
                array = json.loads(file.readline())["array"]
            size = 0 if array in needed else (own.parent / array).stat().st_size
        except Exception:  # damaged, or just removed by another run
            array, size = None, 0
        if index == own or (array and not index.stem.startswith(earlier) and size <= room):
            needed.add(array)
            room -= size
        else:
            forgotten.add(array)
            with suppress(OSError):
                index.unlink()
    now = time.time()
    for path in own.parent.glob("*.np?"):
        abandoned = now - _last_used(path) > ABANDONED
        if path.name not in needed and (abandoned or path.name in forgotten):
            with suppress(OSError):
                path.unlink()


def copies_of(paths: Sequence[str | os.PathLike], contents: Sequence[str]) -> Copies:
    """Return what `copies.find` finds among photographs of these ``contents``; next time no file is read.

    Photographs that were moved or touched are not compared again. What is kept is kept for what was read: a
    file that changed since its content was told is searched for again.
    """
    if known := known_copies(contents):
        return known
    search = copies.find(paths)
    kept = _kept_for(search.contents)
    record = {"groups": search.groups.tolist(), "skipped": search.skipped}
    with suppress(WorkbookError):  # no room or no permission: then it is searched for again next time
        files.write(kept, json.dumps(record))
        with suppress(OSError):
            for old in sorted(kept.parent.glob("[0-9a-f]*.json"), key=_last_used)[:-MOST_SEARCHES]:
                old.unlink()
    return search


def known_copies(contents: Sequence[str]) -> Copies | None:
    """Return what an earlier search found among photographs of these ``contents``, None if there was none."""
    try:
        record = json.loads(_kept_for(contents).read_bytes())
        groups = np.array(record["groups"], dtype=np.int64)
        if groups.shape == (len(contents),):
            return Copies(groups, tuple(map(tuple, record["skipped"])), tuple(contents))
    except Exception:  # not there, or broken in any way: then it is made again
        pass
    return None


def _kept_for(contents: Sequence[str]) -> Path:
    key = hashlib.sha256("\n".join([str(COPIES_FORMAT), *contents]).encode()).hexdigest()
    return files.runs_dir() / "cache" / "copies" / f"{key[:24]}.json"
