"""The run that lies beside a model's file: its frozen threshold, and which photographs it learned from."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from .. import files
from ..errors import WorkbookError
from ..meaning import Meaning
from ..photos import learned
from .policy import THRESHOLD, Policy, object_in, sha256

METRICS, MODEL = "metrics.json", "model.keras"  # as `cnn.save_run` writes them
MOST_BYTES = 1_000_000  # of metrics.json
STEERED = ("train", "validation")  # the parts of a run that its model was made with
ADVICE = "its threshold is not taken"


@dataclass(frozen=True)
class Run:
    """What is known of the run that left a model; see `run_beside`.

    Attributes:
        threshold: that it froze before it opened its sealed test; None: not known.
        remark: where the threshold comes from, or why it is not taken, in a sentence; "" where no run is.
        parts: the part ("train", "validation" or "test") of each of its photographs, by its
            `learned.key`.
        photos_dir: the folder of photographs of one's own that it was trained on; "": none is told.
    """

    threshold: float | None = None
    remark: str = ""
    parts: Mapping[str, str] = field(default_factory=dict)
    photos_dir: str = ""

    @property
    def policy(self) -> Policy:
        """GO from the run's threshold on, or from 0.5 on where it is not known."""
        return Policy(THRESHOLD if self.threshold is None else self.threshold)

    def part(self, content: str) -> str | None:
        """Return the part of a photograph by the SHA-256 of its file; None: the run did not have it."""
        return self.parts.get(learned.key(content))

    def flatters(self, met: Iterable[str | None] | Counter) -> str:
        """Return how many photographs the model has learned from, in a sentence; "" where it is not known.

        Args:
            met: the `part` of each photograph that was met, or how many there are of each.
        """
        met = Counter(met)
        trained, steered = (met[part] for part in STEERED)
        if not self.parts:
            return ""
        if not trained + steered:
            return f"None of these {met.total():,} photographs was trained on."
        more = f", and {steered:,} more chose its epoch and threshold" if steered else ""
        of = f"{trained:,} of these {met.total():,} photographs {'was' if trained == 1 else 'were'}"
        return f"{of} trained on{more}: a score on them flatters."


NO_RUN = Run()


def run_beside(model: str | os.PathLike, meaning: Meaning | None = None) -> Run:
    """Return what the run tells that lies in the folder of a model's file, as `cnn.save_run` left it.

    What can't be read, is of another model or older is told in the remark and stops nobody.

    Args:
        model: a .keras file.
        meaning: what was told of a model of another program; such a one has no run of the workbook.
    """
    path = Path(model)
    told = path.with_name(METRICS)
    if meaning not in (None, Meaning()) or not (path.is_file() and told.is_file()):
        return NO_RUN
    try:
        metrics = object_in(told, MOST_BYTES, ADVICE)
        _check(metrics, path, files.shown(told))
        threshold = _inside(metrics, "test").get("threshold")
        if not isinstance(threshold, (int, float)) or not 0 <= threshold <= 1:
            raise WorkbookError(f"{files.shown(told)} tells no threshold of a sealed test: {ADVICE}.")
    except WorkbookError as error:
        return Run(remark=str(error))
    remark = f"The threshold is the one that this model's run froze, from {files.shown(told)}."
    try:
        parts = learned.read(path.parent)
    except (OSError, ValueError):
        parts = {}
    if not parts:
        remark += " Which photographs it learned from is not recorded there."
    photos_dir = _inside(metrics, "parameters").get("photos_dir")
    return Run(float(threshold), remark, parts, photos_dir if isinstance(photos_dir, str) else "")


def _check(metrics: dict, model: Path, name: str) -> None:
    """Refuse what ``metrics`` in the file ``name`` says of another model; older ones do not say of which."""
    digest = metrics.get("model_sha256")
    if digest is None:
        if model.name != MODEL:
            raise WorkbookError(f"{name} does not say of which model it is: {ADVICE}.")
    elif digest != (found := sha256(model)):
        raise WorkbookError(
            f"{name} is of another model (SHA-256 {str(digest)[:12]}…, this one has {found[:12]}…): {ADVICE}."
        )


def _inside(metrics: dict, name: str) -> dict:
    part = metrics.get(name)
    return part if isinstance(part, dict) else {}
