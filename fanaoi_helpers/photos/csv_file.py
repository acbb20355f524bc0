"""Reading a CSV file as people and spreadsheets write it."""

import csv
import io
from collections.abc import Iterator, Sequence
from pathlib import Path

from .. import files
from ..errors import WorkbookError

MOST_BYTES = 100_000_000  # of the file
MOST_ROWS = 1_000_000  # as many photographs as a run takes


def rows(path: Path, needed: Sequence[str], also: Sequence[str] = ()) -> Iterator[tuple[int, dict[str, str]]]:
    """Yield (line, row) of each row that is not empty; a row has all columns asked for, "" where not given.

    Args:
        path: the file, in UTF-8, its values separated by commas, semicolons or tabs.
        needed: the columns that must be there.
        also: the columns that may be there; all others are passed over.

    Raises:
        WorkbookError: it can't be read, is no sound CSV in UTF-8, or lacks a column.
    """
    shown, wanted = files.shown(path), " and ".join(needed)
    try:
        data = files.content(path, MOST_BYTES)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise WorkbookError(
            f"{shown} can't be read ({reason}): give a CSV file with the columns {wanted}."
        ) from error
    header = data.partition(b"\n")[0]
    delimiter = max(",;\t", key=lambda one: header.count(one.encode()))  # many countries write semicolons
    text = io.TextIOWrapper(io.BytesIO(data), "utf-8-sig", newline="")
    reader = csv.DictReader(text, delimiter=delimiter, strict=True)
    try:
        columns = [(column or "").strip().lower() for column in reader.fieldnames or []]
        reader.fieldnames = columns
        if not set(needed) <= set(columns):
            known = f" (and {' and '.join(also)} if known)" if also else ""
            raise WorkbookError(
                f"{shown} has the columns {', '.join(columns) or 'none'}, but it needs {wanted}{known}: "
                "correct its first line."
            )
        for count, row in enumerate(reader):
            if count == MOST_ROWS:
                raise WorkbookError(
                    f"{shown} has more than {MOST_ROWS:,} rows: give a list of these photographs alone."
                )
            if None in row:
                raise WorkbookError(
                    f"{shown} line {reader.line_num} has more fields than the header: "
                    "put double quotes around values that contain the separator."
                )
            cells = {name: (row.get(name) or "").strip() for name in (*needed, *also)}
            if any(cells.values()):
                yield reader.line_num, cells
    except UnicodeDecodeError as error:
        raise WorkbookError(f"{shown} is not in UTF-8: save it as CSV in UTF-8.") from error
    except csv.Error as error:
        raise WorkbookError(
            f"{shown} line {reader.line_num} is not sound CSV ({error}): save it as CSV in UTF-8 again."
        ) from error
