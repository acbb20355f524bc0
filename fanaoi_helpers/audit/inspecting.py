"""Looking at each photograph file once: what it is, what it holds, and how its border looks."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ..photos import cache, decoding
from ..photos.decoding import Decoded
from ..photos.folders import Entry

BORDER = 0.08  # of the shorter side: how wide the border is that is looked at for the background


@dataclass(frozen=True)
class Inspected:
    """One photograph file as the audit sees it; what follows ``reason`` is empty where it can't be read."""

    name: str  # relative to the folder that holds the class folders, with slashes
    path: str
    label: int  # 1 or 0
    content: str = ""  # SHA-256 of the file
    reason: str = ""  # why it can't be read, "" if it can
    remark: str = ""  # what is odd and yet usable, "" for nothing
    format: str = ""  # of the file, such as "PNG", whatever its name ends in
    mode: str = ""  # Pillow's word for what a pixel is: "L" gray, "RGB", "P" palette, "I;16", "CMYK" …
    width: int = 0  # pixels, upright
    height: int = 0
    pixels: str = ""  # a hash of them as decoded: the same photograph as PNG and BMP has the same
    border: tuple[float, float, float] = (0.0, 0.0, 0.0)  # mean red, green, blue (0..255) along it

    @property
    def size(self) -> str:
        """Width and height for people."""
        return f"{self.width} × {self.height}"


def inspect(root: Path, entries: Sequence[Entry]) -> list[Inspected]:
    """Return what is known of each entry in ``root``, in their order; nothing that is broken stops it."""
    opened = cache.opened(root, entries, 0, look)
    return [
        Inspected(entry.name, entry.path, entry.label, content, *facts)
        for entry, content, facts in zip(entries, opened.contents, opened.facts, strict=True)
    ]


def look(data: bytes) -> Decoded:
    """Return what the audit wants to know of the photograph in ``data``, and no pixels."""
    decoded = decoding.decode(data, lambda size: size)
    if decoded.pixels is None:
        return decoded
    height, width = decoded.pixels.shape[:2]
    digest = hashlib.sha256(f"{height} {width}\n".encode())
    digest.update(np.ascontiguousarray(decoded.pixels))  # without a copy: it may be large
    facts = (*decoded.kind, width, height, digest.hexdigest(), border_color(decoded.pixels))
    return Decoded(None, remark=decoded.remark, facts=facts)


def border_color(pixels: np.ndarray) -> tuple[float, float, float]:
    """Return the mean red, green and blue along the border of a photograph (H, W, 3) uint8.

    >>> border_color(np.full((50, 40, 3), (10, 20, 30), np.uint8))
    (10.0, 20.0, 30.0)
    """
    height, width = pixels.shape[:2]
    wide = max(1, round(BORDER * min(height, width)))
    strips = (pixels[:wide], pixels[-wide:], pixels[wide:-wide, :wide], pixels[wide:-wide, -wide:])
    colors = np.concatenate([strip.reshape(-1, 3) for strip in strips])
    return tuple(round(float(value), 3) for value in colors.mean(axis=0))
