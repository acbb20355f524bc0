"""Copies: photographs made from one and the same photograph by rotating, mirroring, resizing, cropping a
little, compressing or changing the brightness, found without comparing every one with every other.

The strongest SIFT points of each photograph vote for those that may be copies (`candidates`). A candidate
counts only when an affine map carries the points of one to the other and the pixels then agree to what
resampling and compression leave (`verification`). Copies of copies form a group. Units of one design agree in
nearly everything; what differs (a lot code in print, the rotor's angle) decides, so the worst places count.
"""

import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from ...errors import whole_number
from ...progress import bar
from ...threads import cores, in_order
from ..groups import numbered, together

if TYPE_CHECKING:
    from .features import Features
    from .verification import Match

_BATCH = 512  # candidates verified between two looks at the groups; fixed, so that workers change nothing
FEATURELESS = "too little texture to compare; only an exact duplicate would be found"


@dataclass(frozen=True)
class Pair:
    """Two photographs that are copies of one, and how to make the second of the first.

    Attributes:
        first: index of a photograph.
        second: index of another, larger than ``first``.
        points: SIFT points that agree; 0 for exact duplicates without any.
        similarity: 1 where no pixel differs, 0.5 where the worst blocks differ as much as is allowed.
        rotation: degrees counterclockwise, above -180 to 180; of the mirrored photograph where ``mirrored``.
        mirrored: whether left and right change places, before the rotation.
        scale: how much larger the content is in the second, in pixels of the files.
    """

    first: int
    second: int
    points: int
    similarity: float
    rotation: float
    mirrored: bool
    scale: float


@dataclass(frozen=True, eq=False, repr=False)
class Copies:
    """What `find` found among N photographs.

    Attributes:
        groups: (N,) int64; the same number for copies of one photograph, in order of first appearance.
        pairs: the pairs that were verified; not all pairs of a group, but enough to connect it.
        skipped: (index, reason) of what can't be read or has too little texture to be compared.
        contents: N SHA-256 of the files as they were compared; "" for what can't be read.
    """

    groups: np.ndarray
    pairs: tuple[Pair, ...] = ()
    skipped: tuple[tuple[int, str], ...] = ()
    contents: tuple[str, ...] = ()

    def __len__(self) -> int:
        return len(self.groups)

    def __repr__(self) -> str:
        groups = together(self.groups)
        inside = sum(map(len, groups))
        return f"Copies({len(self)} photographs: {inside} in {len(groups)} groups of copies)"


def find(paths: Sequence[str | os.PathLike], *, workers: int | None = None) -> Copies:
    """Find the copies among N photograph files.

    Args:
        paths: the files, of any size, shape and mode; a photograph is compared at 192 pixels.
        workers: threads (None: one for each core); the result does not depend on it, nor, but for the
            numbering, on the order of ``paths``.

    Found are copies rotated by any angle, mirrored, resized by up to a factor of 2 or so, cropped by 5 %,
    stretched by up to a third, compressed and made brighter or darker. Photographs without texture are never
    compared; exact duplicates (the same pixels) are found whatever they show.

    >>> find([])
    Copies(0 photographs: 0 in 0 groups of copies)
    """
    paths = list(paths)
    threads = cores() if workers is None else whole_number("workers", workers, 1, 256)
    if not paths:
        return Copies(np.zeros(0, np.int64))
    from .candidates import candidates
    from .features import LEAST_POINTS, extract

    bars = partial(bar, of=len(paths))
    with _one_thread_each(), ThreadPoolExecutor(threads) as pool:
        try:
            features = extract(paths, pool, bars)
            search = _Search(features)
            distinct = search.join_duplicates()
            order = [index for index in distinct if features.counts[index] >= LEAST_POINTS]
            likely = candidates(features, np.array(order, np.int64), pool, bars)
            search.verify_all(likely, pool, bars)
        except BaseException:
            pool.shutdown(wait=True, cancel_futures=True)  # Ctrl-C: what has not begun never begins
            raise
    skipped = dict(features.reasons)
    for index in np.flatnonzero(features.counts < LEAST_POINTS):
        skipped.setdefault(int(index), FEATURELESS)
    groups = numbered(search.sets[index] for index in range(len(paths)))
    pairs = tuple(pair for _, pair in sorted(search.verified.items()))
    return Copies(groups, pairs, tuple(sorted(skipped.items())), tuple(features.contents))


class _Search:
    """The groups as they grow, and the pairs that made them."""

    def __init__(self, features: "Features") -> None:
        from scipy.cluster.hierarchy import DisjointSet

        self.features = features
        self.sets = DisjointSet(range(len(features.counts)))
        # Of each group, the photograph that shows most: the one to ask before two groups become one.
        self.witness = list(range(len(features.counts)))
        self.verified: dict[tuple[int, int], Pair] = {}

    def join(self, first: int, second: int) -> None:
        witnesses = self.witness[self.sets[first]], self.witness[self.sets[second]]
        self.sets.merge(first, second)
        self.witness[self.sets[first]] = max(witnesses, key=self.shows)

    def shows(self, index: int) -> tuple[int, str]:
        return int(self.features.richness[index]), self.features.digests[index]

    def join_duplicates(self) -> list[int]:
        """Return one photograph of each content, in an order that knows nothing of the files' order."""
        first: dict[str, int] = {}
        for index, digest in enumerate(self.features.digests):
            if digest and (other := first.setdefault(digest, index)) != index:
                self.join(other, index)
                points = int(self.features.counts[index])
                self.verified[other, index] = Pair(other, index, points, 1.0, 0.0, False, 1.0)
        return [first[digest] for digest in sorted(first)]

    def verify_all(self, likely: np.ndarray, pool: ThreadPoolExecutor, bar: Callable) -> None:
        """Verify candidates, best first; what is beyond doubt joins at once, the rest afterwards."""
        from .verification import SURE, verify

        doubtful = []
        batches = [likely[start : start + _BATCH] for start in range(0, len(likely), _BATCH)]
        for batch in bar(batches, len(batches), "Comparing photographs", unit="part"):
            asked = [
                (int(first), int(second), bool(mirror))
                for first, second, mirror, _ in batch
                if not self.sets.connected(int(first), int(second))
            ]
            matches = in_order(lambda words: verify(self.features, *words), asked, pool=pool)
            for (first, second, _), match in zip(asked, matches, strict=True):
                if match is None or not match.accepted:
                    continue
                if match.worst <= SURE:
                    self.accept(first, second, match)
                else:
                    doubtful.append((match.worst, first, second, match))
        digests = self.features.digests
        doubtful.sort(key=lambda pair: (pair[0], digests[pair[1]], digests[pair[2]]))
        for _, first, second, match in doubtful:
            if self.sets.connected(first, second) or self.vouched(first, second):
                self.accept(first, second, match)

    def accept(self, first: int, second: int, match: "Match") -> None:
        self.join(first, second)
        pair = _pair(self.features, first, second, match)
        self.verified[pair.first, pair.second] = pair

    def vouched(self, first: int, second: int) -> bool:
        """Tell whether the best photographs of two groups agree as well.

        One doubtful pair (two small or overexposed copies of different units) would join two large groups.
        """
        from .verification import DENIED, verify

        best, other = self.witness[self.sets[first]], self.witness[self.sets[second]]
        for here, there in dict.fromkeys([(best, other), (first, other), (best, second)]):
            if (here, there) == (first, second):
                continue
            matches = [verify(self.features, here, there, mirror) for mirror in (False, True)]
            if any(matches):
                return any(match is not None and match.worst < DENIED for match in matches)
        return first == best or second == other


def _pair(features: "Features", first: int, second: int, match: "Match") -> Pair:
    """Return the match as people read it, in pixels of the files."""
    matrix = match.matrix
    if first > second:
        first, second = second, first
        linear = np.linalg.inv(matrix[:, :2])
    else:
        linear = matrix[:, :2].copy()
    mirrored = bool(np.linalg.det(linear) < 0)
    if mirrored:
        linear = linear * [-1, 1]
    rotation = float(np.degrees(np.arctan2(linear[0, 1] - linear[1, 0], linear[0, 0] + linear[1, 1])))
    enlarged = features.longest[[first, second]] / features.sizes[[first, second]].max(axis=1)
    scale = float(np.sqrt(np.linalg.det(linear)) * enlarged[1] / enlarged[0])
    return Pair(first, second, match.points, match.similarity, rotation, mirrored, scale)


@contextmanager
def _one_thread_each() -> Iterator[None]:
    """Keep OpenCV and the linear algebra from starting threads of their own beside ours."""
    import cv2
    from threadpoolctl import threadpool_limits

    before = cv2.getNumThreads()
    cv2.setNumThreads(1)
    try:
        with threadpool_limits(1):
            yield
    finally:
        cv2.setNumThreads(before)
