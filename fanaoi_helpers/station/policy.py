"""Which scores are GO, NG or REVIEW: a threshold, or a policy kept in a small JSON file."""

from __future__ import annotations

import hashlib
import json
import os
import re
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import numpy as np

from .. import files, verdicts
from ..errors import WorkbookError, number
from ..meaning import Meaning

THRESHOLD = 0.5  # where nobody chose another
MOST_BYTES = 1_000_000  # of a policy's file; it takes a hundred
LIKE = 'a policy is like {"threshold": 0.6}'
NAMES = ("threshold", "review", "model", "go_is", "pixels")


@dataclass(frozen=True)
class Policy:
    """How P(GO) becomes a verdict.

    Attributes:
        threshold: GO from it on, NG below, but for what lies in ``review``.
        review: from the first to below the second a human decides; None: nothing is left to review.
        model: the SHA-256 of the file of the model that the policy was chosen for; None: any.
        meaning: what that model means by its answers, where it is one of another program; None: not told.
    """

    threshold: float = THRESHOLD
    review: tuple[float, float] | None = None
    model: str | None = None
    meaning: Meaning | None = None

    def __post_init__(self) -> None:
        threshold = number("threshold", self.threshold, 0, 1)
        if self.review is None:
            return
        pair = self.review if isinstance(self.review, (list, tuple)) else ()
        if len(pair) != 2:
            raise WorkbookError(f"review is {self.review!r}, but it must be two numbers, such as [0.3, 0.7].")
        low = number("The first number of review", pair[0], 0, threshold)
        high = number("The second number of review", pair[1], threshold, 1)
        object.__setattr__(self, "review", (low, high))

    def calls(self, p_go: np.ndarray) -> list[str]:
        """Return "GO", "NG" or "REVIEW" for each P(GO) of (N,); REVIEW for NaN, too.

        >>> Policy(0.5, (0.3, 0.7)).calls(np.array([0.2, 0.3, 0.5, 0.7]))
        ['NG', 'REVIEW', 'REVIEW', 'GO']
        >>> Policy(0.5).calls(np.array([0.499, 0.5]))
        ['NG', 'GO']
        """
        return verdicts.calls(p_go, *(self.review or (self.threshold, self.threshold))).tolist()

    def check_model(self, path: str | os.PathLike) -> None:
        """Refuse the file of a model that the policy was not chosen for."""
        if self.model is None:
            return
        digest = sha256(path)
        if digest != self.model:
            raise WorkbookError(
                f"{files.shown(path)} has the SHA-256 {digest[:12]}…, but the policy was "
                f"chosen for the model {self.model[:12]}…: choose a threshold for this one, or take that."
            )

    def meant(self, meaning: Meaning | None) -> Policy:
        """Return the policy for a model of which ``meaning`` is told besides (None: nothing is)."""
        if meaning is None:
            return self
        # A policy that names its model and tells nothing was chosen on the scores as they came out of it.
        chosen = self.meaning or (meaning if self.model is None else Meaning())
        if chosen != meaning:
            raise WorkbookError(
                f"The policy was chosen for a model of which {chosen}, but now {meaning} is told of it: tell "
                "the same, or choose another threshold."
            )
        return replace(self, meaning=meaning)

    def __str__(self) -> str:
        meaning = "" if self.meaning is None else f" ({self.meaning})"
        if self.review is None:
            return f"GO when P(GO) >= {self.threshold:g}{meaning}"
        return f"GO when P(GO) >= {self.review[1]:g}, NG below {self.review[0]:g}, REVIEW between{meaning}"

    def as_dict(self) -> dict[str, float | str | tuple[float, float]]:
        """Return what a policy file says; all but the threshold only where it says something."""
        names = ("threshold", "review", "model")
        payload = {name: getattr(self, name) for name in names if getattr(self, name) is not None}
        return payload if self.meaning is None else payload | asdict(self.meaning)


def sha256(path: str | os.PathLike) -> str:
    """Return the SHA-256 of a file, 64 hexadecimal digits; its name does not count."""
    if Path(path).exists() and not Path(path).is_file():
        raise WorkbookError(f"{files.shown(path)} can't be read (not a file).")  # a device may have no end
    try:
        with Path(path).open("rb") as file:
            digest = hashlib.sha256()
            while data := file.read(1 << 20):
                digest.update(data)
    except OSError as error:
        raise WorkbookError(f"{files.shown(path)} can't be read ({error.strerror}).") from error
    return digest.hexdigest()


def write_policy(path: str | os.PathLike, policy: Policy) -> Path:
    """Freeze a policy in a JSON file, for `fanaoi inspect --policy` and `read_policy`; return its path."""
    files.write(path, json.dumps(policy.as_dict(), indent=2) + "\n")
    return Path(path)


def read_policy(path: str | os.PathLike) -> Policy:
    """Return the policy in a JSON file: ``{"threshold": 0.62, "review": [0.4, 0.8], "model": "SHA-256"}``.

    ``review`` and ``model`` may be left out, or be null, and so may ``go_is`` and ``pixels``: see `Meaning`.
    """
    return policy_from(object_in(path, MOST_BYTES, LIKE), files.shown(path))


def object_in(path: str | os.PathLike, most: int, advice: str) -> dict:
    """Return the object that a JSON file of at most ``most`` bytes holds; ``advice`` ends the refusal."""
    name = files.shown(path)
    try:
        payload = json.loads(files.content(path, most).decode("utf-8-sig"))
    except OSError as error:
        raise WorkbookError(f"{name} can't be read ({error.strerror}): {advice}.") from error
    except (ValueError, RecursionError) as error:
        reason = str(error).split("\n")[0][:100]
        raise WorkbookError(f"{name} is not JSON ({reason}): {advice}.") from error
    if not isinstance(payload, dict):
        raise WorkbookError(f"{name} holds no object in braces: {advice}.")
    return payload


def policy_from(payload: dict, name: str) -> Policy:
    """Return the policy that the object in the JSON file ``name`` says."""
    if not isinstance(payload, dict):
        raise WorkbookError(f"{name} holds no object in braces: {LIKE}.")
    if unknown := [key for key in payload if key not in NAMES]:
        raise WorkbookError(f"{name} says {unknown[0]!r:.60}, but a policy knows only {', '.join(NAMES)}.")
    if "threshold" not in payload:
        raise WorkbookError(f"{name} says no threshold: add one from 0 to 1.")
    model = payload.get("model")
    if model is not None and not (isinstance(model, str) and re.fullmatch(r"[0-9a-fA-F]{64}", model)):
        raise WorkbookError(
            f"{name}: model is {model!r:.80}, but it must be a SHA-256 of 64 hexadecimal digits."
        )
    try:
        meaning = Meaning.told(payload.get("go_is"), payload.get("pixels"))
        return Policy(payload["threshold"], payload.get("review"), model and model.lower(), meaning)
    except WorkbookError as error:
        raise WorkbookError(f"{name}: {error}") from error
