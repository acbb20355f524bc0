"""Where the workbook keeps its files, and how a path is read from a person and shown to one."""

import errno
import os
import secrets
import stat
import sys
from functools import cache
from pathlib import Path

from ..errors import WorkbookError


def root() -> Path:
    """Return the workbook's own folder, or the current folder where only the package is installed."""
    home = Path(__file__).resolve().parents[2]
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

    Refused is what no system could open: empty, too long, a zero byte, a user who is not there.

    >>> expanded("a\\0b", "photos_dir")
    Traceback (most recent call last):
    fanaoi_helpers.errors.WorkbookError: photos_dir is 'a\\x00b', which is no path (embedded null byte).
    """
    try:
        if not os.fspath(path):
            raise ValueError("it is empty")
        place = Path(path).expanduser()
        os.lstat(place)
        place.resolve()
    except (OSError, RuntimeError, ValueError) as error:
        if isinstance(error, RuntimeError):
            home = str(path).startswith("~")
            reason = "there is no such home folder" if home else "its links lead in a circle"
        elif getattr(error, "errno", None) in (errno.ENAMETOOLONG, errno.ELOOP, None):
            reason = getattr(error, "strerror", None) or str(error)
        else:
            return place  # it is not there, or nobody may look
        raise WorkbookError(f"{name} is {short(path)}, which is no path ({reason}).") from error
    return place


def short(path: str | os.PathLike) -> str:
    """Return a path that may be anything in quotes, a very long one without its middle."""
    quoted = repr(os.fspath(path))
    return quoted if len(quoted) <= 80 else f"{quoted[:60]}…{quoted[-15:]}"


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
    """Return all bytes of a file that may be a stranger's: never waited for, never more than ``most``.

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
            raise OSError(errno.EFBIG, f"{_size(status.st_size)}, more than {_size(most)} is not opened")
        data = os.read(handle, status.st_size)
        while len(data) < status.st_size and (more := os.read(handle, status.st_size - len(data))):
            data += more  # a network drive may give it in parts
        return data
    finally:
        os.close(handle)


def _size(size: int) -> str:
    return f"{size / 1e9:.3g} GB" if size >= 1e9 else f"{size / 1e6:.3g} MB"
