"""The label on the hub: printed once, stuck on, or stuck on wrongly."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from .design import Design
from .picture import Hurt, Picture
from .scene import Scene, Window, box, cover, line_of, sample

PRINT = 416  # pixels across the master print
LOT_STEP = 22
WHITE, YELLOW, CREAM = (242, 242, 238), (246, 200, 40), (240, 226, 200)
BLUE, BROWN, BLACK = (24, 62, 120), (62, 34, 24), (28, 28, 32)
# By print: paper and ink, and where the lot code begins.
PRINTS = {
    "roundel": (WHITE, BLACK, (146, 266)),
    "panel": (YELLOW, BLACK, (120, 266)),
    "plate": (BROWN, CREAM, (150, 258)),
}


@lru_cache(maxsize=4)
def _master(design: Design) -> Image.Image:
    """Return the print that all labels of the ``design`` share, (PRINT, PRINT) RGB."""
    paper, ink, (lot_x, lot_y) = PRINTS[design.print]
    page = Image.new("RGB", (PRINT, PRINT), paper)
    pen = ImageDraw.Draw(page)
    middle, last = PRINT // 2, PRINT - 1
    if design.print == "roundel":
        pen.ellipse((12, 12, PRINT - 12, PRINT - 12), outline=BLUE, width=13)
        pen.rectangle((62, 92, PRINT - 62, 158), fill=BLUE)
        lines = ((62, 30, "AXIAL FAN", ink), (125, 58, "FANAOI", paper), (190, 40, design.name, ink))
        lines += ((238, 36, "DC 12V 0.25A", ink),)
        bars = (123, 318, 350)
    elif design.print == "panel":
        pen.rectangle((0, 0, last, 120), fill=ink)
        lines = ((62, 74, "FANAOI", paper), (162, 52, design.name, ink), (220, 40, "12V DC  0.40A", ink))
        bars = (123, 326, 380)
    else:
        pen.rectangle((14, 86, PRINT - 14, PRINT - 86), outline=ink, width=7)
        lines = ((128, 56, "FANAOI", ink), (182, 36, design.name, ink), (226, 32, "12V 0.13A", ink))
        bars = (123, 304, 318)
    _write(pen, lot_x - 42, lot_y + 23, 36, "LOT", ink)
    for height, size, words, tone in lines:
        _write(pen, middle, height, size, words, tone)
    left, top, bottom = bars
    for place, bar in enumerate("1101001100101101001011001101"):
        if bar == "1":
            pen.rectangle((left + 6 * place, top, left + 5 + 6 * place, bottom), fill=ink)
    return page


def _write(
    pen: ImageDraw.ImageDraw, x: int, y: int, size: int, words: str, ink: tuple[int, int, int]
) -> None:
    """Write ``words`` centered at (x, y), a little bold so that they survive few pixels."""
    pen.text((x, y), words, ink, ImageFont.load_default(size), anchor="mm", stroke_width=max(1, size // 26))


@lru_cache(maxsize=64)
def _glyph(letter: str, print_: str) -> Image.Image:
    """Return one letter of a lot code; writing with a font is slow, and there are only eleven of them."""
    paper, ink, _ = PRINTS[print_]
    cell = Image.new("RGB", (LOT_STEP, 46), paper)
    _write(ImageDraw.Draw(cell), LOT_STEP // 2, 23, 36, letter, ink)
    return cell


@lru_cache(maxsize=8)
def label_texture(design: Design, lot: str, texels: int) -> np.ndarray:
    """Return the label with lot code ``lot`` as (3, texels, texels) float32 from 0 to 1."""
    page = _master(design).copy()
    x, y = PRINTS[design.print][2]
    for place, letter in enumerate(lot):
        page.paste(_glyph(letter, design.print), (x + LOT_STEP * place, y))
    # Box averages first when the label is small: text keeps its weight.
    how = Image.Resampling.BOX if texels * 2 < PRINT else Image.Resampling.BICUBIC
    page = page.resize((texels, texels), how)
    return np.ascontiguousarray(np.asarray(page, np.float32).transpose(2, 0, 1) / 255)


@dataclass(frozen=True)
class Sticker:
    """A label where it is stuck on: planes of a ``window`` of the picture."""

    window: Window
    u: np.ndarray  # mm from its middle on the fan
    v: np.ndarray
    along: np.ndarray  # and on the label itself
    across: np.ndarray
    distance: np.ndarray  # mm to its edge
    ink: np.ndarray  # what is printed on it
    paper: np.ndarray  # how much of each pixel it covers
    shadow: np.ndarray | float = 1.0  # the share of the edge's shadow that is left


Stick = Callable[[Scene], tuple[Sticker, Sequence[Hurt]]]


def stuck(scene: Scene, x: float = 0.0, y: float = 0.0, turn: float = 0.0) -> Sticker:
    """Return the label where it belongs on this fan, or so many mm and radians off."""
    design, look = scene.design, scene.look
    x, y, turn = look.label_x + x, look.label_y + y, look.label_turn + turn
    reach = design.label if design.round_label else math.hypot(design.label, design.label_height)
    window = scene.window(x, y, reach + 2)
    u, v = scene.u[window] - x, scene.v[window] - y
    cos, sin = math.cos(turn), math.sin(turn)
    along, across = cos * u + sin * v, cos * v - sin * u
    if design.round_label:
        distance = np.sqrt(along * along + across * across) - design.label
    else:
        distance = box(along, across, design.label, design.label_height, design.label_corner)
    # A little finer than the pixels, in steps, to be cached.
    texels = max(8, int(math.ceil(2 * design.label / scene.mm * 1.25 / 8)) * 8)
    texture = label_texture(design, look.lot, texels)
    ink = sample(texture, along / design.label, across / design.label)
    return Sticker(window, u, v, along, across, distance, ink, cover(distance, scene.mm))


def draw_label(color: np.ndarray, picture: Picture, scene: Scene, stick: Stick) -> None:
    """Stick the printed label on the hub; ``stick`` says how, and where that is wrong."""
    sticker, hurts = stick(scene)
    for hurt in hurts:
        picture.mark(*hurt)
    patch = color[:, sticker.window[0], sticker.window[1]]
    slope = 0.0022 * (scene.view.lamp_x * sticker.u + scene.view.lamp_y * sticker.v)
    patch *= 1 - 0.30 * line_of(sticker.distance - 0.5, 0.9) * sticker.shadow
    patch += sticker.paper * (sticker.ink * (scene.look.paper * (0.93 + slope)) - patch)
