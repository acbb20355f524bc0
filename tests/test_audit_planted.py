"""What people plant in a folder is named as what it is, and next to nothing else is."""

import importlib.util

import numpy as np
import pytest
from PIL import Image

from fanaoi_helpers import fans, files
from fanaoi_helpers.audit import check, doubts, quality, shortcuts
from fanaoi_helpers.audit.inspecting import Inspected, look
from fanaoi_helpers.photos import copies


@pytest.fixture(scope="module")
def benchmark():
    path = files.root() / "benchmarks" / "audit.py"
    spec = importlib.util.spec_from_file_location("audit_benchmark", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_three_of_each_kind_among_clean_ones(benchmark, tmp_path, runs, monkeypatch):
    """A small one; `python benchmarks/audit.py` plants ten of each among more."""
    monkeypatch.setattr(benchmark, "CASES", 3)
    truth = benchmark.planted(tmp_path / "set", 7, 120, 160, "AF120-7", "usual")
    counts, false = benchmark.found(tmp_path / "set", truth)
    hardest = ("flipped label", "resized")  # the first cases are the mildest, and of half the size
    assert {kind: count for kind, count in counts.items() if count < 3 - (kind in hardest)} == {}
    assert len({name for name, _ in false}) <= 0.02 * sum(not what for what in truth.values())


def saved(folder, pictures):
    """Write pictures by name; return their paths."""
    for name, pixels in pictures.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(np.ascontiguousarray(pixels)).save(folder / name)
    return [folder / name for name in pictures]


STILL = fans.Conditions(
    **dict.fromkeys(
        ["light_direction_spread", "exposure_spread", "focus_spread", "shift_spread", "turn_spread"], 0.0
    ),
    **dict.fromkeys(["zoom_spread", "white_balance_spread", "rotor_spread"], 0.0),
)


def test_units_alike_but_for_their_defect_are_not_surely_one_photograph(tmp_path):
    """Same fan, pose, light and noise: all that differs is a defect."""
    for number, kind in enumerate(fans.DEFECTS):
        twins = [fans.make_unit("F0001", number), fans.make_unit("F0001", number, kind)]
        pictures = {
            f"{label}/{number}.png": fans.render(twin, size=160, conditions=STILL).pixels
            for label, twin in zip(("GO", "NG"), twins, strict=True)
        }
        paths = saved(tmp_path, pictures)
        assert copies.surely(paths, np.zeros(2, int), np.array([1, 0])).tolist() == [0, 1], kind


@pytest.mark.parametrize("change", ["same", "turned", "mirrored", "brighter", "half"])
def test_a_copy_under_the_other_label_is_surely_one(tmp_path, benchmark, change):
    pixels = fans.render(fans.make_unit("F0001", 5), size=160).pixels
    changed = {
        "same": lambda p: p,
        "turned": lambda p: benchmark.turned(p, 37),
        "mirrored": lambda p: p[:, ::-1],
        "brighter": lambda p: benchmark.lit(p, 1.3),
        "half": lambda p: benchmark.resized(p, 0.5),
    }[change](pixels)
    paths = saved(tmp_path, {"GO/a.png": pixels, "NG/a.png": changed})
    assert copies.surely(paths, np.zeros(2, int), np.array([1, 0])).tolist() == [0, 0]
    assert copies.surely(paths, np.zeros(2, int), np.array([1, 1])).tolist() == [0, 1]  # not asked


@pytest.mark.parametrize("change", ["dark", "blurred", "none"])
def test_a_folder_that_is_dark_or_soft_throughout_is_no_folder_of_problems(tmp_path, benchmark, change):
    pictures = {}
    for number, unit in enumerate(fans.make_units(24, seed=2)):
        pixels = fans.render(unit, size=100).pixels
        if change == "dark":
            pixels = benchmark.lit(pixels, 0.1)
        elif change == "blurred":
            pixels = benchmark.blurred(pixels, 9)
        pictures[f"{unit.label}/{number}.png"] = pixels
    saved(tmp_path, pictures)
    found = {finding.kind for finding in check(tmp_path, copies=False).findings}
    assert not found & set(quality.WORDS)


# --- A property that alone predicts the label --------------------------------------------------


def inspected(number, label, random, **other):
    """Return a photograph of a plain folder, of which nothing tells the label."""
    pixels = random.integers(100, 140, (24, 32, 3)).astype(np.uint8)
    measured = {
        name: value + float(random.normal(0, 1)) for name, value in shortcuts_measured(pixels).items()
    }
    facts = {
        "name": f"{('NG', 'GO')[label]}/{random.integers(1000)}.jpg",
        "format": "JPEG",
        "mode": "RGB",
        "width": 32,
        "height": 24,
        "bytes": int(random.integers(2000, 3000)),
        "measured": measured,
        "taken": {"coarse": 30.0, "camera": "A", "iso": float(random.integers(1, 9) * 100)},
    }
    return Inspected(path="", label=label, **(facts | other))


def shortcuts_measured(pixels):
    from fanaoi_helpers.audit.measuring import measure

    return measure(pixels)


def reported(photos):
    evidence = type("Evidence", (), {"photos": photos, "classes": ("NG", "GO")})()
    evidence.units = np.arange(len(photos))
    return [finding.kind.removeprefix("shortcut_") for finding in shortcuts.find(evidence)]


def test_a_clean_folder_is_left_in_peace():
    """At most 1 in 100 is allowed for; 40 small folders are tried."""
    false = []
    for seed in range(40):
        random = np.random.default_rng(seed)
        false += reported([inspected(n, n % 2, random) for n in range(40)])
    assert len(false) <= 2, false


PLANTED = {
    "format": lambda label, random: {"format": ("PNG", "JPEG")[label]},
    "mode": lambda label, random: {"mode": ("L", "RGB")[label]},
    "size": lambda label, random: {"width": (30, 32)[label]},
    "bytes": lambda label, random: {"bytes": 2500 + 900 * label + int(random.integers(300))},
    "name": lambda label, random: {"name": f"{('NG', 'GO')[label]}/{('bad', 'fine')[label]}7.jpg"},
    "name_number": lambda label, random: {
        "name": f"{('NG', 'GO')[label]}/{100 + 100 * label + random.integers(99)}.jpg"
    },
    "subfolder": lambda label, random: {"name": f"{('NG', 'GO')[label]}/{('mon', 'tue')[label]}/5.jpg"},
    "quality": lambda label, random: {"taken": {"coarse": (20.0, 30.0)[label]}},
    "camera": lambda label, random: {"taken": {"camera": ("A", "B")[label]}},
    "software": lambda label, random: {"taken": {"software": "GIMP"} if label else {}},
    "exposure": lambda label, random: {"taken": {"exposure": (0.01, 0.02)[label]}},
    "time": lambda label, random: {
        "taken": {"time": f"2026:05:{4 + label:02} 10:{random.integers(60):02}:00"}
    },
    "border": lambda label, random: {"measured": {"border": 100 + 9 * label + float(random.normal())}},
    "corners": lambda label, random: {"measured": {"corners": 100 + 9 * label + float(random.normal())}},
    "softness": lambda label, random: {"measured": {"blur": 0.3 + 0.2 * label + float(random.random()) / 9}},
    "noise": lambda label, random: {"measured": {"noise": 1 + label + float(random.random())}},
}


@pytest.mark.parametrize("kind", PLANTED)
def test_each_planted_property_is_found_by_the_one_rule(kind):
    random = np.random.default_rng(1)
    photos = [inspected(n, n % 2, random, **PLANTED[kind](n % 2, random)) for n in range(40)]
    assert kind in reported(photos)


def test_neither_small_nor_large_is_found_as_well():
    values = np.r_[np.linspace(0, 1, 30), np.linspace(0.4, 0.6, 30)]
    assert shortcuts.told_apart(values.tolist(), np.repeat([0, 1], 30)) > 0.7


def test_how_a_photograph_was_taken_is_read_from_its_file(tmp_path):
    exif = Image.Exif()
    exif[0x0110] = "Camera X"
    exif.get_ifd(0x8769)[0x829A] = 0.01
    exif.get_ifd(0x8769)[0x9003] = "2026:01:02 03:04:05"
    Image.new("RGB", (32, 24)).save(tmp_path / "a.jpg", exif=exif)
    *_, taken = look((tmp_path / "a.jpg").read_bytes()).facts
    assert taken["camera"] == "Camera X" and taken["time"] == "2026:01:02 03:04:05"
    assert taken["exposure"] == pytest.approx(0.01) and taken["coarse"] > 1


# --- Labels ------------------------------------------------------------------------------------


def test_labels_are_doubted_only_where_a_judge_tells_the_classes_apart():
    random = np.random.default_rng(0)
    labels = np.tile([0, 1], 60)
    given = labels.copy()
    given[[3, 50, 77]] = 1 - given[[3, 50, 77]]
    means = random.normal(size=(120, 2048)).astype(np.float32)
    maps = random.normal(size=(120, 2, 2, 152)).astype(np.float32)
    assert len(doubts.suspects(means, maps, given, np.arange(120))) == 0  # nothing to go by
    means[:, :40] += 3 * labels[:, None]
    assert set(doubts.suspects(means, maps, given, np.arange(120)).tolist()) == {3, 50, 77}


def test_what_is_far_from_all_others_is_found_even_in_tens():
    random = np.random.default_rng(0)
    means = np.abs(random.normal(5, 1, size=(200, 64)))
    means[:10] = random.normal(0, 0.1, size=(10, 64))
    means[:10, :3] += 40
    assert np.flatnonzero(doubts.odd_ones_out(means)).tolist() == list(range(10))
    assert not doubts.odd_ones_out(means[10:]).any()
