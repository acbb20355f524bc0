"""The inspection station: a trained CNN, a policy and photographs in, a verdict for each out."""

import os
import re
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

import numpy as np

from .. import files
from ..errors import WorkbookError, printable
from ..photos import CLASSES
from ..progress import bar
from . import writing
from .finding import Places
from .golden import GoldenResult, GoldenSet, gate, keep_golden, read_golden
from .judging import Judged, judged
from .policy import Policy, read_policy, sha256, write_policy
from .report import ReleaseReport
from .requirements import Limits

NAMED = 20  # unreadable files that are named; the others are counted
FEWEST = 6  # verdicts on photographs in GO/ and NG/ from which on they are held against these folders


@dataclass
class Summary:
    """What an inspection found so far.

    Attributes:
        policy: in words.
        counts: photographs by verdict.
        unreadable: how many of the REVIEW could not be judged.
        named: the first 20 of those, with the reason.
        passed_over: files of other kinds in the folders.
        by_folder: GO and NG by class folder and verdict, of what lies in folders GO/ and NG/.
        seconds: from the first photograph on.
    """

    policy: str
    counts: Counter = field(default_factory=Counter)
    unreadable: int = 0
    named: list[str] = field(default_factory=list)
    passed_over: int = 0
    by_folder: Counter = field(default_factory=Counter)
    seconds: float = 0.0

    @property
    def total(self) -> int:
        """All photographs met."""
        return sum(self.counts.values())

    @property
    def status(self) -> int:
        """The exit status: 0 all GO, 1 some NG or REVIEW, 2 nothing could be read."""
        if self.unreadable == self.total:
            return 2
        return 0 if self.counts["GO"] == self.total else 1

    def note(self, one: Judged) -> None:
        """Count one verdict."""
        self.counts[one.verdict] += 1
        folders = [part for part in re.split(r"[/\\]", one.photo.upper())[:-1] if part in CLASSES]
        if folders and one.verdict in CLASSES:
            self.by_folder[folders[-1], one.verdict] += 1
        if one.unreadable:
            self.unreadable += 1
            if len(self.named) < NAMED:
                self.named.append(printable(f"{one.photo} ({one.reason})"))

    @property
    def warning(self) -> str:
        """What is odd about the verdicts where folders GO/ and NG/ tell the truth, "" for nothing."""
        seen, overkill, escapes = self.by_folder, self.by_folder["GO", "NG"], self.by_folder["NG", "GO"]
        go, ng = (seen[label, "GO"] + seen[label, "NG"] for label in ("GO", "NG"))
        alike = go and ng and overkill / go + escapes / ng > 0.9  # one answer for both, or nearly
        if go + ng < FEWEST or (2 * (overkill + escapes) <= go + ng and not alike):
            return ""
        parts = [(overkill, go, "GO/ are called NG"), (escapes, ng, "NG/ are called GO")]
        told = " and ".join(f"{wrong:,} of {total:,} in {words}" for wrong, total, words in parts if total)
        return (
            f"WARNING: {told}: does a high answer of this model mean GO (--go-is), does it take such pixels "
            "(--pixels), does the threshold fit?"
        )

    def __str__(self) -> str:
        told = ", ".join(f"{self.counts[verdict]:,} {verdict}" for verdict in ("GO", "NG", "REVIEW"))
        speed = f"{self.total / self.seconds:,.0f} photographs a second" if self.seconds else "at once"
        noun = "photograph" if self.total == 1 else "photographs"
        lines = [f"{self.total:,} {noun}: {told}. {self.policy}.", f"{self.seconds:,.1f} s, {speed}."]
        if self.warning:
            lines.append(self.warning)
        if self.passed_over:
            lines.append(f"Files of other kinds passed over: {self.passed_over:,}.")
        if self.unreadable:
            more = self.unreadable - len(self.named)
            shown = [*self.named, *([f"and {more:,} more"] if more else [])]
            lines.append(f"Unreadable, so REVIEW: {self.unreadable:,}")
            lines += [f"  {line}" for line in shown]
        return "\n".join(lines)


def inspect(
    model: str | os.PathLike,
    places: Sequence[str | os.PathLike],
    policy: Policy | None = None,
    output: str | os.PathLike | None = None,
    as_json: bool = False,
) -> Summary:
    """Judge photographs with the model of a file and write a verdict for each.

    Args:
        model: a .keras file; of another program only with a policy that tells its meaning.
        places: files, folders and .zip archives; see `Places`.
        policy: which scores are GO, NG or REVIEW; None: GO when P(GO) >= 0.5.
        output: a file for the verdicts; FILE.partial until all are there. None: stdout.
        as_json: JSON lines instead of CSV.

    Raises:
        WorkbookError: a model, place or policy that can't be used, no photograph at all, or an output that
            can't be written.
    """
    policy = policy or Policy()
    if output is not None:
        files.writable_file(output)  # told before hours of work, not after
    elif sys.stdout is None:
        raise WorkbookError("stdout is closed, so nobody could read the verdicts: give a file for them.")
    found = Places(places)
    policy.check_model(model)
    if next(iter(found), None) is None:
        listed = ", ".join(str(place) for place in places[:3]) + (", …" if len(places) > 3 else "")
        raise WorkbookError(f"No photographs in {listed}: give files, or folders that hold some.")
    from .. import cnn  # TensorFlow takes seconds: what can be refused was refused before

    net = cnn.load(model, policy.meaning)

    def predict(pixels: np.ndarray) -> np.ndarray:
        return cnn.predict(net, pixels)

    return write_verdicts(found, predict, net.input_shape[1], policy, output, as_json)


def write_verdicts(
    found: Places,
    predict: Callable[[np.ndarray], np.ndarray],
    image_size: int,
    policy: Policy,
    output: str | os.PathLike | None,
    as_json: bool,
) -> Summary:
    """Write a verdict for each photograph as it is judged, and return what to say of them.

    Interrupted, it says what is kept: all that was judged, in FILE.partial.
    """
    summary = Summary(str(policy))
    started = time.perf_counter()
    with writing.to_stdout() if output is None else writing.growing(output) as file:
        write = writing.writer(file, as_json)
        try:
            for one in judged(_with_bar(found, output), predict, image_size, policy):
                write(one)
                summary.note(one)
                if summary.total % 64 == 0:
                    file.flush()  # what was judged outlives a crash
        except KeyboardInterrupt:
            where = "" if output is None else f" are kept in {files.shown(writing.partial(output))}"
            print(f"\nInterrupted: the verdicts on {summary.total:,} photographs{where}.", file=sys.stderr)
            raise
    summary.seconds = time.perf_counter() - started
    summary.passed_over = found.passed_over.total()
    return summary


def _with_bar(found: Places, output: str | os.PathLike | None) -> Iterable:
    """Return ``found`` with a bar where somebody watches it and nothing else; counting takes a little."""
    if files.headless() or not sys.stderr.isatty() or (output is None and sys.stdout.isatty()):
        return found
    return bar(found, sum(1 for _ in found), "Inspecting")
