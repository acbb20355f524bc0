"""Whether two photographs are copies of one: laid on each other as their points say, do the pixels agree?

1. Geometry. Points that are each other's nearest in descriptor space, a similarity by RANSAC (M. A. Fischler
   and R. C. Bolles, Random sample consensus, CACM 24, 1981), then an affine map by least squares.
2. Pixels. The map is refined on the pixels themselves (G. D. Evangelidis and E. Z. Psarakis, Parametric image
   alignment using enhanced correlation coefficient maximization, PAMI 30, 2008), one photograph is laid on
   the other, sharpness and brightness are fitted, and what is left is compared block by block with what
   resampling and compression leave. The worst blocks decide: units of one design agree nearly everywhere.
"""

import math
from typing import NamedTuple

import cv2
import numpy as np

from .features import Features, mirrored

# Points
LOOSE, TIGHT = 0.03, 0.01  # of the longest side: how far a point may lie off, at first and at last
LEAST_INLIERS = 10  # casting photographs have 20 and more in common with a copy, 3 with others
MOST_STRETCH = 1.35  # longest over shortest axis of what the map makes of a circle
MOST_SCALE = 3.0
MOST_SHIFT = 0.15  # of the shorter side: how far apart the middles may be
LEAST_OVERLAP = 0.45  # of the larger photograph; corners cut off after a rotation by 45° leave half
# Pixels
# Of the shorter side: pixels up to here from the middle count; beyond, a rotation leaves corners.
REACH = 0.40
LEAST_PIXELS = 200
LEAST_GAIN = 0.2
BLOCKS = 24  # across that circle; they overlap by half
LEAST_BLOCKS = 30
TEXTURE = 6.0  # gray values, standard deviation in a block from where on it counts
NOISE = 1.5  # gray values that compression leaves after blurring
DETAIL = 0.1  # of the Laplacian: what resampling leaves
# Ratios, left over expected, of the 2 % worst blocks. Nearly all true pairs have 1.2 (fans) or 1.5 (castings)
# at most; different castings 3.3 and more, different fans mostly 2 and more. Of 28 million pairs of fans at
# 300×300, 29 different ones had less than 1.25; among 1.1 million at 160×160, 3; but among 0.5 million at
# 80×80, where the print is a blur, 261, yet none less than 0.66: the smaller picture sets the limit.
SIDES, LIMITS = (40, 80, 110, 160), (0.3, 0.6, 1.1, 1.25)  # pixels of its shorter side; ratio that is allowed
PEAK = 2.4  # times the limit: how much the third worst block may differ
SURE = 0.5  # times the limit: below this no other photograph is asked
DENIED = 1.2  # times the limit: where the best of two groups differ more, a doubtful pair does not join them


class Match(NamedTuple):
    """How much the pixels of two photographs differ where their points agree; 1 is as much as is allowed."""

    worst: float
    peak: float

    @property
    def accepted(self) -> bool:
        """Whether the pixels agree."""
        return self.worst <= 1 and self.peak <= PEAK


def verify(features: Features, first: int, second: int, mirror: bool) -> Match | None:
    """Return how two photographs match, or None where not even their points do."""
    matrix = geometry(features, first, second, mirror)
    if matrix is None:
        return None
    # Only the middles are compared; in between, the map counts from their corners.
    own, corner = _middle(features.picture(first))
    other, other_corner = _middle(features.picture(second))
    shift = matrix[:, :2] @ corner + matrix[:, 2] - other_corner
    ratios = compare(own, other, np.column_stack([matrix[:, :2], shift]))
    if ratios is None:
        return None
    ratios = ratios / np.interp(features.sizes[[first, second]].min(), SIDES, LIMITS)
    return Match(worst=float(ratios[1 + len(ratios) // 50]), peak=float(ratios[2]))


def geometry(features: Features, first: int, second: int, mirror: bool) -> np.ndarray | None:
    """Return the affine map (2, 3) that the points agree on, or None."""
    here, there = features.counts[first], features.counts[second]
    own, other = features.descriptors[first, :here], features.descriptors[second, :there]
    chosen, partner = _mutual(mirrored(own) if mirror else own, other)
    if len(chosen) < LEAST_INLIERS:
        return None
    height, width = features.sizes[first]
    start = features.points[first, chosen].astype(np.float64)
    if mirror:
        start[:, 0] = width - 1 - start[:, 0]
    end = features.points[second, partner].astype(np.float64)
    side = float(features.sizes[second].max())
    matrix, inliers = cv2.estimateAffinePartial2D(
        start, end, ransacReprojThreshold=LOOSE * side, maxIters=500, confidence=0.99, refineIters=0
    )
    if matrix is None:
        return None
    inliers = inliers.ravel() > 0
    start = np.column_stack([start, np.ones(len(start))])
    for share in (LOOSE, 0.02, 0.015, TIGHT, TIGHT):
        if inliers.sum() < LEAST_INLIERS:
            return None
        matrix = np.linalg.lstsq(start[inliers], end[inliers], rcond=None)[0].T
        inliers = ((start @ matrix.T - end) ** 2).sum(axis=1) < (share * side) ** 2
    places = len(np.unique(np.round(end[inliers]), axis=0))  # a point may come with several directions
    if mirror:
        matrix = matrix @ np.array([[-1, 0, width - 1], [0, 1, 0], [0, 0, 1.0]])
    if places < LEAST_INLIERS or not _plausible(matrix, features.sizes[first], features.sizes[second]):
        return None
    return matrix


def _mutual(own: np.ndarray, other: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the indices of the descriptors that are each other's nearest."""
    own, other = own.astype(np.float32), other.astype(np.float32)
    distance = (own**2).sum(axis=1)[:, None] + (other**2).sum(axis=1) - 2 * own @ other.T
    nearest = distance.argmin(axis=1)
    mutual = distance.argmin(axis=0)[nearest] == np.arange(len(own))
    return np.flatnonzero(mutual), nearest[mutual]


def _plausible(matrix: np.ndarray, size: np.ndarray, other: np.ndarray) -> bool:
    """Tell whether a map could come from rotating, mirroring, resizing and a small crop."""
    long, short = np.linalg.svd(matrix[:, :2], compute_uv=False)
    if short * MOST_SCALE < 1 or long > MOST_SCALE or long > MOST_STRETCH * short:
        return False
    (height, width), (h, w) = size, other
    corners = np.array([[0, 0], [width, 0], [width, height], [0, height]]) - 0.5
    laid = (corners @ matrix[:, :2].T + matrix[:, 2]).astype(np.float32)
    frame = (np.array([[0, 0], [w, 0], [w, h], [0, h]]) - 0.5).astype(np.float32)
    common, _ = cv2.intersectConvexConvex(laid, frame)
    area = width * height * long * short
    if common < LEAST_OVERLAP * max(area, w * h):
        return False
    apart = np.linalg.norm(laid.mean(axis=0) - frame.mean(axis=0))
    return apart < MOST_SHIFT * min(min(w, h), min(width, height) * math.sqrt(long * short))


def _middle(picture: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the square (s, s) around what is within reach of the middle, and x, y of its corner."""
    margin = np.array(picture.shape) - 2 * REACH * min(picture.shape) - 8
    top, left = np.maximum(margin // 2, 0).astype(int)
    part = picture[top : picture.shape[0] - top, left : picture.shape[1] - left]
    return part, np.array([left, top])


def compare(
    first: np.ndarray, second: np.ndarray, matrix: np.ndarray, whole: bool = False
) -> np.ndarray | None:
    """Lay one gray picture on the other and return the blocks' ratios, the worst first.

    A ratio is what is left of a block after fitting sharpness, gain and offset, over what compression and
    resampling would leave. None where the pixels have nothing to compare. ``whole``: up to the corners.
    """
    if abs(np.linalg.det(matrix[:, :2])) > 1:  # always make the finer one coarser
        return compare(second, first, cv2.invertAffineTransform(matrix), whole)
    circle = _all if whole else _circle
    back = cv2.invertAffineTransform(matrix)
    shrink = math.sqrt(abs(np.linalg.det(back[:, :2])))
    fine, target = first.astype(np.float32), second.astype(np.float32)
    if shrink > 1.05:
        fine = cv2.GaussianBlur(fine, (0, 0), 0.5 * math.sqrt(shrink**2 - 1))
    # OpenCV wants to know which pixels of the finer picture count: those within reach of both middles.
    reached = _laid(circle(second.shape), matrix, first.shape) & circle(first.shape)
    if np.count_nonzero(reached) < LEAST_PIXELS:
        return None
    stop = (cv2.TERM_CRITERIA_EPS | cv2.TERM_CRITERIA_COUNT, 12, 1e-5)
    try:
        _, back = cv2.findTransformECC(
            target, fine, back.astype(np.float32), cv2.MOTION_AFFINE, stop, reached, 5
        )
    except cv2.error:  # they don't correlate
        return None
    laid = _laid(fine, back, second.shape)
    clipped = ((laid > 247) | (target > 247) | (laid < 4) | (target < 4)).astype(np.uint8)
    counted = _laid(circle(first.shape), back, second.shape) & circle(second.shape)
    counted = (counted == 255) & (cv2.dilate(clipped, np.ones((3, 3), np.uint8)) == 0)
    laid, target = cv2.GaussianBlur(laid, (0, 0), 1.0), cv2.GaussianBlur(target, (0, 0), 1.0)
    sharp = _as_sharp(laid, target, counted)
    return None if sharp is None else _ratios(sharp, target, counted.astype(np.float32))


def _laid(picture: np.ndarray, back: np.ndarray, shape: tuple[int, int]) -> np.ndarray:
    """Return ``picture`` in that shape; the map ``back`` takes each of its pixels to one of ``picture``."""
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    border = cv2.BORDER_CONSTANT if picture.dtype == np.uint8 else cv2.BORDER_REPLICATE
    return cv2.warpAffine(picture, back, shape[::-1], flags=flags, borderMode=border)


def _circle(shape: tuple[int, int]) -> np.ndarray:
    """Return 255 within reach of the middle of such a picture, which has 4 more pixels around."""
    y, x = np.ogrid[: shape[0], : shape[1]]
    far = (y - (shape[0] - 1) / 2) ** 2 + (x - (shape[1] - 1) / 2) ** 2
    return np.where(far < (min(shape) / 2 - 4) ** 2, 255, 0).astype(np.uint8)


def _all(shape: tuple[int, int]) -> np.ndarray:
    """Return 255 for all pixels but those at the edge."""
    inside = np.zeros(shape, np.uint8)
    inside[4:-4, 4:-4] = 255
    return inside


def _as_sharp(laid: np.ndarray, target: np.ndarray, where: np.ndarray) -> np.ndarray | None:
    """Return ``laid`` as sharp as ``target``: its second derivatives are added by least squares."""
    if np.count_nonzero(where) < LEAST_PIXELS:
        return None
    curved = [cv2.Sobel(laid, cv2.CV_32F, *order, scale=1 / 4) for order in ((2, 0), (0, 2), (1, 1))]
    basis = np.stack(
        [laid[where], *(one[where] for one in curved), np.ones(np.count_nonzero(where), np.float32)]
    )
    gain, *sharpness, _ = np.linalg.lstsq(basis @ basis.T, basis @ target[where], rcond=None)[0]
    if gain < LEAST_GAIN:
        return None
    shares = np.clip(np.float32(sharpness) / np.float32(gain), -1, 1)
    return laid + sum(share * one for share, one in zip(shares, curved, strict=True))


def _ratios(laid: np.ndarray, target: np.ndarray, weight: np.ndarray) -> np.ndarray | None:
    """Return how much more is left in each block with texture than is expected, the largest first."""
    block = round((min(target.shape) - 8) / BLOCKS) | 1
    grid = (slice(block // 2, None, max(1, block // 2)),) * 2

    def mean(values: np.ndarray) -> np.ndarray:
        return cv2.boxFilter(values, -1, (block, block), borderType=cv2.BORDER_CONSTANT)[grid]

    filled = mean(weight)

    def average(values: np.ndarray) -> np.ndarray:
        return mean(values * weight) / np.maximum(filled, 1e-6)

    middle, other = average(laid), average(target)
    spread = np.maximum(average(laid**2) - middle**2, 0)
    wanted = np.maximum(average(target**2) - other**2, 0)
    common = average(laid * target) - middle * other
    full = filled > 0.6
    gain = math.sqrt((wanted[full].sum() + 1e-9) / (spread[full].sum() + 1e-9))
    local = np.clip(common / np.maximum(spread, 1e-6), 0.75 * gain, 1.33 * gain)
    left = np.maximum(local**2 * spread + wanted - 2 * local * common, 0)
    detail = average(cv2.Laplacian(target, cv2.CV_32F) ** 2)
    expected = NOISE**2 * (1 + gain**2) / 2 + DETAIL**2 * detail
    textured = full & (np.maximum(wanted, gain**2 * spread) > TEXTURE**2)
    if np.count_nonzero(textured) < LEAST_BLOCKS:
        return None
    return np.sort(np.sqrt(left[textured] / expected[textured]))[::-1]
