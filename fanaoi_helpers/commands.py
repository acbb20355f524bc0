"""The commands of ``fanaoi`` on photographs: audit a folder, judge them, guard a line, take some off it."""

import json
import os
from functools import partial
from pathlib import Path

import click

from .errors import WorkbookError, printable_json
from .meaning import PIXELS, Meaning
from .terminal import failed, quiet_libraries, say


class Place(click.ParamType):
    """A file or a folder: with ~ filled in, and something that a system could open."""

    name = "path"

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """Return the path as it was given, but for a ~."""
        from . import files

        try:
            path = files.expanded(value, "It")
        except WorkbookError as error:
            self.fail(str(error), param, ctx)
        return str(path) if value.startswith("~") else value


PLACE = Place()
place_option = partial(click.option, type=PLACE)
classes_option = click.option(
    "--classes",
    metavar="NG GO",
    nargs=2,
    default=("NG", "GO"),
    help="The names of the two class folders, the defective one first.",
)


def check_picture(name: str | None) -> None:
    """Refuse a name that does not end as a picture's does."""
    if name and Path(name).suffix.lower() not in (".png", ".jpg", ".pdf", ".svg"):
        raise click.UsageError(f"--picture is {name!r}, but it must end in .png, .jpg, .pdf or .svg.")


@click.command()
@click.argument("folder", metavar="DIR", type=PLACE)
@classes_option
@place_option(
    "--split",
    metavar="FILE.csv",
    help="A split, columns photo and part (train, validation, test): does anything stand on two sides?",
)
@place_option(
    "--test",
    metavar="DIR2",
    help="The folder of the sealed test: is anything of it in DIR as well?",
)
@place_option(
    "--json",
    "json_file",
    metavar="FILE",
    help="Write the findings as JSON; - prints them instead.",
)
@place_option("--picture", metavar="FILE.png", help="Draw the largest groups of copies.")
@click.option(
    "--no-copies",
    is_flag=True,
    help="Compare no photographs: no copies, doubtful labels, or something else; seconds instead of minutes.",
)
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
    labels and serials, classes of too few units, photographs that are dark, overexposed, blurred, empty or
    show something else, labels that look wrong, and any property that alone tells NG from GO, such as
    another format, lamp or camera. Beyond 10,000 photographs copies are searched for in a sample.

    \b
    Exit status: 0 nothing wrong (notes at most), 1 refused, for instance no such folder,
                 2 wrong usage or a fault of the workbook, 3 problems or warnings.
    """
    from . import audit as auditing
    from . import files

    if picture and no_copies:
        raise click.UsageError("--picture draws copies, so it can't go with --no-copies.")
    check_picture(picture)
    for name in filter(None, (picture, None if json_file == "-" else json_file)):
        files.writable_file(name)  # told before minutes of work, not after
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")  # stderr is for what concerns the photographs
    with quiet_libraries():
        audit = auditing.check(folder, classes, split=split, test_folder=test, copies=not no_copies)
    findings = printable_json(json.dumps(audit.as_dict(), indent=2, ensure_ascii=False))
    say(findings if json_file == "-" else audit.table())
    if json_file not in (None, "-"):
        files.write(json_file, findings + "\n")
    if picture:
        from .figures.audit import copy_groups

        figure = copy_groups(audit, audit.thumbnails())
        with files.replacing(picture) as path:
            figure.savefig(path)
    return 0 if audit.ok else 3


@click.command("compare")
@click.argument("folder", metavar="DIR", type=PLACE)
@classes_option
@click.option(
    "--methods",
    metavar="NAME,NAME",
    help="Only these, of: hog_svm, handout, repaired, borrowed, padim, patchcore; all of them unless given.",
)
@click.option("--folds", default=4, show_default=True, help="How many tests; whole units in each.")
@click.option(
    "--overkill", default=0.05, show_default=True, help="The share of GO that you can afford to lose."
)
@click.option("--image-size", default=224, show_default=True, help="Pixels that borrowed convolutions see.")
@click.option("--seed", default=0, show_default=True, help="Other folds and first weights for another seed.")
@place_option("--json", "json_file", metavar="FILE", help="Write all figures as JSON; - prints them instead.")
@place_option("--picture", metavar="FILE.png", help="Draw the comparison.")
def compare_methods(
    folder: str,
    methods: str | None,
    json_file: str | None,
    picture: str | None,
    **settings: int | float | tuple[str, str],
) -> int:
    """Which method earns it on your photographs, and is it fit for anything?

    DIR holds GO/ and NG/, or is a .zip of them. All methods learn from the same units and are tested on the
    same others: HOG with a linear SVM, the handout's CNN, the repaired recipe, one neuron on borrowed
    convolutions, and two that learn from GO alone. Thresholds and strengths are chosen on validation.

    For instance: fanaoi compare my_photos --json my_photos.json

    Interrupted, by Ctrl-C or otherwise, it goes on when the same command is given again.
    """
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")  # stderr is for progress alone
    from . import files
    from .compare import METHODS, compare

    check_picture(picture)
    for name in filter(None, (picture, None if json_file == "-" else json_file)):
        files.writable_file(name)  # told before minutes of work, not after
    wanted = tuple(METHODS) if methods is None else tuple(filter(None, methods.replace(",", " ").split()))
    with quiet_libraries():
        found = compare(folder, methods=wanted, report=lambda line: say(line, err=True), **settings)
    told = printable_json(json.dumps(found.as_dict(), indent=2, ensure_ascii=False))
    say(told if json_file == "-" else found.table())
    if json_file not in (None, "-"):
        files.write(json_file, told + "\n")
    if picture:
        from .figures.ranking import comparison

        with files.replacing(picture) as path:
            comparison(found).savefig(path)
    return 0


@click.command("inspect")
@click.argument("model", metavar="MODEL", type=PLACE)
@click.argument("photographs", metavar="PHOTOS...", nargs=-1, required=True, type=PLACE)
@click.option("--threshold", type=float, metavar="T", help="GO when P(GO) >= T; else the one of MODEL's run.")
@place_option(
    "--policy",
    "policy_file",
    metavar="FILE",
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
@place_option(
    "--output",
    metavar="FILE",
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

    Unless --threshold or --policy say otherwise, GO begins at the threshold that MODEL's own run froze, where
    its metrics.json lies beside MODEL, else at 0.5. Photographs that the run learned from are counted.

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

        policy = station.read_policy(policy_file) if policy_file else None
        policy = policy if threshold is None else station.Policy(threshold)
        meaning = Meaning.told(go_is, pixels)
        with quiet_libraries():
            summary = station.inspect(model, photographs, policy, output, as_json, meaning)
    except Exception as error:  # status 1 would say that some fan is NG
        return failed(error, 2)
    say(str(summary), err=True)
    return summary.status


@click.command("gate")
@click.argument("golden", metavar="GOLDEN", type=PLACE)
@click.argument("model", metavar="MODEL", type=PLACE)
@place_option("--policy", "policy_file", metavar="FILE", help="The released one unless given.")
def golden_gate(golden: str, model: str, policy_file: str | None) -> int:
    """Before a shift: may this MODEL (.keras) go on the line, or has something changed since the release?

    GOLDEN is the folder of golden samples that was kept at release, as notebook 08 does it. They are judged
    again; every file, verdict and score must be as it was, and so must model and policy.

    For instance: fanaoi gate runs/08_inspection_station/golden my_run/model.keras

    \b
    Exit status: 0 all is as it was at release, 1 something is not, or refused: do not start the line,
                 2 wrong usage or a fault of the workbook.
    """
    from . import station

    policy = station.read_policy(policy_file) if policy_file else None
    with quiet_libraries():
        result = station.gate_from(golden, model, policy)
    say(str(result))
    return 0 if result.passed else 1


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


@click.command(cls=Described)
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
