"""Small experiments on fans: photographs straight off the line, one small training beside another.

For questions such as "does dropout help?", where many trainings are compared and none is kept. A model that
is to be kept is trained by `cnn.train`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from . import cnn, errors, files
from .cnn import keras
from .cnn.backends import BACKEND
from .cnn.quiet import without_retracing_advice
from .errors import WorkbookError
from .fans import AF120, USUAL, Conditions, Design, Unit, render
from .photos import Photos, resize

RENDERED = 160  # pixels that a photograph has before it is made smaller: as the line's own


@dataclass(frozen=True, eq=False)
class Trial:
    """What came of the same training, done once for each seed."""

    steps: np.ndarray  # (checks,) how many steps had been taken when the model was asked
    remembered: np.ndarray  # (seeds, checks) share of training photographs judged as it had been told
    training_loss: np.ndarray  # (seeds, checks) binary cross-entropy on them
    validation: np.ndarray  # (seeds, checks) share of validation photographs judged rightly
    loss: np.ndarray  # (seeds, checks) binary cross-entropy on them
    model: keras.Model  # the last seed's, as its last step left it

    @property
    def known(self) -> float:
        """Accuracy on the training photographs after the last step, mean over the seeds."""
        return float(self.remembered[:, -1].mean())

    @property
    def new(self) -> float:
        """Accuracy on the validation photographs after the last step, mean over the seeds."""
        return float(self.validation[:, -1].mean())

    @property
    def gap(self) -> float:
        """How much better training photographs are judged than those never seen, after the last step."""
        return self.known - self.new

    def stopped_early(self) -> tuple[float, float]:
        """Return validation accuracy and loss, mean over the seeds, at each seed's check of least loss."""
        best = (np.arange(len(self.loss)), self.loss.argmin(axis=1))
        return float(self.validation[best].mean()), float(self.loss[best].mean())


def photographs(
    units: Sequence[Unit],
    size: int,
    shots: int = 1,
    *,
    design: Design = AF120,
    conditions: Conditions = USUAL,
) -> Photos:
    """Photograph ``units`` in memory, each ``shots`` times: what `photos.load` makes of the line's folder.

    >>> from fanaoi_helpers import fans
    >>> photographs(fans.make_units(3, seed=0), 32, shots=2).pixels.shape
    (6, 32, 32, 3)
    """
    taken = [(unit, shot) for unit in units for shot in range(shots)]
    pixels = np.empty((len(taken), size, size, 3), dtype=np.uint8)
    for place, (unit, shot) in enumerate(taken):
        photo = render(unit, shot, max(RENDERED, size), design=design, conditions=conditions).pixels
        pixels[place] = resize(photo, size)
    return Photos(
        pixels=pixels,
        labels=np.array([int(unit.is_go) for unit, _ in taken], dtype=np.int64),
        serials=np.array([unit.serial for unit, _ in taken]),
        names=[unit.photo(shot) for unit, shot in taken],
        defects=np.array([unit.defect for unit, _ in taken]),
        sizes=np.array([unit.defect_size if unit.defect else np.nan for unit, _ in taken], dtype=float),
        folder=Path(),
    )


def with_turned_copies(album: Photos, copies: int, degrees: float) -> Photos:
    """Return ``album`` with ``copies`` of each photograph, turned evenly from ``-degrees`` to ``degrees``.

    Copies bear the label and the serial of the photograph that they were made from. Corners that a turn
    leaves empty are filled with what is mirrored at the edge.
    """
    import cv2

    copies = errors.whole_number("copies", copies, 1, 360)
    degrees = errors.number("degrees", degrees, 0, 180)
    size = album.pixels.shape[1]
    middle = ((size - 1) / 2, (size - 1) / 2)
    pixels = []
    for photo in album.pixels:
        for angle in np.linspace(-degrees, degrees, copies):
            turn = cv2.getRotationMatrix2D(middle, float(angle), 1.0)
            turned = cv2.warpAffine(
                photo, turn, (size, size), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT_101
            )
            pixels.append(turned)
    again = np.repeat(np.arange(len(album)), copies)
    return replace(
        album,
        pixels=np.array(pixels, dtype=np.uint8),
        labels=album.labels[again],
        serials=None if album.serials is None else album.serials[again],
        names=[f"{album.names[at]}#{number % copies}" for number, at in enumerate(again)],
        defects=album.defects[again],
        sizes=album.sizes[again],
        paths=[],
    )


def trial(
    build: Callable[[int], keras.Model],
    album: Photos,
    train: np.ndarray,
    validation: np.ndarray,
    *,
    steps: int,
    seeds: Sequence[int] = (0,),
    batch_size: int = 8,
    learning_rate: float = 0.001,
    checks: int = 5,
    labels: np.ndarray | None = None,
) -> Trial:
    """Train the model that ``build(seed)`` returns, once for each seed, and note how it went.

    Args:
        build: makes the untrained model; compiled here, with Adam and binary cross-entropy.
        album: the photographs.
        train, validation: indices of photographs.
        steps: how many batches are learned from, whatever number of epochs that makes: so all trials cost
            the same.
        seeds: decide the first weights and the order of the photographs.
        batch_size: photographs per step.
        learning_rate: of Adam.
        checks: how many times, evenly, the model is asked; the last time is after the last step.
        labels: (N,) other labels than the album's to train on; validation is always by the album's.
    """
    checks = errors.whole_number("checks", checks, 1, 1000)
    steps = errors.whole_number("steps", steps, checks, 100_000)
    batch_size = errors.whole_number("batch_size", batch_size, 1, 4096)
    train, validation = np.asarray(train), np.asarray(validation)
    for name, given in (("seeds", seeds), ("train", train), ("validation", validation)):
        if not len(given):
            raise WorkbookError(f"{name} is empty, but a trial needs at least one; give one or more.")
    taught = np.asarray(album.labels if labels is None else labels)
    spans = [len(part) for part in np.array_split(np.arange(steps), checks)]
    model = start = None
    curves = []
    with without_retracing_advice():  # that many models are trained is what trials are for
        for seed in seeds:
            fresh = build(seed)
            if model is None:
                model = fresh
                cnn.check_pixels(model, album.pixels)
                optimizer = keras.optimizers.Adam(learning_rate)
                model.compile(
                    optimizer, loss="binary_crossentropy", steps_per_execution=BACKEND.steps_at_once
                )
                optimizer.build(model.trainable_variables)
                start = [keras.ops.convert_to_numpy(variable).copy() for variable in optimizer.variables]
            else:  # the same compiled graph with other weights: compiling costs more than a small training
                model.set_weights(fresh.get_weights())
                for variable, value in zip(optimizer.variables, start, strict=True):
                    variable.assign(value)
            order, curve = _order(train, steps * batch_size, seed), []
            for end, span in zip(np.cumsum(spans), spans, strict=True):
                learned = order[(end - span) * batch_size : end * batch_size]
                answers = taught[learned].astype("float32")[:, None]
                model.fit(album.pixels[learned], answers, batch_size=batch_size, shuffle=False, verbose=0)
                curve.append([*_scores(model, album, train, taught), *_scores(model, album, validation)])
            curves.append(curve)
    return Trial(np.cumsum(spans), *np.array(curves).transpose(2, 0, 1), model)


def accuracy(
    model: keras.Model, album: Photos, index: np.ndarray | None = None, threshold: float = 0.5
) -> float:
    """Return the share of photographs (of ``index``, or all) judged rightly, GO from ``threshold`` on."""
    index = np.arange(len(album)) if index is None else np.asarray(index)
    called_go = cnn.predict(model, album.pixels[index], 128) >= threshold
    return float(np.mean(called_go == (album.labels[index] == 1)))


def fetched(address: str, seconds: float) -> Path | None:
    """Return a file of weights from the network, if it is here within ``seconds``; else None.

    It is kept in ``files.runs_dir()/cache/weights`` for the next time, whole or not at all. Those who publish
    Keras' weights tell no hash of them.
    """
    place = files.runs_dir() / "cache" / "weights" / address.rpartition("/")[2]
    if place.is_file():
        return place
    content = files.fetched(address, None, seconds)
    if content is None:
        return None
    try:
        files.write(place, content)
    except WorkbookError:  # a disk that is full
        return None
    return place


def _order(train: np.ndarray, count: int, seed: int) -> np.ndarray:
    """Return ``count`` indices of photographs: epoch after epoch, each in another order."""
    rng = np.random.default_rng(seed)
    return np.concatenate([rng.permutation(train) for _ in range(-(-count // len(train)))])[:count]


def _scores(
    model: keras.Model, album: Photos, index: np.ndarray, labels: np.ndarray | None = None
) -> tuple[float, float]:
    """Return accuracy at 0.5 and binary cross-entropy on the photographs of ``index``."""
    truth = (album.labels if labels is None else labels)[index]
    p_go = np.clip(cnn.predict(model, album.pixels[index], 128), 1e-7, 1 - 1e-7)
    loss = -np.mean(np.where(truth == 1, np.log(p_go), np.log(1 - p_go)))
    return float(np.mean((p_go >= 0.5) == (truth == 1))), float(loss)
