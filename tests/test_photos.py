"""Photographs in, arrays and splits out; the folders are made here, with Pillow."""

import csv
import json
import os
import shutil
import subprocess
import sys
import time
import warnings
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from fanaoi_helpers import files, photos, threads
from fanaoi_helpers.errors import WorkbookError
from fanaoi_helpers.photos import cache, decoding

pytestmark = pytest.mark.usefixtures("runs")
IMPELLER = files.root().parent / "shared" / "photos" / "impeller"


@pytest.fixture
def decodes(monkeypatch):
    """Return the list of the files, as bytes, that get decoded."""
    decoded, real = [], decoding.decode
    monkeypatch.setattr(decoding, "decode", lambda data, size: (decoded.append(data), real(data, size))[1])
    return decoded


def save(path, color=128, size=(12, 9), **options):
    """Save a picture of one color (a number for gray) and return its path."""
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.new("L" if isinstance(color, int) else "RGB", size, color).save(path, **options)
    return path


def folder_of(root, go=4, ng=4):
    """Make GO/ and NG/ with photographs whose gray tells them apart."""
    for index in range(go):
        save(root / "GO" / f"g{index}.png", 200 + index)
    for index in range(ng):
        save(root / "NG" / f"n{index}.png", 20 + index)
    return root


def manifest(root, rows, header="photo,label,serial", encoding="utf-8"):
    (root / "manifest.csv").write_text("\n".join([header, *rows]) + "\n", encoding=encoding)


def refused(folder, **options):
    with pytest.raises(WorkbookError) as caught:
        photos.load(folder, **{"image_size": 8, **options})
    message = str(caught.value)
    assert "\n" not in message and len(message) < 400
    return message


# --- Labels and places -------------------------------------------------------------------------


def test_go_is_one_and_ng_is_zero_whatever_the_alphabet_says(tmp_path):
    found = photos.load(folder_of(tmp_path, go=3, ng=2), image_size=8)
    assert found.names == ["GO/g0.png", "GO/g1.png", "GO/g2.png", "NG/n0.png", "NG/n1.png"]
    assert found.labels.tolist() == [1, 1, 1, 0, 0]
    assert found.pixels.shape == (5, 8, 8, 3) and found.pixels.dtype == np.uint8
    assert found.pixels[:, 0, 0, 0].tolist() == [200, 201, 202, 20, 21]
    assert found.counts == {"GO": 3, "NG": 2} and len(found) == 5
    assert found.serials is None and found.units == 5 and found.defects.tolist() == [""] * 5
    assert "GO = 1: 3 photographs, NG = 0: 2" in found.describe() and "no serials" in found.describe()
    assert repr(found) == "Photos(5 photographs of 8×8: 3 GO, 2 NG)"


def test_class_names_match_exactly_then_without_case(tmp_path):
    save(tmp_path / "a" / "go" / "1.png", 200)
    save(tmp_path / "a" / "Ng" / "1.png", 20)
    assert photos.load(tmp_path / "a", 8).labels.tolist() == [0, 1]  # "Ng/1.png" sorts before "go/1.png"

    if not (tmp_path / "A").exists():  # a file system that tells upper from lower case
        for name in ("GO", "go", "NG"):
            save(tmp_path / "b" / name / "1.png", 90)
        assert photos.load(tmp_path / "b", 8).names == ["GO/1.png", "NG/1.png"]
        for name in ("Go", "go", "NG"):
            save(tmp_path / "c" / name / "1.png", 90)
        assert "rename one of them" in refused(tmp_path / "c")


def test_two_named_classes(tmp_path):
    save(tmp_path / "60" / "1.png", 60)
    save(tmp_path / "100" / "1.png", 100)
    found = photos.load(tmp_path, 8, classes=("60", "100"))
    assert dict(zip(found.names, found.labels.tolist(), strict=True)) == {"60/1.png": 0, "100/1.png": 1}
    assert "100 = 1: 1 photographs, 60 = 0: 1" in found.describe()
    for wrong in ("GO", ("GO",), ("GO", "go"), ("GO", "a/b"), ("GO", 3), ("GO", " ")):
        assert "two folder names" in refused(tmp_path, classes=wrong)


def test_a_produced_folder_opens_from_outside_and_inside(tmp_path):
    folder_of(tmp_path / "photos")
    manifest(
        tmp_path,
        [f"photos/GO/g{i}.png,GO,A{i // 2},," for i in range(4)]
        + [f"NG/n{i}.png,NG,B{i // 2},3,scratch" for i in range(4)],
        header="photo,label,serial,size,defect",
    )
    for place in (tmp_path, tmp_path / "photos"):
        found = photos.load(place, 8)
        assert found.serials.tolist() == ["A0", "A0", "A1", "A1", "B0", "B0", "B1", "B1"]
        assert "GO = 1: 4 photographs of 2 units, NG = 0: 4 photographs of 2 units" in found.describe()
        assert found.defects.tolist() == [""] * 4 + ["scratch"] * 4
        assert np.isnan(found.sizes[:4]).all() and found.sizes[4:].tolist() == [3.0] * 4
        assert found.units == 4 and found.folder == (tmp_path / "photos").resolve() and not found.notes


def test_nested_folders_odd_names_and_other_files(tmp_path):
    names = ["GO/a b/c#1.PNG", "GO/ü/漢字 🙂.png", "GO/%41.png", "GO/x.y.z/1.jpeg", "NG/deep/er/still/1.bmp"]
    for name in names:
        save(tmp_path / name)
    for hidden in ("GO/._a.png", "GO/.ipynb_checkpoints/a.png"):
        save(tmp_path / hidden)
    (tmp_path / "GO" / "Thumbs.db").write_bytes(b"x")
    (tmp_path / "NG" / "README").write_bytes(b"x")
    found = photos.load(tmp_path, 8)
    assert found.names == sorted(names)
    assert found.notes == ["Files of other kinds were passed over: 1 .db, 1 without an ending."]


@pytest.mark.skipif(sys.platform in ("win32", "darwin"), reason="file names are always Unicode here")
def test_a_name_that_is_no_unicode_can_be_printed(tmp_path):
    folder_of(tmp_path)
    (tmp_path / "GO" / "g0.png").rename(tmp_path / "GO" / os.fsdecode(b"\xff.png"))
    found = photos.load(tmp_path, 8)
    assert "GO/\\udcff.png" in found.names and len(found) == 8
    found.describe().encode("utf-8")


@pytest.mark.skipif(sys.platform == "win32", reason="links need rights on Windows")
def test_links_are_followed_once_and_pipes_are_passed_over(tmp_path):
    folder_of(tmp_path)
    folder_of(tmp_path / "elsewhere")
    (tmp_path / "GO" / "more").symlink_to(tmp_path / "elsewhere" / "GO")
    (tmp_path / "elsewhere" / "GO" / "round").symlink_to(tmp_path / "elsewhere" / "GO")
    (tmp_path / "NG" / "up").symlink_to(tmp_path)  # round and round, and GO/ below NG/
    (tmp_path / "NG" / "across").symlink_to(tmp_path / "GO")
    (tmp_path / "NG" / "gone.png").symlink_to(tmp_path / "nothing")
    os.mkfifo(tmp_path / "NG" / "pipe.png")
    found = photos.load(tmp_path, 8)
    assert found.names == sorted(
        [f"GO/{more}g{index}.png" for more in ("", "more/") for index in range(4)]
        + [f"NG/n{index}.png" for index in range(4)]
    )
    assert found.labels.tolist() == [1] * 8 + [0] * 4
    assert found.unreadable == [("NG/gone.png", "No such file or directory")]
    assert found.notes == [
        "Files of other kinds were passed over: 1 that is no file.",
        # GO/more leads to those of elsewhere/GO, nothing to those of elsewhere/NG
        "4 photographs in elsewhere/ are not used, as they lie neither in GO/ nor NG/: move them into one of "
        "these if they belong there.",
    ]


def test_a_wrong_folder_says_what_was_found_and_what_to_give(tmp_path):
    good = folder_of(tmp_path / "day" / "set")
    (tmp_path / "empty").mkdir()
    save(tmp_path / "half" / "GO" / "1.png")
    save(tmp_path / "flat" / "1.png")
    assert "class folder itself" in refused(good / "GO") and refused(good / "GO").endswith("day/set.")
    assert "one folder further down" in refused(good.parent) and refused(good.parent).endswith("day/set.")
    assert "was not found" in refused(tmp_path / "nowhere")
    assert "is a file" in refused(tmp_path / "flat" / "1.png")
    assert "GO/ and NG/, but it is empty: put photographs into two such folders." in refused(
        tmp_path / "empty"
    )
    assert "only GO/ is there: add NG/" in refused(tmp_path / "half")
    assert "but it holds 1.png" in refused(tmp_path / "flat")
    for nothing in ("", "  ", None, 3):
        assert "give the path" in refused(nothing)
    assert "can't be opened" in refused("a\0b")
    assert "image_size is 0" in refused(good, image_size=0)


def test_an_empty_class_and_a_class_of_other_files_are_refused(tmp_path):
    folder_of(tmp_path, ng=0)
    (tmp_path / "NG").mkdir()
    assert "NG holds nothing, but it must hold photographs" in refused(tmp_path)
    (tmp_path / "NG" / "a.txt").write_bytes(b"x")
    assert "NG holds files of other kinds (1 .txt)" in refused(tmp_path)


# --- Every kind of picture ---------------------------------------------------------------------


def one(tmp_path, name, image, **options):
    """Return the 8×8 pixels of ``image`` after saving and loading it."""
    folder_of(tmp_path, go=0, ng=1)
    path = tmp_path / "GO" / name
    path.parent.mkdir(exist_ok=True)
    image.save(path, **options)
    found = photos.load(tmp_path, 8)
    assert not found.unreadable
    return found.pixels[0]


RED = (200, 30, 40)


@pytest.mark.parametrize(
    "suffix", [".png", ".JPG", ".jpe", ".jfif", ".bmp", ".tif", ".tiff", ".webp", ".ppm"]
)
@pytest.mark.parametrize("size", [(8, 8), (1, 1), (61, 17), (3, 200)])
def test_every_format_and_shape(tmp_path, suffix, size):
    pixels = one(tmp_path, "x" + suffix, Image.new("RGB", size, RED))
    assert np.abs(pixels.astype(int) - RED).max() <= 4


@pytest.mark.parametrize(
    ("mode", "color", "expected", "suffix"),
    [
        ("1", 1, (255, 255, 255), ".png"),
        ("L", 77, (77, 77, 77), ".png"),
        ("LA", (77, 0), (255, 255, 255), ".png"),
        ("RGBA", (*RED, 255), RED, ".png"),
        ("RGBA", (*RED, 0), (255, 255, 255), ".png"),
        ("RGBA", (0, 0, 0, 51), (204, 204, 204), ".webp"),
        ("RGBA", (0, 0, 0, 51), (204, 204, 204), ".tiff"),
        ("CMYK", (0, 255, 255, 0), (255, 0, 0), ".tiff"),
        ("CMYK", (0, 255, 255, 0), (254, 0, 0), ".jpg"),
        ("YCbCr", (76, 85, 255), (254, 0, 0), ".jpg"),
        ("I;16", 0, (0, 0, 0), ".png"),
        ("I;16", 257 * 99, (99, 99, 99), ".png"),
        ("I;16", 257 * 99, (99, 99, 99), ".tiff"),
        ("I;16", 65535, (255, 255, 255), ".tiff"),
        ("I", 257 * 99, (99, 99, 99), ".tiff"),
    ],
)
def test_every_mode(tmp_path, mode, color, expected, suffix):
    options = {"lossless": True} if suffix == ".webp" else {}
    pixels = one(tmp_path, "x" + suffix, Image.new(mode, (20, 20), color), **options)
    assert np.abs(pixels.astype(int) - expected).max() <= 2


def test_palettes_with_and_without_transparency(tmp_path):
    palette = Image.new("P", (20, 20), 1)
    palette.putpalette([0, 0, 0, *RED])
    assert one(tmp_path / "a", "x.png", palette)[4, 4].tolist() == list(RED)
    assert one(tmp_path / "b", "x.png", palette, transparency=1)[4, 4].tolist() == [255, 255, 255]


def test_sixteen_bits_are_scaled_not_clipped(tmp_path):
    values = np.linspace(0, 65535, 64).reshape(8, 8).astype(np.uint16)
    for suffix in (".png", ".tiff"):
        pixels = one(tmp_path / suffix[1:], "ramp" + suffix, Image.fromarray(values))
        assert np.abs(pixels[..., 0] - values / 257).max() <= 0.51
    bigger = one(tmp_path / "big", "ramp.tiff", Image.fromarray(values.astype(">u2")))
    assert np.abs(bigger[..., 1] - values / 257).max() <= 0.51


def test_exif_rotation_is_applied(tmp_path):
    upright = np.zeros((40, 24, 3), np.uint8)
    upright[:20, :12] = 255  # white where a person sees the upper left
    undo = {
        1: None,
        2: Image.Transpose.FLIP_LEFT_RIGHT,
        3: Image.Transpose.ROTATE_180,
        4: Image.Transpose.FLIP_TOP_BOTTOM,
        5: Image.Transpose.TRANSPOSE,
        6: Image.Transpose.ROTATE_90,
        7: Image.Transpose.TRANSVERSE,
        8: Image.Transpose.ROTATE_270,
    }
    for orientation, back in undo.items():
        stored = Image.fromarray(upright)
        stored = stored if back is None else stored.transpose(back)
        exif = Image.Exif()
        exif[0x0112] = orientation
        for suffix in (".jpg", ".png", ".webp", ".tiff"):
            pixels = one(tmp_path / f"{orientation}{suffix}", "x" + suffix, stored, exif=exif)
            corners = [int(pixels[y, x, 0]) > 128 for y, x in [(1, 1), (1, 6), (6, 1), (6, 6)]]
            assert corners == [True, False, False, False], (orientation, suffix)


@pytest.mark.parametrize("suffix", [".png", ".jpg"])
def test_making_small_averages(tmp_path, suffix):
    y, x = np.mgrid[:320, :320] / 320
    smooth = (128 + 60 * np.sin(5 * x) + 60 * np.cos(4 * y + x)).astype(np.uint8)
    got = one(tmp_path / "smooth", "x" + suffix, Image.fromarray(smooth))[..., 0]
    mean = smooth.reshape(8, 40, 8, 40).mean(axis=(1, 3))
    assert np.abs(got - mean).max() < 6
    fine = (np.indices((320, 320)).sum(axis=0) % 2 * 255).astype(np.uint8)  # single pixels: gray from afar
    got = one(tmp_path / "fine", "x" + suffix, Image.fromarray(fine))
    assert np.abs(got - 127.5).max() < 8


# --- What can't be read ------------------------------------------------------------------------


def spoil(path, keep):
    path.write_bytes(path.read_bytes()[:keep])


def test_broken_files_are_left_out_and_named_with_the_reason(tmp_path, decodes):
    folder_of(tmp_path)
    rng = np.random.default_rng(0)
    noise = Image.fromarray(rng.integers(0, 256, (64, 64, 3), dtype=np.uint8))
    for name in ("cut.jpg", "cut.png", "cut.bmp", "cut.tiff", "cut.webp"):
        noise.save(tmp_path / "NG" / name)
        spoil(tmp_path / "NG" / name, (tmp_path / "NG" / name).stat().st_size // 2)
    (tmp_path / "NG" / "empty.png").write_bytes(b"")
    (tmp_path / "NG" / "text.jpg").write_text("not a picture")
    Image.new("F", (9, 9), 0.5).save(tmp_path / "NG" / "float.tiff")
    Image.fromarray(np.full((9, 9), 70000, np.int32)).save(tmp_path / "NG" / "wide.tiff")
    (tmp_path / "NG" / "other.png").write_bytes(b"\0\0\0\x18ftypheic" + bytes(99))
    (tmp_path / "NG" / "postscript.png").write_bytes(b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n")

    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = photos.load(tmp_path, 8)
    reasons = dict(found.unreadable)
    assert sorted(reasons) == [
        f"NG/{name}"
        for name in (
            *("cut.bmp", "cut.jpg", "cut.png", "cut.tiff", "cut.webp", "empty.png", "float.tiff"),
            *("other.png", "postscript.png", "text.jpg", "wide.tiff"),
        )
    ]
    assert "truncated" in reasons["NG/cut.jpg"] and reasons["NG/empty.png"] == "empty"
    assert reasons["NG/text.jpg"] == reasons["NG/postscript.png"] == "not an image that can be read"
    assert reasons["NG/other.png"] == "HEIC, which is not read here: save it as PNG, TIFF or JPEG"
    assert "no known white" in reasons["NG/float.tiff"] and "beyond 16 bits" in reasons["NG/wide.tiff"]
    assert not any(str(tmp_path) in reason or "\n" in reason for reason in reasons.values())
    assert found.labels.tolist() == [1] * 4 + [0] * 4 and len(found.pixels) == 8
    assert found.pixels[4:, 0, 0, 0].tolist() == [20, 21, 22, 23]
    assert "11 left out as unreadable: NG/cut.bmp" in found.describe() and "and 8 more" in found.describe()

    decodes.clear()
    again = photos.load(tmp_path, 8)
    assert again.unreadable == found.unreadable and np.array_equal(again.pixels, found.pixels)
    assert not decodes  # broken content stays broken


def test_a_file_that_was_out_of_reach_comes_back(tmp_path, monkeypatch):
    folder_of(tmp_path)
    real = decoding.content

    def out_of_reach(path):
        if "n1" in path:
            raise PermissionError(13, "no permission")
        return real(path)

    monkeypatch.setattr(decoding, "content", out_of_reach)
    for _ in range(2):
        assert photos.load(tmp_path, 8).unreadable == [("NG/n1.png", "no permission")]
    monkeypatch.setattr(decoding, "content", real)
    found = photos.load(tmp_path, 8)
    assert len(found) == 8 and not found.unreadable


def test_a_photograph_for_which_memory_was_too_small_is_tried_again(tmp_path, monkeypatch):
    folder_of(tmp_path)
    target, real = (tmp_path / "GO" / "g1.png").read_bytes(), decoding.decode

    def out_of_memory(data, size):
        if data == target:
            raise MemoryError
        return real(data, size)

    monkeypatch.setattr(decoding, "decode", out_of_memory)
    assert photos.load(tmp_path, 8).unreadable == [("GO/g1.png", "not enough memory")]
    monkeypatch.setattr(decoding, "decode", real)
    assert len(photos.load(tmp_path, 8)) == 8


def test_too_many_pixels_are_not_opened(tmp_path, monkeypatch):
    folder_of(tmp_path)
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 1000)
    save(tmp_path / "GO" / "big.png", size=(40, 40))  # over the limit
    save(tmp_path / "GO" / "huge.png", size=(400, 400))  # over twice the limit, where Pillow itself refuses
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        reasons = dict(photos.load(tmp_path, 8).unreadable)
    assert reasons == {
        "GO/big.png": "40 × 40 pixels, more than 1,000 are not opened",
        "GO/huge.png": "far too many pixels to be opened",
    }


def test_a_large_photograph_waits_for_its_turn(tmp_path, monkeypatch):
    monkeypatch.setattr(decoding, "_LARGE", 10)
    assert len(photos.load(folder_of(tmp_path), 8)) == 8


def test_a_class_that_can_not_be_read_at_all_is_refused_every_time(tmp_path):
    folder_of(tmp_path, ng=0)
    for index in range(3):
        (tmp_path / "NG").mkdir(exist_ok=True)
        (tmp_path / "NG" / f"{index}.png").write_text("no")
    for _ in range(2):
        message = refused(tmp_path)
        assert "can be read, of 3 tried" in message and "NG/0.png, not an image" in message
    (tmp_path / "GO").rename(tmp_path / "old")
    (tmp_path / "GO").mkdir()
    (tmp_path / "GO" / "1.png").write_bytes(b"")
    for _ in range(2):  # nothing readable at all: an array of no photographs
        assert "can be read, of" in refused(tmp_path)


# --- The cache ---------------------------------------------------------------------------------


def kept(runs, ending):
    return sorted((runs / "cache" / "photos").glob(f"*.{ending}"))


def test_the_second_opening_decodes_nothing_and_maps_the_file(tmp_path, runs, decodes):
    folder_of(tmp_path)
    first = photos.load(tmp_path, 8)
    assert len(decodes) == 8
    again = photos.load(tmp_path, 8)
    assert len(decodes) == 8
    assert np.array_equal(first.pixels, again.pixels)
    assert first.paths == again.paths == [str(tmp_path.resolve() / name) for name in first.names]
    for found in (first, again):
        assert isinstance(found.pixels, np.memmap) and not found.pixels.flags.writeable
    assert sorted(path.suffix for path in (runs / "cache" / "photos").iterdir()) == [".json", ".npy"]
    assert np.array_equal(np.load(kept(runs, "npy")[0]), first.pixels)  # an ordinary .npy file
    photos.load(tmp_path, 9)
    assert len(decodes) == 16 and len(kept(runs, "npy")) == 2


@pytest.mark.parametrize("change", ["changed", "set back", "added", "removed", "renamed", "moved"])
def test_a_change_is_noticed_and_the_old_cache_goes(tmp_path, runs, decodes, change):
    folder_of(tmp_path)
    before = photos.load(tmp_path, 8).pixels.copy()
    target = tmp_path / "GO" / "g1.png"
    if change in ("changed", "set back"):
        status = target.stat()
        time.sleep(0.02)  # some clocks tick every 16 ms
        save(target, 250)
        assert target.stat().st_size == status.st_size
        if change == "set back":
            if sys.platform == "win32":
                pytest.skip("no time of change here")
            os.utime(target, ns=(status.st_atime_ns, status.st_mtime_ns))
    elif change == "added":
        save(tmp_path / "GO" / "g9.png", 250)
    elif change == "removed":
        target.unlink()
    elif change == "renamed":
        target.rename(target.with_name("z.png"))
    else:
        target.rename(tmp_path / "NG" / "g1.png")
    decodes.clear()
    after = photos.load(tmp_path, 8)
    # Only what is new is decoded.
    assert len(decodes) == (1 if change in ("changed", "set back", "added") else 0)
    grays = {
        **{f"g{i}": 200 + i for i in range(4)},
        **{f"n{i}": 20 + i for i in range(4)},
        "g9": 250,
        "z": 201,
    }
    grays["g1"] = 250 if change in ("changed", "set back") else 201
    expected = [grays[Path(name).stem] for name in after.names]
    assert after.pixels[:, 0, 0, 0].tolist() == expected
    assert len(after) == len(after.labels) == {"added": 9, "removed": 7}.get(change, len(before))
    if sys.platform != "win32":  # a mapped file can't be removed there
        assert len(kept(runs, "npy")) == len(kept(runs, "json")) == 1


@pytest.mark.parametrize("move", ["copied", "moved", "touched"])
def test_the_same_content_is_not_decoded_again(tmp_path, runs, decodes, move):
    source = folder_of(tmp_path / "here")
    (source / "GO" / "broken.png").write_bytes(b"no picture")
    before = photos.load(source, 8)
    decodes.clear()
    target = tmp_path / "there"
    if move == "copied":
        shutil.copytree(source, target, copy_function=shutil.copyfile)
    elif move == "moved":
        source.rename(target)
    else:
        target = source
        for path in source.rglob("*.png"):
            os.utime(path, ns=(10**18, 10**18))
    after = photos.load(target, 8)
    assert not decodes
    assert np.array_equal(before.pixels, after.pixels) and after.unreadable == before.unreadable
    assert len(kept(runs, "npy")) == 1  # one array for both


def test_folders_that_look_alike_do_not_share_a_cache(tmp_path):
    for name, gray in (("a", 10), ("b", 90)):
        for label in ("GO", "NG"):
            path = save(tmp_path / name / label / "1.bmp", gray)
            os.utime(path, ns=(10**18, 10**18))
    assert photos.load(tmp_path / "a", 8).pixels[0, 0, 0, 0] == 10
    assert photos.load(tmp_path / "b", 8).pixels[0, 0, 0, 0] == 90


@pytest.mark.parametrize("damage", ["cut", "foreign", "no index", "odd index", "cut index", "other shape"])
def test_a_damaged_cache_is_made_again(tmp_path, runs, damage):
    folder_of(tmp_path)
    expected = photos.load(tmp_path, 8).pixels.copy()
    (pixels,), (told_of,) = kept(runs, "npy"), kept(runs, "json")
    if damage == "cut":
        pixels.write_bytes(pixels.read_bytes()[:300])
    elif damage == "foreign":
        pixels.write_bytes(b"something else")
    elif damage == "no index":
        told_of.unlink()
    elif damage == "odd index":
        head, body = told_of.read_text().splitlines()
        contents, facts, known = json.loads(body)
        told_of.write_text(f"{head}\n{json.dumps([contents, [*facts, ['no', '']], known])}\n")
    elif damage == "cut index":
        told_of.write_bytes(told_of.read_bytes()[:-200])
    else:
        np.save(pixels, np.zeros((8, 9, 9, 3), np.uint8))
    assert np.array_equal(photos.load(tmp_path, 8).pixels, expected)


def test_without_a_place_for_the_cache_nothing_is_lost(tmp_path, runs, decodes):
    runs.write_text("a file where the folder should be")
    folder_of(tmp_path)
    (tmp_path / "NG" / "broken.png").write_bytes(b"")
    for count in (1, 2):
        found = photos.load(tmp_path, 8)
        assert found.pixels[:, 0, 0, 0].tolist() == [200, 201, 202, 203, 20, 21, 22, 23]
        assert isinstance(found.pixels, np.memmap) and len(found.unreadable) == 1
        assert decodes.count((tmp_path / "GO" / "g0.png").read_bytes()) == count


def test_a_full_disk_is_no_error_where_another_has_room(tmp_path, runs, monkeypatch):
    folder_of(tmp_path)

    def full(*arguments):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(cache, "_write_index", full)
    assert len(photos.load(tmp_path, 8)) == 8


def test_an_interrupted_opening_leaves_nothing_behind(tmp_path, runs, monkeypatch):
    folder_of(tmp_path, go=40)
    real, last = decoding.decode, (tmp_path / "GO" / "g30.png").read_bytes()

    def interrupted(data, size):
        if data == last:
            raise KeyboardInterrupt
        return real(data, size)

    monkeypatch.setattr(decoding, "decode", interrupted)
    with pytest.raises(KeyboardInterrupt):
        photos.load(tmp_path, 8)
    assert not list((runs / "cache" / "photos").iterdir())
    monkeypatch.setattr(decoding, "decode", real)
    assert len(photos.load(tmp_path, 8)) == 44


def test_the_leftovers_of_a_killed_run_go_after_an_hour(tmp_path, runs):
    folder_of(tmp_path)
    photos.load(tmp_path, 8)
    place = runs / "cache" / "photos"
    old = [place / ".old.npy", place / "8-orphan.npy"]
    young = [place / ".young.npy", place / "8-justnow.npy"]
    for path in old + young:
        path.write_bytes(b"half")
    for path in old:
        os.utime(path, (1, 1))
    save(tmp_path / "GO" / "new.png")
    photos.load(tmp_path, 8)
    assert not any(path.exists() for path in old) and all(path.exists() for path in young)


def test_the_cache_is_bounded_and_what_was_opened_last_stays(tmp_path, runs, decodes, monkeypatch):
    for name in "abc":
        save(tmp_path / name / "GO" / f"{name}.png", ord(name))
        photos.load(folder_of(tmp_path / name), 8)
    for path in kept(runs, "json"):
        os.utime(path, (10**9, 10**9))
    photos.load(tmp_path / "b", 8)
    monkeypatch.setattr(cache, "MOST_BYTES", 2 * kept(runs, "npy")[0].stat().st_size)
    save(tmp_path / "d" / "GO" / "d.png", 1)
    photos.load(folder_of(tmp_path / "d"), 8)
    assert len(kept(runs, "npy")) == len(kept(runs, "json")) == 2
    decodes.clear()
    photos.load(tmp_path / "b", 8)
    assert not decodes
    assert len(photos.load(tmp_path / "a", 8)) == 9 and len(decodes) == 9


def test_two_programs_open_one_folder_at_once(tmp_path):
    folder_of(tmp_path, go=60, ng=60)
    words = "from fanaoi_helpers import photos; print(photos.load('.', 8).pixels.sum(dtype='int64'))"
    started = [
        subprocess.Popen([sys.executable, "-c", words], cwd=tmp_path, stdout=subprocess.PIPE, text=True)
        for _ in range(3)
    ]
    said = [program.communicate(timeout=120)[0] for program in started]
    assert [int(text) for text in said] == [int(photos.load(tmp_path, 8).pixels.sum(dtype=np.int64))] * 3


def test_the_pixels_do_not_depend_on_the_number_of_cores(tmp_path, runs, monkeypatch):
    rng = np.random.default_rng(0)
    folder_of(tmp_path)
    for index in range(80):
        shape = rng.integers(1, 60, 2)
        image = Image.fromarray(rng.integers(0, 256, (*shape, 3), dtype=np.uint8))
        image.save(tmp_path / "GO" / f"r{index}.{'png' if index % 2 else 'jpg'}")
    arrays = []
    for cores in (1, 5):
        monkeypatch.setattr(threads, "cores", lambda cores=cores: cores)
        arrays.append(photos.load(tmp_path, 8).pixels.copy())
        shutil.rmtree(runs)
    assert np.array_equal(*arrays)


def test_order_is_kept_over_many_batches(tmp_path):
    grays = np.random.default_rng(1).integers(0, 256, 150).tolist()
    for index, gray in enumerate(grays):
        save(tmp_path / ("GO" if index % 3 else "NG") / f"{index:03}.png", gray)
        if index % 10 == 1:
            (tmp_path / "GO" / f"{index:03}x.png").write_bytes(b"broken")
    found = photos.load(tmp_path, 4)
    assert len(found.unreadable) == 15
    for name, label, pixels in zip(found.names, found.labels, found.pixels, strict=True):
        index = int(name[3:6])
        assert (pixels == grays[index]).all() and label == (index % 3 > 0)


# --- manifest.csv ------------------------------------------------------------------------------


def test_a_real_manifest_is_forgiven_what_programs_write(tmp_path):
    folder_of(tmp_path, go=2, ng=2)
    save(tmp_path / "GO" / "ä.png")  # one character here, two in the manifest, as macOS writes it
    (tmp_path / "manifest.csv").write_bytes(
        "\ufeffPhoto; Serial ;label;DEFECT\r\nGO\\g0.png;A;go;\r\n./GO/g1.png;A;GO\r\nGO/a\u0308.png;B;;\r\n"
        "ng/N0.png;C;NG;scratch\r\n\r\nNG/n1.png; C ;NG;scratch\r\n".encode()
    )
    found = photos.load(tmp_path, 8)
    serials = dict(zip(found.names, found.serials.tolist(), strict=True))
    assert [serials[name] for name in ("GO/g0.png", "GO/g1.png", "GO/ä.png", "NG/n0.png", "NG/n1.png")] == [
        *("A", "A", "B", "C", "C")
    ]
    assert sorted(found.defects.tolist()) == ["", "", "", "scratch", "scratch"]
    assert found.units == 3 and not found.notes


def test_a_manifest_with_gaps_is_used_and_the_gaps_are_told(tmp_path):
    folder_of(tmp_path)
    manifest(
        tmp_path,
        ["GO/g0.png,GO,A", "GO/g1.png,GO,A", "GO/g1.png,GO,A", "NG/gone.png,NG,B", "NG/n0.png,NG,A"],
    )
    found = photos.load(tmp_path, 8)
    assert found.serials.tolist() == ["A", "A", "", "", "A", "", "", ""]
    assert found.units == 6 and len(set(found.unit_ids.tolist())) == 6
    assert found.notes == [
        "Listed in manifest.csv but not there: 1 (first: NG/gone.png).",
        "Listed more than once in manifest.csv: 1.",
        "Without a serial in manifest.csv: 5.",
        "Both labels are given to photographs of one serial: A.",
    ]
    assert all(note in found.describe() for note in found.notes)


def test_serials_follow_their_photographs_when_one_can_not_be_read(tmp_path):
    folder_of(tmp_path)
    (tmp_path / "GO" / "g1.png").write_bytes(b"")
    manifest(
        tmp_path, [f"GO/g{i}.png,GO,A{i}" for i in range(4)] + [f"NG/n{i}.png,NG,B{i}" for i in range(4)]
    )
    assert photos.load(tmp_path, 8).serials.tolist() == ["A0", "A2", "A3", "B0", "B1", "B2", "B3"]


def test_a_manifest_without_serials_counts_photographs(tmp_path):
    folder_of(tmp_path)
    manifest(tmp_path, ["GO/g0.png,GO,"])
    found = photos.load(tmp_path, 8)
    assert found.serials is None and found.units == 8 and found.notes == ["manifest.csv gives no serials."]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("photo,label\nGO/g0.png,GO\n", "has the columns photo, label, but it needs photo and serial"),
        ("", "has the columns none"),
        ("GO/g0.png,GO,A\n", "it needs photo and serial"),
        ("photo,label,serial\nGO/g0.png,NG,A\n", "line 2 says that GO/g0.png is NG, but it lies in GO/"),
        ("photo,label,serial\nGO/g0.png,good,A\n", "line 2 says that GO/g0.png is good"),
        ("photo,label,serial\nGO/g0.png,GO,A\nGO/g0.png,GO,B\n", "line 3 lists GO/g0.png again"),
        (
            "photo,label,serial\nbad/g0.png,GO,A\n",
            "lists photographs of which none is there (first: bad/g0.png)",
        ),
        ("photo,label,serial\nGO/g,0.png,GO,A\n", "line 2 has more fields than the header"),
        ('photo,label,serial\n"GO/g0.png,GO,A\n', "is not sound CSV"),
        (b"photo,label,serial\nGO/\xe4.png,GO,A\n", "is not in UTF-8"),
        ("photo,label,serial\nGO/g0.png,GO,A\n".encode("utf-16"), "is not in UTF-8"),
    ],
)
def test_a_manifest_that_can_not_be_right_is_refused(tmp_path, text, said):
    folder_of(tmp_path)
    (tmp_path / "manifest.csv").write_bytes(text if isinstance(text, bytes) else text.encode())
    message = refused(tmp_path)
    assert said in message and "manifest.csv" in message


def test_the_manifest_inside_comes_before_the_one_beside(tmp_path):
    folder_of(tmp_path / "photos")
    manifest(tmp_path, ["GO/g0.png,GO,outer"])
    manifest(tmp_path / "photos", ["GO/g0.png,GO,inner"])
    assert photos.load(tmp_path, 8).serials[0] == "inner"


# --- Real photographs --------------------------------------------------------------------------


@pytest.mark.skipif(not IMPELLER.is_dir(), reason="the impeller photographs are not on this machine")
def test_real_photographs_stay_whole():
    found = photos.load(IMPELLER, 40)
    assert found.counts == {"GO": 65, "NG": 458} and not found.unreadable
    with (IMPELLER / "manifest.csv").open(encoding="utf-8", newline="") as file:
        rows = {row["photo"]: row for row in csv.DictReader(file)}
    assert found.serials.tolist() == [rows[name]["serial"] for name in found.names]
    assert [found.classes[label] for label in found.labels] == [rows[name]["label"] for name in found.names]
    for seed in range(5):
        parts = photos.split(found, seed)
        serials = [set(found.serials[getattr(parts, name)].tolist()) for name in photos.PARTS]
        assert sum(map(len, serials)) == len(set.union(*serials)) == found.units
