"""Keras, imported without TensorFlow's greetings and set as the workbook computes."""

import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from .. import files
from ..errors import WorkbookError


@contextmanager
def without_greetings() -> Iterator[None]:
    """Point file descriptor 2 at nothing for a while, if ``$TF_CPP_MIN_LOG_LEVEL`` asks for quiet.

    TensorFlow greets from C++ before it has read that variable, past Python's ``sys.stderr``.
    """
    stderr = None
    if os.environ.get("TF_CPP_MIN_LOG_LEVEL", "0") != "0":
        with suppress(OSError):  # a program without a standard error, such as pythonw
            stderr = os.dup(2)
    if stderr is None:
        yield
        return
    try:
        with Path(os.devnull).open("wb") as nowhere:
            os.dup2(nowhere.fileno(), 2)
        yield
    finally:
        os.dup2(stderr, 2)
        os.close(stderr)


def _no_keras(error: Exception) -> WorkbookError:
    """Return the sentence about a Keras that can't be imported, naming who asks for something impossible."""
    reason = " ".join(f"{type(error).__name__}: {error}".split())[:200]
    file = files.keras_home() / "keras.json"
    if os.environ.get("KERAS_BACKEND"):
        todo = f"the variable KERAS_BACKEND asks for {os.environ['KERAS_BACKEND']!r}; remove it"
    elif file.is_file() and getattr(error, "name", None) != "keras":
        todo = f"mend or remove {file}, which may ask for what is not there; Keras makes a new one"
    else:
        todo = "open this notebook with python3 workbook.py, or choose its kernel (Kernel → Change Kernel)"
    return WorkbookError(f"Keras can't be imported ({reason}): {todo}.")


try:
    with without_greetings():
        import keras

        if keras.backend.backend() != "tensorflow":
            with suppress(Exception):  # without it Keras goes on
                import tensorflow  # noqa: F401  Keras does sooner or later, to seed it or to read folders
except Exception as error:  # Keras asserts, and each backend fails in its own way
    raise _no_keras(error) from error


# Photographs are (N, size, size, 3), the hand's arithmetic and the stored outputs are float32.
SETTINGS = {"image_data_format": "channels_last", "floatx": "float32", "epsilon": 1e-7}


def _settle() -> dict[str, object]:
    """Let Keras compute as the workbook does, whatever keras.json says; return what it said otherwise.

    That file lies in the home of everybody who has used an old Keras, mostly forgotten. What is set later, in
    a cell, is on purpose and stays.
    """
    aside = {}
    for name, ours in SETTINGS.items():
        theirs = getattr(keras.config, name)()
        if theirs != ours:
            aside[name] = theirs
            getattr(keras.config, f"set_{name}")(ours)
    return aside


LEFT_ASIDE = _settle()


@contextmanager
def channels_last() -> Iterator[None]:
    """Let layers take photographs (N, height, width, 3) for a while, also where a cell has set otherwise."""
    before = keras.config.image_data_format()
    keras.config.set_image_data_format("channels_last")
    try:
        yield
    finally:
        keras.config.set_image_data_format(before)


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
