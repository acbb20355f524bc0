"""The line at work: photographs, masks and a manifest in a folder, drawn by several processes.

A folder is made like this, and the same settings always give the same bytes:

    dataset.json    how it was made; written first, so that a later run can go on and no other run can mix in
    masks/*.png     where the defect shows, 255 on 0; NG only
    photos/GO/*.png  photos/NG/*.png
    manifest.csv    one row a photograph; written last, when all the others are there
"""

import csv
import json
import os
import struct
import time
import zlib
from pathlib import Path

import numpy as np
from joblib import Parallel, delayed
from PIL import Image
from tqdm.auto import tqdm

from ..errors import WorkbookError, text, whole_number
from ..files import cannot_write, headless, replacing, shown
from .design import AF120, HIGHEST_SEED, MOST_UNITS, Unit, make_units
from .drawing import LARGEST_PHOTO, SMALLEST_PHOTO, box_of, render

LINE_VERSION = 1  # to be raised whenever the same settings would give other pixels
MANIFEST_COLUMNS = ("photo", "label", "serial", "shot", "defect", "size", "x0", "y0", "x1", "y1")
MOST_SHOTS = 100
BATCH = 8  # units that a worker draws between two reports
WORTH_A_WORKER = 120  # photographs at 160x160 below which starting a process costs more than it saves


def produce(
    folder: str | os.PathLike, units: int, shots: int, seed: int, size: int = 160, workers: int | None = None
) -> Path:
    """Make ``units`` fans, photograph each ``shots`` times at ``size`` × ``size`` pixels; return the folder.

    Half of the units are NG. An interrupted run is finished by the next one; a complete folder is returned at
    once. ``workers`` is the number of processes (None: one for each core, as far as it pays); the files do
    not depend on it.

    Raises:
        WorkbookError: a parameter out of range, a folder that holds something else or can't be written.
    """
    settings = {
        "maker": "fanaoi line",
        "version": LINE_VERSION,
        "design": AF120.name,
        "units": whole_number("units", units, 1, MOST_UNITS),
        "shots": whole_number("shots", shots, 1, MOST_SHOTS),
        "seed": whole_number("seed", seed, 0, HIGHEST_SEED),
        "size": whole_number("size", size, SMALLEST_PHOTO, LARGEST_PHOTO),
    }
    if workers is not None:
        workers = whole_number("workers", workers, 1, 256)
    folder = Path(text("folder", str(folder) if isinstance(folder, os.PathLike) else folder))
    started = time.time()
    fans = make_units(settings["units"], settings["seed"])
    try:
        fresh = _claim(folder, settings)
        missing = [place for place, unit in enumerate(fans) if not _is_there(folder, unit, settings, fresh)]
        if missing:
            _draw_all(folder, settings, missing, workers, fans)
        elif (folder / "manifest.csv").is_file():
            return folder
        _write_manifest(folder, fans, settings)
        _sweep(folder, started)
    except OSError as error:
        raise cannot_write(folder, error) from error
    return folder


def photo_name(unit: Unit, shot: int) -> str:
    """Return where a photograph lies below photos/.

    >>> from fanaoi_helpers import fans
    >>> photo_name(fans.make_unit("F0001", seed=3), 2)
    'GO/F0001_2.png'
    """
    return f"{unit.label}/{unit.serial}_{shot}.png"


def _claim(folder: Path, settings: dict) -> set[str]:
    """Mark ``folder`` as made with ``settings``, or refuse it; return the files that it has already."""
    note = folder / "dataset.json"
    parts = ("photos/GO", "photos/NG", "masks")
    if note.is_file():
        try:
            found = json.loads(note.read_text(encoding="utf-8"))
        except ValueError:
            found = None
        if found != settings:
            raise WorkbookError(
                f"{shown(folder)} {_difference(found, settings)}; choose another folder or delete it."
            )
    elif folder.exists() and not folder.is_dir():
        raise WorkbookError(f"{shown(folder)} is a file, but a folder is needed; choose another name.")
    elif any((folder / name).exists() for name in ("photos", "masks", "manifest.csv")):
        raise WorkbookError(
            f"{shown(folder)} holds photographs that the simulated line did not make; choose another folder."
        )
    else:
        with replacing(note) as beside:
            beside.write_text(json.dumps(settings, indent=1) + "\n", encoding="utf-8")
    there = set()
    for part in parts:
        (folder / part).mkdir(parents=True, exist_ok=True)
        there.update(f"{part}/{entry.name}" for entry in os.scandir(folder / part))
    return there


def _difference(found: object, asked: dict) -> str:
    """Say how a folder was made, where that is not as ``asked``."""
    if not isinstance(found, dict):
        return "has a dataset.json that can't be read"
    for name, value in asked.items():
        if found.get(name) != value:
            return f"was made with {name} = {found.get(name)!r}, not {value!r}"
    return "was made with settings that this version does not know"


def _is_there(folder: Path, unit: Unit, settings: dict, there: set[str]) -> bool:
    """Tell whether all files of ``unit`` are ``there``; files are whole, they come by renaming."""
    names = [f"photos/{photo_name(unit, shot)}" for shot in range(settings["shots"])]
    if unit.defect:
        names += [f"masks/{unit.serial}_{shot}.png" for shot in range(settings["shots"])]
    return there.issuperset(names)


def _draw_unit(folder: Path, unit: Unit, settings: dict) -> None:
    """Write all photographs of a unit, and its masks first."""
    for shot in range(settings["shots"]):
        taken = render(unit, shot, settings["size"])
        if unit.defect:
            _save(folder / "masks" / f"{unit.serial}_{shot}.png", taken.mask.astype(np.uint8) * 255)
        _save(folder / "photos" / photo_name(unit, shot), taken.pixels)


def _save(path: Path, pixels: np.ndarray) -> None:
    """Write ``pixels`` (H, W) or (H, W, 3) uint8 as a PNG."""
    with replacing(path) as beside:
        beside.write_bytes(_png(pixels))


def _png(pixels: np.ndarray) -> bytes:
    """Return ``pixels`` as a PNG file (RFC 2083).

    Each row is kept as differences from pixel to pixel (filter "Sub") and coded with zlib by frequency and
    run length alone. Pillow tries all filters on every row, which takes twice as long for the same size: with
    it, writing a photograph takes nearly as long as drawing it.
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


def _write_manifest(folder: Path, fans: list[Unit], settings: dict) -> None:
    """Write manifest.csv; boxes come from the masks, so they fit however often the run was interrupted."""
    with (
        replacing(folder / "manifest.csv") as beside,
        beside.open("w", encoding="utf-8", newline="") as file,
    ):
        rows = csv.writer(file, lineterminator="\n")
        rows.writerow(MANIFEST_COLUMNS)
        for unit in fans:
            for shot in range(settings["shots"]):
                box = None
                if unit.defect:
                    with Image.open(folder / "masks" / f"{unit.serial}_{shot}.png") as mask:
                        box = box_of(np.asarray(mask) > 0)
                size = f"{unit.defect_size:g}" if unit.defect else ""
                name = photo_name(unit, shot)
                rows.writerow([name, unit.label, unit.serial, shot, unit.defect, size, *(box or [""] * 4)])


def _sweep(folder: Path, before: float) -> None:
    """Delete what a killed run left half written; what others are writing now is younger than ``before``."""
    for part in ("", "photos/GO", "photos/NG", "masks"):
        for stray in (folder / part).glob(".*-*"):
            if stray.suffix in (".png", ".csv", ".json") and stray.stat().st_mtime < before:
                stray.unlink(missing_ok=True)


def _draw_all(
    folder: Path, settings: dict, missing: list[int], workers: int | None, fans: list[Unit]
) -> None:
    """Draw the ``missing`` units (places in ``fans``), in this process or in several."""
    photographs = len(missing) * settings["shots"]
    if workers is None:
        cost = photographs * max(1.0, (settings["size"] / 160) ** 2)
        workers = min(os.cpu_count() or 1, max(1, int(cost // WORTH_A_WORKER)))
    units = [fans[place] for place in missing]
    batches = [units[start : start + BATCH] for start in range(0, len(units), BATCH)]
    # joblib starts fresh processes: they neither import the main module nor copy a loaded TensorFlow.
    drawn = Parallel(n_jobs=workers, return_as="generator_unordered")(
        delayed(_draw_units)(folder.absolute(), batch, settings) for batch in batches
    )
    with tqdm(total=photographs, unit="photo", desc="fans", disable=headless(), leave=False) as bar:
        for count in drawn:
            bar.update(count * settings["shots"])


def _draw_units(folder: Path, units: list[Unit], settings: dict) -> int:
    """Draw some units and return how many."""
    for unit in units:
        _draw_unit(folder, unit, settings)
    return len(units)
