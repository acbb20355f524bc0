"""The ``fanaoi`` command: run notebooks with parameters, list them, store their outputs."""

import sys
from pathlib import Path

import click

from . import __version__
from .errors import WorkbookError


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="fanaoi")
def fanaoi() -> None:
    """The FanAOI workbook from the command line."""


@fanaoi.command("list")
def list_notebooks() -> None:
    """List the notebooks: number, title, minutes."""
    from . import runs

    for path in runs.notebooks():
        title, minutes = runs.title(path)
        click.echo(f"{path.stem[:2]}  {title}" + (f" ({minutes} minutes)" if minutes else ""))


@fanaoi.command()
@click.argument("numbers", metavar="NUMBER...", nargs=-1, required=True)
@click.option(
    "-p",
    "--parameter",
    "parameters",
    metavar="NAME VALUE",
    nargs=2,
    multiple=True,
    help="A value for one of the notebook's parameters; may be given several times.",
)
@click.option(
    "--output",
    metavar="DIR",
    type=click.Path(path_type=Path, file_okay=False),
    help="The folder for what the run leaves, runs/ and the notebook's name unless given. "
    "Several notebooks get a folder each in it.",
)
def run(numbers: tuple[str, ...], parameters: tuple[tuple[str, str], ...], output: Path | None) -> None:
    """Run notebooks by number, one after the other, with other parameters.

    For instance: fanaoi run 05 -p photos_dir my_photos -p epochs 4

    Leaves the executed notebook, an HTML copy of it, and what the notebook itself writes.
    """
    from . import files, runs

    chosen = dict(parameters)
    paths = [runs.find(number) for number in numbers]
    for path in paths:  # a slip in any of them is told before the first one runs
        runs.resolve(path, chosen, path)
    for path in paths:
        folder = output / path.stem if output and len(paths) > 1 else output
        executed = runs.run(path, chosen, folder)
        click.echo(f"{path.stem}: done; see {files.shown(executed.with_suffix('.html'))}")


@fanaoi.command()
@click.argument("numbers", metavar="NUMBER...", nargs=-1, required=True)
def store(numbers: tuple[str, ...]) -> None:
    """Execute notebooks and store their outputs in them (for those who write notebooks)."""
    from . import files, runs

    for path in [runs.find(number) for number in numbers]:
        click.echo(f"{files.shown(runs.store(path))}: stored")


def main(arguments: list[str] | None = None) -> None:
    """Run the command and exit: 0 done, 1 refused or failed in one sentence, 2 wrong usage, 130 stopped."""
    try:
        sys.exit(fanaoi.main(arguments, prog_name="fanaoi", standalone_mode=False))
    except WorkbookError as error:
        click.echo(str(error), err=True)
        sys.exit(1)
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except (click.Abort, KeyboardInterrupt):
        click.echo("Stopped.", err=True)
        sys.exit(130)


if __name__ == "__main__":
    main()
