"""Judging photographs, however many: decoded in threads, predicted in batches, verdict by verdict."""

import math
import warnings
from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from typing import NamedTuple

import numpy as np

from ..photos import decoding
from ..threads import in_order
from .finding import Photograph
from .policy import Policy

BATCH = 64  # photographs that the model sees at once


COLUMNS = ("photo", "verdict", "p_go", "reason")  # of a verdict that are written


class Judged(NamedTuple):
    """The verdict on one photograph; its first four fields are written."""

    photo: str
    verdict: str  # GO, NG or REVIEW
    p_go: float | None  # None where it could not be read
    reason: str = ""  # why it could not be judged
    content: str = ""  # SHA-256 of its file, "" where it could not be read

    @property
    def unreadable(self) -> bool:
        """Tell whether there was no photograph to judge."""
        return self.p_go is None


def judged(
    photographs: Iterable[Photograph],
    predict: Callable[[np.ndarray], np.ndarray],
    image_size: int,
    policy: Policy,
) -> Iterator[Judged]:
    """Yield a verdict for each of ``photographs``, in their order; memory does not grow with their number.

    Args:
        photographs: from `Places`.
        predict: takes pixels (B, image_size, image_size, 3) uint8, 0..255, and gives (B,) P(GO).
        image_size: side of the square that photographs are resized to, as `photos.load` does it.
        policy: says which scores are GO, NG or REVIEW.
    """
    target = decoding.square(image_size)

    def opened(photograph: Photograph) -> tuple[str, decoding.Decoded]:
        if photograph.reason:
            return photograph.name, decoding.Decoded(None, photograph.reason)
        return photograph.name, decoding.picture(photograph.path, target)

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # Pillow's remarks on odd files; what matters comes back as a reason
        stream = in_order(opened, photographs, batch=min(8, BATCH))
        while batch := list(islice(stream, BATCH)):
            pixels = [decoded.pixels for _, decoded in batch if decoded.pixels is not None]
            p_go = predict(np.stack(pixels)) if pixels else np.empty(0)
            answers = zip(p_go.tolist(), policy.calls(p_go), strict=True)
            for name, decoded in batch:
                if decoded.pixels is None:
                    yield Judged(name, "REVIEW", None, decoded.reason, decoded.content)
                    continue
                score, verdict = next(answers)
                reason = "" if math.isfinite(score) else "the model gives no number"
                yield Judged(name, verdict, None if reason else score, reason, decoded.content)
