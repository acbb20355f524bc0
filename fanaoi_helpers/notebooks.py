"""The workbook's notebooks: which there are, by number, and what stands in one."""

import json
import os
import re
from collections.abc import Mapping
from pathlib import Path

from . import files
from .errors import WorkbookError


def notebooks_dir() -> Path:
    """Return the folder that holds the workbook's notebooks, or the current one where only the package is."""
    folder = files.root() / "notebooks"
    return folder if folder.is_dir() else Path.cwd()


def paths() -> list[Path]:
    """Return every numbered notebook, in order."""
    numbered = sorted(notebooks_dir().glob("[0-9][0-9]_*.ipynb"))
    if not numbered:
        raise WorkbookError(
            f"There are no notebooks in {notebooks_dir()}; change to the folder that holds workbook.py."
        )
    return numbered


def find(number: str | int | Path) -> Path:
    """Return the notebook with this number (``5``, ``"05"``), name (``"05_train_go_ng"``) or path."""
    wanted = str(number).strip()
    if wanted.endswith(".ipynb"):
        path = files.expanded(wanted, "The notebook")
        if path.is_file():
            return path.resolve()
    prefix = f"{int(wanted):02d}_" if re.fullmatch("[0-9]{1,4}", wanted) else None
    stem = wanted.removesuffix(".ipynb")
    for path in paths():
        if path.name.startswith(prefix) if prefix else path.stem == stem:
            return path
    listed = ", ".join(path.stem for path in paths())
    raise WorkbookError(f"There is no notebook {files.short(wanted)}; there are {listed}.")


def read(path: str | os.PathLike) -> dict:
    """Return a notebook's JSON."""
    try:
        notebook = json.loads(Path(path).read_text(encoding="utf-8"))
        for cell in notebook["cells"]:
            cell["source"] = "".join(cell["source"])
    except (OSError, ValueError, TypeError, KeyError) as error:
        raise WorkbookError(
            f"{files.shown(path)} can't be read as a Jupyter notebook; restore it."
        ) from error
    return notebook


def title(path: str | os.PathLike) -> tuple[str, str]:
    """Return a notebook's title and its minutes, "" where it names none."""
    source = "\n".join(cell["source"] for cell in read(path)["cells"][:1])
    heading = re.search(r"^# (.+)$", source, re.MULTILINE)
    minutes = re.search(r"(\d+) minutes", source)
    return heading[1].strip() if heading else Path(path).stem, minutes[1] if minutes else ""


def tagged(cell: Mapping, tag: str) -> bool:
    """Tell whether a notebook's cell carries ``tag``."""
    return tag in cell.get("metadata", {}).get("tags", [])
