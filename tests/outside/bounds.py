"""Run the tests on the oldest or the newest versions that pyproject.toml admits.

``python workbook.py bounds lowest`` takes the oldest Python and the oldest version of each requirement that
``pyproject.toml`` names, ``bounds newest`` the newest; whatever these require in turn is as new as can be.
Further words go to pytest.
"""

import re
import subprocess
import sys
import time

import click
from environments import environment, find_python, workbook

from fanaoi_helpers import files
from fanaoi_helpers.errors import WorkbookError


def project() -> str:
    """Return the text of pyproject.toml."""
    return (files.root() / "pyproject.toml").read_text(encoding="utf-8")


def pythons(text: str) -> dict[str, str]:
    """Return the oldest and the newest Python that a pyproject.toml admits.

    >>> pythons('requires-python = ">=3.10,<3.14"')
    {'lowest': '3.10', 'newest': '3.13'}
    """
    low, high = re.search(r'^requires-python = ">=(3\.\d+),<3\.(\d+)"$', text, re.MULTILINE).groups()
    return {"lowest": low, "newest": f"3.{int(high) - 1}"}


def lowest(text: str) -> list[str]:
    """Return a pin at the lower bound for each requirement of a pyproject.toml.

    >>> lowest('dependencies = [\\n    "numpy>=2.0,<3",\\n]\\ntest = ["pytest>=8,<10"]')
    ['numpy==2.0', 'pytest==8']
    """
    return [f"{name}=={low}" for name, low in re.findall(r'"([\w.-]+)>=([\d.]+),<[\d.]+"', text)]


@click.command(context_settings={"help_option_names": ["-h", "--help"], "ignore_unknown_options": True})
@click.argument("end", type=click.Choice(["lowest", "newest"]))
@click.argument("words", metavar="[PYTEST_WORD]...", nargs=-1, type=click.UNPROCESSED)
def main(end: str, words: tuple[str, ...]) -> None:
    """Run the tests on the versions at one END of the ranges in pyproject.toml."""
    text = project()
    pins = lowest(text) if end == "lowest" else []
    version = pythons(text)[end]
    click.echo(f"The {end} versions: Python {version}{''.join(f', {pin}' for pin in pins)}.")
    started = time.monotonic()
    python = environment(end, find_python(version), ["--editable", f"{files.root()}[class,test]"], pins)
    click.echo(f"The environment is ready after {time.monotonic() - started:.0f} s.")
    door = workbook()
    tests = [str(python), *door.test(files.root()), *words]
    sys.exit(subprocess.run(tests, cwd=files.root(), env=door.environment(python), check=False).returncode)


if __name__ == "__main__":
    try:
        main()
    except WorkbookError as error:
        sys.exit(str(error))
