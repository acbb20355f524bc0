"""What is kept of each photograph for the search: its strongest SIFT points and a small gray picture.

SIFT: D. G. Lowe, Distinctive image features from scale-invariant keypoints, IJCV 60 (2004). A point is found
again whatever the photograph's rotation, size and brightness. A mirrored photograph needs no second
extraction: its descriptors are those of the original in another order (`mirrored`).
"""

import hashlib
import os
import tempfile
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import cv2
import numpy as np

from ...threads import in_order
from .. import decoding

SEARCHED = 224  # pixels, longest side of the picture in which points are looked for
COMPARED = 192  # pixels, longest side of the gray picture on which two photographs are compared
POINTS = 192  # most points kept of a photograph, the strongest; 24 kB of descriptors
LEAST_POINTS = 12  # below this a photograph has too little to compare
LEAST_CONTRAST = 0.02  # of SIFT; half of Lowe's value finds 1.4 times the points, in smooth castings too

# OpenCV stores 4 rows × 4 columns × 8 directions, turned so that direction 0 points along the rows. Mirrored
# at that axis, the rows change places and each direction its sign.
_MIRROR = np.arange(128).reshape(4, 4, 8)[::-1][:, :, -np.arange(8) % 8].reshape(-1)
_own = threading.local()


@dataclass(frozen=True, eq=False)
class Features:
    """N photographs as the search sees them; big arrays lie in a temporary file, not in memory."""

    counts: np.ndarray  # (N,) int64, points of each
    richness: np.ndarray  # (N,) int64, points that SIFT found before the strongest were chosen
    points: np.ndarray  # (N, POINTS, 2) float32, x and y in pixels of the gray picture
    descriptors: np.ndarray  # (N, POINTS, 128) uint8, strongest point first
    gray: np.ndarray  # (N, COMPARED, COMPARED) uint8, the picture in the upper left corner
    sizes: np.ndarray  # (N, 2) int64, height and width of the gray picture
    digests: list[str]  # the same for the same pixels, "" for what can't be read
    contents: list[str]  # SHA-256 of the files, "" likewise
    reasons: dict[int, str]  # for the index of each unreadable one, why

    def picture(self, index: int) -> np.ndarray:
        """Return the gray picture (h, w) uint8 of one photograph."""
        height, width = self.sizes[index]
        return self.gray[index, :height, :width]


def mirrored(descriptors: np.ndarray) -> np.ndarray:
    """Return the descriptors (..., 128) that SIFT finds at the same points of the mirrored photograph."""
    return descriptors[..., _MIRROR]


def extract(paths: Sequence[str | os.PathLike], pool: ThreadPoolExecutor, bar: Callable) -> Features:
    """Open N photographs once and return what is kept of them; memory does not grow with the pictures."""
    count = len(paths)
    features = Features(
        counts=np.zeros(count, np.int64),
        richness=np.zeros(count, np.int64),
        points=np.zeros((count, POINTS, 2), np.float32),
        descriptors=_on_disk((count, POINTS, 128)),
        gray=_on_disk((count, COMPARED, COMPARED)),
        sizes=np.zeros((count, 2), np.int64),
        digests=[""] * count,
        contents=[""] * count,
        reasons={},
    )

    def extract_one(index: int) -> None:
        decoded = decoding.picture(paths[index], decoding.within(SEARCHED))
        features.contents[index] = decoded.content
        if decoded.pixels is None:
            features.reasons[index] = decoded.reason
            return
        points, descriptors, gray, features.richness[index] = _points(decoded.pixels)
        digest = hashlib.sha256(f"{decoded.side} {decoded.pixels.shape}".encode())
        digest.update(decoded.pixels.tobytes())
        features.digests[index] = digest.hexdigest()
        features.counts[index] = len(points)
        features.points[index, : len(points)] = points
        features.descriptors[index, : len(points)] = descriptors
        features.gray[index, : gray.shape[0], : gray.shape[1]] = gray
        features.sizes[index] = gray.shape

    for _ in bar(in_order(extract_one, range(count), pool=pool), count, "Looking for points"):
        pass
    return features


def _on_disk(shape: tuple[int, ...]) -> np.ndarray:
    """Return zeros (uint8) that the system may put out of memory; the file goes with the array."""
    if 0 in shape:
        return np.zeros(shape, np.uint8)
    with tempfile.TemporaryFile() as file:
        return np.memmap(file, np.uint8, "w+", shape=shape)


def _points(pixels: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray, int]:
    """Return the strongest points, their descriptors, the gray picture, and how many points there are."""
    gray = cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY)
    if not hasattr(_own, "sift"):
        _own.sift = cv2.SIFT_create(contrastThreshold=LEAST_CONTRAST)
    keypoints, descriptors = _own.sift.detectAndCompute(gray, None)
    share = min(1.0, COMPARED / max(gray.shape))
    height, width = (max(1, round(side * share)) for side in gray.shape)
    if not keypoints:
        points, descriptors = np.zeros((0, 2), np.float32), np.zeros((0, 128), np.uint8)
    else:
        places = np.array(
            [[*point.pt, point.response, point.size, point.angle] for point in keypoints], np.float32
        )
        strongest = np.lexsort((*places[:, [4, 3, 1, 0]].T, -places[:, 2]))[:POINTS]
        scale = np.array([width / gray.shape[1], height / gray.shape[0]], np.float32)
        points = (places[strongest, :2] + 0.5) * scale - 0.5
        descriptors = descriptors[strongest].astype(np.uint8)
    if share < 1:
        gray = cv2.resize(gray, (width, height), interpolation=cv2.INTER_AREA)
    return points, descriptors, gray, len(keypoints)
