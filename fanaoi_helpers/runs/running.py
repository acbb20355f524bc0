"""Running a notebook with papermill while nobody watches."""

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
from typing import Any

from .. import files
from ..errors import WorkbookError
from ..notebooks import find, read
from ..parameters import checked, declared
from . import html_copy

DEAD = "Python itself was ended by the system, often because memory ran out."


def resolve(path: Path, given: Mapping[str, Any], output: Path) -> dict[str, Any]:
    """Return the parameters that a run of the notebook at ``path`` gets, each in its type.

    Folders are meant from where the command was given, but the notebook runs in its own folder: relative
    paths are made absolute here. A notebook's ``output_dir`` is the run's ``output`` unless it was given.
    """
    known = declared(path, given)
    chosen = {name: known[name].convert(value) for name, value in given.items()}
    for name, value in chosen.items():
        if name.endswith(("_dir", "_path")) and isinstance(value, str) and value:
            chosen[name] = str(files.expanded(value, name).resolve())
    checked(path, chosen)  # what the notebook would refuse is refused before it is started
    if "output_dir" in known:
        chosen.setdefault("output_dir", str(output))
    return chosen


def run(
    number: str | int | Path,
    parameters: Mapping[str, Any] | None = None,
    output: str | os.PathLike | None = None,
    progress: bool = True,
) -> Path:
    """Run a notebook with papermill and return the executed copy, which is kept where a cell fails, too.

    Args:
        number: which notebook, as for ``find``.
        parameters: values for names in its parameters cell; a str is converted to the type of the default.
        output: the folder for the executed notebook, its HTML copy and what the run itself writes; runs/ and
            the notebook's name where None.
        progress: show a bar that counts cells.
    """
    path = find(number)
    folder = files.runs_dir() / path.stem if output is None else files.expanded(output, "The output folder")
    folder = folder.resolve()
    chosen = resolve(path, parameters or {}, folder)
    executed, page = folder / path.name, folder / f"{path.stem}.html"
    if executed == path:
        raise WorkbookError(f"{files.shown(folder)} holds the notebook itself; choose another output folder.")
    with files.alone_in(folder, "run"), quiet():
        try:
            page.unlink(missing_ok=True)  # a page of an earlier run would tell another story
            _execute(path, executed, chosen, progress)
        except OSError as error:
            raise files.cannot_write(folder, error) from error
        files.write(page, html_copy.page(executed, path.parent))
    return executed


def _execute(path: Path, executed: Path, parameters: dict[str, Any], progress: bool) -> None:
    """Run ``path`` into ``executed``."""
    import papermill
    from papermill.iorw import LocalHandler, papermill_io

    class Whole(LocalHandler):  # papermill writes after each cell, and may be killed while it does
        def write(self, text: str, name: str) -> None:
            files.write(name, text)

    papermill_io.register(str(executed), Whole())
    with failing_cell(path, executed) as started:
        papermill.execute_notebook(
            # papermill fills {names} in paths in: a folder may hold braces of its own.
            str(path).replace("{", "{{").replace("}", "}}"),
            str(executed).replace("{", "{{").replace("}", "}}"),
            parameters,
            kernel_name="python3",
            language="python",  # a notebook of somebody else's may not say it
            kernel_manager_class=kernel_manager(FANAOI_RUNS=str(files.runs_dir())),
            cwd=path.parent,
            progress_bar={"desc": path.stem} if progress else False,
            on_cell_execute=lambda cell, cell_index: started.append(cell),
        )


@contextmanager
def failing_cell(path: Path, executed: Path | None = None) -> Iterator[list[Mapping]]:
    """Yield a list to put each cell in that is started; make one WorkbookError of what fails in the last one.

    ``executed`` is where that which ran of the notebook at ``path`` is kept, if it is.
    """
    from nbclient.exceptions import CellExecutionError, DeadKernelError
    from papermill.exceptions import PapermillExecutionError

    started: list[Mapping] = []
    try:
        yield started
    except (CellExecutionError, PapermillExecutionError) as error:
        raise failed(path, started[-1], error.ename, error.evalue, executed) from None
    except DeadKernelError:
        raise failed(path, started[-1], "", DEAD, executed) from None
    except KeyboardInterrupt:
        # The cell that ran is given up; asyncio would print its traceback when Python ends.
        logging.getLogger("asyncio").disabled = True
        raise


def failed(path: Path, cell: Mapping, name: str, message: str, executed: Path | None = None) -> WorkbookError:
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
    rest = f" What ran until then is in {files.shown(executed)}." if executed else ""
    return WorkbookError(
        f"{path.name} failed in {count}{section} that begins with `{first}`: {reason}{end}{rest}"
    )


@contextmanager
def quiet() -> Iterator[None]:
    """Keep the warnings and log lines of papermill, nbconvert and the kernel's client from the terminal."""
    level = logging.root.manager.disable
    logging.disable(logging.ERROR)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        logging.disable(level)


def kernel_manager(**settings: str) -> type:
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
