"""Environments beside the workbook's own, with other versions: made once, and again when they must change."""

import hashlib
import importlib.util
import json
import os
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path
from types import ModuleType

from fanaoi_helpers import files
from fanaoi_helpers.errors import WorkbookError


def workbook() -> ModuleType:
    """Return workbook.py, which knows how to find a Python and how to start a program with one."""
    specification = importlib.util.spec_from_file_location("workbook", files.root() / "workbook.py")
    module = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(module)
    return module


def find_python(*versions: str) -> str:
    """Return the path of a Python here that is of the first of these minor versions that is to be had.

    Args:
        versions: such as ``"3.13"``, ``"3.12"``.

    Raises:
        WorkbookError: there is none of them.
    """
    door = workbook()
    for version in versions:
        wanted = tuple(map(int, version.split(".")))
        for path in door.candidates(wanted, wanted):
            found, reason = door.probe(path)
            if found.startswith(f"{version}.") and not reason:
                return path
    raise WorkbookError(
        f"There is no Python {' or '.join(versions)} here: install it (uv python install {versions[0]})."
    )


def environment(name: str, python: str, requirements: Sequence[str], constraints: Sequence[str]) -> Path:
    """Return the Python of the environment ``name``, made from ``python`` unless it is there as it must be.

    Args:
        name: its folder's name in ``.outside/`` begins so.
        python: the interpreter that it is made from.
        requirements: what pip installs: words of its command line.
        constraints: lines of a constraints file.

    Raises:
        WorkbookError: it can't be made; pip has said why.
    """
    told = json.dumps([python, *requirements, "under", *constraints])
    home = files.root() / ".outside" / f"{name}-{hashlib.sha256(told.encode()).hexdigest()[:12]}"
    inside = home / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    ready = home / "ready"
    if ready.is_file():
        return inside
    for old in home.parent.glob(f"{name}-*"):
        shutil.rmtree(old)
    lines = home / "constraints.txt"
    made = subprocess.run([python, "-m", "venv", str(home)], check=False)
    lines.write_text("\n".join(constraints), encoding="utf-8")
    install = [str(inside), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    if made.returncode or subprocess.run([*install, "-c", str(lines), *requirements], check=False).returncode:
        raise WorkbookError(f"The environment {files.shown(home)} could not be made: see pip's words above.")
    ready.touch()
    return inside
