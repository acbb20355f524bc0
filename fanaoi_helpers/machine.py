"""Is this machine ready for the workbook? One fact for each thing that matters, with what to do about it.

Every judgment is a function of plain values; only `check` looks at the machine.
"""

import os
import platform
import re
import shutil
import subprocess
import textwrap
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import psutil

from . import files
from .errors import WorkbookError
from .packages import installed, numbers, pinned

GB = 1e9
PYTHONS = ("3.10", "3.13")  # the oldest and the newest that work
KERAS = 3
BACKENDS = ("tensorflow", "jax", "torch")
LEAST_MEMORY = 3.5 * GB  # of the machine: the system, a browser and one notebook
LEAST_FREE_MEMORY = 1.5 * GB  # training in notebook 05 takes 1.1 GB
LEAST_GPU_MEMORY = 2.0 * GB  # free: cuDNN and a batch of photographs
LEAST_DISK = 2.0 * GB
WIDTH = 76  # letters a line: JupyterLab shows 78 in a window 800 pixels wide


@dataclass(frozen=True)
class Fact:
    """One thing about a machine: what was found, whether it will do, and what to do ("" for nothing).

    A fact that is fine may say what to do as well, as an offer.
    """

    name: str
    found: str
    fine: bool
    todo: str = ""


def check(ledger: str | os.PathLike | None = None) -> list[Fact]:
    """Look at this machine: Python, Keras, device, memory, disk, folders, versions.

    Args:
        ledger: the file that keeps the learner's answers, where its folder is to be looked at as well.
    """
    facts = [python(platform.python_version())]
    try:
        from . import cnn  # only here: a Keras that can't be imported is a fact, too

        known = cnn.versions()
        facts += [keras(known["keras"]), backend(known["backend"], known[known["backend"]]), computes_on()]
        if cnn.LEFT_ASIDE:
            facts.append(keras_settings(cnn.LEFT_ASIDE))
        if cnn.device().startswith("GPU") and (sizes := _gpu_memory()):
            facts.append(gpu_memory(*sizes))
    except Exception as error:  # each way of breaking an installation raises in a way of its own
        reason = str(error) if isinstance(error, WorkbookError) else f"{type(error).__name__}: {error}"
        facts.append(keras("", " ".join(reason.split())))
    system, limit, runs = psutil.virtual_memory(), memory_limit(), files.runs_dir()
    there = next(place for place in (runs, *runs.parents, Path.cwd()) if place.is_dir())
    facts += [
        memory(min(system.total, limit), min(system.available, limit)),
        disk(shutil.disk_usage(there).free),
        folder("Runs go to", files.shown(runs), _refusal(runs), "FANAOI_RUNS"),
    ]
    if ledger is not None:
        where = Path(ledger)
        facts.append(folder("Answers go to", files.shown(where), _refusal(where.parent), "FANAOI_LEDGER"))
    pins = files.root() / "requirements.txt"
    if pins.is_file():
        facts.append(versions(installed(), pinned(pins.read_text(encoding="utf-8"))))
    return facts


def computes_on() -> Fact:
    """Look at what Keras computes on here, and whether there is a card that it leaves unused."""
    from . import cnn

    name = cnn.device()
    cards = [] if name.startswith("GPU") else nvidia_cards()
    return device(name, cards, cnn.ready_gpu(), cnn.keras.backend.backend(), _hidden_by())


def report(facts: Iterable[Fact]) -> str:
    """Return one line for each fact, and under it what to do where there is something to do.

    >>> print(report([disk(55e9), disk(1e9)]))
    ✓ Free disk      55.0 GB
    ✗ Free disk      1.0 GB
        → At least 2 GB should be free: empty the folder runs, where trained
          models and pictures gather.
    """
    lines = []
    for fact in facts:
        lines.append(f"{'✓' if fact.fine else '✗'} {fact.name:<15}{fact.found}")
        if fact.todo:
            indents = {"initial_indent": "    → ", "subsequent_indent": "      "}
            lines.append(textwrap.fill(fact.todo, WIDTH, **indents))
    return "\n".join(lines)


# ---- Judgments ---------------------------------------------------------------------------------------------


def python(version: str) -> Fact:
    """Judge the version of Python, such as "3.12.4".

    >>> python("3.9.2").fine, python("3.13.0").fine
    (False, True)
    """
    oldest, newest = map(numbers, PYTHONS)
    wanted = " to ".join(PYTHONS)
    todo = f"Install Python {wanted}, delete the folder .venv, start again with: python3 workbook.py"
    return _judged("Python", version, oldest <= numbers(version)[:2] <= newest, todo)


def keras(version: str, error: str = "") -> Fact:
    """Judge Keras by its version, or tell the error in its place, which says what to do."""
    if error:
        return Fact("Keras", "can't be used", False, error)
    todo = (
        "This notebook runs in another environment: open it with python3 workbook.py, or choose Kernel → "
        "Change Kernel."
    )
    return _judged("Keras", version, numbers(version)[:1] == (KERAS,), todo)


def backend(name: str, version: str) -> Fact:
    """Judge what computes underneath Keras."""
    listed = ", ".join(BACKENDS)
    todo = f"Remove the variable KERAS_BACKEND, or set it to one of {listed}; then restart the kernel."
    return _judged("Backend", f"{name} {version}", name in BACKENDS, todo)


def keras_settings(left_aside: Mapping[str, object]) -> Fact:
    """Tell what keras.json says and the workbook leaves aside; that is fine.

    >>> keras_settings({"image_data_format": "channels_first"}).found
    'left aside: image_data_format channels_first'
    """
    settings = ", ".join(f"{name} {value}" for name, value in left_aside.items())
    offer = (
        "Nothing to do: the workbook computes as its lessons say, whatever your keras.json asks for "
        f"({files.keras_home()})."
    )
    return Fact("Keras settings", f"left aside: {settings}", True, offer)


def device(
    name: str,
    cards: Sequence[str] = (),
    refusal: str = "",
    backend: str = "tensorflow",
    hidden_by: str = "",
) -> Fact:
    """Tell what Keras computes on; no GPU is fine, and it is said where there is one.

    A card that lies idle is not fine, unless somebody wants it so: ``hidden_by`` is the setting.
    ``refusal`` is why a first step on the card that Keras sees failed.

    >>> device("CPU, 2 cores", ["Tesla T4"], hidden_by="CUDA_VISIBLE_DEVICES=-1").found
    'CPU, 2 cores; CUDA_VISIBLE_DEVICES=-1 leaves the Tesla T4 aside'
    """
    if name.startswith("GPU"):
        return Fact("Computes on", name, True)
    named = " and ".join(cards) or "GPU"
    if refusal:
        todo = (
            f"The CPU is enough for every lesson. {refusal}: update NVIDIA's driver, or set "
            "CUDA_VISIBLE_DEVICES=-1, which leaves the card aside from the start."
        )
        return Fact("Computes on", f"{name}, as a first step on the {named} fails", False, todo)
    if cards and hidden_by:
        return Fact("Computes on", f"{name}; {hidden_by} leaves the {named} aside", True)
    if cards:
        return Fact("Computes on", f"{name}; Keras does not see the {named}", False, _to_see_it(backend))
    offer = (
        "Enough for every lesson. For a GPU: on Colab Runtime → Change runtime type, "
        "or an NVIDIA card under Linux (on Windows: inside WSL2)."
    )
    return Fact("Computes on", name, True, offer)


def _to_see_it(backend: str) -> str:
    """Return what lets Keras see a card that is there."""
    if platform.system() == "Windows":
        return "TensorFlow uses it under Linux alone: open the workbook inside WSL2."
    if backend != "tensorflow":
        return f"Install the {backend} that is built for CUDA, or remove the variable KERAS_BACKEND."
    return (
        "End this kernel and start the workbook again with python3 workbook.py, which adds TensorFlow's "
        "CUDA libraries unless FANAOI_CPU is set. If that changes nothing, update NVIDIA's driver; meanwhile "
        "the CPU is enough for every lesson."
    )


def gpu_memory(total: float, free: float) -> Fact:
    """Judge the GPU's memory, and what of it is free, in bytes."""
    found = f"{free / GB:.1f} of {total / GB:.1f} GB free"
    do = (
        "end your other notebooks (Kernel → Shut Down All Kernels), or set CUDA_VISIBLE_DEVICES=-1, which "
        "makes the workbook compute on the CPU"
    )
    return _free("GPU memory", found, free, LEAST_GPU_MEMORY, do)


def memory(total: float, free: float) -> Fact:
    """Judge the memory of the machine and what of it is free, in bytes."""
    found = f"{free / GB:.1f} of {total / GB:.1f} GB free"
    if total < LEAST_MEMORY:
        todo = (
            f"Less than {LEAST_MEMORY / GB:g} GB in all: close other programs, run one notebook at a time, "
            "or open the workbook on Colab."
        )
        return Fact("Memory", found, False, todo)
    do = (
        "close the browser's other tabs, and the notebooks that you are done with (Kernel → Shut Down Kernel)"
    )
    return _free("Memory", found, free, LEAST_FREE_MEMORY, do)


def disk(free: float) -> Fact:
    """Judge the free disk where runs go, in bytes."""
    do = "empty the folder runs, where trained models and pictures gather"
    return _free("Free disk", f"{free / GB:.1f} GB", free, LEAST_DISK, do)


def _judged(name: str, found: str, fine: bool, todo: str) -> Fact:
    return Fact(name, found, fine, "" if fine else todo)


def _free(name: str, found: str, free: float, least: float, do: str) -> Fact:
    return _judged(name, found, free >= least, f"At least {least / GB:g} GB should be free: {do}.")


def folder(name: str, where: str, refusal: str, variable: str) -> Fact:
    """Judge a folder by what writing to it answered: "" or a reason; ``variable`` names another one."""
    if not refusal:
        return Fact(name, where, True)
    todo = (
        f"Nothing can be kept there: set {variable} to a place that you may write to, "
        "then start the workbook again."
    )
    return Fact(name, f"{where} can't be written ({refusal})", False, todo)


def versions(found: Mapping[str, str], known: Mapping[str, Collection[str]]) -> Fact:
    """Compare the installed versions by package with the tested ones; others are told, not condemned.

    >>> versions({"numpy": "2.4.6", "rich": "14.0"}, {"numpy": {"2.2.6", "2.4.6"}, "rich": {"15.0"}}).found
    '1 of 2 packages as tested'
    """
    both = sorted(found.keys() & known.keys())
    odd = [name for name in both if found[name] not in known[name]]
    if not odd:
        return Fact("Versions", f"all {len(both)} packages as tested", True)
    heavy = ("tensorflow", "keras", "numpy", "matplotlib")
    odd.sort(key=lambda name: heavy.index(name) if name in heavy else len(heavy))
    named = ", ".join(f"{name} {found[name]} for {max(known[name], key=numbers)}" for name in odd[:3])
    offer = (
        f"Untested: {named}{', …' * (len(odd) > 3)}. Usually harmless, and usual on Colab; "
        "if something looks odd, python3 workbook.py sets up the tested ones."
    )
    return Fact("Versions", f"{len(both) - len(odd)} of {len(both)} packages as tested", True, offer)


# ---- Looking ----------------------------------------------------------------------------------------------


def memory_limit(file: Path = Path("/sys/fs/cgroup/memory.max")) -> float:
    """Return how many bytes a container, such as a class's JupyterHub, leaves to us; infinity without one."""
    try:
        return float(file.read_text(encoding="ascii").strip().replace("max", "inf"))
    except (OSError, ValueError):
        return float("inf")


def nvidia_cards() -> list[str]:
    """Return the names of NVIDIA's cards in this machine, by their driver; none without an answer."""
    return re.findall(r"^GPU \d+: (.+?)(?: \(UUID.*)?$", _nvidia_smi("-L"), re.MULTILINE)


def _hidden_by() -> str:
    """Return the setting that hides every card from Keras, "" where there is none."""
    visible = os.environ.get("CUDA_VISIBLE_DEVICES")
    if visible is not None and visible.strip() in ("", "-1", "NoDevFiles"):
        return f"CUDA_VISIBLE_DEVICES={visible}"
    left_out = os.environ.get("FANAOI_CPU", "0")
    return "" if left_out in ("", "0") else f"FANAOI_CPU={left_out}"


def _gpu_memory() -> tuple[float, float] | None:
    """Return total and free bytes of the first GPU in use, by NVIDIA's driver; None without an answer."""
    words = ["--query-gpu=memory.total,memory.free", "--format=csv,noheader,nounits"]
    if chosen := os.environ.get("CUDA_VISIBLE_DEVICES", "").split(",")[0]:
        words.append(f"--id={chosen}")
    sizes = re.match(r"(\d+), (\d+)$", _nvidia_smi(*words), re.MULTILINE)
    return (int(sizes[1]) * 2**20, int(sizes[2]) * 2**20) if sizes else None  # MiB


def _nvidia_smi(*words: str) -> str:
    """Return what NVIDIA's driver answers, "" where there is none."""
    try:
        done = subprocess.run(["nvidia-smi", *words], capture_output=True, text=True, timeout=20, check=True)
    except (OSError, subprocess.SubprocessError, ValueError):  # ValueError: the answer is no text
        return ""
    return done.stdout


def _refusal(place: Path) -> str:
    """Return "" if ``place`` can be written to, or why not; it is made where it is missing."""
    try:
        files.writable_folder(place)
    except WorkbookError as error:
        return getattr(error.__cause__, "strerror", None) or "no access"
    return ""
