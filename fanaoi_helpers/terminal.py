"""Pages of tables as plain text, as wide as the terminal."""

import io
import os
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from .errors import printable

if TYPE_CHECKING:
    from rich.console import Console

NARROWEST, WIDEST = 60, 99  # columns


def say(told: str, err: bool = False) -> None:
    """Print lines for people on stdout, or on stderr; a letter that would upset the terminal is a "?"."""
    import click  # takes off colors where nobody sees them

    click.echo(printable(told, keep="\n\t"), err=err)


@contextmanager
def quiet_libraries() -> Iterator[None]:
    """Keep stderr for Python: what libraries in C write past it, to descriptor 2, is dropped.

    libtiff and TensorFlow complain so. With FANAOI_DEBUG=1 nothing is dropped.
    """
    try:
        descriptor = sys.stderr.fileno()
        kept = os.dup(2)
    except (AttributeError, OSError, ValueError):  # pythonw, or a program that keeps stderr in memory
        yield
        return
    if descriptor != 2 or os.environ.get("FANAOI_DEBUG", "0") not in ("", "0"):
        os.close(kept)
        yield
        return
    before = sys.stderr
    before.flush()
    words = {"encoding": before.encoding, "errors": "backslashreplace", "buffering": 1}
    with os.fdopen(kept, "w", **words) as own, Path(os.devnull).open("wb") as nowhere:
        os.dup2(nowhere.fileno(), 2)
        sys.stderr = own
        try:
            yield
        finally:
            sys.stderr = before
            own.flush()
            os.dup2(kept, 2)


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
