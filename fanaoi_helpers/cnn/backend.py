"""Keras, imported without TensorFlow's greetings, and what it computes on."""

from __future__ import annotations

import importlib.metadata
import logging
import os
import platform
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager, nullcontext, suppress
from functools import cache, partial
from pathlib import Path

import numpy as np

from .. import __version__, files
from ..errors import WorkbookError
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


# Photographs are (N, size, size, 3), the hand's arithmetic and the stored outputs are float32.
SETTINGS = {"image_data_format": "channels_last", "floatx": "float32", "epsilon": 1e-7}


def _no_keras(error: Exception) -> WorkbookError:
    """Return the sentence about a Keras that can't be imported, naming who asks for something impossible."""
    told = " ".join(f"{type(error).__name__}: {error}".split())[:200]
    file = files.keras_home() / "keras.json"
    if os.environ.get("KERAS_BACKEND"):
        todo = f"the variable KERAS_BACKEND asks for {os.environ['KERAS_BACKEND']!r}; remove it"
    elif file.is_file() and getattr(error, "name", None) != "keras":
        todo = f"mend or remove {file}, which may ask for what is not there; Keras makes a new one"
    else:
        todo = "open this notebook with python3 workbook.py, or choose its kernel (Kernel → Change Kernel)"
    return WorkbookError(f"Keras can't be imported ({told}): {todo}.")


def _settle() -> dict[str, object]:
    """Let Keras compute as the workbook does, whatever keras.json says; return what it said otherwise.

    That file lies in the home of everybody who has used an old Keras, mostly forgotten. What is set later, in
    a cell, is on purpose and stays.
    """
    said = {}
    for name, ours in SETTINGS.items():
        theirs = getattr(keras.config, name)()
        if theirs != ours:
            said[name] = theirs
            getattr(keras.config, f"set_{name}")(ours)
    return said


try:
    with _without_greetings():
        import keras

        if keras.backend.backend() != "tensorflow":
            with suppress(Exception):  # without it Keras goes on
                import tensorflow  # noqa: F401  Keras does sooner or later, to seed it or to read folders
except Exception as error:  # Keras asserts, and each backend fails in its own way
    raise _no_keras(error) from error
LEFT_ASIDE = _settle()


@contextmanager
def channels_last() -> Iterator[None]:
    """Let layers take photographs (N, height, width, 3) for a while, also where a cell has set otherwise."""
    kept = keras.config.image_data_format()
    keras.config.set_image_data_format("channels_last")
    try:
        yield
    finally:
        keras.config.set_image_data_format(kept)


def layer_seeds(seed: int | None, count: int) -> list[int | None]:
    """Return a seed for each of ``count`` layers, or Nones; the same one would relate their weights."""
    if seed is None:
        return [None] * count
    seeds = np.random.SeedSequence(seed).generate_state(count)  # of 32 bits; PyTorch's layers take 31
    return (seeds % 2**31 if keras.backend.backend() == "torch" else seeds).tolist()


def device() -> str:
    """Return what Keras computes on, for people: ``"GPU: NVIDIA ..."`` or ``"CPU, 2 cores"``."""
    gpu = None if ready_gpu() else gpu_name()
    if gpu:
        return f"GPU: {gpu}"
    count = cores()
    return f"CPU, {count} core{'s' if count > 1 else ''}"


def gpu_name() -> str | None:
    """Return the name of the GPU that Keras sees, whether or not it can compute on it; None without one."""
    backend = keras.backend.backend()
    try:
        if backend == "tensorflow":
            import tensorflow as tf

            found = tf.config.list_physical_devices("GPU")
            return (
                tf.config.experimental.get_device_details(found[0]).get("device_name", "GPU")
                if found
                else None
            )
        if backend == "jax":
            import jax

            found = [one for one in jax.devices() if one.platform not in ("cpu", "tpu")]
            return found[0].device_kind if found else None
        if backend == "torch":
            import torch

            return torch.cuda.get_device_name(0) if torch.cuda.is_available() else None
    except Exception:  # each backend fails in its own way where there is no driver; then there is no GPU
        return None
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
    grow_gpu_memory()
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
    """Compute a little of what a training does, on what Keras computes on.

    Raises:
        Exception: whatever goes wrong; RuntimeError where the result does.
    """
    ones, kernel = keras.ops.ones((1, 8, 8, 3)), keras.ops.ones((3, 3, 3, 4))
    answer = keras.ops.relu(keras.ops.conv(ones, kernel, padding="same"))
    total = float(keras.ops.sum(keras.ops.matmul(answer, keras.ops.ones((4, 1)))))
    if not abs(total - 5808) < 60:  # 36 windows of 27 ones, 24 of 18, 4 of 12, in 4 maps each
        raise RuntimeError(f"it computes {total:g} where 5808 is right")


def grow_gpu_memory() -> None:
    """Let TensorFlow take GPU memory bit by bit, so that two notebooks can share one GPU."""
    if keras.backend.backend() == "tensorflow":
        import tensorflow as tf

        try:
            for gpu in tf.config.list_physical_devices("GPU"):
                tf.config.experimental.set_memory_growth(gpu, True)
        except (RuntimeError, ValueError):
            pass  # the GPU is in use already, with whatever it was given


def devices() -> list[str]:
    """Return the kinds of device that Keras can compute on here: ``["CPU"]`` or ``["CPU", "GPU"]``."""
    return ["CPU", "GPU"] if device().startswith("GPU") else ["CPU"]


@contextmanager
def on_all_gpus(
    devices: Sequence[str] | None = None, report: Callable[[str], object] = print
) -> Iterator[int]:
    """Let the models that are built (or loaded) inside train on several GPUs, each on its share of a batch.

    TensorFlow's MirroredStrategy: each GPU has a copy of the model, the gradients are added up, all copies
    take the same step. With one device, or on another backend, nothing changes, and ``report`` is told why
    (JAX has ``keras.distribution.DataParallel`` for this, PyTorch its own launcher).

    Args:
        devices: names of devices, such as ``["CPU:0", "CPU:1"]``; all GPUs unless given.
        report: called with one sentence.

    Yields:
        The number of devices that share the work.

    Raises:
        WorkbookError: a device that isn't there.
    """
    backend = keras.backend.backend()
    if backend != "tensorflow":
        report(
            f"Only the TensorFlow backend trains on several GPUs here, this is {backend}: one device works."
        )
        yield 1
        return
    import tensorflow as tf

    unusable = ready_gpu()
    there = [one.name.removeprefix("/device:") for one in tf.config.list_logical_devices()]
    if devices is None:
        chosen = [] if unusable else [name for name in there if name.startswith("GPU")]
    else:
        chosen = list(devices)
    for name in chosen:
        if name not in there:
            raise WorkbookError(f"devices holds {name!r}, but this machine has {', '.join(there)}.")
    if len(chosen) < 2:
        report(f"{chosen[0] if chosen else device()}: only one device works; there is nothing to share.")
        yield 1
        return
    with _without_greetings():
        strategy = tf.distribute.MirroredStrategy(chosen)
    report(f"{len(chosen)} devices share each batch: {', '.join(chosen)}.")
    with strategy.scope():
        yield len(chosen)


def devices_of(model: keras.Model) -> int:
    """Return how many devices share the training of ``model``; 1 but for one built in :func:`on_all_gpus`."""
    return model.distribute_strategy.num_replicas_in_sync if keras.backend.backend() == "tensorflow" else 1


def where_built(model: keras.Model) -> AbstractContextManager:
    """Return the context in which ``model`` was built, so that it is trained there too."""
    return nullcontext() if devices_of(model) == 1 else model.distribute_strategy.scope()


def fed(batches: keras.utils.PyDataset) -> object:
    """Return what ``fit`` takes: with TensorFlow a tf.data pipeline of ``batches``, else themselves.

    Keras would make such a pipeline too, with tf.data's autotuning on. Its thread sleeps longer and longer,
    and is waited for at the end of each epoch: measured, up to five seconds in which nothing computes.
    """
    if keras.backend.backend() != "tensorflow":
        return batches
    import tensorflow as tf

    specs = [tf.TensorSpec((None, *one.shape[1:]), one.dtype) for one in batches[0]]

    def taken(number: tf.Tensor) -> tuple[tf.Tensor, ...]:
        arrays = tf.numpy_function(lambda i: batches[int(i)], [number], [spec.dtype for spec in specs])
        return tuple(tf.ensure_shape(array, spec.shape) for array, spec in zip(arrays, specs, strict=True))

    options = tf.data.Options()
    options.autotune.enabled = False
    return tf.data.Dataset.range(len(batches)).map(taken).prefetch(2).with_options(options)


def in_one_pass(optimizer: keras.optimizers.Optimizer) -> None:
    """Let Adam and AdamW take a weight's step in one pass over memory, with TensorFlow's own operation.

    It is the same formula. Keras writes it as a dozen operations, each of which goes through all 2.7 million
    weights of the handout's CNN: measured, 7 % of a training's CPU time. Other backends fuse by themselves.
    """
    adam = keras.optimizers.Adam
    if (
        keras.backend.backend() != "tensorflow"
        or getattr(type(optimizer), "update_step", None) is not adam.update_step
        or optimizer.amsgrad
    ):
        return
    import tensorflow as tf

    def update_step(gradient: tf.Tensor, variable: tf.Variable, learning_rate: tf.Tensor) -> None:
        number = optimizer._get_variable_index(variable)
        moments, squares = optimizer._momentums[number].value, optimizer._velocities[number].value
        beta_1, beta_2, rate, step = (
            tf.cast(value, variable.dtype)
            for value in (optimizer.beta_1, optimizer.beta_2, learning_rate, optimizer.iterations + 1)
        )
        tf.raw_ops.ResourceApplyAdam(
            var=variable.handle,
            m=moments.handle,
            v=squares.handle,
            beta1_power=beta_1**step,
            beta2_power=beta_2**step,
            lr=rate,
            beta1=beta_1,
            beta2=beta_2,
            epsilon=tf.cast(optimizer.epsilon, variable.dtype),
            grad=tf.cast(gradient, variable.dtype),
        )

    optimizer.update_step = update_step  # of this optimizer alone: it is saved as the Adam that it is


class _Compiled:
    """A model as one traced function, and the settings that it was traced with."""

    def __init__(self, function: Callable, settings: dict) -> None:
        self.function, self.settings = function, settings


def compiled(model: keras.Model) -> Callable[[np.ndarray], object]:
    """Return ``model`` for inference: with TensorFlow traced once, for any number of photographs.

    The function is kept on the model, so it goes when the model goes; a model with other settings (a layer
    that computes in bfloat16, say) is traced anew. Other backends call the model as it is.
    """
    if keras.backend.backend() != "tensorflow":
        return partial(model, training=False)
    settings, kept = model.get_config(), vars(model).get("_compiled_by_fanaoi")
    if kept is None or kept.settings != settings:
        import tensorflow as tf

        @tf.function(autograph=False)
        def ask(pixels: tf.Tensor) -> tf.Tensor:
            return model(pixels, training=False)

        takes = tf.TensorSpec((None, *model.input_shape[1:]), tf.uint8)
        # A concrete function is not counted among those that TensorFlow warns of when many are traced.
        kept = model._compiled_by_fanaoi = _Compiled(ask.get_concrete_function(takes), settings)
    return lambda pixels: kept.function(keras.ops.convert_to_tensor(pixels))


def versions() -> dict[str, str]:
    """Return the versions that a result depends on, by name."""
    backend = keras.backend.backend()
    found = {"fanaoi_helpers": __version__, "python": platform.python_version(), "keras": keras.__version__}
    for package in ("numpy", backend):
        found[package] = importlib.metadata.version(package)
    return found | {"backend": backend}


def compute_capability() -> float | None:
    """Return which generation of NVIDIA's GPUs is in use, such as 7.5; None where no GPU is in use.

    0.0 is a GPU of which that is not known.
    """
    if not device().startswith("GPU"):
        return None
    backend = keras.backend.backend()
    try:
        if backend == "tensorflow":
            import tensorflow as tf

            gpu = tf.config.list_physical_devices("GPU")[0]
            major, minor = tf.config.experimental.get_device_details(gpu)["compute_capability"]
        elif backend == "jax":
            import jax

            return float(jax.devices()[0].compute_capability)
        else:
            import torch

            major, minor = torch.cuda.get_device_capability()
    except Exception:  # another maker's GPU has none, and each backend says so in its own way
        return 0.0
    return major + minor / 10


@contextmanager
def without_retracing_advice() -> Iterator[None]:
    """Keep quiet, for a while, what TensorFlow says when it has traced often: needless advice here.

    Keras makes two functions for each model that is compiled, one for training and one for validation, and
    TensorFlow traces each once, as it must. But it counts by the place in the source where a function was
    written, the same for all models: after a few short trainings it warns of retracing.
    """

    def is_something_else(record: logging.LogRecord) -> bool:
        return "triggered tf.function retracing" not in record.getMessage()

    logger = logging.getLogger("tensorflow")
    logger.addFilter(is_something_else)
    try:
        yield
    finally:
        logger.removeFilter(is_something_else)


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
