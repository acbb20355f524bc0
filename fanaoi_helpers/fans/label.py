"""The round label on the hub: printed once, then sampled."""

from functools import lru_cache

import numpy as np
from PIL import Image, ImageDraw, ImageFont

PRINT = 416  # pixels across the master print
LOT_STEP = 22
PAPER = (242, 242, 238)
BLUE = (24, 62, 120)
BLACK = (28, 28, 32)


@lru_cache(maxsize=1)
def _master() -> Image.Image:
    """Return the print that all labels of the design share, (PRINT, PRINT) RGB."""
    page = Image.new("RGB", (PRINT, PRINT), PAPER)
    pen = ImageDraw.Draw(page)
    middle = PRINT // 2
    pen.ellipse((12, 12, PRINT - 12, PRINT - 12), outline=BLUE, width=13)
    pen.rectangle((62, 92, PRINT - 62, 158), fill=BLUE)
    lines = (
        (125, 58, "FANAOI", PAPER),
        (62, 30, "AXIAL FAN", BLACK),
        (190, 40, "AF120-7", BLACK),
        (238, 36, "DC 12V 0.25A", BLACK),
    )
    _write(pen, 104, 289, 36, "LOT", BLACK)
    for height, size, words, ink in lines:
        _write(pen, middle, height, size, words, ink)
    for place, bar in enumerate("1101001100101101001011001101"):
        if bar == "1":
            pen.rectangle((123 + 6 * place, 318, 128 + 6 * place, 350), fill=BLACK)
    return page


def _write(
    pen: ImageDraw.ImageDraw, x: int, y: int, size: int, words: str, ink: tuple[int, int, int]
) -> None:
    """Write ``words`` centered at (x, y), a little bold so that they survive few pixels."""
    pen.text((x, y), words, ink, ImageFont.load_default(size), anchor="mm", stroke_width=max(1, size // 26))


@lru_cache(maxsize=16)
def _glyph(letter: str) -> Image.Image:
    """Return one letter of a lot code; writing with a font is slow, and there are only eleven of them."""
    cell = Image.new("RGB", (LOT_STEP, 46), PAPER)
    _write(ImageDraw.Draw(cell), LOT_STEP // 2, 23, 36, letter, BLACK)
    return cell


@lru_cache(maxsize=8)
def label_texture(lot: str, texels: int) -> np.ndarray:
    """Return the label with lot code ``lot`` as (3, texels, texels) float32 from 0 to 1."""
    page = _master().copy()
    for place, letter in enumerate(lot):
        page.paste(_glyph(letter), (146 + LOT_STEP * place, 266))
    # Box averages first when the label is small: text keeps its weight.
    page = page.resize(
        (texels, texels), Image.Resampling.BOX if texels * 2 < PRINT else Image.Resampling.BICUBIC
    )
    return np.ascontiguousarray(np.asarray(page, np.float32).transpose(2, 0, 1) / 255)
