"""Any property that alone tells GO from NG: how a photograph was saved, named, lit and taken.

One rule for all: how often does one property of a unit alone tell one of each class apart? A number is asked
as it stands (AUC), and in steps, so that "neither small nor large" counts, too; steps and words are judged on
other units than those that they are learned from. What chance can do is bounded for all properties together.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from typing import NamedTuple

import numpy as np

from .findings import Evidence, Finding
from .inspecting import Inspected

LARGE = 0.75  # how often one of each is told apart, from which on it is reported
LARGE_CONTENT = 0.85  # the same for what a real defect may change
CHANCE = 0.01  # that anything at all is reported of a folder in which nothing tells the classes apart
FOLDS = 5
STEPS = 8  # that a number is dealt into
LEAST_UNITS = 8  # of each class, that have the property
FEW_UNITS = 15  # of a class; where there are fewer, what a defect may change by itself is no warning
NEARLY = 0.1  # below the best of its family: the first one of the family is reported
PHOTOGRAPH = (
    "Photograph both classes in the same way and in turns: a CNN may learn this instead of the defect."
)
CONTENT = "Look at some of each: is it the defect, or the camera and the lamp? A CNN may learn either."
UNSEEN = "A CNN does not see it; but ask whether both classes were photographed in the same way and in turns."


class Property(NamedTuple):
    """Something that is known of a photograph: a number, a word, or None."""

    kind: str
    words: str
    of: Callable[[Inspected], float | str | None]
    advice: str = PHOTOGRAPH


def _measured(name: str) -> Callable[[Inspected], float | None]:
    return lambda photo: photo.measured.get(name)


def _taken(name: str) -> Callable[[Inspected], float | str | None]:
    return lambda photo: photo.taken.get(name)


def _stem(photo: Inspected) -> str:
    return photo.name.rpartition("/")[2].rpartition(".")[0]


def _prefix(photo: Inspected) -> str:
    """Return what stands before the first digit, without the name of the class: that tells nothing new."""
    return (
        re.split(r"\d", _stem(photo), maxsplit=1)[0]
        .casefold()
        .replace(photo.name.split("/")[0].casefold(), "")
    )


def _number(photo: Inspected) -> float | None:
    digits = re.findall(r"\d{1,15}", _stem(photo))
    return float(digits[0]) if digits else None


def _time(photo: Inspected) -> float | None:
    """Return when a photograph was taken, in days."""
    try:
        moment = datetime.strptime(str(photo.taken["time"])[:19], "%Y:%m:%d %H:%M:%S")
        return moment.toordinal() + (moment.hour * 3600 + moment.minute * 60 + moment.second) / 86400
    except (KeyError, ValueError):
        return None


def _density(photo: Inspected) -> float:
    return photo.bytes / (photo.width * photo.height)


def _software(photo: Inspected) -> str:
    return str(photo.taken.get("software", "not told"))


def _camera(photo: Inspected) -> str:
    return (
        " ".join(str(photo.taken.get(name, "")) for name in ("make", "camera", "lens")).strip() or "not told"
    )


def _subfolder(photo: Inspected) -> str:
    return "/".join(photo.name.split("/")[1:-1]).casefold() or "none"


# Families of what goes together, one finding for each; within one the plainest first.
FAMILIES: tuple[tuple[Property, ...], ...] = (
    (
        Property("format", "file format", lambda photo: photo.format),
        Property("mode", "mode", lambda photo: photo.mode),
        Property("quality", "JPEG compression", _taken("coarse")),
    ),
    (
        Property("size", "size in pixels", lambda photo: photo.size),
        Property("width", "width in pixels", lambda photo: float(photo.width)),
        Property("height", "height in pixels", lambda photo: float(photo.height)),
        Property("shape", "width over height", lambda photo: photo.width / photo.height),
    ),
    (
        Property("border", "brightness of the border", _measured("border")),
        Property("border", "warmth of the border", _measured("border_warm")),
        Property("border", "green tint of the border", _measured("border_green")),
        Property("corners", "brightness of the corners", _measured("corners")),
        Property("brightness", "brightness", _measured("mean"), CONTENT),
        Property("middle", "brightness of the middle", _measured("middle"), CONTENT),
        Property("warm", "warmth of the colors", _measured("warm"), CONTENT),
        Property("green", "green tint", _measured("green"), CONTENT),
        Property("chroma", "strength of the colors", _measured("chroma"), CONTENT),
        Property("contrast", "contrast", _measured("contrast"), CONTENT),
        Property("softness", "softness", _measured("blur"), CONTENT),
        Property("noise", "noise", _measured("noise"), CONTENT),
        Property("bytes", "file size for each pixel", _density, CONTENT),
        Property("file_size", "file size", lambda photo: float(photo.bytes), CONTENT),
    ),
    (
        Property("camera", "camera", _camera),
        Property("software", "software that saved it", _software),
        Property("exposure", "exposure time", _taken("exposure")),
        Property("aperture", "aperture", _taken("aperture")),
        Property("iso", "ISO", _taken("iso")),
        Property("focal", "focal length", _taken("focal")),
    ),
    (Property("time", "time of the photograph", _time),),
    (
        Property("name", "beginning of the name", _prefix, UNSEEN),
        Property("name_number", "number in the name", _number, UNSEEN),
        Property("name_length", "length of the name", lambda photo: float(len(_stem(photo))), UNSEEN),
        Property("subfolder", "subfolder", _subfolder, UNSEEN),
    ),
)


def find(evidence: Evidence) -> Iterator[Finding]:
    """Yield what may be a shortcut, at most one property of each family.

    Counted once for each unit and label, so that a unit with many photographs weighs no more than another.
    """
    rows: dict[tuple[int, int], list[Inspected]] = {}
    for photo, unit in zip(evidence.photos, evidence.units.tolist(), strict=True):
        rows.setdefault((photo.label, unit), []).append(photo)
    labels = np.array([label for label, _ in rows])
    if len(set(labels.tolist())) < 2:
        return
    asked = []
    for family in FAMILIES:
        told = []
        for one in family:
            values = [_of_unit([one.of(photo) for photo in own]) for own in rows.values()]
            known = np.array([value is not None for value in values])
            if min(np.sum(labels[known] == label) for label in (0, 1)) >= LEAST_UNITS:
                own = [value for value in values if value is not None]
                if len(set(own)) > 1:
                    told.append((one, own, labels[known]))
        asked.append(told)
    tries = sum(map(len, asked))
    for told in asked:
        found = [
            (rate, one, values, own)
            for one, values, own in told
            if (rate := told_apart(values, own)) >= max(_limit(one), 0.5 + by_chance(own, tries))
        ]
        if found:
            best = max(rate for rate, *_ in found)
            rate, one, values, own = next(each for each in found if each[0] >= best - NEARLY)
            also = [other.words for _, other, *_ in found if other is not one]
            yield _finding(evidence.classes, one, rate, values, own, also)


def _limit(one: Property) -> float:
    return LARGE_CONTENT if one.advice == CONTENT else LARGE


def _of_unit(values: Sequence[float | str | None]) -> float | str | None:
    """Return the mean of a unit's numbers, or the most frequent of its words; None where nothing is known."""
    known = [value for value in values if value is not None]
    if not known or all(isinstance(value, str) for value in known):
        return Counter(known).most_common(1)[0][0] if known else None
    return float(np.mean([value for value in known if not isinstance(value, str)]))


def by_chance(labels: np.ndarray, tries: int) -> float:
    """Return how far above one half chance brings the best of so many tries, but for `CHANCE`."""
    from scipy.stats import norm

    zeros, ones = np.bincount(labels, minlength=2).tolist()
    return float(norm.isf(CHANCE / 2 / tries) * np.sqrt((zeros + ones + 1) / (12 * zeros * ones)))


def told_apart(values: Sequence[float] | Sequence[str], labels: np.ndarray) -> float:
    """Return how often one of each class is told apart by ``values`` (N,) alone: 0.5 by chance, 1 always.

    >>> told_apart([float(value) for value in range(40)], np.repeat([0, 1], 20))
    1.0
    """
    from sklearn.metrics import roc_auc_score

    if isinstance(values[0], str):
        return _by_steps(np.unique(values, return_inverse=True)[1], labels)
    numbers = np.asarray(values, float)
    auc = float(roc_auc_score(labels, numbers))
    edges = np.unique(np.quantile(numbers, np.arange(1, STEPS) / STEPS))
    return max(auc, 1 - auc, _by_steps(np.searchsorted(edges, numbers, "left"), labels))


def _by_steps(steps: np.ndarray, labels: np.ndarray) -> float:
    """Return the same for steps or words, numbered from 0: the AUC of what other units with them say."""
    from sklearn.metrics import roc_auc_score
    from sklearn.model_selection import StratifiedKFold

    says = np.zeros(len(labels))
    for others, own in StratifiedKFold(FOLDS, shuffle=True, random_state=0).split(steps, labels):
        counts = np.ones((2, int(steps.max()) + 1))
        np.add.at(counts, (labels[others], steps[others]), 1.0)
        shares = np.log(counts / counts.sum(axis=1, keepdims=True))
        says[own] = np.sign(np.round((shares[1] - shares[0])[steps[own]], 9))
    return float(roc_auc_score(labels, says))


def _finding(
    classes: tuple[str, str], one: Property, rate: float, values: list, labels: np.ndarray, also: list[str]
) -> Finding:
    """Return what is said of a property that tells the classes apart."""
    if isinstance(values[0], str):
        words = np.array(values)
        shares = {
            value: [float(np.mean(words[labels == label] == value)) for label in (0, 1)]
            for value in set(values)
        }
        value = max(sorted(shares), key=lambda value: abs(shares[value][1] - shares[value][0]))
        most = int(shares[value][1] > shares[value][0])
        how = (
            f"{shares[value][most]:.0%} of {classes[most]} are {value or 'without one'}, "
            f"but {shares[value][1 - most]:.0%} of {classes[1 - most]}"
        )
    else:
        low, high = (np.median(np.asarray(values)[labels == label]) for label in (0, 1))
        how = f"median {_number_of(one, high)} of {classes[1]}, {_number_of(one, low)} of {classes[0]}"
    more = f"; so {'does' if len(also) == 1 else 'do'} {', '.join(also)}" if also else ""
    end = "" if one.advice == UNSEEN else " This may be a shortcut."
    few = one.advice == CONTENT and min(np.bincount(labels, minlength=2)) < FEW_UNITS
    return Finding(
        "note" if few or one.advice == UNSEEN else "warning",
        f"shortcut_{one.kind}",
        f"The {one.words} tells the classes apart, {rate:.0%} of the time by it alone: {how}{more}.{end}",
        one.advice,
        count=len(labels),
    )


def _number_of(one: Property, value: float) -> str:
    if one.kind == "time":
        return datetime.fromordinal(int(value)).strftime("%Y-%m-%d") + f" {value % 1 * 24:.1f} h"
    return f"{value:.4g}"
