"""The models that notebook 05 takes through the same door: their sizes, and training those without steps."""

import time

import numpy as np

from .. import errors
from ..errors import WorkbookError
from ..photos import Photos, Split
from .borrowing import borrowed, neuron_of
from .efficientnet import LARGEST_SIZE, SMALLEST_SIZE, USUAL_SIZE
from .feature_files import features
from .good_places import go_only
from .predicting import predict
from .quiet import keras

# The side in pixels that each was made for.
SIZES = {"handout": 80, "repaired": 128, "borrowed": USUAL_SIZE, "go_only": USUAL_SIZE}
WITHOUT_STEPS = {"borrowed": borrowed, "go_only": go_only}


def size_for(model: str, image_size: int) -> int:
    """Return ``image_size``, or the model's own where it was left at the handout's.

    >>> size_for("handout", 80), size_for("borrowed", 80), size_for("borrowed", 320)
    (80, 224, 320)
    """
    own = SIZES[errors.one_of("model", model, tuple(SIZES))]
    size = own if image_size == SIZES["handout"] else image_size
    if model in WITHOUT_STEPS and (size % 32 or not SMALLEST_SIZE <= size <= LARGEST_SIZE):
        raise WorkbookError(
            f"image_size is {size}, but borrowed convolutions take a multiple of 32 from {SMALLEST_SIZE} to "
            f"{LARGEST_SIZE}, such as {USUAL_SIZE}."
        )
    return size


def train_without_steps(
    model: str, photos: Photos, split: Split, seed: int = 0
) -> tuple[keras.Model, dict[str, list[float]]]:
    """Train a model whose best answer is found at once, on the training part.

    Args:
        model: "borrowed" or "go_only".
        photos, split: as `borrowed` and `go_only` take them.
        seed: deals out their folds.

    Returns:
        The model, and a history as `train` returns it, of a single row, measured after the training: loss and
        accuracy at 0.5 on both parts, and the seconds of it all.
    """
    trains = WITHOUT_STEPS[errors.one_of("model", model, tuple(WITHOUT_STEPS))]
    begun = time.perf_counter()
    found = trains(photos, split, seed)
    seconds = time.perf_counter() - begun
    history = {}
    for prefix, part in (("", split.train), ("val_", split.validation)):
        truth = photos.labels[part] == 1
        if model == "borrowed":  # what the convolutions see is known: they need not look again
            p_go = neuron_of(found)(features(photos.pixels, photos.contents).means[part])
        else:
            p_go = predict(found, photos.pixels[part])
        of_truth = np.clip(np.where(truth, p_go, 1 - p_go), 1e-7, 1)
        history[f"{prefix}loss"] = [float(-np.log(of_truth).mean())]
        history[f"{prefix}accuracy"] = [float(((p_go >= 0.5) == truth).mean())]
    return found, {**history, "seconds": [seconds]}
