"""Where verdicts go: CSV or JSON lines, into a file that gets its name when it is whole, or to stdout."""

import csv
import json
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

from .. import files
from ..errors import WorkbookError, printable, printable_json
from .judging import COLUMNS, Judged


def partial(path: str | os.PathLike) -> Path:
    """Return where the verdicts for ``path`` are as long as they are not all there: beside the file."""
    path = Path(os.path.realpath(path)) if Path(path).is_symlink() else Path(path)
    return path.with_name(f"{path.name}.partial")


@contextmanager
def growing(path: str | os.PathLike) -> Iterator[TextIO]:
    """Yield a file FILE.partial to write to; it is renamed to ``path`` when all went well, kept when not.

    What is no file, such as a device or a pipe, is written into as it is.
    """
    path = Path(path)
    try:
        target = files.replaced(path)
        if target is None:
            with path.open("w", encoding="utf-8", newline="") as file:
                yield file
            return
        busy = f"Another inspection writes {files.shown(path)}: wait until it ends, or choose another file."
        with files.alone(target.with_name(f".{target.name[-40:]}.lock"), busy):
            with partial(target).open("w", encoding="utf-8", newline="") as file:
                yield file
                file.flush()
                os.fsync(file.fileno())
            partial(target).replace(target)
    except OSError as error:
        raise files.cannot_write(path, error) from error


@contextmanager
def to_stdout() -> Iterator[TextIO]:
    """Yield stdout, as UTF-8; it is an error if the program that it leads to ends, as head does."""
    if hasattr(sys.stdout, "reconfigure"):
        sys.stdout.reconfigure(encoding="utf-8")
    try:
        yield sys.stdout
        sys.stdout.flush()
    except BrokenPipeError as error:
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, sys.stdout.fileno())  # or Python complains at its end
        raise WorkbookError(
            "Stopped: the program that the verdicts went to reads no more of them."
        ) from error


def writer(file: TextIO, as_json: bool) -> Callable[[Judged], None]:
    """Return what writes a verdict to ``file``: a row of CSV (the header is written now) or a line of JSON.

    The columns: photo, verdict (GO, NG, REVIEW), p_go (nine digits, which tell all float32 apart; empty or
    null where unreadable), reason (why it could not be judged).
    """
    rows = csv.writer(file, lineterminator="\n")
    as_shown = printable if file.isatty() else str  # a program wants the name as it is
    if not as_json:
        rows.writerow(COLUMNS)

    def write(judged: Judged) -> None:
        p_go = None if judged.p_go is None else f"{judged.p_go:.9g}"
        if as_json:
            record = dict(zip(COLUMNS, judged, strict=False)) | {"p_go": p_go and float(p_go)}
            file.write(printable_json(json.dumps(record, ensure_ascii=False)) + "\n")
        else:
            rows.writerow(judged._replace(photo=as_shown(judged.photo), p_go=p_go)[: len(COLUMNS)])

    return write
