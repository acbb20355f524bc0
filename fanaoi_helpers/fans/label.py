"""The label on the hub: printed once, stuck on, or stuck on wrongly."""

import math
from functools import lru_cache

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from .design import Design
from .picture import Picture
from .placing import Placed
from .scene import Scene, box, cover, line_of, overlap, sample
from .units import Look

PRINT = 416  # pixels across the master print
LOT_STEP = 22
WHITE, YELLOW, CREAM = (242, 242, 238), (246, 200, 40), (240, 226, 200)
BLUE, BROWN, BLACK = (24, 62, 120), (62, 34, 24), (28, 28, 32)
FIBER = 0.86  # brightness of torn paper
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
    page = page.resize(
        (texels, texels), Image.Resampling.BOX if texels * 2 < PRINT else Image.Resampling.BICUBIC
    )
    return np.ascontiguousarray(np.asarray(page, np.float32).transpose(2, 0, 1) / 255)


def draw_label(
    color: np.ndarray, picture: Picture, scene: Scene, design: Design, look: Look, defect: Placed | None
) -> None:
    """Stick the printed label on the hub: in its place, or as ``defect`` says."""
    kind, size = (defect.kind, defect.size) if defect else ("", 0.0)
    x, y, turn = look.label_x, look.label_y, look.label_turn
    if kind == "label_off_center":
        x, y = x + size * math.cos(defect.angle), y + size * math.sin(defect.angle)
    reach = math.hypot(design.label, design.label_height) if not design.round_label else design.label
    window = scene.window(x, y, reach + 2)
    texture = label_texture(design, look.lot, _texels(design.label, scene.mm))
    u, v = scene.u[window] - x, scene.v[window] - y
    if kind == "label_rotated":
        right = _stuck(design, texture, u, v, turn)
        turn += math.copysign(min(math.pi, size / design.label), defect.shape - 0.5)
    along, across, distance, ink = _stuck(design, texture, u, v, turn)
    paper = cover(distance, scene.mm)
    patch = color[:, window[0], window[1]]
    if kind == "label_rotated":
        picture.mark(window, _moved(right[3], cover(right[2], scene.mm), ink, paper))
    elif kind == "label_off_center":
        old = scene.window(look.label_x, look.label_y, reach + 2)
        here = scene.u[old] - look.label_x, scene.v[old] - look.label_y
        picture.mark(old, cover(_stuck(design, None, *here, turn)[2], scene.mm))
        picture.mark(window, paper)
    kept, there = paper, 1.0
    if kind in ("label_missing", "label_torn"):
        gone, fiber = _gone(defect, design, along, across, scene.mm)
        there = 1 - gone
        gone = overlap(gone, paper)
        picture.mark(window, gone)
        kept = paper - gone * (1 - fiber)
        ink = ink + fiber * gone * (FIBER - ink)
    lit = look.paper * (0.93 + 0.0022 * (scene.view.lamp_x * u + scene.view.lamp_y * v))
    patch *= 1 - 0.30 * line_of(distance - 0.5, 0.9) * there
    patch += kept * (ink * lit - patch)


def _stuck(
    design: Design, texture: np.ndarray | None, u: np.ndarray, v: np.ndarray, turn: float
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray | None]:
    """Return for a label turned by ``turn``: x and y on it, the distance to its edge, and its print."""
    cos, sin = math.cos(turn), math.sin(turn)
    x, y = cos * u + sin * v, cos * v - sin * u
    if design.round_label:
        distance = np.sqrt(x * x + y * y) - design.label
    else:
        distance = box(x, y, design.label, design.label_height, design.label_corner)
    ink = None if texture is None else sample(texture, x / design.label, y / design.label)
    return x, y, distance, ink


def _moved(ink: np.ndarray, paper: np.ndarray, new_ink: np.ndarray, new_paper: np.ndarray) -> np.ndarray:
    """Return where a turned label shows something else: 1 where that is plain to see."""
    other = np.abs(ink - new_ink).max(axis=0) * np.minimum(paper, new_paper)
    return np.clip(np.maximum(other * 4, np.abs(paper - new_paper)), 0, 1)


def _gone(
    defect: Placed, design: Design, along: np.ndarray, across: np.ndarray, mm: float
) -> tuple[np.ndarray, np.ndarray | float]:
    """Return how much of each pixel's label is gone, and how much of that still holds fibers of paper."""
    cos, sin = math.cos(defect.angle), math.sin(defect.angle)
    along, across = along * cos + across * sin, across * cos - along * sin
    depth = design.label - along  # from the rim inward
    if defect.kind == "label_missing":
        if defect.size >= 2 * design.label:  # the whole label: no ragged edge is left of it
            return np.ones_like(along), 0.0
        torn = depth - defect.size
        torn -= min(1.0, 0.5 * defect.size) * (0.35 * np.sin(across * 1.3) + 0.2 * np.sin(across * 3.1))
        return cover(torn, mm), 0.0
    # A strip is torn off from the rim; where it parted from the rest, the paper's white fibers show.
    across = across + 0.5 * np.sin(depth * 0.8 + defect.bend * 99) + 0.25 * np.sin(depth * 2.1)
    half = min(5.5, 1.4 + 0.18 * defect.size) * np.clip(1.15 - 0.5 * depth / defect.size, 0.3, 1.2)
    torn = np.maximum(np.abs(across) - half, depth - defect.size + 0.4 * np.sin(across * 2.4))
    gone = cover(torn, mm)
    ragged = 0.75 + 0.35 * np.sin(depth * 2.9) * np.sin(across * 3.7 + 1)
    return gone, gone - cover(torn + ragged, mm)


def _texels(radius: float, mm: float) -> int:
    """Return how many texels across a label takes: a little finer than the pixels, in steps, to be cached."""
    return max(8, int(math.ceil(2 * radius / mm * 1.25 / 8)) * 8)
