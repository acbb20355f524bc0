"""workbook.py started by a Python that does not fit goes on with one that does, or says what to install."""

import errno
import importlib.util
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from fanaoi_helpers import files

pytestmark = pytest.mark.skipif(os.name == "nt", reason="the stand-ins for Python are shell scripts")

PROBE = "--does-this-python-fit"
INSTALLED = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv")) / "versions"
# This Python as if it were another one; .venv's own is none of the starters, hence the one behind it.
BASE = getattr(sys, "_base_executable", sys.executable)
RUN = "import runpy, sys; sys.argv = sys.argv[1:]; runpy.run_path(sys.argv[0], run_name='__main__')"
AS_IF = "import sys; sys.version_info = ({}); " + RUN
NEWER = [BASE, "-c", AS_IF.format("3, 14, 0, 'final', 0")]


def older(minor):
    """Return a real old Python; the test is skipped where there is none."""
    found = sorted(INSTALLED.glob(f"{minor}.*/bin/python"))
    if not found:
        pytest.skip(f"Python {minor} is not installed here")
    return [str(found[-1])]


def program(path, script):
    """Make a shell script that can be run."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\n{script}\n", encoding="utf-8")
    path.chmod(0o755)
    return path


def python(path, version="3.12.4", reason="", script="exit 7"):
    """Make a stand-in for a Python: it says whether it fits, and otherwise shows how it was started."""
    answer = f'[ "$2" = {PROBE} ] && {{ echo "{version} {reason}"; exit; }}'
    return program(path, f'{answer}\necho "taken: $0"; printf "<%s>" "$@"; {script}')


class Machine:
    """A copy of the workbook on a computer that has only what a test puts there."""

    def __init__(self, folder):
        self.root, self.home = folder / "a workbook é", folder / "home"
        self.path = folder / "path"
        for place in (self.root / "fanaoi_helpers", self.root / "notebooks", self.home, self.path):
            place.mkdir(parents=True)
        for name in ("workbook.py", "pyproject.toml", "requirements.txt"):
            shutil.copy(files.root() / name, self.root)
        self.edit(r'^    "/.*bin/python\{0\}",\n', "")  # Homebrew's and python.org's are this computer's

    def edit(self, pattern, replacement):
        """Change the copy of workbook.py."""
        source = self.root / "workbook.py"
        text, count = re.subn(pattern, replacement, source.read_text(), flags=re.MULTILINE)
        assert count
        source.write_text(text)

    def start(self, starter=NEWER, words=("run", "a b"), wait=True, **more):
        """Start workbook.py; return what came of it."""
        environment = {"PATH": str(self.path), "HOME": str(self.home), **more}
        options = {"env": environment, "cwd": self.home, "text": True, "encoding": "utf-8"}
        begin = subprocess.run if wait else subprocess.Popen
        streams = dict.fromkeys(("stdout", "stderr"), subprocess.PIPE)
        return begin([*starter, str(self.root / "workbook.py"), *words], **options, **streams, **(
            {"input": "typed"} if wait else {}
        ))  # fmt: skip

    def environment(self):
        """Make .venv with this Python's real one, and a fanaoi command that only shows what it got."""
        folder = self.root / ".venv"
        subprocess.run([BASE, "-m", "venv", "--without-pip", folder], check=True)
        site = next(path for path in folder.glob("**/site-packages") if path.parent.name != "lib64")
        for name in ("pip", "fanaoi_helpers"):
            (site / name).mkdir()
            (site / name / "__init__.py").touch()
        show = "import sys; print(sys.prefix, sys.argv[1:], sys.stdin.read()); sys.exit(int(sys.argv[1]))"
        (site / "fanaoi_helpers" / "__main__.py").write_text(show)
        words = [folder / "bin" / "python", "-c", FINISH, self.root]
        subprocess.run(words, check=True, cwd=self.root)
        return folder


FINISH = """import sys; sys.path.insert(0, sys.argv[1]); import workbook
root = workbook.Path(workbook.ROOT)
marker = root / ".venv" / workbook.MARKER
workbook.put(marker, workbook.fingerprint(root, "%d.%d.%d" % sys.version_info[:3]))"""


@pytest.fixture
def machine(tmp_path):
    return Machine(tmp_path)


def taken(done, path):
    """Tell whether a start ended with the stand-in at ``path``, which got the words."""
    return done.stdout.startswith(f"taken: {path}\n<") and done.stdout.endswith("/workbook.py><run><a b>")


@pytest.mark.parametrize("minor", ["2.7", "3.6", "3.7", "3.8", "3.9", "3.14"])
def test_another_python_goes_on_with_one_that_fits(machine, minor):
    starter = NEWER if minor == "3.14" else older(minor)
    chosen = python(machine.path / "python3.12", script="cat; exit 7")
    machine.path.joinpath("cat").symlink_to(shutil.which("cat"))
    done = machine.start(starter)
    assert done.returncode == 7
    assert done.stdout == f"taken: {chosen}\n<{machine.root / 'workbook.py'}><run><a b>typed"
    assert done.stderr == (
        f"Python {minor} does not fit (the workbook needs Python 3.10 to 3.13): "
        f"going on with Python 3.12.4, {chosen}.\n"
    )


@pytest.mark.parametrize("minor", ["2.7", "3.6", "3.14"])
def test_without_one_it_says_what_to_install(machine, minor):
    done = machine.start(NEWER if minor == "3.14" else older(minor))
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == (
        f"Python {minor} does not fit (the workbook needs Python 3.10 to 3.13), and no other was found that "
        "does: install Python 3.13 (64 bits) from https://www.python.org/downloads/, then start again.\n"
    )


def test_with_uv_at_hand_it_offers_that(machine):
    program(machine.path / "uv", "exit 2")
    assert ": run `uv python install 3.13`, then start again.\n" in machine.start().stderr


def test_what_is_not_fit_is_passed_over_and_told(machine):
    program(
        machine.path / "python3.13", "echo 'pyenv: python3.13: command not found' >&2; exit 127"
    )  # a shim
    program(machine.path / "python3.11", "echo Python was not found")  # the Store's stub
    python(machine.path / "python3.12", "3.12.4", "it has no complete venv module")
    python(machine.path / "python3.10", "3.10.9", "it has 32 bits, but TensorFlow needs 64")
    said = machine.start().stderr
    assert f"(passed over: {machine.path}/python3.12 (3.12.4: it has no complete venv module), " in said
    assert "python3.10 (3.10.9: it has 32 bits" in said
    assert said.endswith("(Debian and Ubuntu: sudo apt install python3.12-venv), then start again.\n")
    assert said.count("\n") == 1


def test_a_second_of_the_same_name_is_tried(machine, tmp_path):
    program(tmp_path / "shims" / "python3.12", "exit 127")
    chosen = python(machine.path / "python3.12")
    assert taken(machine.start(PATH=f"{tmp_path / 'shims'}{os.pathsep}{machine.path}"), chosen)


def test_the_newest_is_taken_wherever_it_lies(machine, tmp_path):
    """PATH, pyenv's folder, uv's folder, and what uv finds: the newest version first, whatever the place."""
    places = [
        (machine.path / "python3.10", "3.10.1", {}),
        (tmp_path / "uv" / "cpython-3.11.9-linux" / "bin" / "python3.11", "3.11.9", {}),
        (machine.home / ".pyenv" / "versions" / "3.12.9" / "bin" / "python3.12", "3.12.9", {}),
        (machine.home / ".pyenv" / "versions" / "3.12.10" / "bin" / "python3.12", "3.12.10", {}),
        (machine.home / ".local/share/uv/python/cpython-3.13.1-x" / "bin" / "python3.13", "3.13.1", {}),
    ]
    for path, version, _ in places:
        python(path, version)
        assert taken(machine.start(UV_INSTALL="", UV_PYTHON_INSTALL_DIR=str(tmp_path / "uv")), path)
    shutil.rmtree(machine.home / ".local")
    found = python(tmp_path / "elsewhere" / "python", "3.13.2")
    program(machine.home / ".local/bin/uv", f'[ "$*" = "python find 3.13" ] && echo {found}')
    assert taken(machine.start(), found)


def test_nothing_in_the_current_folder_is_run(machine):
    python(machine.home / "python3.12")
    python(machine.home / "uv")
    for path in ("", ".", f"{machine.path}{os.pathsep}"):
        assert machine.start(PATH=path).returncode == 1


def test_a_python_that_never_answers_is_passed_over(machine):
    machine.edit("^PATIENCE = 30", "PATIENCE = 1")
    program(machine.path / "python3.13", f"{shutil.which('sleep')} 60")
    chosen = python(machine.path / "python3.12")
    begin = time.perf_counter()
    assert taken(machine.start(), chosen)
    assert time.perf_counter() - begin < 20


def test_one_that_says_it_fits_and_does_not_is_no_endless_loop(machine):
    answer = f'[ "$2" = {PROBE} ] && {{ echo "3.12.4 "; exit; }}'
    program(machine.path / "python3.12", f'{answer}\nexec {BASE} -c "{AS_IF.format("3, 14")}" "$@"')
    done = machine.start()
    assert done.returncode == 1
    assert done.stderr.count("going on with") == 1
    assert done.stderr.count("no other was found") == 1


def test_ctrl_c_reaches_the_one_that_was_chosen(machine):
    python(machine.path / "python3.12", script="trap 'echo interrupted; exit 130' INT; while :; do :; done")
    process = machine.start(wait=False)
    try:
        while not process.stdout.readline().startswith("taken"):
            pass
        time.sleep(0.2)
        process.send_signal(signal.SIGINT)
        assert "interrupted" in process.communicate(timeout=60)[0]
    finally:
        process.kill()
    assert process.returncode == 130


@pytest.mark.parametrize("minor", ["2.7", "3.9", "3.14"])
def test_the_environment_that_is_there_comes_first(machine, minor):
    """From an old Python through the environment's own to the command, with its status and its input."""
    folder = machine.environment()
    python(machine.path / "python3.13", "3.13.1")
    hostile = machine.home / "hostile"
    hostile.mkdir()
    misleading = {"PYTHONHOME": "/nowhere"} if minor == "3.14" else {"PYTHONPATH": str(hostile)}
    starter = NEWER if minor == "3.14" else older(minor)
    done = machine.start(starter, ["9", "x y"], **({} if minor == "3.14" else misleading))
    assert done.returncode == 9, done.stderr
    assert done.stdout == f"{folder} ['9', 'x y'] typed\n"
    assert f"going on with Python {sys.version_info[0]}.{sys.version_info[1]}." in done.stderr
    assert done.stderr.count("\n") == 1


def test_an_environment_that_works_needs_no_venv_module(machine):
    """Its own Python may be started as well, whatever the Python behind it lacks."""
    folder = machine.environment()
    done = machine.start([str(folder / "bin" / "python")], ["3"])
    assert (done.returncode, done.stderr) == (3, "")


def test_a_broken_environment_is_not_made_anew_by_its_own_python(machine):
    """That would be removed under its feet; the Python behind it goes on."""
    folder = machine.environment()
    shutil.rmtree(next(folder.glob("**/site-packages/pip")))
    machine.edit(r"^SPACE = 4 \*", "SPACE = 1e9 *")  # stop before the set-up
    done = machine.start([str(folder / "bin" / "python")])
    assert "does not fit (its environment .venv is broken): going on with Python 3." in done.stderr
    assert "is broken: making it anew" in done.stderr
    assert "needs 1000000000 GB" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("fate", ["gone", "another"])
def test_an_environment_of_a_python_that_is_gone_or_unfit_is_made_anew(machine, fate):
    folder = machine.environment()
    binary = folder / "bin" / "python"
    binary.unlink()
    if fate == "gone":
        binary.symlink_to("/nowhere/bin/python3.10")
        (folder / "pyvenv.cfg").write_text("home = /nowhere/bin\nversion = 3.10.1\n")
    else:
        python(binary, "3.9.18", "the workbook needs Python 3.10 to 3.13")
    machine.edit(r"^SPACE = 4 \*", "SPACE = 1e9 *")  # stop before the set-up
    said = machine.start([BASE]).stderr
    told = {
        "gone": "was made by a Python that is gone (/nowhere/bin): making it anew with Python 3.",
        "another": "was made by Python 3.9.18 (the workbook needs Python 3.10 to 3.13): making it anew with",
    }
    assert f"The environment in {folder} {told[fate]}" in said
    assert "Traceback" not in said
    assert not folder.exists()


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ("import platform; platform.python_implementation = lambda: 'PyPy'", "it is PyPy"),
        ("import struct; struct.calcsize = lambda kind: 4", "it has 32 bits"),
        ("import sysconfig; sysconfig.get_config_var = lambda name: 1", "it is free-threaded"),
        ("sys.modules['ensurepip'] = None", "it has no complete venv module"),
        ("sys.modules['venv'] = None", "it has no complete venv module"),
    ],
)
def test_a_python_of_the_right_version_may_not_fit(machine, change, reason):
    starter = [BASE, "-c", f"import sys; {change}; {RUN}"]
    chosen = python(machine.path / "python3.12")
    done = machine.start(starter)
    assert taken(done, chosen)
    assert f"does not fit ({reason}" in done.stderr
    chosen.unlink()
    said = machine.start(starter).stderr
    expected = "python{}.{}-venv".format(*sys.version_info) if "venv" in reason else "install Python 3.13"
    assert expected in said
    assert said.count("\n") == 1


def test_help_is_for_every_python_and_needs_nothing(machine):
    for name in ("pyproject.toml", "requirements.txt"):
        (machine.root / name).unlink()
    done = machine.start(words=["--help"])
    assert (done.returncode, done.stderr) == (0, "")
    assert "python3 workbook.py test" in done.stdout


@pytest.mark.parametrize("name", ["pyproject.toml", "requirements.txt", "fanaoi_helpers", "notebooks"])
def test_a_workbook_py_all_alone_is_told(machine, name):
    (machine.root / name).rename(machine.home / name)
    done = machine.start([BASE])
    assert done.returncode == 1
    assert done.stderr == (
        f"workbook.py needs the whole workbook around it, but there is no {name} in {machine.root}: "
        "get all of it (unpack the whole .zip), then start it there.\n"
    )


def test_a_range_that_is_not_there_is_told(machine):
    (machine.root / "pyproject.toml").write_text('requires-python = "3"\n')
    done = machine.start()
    assert "does not say which Python fits (requires-python): restore it." in done.stderr
    assert done.stderr.count("\n") == 1


def test_the_range_stands_in_one_place(machine):
    """pyproject.toml says it, workbook.py reads it there, the README and the weekly runs agree."""
    project = (files.root() / "pyproject.toml").read_text(encoding="utf-8")
    oldest, beyond = map(int, re.search(r'requires-python = ">=3\.(\d+),<3\.(\d+)"', project).groups())
    readme = (files.root() / "README.md").read_text(encoding="utf-8")
    named = re.findall(r"Python 3\.(\d+) to 3\.(\d+)", readme)
    assert named and set(named) == {(str(oldest), str(beyond - 1))}
    source = (files.root() / "workbook.py").read_text(encoding="utf-8")
    assert not re.findall(rf"3[., ]+({oldest}|{beyond - 1}|{beyond})\b", source)
    raised = project.replace(f"<3.{beyond}", f"<3.{beyond + 1}")
    (machine.root / "pyproject.toml").write_text(raised)
    chosen = python(machine.path / f"python3.{beyond}", f"3.{beyond}.0")
    assert taken(machine.start([BASE, "-c", AS_IF.format(f"3, {beyond + 1}")]), chosen)


def test_what_the_windows_launcher_lists_is_read(monkeypatch):
    """Both launchers, with and without a mark for the default; 32 bits are not asked for."""
    spec = importlib.util.spec_from_file_location("workbook_windows", files.root() / "workbook.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    listed = r"""
 -V:3.14[-64] * C:\py\pythoncore-3.14-64\python.exe
 -V:3.13 *        C:\Program Files\Python313\python.exe
 -3.12-64 *  C:\Users\ä b\Python312\python.exe
 -V:3.11          C:\Users\a\Python311\python.exe
 -V:3.10-32       C:\Users\a\Python310-32\python.exe
"""
    monkeypatch.setattr(module, "windows", lambda: True)
    monkeypatch.setattr(module, "on_path", lambda name: ["py.exe"] if name == "py" else [])
    monkeypatch.setattr(module, "uvs", lambda: [])
    monkeypatch.setattr(module, "output", lambda words: listed if words == ["py.exe", "-0p"] else "")
    found = [path for path in module.candidates((3, 10), (3, 13)) if path.startswith("C:")]
    assert found == [
        r"C:\Program Files\Python313\python.exe",
        r"C:\Users\ä b\Python312\python.exe",
        r"C:\Users\a\Python311\python.exe",
    ]


def test_a_file_beside_workbook_py_takes_no_librarys_place(machine):
    """JupyterLab makes new files in that folder, and a learner may call one random.py."""
    folder = machine.environment()
    for name in sys.stdlib_module_names | {"pip", "fanaoi_helpers"}:
        (machine.root / f"{name}.py").write_text(f"raise SystemExit('{name} of the learner was run')")
    done = machine.start([BASE], ["0"])
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith(str(folder))


@pytest.fixture
def module(machine):
    """workbook.py of a machine with an environment, as a module."""
    machine.environment()
    spec = importlib.util.spec_from_file_location("workbook_bad_luck", machine.root / "workbook.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_a_folder_that_is_gone_is_told(machine, tmp_path):
    gone = tmp_path / "gone"
    gone.mkdir()
    words = [BASE, str(machine.root / "workbook.py"), "list"]
    command = f'cd "{gone}" && rmdir "{gone}" && exec "$@"'
    done = subprocess.run(["/bin/sh", "-c", command, "sh", *words], capture_output=True, text=True)
    assert done.returncode == 1
    assert done.stderr == "The folder that you are in is gone: change to another one, then start again.\n"


def test_it_can_be_started_through_a_link_from_another_folder(machine, tmp_path):
    folder = machine.environment()
    link = tmp_path / "start here ü.py"
    link.symlink_to(machine.root / "workbook.py")
    done = subprocess.run([BASE, link, "0"], capture_output=True, text=True, input="", env={"LC_ALL": "C"})
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith(str(folder))


def test_a_marker_that_is_no_text_is_an_unfinished_set_up(module):
    root = Path(module.ROOT)
    python = Path(module.environment_python(root))
    assert module.finished(root, root / ".venv", python)
    (root / ".venv" / module.MARKER).write_bytes(b"\xff\xfe\x00")
    assert not module.finished(root, root / ".venv", python)


@pytest.mark.parametrize(
    ("number", "words"),
    [
        (errno.ENOSPC, "The disk is full"),
        (errno.EDQUOT, "The disk is full"),
        (errno.EROFS, "A file could not be written"),
        (errno.EACCES, "A file could not be written"),
        (errno.EIO, "The set-up failed ([Errno 5] "),
    ],
)
def test_what_the_system_refuses_is_a_sentence(module, monkeypatch, capsys, number, words):
    """Wherever it happens: here where the set-up begins."""

    def refuse(root):
        raise OSError(number, os.strerror(number), "a file")

    monkeypatch.setattr(module, "ready", refuse)
    assert module.main(["list"]) == 1
    told = capsys.readouterr().err
    assert told.startswith(words)
    assert told.count("\n") == 1


@pytest.mark.parametrize(("number", "free"), [(errno.EAGAIN, False), (errno.ENOLCK, True)])
def test_a_file_system_without_locks_keeps_nobody_waiting(module, monkeypatch, tmp_path, number, free):
    import fcntl

    def refuse(file, how):
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(fcntl, "flock", refuse)
    with (tmp_path / "lock").open("a") as file:
        assert module.locked(file) is free


@pytest.mark.parametrize("path", [None, ""])
def test_without_a_path_the_current_folder_does_not_become_one(module, monkeypatch, path):
    monkeypatch.delenv("PATH")
    if path is not None:
        monkeypatch.setenv("PATH", path)
    folders = module.environment(Path(module.environment_python(module.ROOT)))["PATH"].split(os.pathsep)
    assert "" not in folders
    assert "/usr/bin" in folders
