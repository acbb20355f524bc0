"""One photograph, of any kind, is what the whole album would have made of it."""

import numpy as np
import pytest
from PIL import Image

from fanaoi_helpers import fans, photos
from fanaoi_helpers.errors import WorkbookError


@pytest.fixture
def kinds(tmp_path):
    """Photographs of many kinds in GO/ and NG/."""
    rng = np.random.default_rng(0)
    pixels = rng.integers(0, 256, (37, 53, 4), dtype=np.uint8)
    exif = Image.Exif()
    exif[0x0112] = 6  # lies on its side
    for label in ("GO", "NG"):
        (tmp_path / label).mkdir()
    rgb = Image.fromarray(pixels[..., :3])
    rgb.save(tmp_path / "GO" / "plain.png")
    rgb.save(tmp_path / "GO" / "turned.jpg", exif=exif)
    rgb.convert("CMYK").save(tmp_path / "GO" / "print.tif")
    rgb.convert("L").save(tmp_path / "NG" / "gray.bmp")
    rgb.convert("P").save(tmp_path / "NG" / "palette.png")
    Image.fromarray(pixels, "RGBA").save(tmp_path / "NG" / "alpha.webp", lossless=True)
    Image.fromarray(rng.integers(0, 65536, (40, 30)).astype(np.uint16)).save(tmp_path / "NG" / "deep.png")
    return tmp_path


@pytest.mark.parametrize("size", [16, 80])
def test_a_photograph_alone_is_as_in_its_album(kinds, size):
    album = photos.load(kinds, image_size=size)
    assert len(album) == 7 and not album.unreadable
    for name, pixels in zip(album.names, album.pixels, strict=True):
        alone = photos.prepare(kinds / name, size)
        assert alone.dtype == np.uint8 and alone.shape == (size, size, 3)
        assert np.array_equal(alone, pixels), name


def test_transparent_is_white_and_nothing_is_divided(tmp_path):
    Image.new("RGBA", (9, 9), (0, 0, 0, 0)).save(tmp_path / "clear.png")
    Image.new("RGB", (9, 9), (0, 128, 255)).save(tmp_path / "color.png")
    assert (photos.prepare(tmp_path / "clear.png", 4) == 255).all()
    assert photos.prepare(str(tmp_path / "color.png"), 4)[0, 0].tolist() == [0, 128, 255]


@pytest.mark.parametrize("size", [80, 128, 160, 200])
def test_a_rendered_fan_is_as_if_it_came_from_its_file(tmp_path, size):
    unit = fans.make_unit("F0001", seed=3)
    drawn = fans.render(unit, size=160).pixels
    Image.fromarray(drawn).save(tmp_path / "fan.png")
    assert np.array_equal(photos.resize(drawn, size), photos.prepare(tmp_path / "fan.png", size))
    assert photos.resize(drawn[..., 0], size).shape == (size, size, 3)
    assert np.array_equal(photos.resize(drawn[:, ::-1], 160), drawn[:, ::-1])


def test_what_is_no_photograph_is_refused_in_a_sentence(tmp_path):
    (tmp_path / "notes.txt").write_text("no photograph")
    (tmp_path / "empty.png").write_bytes(b"")
    good = np.zeros((4, 4, 3), np.uint8)
    for words, told in (
        (lambda: photos.prepare(tmp_path / "none.png", 8), "none.png can't be used (No such file"),
        (lambda: photos.prepare(tmp_path / "notes.txt", 8), "not an image that can be read"),
        (lambda: photos.prepare(tmp_path / "empty.png", 8), "(empty)"),
        (lambda: photos.prepare(tmp_path, 8), "can't be used"),
        (lambda: photos.prepare(None, 8), "is no path"),
        (lambda: photos.prepare("a\0b", 8), "is no path"),
        (lambda: photos.prepare(tmp_path / "notes.txt", 0), "image_size is 0"),
        (lambda: photos.resize(good, 5000), "image_size is 5000"),
        (lambda: photos.resize(good / 255, 8), "dtype float64, but a picture is uint8"),
        (lambda: photos.resize(good[None], 8), "shape (1, 4, 4, 3)"),
        (lambda: photos.resize(good[:0], 8), "shape (0, 4, 3)"),
        (lambda: photos.resize([[1]], 8), "a picture is uint8"),
    ):
        with pytest.raises(WorkbookError) as refused:
            words()
        assert told in str(refused.value) and "\n" not in str(refused.value)
