"""What a run leaves on disk, and opening a model again."""

from __future__ import annotations

import hashlib
import json
import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from .. import files
from ..errors import WorkbookError
from ..meaning import PIXELS, TELL, Meaning
from ..photos import learned
from . import archives
from .callbacks import NAMES
from .checkpoints import forget
from .hardware import device, ready_gpu, versions
from .quiet import keras

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from ..parameters import Plain
    from ..photos import Photos, Split
    from ..verdicts import Verdicts


def metrics(
    parameters: Mapping[str, Plain], photos: Photos, split: Split, verdicts: Verdicts, seconds: float
) -> dict[str, object]:
    """Return what ``metrics.json`` says about a run, as plain values.

    Args:
        parameters: what the run was told, by name.
        photos: the photographs of the run.
        split: their three parts.
        verdicts: of the sealed test.
        seconds: that the run took.
    """
    split = split.with_units(photos.unit_ids)
    if len(verdicts.labels) == len(split.test):
        verdicts = verdicts.with_units(split.groups[split.test])
    of_each = {}
    for part, index in split.parts.items():
        each = {photos.classes[label]: index[photos.labels[index] == label] for label in (1, 0)}
        of_each[part] = {
            name: {"photographs": len(some), "units": len(np.unique(split.groups[some]))}
            for name, some in each.items()
        }
    return {
        "parameters": dict(parameters),
        "versions": versions(),
        "device": device(),
        "seconds": round(float(seconds), 2),
        "split_by": split.by,
        "photographs": {part: len(index) for part, index in split.parts.items()},
        "units": split.units,
        "of_each_class": of_each,
        "units_on_two_sides": split.torn,
        "test": verdicts.as_dict(),
    }


def save_run(
    output_dir: str | os.PathLike,
    model: keras.Model,
    history: Mapping[str, list[float]],
    metrics: Mapping[str, object],
    figures: Mapping[str, Figure] | None = None,
    photos: Photos | None = None,
    split: Split | None = None,
) -> Path:
    """Write a run: ``model.keras``, ``history.csv``, ``figures/NAME.png`` and, last of all, ``metrics.json``.

    With ``photos`` and ``split`` also ``photographs.csv``: which photographs, by content, were in which part,
    so that `fanaoi inspect` can say which of those that it judges the model has learned from.
    ``metrics.json`` gets the SHA-256 of ``model.keras`` as ``model_sha256``.

    So a folder with a ``metrics.json`` holds a whole run: one from an earlier run is removed first. The
    checkpoint of a training with this folder as ``resume_dir`` has served its purpose then and is removed.

    Args:
        output_dir: folder, made where it is missing.
        model: the trained model.
        history: lists of one float per epoch, as :func:`train` returns them.
        metrics: plain values; numbers must be finite.
        figures: a picture by name (letters, digits, ``_`` and ``-``).
        photos, split: the photographs of the run and their three parts.

    Returns:
        The folder.
    """
    folder = Path(output_dir)
    figures = figures or {}
    for name in figures:
        if not re.fullmatch(r"[A-Za-z0-9_-]+", name):
            raise WorkbookError(
                f"figures has the name {name!r}, but a name takes letters, digits, _ and - only."
            )
    try:
        _json(metrics)  # refused before the run that was there before is touched
    except (TypeError, ValueError) as error:
        raise WorkbookError(
            f"metrics can't be written as JSON ({error}); give plain texts, finite numbers, lists and dicts."
        ) from error
    columns = [name for name in (*NAMES, "seconds") if name in history]

    for name in ("metrics.json", learned.FILE):
        try:
            (folder / name).unlink(missing_ok=True)
        except OSError as error:
            raise files.cannot_write(folder / name, error) from error
    saved = save(model, folder / "model.keras")
    digest = hashlib.sha256(saved.read_bytes()).hexdigest()
    if photos is not None and split is not None and len(photos.contents) == len(photos):
        files.write(folder / learned.FILE, learned.table(photos, split))
    lines = [["epoch", *columns]]
    for epoch, values in enumerate(zip(*(history[name] for name in columns), strict=True), start=1):
        lines.append([str(epoch), *(f"{value:.6g}" for value in values)])
    files.write(folder / "history.csv", "".join(",".join(line) + "\n" for line in lines))
    for name, figure in figures.items():
        with files.replacing(folder / "figures" / f"{name}.png") as path:
            figure.savefig(path)
    files.write(folder / "metrics.json", _json({**metrics, "model_sha256": digest}))
    forget(folder)
    return folder


def _json(metrics: Mapping[str, object]) -> str:
    return json.dumps(metrics, indent=2, ensure_ascii=False, allow_nan=False) + "\n"


def save(model: keras.Model, path: str | os.PathLike) -> Path:
    """Write ``model`` into a ``.keras`` file that every Keras 3 from the workbook's lowest on opens.

    ``model.save`` would write arguments that only the newest Keras knows. If the model is of the kind that
    :func:`load` takes, the file says that it was trained as the workbook trains: photographs of 0..255 in,
    P(GO) out. (:func:`load` turns a model of another kind; so turned it may be saved here.)

    Returns:
        The path.
    """
    path = Path(path)
    if path.suffix != ".keras":
        raise WorkbookError(f"{files.shown(path)} does not end in .keras, as a file with a model must.")
    archives.write(model, path, marked=_judges(model))
    return path


def load(path: str | os.PathLike, meaning: Meaning | None = None) -> keras.Model:
    """Return the model of a ``.keras`` file, ready to :func:`predict`.

    A file can't bring code of its own: Keras' safe mode is on, and layers must be on a list of those that
    CNNs are made of (`limits`), not too many, not too large, and all their weights stored in the file. So a
    stranger's file takes no more memory than its size lets expect. A file of a newer Keras is read without
    the arguments that are new and say nothing.

    Args:
        path: of the file.
        meaning: of a model that the workbook did not save: what its answer means and which pixels it takes.
            It is turned, so that whatever is loaded takes 0..255 and gives P(GO).

    Raises:
        WorkbookError: the file is missing, broken, unsafe or too new, its model is of another kind than
            photographs (N, size, size, 3) in, one probability out, or nobody told what it means.
    """
    path = Path(path)
    archive = archives.read(path)
    ready_gpu()
    model = archives.opened(archive)
    if not _judges(model):
        takes, gives = getattr(model, "input_shape", None), getattr(model, "output_shape", None)
        raise WorkbookError(
            f"{files.shown(path)} holds a model that takes {takes} and gives {gives}, but it must take "
            "square color photographs (None, size, size, 3) and give one probability (None, 1) by a sigmoid."
        )
    return _as_meant(model, files.shown(path), archive.ours, meaning)


def _judges(model: keras.Model) -> bool:
    """Tell whether a model takes square color photographs and gives one probability by a sigmoid."""
    takes, gives = getattr(model, "input_shape", None), getattr(model, "output_shape", None)
    square = (
        isinstance(takes, tuple) and len(takes) == 4 and takes[3] == 3 and takes[1] == takes[2] is not None
    )
    # The smallest of several probabilities is one, too: `four_looks` ends so.
    last = [layer for layer in model.layers if not isinstance(layer, keras.layers.Minimum)][-1:]
    ends_in = getattr(last[0], "activation", None) if last else None
    return square and gives == (None, 1) and ends_in is keras.activations.sigmoid


def _as_meant(model: keras.Model, name: str, ours: bool, meaning: Meaning | None) -> keras.Model:
    """Return a model that takes pixels of 0..255 and gives P(GO), whatever ``model`` takes and gives.

    Args:
        model: photographs (None, size, size, 3) in, one answer (None, 1) from 0 to 1 out.
        name: of its file, for the sentence.
        ours: the workbook saved it, so it is so already.
        meaning: what it takes and gives, as was told; None: nothing was.
    """
    if ours:
        if meaning not in (None, Meaning()):
            raise WorkbookError(
                f"{name} was saved by this workbook, so {Meaning()}, but options, parameters or policy tell "
                f"that {meaning}: leave that out."
            )
        return model
    if meaning is None:
        raise WorkbookError(f"{name} was not saved by this workbook, so what it means is not known: {TELL}.")
    if meaning == Meaning():
        return model
    photo = keras.Input(model.input_shape[1:], name="photo")
    times, plus = PIXELS[meaning.pixels]
    scaled = keras.layers.Rescaling(times, offset=plus, dtype="float32", name="to_its_pixels")(photo)
    answer = model(scaled)
    if meaning.go_is == 0:
        answer = keras.layers.Rescaling(-1, offset=1, dtype="float32", name="p_go")(answer)
    return keras.Model(photo, answer, name=f"{model.name}_as_meant")
