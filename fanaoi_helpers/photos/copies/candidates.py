"""Which photographs may be copies of each other: the nearest neighbors of their points vote.

Comparing all N² pairs is out of the question, and so is a single descriptor for a whole photograph where
all show one product. Here the strongest points of each photograph, and of its mirror image, look for their
nearest among the points of all others, and each votes for the photographs that it finds. A tree of k-means
clusters (D. Nistér and H. Stewénius, Scalable recognition with a vocabulary tree, CVPR 2006) deals the points
out to leaves of bounded size; within a leaf the search is exact. Cost: N times the size of a leaf.
"""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import numpy as np
from sklearn.cluster import KMeans

from ...threads import in_order
from .features import Features, mirrored

VOTERS = 64  # points of a photograph that vote, the strongest; with 128, no more copies were among the best
LEAF = 1500  # points in a leaf, at most
BRANCHES = 32  # clusters that the points of a branch are dealt out to, at most
SAMPLE = 20_000  # points that the clusters are made from
NEAREST = 2  # photographs that a point votes for
LEAST_VOTES = 7  # of 64; copies have 15 and more, other units of one design mostly 5
CANDIDATES = 10  # of each photograph, the best


def candidates(features: Features, order: np.ndarray, pool: ThreadPoolExecutor, bar: Callable) -> np.ndarray:
    """Return (M, 4) int64, most votes first: two photographs, 1 if one is mirrored, votes.

    ``order`` holds the indices of the photographs to compare; the result does not depend on the pool.
    """
    total = len(order)
    if total < 2:
        return np.zeros((0, 4), np.int64)
    voters = np.minimum(features.counts[order], VOTERS)
    owner = np.repeat(np.arange(total), voters)
    points = np.concatenate(
        [features.descriptors[index, :count] for index, count in zip(order, voters, strict=True)]
    )
    leaves = list(_leaves(points))

    def count(leaf: tuple[np.ndarray, np.ndarray]) -> np.ndarray:
        return _votes(points, owner, *leaf)

    counted = bar(
        in_order(count, leaves, batch=1, pool=pool), len(leaves), "Looking for candidates", unit="part"
    )
    keys, votes = np.unique(np.concatenate(list(counted)), return_counts=True)
    keys, votes = keys[votes >= LEAST_VOTES], votes[votes >= LEAST_VOTES]
    first, second, mirror = keys // 2 // total, keys // 2 % total, keys % 2
    best = np.lexsort((mirror, second, first, -votes))
    first, second, mirror, votes = (values[best] for values in (first, second, mirror, votes))
    among_best = _rank(first, second, total) < CANDIDATES
    return np.column_stack([order[first], order[second], mirror, votes])[among_best]


def _rank(first: np.ndarray, second: np.ndarray, total: int) -> np.ndarray:
    """Return how many better pairs each pair's photographs have, the fewer of the two; the best come first.

    >>> _rank(np.array([0, 0, 1]), np.array([1, 2, 2]), 3).tolist()
    [0, 0, 1]
    """
    both = np.concatenate([first, second])
    by_photograph = np.lexsort((np.tile(np.arange(len(first)), 2), both))
    rank = np.empty(len(both), np.int64)
    rank[by_photograph] = (
        np.arange(len(both)) - np.searchsorted(both[by_photograph], np.arange(total))[both[by_photograph]]
    )
    return np.minimum(rank[: len(first)], rank[len(first) :])


def _leaves(points: np.ndarray) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Yield for each leaf the points (P, 128) in it, and the points that look for their nearest there.

    A number of P or more among the latter is that of a point of the mirrored photograph.
    """
    random = np.random.default_rng(0)
    branches = [(np.arange(len(points)), np.arange(2 * len(points)))]
    while branches:
        inside, asking = branches.pop()
        if not len(inside) or not len(asking):
            continue
        if len(inside) <= LEAF:
            yield inside, asking
            continue
        sample = inside
        if len(inside) > SAMPLE:
            sample = np.sort(random.choice(inside, SAMPLE, replace=False))
        count = min(BRANCHES, -(-2 * len(inside) // LEAF))
        clusters = KMeans(count, n_init=1, max_iter=10, random_state=0).fit(points[sample].astype(np.float32))
        centers = clusters.cluster_centers_.astype(np.float32)
        own, others = _nearest(points, inside, centers), _nearest(points, asking, centers)
        if np.bincount(own).max() == len(inside):  # points that are all the same can't be dealt out
            yield np.sort(random.choice(inside, LEAF, replace=False)), asking
            continue
        branches += [(inside[own == cluster], asking[others == cluster]) for cluster in range(count)]


def _fetch(points: np.ndarray, numbers: np.ndarray) -> np.ndarray:
    """Return the descriptors of those numbers as float32, of the mirrored photograph from P on."""
    rows = points[numbers % len(points)]
    flipped = numbers >= len(points)
    rows[flipped] = mirrored(rows[flipped])
    return rows.astype(np.float32)


def _nearest(points: np.ndarray, numbers: np.ndarray, centers: np.ndarray) -> np.ndarray:
    """Return the nearest of the ``centers`` for each number."""
    half = (centers**2).sum(axis=1) / 2
    parts = np.split(numbers, range(65536, len(numbers), 65536))
    return np.concatenate([(half - _fetch(points, part) @ centers.T).argmin(axis=1) for part in parts])


def _votes(points: np.ndarray, owner: np.ndarray, inside: np.ndarray, asking: np.ndarray) -> np.ndarray:
    """Return one number for each vote: (first photograph · N + second) · 2, and 1 more if mirrored."""
    there, whose = points[inside].astype(np.float32), owner[inside]
    half = (there**2).sum(axis=1) / 2
    total = int(owner[-1]) + 1
    votes = []
    for part in np.split(asking, range(2048, len(asking), 2048)):
        voter = owner[part % len(points)]
        distance = half - _fetch(points, part) @ there.T  # half the square, but for the voter's own length
        distance[voter[:, None] == whose] = np.inf
        for _ in range(NEAREST):
            nearest = distance.argmin(axis=1)
            valid = np.isfinite(distance[np.arange(len(part)), nearest])
            first, second = voter[valid], whose[nearest[valid]]
            votes.append(
                (np.minimum(first, second) * total + np.maximum(first, second)) * 2
                + (part[valid] >= len(points))
            )
            distance[whose[nearest][:, None] == whose] = np.inf
    return np.concatenate(votes)
