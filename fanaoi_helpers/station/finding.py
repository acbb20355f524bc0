"""Finding photographs to judge: files, folders and archives in, one after the other out, never a list."""

import os
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import chain, islice
from pathlib import Path
from typing import NamedTuple

from .. import files
from ..errors import WorkbookError
from ..photos import archive
from ..photos.decoding import why
from ..photos.folders import displayable
from ..photos.kinds import is_photograph

MOST_SORTED = 20_000  # entries of one folder; a larger one comes in the order of the system, to spare memory


class Found(NamedTuple):
    """A file to judge, or a folder that could not be opened and the reason."""

    name: str  # as given, with what lies below; printable
    path: str
    reason: str = ""


class Places:
    """Where to look: each place is checked at once, the photographs in it are found on the way.

    Args:
        given: files, folders (all below that is a photograph or means to be one, whatever its ending, but for
            what is hidden and for a folder masks/ beside a folder photos/, as the simulated line writes it)
            and .zip archives (extracted into the cache, as `photos.load` does).

    Attributes:
        passed_over: how many files of other kinds were met so far in folders, by ending.

    Raises:
        WorkbookError: a place that is not there, or an archive that can't be extracted.
    """

    def __init__(self, given: Sequence[str | os.PathLike]) -> None:
        self.passed_over: Counter[str] = Counter()
        self._places = [self._checked(str(place)) for place in given]
        if not self._places:
            raise WorkbookError("No photographs are named: give files, folders or .zip archives.")

    @staticmethod
    def _checked(given: str) -> tuple[str, str, bool]:
        """Return the name to show, the path to open, and whether it is a folder."""
        try:
            path = Path(given).expanduser()
            if path.suffix.casefold() == ".zip" and path.is_file():
                return displayable(given), str(archive.extracted(path)), True
            if path.exists():
                return displayable(given).rstrip("/") or "/", str(path), path.is_dir()
        except OSError as error:
            raise WorkbookError(
                f"{displayable(given)} can't be opened ({why(error)}): check its permissions."
            ) from error
        except (RuntimeError, ValueError) as error:  # no such user's home; a zero byte in the name
            raise WorkbookError(f"{displayable(given)!r} is no path ({error}).") from error
        raise WorkbookError(f"{files.shown(displayable(given))} was not found: give files or folders.")

    def __iter__(self) -> Iterator[Found]:
        """Find all photographs, place by place; once more from the beginning each time."""
        self.passed_over.clear()
        for name, path, is_folder in self._places:
            if is_folder:
                yield from self._below(name, path, set())
            else:
                yield Found(name, path)

    def _below(self, name: str, folder: str, seen: set[tuple[int, int]]) -> Iterator[Found]:
        """Find the photographs below ``folder``; ``seen`` are folders met before: links may go in circles."""
        try:
            status = os.stat(folder)  # noqa: PTH116
            if (status.st_dev, status.st_ino) in seen:
                return
            seen.add((status.st_dev, status.st_ino))
            with os.scandir(folder) as listed:
                first = list(islice(listed, MOST_SORTED + 1))
                rest = listed if len(first) > MOST_SORTED else ()
                if not rest:
                    first.sort(key=lambda entry: entry.name)
                folders = {entry.name for entry in first if _is_folder(entry)}
                masks = {"masks"} if "photos" in folders else set()
                for entry in chain(first, rest):
                    shown = f"{name}/{displayable(entry.name)}"
                    if entry.name.startswith(".") or entry.name in masks:
                        continue
                    if _is_folder(entry):
                        yield from self._below(shown, entry.path, seen)
                    elif is_photograph(entry.path):
                        yield Found(shown, entry.path)
                    else:
                        suffix = os.path.splitext(entry.name)[1].lower()  # noqa: PTH122
                        self.passed_over[suffix or "without an ending"] += 1
        except OSError as error:
            yield Found(f"{name}/", folder, why(error))


def _is_folder(entry: os.DirEntry) -> bool:
    """Tell whether it is a folder; a link that leads to itself is none, and is told when it is opened."""
    try:
        return entry.is_dir()
    except OSError:
        return False
