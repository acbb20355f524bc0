"""The machine check: every thing that can be bad is told, with what to do about it; what is fine is not."""

import os
import subprocess
import sys
from types import SimpleNamespace

import pytest

from fanaoi_helpers import cnn, files, machine, packages
from fanaoi_helpers.machine import GB

BAD = {
    "Python too old": (machine.python("3.9.18"), "3.10 to 3.13"),
    "Python too new": (machine.python("3.14.0rc1"), "3.10 to 3.13"),
    "Python 2": (machine.python("2.7.18"), "3.10 to 3.13"),
    "Keras 2": (machine.keras("2.15.0"), "workbook.py"),
    "no Keras": (machine.keras("", "Keras can't be imported: choose another kernel."), "another kernel"),
    "a backend without training": (machine.backend("openvino", "2026.1"), "tensorflow, jax, torch"),
    "GPU memory taken": (machine.gpu_memory(8 * GB, 0.4 * GB), "Shut Down"),
    "little memory": (machine.memory(2 * GB, 1.5 * GB), "one notebook at a time"),
    "memory taken": (machine.memory(16 * GB, 0.3 * GB), "tabs"),
    "disk full": (machine.disk(0.2 * GB), "empty the folder runs"),
    "runs write-protected": (
        machine.folder("Runs go to", "runs", "Permission denied", "FANAOI_RUNS"),
        "FANAOI_RUNS",
    ),
    "ledger write-protected": (
        machine.folder("Answers go to", "my_ledger.jsonl", "Read-only file system", "FANAOI_LEDGER"),
        "FANAOI_LEDGER",
    ),
}
FINE = [
    *(machine.python("3.10.0"), machine.python("3.13.9"), machine.keras("3.15.1")),
    *(machine.backend(name, "1.0") for name in ("tensorflow", "jax", "torch")),
    machine.device("GPU: NVIDIA T4"),
    machine.gpu_memory(8 * GB, 2 * GB),
    machine.memory(3.5 * GB, 1.5 * GB),
    machine.disk(2 * GB),
    machine.folder("Runs go to", "runs", "", "FANAOI_RUNS"),
    machine.versions({"numpy": "2.4.6"}, {"numpy": {"2.4.6"}}),
]


@pytest.mark.parametrize("name", BAD)
def test_what_is_bad_is_told_with_what_to_do(name):
    finding, words = BAD[name]
    assert not finding.fine
    assert words in finding.todo
    mark, advice = machine.report([finding]).split("\n", 1)
    assert mark.startswith("✗ ") and finding.found in mark
    assert max(map(len, advice.split("\n"))) <= 78  # what JupyterLab shows in a window 800 pixels wide
    assert advice.startswith("    → ") and " ".join(advice.split())[2:] == finding.todo


def test_each_has_advice_of_its_own():
    told = {finding.todo for name, (finding, _) in BAD.items() if not name.startswith("Python")}
    assert len(told) == len(BAD) - 3


@pytest.mark.parametrize("finding", FINE, ids=lambda finding: f"{finding.name} {finding.found}")
def test_what_is_fine_needs_no_words(finding):
    assert finding.fine and not finding.todo
    assert machine.report([finding]).startswith("✓ ") and "→" not in machine.report([finding])


def test_no_gpu_is_fine_but_it_is_said_where_there_is_one():
    finding = machine.device("CPU, 4 cores")
    assert finding.fine and "Colab" in finding.todo and "WSL2" in finding.todo


SEEN, UNSEEN, HIDDEN = (
    "GPU: Tesla T4",
    "CPU, 4 cores; Keras does not see the Tesla T4",
    "leaves the Tesla T4 aside",
)


@pytest.mark.skipif(os.name == "nt", reason="the stand-in for the driver is a shell script")
@pytest.mark.parametrize(
    ("listed", "computes", "variables", "told", "fine", "todo"),
    [
        ("No devices found.", "CPU, 4 cores", {}, "CPU, 4 cores", True, "on Colab Runtime"),
        ("GPU 0: Tesla T4 (UUID: GPU-1)", SEEN, {}, SEEN, True, ""),
        ("GPU 0: Tesla T4 (UUID: GPU-1)", "CPU, 4 cores", {}, UNSEEN, False, "python3 workbook.py"),
        ("GPU 0: Tesla T4 (UUID: GPU-1)", "CPU, 4 cores", {"CUDA_VISIBLE_DEVICES": "-1"}, HIDDEN, True, ""),
        ("GPU 0: Tesla T4 (UUID: GPU-1)", "CPU, 4 cores", {"FANAOI_CPU": "1"}, HIDDEN, True, ""),
        ("GPU 0: Tesla T4 (UUID: GPU-1)", "CPU, 4 cores", {"FANAOI_CPU": "0"}, UNSEEN, False, "driver"),
    ],
)
def test_a_card_that_keras_sees_or_does_not(
    runs, tmp_path, monkeypatch, listed, computes, variables, told, fine, todo
):
    """The driver lists cards, or says that there is none; Keras goes by what it could load."""
    driver = tmp_path / "bin" / "nvidia-smi"
    driver.parent.mkdir()
    driver.write_text(f"#!/bin/sh\n[ \"$1\" = -L ] && echo '{listed}'\n")
    driver.chmod(0o755)
    monkeypatch.setenv("PATH", f"{driver.parent}{os.pathsep}{os.environ['PATH']}")
    for name in ("CUDA_VISIBLE_DEVICES", "FANAOI_CPU"):
        monkeypatch.delenv(name, raising=False)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(cnn, "device", lambda: computes)
    monkeypatch.setattr(cnn.keras.backend, "backend", lambda: "tensorflow")
    monkeypatch.setattr(machine.platform, "system", lambda: "Linux")
    finding = found_by_name()["Computes on"]
    assert told in finding.found and finding.fine is fine
    assert todo in finding.todo and bool(finding.todo) is bool(todo)


def test_cards_are_named_as_the_driver_lists_them(monkeypatch):
    told = "GPU 0: NVIDIA A100-SXM4-40GB (UUID: GPU-1)\n  MIG 1g.5gb Device 0: (UUID: MIG-2)\n"
    told += "GPU 1: Tesla T4 (UUID: x)\n"
    monkeypatch.setattr(subprocess, "run", lambda *words, **options: SimpleNamespace(stdout=told))
    assert machine.nvidia_cards() == ["NVIDIA A100-SXM4-40GB", "Tesla T4"]


def test_what_lets_keras_see_a_card_depends_on_what_computes(monkeypatch):
    for system, backend, words in [
        ("Linux", "tensorflow", "workbook.py"),
        ("Linux", "torch", "the torch that is built for CUDA"),
        ("Windows", "tensorflow", "WSL2"),
    ]:
        monkeypatch.setattr(machine.platform, "system", lambda system=system: system)
        assert words in machine.device("CPU, 4 cores", ["Tesla T4"], backend=backend).todo


def test_a_card_on_which_a_first_step_fails():
    finding = machine.device("CPU, 4 cores", ["RTX 5090"], "InternalError: no kernel image")
    assert not finding.fine and "a first step on the RTX 5090 fails" in finding.found
    assert "no kernel image" in finding.todo and "CUDA_VISIBLE_DEVICES=-1" in finding.todo


def test_reasons_of_folders_are_told():
    finding = machine.folder("Runs go to", "runs", "No space left on device", "FANAOI_RUNS")
    assert finding.found == "runs can't be written (No space left on device)"


def test_other_versions_are_named_the_heavy_ones_first_but_not_condemned():
    known = {"numpy": {"2.2.6", "2.4.6"}, "absl-py": {"2.5.1"}, "rich": {"15.0"}, "tqdm": {"4.67"}}
    found = {"numpy": "1.26.4", "absl-py": "1.0", "rich": "14.0", "tqdm": "4.0", "unknown": "1.0"}
    finding = machine.versions(found, known)
    assert finding.fine and finding.found == "0 of 4 packages as tested"
    assert finding.todo.startswith("Untested: numpy 1.26.4 for 2.4.6, absl-py 1.0 for 2.5.1, rich")
    assert "tqdm" not in finding.todo and ", …" in finding.todo


def test_requirements_and_installed_packages_are_read():
    known = packages.pinned((files.root() / "requirements.txt").read_text(encoding="utf-8"))
    assert len(known) > 100 and {"tensorflow", "keras", "numpy", "ipywidgets"} <= known.keys()
    assert packages.installed()["numpy"] == cnn.versions()["numpy"]


def test_a_containers_limit(tmp_path):
    limit = tmp_path / "memory.max"
    assert machine.memory_limit(limit) == float("inf")
    limit.write_text("max\n")
    assert machine.memory_limit(limit) == float("inf")
    limit.write_text("2147483648\n")
    assert machine.memory_limit(limit) == 2**31
    limit.write_bytes(b"\xff?")
    assert machine.memory_limit(limit) == float("inf")


def found_by_name(ledger=None):
    return {finding.name: finding for finding in machine.check(ledger)}


def test_this_machine(runs, tmp_path):
    found = found_by_name(tmp_path / "new" / "ledger.jsonl")
    names = [
        "Python",
        "Keras",
        "Backend",
        "Computes on",
        "Memory",
        "Free disk",
        "Runs go to",
        "Answers go to",
    ]
    assert [name for name in found if name not in ("GPU memory", "Versions")] == names
    assert all(found[name].fine for name in ("Python", "Keras", "Backend", "Runs go to", "Answers go to"))
    assert found["Computes on"].found == cnn.device()
    assert list(runs.iterdir()) == [] == list((tmp_path / "new").iterdir())  # the probes are gone
    assert "Answers go to" not in found_by_name()


def test_folders_that_can_not_be_written(tmp_path, monkeypatch):
    (tmp_path / "file").write_text("in the way")
    monkeypatch.setenv("FANAOI_RUNS", str(tmp_path / "file" / "runs"))
    found = found_by_name(tmp_path / "file" / "ledger.jsonl")
    assert not found["Runs go to"].fine and not found["Answers go to"].fine
    assert found["Free disk"].found  # of the folder above


def test_the_limit_of_a_container_counts(runs, monkeypatch):
    monkeypatch.setattr(machine, "memory_limit", lambda: 1.5 * GB)
    assert not found_by_name()["Memory"].fine


def nvidia(monkeypatch, answer):
    """Let the machine have a GPU and ``nvidia-smi`` answer; return the words that it is called with."""
    words = []

    def run(command, **options):
        words.extend(command)
        if isinstance(answer, Exception):
            raise answer
        return SimpleNamespace(stdout=answer)

    monkeypatch.setattr(cnn, "device", lambda: "GPU: NVIDIA T4")
    monkeypatch.setattr(subprocess, "run", run)
    return words


def test_the_memory_of_a_gpu(runs, monkeypatch):
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "1,0")
    words = nvidia(monkeypatch, "15360, 14900\n15360, 100\n")
    finding = found_by_name()["GPU memory"]
    assert finding.fine and finding.found == "15.6 of 16.1 GB free"
    assert words[0] == "nvidia-smi" and words[-1] == "--id=1"
    monkeypatch.delenv("CUDA_VISIBLE_DEVICES")
    nvidia(monkeypatch, "15360, 200\n")
    assert not found_by_name()["GPU memory"].fine


@pytest.mark.parametrize(
    "answer",
    ["", "[N/A], [N/A]\n", "no devices", OSError("not there"), subprocess.TimeoutExpired("nvidia-smi", 20)],
    ids=str,
)
def test_a_gpu_whose_memory_nobody_knows(runs, monkeypatch, answer):
    nvidia(monkeypatch, answer)
    found = found_by_name()
    assert found["Computes on"].found == "GPU: NVIDIA T4" and "GPU memory" not in found


def test_a_keras_that_can_not_be_imported_is_a_finding():
    """The check itself goes on, so the learner gets the list and not a traceback."""
    code = "from fanaoi_helpers import machine; print(machine.report(machine.check()))"
    environment = {**os.environ, "KERAS_BACKEND": "nothing_like_it", "PYTHONUTF8": "1"}
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, encoding="utf-8", env=environment
    )
    assert done.returncode == 0, done.stderr
    assert "✗ Keras" in done.stdout and "KERAS_BACKEND" in done.stdout and "✓ Python" in done.stdout
