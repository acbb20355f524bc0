"""Where the workbook keeps its files, and how it writes them: beside, then renamed."""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from .errors import WorkbookError


def root() -> Path:
    """Return the workbook's own folder, or the current folder where only the package is installed."""
    home = Path(__file__).resolve().parents[1]
    return home if (home / "workbook.py").is_file() else Path.cwd()


def runs_dir() -> Path:
    """Return the folder that holds runs and caches: ``$FANAOI_RUNS``, or runs/ in the workbook."""
    chosen = os.environ.get("FANAOI_RUNS")
    return Path(chosen).resolve() if chosen else root() / "runs"


def keras_home() -> Path:
    """Return the folder where Keras keeps its settings and data sets, without importing it."""
    chosen = os.environ.get("KERAS_HOME")
    return Path(chosen) if chosen else Path.home() / ".keras"


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


@contextmanager
def replacing(path: str | os.PathLike) -> Iterator[Path]:
    """Yield a temporary path beside ``path`` to write to; it replaces ``path`` only when all went well.

    Missing parent folders are made. The temporary name keeps the suffix: writers choose the format by it.

    Raises:
        WorkbookError: the folder can't be written (no permission, no space, a file in its place).
    """
    path = Path(path)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.stem}-", suffix=path.suffix)
    except OSError as error:
        raise cannot_write(path, error) from error
    os.close(handle)
    beside = Path(name)
    try:
        yield beside
        # mkstemp makes private files; a result is as readable as any file that the user writes.
        umask = os.umask(0)
        os.umask(umask)
        beside.chmod(0o666 & ~umask)
        beside.replace(path)
    except OSError as error:
        raise cannot_write(path, error) from error
    finally:
        beside.unlink(missing_ok=True)


def cannot_write(path: str | os.PathLike, error: OSError) -> WorkbookError:
    """Return the sentence for a file that could not be written."""
    reason = error.strerror or type(error).__name__
    return WorkbookError(
        f"{shown(path)} could not be written ({reason}): choose a folder you may write to, with room left."
    )


def writable_folder(path: str | os.PathLike) -> Path:
    """Return ``path`` as a folder that can be written to, made where it is missing.

    Long work asks before it begins, so that nothing is lost when it ends.

    Raises:
        WorkbookError: it can't be written to.
    """
    try:
        with replacing(Path(path) / "probe") as beside:
            beside.write_bytes(b"probe")
    except WorkbookError as error:
        raise cannot_write(path, error.__cause__) from error
    (Path(path) / "probe").unlink(missing_ok=True)  # another program may ask at the same time
    return Path(path)
