"""Finding the class folders and the photographs in them."""

import os
import stat
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import suppress
from itertools import chain, islice
from pathlib import Path
from typing import NamedTuple

from .. import files
from ..errors import WorkbookError
from . import archive, kinds
from .zip_names import alike

MOST_SORTED = 20_000  # entries of one folder; a larger one comes in the order of the system
CALLED = "say what yours are called (go_class and ng_class in notebook 05, --classes for fanaoi check)"


class Entry(NamedTuple):
    """One photograph file as it was found."""

    name: str  # relative to the folder that holds the class folders, with slashes
    path: str
    label: int
    size: int  # bytes
    modified: int  # nanoseconds
    changed: int = 0  # nanoseconds; of content, name or rights (of creation on Windows)


def two_classes(classes: Sequence[str]) -> tuple[str, str]:
    """Return ``classes`` as a pair of folder names, or refuse it."""
    names = () if isinstance(classes, str) else tuple(classes)
    sound = all(isinstance(name, str) and name.strip() and not set(name) & set("/\\") for name in names)
    if len(names) != 2 or not sound or alike(names[0]) == alike(names[1]):
        raise WorkbookError(f'classes is {classes!r}, but it must be two folder names, such as ("NG", "GO").')
    return names


def class_folders(folder: str | os.PathLike, classes: tuple[str, str]) -> tuple[Path, list[Path]]:
    """Return the folder that holds the class folders, and the class folders in the order of their labels.

    ``folder`` may be a .zip of such a folder, or of one folder that is such a folder: it is extracted.
    """
    wanted = " and ".join(f"{name}/" for name in reversed(classes))
    if not isinstance(folder, (str, os.PathLike)) or not str(folder).strip():
        raise WorkbookError(f"The folder is {folder!r}: give the path of a folder that holds {wanted}.")
    try:
        given = Path(folder).expanduser().resolve()
        zipped = given.suffix.casefold() == ".zip" and given.is_file()
        if zipped:
            given = archive.extracted(given, classes)
        if not given.is_dir():
            problem = "is a file" if given.exists() else "was not found"
            raise WorkbookError(f"{files.shown(given)} {problem}: give a folder or .zip that holds {wanted}.")
        inside = _subfolders(given)
        # Most programs pack the folder itself, not only what it holds.
        tops = [given, *inside] if zipped and len(inside) == 1 else [given]
        for top in tops:
            for root in (top, *(path for path in _subfolders(top) if path.name.casefold() == "photos")):
                places = [_named(name, _subfolders(root)) for name in classes]
                if all(places):
                    return root, places
        hint = _where_else(given, inside, classes)
    except WorkbookError:
        raise
    except (OSError, RuntimeError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise WorkbookError(
            f"{str(folder)!r} can't be opened ({reason}): check it and its permissions."
        ) from error
    raise WorkbookError(f"{files.shown(given)} must hold {wanted}, but {hint}.")


def _subfolders(folder: Path) -> list[Path]:
    return sorted(path for path in folder.iterdir() if path.is_dir() and not path.name.startswith("."))


def _named(name: str, folders: list[Path]) -> Path | None:
    """Return the folder of that name, exactly if there is one, else without regard to case."""
    alikes = [path for path in folders if alike(path.name) == alike(name)]
    exact = [path for path in alikes if path.name == name]
    if len(alikes) > 1 and not exact:
        both = " and ".join(f"{path.name}/" for path in alikes)
        raise WorkbookError(f"{files.shown(alikes[0].parent)} holds {both}: rename one of them to {name}.")
    return (exact or alikes or [None])[0]


def _where_else(given: Path, inside: list[Path], classes: tuple[str, str]) -> str:
    """Say what was found instead of the class folders, and where they are if they are near."""
    if any(alike(given.name) == alike(name) for name in classes):
        return f"it is a class folder itself: give the folder that holds it, {files.shown(given.parent)}"
    further = []
    for below in inside[:100]:
        with suppress(OSError):  # somebody else's folder is no place to look
            further += [below] if all(_named(name, _subfolders(below)) for name in classes) else []
    if len(further) > 1:
        train = next((below for below in further if "train" in below.name.casefold()), further[0])
        names = ", ".join(f"{below.name}/" for below in further)
        return f"each of {names} does: give one of them, such as {files.shown(train)}"
    if further:
        return f"they are one folder further down: give {files.shown(further[0])}"
    present = [name for name in classes if _named(name, inside)]
    if present:
        missing = next(name for name in classes if name not in present)
        others = ", ".join(f"{path.name}/" for path in inside if path != _named(present[0], inside))
        do = f", beside {others}: rename one to {missing}/, or {CALLED}" if others else f": add {missing}/"
        return f"only {present[0]}/ is there{do}"
    names = [f"{path.name}/" if path.is_dir() else path.name for path in sorted(given.iterdir())[:5]]
    found = f"it holds {', '.join(names)}" if names else "it is empty"
    do = f"rename two of them, or {CALLED}" if len(inside) > 1 else "put photographs into two such folders"
    return f"{found}: {do}"


def listing(root: Path, places: list[Path]) -> tuple[list[Entry], list[str], list[WorkbookError]]:
    """Return every photograph file below the class folders by name, notes, and refusals.

    The notes tell what was passed over, the refusals which class holds no photographs or is closed.
    """
    entries, passed_over, refusals = [], Counter(), []
    for label, place in enumerate(places):
        photographs, others = [], Counter()
        try:
            for path in _files_below(place, places):
                try:
                    status = os.stat(path)  # noqa: PTH116 (a Path for each file is slow)
                except OSError:
                    status = None  # a broken link: reported as unreadable later
                if status and not stat.S_ISREG(status.st_mode):
                    others["that is no file"] += 1  # a pipe would be waited for, for ever
                elif not kinds.is_photograph(path):
                    others[kinds.ending(path)] += 1
                else:
                    name = displayable(place.name + path[len(str(place)) :].replace(os.sep, "/"))
                    about = (status.st_size, status.st_mtime_ns, status.st_ctime_ns) if status else (-1, 0, 0)
                    photographs.append(Entry(name, path, label, *about))
        except WorkbookError as error:
            refusals.append(error)
            continue
        if not photographs:
            there = f"files of other kinds ({_kinds(others)})" if others else "nothing"
            refusals.append(
                WorkbookError(
                    f"{files.shown(place)} holds {there}, but it must hold photographs "
                    f"({', '.join(kinds.READABLE)})."
                )
            )
            continue
        entries += photographs
        passed_over += others
    notes = [f"Files of other kinds were passed over: {_kinds(passed_over)}."] if passed_over else []
    return sorted(entries), notes, refusals


def unused(root: Path, places: list[Path]) -> list[str]:
    """Return a note on photographs in ``root`` that lie in none of the class folders ``places``, if any."""
    # What the simulated line puts beside its photographs are no photographs.
    beside = [path for path in _subfolders(root) if path not in places and path.name != "masks"]
    # A class folder may reach into one of them by a link.
    used = {os.path.realpath(file) for place in places if beside for file in _files_below(place, places)}
    counts = {}
    for path in beside:
        others = (file for file in _files_below(path, places) if os.path.realpath(file) not in used)
        counts[f"{path.name}/"] = sum(map(kinds.is_photograph, others))
    loose = (path for path in root.iterdir() if path.is_file() and not path.name.startswith("."))
    counts["no folder"] = sum(kinds.is_photograph(str(path)) for path in loose)
    counts = {displayable(name): count for name, count in counts.items() if count}
    if not counts:
        return []
    wanted = " nor ".join(f"{place.name}/" for place in reversed(places))
    return [
        f"{sum(counts.values())} photographs in {', '.join(counts)} are not used, as they lie neither in "
        f"{wanted}: move them into one of these if they belong there."
    ]


def _kinds(others: Counter) -> str:
    return ", ".join(f"{count} {suffix}" for suffix, count in sorted(others.items()))


def _files_below(top: Path, places: list[Path]) -> Iterator[str]:
    """Yield the files below ``top``, or refuse a folder that is closed."""
    for path, error in walk(str(top), [place.resolve() for place in places]):
        if error:
            raise WorkbookError(
                f"{files.shown(path)} can't be opened ({error.strerror}): check its permissions."
            ) from error
        yield path


def walk(top: str, places: Sequence[Path] = ()) -> Iterator[tuple[str, OSError | None]]:
    """Yield each file below ``top`` as (path, None), and each folder that can't be opened with the error.

    Each real folder once, however links lead to it; hidden files and folders are passed over, and masks/
    beside photos/, as the simulated line writes it. In the order of their names, folders among files; one
    that holds more than ``MOST_SORTED`` comes in the order of the system, to spare memory.

    Args:
        top: the folder.
        places: folders into which, or above which, no link is followed: the same photographs would be found
            again, perhaps under the other label.
    """
    visited: set[tuple[int, int]] = set()
    levels = [(top, _entries(top, visited))]
    while levels:
        folder, entries = levels[-1]
        try:
            entry = next(entries, None)
        except OSError as error:
            yield folder, error
            entry = None
        if entry is None:
            levels.pop()
        elif not _is_folder(entry):
            yield entry.path, None
        elif not (places and entry.is_symlink() and _leads_into(entry.path, places)):
            levels.append((entry.path, _entries(entry.path, visited)))


def _entries(folder: str, visited: set[tuple[int, int]]) -> Iterator[os.DirEntry]:
    """Yield what is not hidden in a folder, unless it was ``visited``.

    Raises:
        OSError: it can't be opened.
    """
    status = os.stat(folder)  # noqa: PTH116
    if (status.st_dev, status.st_ino) in visited:
        return
    visited.add((status.st_dev, status.st_ino))
    with os.scandir(folder) as listed:
        first = list(islice(listed, MOST_SORTED + 1))
        if len(first) <= MOST_SORTED:
            first.sort(key=lambda entry: entry.name)
        masks = {"masks"} if any(entry.name == "photos" and _is_folder(entry) for entry in first) else set()
        for entry in chain(first, listed):
            if not entry.name.startswith(".") and entry.name not in masks:
                yield entry


def _is_folder(entry: os.DirEntry) -> bool:
    """Tell whether it is a folder; a link that leads to itself is none, and is told when it is opened."""
    try:
        return entry.is_dir()
    except OSError:
        return False


def _leads_into(link: str, places: Sequence[Path]) -> bool:
    real = Path(link).resolve()
    return any(real.is_relative_to(place) or place.is_relative_to(real) for place in places)


def displayable(name: str) -> str:
    """Return ``name`` so that it can be printed: bytes that are no UTF-8 are spelled out."""
    return name.encode("utf-8", "backslashreplace").decode("utf-8")
