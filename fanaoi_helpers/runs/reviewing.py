"""A notebook as text: what a change of it changes, and a lesson that is written in an editor."""

from __future__ import annotations

import base64
import difflib
import hashlib
import subprocess
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING

from .. import files
from ..errors import WorkbookError

if TYPE_CHECKING:
    from nbformat import NotebookNode

FORMAT = "py:percent"


def text(notebook: NotebookNode) -> str:
    """Return a notebook's cells as Python code, prose as comments; its outputs are left out."""
    jupytext = _jupytext()
    bare = notebook.copy()
    bare["metadata"] = {"jupytext": {"notebook_metadata_filter": "-all"}}  # no header that tells of versions
    return jupytext.writes(bare, FORMAT)


def rewritten(notebook: NotebookNode, lesson: Path) -> NotebookNode:
    """Return ``notebook`` with the cells of a file that :func:`text` wrote and somebody has edited.

    Cells that are still there keep their outputs and ids.
    """
    jupytext = _jupytext()
    try:
        written = jupytext.reads(lesson.read_text(encoding="utf-8"), FORMAT)
        if not written.cells:
            raise ValueError("it is empty")
    except (OSError, ValueError) as error:
        raise WorkbookError(
            f"{files.shown(lesson)} can't be read as a lesson ({error}): give one that fanaoi text wrote."
        ) from error
    style = {"extension": ".py", "format_name": "percent"}
    return jupytext.combine.combine_inputs_with_outputs(written, notebook, fmt=style)


def difference(path: Path, revision: str) -> str:
    """Return how the notebook at ``path`` differs from git's ``revision``, "" where it does not.

    Lines as of ``diff -u``: the cells as :func:`text` has them, and below each what it shows, pictures by
    their size and hash.
    """
    import nbformat

    git = ["git", "show", "--no-textconv", "--end-of-options", f"{revision}:./{path.name}"]
    try:
        content = subprocess.run(git, cwd=path.parent, capture_output=True, check=True).stdout
        versions = [nbformat.reads(content.decode(), as_version=4), nbformat.read(path, as_version=4)]
    except FileNotFoundError:
        raise WorkbookError("git, which knows what the notebook was before, is not installed here.") from None
    except subprocess.CalledProcessError as error:
        reason = error.stderr.decode(errors="replace").strip().removeprefix("fatal: ").split("\n")[0]
        raise WorkbookError(
            f"git does not give {path.name} as of {files.short(revision)} ({reason}): name a commit of this "
            "clone that has it."
        ) from None
    except (OSError, ValueError) as error:
        raise WorkbookError(
            f"{path.name} as of {files.short(revision)} can't be compared ({error})."
        ) from error
    before, after = (text(_with_outputs(notebook)).splitlines() for notebook in versions)
    names = f"{path.name} as of {revision}", path.name
    return "\n".join(difflib.unified_diff(before, after, *names, lineterm=""))


def _with_outputs(notebook: NotebookNode) -> NotebookNode:
    """Return a notebook with a raw cell below each cell that shows something: what it shows, in words."""
    from nbformat.v4 import new_raw_cell

    cells = []
    for cell in notebook.cells:
        cells.append(cell)
        if cell.get("outputs"):
            cells.append(new_raw_cell("\n".join(map(_words, cell.outputs))))
    notebook.cells = cells
    return notebook


def _words(output: NotebookNode) -> str:
    """Return an output as text; of what is no text, its kind, size and hash."""
    if output.output_type == "stream":
        return output.text.rstrip()
    if output.output_type == "error":
        return f"{output.ename}: {output.evalue}"
    lines = []
    for kind, data in sorted(output.data.items(), reverse=True):  # text/plain in front
        if kind == "text/plain":
            lines.append(data)
            continue
        content = base64.b64decode(data) if kind in ("image/png", "image/jpeg") else str(data).encode()
        digest = hashlib.sha256(content).hexdigest()
        lines.append(f"({kind}, {len(content):,} bytes, SHA-256 {digest[:12]}…)")
    return "\n".join(lines)


def _jupytext() -> ModuleType:
    try:
        import jupytext
        import jupytext.combine
    except ImportError:
        raise WorkbookError(
            'jupytext, which makes text of a notebook, is not installed here: pip install "jupytext>=1.16".'
        ) from None
    return jupytext
