"""The folder that the line makes: whole or to be finished, the same bytes always, and `fanaoi render`."""

import csv
import hashlib
import json
import os
import shutil
import signal
import subprocess
import sys
import textwrap
import time
from collections import Counter
from pathlib import Path

import numpy as np
import psutil
import pytest
from click.testing import CliRunner
from PIL import Image

from fanaoi_helpers import __main__ as command
from fanaoi_helpers import fans, files
from fanaoi_helpers.errors import WorkbookError
from fanaoi_helpers.fans import production

COLUMNS = ["photo", "label", "serial", "shot", "defect", "size", "x0", "y0", "x1", "y1"]
COLUMNS += ["blemish", "blemish_size"]
SMALL = {"units": 4, "shots": 1, "seed": 5, "size": 48}
KILLED = {"units": 70, "shots": 2, "seed": 3, "size": 16}
posix = pytest.mark.skipif(os.name == "nt", reason="signals of POSIX")


@pytest.fixture(autouse=True)
def nobody_watches(monkeypatch):
    monkeypatch.setenv("FANAOI_HEADLESS", "1")


def digest(folder):
    """All files below a folder, by name and content."""
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def rows_of(folder):
    with (folder / "manifest.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def start(*words, output=subprocess.PIPE):
    """Start `fanaoi render` with ``words`` in a process group of its own."""
    words = [sys.executable, "-m", "fanaoi_helpers", "render", *map(str, words)]
    # A test run in the background ignores Ctrl-C and would hand that down to what it starts.
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        return subprocess.Popen(
            words, text=True, cwd=files.root(), start_new_session=os.name == "posix",
            stdout=output, stderr=output,
        )  # fmt: skip
    finally:
        signal.signal(signal.SIGINT, before)


def render(*words):
    """Run `fanaoi render` in this process; return its exit status, stdout and stderr."""
    done = CliRunner().invoke(command.fanaoi, ["render", *map(str, words)])
    return done.exit_code, done.stdout, str(done.exception or "") + done.stderr


@pytest.fixture(scope="module")
def produced(tmp_path_factory):
    os.environ["FANAOI_HEADLESS"] = "1"
    return fans.produce(
        tmp_path_factory.mktemp("made") / "line", units=14, shots=2, seed=5, size=48, workers=1
    )


# The folder


def test_layout_and_manifest(produced):
    rows = rows_of(produced)
    assert list(rows[0]) == COLUMNS and len(rows) == 28
    units = {unit.serial: unit for unit in fans.make_units(14, 5)}
    for row in rows:
        unit = units[row["serial"]]
        photo = produced / "photos" / row["photo"]
        assert row["photo"] == f"{unit.label}/{unit.serial}_{row['shot']}.png"
        assert (row["label"], row["defect"]) == (unit.label, unit.defect)
        taken = fans.render(unit, int(row["shot"]), 48)
        with Image.open(photo) as image:
            assert image.format == "PNG" and (np.asarray(image) == taken.pixels).all()
        mask = produced / "masks" / photo.name
        assert mask.is_file() == (not unit.is_go)
        assert row["blemish"] == row["blemish_size"] == ""
        if unit.is_go:
            assert [row[name] for name in COLUMNS[5:]] == [""] * 7
        else:
            assert float(row["size"]) == unit.defect_size
            with Image.open(mask) as image:
                assert (np.asarray(image) == taken.mask * 255).all()
            box = tuple(int(row[name]) for name in COLUMNS[6:10]) if row["x0"] else None
            assert box == taken.box
    paths = [path for path in produced.rglob("*") if path.is_file()]
    assert len(paths) == 28 + 14 + 2 and not [path for path in paths if path.name.startswith(".")]


def test_dataset_json_says_how_it_was_made(produced):
    note = json.loads((produced / "dataset.json").read_text(encoding="utf-8"))
    about = note.pop("about")
    assert note == {
        **{
            "maker": "fanaoi line",
            "version": production.LINE_VERSION,
            "design": "AF120-7",
            "preset": "usual",
        },
        **{"units": 14, "shots": 2, "seed": 5, "size": 48},
    }
    assert about["preset"]["means"] == fans.PRESETS["usual"].means
    assert about["preset"]["start"]["light"] == 1.0
    assert "JPEG" in about["photographs"] and f"{fans.FIELD / 48:.3g} mm" in about["photographs"]


def test_bytes_do_not_depend_on_workers(produced, tmp_path):
    fans.produce(tmp_path / "line", units=14, shots=2, seed=5, size=48, workers=2)
    assert digest(tmp_path / "line") == digest(produced)


@pytest.mark.parametrize(
    ("design", "preset"),
    [(name, "usual") for name in fans.DESIGNS] + [("AF120-7", name) for name in fans.PRESETS],
)
def test_every_design_and_preset(design, preset, tmp_path):
    for workers in (1, 2):
        folder = tmp_path / f"line{workers}"
        fans.produce(folder, 6, 1, 2, 32, workers=workers, design=design, preset=preset)
    assert digest(tmp_path / "line1") == digest(tmp_path / "line2")
    units = fans.make_units(6, 2, preset=preset)
    for place, (unit, row) in enumerate(zip(units, rows_of(folder), strict=True)):
        conditions = fans.PRESETS[preset].conditions(unit, place / 5)
        taken = fans.render(unit, 0, 32, design=fans.DESIGNS[design], conditions=conditions)
        with Image.open(folder / "photos" / row["photo"]) as image:
            assert (np.asarray(image) == taken.pixels).all()
        size = f"{unit.blemish_size:g}" if unit.blemish else ""
        assert (row["blemish"], row["blemish_size"]) == (unit.blemish, size)


def test_a_single_unit_is_photographed_in_the_morning(tmp_path):
    folder = fans.produce(tmp_path, 1, 1, 2, 32, preset="drift_day")
    (unit,) = fans.make_units(1, 2)
    with Image.open(folder / "photos" / unit.photo(0)) as image:
        assert (np.asarray(image) == fans.render(unit, size=32).pixels).all()


def test_second_call_returns_at_once(produced, monkeypatch):
    before = digest(produced)
    monkeypatch.setattr("fanaoi_helpers.fans.workers.render", None)
    started = time.perf_counter()
    assert fans.produce(str(produced), 14, 2, 5, 48) == produced
    assert time.perf_counter() - started < 0.5
    assert digest(produced) == before


@pytest.mark.parametrize(
    "changed",
    [{"units": 6}, {"shots": 2}, {"seed": 6}, {"size": 32}, {"preset": "shortcut"}, {"design": None}],
)
def test_other_settings_are_refused(changed, tmp_path):
    settings = {**SMALL, "workers": 1, "design": "AF120-7", "preset": "usual"}
    if "design" in changed:
        changed = {"design": list(fans.DESIGNS)[1]}
    fans.produce(tmp_path, **settings)
    (name, value), before = *changed.items(), digest(tmp_path)
    with pytest.raises(WorkbookError) as refusal:
        fans.produce(tmp_path, **settings | changed)
    assert f"made with {name} = {settings[name]!r}, not {value!r}; choose another" in str(refusal.value)
    assert digest(tmp_path) == before


def test_a_folder_of_an_older_version_is_refused_but_other_words_about_it_are_not(tmp_path):
    fans.produce(tmp_path, **SMALL)
    note = tmp_path / "dataset.json"
    note_before = json.loads(note.read_text(encoding="utf-8"))
    note.write_text(json.dumps(note_before | {"about": "told otherwise"}))
    fans.produce(tmp_path, **SMALL)
    note.write_text(json.dumps(note_before | {"version": 1}))
    with pytest.raises(WorkbookError, match=f"version = 1, not {production.LINE_VERSION}"):
        fans.produce(tmp_path, **SMALL)
    note.write_text(json.dumps(note_before | {"lens": 3}))
    with pytest.raises(WorkbookError, match="settings that this version does not know"):
        fans.produce(tmp_path, **SMALL)


def test_photographs_of_others_are_left_alone(tmp_path):
    (tmp_path / "photos" / "GO").mkdir(parents=True)
    with pytest.raises(WorkbookError, match="did not make"):
        fans.produce(tmp_path, **SMALL)
    assert not (tmp_path / "dataset.json").exists()
    (tmp_path / "plain").write_text("x")
    for folder in (tmp_path / "plain", tmp_path / "plain" / "below"):
        with pytest.raises(WorkbookError, match="plain"):
            fans.produce(folder, **SMALL)
    (tmp_path / "broken").mkdir()
    for words in ("{", "[]", "\udcff"):
        (tmp_path / "broken" / "dataset.json").write_bytes(words.encode(errors="surrogateescape"))
        with pytest.raises(WorkbookError, match="can't be read"):
            fans.produce(tmp_path / "broken", **SMALL)


# Interrupted


def test_goes_on_where_it_was_interrupted(produced, tmp_path):
    code = (
        "import os; from fanaoi_helpers import fans\n"
        f"fans.produce({str(tmp_path / 'line')!r}, units=14, shots=2, seed=5, size=48, workers={{}})"
    )
    for workers in (1, 2):
        process = subprocess.Popen([sys.executable, "-c", code.format(workers)], stderr=subprocess.DEVNULL)
        while process.poll() is None and len(list(tmp_path.rglob("F*.png"))) < 6 * workers:
            time.sleep(0.002)
        process.kill()
        process.wait()
    time.sleep(0.2)  # let the orphaned workers find their input closed
    strays = [
        tmp_path / "line" / name
        for name in ("photos/GO/.fanaoi-12345678-F0001_0.png", ".fanaoi-abcd_efg-manifest.csv")
    ]
    for stray in strays:
        stray.write_bytes(b"half")
    foreign = tmp_path / "line" / "photos" / "GO" / ".nomedia"
    foreign.write_bytes(b"of somebody else")
    (tmp_path / "line" / "manifest.csv").unlink(missing_ok=True)
    fans.produce(tmp_path / "line", units=14, shots=2, seed=5, size=48, workers=1)
    foreign.unlink()
    assert digest(tmp_path / "line") == digest(produced)


@posix
def test_killed_at_20_random_moments(tmp_path):
    """kill -9 by turns of all processes and of the first alone; what comes next finishes the same bytes."""
    folder = tmp_path / "line"
    words = [word for name, value in KILLED.items() for word in (f"--{name}", value)]
    expected = digest(fans.produce(tmp_path / "undisturbed", **KILLED, workers=1))
    random, below = np.random.default_rng(0), []
    # A moment is told by how many files there are more, so that it doesn't hang on the machine's speed.
    moments = [0] * 3 + [len(expected) - 2] * 3 + random.integers(1, 60, 14).tolist()
    for turn, more in enumerate(random.permutation(moments)):
        process = start(folder, *words, "--workers", 1 + turn // 2 % 2, output=subprocess.DEVNULL)
        wanted = min(sum(1 for _ in folder.rglob("F*.png")) + more, len(expected) - 2)
        while more and process.poll() is None and sum(1 for _ in folder.rglob("F*.png")) < wanted:
            time.sleep(0.002)
        time.sleep(random.uniform(0, 0.02 if more else 0.4))
        if process.poll() is None:
            below += psutil.Process(process.pid).children(recursive=True)
        if turn % 2 and process.returncode is None:
            os.killpg(process.pid, signal.SIGKILL)
        process.kill()
        process.wait(timeout=30)
        complete = (folder / "manifest.csv").exists()
        if complete or turn > 17:  # until then the orphans run on beside the next command
            assert not psutil.wait_procs(below, timeout=10)[1], "workers outlive the command"
        if complete:
            assert fans.produce(folder, **KILLED, workers=1) == folder
            assert digest(folder) == expected
            shutil.rmtree(folder)
    fans.produce(folder, **KILLED, workers=1)
    assert digest(folder) == expected


@posix
@pytest.mark.parametrize("moment", ["at the start", "amid the work"])
def test_ctrl_c_is_one_word_and_leaves_no_process(moment, tmp_path):
    process = start(tmp_path / "line", "--units", 5000, "--size", 64, "--workers", 2)
    wanted = "F*.png" if moment == "amid the work" else "dataset.json"
    while process.poll() is None and not any(tmp_path.rglob(wanted)):
        time.sleep(0.01)
    below = psutil.Process(process.pid).children(recursive=True)
    os.killpg(process.pid, signal.SIGINT)  # as the terminal does: to all of them
    out, error = process.communicate(timeout=30)
    assert (process.returncode, out, error.strip()) == (130, "", "Stopped.")
    assert not psutil.wait_procs(below, timeout=10)[1]
    assert not (tmp_path / "line" / "manifest.csv").exists()


@posix
def test_a_worker_that_is_killed_is_told(tmp_path):
    process = start(tmp_path / "line", "--units", 5000, "--size", 64, "--workers", 2)
    while process.poll() is None and not any(tmp_path.rglob("F*.png")):
        time.sleep(0.01)
    psutil.Process(process.pid).children()[0].kill()
    out, error = process.communicate(timeout=30)
    assert (process.returncode, out) == (1, "")
    assert "run the same again to go on" in error and error.count("\n") == 1


@pytest.mark.parametrize("lost", ["photos/NG", "photos/GO", "masks"])
@pytest.mark.parametrize("how", ["deleted", "emptied"])
def test_a_lost_file_is_made_again(lost, how, tmp_path):
    fans.produce(tmp_path, **SMALL)
    before = digest(tmp_path)
    path = next((tmp_path / lost).iterdir())
    path.unlink() if how == "deleted" else path.write_bytes(b"")
    fans.produce(tmp_path, **SMALL)
    assert digest(tmp_path) == before


def test_a_mask_that_can_not_be_read_is_told(tmp_path):
    fans.produce(tmp_path, **SMALL)
    (tmp_path / "manifest.csv").unlink()
    broken = next((tmp_path / "masks").iterdir())
    whole = broken.read_bytes()
    for content in (b"no picture", whole[:60], whole[:40] + b"\0\0\0" + whole[43:]):
        broken.write_bytes(content)
        with pytest.raises(WorkbookError, match="delete it") as refusal:
            fans.produce(tmp_path, **SMALL)
        assert broken.name in str(refusal.value) and not (tmp_path / "manifest.csv").exists()


# What can't be


@pytest.mark.skipif(
    os.name == "nt" or not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may write anywhere"
)
def test_no_permission_is_one_sentence(tmp_path):
    tmp_path.chmod(0o500)
    with pytest.raises(WorkbookError, match="could not be written"):
        fans.produce(tmp_path / "line", **SMALL)


def test_a_read_only_disk_is_one_sentence(tmp_path, monkeypatch):
    fans.produce(tmp_path / "line", **SMALL)
    next((tmp_path / "line" / "photos" / "GO").iterdir()).unlink()

    def refuse(*_, **__):
        raise OSError(30, "Read-only file system")

    monkeypatch.setattr("tempfile.mkstemp", refuse)
    for folder in (tmp_path / "line", tmp_path / "new"):
        with pytest.raises(WorkbookError, match="could not be written .Read-only file system.") as refusal:
            fans.produce(folder, **SMALL)
        assert "\n" not in str(refusal.value)


@pytest.mark.parametrize("workers", [1, 2])
def test_a_file_in_the_way_is_one_sentence(tmp_path, workers):
    fans.produce(tmp_path, 40, 1, 5, 16, workers=1)
    shutil.rmtree(tmp_path / "photos" / "GO")
    (tmp_path / "photos" / "GO").write_text("in the way")
    with pytest.raises(WorkbookError, match="could not be written") as refusal:
        fans.produce(tmp_path, 40, 1, 5, 16, workers=workers)
    assert "\n" not in str(refusal.value)
    (tmp_path / "photos" / "GO").unlink()
    first = next(unit for unit in fans.make_units(40, 5) if unit.is_go)
    (tmp_path / "photos" / first.photo(0)).mkdir(parents=True)  # a worker finds this one
    with pytest.raises(WorkbookError, match="could not be written") as refusal:
        fans.produce(tmp_path, 40, 1, 5, 16, workers=workers)
    assert "\n" not in str(refusal.value)


@pytest.mark.parametrize(
    "bad",
    [
        *({"units": value} for value in (0, 100_001, 2.5, True, "many", None, float("nan"))),
        *({"shots": value} for value in (0, 101)),
        *({"seed": value} for value in (-1, 2**63, 0.5)),
        *({"size": value} for value in (5, 4096)),
        *({"workers": value} for value in (0, 257, 1.5)),
        *({"folder": value} for value in (3, "a\0b", None, "")),
        *({"design": value} for value in ("AF", None, 3, "usual")),
        *({"preset": value} for value in ("", "drift day", ["usual"])),
    ],
)
def test_produce_checks_its_parameters(bad, tmp_path):
    settings = {"folder": tmp_path / "line", **SMALL} | bad
    with pytest.raises(WorkbookError, match=next(iter(bad))) as refusal:
        fans.produce(**settings)
    assert "\n" not in str(refusal.value)
    assert not list(tmp_path.iterdir())


def test_a_script_without_a_guard_may_use_workers(tmp_path):
    script = tmp_path / "my script.py"
    script.write_text(
        textwrap.dedent(
            f"""
            print("started")
            from fanaoi_helpers import fans
            fans.produce({str(tmp_path / "line")!r}, units=40, shots=1, seed=0, size=32, workers=2)
            """
        ),
        encoding="utf-8",
    )
    root = str(Path(fans.__file__).resolve().parents[2])
    done = subprocess.run(
        [sys.executable, str(script)],
        capture_output=True,
        text=True,
        timeout=120,
        env=os.environ | {"PYTHONPATH": root},
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "started\n", "")
    assert json.loads((tmp_path / "line" / "dataset.json").read_text(encoding="utf-8"))["units"] == 40
    assert len(rows_of(tmp_path / "line")) == 40


# The command


def test_the_command_ends_with_one_line(tmp_path):
    folder = tmp_path / "Lüfter 1"
    words = [folder, "--units", 24, "--shots", 2, "--seed", 4, "--size", 16, "--preset", "borderline"]
    status, line, error = render(*words)
    assert (status, error) == (0, "") and line.count("\n") == 1
    units = fans.make_units(24, 4, preset="borderline")
    assert line.startswith(f"48 photographs of 24 units in {files.shown(folder)}: 12 GO, 12 NG (")
    for kind, count in Counter(unit.defect for unit in units if unit.defect).items():
        assert f"{count} {kind.replace('_', ' ')}" in line
    blemished = sum(bool(unit.blemish) for unit in units)
    assert blemished and line.endswith(f"); {blemished} with a harmless blemish\n")
    assert render(*words) == (0, line, "")
    again = fans.produce(tmp_path / "again", 24, 2, 4, 16, preset="borderline")
    assert digest(again) == digest(folder)


def test_one_of_each_is_told_in_the_singular(tmp_path):
    _, line, _ = render(tmp_path / "line", "--units", 1, "--shots", 1, "--size", 16)
    (unit,) = fans.make_units(1, 0)
    ends = "1 GO, 0 NG" if unit.is_go else f"0 GO, 1 NG (1 {unit.defect.replace('_', ' ')})"
    assert line.startswith("1 photograph of 1 unit in ") and line.endswith(f"{ends}\n")


def test_help_tells_the_choices_and_what_they_mean():
    status, page, _ = render("--help")
    assert status == 0
    words = " ".join(page.split())
    for name, preset in fans.PRESETS.items():
        assert f"{name} {preset.means}" in words
    for name, design in fans.DESIGNS.items():
        assert f"{name} {production.described(design)}" in words
    for default in ("200", "3", "0", "160", "AF120-7", "usual", "(one for each core"):
        assert f"[default: {default}" in words


def test_help_of_the_others_does_not_load_the_line():
    code = (
        "import sys; from click.testing import CliRunner; from fanaoi_helpers import __main__ as command\n"
        "assert CliRunner().invoke(command.fanaoi, ['--help']).exit_code == 0\n"
        "assert 'numpy' not in sys.modules and 'fanaoi_helpers.fans' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True, cwd=files.root())


@pytest.mark.parametrize(
    ("words", "status", "sentence"),
    [
        (["--design", "AF"], 1, "design is 'AF', but it must be one of 'AF120-7', "),
        (["--preset", "rain"], 1, "preset is 'rain', but it must be one of 'usual', 'drift_day', "),
        (["--units", "0"], 1, "units is 0, but"),
        (["--units", "1e3"], 2, "'1e3' is not a valid integer"),
        (["--size", "99999"], 1, "size is 99999, but"),
        (["--workers", "0"], 1, "workers is 0, but"),
        (["--seed", str(2**70)], 1, "seed is"),
        (["--speed", "3"], 2, "--speed"),
    ],
)
def test_bad_words_are_one_sentence(words, status, sentence, tmp_path):
    done = start(tmp_path / "line", *words)
    _, error = done.communicate(timeout=60)
    assert done.returncode == status
    assert sentence in error.splitlines()[-1] and "Traceback" not in error
    assert not list(tmp_path.iterdir())


def test_a_summary_needs_a_manifest(tmp_path):
    with pytest.raises(WorkbookError, match=r"no manifest\.csv"):
        production.summary(tmp_path)
    (tmp_path / "manifest.csv").write_text("photo\nGO/a.png\n")
    with pytest.raises(WorkbookError, match=r"no manifest\.csv"):
        production.summary(tmp_path)
