"""The line at work: photographs, masks and a manifest in a folder, drawn by several processes.

A folder is made like this, and the same settings always give the same bytes:

    dataset.json    how it was made; written first, so that a later run can go on and no other run can mix in
    masks/*.png     where the defect shows, 255 on 0; NG only
    photos/GO/*.png  photos/NG/*.png
    manifest.csv    one row a photograph; written last, when all the others are there

Every picture is a PNG. Where a preset's camera compresses with JPEG, the PNG holds the pixels after
compression, with the marks that it left: one kind of file to read, and nothing more is lost.
"""

import csv
import json
import os
import zlib
from collections import Counter
from contextlib import closing
from dataclasses import asdict
from pathlib import Path

import numpy as np
from joblib import cpu_count
from PIL import Image
from tqdm.auto import tqdm

from ..errors import WorkbookError, one_of, text, whole_number
from ..files import cannot_write, headless, replacing, shown
from .conditions import PRESETS
from .design import DESIGNS, Design, Unit
from .drawing import box_of
from .kinds import DEFECT_KINDS
from .scene import FIELD, LARGEST_PHOTO, SMALLEST_PHOTO
from .units import HIGHEST_SEED, MOST_UNITS, make_units
from .workers import Job, drawn, paths_of

LINE_VERSION = 2  # to be raised whenever the same settings would give other pixels
MANIFEST_COLUMNS = (
    *("photo", "label", "serial", "shot", "defect", "size", "x0", "y0", "x1", "y1"),
    *("blemish", "blemish_size"),
)
MOST_SHOTS = 100
MOST_WORKERS = 256
PARTS = ("photos/GO", "photos/NG", "masks")
HALF_WRITTEN = ".fanaoi-????????-*"  # what `replacing` leaves behind where it is killed
BATCH = 24  # photographs that a worker draws between two reports
WORTH_A_WORKER = 120  # photographs at 160x160 below which starting a process costs more than it saves


def produce(
    folder: str | os.PathLike,
    units: int,
    shots: int,
    seed: int,
    size: int = 160,
    workers: int | None = None,
    *,
    design: str = "AF120-7",
    preset: str = "usual",
) -> Path:
    """Make ``units`` fans, photograph each ``shots`` times at ``size`` × ``size`` pixels; return the folder.

    Half of the units are NG. ``design`` is one of `DESIGNS`, ``preset`` one of `PRESETS`: it says which sizes
    and blemishes there are and how the photographs are taken, from the first unit of the day to the last. An
    interrupted run is finished by the next one; a complete folder is returned at once. ``workers`` is the
    number of processes (None: one for each core, as far as it pays); the files do not depend on it.
    """
    settings = {
        "maker": "fanaoi line",
        "version": LINE_VERSION,
        "design": one_of("design", design, DESIGNS),
        "preset": one_of("preset", preset, PRESETS),
        "units": whole_number("units", units, 1, MOST_UNITS),
        "shots": whole_number("shots", shots, 1, MOST_SHOTS),
        "seed": whole_number("seed", seed, 0, HIGHEST_SEED),
        "size": whole_number("size", size, SMALLEST_PHOTO, LARGEST_PHOTO),
    }
    if workers is not None:
        workers = whole_number("workers", workers, 1, MOST_WORKERS)
    name = text("folder", os.fspath(folder) if isinstance(folder, os.PathLike) else folder)
    if name == "":
        raise WorkbookError("folder is empty, but it must name a folder for the photographs; give it a name.")
    folder = Path(name)
    lot = make_units(settings["units"], settings["seed"], preset=preset)
    try:
        _claim(folder, settings)
        strays = [stray for part in (".", *PARTS) for stray in (folder / part).glob(HALF_WRITTEN)]
        missing = [place for place, unit in enumerate(lot) if not _is_drawn(folder, unit, settings["shots"])]
        if missing:
            _draw_all(folder, settings, lot, missing, workers)
        if missing or not (folder / "manifest.csv").is_file():
            _write_manifest(folder, lot, settings)
        for stray in strays:
            stray.unlink(missing_ok=True)
    except OSError as error:
        raise cannot_write(folder, error) from error
    return folder


def summary(folder: str | os.PathLike) -> str:
    """Return in one line what a folder that `produce` made holds, from its manifest."""
    defects, photographs, blemished = {}, 0, set()
    try:
        with (Path(folder) / "manifest.csv").open(encoding="utf-8", newline="") as file:
            for row in csv.DictReader(file):
                photographs += 1
                defects[row["serial"]] = row["defect"]
                if row["blemish"]:
                    blemished.add(row["serial"])
    except (OSError, ValueError, KeyError) as error:
        raise WorkbookError(
            f"{shown(folder)} has no manifest.csv that can be read; let `fanaoi render` make it again."
        ) from error
    count = Counter(defects.values())
    bad = ", ".join(f"{count[kind]} {cls.called}" for kind, cls in DEFECT_KINDS.items() if count[kind])
    units, good = len(defects), count[""]
    return (
        f"{photographs} photograph{'s' * (photographs != 1)} of {units} unit{'s' * (units != 1)} "
        f"in {shown(folder)}: {good} GO, {units - good} NG"
        + f" ({bad})" * bool(bad)
        + f"; {len(blemished)} with a harmless blemish" * bool(blemished)
    )


def described(design: Design) -> str:
    """Return in a few words what a design looks like.

    >>> from fanaoi_helpers import fans
    >>> described(fans.AF120)
    '7 blades, square frame, 4 struts, round label'
    """
    frame = "ring with ears" if design.eared else "square frame"
    label = "round" if design.round_label else "rectangular"
    return f"{design.blades} blades, {frame}, {design.struts} struts, {label} label"


def _claim(folder: Path, settings: dict) -> None:
    """Mark ``folder`` as made with ``settings``, or refuse it."""
    note = folder / "dataset.json"
    if note.is_file():
        try:
            made = json.loads(note.read_text(encoding="utf-8"))
        except ValueError:
            made = None
        if not isinstance(made, dict) or made | {"about": None} != settings | {"about": None}:
            raise WorkbookError(
                f"{shown(folder)} {_difference(made, settings)}; choose another folder or delete it."
            )
    elif folder.exists() and not folder.is_dir():
        raise WorkbookError(f"{shown(folder)} is a file, but a folder is needed; choose another name.")
    elif any((folder / name).exists() for name in ("photos", "masks", "manifest.csv")):
        raise WorkbookError(
            f"{shown(folder)} holds photographs that the simulated line did not make; choose another folder."
        )
    else:
        with replacing(note) as beside:
            words = json.dumps(settings | {"about": _about(settings)}, indent=1, ensure_ascii=False)
            beside.write_text(words + "\n", encoding="utf-8")
    for part in PARTS:
        (folder / part).mkdir(parents=True, exist_ok=True)


def _about(settings: dict) -> dict:
    """Return what a reader of dataset.json may want to know; a later run does not compare it."""
    size = settings["size"]
    preset = asdict(PRESETS[settings["preset"]])
    return {
        "design": asdict(DESIGNS[settings["design"]]),
        "preset": {name: value for name, value in preset.items() if value is not None},
        "photographs": f"photos/*/*.png, {size} × {size} pixels, {FIELD / size:.3g} mm a pixel; where the "
        "camera compresses with JPEG, the PNG holds the pixels after compression",
        "masks": "masks/*.png, 255 where the defect shows; NG only",
        "manifest": "one row a photograph; size and blemish_size in mm; x0, y0, x1, y1 is the half-open box "
        "around the mask in pixels, empty where nothing shows",
        "order": "serials follow the day: the first was photographed at its start, the last at its end",
    }


def _difference(made: dict | list | str | float | None, settings: dict) -> str:
    """Say how a folder was ``made``, what its dataset.json holds, where that is not by ``settings``."""
    if not isinstance(made, dict):
        return "has a dataset.json that can't be read"
    for name, value in settings.items():
        if made.get(name) != value:
            return f"was made with {name} = {made.get(name)!r}, not {value!r}"
    return "was made with settings that this version does not know"


def _is_drawn(folder: Path, unit: Unit, shots: int) -> bool:
    """Tell whether all files of ``unit`` are there; they come by renaming, so that each is whole."""
    paths = (path for shot in range(shots) for path in paths_of(folder, unit, shot))
    # An empty file is what a power cut makes of a renamed one.
    return all(path.is_file() and path.stat().st_size for path in paths)


def _write_manifest(folder: Path, units: list[Unit], settings: dict) -> None:
    """Write manifest.csv; boxes come from the masks, so they fit however often the run was interrupted."""
    with (
        replacing(folder / "manifest.csv") as beside,
        beside.open("w", encoding="utf-8", newline="") as file,
    ):
        rows = csv.writer(file, lineterminator="\n")
        rows.writerow(MANIFEST_COLUMNS)
        for unit in tqdm(units, desc="manifest", unit="unit", disable=headless(), leave=False):
            size = f"{unit.defect_size:g}" if unit.defect else ""
            blemish = (unit.blemish, f"{unit.blemish_size:g}" if unit.blemish else "")
            for shot in range(settings["shots"]):
                photo, *masks = paths_of(folder, unit, shot)
                box = _box_in(*masks) if masks else None
                rows.writerow(
                    [f"{unit.label}/{photo.name}", unit.label, unit.serial, shot, unit.defect, size]
                    + [*(box or [""] * 4), *blemish]
                )


def _box_in(path: Path) -> tuple[int, int, int, int] | None:
    """Return the box around what the mask in ``path`` shows."""
    try:
        with Image.open(path) as mask:
            return box_of(np.asarray(mask) > 0)
    except (OSError, SyntaxError, ValueError, zlib.error) as error:
        raise WorkbookError(
            f"{shown(path)} can't be read as a mask; delete it and run the same again."
        ) from error


def _draw_all(
    folder: Path, settings: dict, units: list[Unit], missing: list[int], workers: int | None
) -> None:
    """Draw the ``missing`` units (places in ``units``), in this process or in several."""
    shots, last = settings["shots"], max(len(units) - 1, 1)
    if workers is None:
        cost = len(missing) * shots * max(1.0, (settings["size"] / 160) ** 2)
        workers = min(cpu_count(), max(1, int(cost // WORTH_A_WORKER)))
    step, folder = max(1, BATCH // shots), folder.absolute()
    jobs = [
        Job(folder, [(units[at], at / last) for at in missing[start : start + step]], settings)
        for start in range(0, len(missing), step)
    ]
    with (
        closing(drawn(jobs, min(workers, len(jobs)))) as counts,
        tqdm(
            total=len(units) * shots,
            initial=(len(units) - len(missing)) * shots,
            unit="photo",
            desc="fans",
            disable=headless(),
            leave=False,
        ) as bar,
    ):
        for count in counts:
            bar.update(count)
