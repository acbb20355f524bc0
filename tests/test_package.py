"""The house: floors, heavy imports, links, and nothing that tells on whose machine it was built."""

import ast
import collections
import graphlib
import re
import subprocess
import sys

import browser
import lint
import pytest

import fanaoi_helpers
from fanaoi_helpers import files, learner, runs

ROOT = files.root()
PACKAGE = ROOT / "fanaoi_helpers"
# A module imports only from floors below its own; errors, arrays and files are the ground.
FLOORS = {
    **{"": -3, "errors": -2, "arrays": -1, "files": -1},
    **{
        "byhand": 0,
        "digits": 0,
        "fans": 0,
        "frontend": 0,
        "colab": 0,
        "meaning": 0,
        "packages": 0,
        "pages": 0,
    },
    **{"progress": 0, "terminal": 0, "threads": 0},
    "photos": 1,
    **{"notebooks": 0, "learner": 1, "parameters": 1},
    **{"cnn": 2, "verdicts": 2},
    **{"audit": 3, "compare": 3},
    **{"explain": 4, "figures": 4, "machine": 4, "trials": 4},
    **{"exercises": 5, "station": 5, "widgets": 5},
    **{"runs": 6, "commands": 6, "__main__": 7},
}
MODULES = sorted(PACKAGE.rglob("*.py"))


def part(path):
    """Return a file's place in the house: its module, or the package of that name."""
    name = path.relative_to(PACKAGE).with_suffix("").parts[0]
    return "" if name == "__init__" else name


def imports(path, text=None):
    """Yield the full name of all that a module imports, wherever in it, but for type checkers alone."""
    package = ("fanaoi_helpers", *path.relative_to(PACKAGE).parts[:-1])
    tree = ast.parse(text or path.read_text(encoding="utf-8"))
    tree.body = [
        node
        for node in tree.body
        if not (isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING")
    ]
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = ".".join(package[: len(package) - node.level + 1]) if node.level else ""
            base = ".".join(filter(None, [base, node.module]))
            yield from (f"{base}.{alias.name}" for alias in node.names)


def too_high(path, text=None):
    """Return the parts that a module imports although they are not below it."""
    own = part(path)
    wanted = {name.split(".")[1] for name in imports(path, text) if name.startswith("fanaoi_helpers.")}
    return sorted(name for name in wanted & FLOORS.keys() if name != own and FLOORS[name] >= FLOORS[own])


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.relative_to(PACKAGE).as_posix())
def test_a_module_imports_only_from_floors_below(path):
    assert part(path) in FLOORS, "a new module needs its floor in this test"
    assert too_high(path) == []


def test_an_import_from_above_is_noticed():
    for text in ("from . import cnn", "def f():\n from .explain import x", "import fanaoi_helpers.runs"):
        assert too_high(PACKAGE / "photos.py", text)
    assert too_high(PACKAGE / "figures" / "line.py", "from .. import explain, byhand") == ["explain"]
    assert (
        too_high(PACKAGE / "figures" / "line.py", "from .style import styled\nfrom ..files import root") == []
    )


def dotted(path):
    """Return a module's full name."""
    return ".".join((PACKAGE.name, *path.relative_to(PACKAGE).with_suffix("").parts)).removesuffix(
        ".__init__"
    )


def circles(wanted):
    """Return the modules that lead back to themselves, of {module: the modules that it imports}."""
    waiting = graphlib.TopologicalSorter(wanted)
    try:
        waiting.prepare()
    except graphlib.CycleError as error:
        return error.args[1]
    return []


def test_no_module_leads_back_to_itself():
    """An import in a function counts, one for type checkers alone does not."""
    names = {dotted(path) for path in MODULES}
    wanted = {}
    for path in MODULES:
        of_modules = {name if name in names else name.rpartition(".")[0] for name in imports(path)}
        wanted[dotted(path)] = (of_modules & names) - {PACKAGE.name}
    assert circles(wanted) == []
    assert wanted["fanaoi_helpers.runs.storing"] >= {"fanaoi_helpers.files", "fanaoi_helpers.notebooks"}
    assert circles({"a": {"b"}, "b": {"c"}, "c": {"a"}})


def test_no_two_modules_have_one_name():
    """Two tabs of an editor, or two lines of a traceback, are never mistaken for each other."""
    counts = collections.Counter(path.name for path in MODULES if path.name != "__init__.py")
    assert [name for name, count in counts.items() if count > 1] == []


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.relative_to(PACKAGE).as_posix())
def test_heavy_libraries_have_their_rooms(path):
    found = {name.split(".")[0] for name in imports(path)} & {"keras", "tensorflow"}
    assert part(path) in ("cnn", "explain") or not found
    pictures = [name for name in imports(path) if name.startswith("matplotlib.pyplot")]
    assert part(path) == "figures" or not pictures


def test_importing_the_package_is_light():
    words = [sys.executable, "-X", "importtime", "-c", "import fanaoi_helpers"]
    report = subprocess.run(words, capture_output=True, text=True, cwd=ROOT, check=True).stderr
    lines = re.findall(r"\|\s+(\d+) \|\s+(\S+)$", report, re.MULTILINE)
    times = {name: int(microseconds) for microseconds, name in lines}
    assert times["fanaoi_helpers"] < 300_000
    assert not {name.split(".")[0] for name in times} & {"tensorflow", "keras", "matplotlib", "numpy"}


def test_one_version():
    project = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    assert f'\nversion = "{fanaoi_helpers.__version__}"\n' in project


def test_the_address_is_in_one_place():
    """Only pyproject.toml says it; the notebooks are stamped with it."""
    address = runs.address()
    assert re.fullmatch(r"https://github\.com/[\w.-]+/[\w.-]+", address)
    elsewhere = [
        path for path in tracked() if path.suffix not in (".ipynb", "") and path.name != "pyproject.toml"
    ]
    assert [path.name for path in elsewhere if address.removeprefix("https://") in read(path)] == []


def test_requirements_are_exact_and_cover_the_package():
    pins = (ROOT / "requirements.txt").read_text(encoding="utf-8")
    lines = [
        line for line in pins.replace("\\\n", "").splitlines() if line and not line.lstrip().startswith("#")
    ]
    hashed = r"[A-Za-z0-9._-]+(\[[\w,-]+\])?==[\w.]+( ; [^\\]+?)?( +--hash=sha256:[0-9a-f]{64})+"
    assert [line for line in lines if not re.fullmatch(hashed, line.strip())] == []
    names = {re.split("[=[]", line)[0].lower() for line in lines}
    project = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    ranges = re.findall(r'^    "([A-Za-z0-9_-]+)[><=]', project, re.MULTILINE)
    assert len(ranges) > 10
    assert {name.lower() for name in ranges} <= names


def tracked():
    """Return the project's files: as git knows them, or all but the usual leftovers without git."""
    words = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    try:
        listed = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=True).stdout
        paths = [ROOT / name for name in listed.split("\0") if name]
    except (OSError, subprocess.CalledProcessError):
        left = {".venv", "runs", "__pycache__", "build", ".ipynb_checkpoints", ".ruff_cache", ".pytest_cache"}
        paths = [p for p in ROOT.rglob("*") if not left & set(p.relative_to(ROOT).parts) and p.is_file()]
        paths = [p for p in paths if not any(part.endswith(".egg-info") for part in p.parts)]
    return [path for path in paths if path.is_file()]


def read(path):
    """Return a file's text, "" for a picture."""
    try:
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        return ""


def test_no_file_names_a_machine_path():
    pattern = re.compile(r"(?<![\w.:/~-])/(?:home|Users|root|work)/\w+", re.IGNORECASE)
    found = {}
    for path in tracked():
        if path.suffix != ".ipynb":  # the notebooks' own lint reads them, pictures left out
            found[path.relative_to(ROOT).as_posix()] = pattern.findall(read(path))
    assert {name: hits for name, hits in found.items() if hits} == {}
    assert pattern.search("in " + "/home" + "/me")


@pytest.mark.parametrize(
    "path", [p for p in tracked() if p.suffix == ".md"], ids=lambda path: path.relative_to(ROOT).as_posix()
)
def test_links_of_a_page_resolve(path):
    assert lint.broken_links(read(path), path.parent) == []


def test_ci_calls_the_test_command_with_a_browser_and_plays_colab():
    lines = (ROOT / ".ci" / "run").read_text(encoding="utf-8").splitlines()
    commands = [line for line in lines if line and not line.startswith(("#", "set ", "cd "))]
    first, searched, *installing, test, colab = commands
    assert first.startswith("export CI=true")
    assert [test, colab] == ["python3 workbook.py test", "python3 workbook.py colab"]
    assert searched == f"if ! command -v {' '.join(browser.BROWSERS)} >/dev/null; then"
    assert installing[-1] == "fi" and sum("apt-get install" in line for line in installing) == 1
    readme = read(ROOT / "README.md")
    assert "python3 workbook.py test\n" in readme and "python3 workbook.py colab" in readme
    workflows = ROOT / ".github" / "workflows"
    tests = read(workflows / "tests.yml")
    assert ".ci/run" in tests and "workbook.py bounds" in tests and "workbook.py backends jax" in tests
    assert "workbook.py colab --newest" in read(workflows / "colab.yml")


@pytest.mark.parametrize("words", [["check"], ["format", "--check"]])
def test_the_code_is_as_ruff_wants_it(words):
    done = subprocess.run(
        [sys.executable, "-m", "ruff", *words, "."], cwd=ROOT, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_what_colab_opens_is_in_step_with_the_notebooks():
    assert learner.stale() == [], "write learner/ again: fanaoi learner"
