"""The learner's own ledger: what was predicted and tried, one JSON record a line, in a file that is theirs.

A record stands for itself, so that files can be joined and a torn line costs that line alone (here in two)::

    {"version": 1, "learner": "9f2c51d07ab3", "at": "2026-11-20T09:30:00+00:00", "id": "5e0c7a91",
     "notebook": "02", "exercise": "share", "event": "check", "answer": 40, "state": "not yet", "mistake": 1}

The learner is a random number made once for a file; no name is kept unless :func:`set_name` is given one.
Where nobody is watching (tests, papermill) records stay in memory, and the file is neither read nor written.
"""

import json
import os
import secrets
import threading
from collections.abc import Iterable
from datetime import datetime, timezone
from pathlib import Path

from .. import files
from ..errors import WorkbookError
from .shortening import shortened

VERSION = 1
LARGEST = 20_000_000  # bytes; years of lessons take less, so a larger file is something else
PATIENCE = 3.0  # seconds to wait for another notebook that writes
TEXTS = ("learner", "at", "notebook", "exercise", "event")  # what every record has

_turn = threading.RLock()  # one thread at a time
_unwatched: list[dict] = []  # records of a headless kernel
_waiting: list[dict] = []  # records that could not be written yet; the next note tries again


def path() -> Path:
    """Return the ledger's file: ``$FANAOI_LEDGER``, or my_ledger.jsonl; see `files.kept_in`."""
    return files.kept_in("my_ledger.jsonl", "FANAOI_LEDGER", "your answers").resolve()


def note(event: str, notebook: str, exercise: str, /, **details: object) -> str:
    """Keep one record; never raises.

    Args:
        event: "predict", "reveal", "check", "hint", "solution", or "result".
        notebook: its number, such as "02"; "" for what belongs to none.
        exercise: its name.
        details: ``answer``, ``state``, ``mistake`` and the like: anything, kept shortened.

    Returns:
        "" or one sentence why it is not in the file; then it waits in memory, and the next note tries again.
    """
    record = {
        "version": VERSION,
        "learner": "",  # the file knows
        "at": datetime.now(timezone.utc).isoformat(timespec="seconds"),
        "id": secrets.token_hex(4),
        "notebook": str(shortened(notebook)),
        "exercise": str(shortened(exercise)),
        "event": str(shortened(event)),
    }
    for name, value in details.items():
        record.setdefault(name, shortened(value))
    return _keep(record)


def records() -> list[dict]:
    """Return the learner's records in order, those that could not be written as well; never raises.

    Lines that hold no record are skipped; :func:`read` counts them. A headless kernel sees its own alone.
    """
    return _read_all()[0]


def unread() -> str:
    """Return one sentence why the file's records are not among :func:`records`, "" if they are."""
    return _read_all()[1]


def _read_all() -> tuple[list[dict], str]:
    """Return the learner's records, and why the file's are not among them."""
    with _turn:
        if files.headless():
            return list(_unwatched), ""
        stored, why = [], ""
        try:
            target = path()
            if target.exists():
                _refuse_what_is_no_ledger(target)
                stored = read(target)[0]
        except Exception as error:
            why = str(error) or type(error).__name__
        return stored + list(_waiting), why


def keep(what: str, **values: object) -> str:
    """Keep a result that a later notebook meets again, such as "beat_the_machine"; never raises.

    Returns:
        "" or one sentence, as :func:`note` does.
    """
    return note("result", "", what, answer=values)


def kept(what: str) -> dict | None:
    """Return what was kept last under ``what``, None where nothing was."""
    for record in reversed(records()):
        is_it = record["event"] == "result" and record["exercise"] == what
        if is_it and isinstance(record.get("answer"), dict):
            return record["answer"]
    return None


def set_name(name: str) -> str:
    """Put the learner's name into the ledger in place of an earlier one; "" takes it out. Never raises.

    Returns:
        "" or one sentence why it could not be done.
    """
    if not isinstance(name, str):
        return f"A name is text in quotes, but this is {type(name).__name__}."
    with _turn:
        for memory in (_unwatched, _waiting):
            memory[:] = [record for record in memory if record["event"] != "name"]
        return note("name", "", "", answer=" ".join(name.split()))


def merge(paths: Iterable[Path]) -> tuple[list[dict], dict[Path, int]]:
    """Return the records of several ledgers by learner and time, each once however often its file comes.

    With them, for each file in which lines hold no record, how many these are.
    """
    contents = {path: read(path) for path in paths}
    once = {json.dumps(record, sort_keys=True): record for own, _ in contents.values() for record in own}
    broken = {path: count for path, (_, count) in contents.items() if count}
    return sorted(once.values(), key=lambda record: (record["learner"], record["at"])), broken


def read(file: str | os.PathLike) -> tuple[list[dict], int]:
    """Return a ledger's records in order, and how many of its lines hold none (torn, or not ours)."""
    try:
        lines = files.read_lines(file, LARGEST)
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise WorkbookError(f"{files.shown(file)} could not be read ({reason}).") from error
    records = [_record(line) for line in dict.fromkeys(lines)]
    return [record for record in records if record is not None], records.count(None)


def _record(line: bytes) -> dict | None:
    """Return the record that a line holds, None where it holds none."""
    record = files.record_in(line) or {}
    ours = record.get("version") == VERSION and all(isinstance(record.get(name), str) for name in TEXTS)
    return record if ours else None


def _keep(record: dict) -> str:
    """Write a record, and those that wait, or let it wait and say why."""
    with _turn:
        if files.headless():
            _unwatched.append(record)
            return ""
        _waiting.append(record)
        try:
            _write(path(), _waiting)
        except WorkbookError as error:
            return f"Kept only while this kernel runs, unless writing works again: {error}"
        except Exception as error:  # the exercise goes on, whatever is odd about this machine
            return f"Kept only while this kernel runs, as writing failed ({type(error).__name__}: {error})."
        _waiting.clear()
        return ""


def _write(target: Path, new: list[dict]) -> None:
    """Put records at the end of the file; only where a name is set is the whole of it written again."""
    lock = target.with_name(f".{target.name[-40:]}.lock")
    busy = f"another program holds {files.shown(target)}; close what writes to it."
    with files.alone(lock, busy, PATIENCE):
        lines = _lines(target)
        held = (record for line in reversed(lines) if (record := _record(line)))
        learner = next((record["learner"] for record in held), "")
        if any(map(bytes.strip, lines)) and not learner:
            raise WorkbookError(
                f"{files.shown(target)} holds something else than a ledger: move it away, or set "
                "FANAOI_LEDGER to another file."
            )
        learner = learner or secrets.token_hex(6)
        records = [{**record, "learner": learner} for record in new]
        if not any(record["event"] == "name" for record in new):
            files.append_lines(target, records)
            return
        with files.replacing(target) as beside:
            beside.write_bytes(b"".join(line + b"\n" for line in lines if not _is_name(line)))
            files.append_lines(beside, records)


def _lines(target: Path) -> list[bytes]:
    """Return what the file holds, nothing where there is none."""
    if not target.exists():
        return []
    _refuse_what_is_no_ledger(target)
    if not os.access(target, os.W_OK):
        raise WorkbookError(
            f"{files.shown(target)} is write-protected: allow writing, or set FANAOI_LEDGER to another file."
        )
    return files.read_lines(target, LARGEST)


def _refuse_what_is_no_ledger(target: Path) -> None:
    shown = files.shown(target)
    if not target.is_file():
        raise WorkbookError(f"{shown} is no file: move it away, or set FANAOI_LEDGER to another file.")
    if target.stat().st_size > LARGEST:
        raise WorkbookError(
            f"{shown} holds more than {LARGEST // 1_000_000} MB: move it away, and a new one begins."
        )


def _is_name(line: bytes) -> bool:
    record = _record(line)
    return record is not None and record["event"] == "name"
