"""How fast fans are drawn and written: `python benchmarks/render.py [--photos N] [--size S]`."""

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
    chosen = options.parse_args()
    units, shots = max(2, chosen.photos // 3), 3
    os.environ.setdefault("FANAOI_HEADLESS", "1")

    sample = fans.make_units(min(units, 100), seed=0)
    fans.render(sample[0], 0, chosen.size)
    started = time.perf_counter()
    for unit in sample:
        for shot in range(shots):
            fans.render(unit, shot, chosen.size)
    rate = len(sample) * shots / (time.perf_counter() - started)
    print(f"{rate:6.0f} photographs/s drawn, not written, 1 process, {chosen.size}x{chosen.size}")

    with tempfile.TemporaryDirectory() as place:
        folders = {}
        for workers in (1, 2):
            folders[workers] = Path(place) / f"line{workers}"
            started = time.perf_counter()
            fans.produce(folders[workers], units, shots, seed=0, size=chosen.size, workers=workers)
            rate = units * shots / (time.perf_counter() - started)
            print(f"{rate:6.0f} photographs/s drawn and written, {workers} process{'es' * (workers > 1)}")
        names = sorted(path.relative_to(folders[1]) for path in folders[1].rglob("*") if path.is_file())
        others = sorted(path.relative_to(folders[2]) for path in folders[2].rglob("*") if path.is_file())
        _, differ, failed = filecmp.cmpfiles(folders[1], folders[2], names, shallow=False)
        if names != others or differ or failed:
            raise SystemExit(f"NOT the same bytes: {(differ + failed)[:5]}")
        size = sum((folders[1] / name).stat().st_size for name in names) / (units * shots) / 1000
        print(f"{len(names)} files, the same bytes with 1 and 2 processes, {size:.0f} kB a photograph")


if __name__ == "__main__":
    main()
