"""Handwritten digits, white on black: MNIST where it is at hand, scikit-learn's smaller ones where it is not.

Both are real handwriting. MNIST's file is the one that Keras keeps (``~/.keras/datasets/mnist.npz``, or below
``$KERAS_HOME``); if it is not there it is fetched, but nobody waits long for a network that does not answer.
scikit-learn brings its digits along: 8×8 pixels each, enlarged here to the place that MNIST's have in 28×28.
"""

import io
import zipfile
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image

from . import files
from .errors import WorkbookError, number, whole_number

ADDRESS = "https://storage.googleapis.com/tensorflow/tf-keras-datasets/mnist.npz"
SHA256 = "731c5ac602752760c8e48fbffcf8c3b850d9dc2a2aedcf2cc48468fc17b673d1"
MNIST, SMALL = "MNIST", "scikit-learn's 8×8 digits, enlarged"
SIDE, BOX = 28, 20  # a digit of MNIST fills a box of 20×20 in the middle of 28×28
MOST = 1797  # what scikit-learn has


@dataclass(frozen=True, eq=False)
class Digits:
    """Pictures (N, 28, 28) uint8, 0 the paper and 255 the stroke; labels (N,) 0 to 9; and whose they are."""

    pictures: np.ndarray
    labels: np.ndarray
    source: str  # MNIST or SMALL

    def first(self, digit: int) -> np.ndarray:
        """Return the first picture of a digit, if there is one among them."""
        places = np.flatnonzero(self.labels == whole_number("digit", digit, 0, 9))
        if not len(places):
            raise WorkbookError(f"there is no {digit} among {len(self.labels)} digits; load more of them.")
        return self.pictures[places[0]]


def load(count: int = 1000, seconds: float = 4.0) -> Digits:
    """Return the first ``count`` digits: of MNIST's test part, or of scikit-learn's, and say which.

    Args:
        count: 1 to 1797.
        seconds: how long a network may take for MNIST's 11 MB if they are not on disk; 0 does not ask.
    """
    count = whole_number("count", count, 1, MOST)
    seconds = number("seconds", seconds, 0, 600)
    path = keras_file()
    both = _from_file(path)
    if both is None and seconds:
        content = files.fetched(ADDRESS, SHA256, seconds)
        both = _from_file(io.BytesIO(content)) if content else None
        if both is not None:
            with suppress(WorkbookError):  # else it is fetched again
                files.write(path, content)
    pictures, labels = _small() if both is None else both
    return Digits(pictures[:count], labels[:count], SMALL if both is None else MNIST)


def keras_file() -> Path:
    """Return where Keras keeps MNIST, without importing it."""
    return files.keras_home() / "datasets" / "mnist.npz"


def _from_file(file: Path | io.BytesIO) -> tuple[np.ndarray, np.ndarray] | None:
    """Return MNIST's test pictures and labels, or None where the file is missing or something else."""
    try:
        with np.load(file, allow_pickle=False) as arrays:
            pictures, labels = arrays["x_test"], arrays["y_test"]
    except (OSError, KeyError, ValueError, EOFError, zipfile.BadZipFile):
        return None
    whole = pictures.dtype == np.uint8 and pictures.shape == (len(labels), SIDE, SIDE) and len(labels) >= MOST
    return (pictures, labels.astype(int)) if whole else None


def _small() -> tuple[np.ndarray, np.ndarray]:
    """Return scikit-learn's digits in MNIST's form."""
    from sklearn.datasets import load_digits

    bundled = load_digits()  # images (1797, 8, 8), 0 to 16
    pictures = np.zeros((len(bundled.images), SIDE, SIDE), np.uint8)
    edge = (SIDE - BOX) // 2
    for picture, values in zip(pictures, bundled.images, strict=True):
        small = Image.fromarray((values * 255 / 16).round().astype(np.uint8))
        large = small.resize((BOX, BOX), Image.Resampling.BICUBIC)
        picture[edge : edge + BOX, edge : edge + BOX] = np.asarray(large)
    return pictures, bundled.target.astype(int)
