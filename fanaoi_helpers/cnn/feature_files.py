"""What the borrowed convolutions see in photographs: computed once, kept beside the decoded photographs."""

import hashlib
import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache, partial
from pathlib import Path

import numpy as np

from .. import files
from ..errors import WorkbookError
from ..progress import bar
from .backends import BACKEND
from .efficientnet import ALL_MAPS, MIDDLE_MAPS, SHA256, backbone
from .predicting import check_pixels
from .quiet import channels_last, keras

BATCH = 32
MOST_BYTES = 10_000_000_000  # kept in all; what was not opened for longest goes first
FORMAT = 2  # of a file; a new one when the same photograph would give other numbers


@dataclass(frozen=True, eq=False, repr=False)
class Features:
    """What N photographs of S x S pixels are for the borrowed convolutions.

    Attributes:
        means: (N, 2048) float16, the mean of each map that leaves a stage (``efficientnet.ALL_MAPS``): is
            something like a scratch, an eye, a wheel in the photograph, wherever it is?
        maps: (N, S / 16, S / 16, 152) float16, the maps of two middle stages (``efficientnet.MIDDLE_MAPS``),
            the finer ones averaged 2 x 2: what is at this place?
    """

    means: np.ndarray
    maps: np.ndarray

    def __len__(self) -> int:
        return len(self.means)


def features(pixels: np.ndarray, contents: Sequence[str] = ()) -> Features:
    """Return what the borrowed convolutions see in photographs; some 15 milliseconds each, the first time.

    Args:
        pixels: (N, S, S, 3) uint8, 0..255, may be memory-mapped; S is a multiple of 32, such as 224.
        contents: N SHA-256 of the files, ``album.contents``. What is known of a file's content at this size
            is taken from ``files.runs_dir()/cache/features``, and kept there; without them nothing is kept.
    """
    size = np.shape(pixels)[1] if np.ndim(pixels) == 4 else 0
    model = _seeing(size)
    check_pixels(model, pixels)
    side, channels = model.output_shape[1][1], model.output_shape[1][3]
    row = np.dtype(
        [
            ("content", "S64"),
            ("means", "<f2", model.output_shape[0][1]),
            ("maps", "<f2", (side, side, channels)),
        ]
    )
    if len(contents) != len(pixels):
        rows = _together(_looked_at(model, pixels, [""] * len(pixels), row, {}), row)
        return Features(rows["means"], rows["maps"])
    key = hashlib.sha256("\n".join([str(FORMAT), SHA256, *contents]).encode()).hexdigest()[:24]
    kept = files.runs_dir() / "cache" / "features" / f"{size}-{key}.npy"
    rows = _opened(kept, row)
    if rows is None or len(rows) != len(pixels):
        known = _known(kept.parent, size, row)
        rows = _kept(kept, partial(_looked_at, model, pixels, contents, row, known), len(pixels), row)
    return Features(rows["means"], rows["maps"])


@lru_cache(maxsize=2)
@channels_last()
def _seeing(size: int) -> keras.Model:
    """Return the model: photographs in; the means of all maps and the middle maps out."""
    model = backbone(size)
    return keras.Model(model.input, [means_of_all_maps(model), middle_maps(model)], name="borrowed_features")


def means_of_all_maps(model: keras.Model) -> keras.KerasTensor:
    """Return, as a tensor of ``model``, a `backbone`, the mean of each of its 2,048 maps."""
    layers = keras.layers
    means = [
        layers.GlobalAveragePooling2D(name=f"mean{number}")(model.get_layer(name).output)
        for number, name in enumerate(ALL_MAPS, start=2)
    ]
    return layers.Concatenate(name="means")(means)


def middle_maps(model: keras.Model) -> keras.KerasTensor:
    """Return, as a tensor of ``model``, a `backbone`, its middle maps on the coarser one's places."""
    layers = keras.layers
    fine, coarse = (model.get_layer(name).output for name in MIDDLE_MAPS)
    return layers.Concatenate(name="middle")([layers.AveragePooling2D(2, name="coarser")(fine), coarse])


def _looked_at(
    model: keras.Model,
    pixels: np.ndarray,
    contents: Sequence[str],
    row: np.dtype,
    known: dict[bytes, tuple[np.ndarray, int]],
) -> Iterator[np.ndarray]:
    """Yield rows, batch by batch, in the order of the photographs; only what is not ``known`` is computed."""
    ask = BACKEND.compiled(model)
    starts = range(0, len(pixels), BATCH)
    for start in bar(starts, len(starts), "Borrowed convolutions", unit="batch", of=len(pixels)):
        own = [content.encode() for content in contents[start : start + BATCH]]
        rows = np.zeros(len(own), row)
        missing = [place for place, content in enumerate(own) if content not in known]
        for place, content in enumerate(own):
            if content in known:
                there, number = known[content]
                rows[place] = there[number]
        if missing:
            means, maps = ask(pixels[[start + place for place in missing]])
            rows["means"][missing] = keras.ops.convert_to_numpy(means)
            rows["maps"][missing] = keras.ops.convert_to_numpy(maps)
        rows["content"] = own
        yield rows


def _together(looked: Iterator[np.ndarray], row: np.dtype) -> np.ndarray:
    return np.concatenate([np.zeros(0, row), *looked])


def _kept(path: Path, looked: Callable[[], Iterator[np.ndarray]], count: int, row: np.dtype) -> np.ndarray:
    """Write the rows and open them; where nothing can be written, keep them in memory."""
    try:
        with files.replacing(path) as beside, beside.open("wb") as file:
            header = {"descr": np.lib.format.dtype_to_descr(row), "fortran_order": False, "shape": (count,)}
            np.lib.format.write_array_header_1_0(file, header)
            for rows in looked():
                file.write(rows.tobytes())
    except WorkbookError:  # no room or no permission: then it is computed again next time
        return _together(looked(), row)
    _tidy(path)
    return _opened(path, row)


def _opened(path: Path, row: np.dtype) -> np.ndarray | None:
    """Return the rows of a file, memory-mapped; None where it is not there, or not whole."""
    try:
        rows = np.load(path, mmap_mode="r", allow_pickle=False)
        if rows.dtype != row or rows.ndim != 1:
            return None
        os.utime(path)
    except Exception:  # a damaged file can fail in any way; then it is made again
        return None
    return rows


def _known(folder: Path, size: int, row: np.dtype) -> dict[bytes, tuple[np.ndarray, int]]:
    """Return where the row of each content is that was ever looked at: the array and its number there."""
    known = {}
    for path in folder.glob(f"{size}-*.npy"):
        rows = _opened(path, row)
        if rows is not None:
            known |= {content: (rows, number) for number, content in enumerate(rows["content"].tolist())}
    return known


def _tidy(own: Path) -> None:
    """Remove what was not opened for longest until there is room."""
    with suppress(OSError):  # another run tidies too, or Windows has the file open
        found = sorted(own.parent.glob("*.npy"), key=lambda path: path.stat().st_mtime, reverse=True)
        room = MOST_BYTES
        for path in found:
            room -= path.stat().st_size
            if room < 0 and path != own:
                path.unlink()
