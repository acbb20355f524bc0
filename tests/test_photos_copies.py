"""Copies of one photograph are found; what only looks alike is not taken for one."""

import csv
import io
import subprocess
import sys

import cv2
import numpy as np
import pytest
from PIL import Image
from sklearn.datasets import load_sample_images

from fanaoi_helpers import fans, files
from fanaoi_helpers.photos import copies
from fanaoi_helpers.photos.copies import features

IMPELLER = files.root().parent / "shared" / "photos" / "impeller"
UNITS = 5


@pytest.fixture(autouse=True)
def headless(monkeypatch):
    monkeypatch.setenv("FANAOI_HEADLESS", "1")


def turned(pixels, angle, border=cv2.BORDER_CONSTANT, value=0, scale=1.0):
    """Return ``pixels`` turned counterclockwise about their middle."""
    height, width = pixels.shape[:2]
    matrix = cv2.getRotationMatrix2D(((width - 1) / 2, (height - 1) / 2), angle, scale)
    size = width, height
    return cv2.warpAffine(pixels, matrix, size, borderMode=border, borderValue=(value,) * 3)


def cropped(pixels):
    side = round(len(pixels) * 0.95)
    return pixels[-side:, :side]


def compressed(pixels):
    file = io.BytesIO()
    Image.fromarray(np.ascontiguousarray(pixels)).save(file, "JPEG", quality=60)
    return np.asarray(Image.open(file))


def lit(pixels, factor):
    return np.clip(pixels * factor, 0, 255).astype(np.uint8)


def resized(pixels, factor):
    side = round(len(pixels) * factor)
    return np.asarray(Image.fromarray(pixels).resize((side, side)))


CONDITIONS = {
    "turned": lambda p: turned(p, 33),
    "turned far, corners white": lambda p: turned(p, 171.5, value=255),
    "turned, edge repeated": lambda p: turned(p, -78, cv2.BORDER_REPLICATE),
    "quarter turn": lambda p: np.rot90(p),
    "mirrored": lambda p: p[:, ::-1],
    "mirrored and turned": lambda p: turned(np.ascontiguousarray(p[::-1]), 100, cv2.BORDER_REFLECT_101),
    "cropped": cropped,
    "cropped, old size": lambda p: resized(np.ascontiguousarray(cropped(p)), 1 / 0.95),
    "JPEG 60": compressed,
    "brighter": lambda p: lit(p, 1.2),
    "darker": lambda p: lit(p, 0.8),
    "smaller": lambda p: resized(p, 0.6),
    "larger": lambda p: resized(p, 1.5),
    "turned, darker, JPEG 60": lambda p: compressed(lit(turned(p, 140), 0.85)),
}


def saved(folder, pictures):
    """Write the pictures as PNG files; return their paths."""
    folder.mkdir(exist_ok=True)
    paths = [folder / f"{number:03d}.png" for number in range(len(pictures))]
    for path, pixels in zip(paths, pictures, strict=True):
        Image.fromarray(np.ascontiguousarray(pixels)).save(path)
    return paths


@pytest.fixture(scope="module")
def line(tmp_path_factory):
    """Return the paths of different units of one design, each with its copies, and what was found."""
    pictures = []
    for unit in fans.make_units(UNITS, seed=4):
        pixels = fans.render(unit, size=160).pixels
        pictures += [pixels, *(change(pixels) for change in CONDITIONS.values())]
    paths = saved(tmp_path_factory.mktemp("line"), pictures)
    return paths, copies.find(paths)


@pytest.fixture(scope="module")
def scene():
    """Return a photograph that is no fan, (427, 640, 3)."""
    return load_sample_images().images[0]


@pytest.mark.parametrize("name", CONDITIONS)
def test_a_copy_joins_its_photograph(line, name):
    groups = line[1].groups.reshape(UNITS, -1)
    assert (groups[:, 0] == groups[:, 1 + list(CONDITIONS).index(name)]).sum() >= UNITS - 1


def test_units_of_one_design_stay_apart(line):
    groups = line[1].groups.reshape(UNITS, -1)
    assert len(np.unique(groups[:, 0])) == UNITS
    assert all(not np.intersect1d(groups[a], groups[b]).size for a in range(UNITS) for b in range(a))


def test_shots_of_one_unit_are_different_photographs(tmp_path):
    unit = fans.make_unit("F0001", seed=11)
    paths = saved(tmp_path, [fans.render(unit, shot, 200).pixels for shot in range(3)])
    assert copies.find(paths).groups.tolist() == [0, 1, 2]


def test_a_defect_makes_another_photograph(tmp_path):
    twins = [fans.make_unit("F0001", 8), fans.make_unit("F0001", 8, "label_missing")]
    paths = saved(tmp_path, [fans.render(twin, size=200).pixels for twin in twins])
    assert copies.find(paths).groups.tolist() == [0, 1]


def test_the_result_knows_nothing_of_cores_and_order(line, monkeypatch):
    paths = line[0]
    some = [*range(0, len(paths), 5)]
    monkeypatch.setattr(copies, "cores", lambda: 1)
    one = copies.find([paths[i] for i in some])
    monkeypatch.setattr(copies, "cores", lambda: 3)
    three = copies.find([paths[i] for i in some])
    back = copies.find([paths[i] for i in some[::-1]])
    assert one.groups.tolist() == three.groups.tolist() and one.skipped == three.skipped
    alike = one.groups[:, None] == one.groups
    assert ((back.groups[:, None] == back.groups)[::-1, ::-1] == alike).all()


@pytest.mark.parametrize(
    ("angle", "mirror", "scale"), [(30, False, 1), (-120, False, 0.6), (75, True, 1.4), (180, True, 1)]
)
def test_a_copy_that_was_turned_mirrored_and_resized_at_once(tmp_path, scene, angle, mirror, scale):
    first = scene[:400, :400]
    second = resized(turned(np.ascontiguousarray(first[:, ::-1]) if mirror else first, angle), scale)
    assert copies.find(saved(tmp_path, [first, scene[:, 240:], second])).groups.tolist() == [0, 1, 0]


def test_photographs_that_are_no_fans(tmp_path, scene):
    """Patches that overlap are not copies; a patch cropped a little is."""
    patches = [scene[y : y + 200, x : x + 200] for y in (0, 100, 200) for x in (0, 100, 200, 300, 400)]
    pictures = [*patches, *map(cropped, patches), *(turned(patch, 50) for patch in patches)]
    found = copies.find(saved(tmp_path, pictures))
    groups = found.groups.reshape(3, len(patches))
    assert len(np.unique(groups[0])) == len(patches)  # none joined by itself or by a copy
    assert (groups[1] == groups[0]).mean() >= 0.7  # some show little but a white sky
    assert (groups[2] == groups[0]).mean() >= 0.7


def test_without_texture_only_exact_duplicates_are_found(tmp_path):
    def even(side, value):
        return np.full((side, side, 3), value, np.uint8)

    noise = np.random.default_rng(0).integers(256, size=(8, 8, 3), dtype=np.uint8)
    found = copies.find(
        saved(tmp_path, [even(64, 0), even(64, 90), even(80, 0), noise, even(64, 0), noise[::-1]])
    )
    assert found.groups.tolist() == [0, 1, 2, 3, 0, 4]
    assert {reason for _, reason in found.skipped} == {copies.FEATURELESS}


def test_what_cannot_be_read_is_said(tmp_path, scene):
    paths = saved(tmp_path, [scene, scene])
    paths[1].write_bytes(paths[1].read_bytes()[:5000])
    (tmp_path / "text.png").write_text("no picture")
    found = copies.find([tmp_path / "gone.png", *paths, tmp_path / "text.png"])
    assert found.groups.tolist() == [0, 1, 2, 3]
    assert [index for index, _ in found.skipped] == [0, 2, 3] and all(reason for _, reason in found.skipped)


def test_few_photographs(tmp_path, scene):
    paths = saved(tmp_path, [scene])
    assert copies.find([]).groups.shape == (0,)
    assert copies.find(paths).groups.tolist() == [0]
    found = copies.find([str(paths[0]), paths[0]])
    assert found.groups.tolist() == [0, 0]
    assert repr(found) == "Copies(2 photographs: 2 in 1 groups of copies)"


def test_a_mirrored_photograph_has_the_descriptors_in_another_order(scene):
    gray = cv2.cvtColor(scene[:300, :300], cv2.COLOR_RGB2GRAY)
    sift = cv2.SIFT_create()
    points, own = sift.detectAndCompute(gray, None)
    others, other = sift.detectAndCompute(np.ascontiguousarray(gray[:, ::-1]), None)
    places = np.array([(299 - point.pt[0], point.pt[1], point.size) for point in others])
    apart = []
    for point, descriptor in zip(points, features.mirrored(own), strict=True):
        near = (
            np.abs(places - (*point.pt, point.size)).sum(axis=1) < 1
        )  # OpenCV's places are half a pixel off
        if near.any():
            apart.append(np.linalg.norm(other[near] - descriptor, axis=1).min())
    assert len(apart) > 100 and np.median(apart) < 100  # of 512; unrelated ones are 500 apart


def test_ctrl_c_ends_the_search(tmp_path, scene, monkeypatch):
    threads = cv2.getNumThreads()

    def pressed(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(features, "_points", pressed)
    with pytest.raises(KeyboardInterrupt):
        copies.find(saved(tmp_path, [scene]))
    assert cv2.getNumThreads() == threads


def test_nothing_heavy_is_imported_before_a_search():
    code = (
        "import sys; from fanaoi_helpers.photos import copies; print({'cv2', 'sklearn'} & set(sys.modules))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, cwd=files.root(), check=True
    )
    assert done.stdout.strip() == "set()"


@pytest.mark.skipif(not IMPELLER.is_dir(), reason="../shared/photos/impeller is not here")
def test_castings_of_the_public_set():
    with (IMPELLER / "manifest.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))[200:320]
    groups = copies.find([IMPELLER / row["photo"] for row in rows]).groups
    serials = np.array([row["serial"] for row in rows])
    true, found = serials[:, None] == serials, groups[:, None] == groups
    off = ~np.eye(len(rows), dtype=bool)
    assert (found & true & off).sum() >= 0.9 * (true & off).sum()
    assert (found & ~true).sum() <= 0.01 * (found & off).sum()
