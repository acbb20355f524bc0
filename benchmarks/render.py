"""How fast fans are drawn and written, with 1 process and with 2: `python benchmarks/render.py`."""

import argparse
import filecmp
import os
import tempfile
import time
from pathlib import Path

from fanaoi_helpers import fans


def main():
    """Print photographs per second; check that a second run with more processes writes the same bytes."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--photos", type=int, default=1800)
    options.add_argument("--size", type=int, default=160)
    options.add_argument("--design", choices=fans.DESIGNS, help="only this one; all unless given")
    options.add_argument("--preset", choices=fans.PRESETS, default="usual")
    chosen = options.parse_args()
    os.environ.setdefault("FANAOI_HEADLESS", "1")
    units, shots = max(2, chosen.photos // 3), 3
    print(
        f"{units * shots} photographs at {chosen.size}x{chosen.size}, preset {chosen.preset}, photographs/s:"
    )
    print("design     drawn alone   written by 1   by 2 processes   gain   kB a photograph")
    for design in [chosen.design] if chosen.design else fans.DESIGNS:
        alone = drawn_alone(min(units, 100), shots, chosen.size, design, chosen.preset)
        one, two, size = written(units, shots, chosen.size, design, chosen.preset)
        print(f"{design:10s} {alone:11.0f} {one:14.0f} {two:16.0f} {two / one:6.2f} {size:17.1f}")
    print("the same bytes with 1 and 2 processes")


def drawn_alone(units, shots, size, design, preset):
    """Return photographs per second drawn in this process and not written."""
    model, way = fans.DESIGNS[design], fans.PRESETS[preset]
    sample = fans.make_units(units, 0, preset=preset)
    fans.render(sample[0], 0, size, design=model)
    started = time.perf_counter()
    for place, unit in enumerate(sample):
        conditions = way.conditions(unit, place / max(units - 1, 1))
        for shot in range(shots):
            fans.render(unit, shot, size, design=model, conditions=conditions)
    return units * shots / (time.perf_counter() - started)


def written(units, shots, size, design, preset):
    """Return photographs per second with 1 process and with 2, their start included, and kB a photograph."""
    with tempfile.TemporaryDirectory() as place:
        folders = [Path(place) / f"line{workers}" for workers in (1, 2)]
        rates = []
        for workers, folder in enumerate(folders, 1):
            started = time.perf_counter()
            fans.produce(folder, units, shots, 0, size, workers, design=design, preset=preset)
            rates.append(units * shots / (time.perf_counter() - started))
        names, others = (
            sorted(path.relative_to(folder) for path in folder.rglob("*") if path.is_file())
            for folder in folders
        )
        _, differ, failed = filecmp.cmpfiles(*folders, names, shallow=False)
        if names != others or differ or failed:
            raise SystemExit(f"NOT the same bytes: {(differ + failed)[:5]}")
        total = sum((folders[0] / name).stat().st_size for name in names)
        return *rates, total / (units * shots) / 1000


if __name__ == "__main__":
    main()
