"""The folder that a command is given in holds photographs, not libraries: nothing there is ever imported."""

import json
import os
import shutil
import subprocess
import sys
from importlib.metadata import packages_distributions
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path

import nbformat
import numpy as np
import pytest
from PIL import Image

from fanaoi_helpers import cnn, files, runs

SPEC = spec_from_file_location("workbook_started", files.root() / "workbook.py")
workbook = module_from_spec(SPEC)
SPEC.loader.exec_module(workbook)

# Every module that anything here could import: Python's own and those of all installed packages.
NAMES = sys.stdlib_module_names | set(packages_distributions()) | {"fanaoi_helpers", "sitecustomize"}
INSTALLED = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv")) / "versions"
SHOW = """import inspect, json, multiprocessing, random, sys
print(json.dumps([sys.path, sys.argv[1:], random.__file__, sys.flags.utf8_mode]))"""


@pytest.fixture
def hostile(tmp_path):
    """A folder with photographs, and a file of the user's own with the name of every library."""
    folder = tmp_path / "photographs ü"
    generator = np.random.default_rng(0)
    for label in ("GO", "NG"):
        (folder / label).mkdir(parents=True)
        for number in range(6):
            pixels = generator.integers(0, 256, (48, 48), np.uint8)
            Image.fromarray(pixels).save(folder / label / f"{number}.png")
    tell = f"open({str(tmp_path / 'witness')!r}, 'a').write(__name__ + ' ')\nraise SystemExit('it was run')\n"
    for name in NAMES:
        if name.isidentifier():
            (folder / f"{name}.py").write_text(tell, encoding="utf-8")
    return folder


def start(python, words, folder, **variables):
    """Start what workbook.py starts for ``words``, with its environment, in ``folder``."""
    environment = workbook.environment(Path(python)) | variables
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        words, folder = workbook.command(files.root(), words)
    return subprocess.run(
        [python, *words], cwd=folder, env=environment, capture_output=True, text=True, encoding="utf-8"
    )


@pytest.mark.parametrize(
    ("words", "status"),
    [
        (["list"], 0),
        (["check", ".", "--no-copies"], 0),
        (["inspect", "MODEL", "GO"], None),
        (["render", "made", "--units", "40", "--shots", "1", "--size", "32", "--workers", "2"], 0),
    ],
)
def test_no_file_of_the_users_takes_a_librarys_place(hostile, tmp_path, words, status):
    words = [str(cnn.shipped_model()) if word == "MODEL" else word for word in words]
    done = start(sys.executable, words, hostile)
    assert not (tmp_path / "witness").exists(), (tmp_path / "witness").read_text()
    assert "Traceback" not in done.stderr
    if status is None:  # what the CNN thinks of noise
        assert done.returncode in (0, 1)
        assert "6 photographs: " in done.stderr
    else:
        assert done.returncode == status, done.stderr


def test_a_run_imports_what_lies_beside_the_notebook_and_nothing_else(hostile, tmp_path):
    """The user's folder, their PYTHONPATH and their PYTHONSTARTUP stay out of the kernel."""
    lesson = tmp_path / "lesson"
    lesson.mkdir()
    (lesson / "beside.py").write_text("here = True")
    code = "import json, sys, numpy, random, inspect\nimport beside\nprint(json.dumps([sys.path, sys.argv]))"
    notebook = nbformat.v4.new_notebook(metadata=runs.METADATA)
    notebook.cells = [nbformat.v4.new_code_cell("a = 1", metadata={"tags": ["parameters"]})]
    notebook.cells += [nbformat.v4.new_code_cell(code), nbformat.v4.new_code_cell("'started' in globals()")]
    nbformat.write(notebook, lesson / "07_tiny.ipynb")
    (tmp_path / "startup.py").write_text("started = True")
    done = start(
        sys.executable,
        ["run", str(lesson / "07_tiny.ipynb"), "--output", str(tmp_path / "out")],
        hostile,
        PYTHONSTARTUP=str(tmp_path / "startup.py"),
    )
    assert done.returncode == 0, done.stderr
    cells = nbformat.read(tmp_path / "out" / "07_tiny.ipynb", as_version=4).cells
    path, _ = json.loads(cells[-2].outputs[0].text)
    assert str(hostile) not in path
    assert "" in path  # the notebook's own folder, behind Python's library, as in JupyterLab
    assert cells[-1].outputs[0].data["text/plain"] == "False"
    assert not (tmp_path / "witness").exists()


def pythons():
    """Return this Python and one of every other version that fits and is installed here."""
    oldest, newest = workbook.admitted()
    found = {sys.version_info[:2]: sys.executable}
    for path in sorted(INSTALLED.glob("3.*/bin/python")):
        version = tuple(int(part) for part in path.parents[1].name.split(".")[:2] if part.isdigit())
        if oldest <= version <= newest:
            found.setdefault(version, str(path))
    return [pytest.param(found[version], id="{}.{}".format(*version)) for version in sorted(found)]


@pytest.mark.skipif(os.name == "nt", reason="the tiny environment is laid out as on POSIX")
@pytest.mark.parametrize("python", pythons())
def test_every_python_starts_without_the_folder(hostile, tmp_path, monkeypatch, python):
    """A tiny package takes the place of the real one, so that each version can be tried."""
    folder = tmp_path / "environment"
    subprocess.run([python, "-m", "venv", "--without-pip", folder], check=True)
    site = next(path for path in folder.glob("**/site-packages") if path.parent.name != "lib64")
    for name in ("fanaoi_helpers", "jupyterlab", "pytest"):
        (site / name).mkdir()
        (site / name / "__init__.py").touch()
        (site / name / "__main__.py").write_text(SHOW)
    # The workbook's own folder is the hostile one here, too: that is where JupyterLab and the tests start.
    monkeypatch.setattr(files, "root", lambda: hostile)
    for word in ("list", "lab", "test"):
        done = start(folder / "bin" / "python", [word, "a b"], hostile, PYTHONPATH="", PYTHONSAFEPATH="")
        assert not (tmp_path / "witness").exists(), (tmp_path / "witness").read_text()
        path, words, random, utf8 = json.loads(done.stdout)
        assert not {"", str(hostile)} & set(path)
        assert words[-1] == "a b"
        assert Path(random).parent.name.startswith("python3.")
        assert utf8 == 1


def test_nothing_of_this_is_left_to_those_that_are_started(monkeypatch):
    """Kernels and terminals of JupyterLab import what lies beside them, as they do everywhere."""
    monkeypatch.delenv("PYTHONSAFEPATH", raising=False)
    monkeypatch.setenv("PYTHONPATH", "elsewhere")
    variables = workbook.environment(Path(sys.executable))
    assert not {"PYTHONSAFEPATH", "PYTHONPATH", "PYTHONHOME"} & set(variables)
    assert shutil.which("python", path=variables["PATH"])
