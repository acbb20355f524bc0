"""Computing in fewer bits where the hardware is made for it: mixed precision for the time of a training."""

import platform
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from .. import errors
from .hardware import compute_capability, device
from .quiet import keras

PRECISIONS = ("float32", "bfloat16", "float16", "auto")
# From which generation of NVIDIA's GPUs on a precision has hardware of its own: Volta and Turing (V100, T4),
# Ampere (A100, RTX 30).
ON_GPU = {"bfloat16": 8.0, "float16": 7.0}


def chosen_precision(precision: str) -> str:
    """Return "float32", "bfloat16" or "float16"; "auto" is what the hardware here is fastest in.

    bfloat16, on a GPU from compute capability 8 on or, with TensorFlow, a CPU with avx512_bf16; float16
    where a GPU has that alone; float32 anywhere else. The answer comes from the hardware and not from a
    timing, so that a training that goes on does so in the same precision.
    """
    precision = errors.one_of("precision", precision, PRECISIONS)
    return (*fast_here(), "float32")[0] if precision == "auto" else precision


def fast_here() -> list[str]:
    """Return which precisions of 16 bits the hardware in use is made for, the better one first."""
    capability = compute_capability()
    if capability is not None:
        return [precision for precision, least in ON_GPU.items() if capability >= least]
    on_tensorflow = keras.backend.backend() == "tensorflow"
    return ["bfloat16"] if on_tensorflow and cpu_computes_bfloat16() else []


def slow_here(precision: str) -> str:
    """Return a sentence where ``precision`` is slower here than float32, "" where it is not."""
    if precision == "float32" or precision in fast_here():
        return ""
    best = chosen_precision("auto")
    return f"precision {precision} is emulated here ({device()}), and slow: the hardware is made for {best}."


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
    gradients need no scaling. float16 has 11 bits and a short range, in which small gradients would be lost:
    its optimizer is to be :func:`scaled`. The weights, what the optimizer adds to them, the verdict and the
    loss stay float32: afterwards the model is an ordinary float32 model again.
    """
    if precision == "float32":
        yield
        return
    changed = [(layer, layer.dtype_policy) for layer in _all_layers(model)[:-1]]
    try:
        for layer, policy in changed:
            if policy.name == "float32":
                layer.dtype_policy = f"mixed_{precision}"
        yield
    finally:
        for layer, policy in changed:
            layer.dtype_policy = policy
        if model.compiled:  # what was compiled in the meantime computes in fewer bits
            model.make_train_function(force=True)
            model.make_test_function(force=True)


def scaled(optimizer: keras.optimizers.Optimizer, precision: str) -> keras.optimizers.Optimizer:
    """Return what takes the optimizer's steps in ``precision``: in float16 it multiplies the loss first.

    So that small gradients are not lost on their way; where they get too large, it leaves the step out and
    multiplies by half as much. In any other precision it is the optimizer itself.
    """
    scaler = keras.optimizers.LossScaleOptimizer
    return scaler(optimizer) if precision == "float16" and not isinstance(optimizer, scaler) else optimizer


def _all_layers(model: keras.Model) -> list[keras.Layer]:
    """Return the layers of ``model`` and of the models inside it, in order."""
    layers = []
    for layer in model.layers:
        layers += _all_layers(layer) if isinstance(layer, keras.Model) else [layer]
    return layers
