"""What Keras computes on: the processor or GPUs, and with which versions."""

import importlib.metadata
import platform
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from functools import cache

from .. import __version__
from ..threads import cores
from .backends import BACKEND
from .quiet import keras, without_greetings


def device() -> str:
    """Return what Keras computes on, for people: ``"GPU: NVIDIA ..."`` or ``"CPU, 2 cores"``."""
    gpu = None if ready_gpu() else gpu_name()
    if gpu:
        return f"GPU: {gpu}"
    count = cores()
    return f"CPU, {count} core{'s' if count > 1 else ''}"


def gpu_name() -> str | None:
    """Return the name of the GPU that Keras sees, whether or not it can compute on it; None without one."""
    try:
        return BACKEND.gpu_name()
    except Exception:  # each backend fails in its own way where there is no driver; then there is no GPU
        return None


_FOR_GOOD = ExitStack()  # what is entered stays so until the process ends


@cache
def ready_gpu() -> str:
    """Get the GPU ready before it is first used: memory bit by bit, and one small step, once in a process.

    A card may be seen by Keras that it has no code for: one that is newer than the installed TensorFlow, or
    too old for it. The step tells at once, before a training dies of it; then the CPU computes instead.

    Returns:
        Why the GPU that is there can't be used; "" where it can, or where there is none.
    """
    BACKEND.grow_gpu_memory()
    name = gpu_name()
    if name is None:
        return ""
    try:
        _first_step()
    except Exception as error:  # from the driver, the compiler or the library, each in its own way
        reason = " ".join(f"{type(error).__name__}: {error}".split())[:200]
        _FOR_GOOD.enter_context(keras.device("cpu"))
        print(
            f"Keras sees the {name}, but a first step on it fails ({reason}): computing on the CPU, which is "
            "enough for every lesson.",
            file=sys.stderr,  # stdout may be a list of verdicts
        )
        return reason
    return ""


def _first_step() -> None:
    """Compute a little of what a training does, on what Keras computes on; raise whatever goes wrong."""
    ones, kernel = keras.ops.ones((1, 8, 8, 3)), keras.ops.ones((3, 3, 3, 4))
    answer = keras.ops.relu(keras.ops.conv(ones, kernel, padding="same"))
    total = float(keras.ops.sum(keras.ops.matmul(answer, keras.ops.ones((4, 1)))))
    if not abs(total - 5808) < 60:  # 36 windows of 27 ones, 24 of 18, 4 of 12, in 4 maps each
        raise RuntimeError(f"it computes {total:g} where 5808 is right")


def devices() -> list[str]:
    """Return the kinds of device that Keras can compute on here: ``["CPU"]`` or ``["CPU", "GPU"]``."""
    return ["CPU", "GPU"] if device().startswith("GPU") else ["CPU"]


def compute_capability() -> float | None:
    """Return which generation of NVIDIA's GPUs is in use, such as 7.5; None where no GPU is in use.

    0.0 is a GPU of which that is not known.
    """
    if not device().startswith("GPU"):
        return None
    try:
        return BACKEND.compute_capability()
    except Exception:  # another maker's GPU has none, and each backend says so in its own way
        return 0.0


@contextmanager
def on_all_gpus() -> Iterator[None]:
    """Let the model that is built inside train on all GPUs, each on its share of a batch.

    TensorFlow's MirroredStrategy: each GPU has a copy of the model, the gradients are added up, all copies
    take the same step. With one device, or on another backend, nothing changes, and a sentence says so
    (JAX has ``keras.distribution.DataParallel`` for this, PyTorch its own launcher).
    """
    backend = keras.backend.backend()
    if backend != "tensorflow":
        print(
            f"Only the TensorFlow backend trains on several GPUs here, this is {backend}: one device works."
        )
        yield
        return
    import tensorflow as tf

    gpus = [] if ready_gpu() else [gpu.name for gpu in tf.config.list_logical_devices("GPU")]
    names = ", ".join(name.removeprefix("/device:") for name in gpus)
    if len(gpus) < 2:
        print(f"{names or device()}: only one device works; there is nothing to share.")
        yield
        return
    with without_greetings():
        strategy = tf.distribute.MirroredStrategy(gpus)
    print(f"{len(gpus)} devices share each batch: {names}.")
    with strategy.scope():
        yield


def versions() -> dict[str, str]:
    """Return the versions that a result depends on, by name."""
    backend = keras.backend.backend()
    known = {"fanaoi_helpers": __version__, "python": platform.python_version(), "keras": keras.__version__}
    known |= {package: importlib.metadata.version(package) for package in ("numpy", backend)}
    return known | {"backend": backend}
