"""The activations with their slopes and gradients, and softmax.

A slope is the derivative at one number; a gradient carries what comes back from the layers above through it:
slope times ``d_out`` (the chain rule; Goodfellow et al., chapter 6.5).
"""

import numpy as np
from numpy.typing import ArrayLike

from ..arrays import numbers, shaped, wrong_shape


def relu(x: ArrayLike) -> np.ndarray:
    """Return ``x`` where it is positive and 0 elsewhere.

    >>> relu([-2, 0, 3])
    array([0, 0, 3])
    """
    return np.maximum(numbers("x", x), 0)


def relu_slope(x: ArrayLike) -> np.ndarray:
    """Return the derivative of :func:`relu` at ``x``: 1 where positive, else 0 (at 0 too, as in Keras).

    >>> relu_slope([-2, 0, 3])
    array([0., 0., 1.])
    """
    return (numbers("x", x) > 0).astype(float)


def relu_gradient(x: ArrayLike, d_out: ArrayLike) -> np.ndarray:
    """Return the gradient at the input of ReLU: ``d_out`` passes where ``x`` is positive, 0 elsewhere.

    d_x = d_out * (1 where x > 0, else 0); at x = 0 it is 0, as in Keras. (Goodfellow et al., chapter 6.3.1.)

    Args:
        x: what went into :func:`relu`, any shape.
        d_out: the gradient at what came out, the shape of ``x``.

    Returns:
        d_x, the shape of ``x``.

    >>> relu_gradient([-2, 0, 3], [5, 5, 5])
    array([0, 0, 5])
    """
    x = numbers("x", x)
    d_out = shaped("d_out", d_out, x.shape, "the shape of x")
    return np.where(x > 0, d_out, 0)


def sigmoid(x: ArrayLike) -> np.ndarray:
    """Return 1 / (1 + exp(-x)), from 0 to 1, without overflow for any ``x``.

    >>> sigmoid([-1000, 0, 1000])
    array([0. , 0.5, 1. ])
    """
    x = numbers("x", x)
    small = np.exp(-np.abs(x))  # never above 1
    return np.where(x >= 0, 1, small) / (1 + small)


def sigmoid_slope(x: ArrayLike) -> np.ndarray:
    """Return the derivative of :func:`sigmoid` at ``x``: s (1 - s), at most 1/4.

    >>> sigmoid_slope([0])
    array([0.25])
    """
    return sigmoid(x) * sigmoid(-numbers("x", x))  # 1 - s, kept exact where s is nearly 1


def sigmoid_gradient(x: ArrayLike, d_out: ArrayLike) -> np.ndarray:
    """Return the gradient at the input of the sigmoid.

    d_x = d_out * s (1 - s), where s = sigmoid(x). (Goodfellow et al., chapters 3.10 and 6.5.)

    Args:
        x: what went into :func:`sigmoid` (not what came out of it), any shape.
        d_out: the gradient at what came out, the shape of ``x``.

    Returns:
        d_x, the shape of ``x``, float64.

    >>> sigmoid_gradient([0], [8])
    array([2.])
    """
    x = numbers("x", x)
    return shaped("d_out", d_out, x.shape, "the shape of x") * sigmoid_slope(x)


def tanh(x: ArrayLike) -> np.ndarray:
    """Return the hyperbolic tangent of ``x``, from -1 to 1.

    >>> tanh([0])
    array([0.])
    """
    return np.tanh(numbers("x", x))


def tanh_slope(x: ArrayLike) -> np.ndarray:
    """Return the derivative of :func:`tanh` at ``x``: 1 - tanh², at most 1.

    >>> tanh_slope([0])
    array([1.])
    """
    return 1 - tanh(x) ** 2


def softmax(logits: ArrayLike, axis: int = -1) -> np.ndarray:
    """Return probabilities, exp(logit) divided by their sum along ``axis``.

    The largest logit is taken off first: the result is the same and exp can't overflow.

    >>> softmax([1000, 1000])
    array([0.5, 0.5])
    """
    logits = numbers("logits", logits)
    if logits.ndim == 0 or logits.size == 0:
        raise wrong_shape("logits", logits, "one number for each class, for instance (classes,)")
    powers = np.exp(logits - logits.max(axis=axis, keepdims=True))
    return powers / powers.sum(axis=axis, keepdims=True)
