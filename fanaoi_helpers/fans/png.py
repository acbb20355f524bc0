"""Photographs as PNG files."""

import numpy as np


def png(pixels: np.ndarray) -> bytes:
    """Return ``pixels``, (H, W) or (H, W, 3) RGB uint8, as a PNG file.

    OpenCV takes a fifth of the time that drawing a photograph does, Pillow more than drawing it.

    >>> png(np.zeros((2, 3), np.uint8))[:8]
    b'\\x89PNG\\r\\n\\x1a\\n'
    """
    import cv2

    pixels = pixels if pixels.ndim == 2 else cv2.cvtColor(pixels, cv2.COLOR_RGB2BGR)
    return cv2.imencode(".png", pixels)[1].tobytes()
