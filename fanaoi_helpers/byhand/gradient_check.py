"""Checking a gradient that was derived by hand against one that is measured."""

from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike

from ..arrays import numbers, shaped, some, wrong_shape
from ..errors import number


def numeric_gradient(f: Callable[[np.ndarray], float], x: ArrayLike, step: float = 1e-5) -> np.ndarray:
    """Return the gradient of ``f`` at ``x`` by central differences, one number of ``x`` at a time.

    d_x[k] = (f(x with x[k] + step) - f(x with x[k] - step)) / (2 step)

    Slow (two calls of ``f`` for each number) but simple, and so a good check. Its error is about step² from
    the curve and 1e-16 / step from rounding: a smaller step is not always better. At a corner, such as ReLU's
    at 0, it gives the mean of the slopes on both sides. (Goodfellow et al., chapter 11.5.)

    Args:
        f: takes an array of the shape of ``x``, float64, and returns one number;
            it should compute in float64, for in float32 this step drowns in rounding.
        x: where, any shape.
        step: how far to go to either side.

    Returns:
        The gradient, the shape of ``x``, float64.

    >>> numeric_gradient(lambda x: (x**2).sum(), [1, -3]).round(6)
    array([ 2., -6.])
    """
    x = numbers("x", x).astype(np.float64)
    step = number("step", step, 1e-12, 1e6)
    gradient = np.zeros(x.shape)
    for place in np.ndindex(x.shape):
        above, below = x.copy(), x.copy()
        above[place] += step
        below[place] -= step
        gradient[place] = (_one_number(f(above)) - _one_number(f(below))) / (2 * step)
    return gradient


def relative_error(a: ArrayLike, b: ArrayLike) -> float:
    """Return how far apart two gradients are, measured by their size: 0 for equal ones, 1 for opposite ones.

    max |a - b| / max(|a| + |b|), where the divisor counts as 1e-8 if it is smaller

    Both maxima go over all numbers, so that rounding in a number near 0 raises no alarm among larger ones.
    For float64 and central differences below 1e-6 is as it should be; above 1e-3 something is wrong.

    Args:
        a: any shape.
        b: the shape of ``a``.

    >>> relative_error([100.0, 0.0], [100.0, 2.0]), relative_error([1, 2], [-1, -2])
    (0.01, 1.0)
    """
    a = some("a", numbers("a", a))
    b = shaped("b", b, a.shape, "the shape of a")
    return float(np.abs(a - b).max() / max(1e-8, (np.abs(a) + np.abs(b)).max()))


def _one_number(value: ArrayLike) -> float:
    value = numbers("what f returns", value)
    if value.size != 1:
        raise wrong_shape("what f returns", value, "one number; add up, for instance with .sum()")
    return float(value.reshape(()))
