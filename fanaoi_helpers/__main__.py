"""The ``fanaoi`` command: run notebooks with parameters, list them, store their outputs."""

import errno
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
from .errors import WorkbookError, printable, printable_json

try:
    import click
except ImportError as broken:
    sys.stderr.write(printable(f"The environment is broken ({broken}): start with python3 workbook.py."))
    sys.stderr.write("\n")
    sys.exit(2)

from .meaning import PIXELS, Meaning
from .terminal import quiet_libraries, say


class Place(click.ParamType):
    """A file or a folder: with ~ filled in, and something that a system could open."""

    name = "path"

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """Return the path as it was given, but for a ~."""
        from . import files

        try:
            found = files.expanded(value, "It")
        except WorkbookError as error:
            self.fail(str(error), param, ctx)
        return str(found) if value.startswith("~") else value


PLACE = Place()


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="fanaoi")
def fanaoi() -> None:
    """The FanAOI workbook from the command line.

    \b
    Exit status, where a command does not say another: 0 done, 1 refused or failed in one sentence,
    2 wrong usage or a fault of the workbook, 130 stopped.
    """


@fanaoi.command("list")
def list_notebooks() -> None:
    """List the notebooks: number, title, minutes."""
    from . import notebooks

    for path in notebooks.paths():
        title, minutes = notebooks.title(path)
        say(f"{path.stem[:2]}  {title}" + (f" ({minutes} minutes)" if minutes else ""))


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
def store(numbers: tuple[str, ...]) -> None:
    """Execute notebooks and store their outputs in them (for those who write notebooks)."""
    from . import files, notebooks, runs

    for path in [notebooks.find(number) for number in numbers]:
        say(f"{files.shown(runs.store(path))}: stored")


@fanaoi.command()
@click.argument("folder", metavar="DIR", type=PLACE)
@click.option(
    "--classes",
    metavar="NG GO",
    nargs=2,
    default=("NG", "GO"),
    help="The names of the two class folders, the defective one first.",
)
@click.option(
    "--split",
    metavar="FILE.csv",
    type=PLACE,
    help="A split, columns photo and part (train, validation, test): does anything stand on two sides?",
)
@click.option(
    "--test",
    metavar="DIR2",
    type=PLACE,
    help="The folder of the sealed test: is anything of it in DIR as well?",
)
@click.option(
    "--json",
    "json_file",
    metavar="FILE",
    type=PLACE,
    help="Write the findings as JSON; - prints them instead.",
)
@click.option("--picture", metavar="FILE.png", type=PLACE, help="Draw the largest groups of copies.")
@click.option("--no-copies", is_flag=True, help="Do not search for copies: seconds instead of minutes.")
def check(
    folder: str,
    classes: tuple[str, str],
    split: str | None,
    test: str | None,
    json_file: str | None,
    picture: str | None,
    no_copies: bool,
) -> int:
    """Audit a folder (or .zip) of photographs before believing any score on it.

    Looks for unreadable files, duplicates, copies (rotated, mirrored, resized, brighter), contradicting
    labels and serials, classes too small to split, and shortcuts such as another format or lamp for NG.

    \b
    Exit status: 0 nothing wrong (notes at most), 1 refused, for instance no such folder,
                 2 wrong usage or a fault of the workbook, 3 problems or warnings.
    """
    import json

    from . import files, photos

    if picture and no_copies:
        raise click.UsageError("--picture draws copies, so it can't go with --no-copies.")
    if picture and Path(picture).suffix.lower() not in (".png", ".jpg", ".pdf", ".svg"):
        raise click.UsageError(f"--picture is {picture!r}, but it must end in .png, .jpg, .pdf or .svg.")
    for name in filter(None, (picture, None if json_file == "-" else json_file)):
        files.writable_file(name)  # told before minutes of work, not after
    with quiet_libraries():
        found = photos.audit(folder, classes, split=split, test_folder=test, copies=not no_copies)
    told = printable_json(json.dumps(found.as_dict(), indent=2, ensure_ascii=False))
    say(told if json_file == "-" else found.table())
    if json_file not in (None, "-"):
        with files.replacing(json_file) as path:
            path.write_text(told + "\n", encoding="utf-8", newline="\n")
    if picture:
        from .figures import audit

        figure = audit.copy_groups(found, found.thumbnails())
        with files.replacing(picture) as path:
            figure.savefig(path)
    return 0 if found.ok else 3


@fanaoi.command("inspect")
@click.argument("model", metavar="MODEL", type=PLACE)
@click.argument("photographs", metavar="PHOTOS...", nargs=-1, required=True, type=PLACE)
@click.option("--threshold", type=float, metavar="T", help="GO when P(GO) >= T; 0.5 unless given.")
@click.option(
    "--policy",
    "policy_file",
    metavar="FILE",
    type=PLACE,
    help='JSON: {"threshold": 0.62, "review": [0.4, 0.8], "model": "SHA-256 of MODEL"}; '
    "all but the threshold may be left out. Of a model of another program it tells go_is and pixels, too.",
)
@click.option(
    "--go-is",
    type=click.Choice(["0", "1"]),
    help="The label that GO had in the training of a model of another program. 1: a high answer means GO. "
    "0: it means NG, as where the alphabet gave the labels.",
)
@click.option(
    "--pixels",
    type=click.Choice(list(PIXELS)),
    help="What a model of another program takes: 0..255 where it scales them itself, else what it was given.",
)
@click.option("--json", "as_json", is_flag=True, help="JSON lines instead of CSV.")
@click.option(
    "--output",
    metavar="FILE",
    type=PLACE,
    help="Write the verdicts there; FILE.partial until all of them are there.",
)
def inspect_photographs(
    model: str,
    photographs: tuple[str, ...],
    threshold: float | None,
    policy_file: str | None,
    go_is: str | None,
    pixels: str | None,
    as_json: bool,
    output: str | None,
) -> int:
    """Judge photographs with a trained MODEL (.keras): GO, NG, or REVIEW for a human to decide.

    PHOTOS are files, folders (with all below them) and .zip archives. What can't be read is REVIEW, and so
    is what lies in the policy's review band. Columns: photo, verdict, p_go (always P(GO)), reason.

    MODEL is one that the workbook saved: it takes pixels of 0..255 and gives P(GO). One of another program
    is taken only with --go-is and --pixels.

    For instance: fanaoi inspect runs/05/model.keras today --policy line3.json --output today.csv

    \b
    Exit status: 0 every photograph is GO, 1 some are NG or REVIEW, 2 wrong usage, refused, failed, or
                 nothing could be read, 130 stopped (what was judged is in FILE.partial).
    """
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")  # stderr is for the summary alone
    if policy_file and threshold is not None:
        raise click.UsageError("--threshold and --policy both say what is GO: give one of them.")
    try:
        from . import station

        policy = station.read_policy(policy_file) if policy_file else station.Policy()
        policy = policy if threshold is None else station.Policy(threshold)
        policy = policy.meant(Meaning.told(go_is, pixels))
        with quiet_libraries():
            summary = station.inspect(model, photographs, policy, output, as_json)
    except Exception as error:  # status 1 would say that some fan is NG
        return failed(error, 2)
    say(str(summary), err=True)
    return summary.status


class Described(click.Command):
    """A command whose help ends with the choices of some options and what each choice means."""

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the designs and the presets; they are looked up only here, where help is asked for."""
        from . import fans
        from .fans import production

        designs = [(name, production.described(design)) for name, design in fans.DESIGNS.items()]
        presets = [(name, preset.means) for name, preset in fans.PRESETS.items()]
        for title, choices in (("Designs", designs), ("Presets", presets)):
            with formatter.section(title):
                formatter.write_dl(choices)


@fanaoi.command(cls=Described)
@click.argument("folder", metavar="DIR", type=PLACE)
@click.option("--units", default=200, show_default=True, help="How many fans; half of them are NG.")
@click.option("--shots", default=3, show_default=True, help="How many photographs of each fan.")
@click.option("--seed", default=0, show_default=True, help="Other fans for another seed.")
@click.option("--size", default=160, show_default=True, help="Pixels along each side of a photograph.")
@click.option(
    "--design", metavar="NAME", default="AF120-7", show_default=True, help="The model of fan; see below."
)
@click.option(
    "--preset",
    metavar="NAME",
    default="usual",
    show_default=True,
    help="How the photographs are taken, and of what; see below.",
)
@click.option(
    "--workers",
    type=int,
    show_default="one for each core, as far as it pays",
    help="How many processes; the files do not depend on it.",
)
def render(folder: str, workers: int | None, **settings: int | str) -> None:
    """Photograph fans off the simulated line into DIR, with masks and a manifest.

    For instance: fanaoi render my_fans --units 600 --preset drift_day

    Interrupted, by Ctrl-C or otherwise, it goes on when the same command is given again.
    """
    from .fans import production

    say(production.summary(production.produce(folder, workers=workers, **settings)))


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
    rows = summary.class_rows(group, learners) if places else summary.own_rows(group)
    if csv_file:
        summary.write_csv(rows, csv_file)
    say("\n\n".join([summary.heading(group), summary.told(rows)]))


def failed(error: Exception, status: int) -> int:
    """Say in one sentence what went wrong, with the traceback if FANAOI_DEBUG=1.

    Returns:
        ``status`` where it was refused, 2 for whatever the workbook did not expect.
    """
    if os.environ.get("FANAOI_DEBUG", "0") not in ("", "0"):
        import traceback

        traceback.print_exception(type(error), error, error.__traceback__)
    if lost := _untaken(error) or _lost_stdout():
        said, status = lost, 2
    elif isinstance(error, WorkbookError):
        said = str(error)
    else:
        told = " ".join(f"{type(error).__name__}: {error}".split())
        said, status = (
            f"Stopped by something that the workbook did not expect ({told[:300]}): a fault of ours, not of "
            "yours; FANAOI_DEBUG=1 before the command shows where, for a report.",
            2,
        )
    _say(said)
    return status


def _say(sentence: str) -> None:
    """Print to stderr, if anybody can be told anything there."""
    with suppress(OSError):
        say(sentence, err=True)


def _untaken(error: Exception) -> str:
    """Return what to say where an error means that nobody takes the output, else ""."""
    if isinstance(error, BrokenPipeError):
        return "Stopped: the program that the output goes to reads no more of it."
    full = isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
    if full and error.filename is None:
        return f"Stopped: the output could not be written ({error.strerror})."
    return ""


def _lost_stdout() -> str:
    """Return "" or what keeps the end of stdout from being written."""
    try:
        if sys.stdout is not None:
            sys.stdout.flush()
    except OSError as error:
        return _untaken(error) or f"Stopped: the output could not be written ({error.strerror})."
    return ""


def main(arguments: list[str] | None = None) -> None:
    """Run the command and exit: 0 done, 1 refused or failed in one sentence, 2 wrong usage, 130 stopped.

    2 is also for what the workbook did not expect, and for output that nobody takes. A command may return
    another status: check 3 where it found something wrong, inspect 2 where it failed.
    """
    status = _status(arguments)
    if _lost_stdout():
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
        _say("The folder that you are in is gone: change to another one, then start again.")
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
        _say("Stopped.")
        return 130
    except Exception as error:
        return failed(error, 1)
    if lost := _lost_stdout():
        _say(lost)
        return 2
    return status


if __name__ == "__main__":
    main()
