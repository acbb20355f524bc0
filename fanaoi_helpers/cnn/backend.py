"""Keras, imported without TensorFlow's greetings, and what it computes on."""

from __future__ import annotations

import importlib.metadata
import os
import platform
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

from .. import __version__
from ..photos.threads import cores


@contextmanager
def _without_greetings() -> Iterator[None]:
    """Point file descriptor 2 at nothing for a while, if ``$TF_CPP_MIN_LOG_LEVEL`` asks for quiet.

    TensorFlow greets from C++ before it has read that variable, past Python's ``sys.stderr``.
    """
    if os.environ.get("TF_CPP_MIN_LOG_LEVEL", "0") == "0":
        yield
        return
    try:
        kept = os.dup(2)
    except OSError:  # a program without a standard error, such as pythonw
        yield
        return
    try:
        with Path(os.devnull).open("wb") as nowhere:
            os.dup2(nowhere.fileno(), 2)
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)


with _without_greetings():
    import keras


def device() -> str:
    """Return what Keras computes on, for people: ``"GPU: NVIDIA ..."`` or ``"CPU, 2 cores"``."""
    grow_gpu_memory()
    try:
        gpu = _gpu_name()
    except Exception:  # each backend fails in its own way where there is no driver; then there is no GPU
        gpu = None
    if gpu:
        return f"GPU: {gpu}"
    count = cores()
    return f"CPU, {count} core{'s' if count > 1 else ''}"


def _gpu_name() -> str | None:
    backend = keras.backend.backend()
    if backend == "tensorflow":
        import tensorflow as tf

        found = tf.config.list_physical_devices("GPU")
        return (
            tf.config.experimental.get_device_details(found[0]).get("device_name", "GPU") if found else None
        )
    if backend == "jax":
        import jax

        found = [one for one in jax.devices() if one.platform not in ("cpu", "tpu")]
        return found[0].device_kind if found else None
    if backend == "torch":
        import torch

        return torch.cuda.get_device_name(0) if torch.cuda.is_available() else None
    return None


def grow_gpu_memory() -> None:
    """Let TensorFlow take GPU memory bit by bit, so that two notebooks can share one GPU."""
    if keras.backend.backend() == "tensorflow":
        import tensorflow as tf

        try:
            for gpu in tf.config.list_physical_devices("GPU"):
                tf.config.experimental.set_memory_growth(gpu, True)
        except (RuntimeError, ValueError):
            pass  # the GPU is in use already, with whatever it was given


def versions() -> dict[str, str]:
    """Return the versions that a result depends on, by name."""
    backend = keras.backend.backend()
    found = {"fanaoi_helpers": __version__, "python": platform.python_version(), "keras": keras.__version__}
    for package in ("numpy", backend):
        found[package] = importlib.metadata.version(package)
    return found | {"backend": backend}


def gpu_computes_bfloat16() -> bool | None:
    """Tell whether the GPU in use multiplies bfloat16 in hardware; None where no GPU is in use."""
    grow_gpu_memory()
    backend = keras.backend.backend()
    try:
        if _gpu_name() is None:
            return None
        if backend == "tensorflow":
            import tensorflow as tf

            gpu = tf.config.list_physical_devices("GPU")[0]
            return tf.config.experimental.get_device_details(gpu).get("compute_capability", (0, 0))[0] >= 8
        if backend == "jax":
            import jax

            return float(jax.devices()[0].compute_capability) >= 8
        import torch

        return torch.cuda.is_bf16_supported()
    except Exception:  # each backend fails in its own way where there is no driver, or no NVIDIA one
        return False


@contextmanager
def deterministic_ops() -> Iterator[None]:
    """Let the backend add numbers up in the same order each time, for a while.

    JAX does so on a CPU anyway; on a GPU it is told by ``XLA_FLAGS`` before it starts.
    """
    backend = keras.backend.backend()
    if backend == "tensorflow":
        # TensorFlow offers in public only the way in; but left on it refuses tf.random without a seed.
        from tensorflow.python.framework import config

        before, enable, disable = (
            config.is_op_determinism_enabled(),
            config.enable_op_determinism,
            config.disable_op_determinism,
        )
    elif backend == "torch":
        import torch

        before = torch.are_deterministic_algorithms_enabled()
        enable = partial(torch.use_deterministic_algorithms, True)
        disable = partial(torch.use_deterministic_algorithms, False)
    else:
        yield
        return
    enable()
    try:
        yield
    finally:
        if not before:
            disable()
