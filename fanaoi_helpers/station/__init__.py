"""The inspection station: a trained CNN, a policy and photographs in, a verdict for each out."""

import os
import re
import sys
import time
from array import array
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import numpy as np

from .. import files
from ..errors import WorkbookError, printable
from ..meaning import Meaning
from ..photos import CLASSES
from ..progress import bar
from ..verdicts import Counts, Verdicts, judge
from . import writing
from .beside import NO_RUN, STEERED, Run, run_beside
from .finding import Places
from .golden import GoldenResult, GoldenSet, Predict, gate, keep_golden, read_golden
from .judging import Judged, judged
from .policy import THRESHOLD, Policy, read_policy, sha256, write_policy
from .report import ReleaseReport
from .requirements import Limits

NAMED = 20  # unreadable files that are named; the others are counted
FEWEST = 6  # verdicts on photographs in GO/ and NG/ from which on they are held against these folders


@dataclass
class Summary:
    """What an inspection found so far."""

    policy: str  # in words
    counts: Counter = field(default_factory=Counter)  # photographs by verdict
    unreadable: int = 0  # how many of the REVIEW could not be judged
    named: list[str] = field(default_factory=list)  # the first 20 of those, with the reason
    passed_over: int = 0  # files of other kinds in the folders
    by_folder: Counter = field(default_factory=Counter)  # by (folder, verdict), of what lies in GO/ and NG/
    seconds: float = 0.0  # from the first photograph on
    threshold: float = THRESHOLD  # of the score of what lies in GO/ and NG/
    review: bool = False  # some scores are left to a human
    remark: str = ""  # where the threshold comes from
    run: Run = NO_RUN  # that left the model
    met: Counter = field(default_factory=Counter)  # photographs by their part in that run, None: in none
    labels: array = field(default_factory=lambda: array("b"))  # of each photograph judged in GO/ and NG/
    scores: array = field(default_factory=lambda: array("d"))  # its P(GO)
    unseen: array = field(default_factory=lambda: array("b"))  # 1: the model did not learn from it

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

    def note(self, judged: Judged) -> None:
        """Count one verdict."""
        self.counts[judged.verdict] += 1
        part = self.run.part(judged.content)
        self.met[part] += 1
        folders = [part for part in re.split(r"[/\\]", judged.photo.upper())[:-1] if part in CLASSES]
        if folders and judged.p_go is not None:
            self.labels.append(CLASSES.index(folders[-1]))
            self.scores.append(judged.p_go)
            self.unseen.append(part not in STEERED)
        if folders and judged.verdict in CLASSES:
            self.by_folder[folders[-1], judged.verdict] += 1
        if judged.unreadable:
            self.unreadable += 1
            if len(self.named) < NAMED:
                self.named.append(printable(f"{judged.photo} ({judged.reason})"))

    @property
    def warning(self) -> str:
        """What is odd about the verdicts where folders GO/ and NG/ tell the truth, "" for nothing."""
        ng, go = ({verdict: self.by_folder[label, verdict] for verdict in CLASSES} for label in CLASSES)
        counts = Counts(ng["GO"], sum(ng.values()), go["NG"], sum(go.values()))
        wrong = counts.escapes + counts.overkill
        # One answer for both, or nearly.
        alike = counts.go_total and counts.ng_total and counts.escape_rate + counts.overkill_rate > 0.9
        if counts.total < FEWEST or (2 * wrong <= counts.total and not alike):
            return ""
        parts = [
            (counts.overkill, counts.go_total, "GO/ are called NG"),
            (counts.escapes, counts.ng_total, "NG/ are called GO"),
        ]
        mistakes = " and ".join(f"{some:,} of {total:,} in {words}" for some, total, words in parts if total)
        return (
            f"WARNING: {mistakes}: does a high answer of this model mean GO (--go-is), does it take such "
            "pixels (--pixels), does the threshold fit?"
        )

    def held(self, unseen: bool = False) -> Verdicts | None:
        """Return the scores of what lies in GO/ and NG/ held against that; None where one of the two lacks.

        With ``unseen`` only of photographs that the model did not learn from.
        """
        keep = np.array(self.unseen, bool) if unseen else slice(None)
        labels, scores = np.array(self.labels, np.int64)[keep], np.array(self.scores)[keep]
        return judge(labels, scores, self.threshold) if len(set(labels.tolist())) == 2 else None

    def _score(self) -> list[str]:
        """Return what the folders GO/ and NG/ say of the verdicts, in lines."""
        if (of_all := self.held()) is None:
            return []
        by = ", by the threshold alone" if self.review else ""
        lines = [f"Held against the folders GO/ and NG/{by}:", *of_all.described().splitlines()]
        if self.met["train"] + self.met["validation"]:
            of_unseen = self.held(unseen=True)
            told = "there are not both of GO and NG" if of_unseen is None else of_unseen.described()
            lines += ["Without those that it learned from:", *told.splitlines()]
        return [lines[0], *(line if line.endswith(":") else f"  {line}" for line in lines[1:])]

    def __str__(self) -> str:
        counts = ", ".join(f"{self.counts[verdict]:,} {verdict}" for verdict in ("GO", "NG", "REVIEW"))
        speed = f"{self.total / self.seconds:,.0f} photographs a second" if self.seconds else "at once"
        noun = "photograph" if self.total == 1 else "photographs"
        lines = [f"{self.total:,} {noun}: {counts}. {self.policy}.", f"{self.seconds:,.1f} s, {speed}."]
        lines += [*filter(None, [self.remark, self.run.flatters(self.met)]), *self._score()]
        if self.warning:
            lines.append(self.warning)
        if self.passed_over:
            lines.append(f"Files of other kinds passed over: {self.passed_over:,}.")
        if self.unreadable:
            more = self.unreadable - len(self.named)
            lines.append(f"Unreadable, so REVIEW: {self.unreadable:,}")
            lines += [f"  {name}" for name in [*self.named, *([f"and {more:,} more"] if more else [])]]
        return "\n".join(lines)


def inspect(
    model: str | os.PathLike,
    places: Sequence[str | os.PathLike],
    policy: Policy | None = None,
    output: str | os.PathLike | None = None,
    as_json: bool = False,
    meaning: Meaning | None = None,
) -> Summary:
    """Judge photographs with the model of a file and write a verdict for each.

    Args:
        model: a .keras file; of another program only with a meaning.
        places: files, folders and .zip archives; see `Places`.
        policy: which scores are GO, NG or REVIEW; None: GO from the threshold on that the model's own run
            froze, where that lies beside it (`run_beside`), else from 0.5 on.
        output: a file for the verdicts; FILE.partial until all are there. None: stdout.
        as_json: JSON lines instead of CSV.
        meaning: of a model of another program, where the policy does not tell it.
    """
    run = run_beside(model, meaning or (policy.meaning if policy else None))
    remark = run.remark if policy is None else ""
    policy = (policy or run.policy).meant(meaning)
    if output is not None:
        files.writable_file(output)  # told before hours of work, not after
    elif sys.stdout is None:
        raise WorkbookError("stdout is closed, so nobody could read the verdicts: give a file for them.")
    photographs = Places(places)
    policy.check_model(model)
    if next(iter(photographs), None) is None:
        listed = ", ".join(str(place) for place in places[:3]) + (", …" if len(places) > 3 else "")
        raise WorkbookError(f"No photographs in {listed}: give files, or folders that hold some.")
    predict, image_size = _opened(model, policy)  # TensorFlow takes seconds: the rest was refused before
    return write_verdicts(photographs, predict, image_size, policy, output, as_json, run, remark)


def gate_from(
    folder: str | os.PathLike, model: str | os.PathLike, policy: Policy | None = None
) -> GoldenResult:
    """Judge the golden samples that `keep_golden` left in a folder with a model's .keras file; see `gate`."""
    golden = read_golden(folder)
    predict, side = _opened(model, policy or golden.policy)
    if side != golden.image_size:
        raise WorkbookError(
            f"{files.shown(model)} takes {side} × {side} pixels, but the golden samples were kept with "
            f"{golden.image_size} × {golden.image_size}: do not start the line with it."
        )
    return gate(golden, predict, policy, model)


def _opened(model: str | os.PathLike, policy: Policy) -> tuple[Predict, int]:
    """Return what predicts with the model of a file, and the side of the photographs that it takes."""
    from .. import cnn

    net = cnn.load(model, policy.meaning)
    return lambda pixels: cnn.predict(net, pixels), net.input_shape[1]


def write_verdicts(
    photographs: Places,
    predict: Predict,
    image_size: int,
    policy: Policy,
    output: str | os.PathLike | None,
    as_json: bool,
    run: Run = NO_RUN,
    remark: str = "",
) -> Summary:
    """Write a verdict for each photograph as it is judged, and return what to say of them.

    Interrupted, it says what is kept: all that was judged, in FILE.partial.
    """
    summary = Summary(
        str(policy),
        threshold=policy.threshold,
        review=policy.review is not None,
        remark=remark,
        run=run,
    )
    started = time.perf_counter()
    with writing.to_stdout() if output is None else writing.growing(output) as file:
        write = writing.writer(file, as_json)
        try:
            for verdict in judged(_with_bar(photographs, output), predict, image_size, policy):
                write(verdict)
                summary.note(verdict)
                if summary.total % 64 == 0:
                    file.flush()  # what was judged outlives a crash
        except KeyboardInterrupt:
            where = "" if output is None else f" are kept in {files.shown(writing.partial(output))}"
            print(f"\nInterrupted: the verdicts on {summary.total:,} photographs{where}.", file=sys.stderr)
            raise
    summary.seconds = time.perf_counter() - started
    summary.passed_over = photographs.passed_over.total()
    return summary


def _with_bar(photographs: Places, output: str | os.PathLike | None) -> Iterable:
    """Return them with a bar where somebody watches it and nothing else; counting takes a little."""
    if files.headless() or not sys.stderr.isatty() or (output is None and sys.stdout.isatty()):
        return photographs
    return bar(photographs, sum(1 for _ in photographs), "Inspecting")
