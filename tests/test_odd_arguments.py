"""No traceback from any command, whatever stands on its line: a sentence, and a status that means it."""

import os
import subprocess
import sys

import click
import pytest

from fanaoi_helpers import __main__ as command
from fanaoi_helpers import files

UNEXPECTED = "did not expect"
ODD = {
    "a user who is not there": "~nosuchuser/x",
    "nothing": "",
    "a zero byte": "a\0b",
    "a name too long": "x" * 300,
    "a path too long": "x/" * 3000,
    "an odd byte": os.fsdecode(b"\xff.x"),
    "letters for a terminal": "\x1b[2J\n.x",
    "a folder": "FOLDER",
    "a folder for a file": "FOLDER/",
    "below a file": "FILE/x",
    "a device": "/dev/null/x",
}
# Each place where a path may stand; ODD stands there, all others are as they should be.
PLACES = {
    "check": ["ODD", "--no-copies"],
    "check --split": ["PHOTOS", "--no-copies", "--split", "ODD"],
    "check --test": ["PHOTOS", "--no-copies", "--test", "ODD"],
    "check --json": ["PHOTOS", "--no-copies", "--json", "ODD"],
    "check --picture": ["PHOTOS", "--picture", "ODD"],
    "compare": ["ODD", "--methods", "hog_svm"],
    "compare --json": ["PHOTOS", "--methods", "hog_svm", "--json", "ODD"],
    "compare --picture": ["PHOTOS", "--methods", "hog_svm", "--picture", "ODD"],
    "inspect model": ["ODD", "PHOTOS"],
    "inspect photographs": ["nowhere.keras", "ODD"],
    "inspect --policy": ["nowhere.keras", "PHOTOS", "--policy", "ODD"],
    "gate golden": ["ODD", "nowhere.keras"],
    "gate model": ["PHOTOS", "ODD"],
    "gate --policy": ["PHOTOS", "nowhere.keras", "--policy", "ODD"],
    "inspect --output": ["nowhere.keras", "PHOTOS", "--output", "ODD"],
    "render": ["ODD", "--units", "2", "--shots", "1", "--size", "32", "--workers", "0"],
    "ledger": ["ODD"],
    "ledger --csv": ["LEDGER", "--csv", "ODD"],
    "run": ["ODD"],
    "run a file": ["ODD.ipynb"],
    "run --output": ["08", "-p", "seed", "x", "--output", "ODD"],
    "run photos_dir": ["05", "-p", "photos_dir", "ODD", "-p", "seed", "x"],
    "run model_path": ["08", "-p", "model_path", "ODD", "-p", "seed", "x"],
    "run output_dir": ["08", "-p", "output_dir", "ODD", "-p", "seed", "x"],
    "run text": ["05", "-p", "go_class", "ODD", "-p", "seed", "x"],
    "run number": ["05", "-p", "seed", "ODD"],
    "run name": ["05", "-p", "ODD", "1"],
    "reset": ["ODD"],
    "store": ["ODD"],
    "store --from": ["05", "--from", "ODD"],
    "list": ["ODD"],
    "text": ["ODD", "lesson.py"],
    "text FILE": ["05", "ODD"],
    "diff": ["ODD"],
    "diff COMMIT": ["05", "--", "ODD"],
}


# What takes no words of ours: lab gives all of them to JupyterLab.
WORDLESS = {"copies", "lab", "learner"}
# What takes a notebook's number, and no path.
NUMBERS = {"list", "diff", "reset"}
# A name like any other, and git's index.
FINE = [("text FILE", "an odd byte"), ("text FILE", "letters for a terminal"), ("diff COMMIT", "nothing")]


@pytest.fixture
def fanaoi(tmp_path, monkeypatch, capsys):
    """Give a function that runs the command in this process, in a folder of its own."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("FANAOI_RUNS", str(tmp_path / "runs"))
    monkeypatch.setenv("FANAOI_NOTEBOOKS", str(tmp_path / "my_notebooks"))
    for folder in ("FOLDER", "PHOTOS/GO", "PHOTOS/NG"):
        (tmp_path / folder).mkdir(parents=True)
    for name in ("FILE", "PHOTOS/GO/a.png", "PHOTOS/NG/b.png", "LEDGER"):
        (tmp_path / name).write_text("no photograph")

    def run(*words):
        with pytest.raises(SystemExit) as stopped:
            command.main(list(words))
        told = capsys.readouterr()
        return stopped.value.code, told.out, told.err

    return run


@pytest.mark.parametrize("odd", ODD)
@pytest.mark.parametrize("place", PLACES)
def test_whatever_stands_on_the_line(fanaoi, place, odd):
    name = place.split()[0]
    words = [word.replace("ODD", ODD[odd]) for word in PLACES[place]]
    status, out, err = fanaoi(name, *words)
    assert "Traceback" not in out + err and UNEXPECTED not in err, err
    if (place, odd) in FINE and status == 0:
        return
    assert status in (1, 2, 3) and (err.strip() or status == 3)
    lines = err.strip().splitlines()
    if not lines or lines[0].startswith("Usage: "):  # of click: how it is used, and the sentence
        assert not lines or (len(lines) == 4 and status == 2)
    else:
        assert status == (2 if name == "inspect" else 1)


def commands():
    return sorted(command.fanaoi.commands)


def test_every_place_for_a_path_is_tried():
    """A new option that takes a file is tried as well, and is told as a path."""
    told = {
        (name, one.name)
        for name, each in command.fanaoi.commands.items()
        for one in each.params
        if isinstance(one.type, type(command.PLACE))
    }
    assert {name for name, _ in told} == set(commands()) - NUMBERS - WORDLESS
    for name, each in command.fanaoi.commands.items():
        for one in each.params:
            if any(word in (one.metavar or "") for word in ("FILE", "DIR", "MODEL", "PHOTOS")):
                assert (name, one.name) in told
    assert {place.split()[0] for place in PLACES} == set(commands()) - WORDLESS


@pytest.mark.parametrize("name", [*commands(), "-h"])
def test_what_nobody_expected_ends_with_2_and_what_to_report(name, monkeypatch, capsys):
    def broken(*_, **__):
        raise RuntimeError("a fault\nof ours")

    monkeypatch.setattr(command.fanaoi, "main", broken)
    with pytest.raises(SystemExit) as stopped:
        command.main([name])
    err = capsys.readouterr().err
    assert stopped.value.code == 2 and err.count("\n") == 1
    assert UNEXPECTED in err and "RuntimeError: a fault of ours" in err and "FANAOI_DEBUG=1" in err


def test_inside_a_command_as_well(fanaoi, monkeypatch):
    from fanaoi_helpers import audit, station

    for module, words in ((audit, ["check", "PHOTOS"]), (station, ["inspect", "m.keras", "PHOTOS"])):
        monkeypatch.setattr(module, words[0], lambda *_, **__: 1 / 0)
        status, _, err = fanaoi(*words)
        assert status == 2 and UNEXPECTED in err and "Traceback" not in err
        monkeypatch.setenv("FANAOI_DEBUG", "1")
        assert "Traceback" in fanaoi(*words)[2]
        monkeypatch.delenv("FANAOI_DEBUG")


def started(words, **how):
    command_line = [sys.executable, "-m", "fanaoi_helpers", *words]
    how = {"stderr": subprocess.PIPE, "stdout": subprocess.PIPE, "cwd": files.root(), **how}
    return subprocess.run(command_line, text=True, **how)


SAY = [["list"], ["check", "--help"], ["--version"], ["inspect", "assets/repaired_cnn.keras", "assets"]]


@pytest.mark.skipif(os.name != "posix", reason="devices and pipes of POSIX")
@pytest.mark.parametrize("words", SAY, ids=lambda words: words[0])
@pytest.mark.parametrize("stdout", ["full", "nobody reads", "closed"])
def test_output_that_nobody_takes(words, stdout):
    if stdout == "nobody reads" and words[0] == "inspect":
        pytest.skip("the station's own test")
    closed = {"preexec_fn": lambda: os.close(1)} if stdout == "closed" else {}
    if stdout == "full":
        with open("/dev/full", "w") as full:  # noqa: PTH123
            done = started(words, stdout=full)
    else:
        reads, writes = os.pipe()
        os.close(reads)
        done = started(words, stdout=writes, **closed)
        os.close(writes)
    lines = done.stderr.splitlines()
    if stdout == "closed" and words[0] != "inspect":  # whoever closes it wants to hear nothing
        assert (done.returncode, lines) == (0, [])
        return
    assert done.returncode == 2, done.stderr
    assert len(lines) == 1 and "Traceback" not in done.stderr
    said = {"full": "No space left on device", "nobody reads": "reads no more", "closed": "stdout is closed"}
    assert said[stdout] in done.stderr


@pytest.mark.skipif(os.name != "posix", reason="devices of POSIX")
def test_stderr_that_nobody_takes_changes_no_status():
    with open("/dev/full", "w") as full:  # noqa: PTH123
        assert started(["check", "nowhere"], stderr=full).returncode == 1
        assert started(["list"], stdout=full, stderr=full).returncode == 2
        assert started(["walk"], stderr=full).returncode == 2


@pytest.mark.skipif(os.name != "posix", reason="Windows keeps a folder that somebody is in")
def test_a_folder_that_is_gone(tmp_path):
    code = (
        "import os, sys; os.mkdir('gone'); os.chdir('gone'); os.rmdir('../gone')\n"
        "from fanaoi_helpers import __main__; __main__.main(['check', '.'])"
    )
    environment = os.environ | {"PYTHONPATH": str(files.root())}
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, env=environment, stderr=subprocess.PIPE, text=True
    )
    assert done.returncode == 2 and done.stderr.startswith("The folder that you are in is gone")


def test_an_environment_without_click_is_told(tmp_path):
    (tmp_path / "click.py").write_text("raise ImportError('no click')")
    environment = os.environ | {"PYTHONPATH": str(tmp_path)}
    done = started(["list"], env=environment)
    assert done.returncode == 2 and done.stderr.count("\n") == 1 and "workbook.py" in done.stderr


def test_help_tells_the_statuses():
    for name in ("check", "inspect"):
        assert "2 wrong usage" in command.fanaoi.commands[name].help
    assert "2 wrong usage or a fault of the workbook" in command.fanaoi.help
    assert isinstance(command.fanaoi, click.Group)
