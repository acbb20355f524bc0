"""What borrowed convolutions find odd: photographs of something else, and labels that may be wrong.

A label is asked of a judge that has not seen the photograph nor another one of its unit. Two judges are
tried: one neuron on the means of all maps, and how foreign a photograph is to GO, place by place (PaDiM); the
one that agrees better with the labels as they are given is asked. What it finds is left out, and it judges
once more.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from ..errors import WorkbookError
from ..photos import decoding
from ..threads import in_order
from . import quality
from .findings import Evidence, Finding, many
from .inspecting import Inspected

MOST = 1000  # photographs that are asked; of more, a sample
LEAST = 40  # photographs below which nothing is asked, and LEAST_UNITS of each class
LEAST_UNITS = 15
SIZE = 224  # pixels, at which the convolutions look
FOLDS = 5
FAR, FARTHER = (
    5.0,
    1.0,
)  # spreads, and natural logarithm of how many times farther off than usual: something else
LEAST_AUC = 0.85  # of a judge; a worse one names nobody
DOUBT = 0.15  # the chance that a label is right, up to which it is named
OUTSIDE = 5.0  # spreads from the middle of its own class beyond which it is named if not even half as likely
LEFT_OUT = 0.25  # the chance that a label is right, below which no judge learns from it

Judge = Callable[[np.ndarray, np.ndarray], np.ndarray]


def find(evidence: Evidence) -> Iterator[Finding]:
    """Yield photographs that are nothing of this line, and those that look like the other class."""
    chosen = asked(evidence)
    if len(chosen) < LEAST:
        return
    own = [evidence.photos[index] for index in chosen]
    try:
        means, maps = _features(own)
    except WorkbookError as error:
        yield Finding("note", "features_not_asked", f"Labels were not looked at: {error}")
        return
    everything = len(evidence.photos)
    if everything > MOST:
        yield Finding(
            "note",
            "features_sample",
            f"Odd photographs and wrong labels were looked for in {len(own)} of {everything}, a sample.",
            count=len(own),
        )
    odd = odd_ones_out(means)
    yield from _told(
        evidence, chosen[odd], "alien", ("shows", "show"), "something else than all others", OTHER
    )
    kept = np.flatnonzero(~odd)
    labels, units = evidence.labels[chosen[kept]], evidence.units[chosen[kept]]
    wrong = suspects(means[kept], maps[kept], labels, units)
    yield from _told(
        *(evidence, chosen[kept[wrong]], "label_suspect", ("looks", "look"), "like the other class", LABEL)
    )


OTHER = "Look at them: take out what is no photograph of this product."
LABEL = "Look at them: is the label wrong, or is the defect just small? Move what is wrong, and nothing else."


def _told(
    evidence: Evidence, members: np.ndarray, kind: str, verbs: tuple[str, str], words: str, advice: str
) -> Iterator[Finding]:
    if len(members):
        sentence = f"{many(len(members), 'photograph')} {verbs[len(members) > 1]} {words}."
        yield Finding("warning", kind, sentence, advice, groups=evidence.each(members))


def asked(evidence: Evidence) -> np.ndarray:
    """Return the indices of the photographs that are asked: one of each group of copies, at most `MOST`.

    What is too poor to be judged by, of another shape or tiny is named as that, and not asked.
    """
    indices = np.flatnonzero((evidence.poor == "") & ~np.logical_or(*quality.misshapen(evidence)))
    labels = evidence.labels
    # One of each group and label: copies would be many voices for one unit.
    both = evidence.copies[indices] * 2 + labels[indices]
    indices = indices[np.sort(np.unique(both, return_index=True)[1])]
    if len(indices) > MOST:
        indices = np.sort(np.random.default_rng(0).choice(indices, MOST, replace=False))
    return indices


def _features(photos: list[Inspected]) -> tuple[np.ndarray, np.ndarray]:
    """Return the means of all maps (N, 2048) and the middle maps (N, H, W, 152) of photographs."""
    from .. import cnn

    seen = cnn.features(_Pixels([photo.path for photo in photos]), [photo.content for photo in photos])
    return np.asarray(seen.means, np.float32), seen.maps


@dataclass(frozen=True)
class _Pixels:
    """Photographs as an array (N, SIZE, SIZE, 3) uint8 of which only what is asked for is ever decoded."""

    paths: list[str]
    ndim = 4
    dtype = np.dtype(np.uint8)

    @property
    def shape(self) -> tuple[int, int, int, int]:
        return len(self), SIZE, SIZE, 3

    def __len__(self) -> int:
        return len(self.paths)

    def __getitem__(self, places: list[int]) -> np.ndarray:
        def one(place: int) -> np.ndarray:
            pixels = decoding.picture(self.paths[place], decoding.square(SIZE)).pixels
            return np.zeros((SIZE, SIZE, 3), np.uint8) if pixels is None else pixels  # gone in between

        return np.stack(list(in_order(one, places)))


def odd_ones_out(means: np.ndarray) -> np.ndarray:
    """Tell which of N photographs, known by their ``means`` (N, D), are far from all others: (N,) bool.

    Ten of one kind are no kind of their own: more neighbors than that are asked.
    """
    from sklearn.neighbors import NearestNeighbors

    directions = means / np.maximum(np.linalg.norm(means, axis=1, keepdims=True), 1e-9)
    count = min(len(means) // 4, max(15, len(means) // 25))
    distances, _ = NearestNeighbors(n_neighbors=count + 1).fit(directions).kneighbors(directions)
    logs = np.log(distances[:, -1] + 1e-6)
    farther = logs - np.median(logs)
    spread = 1.4826 * float(np.median(np.abs(farther)))
    return (farther > FARTHER) & (farther > FAR * spread)


def suspects(means: np.ndarray, maps: np.ndarray, labels: np.ndarray, units: np.ndarray) -> np.ndarray:
    """Return the indices of the photographs whose labels may be wrong, the most doubtful first."""
    from sklearn.metrics import roc_auc_score

    if min(len(np.unique(units[labels == label])) for label in (0, 1)) < LEAST_UNITS:
        return np.zeros(0, np.int64)
    judged = []
    for judge, seen in ((_neuron, means), (_foreign, maps)):
        scores, right = _judged(judge, seen, labels, units)
        judged.append((float(roc_auc_score(labels, scores)), scores, right))
    auc, scores, right = max(judged, key=lambda each: each[0])
    if auc < LEAST_AUC:
        return np.zeros(0, np.int64)
    doubtful = (right <= DOUBT) | ((right < 0.75) & outside(scores, labels))
    members = np.flatnonzero(doubtful)
    return members[np.argsort(right[members], kind="stable")]


def _judged(
    judge: Judge, seen: np.ndarray, labels: np.ndarray, units: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Return how much like GO photographs are to a judge that does not know them, and `likely` of it."""
    from sklearn.model_selection import StratifiedGroupKFold

    trusted, scores = np.ones(len(labels), bool), np.zeros(len(labels))
    for _ in range(2):
        for rest, own in StratifiedGroupKFold(FOLDS).split(labels, labels, units):
            rest = rest[trusted[rest]]
            scores[own] = judge(seen, labels, rest, own)
        right = likely(scores, labels)
        trusted = right > LEFT_OUT
    return scores, right


def likely(scores: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """Return how likely each label (N,) is, of what bears it among photographs with such scores (N,).

    >>> likely(np.array([1.0, 2, 3, 11, 12, 13]), np.array([0, 0, 1, 1, 1, 1])).round(1).tolist()
    [1.0, 1.0, 1.0, 1.0, 1.0, 1.0]
    """
    from sklearn.isotonic import isotonic_regression

    order = np.argsort(scores, kind="stable")
    share = np.empty(len(scores))
    share[order] = isotonic_regression(labels[order].astype(float))
    return np.where(labels == 1, share, 1 - share)


def outside(scores: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """Tell which scores (N,) lie far from the middle of those with their label, on the other label's side."""
    far = np.zeros(len(scores), bool)
    for label, side in ((0, 1), (1, -1)):
        own = scores[labels == label] * side
        middle, edge = np.quantile(own, (0.5, 0.9))
        spread = max((edge - middle) / 1.2816, 1e-9)  # as of a normal distribution, by its inner tail
        far[labels == label] = own > middle + OUTSIDE * spread
    return far


def _neuron(means: np.ndarray, labels: np.ndarray, rest: np.ndarray, own: np.ndarray) -> np.ndarray:
    """Return the log-odds of GO that one neuron gives."""
    from .. import cnn

    neuron = cnn.quick_neuron(means[rest], labels[rest])
    return means[own] @ neuron.kernel + neuron.bias  # not the sigmoid: two that are sure differ


def _foreign(maps: np.ndarray, labels: np.ndarray, rest: np.ndarray, own: np.ndarray) -> np.ndarray:
    """Return how little foreign photographs are to GO: minus the logarithm of PaDiM's distance."""
    from .. import cnn

    model = cnn.PaDiM.trained(maps[rest[labels[rest] == 1]])
    return -np.log(cnn.foreign(model.heat(maps[own])) + 1e-9)
