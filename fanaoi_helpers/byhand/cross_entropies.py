"""The losses and their gradients: cross-entropy for classes, binary cross-entropy for GO or NG, in nats.

The gradients are those from the logits: for both losses, what was predicted minus what is true (Goodfellow et
al., chapters 6.2.2 and 6.5).
"""

import numpy as np
from numpy.typing import ArrayLike

from ..arrays import numbers, some, within, wrong_shape
from ..errors import WorkbookError
from .activations import sigmoid, softmax

EPSILON = 1e-7  # the smallest probability that a loss looks at, as in Keras: -ln 0 would be infinite


def cross_entropy(true: ArrayLike, probabilities: ArrayLike) -> float:
    """Return the mean over the batch of -sum(true * ln(probability)): -ln of what the true class was given.

    Args:
        true: (batch, classes) one-hot, or (batch,) class indices; or one sample of these.
        probabilities: (batch, classes) or (classes,). They are used as they are: where they do not add up
            to 1, Keras divides by their sum first and this function does not.

    Returns:
        The loss in nats. A probability below EPSILON counts as EPSILON, as in Keras.

    Raises:
        WorkbookError: a probability outside 0 to 1 (a logit, perhaps), an index outside the classes, or
            shapes that do not fit each other.

    >>> round(cross_entropy([0, 0, 1], [0.1, 0.2, 0.7]), 4), round(cross_entropy(2, [0.1, 0.2, 0.7]), 4)
    (0.3567, 0.3567)
    """
    probabilities = _probabilities(probabilities)
    if probabilities.ndim == 0:
        raise wrong_shape("probabilities", probabilities, "(classes,) or (batch, classes)")
    true = one_hot(true, probabilities.shape)
    losses = -(true * np.log(np.maximum(probabilities, EPSILON))).sum(axis=-1)
    return float(losses.mean())


def binary_cross_entropy(labels: ArrayLike, probabilities: ArrayLike) -> float:
    """Return the mean of -(y ln p + (1 - y) ln(1 - p)).

    Args:
        labels: y, 0 or 1, the shape of ``probabilities`` or one number for all.
        probabilities: p, the probability of label 1.

    Returns:
        The loss in nats. A probability below EPSILON counts as EPSILON, as in Keras.

    Raises:
        WorkbookError: a label or a probability outside 0 to 1 (a logit, perhaps), or different shapes.

    >>> round(binary_cross_entropy([1, 0], [0.9, 0.2]), 4)
    0.1643
    """
    p = _probabilities(probabilities)
    y = labels_like(labels, p)
    losses = -(y * np.log(np.maximum(p, EPSILON)) + (1 - y) * np.log(np.maximum(1 - p, EPSILON)))
    return float(losses.mean())


def binary_cross_entropy_from_logits(labels: ArrayLike, logits: ArrayLike) -> float:
    """Return :func:`binary_cross_entropy` of ``sigmoid(logits)``, exact even where that rounds to 0 or 1.

    The mean of max(z, 0) - z y + ln(1 + exp(-|z|)), the form that TensorFlow uses.

    Args:
        labels: y, 0 or 1, the shape of ``logits`` or one number for all.
        logits: z, any numbers.

    Raises:
        WorkbookError: a label outside 0 to 1, or different shapes.

    >>> binary_cross_entropy_from_logits([1], [-1000])
    1000.0
    """
    z = some("logits", numbers("logits", logits))
    y = labels_like(labels, z)
    return float((np.maximum(z, 0) - z * y + np.log1p(np.exp(-np.abs(z)))).mean())


def softmax_cross_entropy_gradient(true: ArrayLike, logits: ArrayLike) -> np.ndarray:
    """Return the gradient of ``cross_entropy(true, softmax(logits))`` at the logits.

    d_logits = (softmax(logits) - true) / batch: what was given to each class minus what it should get.
    (Goodfellow et al., chapter 6.2.2.3.)

    Args:
        true: (batch, classes) one-hot, or (batch,) class indices; or one sample of these.
        logits: (batch, classes) or (classes,), the scores before softmax.

    Returns:
        d_logits, the shape of ``logits``, float64. Each row adds up to 0. Nothing is cut off at EPSILON.

    Raises:
        WorkbookError: an index outside the classes, or shapes that do not fit each other.

    >>> softmax_cross_entropy_gradient([0, 1], [[0, 0], [0, 0]])
    array([[-0.25,  0.25],
           [ 0.25, -0.25]])
    """
    probabilities = softmax(logits)
    batch = probabilities.size // probabilities.shape[-1]
    return (probabilities - one_hot(true, probabilities.shape)) / batch


def binary_cross_entropy_from_logits_gradient(labels: ArrayLike, logits: ArrayLike) -> np.ndarray:
    """Return the gradient of :func:`binary_cross_entropy_from_logits` at the logits.

    d_logits = (sigmoid(logits) - labels) / how many there are. (Goodfellow et al., chapter 6.2.2.2.)

    Args:
        labels: y, 0 or 1, the shape of ``logits`` or one number for all.
        logits: z, any numbers.

    Returns:
        d_logits, the shape of ``logits``, float64.

    Raises:
        WorkbookError: a label outside 0 to 1, or different shapes.

    >>> binary_cross_entropy_from_logits_gradient([1, 0], [0, 0])
    array([-0.25,  0.25])
    """
    z = some("logits", numbers("logits", logits))
    return (sigmoid(z) - labels_like(labels, z)) / z.size


# Looking at what came in ---------------------------------------------------------------------------------


def one_hot(true: ArrayLike, shape: tuple[int, ...]) -> np.ndarray:
    """Return ``true``, class indices or rows that add up to 1, as rows of ``shape``, (batch, classes)."""
    true = numbers("true", true)
    classes = shape[-1]
    if true.shape == shape[:-1]:
        known = np.isin(true, np.arange(classes))
        if not np.all(known):
            wrong = true[~known].flat[0]
            raise WorkbookError(
                f"true holds {wrong:g}, but a class index is a whole number 0 to {classes - 1}."
            )
        return np.eye(classes)[true.astype(int)]
    if true.shape != shape:
        raise wrong_shape("true", true, f"{shape} one-hot or {shape[:-1]} class indices")
    if not np.all(np.abs(true.sum(axis=-1) - 1) < 1e-6):
        raise WorkbookError("true has a row that does not add up to 1, but one-hot rows do; check its shape.")
    return true


def _probabilities(probabilities: ArrayLike) -> np.ndarray:
    advice = "; turn logits into probabilities with softmax or sigmoid first"
    return some(
        "probabilities", within("probabilities", numbers("probabilities", probabilities), 0, 1, advice)
    )


def labels_like(labels: ArrayLike, like: np.ndarray) -> np.ndarray:
    """Return ``labels``, from 0 to 1, in the shape of ``like`` or one number for all."""
    y = numbers("labels", labels)
    # (batch,) against (batch, 1) would silently become (batch, batch).
    if y.ndim and y.shape != like.shape:
        raise wrong_shape("labels", y, f"{like.shape}, as the predictions have")
    return within("labels", y, 0, 1)
