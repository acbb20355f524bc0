"""What tells GO from NG without a look at the product: file format, size, mode, color of the border."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

import numpy as np

from .findings import Evidence, Finding
from .inspecting import Inspected

LARGE_SHARE = 0.5  # a format, size or mode whose share differs by so much between the classes is reported
LARGE_AUC = 0.75  # so is the border where by it alone one of each class is told apart this often
ERRORS = 3.0  # but only beyond so many standard errors: few units differ by chance
ADVICE = "Photograph both classes in the same way and in turns: a CNN may learn this instead of the defect."


def find(evidence: Evidence) -> Iterator[Finding]:
    """Yield what may be a shortcut.

    Counted once for each unit and label, so that a unit with many photographs weighs no more than another.
    """
    rows: dict[tuple[int, int], list[Inspected]] = {}
    for photo, unit in zip(evidence.photos, evidence.units.tolist(), strict=True):
        rows.setdefault((photo.label, unit), []).append(photo)
    labels = np.array([label for label, _ in rows])
    if len(set(labels.tolist())) < 2:
        return
    for kind, words in (("format", "file format"), ("size", "size in pixels"), ("mode", "mode")):
        values = [
            Counter(getattr(photo, kind) for photo in own).most_common(1)[0][0] for own in rows.values()
        ]
        yield from _by_value(evidence.classes, kind, words, np.array(values), labels)
    colors = np.array([np.mean([photo.border for photo in own], axis=0) for own in rows.values()])
    yield from _by_border(evidence.classes, colors, labels)


def _by_value(
    classes: tuple[str, str], kind: str, words: str, values: np.ndarray, labels: np.ndarray
) -> Iterator[Finding]:
    """Yield a finding if some value is much more frequent in one class."""
    shares = [{value: np.mean(values[labels == label] == value) for value in set(values)} for label in (0, 1)]
    value = max(sorted(shares[0]), key=lambda value: abs(shares[1][value] - shares[0][value]))
    (less, least), (more, most) = sorted((shares[label][value], classes[label]) for label in (0, 1))
    error = np.sqrt(sum(0.25 / np.sum(labels == label) for label in (0, 1)))
    if more - less >= max(LARGE_SHARE, ERRORS * error):
        sentence = (
            f"The {words} tells the classes apart: {more:.0%} of {most} are {value}, "
            f"but {less:.0%} of {least}. This may be a shortcut."
        )
        yield Finding("warning", f"shortcut_{kind}", sentence, ADVICE, count=len(labels))


def _by_border(classes: tuple[str, str], colors: np.ndarray, labels: np.ndarray) -> Iterator[Finding]:
    """Yield a finding if the border's brightness or tint tells the classes apart: (N, 3) colors of units."""
    from sklearn.metrics import roc_auc_score

    ones, zeros = int(np.sum(labels == 1)), int(np.sum(labels == 0))
    # Of the AUC of what tells nothing (Mann-Whitney).
    error = np.sqrt((ones + zeros + 1) / (12 * ones * zeros))
    red, green, blue = colors.T
    looks = {
        "brighter": colors.mean(axis=1),
        "warmer": red - blue,
        "greener": green - (red + blue) / 2,
    }
    shortcuts = []
    for word, values in looks.items():
        auc = float(roc_auc_score(labels, values))
        if abs(auc - 0.5) >= max(LARGE_AUC - 0.5, ERRORS * error):
            shortcuts.append((max(auc, 1 - auc), auc > 0.5, word, values))
    if shortcuts:
        auc, go_has_more, word, values = max(shortcuts, key=lambda shortcut: shortcut[0])
        more, less = (1, 0) if go_has_more else (0, 1)
        means = {label: values[labels == label].mean() for label in (more, less)}
        sentence = (
            f"The border of {classes[more]} is {word} than that of {classes[less]} "
            f"(mean {means[more]:.1f} and {means[less]:.1f} of 255): by it alone one of each is told apart "
            f"{auc:.0%} of the time (AUC {auc:.2f}). This may be a shortcut."
        )
        yield Finding("warning", "shortcut_border", sentence, ADVICE, count=len(labels))
