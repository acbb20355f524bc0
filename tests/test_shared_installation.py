"""One installation that nobody may write to, as on a class's server: each user has a folder of their own."""

import json
import os
import shutil
import subprocess
import sys
from types import SimpleNamespace

import pytest

from fanaoi_helpers import files, machine
from fanaoi_helpers.exercises import ledger

PARTS = ("fanaoi_helpers", "notebooks", "assets", "workbook.py", "pyproject.toml", "requirements.txt")
SMALL = {"units": 40, "shots": 1, "image_size": 32, "epochs": 1, "filters_1": 4, "filters_2": 4}
ANSWER = """from fanaoi_helpers import machine
from fanaoi_helpers.exercises import convolution as ex, ledger
ex.first_number.check([1, 3, 7, 11, 13, 35])
ex.first_number.check([1, 3, 7, 11, 13, 36])
print(machine.report(machine.check(ledger.path())))
"""


def not_all_powerful():
    """Return what starts a program that may write only where permissions say so; root may everywhere."""
    if os.geteuid():
        return []
    if not shutil.which("setpriv"):
        pytest.skip("root may write everywhere, and setpriv is not here to take that away")
    return ["setpriv", "--bounding-set=-dac_override", "--inh-caps=-dac_override"]


@pytest.fixture(scope="module")
def installation(tmp_path_factory):
    """A copy of the workbook in which nothing can be written."""
    if os.name != "posix":
        pytest.skip("permissions of POSIX")
    place = tmp_path_factory.mktemp("server") / "workbook"
    place.mkdir()
    for name in PARTS:
        whole = shutil.copytree if (files.root() / name).is_dir() else shutil.copy
        whole(files.root() / name, place / name)
    every = [place, *place.rglob("*")]
    for path in every:
        path.chmod(0o555 if path.is_dir() else 0o444)
    yield place
    for path in every:
        path.chmod(0o755)


@pytest.fixture
def user(installation, tmp_path):
    """Give a function that starts Python for a user with a home of their own."""
    limits = not_all_powerful()

    def start(name, *words, **variables):
        home = tmp_path / name
        home.mkdir(exist_ok=True)
        dropped = ("FANAOI_RUNS", "FANAOI_LEDGER", "FANAOI_NOTEBOOKS", "FANAOI_HEADLESS")
        dropped += ("XDG_DATA_HOME", "IPYTHONDIR")
        environment = {name: value for name, value in os.environ.items() if name not in dropped}
        environment |= {"HOME": str(home), "PYTHONPATH": str(installation), "CUDA_VISIBLE_DEVICES": ""}
        environment |= {"TF_CPP_MIN_LOG_LEVEL": "3", "PYTHONDONTWRITEBYTECODE": "1", **variables}
        process = subprocess.Popen(
            [*limits, sys.executable, *words],
            cwd=home, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        )  # fmt: skip
        return SimpleNamespace(home=home, own=home / ".local" / "share" / "fanaoi", process=process)

    return start


def ended(started):
    out, err = started.process.communicate(timeout=300)
    assert started.process.returncode == 0, err
    return out, err


def test_two_users_at_once_run_and_answer_and_do_not_meet(installation, user):
    before = sorted(installation.rglob("*"))
    words = [word for name, value in SMALL.items() for word in ("-p", name, str(value))]
    ada = user("ada", "-m", "fanaoi_helpers", "run", "05", *words)
    bob = user("bob", "-c", ANSWER)
    out, err = ended(ada)
    kept = ada.own / "runs" / "05_train_go_ng"
    assert json.loads((kept / "metrics.json").read_text(encoding="utf-8"))["parameters"]["units"] == 40
    assert (kept / "05_train_go_ng.html").is_file() and (ada.own / "runs" / "line").is_dir()
    told = (
        f"{installation} is not yours to write to: runs and caches are kept in {ada.own}/runs "
        "(FANAOI_RUNS chooses another place)."
    )
    assert err.splitlines().count(told) == 1 and str(kept) in out
    executed = json.loads((kept / "05_train_go_ng.ipynb").read_text(encoding="utf-8"))
    texts = ["".join(one.get("text", "")) for cell in executed["cells"] for one in cell.get("outputs", [])]
    assert not any("not yours to write to" in text for text in texts)

    out, err = ended(bob)
    records = [json.loads(line) for line in (bob.own / "my_ledger.jsonl").read_text().splitlines()]
    assert [record["answer"][-1] for record in records] == [35, 36]
    assert err.count("your answers are kept in") == 1 and "FANAOI_LEDGER chooses another place" in err
    assert f"✓ Runs go to     {bob.own}/runs" in out
    assert f"✓ Answers go to  {bob.own}/my_ledger.jsonl" in out
    assert not (ada.own / "my_ledger.jsonl").exists() and sorted(installation.rglob("*")) == before


def test_two_users_have_their_own_notebooks(installation, user):
    before = sorted(installation.rglob("*"))
    ada, bob = (user(name, "-m", "fanaoi_helpers", "copies") for name in ("ada", "bob"))
    for one in (ada, bob):
        out, err = ended(one)
        assert out == f"Your notebooks are in {one.own}/my_notebooks\n"
        assert err == (
            f"{installation} is not yours to write to: your notebooks are kept in {one.own}/my_notebooks "
            "(FANAOI_NOTEBOOKS chooses another place).\n"
        )
    mine, others = (one.own / "my_notebooks" / "02_convolution_by_hand.ipynb" for one in (ada, bob))
    was = others.read_bytes()
    mine.write_text(
        mine.read_text(encoding="utf-8").replace("my_first = ...", "my_first = 35"), encoding="utf-8"
    )
    out, _ = ended(user("ada", "-m", "fanaoi_helpers", "reset", "02"))
    assert mine.read_bytes() == others.read_bytes() == was
    (kept,) = ada.own.glob("my_notebooks/02_convolution_by_hand_20*.ipynb")
    assert "my_first = 35" in kept.read_text(encoding="utf-8") and str(kept) in out
    assert sorted(installation.rglob("*")) == before


def test_what_a_variable_says_is_never_replaced(installation, user):
    show = "from fanaoi_helpers import files\nfrom fanaoi_helpers.exercises import ledger\n"
    show += "print(files.runs_dir(), ledger.path())"
    out, err = ended(user("ada", "-c", show, FANAOI_RUNS="~/mine", FANAOI_LEDGER=str(installation / "a")))
    assert out.split() == [str(user("ada", "-c", "").home / "mine"), str(installation / "a")] and not err
    started = user("ada", "-m", "fanaoi_helpers", "run", "05", FANAOI_RUNS=str(installation / "runs"))
    err = started.process.communicate()[1]
    assert started.process.returncode == 1 and not started.own.exists()
    assert err.strip().endswith("choose with FANAOI_RUNS a folder you may write to, with room left.")
    out, _ = ended(user("ada", "-c", show, XDG_DATA_HOME=str(started.home / "data")))
    assert out.split() == [
        str(started.home / "data" / "fanaoi" / name) for name in ("runs", "my_ledger.jsonl")
    ]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["run", "05"], ["could not be written", "FANAOI_RUNS"]),
        (["copies"], ["can't be kept in my_notebooks (Permission denied)", "FANAOI_NOTEBOOKS"]),
        (["lab", "--version"], ["can't be kept in my_notebooks", "FANAOI_NOTEBOOKS"]),
    ],
)
def test_a_user_who_may_write_nowhere_is_told(installation, user, tmp_path, words, said):
    (tmp_path / "eve").mkdir(mode=0o555)
    started = user("eve", "-m", "fanaoi_helpers", *words)
    err = started.process.communicate()[1]
    assert started.process.returncode == 1 and err.count("\n") == 1
    assert all(part in err for part in said), err


def test_the_systems_own_folders(monkeypatch, tmp_path):
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("LOCALAPPDATA", str(tmp_path / "local"))
    monkeypatch.delenv("XDG_DATA_HOME", raising=False)
    monkeypatch.setattr(sys, "platform", "linux")
    assert files.own_folder() == tmp_path / ".local" / "share" / "fanaoi"
    monkeypatch.setattr(sys, "platform", "darwin")
    assert files.own_folder() == tmp_path / "Library" / "Application Support" / "fanaoi"
    if os.name == "nt":
        assert files.own_folder() == tmp_path / "local" / "fanaoi"


def test_a_user_without_a_home(monkeypatch, tmp_path, capsys):
    """As in a container that is started with any number for its user."""
    monkeypatch.setattr(os.path, "expanduser", lambda path: path)
    monkeypatch.setattr(os, "access", lambda *_: False)
    for name in ("FANAOI_RUNS", "XDG_DATA_HOME", "KERAS_HOME"):
        monkeypatch.delenv(name, raising=False)
    assert files.runs_dir() == files.root() / "runs" and capsys.readouterr() == ("", "")
    assert files.keras_home().name == ".keras"


def test_where_it_may_be_written_all_stays_in_the_workbook(monkeypatch, tmp_path, capsys):
    for name in ("FANAOI_RUNS", "FANAOI_LEDGER"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(files.places, "root", lambda: tmp_path)
    assert files.runs_dir() == tmp_path / "runs" and ledger.path() == tmp_path / "my_ledger.jsonl"
    assert list(tmp_path.iterdir()) == [] and capsys.readouterr() == ("", "")
    assert machine.folder("Runs go to", "runs", "", "FANAOI_RUNS").fine
