"""Finding photographs to judge: files, folders and archives in, one after the other out, never a list."""

import os
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from .. import files
from ..errors import WorkbookError
from ..photos import archive, folders
from ..photos.decoding import why
from ..photos.folders import displayable
from ..photos.kinds import ending, is_photograph


class Photograph(NamedTuple):
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

    def __iter__(self) -> Iterator[Photograph]:
        """Find all photographs, place by place; once more from the beginning each time."""
        self.passed_over.clear()
        for name, place, is_folder in self._places:
            if not is_folder:
                yield Photograph(name, place)
                continue
            for path, error in folders.walk(place):
                shown = name + displayable(path[len(place.rstrip(os.sep)) :].replace(os.sep, "/"))
                if error:
                    yield Photograph(f"{shown}/", path, why(error))
                elif is_photograph(path):
                    yield Photograph(shown, path)
                else:
                    self.passed_over[ending(path)] += 1
