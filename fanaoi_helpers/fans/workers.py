"""Drawing fans in several processes side by side, that end with this one however it ends, and quietly.

A worker is a fresh Python: it neither imports the main module nor copies a loaded TensorFlow. It gets jobs by
its standard input, answers each with a line, and ends when nobody can ask any more.
"""

import os
import pickle
import subprocess
import sys
from collections.abc import Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, ThreadPoolExecutor, wait
from contextlib import suppress
from pathlib import Path
from queue import SimpleQueue
from typing import NamedTuple

import numpy as np

from ..errors import WorkbookError
from ..files import cannot_write, shown, write
from .conditions import PRESETS
from .design import DESIGNS, Unit
from .drawing import render


class Job(NamedTuple):
    """Some units to be photographed, each with its place in the day (0 to 1)."""

    folder: Path
    batch: list[tuple[Unit, float]]
    settings: dict  # what dataset.json says


def paths_of(folder: Path, unit: Unit, shot: int) -> list[Path]:
    """Return where the photograph of a shot lies, and its mask if there is a defect."""
    photo = folder / "photos" / unit.photo(shot)
    return [photo, folder / "masks" / photo.name] if unit.defect else [photo]


def png(pixels: np.ndarray) -> bytes:
    """Return ``pixels``, (H, W) or (H, W, 3) RGB uint8, as a PNG file.

    OpenCV takes a fifth of the time that drawing a photograph does, Pillow more than drawing it.
    """
    import cv2

    pixels = pixels if pixels.ndim == 2 else cv2.cvtColor(pixels, cv2.COLOR_RGB2BGR)
    return cv2.imencode(".png", pixels)[1].tobytes()


def draw(job: Job) -> int:
    """Draw some units; return how many photographs."""
    settings = job.settings
    design, preset, size = DESIGNS[settings["design"]], PRESETS[settings["preset"]], settings["size"]
    for unit, share in job.batch:
        conditions = preset.conditions(unit, share)
        for shot in range(settings["shots"]):
            taken = render(unit, shot, size, design=design, conditions=conditions)
            planes = (taken.pixels, taken.mask.astype(np.uint8) * 255)
            for path, pixels in zip(paths_of(job.folder, unit, shot), planes, strict=False):
                write(path, png(pixels))
    return len(job.batch) * settings["shots"]


def drawn(jobs: Iterable[Job], count: int) -> Iterator[int]:
    """Let ``count`` workers draw; yield the number of photographs of each job as it is done."""
    if count == 1:
        yield from map(draw, jobs)
        return
    workers, idle, threads = [], SimpleQueue(), ThreadPoolExecutor(count)
    try:
        for _ in range(count):
            workers.append(_started())
            idle.put(workers[-1])
        waiting = {threads.submit(_asked, idle, job) for job in jobs}
        while waiting:
            done, waiting = wait(waiting, 0.2, FIRST_COMPLETED)  # without an end, Windows hears no Ctrl-C
            for answer in done:
                yield answer.result()
    finally:
        for worker in workers:
            worker.kill()
        threads.shutdown(cancel_futures=True)
        for worker in workers:
            with suppress(OSError), worker:  # closes its pipes, waits for its end
                pass


def _started() -> subprocess.Popen:
    """Start a worker that imports from where this process does, and that Ctrl-C does not reach."""
    path = [*map(str, sys.path), str(Path(__file__).resolve().parents[2])]
    code = f"import sys; sys.path[:] = {path!r}; from {__name__} import main; main()"
    flags = {"creationflags": subprocess.CREATE_NEW_PROCESS_GROUP} if os.name == "nt" else {}
    return subprocess.Popen(
        [sys.executable, "-c", code],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        start_new_session=os.name == "posix",
        **flags,
    )


def _asked(idle: SimpleQueue, job: Job) -> int:
    """Let an idle worker draw; return how many photographs."""
    worker = idle.get()
    try:
        worker.stdin.write(pickle.dumps(job))
        worker.stdin.flush()
        answer = worker.stdout.readline().decode()
    except OSError:
        answer = ""
    finally:
        idle.put(worker)
    if not answer:
        raise WorkbookError(
            f"A process that drew fans for {shown(job.folder)} was ended from outside, perhaps for want of "
            "memory; run the same again to go on, with fewer workers."
        )
    if refusal := answer.strip():
        raise WorkbookError(refusal)
    return len(job.batch) * job.settings["shots"]


def main() -> None:
    """Draw what comes in until nobody asks any more."""
    sys.stdout = sys.stderr  # what a library prints is no answer
    with suppress(EOFError, BrokenPipeError):
        while True:
            job = pickle.load(sys.stdin.buffer)
            answer = ""
            try:
                draw(job)
            except WorkbookError as error:
                answer = str(error)
            except OSError as error:
                answer = str(cannot_write(job.folder, error))
            os.write(1, f"{answer}\n".encode())
