"""Comparing: every method on every fold, kept as it comes, so that a stopped comparison goes on."""

from __future__ import annotations

import hashlib
import json
import os
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from functools import partial
from pathlib import Path

import numpy as np

from .. import cnn, errors, files, photos
from ..errors import WorkbookError
from .advising import advice
from .comparison import Comparison, Run
from .curve import learning_curve
from .methods import METHODS, Fold, Folder, Scores, borrowed

FORMAT = 2  # of what is kept; a new one when a method would score otherwise
FOLDS = 4
LEAST_UNITS = 3  # of each label: one to be tested, two to learn and to choose from
COARSE = 128  # pixels: does detail count?


def compare(
    folder: str | os.PathLike,
    *,
    classes: Sequence[str] = photos.CLASSES,
    methods: Sequence[str] = tuple(METHODS),
    folds: int = FOLDS,
    overkill: float = 0.05,
    image_size: int = cnn.USUAL_SIZE,
    seed: int = 0,
    report: Callable[[str], object] = print,
) -> Comparison:
    """Compare methods on the photographs of a folder: on the same folds, whole units on one side.

    In each fold the methods learn from three quarters of the units and are tested on the others. Thresholds,
    strengths and the method itself are chosen on held-out photographs of the three quarters, never on the
    test.

    Args:
        folder, classes: as `photos.load` takes them.
        methods: names of ``METHODS``.
        folds: at most as many as a label has units.
        overkill: the share of GO that one may afford to lose, 0 to 0.5.
        image_size: that the borrowed convolutions see, in pixels, a multiple of 32.
        seed: deals out the folds and begins the trainings.
        report: called with one line for each method and fold.

    What is measured is kept under ``files.runs_dir()/compare`` by the content of the photographs.

    Raises:
        WorkbookError: a label with fewer than three units, a method that nobody knows, and what `photos.load`
            refuses.
    """
    names = [errors.one_of("methods", name, tuple(METHODS)) for name in methods]
    if not names:
        raise WorkbookError(f"methods names none: give some of {', '.join(METHODS)}.")
    folds = errors.whole_number("folds", folds, 2, 20)
    overkill = errors.number("overkill", overkill, 0, 0.5)
    seed = errors.whole_number("seed", seed, 0, 2**32 - 100)
    place = Folder(folder, classes, image_size)
    album = place.album
    by, units, notes = photos.known_units(album)
    _check_units(album, units)
    dealt = list(_folds(place, units, folds, seed))
    kept = _kept_in(album, units, {"folds": folds, "seed": seed, "image_size": image_size})

    run = Run(
        album=album,
        by=by,
        units=units,
        notes=(*album.notes, *album.left_out, *notes),
        folds=dealt,
        overkill=overkill,
    )
    shared = 0.0
    if any(METHODS[name].shared for name in names):
        shared = _seconds_of_features(place, kept)
    for name in names:
        for fold in dealt:
            method = METHODS[name]
            scores, seconds = _scored(kept / f"{name}-{fold.number}.json", partial(method.scores, fold))
            run.add(method, fold, scores, seconds + (shared / len(dealt) if method.shared else 0))
            report(run.line(method, fold))
    curve, coarse = [], None
    if "borrowed" in names:
        curve = learning_curve(place.features.means, album.labels, dealt, seed)
        if image_size > COARSE:
            found = [
                _scored(kept / f"coarse-{fold.number}.json", partial(borrowed, fold, COARSE))[0]
                for fold in dealt
            ]
            coarse = run.mean_auc([scores.test for scores in found])
    comparison = run.comparison(folder, curve, coarse)
    return comparison.advised(advice(comparison))


def _check_units(album: photos.Photos, units: np.ndarray) -> None:
    having = {album.classes[label]: len(np.unique(units[album.labels == label])) for label in (1, 0)}
    if min(having.values()) < LEAST_UNITS:
        found = " and ".join(f"{count} {name}" for name, count in having.items())
        raise WorkbookError(
            f"There are {found} units, but to compare takes {LEAST_UNITS} of each at least: one to be "
            "tested, two to learn and to choose from. Add photographs of other units."
        )


def _folds(place: Folder, units: np.ndarray, count: int, seed: int) -> Iterator[Fold]:
    labels = place.album.labels
    for number, (rest, test) in enumerate(photos.folds(labels, units, count, seed)):
        inner = photos.folds(labels[rest], units[rest], FOLDS, seed + 1 + number)
        yield Fold(
            folder=place,
            units=units,
            rest=rest,
            inner=[(rest[learn], rest[judge]) for learn, judge in inner],
            test=test,
            number=number,
        )


def _kept_in(album: photos.Photos, units: np.ndarray, settings: dict[str, int]) -> Path:
    """Return the folder where what is measured on these photographs, so dealt, is kept."""
    what = json.dumps([FORMAT, settings, cnn.keras.backend.backend()])
    told = "\n".join([what, *album.contents, *map(str, album.labels), *map(str, units)])
    return files.runs_dir() / "compare" / hashlib.sha256(told.encode()).hexdigest()[:24]


def _scored(path: Path, work: Callable[[], Scores]) -> tuple[Scores, float]:
    """Return what was kept, or do the work and keep it: the scores, and the CPU seconds that they took."""
    with suppress(OSError, ValueError, KeyError, TypeError):  # not there, or damaged: then it is done again
        told = json.loads(path.read_text(encoding="utf-8"))
        judged = np.array(told["judged"], np.int64)
        validation, test = (np.array(told[part], float) for part in ("validation", "test"))
        return Scores(judged, validation, test), float(told["seconds"])
    begun = time.process_time()
    scores = work()
    seconds = time.process_time() - begun
    _keep(path, {**{name: part.tolist() for name, part in vars(scores).items()}, "seconds": seconds})
    return scores, seconds


def _keep(path: Path, told: dict) -> None:
    with suppress(WorkbookError):  # no room or no permission: then it is measured again next time
        files.write(path, json.dumps(told))


def _seconds_of_features(place: Folder, kept: Path) -> float:
    """Return what the borrowed convolutions cost for all photographs, in CPU seconds, whoever asked first."""
    path = kept / "features.json"
    with suppress(OSError, ValueError, KeyError, TypeError):
        return float(json.loads(path.read_text(encoding="utf-8"))["seconds"])
    begun = time.process_time()
    place.features  # noqa: B018  computed here, unless they are kept
    seconds = time.process_time() - begun
    some = min(32, len(place.album))
    begun = time.process_time()
    cnn.features(place.album.pixels[:some])
    # Where they were kept from before, that would have cost nothing: some photographs tell what it cost then.
    seconds = max(seconds, (time.process_time() - begun) / some * len(place.album))
    _keep(path, {"seconds": seconds})
    return seconds
