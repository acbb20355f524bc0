"""Decoding one photograph: any format, mode and size in, RGB of the wanted size out, or the reason."""

import io
import os
import re
import struct
import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import nullcontext, suppress
from typing import NamedTuple

import numpy as np
from isal import isal_zlib  # the standard library's zlib, at twice the speed
from PIL import ExifTags, Image, ImageOps, TiffImagePlugin, UnidentifiedImageError, features

from .. import files
from ..errors import printable
from . import kinds

FORMAT = 4  # raise it when the same files would give other pixels, reasons or remarks
PAGES = "more than one page or frame, of which the first is used"
DARK = "so it looks dark"  # how a remark ends that makes a photograph all but useless

_SAVE_AS = "which is not read here: save it as PNG, TIFF or JPEG"
_MOST_BYTES = 1_000_000_000  # of one file
_LARGE = 25_000_000  # pixels; photographs above are decoded one at a time, to spare memory
# So that none takes more than 1 GB or 10 s, however small its file is:
_LONGEST = 65_535  # pixels, of a side
_MOST_RATIO = 1000  # of the sides
_MOST_SCANS = (
    100  # of a JPEG; a progressive one has about ten, and each of them costs as much as a photograph
)
_MOST_SCANNED = 1_500_000_000  # pixels of all scans together
_MOST_PIXELS = {"WEBP": 45_000_000, "JPEG2000": 45_000_000, "AVIF": 60_000_000, "CMYK": 60_000_000}
_MOST_RUNS = 25_000_000  # pixels of a BMP that is packed by runs: Pillow takes them one by one
_MOST_WIDE = 40_000_000  # pixels of 16 bits a color
_STRIP = 1_000_000  # pixels that are worked on at once where copies are made
_MARKER = re.compile(rb"\xff+([^\x00\xff\xd0-\xd7])", re.DOTALL)  # of a JPEG, behind the data of a scan
_OTHER = {"B": "L", "L": "B", "N": "B" if sys.byteorder == "little" else "L"}  # big, little, native
_large_one = threading.Lock()


class Decoded(NamedTuple):
    """A photograph as (H, W, 3) uint8 RGB, or None and the reason; what was odd and yet usable."""

    pixels: np.ndarray | None
    reason: str = ""
    remark: str = ""


class _Refused(ValueError):
    """The reason, in words, why a sound file is not opened."""


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


def picture(path: str | os.PathLike, longest: int | None = None) -> np.ndarray | str:
    """Return one photograph as (H, W, 3) uint8 RGB in its own shape, or the reason why it can't be read.

    Treated as `load` treats it: upright by its EXIF data, transparency on white, 16 bits scaled to 8. Pillow
    may warn of odd files; what matters is in the reason.

    Args:
        path: the file.
        longest: the longest side in pixels, at most; a smaller photograph is never enlarged. None: as it is.
    """

    found = picture_and_side(path, longest)
    return found if isinstance(found, str) else found[0]


def picture_and_side(path: str | os.PathLike, longest: int | None = None) -> tuple[np.ndarray, int] | str:
    """Return what `picture` does, and the longest side of the photograph itself in pixels."""
    side = 0

    def fitted(size: tuple[int, int]) -> tuple[int, int]:
        nonlocal side
        side = max(size)
        share = 1.0 if longest is None else min(1.0, longest / side)
        return max(1, round(size[0] * share)), max(1, round(size[1] * share))

    try:
        decoded = decode_as(content(path), fitted)
    except OSError as error:
        return why(error)
    except MemoryError:
        return "not enough memory"
    return decoded.reason if decoded.pixels is None else (decoded.pixels, side)


def kind_and_mode(data: bytes) -> tuple[str, str]:
    """Return Pillow's words for the format and the mode of a photograph that was decoded before."""
    with Image.open(io.BytesIO(data), formats=[_format(data)]) as image:  # reads the head only
        return "JPEG" if image.format == "MPO" else image.format, image.mode


def decode(data: bytes, image_size: int) -> Decoded:
    """Return the photograph in ``data``, the bytes of a file, as (image_size, image_size, 3).

    Raises:
        MemoryError: there is not enough of it.
    """
    side = (image_size, image_size)
    pixels = _plain_png(data)
    return decode_as(data, lambda size: side) if pixels is None else Decoded(resized(pixels, side))


def _plain_png(data: bytes) -> np.ndarray | None:
    """Return the pixels (H, W) or (H, W, 3) of a PNG as the simulated line writes it, None of all others.

    PNG libraries take a file apart row by row. Here it is inflated in one go, and the filter "Sub" (each
    pixel is stored as the difference to its left neighbor) is undone for all rows at once, by running sums:
    a third faster. Only for 8 bits of gray or RGB, not interlaced, with no chunk that says more than that,
    each row filtered so; whatever is not exactly as expected is left to Pillow, and to its complaints.
    """
    if data[:16] != b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" or len(data) < 57:
        return None
    width, height, *kind = struct.unpack_from(">2I5B", data, 16)
    colors = {(8, 0, 0, 0, 0): 1, (8, 2, 0, 0, 0): 3}.get(tuple(kind), 0)
    if (
        not colors or not 0 < width * height <= 4_000_000 or _odd_shape(width, height)
    ):  # sums of more would need more than 32 bits
        return None
    parts, at = [], 33
    while data[at + 4 : at + 8] == b"IDAT":
        (length,) = struct.unpack_from(">I", data, at)
        parts.append(memoryview(data)[at + 8 : at + 8 + length])
        at += 12 + length
    if not parts or data[at:] != b"\0\0\0\0IEND\xaeB`\x82":
        return None
    stride = 1 + width * colors
    inflating = isal_zlib.decompressobj()
    try:
        raw = inflating.decompress(parts[0] if len(parts) == 1 else b"".join(parts), height * stride + 1)
    except isal_zlib.error:
        return None
    if len(raw) != height * stride or not inflating.eof:
        return None
    rows = np.frombuffer(raw, np.uint8).reshape(height, stride)
    if not (rows[:, 0] == 1).all():
        return None
    import cv2

    shape = (height, width) if colors == 1 else (height, width, 3)
    # Sums over all rows above, too, which the next line takes off again; modulo 256, as the filter counts.
    sums = cv2.integral(rows[:, 1:].reshape(shape), sdepth=cv2.CV_32S).astype(np.uint8)
    return np.subtract(sums[1:, 1:], sums[:-1, 1:])


def decode_as(data: bytes, target: Callable[[tuple[int, int]], tuple[int, int]]) -> Decoded:
    """Return the photograph in ``data``, the bytes of a file, as wide and high as ``target`` says.

    Args:
        data: all of the file.
        target: takes the width and height of the photograph in pixels and returns those wanted.

    Raises:
        MemoryError: there is not enough of it.
    """
    if not data:
        return Decoded(None, "empty")
    try:
        with Image.open(io.BytesIO(data), formats=[_format(data)]) as image:
            limit = Image.MAX_IMAGE_PIXELS
            if limit and image.width * image.height > limit:
                return Decoded(
                    None, f"{image.width} × {image.height} pixels, more than {limit:,} are not opened"
                )
            _check_size(image, data)
            # A JPEG that holds a thumbnail or a depth map besides is one photograph all the same.
            several = image.format not in ("JPEG", "MPO") and getattr(image, "is_animated", False)
            if image.format == "TIFF":
                _no_preview(image.tag_v2)
            wanted = target(image.size)
            image.draft("RGB", wanted)
            with _large_one if image.width * image.height > _LARGE else nullcontext():
                wide = _has_sixteen_bits(image, data)
                if wide and image.width * image.height > _MOST_WIDE and image.mode in ("RGB", "RGBA", "LA"):
                    raise _too_many(image, _MOST_WIDE, "16 bits a color")
                image.load()
                before, orientation = image.size, None
                with suppress(Exception):  # broken EXIF data do not make the pixels worse
                    orientation = image.getexif().get(ExifTags.Base.Orientation)
                flat, dark = _eight_bits(image, data if wide else None)
                if flat is not image:
                    image.im = None  # its pixels, to spare memory
                if orientation in range(2, 9):
                    flat.getexif()[ExifTags.Base.Orientation] = orientation
                    ImageOps.exif_transpose(flat, in_place=True)
                if flat.size != before:
                    wanted = wanted[::-1]  # it lay on its side
                remark = "; ".join(filter(None, (PAGES if several else "", dark)))
                return Decoded(resized(np.asarray(flat), wanted), remark=remark)
    except UnidentifiedImageError:
        return Decoded(None, "not an image that can be read")
    except Image.DecompressionBombError:
        return Decoded(None, "far too many pixels to be opened")
    except _Refused as error:
        return Decoded(None, str(error))
    except OSError as error:
        return Decoded(None, why(error))
    except MemoryError:
        raise
    except Exception as error:  # a broken file can make a decoder fail in any way
        return Decoded(None, f"broken ({type(error).__name__}: {_line(error)})")


def _check_size(image: Image.Image, data: bytes) -> None:
    """Refuse what would take too much memory or time, told by the head of the file.

    Args:
        image: opened, not loaded.
        data: all of the file.
    """
    width, height = image.size
    if _odd_shape(width, height):
        raise _Refused(
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
            raise _Refused(f"more than {most} scans, which take too long: save it as PNG or as a usual JPEG")


def _odd_shape(width: int, height: int) -> bool:
    """Tell whether no photograph has such sides."""
    return max(width, height) > _LONGEST or max(width, height) > _MOST_RATIO * min(width, height)


def _too_many(image: Image.Image, most: int, what: str) -> _Refused:
    return _Refused(f"{image.width} × {image.height} pixels, more than {most:,} are not opened as {what}")


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
        raise _Refused("not an image that can be read")
    if kind in kinds.READABLE and kind not in Image.OPEN:
        Image.init()
    known = kind in kinds.READABLE and kind in Image.OPEN
    if not known or (kind == "AVIF" and not features.check("avif")):  # which Pillow has since 11.3
        raise _Refused(f"{kind}, {_SAVE_AS}")
    return kind


def _no_preview(tags: TiffImagePlugin.ImageFileDirectory_v2) -> None:
    """Refuse what a camera wrote as its raw file: it begins as a TIFF does, often with a tiny preview."""
    subfile, photometric = tags.get(254), tags.get(262)
    preview = isinstance(subfile, int) and subfile & 1
    if preview or photometric in (32803, 34892) or 50706 in tags:  # a mosaic of colors; the version of DNG
        raise _Refused(f"camera raw, {_SAVE_AS}")


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


def _has_sixteen_bits(image: Image.Image, data: bytes) -> bool:
    """Tell whether each value in the file ``data`` has 16 bits; ``image`` is not loaded yet."""
    match image.format:
        case "PNG":
            return data[24] == 16
        case "TIFF":
            return max(image.tag_v2.get(258, (1,))) == 16
        case "JPEG2000":
            depth = data.find(b"\xff\x4f\xff\x51") + 42  # of the first channel, less 1
            return data[depth] & 127 == 15
        case "PPM":
            return image.tile[0].args[-1] == 65535
    return False


def _eight_bits(image: Image.Image, file: bytes | None) -> tuple[Image.Image, str]:
    """Return ``image`` in mode L or RGB, transparency on white, 16 bits scaled to 8; and if it looks dark.

    Args:
        image: loaded.
        file: all of the file where its values have 16 bits, else None.
    """
    if image.mode == "F":
        raise _Refused("floating-point values have no known white")
    tags = getattr(image, "tag_v2", {})
    if image.mode == "I" or image.mode.startswith("I;16"):
        scaled, dark = _scaled(np.asarray(image), tags)
        return Image.fromarray(scaled), dark
    dark, see_through = "", image.has_transparency_data
    if file is not None and image.mode != "CMYK":
        image = image if image.mode in ("RGB", "RGBA") else image.convert("RGBA" if see_through else "RGB")
        scaled, dark = _scaled(_all_bits(np.asarray(image), file), tags)
        image = Image.fromarray(scaled)
    if see_through:
        image = _on_white(image)
    return (image if image.mode in ("L", "RGB") else image.convert("RGB")), dark


def _on_white(image: Image.Image) -> Image.Image:
    """Return an image with its transparency laid on white, strip by strip to spare memory."""
    flat = Image.new("RGB", image.size)
    for top, bottom in _strips(image.height, image.width):
        part = image.crop((0, top, image.width, bottom)).convert("RGBA")
        flat.paste(
            Image.alpha_composite(Image.new("RGBA", part.size, "white"), part).convert("RGB"), (0, top)
        )
    return flat


def _strips(height: int, width: int) -> Iterator[tuple[int, int]]:
    """Yield the first row and the row behind the last of strips of about a million pixels."""
    rows = max(1, _STRIP // width)
    for top in range(0, height, rows):
        yield top, min(height, top + rows)


def _all_bits(high: np.ndarray, file: bytes) -> np.ndarray:
    """Return colors (H, W, 3 or 4) with all 16 bits as uint16.

    Pillow keeps the upper 8 bits of colors, ``high``. Told that the two bytes of a value stand in the other
    order, it keeps the lower ones. Where it knows no such order, the lowest value is taken that ``high`` may
    have been made from by rounding; scaled to 8 bits it is the same again.
    """
    try:
        with Image.open(io.BytesIO(file), formats=[_format(file)]) as image:
            image.tile = [tile._replace(args=_other_order(tile.args)) for tile in image.tile]
            image.load()
            both = high.astype(np.uint16)
            both <<= 8
            for top, bottom in _strips(*high.shape[:2]):
                both[top:bottom] |= np.asarray(image.crop((0, top, image.width, bottom)))
            return both
    except MemoryError:
        raise
    except Exception:
        return np.maximum(high * np.int32(257) - 128, 0).astype(np.uint16)


def _other_order(args: tuple | str) -> tuple | str:
    """Return the arguments of Pillow's decoder for values whose two bytes stand the other way round."""
    if isinstance(args, tuple):
        return (_other_order(args[0]), *args[1:])
    if args[:-1] not in ("RGB;16", "RGBX;16", "RGBA;16"):
        raise _Refused(args)
    return args[:-1] + _OTHER[args[-1]]


def _scaled(values: np.ndarray, tags: Mapping[int, object]) -> tuple[np.ndarray, str]:
    """Return 16-bit values (H, W), (H, W, 3) or with opacity (H, W, 4) as uint8; and if it looks dark.

    ``tags`` are those of a TIFF, which can say what is white.
    """
    opaque = None
    if values.ndim == 3 and values.shape[2] == 4:
        values, opaque = values[..., :3], values[..., 3:]
    low, high = int(values.min()), int(values.max())
    if low < 0 or high > 65535:
        raise _Refused("gray values beyond 16 bits have no known white")
    white = _white(tags, high)
    if values.ndim == 2 and tags.get(262) == 0:  # "white is zero": Pillow leaves 16 bits so
        values, high = white - values, white - low
    scaled = _to_eight_bits(values, white)
    if opaque is not None:
        high = int((values * (opaque > 0)).max())
        scaled = np.concatenate([scaled, _to_eight_bits(opaque, 65535)], axis=2)
    bits = next((bits for bits in (8, 10, 12, 14) if high < 2**bits), 16)
    if white < 65535 or not high or bits == 16:
        return scaled, ""
    told = f"16 bits, but no value above {2**bits - 1} (perhaps {bits} bits): white is taken to be 65535"
    return scaled, f"{told}, {DARK}"


def _to_eight_bits(values: np.ndarray, white: int) -> np.ndarray:
    # With 65535 this is the division by 257 that keeps white white, rounded.
    scaled = np.empty(values.shape, np.uint8)
    for top, bottom in _strips(*values.shape[:2]):
        scaled[top:bottom] = (values[top:bottom].astype(np.uint32) * 255 + white // 2) // white
    return scaled


def _white(tags: Mapping[int, object], highest: int) -> int:
    """Return which value of a 16-bit image is white: 65535, unless a TIFF says how many bits are used.

    Cameras of 10, 12 or 14 bits leave the others empty. A TIFF can say so: by BitsPerSample (258), or by
    MaxSampleValue (281), which is believed where it is all ones in binary and nothing is above.
    """
    said = [tags.get(281), *([2 ** tags[258][0] - 1] if tags.get(258) else [])]
    for value in said:
        value = value[0] if isinstance(value, tuple) and value else value
        if isinstance(value, int) and value in (1023, 4095, 16383) and highest <= value:
            return value
    return 65535
