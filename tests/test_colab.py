"""What a borrowed Python lacks is installed, what it runs on is left alone; pip is a stub here."""

import subprocess
import sys
from importlib import metadata
from pathlib import Path

import pytest

from fanaoi_helpers import colab, files
from fanaoi_helpers.errors import WorkbookError


@pytest.fixture
def python(monkeypatch):
    """Return a Python in which ``absent`` can't be imported, and what pip was told."""

    class Borrowed:
        absent: set[str] = set()
        calls: list[tuple[str, ...]] = []
        constraints = ""
        result = (0, "")

        def pip(self, *arguments):
            self.calls.append(arguments)
            self.constraints = Path(arguments[arguments.index("--constraint") + 1]).read_text(
                encoding="utf-8"
            )
            return subprocess.CompletedProcess(arguments, self.result[0], "", self.result[1])

    borrowed = Borrowed()
    borrowed.calls = []
    find = colab.importlib.util.find_spec
    monkeypatch.setattr(
        colab.importlib.util, "find_spec", lambda name: None if name in borrowed.absent else find(name)
    )
    monkeypatch.setattr(colab, "_pip", borrowed.pip)
    return borrowed


def test_nothing_missing_does_and_says_nothing(python, capsys):
    colab.install_missing()
    assert not python.calls and capsys.readouterr() == ("", "")


def test_only_what_is_missing_is_installed_and_the_rest_is_held(python, capsys):
    python.absent = {"papermill", "PIL", "sklearn"}
    colab.install_missing()
    (arguments,) = python.calls
    assert [word for word in arguments if "=" in word] == [
        need for need in colab.dependencies() if need.startswith(("Pillow", "scikit-learn", "papermill"))
    ]
    assert not any(word.startswith(colab.PROTECTED) for word in arguments)
    held = dict(line.split("==") for line in python.constraints.splitlines())
    assert {*colab.PROTECTED, "pytest"} <= set(held), "what this Python runs on is held as well"
    assert held["numpy"] == metadata.version("numpy") and all(held.values())
    assert "nbconvert" not in held or "nbconvert" in sys.modules, "what nobody has imported may change"
    assert capsys.readouterr().out == "Installed pillow, scikit-learn, papermill.\n"


@pytest.mark.parametrize("name", colab.PROTECTED)
def test_tensorflow_keras_and_numpy_are_never_installed(python, name):
    python.absent = {name, "papermill"}
    with pytest.raises(WorkbookError, match=f"This Python has no {name}: "):
        colab.install_missing()
    assert not python.calls


def test_without_network_one_sentence_says_so(python, capsys):
    python.absent = {"papermill"}
    python.result = (
        1,
        "WARNING: Retrying\nERROR: Could not find a version\n"
        "ERROR: No matching distribution found for papermill\n",
    )
    with pytest.raises(WorkbookError) as caught:
        colab.install_missing()
    assert str(caught.value) == (
        "papermill could not be installed (No matching distribution found for papermill): "
        "check the network, then run the cell again."
    )
    python.result = (2, "")
    with pytest.raises(WorkbookError, match="pip ended with 2"):
        colab.install_missing()
    assert capsys.readouterr().out == ""


def test_a_held_project_that_is_not_there_under_its_name_is_left_out(monkeypatch):
    assert colab._present(("numpy", "no-such-project")) == [f"numpy=={sys.modules['numpy'].__version__}"]


def test_the_list_is_that_of_pyproject_toml():
    tomllib = pytest.importorskip("tomllib", reason="Python 3.10 has no TOML reader to compare with")
    project = tomllib.loads((files.root() / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert colab.dependencies() == project["dependencies"]


def test_every_dependency_is_imported_under_the_name_that_is_looked_for():
    for need in colab.dependencies():
        assert colab.importlib.util.find_spec(colab.import_name(need)), need


def test_an_installed_package_has_no_list_to_read(monkeypatch, tmp_path):
    monkeypatch.setattr(colab, "__file__", str(tmp_path / "package" / "colab.py"))
    assert colab.dependencies() == []


def test_pip_runs_in_this_python(monkeypatch):
    seen = []
    monkeypatch.setattr(colab.subprocess, "run", lambda command, **options: seen.append(command))
    colab._pip("install", "x")
    assert seen[0][:3] == [sys.executable, "-m", "pip"] and seen[0][-2:] == ["install", "x"]
