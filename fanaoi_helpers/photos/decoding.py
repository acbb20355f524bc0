"""Decoding photographs once, in parallel, into a memory-mapped array that later openings find again."""

import hashlib
import json
import os
import tempfile
import threading
import time
import warnings
from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext, suppress
from pathlib import Path
from typing import BinaryIO

import numpy as np
from PIL import Image, ImageOps, UnidentifiedImageError

from .. import files
from ..errors import WorkbookError
from .folders import Entry, displayable

_FORMATS = ("PNG", "JPEG", "BMP", "WEBP", "TIFF")  # nothing else is opened, whatever a file calls itself
_CACHE_FORMAT = 1  # raise it when the same files would give other pixels
_MANY = 500  # photographs that take long enough for a progress bar
_LARGE = 25_000_000  # pixels; photographs above are decoded one at a time, to spare memory
_large_one = threading.Lock()


def pixels_of(root: Path, entries: list[Entry], image_size: int) -> tuple[np.ndarray, dict[int, str]]:
    """Return the pixels of the readable entries, and the reason for each index that could not be read."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # Pillow's remarks on odd files; what matters comes back as a reason
        return _open_or_decode(_cache_file(root, entries, image_size), entries, image_size)


def _open_or_decode(cache: Path, entries: list[Entry], image_size: int) -> tuple[np.ndarray, dict[int, str]]:
    opened = _open_cache(cache, entries, image_size)
    if opened is None:
        try:
            with files.replacing(cache) as beside:
                with beside.open("wb") as file:
                    reasons = _decode_into(file, entries, image_size)[2]
                with files.replacing(cache.with_suffix(".json")) as text:
                    text.write_text(json.dumps(sorted(reasons.items())), encoding="utf-8")
            _forget_older(cache)
        except WorkbookError:
            pass  # no room or no permission; or another run has just written it and holds it open
        opened = _open_cache(cache, entries, image_size)
    if opened is None:
        try:
            with tempfile.TemporaryFile() as file:
                shape, start, reasons = _decode_into(file, entries, image_size)
                file.flush()
                opened = np.memmap(file, dtype=np.uint8, mode="r", offset=start, shape=shape), reasons
        except OSError as error:
            raise files.cannot_write(cache, error) from error
    return opened


def _cache_file(root: Path, entries: list[Entry], image_size: int) -> Path:
    """Return the cache's name: it changes with any name, size or time of modification below ``root``."""
    place = hashlib.sha256(str(root).encode("utf-8", "surrogatepass")).hexdigest()[:12]
    content = hashlib.sha256(f"{_CACHE_FORMAT} {image_size}\n".encode())
    for entry in entries:
        content.update(f"{entry.name}\0{entry.size}\0{entry.modified}\n".encode("utf-8", "surrogatepass"))
    return files.runs_dir() / "cache" / f"{place}-{image_size}-{content.hexdigest()[:16]}.npy"


def _open_cache(
    cache: Path, entries: list[Entry], image_size: int
) -> tuple[np.ndarray, dict[int, str]] | None:
    """Return what an earlier opening left, or None where there is nothing whole."""
    try:
        reasons = {
            int(index): str(reason) for index, reason in json.loads(cache.with_suffix(".json").read_bytes())
        }
        pixels = np.load(cache, mmap_mode="r", allow_pickle=False)
    except (OSError, ValueError, TypeError, EOFError):
        return None
    shape = (len(entries) - len(reasons), image_size, image_size, 3)
    if pixels.dtype != np.uint8 or pixels.shape != shape or not reasons.keys() <= set(range(len(entries))):
        return None
    # A file that was out of reach for a while (permissions, a network drive) looks the same when it is back.
    back = any(not isinstance(decode(entries[index].path, image_size), str) for index in reasons)
    return None if back else (pixels, reasons)


def _forget_older(cache: Path) -> None:
    """Remove the caches of the same folder and size as it was before; a file in use stays."""
    prefix = cache.stem.rpartition("-")[0]
    for old in [*cache.parent.glob(f"{prefix}-*"), *cache.parent.glob(f".{prefix}-*")]:
        with suppress(OSError):
            abandoned = old.stat().st_mtime < time.time() - 24 * 3600  # by a run that was killed
            if abandoned if old.name.startswith(".") else old.stem != cache.stem:
                old.unlink()


def _decode_into(
    file: BinaryIO, entries: list[Entry], image_size: int
) -> tuple[tuple[int, int, int, int], int, dict[int, str]]:
    """Write the readable photographs to ``file`` as .npy; return the array's shape, start, and reasons.

    Written in order, never mapped for writing: memory stays small, and a full disk is an error, not a crash.
    """

    def write_header(count: int) -> int:
        shape = (count, image_size, image_size, 3)
        header = {"descr": "|u1", "fortran_order": False, "shape": shape}
        file.seek(0)
        np.lib.format.write_array_header_1_0(file, header)
        return file.tell()

    start = write_header(len(entries))
    reasons = {}
    for index, decoded in enumerate(_progress(_decode_all(entries, image_size), len(entries))):
        if isinstance(decoded, str):
            reasons[index] = decoded
        else:
            file.write(decoded.tobytes())
    count = len(entries) - len(reasons)
    if write_header(count) != start:  # NumPy leaves room for any count
        raise RuntimeError("the header of the array changed its length")
    return (count, image_size, image_size, 3), start, reasons


def _progress(items: Iterable, total: int) -> Iterable:
    if files.headless() or total < _MANY:
        return items
    from tqdm.auto import tqdm

    return tqdm(items, total=total, desc="Reading photographs", unit="photo", leave=False)


def _decode_all(entries: list[Entry], image_size: int) -> Iterator[np.ndarray | str]:
    """Yield the decoded photographs in order; threads work a little ahead (Pillow releases the lock)."""
    workers = min(8, os.cpu_count() or 1)
    batches = [entries[start : start + 16] for start in range(0, len(entries), 16)]

    def decode_batch(batch: list[Entry]) -> list[np.ndarray | str]:
        return [decode(entry.path, image_size) for entry in batch]

    with ThreadPoolExecutor(workers) as pool:
        ahead = deque()
        for batch in batches:
            ahead.append(pool.submit(decode_batch, batch))
            if len(ahead) > 4 * workers:
                yield from ahead.popleft().result()
        while ahead:
            yield from ahead.popleft().result()


def decode(path: str | os.PathLike, image_size: int) -> np.ndarray | str:
    """Return the photograph as (image_size, image_size, 3) uint8 RGB, or the reason why it can't be read."""
    try:
        with Image.open(path, formats=_FORMATS) as image:
            limit = Image.MAX_IMAGE_PIXELS
            if limit and image.width * image.height > limit:
                return f"{image.width} × {image.height} pixels, more than {limit:,} are not opened"
            # A JPEG is decoded at 1/2, 1/4 or 1/8 where that is still large enough, others are averaged over
            # whole squares; what is left, less than a factor of 2, is resampled without aliasing.
            image.draft("RGB", (image_size, image_size))
            with _large_one if image.width * image.height > _LARGE else nullcontext():
                image.load()
                with suppress(Exception):  # broken EXIF data do not make the pixels worse
                    ImageOps.exif_transpose(image, in_place=True)
                side = (image_size, image_size)
                small = _eight_bits(image).resize(side, Image.Resampling.BICUBIC, reducing_gap=1.0)
            return np.asarray(small.convert("RGB"))
    except UnidentifiedImageError:
        with suppress(OSError):
            if not Path(path).stat().st_size:
                return "empty"
        return "not an image that can be read"
    except Image.DecompressionBombError:
        return "far too many pixels to be opened"
    except OSError as error:
        return error.strerror or displayable(str(error)).split("\n")[0] or type(error).__name__
    except Exception as error:  # a broken file can make a decoder fail in any way
        return f"broken ({type(error).__name__}: {displayable(str(error)).split(chr(10))[0]})"


def _eight_bits(image: Image.Image) -> Image.Image:
    """Return ``image`` in mode L or RGB: transparency on white, 16 bits scaled to 8."""
    if image.mode == "I" or image.mode.startswith("I;16"):
        values = np.asarray(image)
        if values.min() < 0 or values.max() > 65535:
            raise ValueError("grey values beyond 16 bits")
        return Image.fromarray(
            ((values.astype(np.uint32) + 128) // 257).astype(np.uint8)
        )  # 65535 / 257 = 255
    if image.mode == "F":
        raise ValueError("floating-point values have no known white")
    if image.has_transparency_data:
        image = image.convert("RGBA")
        return Image.alpha_composite(Image.new("RGBA", image.size, "white"), image).convert("RGB")
    return image if image.mode in ("L", "RGB") else image.convert("RGB")
