"""What differs from one backend of Keras to another where Keras itself does not hide it: a class for each.

Only TensorFlow is among what the workbook installs, so its class alone is tested with the workbook. The
others keep to the documented interfaces of JAX and PyTorch; with one of them installed and $KERAS_BACKEND
set, the same tests hold them to the same numbers.
"""

from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext, suppress
from functools import partial
from types import SimpleNamespace
from typing import Any

import numpy as np

from ..errors import WorkbookError
from .quiet import keras

Tensor = Any  # of whatever class the backend at work has


class Backend:
    """What goes for any backend; on its own one that knows no GPU and no gradients, such as NumPy."""

    steps_at_once = 1  # that a training takes before Python has its turn
    seeds = 2**32  # a layer's seed is smaller

    def gpu_name(self) -> str | None:
        """Return the name of the first GPU that Keras sees; None without one."""
        return None

    def grow_gpu_memory(self) -> None:
        """Take GPU memory bit by bit, so that two notebooks can share one GPU."""

    def deterministic(self) -> AbstractContextManager:
        """Add numbers up in the same order each time, for a while."""
        return nullcontext()

    def fed(self, batches: keras.utils.PyDataset) -> Iterable:
        """Return what ``fit`` takes of ``batches``."""
        return batches

    def compiled(self, model: keras.Model) -> Callable[[np.ndarray], Tensor]:
        """Return ``model`` for asking, for any number of photographs."""
        return partial(model, training=False)

    def gradient(self, score: Callable[[Tensor], Tensor], at: np.ndarray) -> np.ndarray:
        """Return how each score changes with its own sample: an array in the shape of ``at``.

        Args:
            score: from the backend's tensor (N, ...) to its tensor (N,), sample by sample: a score that
                depends on its own sample only, so that the gradient of their sum holds the gradient of each.
            at: (N, ...) float32.
        """
        raise WorkbookError(
            f"Keras runs on the backend {keras.backend.backend()!r}, which has no gradients; set "
            "KERAS_BACKEND to tensorflow, jax or torch."
        )


class _TensorFlow(Backend):
    """The backend that the workbook installs."""

    steps_at_once = 8  # measured: cost least

    def __init__(self) -> None:
        import tensorflow

        self.tf = tensorflow

    def gpu_name(self) -> str | None:
        for gpu in self.tf.config.list_physical_devices("GPU"):
            return self.tf.config.experimental.get_device_details(gpu).get("device_name", "GPU")
        return None

    def compute_capability(self) -> float:
        gpu = self.tf.config.list_physical_devices("GPU")[0]
        major, minor = self.tf.config.experimental.get_device_details(gpu)["compute_capability"]
        return major + minor / 10

    def grow_gpu_memory(self) -> None:
        with suppress(RuntimeError, ValueError):  # it is in use already, with whatever it was given
            for gpu in self.tf.config.list_physical_devices("GPU"):
                self.tf.config.experimental.set_memory_growth(gpu, True)

    @contextmanager
    def deterministic(self) -> Iterator[None]:
        # TensorFlow offers in public only the way in; but left on it refuses tf.random without a seed.
        from tensorflow.python.framework import config

        before = config.is_op_determinism_enabled()
        config.enable_op_determinism()
        try:
            yield
        finally:
            if not before:
                config.disable_op_determinism()

    def fed(self, batches: keras.utils.PyDataset) -> Iterable:
        """Return a tf.data pipeline of ``batches``.

        Keras would make such a pipeline too, with tf.data's autotuning on. Its thread sleeps longer and
        longer, and is waited for at the end of each epoch: measured, up to five seconds in which nothing
        computes.
        """
        tf = self.tf
        specs = [tf.TensorSpec((None, *array.shape[1:]), array.dtype) for array in batches[0]]

        def batch(number: tf.Tensor) -> tuple[tf.Tensor, ...]:
            arrays = tf.numpy_function(lambda i: batches[int(i)], [number], [spec.dtype for spec in specs])
            return tuple(map(tf.ensure_shape, arrays, [spec.shape for spec in specs]))

        options = tf.data.Options()
        options.autotune.enabled = False
        return tf.data.Dataset.range(len(batches)).map(batch).prefetch(2).with_options(options)

    def compiled(self, model: keras.Model) -> Callable[[np.ndarray], Tensor]:
        """Return ``model`` traced once.

        The function is kept on the model, so it goes when the model goes; a model with other settings (a
        layer that computes in bfloat16, say) is traced anew.
        """
        tf = self.tf
        settings, traced = model.get_config(), vars(model).get("_compiled_by_fanaoi")
        if traced is None or traced.settings != settings:

            @tf.function(autograph=False)
            def ask(pixels: tf.Tensor) -> tf.Tensor:
                return model(pixels, training=False)

            takes = tf.TensorSpec((None, *model.input_shape[1:]), tf.uint8)
            # A concrete function is not counted among those that TensorFlow warns of when many are traced.
            traced = SimpleNamespace(ask=ask.get_concrete_function(takes), settings=settings)
            model._compiled_by_fanaoi = traced
        return lambda pixels: traced.ask(keras.ops.convert_to_tensor(pixels))

    def gradient(self, score: Callable[[Tensor], Tensor], at: np.ndarray) -> np.ndarray:
        x = self.tf.convert_to_tensor(at)
        with self.tf.GradientTape(watch_accessed_variables=False) as tape:
            tape.watch(x)
            total = self.tf.reduce_sum(score(x))
        zero = self.tf.UnconnectedGradients.ZERO
        return tape.gradient(total, x, unconnected_gradients=zero).numpy()


class _Jax(Backend):
    """JAX; on a GPU ``XLA_FLAGS`` must tell it before it starts to be deterministic."""

    def __init__(self) -> None:
        import jax

        self.jax = jax

    def gpu_name(self) -> str | None:
        gpus = [device for device in self.jax.devices() if device.platform not in ("cpu", "tpu")]
        return gpus[0].device_kind if gpus else None

    def compute_capability(self) -> float:
        return float(self.jax.devices()[0].compute_capability)

    def gradient(self, score: Callable[[Tensor], Tensor], at: np.ndarray) -> np.ndarray:
        slopes = self.jax.grad(lambda x: score(x).sum())(keras.ops.convert_to_tensor(at))
        return keras.ops.convert_to_numpy(slopes)


class _Torch(Backend):
    """PyTorch."""

    seeds = 2**31

    def __init__(self) -> None:
        import torch

        self.torch = torch

    def gpu_name(self) -> str | None:
        return self.torch.cuda.get_device_name(0) if self.torch.cuda.is_available() else None

    def compute_capability(self) -> float:
        major, minor = self.torch.cuda.get_device_capability()
        return major + minor / 10

    @contextmanager
    def deterministic(self) -> Iterator[None]:
        before = self.torch.are_deterministic_algorithms_enabled()
        self.torch.use_deterministic_algorithms(True)
        try:
            yield
        finally:
            self.torch.use_deterministic_algorithms(before)

    def gradient(self, score: Callable[[Tensor], Tensor], at: np.ndarray) -> np.ndarray:
        # A leaf of its own, on the device that Keras computes on.
        x = keras.ops.convert_to_tensor(at).detach().clone().requires_grad_(True)
        with self.torch.enable_grad():
            total = score(x).sum()
        if not total.requires_grad:  # it does not depend on x at all
            return np.zeros_like(at)
        (slopes,) = self.torch.autograd.grad(total, x, allow_unused=True)
        return np.zeros_like(at) if slopes is None else keras.ops.convert_to_numpy(slopes)


_KNOWN = {"tensorflow": _TensorFlow, "jax": _Jax, "torch": _Torch}
BACKEND = _KNOWN.get(keras.backend.backend(), Backend)()
