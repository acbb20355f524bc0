"""What a stranger's .keras file may ask for: looked at before Keras builds anything of it.

Keras takes a file at its word: it makes whatever layer is named, of whatever size is written there. So the
layers must be on a list, their number and sizes have bounds, and whatever is declared must really be stored.
"""

import copy
import os
import shutil
import tempfile
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from math import prod
from pathlib import Path
from typing import BinaryIO

import h5py

from .. import files
from ..errors import WorkbookError
from .models import LARGEST_IMAGE, MOST_WEIGHTS
from .quiet import keras

WEIGHTS = "model.weights.h5"
MOST_BYTES = 16 * MOST_WEIGHTS  # of a file, unpacked: four bytes a weight, and the optimizer's two averages
MOST_RATIO = 20  # unpacked bytes to packed ones; Keras packs nothing, and weights hardly get smaller
WORTH_A_RATIO = 1 << 26  # unpacked bytes below which any ratio is harmless
LARGEST_TEXT = 1 << 20  # bytes of config.json; a hundred layers are 200 kB
MOST_LAYERS = 800  # DenseNet201 has 708
MOST_CALLS = 6000  # of layers while Keras builds: more than a hundred in a row, as it begins anew with each
MOST_NESTED = 8  # models in one another
DEEPEST = 300  # dicts and lists in one another; Python can copy more than that
LARGEST_INPUT = 2 * LARGEST_IMAGE  # side of the photographs in pixels
MOST_VALUES = 1024 * LARGEST_IMAGE**2  # of one layer's answer to one photograph

MODELS = frozenset({"Sequential", "Functional", "Model"})
LAYERS = frozenset(
    """
    InputLayer Rescaling Normalization Resizing CenterCrop
    Conv2D Conv2DTranspose DepthwiseConv2D SeparableConv2D Dense
    MaxPooling2D AveragePooling2D GlobalMaxPooling2D GlobalAveragePooling2D
    BatchNormalization LayerNormalization GroupNormalization UnitNormalization
    Activation ReLU LeakyReLU PReLU ELU Softmax Identity
    Dropout SpatialDropout2D GaussianDropout GaussianNoise AlphaDropout ActivityRegularization
    Flatten Reshape Permute ZeroPadding2D Cropping2D UpSampling2D
    Add Subtract Multiply Average Maximum Minimum Concatenate Dot
    RandomBrightness RandomColorDegeneration RandomColorJitter RandomContrast RandomCrop RandomErasing
    RandomFlip RandomGaussianBlur RandomGrayscale RandomHue RandomInvert RandomPerspective
    RandomPosterization RandomRotation RandomSaturation RandomSharpness RandomShear RandomTranslation
    RandomZoom
    """.split()
)
# Arithmetic that was written with layers, such as x / 127.5 - 1.
OPERATIONS = frozenset(
    """
    Absolute Add Cast Clip Concatenate Divide ExpandDims Flip GetItem Max Maximum Mean Min Minimum Multiply
    Negative Pad Power Relu Relu6 Reshape Sigmoid Softmax Sqrt Square Squeeze Subtract Sum Transpose
    TrueDivide
    """.split()
)
CODE = frozenset({"Lambda", "__lambda__", "TFSMLayer", "JaxLayer", "FlaxLayer", "TorchModuleWrapper"})
_PLAIN = frozenset({"__keras_tensor__", "__tensor__", "__numpy__", "__slice__", "__ellipsis__"})
_PARTS = ("initializers", "regularizers", "constraints")


class BringsCode(Exception):
    """The file holds a layer that runs code of its own."""


def check_layers(config: dict, name: str) -> None:
    """Refuse a configuration that names what is not on the lists, or too many layers.

    Args:
        config: as Keras has serialized a model.
        name: of the file, for the sentence.

    Raises:
        BringsCode: one of its layers does.
        WorkbookError: Keras has such a layer, but a CNN that judges photographs needs none; or they are too
            many.
        ValueError: this Keras has no such thing.
    """
    made = list(objects(config, besides="compile_config"))  # which a training needs alone
    for each in made:  # whatever else is wrong with it, this is said
        if str(each["class_name"]) in CODE:
            raise BringsCode(each["class_name"])
    for each in made:
        _check_object(each, name)
    layers = sum(each["class_name"] in LAYERS | OPERATIONS | MODELS for each in made)
    if layers > MOST_LAYERS or _calls(config, 1) > MOST_CALLS:
        raise WorkbookError(
            f"{name} is not opened: it has {layers:,} layers, and to build them would take too long; use a "
            f"model of at most {MOST_LAYERS} layers, or of about a hundred where all stand in one Sequential."
        )


def objects(value: dict | list, besides: str = "") -> Iterator[dict]:
    """Yield, each before what is in it, all that Keras would make an object of.

    Args:
        value: as Keras has serialized it.
        besides: the key of what is not looked into.

    Raises:
        ValueError: it is nested deeper than any model.
    """
    waiting = [(value, 0)]
    while waiting:
        value, depth = waiting.pop()
        if depth > DEEPEST:
            raise ValueError("its layers are nested without an end")
        if isinstance(value, dict):
            if "class_name" in value:
                yield value
            inside = [part for key, part in value.items() if key != besides]
        else:
            inside = value if isinstance(value, list) else []
        waiting += [(part, depth + 1) for part in reversed(inside)]


def _check_object(described: dict, name: str) -> None:
    kind, module, registered = (described.get(key) for key in ("class_name", "module", "registered_name"))
    if not isinstance(kind, str):
        raise ValueError("a layer has no name")
    if isinstance(registered, str) and keras.saving.get_registered_object(registered) is not None:
        return  # a class of this very program, which has said itself that files may ask for it
    if module is None and kind in _PLAIN:
        return
    space = module.split(".") if isinstance(module, str) else []
    if kind == "function":
        function = described.get("config")
        known = isinstance(function, str) and callable(getattr(keras.activations, function, None))
        if known and module in ("builtins", "keras.activations"):
            return
        kind = str(function)
    elif space[:1] == ["keras"]:
        operation = space[1:3] == ["src", "ops"] and kind in OPERATIONS
        part = any(
            place in space and isinstance(getattr(getattr(keras, place), kind, None), type)
            for place in _PARTS
        )
        if kind in LAYERS | MODELS | {"DTypePolicy", "DTypePolicyMap"} or operation or part:
            return
        if not any(hasattr(place, kind) for place in (keras, keras.layers, keras.dtype_policies)):
            raise ValueError("not known to this Keras")
    else:
        raise ValueError("not of Keras")
    raise WorkbookError(
        f"{name} is not opened: it holds {kind[:60]!r}, which no CNN needs that judges photographs; use "
        "Keras' usual layers of images, such as Conv2D, MaxPooling2D, BatchNormalization, Dropout and Dense."
    )


def _calls(described: dict, depth: int) -> int:
    """Return how many layers Keras calls, at most, to build a model: models in models are called again."""
    inner = described.get("config") if isinstance(described, dict) else None
    layers = inner.get("layers") if isinstance(inner, dict) else None
    if not isinstance(layers, list):
        return 1
    if depth > MOST_NESTED:
        return MOST_CALLS + 1
    if described.get("class_name") == "Sequential":
        # Keras builds it anew with each layer that is added.
        return len(layers) * sum(_calls(layer, depth + 1) for layer in layers)
    total = 0
    for layer in layers:
        nodes = layer.get("inbound_nodes") if isinstance(layer, dict) else None
        total += (1 + (len(nodes) if isinstance(nodes, list) else 0)) * _calls(layer, depth + 1)
        if total > MOST_CALLS:
            break
    return total


def check_sizes(config: dict, path: Path, name: str) -> None:
    """Refuse a configuration whose layers are too large, or larger than what is stored of them.

    The layers are made without their weights: Keras computes all shapes, and nothing is allocated.

    Args:
        config: whose layers were checked.
        path: of the .keras file.
        name: of the file, for the sentence.

    Raises:
        WorkbookError: it is too large.
        Exception: Keras can't build it, or the weights are no sound HDF5.
    """

    def too_large(what: str) -> WorkbookError:
        return WorkbookError(f"{name} is not opened: {what} are taken; use a smaller model.")

    stored = _stored(path, name)
    plan = copy.deepcopy(config) | {"compile_config": None}  # some layers take out what they have read
    with keras.StatelessScope(initialize_variables=False):
        model = keras.saving.deserialize_keras_object(plan, safe_mode=True)
    weights = sum(prod(weight.shape) for weight in model.weights)
    if weights > MOST_WEIGHTS:
        raise too_large(f"its layers have {weights:,} weights, but at most {MOST_WEIGHTS:,}")
    if weights > stored:
        raise WorkbookError(
            f"{name} is broken (its layers and weights do not fit: {weights:,} weights are declared, "
            f"{stored:,} are stored); copy it once more from where it is whole, or train the model again."
        )
    for photo in model.inputs:
        if any(side is not None and side > LARGEST_INPUT for side in photo.shape):
            takes = f"it takes photographs of the shape {tuple(photo.shape)}"
            raise too_large(f"{takes}, but at most {LARGEST_INPUT} pixels a side")
    most = max((prod(side or 1 for side in answer.shape[1:]) for answer in _answers(model)), default=0)
    if most > MOST_VALUES:
        gives = f"one of its layers gives {most:,} values for each photograph"
        raise too_large(f"{gives}, but at most {MOST_VALUES:,}")


def _answers(model: keras.Model) -> Iterator[keras.KerasTensor]:
    """Yield what each layer and operation of a model, and of the models in it, gives."""
    for layer in model._flatten_layers():
        for operation in [layer, *getattr(layer, "operations", ())]:
            for node in getattr(operation, "_inbound_nodes", ()):
                yield from node.output_tensors


def _stored(path: Path, name: str) -> int:
    """Return how many numbers the weights of a .keras file are, after each array was found to be there."""

    def refused(why: str) -> WorkbookError:
        return WorkbookError(
            f"{name} is not opened: {why}; save the model again with Keras, or don't trust this file."
        )

    numbers = declared = 0
    with _weights(path) as file, h5py.File(file, "r") as arrays:
        size = file.seek(0, os.SEEK_END)
        waiting, known = [arrays], set()
        while waiting:
            group = waiting.pop()
            for key in group:
                if not isinstance(group.get(key, getlink=True), h5py.HardLink):
                    raise refused("its weights lead to another file or place")
                member = group[key]
                place = h5py.h5o.get_info(member.id).addr
                if place in known:
                    continue
                known.add(place)
                if isinstance(member, h5py.Group):
                    waiting.append(member)
                elif isinstance(member, h5py.Dataset):
                    plan = member.id.get_create_plist()
                    if plan.get_layout() not in (h5py.h5d.CONTIGUOUS, h5py.h5d.COMPACT):
                        raise refused("its weights are packed in another way than Keras packs them")
                    if plan.get_external_count():
                        raise refused("its weights lead to another file or place")
                    if member.dtype.kind not in "fiubV" or member.dtype.hasobject:
                        raise refused("its weights are no numbers")
                    needed = member.size * member.dtype.itemsize
                    compact = plan.get_layout() == h5py.h5d.COMPACT
                    there = needed if compact else member.id.get_storage_size()
                    if needed > min(there, size):
                        raise refused(f"it declares {needed / 1e6:,.0f} MB of weights that are not stored")
                    numbers += member.size
                    declared += needed
    if size > 2 * declared + WORTH_A_RATIO:
        raise refused(f"its weights are {declared / 1e6:,.0f} MB, in {size / 1e6:,.0f} MB of something else")
    return numbers


@contextmanager
def _weights(path: Path) -> Iterator[BinaryIO]:
    """Yield the weights in a .keras file as a file of their own, in which HDF5 can go back and forth."""
    with (
        zipfile.ZipFile(path) as archive,
        archive.open(WEIGHTS) as packed,
        tempfile.TemporaryFile() as file,
    ):
        try:
            shutil.copyfileobj(packed, file, 1 << 20)
        except OSError as error:
            raise files.cannot_write(tempfile.gettempdir(), error) from error
        yield file
