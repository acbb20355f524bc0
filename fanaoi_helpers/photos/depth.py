"""Eight bits for each color, on white: from 16 bits, from transparency, from any mode that Pillow knows."""

from collections.abc import Iterator, Mapping
from contextlib import suppress

import numpy as np
from PIL import Image

from .kinds import Refused

DARK = "so it looks dark"  # how a remark ends that makes a photograph all but useless
_STRIP = 1_000_000  # pixels that are worked on at once where copies are made


def has_sixteen_bits(image: Image.Image, data: bytes) -> bool:
    """Tell whether each value in the file ``data`` has 16 bits; ``image`` is not loaded yet."""
    match image.format:
        case "PNG":
            return data[24] == 16
        case "TIFF":
            return max(image.tag_v2.get(258, (1,))) == 16
        case "JPEG2000":
            depth = data.find(b"\xff\x4f\xff\x51") + 42  # of the first channel, less 1
            return data[depth] & 127 == 15
        case "PPM":
            return image.tile[0].args[-1] == 65535
    return False


def eight_bits(image: Image.Image, file: bytes | None) -> tuple[Image.Image, str]:
    """Return ``image`` in mode L or RGB, transparency on white, 16 bits scaled to 8; and if it looks dark.

    It is loaded; ``file`` is all of its file where values have 16 bits, else None.
    """
    if image.mode == "F":
        raise Refused("floating-point values have no known white")
    tags = getattr(image, "tag_v2", {})
    if image.mode == "I" or image.mode.startswith("I;16"):
        scaled, dark = _scaled(np.asarray(image), tags)
        return Image.fromarray(scaled), dark
    dark, see_through = "", image.has_transparency_data
    if file is not None and image.mode != "CMYK":
        image = image if image.mode in ("RGB", "RGBA") else image.convert("RGBA" if see_through else "RGB")
        scaled, dark = _scaled(_all_bits(np.asarray(image), file), tags)
        image = Image.fromarray(scaled)
    if see_through:
        image = _on_white(image)
    return (image if image.mode in ("L", "RGB") else image.convert("RGB")), dark


def _on_white(image: Image.Image) -> Image.Image:
    """Return an image with its transparency laid on white, strip by strip to spare memory."""
    flat = Image.new("RGB", image.size)
    for top, bottom in _strips(image.height, image.width):
        part = image.crop((0, top, image.width, bottom)).convert("RGBA")
        flat.paste(
            Image.alpha_composite(Image.new("RGBA", part.size, "white"), part).convert("RGB"), (0, top)
        )
    return flat


def _strips(height: int, width: int) -> Iterator[tuple[int, int]]:
    """Yield the first row and the row behind the last of strips of about a million pixels."""
    rows = max(1, _STRIP // width)
    for top in range(0, height, rows):
        yield top, min(height, top + rows)


def _all_bits(high: np.ndarray, file: bytes) -> np.ndarray:
    """Return colors (H, W, 3 or 4) with all 16 bits as uint16.

    Pillow keeps the upper 8 bits of colors, ``high``; OpenCV keeps all of them where it reads the same. Else
    the lowest value is taken that ``high`` may have been made from by rounding; scaled to 8 bits it is the
    same again.
    """
    import cv2

    with suppress(cv2.error):
        both = cv2.imdecode(np.frombuffer(file, np.uint8), cv2.IMREAD_UNCHANGED)
        if both is not None and both.dtype == np.uint16 and both.shape == high.shape:
            swap = cv2.COLOR_BGR2RGB if both.shape[2] == 3 else cv2.COLOR_BGRA2RGBA
            cv2.cvtColor(both, swap, dst=both)
            rows = [slice(*ends) for ends in _strips(*high.shape[:2])]
            if all(np.array_equal(both[some] >> 8, high[some]) for some in rows):
                return both
    return np.maximum(high * np.int32(257) - 128, 0).astype(np.uint16)


def _scaled(values: np.ndarray, tags: Mapping[int, object]) -> tuple[np.ndarray, str]:
    """Return 16-bit values (H, W), (H, W, 3) or with opacity (H, W, 4) as uint8; and if it looks dark.

    ``tags`` are those of a TIFF, which can say what is white.
    """
    opaque = None
    if values.ndim == 3 and values.shape[2] == 4:
        values, opaque = values[..., :3], values[..., 3:]
    low, high = int(values.min()), int(values.max())
    if low < 0 or high > 65535:
        raise Refused("gray values beyond 16 bits have no known white")
    white = _white(tags, high)
    if values.ndim == 2 and tags.get(262) == 0:  # "white is zero": Pillow leaves 16 bits so
        values, high = white - values, white - low
    scaled = _to_eight_bits(values, white)
    if opaque is not None:
        high = int((values * (opaque > 0)).max())
        scaled = np.concatenate([scaled, _to_eight_bits(opaque, 65535)], axis=2)
    bits = next((bits for bits in (8, 10, 12, 14) if high < 2**bits), 16)
    if white < 65535 or not high or bits == 16:
        return scaled, ""
    doubt = f"16 bits, but no value above {2**bits - 1} (perhaps {bits} bits): white is taken to be 65535"
    return scaled, f"{doubt}, {DARK}"


def _to_eight_bits(values: np.ndarray, white: int) -> np.ndarray:
    # With 65535 this is the division by 257 that keeps white white, rounded.
    scaled = np.empty(values.shape, np.uint8)
    for top, bottom in _strips(*values.shape[:2]):
        scaled[top:bottom] = (values[top:bottom].astype(np.uint32) * 255 + white // 2) // white
    return scaled


def _white(tags: Mapping[int, object], highest: int) -> int:
    """Return which value of a 16-bit image is white: 65535, unless a TIFF says how many bits are used.

    Cameras of 10, 12 or 14 bits leave the others empty. A TIFF can say so: by BitsPerSample (258), or by
    MaxSampleValue (281), which is believed where it is all ones in binary and nothing is above.
    """
    candidates = [tags.get(281), *([2 ** tags[258][0] - 1] if tags.get(258) else [])]
    for value in candidates:
        value = value[0] if isinstance(value, tuple) and value else value
        if isinstance(value, int) and value in (1023, 4095, 16383) and highest <= value:
            return value
    return 65535
