"""One photograph, from a file of any kind or from memory, as a model wants it."""

import os
import warnings

import numpy as np

from .. import arrays, files
from ..errors import WorkbookError, whole_number
from .decoding import picture, resized, square


def prepare(path: str | os.PathLike, image_size: int) -> np.ndarray:
    """Return one photograph as ``load`` would: (image_size, image_size, 3) uint8 RGB, 0..255.

    Upright by its EXIF data, transparency laid on white, 16 bits scaled to 8, made smaller without aliasing.
    A model wants a batch: ``prepare(path, 80)[np.newaxis]``. Nothing is divided by 255 here: the models of
    the workbook do that themselves, in their layer ``rescale``, and twice would leave them in the dark.

    Args:
        path: PNG, JPEG, BMP, TIFF or WebP of any size and mode, whatever its name ends in.
        image_size: side of the square in pixels that it is resized to, whatever its shape.
    """
    image_size = whole_number("image_size", image_size, 1, 2048)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # Pillow's remarks on odd files; what matters is the reason
            decoded = picture(path, square(image_size))
    except (TypeError, ValueError) as error:  # no path at all, or a zero byte in it
        raise WorkbookError(f"{path!r:.80} is no path ({error}): give that of a photograph.") from error
    if decoded.reason:
        raise WorkbookError(
            f"{files.shown(path)} can't be used ({decoded.reason}): give a photograph, such as a PNG or a "
            "JPEG."
        )
    return decoded.pixels


def resize(pixels: np.ndarray, image_size: int) -> np.ndarray:
    """Return a picture in memory as ``load`` would have made it of its file: (image_size, image_size, 3).

    It is (H, W, 3) RGB or (H, W) gray, uint8: a photograph of ``fans.render``, for instance.

    >>> resize(np.full((160, 120), 7, np.uint8), 80).shape
    (80, 80, 3)
    """
    image_size = whole_number("image_size", image_size, 1, 2048)
    pixels = arrays.some("pixels", arrays.picture("pixels", pixels))
    return resized(np.ascontiguousarray(pixels), (image_size, image_size))
