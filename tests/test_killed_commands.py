"""A command that is killed (-9) at the worst moment leaves the old file whole, and nothing for ever."""

import os
import subprocess
import sys

import nbformat
import numpy as np
import pytest
from PIL import Image
from test_runs import BADGE, make

from fanaoi_helpers import __main__ as command
from fanaoi_helpers import files, notebooks
from fanaoi_helpers.exercises import ledger

# What is written is on the disk, under a name of its own, and was not renamed yet.
KILLED = """import os, signal, sys
from pathlib import Path
from fanaoi_helpers import __main__

place = Path(sys.argv.pop(1))
real = Path.replace
def replace(path, target):
    if Path(target).absolute() == place:
        os.kill(os.getpid(), signal.SIGKILL)
    return real(path, target)
Path.replace = replace
__main__.main(sys.argv[1:])
"""
COMMANDS = {
    "check --json": ("out/a.json", ["check", "photos", "--no-copies", "--json", "out/a.json"]),
    "ledger --csv": ("out/a.csv", ["ledger", "mine.jsonl", "--csv", "out/a.csv"]),
    "render": ("out/manifest.csv", ["render", "out", "--units=4", "--shots=1", "--size=32", "--workers=1"]),
    "run": ("out/31_tiny.ipynb", ["run", "nb/31_tiny.ipynb", "--output", "out"]),
    "store": ("nb/31_tiny.ipynb", ["store", "nb/31_tiny.ipynb"]),
}


@pytest.fixture
def place(tmp_path, monkeypatch):
    """A folder with all that the commands ask for."""
    monkeypatch.chdir(tmp_path)
    for label in ("GO", "NG"):
        (tmp_path / "photos" / label).mkdir(parents=True)
        for number in range(2):
            gray = np.random.default_rng(number).integers(0, 256, (64, 64), np.uint8)  # GO and NG are copies
            Image.fromarray(gray).save(tmp_path / "photos" / label / f"{number}.png")
    (tmp_path / "nb").mkdir()
    cells = [(f"# T\n\n{BADGE}", "markdown"), ("", "setup"), ("a = 1", "parameters"), ("print(a)", "")]
    make(tmp_path / "nb" / "31_tiny.ipynb", *cells)
    monkeypatch.setenv("FANAOI_HEADLESS", "0")
    monkeypatch.setenv("FANAOI_LEDGER", str(tmp_path / "mine.jsonl"))
    assert ledger.note("check", "02", "sum", answer=1) == ""
    monkeypatch.setenv("FANAOI_HEADLESS", "1")
    return tmp_path


def hidden(place):
    return sorted(path for path in place.rglob(".*") if "fanaoi" in path.name or "lock" in path.name)


@pytest.mark.skipif(os.name != "posix", reason="signals of POSIX")
@pytest.mark.parametrize("name", COMMANDS)
def test_the_old_file_stays_and_nothing_else(place, name):
    target, words = place / COMMANDS[name][0], COMMANDS[name][1]
    target.parent.mkdir(exist_ok=True)
    if name in ("check --json", "ledger --csv", "run"):
        target.write_bytes(b"old")
    before = target.read_bytes() if target.exists() else None
    environment = {**os.environ, "PYTHONPATH": str(files.root())}
    killed = [sys.executable, "-c", KILLED, str(target), *words]
    done = subprocess.run(killed, env=environment, capture_output=True, text=True)
    assert done.returncode == -9, done.stderr
    assert (target.read_bytes() if target.exists() else None) == before
    left = [path for path in hidden(target.parent) if path.name.endswith(target.name[-40:])]
    assert len(left) == 1 and left[0].stat().st_size  # so it was the moment
    for path in hidden(place):
        os.utime(path, (1e9, 1e9))
    with pytest.raises(SystemExit) as ended:
        command.main(words)
    assert ended.value.code in (None, 0, 3)
    assert target.read_bytes() != before and hidden(target.parent) == [], hidden(target.parent)
    if target.suffix == ".ipynb":
        assert nbformat.read(target, as_version=4).cells[-1].outputs and notebooks.read(target)
