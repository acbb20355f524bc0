"""Files that only grow: one record of JSON a line, each of which stands for itself."""

import json
import os
from collections.abc import Iterable, Mapping
from contextlib import suppress
from pathlib import Path

from .atomic import cannot_write
from .places import content


def append_lines(path: Path, records: Iterable[Mapping[str, object]]) -> None:
    """Put records at the end of a file, in one write and on the disk when this returns.

    Two programs at once both add theirs. A line that was torn before costs itself alone; where the disk is
    full, what was added of these goes again.
    """
    text = "".join(json.dumps(record, ensure_ascii=False) + "\n" for record in records)
    data = text.encode("utf-8", "backslashreplace")  # half a letter becomes JSON's \udXXX
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("a+b", buffering=0) as file:
            size, written = file.seek(0, os.SEEK_END), 0
            file.seek(max(size - 1, 0))
            if file.read(1) not in (b"", b"\n"):
                data = b"\n" + data
            try:
                while written < len(data):
                    written += file.write(data[written:])
                os.fsync(file.fileno())
            except OSError:
                if file.seek(0, os.SEEK_END) == size + written:  # nobody has added anything since
                    file.truncate(size)
                raise
    except OSError as error:
        raise cannot_write(path, error) from error


def read_lines(path: str | os.PathLike, most: int) -> list[bytes]:
    """Return the lines of a file that are not empty, whole or damaged; it is read as `content` does."""
    return [line for line in content(path, most).split(b"\n") if line.strip()]


def record_in(line: bytes) -> dict | None:
    """Return the record that a line holds, None where it is damaged or holds something else.

    >>> record_in(b'{"step": 1}'), record_in(b'{"st'), record_in(b"[1]")
    ({'step': 1}, None, None)
    """
    with suppress(ValueError, RecursionError):
        record = json.loads(line)
        return record if isinstance(record, dict) else None
    return None
