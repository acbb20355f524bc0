"""How well and how fast copies are found: `python benchmarks/copies.py [--units N] [--size S] [--many N]`.

Every condition is printed by itself: recall is the share of its copies that ended in one group with the
photograph they were made from; precision and recall below the table are over all pairs of photographs.
"""

import argparse
import csv
import io
import itertools
import os
import resource
import tempfile
import time
from collections import Counter
from pathlib import Path

import cv2
import numpy as np
from PIL import Image

from fanaoi_helpers import fans, files
from fanaoi_helpers.photos import copies
from fanaoi_helpers.threads import cores

IMPELLER = files.root().parent / "shared" / "photos" / "impeller"
# Looked at by eye, laid on each other: the manifest gives two names to what is one photograph.
SAME_SOURCE = [{"g109", "g124", "g130", "g131", "g134", "g136", "g137"}, {"g002", "g138"}]


def turned(pixels, angle, border="black", middle=(0.0, 0.0)):
    """Return ``pixels`` turned about their middle, or that far (share of the sides) from it."""
    modes = {"edge": cv2.BORDER_REPLICATE, "reflected": cv2.BORDER_REFLECT_101}
    height, width = pixels.shape[:2]
    about = (width - 1) / 2 + middle[0] * width, (height - 1) / 2 + middle[1] * height
    value = (255,) * 3 if border == "white" else (0,) * 3
    matrix = cv2.getRotationMatrix2D(about, angle, 1)
    mode = modes.get(border, cv2.BORDER_CONSTANT)
    return cv2.warpAffine(pixels, matrix, (width, height), borderMode=mode, borderValue=value)


def turned_whole(pixels, angle):
    """Return ``pixels`` turned on a larger white sheet."""
    image = Image.fromarray(pixels).rotate(angle, Image.Resampling.BICUBIC, True, fillcolor=(255,) * 3)
    return np.asarray(image)


def turned_and_cut(pixels, angle):
    """Return ``pixels`` turned, and of them the largest square without corners."""
    share = 1 / (abs(np.cos(np.radians(angle))) + abs(np.sin(np.radians(angle))))
    border = int(np.ceil(len(pixels) * (1 - share) / 2))
    return turned(pixels, angle)[border : len(pixels) - border, border : len(pixels) - border]


def cropped(pixels, random, back=True):
    """Return 95 % of height and width, anywhere, ``back`` at the old size."""
    height, width = pixels.shape[:2]
    h, w = round(height * 0.95), round(width * 0.95)
    y, x = random.integers(height - h + 1), random.integers(width - w + 1)
    part = np.ascontiguousarray(pixels[y : y + h, x : x + w])
    return cv2.resize(part, (width, height)) if back else part


def resized(pixels, factor):
    """Return ``pixels`` that many times as large."""
    size = round(pixels.shape[1] * factor), round(pixels.shape[0] * factor)
    return np.asarray(Image.fromarray(pixels).resize(size, Image.Resampling.BICUBIC))


def compressed(pixels, quality=60):
    """Return ``pixels`` after a JPEG file."""
    file = io.BytesIO()
    Image.fromarray(np.ascontiguousarray(pixels)).save(file, "JPEG", quality=quality)
    return np.asarray(Image.open(file).convert("RGB"))


def brighter(pixels, factor=1.0, more=0):
    """Return ``pixels`` times ``factor`` plus ``more`` gray values, clipped."""
    return np.clip(pixels * factor + more, 0, 255).astype(np.uint8)


def _angle(random):
    return float(random.uniform(-180, 180))


def _light(random):
    return float(random.uniform(0.8, 1.2))


CONDITIONS = {
    "turned, corners black": lambda p, r: turned(p, _angle(r)),
    "turned, corners white": lambda p, r: turned(p, _angle(r), "white"),
    "turned, edge repeated": lambda p, r: turned(p, _angle(r), "edge"),
    "turned, edge reflected": lambda p, r: turned(p, _angle(r), "reflected"),
    "turned 5 % off-center": lambda p, r: turned(p, _angle(r), middle=r.uniform(-0.05, 0.05, 2)),
    "turned, whole, on white": lambda p, r: turned_whole(p, _angle(r)),
    "turned, corners cut off": lambda p, r: turned_and_cut(p, _angle(r)),
    "turned twice": lambda p, r: turned(turned(p, _angle(r), "edge"), _angle(r), "edge"),
    "mirrored left and right": lambda p, r: p[:, ::-1],
    "mirrored top and bottom": lambda p, r: p[::-1],
    "mirrored and turned": lambda p, r: turned(np.ascontiguousarray(p[:, ::-1]), _angle(r), "edge"),
    "cropped by 5 %": lambda p, r: cropped(p, r, back=False),
    "cropped by 5 %, old size": cropped,
    "JPEG 60": lambda p, r: compressed(p),
    "20 % brighter": lambda p, r: brighter(p, 1.2),
    "20 % darker": lambda p, r: brighter(p, 0.8),
    "51 gray values brighter": lambda p, r: brighter(p, more=51),
    "51 gray values darker": lambda p, r: brighter(p, more=-51),
    "resized to 0.5": lambda p, r: resized(p, 0.5),
    "resized to 0.75": lambda p, r: resized(p, 0.75),
    "resized to 1.5": lambda p, r: resized(p, 1.5),
    "turned, light, JPEG 60": lambda p, r: compressed(brighter(turned(p, _angle(r), "edge"), _light(r))),
    "turned, 0.7, light, JPEG 60": lambda p, r: compressed(
        brighter(resized(turned(p, _angle(r)), 0.7), _light(r))
    ),
    "mirrored, turned, cropped, JPEG 60": lambda p, r: compressed(
        cropped(turned(np.ascontiguousarray(p[::-1]), _angle(r), "edge"), r)
    ),
}


def precision_and_recall(truth, groups):
    """Return both, over all pairs of photographs: of one source, and in one group."""

    def pairs(names):
        return sum(count * (count - 1) // 2 for count in Counter(names).values())

    right = pairs(zip(truth, groups, strict=True))
    return right / max(1, pairs(groups)), right / max(1, pairs(truth))


def searched(paths):
    """Return what was found; print how long it took, on how many cores, and the most memory so far."""
    started, spent = time.perf_counter(), time.process_time()
    found = copies.find(paths)
    wall, cpu = time.perf_counter() - started, time.process_time() - spent
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"  {found}: {wall:.0f} s on {cores()} cores, {cpu:.0f} s of CPU, {memory:.0f} MB")
    return found


def rendered(folder, design, units, size):
    """Search ``units`` different fans of one design, one photograph each and a copy for each condition."""
    print(
        f"{design.name}, {units} units at {size}x{size}, one photograph and {len(CONDITIONS)} copies of each"
    )
    paths, truth, made = [], [], []
    for unit in fans.make_units(units, seed=5):
        pixels = fans.render(unit, 0, size, design=design).pixels
        random = np.random.default_rng(unit.seed)
        for name, change in {"": lambda p, r: p, **CONDITIONS}.items():
            paths.append(folder / f"{design.name}-{size}-{len(paths)}.png")
            Image.fromarray(np.ascontiguousarray(change(pixels, random))).save(paths[-1])
            truth.append(unit.serial)
            made.append(name)
    found = searched(paths)
    home = {serial: group for serial, group, name in zip(truth, found.groups, made, strict=True) if not name}
    for name in CONDITIONS:
        right = [home[truth[i]] == found.groups[i] for i in range(len(paths)) if made[i] == name]
        print(f"  {name:36s} recall {np.mean(right):.3f}")
    print("  all pairs: precision {:.4f}, recall {:.4f}".format(*precision_and_recall(truth, found.groups)))


def not_copies(folder, design, size):
    """Search what is alike and no copy: shots of one unit; GO and NG twins, equal but for the defect."""
    random = np.random.default_rng(3)
    seeds = [int(seed) for seed in random.integers(2**40, size=30)]
    shots, twins = [], []
    for number, seed in enumerate(seeds):
        unit = fans.make_unit("F0001", seed)
        for shot in range(3):
            shots.append(folder / f"shot-{size}-{number}-{shot}.png")
            Image.fromarray(fans.render(unit, shot, size, design=design).pixels).save(shots[-1])
    found = searched(shots)
    inside = sum(found.groups[i] == found.groups[j] for i, j in itertools.combinations(range(len(shots)), 2))
    print(f"  {design.name} {size}x{size}: {inside} pairs among 30 units with 3 shots each taken for copies")
    merged = Counter()
    for kind in fans.DEFECTS:
        for number, seed in enumerate(seeds[:6]):
            pair = []
            for unit in (fans.make_unit("F0001", seed), fans.make_unit("F0001", seed, kind)):
                pair.append(folder / f"twin-{size}-{kind}-{number}-{unit.label}.png")
                Image.fromarray(fans.render(unit, 0, size, design=design).pixels).save(pair[-1])
            twins.append((kind, pair))
            merged[kind] += int(copies.find(pair).groups[1] == 0)
    print("  twins taken for copies, of 6: " + ", ".join(f"{kind} {merged[kind]}" for kind in fans.DEFECTS))


def impeller():
    """Search the photographs of castings, if they are here."""
    if not IMPELLER.is_dir():
        print("impeller: not measured, the photographs are not here")
        return
    with (IMPELLER / "manifest.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    print(f"impeller, {len(rows)} files")
    found = searched([IMPELLER / row["photo"] for row in rows])
    truth = [row["serial"] for row in rows]
    print(
        "  as in manifest: precision {:.4f}, recall {:.4f}".format(*precision_and_recall(truth, found.groups))
    )
    names = {name: min(same) for same in SAME_SOURCE for name in same}
    truth = [names.get(serial, serial) for serial in truth]
    print(
        "  corrected:      precision {:.4f}, recall {:.4f}".format(*precision_and_recall(truth, found.groups))
    )


def many(folder, count, size):
    """Search ``count`` photographs: all different fans; and impellers, each source with 53 copies."""
    print(f"{count} different fans at {size}x{size}")
    paths = []
    for unit in fans.make_units(count, seed=77):
        paths.append(folder / f"many-{unit.serial}.png")
        cv2.imwrite(str(paths[-1]), fans.render(unit, 0, size).pixels[..., ::-1])
    searched(paths)
    if not IMPELLER.is_dir():
        return
    print(f"{count} files made of impellers, about 53 of each")
    with (IMPELLER / "manifest.csv").open(encoding="utf-8") as file:
        sources = {row["serial"]: row["photo"] for row in csv.DictReader(file)}
    names = {name: min(same) for same in SAME_SOURCE for name in same}
    sources = {names.get(serial, serial): photo for serial, photo in sources.items()}
    paths, truth = [], []
    random = np.random.default_rng(0)
    while len(paths) < count:
        serial, photo = list(sources.items())[len(paths) % len(sources)]
        pixels = np.asarray(Image.open(IMPELLER / photo).convert("RGB"))
        if random.random() < 0.5:
            pixels = np.ascontiguousarray(pixels[:, ::-1])
        paths.append(folder / f"casting-{len(paths)}.jpg")
        Image.fromarray(turned(pixels, _angle(random), "edge")).save(paths[-1], quality=90)
        truth.append(serial)
    found = searched(paths)
    print("  all pairs: precision {:.4f}, recall {:.4f}".format(*precision_and_recall(truth, found.groups)))


def main():
    """Print the tables."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    options.add_argument("--units", type=int, default=100)
    options.add_argument("--size", type=int, nargs="+", default=[160, 300])
    options.add_argument("--design", nargs="+", default=[fans.AF120.name])
    options.add_argument("--many", type=int, default=0, help="also time this many photographs")
    chosen = options.parse_args()
    os.environ.setdefault("FANAOI_HEADLESS", "1")
    designs = getattr(fans, "DESIGNS", {fans.AF120.name: fans.AF120})
    with tempfile.TemporaryDirectory() as place:
        impeller()
        for name, size in itertools.product(chosen.design, chosen.size):
            rendered(Path(place), designs[name], chosen.units, size)
            not_copies(Path(place), designs[name], size)
        if chosen.many:
            many(Path(place), chosen.many, 300)


if __name__ == "__main__":
    main()
