"""A notebook without its answers: nothing is shown before it is run, and code that would tell is folded."""

import json
import os
import re
from pathlib import Path

from .. import files
from ..notebooks import notebooks_dir, paths, read, tagged

# What stands above the code of a folded cell, in JupyterLab's and in Colab's line of its own for it.
SETUP, PARAMETERS, IMPORTS = "Setup", "Parameters", "Imports"
ANSWER = "Run this; look at its code afterwards"
CLAIM = "Does it hold? Run this"
LONGEST_CLAIM = 8  # lines; a longer cell is there to be read
ASKS = re.compile(r"^ex\.\w+\.(check|predict)\(", re.MULTILINE)
CHECKED = re.compile(r"^settings = check_parameters\(", re.MULTILINE)


def folds(notebook: dict) -> dict[str, str]:
    """Return the cells of code that learners find folded: {id: title}.

    All that is there before the lesson begins, down to the cell that checks the parameters; the cells tagged
    ``answer``; and those that are there for nbval alone: short ones behind a cell whose output it ignores,
    which print nothing but what must hold (and so tell what comes out).
    """
    code = [cell for cell in notebook["cells"] if cell["cell_type"] == "code"]
    last = next((number for number, cell in enumerate(code) if CHECKED.search(cell["source"])), -1)
    titles = {}
    for number, cell in enumerate(code):
        if tagged(cell, "answer"):
            titles[cell["id"]] = ANSWER
        elif tagged(cell, "setup"):
            titles[cell["id"]] = SETUP
        elif tagged(cell, "parameters"):
            titles[cell["id"]] = PARAMETERS
        elif number <= last:
            titles[cell["id"]] = IMPORTS
        elif number and tagged(code[number - 1], "nbval-ignore-output") and _only_claims(cell):
            titles[cell["id"]] = CLAIM
    return titles


def _only_claims(cell: dict) -> bool:
    """Tell whether all that a stored cell printed are claims, such as ``more than 800 units torn: True``."""
    too_long = cell["source"].count("\n") >= LONGEST_CLAIM
    if too_long or tagged(cell, "nbval-ignore-output") or ASKS.search(cell["source"]):
        return False
    shown = {kind for one in cell["outputs"] for kind in one.get("data", {})}
    printed = "".join("".join(one["text"]) for one in cell["outputs"] if one["output_type"] == "stream")
    claims = [line.endswith((": True", ": False")) for line in printed.splitlines()]
    return any(claims) and all(claims) and not shown & {"image/png", "image/jpeg"}


def opened(path: str | os.PathLike) -> dict:
    """Return the notebook at ``path`` as a learner opens it: JSON, each cell's source one text."""
    notebook = read(path)
    titles = folds(notebook)
    for cell in notebook["cells"]:
        if cell["cell_type"] != "code":
            continue
        cell["outputs"], cell["execution_count"] = [], None
        if title := titles.get(cell["id"]):
            # JupyterLab shows a folded cell's first line, Colab the title; a magic must be the first line.
            if not cell["source"].startswith("%%"):
                cell["source"] = f"# @title {title}\n{cell['source']}"
            cell["metadata"] |= {"jupyter": {"source_hidden": True}, "cellView": "form"}
    return notebook


def as_text(notebook: dict) -> str:
    """Return a notebook as the text of its file, the same for the same cells."""
    lines = [{**cell, "source": cell["source"].splitlines(keepends=True)} for cell in notebook["cells"]]
    return json.dumps({**notebook, "cells": lines}, indent=1, ensure_ascii=False, sort_keys=True) + "\n"


def lesson_folder() -> Path:
    """Return the folder of the repository that Colab opens notebooks from: those without answers."""
    return notebooks_dir().with_name("learner")


def write_lesson(path: Path) -> None:
    """Write the notebook at ``path``, one of the workbook's, as learners open it on Colab."""
    files.write(lesson_folder() / path.name, as_text(opened(path)))


def stale() -> list[str]:
    """Return what in the folder that Colab opens is not as the notebooks are: names."""
    wanted = {path.name: as_text(opened(path)) for path in paths()}
    there = {path.name: path.read_text(encoding="utf-8") for path in lesson_folder().glob("*.ipynb")}
    return sorted(name for name in wanted | there if wanted.get(name) != there.get(name))
