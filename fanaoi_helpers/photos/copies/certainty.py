"""Whether two photographs that agree are surely one, or two units of one design, alike but for a defect.

What has been turned, mirrored or resized and still agrees was made from one photograph. Where nothing was
moved, units in one fixture agree as well, and it takes two things more: no place may differ, up to the
corners, and the noise of the camera, which no two photographs share, must be the same.
"""

import math

import cv2
import numpy as np

from .features import Features
from .verification import LIMITS, SIDES, compare, geometry, verify

TURNED, SCALED = 3.0, 0.05  # degrees, and share: what is moved by less may be another unit in the fixture
LOCAL = 1.6  # times the limit: how much the worst block may differ
SAME_NOISE = 0.6  # correlation, in the third of the blocks that shows least
BLOCK = 16  # pixels


def surely_one(features: Features, first: int, second: int) -> bool:
    """Tell whether two photographs were surely made from one."""
    for mirror in (False, True):
        match = verify(features, first, second, mirror)
        if match is None or not match.accepted or match.peak > LOCAL:
            continue
        matrix = geometry(features, first, second, mirror)
        scale = math.sqrt(abs(np.linalg.det(matrix[:, :2])))
        angle = math.degrees(math.atan2(matrix[1, 0], matrix[0, 0]))
        if mirror or abs(angle) > TURNED or abs(scale - 1) > SCALED:
            return True
        own, other = features.picture(first), features.picture(second)
        ratios = compare(own, other, matrix, whole=True)
        limit = np.interp(features.sizes[[first, second]].min(), SIDES, LIMITS)
        if (
            ratios is not None
            and ratios[0] <= LOCAL * limit
            and noise(own, other, matrix[:, 2]) >= SAME_NOISE
        ):
            return True
    return False


def noise(own: np.ndarray, other: np.ndarray, shift: np.ndarray) -> float:
    """Return how the noise of two gray pictures correlates, one shifted by (x, y) pixels onto the other."""
    x, y = (round(float(value)) for value in shift)
    height, width = (min(sides) for sides in zip(own.shape, other.shape, strict=True))
    own = own[max(0, -y) : height - max(0, y), max(0, -x) : width - max(0, x)].astype(np.float32)
    other = other[max(0, y) : height - max(0, -y), max(0, x) : width - max(0, -x)].astype(np.float32)
    fine = [picture - cv2.GaussianBlur(picture, (0, 0), 1.0) for picture in (own, other)]
    shapes = cv2.GaussianBlur(own, (0, 0), 2.0)
    plain = cv2.Sobel(shapes, cv2.CV_32F, 1, 0) ** 2 + cv2.Sobel(shapes, cv2.CV_32F, 0, 1) ** 2

    def blocks(values: np.ndarray) -> np.ndarray:
        return cv2.boxFilter(values, -1, (BLOCK, BLOCK))[BLOCK // 2 :: BLOCK, BLOCK // 2 :: BLOCK].ravel()

    quiet = np.argsort(blocks(plain), kind="stable")[: max(4, blocks(plain).size // 3)]
    here, there = fine
    common, one, two = (blocks(product)[quiet].sum() for product in (here * there, here**2, there**2))
    return float(common / math.sqrt(one * two + 1e-9))
