"""Looking at each photograph file once: what it is, what it holds, how it looks and how it was taken."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from ..photos import cache, decoding
from ..photos.decoding import Decoded
from ..photos.folders import Entry
from . import measuring


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
    measured: dict[str, float] = field(default_factory=dict)  # as `measuring.measure` returns it
    taken: dict[str, str | float] = field(default_factory=dict)  # as `measuring.taken` returns it
    bytes: int = 0  # of the file
    modified: int = 0  # when it was written, nanoseconds

    @property
    def size(self) -> str:
        """Width and height for people."""
        return f"{self.width} × {self.height}"


def inspect(root: Path, entries: Sequence[Entry]) -> list[Inspected]:
    """Return what is known of each entry in ``root``, in their order; nothing that is broken stops it."""
    opened = cache.opened(root, entries, 0, look)
    return [
        Inspected(
            *(entry.name, entry.path, entry.label, content), *facts, bytes=entry.size, modified=entry.modified
        )
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
    measured, taken = measuring.measure(decoded.pixels), measuring.taken(data, decoded.kind[0])
    facts = (*decoded.kind, width, height, digest.hexdigest(), measured, taken)
    return Decoded(None, remark=decoded.remark, facts=facts)
