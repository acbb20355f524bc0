"""A .zip of photographs: each name checked before anything is written, extracted once into the cache."""

import hashlib
import os
import re
import secrets
import shutil
import stat
import tempfile
import time
import zipfile
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path, PurePosixPath

from .. import files
from ..errors import WorkbookError
from ..progress import bar
from . import zip_names

MOST_MEMBERS = 500_000
MOST_BYTES = 50_000_000_000  # of all members together, extracted
MOST_RATIO = 200  # extracted bytes to bytes of the archive; a bomb has thousands, photographs have 1 to 3
WORTH_A_RATIO = 100_000_000  # extracted bytes below which any ratio is harmless
UNUSED = 30 * 24 * 3600  # seconds after which an extracted archive that nobody opened is removed

_DEVICES = {"CON", "PRN", "AUX", "NUL", *(f"{port}{n}" for port in ("COM", "LPT") for n in range(1, 10))}
_temporary: dict[str, tempfile.TemporaryDirectory] = {}  # where the cache can't be written; gone at the exit


def extracted(path: Path, classes: Sequence[str] = ()) -> Path:
    """Return a folder with what the archive holds; made at the first opening, found again at the next ones.

    What lies in it is told as lying in the archive (``files.shown``). The names of the class folders that
    are expected, ``classes``, help to read names that are not in UTF-8.

    It lies in ``runs_dir()/cache/archives`` under a name made from the names, sizes and check sums of the
    members: a copy of the archive has the same folder.
    """
    title = files.shown(path)
    try:
        with zipfile.ZipFile(path) as archive:
            members = _members(archive, title, path.stat().st_size, classes)
            listed = "\0".join(f"{name}\0{info.file_size}\0{info.CRC}" for name, info in members.items())
            key = hashlib.sha256(listed.encode("utf-8", "surrogatepass")).hexdigest()[:12]
            stem = re.sub(r"[^\w-]+", "_", path.stem, flags=re.ASCII)[:40]
            target = files.runs_dir() / "cache" / "archives" / f"{stem}-{key}"
            if not _whole(target, members):
                try:
                    target.parent.mkdir(parents=True, exist_ok=True)
                    beside = target.parent / f".{secrets.token_hex(8)}"
                    beside.mkdir()
                except OSError:
                    target = _elsewhere(archive, members, key, title)
                else:
                    _extract(archive, members, beside, target, title)
    except WorkbookError:
        raise
    except OSError as error:
        reason = error.strerror or str(error) or type(error).__name__
        raise WorkbookError(
            f"{title} could not be extracted ({reason}): check it, its names and the room on the disk."
        ) from error
    except Exception as error:  # a damaged archive can fail in any way
        reason = str(error).split("\n")[0][:120] or type(error).__name__
        raise WorkbookError(
            f"{title} is not a .zip that can be read ({reason}): copy it or make it again."
        ) from error
    with suppress(OSError):
        os.utime(target)
    _tidy(target)
    files.tell_as(target, path)
    return target


def _members(
    archive: zipfile.ZipFile, title: str, size: int, classes: Sequence[str]
) -> dict[str, zipfile.ZipInfo]:
    """Return the files in the archive by the path to write each to, or refuse the archive."""
    listed = archive.infolist()
    if len(listed) > MOST_MEMBERS:
        raise WorkbookError(
            f"{title} holds {len(listed):,} files, more than {MOST_MEMBERS:,}: extract it yourself."
        )
    members, spelled = {}, {}
    for info, written in zip(listed, zip_names.decoded(listed, classes), strict=True):
        name = _safe_name(info, written, title)
        if not name or written.endswith("/"):
            continue
        key = zip_names.alike(name)
        if key in spelled:
            both = f"{spelled[key]!r:.80} and {name!r:.80}"
            raise WorkbookError(f"{title} holds {both}, one name on many systems: rename one of them.")
        spelled[key] = name
        members[name] = info
    if not members:
        raise WorkbookError(f"{title} holds no files: give a .zip of a folder with photographs.")
    folders = {PurePosixPath(folder) for folder in {key.rpartition("/")[0] for key in spelled}}
    folders |= {above for folder in folders for above in folder.parents}
    if both := sorted(set(map(str, folders)) & spelled.keys()):
        raise WorkbookError(f"{title} holds {both[0]!r:.80} as a file and as a folder: make it again.")
    total = sum(info.file_size for info in members.values())
    if total > MOST_BYTES or (total > WORTH_A_RATIO and total > MOST_RATIO * size):
        raise WorkbookError(
            f"{title} ({size / 1e6:,.1f} MB) would grow to {total / 1e6:,.0f} MB, which looks like a bomb: "
            "extract it yourself if you trust it."
        )
    return members


def _safe_name(info: zipfile.ZipInfo, written: str, title: str) -> str:
    """Return the path of a member by its ``written`` name, "" for what systems leave; refuse what is unsafe.

    A backslash counts as a slash: some programs on Windows write it so.
    """
    path = written.replace("\\", "/")
    parts = [part for part in path.split("/") if part not in ("", ".")]
    kind = stat.S_IFMT(info.external_attr >> 16)
    holds = f"{title} holds {written!r:.80}"
    if path.startswith("/") or re.match(r"[A-Za-z]:", path) or ".." in parts:
        raise WorkbookError(
            f"{holds}, a path that leads out of its folder: don't trust it, or make it again."
        )
    if kind not in (0, stat.S_IFREG, stat.S_IFDIR):
        raise WorkbookError(f"{holds}, a link or a device: zip the files themselves.")
    if "__MACOSX" in parts or any(part.startswith(".") for part in parts):
        return ""
    if parts and parts[-1].casefold() in ("thumbs.db", "desktop.ini"):
        return ""
    for part in parts:
        device = part.partition(".")[0].rstrip().upper() in _DEVICES
        if device or part[-1] in ". " or ":" in part or any(ord(letter) < 32 for letter in part):
            raise WorkbookError(f"{holds}, a name that not every system can store: rename it.")
    if info.flag_bits & 1:
        raise WorkbookError(f"{holds}, protected by a password: zip it without one.")
    if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise WorkbookError(f"{holds}, compressed in an unusual way: zip it with the usual settings.")
    return "/".join(parts)


def _whole(target: Path, members: dict[str, zipfile.ZipInfo]) -> bool:
    """Tell whether ``target`` holds all members (somebody may have deleted some), and nothing else."""
    present = set()
    start = len(str(target)) + 1
    for folder, _, names in os.walk(target):
        below = folder[start:].replace(os.sep, "/")
        present.update(f"{below}/{name}" if below else name for name in names)
    return present == members.keys()


def _extract(
    archive: zipfile.ZipFile, members: dict[str, zipfile.ZipInfo], beside: Path, target: Path, title: str
) -> None:
    """Write all members into the empty folder ``beside``, which becomes ``target`` when it is whole."""
    try:
        total = sum(info.file_size for info in members.values())
        free = shutil.disk_usage(beside).free
        if total > free:
            raise WorkbookError(
                f"{title} needs {total / 1e6:,.0f} MB, but {files.shown(target.parent)} has "
                f"{free / 1e6:,.0f} MB left: make room, or set FANAOI_RUNS to a folder on another disk."
            )
        for name, info in bar(members.items(), len(members), "Extracting", unit="file"):
            info.filename = name
            archive.extract(info, beside)  # never more bytes than it declares; their check sum is tested
        try:
            beside.rename(target)
        except OSError:
            # Somebody deleted photographs in it; else another run was quicker.
            if not _whole(target, members):
                shutil.rmtree(target, ignore_errors=True)
                beside.rename(target)
    finally:
        shutil.rmtree(beside, ignore_errors=True)


def _elsewhere(archive: zipfile.ZipFile, members: dict[str, zipfile.ZipInfo], key: str, title: str) -> Path:
    """Extract into a temporary folder, which lasts as long as this program: the cache can't be written."""
    if key not in _temporary:
        folder = tempfile.TemporaryDirectory(prefix="fanaoi-", ignore_cleanup_errors=True)
        beside = Path(folder.name) / "new"
        beside.mkdir()
        _extract(archive, members, beside, Path(folder.name) / "photos", title)
        _temporary[key] = folder
    return Path(_temporary[key].name) / "photos"


def _tidy(own: Path) -> None:
    """Remove archives that nobody opened for long, and what killed runs left."""
    if own.parent.name != "archives":
        return
    now = time.time()
    for place in own.parent.iterdir():
        with suppress(OSError):
            age = now - place.stat().st_mtime
            if place != own and age > (24 * 3600 if place.name.startswith(".") else UNUSED):
                shutil.rmtree(place, ignore_errors=True)
