"""Photographs that show little or nothing: far darker, brighter, emptier or softer than the others there.

All limits are relative to the folder, as medians and their spread (MAD), and not one photograph of a folder
that is dark, white or soft throughout is named.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from ..photos.depth import DARK as DARK_FILE
from .findings import Evidence, Finding, many
from .inspecting import Inspected

FAR = 5.0  # spreads from the median, from which on a photograph may be named at all
LEAST = 8  # photographs below which there is no usual one
LEAST_SPREAD = 0.05  # of a logarithm: photographs of a good station hardly differ
DARK, EMPTY, SOFT = 0.4, 0.2, 0.65  # of the median: light, differences of gray, and what a blur takes away
BRIGHT, CLIPPED = (
    0.75,
    0.05,
)  # of the median: what is missing to white; share that is white, beyond the median's
EMPTY_REACH = 30.0  # gray values: whatever the folder, what differs by more is not empty
TINY, SHAPE = 0.4, 1.2  # of the median: the shorter side; how much wider or higher
GRAY, COLORED = 1.0, 3.0  # gray values between the channels: of a gray photograph, and of a colored folder

ADVICE = "Look at them: photograph them again, or take them out."
WORDS = {
    "dark": "far darker than the others",
    "overexposed": "overexposed: far brighter than the others, and white in places",
    "empty": "empty: hardly anything is to be seen",
    "blurred": "blurred: far softer than the others",
}


def find(evidence: Evidence) -> Iterator[Finding]:
    """Yield a finding for each kind of photograph that shows too little."""
    told = np.array([photo.remark.endswith(DARK_FILE) for photo in evidence.photos])
    kinds = np.where(told, "", evidence.poor)
    for kind, words in WORDS.items():
        members = np.flatnonzero(kinds == kind)
        if len(members):
            sentence = f"{many(len(members), 'photograph')} {'is' if len(members) == 1 else 'are'} {words}."
            yield Finding("warning", kind, sentence, ADVICE, groups=evidence.each(members))


def poor(photos: Sequence[Inspected]) -> np.ndarray:
    """Return (N,) str, what a photograph is too poor to be judged by: one of `WORDS`, else ""."""
    kinds = np.full(len(photos), "", dtype="U12")
    if len(kinds) < LEAST:
        return kinds

    def values(name: str) -> np.ndarray:
        return np.array([photo.measured[name] for photo in photos])

    high, reach, clipped = values("high") + 1, values("reach") + 0.5, values("clipped")
    missing, floor, taken_away = (
        256 - values("mean"),
        values("low") + 8,
        1.001 - np.minimum(values("blur"), 1),
    )
    dark = below(high, DARK)
    white = below(missing, BRIGHT) & (clipped > np.median(clipped) + CLIPPED) & below(1 / floor, 1 / 1.5)
    empty = below(reach, EMPTY) & (reach < EMPTY_REACH)
    for kind, members in (
        ("blurred", below(taken_away, SOFT)),
        ("empty", empty),
        ("overexposed", white),
        ("dark", dark),
    ):
        kinds[members] = kind
    return kinds


def below(values: np.ndarray, share: float) -> np.ndarray:
    """Tell which of ``values`` (N,), all positive, lie below that share of the median and far from it.

    >>> below(np.array([90, 100, 101, 103, 99, 20.0]), 0.4).tolist()
    [False, False, False, False, False, True]
    """
    logs = np.log(values)
    middle = np.median(logs)
    spread = max(LEAST_SPREAD, 1.4826 * float(np.median(np.abs(logs - middle))))
    return (logs < middle + np.log(share)) & (logs < middle - FAR * spread)


def odd_ones(evidence: Evidence) -> Iterator[Finding]:
    """Yield photographs of another shape, far smaller ones, and gray ones among colored ones."""
    shape, tiny = misshapen(evidence)
    chroma = np.array([photo.measured["chroma"] for photo in evidence.photos])
    for kind, members, words in (
        ("odd_shape", shape, "of another shape than"),
        ("tiny", tiny, "far smaller than"),
        (
            "gray",
            (chroma < GRAY) & (np.median(chroma) > COLORED) & (evidence.poor == ""),
            "gray, unlike",
        ),
    ):
        if 0 < members.sum() < len(members) / 4:
            are = "is" if members.sum() == 1 else "are"
            sentence = f"{many(int(members.sum()), 'photograph')} {are} {words} the others."
            groups = evidence.each(np.flatnonzero(members))
            yield Finding("note", kind, sentence, "Look whether they belong here.", groups=groups)


def misshapen(evidence: Evidence) -> tuple[np.ndarray, np.ndarray]:
    """Tell which photographs are of another shape than most, and which are far smaller: (N,) bool each."""
    width, height = np.array([(photo.width, photo.height) for photo in evidence.photos], float).T
    shape, side = width / height, np.minimum(width, height)
    off = np.maximum(shape / np.median(shape), np.median(shape) / shape)
    # As wide as the others are high: the camera was held upright.
    off = np.minimum(off, np.maximum(shape * np.median(shape), 1 / (shape * np.median(shape))))
    tiny = side < TINY * np.median(side)
    return (off > SHAPE) & ~tiny, tiny
