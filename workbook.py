#!/usr/bin/env python3
"""Set up and open the FanAOI workbook, with nothing but Python.

python3 workbook.py             open JupyterLab at the first notebook: copies of your own, without answers
python3 workbook.py lab ...     the same; further words go to JupyterLab (--no-browser, --port 9999)
python3 workbook.py test ...    run every test; further words go to pytest (-n 0: on one core)
python3 workbook.py colab       run every notebook as on Colab, with the versions that are there
python3 workbook.py bounds ...  run every test on the oldest versions (lowest) or on the newest
python3 workbook.py backends X  run notebooks 03, 05 and 06 on another backend of Keras, jax or torch
python3 workbook.py reset 02    a fresh copy of 02; yours is kept under another name
python3 workbook.py run 05      any other words go to the fanaoi command, too (run, list, store)

Where the Python that it is started with does not fit, it looks for one that does and goes on with that.
The first start makes the environment .venv beside this file; later starts use it again.
FANAOI_CPU=1 leaves the GPU's libraries out of it, FANAOI_NO_BROWSER=1 opens no browser.
"""
# Every Python down to 2.7 must be able to read this file, and to run it as far as "Here is a Python that
# fits", because an old one looks for a newer. Hence no f-strings, no annotations, no pathlib until then.
# ruff: noqa: PTH109, PTH110, PTH111, PTH113, PTH117, PTH118, PTH120, PTH123, PTH207, UP020

import os
import sys

PROGRAM = os.path.realpath(__file__)
ROOT = os.path.dirname(PROGRAM)
if __name__ == "__main__":
    # Python puts a program's folder before its own library, but a learner's random.py there is not Python's.
    sys.path[:] = [path for path in sys.path if path and os.path.realpath(path) != ROOT]

import errno
import glob
import io
import re
import subprocess
import time

PARTS = ["pyproject.toml", "requirements.txt", "fanaoi_helpers", "notebooks"]
PROBE = "--does-this-python-fit"
HANDED_ON = "FANAOI_HANDED_ON"  # set for the Python that was chosen, which must not choose once more
BROKEN = "its environment .venv is broken"
PATIENCE = 30  # seconds for a Python to say its version

# Where Pythons lie that are not on PATH; {0} is 3.12, {1} is 312.
PLACES = [
    "$PYENV_ROOT/versions/{0}*/bin/python{0}",
    "~/.pyenv/versions/{0}*/bin/python{0}",
    "$UV_PYTHON_INSTALL_DIR/cpython-{0}*/bin/python{0}",
    "$XDG_DATA_HOME/uv/python/cpython-{0}*/bin/python{0}",
    "~/.local/share/uv/python/cpython-{0}*/bin/python{0}",
    "~/.asdf/installs/python/{0}*/bin/python{0}",
    "~/.local/share/mise/installs/python/{0}*/bin/python{0}",
    "/opt/homebrew/opt/python@{0}/bin/python{0}",
    "/usr/local/opt/python@{0}/bin/python{0}",
    "$HOMEBREW_PREFIX/opt/python@{0}/bin/python{0}",
    "/Library/Frameworks/Python.framework/Versions/{0}/bin/python{0}",
]
PLACES_WINDOWS = [
    "$LOCALAPPDATA/Programs/Python/Python{1}/python.exe",
    "$LOCALAPPDATA/Python/pythoncore-{0}-64/python.exe",
    "$PROGRAMFILES/Python{1}/python.exe",
    "$PYENV_ROOT/versions/{0}*/python.exe",
    "~/.pyenv/pyenv-win/versions/{0}*/python.exe",
    "$UV_PYTHON_INSTALL_DIR/cpython-{0}*/python.exe",
    "$APPDATA/uv/python/cpython-{0}*/python.exe",
]


class Stop(Exception):
    """The start can't go on; the message says why and what to do."""


def say(text, stream=None):
    """Print ``text`` at once, also where the output is a pipe; stdout is for what the user asked for."""
    stream = stream or sys.stderr
    if stream:  # None where it was closed
        stream.write(text.rstrip("\n") + "\n")
        stream.flush()


# ---- The right Python -------------------------------------------------------------------------------------


def go_on_with_the_right_python(arguments):
    """Return where the running Python fits; otherwise go on with one that does, or raise Stop."""
    if arguments == [PROBE]:
        say("{}.{}.{} {}".format(*(tuple(sys.version_info[:3]) + (misfit(),))), sys.stdout)
        sys.exit(0)
    handed_on = os.environ.pop(HANDED_ON, "")
    if arguments[:1] in (["-h"], ["--help"], ["help"]):
        say(__doc__, sys.stdout)
        sys.exit(0)
    try:
        os.getcwd()
    except OSError:
        raise Stop("The folder that you are in is gone: change to another one, then start again.")
    missing = [part for part in PARTS if not os.path.exists(os.path.join(ROOT, part))]
    if missing:
        raise Stop(
            "workbook.py needs the whole workbook around it, but there is no {} in {}: get all of it (unpack "
            "the whole .zip), then start it there.".format(missing[0], ROOT)
        )
    reason = misfit()
    if not reason:
        return
    running = "Python {}.{} does not fit ({})".format(sys.version_info[0], sys.version_info[1], reason)
    python, version, passed = (None, "", []) if handed_on else fitting()
    if not python:
        raise Stop("{}, and no other was found that does{}.".format(running, advice(reason, passed)))
    say("{}: going on with Python {}, {}.".format(running, version, python))
    variables = neutral()
    variables[HANDED_ON] = "1"
    sys.exit(become([python, PROGRAM] + arguments, None, variables))


def admitted():
    """Return the oldest and the newest Python that fit, each as in (3, 12).

    pyproject.toml is the one place that says so.
    """
    with io.open(os.path.join(ROOT, "pyproject.toml"), encoding="utf-8", errors="replace") as file:
        found = re.search(r'^requires-python *= *">=3\.(\d+), *<3\.(\d+)"', file.read(), re.MULTILINE)
    if not found:
        raise Stop(
            "pyproject.toml in {} does not say which Python fits (requires-python): restore it.".format(ROOT)
        )
    return (3, int(found.group(1))), (3, int(found.group(2)) - 1)


def misfit():
    """Return why the running Python does not fit, "" where it does."""
    oldest, newest = admitted()
    if not oldest <= sys.version_info[:2] <= newest:
        return "the workbook needs Python {}.{} to {}.{}".format(*(oldest + newest))
    import platform
    import struct
    import sysconfig

    if platform.python_implementation() != "CPython":
        return "it is {}, for which TensorFlow has no build".format(platform.python_implementation())
    if sysconfig.get_config_var("Py_GIL_DISABLED"):
        return "it is free-threaded, for which TensorFlow has no build"
    if struct.calcsize("P") < 8:
        return "it has 32 bits, but TensorFlow needs 64"
    inside = in_environment()
    try:
        if inside:
            import pip  # noqa: F401
        else:
            import ensurepip  # noqa: F401
            import venv  # noqa: F401
    except ImportError:
        return BROKEN if inside else "it has no complete venv module"
    return ""


def fitting():
    """Return a Python that fits, its version, and the others that were passed over for a reason."""
    passed = []
    seen = set()
    for python in candidates(*admitted()):
        if python in seen:
            continue
        seen.add(python)
        version, reason = probe(python)
        if version and not reason:
            return python, version, passed
        if version and python != sys.executable:  # what is wrong with this one is told anyway
            passed.append((python, version, reason))
    return None, "", passed


def probe(python):
    """Return the version of a Python and why it does not fit; ("", "") where it does not even run.

    It is asked by running it: a name on PATH may be a shim or a stub with nothing behind it.
    """
    found = re.match(r"(\d+\.\d+\.\d+) (.*)", output([str(python), PROGRAM, PROBE]))
    return found.groups() if found else ("", "")


def candidates(oldest, newest):
    """Yield the paths where a Python that fits may be: the environment's own, then the newest first."""
    yield environment_python(ROOT)
    if in_environment():  # and broken: the Python that it was made with
        program = "python.exe" if windows() else "bin/python{}.{}".format(*sys.version_info[:2])
        yield os.path.join(sys.base_prefix, *program.split("/"))
    listed = [line for py in on_path("py") for line in output([py, "-0p"]).splitlines()] if windows() else []
    for minor in range(newest[1], oldest[1] - 1, -1):
        name = "3.{}".format(minor)
        for path in on_path("python" + name):
            yield path
        for line in listed:  # such as " -V:3.12 *        C:\...\python.exe" or " -3.12-64  C:\...\python.exe"
            found = re.match(r" *-(?:V:)?{}(?:-64)?[ *]+(\S.*\.exe)".format(re.escape(name)), line)
            if found:
                yield found.group(1).strip()
        for place in PLACES_WINDOWS if windows() else PLACES:
            place = os.path.expandvars(os.path.expanduser(place.format(name, name.replace(".", ""))))
            if os.path.isabs(place):  # otherwise a variable is not set
                for path in sorted(glob.glob(place), key=numbers, reverse=True):
                    yield path
        for uv in uvs():
            found = output([uv, "python", "find", name]).strip()
            if os.path.isabs(found):
                yield found
    if windows():  # python.org installs no python3.12.exe
        for path in on_path("python"):
            yield path


def windows():
    """Tell whether this is Windows."""
    return os.name == "nt"


def in_environment():
    """Tell whether the running Python is that of the workbook's environment."""
    return os.path.realpath(sys.prefix) == os.path.realpath(os.path.join(ROOT, ".venv"))


def environment_python(root):
    """Return where the Python of the workbook's environment is, or will be."""
    return os.path.join(str(root), ".venv", *(["Scripts", "python.exe"] if windows() else ["bin", "python"]))


def numbers(path):
    """Return the numbers in a path, so that 3.12.10 sorts after 3.12.9."""
    return [int(digits) for digits in re.findall("[0-9]+", path)]


def on_path(name):
    """Return the programs of this name on PATH, all of them: the first one may be a shim that does not work.

    Entries that mean the current folder are left out: nothing in a learner's folder is a program of ours.
    """
    folders = os.environ.get("PATH", os.defpath).split(os.pathsep)
    paths = [os.path.join(folder, name + (".exe" if windows() else "")) for folder in folders]
    # The Store's Pythons on Windows are links of a kind that only lexists sees.
    there = os.path.lexists if windows() else os.path.isfile
    return [path for path in paths if os.path.isabs(path) and there(path) and os.access(path, os.X_OK)]


def uvs():
    """Return where uv is."""
    usual = [os.path.expanduser(path) for path in ("~/.local/bin/uv", "~/.cargo/bin/uv")]
    return (on_path("uv") + [path for path in usual if os.path.isfile(path)])[:1]


def output(words):
    """Return what a program prints; "" where it is missing, fails or takes too long."""
    try:
        with open(os.devnull, "r+") as nothing:
            process = subprocess.Popen(
                words, stdin=nothing, stdout=subprocess.PIPE, stderr=nothing, env=neutral()
            )
    except (OSError, ValueError):
        return ""
    try:
        end = time.time() + PATIENCE
        while process.poll() is None and time.time() < end:
            time.sleep(0.005)
        printed = os.read(process.stdout.fileno(), 65536) if process.returncode == 0 else b""
    finally:
        if process.poll() is None:
            process.kill()
        process.stdout.close()
    return printed if str is bytes else os.fsdecode(printed)


def neutral():
    """Return the environment variables without those that would mislead another Python than this one."""
    variables = dict(os.environ)
    for name in ("PYTHONHOME", "PYTHONPATH", "__PYVENV_LAUNCHER__"):
        variables.pop(name, None)
    return variables


def advice(reason, passed):
    """Return how the sentence ends where no Python fits: what was found, and what to install."""
    newest = "{}.{}".format(*admitted()[1])
    shown = ", ".join("{} ({}: {})".format(*found) for found in passed[:3])
    running = ("", "{}.{}".format(*sys.version_info[:2]), reason)
    without_venv = [version for _, version, why in [running] + passed if "venv module" in why]
    todo = "install Python {} (64 bits) from https://www.python.org/downloads/".format(newest)
    if uvs():
        todo = "run `uv python install {}`".format(newest)
    elif without_venv:
        todo = "install its venv module (Debian and Ubuntu: sudo apt install python{}-venv)".format(
            ".".join(without_venv[0].split(".")[:2])
        )
    return "{}: {}, then start again".format(" (passed over: {})".format(shown) if shown else "", todo)


def become(words, folder, variables):
    """Run a program in place of this one, in ``folder`` (None: here); return its exit status."""
    if not windows():
        if folder:
            os.chdir(folder)
        os.execve(words[0], words, variables)
    # On Windows exec would give the terminal back at once, so wait; Ctrl-C is the business of what runs.
    process = subprocess.Popen(words, cwd=folder, env=variables)
    while True:
        try:
            return process.wait()
        except KeyboardInterrupt:
            continue


def ending(doing, *arguments):
    """Return what ``doing`` returns; what stops it becomes a sentence and an exit status."""
    try:
        return doing(*arguments)
    except Stop as stop:
        say(str(stop))
        return 1
    except KeyboardInterrupt:
        say("\nStopped. The next start goes on from here.")
        return 130


if __name__ == "__main__":
    status = ending(go_on_with_the_right_python, sys.argv[1:])
    if status:
        sys.exit(status)

# ---- Here is a Python that fits ---------------------------------------------------------------------------

import contextlib
import hashlib
import json
import platform
import shutil
import tempfile
from pathlib import Path

MARKER = "workbook-is-ready.txt"
CUDA = "\nwith CUDA"  # stands in it where a GPU was there
GIGABYTE = 1e9
SPACE = 4 * GIGABYTE  # the environment takes 2.7 GB, pip's downloads 0.9 GB for a while
SPACE_CUDA = 8 * GIGABYTE

# What pip says (in lower case), and what it means to the person in front of it.
REASONS = [
    (
        ["do not match the hashes"],
        "A package is not the file that was tested here (broken on its way, or changed by somebody): start "
        "again, or use another package server.",
    ),
    (
        ["no space left", "errno 28", "quota exceeded", "not enough space", "winerror 112"],
        "The disk is full: make 4 GB of room (or set TMPDIR to a folder that has it), then start again.",
    ),
    (
        ["certificate_verify_failed", "certificate verify failed"],
        "The package server's certificate was refused, often because of a company's proxy: ask for its "
        "certificate, set PIP_CERT to that file, then start again.",
    ),
    (
        [
            "retrying (",
            "max retries",
            "connection broken",
            "timed out",
            "proxyerror",
            "network is unreachable",
        ],
        "The package server could not be reached: check the network (or the proxy), then start again; "
        "what is installed by now is kept.",
    ),
    (
        ["long path support", "winerror 206", "filename or extension is too long"],
        "A path got too long for Windows: move this folder to a short place such as C:\\fanaoi, "
        "then start again.",
    ),
    (
        ["permission denied", "access is denied", "read-only", "winerror 5", "winerror 32", "errno 13"],
        "A file could not be written: close every JupyterLab of this workbook, check that this folder is "
        "yours, then start again.",
    ),
]


def main(arguments):
    """Set up what is missing, then do what ``arguments`` say; return the exit status."""
    return ending(start, arguments)


def start(arguments):
    """Do what ``main`` does, but raise Stop where it can't be done."""
    root = Path(ROOT)
    try:
        words, folder = command(root, arguments)
        return hand_over(ready(root), words, folder)
    except OSError as error:
        raise Stop(explain(str(error)))


# ---- What is run ------------------------------------------------------------------------------------------


# How every module is started. Isolated, because -m alone puts the working folder in front of the libraries,
# and a learner's inspect.py or numpy.py there would be run in place of one. Kernels are not: as always in
# Jupyter, they import what lies beside their notebook.
START = ["-I", "-X", "utf8", "-m"]


def command(root, arguments):
    """Return what the environment's Python is to run for ``arguments``, and in which folder."""
    word = arguments[0] if arguments else "lab"
    if word in OWN:
        return OWN[word](root) + arguments[1:], root
    return START + ["fanaoi_helpers"] + arguments, Path.cwd()


def lab(root):
    """Return how JupyterLab is started."""
    os.environ.update(kept_elsewhere())
    words = START + ["fanaoi_helpers", "lab", "--ServerApp.ip=127.0.0.1"]
    if os.environ.get("FANAOI_NO_BROWSER", "0") not in ("", "0"):
        words += ["--no-browser"]
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        words += ["--allow-root"]  # otherwise JupyterLab refuses a container's root user
    return words


# What programs of a JupyterLab keep, and where if nobody says anything else.
KEPT = {
    "JUPYTER_CONFIG_DIR": "~/.jupyter",
    "JUPYTER_DATA_DIR": "~/.local/share/jupyter",
    "IPYTHONDIR": "~/.ipython",
    "MPLCONFIGDIR": "~/.config/matplotlib",
}


def kept_elsewhere():
    """Return variables for a home folder that can't be written to: another place for what is kept there."""
    if windows():  # where these lie elsewhere, and permissions are told by writing only
        return {}
    names = []
    for name, place in KEPT.items():
        there = Path(place).expanduser()
        while not os.path.lexists(str(there)) and there != there.parent:
            there = there.parent
        if name not in os.environ and not os.access(str(there), os.W_OK | os.X_OK):
            names.append(name)
    if not names:
        return {}
    folder = tempfile.mkdtemp(prefix="fanaoi-home-")
    say("Your home folder can't be written to: what Jupyter keeps there goes to {} this time.".format(folder))
    return {name: os.path.join(folder, name.lower()) for name in names}


def test(root):
    """Return how the tests are started: files beside each other, one more than there are cores.

    One in four seconds a test waits, for a browser or a kernel. Four at most, for memory's sake.
    """
    beside = min(4, (os.cpu_count() or 1) + 1)
    return START + ["pytest", "--numprocesses={}".format(beside), "--dist=loadfile", "--durations=15"]


def colab(root):
    """Return how the notebooks are run on what Colab has."""
    return ["-s", "-X", "utf8", str(root / "tests" / "outside" / "colab.py")]


def bounds(root):
    """Return how the tests are run on the oldest or newest versions."""
    return ["-s", "-X", "utf8", str(root / "tests" / "outside" / "bounds.py")]


def backends(root):
    """Return how notebooks are run on another backend of Keras."""
    return ["-s", "-X", "utf8", str(root / "tests" / "outside" / "backends.py")]


# The words that are done in the workbook's folder; all others are the fanaoi command's.
OWN = {"lab": lab, "test": test, "colab": colab, "bounds": bounds, "backends": backends}


def hand_over(python, words, folder):
    """Run the environment's Python on ``words`` in ``folder`` and return its exit status."""
    return become([str(python)] + words, str(folder), environment(python))


def environment(python):
    """Return the variables that programs of the environment get."""
    # What VS Code's terminal sets would make libraries take the JupyterLab that is started there for VS Code.
    variables = {name: value for name, value in neutral().items() if not name.startswith("VSCODE_")}
    variables["VIRTUAL_ENV"] = str(python.parent.parent)
    # No PATH is the system's usual one; an empty one would be the current folder.
    others = variables.get("PATH") or os.defpath
    variables["PATH"] = str(python.parent) + os.pathsep + others
    variables["JUPYTER_PREFER_ENV_PATH"] = "1"  # the kernel is this environment's, not one of the user's
    variables["PIP_DISABLE_PIP_VERSION_CHECK"] = "1"
    variables["PYTHONUTF8"] = "1"
    return variables


# ---- Is all there? ----------------------------------------------------------------------------------------


def ready(root):
    """Return the environment's Python; set the environment up first unless it is as it must be."""
    folder = root / ".venv"
    python = Path(environment_python(root))
    if not finished(root, folder, python):
        with lock(root):
            if not finished(root, folder, python):  # another start may have done it meanwhile
                set_up(root, folder, python)
    elif new_gpu(folder):
        with lock(root):
            if new_gpu(folder):
                add_cuda(root, python)
                mark(root, folder, python, True)
    return python


def finished(root, folder, python):
    """Tell whether the environment works and was made from the present requirements in the present place."""
    try:
        marked = (folder / MARKER).read_text(encoding="utf-8")
        return marked.replace(CUDA, "") == fingerprint(root, version(python))
    except (OSError, ValueError):  # ValueError: the marker is no text
        return False


def new_gpu(folder):
    """Tell whether a GPU is here now, and was not when the environment was made.

    Its driver may have come later, or the first start was told to leave it out. An environment that can't
    be written to stays as it is.
    """
    marked = (folder / MARKER).read_text(encoding="utf-8")
    return CUDA not in marked and os.access(str(folder), os.W_OK) and has_gpu()


def mark(root, folder, python, gpu):
    """Note that the environment is ready, and whether the CUDA libraries' turn was taken."""
    put(folder / MARKER, fingerprint(root, version(python)) + CUDA * gpu)


def fingerprint(root, python_version):
    """Return a text that changes with the requirements, the package's metadata, the Python and the place."""
    digest = hashlib.sha256()
    for name in ("requirements.txt", "pyproject.toml"):
        digest.update((root / name).read_bytes().replace(b"\r\n", b"\n") + b"\0")
    return "\n".join([digest.hexdigest(), python_version, sys.platform, platform.machine(), str(root)])


def version(python):
    """Return the version of the environment's Python, "" where it is missing, broken or does not fit."""
    found, reason = probe(python)
    return "" if reason else found


@contextlib.contextmanager
def lock(root):
    """Let one start at a time set the environment up; a program that ends loses the lock by itself."""
    name = "fanaoi-{}.lock".format(hashlib.sha256(os.fsencode(str(root))).hexdigest()[:16])
    try:
        file = (Path(tempfile.gettempdir()) / name).open("a")
    except OSError:  # another user's lock, or no place for one: go on without
        yield
        return
    with file:
        told = False
        while not locked(file):
            if not told:
                say("Another start is setting the workbook up; waiting for it.")
            told = True
            time.sleep(0.5)
        yield


def locked(file):
    """Try to take the lock; tell whether it was free."""
    try:
        if windows():
            import msvcrt

            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
        else:
            import fcntl

            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:  # any other error: a file system without locks
        return error.errno not in (errno.EACCES, errno.EAGAIN, errno.EDEADLK)
    return True


# ---- Setting up -------------------------------------------------------------------------------------------


def set_up(root, folder, python):
    """Make the environment or finish it, and write the marker last."""
    check_writable(root)
    if version(python):
        say("Bringing the environment up to date.")
    else:
        create(root, folder, python)
    drop_halves(folder)
    install(python, ["-r", str(root / "requirements.txt")])
    # The requirements hold setuptools, so that the package itself needs no network.
    install(python, ["--no-deps", "--no-build-isolation", "-e", str(root)])
    gpu = has_gpu()
    if gpu:
        add_cuda(root, python)
    # JupyterLab must not ask the learner about news, nor the network about updates.
    silence = {"fetchNews": "false", "checkForUpdates": False}
    settings = json.dumps({"@jupyterlab/apputils-extension:notification": silence})
    put(folder / "share/jupyter/lab/settings/overrides.json", settings)
    mark(root, folder, python, gpu)


def check_writable(root):
    """Refuse a folder that nothing can be written to."""
    try:
        with tempfile.TemporaryFile(dir=str(root)):
            pass
    except OSError as error:
        raise Stop(
            "Nothing can be written to {} ({}): copy the workbook to a folder of your own, "
            "then start again.".format(root, error.strerror or error)
        )


def create(root, folder, python):
    """Make an empty environment, in place of a broken one."""
    if os.path.lexists(str(folder)):
        say(
            "The environment in {} {}: making it anew with Python {}.".format(
                folder, wrong_with(folder, python), platform.python_version()
            )
        )
        try:
            shutil.rmtree(str(folder))
        except OSError as error:
            reason = error.strerror or error
            raise Stop("{} could not be removed ({}): remove it, then start again.".format(folder, reason))
    free = shutil.disk_usage(str(root)).free
    if free < SPACE:
        raise Stop(
            "The set-up needs {:.0f} GB of disk, but {} has {:.1f} GB free: make room, "
            "then start again.".format(SPACE / GIGABYTE, root, free / GIGABYTE)
        )
    say("Setting the workbook up in {}: some minutes and about 4 GB, this once.".format(folder))
    say("If it is interrupted, the next start goes on.")
    status, errors = make_venv(folder)
    if status:
        raise Stop(explain(errors))


def wrong_with(folder, python):
    """Return what is wrong with an environment: its Python does not fit, is gone, or something else."""
    found, reason = probe(python)
    if found and reason != BROKEN:
        return "was made by Python {} ({})".format(found, reason)
    try:
        settings = (folder / "pyvenv.cfg").read_text(encoding="utf-8", errors="replace")
        home = re.search("^home *= *(.+)$", settings, re.MULTILINE).group(1).strip()
    except (OSError, AttributeError):
        return "is broken"
    gone = not Path(home).is_dir() or python.is_symlink() and not python.exists()
    return "was made by a Python that is gone ({})".format(home) if gone else "is broken"


def make_venv(folder):
    """Make an environment that holds pip alone; return the exit status and what was said."""
    words = [sys.executable] + START + ["venv", str(folder)]
    result = subprocess.run(words, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    return result.returncode, result.stdout.decode("utf-8", "replace")


def drop_halves(folder):
    """Drop the metadata of packages whose installation was cut off: pip would take them for installed.

    pip writes INSTALLER after the package's own files.
    """
    for place in list(folder.glob("lib/python*/site-packages")) + list(folder.glob("Lib/site-packages")):
        for path in list(place.glob("*.dist-info")):
            if not (path / "INSTALLER").exists():
                shutil.rmtree(str(path))


def install(python, arguments):
    """Run ``pip install`` with its progress visible; a failure becomes one sentence."""
    status, errors = pip(python, ["install", "--retries", "3"] + arguments)
    if status:
        raise Stop(explain(errors))


def pip(python, arguments):
    """Run pip; return its exit status and what it wrote to stderr."""
    words = [str(python)] + START + ["pip"] + arguments
    # Its progress is no result: `workbook.py inspect ... > verdicts.csv` may be the first start.
    process = subprocess.Popen(words, stdout=2, stderr=subprocess.PIPE, env=environment(python))
    try:
        errors = process.communicate()[1]
    except KeyboardInterrupt:
        process.wait()  # pip has got the same Ctrl-C and takes back what is half done
        raise
    return process.returncode, errors.decode("utf-8", "replace")


def explain(errors):
    """Return one sentence for what pip or venv wrote before it gave up."""
    low = errors.lower()
    for signs, sentence in REASONS:
        if any(sign in low for sign in signs):
            return sentence
    missing = re.search("no matching distribution found for ([^ \n]+)", low)
    if missing:
        return (
            "There is no {} for this computer ({}, Python {}): use another one, or open the notebooks on "
            "Colab.".format(missing.group(1), platform.platform(terse=True), platform.python_version())
        )
    lines = [line.strip() for line in errors.splitlines() if line.strip()]
    found = [line for line in lines if line.lower().startswith("error")] or lines or ["no reason given"]
    return "The set-up failed ({}): start again, or remove the folder .venv first.".format(found[-1])


def has_gpu():
    """Tell whether to install for an NVIDIA GPU: Linux, a GPU listed by its driver, and nobody said no."""
    wanted = sys.platform.startswith("linux") and os.environ.get("FANAOI_CPU", "0") in ("", "0")
    if not wanted or not shutil.which("nvidia-smi"):
        return False
    try:
        listed = subprocess.check_output(["nvidia-smi", "-L"], stderr=subprocess.DEVNULL, timeout=30)
    except (OSError, subprocess.SubprocessError):
        return False
    return b"GPU " in listed


def add_cuda(root, python):
    """Add the CUDA libraries of the pinned TensorFlow; without them the workbook runs on the CPU."""
    requirements = (root / "requirements.txt").read_text(encoding="utf-8")
    pinned = re.search("^tensorflow==([0-9.]+)", requirements, re.MULTILINE).group(1)
    say("An NVIDIA GPU is here: adding TensorFlow's CUDA libraries (FANAOI_CPU=1 leaves them out).")
    if shutil.disk_usage(str(root)).free < SPACE_CUDA:
        failure = "They need {:.0f} GB of disk, and less is free.".format(SPACE_CUDA / GIGABYTE)
    else:
        status, errors = pip(python, ["install", "--retries", "3", "tensorflow[and-cuda]==" + pinned])
        failure = explain(errors) if status else ""
    if failure:
        say("The CUDA libraries were not added: the workbook will run on the CPU. {}".format(failure))
        say("To try them again, remove .venv/{} and start again.".format(MARKER))


def put(path, text):
    """Write a file beside ``path`` and then in its place, so that it is there whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(path.name + ".new")
    beside.write_text(text, encoding="utf-8")
    beside.replace(path)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
