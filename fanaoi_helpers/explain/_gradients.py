"""The one place where the backends differ: the gradient of a score.

Only TensorFlow is among what the workbook installs, so its branch alone is tested with the workbook. The
other two keep to the documented interfaces of JAX and PyTorch; with one of them installed and $KERAS_BACKEND
set, the same tests hold them to the same numbers.
"""

from collections.abc import Callable

import numpy as np

from ..errors import WorkbookError
from ._row import keras


def gradient(score: Callable, at: np.ndarray) -> np.ndarray:
    """Return how each score changes with its own sample: an array in the shape of ``at``.

    Args:
        score: from the backend's tensor (N, ...) to its tensor (N,), sample by sample: a score that depends
            on its own sample only, so that the gradient of their sum holds the gradient of each.
        at: (N, ...) float32.

    Raises:
        WorkbookError: Keras runs on a backend without gradients.
    """
    backend = keras.backend.backend()
    if backend == "tensorflow":
        import tensorflow as tf

        x = tf.convert_to_tensor(at)
        with tf.GradientTape(watch_accessed_variables=False) as tape:
            tape.watch(x)
            total = tf.reduce_sum(score(x))
        found = tape.gradient(total, x, unconnected_gradients=tf.UnconnectedGradients.ZERO)
    elif backend == "jax":
        import jax

        found = jax.grad(lambda x: score(x).sum())(keras.ops.convert_to_tensor(at))
    elif backend == "torch":
        import torch

        # A leaf of its own, on the device that Keras computes on.
        x = keras.ops.convert_to_tensor(at).detach().clone().requires_grad_(True)
        with torch.enable_grad():
            total = score(x).sum()
        if not total.requires_grad:  # it does not depend on x at all
            return np.zeros_like(at)
        (found,) = torch.autograd.grad(total, x, allow_unused=True)
        found = torch.zeros_like(x) if found is None else found
    else:
        raise WorkbookError(
            f"Keras runs on the backend {backend!r}, which has no gradients; set KERAS_BACKEND to "
            "tensorflow, jax or torch."
        )
    return keras.ops.convert_to_numpy(found)
