"""What `fanaoi check` finds of what people plant in a folder: `python benchmarks/audit.py [--seeds 0 1 2]`.

Photographs of different fans, and ten planted cases for each of 16 kinds, from mild to strong. A case is
found when the audit names its file as what it is. Everything else is clean: which of these photographs are
named at all, other than as the original of a planted copy?
"""

import argparse
import os
import shutil
import tempfile
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFilter
from sklearn.datasets import load_sample_images

from fanaoi_helpers import audit, fans

CASES = 10
# What an audit must call each kind; copies must stand in one group with what they were made from.
COPIES = {
    "exact copy": {"duplicates", "copies"},
    "copy under the other label": {"both_labels"},
    "rotated 90": {"copies"},
    "mirrored": {"copies"},
    "rotated 37": {"copies"},
    "1.3x brighter": {"copies"},
    "resized": {"copies"},
}
CHANGED = {
    "nearly black": {"dark"},
    "overexposed": {"overexposed"},
    "blurred": {"blurred"},
    "empty gray": {"empty"},
    "odd shape": {"odd_shape"},
    "tiny": {"tiny"},
    "gray": {"gray"},
    "flipped label": {"label_suspect"},
}
ALIEN = "something else"
KINDS = {**COPIES, **CHANGED, ALIEN: {"alien"}}


def lit(pixels: np.ndarray, factor: float, more: float = 0.0) -> np.ndarray:
    """Return ``pixels`` times ``factor`` plus ``more`` gray values, clipped."""
    return np.clip(pixels * factor + more, 0, 255).astype(np.uint8)


def turned(pixels: np.ndarray, angle: float) -> np.ndarray:
    """Return ``pixels`` turned about their middle, corners black."""
    return np.asarray(Image.fromarray(pixels).rotate(angle, Image.Resampling.BICUBIC))


def resized(pixels: np.ndarray, width: float, height: float | None = None) -> np.ndarray:
    """Return ``pixels`` that many times as wide and high."""
    size = round(pixels.shape[1] * width), round(pixels.shape[0] * (height or width))
    return np.asarray(Image.fromarray(pixels).resize(size, Image.Resampling.LANCZOS))


def between(first: float, last: float, case: int) -> float:
    """Return the value for one of ten cases, mild first."""
    return first + (last - first) * case / (CASES - 1)


def empty(shape: tuple[int, ...], case: int, random: np.random.Generator) -> np.ndarray:
    """Return a gray field, with noise and, in every other case, a little brighter to one side."""
    field = np.full(shape, float(random.integers(60, 200)))
    if case % 2:
        field += np.linspace(0, 20, shape[1])[None, :, None]
    return np.clip(field + random.normal(0, between(3, 0, case), shape), 0, 255).astype(np.uint8)


def blurred(pixels: np.ndarray, case: int) -> np.ndarray:
    """Return ``pixels`` out of focus, by 1.2 to 4 % of their side."""
    radius = between(0.012, 0.04, case) * len(pixels)
    return np.asarray(Image.fromarray(pixels).filter(ImageFilter.GaussianBlur(radius)))


COPY: dict[str, Callable] = {
    "exact copy": lambda p, case: p,
    "copy under the other label": lambda p, case: (p, np.rot90(p), lit(p, 1.2), p[:, ::-1], turned(p, 20))[
        case % 5
    ],
    "rotated 90": lambda p, case: np.rot90(p, 1 + case % 3),
    "mirrored": lambda p, case: p[:, ::-1] if case % 2 else p[::-1],
    "rotated 37": lambda p, case: turned(p, 37),
    "1.3x brighter": lambda p, case: lit(p, 1.3),
    "resized": lambda p, case: resized(p, (0.5, 0.6, 0.7, 0.8, 0.9, 1.2, 1.4, 1.6, 1.8, 2.0)[case]),
}
CHANGE: dict[str, Callable] = {
    "nearly black": lambda p, case, random: lit(p, between(0.15, 0.02, case)),
    "overexposed": lambda p, case, random: lit(p, between(2.5, 5, case), between(20, 60, case)),
    "blurred": lambda p, case, random: blurred(p, case),
    "empty gray": lambda p, case, random: empty(p.shape, case, random),
    "odd shape": lambda p, case, random: (p[: len(p) // 2], p[:, : len(p) // 2], resized(p, 1.6, 1))[
        case % 3
    ],
    "tiny": lambda p, case, random: resized(p, between(40, 16, case) / len(p)),
    "gray": lambda p, case, random: np.asarray(Image.fromarray(p).convert("L")),
    "flipped label": lambda p, case, random: p,
}


def drawn(random: np.random.Generator, side: int) -> np.ndarray:
    """Return a drawing in colors that no photograph of the line has."""
    image = Image.new("RGB", (side, side), tuple(random.integers(256, size=3).tolist()))
    draw = ImageDraw.Draw(image)
    for _ in range(12):
        x, y, w, h = random.integers(side, size=4).tolist()
        shape = random.choice(["rectangle", "ellipse"])
        getattr(draw, shape)((x, y, x + w, y + h), tuple(random.integers(256, size=3).tolist()))
    return np.asarray(image)


def page(random: np.random.Generator, side: int) -> np.ndarray:
    """Return a page of words."""
    image = Image.new("RGB", (side, side), (250, 248, 240))
    draw = ImageDraw.Draw(image)
    for y in range(4, side, 12):
        words = "".join(random.choice(list("abcdefghij   "), side // 6).tolist())
        draw.text((4, y), words, fill=(30, 30, 40))
    return np.asarray(image)


def aliens(random: np.random.Generator, side: int) -> list[np.ndarray]:
    """Return ten pictures of something else: other photographs, drawings, a page, noise, stripes."""
    scenes = list(load_sample_images().images)
    try:
        from skimage import data

        scenes += [data.chelsea(), data.coffee(), data.rocket(), data.astronaut()]
    except ImportError:  # for this benchmark alone it is not worth installing
        scenes += [scenes[0][:300, :300], scenes[1][:300, :300], scenes[0][100:], scenes[1][:, 200:]]
    pictures = [np.asarray(Image.fromarray(scene).resize((side, side))) for scene in scenes]
    stripes = np.tile((np.arange(side) // 8 % 2 * 200 + 20).astype(np.uint8), (side, 1))
    noise = random.integers(256, size=(side, side, 3), dtype=np.uint8)
    return [*pictures, drawn(random, side), page(random, side), noise, np.repeat(stripes[..., None], 3, 2)]


def planted(folder: Path, seed: int, units: int, size: int, design: str, preset: str) -> dict[str, str]:
    """Make the folder; return what each photograph in it is: a kind, or "" for a clean one."""
    with tempfile.TemporaryDirectory() as line:
        made = fans.produce(line, units, 1, seed, size=size, design=design, preset=preset)
        for name in ("GO", "NG"):
            shutil.copytree(made / "photos" / name, folder / name)
    random = np.random.default_rng(seed)
    names = [
        sorted(path.relative_to(folder).as_posix() for path in (folder / c).iterdir()) for c in ("GO", "NG")
    ]
    for own in names:
        random.shuffle(own)
    pairs = [name for both in zip(*names, strict=True) for name in both]  # GO and NG in turns
    truth = dict.fromkeys(pairs, "")
    taken = iter(pairs)
    for kind, change in CHANGE.items():
        for case in range(CASES):
            name = next(taken)
            path = folder / name
            pixels = np.asarray(Image.open(path).convert("RGB"))
            path.unlink()
            if kind == "flipped label":
                name = ("NG/" if name.startswith("GO/") else "GO/") + path.name
            Image.fromarray(np.ascontiguousarray(change(pixels, case, random))).save(folder / name)
            truth.pop(path.relative_to(folder).as_posix(), None)
            truth[name] = kind
    number = units
    for kind, change in COPY.items():
        for case in range(CASES):
            name, number = next(taken), number + 1
            pixels = np.asarray(Image.open(folder / name).convert("RGB"))
            label = name[:2]
            if kind == "copy under the other label":
                label = "NG" if label == "GO" else "GO"
            path = folder / label / _like(name, number)
            Image.fromarray(np.ascontiguousarray(change(pixels, case))).save(path)
            truth[path.relative_to(folder).as_posix()] = f"{kind}\0{name}"
    for pixels in aliens(random, size)[:CASES]:
        number += 1
        path = folder / ("GO", "NG")[number % 2] / _like(pairs[0], number)
        Image.fromarray(pixels).save(path)
        truth[path.relative_to(folder).as_posix()] = ALIEN
    return truth


def _like(name: str, number: int) -> str:
    """Return the name that the line would give the photograph of unit ``number``."""
    stem = Path(name).name
    return stem.replace(stem[1:5], f"{number:04d}")


def found(folder: Path, truth: dict[str, str]) -> tuple[dict[str, int], list[tuple[str, str]]]:
    """Return how many cases of each kind were named as what they are, and (name, finding) of clean ones."""
    audited = audit.check(folder)
    named: dict[str, set[str]] = {}
    partners: dict[str, set[str]] = {}
    false = []
    for finding in audited.findings:
        for group in finding.groups if finding.kind != "not_compared" else ():
            for name in group:
                named.setdefault(name, set()).add(finding.kind)
                partners.setdefault(name, set()).update(set(group) - {name} if len(group) > 1 else ())
    counts = dict.fromkeys(KINDS, 0)
    originals: dict[str, set[str]] = {}
    for name, what in truth.items():
        kind, _, original = what.partition("\0")
        if original:
            originals.setdefault(original, set()).add(name)
        if kind:
            right = bool(named.get(name, set()) & KINDS[kind]) and (
                not original or original in partners[name]
            )
            counts[kind] += right
    for name, what in truth.items():
        if not what and name in named:
            copies = {"duplicates", "copies", "both_labels"}
            kinds = named[name] - (
                copies if partners[name] and partners[name] <= originals.get(name, set()) else set()
            )
            false += [(name, kind) for kind in sorted(kinds)]
    return counts, false


def main() -> None:
    """Print the table."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    options.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2])
    options.add_argument("--units", type=int, default=300)
    options.add_argument("--size", type=int, default=160)
    options.add_argument("--design", default=fans.AF120.name)
    options.add_argument("--preset", default="usual")
    options.add_argument("--keep", metavar="DIR", help="keep the folders here and look at them")
    chosen = options.parse_args()
    os.environ.setdefault("FANAOI_HEADLESS", "1")
    rows, clean = [], []
    for seed in chosen.seeds:
        with tempfile.TemporaryDirectory() as place:
            folder = Path(chosen.keep or place) / f"seed{seed}"
            shutil.rmtree(folder, ignore_errors=True)
            truth = planted(folder, seed, chosen.units, chosen.size, chosen.design, chosen.preset)
            counts, false = found(folder, truth)
        total = sum(not what for what in truth.values())
        rows.append(counts)
        names = {name for name, _ in false}
        clean.append(f"{len(names)} of {total}")
        print(f"seed {seed}: clean photographs named {clean[-1]}", dict(Counter(kind for _, kind in false)))
    print(f"| planted | {' | '.join(f'seed {seed}' for seed in chosen.seeds)} |")
    print("|---" * (len(chosen.seeds) + 1) + "|")
    for kind in KINDS:
        print(f"| {kind} | {' | '.join(str(counts[kind]) for counts in rows)} |")
    print(f"| clean, named | {' | '.join(clean)} |")


if __name__ == "__main__":
    main()
