import csv
import hashlib
import json
import os
import subprocess
import sys
import textwrap
import time
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from scipy.ndimage import binary_dilation

from fanaoi_helpers import fans
from fanaoi_helpers.errors import WorkbookError
from fanaoi_helpers.fans import drawing, line

COLUMNS = ["photo", "label", "serial", "shot", "defect", "size", "x0", "y0", "x1", "y1"]


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


# Units


def test_half_are_ng_and_kinds_and_sizes_are_spread():
    units = fans.make_units(720, seed=3)
    assert Counter(unit.label for unit in units) == {"GO": 360, "NG": 360}
    assert Counter(unit.defect for unit in units if unit.defect) == dict.fromkeys(fans.DEFECTS, 60)
    assert len({unit.serial for unit in units}) == len({unit.seed for unit in units}) == 720
    for kind in fans.DEFECTS:
        sizes = sorted(unit.defect_size for unit in units if unit.defect == kind)
        limits = fans.SIZES[kind]
        shares = np.array(sizes) if limits.even else np.log(sizes)
        low, high = (
            (limits.smallest, limits.usual) if limits.even else np.log([limits.smallest, limits.usual])
        )
        shares = (shares - low) / (high - low)
        assert 0 <= shares[0] < 0.05 and 0.95 < shares[-1] <= 1
        assert np.diff(shares).max() < 0.05, f"{kind} has a hole in its sizes"


def test_labels_follow_no_order():
    labels = np.array([unit.label == "GO" for unit in fans.make_units(2000, seed=0)])
    assert 0.44 < labels[::2].mean() < 0.56  # even places tell nothing
    assert 0.4 < (labels[1:-1:2] == labels[2::2]).mean() < 0.6  # nor does the unit before, across pairs


def test_more_units_begin_with_the_same_ones():
    assert fans.make_units(50, seed=8) == fans.make_units(400, seed=8)[:50]
    assert fans.make_units(50, seed=8) != fans.make_units(50, seed=9)


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: fans.make_unit("F1", 0, "rust"), "defect is 'rust'"),
        (lambda: fans.make_unit("F1", 0, "scratch", 0), "defect_size is 0"),
        (lambda: fans.make_unit("F1", 0, "scratch", float("nan")), "defect_size is nan"),
        (lambda: fans.make_unit("F1", 0, "", 3), "GO unit has no defect"),
        (lambda: fans.make_unit("F1", -1), "seed is -1"),
        (lambda: fans.make_units(0, 0), "units is 0"),
        (lambda: fans.make_units(True, 0), "units is True"),
        (lambda: fans.make_units(4, 0.5), "seed is 0.5"),
        (lambda: fans.render("F1"), "unit is 'F1'"),
        (lambda: fans.render(fans.make_unit("F1", 0), -1), "shot is -1"),
        (lambda: fans.render(fans.make_unit("F1", 0), 0, 4), "size is 4"),
    ],
)
def test_bad_parameters_are_one_sentence(call, words):
    with pytest.raises(WorkbookError, match=words.replace("(", r"\(")) as refusal:
        call()
    assert str(refusal.value).endswith(".") and "\n" not in str(refusal.value)


# Photographs


@pytest.mark.parametrize("size", [16, 33, 80, 160, 300])
def test_any_size_shows_a_fan(size):
    photograph = fans.render(fans.make_unit("F1", 4), size=size)
    assert photograph.pixels.shape == (size, size, 3) and photograph.pixels.dtype == np.uint8
    assert photograph.mask.shape == (size, size) and photograph.mask.dtype == bool
    assert not photograph.mask.any() and photograph.box is None
    grey = photograph.pixels.mean(axis=2)
    middle, edge = slice(size * 7 // 16, size * 9 // 16), max(1, size // 40)
    assert grey[middle, middle].mean() > 110  # the label
    assert grey[:edge].mean() > 70  # the mat
    assert grey.min() < 30  # the holes


def test_sizes_show_the_same_scene():
    unit = fans.make_unit("F1", 11, "foreign_object", 20)
    small, large = (fans.render(unit, 1, size) for size in (80, 320))
    shrunk = large.pixels.reshape(80, 4, 80, 4, 3).mean(axis=(1, 3))
    assert np.abs(shrunk - small.pixels).mean() < 4
    assert np.abs(large.mask.reshape(80, 4, 80, 4).mean(axis=(1, 3)) - small.mask).mean() < 0.01


@pytest.mark.parametrize("blades", [5, 6, 7, 8, 9])
def test_blades_can_be_counted(blades):
    design = fans.Design(blades=blades, struts=False)
    photograph = fans.render(fans.make_unit("F1", 2), size=320, design=design)
    angle = np.linspace(0, 2 * np.pi, 2000, endpoint=False)
    radius = 40 / drawing.FIELD * 320
    x, y = (160 + radius * wave(angle) for wave in (np.cos, np.sin))
    # The mat between the blades is green, whatever the shading.
    green = photograph.pixels[..., 1].astype(float) - photograph.pixels[..., 0]
    green = green[y.astype(int), x.astype(int)] > 30
    power = np.abs(np.fft.rfft(green - green.mean()))
    assert power[3:12].argmax() + 3 == blades


def test_the_same_unit_and_shot_are_the_same_bytes():
    unit = fans.make_unit("F1", 21, "scratch")
    again = fans.make_unit("F1", 21, "scratch")
    first = fans.render(unit, 2).pixels
    fans.render(fans.make_unit("F2", 5), 0)
    assert (fans.render(again, 2).pixels == first).all()
    assert (fans.render(unit, 1).pixels != first).mean() > 0.5


@pytest.mark.parametrize("kind", fans.DEFECTS)
def test_a_defect_changes_its_mask_and_nothing_else(kind):
    """The GO and the NG unit of one seed are the same fan, shots and noise, but for the defect."""
    for seed in range(12):
        bad = fans.make_unit("F1", seed, kind)
        good = fans.make_unit("F1", seed)
        hurt, whole = fans.render(bad, seed % 3), fans.render(good, seed % 3)
        changed = np.abs(hurt.pixels.astype(int) - whole.pixels).max(axis=2)
        # The lens spreads an edge a little, slivers cover less than half a pixel, an object throws a shadow.
        around = binary_dilation(hurt.mask, iterations=6 if kind == "foreign_object" else 3)
        faint = 48 if kind == "scratch" else 16  # white on black shows even as a sliver
        assert changed[~around].max() <= faint and (changed[~around] > 2).mean() < 0.001, (
            f"{kind}, seed {seed}"
        )
        assert np.median(changed[hurt.mask]) > 20, f"{kind}, seed {seed}"
        y, x = np.nonzero(hurt.mask)
        assert hurt.box == (x.min(), y.min(), x.max() + 1, y.max() + 1)


@pytest.mark.parametrize("kind", fans.DEFECTS)
def test_larger_defects_cover_more(kind):
    limits = fans.SIZES[kind]
    areas = []
    for size in (limits.smallest, (limits.smallest * limits.usual) ** 0.5, limits.usual):
        shots = [fans.render(fans.make_unit("F1", seed, kind, size), size=120) for seed in range(12)]
        areas.append(np.mean([shot.mask.sum() for shot in shots]))
    assert 0 < areas[0] < areas[1] < areas[2]


def test_masks_have_the_size_they_say():
    scale = 320 / drawing.FIELD  # pixels per mm
    label = [
        fans.render(fans.make_unit("F1", seed, "label_missing", 35), size=320).mask.sum() for seed in range(4)
    ]
    assert np.allclose(np.array(label) / scale**2, np.pi * 17.5**2, rtol=0.04)
    for seed in range(6):
        scratch = fans.render(fans.make_unit("F1", seed, "foreign_object", 20), size=320)
        y, x = np.nonzero(scratch.mask)
        across = max(np.ptp(x * np.cos(a) + y * np.sin(a)) for a in np.linspace(0, np.pi, 60)) / scale
        assert 17 < across < 25


def test_ng_is_almost_always_to_be_seen():
    units = [unit for unit in fans.make_units(240, seed=1) if unit.defect]
    hidden = [unit for unit in units if fans.render(unit).box is None]
    assert len(hidden) <= 2


def test_border_and_noise_tell_nothing():
    """Where no defect can be, GO and NG photographs must be alike: no leak."""
    units = fans.make_units(240, seed=2)
    photographs = [fans.render(unit, 0, 80).pixels.astype(float) for unit in units]
    good = np.array([unit.label == "GO" for unit in units])
    measures = {
        "corner light": np.array([pixels[:3, :3].mean() for pixels in photographs]),
        "slope of light": np.array([pixels[:3].mean() - pixels[-3:].mean() for pixels in photographs]),
        "tint": np.array([pixels[:3, :, 0].mean() - pixels[:3, :, 2].mean() for pixels in photographs]),
        "noise": np.array([np.diff(pixels[:2], axis=1).std() for pixels in photographs]),
    }
    for name, measure in measures.items():
        apart = measure[good].mean() - measure[~good].mean()
        doubt = np.sqrt(measure[good].var() / good.sum() + measure[~good].var() / (~good).sum())
        assert abs(apart) < 4 * doubt, name


# The folder


@pytest.fixture(scope="module")
def produced(tmp_path_factory):
    os.environ["FANAOI_HEADLESS"] = "1"
    return fans.produce(
        tmp_path_factory.mktemp("made") / "line", units=14, shots=2, seed=5, size=48, workers=1
    )


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
        assert mask.is_file() == (unit.label == "NG")
        if unit.label == "GO":
            assert [row[name] for name in COLUMNS[5:]] == [""] * 5
        else:
            assert float(row["size"]) == unit.defect_size
            with Image.open(mask) as image:
                assert (np.asarray(image) == taken.mask * 255).all()
            box = tuple(int(row[name]) for name in COLUMNS[6:]) if row["x0"] else None
            assert box == taken.box
    files = [path for path in produced.rglob("*") if path.is_file()]
    assert len(files) == 28 + 14 + 2 and not [path for path in files if path.name.startswith(".")]


def test_bytes_do_not_depend_on_workers(produced, tmp_path):
    fans.produce(tmp_path / "line", units=14, shots=2, seed=5, size=48, workers=2)
    assert digest(tmp_path / "line") == digest(produced)


def test_second_call_returns_at_once(produced, monkeypatch):
    before = digest(produced)
    monkeypatch.setattr(line, "render", None)
    started = time.perf_counter()
    assert fans.produce(str(produced), 14, 2, 5, 48) == produced
    assert time.perf_counter() - started < 0.5
    assert digest(produced) == before


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
    stray = tmp_path / "line" / "photos" / "GO" / ".F0001_0-abc.png"
    stray.write_bytes(b"half")
    os.utime(stray, (1, 1))
    (tmp_path / "line" / "manifest.csv").unlink(missing_ok=True)
    fans.produce(tmp_path / "line", units=14, shots=2, seed=5, size=48, workers=1)
    assert digest(tmp_path / "line") == digest(produced)


def test_a_lost_photograph_is_made_again(produced, tmp_path):
    fans.produce(tmp_path, 4, 1, 5, 48, workers=1)
    before = digest(tmp_path)
    next((tmp_path / "photos" / "NG").iterdir()).unlink()
    fans.produce(tmp_path, 4, 1, 5, 48, workers=1)
    assert digest(tmp_path) == before


@pytest.mark.parametrize("changed", [{"units": 6}, {"shots": 2}, {"seed": 6}, {"size": 32}])
def test_other_settings_are_refused(changed, tmp_path):
    settings = {"units": 4, "shots": 1, "seed": 5, "size": 48, "workers": 1}
    fans.produce(tmp_path, **settings)
    (name, value), before = *changed.items(), digest(tmp_path)
    with pytest.raises(
        WorkbookError, match=f"made with {name} = {settings[name]}, not {value}; choose another"
    ):
        fans.produce(tmp_path, **settings | changed)
    assert digest(tmp_path) == before


def test_photographs_of_others_are_left_alone(tmp_path):
    (tmp_path / "photos" / "GO").mkdir(parents=True)
    with pytest.raises(WorkbookError, match="did not make"):
        fans.produce(tmp_path, 4, 1, 5, 48)
    assert not (tmp_path / "dataset.json").exists()
    (tmp_path / "plain").write_text("x")
    with pytest.raises(WorkbookError, match="plain"):
        fans.produce(tmp_path / "plain", 4, 1, 5, 48)
    (tmp_path / "broken").mkdir()
    (tmp_path / "broken" / "dataset.json").write_text("{")
    with pytest.raises(WorkbookError, match="can't be read"):
        fans.produce(tmp_path / "broken", 4, 1, 5, 48)


@pytest.mark.skipif(
    os.name == "nt" or not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may write anywhere"
)
def test_no_permission_is_one_sentence(tmp_path):
    tmp_path.chmod(0o500)
    with pytest.raises(WorkbookError, match="could not be written"):
        fans.produce(tmp_path / "line", 4, 1, 5, 48)


@pytest.mark.parametrize("workers", [1, 2])
def test_a_full_disk_is_one_sentence(tmp_path, workers):
    fans.produce(tmp_path, 40, 1, 5, 16, workers=1)
    for path in (tmp_path / "photos" / "GO").iterdir():
        path.unlink()
    (tmp_path / "photos" / "GO").rmdir()
    (tmp_path / "photos" / "GO").write_text("in the way")
    with pytest.raises(WorkbookError, match="could not be written") as refusal:
        fans.produce(tmp_path, 40, 1, 5, 16, workers=workers)
    assert "\n" not in str(refusal.value)


@pytest.mark.parametrize(
    "bad", [{"units": 0}, {"shots": 0}, {"seed": -1}, {"size": 5}, {"workers": 0}, {"folder": 3}]
)
def test_produce_checks_its_parameters(bad, tmp_path):
    settings = {"folder": tmp_path / "line", "units": 4, "shots": 1, "seed": 5, "size": 48} | bad
    with pytest.raises(WorkbookError, match=next(iter(bad))):
        fans.produce(**settings)
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
    assert json.loads((tmp_path / "line" / "dataset.json").read_text())["units"] == 40
    assert len(rows_of(tmp_path / "line")) == 40
