"""What can be wrong with a folder of photographs: one function for each kind of finding."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, replace

import numpy as np

from ..errors import printable
from ..photos.depth import DARK
from ..photos.groups import together, units_of
from ..photos.splitting import KINDS, PARTS, why_not
from .inspecting import Inspected

SEVERITIES = ("problem", "warning", "note")
FEW_UNITS, MANY_EACH = 30, 3  # units of a class, of which a score is told when each has so many photographs


@dataclass(frozen=True)
class Finding:
    """One thing that an audit found.

    It is a "problem" (a score would be wrong, or there would be none), a "warning" (look before you believe a
    score), or a "note".
    """

    severity: str
    kind: str  # a fixed word, such as "copies_cross_split", for programs
    sentence: str
    advice: str = ""  # what to do, if anything is to be done
    count: int | None = None  # of what the sentence counts; None: of the groups
    groups: tuple[tuple[str, ...], ...] = ()  # the names of the files; those that belong together in one

    def __post_init__(self) -> None:
        """Make what people read printable: it quotes manifests, splits and names; ``groups`` stay exact."""
        for name in ("sentence", "advice"):
            object.__setattr__(self, name, printable(getattr(self, name)))
        if self.count is None:
            object.__setattr__(self, "count", len(self.groups))

    @property
    def files(self) -> list[str]:
        """The names of all files concerned, each once."""
        return list(dict.fromkeys(name for group in self.groups for name in group))

    def as_dict(self) -> dict[str, object]:
        """Return plain values: severity, kind, sentence, advice, count, groups."""
        return asdict(self) | {"groups": [list(group) for group in self.groups]}


@dataclass(frozen=True)
class Evidence:
    """What the findings are made from: N readable photographs and what is known of each."""

    photos: Sequence[Inspected]
    classes: tuple[str, str]
    serials: Sequence[str]  # "" where unknown
    identical: np.ndarray  # (N,) the same number for the same pixels
    copies: np.ndarray  # (N,) the same number for copies of one photograph; identical ones are copies too
    searched: bool  # whether copies were searched for; if not, ``copies`` is ``identical``
    sure: np.ndarray  # (N,) the same number for copies under several labels or serials that are surely one
    poor: np.ndarray  # (N,) str, why a photograph can't be judged (`quality.WORDS`), "" for most
    units: np.ndarray  # (N,) what a split keeps together
    by: str  # "serial", "copies" or "photograph": what ``units`` is made from
    parts: Sequence[str] | None = None  # of a given split, "" for none; None where no split is given

    @property
    def labels(self) -> np.ndarray:
        """(N,) 0 or 1."""
        return np.array([photo.label for photo in self.photos], dtype=np.int64)

    def first(self, count: int) -> Evidence:
        """Return what is known of the first ``count`` photographs."""
        each = ("photos", "serials", "identical", "copies", "sure", "poor", "units")
        cut = {name: getattr(self, name)[:count] for name in each}
        return replace(self, **cut, parts=None)

    def each(self, members: Iterable[int]) -> tuple[tuple[str], ...]:
        """Return the names of photographs by index, each a group by itself."""
        return tuple((self.photos[index].name,) for index in members)

    def names(self, groups: Iterable[np.ndarray], values: np.ndarray) -> tuple[tuple[str, ...], ...]:
        """Return the names in groups of indices; one photograph of each of ``values`` (N,) comes first."""
        names = []
        for members in groups:
            firsts = np.sort(np.unique(values[members], return_index=True)[1])
            order = [*members[firsts], *np.delete(members, firsts)]
            names.append(tuple(self.photos[index].name for index in order))
        return tuple(names)


def of(everything: Evidence, folder: Evidence) -> Iterator[Finding]:
    """Yield what contradicts itself in ``everything``, the sealed test too, and what is odd in ``folder``."""
    for make in (labels_contradict, parts_cross):
        yield from make(everything)
    for make in (serials_contradict, too_few, duplicates, odd_ones, remarks) if folder.photos else ():
        yield from make(folder)


def labels_contradict(evidence: Evidence) -> Iterator[Finding]:
    """Yield photographs, and units by serial, that bear both labels."""
    labels = evidence.labels
    # What shows nothing is the same under both labels, and no label of it is right.
    both, alike = _surely_or_alike(evidence, np.where(evidence.poor == "", labels.astype(str), ""))
    if both:
        total = sum(map(len, both))
        what = "copies of it" if evidence.searched else "the same file"
        yield Finding(
            "problem",
            "both_labels",
            f"{many(len(both), 'photograph')} {'bears' if len(both) == 1 else 'bear'} both labels: "
            f"{total} files, {what} in both classes.",
            "Decide which label is right and move the others, or take all of them out.",
            groups=evidence.names(both, labels),
        )
    if alike:
        yield Finding(
            "note",
            "alike_both_labels",
            f"{many(sum(map(len, alike)), 'photograph')} of both labels are as alike as copies in "
            f"{many(len(alike), 'group')}: units that are alike but for their defect, or copies of one.",
            "Look at the first ones. If they are different units, this is as it should be: leave them.",
            groups=evidence.names(alike, labels),
        )
    both = [members for members in _of_one_serial(evidence) if len(set(labels[members])) == 2]
    if both:
        yield Finding(
            "warning",
            "serial_both_labels",
            f"{many(len(both), 'serial')} {'bears' if len(both) == 1 else 'bear'} both labels.",
            "Right where the defect shows in some photographs only; otherwise correct the manifest.",
            groups=evidence.names(both, labels),
        )


def parts_cross(evidence: Evidence) -> Iterator[Finding]:
    """Yield what stands in more than one part of the given split, and photographs that stand in none."""
    if evidence.parts is None:
        return
    parts = np.array(evidence.parts, dtype=str)
    counts = Counter(evidence.parts)
    totals = {
        part: counts[part] for part in dict.fromkeys([*PARTS, *evidence.parts]) if part and counts[part]
    }
    for kind, what, groups in (
        ("copies_cross_split", "a copy", together(evidence.copies)),
        ("serials_cross_split", "a photograph with the same serial", _of_one_serial(evidence)),
    ):
        torn = [members for members in groups if len(set(parts[members]) - {""}) > 1]
        if torn:
            concerned = Counter(part for members in torn for part in parts[members].tolist() if part)
            shares = ", ".join(f"{concerned[part]} of {totals[part]} in {part}" for part in totals)
            yield Finding(
                "problem",
                kind,
                f"The split leaks: photographs have {what} in another part ({shares}).",
                "Split again with photos.split, which keeps units whole; scores on this split tell nothing.",
                groups=evidence.names(torn, parts),
            )
    without = np.flatnonzero(parts == "")
    if len(without):
        yield Finding(
            "warning",
            "in_no_part",
            f"No part of the split holds {many(len(without), 'photograph')} of the folder.",
            "Add them to the split, or take them out of the folder.",
            groups=tuple((evidence.photos[index].name,) for index in without),
        )


def serials_contradict(evidence: Evidence) -> Iterator[Finding]:
    """Yield copies under different serials, and what follows from having no serials."""
    serials = np.array(evidence.serials, dtype=str)
    groups = together(evidence.copies)
    apart, alike = _surely_or_alike(evidence, serials)
    if alike:
        yield Finding(
            "note",
            "alike_serials",
            f"{many(sum(map(len, alike)), 'photograph')} of different serials are as alike as copies in "
            f"{many(len(alike), 'group')}: units that are alike, or copies of one.",
            "Look at the first ones. If they are different units, this is as it should be.",
            groups=evidence.names(alike, serials),
        )
    if apart:
        yield Finding(
            "problem",
            "serials_contradict_copies",
            f"{many(len(apart), 'photograph')} {'has' if len(apart) == 1 else 'have'} copies that bear other "
            f"serials: {sum(map(len, apart))} files.",
            "Look at them and correct the manifest. photos.split keeps them together: this search is kept.",
            groups=evidence.names(apart, serials),
        )
    missing = int(np.sum(serials == ""))
    if missing == len(serials) and groups and evidence.searched:
        left = len(np.unique(evidence.copies))
        yield Finding(
            "warning",
            "copies",
            f"{len(serials)} photographs come from {left}, the others are copies, and there are no serials.",
            "Never split them at random; photos.split keeps copies together. Believe no score that did not.",
            groups=evidence.names(groups, evidence.labels),
        )
    elif groups and evidence.searched and not apart:
        yield Finding(
            "note",
            "copies",
            f"{sum(map(len, groups))} photographs have copies under the same serial.",
            groups=evidence.names(groups, evidence.labels),
        )
    if not evidence.searched:
        yield Finding("note", "copies_not_searched", "Copies were not searched for, only identical files.")
    if missing == len(serials):
        yield Finding(
            "note",
            "no_serials",
            "No serials are known: which photographs show the same unit has to be guessed from copies.",
            "Write manifest.csv with the columns photo and serial where you know them.",
            count=missing,
        )


def too_few(evidence: Evidence) -> Iterator[Finding]:
    """Yield why the photographs can't be split three ways, and classes of few units with many photographs."""
    for label in (1, 0):
        own = evidence.labels == label
        photographs, units = int(own.sum()), len(np.unique(evidence.units[own]))
        if units < FEW_UNITS and photographs >= MANY_EACH * units > 0:
            yield Finding(
                "warning",
                "few_units",
                f"{photographs} {evidence.classes[label]} are {many(units, 'unit')}: any score on them rests "
                f"on {units}, not on {photographs}.",
                "Photograph more units rather than the same ones more often.",
                count=units,
            )
    if reason := why_not(evidence.labels, evidence.units, evidence.classes, KINDS[evidence.by]):
        yield Finding("problem", "no_split", reason, count=len(np.unique(evidence.units)))


def duplicates(evidence: Evidence) -> Iterator[Finding]:
    """Yield files that are the same photograph to the last pixel, within a class."""
    labels = evidence.labels
    same = [members for members in together(evidence.identical) if len(set(labels[members])) == 1]
    if same:
        spare = sum(map(len, same)) - len(same)
        yield Finding(
            "warning",
            "duplicates",
            f"{many(spare, 'file')} {'repeats' if spare == 1 else 'repeat'} another one pixel by pixel.",
            "Keep one of each: a photograph that counts twice tells nothing new.",
            spare,
            evidence.names(same, labels),
        )


def odd_ones(evidence: Evidence) -> Iterator[Finding]:
    """Yield the photographs whose size, format or mode is not that of most."""
    for kind, words in (("size", "{} pixels"), ("format", "{}"), ("mode", "of mode {}")):
        values = [getattr(photo, kind) for photo in evidence.photos]
        (usual, count), *others = Counter(values).most_common()
        if others and count > len(values) / 2:
            odd = [index for index, value in enumerate(values) if value != usual]
            listed = ", ".join(f"{value} ({number})" for value, number in others[:4])
            more = f" and {many(len(others) - 4, 'other')}" if len(others) > 4 else ""
            yield Finding(
                "note",
                f"odd_{kind}",
                f"{many(len(odd), 'photograph')} of {len(values)} {'is' if len(odd) == 1 else 'are'} not "
                f"{words.format(usual)} like the others: {listed}{more}.",
                "Look whether they belong here.",
                groups=tuple((evidence.photos[index].name,) for index in odd),
            )


def remarks(evidence: Evidence) -> Iterator[Finding]:
    """Yield what was odd in reading photographs that are usable all the same."""
    for remark in sorted({photo.remark for photo in evidence.photos} - {""}):
        names = [photo.name for photo in evidence.photos if photo.remark == remark]
        dark = remark.endswith(DARK)
        yield Finding(
            "warning" if dark else "note",
            "remark",
            f"{many(len(names), 'photograph')}: {remark}.",
            "Save them so that white is 65535, or as TIFF that says how many bits are used." if dark else "",
            groups=tuple((name,) for name in names),
        )


def _surely_or_alike(evidence: Evidence, values: np.ndarray) -> tuple[list[np.ndarray], list[np.ndarray]]:
    """Return groups of copies with several of ``values`` (N,), "" for none: sure ones, and the others."""

    def several(groups: np.ndarray) -> list[np.ndarray]:
        return [members for members in together(groups) if len(set(values[members].tolist()) - {""}) > 1]

    surely = several(evidence.sure)
    told = {index for members in surely for index in members.tolist()}
    alike = [members for members in several(evidence.copies) if not told & set(members.tolist())]
    return surely, alike


def _of_one_serial(evidence: Evidence) -> list[np.ndarray]:
    """Return the indices of each serial that two or more photographs bear."""
    return sorted(together(units_of(evidence.serials)), key=lambda members: members[0])


def many(count: int, noun: str) -> str:
    """Return ``count`` with its noun: "1 file", "2 files"."""
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"
