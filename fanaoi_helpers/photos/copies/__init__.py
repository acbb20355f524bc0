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

from ...progress import bar
from ...threads import cores, in_order
from ..groups import numbered, together

if TYPE_CHECKING:
    from .features import Features

_BATCH = 512  # candidates verified between two looks at the groups; fixed, so that workers change nothing
MOST_PAIRS, PARTNERS = 300, 3  # that `surely` looks at, and of each photograph
FEATURELESS = "too little texture to compare; only an exact duplicate would be found"


@dataclass(frozen=True, eq=False, repr=False)
class Copies:
    """What `find` found among N photographs."""

    groups: np.ndarray  # (N,) int64; the same number for copies of one, in order of first appearance
    skipped: tuple[tuple[int, str], ...] = ()  # of what can't be compared: index, reason
    contents: tuple[str, ...] = ()  # N SHA-256 of the files as they were compared; "" for what can't be read

    def __len__(self) -> int:
        return len(self.groups)

    def __repr__(self) -> str:
        groups = together(self.groups)
        inside = sum(map(len, groups))
        return f"Copies({len(self)} photographs: {inside} in {len(groups)} groups of copies)"


def find(paths: Sequence[str | os.PathLike]) -> Copies:
    """Find the copies among N photograph files of any size, shape and mode; they are compared at 192 pixels.

    The result does not depend on the number of cores nor, but for the numbering, on the order of ``paths``.
    Found are copies rotated by any angle, mirrored, resized by up to a factor of 2 or so, cropped by 5 %,
    stretched by up to a third, compressed and made brighter or darker. Photographs without texture are never
    compared; exact duplicates (the same pixels) are found whatever they show.

    >>> find([])
    Copies(0 photographs: 0 in 0 groups of copies)
    """
    paths = list(paths)
    if not paths:
        return Copies(np.zeros(0, np.int64))
    from .candidates import candidates
    from .features import LEAST_POINTS, extract

    bars = partial(bar, of=len(paths))
    with _one_thread_each(), ThreadPoolExecutor(cores()) as pool:
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
    return Copies(groups, tuple(sorted(skipped.items())), tuple(features.contents))


def surely(paths: Sequence[str | os.PathLike], groups: np.ndarray, kinds: np.ndarray) -> np.ndarray:
    """Return (N,) int64, the same number for what is surely one photograph, asked where ``kinds`` differ.

    Units of one design, alike but for a small defect, agree as copies do. In groups of several kinds pairs of
    different ones are looked at once more (`certainty`), `MOST_PAIRS` in all. Where most of them are sure,
    the whole group is one.

    Args:
        paths: N photograph files.
        groups: (N,) what `find` found.
        kinds: (N,) int, such as labels or the numbers of serials; -1 is none.
    """
    from .certainty import surely_one
    from .features import extract

    asked: list[tuple[np.ndarray, list[tuple[int, int]]]] = []
    room = MOST_PAIRS
    for members in together(groups):
        pairs = list(_of_two_kinds(members, kinds))
        if pairs[:room]:
            asked.append((members, pairs[:room]))
        room -= len(pairs[:room])
    one = np.arange(len(groups))
    wanted = sorted({index for _, pairs in asked for pair in pairs for index in pair})
    place = {index: number for number, index in enumerate(wanted)}
    with _one_thread_each(), ThreadPoolExecutor(cores()) as pool:
        features = extract([paths[index] for index in wanted], pool, partial(bar, of=len(wanted)))

        def sure(pair: tuple[int, int]) -> bool:
            return surely_one(features, *(place[index] for index in pair))

        for members, pairs in asked:
            found = list(in_order(sure, pairs, pool=pool))
            if sum(found) * 2 > len(found):
                pairs, found = [(members[0], other) for other in members], [True] * len(members)
            for (first, second), same in zip(pairs, found, strict=True):
                if same:
                    one[one == one[second]] = one[first]
    return numbered(one.tolist())


def _of_two_kinds(members: np.ndarray, kinds: np.ndarray) -> Iterator[tuple[int, int]]:
    """Yield pairs of different kinds in a group: each photograph with `PARTNERS` of others at most."""
    for number, index in enumerate(members.tolist()):
        others = [
            other for other in members[:number].tolist() if kinds[other] != kinds[index] and kinds[other] >= 0
        ]
        if kinds[index] >= 0:
            yield from ((other, index) for other in others[-PARTNERS:])


class _Search:
    """The groups as they grow."""

    def __init__(self, features: "Features") -> None:
        from scipy.cluster.hierarchy import DisjointSet

        self.features = features
        self.sets = DisjointSet(range(len(features.counts)))
        # Of each group, the photograph that shows most: the one to ask before two groups become one.
        self.witness = list(range(len(features.counts)))

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
                    self.join(first, second)
                else:
                    doubtful.append((match.worst, first, second))
        digests = self.features.digests
        doubtful.sort(key=lambda pair: (pair[0], digests[pair[1]], digests[pair[2]]))
        for _, first, second in doubtful:
            if not self.sets.connected(first, second) and self.vouched(first, second):
                self.join(first, second)

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
