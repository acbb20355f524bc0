"""Computing in fewer bits where the hardware is made for it: mixed precision for the time of a training."""

from __future__ import annotations

import platform
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from .. import errors
from .backend import gpu_computes_bfloat16, keras

PRECISIONS = ("float32", "bfloat16", "auto")


def chosen_precision(precision: str) -> str:
    """Return "float32" or "bfloat16": "auto" is bfloat16 where the hardware computes in it.

    That is a GPU that has it, or, with TensorFlow, a CPU with avx512_bf16. The answer comes from the
    hardware and not from a timing, so that a training that goes on does so in the same precision.

    Raises:
        WorkbookError: another word.
    """
    precision = errors.one_of("precision", precision, PRECISIONS)
    if precision != "auto":
        return precision
    on_gpu = gpu_computes_bfloat16()
    if on_gpu is None:
        faster = keras.backend.backend() == "tensorflow" and cpu_computes_bfloat16()
    else:
        faster = on_gpu
    return "bfloat16" if faster else "float32"


def cpu_computes_bfloat16() -> bool:
    """Tell whether the CPU multiplies bfloat16 in hardware (avx512_bf16); where nothing says so, no."""
    if platform.system() != "Linux":
        return False
    try:
        return "avx512_bf16" in Path("/proc/cpuinfo").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return False


@contextmanager
def computing_in(model: keras.Model, precision: str) -> Iterator[None]:
    """Let ``model`` compute in ``precision`` ("float32": as it is) for a while, its last layer in float32.

    bfloat16 has float32's range with 8 bits for the digits, so photographs of 0..255 are exact in it and
    gradients need no scaling. The weights, what the optimizer adds to them, the verdict and the loss stay
    float32: afterwards the model is an ordinary float32 model again.
    """
    if precision == "float32":
        yield
        return
    changed = [(layer, layer.dtype_policy) for layer in _all_layers(model)[:-1]]
    try:
        for layer, policy in changed:
            if policy.name == "float32":
                layer.dtype_policy = "mixed_bfloat16"
        yield
    finally:
        for layer, policy in changed:
            layer.dtype_policy = policy
        if model.compiled:  # what was compiled in the meantime computes in bfloat16
            model.make_train_function(force=True)
            model.make_test_function(force=True)


def _all_layers(model: keras.Model) -> list[keras.Layer]:
    """Return the layers of ``model`` and of the models inside it, in order."""
    found = []
    for layer in model.layers:
        found += _all_layers(layer) if isinstance(layer, keras.Model) else [layer]
    return found
