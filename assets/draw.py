"""Draw the pictures of the simulated line: `python assets/draw.py` from anywhere.

fans.png is for the README; the others show every design, kind of defect, preset and blemish. Photographs keep
their pixels, one to one or as squares of whole pixels, and the same code always writes the same bytes.
"""

import io
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from matplotlib.figure import Figure
from PIL import Image

from fanaoi_helpers import fans, files
from fanaoi_helpers.fans.kinds import DEFECT_KINDS
from fanaoi_helpers.figures import line

HERE = Path(__file__).parent
SEED = 3  # of the fan that most sheets show
SIZE = 160
CALLED = {"": ""} | {kind: cls.called for kind, cls in DEFECT_KINDS.items()}


def readme() -> Figure:
    """Return one fan without and with each kind of defect, large enough to be seen at a glance."""
    units = [fans.make_unit("F0001", SEED)]
    units += [fans.make_unit("F0001", SEED, kind, fans.SIZES[kind].usual * 0.8) for kind in fans.DEFECTS]
    return line.contact_sheet(
        [fans.render(unit, shot=1, size=208).pixels for unit in units],
        [unit.label for unit in units],
        [CALLED[unit.defect] for unit in units],
        columns=4,
        zoom=1,
    )


def designs() -> Figure:
    """Return each design at 160 × 160, and at 80 × 80 in squares of 2 × 2 pixels."""
    looks = [("", 160), ("", 160), ("blade_chipped", 160), ("", 80), ("label_missing", 80)]
    pictures, labels, captions = [], [], []
    for design in fans.DESIGNS.values():
        for number, (defect, size) in enumerate(looks):
            unit = fans.make_unit(f"F{number + 1:04d}", SEED + number, defect)
            pixels = fans.render(unit, number, size, design=design).pixels
            pictures.append(pixels.repeat(160 // size, axis=0).repeat(160 // size, axis=1))
            labels.append(unit.label)
            captions.append(f"{size}×{size}" + f", {CALLED[defect]}" * bool(defect))
    return line.contact_sheet(pictures, labels, captions, rows=list(fans.DESIGNS), zoom=1)


def defects() -> Figure:
    """Return each kind in five sizes, too small to be seen up to the largest that there is, with its box."""
    pictures, captions, boxes = [], [], []
    for kind, sizes in fans.SIZES.items():
        for size in np.geomspace(sizes.largest / 40, sizes.largest, 5):
            unit = fans.make_unit("F0001", SEED, kind, round(float(size), 1))
            shot = fans.render(unit, size=SIZE)
            pictures.append(shot.pixels)
            boxes.append(shot.box)
            captions.append(f"{unit.defect_size:g}\u00a0mm" + ", not seen" * (shot.box is None))
    rows = [CALLED[kind] for kind in fans.SIZES]
    return line.contact_sheet(pictures, None, captions, boxes=boxes, rows=rows, zoom=1)


def presets() -> Figure:
    """Return five photographs of each preset; drift_day from morning to evening, shortcut GO beside NG."""
    pictures, labels, captions = [], [], []
    for preset in fans.PRESETS.values():
        for unit, share, caption in examples(preset):
            conditions = preset.conditions(unit, share)
            pictures.append(fans.render(unit, 0, SIZE, conditions=conditions).pixels)
            labels.append(unit.label)
            captions.append(caption)
    return line.contact_sheet(pictures, labels, captions, rows=list(fans.PRESETS), zoom=1)


def examples(preset: fans.Preset) -> Iterator[tuple[fans.Unit, float, str]]:
    """Yield five units of a preset, with their place in the day and a caption."""
    if preset.name == "drift_day":
        for share in (0.0, 0.25, 0.5, 0.75, 1.0):
            yield fans.make_unit("F0001", SEED), share, f"{share:.0%} of the day"
    elif preset.name == "shortcut":
        for defect in ("", "oil_stain", "", "screw_missing", ""):
            yield fans.make_unit("F0001", SEED, defect), 0.0, CALLED[defect] or "the same fan"
    elif preset.blemished:
        good = [unit for unit in fans.make_units(60, SEED, preset=preset.name) if unit.is_go]
        for unit in sorted(good, key=lambda unit: -unit.blemish_size)[:10:2]:
            yield unit, 0.0, f"{unit.blemish} {unit.blemish_size:.1f}\u00a0mm"
    else:
        for unit in fans.make_units(5, SEED, preset=preset.name):
            yield unit, 0.0, f"{CALLED[unit.defect]} {unit.defect_size:.1f}\u00a0mm" if unit.defect else ""


def blemishes() -> Figure:
    """Return what is still GO: each kind of blemish below and at the limit."""
    pictures, captions = [], []
    for kind in fans.BLEMISHES:
        for share in (1 / 3, 2 / 3, 1.0):
            unit = fans.make_unit("F0001", SEED, blemish=kind, blemish_size=share * fans.BLEMISH_LIMIT)
            pictures.append(fans.render(unit, size=272).pixels)
            captions.append(f"{unit.blemish_size:g}\u00a0mm" + ", the limit" * (share == 1.0))
    labels = ["GO"] * len(pictures)
    return line.contact_sheet(pictures, labels, captions, rows=list(fans.BLEMISHES), columns=3, zoom=1)


def save(figure: Figure, name: str) -> None:
    """Write a figure beside this file: as JPEG, or as PNG of 256 colors."""
    drawn = io.BytesIO()
    figure.savefig(drawn, format="png", metadata={"Software": None})
    with Image.open(drawn) as picture, files.replacing(HERE / name) as path:
        picture = picture.convert("RGB")
        if path.suffix == ".png":
            colors = picture.quantize(256, Image.Quantize.MAXCOVERAGE, kmeans=4)  # rare ones as well
            picture.quantize(palette=colors).save(path, optimize=True)
        else:
            picture.save(path, quality=86, optimize=True)
    print(f"{name}: {picture.width}×{picture.height}, {(HERE / name).stat().st_size / 1000:.0f} kB")


def main() -> None:
    """Draw all of them."""
    save(readme(), "fans.png")
    for sheet in (designs, defects, presets, blemishes):
        save(sheet(), f"{sheet.__name__}.jpg")


if __name__ == "__main__":
    main()
