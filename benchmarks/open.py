"""How fast photographs are opened, against Keras, and in how much memory.

`python benchmarks/open.py [--photos N] [--folder DIR] [--rounds R] [--large]`
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

SIZE = 80

OURS = """
import json, os, resource, sys, time
from fanaoi_helpers import photos
if len(sys.argv) > 3:
    photos.load(sys.argv[3], int(sys.argv[2]))  # warm-up, of a few photographs
started, before = time.perf_counter(), resource.getrusage(resource.RUSAGE_SELF)
found = photos.load(sys.argv[1], int(sys.argv[2]))
seconds, after = time.perf_counter() - started, resource.getrusage(resource.RUSAGE_SELF)
cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
peak = after.ru_maxrss / (1e6 if sys.platform == "darwin" else 1e3)
print(json.dumps({"photographs": len(found), "seconds": seconds, "cpu": cpu, "peak": peak}))
"""

KERAS = """
import json, os, resource, sys, time
os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
import keras

def once(folder):
    dataset = keras.utils.image_dataset_from_directory(
        folder, image_size=(int(sys.argv[3]),) * 2, batch_size=32, shuffle=False, verbose=False
    )
    return sum(len(labels) for _, labels in dataset)

once(sys.argv[2])  # warm-up, of a few photographs
started, before = time.perf_counter(), resource.getrusage(resource.RUSAGE_SELF)
count = once(sys.argv[1])
seconds, after = time.perf_counter() - started, resource.getrusage(resource.RUSAGE_SELF)
cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
print(json.dumps({"photographs": count, "seconds": seconds, "cpu": cpu}))
"""


def measured(words, runs, *arguments):
    """Run a program of its own and return what it measured."""
    environment = {**os.environ, "FANAOI_RUNS": str(runs), "FANAOI_HEADLESS": "1"}
    command = [sys.executable, "-c", words, *map(str, arguments)]
    done = subprocess.run(command, env=environment, capture_output=True, text=True)
    if done.returncode:
        raise SystemExit(done.stderr)
    return json.loads(done.stdout.splitlines()[-1])


def few(folder, place):
    """Copy a few photographs of each class, for both to warm up."""
    for part in sorted(path for path in folder.iterdir() if path.is_dir()):
        (place / part.name).mkdir(parents=True)
        for path in sorted(part.iterdir())[:32]:
            shutil.copy(path, place / part.name)
    return place


def as_jpeg(folder, place, count):
    """Make 300 × 300 JPEGs of ``count`` photographs."""
    from PIL import Image

    for part in sorted(path for path in folder.iterdir() if path.is_dir()):
        (place / part.name).mkdir(parents=True)
        for path in sorted(part.iterdir())[: count // 2]:
            with Image.open(path) as image:
                image.convert("RGB").resize((300, 300)).save(
                    place / part.name / f"{path.stem}.jpg", quality=90
                )
    return place


def many(folder, place, count):
    """Give ``count`` names (hard links, or copies) to the photographs of ``folder``: quickly made."""
    for part in sorted(path for path in folder.iterdir() if path.is_dir()):
        (place / part.name).mkdir(parents=True)
        paths = sorted(part.iterdir())
        for number in range(count // 2):
            path = paths[number % len(paths)]
            link = place / part.name / f"{number // len(paths)}-{path.name}"
            try:
                os.link(path, link)
            except OSError:
                shutil.copy(path, link)
    return place


def against_keras(name, folder, warm_up, runs, rounds):
    """Print both, alternating, best of ``rounds``; return the ratio of the times by the clock."""
    ours, keras = [], []
    for _ in range(rounds):
        shutil.rmtree(runs, ignore_errors=True)
        ours.append(measured(OURS, runs, folder, SIZE, warm_up))
        keras.append(measured(KERAS, runs, folder, warm_up, SIZE))
    best = {}
    for whose, found in (("ours, cold", ours), ("Keras, one pass", keras)):
        clock, cpu = (min(one[unit] for one in found) for unit in ("seconds", "cpu"))
        count = found[0]["photographs"]
        best[whose] = clock, cpu
        print(
            f"{name}  {whose:16} {clock:6.2f} s, {count / clock:6.0f}/s, CPU {cpu / count * 1e6:4.0f} µs each"
        )
    clock, cpu = (best["Keras, one pass"][i] / best["ours, cold"][i] for i in range(2))
    print(f"{name}  {clock:.2f} times as fast as Keras by the clock, {cpu:.2f} by CPU time", flush=True)


def main():
    """Print rates of cold and warm openings, Keras' rate on the same files, and peak memory."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--photos", type=int, default=10_000)
    options.add_argument(
        "--folder", type=Path, help="holds GO/ and NG/ with PNGs; drawn by the line unless given"
    )
    options.add_argument("--rounds", type=int, default=3)
    options.add_argument("--large", action="store_true", help="also 100,000 photographs (2 GB of cache)")
    chosen = options.parse_args()
    os.environ["FANAOI_HEADLESS"] = "1"

    with tempfile.TemporaryDirectory() as place:
        place = Path(place)
        folder, runs = chosen.folder, place / "runs"
        if folder is None:
            from fanaoi_helpers import fans

            folder = fans.produce(place / "line", -(-chosen.photos // 2), 2, seed=0) / "photos"
        warm_up = few(folder, place / "few")

        jpegs = as_jpeg(folder, place / "jpeg", chosen.photos // 4)
        against_keras("JPEG 300×300", jpegs, warm_up, runs, chosen.rounds)
        against_keras("PNG  160×160", folder, warm_up, runs, chosen.rounds)

        measured(OURS, runs, folder, SIZE)
        warm = min((measured(OURS, runs, folder, SIZE) for _ in range(3)), key=lambda one: one["seconds"])
        print(f"warm opening of {warm['photographs']:,}: {warm['seconds']:.2f} s, peak {warm['peak']:.0f} MB")
        started = time.perf_counter()
        copied = shutil.copytree(folder, place / "copied")
        print(f"(copying the folder: {time.perf_counter() - started:.1f} s)")
        found = measured(OURS, runs, copied, SIZE)
        print(f"opening of the copy: {found['seconds']:.2f} s, nothing decoded")
        shutil.rmtree(copied)

        counts = [chosen.photos] + [100_000] * chosen.large
        for count in counts:
            shutil.rmtree(runs, ignore_errors=True)
            linked = folder if count == chosen.photos else many(folder, place / "many", count)
            cold, warm = (measured(OURS, runs, linked, SIZE) for _ in range(2))
            print(
                f"peak memory at {cold['photographs']:7,} photographs of {SIZE}×{SIZE}: "
                f"{cold['peak']:.0f} MB cold ({cold['seconds']:.1f} s), "
                f"{warm['peak']:.0f} MB warm ({warm['seconds']:.2f} s)"
            )


if __name__ == "__main__":
    main()
