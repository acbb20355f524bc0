"""Writing a file whole or not at all: beside, then renamed."""

import errno
import glob
import os
import secrets
import shutil
import stat
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import cache
from pathlib import Path

from ..errors import WorkbookError
from .places import expanded, runs_dir, shown

ABANDONED = 600  # seconds after which a half-written file that nobody goes on with is removed


@contextmanager
def replacing(path: str | os.PathLike) -> Iterator[Path]:
    """Yield a temporary path beside ``path`` to write to; it replaces ``path`` only when all went well.

    Missing parent folders are made. The temporary name keeps the suffix: writers choose the format by it.
    Nothing but a regular file is ever replaced: of a link its target is, and what is written for a device or
    a pipe goes into it. A folder in its place is refused, as is one that can't be written to.
    """
    path = Path(path)
    try:
        target = replaced(path)
        folder = Path(tempfile.gettempdir()) if target is None else target.parent
        folder.mkdir(parents=True, exist_ok=True)
        _sweep_once(folder.absolute())
        # The end of the name alone: with all of it, a long one would be too long.
        handle, name = tempfile.mkstemp(dir=folder, prefix=".fanaoi-", suffix=f"-{path.name[-40:]}")
    except OSError as error:
        raise cannot_write(path, error) from error
    os.close(handle)
    beside = Path(name)
    try:
        yield beside
        if target is None:
            with beside.open("rb") as written, path.open("wb", buffering=0) as device:
                shutil.copyfileobj(written, device)
        else:
            # mkstemp makes private files; a result is as readable as any file that the user writes.
            umask = os.umask(0)
            os.umask(umask)
            beside.chmod(0o666 & ~umask)
            beside.replace(target)
    except OSError as error:
        raise cannot_write(path, error) from error
    finally:
        with suppress(OSError):
            beside.unlink(missing_ok=True)


def write(path: str | os.PathLike, content: str | bytes) -> None:
    """Replace ``path`` by a file of ``content``: bytes, or text as UTF-8."""
    with replacing(path) as beside:
        beside.write_bytes(content.encode("utf-8") if isinstance(content, str) else content)


def replaced(path: Path) -> Path | None:
    """Return the file that a new one may take the place of, there or not, with links followed.

    None: ``path`` is a device, a pipe or the like, which is to be written into. A folder is refused.
    """
    try:
        status = path.stat()
    except (FileNotFoundError, NotADirectoryError):
        status = None
    if status and stat.S_ISDIR(status.st_mode):
        raise WorkbookError(
            f"{shown(path)} could not be written, as it is a folder: give the name of a file."
        )
    if status and not stat.S_ISREG(status.st_mode):
        return None
    target = Path(os.path.realpath(path)) if path.is_symlink() else path
    if status and not (target.exists() and os.path.samestat(status, target.stat())):
        return None  # what /dev/stdout leads to may have a name no more
    return target


def sweep(folder: Path, name: str = "", older: float = 0) -> None:
    """Remove what programs that were killed while they wrote the file ``name`` ("": any) left in ``folder``.

    Nobody must have written to it for ``older`` seconds; 0 is for who writes the file alone.
    """
    ending = glob.escape(name[-40:]) or "*"
    with suppress(OSError):
        for left in folder.glob(f".fanaoi-????????-{ending}"):
            with suppress(OSError):
                if left.is_file() and time.time() - left.stat().st_mtime >= older:
                    left.unlink()


@cache
def _sweep_once(folder: Path) -> None:
    sweep(folder, older=ABANDONED)


def cannot_write(path: str | os.PathLike, error: OSError) -> WorkbookError:
    """Return the sentence for a file that could not be written."""
    reason = error.strerror or type(error).__name__
    place = "a folder"
    if Path(path).absolute().is_relative_to(runs_dir()):
        place = "with FANAOI_RUNS a folder"
    return WorkbookError(
        f"{shown(path)} could not be written ({reason}): choose {place} you may write to, with room left."
    )


def writable_folder(path: str | os.PathLike) -> Path:
    """Return ``path`` as a folder that can be written to, made where it is missing.

    Long work asks before it begins, so that nothing is lost when it ends.
    """
    path = expanded(path, "The folder")
    probe = path / f".fanaoi-{secrets.token_hex(4)}-probe"  # is swept, too, if this is killed now
    try:
        with replacing(probe) as beside:
            beside.write_bytes(b"probe")
    except WorkbookError as error:
        raise cannot_write(path, error.__cause__) from error
    probe.unlink(missing_ok=True)
    return path


def writable_file(path: str | os.PathLike) -> Path:
    """Return ``path`` as a file that can be written; one that is there stays as it is until then."""
    path = expanded(path, "The file")
    try:
        target = replaced(path)
    except OSError as error:
        raise cannot_write(path, error) from error
    if target is not None:
        writable_folder(target.absolute().parent)
    elif not os.access(path, os.W_OK):
        raise cannot_write(path, PermissionError(errno.EACCES, os.strerror(errno.EACCES)))
    return path
