"""What can be wrong with a fan, and what is no more than a blemish: the kinds and how large they are."""

from dataclasses import dataclass
from types import MappingProxyType


@dataclass(frozen=True)
class Sizes:
    """The sizes of one kind of defect in mm on a 120 mm fan."""

    smallest: float  # that the line makes
    usual: float  # the largest that the line makes
    largest: float  # that can be asked for
    means: str  # what is measured
    even: bool = False  # the line's range is filled evenly; otherwise evenly on a log scale


SIZES = MappingProxyType(
    {
        "label_missing": Sizes(6.0, 35.0, 35.0, "how much of the label's width is gone", even=True),
        "label_off_center": Sizes(2.2, 10.0, 20.0, "how far the label is from its place"),
        "label_rotated": Sizes(8.0, 55.0, 55.0, "how far its edge has moved along its rim", even=True),
        "label_torn": Sizes(13.0, 34.0, 35.0, "length of the tear from the rim inward", even=True),
        "blade_missing": Sizes(9.0, 31.0, 31.0, "length that is broken off a blade", even=True),
        "blade_chipped": Sizes(10.0, 30.0, 30.0, "width of the piece that is gone", even=True),
        "blade_cracked": Sizes(18.0, 30.0, 30.0, "length of the crack from the edge inward", even=True),
        "scratch": Sizes(14.0, 55.0, 70.0, "length", even=True),
        "foreign_object": Sizes(8.0, 36.0, 40.0, "largest extent"),
        "oil_stain": Sizes(16.0, 42.0, 45.0, "largest extent", even=True),
        "screw_missing": Sizes(5.5, 8.0, 8.0, "how much of the screw head's width is gone", even=True),
    }
)
DEFECTS = tuple(SIZES)
LEAST_SIZE = 0.1  # mm; that can be asked for
TINY = 0.5  # mm; where the range of all sizes begins: no photograph at 80x80 shows it

# The limit sample: a fan with dust or a scuff of up to so many mm is GO, with more it is NG.
BLEMISH_LIMIT = 3.0
BLEMISHES = MappingProxyType(
    {"dust": "diameter of the largest speck", "scuff": "length of the faint rub mark"}
)
LEAST_BLEMISH = 0.4  # mm; of those that the line makes


def size_at(kind: str, share: float, sizes: str = "usual") -> float:
    """Return the size of ``kind`` in mm that ``share`` (0 to 1) of the line's units of that kind stay below.

    ``sizes`` is "usual" for the line's own range, or "all" for a log scale from 0.5 mm to the largest.

    >>> [size_at("scratch", share) for share in (0.0, 0.5, 1.0)]
    [14.0, 34.5, 55.0]
    >>> [size_at("scratch", share, "all") for share in (0.0, 0.5, 1.0)]
    [0.5, 5.92, 70.0]
    """
    known = SIZES[kind]
    if sizes == "all":
        return _spread(TINY, known.largest, share)
    if known.even:
        return round(known.smallest + share * (known.usual - known.smallest), 2)
    return _spread(known.smallest, known.usual, share)


def blemish_at(share: float) -> float:
    """Return the size in mm that ``share`` (0 to 1) of the line's blemishes stay below.

    >>> blemish_at(0.0), blemish_at(1.0) == BLEMISH_LIMIT
    (0.4, True)
    """
    return _spread(LEAST_BLEMISH, BLEMISH_LIMIT, share)


def _spread(low: float, high: float, share: float) -> float:
    """Return the place at ``share`` of the way from ``low`` to ``high`` on a log scale."""
    return round(low * (high / low) ** share, 2)
