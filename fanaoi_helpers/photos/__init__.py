"""The only way in for photographs: a folder with GO/ and NG/ in, arrays and a three-way split out.

GO = 1 and NG = 0, whatever the alphabet says: a label is the index of its class in ``CLASSES``.
"""

import os
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from .. import files
from ..errors import WorkbookError, printable, whole_number
from . import cache, decoding, folders, tables
from .dealing import folds
from .groups import units_of
from .preparing import prepare, resize
from .splitting import PARTS, Split, known_units, mixed, split, split_random

CLASSES = ("NG", "GO")


@dataclass(frozen=True, eq=False, repr=False)
class Photos:
    """Photographs and what is known about them; every array has one entry for each readable photograph.

    Attributes:
        pixels: (N, S, S, 3) uint8, RGB 0..255, memory-mapped and read-only.
        labels: (N,) int64, GO 1 and NG 0 (the index of the class in ``classes``).
        serials: (N,) str, "" where unknown; None where no serial is known at all.
        names: N names relative to ``folder``, with slashes, in alphabetical order.
        defects: (N,) str, "" for GO and where unknown.
        sizes: (N,) float, the size of each defect as the manifest gives it, NaN where it does not.
        folder: the folder that holds the class folders.
        unreadable: (name, reason) of each photograph that was left out.
        classes: the class names, in the order of their labels.
        notes: sentences about what was odd and yet usable.
        paths: N paths of the files.
        contents: N SHA-256 of the files, 64 hexadecimal digits: the identity of a photograph.
    """

    pixels: np.ndarray
    labels: np.ndarray
    serials: np.ndarray | None
    names: list[str]
    defects: np.ndarray
    sizes: np.ndarray
    folder: Path
    unreadable: list[tuple[str, str]] = field(default_factory=list)
    classes: tuple[str, str] = CLASSES
    notes: list[str] = field(default_factory=list)
    paths: list[str] = field(default_factory=list)
    contents: list[str] = field(default_factory=list)

    def __len__(self) -> int:
        return len(self.labels)

    def __repr__(self) -> str:
        counts = ", ".join(f"{count} {name}" for name, count in self.counts.items())
        return f"Photos({len(self)} photographs of {self.pixels.shape[2]}×{self.pixels.shape[1]}: {counts})"

    @property
    def counts(self) -> dict[str, int]:
        """The number of photographs of each class, label 1 first."""
        return {self.classes[label]: int(np.sum(self.labels == label)) for label in (1, 0)}

    @property
    def units_of_each(self) -> dict[str, int]:
        """The number of units of each class, label 1 first; a unit of both counts twice."""
        units = self.unit_ids
        return {self.classes[label]: len(np.unique(units[self.labels == label])) for label in (1, 0)}

    @property
    def unit_ids(self) -> np.ndarray:
        """(N,) int64: the same number for photographs of one serial; one number each where there is none."""
        return units_of(self.known_serials)

    @property
    def known_serials(self) -> list[str]:
        """The serial of each photograph, "" where none is known."""
        return [""] * len(self) if self.serials is None else self.serials.tolist()

    @property
    def units(self) -> int:
        """The number of units: serials, and photographs without one."""
        return len(np.unique(self.unit_ids))

    @property
    def left_out(self) -> list[str]:
        """A sentence about what could not be read; none where all could."""
        if not self.unreadable:
            return []
        shown = "; ".join(f"{name} ({reason})" for name, reason in self.unreadable[:3])
        more = "" if len(self.unreadable) <= 3 else f" and {len(self.unreadable) - 3} more"
        return [f"{len(self.unreadable)} left out as unreadable: {shown}{more}"]

    def describe(self) -> str:
        """Return a few lines for people: sizes, labels, units, what was left out and what was odd."""
        labels = ", ".join(
            f"{name} = {label}: {self.counts[name]} photographs"
            + ("" if self.serials is None else f" of {self.units_of_each[name]} units")
            for label, name in sorted(enumerate(self.classes), reverse=True)
        )
        known = f"{self.units} units (told apart by serial)"
        if self.serials is None:
            known = "no serials: which photographs show the same unit is not known"
        lines = [
            f"{len(self)} photographs, {self.pixels.shape[2]} × {self.pixels.shape[1]} pixels, RGB",
            labels,
            known,
            *self.notes,
        ]
        lines += self.left_out
        return "\n".join(map(printable, lines))  # names and serials are whatever the files say


def load(folder: str | os.PathLike, image_size: int = 80, classes: Sequence[str] = CLASSES) -> Photos:
    """Open a folder of photographs; the first opening decodes them, the next ones cost nothing.

    Args:
        folder: holds one folder for each class, or a folder photos/ that does. In the class folders: PNG,
            JPEG, BMP, TIFF and WebP of any size and mode, in nested folders too. Beside them there may be a
            manifest.csv with the columns photo, serial and, if known, label, defect and size. Or a .zip of
            such a folder, which is extracted into ``files.runs_dir()/cache/archives``.
        image_size: side of the square in pixels that every photograph is resized to, whatever its shape.
        classes: the names of the class folders; the label is the index here. Upper and lower case are matched
            exactly if possible, else without regard to case.

    Transparent photographs are laid on white, EXIF rotation is applied, 16 bits are scaled to 8: 65535 is
    white unless a TIFF says that 10, 12 or 14 bits are used. Of several pages or frames the first is taken.
    Nothing aliases when photographs are made smaller: each pixel is the mean of those that fall into it.

    The pixels are kept under ``files.runs_dir()/cache/photos`` by the content of the files: a folder that was
    copied, moved or touched is not decoded again, and where files were added, removed or changed (by name,
    size or times) only new content is. At most 20 GB are kept; what was not opened for longest goes first.
    """
    image_size = whole_number("image_size", image_size, 1, 2048)
    classes = folders.two_classes(classes)
    root, places = folders.class_folders(folder, classes)
    entries, notes, refusals = folders.listing(root, places)
    if refusals:
        raise refusals[0]
    notes += folders.unused(root, places)
    known = tables.read_manifest(root, entries, classes)
    target = decoding.square(image_size)
    opened = cache.opened(root, entries, image_size, lambda data: decoding.decode(data, target))
    reasons = [reason for reason, _ in opened.facts]
    for remark in sorted({remark for _, remark in opened.facts} - {""}):
        odd = [entry.name for entry, fact in zip(entries, opened.facts, strict=True) if fact[1] == remark]
        notes.append(f"{remark[0].upper()}{remark[1:]}: {len(odd)} (first: {odd[0]}).")
    readable = [index for index, reason in enumerate(reasons) if not reason]
    unreadable = [(entry.name, reason) for entry, reason in zip(entries, reasons, strict=True) if reason]
    labels = np.array([entries[index].label for index in readable], dtype=np.int64)
    for label, place in enumerate(places):
        if label not in labels:
            broken = [entry.name for entry in entries if entry.label == label]
            raise WorkbookError(
                f"No photograph in {files.shown(place)} can be read, of {len(broken)} tried "
                f"(first: {broken[0]}, {dict(unreadable)[broken[0]]}): replace them."
            )
    return Photos(
        pixels=opened.pixels,
        labels=labels,
        serials=None if known.serials is None else known.serials[readable],
        names=[entries[index].name for index in readable],
        defects=known.defects[readable],
        sizes=known.sizes[readable],
        folder=root,
        unreadable=unreadable,
        classes=classes,
        notes=notes + known.notes,
        paths=[entries[index].path for index in readable],
        contents=[opened.contents[index] for index in readable],
    )
