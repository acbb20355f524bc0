"""Photographs as PNG files, written as fast as they are drawn."""

import struct
import zlib

import numpy as np


def png(pixels: np.ndarray) -> bytes:
    """Return ``pixels``, (H, W) or (H, W, 3) uint8, as a PNG file (RFC 2083).

    Each row is kept as differences from pixel to pixel (filter "Sub") and coded with zlib by frequency and
    run length alone. Pillow tries all filters on every row, which takes twice as long for the same size: with
    it, writing a photograph takes nearly as long as drawing it.

    >>> png(np.zeros((2, 3), np.uint8))[:8]
    b'\\x89PNG\\r\\n\\x1a\\n'
    """
    height, width, *colors = pixels.shape
    step = colors[0] if colors else 1
    flat = pixels.reshape(height, width * step)
    rows = np.empty((height, 1 + width * step), np.uint8)
    rows[:, 0] = 1
    rows[:, 1 : 1 + step] = flat[:, :step]
    np.subtract(flat[:, step:], flat[:, :-step], out=rows[:, 1 + step :])
    coder = zlib.compressobj(level=1, strategy=zlib.Z_RLE)
    parts = (
        (b"IHDR", struct.pack(">2I5B", width, height, 8, 2 if step == 3 else 0, 0, 0, 0)),
        (b"IDAT", coder.compress(rows) + coder.flush()),
        (b"IEND", b""),
    )
    chunks = (
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        for kind, data in parts
    )
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunks)
