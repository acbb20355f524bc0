"""Running notebooks without anybody watching: with parameters (papermill), or to store their outputs."""

import base64
import html
import io
import itertools
import logging
import os
import re
import subprocess
import sys
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from . import files
from .errors import WorkbookError
from .notebooks import find, read, tagged
from .parameters import checked, declared

ASKS_NOBODY = (  # for a page of ours
    '<meta http-equiv="Content-Security-Policy" content="default-src \'none\'; img-src data:; '
    "font-src data:; style-src 'unsafe-inline'\">"
)
DEAD = "Python itself was ended by the system, often because memory ran out."
# What every stored notebook says of its kernel: no version, so that it is the same on every machine.
METADATA = {
    "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
    "language_info": {"name": "python", "file_extension": ".py", "pygments_lexer": "ipython3"},
}


# ---- Parameters -------------------------------------------------------------------------------------------


def resolve(path: Path, told: Mapping[str, Any], output: Path) -> dict[str, Any]:
    """Return the parameters that a run of the notebook at ``path`` gets, each in its type.

    Folders are meant from where the command was given, but the notebook runs in its own folder: relative
    paths are made absolute here. A notebook's ``output_dir`` is the run's ``output`` unless it was given.

    Raises:
        WorkbookError: the notebook has no parameter of that name, or a value that it can't be.
    """
    known = declared(path, told)
    chosen = {name: known[name].convert(value) for name, value in told.items()}
    for name, value in chosen.items():
        if name.endswith(("_dir", "_path")) and isinstance(value, str) and value:
            chosen[name] = str(files.expanded(value, name).resolve())
    checked(path, chosen)  # what the notebook would refuse is refused before it is started
    if "output_dir" in known:
        chosen.setdefault("output_dir", str(output))
    return chosen


# ---- Running ----------------------------------------------------------------------------------------------


def run(
    number: str | int | Path,
    parameters: Mapping[str, Any] | None = None,
    output: str | os.PathLike | None = None,
    progress: bool = True,
) -> Path:
    """Run a notebook with papermill and return the executed copy.

    Args:
        number: which notebook, as for ``find``.
        parameters: values for names in its parameters cell; a str is converted to the type of the default.
        output: the folder for the executed notebook, its HTML copy and what the run itself writes; runs/ and
            the notebook's name where None.
        progress: show a bar that counts cells.

    Raises:
        WorkbookError: no such notebook or parameter, a folder that can't be written to or that another run
            writes into, or a cell that failed (the notebook, executed as far as it came, is kept).
    """
    path = find(number)
    folder = files.runs_dir() / path.stem if output is None else files.expanded(output, "The output folder")
    folder = folder.resolve()
    chosen = resolve(path, parameters or {}, folder)
    executed, page = folder / path.name, folder / f"{path.stem}.html"
    if executed == path:
        raise WorkbookError(f"{files.shown(folder)} holds the notebook itself; choose another output folder.")
    with files.alone_in(folder, "run"):
        try:
            page.unlink(missing_ok=True)  # a page of an earlier run would tell another story
            _execute(path, executed, chosen, progress)
        except OSError as error:
            raise files.cannot_write(folder, error) from error
        with files.replacing(page) as beside:
            beside.write_text(_html(executed, path.parent), encoding="utf-8")
    return executed


def _execute(path: Path, executed: Path, parameters: dict[str, Any], progress: bool) -> None:
    """Run ``path`` into ``executed``; a failing cell becomes one WorkbookError."""
    with _quiet():
        import papermill
        from nbclient.exceptions import DeadKernelError
        from papermill.exceptions import PapermillExecutionError
        from papermill.iorw import LocalHandler, papermill_io

        class Whole(LocalHandler):  # papermill writes after each cell, and may be killed while it does
            def write(self, text: str, name: str) -> None:
                with files.replacing(name) as beside:
                    beside.write_text(text, encoding="utf-8")

        papermill_io.register(str(executed), Whole())
        started = []
        try:
            papermill.execute_notebook(
                # papermill fills {names} in paths in: a folder may hold braces of its own.
                str(path).replace("{", "{{").replace("}", "}}"),
                str(executed).replace("{", "{{").replace("}", "}}"),
                parameters,
                kernel_name="python3",
                language="python",  # a notebook of somebody else's may not say it
                kernel_manager_class=_kernel_manager(FANAOI_RUNS=str(files.runs_dir())),
                cwd=path.parent,
                progress_bar={"desc": path.stem} if progress else False,
                on_cell_execute=lambda cell, cell_index: started.append(cell),
            )
        except PapermillExecutionError as error:
            raise _failed(path, executed, started[-1], error.ename, error.evalue) from None
        except DeadKernelError:
            raise _failed(path, executed, started[-1], "", DEAD) from None
        except KeyboardInterrupt:
            # The cell that ran is given up; asyncio would print its traceback when Python ends.
            logging.getLogger("asyncio").disabled = True
            raise


def _failed(path: Path, executed: Path | None, cell: Mapping, name: str, message: str) -> WorkbookError:
    """Return the sentences for a cell that failed: which one, why, and where the rest is."""
    cells = read(executed or path)["cells"]
    before = list(itertools.takewhile(lambda other: other.get("id") != cell.get("id"), cells))
    texts = "\n".join(other["source"] for other in before if other["cell_type"] == "markdown")
    headings = re.findall(r"^#+ (.+)$", texts, re.MULTILINE)
    section = f' under "{headings[-1].strip()}"' if headings else ""
    lines = [line.strip() for line in cell["source"].splitlines()]
    first = next((line for line in lines if line and not line.startswith("#")), "")
    count = f"cell [{cell['execution_count']}]" if cell.get("execution_count") else "the cell"
    reason = message.strip() if name in ("", "WorkbookError") else f"{name}: {message}".strip(": \n")
    end = "" if reason.endswith((".", "!", "?")) else "."
    kept = f" What ran until then is in {files.shown(executed)}." if executed else ""
    return WorkbookError(
        f"{path.name} failed in {count}{section} that begins with `{first}`: {reason}{end}{kept}"
    )


def _html(executed: Path, folder: Path) -> str:
    """Return an executed notebook as one HTML page that holds its pictures, those of ``folder`` as well.

    Whoever opens it asks no server for anything, and no script runs, whatever the outputs hold.
    """
    with _quiet():
        import nbformat
        from nbconvert import HTMLExporter

        exporter = HTMLExporter(embed_images=True)
        exporter.log.setLevel(logging.ERROR)
        notebook = nbformat.read(executed, as_version=4)
        for cell in notebook.cells:
            if cell.cell_type == "markdown":
                cell.source = _folded(_drawn(cell.source, folder))
        page, _ = exporter.from_notebook_node(
            notebook, {"metadata": {"path": str(folder), "name": executed.stem}}
        )
    head, body = page.split("</head>", 1)
    head = re.sub(r"<script\b.*?</script>", "", head, flags=re.DOTALL)  # for formulas, widgets and diagrams
    return head.replace("<head>", f"<head>{ASKS_NOBODY}", 1) + "</head>" + _described(body)


def _drawn(source: str, folder: Path) -> str:
    """Return markdown that holds its vector pictures, and its displayed formulas as such, with their words.

    nbconvert itself leaves out pictures that lie outside of the notebook's ``folder``.
    """
    from matplotlib.mathtext import math_to_image

    def picture(words: str, svg: bytes) -> str:
        data = base64.b64encode(svg).decode("ascii")
        return f'<img alt="{html.escape(words)}" src="data:image/svg+xml;base64,{data}">'

    def formula(found: re.Match) -> str:
        svg = io.BytesIO()
        try:
            math_to_image(f"${found[1].strip()}$", svg, dpi=100, format="svg")
        except ValueError:  # more than matplotlib knows: it stays as it is written
            return found[0]
        return picture(found[1].strip(), svg.getvalue())

    def drawing(found: re.Match) -> str:
        path = folder / found[2]
        return picture(found[1], path.read_bytes()) if path.is_file() else found[0]

    source = re.sub(r"!\[([^\]]*)\]\(([\w./-]+\.svg)\)", drawing, source)
    return re.sub(r"\$\$(.+?)\$\$", formula, source, flags=re.DOTALL)


def _described(page: str) -> str:
    """Return an exported page in which pictures of outputs have a text: the heading that they stand under.

    nbconvert itself writes that no description has been provided.
    """
    heading = "the beginning"

    def describe(found: re.Match) -> str:
        nonlocal heading
        if found[1] is None:
            return f'alt="Picture under {heading}"'
        words = re.sub(r'<a class="anchor-link".*?</a>|<[^>]*>', "", found[1])
        heading = " ".join(words.split()).replace('"', "&quot;")
        return found[0]

    nothing = 'alt="No description has been provided for this image"'
    return re.sub(rf"<h[1-6]\b[^>]*>(.*?)</h[1-6]>|{nothing}", describe, page, flags=re.DOTALL)


def _folded(source: str) -> str:
    """Return markdown whose folded answers stay folded in HTML.

    nbconvert closes the tags of each block of HTML by itself, so that <details> would end before its answer;
    here the answer is made HTML first, without the empty lines that end a block.
    """
    from nbconvert.filters import markdown2html

    def fold(found: re.Match) -> str:
        answer = markdown2html(found[2].strip())
        answer = re.sub(r"\n\s*\n", "\n", answer).strip()
        return f"<details><summary>{found[1]}</summary>\n{answer}\n</details>\n"

    return re.sub(r"<details>\s*<summary>(.*?)</summary>(.*?)</details>", fold, source, flags=re.DOTALL)


@contextmanager
def _quiet() -> Iterator[None]:
    """Keep the warnings and log lines of papermill, nbconvert and the kernel's client from the terminal."""
    level = logging.root.manager.disable
    logging.disable(logging.ERROR)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        logging.disable(level)


def _kernel_manager(**settings: str) -> type:
    """Return the class that starts our kernels: this Python, ``settings`` in its environment, no chatter."""
    from jupyter_client.manager import AsyncKernelManager

    # Pictures are drawn as in Jupyter whatever the shell says, and neither the debugger nor what the user's
    # own Python does at its start has a say in a run.
    unset = ("MPLBACKEND", "PYTHONSTARTUP")
    environment = {name: value for name, value in os.environ.items() if name not in unset}
    environment |= {"FANAOI_HEADLESS": "1", "PYDEVD_DISABLE_FILE_VALIDATION": "1", **settings}

    class QuietKernelManager(AsyncKernelManager):
        def format_kernel_cmd(self, extra_arguments: list[str] | None = None) -> list[str]:
            connection = ["-m", "ipykernel_launcher", "-f", self.connection_file]
            return [sys.executable, *connection, *(extra_arguments or [])]

        async def start_kernel(self, **options: Any) -> None:
            nowhere = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
            await super().start_kernel(**{**options, **nowhere, "env": environment})

    return QuietKernelManager


# ---- Storing outputs, for those who write notebooks -------------------------------------------------------


def address() -> str:
    """Return where the workbook lives, from the one place that says so: pyproject.toml."""
    project = (files.root() / "pyproject.toml").read_text(encoding="utf-8")
    return re.search(r'^Repository = "(.+?)/?"$', project, re.MULTILINE)[1]


def badge_url(path: Path) -> str:
    """Return the address that opens the notebook on Colab."""
    repository = address().removeprefix("https://github.com/")
    return f"https://colab.research.google.com/github/{repository}/blob/main/notebooks/{path.name}"


def setup_source() -> str:
    """Return the code of the setup cell that every notebook has."""
    template = (files.root() / "assets" / "setup_cell.py").read_text(encoding="utf-8")
    return template.replace("{repository}", address()).strip()


def store(number: str | int | Path) -> Path:
    """Stamp a notebook's badge and setup cell, execute it and keep its outputs; return its path.

    It runs as on a fresh machine: no earlier runs, no start-up files of the user's. One in which a cell
    fails or writes to stderr is refused and left as it was.

    Raises:
        WorkbookError: no such notebook, no badge or setup cell to stamp, or a cell that failed.
    """
    path = find(number)
    with _quiet(), TemporaryDirectory(prefix="fanaoi-") as empty:
        import nbformat
        from nbclient import NotebookClient
        from nbclient.exceptions import CellExecutionError, DeadKernelError

        notebook = nbformat.read(path, as_version=4)
        _stamp(notebook, path)
        started = []
        client = NotebookClient(
            notebook,
            timeout=None,
            kernel_name="python3",
            kernel_manager_class=_kernel_manager(FANAOI_RUNS=f"{empty}/runs", IPYTHONDIR=f"{empty}/ipython"),
            resources={"metadata": {"path": str(path.parent)}},
            record_timing=False,
            store_widget_state=False,
            coalesce_streams=True,
            on_cell_execute=lambda cell, cell_index: started.append(cell),
        )
        try:
            client.execute()
        except CellExecutionError as error:
            raise _failed(path, None, started[-1], error.ename, error.evalue) from None
        except DeadKernelError:
            raise _failed(path, None, started[-1], "", DEAD) from None
        for cell in notebook.cells:
            for output in cell.get("outputs", []):
                if output.get("name") == "stderr":
                    raise _failed(path, None, cell, "it wrote to stderr", output.text)
        _normalize(notebook)
        with files.replacing(path) as beside:
            beside.write_text(nbformat.writes(notebook, version=4) + "\n", encoding="utf-8", newline="\n")
    return path


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
        kept = {key: cell.metadata[key] for key in ("tags", "jupyter") if cell.metadata.get(key)}
        cell.metadata = from_dict(kept)
        cell.source = cell.source.rstrip()
