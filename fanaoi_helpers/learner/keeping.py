"""The notebooks that a learner works in: made once, kept up to date, and nothing in them ever lost."""

import os
import re
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from .. import files
from ..errors import WorkbookError
from ..notebooks import find, paths, read
from .folding import as_text, opened
from .merging import GIVEN, fingerprints, given, merged, worked_in

PATIENCE = 60  # seconds for another program that is at these notebooks
ELSEWHERE = re.compile(r"!?\[([^\[\]]*)\]\(\.\./[^)]*\)")  # a link, or a picture, out of the folder


def my_notebooks() -> Path:
    """Return the folder of the notebooks that a learner works in; see :func:`files.kept_in`."""
    return files.kept_in("my_notebooks", "FANAOI_NOTEBOOKS", "your notebooks")


def bring_up_to_date() -> list[str]:
    """Make the learner's copies that are missing, and put what is new in the lessons into the others.

    What the learner wrote stays. A copy that was worked in is kept as it was, too, beside the new one.

    Returns:
        A sentence for each copy that its learner should hear of.

    Raises:
        WorkbookError: nothing more can be written there; each copy is as it was, or done.
    """
    folder = my_notebooks()
    lessons = {folder / path.name: _copy_of(path, folder) for path in paths()}
    with _alone(folder):
        return list(filter(None, (_brought(mine, lesson) for mine, lesson in lessons.items())))


def _brought(mine: Path, lesson: dict) -> str:
    if not os.path.lexists(mine):
        files.write(mine, as_text(lesson))
        return ""
    try:
        copy = read(mine)
    except WorkbookError:
        return (
            f"{files.shown(mine)} can't be read as a notebook: python3 workbook.py reset {mine.name[:2]} "
            "makes a fresh one and keeps it."
        )
    if given(copy) in (None, given(lesson)):  # None: it was not made here, and is left as it is
        return ""
    if not worked_in(copy):
        files.write(mine, as_text(lesson))
        return ""
    kept = _replaced(mine, as_text(merged(copy, lesson)))
    return (
        f"{files.shown(mine)} is the newer lesson now, with all that you wrote; as it was it is "
        f"{files.shown(kept)}."
    )


def reset(number: str | int | Path) -> tuple[Path, Path | None]:
    """Put a fresh copy of a lesson in the place of the learner's, which is kept under a name with the time.

    With the fresh copy comes what the learner's is called now: None where there was none, or it was fresh.
    """
    named = find(number).name
    path = next((path for path in paths() if path.name == named), None)
    if path is None:
        listed = ", ".join(path.stem for path in paths())
        raise WorkbookError(f"{named} is none of the workbook's notebooks; these are {listed}.")
    folder = my_notebooks()
    mine, lesson = folder / path.name, _copy_of(path, folder)
    with _alone(folder):
        if not os.path.lexists(mine):
            files.write(mine, as_text(lesson))
            return mine, None
        with suppress(WorkbookError):  # one that can't be read is no fresh one
            copy = read(mine)
            if given(copy) == given(lesson) and not worked_in(copy):
                return mine, None
        return mine, _replaced(mine, as_text(lesson))


def _replaced(mine: Path, text: str) -> Path:
    """Write ``text`` in the place of a learner's copy; return what that is called now.

    The old one is on the disk under its new name before the new one takes its place.
    """
    try:
        old = mine.read_bytes()
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise WorkbookError(
            f"{files.shown(mine)} can't be read ({reason}), and so not be kept: give it another name."
        ) from None
    with files.replacing(mine) as beside:
        beside.write_bytes(text.encode("utf-8"))
        kept = _name_with_time(mine, old)
        if not kept.exists():
            files.write(kept, old)
    return kept


def _name_with_time(mine: Path, old: bytes) -> Path:
    """Return a free name for the old copy, or the one that it has got when a program was killed here."""
    stem = f"{mine.stem}_{time.strftime('%Y-%m-%d_%H-%M-%S')}"
    for kept in mine.parent.glob(f"{mine.stem}_20??-??-??_??-??-??*.ipynb"):
        if kept.is_file() and kept.read_bytes() == old:
            return kept
    names = (mine.with_name(f"{stem}{more}.ipynb") for more in ("", *(f"_{n}" for n in range(2, 1000))))
    return next(name for name in names if not os.path.lexists(name))


def _copy_of(path: Path, folder: Path) -> dict:
    """Return the notebook at ``path`` as a learner's copy in ``folder``."""
    lesson = opened(path)
    if folder.parent != files.root():  # assets/ and docs/ are not beside it
        for cell in lesson["cells"]:
            if cell["cell_type"] == "markdown":
                cell["source"] = ELSEWHERE.sub(r"\1", cell["source"])
    lesson["metadata"][GIVEN] = fingerprints(lesson)
    return lesson


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Hold ``folder``, one program at a time; say in the learner's words where it can't be written to."""
    busy = f"Another program is at the notebooks in {files.shown(folder)}: try again when it has ended."
    try:
        with files.alone(folder / ".notebooks.lock", busy, PATIENCE):
            yield
    except WorkbookError as error:
        if not isinstance(error.__cause__, OSError):
            raise
        reason = error.__cause__.strerror or type(error.__cause__).__name__
        raise WorkbookError(
            f"Your notebooks can't be kept in {files.shown(folder)} ({reason}): make room there, or choose "
            "with FANAOI_NOTEBOOKS a folder that you may write to."
        ) from error
