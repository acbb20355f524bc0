"""Any folder of photographs: each runs through notebook 05, check and inspect, or is refused in one sentence.

``pytest tests/test_any_folder.py -s`` prints the verdict of each folder in each of the three.
"""

import re
import shutil
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import lesson_05
import numpy as np
import pytest
from PIL import Image

from fanaoi_helpers import __main__ as command
from fanaoi_helpers import files
from fanaoi_helpers.errors import WorkbookError

MODEL = files.root() / "assets" / "repaired_cnn.keras"
RENAME = r"rename .+ or say what yours are called \(go_class and ng_class in notebook 05, --classes for .+\)"


# --- the folders ---


@dataclass(frozen=True)
class Case:
    """A kind of folder and what is to become of it."""

    build: Callable[[Path], Path]  # fills a new folder and returns what is given to the commands
    judged: int  # photographs that inspect gives a verdict on; 0: it refuses the folder
    refused: str = ""  # what the sentence says that refuses it; "": notebook 05 runs through
    check: int = 0  # its exit status. 0: nothing is wrong, 1: refused in the same sentence, 3: something is
    says: tuple[str, ...] = ()  # what notebook 05 tells besides
    parameters: dict[str, str | int] = field(default_factory=dict)  # of notebook 05
    asides: bool = False  # run those of notebook 05, too

    @property
    def classes(self) -> list[str]:
        """What ``check`` is told of the same names."""
        names = [self.parameters[name] for name in ("ng_class", "go_class") if name in self.parameters]
        return ["--classes", *names] if names else []


CASES: dict[str, Case] = {}


def case(name, judged, **expected):
    """Register the builder below as a kind of folder."""

    def register(build):
        CASES[name] = Case(build, judged, **expected)
        return build

    return register


def picture(number, ng, height=40, width=40):
    """Return (height, width, 3) uint8, another for each number; NG ones have a dark square."""
    rng = np.random.default_rng(number)
    coarse = rng.integers(60, 250, (-(-height // 5), -(-width // 5), 3), dtype=np.uint8)
    pixels = np.kron(coarse, np.ones((5, 5, 1), np.uint8))[:height, :width]
    if ng:
        pixels[height // 4 : height // 2 + 1, width // 4 : width // 2 + 1] //= 8
    return pixels


def fill(folder, go, ng, names=("GO", "NG"), write=None, **size):
    """Put photographs into two class folders; ``write`` gets a number, its pixels and its path."""
    number = 0
    for name, count in zip(names, (go, ng), strict=True):
        (folder / name).mkdir()
        for _ in range(count):
            pixels, path = picture(number, name == names[1], **size), folder / name / f"{number:04}.png"
            write(number, pixels, path) if write else Image.fromarray(pixels).save(path)
            number += 1
    return folder


# Three photographs of each unit, so 8 units of a class: the audit warns that any score rests on them.
@case("with serials", 48, check=3, says=("torn by this split: 0", "that is more than half of them: True"))
def with_serials(folder):
    lines = ["photo,serial"]
    for path in sorted(fill(folder, 24, 24).glob("*/*.png")):
        lines.append(f"{path.parent.name}/{path.name},{int(path.stem) // 3}")
    (folder / "manifest.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return folder


@case("without", 24, says=("No serials: a unit is a photograph", "none can be torn", "No sizes: a column"))
def without_serials(folder):
    return fill(folder, 12, 12)


@case("a .zip", 48, check=3, says=("that is more than half of them: True",))
def zipped(folder):
    with_serials(folder)
    return Path(shutil.make_archive(str(folder), "zip", folder.parent, folder.name))


@case("6 + 6 photographs", 12)
def six_and_six(folder):
    return fill(folder, 6, 6)


@case("5 NG of 500", 500, asides=True, parameters={"batch_size": 25})
def rare_ng(folder):
    return fill(folder, 495, 5, height=16, width=16)


@case("gray, RGB, RGBA, palette", 24)
def many_modes(folder):
    def write(number, pixels, path):
        Image.fromarray(pixels).convert(("L", "RGB", "RGBA", "P")[number % 4]).save(path)

    return fill(folder, 12, 12, write=write)


@case("16 bits", 16)
def sixteen_bits(folder):
    def write(number, pixels, path):
        Image.fromarray(pixels[:, :, 0].astype(np.uint16) * 257).save(path)

    return fill(folder, 8, 8, write=write)


@case("1 × 1 pixel", 16, check=3)
def one_pixel(folder):
    return fill(folder, 8, 8, height=1, width=1)


@case("long and narrow", 16)
def narrow(folder):
    return fill(folder, 8, 8, height=200, width=9)


@case("one cut off, one no image", 18, check=3, says=("2 left out as unreadable: GO/cut.png",))
def broken(folder):
    fill(folder, 8, 8)
    whole = (folder / "GO" / "0000.png").read_bytes()
    (folder / "GO" / "cut.png").write_bytes(whole[: len(whole) // 2])
    (folder / "NG" / "text.jpg").write_text("no image", encoding="utf-8")
    return folder


@case("OK/, defect/, not said", 16, refused=f"holds OK/, defect/: {RENAME}", check=1)
def other_names(folder):
    return fill(folder, 8, 8, ("OK", "defect"))


@case(
    "OK/, defect/", 16, parameters={"go_class": "OK", "ng_class": "defect"}, says=("OK = 1: 8 photographs",)
)
def other_names_said(folder):
    return other_names(folder)


@case("OK/, NG/, not said", 16, refused=f"only NG/ is there, beside OK/: {RENAME}", check=1)
def one_other_name(folder):
    return fill(folder, 8, 8, ("OK", "NG"))


@case("Bon/, Défaut/", 16, parameters={"go_class": "Bon", "ng_class": "Défaut"})
def french(folder):
    return fill(folder, 8, 8, ("Bon", "Défaut"))


@case("Bon/, Défaut/ of a Mac", 16, parameters={"go_class": "Bon", "ng_class": "Défaut"})
def french_mac(folder):
    return fill(folder, 8, 8, ("Bon", unicodedata.normalize("NFD", "Défaut")))


@case("GO/, NG/ and REWORK/", 17, says=("REWORK/",))
def three_classes(folder):
    (folder / "REWORK").mkdir()
    Image.fromarray(picture(99, True)).save(folder / "REWORK" / "99.png")
    return fill(folder, 8, 8)


@case("GO/ alone", 8, refused="only GO/ is there: add NG/", check=1)
def no_ng(folder):
    fill(folder, 8, 0)
    (folder / "NG").rmdir()
    return folder


@case("NG/ with nothing in it", 8, refused="NG holds nothing, but it must hold photographs", check=3)
def empty_ng(folder):
    return fill(folder, 8, 0)


@case("no class folders", 4, refused="put photographs into two such folders", check=1)
def flat(folder):
    for number in range(4):
        Image.fromarray(picture(number, number % 2)).save(folder / f"{number}.png")
    return folder


@case("nothing at all", 0, refused="it is empty: put photographs into two such folders", check=1)
def empty(folder):
    return folder


@case("3 photographs", 3, refused="There are 2 GO and 1 NG .+ add photographs of other units", check=3)
def three(folder):
    return fill(folder, 2, 1)


@case("all the same", 16, refused="There are 1 GO and 1 NG .+ add photographs of other units", check=3)
def all_the_same(folder):
    return fill(
        folder, 8, 8, write=lambda number, pixels, path: Image.fromarray(picture(0, False)).save(path)
    )


# --- the verdicts ---


@pytest.fixture(scope="module")
def table():
    """Collect the verdicts and print them in the end."""
    rows: dict[str, list[str]] = {}
    yield rows
    print()
    for name, verdicts in rows.items():
        print(f"\n{name}", *verdicts, sep="\n    ")


@pytest.fixture(scope="module", params=CASES)
def kind(request, tmp_path_factory):
    """Give the name of a kind of folder, what is expected of it, and such a folder."""
    folder = tmp_path_factory.mktemp("any") / "my photos"
    folder.mkdir()
    return request.param, CASES[request.param], CASES[request.param].build(folder)


def refusal(said, case):
    """Check that ``said`` is the sentence that is expected, and return it without the folder's own path."""
    assert re.fullmatch(rf"[^\n]*{case.refused}[^\n]*\.", said.strip()), said
    return f"refused: {said.strip().partition('my photos')[2] or said.strip()}"


def shell(*arguments):
    """Run the fanaoi command here and return its exit status."""
    with pytest.raises(SystemExit) as ended:
        command.main([str(argument) for argument in arguments])
    return ended.value.code or 0


def test_notebook_05(kind, table, tmp_path, capfd):
    name, case, given = kind
    parameters = {"photos_dir": str(given), "output_dir": str(tmp_path)} | case.parameters
    if case.refused:
        with pytest.raises(WorkbookError) as refused:
            lesson_05.run(**parameters)
        verdict = refusal(str(refused.value), case)
    else:
        run = lesson_05.run(asides=case.asides, **parameters)
        verdict = f"runs through: photographs {run['metrics']['photographs']}"
        assert [words for words in case.says if words not in run["printed"]] == []
        # What is known of the simulated line alone is not said of other photographs.
        assert [
            line for line in run["printed"].splitlines() if " mm" in line and "simulated line" not in line
        ] == []
        assert not (tmp_path / "figures" / "errors_by_size.png").exists()
    assert capfd.readouterr().err == ""
    table.setdefault(name, []).append(f"05       {verdict}")


def test_check(kind, table, capfd):
    name, case, given = kind
    assert shell("check", given, *case.classes) == case.check
    shown, complaints = capfd.readouterr()
    if case.check == 1:
        verdict = refusal(complaints, case)
    else:
        verdict = f"runs through: {shown.strip().splitlines()[-1]}"
        assert complaints == ""
    table.setdefault(name, []).append(f"check    {verdict}")


def test_inspect(kind, table, capfd):
    name, case, given = kind
    status = shell("inspect", MODEL, given)
    shown, complaints = capfd.readouterr()
    if case.judged:
        verdict = f"runs through: {complaints.splitlines()[0]}"
        assert status in (0, 1) and len(shown.splitlines()) == 1 + case.judged
    else:
        verdict = f"refused: {complaints.strip()}"
        assert status == 2 and len(complaints.splitlines()) == 1
    table.setdefault(name, []).append(f"inspect  {verdict}")
