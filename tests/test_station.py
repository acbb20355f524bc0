"""`fanaoi inspect`: a verdict for every photograph, whatever lies there, and however many there are."""

import csv
import hashlib
import io
import json
import os
import re
import signal
import subprocess
import sys
import time
import tracemalloc
import warnings
import zipfile
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from fanaoi_helpers import __main__ as command
from fanaoi_helpers import cnn, files, photos, station
from fanaoi_helpers.errors import WorkbookError
from fanaoi_helpers.photos import decoding, folders
from fanaoi_helpers.station import judging, writing
from fanaoi_helpers.station.finding import Photograph, Places
from fanaoi_helpers.station.judging import BATCH, judged
from fanaoi_helpers.station.policy import Policy, read_policy

SIDE = 16
posix = pytest.mark.skipif(sys.platform == "win32", reason="signals and links of POSIX")


def brightness(pixels):
    """A stand-in for a CNN: P(GO) is the mean brightness."""
    assert pixels.dtype == np.uint8 and pixels.shape[1:] == (SIDE, SIDE, 3)
    return pixels.mean(axis=(1, 2, 3)) / 255


def photograph(path, level, side=20):
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.new("RGB", (side, side), (level,) * 3).save(path)
    return path


@pytest.fixture
def folder(tmp_path):
    """Six photographs, one of them no photograph, and what else lies about."""
    top = tmp_path / "today"
    for place, level in (("b/dark.png", 20), ("b/mid.jpg", 130), ("a.bmp", 250), ("c/d/e.PNG", 240)):
        photograph(top / place, level)
    (top / "b" / "broken.png").write_bytes(b"no photograph")
    (top / "empty.webp").write_bytes(b"")
    (top / "notes.txt").write_text("not meant")
    photograph(top / ".hidden" / "x.png", 9)
    return top


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    """A model whose P(GO) is known: sigmoid(12 · mean of the photograph / 255 - 6)."""
    keras = cnn.keras
    layers = [
        keras.layers.Rescaling(1 / 255),
        keras.layers.GlobalAveragePooling2D(),
        keras.layers.Dense(1, activation="sigmoid"),
    ]
    net = keras.Sequential([keras.Input((SIDE, SIDE, 3)), *layers])
    net.layers[-1].set_weights([np.full((3, 1), 4.0, np.float32), np.array([-6.0], np.float32)])
    return cnn.save(net, tmp_path_factory.mktemp("model") / "model.keras")


def run(capsys, *words):
    """Return exit status, stdout and stderr of `fanaoi inspect`."""
    with pytest.raises(SystemExit) as done:
        command.main(["inspect", *map(str, words)])
    out, err = capsys.readouterr()
    return done.value.code, out, err


def verdicts_of(text):
    return {row["photo"]: row["verdict"] for row in csv.DictReader(io.StringIO(text))}


# ---- The command ------------------------------------------------------------------------------------------


def test_every_photograph_gets_a_verdict(folder, model, capsys, monkeypatch):
    monkeypatch.chdir(folder.parent)
    status, out, err = run(capsys, model, "today")
    assert status == 1
    assert out.splitlines()[0] == "photo,verdict,p_go,reason"
    rows = list(csv.DictReader(io.StringIO(out)))
    assert [(row["photo"], row["verdict"]) for row in rows] == [
        ("today/a.bmp", "GO"),
        ("today/b/broken.png", "REVIEW"),
        ("today/b/dark.png", "NG"),
        ("today/b/mid.jpg", "GO"),
        ("today/c/d/e.PNG", "GO"),
        ("today/empty.webp", "REVIEW"),
    ]
    # In 0..255, divided once: exactly what the model makes of the mean brightness.
    for row, level in ((rows[0], 250), (rows[2], 20), (rows[4], 240)):
        assert float(row["p_go"]) == pytest.approx(1 / (1 + np.exp(6 - 12 * level / 255)), rel=1e-4)
        assert row["reason"] == ""
    assert (rows[1]["p_go"], rows[1]["reason"]) == ("", "not an image that can be read")
    assert "6 photographs: 3 GO, 1 NG, 2 REVIEW. GO when P(GO) >= 0.5." in err
    assert "photographs a second" in err and "other kinds passed over: 1." in err
    assert "Unreadable, so REVIEW: 2\n  today/b/broken.png (not an image" in err


def test_the_exit_status_tells_go_from_all_else(folder, model, tmp_path, capsys):
    good = folder / "a.bmp"
    assert run(capsys, model, good)[0] == 0
    assert run(capsys, model, good, folder / "b" / "dark.png")[0] == 1
    assert run(capsys, model, good, folder / "empty.webp")[0] == 1
    status, out, err = run(capsys, model, folder / "empty.webp", folder / "notes.txt")
    assert status == 2 and list(verdicts_of(out).values()) == ["REVIEW", "REVIEW"]
    assert "Unreadable, so REVIEW: 2" in err
    (tmp_path / "none").mkdir()
    for words, said in (
        ([model, tmp_path / "none"], "No photographs in"),
        ([model, tmp_path / "nowhere"], "was not found"),
        ([tmp_path / "nowhere.keras", good], "is not there; train a model first"),
        ([folder / "notes.txt", good], "is not a .keras file"),
        ([model, good, "--threshold", "1.5"], "threshold is 1.5"),
        ([model, good, "--threshold", "0.5", "--policy", "x"], "give one of them"),
        ([model], "Missing argument"),
        ([model, good, "--output", folder / "notes.txt" / "x.csv"], "could not be written"),
    ):
        status, out, err = run(capsys, *words)
        assert (status, out) == (2, "") and said in err and "Traceback" not in err


def test_a_foreign_or_broken_model_is_refused_by_its_sentence(folder, model, tmp_path, capsys):
    torn = tmp_path / "torn.keras"
    torn.write_bytes(model.read_bytes()[:-200])
    with zipfile.ZipFile(tmp_path / "other.keras", "w") as archive:
        archive.writestr("config.json", "{}")
    for path in (torn, tmp_path / "other.keras"):
        status, out, err = run(capsys, path, folder)
        assert (status, out) == (2, "") and path.name in err and err.count("\n") == 1


def test_a_policy_leaves_a_band_to_a_human(folder, model, tmp_path, capsys):
    policy = tmp_path / "policy.json"
    digest = hashlib.sha256(model.read_bytes()).hexdigest()
    policy.write_text(json.dumps({"threshold": 0.5, "review": [0.3, 0.7], "model": digest.upper()}))
    status, out, err = run(capsys, model, folder / "b" / "mid.jpg", folder / "a.bmp", "--policy", policy)
    assert status == 1 and list(verdicts_of(out).values()) == ["REVIEW", "GO"]
    assert "0 NG, 1 REVIEW. GO when P(GO) >= 0.7, NG below 0.3, REVIEW between." in err
    assert "Unreadable" not in err
    policy.write_text(json.dumps({"threshold": 0.5, "model": "0" * 64}))
    status, out, err = run(capsys, model, folder, "--policy", policy)
    assert (status, out) == (2, "") and f"SHA-256 {digest[:12]}…" in err


def test_json_lines_say_the_same_as_csv(folder, model, capsys):
    _, table, _ = run(capsys, model, folder)
    _, lines, _ = run(capsys, model, folder, "--json")
    records = [json.loads(line) for line in lines.splitlines()]
    rows = list(csv.DictReader(io.StringIO(table)))
    assert len(rows) == 6 and {record["p_go"] is None for record in records} == {True, False}
    for row, record in zip(rows, records, strict=True):
        assert row == {key: "" if value is None else str(value) for key, value in record.items()} | {
            "p_go": row["p_go"]
        }
        assert record["p_go"] == (float(row["p_go"]) if row["p_go"] else None)


def test_a_file_gets_its_name_when_it_is_whole(folder, model, tmp_path, capsys):
    output = tmp_path / "new" / "today.csv"
    status, out, _ = run(capsys, model, folder, "--output", output)
    assert (status, out) == (1, "") and [path.name for path in output.parent.iterdir()] == ["today.csv"]
    assert output.read_text(encoding="utf-8") == run(capsys, model, folder)[1]


def test_the_threshold_decides(folder, model, capsys):
    _, out, err = run(capsys, model, folder / "b", "--threshold", "0.99")
    assert set(verdicts_of(out).values()) == {"NG", "REVIEW"} and ">= 0.99" in err


# Run as a program, with a stand-in for the CNN (TensorFlow takes its seconds) and photographs without an end.
ENDLESS = """
import itertools, signal, sys, types
signal.signal(signal.SIGINT, signal.default_int_handler)
sys.modules["fanaoi_helpers.cnn"] = types.SimpleNamespace(
    load=lambda path, meaning: types.SimpleNamespace(input_shape=(None, 16, 16, 3)),
    predict=lambda model, pixels: pixels.mean(axis=(1, 2, 3)) / 255,
)
from fanaoi_helpers import __main__
from fanaoi_helpers.station.finding import Places
once = Places.__iter__
Places.__iter__ = lambda self: (one for _ in itertools.count() for one in once(self))
__main__.main(["inspect", *sys.argv[1:]])
"""


def endless(*words):
    program = [sys.executable, "-c", ENDLESS, *map(str, words)]
    return subprocess.Popen(program, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


@posix
def test_interrupted_it_keeps_what_was_judged(folder, tmp_path):
    output = tmp_path / "today.csv"
    at_work = endless("no.keras", folder, "--output", output)
    try:
        beside = writing.partial(output)
        until = time.monotonic() + 60
        while not (beside.exists() and beside.stat().st_size > 1000):
            assert time.monotonic() < until and at_work.poll() is None
            time.sleep(0.05)
        at_work.send_signal(signal.SIGINT)
        _, err = at_work.communicate(timeout=30)
    finally:
        at_work.kill()
    assert at_work.returncode == 130 and not output.exists()
    assert f"are kept in {beside}" in err and "Traceback" not in err
    kept = list(csv.reader(io.StringIO(beside.read_text(encoding="utf-8"))))
    told = int(re.search(r"the verdicts on ([\d,]+) photographs", err)[1].replace(",", ""))
    assert len(kept) - 1 - told in (0, 1)  # stopped between writing and counting, it may be one more
    assert {len(row) for row in kept} == {4}  # none is torn


# As a program that is slow: it says after how many verdicts it begins another batch, and then takes its time.
SLOW = ENDLESS.replace(
    "predict=lambda model, pixels: ", "predict=lambda model, pixels: slowly() or "
).replace(
    "import itertools,",
    """
batches = []
def slowly():
    batches.append(1)
    if len(batches) == 4:
        print("three", flush=True)
        time.sleep(600)
import itertools, time,""",
)


@posix
def test_killed_in_the_middle_it_loses_nothing(folder, tmp_path):
    output = tmp_path / "today.csv"
    output.write_text("of yesterday")
    program = [sys.executable, "-c", SLOW, "no.keras", str(folder), "--output", str(output)]
    at_work = subprocess.Popen(program, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    try:
        assert at_work.stdout.readline() == "three\n", at_work.stderr.read()
    finally:
        at_work.kill()
        at_work.communicate()
    assert at_work.returncode == -signal.SIGKILL and output.read_text() == "of yesterday"
    kept = list(csv.DictReader(io.StringIO(writing.partial(output).read_text(encoding="utf-8"))))
    assert len(kept) == 3 * BATCH and {row["verdict"] for row in kept} == {"GO", "NG", "REVIEW"}
    assert all(None not in row and None not in row.values() for row in kept)  # the last row is whole, too


@posix
def test_a_reader_that_went_away_ends_it_in_a_sentence(folder):
    at_work = endless("no.keras", folder)
    try:
        at_work.stdout.readline()
        at_work.stdout.close()
        err = at_work.stderr.read()
        assert at_work.wait(60) == 2
    finally:
        at_work.kill()
    assert "reads no more" in err and "Traceback" not in err and "Exception" not in err


def test_nothing_but_the_summary_is_on_stderr(folder, model, monkeypatch):
    monkeypatch.delenv("TF_CPP_MIN_LOG_LEVEL")
    words = [sys.executable, "-m", "fanaoi_helpers", "inspect", str(model), str(folder)]
    err = subprocess.run(words, capture_output=True, text=True, cwd=files.root()).stderr
    assert " photographs: " in err.splitlines()[0] and "oneDNN" not in err


@pytest.mark.parametrize(
    "fault", [ZeroDivisionError("by\nzero"), OSError(5, "I/O"), RuntimeError(), MemoryError()]
)
def test_what_nobody_foresaw_is_never_taken_for_a_verdict(fault, folder, model, capsys, monkeypatch):
    def failing(*_):
        raise fault

    monkeypatch.delenv("FANAOI_DEBUG", raising=False)
    with monkeypatch.context() as patched:
        patched.setattr(cnn, "predict", failing)
        status, _, err = run(capsys, model, folder)
        assert status == 2 and "Traceback" not in err
        assert err.count("\n") == 1 and type(fault).__name__ in err and "fault of ours" in err
        patched.setenv("FANAOI_DEBUG", "1")
        status, _, err = run(capsys, model, folder)
        assert status == 2 and "Traceback" in err and "in failing" in err
    monkeypatch.setattr("fanaoi_helpers.audit.check", failing)
    with pytest.raises(SystemExit) as done:
        command.main(["check", str(folder)])
    err = capsys.readouterr().err
    assert done.value.code == 2 and err.count("\n") == 1 and "fault of ours" in err


@pytest.mark.parametrize("backend", ["theano", "jax_of_tomorrow"])
def test_a_backend_that_is_not_there_is_a_sentence(backend, folder, model, tmp_path):
    (tmp_path / "keras.json").write_text(json.dumps({"backend": backend}))
    environment = {name: value for name, value in os.environ.items() if name != "KERAS_BACKEND"}
    done = subprocess.run(
        [sys.executable, "-m", "fanaoi_helpers", "inspect", str(model), str(folder)],
        **{"capture_output": True, "text": True, "cwd": files.root()},
        env=environment | {"KERAS_HOME": str(tmp_path)},
    )
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.count("\n") == 1 and backend in done.stderr and "keras.json" in done.stderr


def test_a_script_beside_the_photographs_is_no_library(folder):
    names = ("inspect", "numpy", "click", "random", "pathlib", "re", "csv", "PIL", "keras", "fanaoi_helpers")
    for name in names:
        (folder / f"{name}.py").write_text(f"raise SystemExit('{name} was run')")
    program = [sys.executable, "-m", "fanaoi_helpers", "inspect", "no.keras", "."]
    environment = os.environ | {"PYTHONPATH": str(files.root())}
    done = subprocess.run(program, capture_output=True, text=True, cwd=folder, env=environment)
    if (
        "fanaoi_helpers was run" in done.stderr
    ):  # before a line of ours: only another start helps, workbook.py's
        (folder / "fanaoi_helpers.py").unlink()
        done = subprocess.run(program, capture_output=True, text=True, cwd=folder, env=environment)
    assert done.returncode == 2 and "no.keras is not there" in done.stderr


# ---- Finding ----------------------------------------------------------------------------------------------


def names(*places):
    return [one.name for one in Places(places)]


def as_other(folder, name, kind, level=250):
    """A photograph in the format ``kind``, under a name that does not say so."""
    (folder / name).parent.mkdir(parents=True, exist_ok=True)
    Image.new("RGB", (20, 20), (level,) * 3).save(folder / name, kind)


NO_PHOTOGRAPHS = {
    "README.txt": b"about these photographs",
    "Thumbs.db": b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",
    "manifest.csv": b"photo,serial\n",
    "fan.xmp": b"<x:xmpmeta/>",
    "fan.json": b"{}",
    "desktop.ini": b"[.ShellClassInfo]",
    "LICENSE": b"MIT",
    "empty": b"",
}


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        *(("fan.jfif", "JPEG"), ("fan.jpe", "JPEG"), ("fan.JPEG", "JPEG"), ("fan.gif", "GIF")),
        *(("fan", "PNG"), ("fan", "JPEG"), ("fan.0001", "BMP"), ("fan.dat", "TIFF"), ("fan.txt", "PNG")),
        *(("fan.png.part", "PNG"), ("fan.jp2", "JPEG2000")),
    ],
)
def test_a_photograph_is_judged_whatever_its_name_ends_in(name, kind, model, tmp_path, capsys):
    for other, content in NO_PHOTOGRAPHS.items():
        (tmp_path / other).write_bytes(content)
    (tmp_path / ".DS_Store").write_bytes(b"\0\0\0\1Bud1")
    photograph(tmp_path / "good.png", 250)
    status, out, err = run(capsys, model, tmp_path)
    assert status == 0 and f"other kinds passed over: {len(NO_PHOTOGRAPHS)}." in err
    as_other(tmp_path, name, kind, 5)
    status, out, err = run(capsys, model, tmp_path)
    assert status == 1 and verdicts_of(out) == {f"{tmp_path}/{name}": "NG", f"{tmp_path}/good.png": "GO"}
    as_other(tmp_path, name, kind, 250)
    assert run(capsys, model, tmp_path)[0] == 0


HEADS = {"heic": b"\0\0\0\x18ftypheic\0\0\0\0", "cr2": b"II*\0\x10\0\0\0CR\2\0", "psd": b"8BPS\0\1"}


@pytest.mark.parametrize("ending", ["heic", "heif", "cr2", "dng", "nef", "psd", "jxl", "png", "gif"])
@pytest.mark.parametrize("named", [True, False])
def test_what_means_to_be_a_photograph_and_can_not_be_read_is_review(ending, named, model, tmp_path, capsys):
    if not named and ending not in HEADS:
        pytest.skip("nothing says that it is one")
    photograph(tmp_path / "good.png", 250)
    name = f"fan.{ending.upper()}" if named else "fan"
    (tmp_path / name).write_bytes(HEADS.get(ending, b"nothing that anybody knows") + bytes(200))
    status, out, err = run(capsys, model, tmp_path)
    assert status == 1 and verdicts_of(out) == {f"{tmp_path}/{name}": "REVIEW", f"{tmp_path}/good.png": "GO"}
    assert "passed over" not in err and f"  {tmp_path}/{name} (" in err


def test_masks_of_the_simulated_line_are_no_photographs(tmp_path):
    for place in ("photos/GO/1.png", "photos/NG/2.png", "masks/2.png", "photos/GO/masks/3.png"):
        photograph(tmp_path / "line" / place, 0)
    found = [name.split("/line/")[1] for name in names(tmp_path / "line")]
    assert found == ["photos/GO/1.png", "photos/GO/masks/3.png", "photos/NG/2.png"]
    assert len(names(tmp_path / "line" / "masks")) == 1  # named, they are meant


@posix
def test_photographs_are_found_as_photos_load_finds_them(tmp_path):
    top, elsewhere = tmp_path / "line", tmp_path / "elsewhere"
    for name in ("GO/1.png", "GO/a/b/2.png", "GO/.x/3.png", "NG/4.png", "NG/photos/5.png", "NG/masks/6.png"):
        photograph(top / name, 9)
    photograph(elsewhere / "7.png", 9)
    (top / "GO" / "more").symlink_to(elsewhere)
    (top / "NG" / "round").symlink_to(top / "NG")
    loaded = photos.load(top, SIDE)
    assert [one.path for one in Places([top])] == loaded.paths and len(loaded) == 5


def test_an_archive_is_looked_into(folder, tmp_path, monkeypatch):
    monkeypatch.setenv("FANAOI_RUNS", str(tmp_path / "runs"))
    packed = tmp_path / "day.zip"
    with zipfile.ZipFile(packed, "w") as archive:
        archive.write(folder / "a.bmp", "GO/a.bmp")
        archive.write(folder / "notes.txt", "notes.txt")
    places = Places([packed])
    assert [one.name for one in places] == [f"{packed}/GO/a.bmp"] and places.passed_over[".txt"] == 1
    packed.write_bytes(b"PK torn")
    with pytest.raises(WorkbookError, match="not a .zip that can be read"):
        Places([packed])


@posix
def test_links_in_a_circle_end_and_broken_ones_are_told(folder):
    (folder / "b" / "up").symlink_to(folder)
    (folder / "c" / "gone.png").symlink_to(folder / "nowhere.png")
    (folder / "c" / "itself.png").symlink_to("itself.png")
    found = names(folder)
    assert len(found) == len(set(found)) == 8
    broken = next(one for one in Places([folder]) if one.name.endswith("gone.png"))
    (told,) = judged([broken], brightness, SIDE, Policy())
    assert (told.verdict, told.reason) == ("REVIEW", "No such file or directory")
    verdicts = {one.photo: one.verdict for one in judged(Places([folder]), brightness, SIDE, Policy())}
    assert verdicts[f"{folder}/c/itself.png"] == "REVIEW" and verdicts[f"{folder}/c/d/e.PNG"] == "GO"


@posix
def test_a_folder_that_can_not_be_opened_is_review_not_silence(folder, monkeypatch):
    real = os.scandir

    def refusing(path):
        if str(path).endswith("/b"):
            raise PermissionError(13, "Permission denied")
        return real(path)

    monkeypatch.setattr(os, "scandir", refusing)
    told = [one for one in judged(Places([folder]), brightness, SIDE, Policy()) if one.reason]
    assert told[0].photo.endswith("today/b/") and told[0].verdict == "REVIEW"
    assert told[0].reason == "Permission denied"


@posix
def test_odd_names_and_kinds_of_files(tmp_path):
    photograph(tmp_path / "in" / "größe, \n2.png", 250)
    photograph(tmp_path / "x.png", 250).rename(os.fsdecode(os.fsencode(tmp_path / "in") + b"/\xff.png"))
    os.mkfifo(tmp_path / "in" / "pipe.png")
    told = {
        Path(one.photo).name: one for one in judged(Places([tmp_path / "in"]), brightness, SIDE, Policy())
    }
    assert {name: one.verdict for name, one in told.items()} == {
        "größe, \n2.png": "GO",
        "pipe.png": "REVIEW",
        "\\udcff.png": "GO",
    }
    file = io.StringIO()
    write = writing.writer(file, as_json=False)
    for one in told.values():
        write(one)
    file.getvalue().encode("utf-8")
    assert len(list(csv.DictReader(io.StringIO(file.getvalue(), newline="")))) == 3


@posix
def test_names_are_printable_wherever_people_read_them(tmp_path, model, capsys):
    odd = "a\x1b[2J\x9b31m\nb"
    photograph(tmp_path / "in" / f"{odd}.png", 250)
    (tmp_path / "in" / f"broken{odd}.png").write_bytes(b"no photograph")
    status, out, err = run(capsys, model, tmp_path / "in")
    assert status == 1 and all(line.isprintable() for line in err.split("\n"))
    assert "/brokena?[2J?31m?b.png (not an image" in err
    assert {name.rpartition("/")[2] for name in verdicts_of(out)} == {f"{odd}.png", f"broken{odd}.png"}
    status, out, err = run(capsys, model, tmp_path / "in", "--json")
    assert all(line.isprintable() for line in out.split("\n"))
    assert json.loads(out.splitlines()[0])["photo"].endswith(f"{odd}.png")
    screen = io.StringIO()
    screen.isatty = lambda: True
    write = writing.writer(screen, as_json=False)
    write(station.Judged(f"in/{odd}.png", "GO", 0.5))
    assert screen.getvalue().splitlines()[1] == "in/a?[2J?31m?b.png,GO,0.5,"


def test_a_large_folder_is_found_whole_although_it_is_not_sorted(tmp_path, monkeypatch):
    monkeypatch.setattr(folders, "MOST_SORTED", 5)
    for index in range(23):
        photograph(tmp_path / f"{index}.png", 0)
    assert sorted(names(tmp_path)) == sorted(f"{tmp_path}/{index}.png" for index in range(23))


# ---- Judging ----------------------------------------------------------------------------------------------


def test_verdicts_do_not_depend_on_the_batch(folder, monkeypatch):
    told = []
    for batch in (1, 2, 3, 64):
        monkeypatch.setattr(judging, "BATCH", batch)
        told.append(list(judged(Places([folder]), brightness, SIDE, Policy())))
    assert told[0] == told[1] == told[2] == told[3] and len(told[0]) == 6


def test_photographs_are_seen_as_photos_loads_them(tmp_path):
    rng = np.random.default_rng(0)
    for name in ("GO/a.png", "NG/b.png"):
        path = tmp_path / name
        path.parent.mkdir()
        Image.fromarray(rng.integers(0, 256, (37, 53, 3), dtype=np.uint8)).save(path)
    seen = []

    def keep(pixels):
        seen.append(pixels)
        return np.zeros(len(pixels))

    list(judged(Places([tmp_path / "GO", tmp_path / "NG"]), keep, SIDE, Policy()))
    loaded = photos.load(tmp_path, SIDE)
    assert loaded.names == ["GO/a.png", "NG/b.png"]
    np.testing.assert_array_equal(np.concatenate(seen), loaded.pixels)


def test_a_model_that_gives_no_number_decides_nothing(folder):
    found = [Photograph("a", str(folder / "a.bmp"))]
    (told,) = judged(found, lambda pixels: np.full(len(pixels), np.nan), SIDE, Policy())
    assert told[:4] == ("a", "REVIEW", None, "the model gives no number") and told.unreadable


def test_memory_does_not_grow_with_the_photographs(tmp_path, monkeypatch):
    path = str(photograph(tmp_path / "a.png", 250))
    pixels = np.full((SIDE, SIDE, 3), 250, np.uint8)
    monkeypatch.setattr(decoding, "content", lambda path: b"")
    monkeypatch.setattr(decoding, "decode", lambda data, target: decoding.Decoded(pixels.copy()))

    class Many(Places):
        def __iter__(self):
            # Every tenth can't be opened: those are told, too.
            return (Photograph(f"p{i}", path, "" if i % 10 else "broken") for i in range(self.count))

    def peak(count):
        many = Many([path])
        many.count = count
        tracemalloc.start()
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            summary = station.write_verdicts(many, brightness, SIDE, Policy(), tmp_path / "out.csv", False)
        _, most = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        assert summary.total == count and summary.counts["GO"] == count - count // 10
        assert len(summary.named) == 20 and f"  and {count // 10 - 20:,} more" in str(summary)
        return most

    few, many = peak(2_000), peak(30_000)
    assert many < few + 300_000  # bytes; a list of the names alone would be ten times that


def test_progress_is_counted_only_where_somebody_watches(folder, tmp_path, monkeypatch):
    places = Places([folder])
    assert station._with_bar(places, None) is places
    monkeypatch.delenv("FANAOI_HEADLESS", raising=False)
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True, raising=False)
    monkeypatch.setattr("fanaoi_helpers.progress.WORTH_A_BAR", 3)
    shown = station._with_bar(places, tmp_path / "x.csv")
    assert shown.total == 6 and len(list(shown)) == 6


# ---- Policies ---------------------------------------------------------------------------------------------


def test_a_policy_may_leave_out_all_but_the_threshold(tmp_path):
    path = tmp_path / "policy.json"
    path.write_text('\ufeff{"threshold": 0.6, "review": null}', encoding="utf-8")
    assert read_policy(path) == Policy(0.6)
    path.write_text('{"threshold": 1, "review": [0, 1]}', encoding="utf-8")
    assert read_policy(path) == Policy(1, (0.0, 1.0))


@pytest.mark.parametrize(
    ("told", "said"),
    [
        ("", "is not JSON"),
        ('{"threshold": 0.5', "is not JSON"),
        ("\xff", "is not JSON"),
        ("[" * 100_000, "is not JSON"),
        ("[0.5]", "holds no object"),
        ("{}", "says no threshold"),
        ('{"treshold": 0.5}', "says 'treshold', but a policy knows only threshold, review, model"),
        ('{"threshold": "0.5"}', "threshold is '0.5'"),
        ('{"threshold": true}', "threshold is True"),
        ('{"threshold": NaN}', "threshold is nan"),
        ('{"threshold": 2}', "threshold is 2"),
        ('{"threshold": 0.5, "review": 0.4}', "review is 0.4, but it must be two numbers"),
        ('{"threshold": 0.5, "review": [0.4]}', "must be two numbers"),
        ('{"threshold": 0.5, "review": "45"}', "must be two numbers"),
        ('{"threshold": 0.5, "review": [0.6, 0.7]}', "first number of review is 0.6, but .* from 0 to 0.5"),
        ('{"threshold": 0.5, "review": [0.3, 0.4]}', "second number of review is 0.4, but .* from 0.5 to 1"),
        ('{"threshold": 0.5, "review": [null, 0.7]}', "first number of review is None"),
        ('{"threshold": 0.5, "model": "abc"}', "model is 'abc', but it must be a SHA-256"),
        ('{"threshold": 0.5, "model": 3}', "model is 3"),
    ],
)
def test_each_fault_of_a_policy_has_its_sentence(tmp_path, told, said):
    path = tmp_path / "policy.json"
    path.write_bytes(told.encode("latin-1"))
    with pytest.raises(WorkbookError, match=said) as refused:
        read_policy(path)
    assert "policy.json" in str(refused.value) and "\n" not in str(refused.value)


@posix
@pytest.mark.parametrize("kind", ["device", "pipe", "folder", "large"])
def test_a_policy_that_is_no_small_file_is_not_read(tmp_path, kind, folder, model, capsys):
    path = tmp_path / "policy.json"
    match kind:
        case "device":
            path.symlink_to("/dev/zero")
        case "pipe":
            os.mkfifo(path)
        case "folder":
            path.mkdir()
        case "large":
            path.write_bytes(b'{"threshold": 0.5}' + b" " * 1_000_000)
    status, out, err = run(capsys, model, folder, "--policy", path)
    assert (status, out) == (2, "") and "policy.json can't be read (" in err and err.count("\n") == 1
    # A model that is no file has no end either.
    with pytest.raises(WorkbookError, match="can't be read"):
        Policy(0.5, model="0" * 64).check_model(path if kind != "large" else tmp_path / "none")
    golden = tmp_path / "set"
    golden.mkdir()
    path.rename(golden / "golden.json")
    with pytest.raises(WorkbookError, match=r"golden\.json (can't be read|says no)"):
        station.read_golden(golden)


def test_a_policy_that_is_not_there_is_told(tmp_path):
    with pytest.raises(WorkbookError, match="can't be read"):
        read_policy(tmp_path / "none.json")
