"""GO alone: what is foreign to good units, found among the borrowed convolutions' middle maps.

No NG is needed to train. A map answers at each place: S / 16 by S / 16 places of 152 numbers. *PaDiM* learns
for each place how these numbers vary among good units, as a normal distribution, so it wants one pose
(T. Defard et al., PaDiM, ICPR 2021 workshops). *PatchCore* keeps a bank of good places, wherever they were,
and asks how far the nearest is (K. Roth et al., Towards total recall, CVPR 2022). Both draw a heat map for
free, and neither knows a defect: a good unit in another pose or light is foreign to them as well.
"""

from contextlib import AbstractContextManager
from dataclasses import dataclass

import numpy as np

from .. import errors
from ..photos import Photos, Split
from .efficientnet import USUAL_SIZE, backbone
from .feature_files import features, middle_maps
from .quiet import channels_last, keras

BANK = 1000  # places that PatchCore keeps; 2,000 ranked no better on three folders of photographs
SAMPLE = 40_000  # places that the bank is chosen from
SKETCH = 64  # numbers that stand for 152 while it is chosen (W. Johnson and J. Lindenstrauss, 1984)
POWER = 16  # of the mean over places: near to the largest, but no single place decides
FOLDS = 4  # in which good units are held out
FARTHEST = 100.0  # limits that count; float32 holds their power, and explanations stay numbers
WIDENED = 0.01  # added to the variances: PaDiM's own, so that few good units give a distribution


def foreign(heat: np.ndarray) -> np.ndarray:
    """Return how foreign each photograph is: (N,) from its heat map (N, H, W), the power mean over places.

    >>> foreign(np.array([[[1.0, 1.0], [1.0, 1.0]], [[0.0, 0.0], [0.0, 4.0]]])).round(2).tolist()
    [1.0, 3.67]
    """
    heat = np.asarray(heat, np.float64)
    largest = np.maximum(heat.max(axis=(1, 2), keepdims=True), 1e-12)
    return largest[:, 0, 0] * ((heat / largest) ** POWER).mean(axis=(1, 2)) ** (1 / POWER)


@dataclass(frozen=True, eq=False)
class PaDiM:
    """A normal distribution of 152 numbers at each place.

    Attributes:
        mean: (H, W, 152) float32.
        whitening: (H, W, 152, 152) float32, the inverse of the covariance's Cholesky factor.
    """

    mean: np.ndarray
    whitening: np.ndarray

    @classmethod
    def trained(cls, maps: np.ndarray, seed: int = 0) -> "PaDiM":
        """Return the one of good units' ``maps`` (n, H, W, 152), of 2 at least; the seed changes nothing."""
        maps = _maps(maps, 2)
        mean = maps.mean(axis=0)
        off = _by_place(maps - mean)
        with _one_thread():
            covariance = np.ascontiguousarray(off.swapaxes(2, 3)) @ off / (len(maps) - 1)
            covariance += WIDENED * np.eye(maps.shape[3], dtype=np.float32)
            return cls(mean, np.linalg.inv(np.linalg.cholesky(covariance)))

    def heat(self, maps: np.ndarray) -> np.ndarray:
        """Return how far each place is from its mean: (N, H, W), Mahalanobis' distance."""
        off = _by_place(_maps(maps, 0) - self.mean)
        with _one_thread():
            white = off @ np.ascontiguousarray(self.whitening.swapaxes(2, 3))
        return np.moveaxis(np.linalg.norm(white, axis=3), 2, 0)


@dataclass(frozen=True, eq=False)
class PatchCore:
    """A bank of good places.

    Attributes:
        bank: (K, 152) float32, chosen so that every good place is near to one of them.
    """

    bank: np.ndarray

    @classmethod
    def trained(cls, maps: np.ndarray, seed: int = 0) -> "PatchCore":
        """Return the one of good units' ``maps`` (n, H, W, 152); the seed decides where the bank begins."""
        maps = _maps(maps, 1)
        rng = np.random.default_rng(seed)
        places = maps.reshape(-1, maps.shape[3])
        if len(places) > SAMPLE:
            places = places[np.sort(rng.choice(len(places), SAMPLE, replace=False))]
        with _one_thread():
            return cls(places[_spread_out(places, min(BANK, len(places)), rng)])

    def heat(self, maps: np.ndarray) -> np.ndarray:
        """Return how far each place is from the nearest of the bank: (N, H, W)."""
        from sklearn.metrics import pairwise_distances_argmin_min

        maps = _maps(maps, 0)
        if not len(maps):
            return np.zeros(maps.shape[:3])
        places = maps.reshape(-1, maps.shape[3])
        with _one_thread():
            return pairwise_distances_argmin_min(places, self.bank)[1].reshape(maps.shape[:3])


def _by_place(maps: np.ndarray) -> np.ndarray:
    """Return (H, W, n, 152), laid out so that matrix products are fast."""
    return np.ascontiguousarray(np.moveaxis(maps, 0, 2))


def _one_thread() -> AbstractContextManager:
    """Keep many small matrix products from being shared out among cores, which costs more than it saves."""
    from threadpoolctl import threadpool_limits

    return threadpool_limits(1)


def _maps(maps: np.ndarray, least: int) -> np.ndarray:
    if np.ndim(maps) != 4 or len(maps) < least:
        raise errors.WorkbookError(
            f"maps has the shape {np.shape(maps)}, but it must be (n, H, W, 152) of {least} good photographs "
            "at least, as features(...).maps is."
        )
    return np.asarray(maps, np.float32)


def _spread_out(places: np.ndarray, count: int, rng: np.random.Generator) -> list[int]:
    """Return which ``count`` to keep: each next one is the farthest from all before (greedy k-center)."""
    sketch = places @ (rng.normal(size=(places.shape[1], SKETCH)) / np.sqrt(SKETCH)).astype(np.float32)
    squares = (sketch**2).sum(axis=1)
    chosen = [int(rng.integers(len(places)))]
    nearest = np.full(len(places), np.inf, np.float32)
    while len(chosen) < count:
        last = chosen[-1]
        np.minimum(nearest, squares + squares[last] - 2 * sketch @ sketch[last], out=nearest)
        chosen.append(int(nearest.argmax()))
    return chosen


@dataclass(frozen=True)
class Scale:
    """What distance is P(GO) = 0.5, and how steep: from good units that were held out, without any NG.

    Attributes:
        usual: the middle distance of good units.
        limit: the distance that one good unit in twenty is beyond: P(GO) = 0.5.
    """

    usual: float
    limit: float

    @classmethod
    def of(cls, distances: np.ndarray) -> "Scale":
        """Return the scale of held-out good photographs' distances (n,)."""
        usual, limit = np.quantile(distances, (0.5, 0.95))
        return cls(float(usual), float(max(limit, usual + 1e-6)))

    @property
    def slope(self) -> float:
        """By how much the log-odds fall with each unit of distance: 4 between ``usual`` and ``limit``."""
        return 4 / (self.limit - self.usual)

    def __call__(self, distances: np.ndarray) -> np.ndarray:
        """Return P(GO) of distances."""
        from scipy.special import expit

        return expit(self.slope * (self.limit - np.asarray(distances)))


@channels_last()
def go_only_cnn(core: PatchCore, scale: Scale, image_size: int = USUAL_SIZE) -> keras.Model:
    """Return PatchCore as one ordinary model: photographs (N, size, size, 3) of 0..255 in, P(GO) (N, 1) out.

    The distance to the bank is a convolution: ``|x - c|² = |x|² - (2 x·c - |c|²)``. What is in brackets is a
    filter 1 x 1 with a bias, one for each of the bank; the nearest one answers most strongly.
    """
    model = backbone(image_size)
    ops, layers = keras.ops, keras.layers
    maps = middle_maps(model)
    nearness = layers.Conv2D(len(core.bank), 1, name="bank", trainable=False)
    nearest = ops.max(nearness(maps), axis=3)
    heat = layers.ReLU(name="heat")(ops.subtract(ops.sum(ops.square(maps), axis=3), nearest))
    # In units of the limit, so that the power stays within what float32 holds.
    in_limits = layers.Rescaling(1 / scale.limit**2, name="in_limits")(heat)
    steep = ops.power(layers.ReLU(FARTHEST**2, name="in_range")(in_limits), POWER / 2)
    # A root has no slope at 0, and an explanation asks for slopes.
    distance = ops.power(ops.add(ops.mean(steep, axis=(1, 2), keepdims=True), 1e-30), 1 / POWER)
    verdict = layers.Dense(1, activation="sigmoid", name="verdict")
    whole = keras.Model(model.input, verdict(layers.Flatten(name="foreign")(distance)), name="go_only_cnn")
    nearness.set_weights([2 * core.bank.T[None, None], -(core.bank**2).sum(axis=1)])
    log_odds = scale.slope * scale.limit
    verdict.set_weights([np.array([[-log_odds]], np.float32), np.array([log_odds], np.float32)])
    return whole


def go_only(photos: Photos, split: Split, seed: int = 0) -> keras.Model:
    """Train PatchCore on the training part's GO alone.

    Args:
        photos: loaded with an ``image_size`` that is a multiple of 32, such as 224; NG are not looked at.
        split: of these photographs; validation and test are not touched.
        seed: deals out the units, and begins the bank.
    """
    maps = features(photos.pixels, photos.contents).maps
    good = split.train[photos.labels[split.train] == 1]
    core, distances = held_out(PatchCore, maps[good], split.groups[good], seed)
    return go_only_cnn(core, Scale.of(distances), photos.pixels.shape[1])


def held_out(
    kind: type[PaDiM] | type[PatchCore], maps: np.ndarray, units: np.ndarray, seed: int = 0
) -> tuple[PaDiM | PatchCore, np.ndarray]:
    """Train on good photographs; return that, and how foreign each is to one that did not see its unit.

    Args:
        kind: PaDiM or PatchCore.
        maps: (n, H, W, 152) of good photographs.
        units: (n,) photographs of one unit have the same number.
        seed: deals out the units.
    """
    from sklearn.model_selection import GroupKFold

    numbers = np.unique(units, return_inverse=True)[1]
    count = min(FOLDS, int(numbers.max(initial=-1)) + 1)
    if count < 2:
        raise errors.WorkbookError(
            f"There is {count} GO unit to learn from, but it takes 2 to know how good units differ: add "
            "photographs of other good units."
        )
    shuffled = np.random.default_rng(seed).permutation(int(numbers.max()) + 1)[numbers]
    distances = np.empty(len(maps))
    for rest, fold in GroupKFold(count).split(maps, groups=shuffled):
        distances[fold] = foreign(kind.trained(maps[rest], seed).heat(maps[fold]))
    return kind.trained(maps, seed), distances
