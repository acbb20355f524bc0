"""The sealed test: opened once, and whoever opens it again is told, and so is the reader of the report."""

import os
import secrets
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timezone
from pathlib import Path

from .. import files
from ..errors import WorkbookError, number, text

FILE = "sealed_test.jsonl"
MOST_BYTES = 20_000_000  # of it; an opening takes a hundred


@dataclass(frozen=True)
class Opening:
    """One opening of a sealed test.

    Attributes:
        number: 1 for the first one.
        at: when, UTC, such as "2026-03-01T10:15:00+00:00"; "" where the record of it is damaged.
        threshold: that was frozen before; None where the record of it is damaged.
        note: a few words, such as the model's name.
    """

    number: int
    at: str
    threshold: float | None
    note: str = ""

    def __str__(self) -> str:
        if self.number == 1:
            at = "" if self.threshold is None else f", at the frozen threshold {self.threshold:.3f}"
            return f"The sealed test is opened for the first time{at}."
        return (
            f"This is opening {self.number} of the sealed test: whatever was changed since the first "
            "one may have been chosen by it, so its score flatters. Seal a new one for the next decision."
        )


class SealedTest:
    """Counts how often the sealed test of a run was opened, in a file beside the run.

    Each opening is a line of JSON, on the disk before anything is judged: two at once are both counted, and
    so is one that was stopped right after. A damaged line counts as well. It keeps honest people honest; a
    file can be removed by those who are not.

    Args:
        folder: the run's; made at the first opening.

    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     first, second = (SealedTest(folder).open(0.5) for _ in range(2))
    >>> first.number, second.number
    (1, 2)
    """

    def __init__(self, folder: str | os.PathLike) -> None:
        self.path = Path(folder) / FILE

    @property
    def openings(self) -> list[Opening]:
        """All openings so far, oldest first."""
        return [opening for _, opening in self._read()]

    def open(self, threshold: float, note: str = "") -> Opening:
        """Count one more opening and return it; print it to tell.

        Args:
            threshold: chosen on validation, 0..1, and frozen now.
            note: a few words to keep with it, such as the model's name.

        Raises:
            WorkbookError: the opening can't be counted, so the test stays sealed.
        """
        record = {
            "id": secrets.token_hex(8),
            "at": datetime.now(timezone.utc).isoformat(timespec="seconds"),
            "threshold": number("threshold", threshold, 0, 1),
            "note": text("note", note),
        }
        files.append_lines(self.path, [record])
        return next(opening for key, opening in self._read() if key == record["id"])

    def _read(self) -> list[tuple[str, Opening]]:
        """Return the key and the opening of each line that is not empty."""
        try:
            lines = files.read_lines(self.path, MOST_BYTES)
        except FileNotFoundError:
            return []
        except OSError as error:
            raise WorkbookError(
                f"{files.shown(self.path)} can't be read ({error.strerror}), so nobody knows how often the "
                "sealed test was opened: check its permissions."
            ) from error
        openings = []
        for count, line in enumerate(lines, start=1):
            key, at, threshold, note = "", "", None, ""
            with suppress(ValueError, KeyError, TypeError):
                record = files.record_in(line) or {}
                key, at, note = str(record["id"]), str(record["at"]), str(record["note"])
                threshold = float(record["threshold"])
            openings.append((key, Opening(count, at, threshold, note)))
        return openings
