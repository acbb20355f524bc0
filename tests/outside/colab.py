"""Play Colab: every notebook alone in an empty folder, on the versions that Colab publishes.

``python workbook.py colab`` makes an environment of exactly the versions in ``colab_packages.txt``, of
what the workbook touches and nothing else. What a notebook's badge opens gets a fresh layer over it, in which
its setup cell installs what Colab lacks, a folder with nothing but this file, a stub of ``google.colab``, and
the workbook's address answered by a local repository that holds this working tree. It must run to its end
without an error and without a word on stderr, say True wherever the stored notebook does, show its figures
alive under Colab's ipywidgets, and leave every package as it was.
"""

import json
import os
import re
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import click
import nbformat
from environments import environment, find_python
from jupyter_client.kernelspec import KernelSpecManager
from jupyter_client.manager import AsyncKernelManager
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, DeadKernelError

from fanaoi_helpers import colab, files, notebooks, runs
from fanaoi_helpers.errors import WorkbookError

HERE = Path(__file__).resolve().parent
PUBLISHED = HERE / "colab_packages.txt"
NEWEST = "https://raw.githubusercontent.com/googlecolab/backend-info/main/"
# What the workbook touches beside its own requirements; of these, Colab decides.
TOUCHED = ("ipython", "ipykernel", "jupyter-client", "traitlets", "tensorboard", "setuptools")
WIDGET = "application/vnd.jupyter.widget-view+json"
# Colab's own package, as far as anywidget and the workbook meet it.
STUB = """
class _widgets:
    _installed_url = None


def enable_custom_widget_manager(version="a1e6a3f4"):
    _widgets._installed_url = f"https://widgets.example.org/{version}/manager.min.js"


def disable_custom_widget_manager():
    _widgets._installed_url = None
"""


@dataclass(frozen=True)
class Published:
    """A list of what Colab has installed, its date and its Python."""

    text: str
    date: str
    python: str

    @property
    def versions(self) -> dict[str, str]:
        """The version of each project that has a plain one."""
        found = re.findall(r"^([\w.-]+)==(\S+)$", self.text, re.MULTILINE)
        return {colab.project_name(name): version for name, version in found}


def read_list(path: Path) -> Published:
    """Return the list in a file: lines ``name==version``, and two comments: ``date`` and ``python``."""
    text = path.read_text(encoding="utf-8")
    told = dict(re.findall(r"^# (date|python): (\S+)$", text, re.MULTILINE))
    if set(told) != {"date", "python"} or "==" not in text:
        raise WorkbookError(f"{files.shown(path)} is no list of packages with its date and its Python.")
    return Published(text, **told)


def newest_list() -> Published:
    """Fetch what Colab publishes today."""
    try:
        freeze, system = (
            urllib.request.urlopen(NEWEST + name, timeout=60).read().decode("utf-8")
            for name in ("pip-freeze.txt", "os-info.txt")
        )
    except (urllib.error.URLError, TimeoutError) as error:
        raise WorkbookError(
            f"Colab's list at {NEWEST} could not be fetched ({error}): check the network."
        ) from error
    python = re.search(r"^Python (\S+)$", system, re.MULTILINE)
    if python is None or "tensorflow==" not in freeze:
        raise WorkbookError(f"What {NEWEST} holds is no list of Colab's packages any more: look at it.")
    return Published(freeze, time.strftime("%Y-%m-%d"), python[1])


# ---- The environment --------------------------------------------------------------------------------------


def prepare(published: Published) -> Path:
    """Return the Python of an environment that holds ``published`` versions of what the workbook touches."""
    touched = [*map(colab.project_name, colab.dependencies()), *TOUCHED]
    wanted = sorted({name for name in touched if name in published.versions})
    pins = [f"{name}=={version}" for name, version in published.versions.items()]
    # Where Colab's Python is not to be had, another on which these versions run says most of it.
    python = find_python(published.python.rpartition(".")[0], "3.13", "3.12", "3.11")
    return environment("colab", python, wanted, pins)


def layer(python: Path, folder: Path) -> Path:
    """Make an environment that sees all of ``python``'s and changes none of it; return its Python."""
    base = python.parent.parent
    subprocess.run([str(python), "-m", "venv", "--without-pip", str(folder)], check=True)
    own, below = (next(place.glob("[Ll]ib*/**/site-packages")) for place in (folder, base))
    (own / "google" / "colab").mkdir(parents=True)
    (own / "google" / "colab" / "__init__.py").touch()
    (own / "google" / "colab" / "output.py").write_text(STUB, encoding="utf-8")
    # Colab's kernels have imported their own package before the first cell runs.
    (own / "below.pth").write_text(f"{below}\nimport google.colab.output\n", encoding="utf-8")
    return folder / python.relative_to(base)


def installed(python: Path) -> dict[str, str]:
    """Return the version of every project that an environment's Python sees."""
    code = (
        "import json\nfrom importlib import metadata\n"
        "print(json.dumps({one.name: one.version for one in reversed(list(metadata.distributions()))}))"
    )
    return json.loads(subprocess.run([str(python), "-c", code], capture_output=True, check=True).stdout)


def repository(folder: Path) -> str:
    """Put this working tree, changes included, into a repository in ``folder``; return its address."""
    git = ["git", f"--git-dir={folder}", f"--work-tree={files.root()}"]
    who = ["-c", "user.name=FanAOI", "-c", "user.email=fanaoi@example.org"]
    for words in (["init", "--quiet", "--initial-branch=main"], ["add", "--all"],
                  [*who, "commit", "--quiet", "--message=as it stands"]):  # fmt: skip
        subprocess.run([*git, *words], check=True, cwd=files.root())
    return folder.as_uri()


# ---- Playing ----------------------------------------------------------------------------------------------


def opened(path: Path) -> nbformat.NotebookNode:
    """Return what the badge of the notebook at ``path`` opens: a file of the repository, without outputs."""
    badge = re.search(
        r"\(https://colab\.[^)]*?/blob/main/([^)]+)\)", notebooks.read(path)["cells"][0]["source"]
    )
    return nbformat.read(files.root() / badge[1], as_version=4)


def play(
    notebook: nbformat.NotebookNode,
    stored: nbformat.NotebookNode,
    name: str,
    python: Path,
    address: str,
    scratch: Path,
) -> list[str]:
    """Run a notebook as Colab does, in ``scratch / name``, and hold it against the ``stored`` one.

    Returns what is wrong, a sentence each.
    """
    home = scratch / name
    own = layer(python, home / "layer")
    before = installed(own)
    empty, user = home / "content", home / "user"
    empty.mkdir()
    user.mkdir()
    nbformat.write(notebook, empty / f"{name}.ipynb")
    played = nbformat.from_dict(notebook)
    stopped = execute(played, own, empty, {
        "HOME": str(user),
        "MPLBACKEND": "module://matplotlib_inline.backend_inline",  # as Colab sets it
        "GIT_CONFIG_COUNT": "1",
        "GIT_CONFIG_KEY_0": f"url.{address}.insteadOf",
        "GIT_CONFIG_VALUE_0": runs.address(),
    })  # fmt: skip
    nbformat.write(played, home / "played.ipynb")
    found = [*stopped, *judge(played, stored)]
    after = installed(own)
    changed = [one for one, version in before.items() if after.get(one) != version]
    return found + [f"{one} was {before[one]} and is {after.get(one)} afterwards" for one in changed]


def execute(
    notebook: nbformat.NotebookNode, python: Path, folder: Path, variables: dict[str, str]
) -> list[str]:
    """Run all cells with ``python`` in ``folder``; outputs and the widgets' state stay in ``notebook``."""
    specification = {
        "argv": [str(python), "-m", "ipykernel_launcher", "-f", "{connection_file}"],
        "display_name": "Colab",
        "language": "python",
    }
    kernels = folder.parent / "kernels"
    (kernels / "colab").mkdir(parents=True)
    (kernels / "colab" / "kernel.json").write_text(json.dumps(specification), encoding="utf-8")
    # Nothing of this environment reaches Colab's.
    ours = re.compile("FANAOI_|PYTHON|VIRTUAL_ENV|JUPYTER|IPYTHON|KERAS|TF_|MPL|CI$")
    environment = {name: value for name, value in os.environ.items() if not ours.match(name)} | variables
    client = NotebookClient(
        notebook,
        timeout=900,
        km=AsyncKernelManager(
            kernel_name="colab", kernel_spec_manager=KernelSpecManager(kernel_dirs=[str(kernels)])
        ),
        resources={"metadata": {"path": str(folder)}},
        record_timing=False,
    )
    # nbclient would play the front end of Output widgets, and may then miss a reply for ever; without
    # it what they hold is a cell's own output, where an error is seen.
    client.comm_open_handlers.clear()
    try:
        client.execute(env=environment, stderr=subprocess.DEVNULL)  # the debugger chats there
    except CellExecutionError as error:
        return [f"stopped by {error.ename}: {error.evalue}"]
    except (DeadKernelError, TimeoutError) as error:
        return [f"stopped: {error}"]
    return []


def figures(played: nbformat.NotebookNode) -> set[str]:
    """Return the classes of the figures that are alive in a played notebook, by Colab's manager."""
    widgets = played.metadata.get("widgets", {}).get("application/vnd.jupyter.widget-state+json", {})
    models = widgets.get("state", {})
    found = set()
    for cell in played.cells:
        for output in cell.get("outputs", []):
            view = output.get("data", {}).get(WIDGET, {})
            state = models.get(view.get("model_id"), {}).get("state", {})
            manager = output.get("metadata", {}).get(WIDGET, {}).get("colab", {}).get("custom_widget_manager")
            if state.get("_esm") and manager:
                found.add(state["_anywidget_id"].rpartition(".")[2])
    return found


def refusal() -> nbformat.NotebookNode:
    """Return a notebook, set up as every one, whose last cell is refused by the workbook."""
    notebook = opened(notebooks.find("00"))
    source = "from fanaoi_helpers import photos\n\nphotos.load('nowhere')"
    last = nbformat.v4.new_code_cell(source, id="refused", metadata={"tags": ["raises-exception"]})
    notebook.cells = [*notebook.cells[:2], last]
    return notebook


def judge(played: nbformat.NotebookNode, stored: nbformat.NotebookNode) -> list[str]:
    """Return what a played notebook says that it should not, and does not say that it should."""
    found = []
    compared = [cell for cell in stored.cells if not notebooks.tagged(cell, "nbval-ignore-output")]
    wanted = {cell.id: claims(cell) for cell in compared}
    for cell in played.cells:
        first = repr(cell.source.strip().split("\n")[0][:60])
        for output in cell.get("outputs", []):
            if output.get("name") == "stderr":
                found.append(f"cell {first} writes to stderr: {output.text.strip()[:300]}")
        if notebooks.tagged(cell, "raises-exception"):
            errors = [one.traceback for one in cell.outputs if one.output_type == "error"]
            if [len(lines) for lines in errors] != [1] or not errors[0][0].startswith("WorkbookError: "):
                found.append(f"cell {first} is not refused in one sentence, but shows {errors}")
        missing = wanted.get(cell.id, set()) - claims(cell)
        found += [f"cell {first} does not say {claim!r}" for claim in sorted(missing)]
    sources = [cell.source for cell in played.cells if cell.cell_type == "code"]
    dead = {name for source in sources for name in imported_figures(source)} - figures(played)
    return found + [f"its figure {name} does not live" for name in sorted(dead)]


def imported_figures(source: str) -> list[str]:
    """Return the interactive figures that code imports.

    >>> imported_figures("from fanaoi_helpers.widgets.pixel_lens import PixelLens")
    ['PixelLens']
    """
    return re.findall(r"^from fanaoi_helpers\.widgets\.\w+ import (\w+)$", source, re.MULTILINE)


def claims(cell: nbformat.NotebookNode) -> set[str]:
    """Return the lines of a cell's printed output that claim something."""
    printed = "".join(one.text for one in cell.get("outputs", []) if one.get("name") == "stdout")
    return set(re.findall(r"^.*: True$", printed, re.MULTILINE))


# ---- The command ------------------------------------------------------------------------------------------


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.argument("numbers", metavar="[NUMBER]...", nargs=-1)
@click.option("--newest", is_flag=True, help="With what Colab publishes today, not the list kept here.")
@click.option("--at-once", default=2, show_default=True, help="How many notebooks run at the same time.")
def main(numbers: tuple[str, ...], newest: bool, at_once: int) -> None:
    """Run the notebooks (all, or those of these NUMBERs) as on Colab."""
    published = newest_list() if newest else read_list(PUBLISHED)
    paths = [notebooks.find(number) for number in numbers] or notebooks.paths()
    pairs = {path.stem: (opened(path), nbformat.read(path, as_version=4)) for path in paths}
    pairs = {"a refusal": (refusal(), refusal())} | pairs
    versions = ", ".join(f"{name} {published.versions[name]}" for name in ("tensorflow", "keras", "numpy"))
    click.echo(f"Colab's packages of {published.date}: Python {published.python}, {versions}.")
    started = time.monotonic()
    python = prepare(published)
    click.echo(f"The environment is ready after {time.monotonic() - started:.0f} s.")
    wrong = []
    with (
        tempfile.TemporaryDirectory(prefix="fanaoi-colab-") as folder,
        ThreadPoolExecutor(at_once) as workers,
    ):
        scratch = Path(folder)
        address = repository(scratch / "repository.git")

        def one(name: str) -> tuple[str, list[str], float]:
            begun = time.monotonic()
            found = play(*pairs[name], name, python, address, scratch)
            return name, found, time.monotonic() - begun

        begun = time.monotonic()
        for name, found, seconds in workers.map(one, pairs):
            click.echo(f"{name}: {'; '.join(found) or 'no error'} ({seconds:.0f} s)")
            wrong += [name] * bool(found)
    click.echo(
        f"{len(paths)} notebooks and a refusal played with Colab's list of {published.date}: "
        f"{len(wrong)} with errors, {time.monotonic() - begun:.0f} s."
    )
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    try:
        main()
    except WorkbookError as error:
        sys.exit(str(error))
