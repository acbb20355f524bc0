"""One at a time: locks that a program loses however it ends."""

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

from ..errors import WorkbookError
from .atomic import cannot_write
from .places import shown


@contextmanager
def alone_in(folder: str | os.PathLike, what: str) -> Iterator[None]:
    """Hold ``folder`` for one ``what`` at a time, such as "run"; however a program ends, it lets go."""
    busy = f"Another {what} writes into {shown(folder)}: wait until it ends, or choose another output folder."
    with alone(Path(folder) / f".{what}.lock", busy):
        yield


@contextmanager
def alone(path: Path, busy: str, patience: float = 0) -> Iterator[None]:
    """Hold the lock file ``path``, which is there only so long.

    ``busy`` is the sentence where another program holds it for more than ``patience`` seconds.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        file = _held(path, patience)
    except OSError as error:
        raise cannot_write(path.parent, error) from error
    if file is None:
        raise WorkbookError(busy)
    try:
        yield
    finally:
        with suppress(OSError):
            if os.name == "nt":
                file.close()  # or it could not be removed; nor can it where another one has opened it
            path.unlink()
        file.close()


def _held(path: Path, patience: float) -> BinaryIO | None:
    """Return the lock file, opened and locked; None where another program holds it."""
    until = time.monotonic() + patience
    while True:
        file = path.open("ab")
        if _locked(file):
            with suppress(FileNotFoundError):
                if os.path.samestat(path.stat(), os.fstat(file.fileno())):
                    return file
            file.close()  # who held it has just removed it: the next one would lock another file
            continue
        file.close()
        if time.monotonic() >= until:
            return None
        time.sleep(0.002)


def _locked(file: BinaryIO) -> bool:
    """Try to take the lock on a file; tell whether it was free. Where files can't be locked, it is.

    The system frees it when the file is closed, also where the program is killed.
    """
    try:
        if os.name == "nt":
            import msvcrt

            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
        else:
            import fcntl

            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except (BlockingIOError, PermissionError):
        return False
    except OSError:  # some network drives know no locks
        return True
    return True
