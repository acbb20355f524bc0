"""What a run leaves on disk, and opening a model again."""

from __future__ import annotations

import csv
import json
import os
import re
import zipfile
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from .. import files
from ..errors import WorkbookError
from ..photos import splitting
from .backend import device, grow_gpu_memory, keras, versions
from .checkpoints import forget
from .parameters import RunParameters

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from ..photos import Photos, Split
    from ..verdicts import Verdicts


def metrics(
    parameters: RunParameters, photos: Photos, split: Split, verdicts: Verdicts, seconds: float
) -> dict[str, object]:
    """Return what ``metrics.json`` says about a run, as plain values.

    Args:
        parameters: what the run was told.
        photos: the photographs of the run.
        split: their three parts.
        verdicts: of the sealed test.
        seconds: that the run took.
    """
    # What the split was told to keep together does not hide a serial that it tore apart.
    unit_of = splitting.joined(photos.unit_ids, split.groups)
    units = {part: set(unit_of[index].tolist()) for part, index in split.parts.items()}
    sides = Counter(unit for held in units.values() for unit in held)
    return {
        "parameters": parameters.as_dict(),
        "versions": versions(),
        "device": device(),
        "seconds": round(float(seconds), 2),
        "split_by": split.by,
        "photographs": {part: len(index) for part, index in split.parts.items()},
        "units": {part: len(held) for part, held in units.items()},
        "units_on_two_sides": sum(count > 1 for count in sides.values()),
        "test": verdicts.as_dict(),
    }


def save_run(
    output_dir: str | os.PathLike,
    model: keras.Model,
    history: Mapping[str, list[float]],
    metrics: Mapping[str, object],
    figures: Mapping[str, Figure] | None = None,
) -> Path:
    """Write a run: ``model.keras``, ``history.csv``, ``figures/NAME.png`` and, last of all, ``metrics.json``.

    So a folder with a ``metrics.json`` holds a whole run: one from an earlier run is removed first. The
    checkpoint of a training with this folder as ``resume_dir`` has served its purpose then and is removed.

    Args:
        output_dir: folder, made where it is missing.
        model: the trained model.
        history: lists of one float per epoch, as :func:`train` returns them.
        metrics: plain values; numbers must be finite.
        figures: a picture by name (letters, digits, ``_`` and ``-``).

    Returns:
        The folder.

    Raises:
        WorkbookError: the folder can't be written, or the results can't be told in a file.
    """
    folder = Path(output_dir)
    figures = figures or {}
    for name in figures:
        if not re.fullmatch(r"[A-Za-z0-9_-]+", name):
            raise WorkbookError(
                f"figures has the name {name!r}, but a name takes letters, digits, _ and - only."
            )
    try:
        told = json.dumps(metrics, indent=2, ensure_ascii=False, allow_nan=False) + "\n"
    except (TypeError, ValueError) as error:
        raise WorkbookError(
            f"metrics can't be written as JSON ({error}); give plain texts, finite numbers, lists and dicts."
        ) from error
    columns = [
        name for name in ("loss", "accuracy", "val_loss", "val_accuracy", "seconds") if name in history
    ]

    try:
        (folder / "metrics.json").unlink(missing_ok=True)
    except OSError as error:
        raise files.cannot_write(folder / "metrics.json", error) from error
    with files.replacing(folder / "model.keras") as path:
        model.save(path)
    with (
        files.replacing(folder / "history.csv") as path,
        path.open("w", encoding="utf-8", newline="") as file,
    ):
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["epoch", *columns])
        for epoch, values in enumerate(zip(*(history[name] for name in columns), strict=True), start=1):
            writer.writerow([epoch, *(f"{value:.6g}" for value in values)])
    for name, figure in figures.items():
        with files.replacing(folder / "figures" / f"{name}.png") as path:
            figure.savefig(path)
    with files.replacing(folder / "metrics.json") as path:
        path.write_text(told, encoding="utf-8", newline="\n")
    forget(folder)
    return folder


def load(path: str | os.PathLike) -> keras.Model:
    """Return the model of a ``.keras`` file, ready to :func:`predict`.

    Keras' safe mode is on: a file can't bring code of its own.

    Raises:
        WorkbookError: the file is missing, broken, unsafe, or its model is of another kind than photographs
            (N, size, size, 3) in, one probability out.
    """
    path = Path(path)
    name = files.shown(path)
    if not path.is_file():
        raise WorkbookError(f"{name} is not there; train a model first, or give the path of a .keras file.")
    if path.suffix != ".keras" or not zipfile.is_zipfile(path):
        raise WorkbookError(
            f"{name} is not a .keras file, or only a part of one; train the model again and save it."
        )
    grow_gpu_memory()
    try:
        model = keras.saving.load_model(path, compile=False, safe_mode=True)
    except Exception as error:  # Keras raises many kinds, with messages of many lines
        if "safe_mode" in str(error) or "unsafe" in str(error).lower():
            why = "it brings code of its own, which could do anything on this machine"
        else:
            why = f"it is broken or was written by another program: {type(error).__name__}"
        raise WorkbookError(
            f"{name} can't be loaded ({why}); use a model that this workbook saved."
        ) from error
    takes, gives = getattr(model, "input_shape", None), getattr(model, "output_shape", None)
    square = (
        isinstance(takes, tuple) and len(takes) == 4 and takes[3] == 3 and takes[1] == takes[2] is not None
    )
    # The smallest of several probabilities is one, too: `four_looks` ends so.
    last = [one for one in model.layers if not isinstance(one, keras.layers.Minimum)][-1:]
    ends_in = getattr(last[0], "activation", None) if last else None
    if not square or gives != (None, 1) or ends_in is not keras.activations.sigmoid:
        raise WorkbookError(
            f"{name} holds a model that takes {takes} and gives {gives}, but it must take square color "
            "photographs (None, size, size, 3) and give one probability (None, 1) by a sigmoid."
        )
    return model
