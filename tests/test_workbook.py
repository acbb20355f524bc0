"""workbook.py sets up once, goes on after an interruption, and says in a sentence what stands in its way."""

import ast
import importlib.util
import json
import os
import shutil
import subprocess
import sys
import threading
import time
from pathlib import Path
from types import SimpleNamespace

import pytest

from fanaoi_helpers import files

SOURCE = files.root() / "workbook.py"
START = ["-I", "-X", "utf8", "-m"]
POSIX = pytest.mark.skipif(os.name == "nt", reason="the stand-in for Python is a shell script")


def load(path):
    """Return workbook.py as a module."""
    spec = importlib.util.spec_from_file_location("workbook_copy", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def workbook(tmp_path, monkeypatch):
    """workbook.py in a folder of its own, whose pip only notes what it was asked for."""
    root = tmp_path / "a workbook é"
    root.mkdir()
    for name in ("workbook.py", "requirements.txt", "pyproject.toml"):
        shutil.copy(files.root() / name, root)
    for name in ("fanaoi_helpers", "notebooks"):
        (root / name).mkdir()
    module = load(root / "workbook.py")
    module.asked = []
    module.answers = []  # (status, errors) of the next calls of pip; (0, "") when empty

    def pip(python, arguments):
        module.asked.append(arguments)
        return module.answers.pop(0) if module.answers else (0, "")

    def make_venv(folder):
        """A real environment, but with a stand-in for pip, which alone takes seconds to unpack."""
        subprocess.run([sys.executable, "-m", "venv", "--without-pip", folder], check=True)
        site = next(path for path in folder.glob("**/site-packages") if path.parent.name != "lib64")
        (site / "pip").mkdir()
        (site / "pip" / "__init__.py").write_text("")
        return 0, ""

    module.real_make_venv = module.make_venv
    monkeypatch.setattr(module, "make_venv", make_venv)
    monkeypatch.setattr(module, "pip", pip)
    monkeypatch.setattr(module, "has_gpu", lambda: False)
    monkeypatch.setattr(module, "hand_over", lambda python, words, folder: (words, folder))
    monkeypatch.setattr(module.tempfile, "tempdir", str(tmp_path))
    monkeypatch.setattr(module.shutil, "disk_usage", lambda path: SimpleNamespace(free=50e9))
    for name in ("FANAOI_CPU", "FANAOI_NO_BROWSER"):
        monkeypatch.delenv(name, raising=False)
    module.root = root
    module.folder = root / ".venv"
    module.python = module.folder / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    return module


@pytest.fixture
def made(workbook, capsys):
    """The same, set up."""
    assert workbook.main(["list"])[0] == [*START, "fanaoi_helpers", "list"]
    capsys.readouterr()
    return workbook


@POSIX
def test_a_home_folder_that_can_not_be_written_to(made, tmp_path, monkeypatch, capsys):
    """JupyterLab would end in a traceback."""
    for name in made.KEPT:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    (tmp_path / "home" / ".ipython").mkdir(parents=True)
    made.main([])
    assert "home folder" not in capsys.readouterr().err and not set(made.KEPT) & set(os.environ)
    before = dict(os.environ)
    real = os.access
    mine = (str(tmp_path / "home" / ".ipython"), str(made.python))
    monkeypatch.setattr(os, "access", lambda path, mode: str(path) in mine and real(path, mode))
    monkeypatch.setenv("MPLCONFIGDIR", "chosen")
    made.main(["list"])
    assert capsys.readouterr().err == ""  # nothing is kept there
    made.main([])
    said = capsys.readouterr().err
    assert said.startswith("Your home folder can't be written to") and said.count("\n") == 1
    assert os.environ["MPLCONFIGDIR"] == "chosen" and "IPYTHONDIR" not in os.environ
    places = {Path(os.environ[name]).parent for name in ("JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR")}
    assert len(places) == 1 and all(place.is_dir() and str(place) in said for place in places)
    for name in set(os.environ) - set(before):
        monkeypatch.delenv(name)


def test_the_first_start_makes_the_environment(workbook, monkeypatch, capsys):
    monkeypatch.setattr(workbook, "make_venv", workbook.real_make_venv)
    assert workbook.main(["list"]) == ([*START, "fanaoi_helpers", "list"], Path.cwd())
    requirements, package = workbook.asked
    assert requirements[-2:] == ["-r", str(workbook.root / "requirements.txt")]
    assert package[-2:] == ["-e", str(workbook.root)]
    assert "--no-build-isolation" in package
    assert workbook.version(workbook.python) == "{}.{}.{}".format(*sys.version_info[:3])
    assert "some minutes" in capsys.readouterr().err
    settings = workbook.folder / "share/jupyter/lab/settings/overrides.json"
    assert "fetchNews" in json.loads(settings.read_text())["@jupyterlab/apputils-extension:notification"]


def test_a_second_start_is_quick_and_asks_nothing(made, capsys):
    made.asked.clear()
    begin = time.perf_counter()
    made.main(["list"])
    assert time.perf_counter() - begin < 2
    assert made.asked == []
    assert capsys.readouterr() == ("", "")


@pytest.mark.parametrize("name", ["requirements.txt", "pyproject.toml"])
def test_changed_requirements_are_noticed(made, name):
    made.asked.clear()
    with (made.root / name).open("a") as file:
        file.write("\n# changed\n")
    made.main(["list"])
    assert len(made.asked) == 2
    made.main(["list"])
    assert len(made.asked) == 2


def test_line_ends_of_windows_are_no_change(made):
    made.asked.clear()
    path = made.root / "requirements.txt"
    path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))
    made.main(["list"])
    assert made.asked == []


def test_an_interrupted_install_goes_on_and_half_packages_go(workbook, capsys, monkeypatch):
    def interrupted(python, arguments):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(workbook, "pip", interrupted)
        assert workbook.main(["list"]) == 130
    assert "next start goes on" in capsys.readouterr().err
    site = next(workbook.folder.glob("**/site-packages"))
    half, whole = site / "half-1.0.dist-info", site / "whole-1.0.dist-info"
    half.mkdir()
    whole.mkdir()
    (whole / "INSTALLER").write_text("pip")
    keep = workbook.folder / "keep"
    keep.write_text("")
    workbook.main(["list"])
    assert keep.exists()
    assert whole.exists()
    assert not half.exists()
    assert len(workbook.asked) == 2
    assert (workbook.folder / workbook.MARKER).exists()


def test_a_failed_install_leaves_no_marker(workbook, capsys):
    workbook.answers = [(0, ""), (1, "ERROR: odd\n")]
    assert workbook.main(["list"]) == 1
    assert "(ERROR: odd)" in capsys.readouterr().err
    assert not (workbook.folder / workbook.MARKER).exists()
    workbook.main(["list"])
    assert len(workbook.asked) == 4


@pytest.mark.parametrize("harm", ["python gone", "not executable", "empty folder", "no pip", "a file"])
def test_a_broken_environment_is_made_anew(made, capsys, harm):
    if harm == "python gone":
        made.python.unlink()
    elif harm == "not executable":
        made.python.unlink()
        made.python.write_text("no program")
    elif harm == "no pip":
        shutil.rmtree(next(made.folder.glob("**/site-packages")) / "pip")
    else:
        shutil.rmtree(made.folder)
        made.folder.mkdir()
    if harm == "a file":
        made.folder.rmdir()
        made.folder.write_text("")
        assert made.main(["list"]) == 1
        assert "remove it" in capsys.readouterr().err
        return
    made.asked.clear()
    made.main(["list"])
    assert "is broken: making it anew with Python 3." in capsys.readouterr().err
    assert len(made.asked) == 2
    assert made.version(made.python)


def test_a_moved_folder_is_brought_up_to_date(made, monkeypatch):
    made.asked.clear()
    moved = made.root.with_name("moved")
    made.root.rename(moved)
    monkeypatch.setattr(made, "PROGRAM", str(moved / "workbook.py"))
    monkeypatch.setattr(made, "ROOT", str(moved))
    assert made.ready(moved) == moved / made.python.relative_to(made.root)
    assert len(made.asked) == 2


@pytest.mark.parametrize(
    ("errors", "words"),
    [
        (
            "WARNING: Retrying (Retry(total=0)) after connection broken by NewConnectionError(... [Errno -3] "
            "Temporary failure in name resolution)\nERROR: Could not find a version that satisfies the "
            "requirement absl-py==2.5.1 (from versions: none)\n"
            "ERROR: No matching distribution found for absl-py==2.5.1",
            "could not be reached: check the network",
        ),
        (
            "ERROR: Could not install packages due to an OSError: [Errno 28] No space left on device",
            "disk is full",
        ),
        (
            "ERROR: No matching distribution found for tensorflow==2.21.0",
            "no tensorflow==2.21.0 for this computer",
        ),
        ("WARNING: Retrying ... SSLError(CERTIFICATE_VERIFY_FAILED)", "certificate was refused"),
        ("ERROR: [WinError 206] The filename or extension is too long: 'C:\\...'", "short place"),
        ("ERROR: [Errno 13] Permission denied: '.venv/bin/x'", "close every JupyterLab"),
        (
            "ERROR: THESE PACKAGES DO NOT MATCH THE HASHES FROM THE REQUIREMENTS FILE. If you ...",
            "not the file that was tested here",
        ),
        ("noise\nERROR: something new\nmore", "(ERROR: something new)"),
        ("", "no reason given"),
    ],
)
def test_what_pip_says_becomes_one_sentence(workbook, capsys, errors, words):
    workbook.answers = [(1, errors)]
    assert workbook.main([]) == 1
    *progress, told = capsys.readouterr().err.splitlines()
    assert len(progress) == 2  # that it sets up, and that it can be interrupted
    assert words in told
    assert "then start again" in told or "start again, or" in told or "Colab" in told


def test_too_little_space_is_told_before_anything_is_made(workbook, monkeypatch, capsys):
    monkeypatch.setattr(workbook.shutil, "disk_usage", lambda path: SimpleNamespace(free=1.5e9))
    assert workbook.main([]) == 1
    assert "needs 4 GB of disk, but" in capsys.readouterr().err
    assert not workbook.folder.exists()


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_that_refuses_is_told(workbook, capsys):
    workbook.root.chmod(0o500)
    try:
        assert workbook.main([]) == 1
    finally:
        workbook.root.chmod(0o700)
    assert "Nothing can be written to" in capsys.readouterr().err


def test_an_unwritable_place_is_told(workbook, monkeypatch, capsys):
    def refuse(dir):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(workbook.tempfile, "TemporaryFile", refuse)
    assert workbook.main([]) == 1
    assert "Nothing can be written to" in capsys.readouterr().err


def test_two_starts_at_once_install_once(workbook):
    entered = threading.Event()
    original = workbook.pip

    def slow(python, arguments):
        entered.set()
        time.sleep(0.3)
        return original(python, arguments)

    workbook.pip = slow
    first = threading.Thread(target=workbook.ready, args=(workbook.root,))
    first.start()
    assert entered.wait(60)
    workbook.ready(workbook.root)
    first.join()
    assert len(workbook.asked) == 2


def test_words_go_where_they_belong(workbook, monkeypatch):
    root = workbook.root
    words, folder = workbook.command(root, ["test", "-x", "-k", "a b"])
    assert (words[: len(START) + 1], words[-3:], folder) == ([*START, "pytest"], ["-x", "-k", "a b"], root)
    assert workbook.command(root, ["run", "05"]) == ([*START, "fanaoi_helpers", "run", "05"], Path.cwd())
    for word in ("colab", "bounds", "backends"):
        words, folder = workbook.command(root, [word, "--help"])
        assert folder == root and words[-1] == "--help"
        assert (files.root() / Path(words[-2]).relative_to(root)).is_file()
    words, folder = workbook.command(root, ["lab", "--no-browser", "--port", "9999"])
    assert words[:7] == [*START, "fanaoi_helpers", "lab", "--ServerApp.ip=127.0.0.1"]
    assert words[-3:] == ["--no-browser", "--port", "9999"]
    assert not any("token" in word.lower() or "password" in word.lower() for word in words)
    assert folder == root
    assert "--no-browser" not in workbook.command(root, [])[0]
    monkeypatch.setenv("FANAOI_NO_BROWSER", "1")
    assert "--no-browser" in workbook.command(root, [])[0]


@pytest.mark.skipif(not hasattr(os, "geteuid"), reason="POSIX")
@pytest.mark.parametrize(("user", "allowed"), [(0, True), (1000, False)])
def test_only_the_root_user_is_allowed_as_root(workbook, monkeypatch, user, allowed):
    monkeypatch.setattr(os, "geteuid", lambda: user)
    assert ("--allow-root" in workbook.command(workbook.root, [])[0]) is allowed


def test_other_installations_stay_out(workbook, monkeypatch):
    for name in ("PYTHONPATH", "VSCODE_INJECTION", "VSCODE_GIT_IPC_HANDLE", "FANAOI_X"):
        monkeypatch.setenv(name, "elsewhere")
    variables = workbook.environment(workbook.python)
    assert "PYTHONPATH" not in variables and variables["FANAOI_X"] == "elsewhere"
    assert not [name for name in variables if name.startswith("VSCODE_")]  # of its terminal
    assert variables["PATH"].split(os.pathsep)[0] == str(workbook.python.parent)
    assert variables["JUPYTER_PREFER_ENV_PATH"] == "1"


def test_cuda_is_added_where_a_gpu_is_and_may_fail(workbook, monkeypatch, capsys):
    monkeypatch.setattr(workbook, "has_gpu", lambda: True)
    workbook.answers = [(0, ""), (0, ""), (1, "ERROR: No space left on device")]
    assert workbook.main(["list"])[0][-1] == "list"
    assert workbook.asked[-1][-1].startswith("tensorflow[and-cuda]==2.")
    out = capsys.readouterr().err
    assert "will run on the CPU. The disk is full" in out
    workbook.asked.clear()
    workbook.main(["list"])
    assert workbook.asked == []


def test_a_gpu_that_came_later_gets_its_libraries_and_nothing_else(made, monkeypatch, capsys):
    made.asked.clear()
    there = []
    monkeypatch.setattr(made, "has_gpu", lambda: bool(there))
    made.main(["list"])
    assert made.asked == []
    there.append("card")
    made.main(["list"])
    assert [words[-1].partition("==")[0] for words in made.asked] == ["tensorflow[and-cuda]"]
    assert "An NVIDIA GPU is here" in capsys.readouterr().err
    made.main(["list"])
    assert len(made.asked) == 1  # its turn was taken
    there.clear()
    made.main(["list"])
    assert len(made.asked) == 1  # a card that went leaves what works
    there.append("card")
    with (made.root / "requirements.txt").open("a") as file:
        file.write("\n# changed\n")
    made.main(["list"])
    assert [len(made.asked), made.asked[-1][-1].partition("==")[0]] == [4, "tensorflow[and-cuda]"]


def test_a_gpu_is_left_alone_where_nothing_can_be_written(made, monkeypatch):
    made.asked.clear()
    monkeypatch.setattr(made, "has_gpu", lambda: True)
    monkeypatch.setattr(made.os, "access", lambda path, mode: mode != os.W_OK)
    assert made.main(["list"])[0][-1] == "list"
    assert made.asked == []


@POSIX
def test_a_gpu_is_what_the_driver_lists(tmp_path, monkeypatch):
    module = load(SOURCE)
    monkeypatch.setattr(module.sys, "platform", "linux")
    monkeypatch.delenv("FANAOI_CPU", raising=False)
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
    tool = tmp_path / "nvidia-smi"

    def driver(script):
        tool.write_text(f"#!/bin/sh\n{script}\n")
        tool.chmod(0o755)
        return module.has_gpu()

    assert driver("echo 'GPU 0: NVIDIA H200 (UUID: x)'")
    assert not driver("echo 'No devices found.'")
    assert not driver("exit 9")
    monkeypatch.setenv("FANAOI_CPU", "1")
    assert not driver("echo 'GPU 0: NVIDIA H200 (UUID: x)'")


@POSIX
@pytest.mark.parametrize("status", [0, 3])
def test_the_exit_status_comes_through(made, status, tmp_path):
    """The real program from another folder; .venv's Python stands in for pytest and fanaoi."""
    version = made.version(made.python)
    made.python.unlink()
    made.python.write_text(
        f'#!/bin/sh\n[ "$2" = {made.PROBE} ] && {{ echo "{version} "; exit; }}\n'
        f'pwd; printf "<%s>" "$@"; exit {status}\n'
    )
    made.python.chmod(0o755)
    (tmp_path / "elsewhere").mkdir()
    for words, folder in (["run", "a b"], tmp_path / "elsewhere"), (["test", "-x"], made.root):
        result = subprocess.run(
            [sys.executable, made.root / "workbook.py", *words],
            cwd=tmp_path / "elsewhere",
            capture_output=True,
            text=True,
        )
        shown = "".join(f"<{word}>" for word in made.command(made.root, words)[0])
        assert result.stdout == f"{folder}\n{shown}", result.stderr
        assert result.returncode == status


def test_every_python_can_read_it():
    """No syntax, and no letter, that Python 2.7 does not know."""
    text = SOURCE.read_bytes().decode("ascii")
    for node in ast.walk(ast.parse(text)):
        assert not isinstance(node, (ast.JoinedStr, ast.AnnAssign, ast.NamedExpr, ast.Nonlocal, ast.Match))
        if isinstance(node, ast.Raise):
            assert node.cause is None
        if isinstance(node, ast.FunctionDef):
            assert node.returns is None
            assert not node.args.kwonlyargs and not node.args.posonlyargs
            assert all(argument.annotation is None for argument in node.args.args)
        if isinstance(node, (ast.List, ast.Tuple, ast.Set)):
            assert not any(isinstance(element, ast.Starred) for element in node.elts)


def test_only_the_standard_library_is_used():
    tree = ast.parse(SOURCE.read_text(encoding="utf-8"))
    names = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    names |= {node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    assert names <= set(sys.stdlib_module_names) | {"pip"}  # which is only looked for, in .venv
