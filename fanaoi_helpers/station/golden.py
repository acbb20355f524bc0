"""Golden samples: photographs with known verdicts that a station must still judge as it did at release."""

import hashlib
import json
import os
import re
import warnings
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path, PurePosixPath

import numpy as np

from .. import arrays, files, verdicts
from ..errors import WorkbookError, number, one_of, printable, text, whole_number
from ..photos import CLASSES, decoding, prepare
from ..photos.folders import displayable
from .policy import Policy, object_in, policy_from, sha256

FILE = "golden.json"
VERSION = 1
TOLERANCE = 0.1  # log-odds; another machine's rounding moves a score by less than a tenth of that
MOST_SAMPLES = 1000
MOST_BYTES = 10_000_000  # of golden.json; a thousand samples take 300 kB

Predict = Callable[[np.ndarray], np.ndarray]


@dataclass(frozen=True)
class Sample:
    """One golden sample as it was at release."""

    photo: str  # its file, from the folder of golden.json, with slashes
    label: int  # GO 1, NG 0
    verdict: str  # that of its label, or REVIEW
    p_go: float
    sha256: str  # of the file
    note: str = ""  # a few words, such as "scratch, 14 mm"

    def __post_init__(self) -> None:
        photo = PurePosixPath(text("photo", self.photo))
        if photo.is_absolute() or not photo.name or ".." in photo.parts or set(str(photo)) & {"\\", ":"}:
            raise WorkbookError(f"photo is {str(photo)!r:.80}, but it must lie in the folder of the set")
        if not isinstance(self.sha256, str) or not re.fullmatch("[0-9a-f]{64}", self.sha256):
            raise WorkbookError(f"sha256 is {self.sha256!r:.80}, but it must be 64 hexadecimal digits")
        one_of("verdict", self.verdict, ("GO", "NG", "REVIEW"))
        whole_number("label", self.label, 0, 1)
        number("p_go", self.p_go, 0, 1)
        text("note", self.note)


@dataclass(frozen=True)
class GoldenSet:
    """Golden samples and what they were judged with at release; see `keep_golden` and `read_golden`."""

    samples: tuple[Sample, ...]  # one or more
    folder: Path  # that holds golden.json and the photographs
    image_size: int  # side of the square that the photographs are resized to
    policy: Policy  # at release; ``policy.model`` is the SHA-256 of the model's file, where it is known

    def __len__(self) -> int:
        return len(self.samples)


@dataclass(frozen=True)
class Check:
    """What became of one golden sample."""

    sample: Sample  # as it was at release
    p_go: float | None  # now; None where it can't be judged
    verdict: str | None  # likewise
    problem: str = ""  # what is not as it was, in words


@dataclass(frozen=True)
class GoldenResult:
    """What the gate found; `str` tells it in a few lines."""

    checks: tuple[Check, ...]  # one for each sample, in their order
    problems: tuple[str, ...] = ()  # of model or policy, in words; samples have theirs in ``checks``

    @property
    def failed(self) -> tuple[Check, ...]:
        """The samples that are not as they were."""
        return tuple(check for check in self.checks if check.problem)

    @property
    def passed(self) -> bool:
        """Tell whether everything is as it was at release."""
        return not self.problems and not self.failed

    def __str__(self) -> str:
        good = len(self.checks) - len(self.failed)
        head = "passed" if self.passed else "FAILED: do not start the line"
        lines = [f"Golden gate {head}. {good} of {len(self.checks)} samples are as they were at release."]
        lines += [printable(f"  {problem}") for problem in self.problems]
        lines += [printable(f"  {check.sample.photo}: {check.problem}") for check in self.failed]
        return "\n".join(lines)


def keep_golden(
    folder: str | os.PathLike,
    photographs: Sequence[str | os.PathLike],
    labels: Sequence[int],
    predict: Predict,
    image_size: int,
    policy: Policy,
    notes: Sequence[str] | None = None,
) -> GoldenSet:
    """Copy photographs into ``folder`` as the golden samples of a release, with their verdicts and scores.

    The copies come first and golden.json last, each by renaming: interrupted or refused, the set that was
    there before still holds. Take some that are clearly GO, some of every kind of defect, and some near the
    limit of what is allowed.

    Args:
        folder: made where it is missing.
        photographs: (N,) files; they may lie anywhere and are not touched.
        labels: (N,) GO 1, NG 0.
        predict: takes pixels (N, image_size, image_size, 3) uint8, 0..255, and gives (N,) P(GO), such as
            ``lambda pixels: cnn.predict(model, pixels)``.
        image_size: side of the square that the model takes.
        policy: frozen; give it ``model=sha256(model_path)``, and the gate knows the model, too.
        notes: (N,) a few words on each.

    Raises:
        WorkbookError: a photograph that can't be read, one that is there twice, a sample that the model calls
            wrong (it can't be released so), or a folder that can't be written.
    """
    image_size = whole_number("image_size", image_size, 1, 2048)
    notes = [""] * len(photographs) if notes is None else [text("notes", note) for note in notes]
    if not 0 < len(photographs) <= MOST_SAMPLES or not len(photographs) == len(labels) == len(notes):
        raise WorkbookError(
            f"There are {len(photographs)} photographs, {len(labels)} labels and {len(notes)} notes, but "
            f"golden samples need the same number of each, from 1 to {MOST_SAMPLES}."
        )
    labels = arrays.zeros_and_ones("labels", labels)
    pixels = np.stack([prepare(path, image_size) for path in photographs])
    p_go = _asked(predict, pixels)
    samples, data_of = [], {}
    for path, label, score, verdict, note in zip(
        photographs, labels.tolist(), p_go.tolist(), policy.calls(p_go), notes, strict=True
    ):
        if verdict == CLASSES[1 - label]:
            raise WorkbookError(
                f"{files.shown(path)} is {CLASSES[label]}, but the model calls it {verdict} (P(GO) "
                f"{score:.3f}): a model that gets a golden sample wrong is not released; choose another "
                "sample, or mend the model."
            )
        data = decoding.content(path)
        digest = hashlib.sha256(data).hexdigest()
        name = f"{CLASSES[label]}/{_plain(Path(path).stem)}-{digest[:8]}{Path(path).suffix.lower()}"
        if name in data_of:
            raise WorkbookError(
                f"{files.shown(path)} is among the golden samples twice: leave one of them out."
            )
        data_of[name] = data
        samples.append(Sample(name, int(label), verdict, score, digest, note))
    folder = Path(folder)
    for name, data in data_of.items():
        files.write(folder / name, data)
    payload = {
        "version": VERSION,
        "image_size": image_size,
        "policy": policy.as_dict(),
        "samples": [asdict(sample) for sample in samples],
    }
    files.write(folder / FILE, json.dumps(payload, indent=2, ensure_ascii=False) + "\n")
    return GoldenSet(tuple(samples), folder, image_size, policy)


def read_golden(folder: str | os.PathLike) -> GoldenSet:
    """Return the golden samples that `keep_golden` left in ``folder``.

    Their photographs are not opened: the gate does that, and says which of them are missing.
    """
    path = Path(folder) / FILE
    payload = object_in(path, MOST_BYTES, "make golden samples with keep_golden")
    try:
        if payload["version"] != VERSION:
            raise WorkbookError(f"version is {payload['version']!r:.40}, but this workbook knows {VERSION}")
        listed = payload["samples"]
        if not isinstance(listed, list) or not 0 < len(listed) <= MOST_SAMPLES:
            raise WorkbookError(f"samples must be a list of 1 to {MOST_SAMPLES}")
        samples = tuple(Sample(**record) for record in listed)
        image_size = whole_number("image_size", payload["image_size"], 1, 2048)
        policy = policy_from(payload["policy"], "its policy")
    except (KeyError, TypeError) as error:
        what = f"says no {error}" if isinstance(error, KeyError) else f"holds no golden samples ({error})"
        raise WorkbookError(f"{files.shown(path)} {what}: make the set again.") from error
    except WorkbookError as error:
        raise WorkbookError(f"{files.shown(path)}: {str(error).rstrip('.')}; make the set again.") from error
    return GoldenSet(samples, Path(folder), image_size, policy)


def gate(
    golden: GoldenSet,
    predict: Predict,
    policy: Policy | None = None,
    model: str | os.PathLike | None = None,
) -> GoldenResult:
    """Judge the golden samples again and tell what is not as it was at release.

    The log-odds of a score may move by 0.1. Scores of the same model and file differ between machines in the
    last digits only; a larger move means another model, another way of reading photographs, or a driver that
    computes otherwise.

    Args:
        golden, predict: as for `keep_golden`.
        policy: that the station works with now; None: the released one.
        model: the file of the model that the station works with now; None: which file it is is not checked,
            only what it says.

    Raises:
        WorkbookError: a model's file that can't be read. Whatever is wrong with the samples is in the result.
    """
    problems = []
    if model is not None and golden.policy.model not in (None, digest := sha256(model)):
        problems.append(
            f"The model is another one than at release: SHA-256 {digest[:12]}…, not "
            f"{golden.policy.model[:12]}…."
        )
    policy = policy or golden.policy
    if replace(policy, model=None) != replace(golden.policy, model=None):
        problems.append(f"The policy is another one than at release: {policy}; it was: {golden.policy}.")
    opened = [_opened(golden, sample) for sample in golden.samples]
    pixels = [photograph for photograph, _ in opened if photograph is not None]
    scores = iter(_asked(predict, np.stack(pixels)).tolist() if pixels else [])
    checks = [
        Check(sample, None, None, reason)
        if photograph is None
        else _check(sample, next(scores), policy, reason)
        for sample, (photograph, reason) in zip(golden.samples, opened, strict=True)
    ]
    return GoldenResult(tuple(checks), tuple(problems))


def _opened(golden: GoldenSet, sample: Sample) -> tuple[np.ndarray | None, str]:
    """Return the pixels of a sample, where they can be read, and what is wrong with its file."""
    path = golden.folder / sample.photo
    if not path.is_file():
        return None, "its photograph is missing"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # Pillow's remarks on odd files; the reason is what matters
        photograph = decoding.picture(path, decoding.square(golden.image_size))
    if photograph.pixels is None:
        return None, "its photograph can't be read any more"
    changed = photograph.content != sample.sha256
    return photograph.pixels, "its file was changed since the release" if changed else ""


def _check(sample: Sample, p_go: float, policy: Policy, reason: str) -> Check:
    """Hold the score of today against that at release; ``reason``: what is wrong with the file already."""
    if not 0 <= p_go <= 1:  # a comparison with NaN is false
        return Check(sample, None, None, f"the model gives no probability, but {p_go}")
    (verdict,) = policy.calls(np.array([p_go]))
    moved = float(np.subtract(*verdicts.log_odds([p_go, sample.p_go])))
    then_and_now = f"P(GO) {sample.p_go:.4f}, now {p_go:.4f}"
    if not reason and verdict != sample.verdict:
        reason = f"called {verdict}, but {sample.verdict} at release ({then_and_now})"
    elif not reason and abs(moved) > TOLERANCE:
        reason = f"its score moved by {moved:+.2f} log-odds ({then_and_now})"
    return Check(sample, p_go, verdict, reason)


def _asked(predict: Predict, pixels: np.ndarray) -> np.ndarray:
    """Return P(GO) of ``pixels`` (N, S, S, 3) as (N,) float64, or refuse what ``predict`` gave."""
    p_go = np.asarray(predict(pixels), dtype=np.float64)
    if p_go.shape != (len(pixels),):
        raise WorkbookError(
            f"predict gave the shape {p_go.shape} for {len(pixels)} photographs, but it must give one P(GO) "
            "for each: (N,)."
        )
    return p_go


def _plain(stem: str) -> str:
    """Return ``stem`` as a name that every system takes."""
    return re.sub(r"[^\w.-]", "_", displayable(stem))[:60] or "photo"
