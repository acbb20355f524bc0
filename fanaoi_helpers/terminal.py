"""What a command says: sentences, tables as wide as the terminal, and what went wrong where it failed."""

import errno
import io
import os
import shutil
import sys
import traceback
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

from .errors import WorkbookError, printable

if TYPE_CHECKING:
    from rich.console import Console

NARROWEST, WIDEST = 60, 99  # columns


def say(lines: str, err: bool = False) -> None:
    """Print lines for people on stdout, or on stderr; a letter that would upset the terminal is a "?"."""
    import click  # takes off colors where nobody sees them

    click.echo(printable(lines, keep="\n\t"), err=err)


def complain(sentence: str) -> None:
    """Print to stderr, if anybody can be told anything there."""
    with suppress(OSError):
        say(sentence, err=True)


def failed(error: Exception, status: int) -> int:
    """Say in one sentence what went wrong, with the traceback if FANAOI_DEBUG=1.

    The exit status is ``status`` where it was refused, 2 for whatever the workbook did not expect.
    """
    if _debugging():
        traceback.print_exception(error)
    if lost := _untaken(error) or lost_stdout():
        complain(lost)
        return 2
    if isinstance(error, WorkbookError):
        complain(str(error))
        return status
    reason = " ".join(f"{type(error).__name__}: {error}".split())[:300]
    complain(
        f"Stopped by something that the workbook did not expect ({reason}): a fault of ours, not of yours; "
        "FANAOI_DEBUG=1 before the command shows where, for a report."
    )
    return 2


def lost_stdout() -> str:
    """Return "" or what keeps the end of stdout from being written."""
    try:
        if sys.stdout is not None:
            sys.stdout.flush()
    except OSError as error:
        return _untaken(error) or f"Stopped: the output could not be written ({error.strerror})."
    return ""


def _untaken(error: Exception) -> str:
    """Return what to say where an error means that nobody takes the output, else ""."""
    if isinstance(error, BrokenPipeError):
        return "Stopped: the program that the output goes to reads no more of it."
    full = isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
    if full and error.filename is None:
        return f"Stopped: the output could not be written ({error.strerror})."
    return ""


def _debugging() -> bool:
    return os.environ.get("FANAOI_DEBUG", "0") not in ("", "0")


@contextmanager
def quiet_libraries() -> Iterator[None]:
    """Keep stderr for Python: what libraries in C write past it, to descriptor 2, is dropped.

    libtiff and TensorFlow complain so. With FANAOI_DEBUG=1 nothing is dropped.
    """
    try:
        descriptor = sys.stderr.fileno()
        stderr = os.dup(2)
    except (AttributeError, OSError, ValueError):  # pythonw, or a program that keeps stderr in memory
        yield
        return
    if descriptor != 2 or _debugging():
        os.close(stderr)
        yield
        return
    before = sys.stderr
    before.flush()
    how = {"encoding": before.encoding, "errors": "backslashreplace", "buffering": 1}
    with os.fdopen(stderr, "w", **how) as own, Path(os.devnull).open("wb") as nowhere:
        os.dup2(nowhere.fileno(), 2)
        sys.stderr = own
        try:
            yield
        finally:
            sys.stderr = before
            own.flush()
            os.dup2(stderr, 2)


def page(width: int | None = None) -> "Console":
    """Return an empty page to print rich's tables on, 60 to 99 columns wide; None asks the terminal."""
    from rich.console import Console

    if width is None:
        width = shutil.get_terminal_size().columns - 1  # some terminals break a line that is just full
    return Console(
        width=min(max(width, NARROWEST), WIDEST),
        file=io.StringIO(),
        color_system=None,
        legacy_windows=False,
        force_jupyter=False,
        markup=False,
        emoji=False,
        highlight=False,
    )


def text(page: "Console") -> str:
    """Return what was printed on a page, without blanks at the ends of its lines.

    >>> paper = page(60)
    >>> paper.print("12 photographs  ")
    >>> text(paper)
    '12 photographs'
    """
    return "\n".join(line.rstrip() for line in page.file.getvalue().splitlines())
