"""Pages of tables as plain text, as wide as the terminal."""

import io
import shutil
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.console import Console

NARROWEST, WIDEST = 60, 99  # columns


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
