"""Decoding one photograph: any format, mode and size in, RGB of the wanted size out, or the reason."""

import hashlib
import io
import os
import re
import struct
import threading
from collections.abc import Callable
from contextlib import nullcontext, suppress
from typing import NamedTuple

import numpy as np
from isal import isal_zlib  # the standard library's zlib, at twice the speed
from PIL import ExifTags, Image, ImageOps, TiffImagePlugin, UnidentifiedImageError, features

from .. import files
from ..errors import printable
from . import kinds
from .depth import eight_bits, has_sixteen_bits
from .kinds import Refused

FORMAT = 6  # raise it when the same files would give other pixels, reasons, remarks or facts of the audit
PAGES = "more than one page or frame, of which the first is used"

_SAVE_AS = "which is not read here: save it as PNG, TIFF or JPEG"
_MOST_BYTES = 1_000_000_000  # of one file
_LARGE = 25_000_000  # pixels; photographs above are decoded one at a time, to spare memory
# So that none takes more than 1 GB or 10 s, however small its file is:
_LONGEST = 65_535  # pixels, of a side
_MOST_RATIO = 1000  # of the sides
# Of a JPEG; a progressive one has about ten, and each of them costs as much as a photograph.
_MOST_SCANS = 100
_MOST_SCANNED = 1_500_000_000  # pixels of all scans together
_MOST_PIXELS = {"WEBP": 45_000_000, "JPEG2000": 45_000_000, "AVIF": 60_000_000, "CMYK": 60_000_000}
_MOST_RUNS = 25_000_000  # pixels of a BMP that is packed by runs: Pillow takes them one by one
_MOST_WIDE = 40_000_000  # pixels of 16 bits a color
_MARKER = re.compile(rb"\xff+([^\x00\xff\xd0-\xd7])", re.DOTALL)  # of a JPEG, behind the data of a scan
_large_one = threading.Lock()

Size = tuple[int, int]  # width and height in pixels
Target = Callable[[Size], Size]  # takes the size of a photograph and returns the wanted one


class Decoded(NamedTuple):
    """A photograph file that was opened: (H, W, 3) uint8 RGB, or None and the reason.

    ``remark`` is what was odd and yet usable, ``side`` the longest side of the photograph itself in pixels,
    ``kind`` Pillow's words for its format and mode.
    ``content`` is the photograph's identity, the SHA-256 of its file in 64 hexadecimal digits; "" where the
    file could not be read, this time. ``facts`` are what else was asked about it, ready for JSON.
    """

    pixels: np.ndarray | None
    reason: str = ""
    remark: str = ""
    side: int = 0
    kind: tuple[str, str] = ("", "")
    content: str = ""
    facts: tuple = ()


def opened(path: str | os.PathLike, look: Callable[[bytes, str], Decoded]) -> Decoded:
    """Read a photograph file and ``look`` at its bytes and ``content``; what keeps it away is the reason."""
    try:
        data = content(path)
        digest = hashlib.sha256(data).hexdigest()
        return look(data, digest)._replace(content=digest)
    except OSError as error:
        return Decoded(None, why(error))
    except MemoryError:
        return Decoded(None, "not enough memory")


def picture(path: str | os.PathLike, target: Target) -> Decoded:
    """Open a photograph file as `load` does, as wide and high as ``target`` says.

    Upright by its EXIF data, transparency on white, 16 bits scaled to 8. Pillow may warn of odd files; what
    matters is in the reason.
    """
    return opened(path, lambda data, _: decode(data, target))


def content(path: str | os.PathLike) -> bytes:
    """Return all bytes of a photograph file.

    Raises:
        OSError: it can't be read, is no file, or is far too large for a photograph.
    """
    return files.content(path, _MOST_BYTES)


def why(error: OSError) -> str:
    """Return the reason that the system gave, in one line."""
    return error.strerror or _line(error) or type(error).__name__


def _line(error: Exception) -> str:
    """Return the first line that a library has said, in short and printable."""
    return printable(str(error).split("\n")[0])[:120]


def square(side: int) -> Target:
    """Return the target of a square, whatever the shape of the photograph."""
    return lambda size: (side, side)


def within(longest: int) -> Target:
    """Return the target of the same shape within ``longest`` pixels; a smaller one is never enlarged."""

    def fitted(size: Size) -> Size:
        share = min(1.0, longest / max(size))
        return max(1, round(size[0] * share)), max(1, round(size[1] * share))

    return fitted


def decode(data: bytes, target: Target) -> Decoded:
    """Return the photograph in ``data``, all bytes of a file, as wide and high as ``target`` says.

    Raises:
        MemoryError: there is not enough of it.
    """
    if not data:
        return Decoded(None, "empty")
    try:
        pixels = _line_png(data)
        if pixels is not None:
            size = pixels.shape[1::-1]
            return Decoded(resized(pixels, target(size)), side=max(size), kind=("PNG", "RGB"))
        return _by_pillow(data, target)
    except UnidentifiedImageError:
        return Decoded(None, "not an image that can be read")
    except Image.DecompressionBombError:
        return Decoded(None, "far too many pixels to be opened")
    except Refused as error:
        return Decoded(None, str(error))
    except OSError as error:
        return Decoded(None, why(error))
    except MemoryError:
        raise
    except Exception as error:  # a broken file can make a decoder fail in any way
        return Decoded(None, f"broken ({type(error).__name__}: {_line(error)})")


def _line_png(data: bytes) -> np.ndarray | None:
    """Return the pixels (H, W, 3) of a PNG as the simulated line writes it, None of all others.

    Inflated in one go, and the filter "Sub" (each pixel is stored as the difference to its left neighbor) is
    undone for all rows at once, by running sums. With Pillow alone, opening such a photograph takes 2.5 times
    as long, and lessons open thousands. Only for 8 bits of RGB, not interlaced, with no chunk that says more
    than that, each row filtered so; whatever is not exactly as expected is left to Pillow and its complaints.
    """
    if data[:16] != b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" or data[24:29] != b"\x08\x02\0\0\0":
        return None
    width, height = struct.unpack_from(">2I", data, 16)
    # Sums of more pixels would need more than 32 bits.
    if not 0 < width * height <= 4_000_000 or _odd_shape(width, height):
        return None
    parts, at = [], 33
    while data[at + 4 : at + 8] == b"IDAT":
        end = at + 8 + int.from_bytes(data[at : at + 4], "big")
        parts.append(data[at + 8 : end])
        at = end + 4
    if data[at:] != b"\0\0\0\0IEND\xaeB`\x82":
        return None
    stride = 1 + 3 * width
    inflating = isal_zlib.decompressobj()
    try:
        rows = np.frombuffer(inflating.decompress(b"".join(parts), height * stride + 1), np.uint8)
    except isal_zlib.error:
        return None
    if len(rows) != height * stride or not inflating.eof or (rows[::stride] != 1).any():
        return None
    import cv2

    differences = rows.reshape(height, stride)[:, 1:].reshape(height, width, 3)
    # Sums over all rows above, too, which the next line takes off again; modulo 256, as the filter counts.
    sums = cv2.integral(differences, sdepth=cv2.CV_32S).astype(np.uint8)
    return np.subtract(sums[1:, 1:], sums[:-1, 1:])


def _by_pillow(data: bytes, target: Target) -> Decoded:
    with Image.open(io.BytesIO(data), formats=[_format(data)]) as image:
        limit = Image.MAX_IMAGE_PIXELS
        if limit and image.width * image.height > limit:
            raise Refused(f"{image.width} × {image.height} pixels, more than {limit:,} are not opened")
        _check_size(image, data)
        # A JPEG that holds a thumbnail or a depth map besides is one photograph all the same.
        several = image.format not in ("JPEG", "MPO") and getattr(image, "is_animated", False)
        if image.format == "TIFF":
            _no_preview(image.tag_v2)
        wanted, side = target(image.size), max(image.size)
        kind = "JPEG" if image.format == "MPO" else image.format, image.mode
        image.draft("RGB", wanted)
        with _large_one if image.width * image.height > _LARGE else nullcontext():
            wide = has_sixteen_bits(image, data)
            if wide and image.width * image.height > _MOST_WIDE and image.mode in ("RGB", "RGBA", "LA"):
                raise _too_many(image, _MOST_WIDE, "16 bits a color")
            image.load()
            before, orientation = image.size, None
            with suppress(Exception):  # broken EXIF data do not make the pixels worse
                orientation = image.getexif().get(ExifTags.Base.Orientation)
            flat, dark = eight_bits(image, data if wide else None)
            if flat is not image:
                image.im = None  # its pixels, to spare memory
            if orientation in range(2, 9):
                flat.getexif()[ExifTags.Base.Orientation] = orientation
                ImageOps.exif_transpose(flat, in_place=True)
            if flat.size != before:
                wanted = wanted[::-1]  # it lay on its side
            remark = "; ".join(filter(None, (PAGES if several else "", dark)))
            return Decoded(resized(np.asarray(flat), wanted), remark=remark, side=side, kind=kind)


def _check_size(image: Image.Image, data: bytes) -> None:
    """Refuse what would take too much memory or time; ``image`` is opened, not loaded, ``data`` all of it."""
    width, height = image.size
    if _odd_shape(width, height):
        raise Refused(
            f"{width} × {height} pixels, which is no photograph: at most {_LONGEST:,} a side, and one side "
            f"{_MOST_RATIO:,} times the other"
        )
    for kind in (image.format, image.mode):
        if kind in _MOST_PIXELS and width * height > _MOST_PIXELS[kind]:
            raise _too_many(image, _MOST_PIXELS[kind], kind)
    if image.info.get("compression") in (1, 2) and width * height > _MOST_RUNS:
        raise _too_many(image, _MOST_RUNS, "BMP that is packed by runs")
    # In the data of a scan FF is never followed by DA, so this counts all scans, and a little more.
    if (image.format in ("JPEG", "MPO", "TIFF")) and (count := data.count(b"\xff\xda")) > 1:
        most = min(_MOST_SCANS, max(10, _MOST_SCANNED // (width * height)))
        if count > most and image.format != "TIFF":
            count = _scans(data)
        if count > most and (image.format != "TIFF" or image.tag_v2.get(259) in (6, 7)):
            raise Refused(f"more than {most} scans, which take too long: save it as PNG or as a usual JPEG")


def _odd_shape(width: int, height: int) -> bool:
    """Tell whether no photograph has such sides."""
    return max(width, height) > _LONGEST or max(width, height) > _MOST_RATIO * min(width, height)


def _too_many(image: Image.Image, most: int, what: str) -> Refused:
    return Refused(f"{image.width} × {image.height} pixels, more than {most:,} are not opened as {what}")


def _scans(data: bytes) -> int:
    """Return how many scans the JPEG in ``data`` has, without its thumbnails and what follows it."""
    count, at = 0, 2
    while (found := _MARKER.search(data, at)) and found[1] != b"\xd9":
        at = found.end()
        if found[1] != b"\x01":  # a marker that stands alone
            count += found[1] == b"\xda"
            at += max(2, int.from_bytes(data[at : at + 2], "big"))
    return count


def _format(data: bytes) -> str:
    """Return Pillow's name for what a file is, or refuse it; what it is called does not matter."""
    kind = kinds.kind_of(data)
    if not kind:
        raise Refused("not an image that can be read")
    if kind in kinds.READABLE and kind not in Image.OPEN:
        Image.init()
    known = kind in kinds.READABLE and kind in Image.OPEN
    if not known or (kind == "AVIF" and not features.check("avif")):  # which Pillow has since 11.3
        raise Refused(f"{kind}, {_SAVE_AS}")
    return kind


def _no_preview(tags: TiffImagePlugin.ImageFileDirectory_v2) -> None:
    """Refuse what a camera wrote as its raw file: it begins as a TIFF does, often with a tiny preview."""
    subfile, photometric = tags.get(254), tags.get(262)
    preview = isinstance(subfile, int) and subfile & 1
    if preview or photometric in (32803, 34892) or 50706 in tags:  # a mosaic of colors; the version of DNG
        raise Refused(f"camera raw, {_SAVE_AS}")


def resized(pixels: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    """Return ``pixels`` (H, W) or (H, W, 3) as (height, width, 3), of ``size`` = (width, height).

    A side that gets smaller is interpolated to the next whole multiple of its length, by less than a factor
    of 2, and averaged from there: every pixel counts and nothing aliases. Then a side that gets larger is
    interpolated. All of it gives the same values on every machine.
    """
    import cv2

    sides = list(zip(pixels.shape[1::-1], size, strict=True))
    fine = tuple(-(-old // new) * new if old > new else old for old, new in sides)
    for wanted, how in (
        (fine, cv2.INTER_LINEAR_EXACT),
        (tuple(map(min, sides)), cv2.INTER_AREA),
        (size, cv2.INTER_LINEAR_EXACT),
    ):
        if pixels.shape[1::-1] != wanted:
            pixels = cv2.resize(pixels, wanted, interpolation=how)
    return pixels if pixels.ndim == 3 else np.repeat(pixels[..., None], 3, axis=2)
