"""Many photographs, decoded once in parallel into a memory-mapped array that later openings find again.

In ``runs_dir()/cache/photos`` lie two kinds of files, each written beside and renamed:

    SIZE-CONTENT.npy        the pixels (N, size, size, 3) of the readable photographs; the name is made from
                            the content of their files, so the same photographs have one array anywhere
    SIZE-PLACE-FILES.npz    the index of a folder at its last opening: name, bytes, times and content of each
                            file, which array holds their pixels, and what was said about them

An index that fits the files as they are gives the array at once. One that almost fits, of this folder as it
was or of the same files elsewhere, saves the decoding of all photographs with the same content.
"""

import hashlib
import os
import secrets
import tempfile
import warnings
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO

import numpy as np

from .. import files
from . import decoding
from .folders import Entry
from .index import UNREACHED, Index, Pixels, last_used, load_index, names_of, save_index, shape_of, tidy
from .progress import bar
from .threads import in_order


def pixels_of(root: Path, entries: list[Entry], image_size: int) -> Pixels:
    """Return the pixels of the readable entries, and the reason for each index that could not be read."""
    folder = files.runs_dir() / "cache" / "photos"
    index, stamp = names_of(folder, root, entries, image_size)
    opened = _reopen(index, stamp, entries, image_size)
    if opened:
        return opened
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # Pillow's remarks on odd files; what matters comes back as a reason
        old = _nearest(index, image_size)
        try:
            folder.mkdir(parents=True, exist_ok=True)
            opened = _open(index, stamp, entries, image_size, old)
        except OSError:
            opened = _reopen(index, stamp, entries, image_size)  # no room, no permission, or in use by others
        if opened is None:
            try:
                with tempfile.TemporaryFile() as file:
                    shape, start, contents, reasons, remarks = _write(file, entries, image_size, old)
                    file.flush()
                    array = np.memmap(file, dtype=np.uint8, mode="r", offset=start, shape=shape)
                    opened = Pixels(array, reasons, remarks)
            except OSError as error:
                raise files.cannot_write(index, error) from error
    return opened


def _reopen(index: Path, stamp: bytes, entries: list[Entry], image_size: int) -> Pixels | None:
    """Return what an earlier opening of exactly these files left, or None."""
    found = load_index(index, image_size, stamp)
    if found is None or len(found.contents) != len(entries):
        return None
    # A file that was out of reach for a while (permissions, a network drive) looks the same when it is back.
    for place in found.opened.reasons:
        if found.contents[place] == UNREACHED:
            with suppress(OSError):
                decoding.content(entries[place].path)
                return None
    with suppress(OSError):
        os.utime(index)  # the cache forgets what was not opened for longest
    return found.opened


def _nearest(index: Path, image_size: int) -> tuple[Index, bool] | None:
    """Return an index to start from, and if it is of the same folder: then times tell what is unchanged."""
    size, place, what = index.stem.split("-")
    for pattern, own in ((f"{size}-{place}-*.npz", True), (f"{size}-*-{what}.npz", False)):
        for path in sorted(index.parent.glob(pattern), key=last_used, reverse=True):
            if found := load_index(path, image_size):
                return found, own
    return None


def _open(
    index: Path, stamp: bytes, entries: list[Entry], image_size: int, old: tuple[Index, bool] | None
) -> Pixels | None:
    """Bring the cache up to date with ``entries``, and open it."""
    same = old and _only_touched(entries, *old)
    if same:
        name, contents, (_, reasons, remarks) = old[0].pixels, old[0].contents, old[0].opened
    else:
        beside = index.parent / f".{secrets.token_hex(8)}.npy"
        try:
            with beside.open("xb") as file:
                _, _, contents, reasons, remarks = _write(file, entries, image_size, old)
            readable = b"".join(content for place, content in enumerate(contents) if place not in reasons)
            known = hashlib.sha256(f"{decoding.FORMAT}\n".encode() + readable).hexdigest()[:24]
            name = f"{image_size}-{known}.npy"
            try:
                beside.replace(index.parent / name)
            except PermissionError:  # Windows: another run has it open; the content is the same
                if not (index.parent / name).is_file():
                    raise
        finally:
            with suppress(OSError):
                beside.unlink(missing_ok=True)
    save_index(index, stamp, entries, contents, name, reasons, remarks)
    opened = _reopen(index, stamp, entries, image_size)
    tidy(index, {old[0].pixels} if old and old[1] else set())
    return opened


def _only_touched(entries: list[Entry], old: Index, own: bool) -> bool:
    """Tell whether the files have the content of ``old``, in this order: only their times are new."""
    if [entry.name for entry in entries] != old.places or UNREACHED in old.contents:
        return False

    def same(pair: tuple[Entry, bytes]) -> bool:
        entry, content = pair
        if own and old.stats[entry.name] == (entry.size, entry.modified, entry.changed):
            return True
        try:
            return _hash(decoding.content(entry.path)) == content
        except OSError:
            return False

    # The first file that is another one ends it.
    return all(in_order(same, zip(entries, old.contents, strict=True), batch=32))


def _hash(data: bytes) -> bytes:
    return hashlib.sha256(data).digest()[:16]


def _write(
    file: BinaryIO, entries: list[Entry], image_size: int, old: tuple[Index, bool] | None
) -> tuple[tuple[int, int, int, int], int, list[bytes], dict[int, str], dict[int, str]]:
    """Write the readable photographs to ``file`` as .npy; return shape, start, contents, reasons, remarks.

    Written in order, never mapped for writing: memory stays small, and a full disk is an error, not a crash.
    """
    known, unchanged = _known(*old) if old else ({}, {})

    def open_one(entry: Entry) -> tuple[bytes, decoding.Decoded]:
        content = unchanged.get((entry.name, entry.size, entry.modified, entry.changed))
        if content in known:
            return content, known[content]()
        try:
            data = decoding.content(entry.path)
            content = _hash(data)
            return content, known[content]() if content in known else decoding.decode(data, image_size)
        except OSError as error:
            return UNREACHED, decoding.Decoded(None, decoding.why(error))
        except MemoryError:
            return UNREACHED, decoding.Decoded(None, "not enough memory")

    def write_header(count: int) -> int:
        header = {"descr": "|u1", "fortran_order": False, "shape": shape_of(count, image_size)}
        file.seek(0)
        np.lib.format.write_array_header_1_0(file, header)
        return file.tell()

    start = write_header(len(entries))
    contents, reasons, remarks = [], {}, {}
    at_once = max(1, min(32, 1_000_000 // image_size**2))  # photographs a worker decodes between two reports
    opened = in_order(open_one, entries, batch=at_once)
    for place, (content, decoded) in enumerate(bar(opened, len(entries), "Reading photographs")):
        contents.append(content)
        if decoded.pixels is None:
            reasons[place] = decoded.reason
        else:
            file.write(np.ascontiguousarray(decoded.pixels).data)
        if decoded.remark:
            remarks[place] = decoded.remark
    count = len(entries) - len(reasons)
    if write_header(count) != start:  # NumPy leaves room for any count
        raise RuntimeError("the header of the array changed its length")
    return shape_of(count, image_size), start, contents, reasons, remarks


def _known(old: Index, own: bool) -> tuple[dict[bytes, Callable[[], decoding.Decoded]], dict[tuple, bytes]]:
    """Return how to get what is known by content, and the content of files by name, size and times."""

    def from_row(row: int, remark: str) -> Callable[[], decoding.Decoded]:
        return lambda: decoding.Decoded(old.opened.array[row], remark=remark)

    known, row = {}, 0
    for place, content in enumerate(old.contents):
        reason = old.opened.reasons.get(place)
        if reason is None:
            known[content] = from_row(row, old.opened.remarks.get(place, ""))
            row += 1
        elif content != UNREACHED:
            known[content] = lambda reason=reason: decoding.Decoded(None, reason)
    unchanged = {}
    if own:
        unchanged = {
            (name, *old.stats[name]): content for name, content in zip(old.places, old.contents, strict=True)
        }
    return known, unchanged
