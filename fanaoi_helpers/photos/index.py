"""The index of a cached array: which files it was made from, and what was said about them."""

import hashlib
import io
import json
import secrets
import time
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

import numpy as np

from . import decoding
from .folders import Entry

MOST_BYTES = 20_000_000_000  # of all arrays together; those of folders not opened for longest go first
ABANDONED = 3600  # seconds after which a file that nobody wrote to was left by a run that was killed
UNREACHED = bytes(16)  # in place of the content of a file that could not be read, this time


class Pixels(NamedTuple):
    """Pixels (N, size, size, 3) of the readable entries; reasons of the others, remarks, by index."""

    array: np.ndarray
    reasons: dict[int, str]
    remarks: dict[int, str]


class Index(NamedTuple):
    """An index as it was read: what a folder held at an earlier opening."""

    pixels: str  # the array's file name
    opened: Pixels
    contents: list[bytes]
    stats: dict[str, tuple[int, ...]]
    places: list[str]  # the names, in order


def names_of(folder: Path, root: Path, entries: list[Entry], image_size: int) -> tuple[Path, bytes]:
    """Return the index of these files in this place, and a stamp that any change of a file changes.

    The time of change (ctime) notices a file of the same size whose modification time was set back; on
    Windows it is the time of creation, which does no harm.
    """

    def short(text: str) -> str:
        return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:12]

    what = "\0".join([str(decoding.FORMAT), *(f"{entry.name}\0{entry.size}" for entry in entries)])
    times = "\0".join(f"{entry.modified} {entry.changed}" for entry in entries)
    stamp = hashlib.sha256(f"{what}\0\0{times}".encode("utf-8", "surrogatepass")).digest()
    return folder / f"{image_size}-{short(str(root))}-{short(what)}.npz", stamp


def load_index(index: Path, image_size: int, stamp: bytes | None = None) -> Index | None:
    """Return what an index tells, None where it or its array is not whole, or has another stamp."""
    try:
        with np.load(index, allow_pickle=False) as held:
            told = json.loads(held["told"].tobytes())
            if told["format"] != decoding.FORMAT or (stamp and told["stamp"] != stamp.hex()):
                return None
            contents, places, stats = held["contents"].tobytes(), [], {}
            if stamp is None:  # needed for a comparison only
                places = held["names"].tobytes().decode("utf-8", "surrogatepass").split("\0")
                stats = dict(zip(places, map(tuple, held["stats"].tolist()), strict=True))
        reasons, remarks = (
            {int(place): str(text) for place, text in told[which]} for which in ("reasons", "remarks")
        )
        contents = [contents[at : at + 16] for at in range(0, len(contents), 16)]
        pixels = index.parent / str(told["pixels"])
        array = np.load(pixels, mmap_mode="r", allow_pickle=False)
    except Exception:  # a damaged file can fail in any way; then it is made again
        return None
    everything = set(range(len(contents)))
    sound = reasons.keys() <= everything and remarks.keys() <= everything - reasons.keys()
    if (
        not sound
        or array.dtype != np.uint8
        or array.shape != shape_of(len(contents) - len(reasons), image_size)
    ):
        return None
    return Index(pixels.name, Pixels(array, reasons, remarks), contents, stats, places)


def shape_of(count: int, image_size: int) -> tuple[int, int, int, int]:
    """Return the shape of an array of ``count`` photographs."""
    return count, image_size, image_size, 3


def last_used(path: Path) -> float:
    """Return when a file was last opened or written to, in seconds; 0 where it is gone."""
    try:
        return path.stat().st_mtime
    except OSError:
        return 0.0


def save_index(
    index: Path,
    stamp: bytes,
    entries: list[Entry],
    contents: list[bytes],
    pixels: str,
    reasons: dict[int, str],
    remarks: dict[int, str],
) -> None:
    """Write the index of ``entries``, whole or not at all.

    Raises:
        OSError: it can't be written.
    """
    told = {"format": decoding.FORMAT, "stamp": stamp.hex(), "pixels": pixels}
    told |= {"reasons": sorted(reasons.items()), "remarks": sorted(remarks.items())}
    names = "\0".join(entry.name for entry in entries).encode("utf-8", "surrogatepass")
    buffer = io.BytesIO()
    np.savez(
        buffer,
        told=np.frombuffer(json.dumps(told).encode(), np.uint8),
        contents=np.frombuffer(b"".join(contents), np.uint8),
        names=np.frombuffer(names, np.uint8),
        stats=np.array([(entry.size, entry.modified, entry.changed) for entry in entries], np.int64),
    )
    beside = index.parent / f".{secrets.token_hex(8)}.npz"
    try:
        beside.write_bytes(buffer.getbuffer())
        beside.replace(index)
    finally:
        with suppress(OSError):
            beside.unlink(missing_ok=True)


def tidy(own: Path, forgotten: set[str]) -> None:
    """Forget this folder as it was before, what was not opened for longest, and what killed runs left.

    ``forgotten`` are arrays that may go at once, unless an index needs them.
    A file in use can't be removed on Windows; it goes another time.
    """
    earlier = own.stem.rpartition("-")[0] + "-"
    indices = sorted(own.parent.glob("[0-9]*.npz"), key=lambda path: (path == own, last_used(path)))
    needed, room = set(), MOST_BYTES
    for index in reversed(indices):
        try:
            with np.load(index, allow_pickle=False) as held:
                pixels = json.loads(held["told"].tobytes())["pixels"]
            size = 0 if pixels in needed else (own.parent / pixels).stat().st_size
        except Exception:  # damaged, or just removed by another run
            pixels, size = None, 0
        if index == own or (pixels and not index.stem.startswith(earlier) and size <= room):
            needed.add(pixels)
            room -= size
        else:
            forgotten.add(pixels)
            with suppress(OSError):
                index.unlink()
    now = time.time()
    for path in [*own.parent.glob("*.npy"), *own.parent.glob(".*.np?")]:
        abandoned = now - last_used(path) > ABANDONED
        if path.name not in needed and (abandoned or path.name in forgotten):
            with suppress(OSError):
                path.unlink()
