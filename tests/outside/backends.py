"""Run notebooks on another backend of Keras than TensorFlow.

``python workbook.py backends jax`` runs notebooks 03, 05 and 06 on JAX, ``backends torch`` on PyTorch, in an
environment of the tested versions with that backend beside them. Further words name other notebooks.
"""

import os
import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import click
from environments import environment, workbook

from fanaoi_helpers import files, notebooks
from fanaoi_helpers.errors import WorkbookError

NEEDED = {"jax": "jax>=0.6,<1", "torch": "torch>=2.6,<3"}
NUMBERS = ("03", "05", "06")
# What a lesson says does not hang on how long it trains; the default sizes are tested on TensorFlow.
SMALL = {
    "05": {"units": 200, "shots": 1, "image_size": 40, "epochs": 3},
    "06": {"units": 100, "epochs": 2, "image_size": 40, "of_each_kind": 2},
    "07": {"steps": 30, "trainings": 1, "recipe_epochs": 1, "few": 20, "try_network": False},
    "08": {"lot_units": 100, "sealed_units": 100, "size_fans": 2, "hour_fans": 10},
}


def tested() -> list[str]:
    """Return the tested versions, each as a line of a constraints file.

    Without hashes: where one stands, pip wants one of every package, and the backend's are not known.
    """
    pins = (files.root() / "requirements.txt").read_text(encoding="utf-8").replace("\\\n", "")
    lines = [re.sub(" +--hash=.*", "", line).strip() for line in pins.splitlines()]
    return [line for line in lines if line and not line.startswith("#")]


def words(python: Path, number: str, output: Path) -> list[str]:
    """Return the command that runs a notebook.

    >>> words(Path("python"), "08", Path("out"))[-3:]
    ['-p', 'hour_fans', '10']
    """
    told = [word for name, value in SMALL.get(number, {}).items() for word in ("-p", name, str(value))]
    return [str(python), *workbook().START, "fanaoi_helpers", "run", number, "--output", str(output), *told]


def on_stderr(executed: Path) -> list[str]:
    """Return what the cells of an executed notebook wrote to stderr, which a lesson never does."""
    cells = notebooks.read(executed)["cells"]
    outputs = [output for cell in cells for output in cell.get("outputs", [])]
    return ["".join(output["text"]) for output in outputs if output.get("name") == "stderr"]


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.argument("backend", type=click.Choice(list(NEEDED)))
@click.argument("numbers", metavar="[NUMBER]...", nargs=-1)
def main(backend: str, numbers: tuple[str, ...]) -> None:
    """Run the notebooks of these NUMBERs (03, 05 and 06 unless given) on BACKEND, at small sizes."""
    wanted = [NEEDED[backend], "--editable", f"{files.root()}[class]"]
    python = environment(backend, sys.executable, wanted, tested())
    door, wrong = workbook(), []
    with tempfile.TemporaryDirectory(prefix=f"fanaoi-{backend}-") as folder:
        variables = door.environment(python) | {"KERAS_BACKEND": backend, "FANAOI_RUNS": folder}
        variables["FANAOI_LEDGER"] = str(Path(folder, "ledger.jsonl"))
        for number in numbers or NUMBERS:
            begun, output = time.monotonic(), Path(folder, number)
            done = subprocess.run(words(python, number, output), env={**os.environ, **variables}, check=False)
            said = "" if done.returncode else "".join(on_stderr(next(output.glob("*.ipynb"))))
            fine = not done.returncode and not said
            click.echo(f"{number} on {backend}: {'no error' if fine else said or 'stopped'}", nl=False)
            click.echo(f" ({time.monotonic() - begun:.0f} s)")
            wrong += [number] * (not fine)
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    try:
        main()
    except WorkbookError as error:
        sys.exit(str(error))
