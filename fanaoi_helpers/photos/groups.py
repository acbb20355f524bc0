"""Groups of photographs: what belongs together has one number."""

from collections.abc import Hashable, Iterable

import numpy as np


def numbered(keys: Iterable[Hashable]) -> np.ndarray:
    """Return (N,) int64, one number for equal keys, from 0 in order of first appearance.

    >>> numbered("banana").tolist()
    [0, 1, 2, 1, 2, 1]
    """
    numbers: dict[Hashable, int] = {}
    return np.array([numbers.setdefault(key, len(numbers)) for key in keys], dtype=np.int64)


def units_of(serials: Iterable[str], *groupings: np.ndarray) -> np.ndarray:
    """Return the unit of each photograph: what bears one serial, or is kept together by one of ``groupings``.

    A photograph of which no serial is known ("") is a unit by itself, but for its copies, for instance. All
    groupings are as in `joined`.

    >>> units_of(["A", "", "A", "", ""], np.array([0, 1, 2, 2, 3])).tolist()
    [0, 1, 0, 0, 2]
    """
    return joined(numbered(serial or index for index, serial in enumerate(serials)), *groupings)


def joined(*groupings: np.ndarray) -> np.ndarray:
    """Return the finest grouping that keeps together whatever one of ``groupings`` keeps together.

    A grouping is (N,) int64, not negative: the same number for what belongs together. In the result they
    count from 0 in order of first appearance.

    >>> joined(np.array([7, 7, 3, 4]), np.array([0, 1, 1, 2])).tolist()
    [0, 0, 0, 1]
    """
    count = len(groupings[0])
    lowest = np.arange(count)  # the first photograph known to belong with each
    settled = False
    while not settled:
        before = lowest
        for groups in groupings:
            firsts = np.full(int(groups.max(initial=0)) + 1, count)
            np.minimum.at(firsts, groups, lowest)
            lowest = firsts[groups]
        settled = np.array_equal(lowest, before)
    return np.unique(lowest, return_inverse=True)[1].astype(np.int64)


def together(groups: np.ndarray) -> list[np.ndarray]:
    """Return the indices in each group of two or more, the largest first.

    >>> [members.tolist() for members in together(np.array([0, 1, 0, 2, 1, 0]))]
    [[0, 2, 5], [1, 4]]
    """
    order = np.argsort(groups, kind="stable")
    found = np.split(order, np.flatnonzero(np.diff(groups[order])) + 1)
    return sorted(
        (members for members in found if len(members) > 1), key=lambda group: (-len(group), group[0])
    )
