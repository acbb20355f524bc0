"""Which defects escape: the escape rate by kind and size of the defect."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from .. import arrays
from ..errors import WorkbookError
from .bounds import Bounds, exact


@dataclass(frozen=True)
class SizeBin:
    """Defects of one kind and of about one size.

    Attributes:
        kind: of the defects; "" where kinds are not told apart.
        low: the smallest size that belongs here.
        high: the size where the next bin begins; it belongs to the last bin.
        escapes: how many of them were called GO.
        total: how many there are.
        bounds: of the escape rate, by Clopper and Pearson; 0 to 1 where there is nothing to judge by.
    """

    kind: str
    low: float
    high: float
    escapes: int
    total: int
    bounds: Bounds

    @property
    def rate(self) -> float | None:
        """Escapes as a share of all in the bin; None where it is empty."""
        return self.escapes / self.total if self.total else None


def detectability(
    sizes: Sequence[float],
    escaped: Sequence[bool],
    edges: Sequence[float],
    kinds: Sequence[str] | None = None,
    confidence: float = 0.95,
) -> list[SizeBin]:
    """Return the escape rate by kind and size of the defect, with bounds: the detectability curve.

    Count units, or one shot of each: the bounds take all entries for independent. In the trade it is the
    probability of detection, 1 - escape rate, over the size (MIL-HDBK-1823A, 2009).

    Args:
        sizes: (N,) the sizes of the defects of N NG units, in any unit.
        escaped: (N,) whether each was called GO.
        edges: (B + 1,) rising; bin b takes sizes from ``edges[b]`` to below ``edges[b + 1]``, the last one
            its upper edge, too.
        kinds: (N,) the kind of each defect; None: all in one.
        confidence: of the bounds, between 0 and 1.

    Returns:
        B bins for each kind, kinds in alphabetical order, sizes rising.

    Raises:
        WorkbookError: besides nonsense, for a size that is unknown or in no bin.

    >>> small, large = detectability([1, 2, 2.5, 6, 7], [True, True, False, False, False], [0, 5, 10])
    >>> small.escapes, small.total, large.rate
    (2, 3, 0.0)
    """
    sizes, edges = arrays.row("sizes", sizes, finite=False), arrays.row("edges", edges)
    escaped = arrays.row("escaped", escaped, len(sizes))
    kinds = np.full(len(sizes), "") if kinds is None else np.asarray(kinds, dtype=str)
    if kinds.shape != sizes.shape:
        raise arrays.wrong_shape("kinds", kinds, f"a row of {len(sizes)} names")
    if not np.isin(escaped, (0, 1)).all():
        raise WorkbookError(
            "escaped must hold True for each NG fan that was called GO and False for the others."
        )
    if len(edges) < 2 or not (np.diff(edges) > 0).all():
        raise WorkbookError(f"edges is {edges.tolist()}, but it must be two or more rising numbers.")
    if not ((sizes >= edges[0]) & (sizes <= edges[-1])).all():  # a comparison with NaN is false
        odd = sizes[~((sizes >= edges[0]) & (sizes <= edges[-1]))][0]
        raise WorkbookError(
            f"sizes holds {odd:g}, but the edges go from {edges[0]:g} to {edges[-1]:g}: widen them, and "
            "leave out defects of unknown size."
        )
    place = np.minimum(np.searchsorted(edges, sizes, side="right") - 1, len(edges) - 2)
    bins = []
    for kind in np.unique(kinds).tolist():
        for index, (low, high) in enumerate(zip(edges.tolist(), edges[1:].tolist(), strict=False)):
            here = (kinds == kind) & (place == index)
            bins.append(_bin(kind, low, high, int(escaped[here].sum()), int(here.sum()), confidence))
    return bins


def pooled(bins: Sequence[SizeBin], confidence: float = 0.95) -> list[SizeBin]:
    """Return the bins of all kinds together, sizes rising; ``kind`` is "".

    Args:
        bins: from `detectability`, with the same edges for each kind.
        confidence: of the bounds, between 0 and 1.
    """
    together = []
    for low, high in sorted({(size.low, size.high) for size in bins}):
        here = [size for size in bins if (size.low, size.high) == (low, high)]
        escapes, total = sum(size.escapes for size in here), sum(size.total for size in here)
        together.append(_bin("", low, high, escapes, total, confidence))
    return together


def _bin(kind: str, low: float, high: float, escapes: int, total: int, confidence: float) -> SizeBin:
    bounds = exact(escapes, total, confidence) if total else Bounds(0.0, 1.0)
    return SizeBin(kind, low, high, escapes, total, bounds)
