"""Where the workbook keeps its files, and how it writes them: beside, then renamed."""

import errno
import glob
import os
import secrets
import shutil
import stat
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import cache
from pathlib import Path
from typing import BinaryIO

from .errors import WorkbookError

ABANDONED = 600  # seconds after which a half-written file that nobody goes on with is removed


# ---- Where files are --------------------------------------------------------------------------------------


def root() -> Path:
    """Return the workbook's own folder, or the current folder where only the package is installed."""
    home = Path(__file__).resolve().parents[1]
    return home if (home / "workbook.py").is_file() else Path.cwd()


def runs_dir() -> Path:
    """Return the folder that holds runs and caches: ``$FANAOI_RUNS``, or runs/; see :func:`kept_in`."""
    return kept_in("runs", "FANAOI_RUNS", "runs and caches")


def kept_in(name: str, variable: str, what: str) -> Path:
    """Return where the workbook keeps ``name``: where ``variable`` says, else in its own folder.

    Where that can't be written to, as in a class's installation on a server, everybody has a folder of their
    own instead (:func:`own_folder`); the first time in a process a sentence says so. What a variable says is
    never replaced.

    Args:
        name: of the file or folder.
        variable: of the environment.
        what: the sentence calls it.
    """
    if chosen := os.environ.get(variable):
        return expanded(chosen, variable).resolve()
    place, own = root() / name, own_folder() / name
    if _may_write(place) or not _may_write(own):  # nowhere: then the usual place is told as what it is
        return place
    _tell(f"{root()} is not yours to write to: {what} are kept in {own} ({variable} chooses another place).")
    return own


def own_folder() -> Path:
    """Return the folder that this user's system gives to programs for what they keep, ours in it."""
    home = _home()
    if os.name == "nt":
        place = os.environ.get("LOCALAPPDATA") or home / "AppData" / "Local"
    elif sys.platform == "darwin":
        place = home / "Library" / "Application Support"
    else:
        place = os.environ.get("XDG_DATA_HOME") or home / ".local" / "share"
    return Path(place) / "fanaoi"


def _home() -> Path:
    """Return the user's home folder, ``~`` for one who has none, as in some containers."""
    return Path(os.path.expanduser("~"))  # noqa: PTH111 - the other one would raise


def _may_write(place: Path) -> bool:
    """Tell whether ``place`` may be written to or, where it is not there yet, may be made."""
    there = next((path for path in (place, *place.parents) if os.path.lexists(path)), None)
    if there is None or not place.is_absolute():
        return False
    folder = there if there.is_dir() else there.parent  # where a file is replaced
    if os.name != "nt":
        return os.access(folder, os.W_OK | os.X_OK)
    probe = folder / f".fanaoi-{secrets.token_hex(4)}-probe"  # Windows tells only when asked in earnest
    try:
        probe.touch()
        probe.unlink()
    except OSError:
        return False
    return True


@cache
def _tell(sentence: str) -> None:
    """Say a sentence once in this process: in a notebook with its output, else where progress is told."""
    print(sentence, file=sys.stdout if "ipykernel.kernelapp" in sys.modules else sys.stderr, flush=True)


def keras_home() -> Path:
    """Return the folder where Keras keeps its settings and data sets, without importing it."""
    chosen = os.environ.get("KERAS_HOME")
    return Path(chosen) if chosen else _home() / ".keras"


def expanded(path: str | os.PathLike, name: str = "The path") -> Path:
    """Return a path that a person wrote, with the home folder in place of ``~``; it need not be there.

    >>> expanded("a\\0b", "photos_dir")
    Traceback (most recent call last):
    fanaoi_helpers.errors.WorkbookError: photos_dir is 'a\\x00b', which is no path (embedded null byte).

    Raises:
        WorkbookError: no system could open it: empty, too long, a zero byte, a user who is not there.
    """
    try:
        if not os.fspath(path):
            raise ValueError("it is empty")
        found = Path(path).expanduser()
        os.lstat(found)
        found.resolve()
    except RuntimeError as error:
        reason = "there is no such home folder" if str(path).startswith("~") else "its links lead in a circle"
        raise WorkbookError(f"{name} is {short(path)}, which is no path ({reason}).") from error
    except (OSError, ValueError) as error:
        if getattr(error, "errno", None) in (errno.ENAMETOOLONG, errno.ELOOP, None):
            reason = getattr(error, "strerror", None) or str(error)
            raise WorkbookError(f"{name} is {short(path)}, which is no path ({reason}).") from error
    return found


def short(path: str | os.PathLike) -> str:
    """Return a path that may be anything in quotes, a very long one without its middle."""
    told = repr(os.fspath(path))
    return told if len(told) <= 80 else f"{told[:60]}…{told[-15:]}"


_told_as: dict[Path, Path] = {}


def tell_as(folder: Path, path: Path) -> None:
    """Let :func:`shown` tell what lies in ``folder``, a copy that nobody has seen, as lying in ``path``."""
    _told_as[folder] = path


def shown(path: str | os.PathLike) -> str:
    """Return ``path`` as people read it: with slashes, from the workbook's folder where it lies inside."""
    path = Path(path).absolute()
    for folder, known in _told_as.items():
        if path.is_relative_to(folder):
            path = known.absolute() / path.relative_to(folder)
    if headless() and path.is_relative_to(runs_dir()):  # a stored output is the same wherever runs are kept
        return ("runs" / path.relative_to(runs_dir())).as_posix()
    return (path.relative_to(root()) if path.is_relative_to(root()) else path).as_posix()


def headless() -> bool:
    """Tell whether nobody is watching, as in tests and papermill runs (``$FANAOI_HEADLESS``)."""
    return os.environ.get("FANAOI_HEADLESS", "") not in ("", "0")


def content(path: str | os.PathLike, most: int) -> bytes:
    """Return all bytes of a file that may be a stranger's: never waited for, never without an end.

    Args:
        path: of the file.
        most: bytes at most.

    Raises:
        OSError: it can't be read, is a pipe, a device or a folder, or is too large; ``strerror`` says which.
    """
    # A pipe would be waited for, for ever; plain calls take half the time of a file object.
    handle = os.open(path, os.O_RDONLY | getattr(os, "O_BINARY", 0) | getattr(os, "O_NONBLOCK", 0))
    try:
        status = os.fstat(handle)
        if not stat.S_ISREG(status.st_mode):
            raise OSError(errno.EINVAL, "not a file")
        if status.st_size > most:
            raise OSError(errno.EFBIG, f"{_told(status.st_size)}, more than {_told(most)} is not opened")
        data = os.read(handle, status.st_size)
        while len(data) < status.st_size and (more := os.read(handle, status.st_size - len(data))):
            data += more  # a network drive may give it in parts
        return data
    finally:
        os.close(handle)


def _told(size: int) -> str:
    return f"{size / 1e9:.3g} GB" if size >= 1e9 else f"{size / 1e6:.3g} MB"


# ---- Writing ----------------------------------------------------------------------------------------------


@contextmanager
def replacing(path: str | os.PathLike) -> Iterator[Path]:
    """Yield a temporary path beside ``path`` to write to; it replaces ``path`` only when all went well.

    Missing parent folders are made. The temporary name keeps the suffix: writers choose the format by it.
    Nothing but a regular file is ever replaced: of a link its target is, and what is written for a device or
    a pipe goes into it.

    Raises:
        WorkbookError: the folder can't be written (no permission, no space, a file in its place), or ``path``
            is a folder.
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


def replaced(path: Path) -> Path | None:
    """Return the file that a new one may take the place of, there or not, with links followed.

    None: ``path`` is a device, a pipe or the like, which is to be written into.

    Raises:
        WorkbookError: it is a folder.
        OSError: nobody can tell.
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
    """Remove what programs that were killed while they wrote the file ``name`` left in ``folder``.

    Args:
        folder: where :func:`replacing` wrote.
        name: of the file; "" for any.
        older: seconds that nobody must have written to it; 0 is for who writes the file alone.
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

    Raises:
        WorkbookError: it can't be written to.
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
    """Return ``path`` as a file that can be written; one that is there stays as it is until then.

    Raises:
        WorkbookError: it can't be written to.
    """
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


# ---- One at a time ----------------------------------------------------------------------------------------


@contextmanager
def alone_in(folder: str | os.PathLike, what: str) -> Iterator[None]:
    """Hold ``folder`` for one ``what`` at a time, such as "run"; however a program ends, it lets go.

    Raises:
        WorkbookError: another one holds it, or it can't be written to.
    """
    busy = f"Another {what} writes into {shown(folder)}: wait until it ends, or choose another output folder."
    with alone(Path(folder) / f".{what}.lock", busy):
        yield


@contextmanager
def alone(path: Path, busy: str) -> Iterator[None]:
    """Hold the lock file ``path``, which is there only so long.

    Raises:
        WorkbookError: another program holds it: ``busy``; or it can't be made.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        file = _held(path)
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


def _held(path: Path) -> BinaryIO | None:
    """Return the lock file, opened and locked; None where another program holds it."""
    while True:
        file = path.open("ab")
        if not locked(file):
            file.close()
            return None
        with suppress(FileNotFoundError):
            if os.path.samestat(path.stat(), os.fstat(file.fileno())):
                return file
        file.close()  # who held it has just removed it: the next one would lock another file


def locked(file: BinaryIO) -> bool:
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
