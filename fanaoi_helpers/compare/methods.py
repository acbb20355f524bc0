"""The methods that are compared: each learns from one part of a folder and scores photographs."""

from __future__ import annotations

import gc
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache, partial

import numpy as np

from .. import cnn, photos
from ..cnn.borrowing import Axes
from ..photos import Photos, Split

BATCH = 32


@dataclass(frozen=True, eq=False)
class Fold:
    """What a method may know of a folder, and what it is asked.

    Attributes:
        folder: the photographs.
        units: (N,) the unit of each photograph.
        rest: indices to learn and to choose from.
        inner: (learn, judge) for each part of ``rest``, whole units, all indices into the folder.
        test: indices that nothing is chosen on.
        number: of the fold, for seeds.
    """

    folder: Folder
    units: np.ndarray
    rest: np.ndarray
    inner: Sequence[tuple[np.ndarray, np.ndarray]]
    test: np.ndarray
    number: int

    @property
    def labels(self) -> np.ndarray:
        """(N,) GO 1, NG 0."""
        return self.folder.album.labels


class Folder:
    """A folder of photographs, opened and looked at once for each size that a method wants.

    Args:
        path, classes: as `photos.load` takes them.
        size: that the borrowed convolutions see, in pixels.
    """

    def __init__(self, path: str | os.PathLike, classes: Sequence[str], size: int) -> None:
        self.path, self.classes, self.size = path, classes, size
        self.at = lru_cache(partial(photos.load, path, classes=classes))
        self.features_at = lru_cache(self._features_at)

    @property
    def album(self) -> Photos:
        """The photographs as the borrowed convolutions see them."""
        return self.at(self.size)

    @property
    def features(self) -> cnn.Features:
        """What the borrowed convolutions see in all photographs."""
        return self.features_at(self.size)

    def _features_at(self, size: int) -> cnn.Features:
        album = self.at(size)
        return cnn.features(album.pixels, album.contents)

    @cached_property
    def hog(self) -> np.ndarray:
        """(N, 1764): histograms of oriented gradients of the gray photographs at 128 pixels."""
        from skimage.feature import hog

        gray = (each @ np.array([0.299, 0.587, 0.114]) for each in self.at(128).pixels)
        return np.stack([hog(each, pixels_per_cell=(16, 16), cells_per_block=(2, 2)) for each in gray])


@dataclass(frozen=True, eq=False)
class Scores:
    """What a method says of a fold's photographs.

    Attributes:
        judged: indices whose scores decide about threshold and method; when one was scored, nothing had
            learned from it.
        validation: P(GO) of these.
        test: P(GO) of ``fold.test``.
    """

    judged: np.ndarray
    validation: np.ndarray
    test: np.ndarray


@dataclass(frozen=True)
class Method:
    """One way from photographs to a score.

    Attributes:
        name: in options and in JSON.
        called: in tables.
        scores: learns from a fold and scores it.
        model: how notebook 05 calls the model that it trains; "" where that trains none.
        shared: what it learns from is computed once for all folds, by the borrowed convolutions.
    """

    name: str
    called: str
    scores: Callable[[Fold], Scores]
    model: str = ""
    shared: bool = False


def _hog_svm(fold: Fold) -> Scores:
    from scipy.special import expit
    from sklearn.metrics import roc_auc_score
    from sklearn.svm import LinearSVC
    from threadpoolctl import threadpool_limits

    seen, labels = fold.folder.hog, fold.labels

    def margin(learn: np.ndarray, judge: np.ndarray, strength: float) -> np.ndarray:
        axes = Axes.of(seen[learn])
        machine = LinearSVC(C=strength, class_weight="balanced", dual=False)
        return machine.fit(axes.places(seen[learn]), labels[learn]).decision_function(
            axes.places(seen[judge])
        )

    with threadpool_limits(1):
        judged = np.concatenate([judge for _, judge in fold.inner])
        tried = {
            strength: np.concatenate([margin(learn, judge, strength) for learn, judge in fold.inner])
            for strength in (1e-5, 1e-4, 1e-3)
        }
        best = max(tried, key=lambda strength: roc_auc_score(labels[judged], tried[strength]))
        return Scores(judged, expit(tried[best]), expit(margin(fold.rest, fold.test, best)))


def borrowed(fold: Fold, size: int = 0) -> Scores:
    """Train one neuron on what the borrowed convolutions see at ``size`` pixels; 0: at the folder's."""
    means, rest = fold.folder.features_at(size or fold.folder.size).means, fold.rest
    neuron = cnn.train_neuron(means[rest], fold.labels[rest], fold.units[rest], fold.number)
    return Scores(rest, neuron.out_of_fold, neuron(means[fold.test]))


def _go_only(kind: type[cnn.PaDiM] | type[cnn.PatchCore]) -> Callable[[Fold], Scores]:
    def scores(fold: Fold) -> Scores:
        maps, labels = fold.folder.features.maps, fold.labels

        def distances(learn: np.ndarray, judge: np.ndarray) -> np.ndarray:
            good = learn[labels[learn] == 1]
            return cnn.foreign(kind.trained(maps[good], fold.number).heat(maps[judge]))

        judged = np.concatenate([judge for _, judge in fold.inner])
        held_out = np.concatenate([distances(learn, judge) for learn, judge in fold.inner])
        scale = cnn.Scale.of(held_out[labels[judged] == 1])
        return Scores(judged, scale(held_out), scale(distances(fold.rest, fold.test)))

    return scores


def _trained(
    size: int,
    epochs: int,
    build: Callable[[int], cnn.keras.Model],
    recipe: Callable[[int], dict],
    looks: bool,
) -> Callable[[Fold], Scores]:
    """Return a method that trains a CNN from nothing, with the first inner part as validation."""

    def scores(fold: Fold) -> Scores:
        album = fold.folder.at(size)
        learn, judged = fold.inner[0]
        split = Split(learn, judged, fold.test, by="serial", groups=fold.units)
        model = build(fold.number)
        cnn.train(
            model,
            album.pixels,
            album.labels,
            split,
            epochs=epochs,
            batch_size=BATCH,
            seed=fold.number,
            report=lambda line: None,
            **recipe(len(learn)),
        )
        asked = cnn.four_looks(model) if looks else model
        validation, test = (cnn.predict(asked, album.pixels[part]) for part in (judged, fold.test))
        del model, asked
        gc.collect()  # four folds of two CNNs: none of them is needed any more
        return Scores(judged, validation, test)

    return scores


METHODS = {
    method.name: method
    for method in (
        Method("hog_svm", "HOG + linear SVM", _hog_svm),
        Method(
            "handout",
            "handout's CNN",
            _trained(80, 15, lambda seed: cnn.handout_cnn(80, seed=seed), lambda count: {}, looks=False),
            model="handout",
        ),
        Method(
            "repaired",
            "repaired recipe",
            _trained(
                128,
                20,
                lambda seed: cnn.repaired_cnn(128, seed=seed),
                lambda count: {"optimizer": cnn.repaired_optimizer(count, BATCH, 20)},
                looks=True,
            ),
            model="repaired",
        ),
        Method("borrowed", "borrowed convolutions", borrowed, model="borrowed", shared=True),
        Method("padim", "GO alone, PaDiM", _go_only(cnn.PaDiM), shared=True),
        Method("patchcore", "GO alone, PatchCore", _go_only(cnn.PatchCore), model="go_only", shared=True),
    )
}
