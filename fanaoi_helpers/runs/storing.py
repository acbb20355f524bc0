"""Storing a notebook's outputs in it, for those who write notebooks."""

import re
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from .. import files, learner
from ..errors import WorkbookError
from ..notebooks import find, notebooks_dir, tagged
from . import reviewing
from .running import failed, failing_cell, kernel_manager, quiet

# What every stored notebook says of its kernel: no version, so that it is the same on every machine.
METADATA = {
    "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
    "language_info": {"name": "python", "file_extension": ".py", "pygments_lexer": "ipython3"},
}


def address() -> str:
    """Return where the workbook lives, from the one place that says so: pyproject.toml."""
    project = (files.root() / "pyproject.toml").read_text(encoding="utf-8")
    return re.search(r'^Repository = "(.+?)/?"$', project, re.MULTILINE)[1]


def badge_url(path: Path) -> str:
    """Return the address that opens the notebook on Colab, as learners do: without its answers."""
    repository = address().removeprefix("https://github.com/")
    return f"https://colab.research.google.com/github/{repository}/blob/main/learner/{path.name}"


def setup_source() -> str:
    """Return the code of the setup cell that every notebook has."""
    template = (files.root() / "assets" / "setup_cell.py").read_text(encoding="utf-8")
    return template.replace("{repository}", address()).strip()


def store(number: str | int | Path, lesson: str | None = None) -> Path:
    """Stamp a notebook's badge and setup cell, execute it and keep its outputs; return its path.

    It runs as on a fresh machine: no earlier runs, no start-up files of the user's. One in which a cell
    fails or writes to stderr is refused and left as it was.

    Args:
        number: which notebook.
        lesson: a file that ``fanaoi text`` wrote: its cells are put in first. Where none of them is other
            code, the stored outputs still hold, and nothing is executed.
    """
    path = find(number)
    with quiet():
        import nbformat

        notebook = nbformat.read(path, as_version=4)
        before = _code(notebook)
        if lesson is not None:
            notebook = reviewing.rewritten(notebook, Path(lesson))
        _stamp(notebook, path)
        if lesson is None or _code(notebook) != before:
            _play(notebook, path)
        _normalize(notebook)
        files.write(path, nbformat.writes(notebook, version=4) + "\n")
    if path.parent == notebooks_dir().resolve():
        learner.write_lesson(path)
    return path


def _code(notebook: Any) -> list[str]:
    """Return what the cells of ``notebook`` execute."""
    return [cell.source for cell in notebook.cells if cell.cell_type == "code"]


def _play(notebook: Any, path: Path) -> None:
    """Execute ``notebook``, which is to be stored at ``path``; refuse it where a cell fails or complains."""
    from nbclient import NotebookClient

    with TemporaryDirectory(prefix="fanaoi-") as empty, failing_cell(path) as started:
        elsewhere = {"FANAOI_RUNS": f"{empty}/runs", "IPYTHONDIR": f"{empty}/ipython"}
        NotebookClient(
            notebook,
            timeout=None,
            kernel_name="python3",
            kernel_manager_class=kernel_manager(**elsewhere),
            resources={"metadata": {"path": str(path.parent)}},
            record_timing=False,
            store_widget_state=False,
            coalesce_streams=True,
            on_cell_execute=lambda cell, cell_index: started.append(cell),
        ).execute()
    for cell in notebook.cells:
        for output in cell.get("outputs", []):
            if output.get("name") == "stderr":
                raise failed(path, cell, "it wrote to stderr", output.text)


def _stamp(notebook: Any, path: Path) -> None:
    """Write the badge's address and the setup cell into ``notebook``."""
    pattern = r"https://colab\.research\.google\.com/github/[^)\s]*"
    first = notebook.cells[0]
    first.source, badges = re.subn(pattern, badge_url(path), first.source)
    setups = [cell for cell in notebook.cells if tagged(cell, "setup")]
    if badges != 1 or len(setups) != 1:
        raise WorkbookError(
            f"{path.name} has {badges} Colab badges in its first cell and {len(setups)} cells tagged "
            "'setup', but it must have one of each."
        )
    setups[0].source = setup_source()
    setups[0].metadata["jupyter"] = {"source_hidden": True}  # folded in JupyterLab: it teaches nothing


def _normalize(notebook: Any) -> None:
    """Drop from an executed notebook what differs from machine to machine and from editor to editor."""
    from nbformat import from_dict

    notebook.metadata = from_dict(METADATA)
    notebook.nbformat_minor = 5
    for cell in notebook.cells:
        ours = {key: cell.metadata[key] for key in ("tags", "jupyter") if cell.metadata.get(key)}
        cell.metadata = from_dict(ours)
        cell.source = cell.source.rstrip()
