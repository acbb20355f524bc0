#!/usr/bin/env python3
"""Set up and open the FanAOI workbook, with nothing but Python 3.10 to 3.13.

python3 workbook.py             open JupyterLab at the first notebook
python3 workbook.py lab ...     the same; further words go to JupyterLab (--no-browser, --port 9999)
python3 workbook.py test ...    run every test; further words go to pytest
python3 workbook.py run 05      any other words go to the fanaoi command (run, list, store)

The first start makes the environment .venv beside this file; later starts use it again.
FANAOI_CPU=1 leaves the GPU's libraries out of it, FANAOI_NO_BROWSER=1 opens no browser.
"""
# Every Python down to 2.7 must be able to read this file, because an old one is answered by a sentence and
# not by a syntax error. Hence no f-strings, no annotations, and the version check before the other imports.

import sys

if not (3, 10) <= sys.version_info[:2] <= (3, 13):
    sys.exit(
        "The workbook needs Python 3.10 to 3.13, but this is Python {}.{}. Install Python 3.12 from "
        "https://www.python.org/downloads/ and start again with it: python3.12 workbook.py (on Windows: "
        "py -3.12 workbook.py).".format(*sys.version_info[:2])
    )

import contextlib
import hashlib
import json
import os
import platform
import re
import shutil
import subprocess
import tempfile
import time
from pathlib import Path

FIRST = "notebooks/00_start_here.ipynb"
MARKER = "workbook-is-ready.txt"
GIGABYTE = 1e9
SPACE = 4 * GIGABYTE  # the environment takes 2.7 GB, pip's downloads 0.9 GB for a while
SPACE_CUDA = 8 * GIGABYTE

# What pip says (in lower case), and what it means to the person in front of it.
REASONS = [
    (
        ["no space left", "errno 28", "not enough space", "winerror 112"],
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
        ["permission denied", "access is denied", "winerror 5", "winerror 32", "errno 13"],
        "A file could not be written: close every JupyterLab of this workbook, check that this folder is "
        "yours, then start again.",
    ),
]


class Stop(Exception):
    """The set-up can't go on; the message says why and what to do."""


def main(arguments):
    """Set up what is missing, then do what ``arguments`` say; return the exit status."""
    if arguments[:1] in (["-h"], ["--help"], ["help"]):
        say(__doc__)
        return 0
    root = Path(__file__).resolve().parent
    try:
        python = ready(root)
    except Stop as stop:
        say(str(stop), sys.stderr)
        return 1
    except KeyboardInterrupt:
        say("\nStopped. The next start goes on from here.", sys.stderr)
        return 130
    words, folder = command(root, arguments)
    return hand_over(python, words, folder)


def say(text, stream=None):
    """Print ``text`` at once, also where the output is a pipe."""
    stream = stream or sys.stdout
    stream.write(text.rstrip("\n") + "\n")
    stream.flush()


# ---- What is run ------------------------------------------------------------------------------------------


def command(root, arguments):
    """Return what the environment's Python is to run for ``arguments``, and in which folder."""
    if arguments and arguments[0] == "test":
        return ["-m", "pytest"] + arguments[1:], root
    if arguments and arguments[0] != "lab":
        return ["-m", "fanaoi_helpers"] + arguments, Path.cwd()
    words = ["-m", "jupyterlab", "--ServerApp.ip=127.0.0.1", "--ServerApp.root_dir={}".format(root)]
    words += ["--LabApp.default_url=/lab/tree/" + FIRST]
    if os.environ.get("FANAOI_NO_BROWSER", "0") not in ("", "0"):
        words += ["--no-browser"]
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        words += ["--allow-root"]  # otherwise JupyterLab refuses a container's root user
    return words + arguments[1:], root


def hand_over(python, words, folder):
    """Run the environment's Python on ``words`` in ``folder`` and return its exit status."""
    words = [str(python)] + words
    if os.name != "nt":
        os.chdir(str(folder))
        os.execve(words[0], words, environment(python))
    # On Windows exec would give the terminal back at once, so wait; Ctrl-C is the business of what runs.
    process = subprocess.Popen(words, cwd=str(folder), env=environment(python))
    while True:
        try:
            return process.wait()
        except KeyboardInterrupt:
            continue


def environment(python):
    """Return the variables that programs of the environment get."""
    variables = dict(os.environ)
    for name in ("PYTHONHOME", "PYTHONPATH"):  # other installations stay out
        variables.pop(name, None)
    variables["VIRTUAL_ENV"] = str(python.parent.parent)
    variables["PATH"] = str(python.parent) + os.pathsep + variables.get("PATH", "")
    variables["JUPYTER_PREFER_ENV_PATH"] = "1"  # the kernel is this environment's, not one of the user's
    variables["PIP_DISABLE_PIP_VERSION_CHECK"] = "1"
    variables["PYTHONUTF8"] = "1"
    return variables


# ---- Is all there? ----------------------------------------------------------------------------------------


def ready(root):
    """Return the environment's Python; set the environment up first unless it is as it must be."""
    folder = root / ".venv"
    python = folder / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    if not finished(root, folder, python):
        with lock(root):
            if not finished(root, folder, python):  # another start may have done it meanwhile
                set_up(root, folder, python)
    return python


def finished(root, folder, python):
    """Tell whether the environment works and was made from the present requirements in the present place."""
    try:
        return (folder / MARKER).read_text(encoding="utf-8") == fingerprint(root, version(python))
    except OSError:
        return False


def fingerprint(root, python_version):
    """Return a text that changes with the requirements, the package's metadata, the Python and the place."""
    digest = hashlib.sha256()
    for name in ("requirements.txt", "pyproject.toml"):
        digest.update((root / name).read_bytes().replace(b"\r\n", b"\n") + b"\0")
    return "\n".join([digest.hexdigest(), python_version, sys.platform, platform.machine(), str(root)])


def version(python):
    """Return the version of the environment's Python, "" where it is missing, broken or without pip."""
    code = "import pip, sys; print('%d.%d.%d' % sys.version_info[:3])"
    try:
        output = subprocess.check_output([str(python), "-I", "-c", code], stderr=subprocess.DEVNULL)
    except (OSError, subprocess.CalledProcessError):
        return ""
    return output.decode().strip()


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
        if os.name == "nt":
            import msvcrt

            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
        else:
            import fcntl

            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True


# ---- Setting up -------------------------------------------------------------------------------------------


def set_up(root, folder, python):
    """Make the environment or finish it, and write the marker last."""
    check_writable(root)
    if version(python).startswith(("3.10.", "3.11.", "3.12.", "3.13.")):
        say("Bringing the environment up to date.")
    else:
        create(root, folder)
    drop_halves(folder)
    install(python, ["-r", str(root / "requirements.txt")])
    # The requirements hold setuptools, so that the package itself needs no network.
    install(python, ["--no-deps", "--no-build-isolation", "-e", str(root)])
    if has_gpu():
        add_cuda(root, python)
    # JupyterLab must not ask the learner about news, nor the network about updates.
    silence = {"fetchNews": "false", "checkForUpdates": False}
    settings = json.dumps({"@jupyterlab/apputils-extension:notification": silence})
    put(folder / "share/jupyter/lab/settings/overrides.json", settings)
    put(folder / MARKER, fingerprint(root, version(python)))


def check_writable(root):
    """Refuse a folder that nothing can be written to."""
    try:
        with tempfile.TemporaryFile(dir=str(root)):
            pass
    except OSError as error:
        raise Stop(
            "Nothing can be written to {} ({}): copy the workbook to a folder of your own, "
            "then start again.".format(root, error.strerror)
        )


def create(root, folder):
    """Make an empty environment, in place of a broken one."""
    if os.path.lexists(str(folder)):
        say("The environment in {} is broken: making it anew.".format(folder))
        try:
            shutil.rmtree(str(folder))
        except OSError as error:
            reason = error.strerror
            raise Stop("{} could not be removed ({}): remove it, then start again.".format(folder, reason))
    free = shutil.disk_usage(str(root)).free
    if free < SPACE:
        raise Stop(
            "The set-up needs {:.0f} GB of disk, but {} has {:.1f} GB free: make room, "
            "then start again.".format(SPACE / GIGABYTE, root, free / GIGABYTE)
        )
    try:
        import ensurepip  # noqa: F401
        import venv  # noqa: F401
    except ImportError:
        raise Stop(
            "This Python has no complete venv module: install it (Debian and Ubuntu: sudo apt install "
            "python{}.{}-venv), then start again.".format(*sys.version_info[:2])
        )
    say("Setting the workbook up in {}: some minutes and about 4 GB, this once.".format(folder))
    say("If it is interrupted, the next start goes on.")
    status, errors = make_venv(folder)
    if status:
        raise Stop(explain(errors))


def make_venv(folder):
    """Make an environment that holds pip alone; return the exit status and what was said."""
    words = [sys.executable, "-m", "venv", str(folder)]
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
    words = [str(python), "-m", "pip"] + arguments
    process = subprocess.Popen(words, stderr=subprocess.PIPE, env=environment(python))
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
            "There is no {} for this computer ({}, Python {}): use a 64-bit Python 3.12, or open the "
            "notebooks on Colab.".format(
                missing.group(1), platform.platform(terse=True), platform.python_version()
            )
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
