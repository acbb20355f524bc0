"""Looking at the pictures, kernels and samples that came in, before any arithmetic."""

import numpy as np
from numpy.typing import ArrayLike

from ..arrays import numbers, wrong_shape
from ..errors import whole_number


def picture(x: ArrayLike) -> np.ndarray:
    """Return the numbers of ``x`` if it is (H, W) or (H, W, C)."""
    x = numbers("x", x)
    if x.ndim not in (2, 3):
        raise wrong_shape("x", x, "(H, W) or (H, W, C)")
    return x


def picture_and_kernel(x: ArrayLike, kernel: ArrayLike) -> tuple[np.ndarray, np.ndarray]:
    """Return both if they are (H, W) and (kh, kw): one channel, one kernel."""
    x, kernel = numbers("x", x), numbers("kernel", kernel)
    if x.ndim != 2:
        raise wrong_shape("x", x, "(H, W); for (H, W, C) there is conv_layer")
    if kernel.ndim != 2:
        raise wrong_shape("kernel", kernel, "(kh, kw); for (kh, kw, C, F) there is conv_layer")
    return x, kernel


def picture_and_kernels(x: ArrayLike, kernels: ArrayLike) -> tuple[np.ndarray, np.ndarray]:
    """Return both if they are (H, W, C) and (kh, kw, C, F) with the same C."""
    x, kernels = numbers("x", x), numbers("kernels", kernels)
    if x.ndim != 3:
        raise wrong_shape("x", x, "(H, W, C), one picture; a gray one is x[..., None]")
    if kernels.ndim != 4 or kernels.shape[2] != x.shape[2]:
        raise wrong_shape("kernels", kernels, f"(kh, kw, C, F) with C = {x.shape[2]}, the channels of x")
    return x, kernels


def samples_and_weights(x: ArrayLike, weights: ArrayLike) -> tuple[np.ndarray, np.ndarray]:
    """Return both if they are (inputs,) or (batch, inputs), and (inputs, outputs)."""
    x, weights = numbers("x", x), numbers("weights", weights)
    if x.ndim < 1 or weights.ndim != 2 or weights.shape[0] != x.shape[-1]:
        raise wrong_shape("weights", weights, f"(inputs, outputs) to fit x with shape {x.shape}")
    return x, weights


def length(name: str, value: object) -> int:
    """Return ``value`` as a number of rows, columns or steps: whole, 1 or more."""
    return whole_number(name, value, 1, 1_000_000)
