"""The ``fanaoi`` command: open notebooks, run them with parameters, list them, store their outputs."""

import os
import sys

if __name__ == "__main__":
    # python -m puts the working folder in front of all libraries, and somebody's own inspect.py or numpy.py
    # there would be taken for the library. The package stays to be found, after everything else.
    if not getattr(sys.flags, "safe_path", sys.flags.isolated):
        del sys.path[0]
    sys.path.append(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))  # noqa: PTH100, PTH120

from contextlib import suppress
from pathlib import Path

from . import __version__
from .errors import printable

try:
    import click
except ImportError as broken:
    sys.stderr.write(printable(f"The environment is broken ({broken}): start with python3 workbook.py."))
    sys.stderr.write("\n")
    sys.exit(2)

from .commands import PLACE, check, compare_methods, golden_gate, inspect_photographs, render
from .terminal import complain, failed, lost_stdout, say


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="fanaoi")
def fanaoi() -> None:
    """The FanAOI workbook from the command line.

    \b
    Exit status, where a command does not say another: 0 done, 1 refused or failed in one sentence,
    2 wrong usage or a fault of the workbook, 130 stopped.
    """


for command in (check, compare_methods, inspect_photographs, golden_gate, render):
    fanaoi.add_command(command)


@fanaoi.command(
    add_help_option=False, context_settings={"ignore_unknown_options": True, "help_option_names": []}
)
@click.argument("words", metavar="[WORD]...", nargs=-1, type=click.UNPROCESSED)
def lab(words: tuple[str, ...]) -> int:
    """Open JupyterLab at the first of your notebooks; all further WORDs go to JupyterLab.

    They are copies without answers in my_notebooks/, made and brought up to date before.
    """
    from urllib.parse import quote

    from . import files, learner, notebooks
    from .errors import WorkbookError

    try:
        from jupyterlab.labapp import LabApp
    except ImportError:
        raise WorkbookError("JupyterLab is not installed here: start with python3 workbook.py.") from None
    first = learner.my_notebooks() / notebooks.paths()[0].name
    try:
        bring_up_to_date()
    except WorkbookError as error:
        if not first.is_file():
            raise
        complain(str(error))  # there are notebooks to work in all the same
    root = files.root() if first.is_relative_to(files.root()) else first.parents[1]
    place = quote(first.relative_to(root).as_posix())
    try:
        LabApp.launch_instance(
            [f"--ServerApp.root_dir={root}", f"--LabApp.default_url=/lab/tree/{place}", *words]
        )
    except SystemExit as end:  # as after --version
        return end.code if isinstance(end.code, int) else int(end.code is not None)
    return 0


def bring_up_to_date() -> None:
    """Make and mend the learner's notebooks, and say what they should hear of."""
    from . import learner

    for sentence in learner.bring_up_to_date():
        say(sentence, err=True)


@fanaoi.command()
def copies() -> None:
    """Make the notebooks that you work in, or bring them up to date (lab does so, too)."""
    from . import files, learner

    bring_up_to_date()
    say(f"Your notebooks are in {files.shown(learner.my_notebooks())}")


@fanaoi.command()
@click.argument("numbers", metavar="NUMBER...", nargs=-1, required=True)
def reset(numbers: tuple[str, ...]) -> None:
    """Put fresh copies of lessons in the place of yours, which are kept under names with the time."""
    from . import files, learner

    for number in numbers:
        fresh, kept = learner.reset(number)
        say(f"{files.shown(fresh)}: fresh" + (f"; yours is {files.shown(kept)} now" if kept else ""))


@fanaoi.command("list")
@click.argument("numbers", metavar="[NUMBER]...", nargs=-1)
def list_notebooks(numbers: tuple[str, ...]) -> None:
    """List the notebooks: number, title, minutes. With a NUMBER, also the parameters that it takes."""
    from . import notebooks, parameters

    for path in [notebooks.find(number) for number in numbers] or notebooks.paths():
        title, minutes = notebooks.title(path)
        say(f"{path.stem[:2]}  {title}" + (f" ({minutes} minutes)" if minutes else ""))
        if numbers:
            say(f"\n{parameters.table(path)}\n")


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
    type=PLACE,
    help="The folder for what the run leaves, runs/ and the notebook's name unless given. "
    "Several notebooks get a folder each in it.",
)
def run(numbers: tuple[str, ...], parameters: tuple[tuple[str, str], ...], output: str | None) -> None:
    """Run notebooks by number, one after the other, with other parameters.

    For instance: fanaoi run 05 -p photos_dir my_photos -p epochs 4

    Leaves the executed notebook, an HTML copy of it, and what the notebook itself writes.
    """
    from . import files, notebooks, runs

    chosen = dict(parameters)
    paths = [notebooks.find(number) for number in numbers]
    for path in paths:  # a slip in any of them is told before the first one runs
        runs.resolve(path, chosen, path)
    for path in paths:
        folder = Path(output, path.stem) if output and len(paths) > 1 else output
        executed = runs.run(path, chosen, folder)
        say(f"{path.stem}: done; see {files.shown(executed.with_suffix('.html'))}")


@fanaoi.command()
@click.argument("numbers", metavar="NUMBER...", nargs=-1, required=True)
@click.option(
    "--from",
    "lesson",
    metavar="FILE.py",
    type=PLACE,
    help="Put the cells of this file in, which fanaoi text wrote and you have edited. Where no code differs, "
    "the outputs stay, too.",
)
def store(numbers: tuple[str, ...], lesson: str | None) -> None:
    """Execute notebooks and store their outputs in them (for those who write notebooks)."""
    from . import files, notebooks, runs

    paths = [notebooks.find(number) for number in numbers]
    if lesson and len(paths) > 1:
        raise click.UsageError("--from is the text of a single notebook.")
    for path in paths:
        say(f"{files.shown(runs.store(path, lesson))}: stored")


@fanaoi.command("learner")
def write_lessons() -> None:
    """Write the notebooks as Colab opens them, without answers, into learner/ (store does so, too)."""
    from . import files, learner, notebooks

    for path in notebooks.paths():
        learner.write_lesson(path)
    say(f"{files.shown(learner.lesson_folder())}: written")


@fanaoi.command("text")
@click.argument("number", metavar="NUMBER")
@click.argument("lesson", metavar="FILE.py", type=PLACE)
def write_text(number: str, lesson: str) -> None:
    """Write a notebook's cells as text, to edit in any editor and then: fanaoi store NUMBER --from FILE.py.

    It is Python code with prose in comments (jupytext's py:percent), without outputs.
    """
    import nbformat

    from . import files, notebooks
    from .errors import WorkbookError
    from .runs import reviewing

    path = notebooks.find(number)
    if Path(lesson).exists():
        raise WorkbookError(f"{files.short(lesson)} is there already: give the name of a new file.")
    files.write(lesson, reviewing.text(nbformat.read(path, as_version=4)))
    say(f"{files.shown(lesson)}: written")


@fanaoi.command()
@click.argument("number", metavar="NUMBER")
@click.argument("revision", metavar="[COMMIT]", default="HEAD")
def diff(number: str, revision: str) -> None:
    """Show how a notebook differs from what git has, the last commit or COMMIT, as text.

    Outputs are told in words below their cells, pictures by their size and hash.
    """
    from . import notebooks
    from .runs import reviewing

    path = notebooks.find(number)
    say(reviewing.difference(path, revision) or f"{path.name} is as in {revision}.")


@fanaoi.command("ledger")
@click.argument("places", metavar="[FILE_OR_DIR]...", nargs=-1, type=PLACE)
@click.option(
    "--csv", "csv_file", metavar="FILE.csv", type=PLACE, help="Write the class's table as CSV as well."
)
@click.option("--learners", is_flag=True, help="A row for each learner instead of each exercise.")
def show_ledger(places: tuple[str, ...], csv_file: str | None, learners: bool) -> None:
    """Show what you tried in each notebook; or, given the ledgers of a class, how the class fared.

    For instance: fanaoi ledger collected --csv class.csv

    A ledger that comes twice counts once. Learners are random numbers, unless they set a name.
    """
    from . import files
    from .exercises import ledger, summary

    if not places and (csv_file or learners):
        raise click.UsageError("--csv and --learners go with the ledgers of a class.")
    if not places and not ledger.path().exists():
        say(f"Nothing tried yet: {files.shown(ledger.path())} begins with your first answer.")
        return
    group = summary.collect(places or [ledger.path()])
    if places:
        rows = summary.by_learner(group) if learners else summary.by_exercise(group)
    else:
        rows = summary.by_notebook(group)
    if csv_file:
        summary.write_csv(rows, csv_file)
    say("\n\n".join([group.heading, summary.page_of(rows)]))


def main(arguments: list[str] | None = None) -> None:
    """Run the command and exit: 0 done, 1 refused or failed in one sentence, 2 wrong usage, 130 stopped.

    2 is also for what the workbook did not expect, and for output that nobody takes. A command may return
    another status: check 3 where it found something wrong, inspect 2 where it failed.
    """
    status = _status(arguments)
    if lost_stdout():
        with suppress(OSError, ValueError):  # or Python complains at its end
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    sys.exit(status)


def _status(arguments: list[str] | None) -> int:
    """Run the command; return its exit status."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):  # None where it is closed
            stream.reconfigure(errors="backslashreplace")  # a file's name need not be text
    try:
        os.getcwd()  # noqa: PTH109
    except OSError:
        complain("The folder that you are in is gone: change to another one, then start again.")
        return 2
    try:
        status = fanaoi.main(arguments, prog_name="fanaoi", standalone_mode=False) or 0
    except click.ClickException as error:
        with suppress(OSError):
            error.show()
        return error.exit_code
    except SystemExit:  # click's own answer where the output is a pipe that nobody reads
        return failed(BrokenPipeError(), 2)
    except (click.Abort, KeyboardInterrupt):
        complain("Stopped.")
        return 130
    except Exception as error:
        return failed(error, 1)
    if lost := lost_stdout():
        complain(lost)
        return 2
    return status


if __name__ == "__main__":
    main()
