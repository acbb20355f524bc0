"""The optimizers step by step, on any function whose gradient is at hand."""

from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike

from ..arrays import numbers, shaped
from ..errors import number, whole_number

Gradient = Callable[[np.ndarray], ArrayLike]


def sgd(gradient: Gradient, start: ArrayLike, rate: float, steps: int, momentum: float = 0.0) -> np.ndarray:
    """Return the path of gradient descent from ``start``, with or without momentum.

    velocity = momentum * velocity - rate * gradient(point)
    point = point + velocity

    The velocity starts at 0. Without momentum each step is -rate * gradient. In training the gradient comes
    from one batch drawn at random, whence the name, stochastic gradient descent; here it is whatever
    ``gradient`` says. (Goodfellow et al., algorithms 8.1 and 8.2; the steps of ``keras.optimizers.SGD``.)

    Args:
        gradient: takes a point and returns the gradient there, the same shape.
        start: the first point: (n,), one number, or weights of any shape.
        rate: the learning rate. If it is too large the path runs away, to inf and nan at last.
        steps: how many.
        momentum: from 0 to 1, how much of the last step goes on.

    Returns:
        The path, (steps + 1, n), or (steps + 1, *shape of start); float64. ``path[0]`` is the start.

    >>> sgd(lambda x: 2 * x, start=[8.0, -4.0], rate=0.25, steps=2)
    array([[ 8., -4.],
           [ 4., -2.],
           [ 2., -1.]])
    """
    rate, momentum = number("rate", rate, 0, 1e6), number("momentum", momentum, 0, 1)
    path = _path(start, steps)
    velocity = np.zeros(path.shape[1:])
    with np.errstate(over="ignore", invalid="ignore"):  # a path that runs away is a lesson, not an error
        for step in range(1, len(path)):
            velocity = momentum * velocity - rate * _gradient_at(path[step - 1], gradient)
            path[step] = path[step - 1] + velocity
    return path


def adam(
    gradient: Gradient,
    start: ArrayLike,
    rate: float,
    steps: int,
    beta1: float = 0.9,
    beta2: float = 0.999,
    epsilon: float = 1e-7,
) -> np.ndarray:
    """Return Adam's path from ``start``: gradient descent with a step size for each number of the point.

    mean = beta1 * mean + (1 - beta1) * g                    where g = gradient(point)
    square = beta2 * square + (1 - beta2) * g²
    point = point - rate * c * mean / (sqrt(square) + epsilon)
    c = sqrt(1 - beta2^t) / (1 - beta1^t)                    at step t = 1, 2, 3, …

    Both averages start at 0; c makes up for that. The first step is about ``rate`` long in each number,
    however steep it is there. (Kingma and Ba, arXiv:1412.6980, in the form at the end of their section 2,
    which is the form of ``keras.optimizers.Adam``.)

    Args:
        gradient: takes a point and returns the gradient there, the same shape.
        start: the first point: (n,), one number, or weights of any shape.
        rate: the learning rate.
        steps: how many.
        beta1, beta2: from 0 to below 1, how slowly the averages of the gradients and of their squares forget.
        epsilon: keeps the division from 0 / 0.

    Returns:
        The path, (steps + 1, n), or (steps + 1, *shape of start); float64. ``path[0]`` is the start.

    >>> adam(lambda x: 2 * x, start=[8.0, -1.0], rate=0.5, steps=1).round(2)
    array([[ 8. , -1. ],
           [ 7.5, -0.5]])
    """
    rate, epsilon = number("rate", rate, 0, 1e6), number("epsilon", epsilon, 1e-12, 1)
    beta1, beta2 = number("beta1", beta1, 0, 0.999999), number("beta2", beta2, 0, 0.999999)
    path = _path(start, steps)
    mean, square = np.zeros(path.shape[1:]), np.zeros(path.shape[1:])
    with np.errstate(over="ignore", invalid="ignore"):
        for step in range(1, len(path)):
            g = _gradient_at(path[step - 1], gradient)
            mean = beta1 * mean + (1 - beta1) * g
            square = beta2 * square + (1 - beta2) * g**2
            c = np.sqrt(1 - beta2**step) / (1 - beta1**step)
            path[step] = path[step - 1] - rate * c * mean / (np.sqrt(square) + epsilon)
    return path


def _path(start: ArrayLike, steps: int) -> np.ndarray:
    """Return room for a path, with ``start`` as its first point."""
    start = numbers("start", start)
    path = np.zeros((whole_number("steps", steps, 0, 1_000_000) + 1, *start.shape))
    path[0] = start
    return path


def _gradient_at(point: np.ndarray, gradient: Gradient) -> np.ndarray:
    # A copy: whatever the function does with its argument, the path stays.
    return shaped("the gradient", gradient(point.copy()), point.shape, "the shape of start")
