"""What is measured of one photograph: light, color, contrast, sharpness, noise, and how it was taken."""

import io
from contextlib import suppress

import numpy as np
from PIL import ExifTags, Image

from ..photos.decoding import resized, within

MEASURED = 192  # pixels, longest side of the picture that is measured; a smaller one is never enlarged
BORDER = 0.08  # of the shorter side: how wide the border is that is looked at for the background
CORNER = 0.12  # of the shorter side: how wide the squares in the corners are
_CAMERA = {
    "make": ExifTags.Base.Make,
    "camera": ExifTags.Base.Model,
    "software": ExifTags.Base.Software,
    "time": ExifTags.Base.DateTime,
}
_EXPOSURE = {
    "time": ExifTags.Base.DateTimeOriginal,
    "lens": ExifTags.Base.LensModel,
    "exposure": ExifTags.Base.ExposureTime,
    "aperture": ExifTags.Base.FNumber,
    "iso": ExifTags.Base.ISOSpeedRatings,
    "focal": ExifTags.Base.FocalLength,
}


def measure(pixels: np.ndarray) -> dict[str, float]:
    """Return what is measured of a photograph (H, W, 3) uint8; all gray values are of 255.

    ``reach`` is the largest difference of gray within a few pixels, ``blur`` (0 to 1) how much of the
    gradients' energy is left after another blur: an edge that is soft already loses little.
    """
    import cv2

    small = resized(pixels, within(MEASURED)(pixels.shape[1::-1]))
    gray = cv2.cvtColor(small, cv2.COLOR_RGB2GRAY)
    height, width = gray.shape
    quiet = cv2.GaussianBlur(gray.astype(np.float32), (0, 0), 1.0)
    window = np.ones((9, 9), np.uint8)
    reach = cv2.dilate(quiet, window) - cv2.erode(quiet, window)
    fine, coarse = (_energy(picture) for picture in (quiet, cv2.GaussianBlur(quiet, (0, 0), 2.0)))
    red, green, blue = (float(value) for value in cv2.mean(small)[:3])
    edge, corner = (max(1, round(share * min(height, width))) for share in (BORDER, CORNER))
    corners = [gray[rows, columns] for rows in _ends(corner) for columns in _ends(corner)]
    low, high = np.percentile(gray, (5, 95)).tolist()
    border = border_color(small, edge)
    values = {
        "mean": float(gray.mean()),
        "low": low,
        "high": high,
        "clipped": float(np.mean(gray >= 250)),
        "contrast": float(quiet.std()),
        "reach": float(np.percentile(reach, 99)),
        "blur": coarse / (fine + 1e-6),
        # Of what a blur takes away half lies below this: edges are few, noise is everywhere.
        "noise": float(np.median(np.abs(gray - quiet))),
        "chroma": float(np.mean(small.max(axis=2) - small.min(axis=2), dtype=np.float64)),
        "warm": red - blue,
        "green": green - (red + blue) / 2,
        "border": sum(border) / 3,
        "border_warm": border[0] - border[2],
        "border_green": border[1] - (border[0] + border[2]) / 2,
        "corners": float(np.mean([part.mean() for part in corners])),
        "middle": float(gray[height // 3 : -(-2 * height // 3), width // 3 : -(-2 * width // 3)].mean()),
    }
    return {name: round(value, 4) for name, value in values.items()}


def _energy(picture: np.ndarray) -> float:
    """Return the mean square of the gradient."""
    import cv2

    return sum(float(np.mean(cv2.Sobel(picture, cv2.CV_32F, *order) ** 2)) for order in ((1, 0), (0, 1)))


def _ends(wide: int) -> tuple[slice, slice]:
    return slice(None, wide), slice(-wide, None)


def border_color(pixels: np.ndarray, wide: int) -> tuple[float, float, float]:
    """Return the mean red, green and blue along the border of a photograph (H, W, 3) uint8.

    >>> border_color(np.full((50, 40, 3), (10, 20, 30), np.uint8), 3)
    (10.0, 20.0, 30.0)
    """
    strips = (pixels[:wide], pixels[-wide:], pixels[wide:-wide, :wide], pixels[wide:-wide, -wide:])
    colors = np.concatenate([strip.reshape(-1, 3) for strip in strips])
    return tuple(round(float(value), 3) for value in colors.mean(axis=0))


def taken(data: bytes, kind: str) -> dict[str, str | float]:
    """Return how the photograph in ``data`` was taken and saved, as far as the file says so.

    ``coarse`` is the mean step of a JPEG's table: the larger, the stronger the compression.
    """
    if kind not in ("JPEG", "TIFF", "WEBP"):  # Pillow decodes a PNG to look for EXIF data
        return {}
    found: dict[str, str | float] = {}
    with suppress(Exception), Image.open(io.BytesIO(data), formats=["JPEG", "MPO", "TIFF", "WEBP"]) as image:
        for table in list(getattr(image, "quantization", {}).values())[:1]:
            found["coarse"] = float(np.mean(table))
        exif = image.getexif()
        for tags, known in ((exif, _CAMERA), (exif.get_ifd(ExifTags.IFD.Exif), _EXPOSURE)):
            for name, tag in known.items():
                with suppress(Exception):  # broken EXIF data tell nothing, and that is all
                    value = tags[tag]
                    value = value[0] if isinstance(value, tuple) else value
                    found[name] = value.strip("\0 ")[:80] if isinstance(value, str) else float(value)
    return {name: value for name, value in found.items() if isinstance(value, str) or np.isfinite(value)}
