"""A corpus of odd and hostile files, folders and archives: each opens rightly or is told in one sentence."""

import io
import os
import random
import shutil
import signal
import stat
import struct
import subprocess
import sys
import time
import warnings
import zipfile
import zlib
from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image, TiffImagePlugin, features

from fanaoi_helpers import photos
from fanaoi_helpers.audit import check, inspecting
from fanaoi_helpers.errors import WorkbookError
from fanaoi_helpers.photos import archive, decoding, kinds

pytestmark = pytest.mark.usefixtures("runs")
RED, WHITE = (200, 30, 60), (255, 255, 255)
SMALL = decoding.square(8)


@pytest.fixture(autouse=True)
def no_hanging():
    """Fail a test that takes a minute."""
    if not hasattr(signal, "setitimer"):
        yield
        return

    def too_long(*arguments):
        raise TimeoutError("it hangs")

    before = signal.signal(signal.SIGALRM, too_long)
    signal.setitimer(signal.ITIMER_REAL, 60)
    yield
    signal.setitimer(signal.ITIMER_REAL, 0)
    signal.signal(signal.SIGALRM, before)


def tree(folder):
    """Return all that lies below a folder, but for the runs: name, size and time."""
    return {
        (path.relative_to(folder).as_posix(), path.lstat().st_size, path.lstat().st_mtime_ns)
        for path in folder.rglob("*")
        if "runs" not in path.relative_to(folder).parts and not path.is_dir()
    }


# --- Files -------------------------------------------------------------------------------------


def saved(image, kind="PNG", **options):
    buffer = io.BytesIO()
    image.save(buffer, kind, **options)
    return buffer.getvalue()


def solid(mode, color, size=(16, 16)):
    return Image.new(mode, size, color)


def chunk(kind, data):
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png(rows, width, height, depth=8, color=2, interlaced=0, before=b"", parts=1, after=b""):
    """Return a PNG file from filtered rows; with chunks before its data, and its data in several parts."""
    data = zlib.compress(rows)
    cut = -(-len(data) // parts)
    header = struct.pack(">2I5B", width, height, depth, color, 0, 0, interlaced)
    datas = b"".join(chunk(b"IDAT", data[at : at + cut]) for at in range(0, len(data), cut))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + before + datas + chunk(b"IEND", b"") + after


def sub_rows(side=16):
    """Return the rows of a red square, each filtered by "Sub": the way that is read without Pillow."""
    return (b"\1" + bytes(RED) + bytes(3 * (side - 1))) * side


def interlaced_rows():
    """Return the rows of the seven passes of an 8 × 8 red square."""
    passes = ((1, 1), (1, 1), (2, 1), (2, 2), (4, 2), (4, 4), (8, 4))
    return b"".join((b"\0" + bytes(RED) * width) * height for width, height in passes)


def png16(*values):
    """Return a PNG of 16 × 16 pixels of 16 bits each: gray, gray and opacity, RGB, or RGB and opacity."""
    row = b"\0" + struct.pack(f">{len(values)}H", *values) * 16
    return png(row * 16, 16, 16, depth=16, color=(0, 4, 2, 6)[len(values) - 1])


def tiff16(*values, **tags):
    """Return a TIFF of 16 × 16 pixels of 16 bits each: gray, RGB, or RGB and opacity."""
    count = len(values)
    photometric = 1 if count == 1 else 2
    said = {256: 16, 257: 16, 259: 1, 262: photometric, 273: 8, 277: count, 278: 16, 279: 512 * count}
    said |= {338: 2} if count == 4 else {}
    said |= {int(name[1:]): value for name, value in tags.items()}
    data = struct.pack(f"<{count}H", *values) * 256
    bits = struct.pack(f"<{count}H", *[16] * count)
    if count == 1:
        said[258] = 16
    entries = [struct.pack("<2HI2H", tag, 3, 1, value, 0) for tag, value in said.items()]
    if count > 1:
        entries.append(struct.pack("<2H2I", 258, 3, count, 8 + len(data)))
    entries.sort(key=lambda entry: struct.unpack_from("<H", entry))
    head = struct.pack("<2sHI", b"II", 42, 8 + len(data) + len(bits))
    return head + data + bits + struct.pack("<H", len(entries)) + b"".join(entries) + bytes(4)


def packed16(red, green, blue):
    """Return a TIFF of 16 × 16 pixels of 16 bits each, compressed."""
    return cv2.imencode(".tif", np.full((16, 16, 3), (blue, green, red), np.uint16))[1].tobytes()


def jp2():
    """Return a JPEG 2000 of 160 × 160 pixels of 16 bits each."""
    return cv2.imencode(".jp2", np.full((160, 160, 3), (0, 0, 4000), np.uint16))[1].tobytes()


def webp_head(width, height):
    """Return the beginning of a WebP without loss, of any size, whose pixels are missing."""
    sides = struct.pack("<I", (width - 1) | (height - 1) << 14)
    data = b"VP8L" + struct.pack("<I", 6) + b"\x2f" + sides + b"\0"
    return b"RIFF" + struct.pack("<I", 4 + len(data)) + b"WEBP" + data


def scanned(count, hidden=b"", side=16):
    """Return a progressive JPEG with so many scans, the last one repeated, and something in its head."""
    whole = saved(solid("RGB", RED, (side, side)), "JPEG", progressive=True)
    starts = [at for at in range(len(whole)) if whole[at : at + 2] == b"\xff\xda"]
    last = whole[starts[-1] : -2]
    more = count - len(starts) if count > 1 else 0
    segments = b"".join(
        b"\xff\xeb" + struct.pack(">H", 2 + len(hidden[at : at + 60_000])) + hidden[at : at + 60_000]
        for at in range(0, len(hidden), 60_000)
    )
    return whole[:2] + segments + whole[2:-2] + last * more + whole[-2:]


def dark(color, bits="4095 (perhaps 12"):
    """Return what is expected of a photograph that leaves upper bits empty."""
    return {"color": color, "remark": f"above {bits} bits)"}


def gray16(value, kind="TIFF", **tags):
    info = TiffImagePlugin.ImageFileDirectory_v2()
    for tag, said in tags.items():
        info[int(tag[1:])] = said
    image = Image.fromarray(np.full((16, 16), value, np.uint16))
    return saved(image, kind, **({"tiffinfo": info} if tags else {}))


def palette(**options):
    image = Image.new("P", (16, 16), 1)
    image.putpalette([0, 0, 0, *RED])
    return saved(image, **options)


def turned(kind, exif=None):
    """Return a photograph that lies on its side, white in the upper left corner when upright."""
    upright = np.zeros((16, 16), np.uint8)
    upright[:8, :8] = 255
    if exif is None:
        exif = Image.Exif()
        exif[0x0112] = 6
    return saved(Image.fromarray(upright).transpose(Image.Transpose.ROTATE_90), kind, exif=exif)


def turned16():
    """Return the same as a PNG of 16 bits in color; the color goes up to 65535."""
    upright = np.zeros((16, 16, 3), ">u2")
    upright[:8, :8] = 65535
    rows = b"".join(b"\0" + row.tobytes() for row in np.rot90(upright))
    exif = Image.Exif()
    exif[0x0112] = 6
    return png(rows, 16, 16, depth=16, before=chunk(b"eXIf", exif.tobytes().removeprefix(b"Exif\0\0")))


def circle_of_pages():
    """Return a TIFF whose last page says that the first one comes next."""
    data = bytearray(saved(solid("L", 50), "TIFF"))
    (start,) = struct.unpack_from("<I", data, 4)
    (count,) = struct.unpack_from("<H", data, start)
    struct.pack_into("<I", data, start + 2 + 12 * count, start)
    return bytes(data)


def noise(kind, **options):
    rng = np.random.default_rng(0)
    return saved(Image.fromarray(rng.integers(0, 256, (64, 64, 3), dtype=np.uint8)), kind, **options)


def half(kind):
    data = noise(kind)
    return data[: len(data) // 2]


def frames(kind):
    return saved(solid("RGB", RED), kind, save_all=True, append_images=[solid("RGB", (0, 0, 0))] * 2)


def box(major, compatible=b""):
    """Return the beginning of a file as phones write it: a box that names its brands."""
    return struct.pack(">I4s4sI", 16 + len(compatible), b"ftyp", major, 0) + compatible + bytes(200)


# Name, bytes, and the color that it must have, or what the reason must say. A dict: color and remark.
FILES = [
    ("gray.png", lambda: saved(solid("L", 77)), 77),
    ("rgb.png", lambda: saved(solid("RGB", RED)), RED),
    ("half transparent.png", lambda: saved(solid("RGBA", (0, 0, 0, 51))), 204),
    ("gray, transparent.png", lambda: saved(solid("LA", (77, 0))), WHITE),
    ("gray with one transparent.png", lambda: saved(solid("L", 77), transparency=77), WHITE),
    ("palette.png", palette, RED),
    ("palette, transparent.png", lambda: palette(transparency=1), WHITE),
    ("one bit.png", lambda: saved(solid("1", 1)), WHITE),
    ("16 bits.png", lambda: gray16(257 * 99, "PNG"), 99),
    ("16 bits.tiff", lambda: gray16(257 * 99), 99),
    ("12 bits said.tiff", lambda: gray16(4095, t281=4095), WHITE),
    ("12 bits said, not kept.tiff", lambda: gray16(257 * 99, t281=4095), 99),
    ("12 bits.tiff", lambda: gray16(4095), {"color": 16, "remark": "perhaps 12 bits"}),
    ("12 bits.png", lambda: gray16(4080, "PNG"), {"color": 16, "remark": "perhaps 12 bits"}),
    ("10 bits.png", lambda: gray16(1000, "PNG"), {"color": 4, "remark": "above 1023 (perhaps 10 bits)"}),
    ("14 bits.tif", lambda: gray16(16000), {"color": 62, "remark": "above 16383 (perhaps 14 bits)"}),
    ("8 bits of 16.png", lambda: gray16(200, "PNG"), {"color": 1, "remark": "above 255 (perhaps 8 bits)"}),
    ("16 bits, black.png", lambda: gray16(0, "PNG"), 0),
    ("16 bits, of color.png", lambda: png16(*(257 * value for value in RED)), RED),
    ("16 bits, of color, rounded.png", lambda: png16(383, 384, 65535), (1, 1, 255)),
    ("16 bits, with opacity.png", lambda: png16(*(257 * value for value in RED), 65535), RED),
    ("16 bits, half transparent.png", lambda: png16(0, 0, 0, 51 * 257), 204),
    ("16 bits, gray with opacity.png", lambda: png16(257 * 99, 65535), 99),
    ("16 bits, of color.tif", lambda: tiff16(*(257 * value for value in RED)), RED),
    ("12 bits, of color.png", lambda: png16(4080, 16, 800), dark((16, 0, 3))),
    ("12 bits, with opacity.png", lambda: png16(4080, 16, 800, 65535), dark((16, 0, 3))),
    ("12 bits, white that is not seen.png", lambda: png16(65535, 65535, 65535, 0), WHITE),
    ("12 bits, gray with opacity.png", lambda: png16(4080, 65535), dark(16)),
    ("12 bits, of color.tif", lambda: tiff16(4080, 16, 800), dark((16, 0, 3))),
    ("12 bits, with opacity.tif", lambda: tiff16(4080, 16, 800, 65535), dark((16, 0, 3))),
    ("12 bits, packed well.tif", lambda: packed16(4080, 16, 800), dark((16, 0, 3))),
    ("10 bits, of color.png", lambda: png16(1000, 1000, 1000), dark(4, "1023 (perhaps 10")),
    ("14 bits, of color.tif", lambda: tiff16(16000, 9, 9), dark((62, 0, 0), "16383 (perhaps 14")),
    ("12 bits, of color.ppm", lambda: b"P6 1 1 65535\n\x0f\xa0\0\0\0\0", dark((16, 0, 0))),
    ("12 bits, all used.ppm", lambda: b"P6 1 1 4095\n\x0f\xff\0\0\0\0", (255, 0, 0)),
    ("12 bits, of color.jp2", jp2, dark((16, 0, 0))),
    ("12 bits said, on its side.tif", lambda: tiff16(4095, 0, 2048, t281=4095, t274=6), (255, 0, 128)),
    ("12 bits said, of color.tif", lambda: tiff16(4095, 0, 2048, t281=4095), (255, 0, 128)),
    ("white is zero.tif", lambda: tiff16(65535 - 257 * 99, t262=0), 99),
    ("white is zero, 12 bits.tif", lambda: tiff16(4095 - 1000, t262=0, t281=4095), 62),
    ("cmyk.jpg", lambda: saved(solid("CMYK", (0, 255, 255, 0)), "JPEG"), (254, 0, 0)),
    ("cmyk.tiff", lambda: saved(solid("CMYK", (0, 255, 255, 0)), "TIFF"), (255, 0, 0)),
    ("jpeg.tiff", lambda: saved(solid("RGB", RED), "TIFF", compression="jpeg"), RED),
    ("lzw.tif", lambda: saved(solid("RGB", RED), "TIFF", compression="tiff_lzw"), RED),
    ("deflate.TIFF", lambda: saved(solid("RGB", RED), "TIFF", compression="tiff_adobe_deflate"), RED),
    ("fax.tif", lambda: saved(solid("1", 1), "TIFF", compression="group4"), WHITE),
    ("progressive.JPEG", lambda: saved(solid("RGB", RED), "JPEG", progressive=True, quality=95), RED),
    ("gray.jpg", lambda: saved(solid("L", 77), "JPEG"), 77),
    ("turned.jpg", lambda: turned("JPEG"), "upright"),
    ("turned.png", lambda: turned("PNG"), "upright"),
    ("turned, of 16 bits.png", turned16, "upright"),
    ("turned.webp", lambda: turned("WEBP"), "upright"),
    ("broken exif.jpg", lambda: saved(solid("L", 77), "JPEG", exif=b"Exif\0\0MM\0*\xff\xff\xff\xff"), 77),
    ("pages.tiff", lambda: frames("TIFF"), {"color": RED, "remark": "first is used"}),
    ("moving.webp", lambda: frames("WEBP"), {"color": RED, "remark": "first is used"}),
    ("moving.png", lambda: frames("PNG"), {"color": RED, "remark": "first is used"}),
    ("a circle of pages.tiff", circle_of_pages, 50),
    ("phone.jpg", lambda: frames("MPO"), RED),
    ("alpha.webp", lambda: saved(solid("RGBA", (0, 0, 0, 51)), "WEBP", lossless=True), 204),
    ("one bit.bmp", lambda: saved(solid("1", 1), "BMP"), WHITE),
    ("palette.bmp", lambda: palette(kind="BMP"), RED),
    ("interlaced.png", lambda: png(interlaced_rows(), 8, 8, interlaced=1), RED),
    ("sub.png", lambda: png(sub_rows(), 16, 16), RED),
    ("sub, in parts.png", lambda: png(sub_rows(), 16, 16, parts=7), RED),
    ("sub, with gamma.png", lambda: png(sub_rows(), 16, 16, before=chunk(b"gAMA", b"\0\0\xb1\x8f")), RED),
    ("sub, and more.png", lambda: png(sub_rows(), 16, 16, after=b"more" * 99), RED),
    ("sub, of one pixel.png", lambda: png(sub_rows(1), 1, 1), RED),
    ("sub, then none.png", lambda: png(sub_rows()[:-49] + b"\0" + bytes(RED) * 16, 16, 16), RED),
    ("sub, and too much.png", lambda: png(sub_rows(), 16, 15), RED),
    ("one pixel.png", lambda: saved(solid("RGB", RED, (1, 1))), RED),
    ("thin.png", lambda: saved(solid("RGB", RED, (1, 1000))), RED),
    ("flat.jpg", lambda: saved(solid("L", 77, (1000, 1)), "JPEG"), 77),
    ("thinner.png", lambda: saved(solid("RGB", RED, (1, 1001))), "1 × 1001 pixels, which is no photograph"),
    ("thread.png", lambda: png(b"", 89_000_000, 1), "89000000 × 1 pixels, which is no photograph"),
    ("tape.webp", lambda: webp_head(16383, 5000), "more than 45,000,000 are not opened as WEBP"),
    ("scans.jpg", lambda: scanned(101), "more than 100 scans"),
    ("some scans.jpg", lambda: scanned(100), RED),
    ("thumbnails.jpg", lambda: scanned(1, saved(solid("RGB", RED), "JPEG") * 200), RED),
    ("film.jpg", lambda: scanned(1) + b"\xff\xda" * 1000, RED),
    ("a png.jpg", lambda: saved(solid("RGB", RED)), RED),
    ("ü 漢字 🙂 %41 #1?.png" if os.name == "posix" else "ü.png", lambda: saved(solid("RGB", RED)), RED),
    ("long " * 49 + ".png", lambda: saved(solid("RGB", RED)), RED),
    ("/".join(["deep"] * 40) + "/1.png", lambda: saved(solid("RGB", RED)), RED),
    ("folder.png/1.png", lambda: saved(solid("RGB", RED)), RED),
    ("empty.png", lambda: b"", "empty"),
    ("text.jpg", lambda: b"not a picture", "not an image that can be read"),
    ("page.png", lambda: b"<!DOCTYPE html><html>404 not found</html>", "not an image"),
    ("drawing.png", lambda: b"<svg xmlns='http://www.w3.org/2000/svg'/>", "not an image"),
    ("postscript.png", lambda: b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n", "not an image"),
    ("a gif.png", lambda: saved(solid("L", 77), "GIF"), 77),
    ("gray.gif", lambda: saved(solid("L", 77), "GIF"), 77),
    ("transparent.gif", lambda: saved(solid("RGBA", (0, 0, 0, 0)), "GIF"), WHITE),
    ("moving.gif", lambda: frames("GIF"), {"color": RED, "remark": "first is used"}),
    ("from Windows.jfif", lambda: saved(solid("RGB", RED), "JPEG", quality=95), RED),
    ("old.jpe", lambda: saved(solid("RGB", RED), "JPEG", quality=95), RED),
    ("without an ending", lambda: saved(solid("RGB", RED), "JPEG", quality=95), RED),
    ("from the camera.0001", lambda: saved(solid("L", 77), "BMP"), 77),
    ("a png.txt", lambda: saved(solid("RGB", RED)), RED),
    ("a.jp2", lambda: saved(solid("RGB", RED), "JPEG2000"), RED),
    ("a.j2k", lambda: saved(solid("RGB", RED), "JPEG2000", no_jp2=True), RED),
    ("16 bits.jp2", lambda: gray16(257 * 99, "JPEG2000"), 99),
    ("gray.pgm", lambda: b"P5 # a line camera\n16 16 255\n" + bytes([77]) * 256, 77),
    ("12 bits.pgm", lambda: b"P5\n16 16\n4095\n" + b"\x0f\xff" * 256, WHITE),
    *([("a.avif", lambda: saved(solid("RGB", RED), "AVIF", quality=100), RED)] if features.check("avif")
      else [("a.avif", lambda: box(b"avif"), "AVIF, which is not read here")]),
    ("a phone's.heic", lambda: box(b"heic"), "HEIC, which is not read here: save it as PNG, TIFF or JPEG"),
    ("a phone's.HEIF", lambda: box(b"mif1", b"mif1heic"), "HEIC, which is not read here"),
    ("a phone's, renamed.jpg", lambda: box(b"heix"), "HEIC, which is not read here"),
    ("a phone's without an ending", lambda: box(b"hevc"), "HEIC, which is not read here"),
    ("cut.heic", lambda: b"\0\0\0", "not an image that can be read"),
    ("raw.dng", lambda: gray16(9, t50706=b"\1\4\0\0"), "camera raw, which is not read here"),
    ("raw.tif", lambda: gray16(9, t50706=b"\1\4\0\0"), "camera raw, which is not read here"),
    ("raw.nef", lambda: gray16(9, t254=1), "camera raw, which is not read here"),
    ("raw.cr2", lambda: b"II*\0\x10\0\0\0CR\2\0" + bytes(99), "camera raw, which is not read here"),
    ("raw.cr3", lambda: box(b"crx "), "camera raw, which is not read here"),
    ("raw.raf", lambda: b"FUJIFILMCCD-RAW 0201", "camera raw, which is not read here"),
    ("raw without an ending", lambda: b"IIRO\x08\0\0\0" + bytes(99), "camera raw"),
    ("raw.arw", lambda: b"not even that", "not an image that can be read"),
    ("empty.nef", lambda: b"", "empty"),
    ("a.jxl", lambda: b"\xff\n" + bytes(99), "JPEG XL, which is not read here"),
    ("a.psd", lambda: b"8BPS\0\1" + bytes(99), "Photoshop, which is not read here"),
    ("of a clinic", lambda: bytes(128) + b"DICM" + bytes(99), "DICOM, which is not read here"),
    ("a.qoi", lambda: b"qoif" + bytes(99), "QOI, which is not read here"),
    ("archive.png", lambda: b"PK\5\6" + bytes(18), "not an image"),
    ("cut.png", lambda: half("PNG"), "truncated"),
    ("cut.jpg", lambda: half("JPEG"), "truncated"),
    ("cut.bmp", lambda: half("BMP"), "truncated"),
    ("cut.tiff", lambda: half("TIFF"), ""),
    ("cut.webp", lambda: half("WEBP"), ""),
    ("beginning.jpg", lambda: b"\xff\xd8\xff", ""),
    ("beginning.png", lambda: saved(solid("L", 7))[:20], ""),
    ("sub, cut.png", lambda: png(sub_rows(), 16, 16)[:50], "truncated"),
    ("wrong sum.png", lambda: saved(solid("L", 7)).replace(b"IHDR\0\0", b"IHDR\0\1"), ""),
    ("no width.png", lambda: png(b"\0", 0, 1), ""),
    ("no such color.png", lambda: png(sub_rows(), 16, 16, color=5), ""),
    ("huge.png", lambda: png(b"\0" * 99, 60000, 60000), "far too many pixels"),
    ("large.png", lambda: png(b"\0" * 99, 10000, 9999), "10000 × 9999 pixels, more than"),
    ("huge.bmp", lambda: b"BM" + bytes(12) + struct.pack("<I2i2H", 40, 99999, 99999, 1, 24) + bytes(24), ""),
    ("bomb of text.png", lambda: png(sub_rows(), 16, 16, before=chunk(b"zTXt", b"a\0\0" + BOMB)), ""),
    ("float.tiff", lambda: saved(solid("F", 0.5), "TIFF"), "no known white"),
    ("wide.tiff", lambda: saved(Image.fromarray(np.full((9, 9), 70000, np.int32)), "TIFF"), "beyond 16 bits"),
    ("negative.tiff", lambda: saved(Image.fromarray(np.full((9, 9), -1, np.int32)), "TIFF"), "beyond 16"),
    *((f"noise{n}.{kind}", lambda n=n: random.Random(n).randbytes(500), "not an image")
      for n, kind in enumerate(("png", "jpg", "tif", "webp"))),
]  # fmt: skip
BOMB = zlib.compress(bytes(80_000_000))
ODD_NAMES = [b"\xff\xfe.png", b"line\nbreak.png", b"quote\"'.png", b"-rf.png"]


def test_odd_files_open_rightly_or_say_why_not(tmp_path):
    assert len(FILES) >= 70
    for label in ("GO", "NG"):
        (tmp_path / label).mkdir()
        (tmp_path / label / "sound.png").write_bytes(saved(solid("L", 128)))
    for name, make, _ in FILES:
        path = tmp_path / "NG" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(make())
    if sys.platform == "linux":
        for name in ODD_NAMES:
            Path(os.fsdecode(os.path.join(os.fsencode(tmp_path), b"GO", name))).write_bytes(  # noqa: PTH118
                saved(solid("L", 128))
            )
        os.mkfifo(tmp_path / "GO" / "pipe.png")
        (tmp_path / "GO" / "round.png").symlink_to(tmp_path / "GO" / "round.png")
        (tmp_path / "GO" / "device.png").symlink_to("/dev/zero")
    before = tree(tmp_path)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = photos.load(tmp_path, 8)
    assert tree(tmp_path) == before

    row, reasons = {name: index for index, name in enumerate(found.names)}, dict(found.unreadable)
    wrong = {}
    for name, _, expected in FILES:
        told = f"NG/{name}"
        if isinstance(expected, str) and expected != "upright":
            reason = reasons.get(told)
            if not reason or expected not in reason or "\n" in reason or str(tmp_path) in reason:
                wrong[name] = (reason, expected)
            continue
        if told not in row:
            wrong[name] = reasons.get(told)
        elif expected == "upright":
            pixels = found.pixels[row[told], ..., 0]
            corners = [bool(pixels[y, x] > 128) for y, x in ((1, 1), (1, 6), (6, 1), (6, 6))]
            if corners != [True, False, False, False]:
                wrong[name] = pixels
        else:
            color = expected["color"] if isinstance(expected, dict) else expected
            if np.abs(found.pixels[row[told]].astype(int) - color).max() > 3:
                wrong[name] = found.pixels[row[told], 0, 0]
    assert not wrong
    notes = "\n".join(found.notes)
    remarks = {photo.name: photo.remark for photo in check(tmp_path, copies=False).photos}
    for name, _, expected in FILES:
        said = expected["remark"] if isinstance(expected, dict) else ""
        assert said in notes and said in remarks[f"NG/{name}"], name
        assert bool(said) == bool(remarks[f"NG/{name}"]), name
    assert "first is used: 4 (first: NG/moving.gif)" in notes
    assert (
        "perhaps 12 bits): white is taken to be 65535, so it looks dark: 10 (first: NG/12 bits, gray" in notes
    )
    if sys.platform == "linux":
        assert (found.labels == 1).sum() == 1 + len(ODD_NAMES)
        assert "Too many levels" in reasons["GO/round.png"] and "2 that is no file" in notes
    found.describe().encode("utf-8")
    again = photos.load(tmp_path, 8)
    assert again.notes == found.notes and again.unreadable == found.unreadable
    assert np.array_equal(again.pixels, found.pixels)


OTHERS = {
    "notes.txt": b"P5 is the name of the line, BM that of the lamp",
    "results.csv": b"photo,verdict\n",
    "settings.json": b"{}",
    "BMW": b"BMW, and what follows is no header of a bitmap",
    "clip.mp4": b"\0\0\0\x20ftypisom" + bytes(99),
    "clip.avi": b"RIFF\0\0\0\0AVI " + bytes(99),
    "more.zip": b"PK\5\6" + bytes(18),
    "scores.npy": b"\x93NUMPY\1\0" + bytes(99),
    "Thumbs.db": b"\xd0\xcf\x11\xe0" + bytes(99),
    "desktop.ini": b"[.ShellClassInfo]",
    "nothing": b"",
}
HIDDEN = (".DS_Store", "._x.png", ".ipynb_checkpoints/a.png")


FUZZED = {
    "JPEG": {},
    "progressive": {"kind": "JPEG", "progressive": True, "exif": b"Exif\0\0MM\0*\0\0\0\x08" + bytes(40)},
    "PNG": {},
    "WEBP": {},
    "TIFF": {"compression": "tiff_lzw"},
    "packed": {"kind": "TIFF", "compression": "tiff_adobe_deflate"},
    "BMP": {},
    "GIF": {},
}


def fuzzed(rng, whole):
    """Return a file with some bytes changed, left out, repeated, or cut off."""
    data = bytearray(whole)
    for _ in range(rng.choice((1, 1, 2, 5, 40))):
        if len(data) < 2:
            break
        at = rng.randrange(len(data)) if rng.random() < 0.5 else rng.randrange(min(64, len(data)))
        match rng.randrange(6):
            case 0 | 1:
                data[at] = rng.choice((0, 1, 127, 128, 255, rng.randrange(256)))
            case 2:
                data[at : at + 4] = rng.choice((b"\xff\xff\xff\xff", b"\x7f\xff\xff\xff", bytes(4)))
            case 3:
                del data[at : at + rng.randrange(1, 30)]
            case 4:
                data[at:at] = data[at : at + rng.randrange(1, 60)]
            case 5:
                del data[max(20, at) :]
    return bytes(data)


@pytest.mark.filterwarnings("ignore")
def test_three_hundred_fuzzed_photographs_give_pixels_or_a_reason(tmp_path):
    rng = random.Random(7)
    noise = Image.fromarray(np.random.default_rng(7).integers(0, 256, (24, 20, 3), dtype=np.uint8))
    ends = {"pixels": 0, "reason": 0}
    started = time.monotonic()

    def look(data, _):
        return inspecting.look(data)

    for number in range(304):
        kind = list(FUZZED)[number % len(FUZZED)]
        image = noise.quantize(16) if kind == "GIF" else noise
        data = fuzzed(rng, saved(image, **({"kind": kind} | FUZZED[kind])))
        path = tmp_path / f"{number}.png"
        path.write_bytes(data)
        for found in (decoding.decode(data, SMALL), decoding.opened(path, look)):
            assert (found.reason == "") == (found.pixels is not None or len(found.facts) == 7), (kind, data)
            assert found.reason.isprintable() and found.remark.isprintable() and len(found.reason) < 300, kind
        ends["reason" if found.reason else "pixels"] += 1
    assert min(ends.values()) > 40, ends
    assert time.monotonic() - started < 60


@pytest.mark.parametrize("packed", [False, True])
def test_files_that_are_no_photographs_are_passed_over_after_a_look_at_their_first_bytes(
    tmp_path, monkeypatch, packed
):
    line = tmp_path / "line"
    for name, data in [
        *(("GO/sound.jfif", saved(solid("L", 200), "JPEG")), ("NG/sound", saved(solid("L", 50)))),
        *((f"NG/{name}", data) for name, data in OTHERS.items()),
        *((f"NG/{name}", saved(solid("L", 9))) for name in HIDDEN),
        ("NG/a phone's.heic", box(b"heic")),
    ]:
        (line / name).parent.mkdir(parents=True, exist_ok=True)
        (line / name).write_bytes(data)
    if packed:
        line = shutil.make_archive(str(tmp_path / "packed"), "zip", line)
    sizes, real = [], os.read
    monkeypatch.setattr(kinds.os, "read", lambda handle, size: sizes.append(size) or real(handle, size))
    monkeypatch.setattr(decoding, "content", lambda path: Path(path).read_bytes())
    found = photos.load(line, 8)
    monkeypatch.undo()
    assert found.names == ["GO/sound.jfif", "NG/sound"] and [name for name, _ in found.unreadable] == [
        "NG/a phone's.heic"
    ]
    assert len(sizes) == (10 if packed else 12) and set(sizes) == {kinds.HEAD}  # none of what an ending tells
    (note,) = found.notes
    assert (
        note.startswith("Files of other kinds were passed over: ") and "1 .csv" in note and "2 with" in note
    )
    assert "1 left out as unreadable: NG/a phone's.heic (HEIC, which" in found.describe()
    audit = check(line)
    (finding,) = [finding for finding in audit.findings if finding.kind == "unreadable"]
    assert finding.severity == "warning" and "HEIC, which is not read here" in finding.sentence


def test_colors_of_sixteen_bits_are_rounded_like_gray():
    rng = np.random.default_rng(0)
    colors = rng.integers(0, 65536, (16, 16, 3)).astype(np.uint16)
    expected = np.round(colors / 257)
    assert (expected != colors >> 8).mean() > 0.2
    rows = b"".join(b"\0" + row.astype(">u2").tobytes() for row in colors)
    opaque = np.concatenate([colors, np.full((16, 16, 1), 65535, np.uint16)], axis=2)
    for data in (
        png(rows, 16, 16, depth=16),
        cv2.imencode(".png", opaque[..., [2, 1, 0, 3]])[1].tobytes(),
        cv2.imencode(".tif", colors[..., ::-1])[1].tobytes(),
    ):
        assert np.array_equal(decoding.decode(data, decoding.square(16)).pixels, expected)


def test_the_pixels_of_the_quick_way_are_those_of_pillow():
    rng = np.random.default_rng(0)
    for width, height, colors in [(160, 160, 3), (160, 160, 1), (7, 300, 3), (1000, 2, 1), (33, 50, 3)]:
        pixels = rng.integers(0, 256, (height, width, colors), dtype=np.uint8)
        rows = np.concatenate([pixels[:, :1], np.diff(pixels, axis=1)], axis=1).reshape(height, -1)
        filtered = np.concatenate([np.ones((height, 1), np.uint8), rows], axis=1).tobytes()
        data = png(filtered, width, height, color=2 if colors == 3 else 0)
        quick = decoding._line_png(data)
        assert (quick is None) == (colors == 1) and (quick is None or np.array_equal(quick, pixels))
        for size in (80, 40, 33, 8):
            target = decoding.square(size)
            quick, plain = decoding.decode(data, target), decoding._by_pillow(data, target)
            assert np.array_equal(quick.pixels, plain.pixels) and quick.side == plain.side
    assert decoding._line_png(saved(solid("RGBA", (*RED, 9)))) is None


def test_a_picture_keeps_its_shape(tmp_path):
    for name, size, longest, expected in [
        *(("a.png", (300, 200), None, (200, 300)), ("b.jpg", (300, 200), 100, (67, 100))),
        *(("c.png", (30, 20), 9, (6, 9)), ("d.tif", (999, 1), 50, (1, 50)), ("e.webp", (2, 900), 9, (9, 1))),
    ]:  # fmt: skip
        solid("RGB", RED, size).save(tmp_path / name)
        target = decoding.within(longest or max(size))
        pixels = decoding.picture(tmp_path / name, target).pixels
        assert pixels.shape == (*expected, 3) and np.abs(pixels.astype(int) - RED).max() <= 3
    exif = Image.Exif()
    exif[0x0112] = 6
    solid("L", 9, (300, 200)).save(tmp_path / "f.jpg", exif=exif)
    lying = decoding.picture(tmp_path / "f.jpg", decoding.within(150))
    assert lying.pixels.shape == (150, 100, 3) and lying.side == 300 and not lying.reason
    assert decoding.picture(tmp_path / "none.png", SMALL).reason == "No such file or directory"
    if hasattr(os, "mkfifo"):
        os.mkfifo(tmp_path / "pipe.png")
        assert decoding.picture(tmp_path / "pipe.png", SMALL).reason == "not a file"


# --- Archives ----------------------------------------------------------------------------------

GRAY = {f"{label}/{n}.png": 100 * place + n for place, label in enumerate(("NG", "GO")) for n in range(3)}


def zipped(path, members, **options):
    """Write a .zip: names (or ZipInfos) and bytes."""
    with warnings.catch_warnings(), zipfile.ZipFile(path, "w", **options) as file:
        warnings.simplefilter("ignore")  # of two members with one name
        for name, data in members:
            file.writestr(name, data)
    return path


def sound(prefix="", separator="/"):
    """Return the members of a sound archive."""
    return [(prefix + n.replace("/", separator), saved(solid("L", gray))) for n, gray in GRAY.items()]


def special(name, kind):
    info = zipfile.ZipInfo(name)
    info.create_system, info.external_attr = 3, (kind | 0o644) << 16
    return info


def patched(path, *changes):
    """Change bytes of a finished .zip."""
    data = path.read_bytes()
    for old, new in changes:
        assert old in data
        data = data.replace(old, new)
    path.write_bytes(data)
    return path


GOOD_ARCHIVES = {
    "plain": lambda path: zipped(path, sound()),
    "deflated": lambda path: zipped(path, sound(), compression=zipfile.ZIP_DEFLATED),
    "wrapped": lambda path: zipped(path, sound("a day's photos/")),
    "of a line": lambda path: zipped(path, [*sound("photos/"), ("dataset.json", "{}")]),
    "wrapped, of a line": lambda path: zipped(path, sound("line/photos/")),
    "backslashes": lambda path: zipped(path, sound("set\\", "\\")),
    "dots": lambda path: zipped(path, sound("./")),
    "of a Mac": lambda path: zipped(
        path, [*sound("set/"), *((f"__MACOSX/set/._{n}", b"x") for n in range(3)), ("set/.DS_Store", b"x")]
    ),
    "of Windows": lambda path: zipped(path, [*sound(), ("GO/Thumbs.db", b"x"), ("desktop.ini", b"x")]),
    "with a zip inside": lambda path: zipped(path, [*sound(), ("GO/more.zip", b"PK\5\6" + bytes(18))]),
    "with folders": lambda path: zipped(path, [("GO/", b""), ("NG/", b""), ("GO/empty/", b""), *sound()]),
    "with bytes before": lambda path: path.write_bytes(b"#!/bin/sh\n" + zipped(path, sound()).read_bytes()),
}  # fmt: skip


def evil(name, data=b"evil"):
    return lambda path: zipped(path, [*sound(), (name, data)])


BAD_ARCHIVES = {
    "above": (evil("../evil.png"), "leads out"),
    "above, further in": (evil("GO/../../evil.png"), "leads out"),
    "above, backslashes": (evil("..\\..\\evil.png"), "leads out"),
    "absolute": (evil("/evil.png"), "leads out"),
    "drive": (evil("C:\\evil.png"), "leads out"),
    "drive, relative": (evil("C:evil.png"), "leads out"),
    "network": (evil("\\\\server\\share\\evil.png"), "leads out"),
    "stream": (evil("GO/a.png:evil"), "not every system"),
    "link": (evil(special("GO/link.png", stat.S_IFLNK), b"/etc/passwd"), "a link or a device"),
    "link to a folder": (
        lambda path: zipped(path, [(special("GO/up", stat.S_IFLNK), b"/"), ("GO/up/evil.png", b"x")]),
        "a link or a device",
    ),
    "device": (evil(special("GO/tty.png", stat.S_IFCHR)), "a link or a device"),
    "twice": (evil("GO/1.png"), "one name on many systems"),
    "twice but for case": (evil("go/1.PNG"), "one name on many systems"),
    "twice but for spelling": (
        lambda path: zipped(path, [*sound(), ("GO/\u00e4.png", b"x"), ("GO/a\u0308.png", b"x")]),
        "one name on many systems",
    ),
    "file and folder": (evil("GO/1.png/2.png"), "as a file and as a folder"),
    "device of Windows": (evil("GO/con.png"), "not every system"),
    "dot at the end": (evil("GO./1.png"), "not every system"),
    "control character": (evil("GO/a\x1b[2J.png"), "not every system"),
    "name too long": (evil("GO/" + "x" * 300 + ".png"), "could not be extracted"),
    "protected": (
        lambda path: patched(zipped(path, sound()), (b"PK\1\2\x14\3\x14\0\0\0", b"PK\1\2\x14\3\x14\0\1\0")),
        "password",
    ),
    "bzip2": (lambda path: zipped(path, sound(), compression=zipfile.ZIP_BZIP2), "unusual way"),
    "lzma": (lambda path: zipped(path, sound(), compression=zipfile.ZIP_LZMA), "unusual way"),
    "cut": (lambda path: path.write_bytes(zipped(path, sound()).read_bytes()[:-30]), "not a .zip that can"),
    "text": (lambda path: path.write_bytes(b"not a zip"), "not a .zip that can be read"),
    "no bytes": (lambda path: path.write_bytes(b""), "not a .zip that can be read"),
    "no files": (lambda path: zipped(path, []), "holds no files"),
    "junk alone": (lambda path: zipped(path, [("__MACOSX/a", b"x")]), "holds no files"),
    "one class": (lambda path: zipped(path, sound()[:3]), "add GO/"),
    "loose photographs": (lambda path: zipped(path, [("1.png", b"x")]), "must hold GO/ and NG/"),
    "wrong sum": (lambda path: patched(zipped(path, [("GO/a.png", b"abcd")]), (b"abcd", b"abce")), "CRC"),
    "bomb": (
        lambda path: zipped(path, [("GO/b.bmp", bytes(120_000_000))], compression=zipfile.ZIP_DEFLATED),
        "looks like a bomb",
    ),
    "lies about its size": (
        lambda path: patched(
            zipped(path, [*sound(), ("GO/b.bmp", bytes(5_000_001))], compression=zipfile.ZIP_DEFLATED),
            (struct.pack("<I", 5_000_001), struct.pack("<I", 9)),
        ),
        "not a .zip that can be read",
    ),
    "declares too much": (
        lambda path: patched(
            zipped(path, [*sound(), ("GO/b.bmp", bytes(5_000_001))], compression=zipfile.ZIP_DEFLATED),
            (struct.pack("<I", 5_000_001), struct.pack("<I", 4_000_000_000)),
        ),
        "looks like a bomb",
    ),
}  # fmt: skip


def test_the_corpus_is_large_enough():
    assert len(FILES) + len(ODD_NAMES) + len(GOOD_ARCHIVES) + len(BAD_ARCHIVES) >= 100


@pytest.mark.parametrize("kind", GOOD_ARCHIVES)
def test_a_sound_archive_opens_as_its_folder_does(tmp_path, runs, kind):
    path = tmp_path / "My Photos.ZIP"
    GOOD_ARCHIVES[kind](path)
    before = tree(tmp_path)
    found = photos.load(path, 8)
    assert {name: int(gray) for name, gray in zip(found.names, found.pixels[:, 0, 0, 0], strict=True)} == GRAY
    assert tree(tmp_path) == before
    (folder,) = (runs / "cache" / "archives").iterdir()
    assert found.folder.is_relative_to(folder) and folder.name.startswith("My_Photos-")
    assert any("1 .zip" in note for note in found.notes) == (kind == "with a zip inside")
    # A copy is not extracted again, a folder that lacks a photograph is.
    times = {photo: Path(photo).stat().st_mtime_ns for photo in found.paths}
    copied = shutil.copy(path, tmp_path / "My Photos-copy.zip")
    Path(copied).rename(path)
    assert photos.load(path, 8).paths == found.paths
    assert {photo: Path(photo).stat().st_mtime_ns for photo in found.paths} == times
    Path(found.paths[0]).unlink()
    assert np.array_equal(photos.load(path, 8).pixels, found.pixels)
    assert len(list((runs / "cache" / "archives").iterdir())) == 1


@pytest.mark.parametrize("kind", BAD_ARCHIVES)
def test_a_bad_archive_is_refused_in_one_sentence(tmp_path, runs, kind):
    make, expected = BAD_ARCHIVES[kind]
    (tmp_path / "in").mkdir()
    path = tmp_path / "in" / "photos.zip"
    make(path)
    before = tree(tmp_path)
    for _ in range(2):
        with pytest.raises(WorkbookError) as caught:
            photos.load(path, 8)
        message = str(caught.value)
        assert expected in message and "photos" in message
        assert "\n" not in message and "\x1b" not in message and len(message) < 400
    assert tree(tmp_path) == before
    left = [place.name for place in runs.rglob("*") if place.is_file()]
    assert not left if kind not in ("one class", "loose photographs") else len(left) <= 3


def test_limits_of_archives(tmp_path, monkeypatch):
    path = zipped(tmp_path / "photos.zip", sound())
    monkeypatch.setattr(archive, "MOST_MEMBERS", 5)
    with pytest.raises(WorkbookError, match="holds 6 files, more than 5"):
        photos.load(path, 8)
    monkeypatch.undo()
    monkeypatch.setattr(archive, "MOST_BYTES", 100)
    with pytest.raises(WorkbookError, match="looks like a bomb"):
        photos.load(path, 8)


def test_an_archive_opens_where_the_cache_can_not_be_written(tmp_path, runs):
    path = zipped(tmp_path / "photos.zip", sound())
    runs.write_text("a file where the folder should be")
    for _ in range(2):
        found = photos.load(path, 8)
        assert len(found) == 6 and all(Path(photo).is_file() for photo in found.paths)


def test_two_programs_open_one_archive_at_once(tmp_path):
    path = zipped(tmp_path / "photos.zip", [(f"{label}/{n}.png", saved(solid("L", n)))
                                            for label in ("GO", "NG") for n in range(100)])  # fmt: skip
    words = "import sys; from fanaoi_helpers import photos; print(photos.load(sys.argv[1], 8).pixels.sum())"
    started = [
        subprocess.Popen([sys.executable, "-c", words, str(path)], stdout=subprocess.PIPE, text=True)
        for _ in range(3)
    ]
    said = [program.communicate(timeout=50)[0] for program in started]
    assert [int(text) for text in said] == [2 * sum(range(100)) * 8 * 8 * 3] * 3


def test_extracted_archives_that_nobody_opens_go(tmp_path, runs):
    first = photos.load(zipped(tmp_path / "a.zip", sound()), 8).folder
    left = runs / "cache" / "archives" / ".killed"
    left.mkdir()
    for place in (first, left):
        os.utime(place, (1, 1))
    second = photos.load(zipped(tmp_path / "b.zip", sound()[1:]), 8).folder
    assert sorted((runs / "cache" / "archives").iterdir()) == [second]


# --- Killed ------------------------------------------------------------------------------------

NURSERY = """
import os, sys
from fanaoi_helpers import photos
while place := sys.stdin.readline():
    child = os.fork()
    if not child:
        photos.load(place.strip(), 40)
        os._exit(0)
    print(child, flush=True)
    sys.stdin.readline()
    os.waitpid(child, 0)
    print("gone", flush=True)
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork to start twenty programs quickly")
def test_a_first_opening_that_was_killed_leaves_nothing_wrong(tmp_path, runs):
    rng = np.random.default_rng(0)
    with zipfile.ZipFile(tmp_path / "photos.zip", "w") as file:
        for index in range(120):
            pixels = rng.integers(0, 256, (96, 96, 3), dtype=np.uint8)
            file.writestr(f"{('NG', 'GO')[index % 2]}/{index}.png", saved(Image.fromarray(pixels)))
    place = tmp_path / "photos.zip"
    started = time.perf_counter()
    undisturbed = photos.load(place, 40)
    expected, names, took = undisturbed.pixels.tobytes(), undisturbed.names, time.perf_counter() - started
    del undisturbed
    shutil.rmtree(runs)

    moments, cut_short = random.Random(0), 0
    nursery = subprocess.Popen(
        [sys.executable, "-c", NURSERY], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    with nursery:
        for _ in range(20):
            print(place, file=nursery.stdin, flush=True)
            child = int(nursery.stdout.readline())
            time.sleep(moments.uniform(0, 1.2 * took))
            cut_short += not list(runs.glob("cache/photos/*.json"))
            os.kill(child, signal.SIGKILL)
            print("it is dead", file=nursery.stdin, flush=True)
            assert nursery.stdout.readline() == "gone\n"
            found = photos.load(place, 40)
            assert found.pixels.tobytes() == expected and found.names == names and not found.unreadable
            shutil.rmtree(runs, ignore_errors=True)
        nursery.stdin.close()
    assert cut_short >= 5
