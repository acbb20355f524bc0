"""Training a model on photographs."""

import copy
import os
from collections.abc import Callable, Sequence
from contextlib import nullcontext
from functools import partial

import numpy as np

from .. import errors, files
from ..errors import WorkbookError
from ..photos import Split
from . import callbacks as further
from .backends import BACKEND
from .batches import Batches
from .checkpoints import Checkpoint, Progress, which_run
from .hardware import ready_gpu
from .precision import chosen_precision, computing_in, scaled, slow_here
from .predicting import check_pixels
from .quiet import keras, without_retracing_advice


def train(
    model: keras.Model,
    pixels: np.ndarray,
    labels: np.ndarray,
    split: Split,
    *,
    epochs: int,
    batch_size: int = 32,
    learning_rate: float = 0.001,
    optimizer: keras.optimizers.Optimizer | None = None,
    seed: int = 0,
    precision: str = "float32",
    deterministic: bool = False,
    resume_dir: str | os.PathLike | None = None,
    callbacks: Sequence[keras.callbacks.Callback] = (),
    report: Callable[[str], object] = print,
) -> dict[str, list[float]]:
    """Train ``model`` with Adam on the training part; keep the weights of its best epoch on validation.

    The best epoch is the one with the smallest ``val_loss``: the last one may have got worse again.

    Args:
        model: for instance from :func:`handout_cnn`; trained in place.
        pixels: (N, size, size, 3) uint8, may be memory-mapped.
        labels: (N,) GO 1, NG 0.
        split: has the index arrays ``train`` and ``validation``; the test part is not touched.
        epochs: times that every training photograph is seen.
        batch_size: photographs per step.
        learning_rate: of Adam, above 0 and up to 1.
        optimizer: another one, with a learning rate (or schedule) of its own; its settings are taken, it is
            not changed itself.
        seed: decides the order of the photographs. The first weights are the model's own affair.
        precision: "float32"; "bfloat16" or "float16" for all but the last layer and the loss, faster where
            the hardware has it, slower elsewhere, which is told; "auto": the one that the hardware has,
            bfloat16 before float16. The weights are float32 all the time, and the trained model computes in
            float32.
        deterministic: the same machine gives the same numbers to the last bit. With the JAX backend on a GPU
            this takes ``XLA_FLAGS=--xla_gpu_deterministic_ops=true`` before the start as well.
        resume_dir: folder where a checkpoint is kept after each epoch. If a training of this kind was
            interrupted there, it goes on after its last finished epoch, whatever weights ``model`` comes
            with; one that was through gives its result again. Saving the run to the same folder
            (:func:`save_run`) removes the checkpoint, so that nothing is lost in between.
        callbacks: further Keras callbacks, new ones for each training: EarlyStopping, ReduceLROnPlateau,
            ModelCheckpoint, TensorBoard and others. They may stop the training and change the learning rate;
            whatever they do to the weights at the end, those of the best epoch are kept. On TensorFlow they
            are asked after 8 steps (where an epoch has as many), not after each one. A training that goes on
            has their counts (patience, best value) as they were; one that a callback stopped early is
            complete, one that was stopped by hand (the button of ``TrainingMonitor``) goes on.
        report: called with one line after each epoch, and with a sentence about a checkpoint found.

    Returns:
        loss, accuracy, val_loss, val_accuracy and seconds, one float per trained epoch each. Loss is the
        binary cross-entropy; accuracy counts P(GO) above 0.5 as GO.

    Raises:
        WorkbookError: arrays that don't fit the model or each other, values that make no sense, a folder that
            can't be written to or that another training writes into, or a loss that is no longer a number.
    """
    epochs = errors.whole_number("epochs", epochs, 1, 1000)
    batch_size = errors.whole_number("batch_size", batch_size, 1, 4096)
    learning_rate = errors.number("learning_rate", learning_rate, 1e-9, 1.0)
    seed = errors.whole_number("seed", seed, 0, 2**32 - 1)
    precision = chosen_precision(precision)
    callbacks = further.checked(callbacks)
    strategy = getattr(model, "distribute_strategy", None)  # of TensorFlow alone
    devices = strategy.num_replicas_in_sync if strategy else 1
    if batch_size % devices:
        raise WorkbookError(
            f"batch_size is {batch_size}, but {devices} devices share each batch; "
            f"make it a multiple of {devices}."
        )
    labels = np.asarray(labels)
    check_pixels(model, pixels)
    _check_labels(labels, len(pixels))
    _check_split(split, len(pixels))

    optimizer = optimizer or keras.optimizers.Adam(learning_rate)
    kind = type(optimizer)
    settings = {name: value for name, value in optimizer.get_config().items() if name != "name"}
    checkpoint, progress = None, Progress()
    if resume_dir is not None:
        how = {"optimizer": [kind.__name__, settings], "batch_size": batch_size}
        how |= {"seed": seed, "precision": precision}
        checkpoint = Checkpoint(resume_dir, which_run(model, pixels, labels, split, **how))

    with (
        files.alone_in(checkpoint.path.parent, "training") if checkpoint else nullcontext(),
        strategy.scope() if strategy else nullcontext(),  # where it was built
        computing_in(model, precision),
        without_retracing_advice(),
        BACKEND.deterministic() if deterministic else nullcontext(),
    ):
        # A copy without state: a cell that is run again begins again. What from_config is given, it changes.
        optimizer = kind.from_config(copy.deepcopy(settings))
        # Several devices can't take more than a step at once, and a short epoch has no use for it.
        at_once = BACKEND.steps_at_once if devices == 1 else 1
        compiled_with = partial(
            model.compile,
            loss="binary_crossentropy",
            # By its name, Keras would make it in the first step, and TensorFlow would trace that once more.
            metrics=[keras.metrics.BinaryAccuracy(name="accuracy")],
            steps_per_execution=at_once if len(split.train) >= at_once * batch_size else 1,
            jit_compile=False if ready_gpu() else "auto",  # a GPU that can't be used must not decide
        )
        stepping = scaled(optimizer, precision)
        compiled_with(stepping)
        stepping.build(model.trainable_variables)
        if checkpoint:
            progress, note = checkpoint.read(model, epochs)
            if note:
                report(note)
        if progress.ended(epochs):
            further.already_trained(callbacks, progress, epochs)
        else:
            if warning := slow_here(precision):
                report(warning)
            # A device without a photograph has no mean loss: no last batch has fewer of them than devices.
            index, judged = (
                np.resize(part, -(-len(part) // devices) * devices)
                for part in (split.train, split.validation)
            )
            batches = Batches(pixels, labels, index, batch_size, seed)
            watch = further.Watch(report, epochs, progress, checkpoint, batches, callbacks)
            model.fit(
                BACKEND.fed(batches),
                validation_data=BACKEND.fed(Batches(pixels, labels, judged, batch_size)),
                initial_epoch=progress.epochs,
                epochs=epochs,
                shuffle=False,  # Batches does, by the seed; Keras would by Python's global generator
                callbacks=[*callbacks, watch],
                verbose=0,
            )
        model.set_weights(progress.best_weights)
        if stepping is not optimizer:
            compiled_with(optimizer)  # as in any other precision
    return progress.history


def _check_labels(labels: np.ndarray, count: int) -> None:
    """Refuse labels that are not one 0 or 1 for each photograph."""
    if labels.shape != (count,) or not np.isin(labels, (0, 1)).all():
        raise WorkbookError(
            f"labels has the shape {labels.shape} and the values {np.unique(labels)[:5].tolist()}, but it "
            f"must hold one number for each of the {count} photographs: 1 for GO, 0 for NG."
        )


def _check_split(split: Split, count: int) -> None:
    """Refuse parts that are empty or name photographs that are not there."""
    for part in ("train", "validation"):
        index = np.asarray(getattr(split, part))
        if not len(index) or index.min() < 0 or index.max() >= count:
            raise WorkbookError(
                f"split.{part} names photographs outside of the {count} given, or none; "
                "make the split from the same photographs."
            )
