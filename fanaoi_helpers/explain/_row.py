"""A model as its layers: one by name, the steps from the photograph on, and what they make of a batch."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np

from .. import cnn, errors
from ..cnn.backends import Tensor
from ..errors import WorkbookError

keras = cnn.keras

# What looks at a window of maps; all else keeps each pixel in its place, or has none any more.
KERNELS = (keras.layers.Conv2D, keras.layers.DepthwiseConv2D, keras.layers.SeparableConv2D)
WINDOWS = (*KERNELS, keras.layers.MaxPooling2D, keras.layers.AveragePooling2D)


def layer_of(model: keras.Model, name: str) -> keras.Layer:
    """Return the layer of that name, or refuse it by the names that there are."""
    names = [layer.name for layer in model.layers if not isinstance(layer, keras.layers.InputLayer)]
    return model.get_layer(errors.one_of("layer", name, names))


def map_layer(model: keras.Model, name: str, bare: bool = False) -> keras.Layer:
    """Return the layer of that name, if it gives maps (N, h, w, C), or where ``bare`` will do, (N, h, w)."""
    layer = layer_of(model, name)
    shape = layer.output.shape
    if len(shape) != 4 and not (bare and len(shape) == 3):
        raise WorkbookError(
            f"layer {name!r} gives {shape}, not maps (N, h, w, C); take a convolution or pooling."
        )
    return layer


class Step(NamedTuple):
    """One layer, or one of keras.ops, at one place of a model."""

    operation: keras.Operation
    arguments: tuple  # (args, kwargs) of its call, with symbolic tensors in them
    takes: list[keras.KerasTensor]
    gives: list[keras.KerasTensor]


def row_of_layers(model: keras.Model, last: keras.Layer) -> list[keras.Layer]:
    """Return the layers from the photograph to ``last``, if each takes what the one before it gives."""
    layers = [layer for layer in model.layers if not isinstance(layer, keras.layers.InputLayer)]
    layers = layers[: layers.index(last) + 1]
    if isinstance(model, keras.Sequential):
        return layers
    given = model.inputs[0]
    for layer in layers:
        if layer.input is not given:
            raise WorkbookError(
                f"layer {layer.name!r} does not take just what the layer before it gives, but this follows "
                "one row of layers; take a model that is one, or ask grad_cam, which takes branches."
            )
        given = layer.output
    return layers


def steps_to(model: keras.Model, end: keras.KerasTensor) -> list[Step]:
    """Return what is done from the photographs to the tensor ``end``, each step after those it takes from.

    Steps are walked by hand: a keras.Model that begins in the middle would leave its marks in the layers.
    """
    if isinstance(model, keras.Sequential):
        # Layer by layer: a Sequential from a file holds each layer several times in its graph.
        steps, given = [], model.inputs[0]
        for layer in model.layers:
            steps.append(Step(layer, ((given,), {}), [given], [layer.output]))
            given = layer.output
            if given is end:
                break
        return steps
    steps, done, todo = [], {id(tensor) for tensor in model.inputs}, [end]
    while todo:
        history = todo[-1]._keras_history
        node = history.operation._inbound_nodes[history.node_index]
        before = [tensor for tensor in node.input_tensors if id(tensor) not in done]
        if before and id(todo[-1]) not in done:
            todo += before
            continue
        if id(todo.pop()) not in done:
            called = node.arguments.args, node.arguments.kwargs
            steps.append(Step(history.operation, called, list(node.input_tensors), list(node.outputs)))
            done |= {id(tensor) for tensor in node.outputs}
    return steps


def parted(steps: list[Step], at: keras.KerasTensor) -> tuple[list[Step], list[Step]]:
    """Return the steps that do not depend on the tensor ``at``, one of which gives it, and those that do."""
    depends, without, on = {id(at)}, [], []
    for step in steps:
        if any(id(tensor) in depends for tensor in step.takes):
            depends |= {id(tensor) for tensor in step.gives}
            on.append(step)
        else:
            without.append(step)
    return without, on


def walk(
    steps: Sequence[Step], known: dict[int, Tensor], wanted: Sequence[keras.KerasTensor]
) -> list[Tensor]:
    """Return what ``wanted`` are after the steps, as when nothing is trained.

    Args:
        steps: in the order in which they are taken.
        known: the values of symbolic tensors, by their id; stays as it is.
        wanted: among the known ones and those that the steps give.
    """
    known, kept = dict(known), {id(tensor) for tensor in wanted}

    def value(each: object) -> object:
        return known[id(each)] if isinstance(each, keras.KerasTensor) else each

    last_use = {id(tensor): number for number, step in enumerate(steps) for tensor in step.takes}
    for number, step in enumerate(steps):
        args, kwargs = keras.tree.map_structure(value, step.arguments)
        if isinstance(step.operation, keras.Layer):
            kwargs = {**kwargs, "training": False}
        values = keras.tree.flatten(step.operation(*args, **kwargs))
        known.update(zip(map(id, step.gives), values, strict=True))
        for tensor in step.takes:  # maps of a large photograph are large
            if last_use[id(tensor)] == number and id(tensor) not in kept:
                known.pop(id(tensor), None)
    return [known[id(tensor)] for tensor in wanted]


def as_known(model: keras.Model, pixels: np.ndarray) -> dict[int, Tensor]:
    """Return one batch (N, size, size, 3) as what is known before the first step."""
    return {id(model.inputs[0]): keras.ops.cast(pixels, "float32")}


def outputs_of(model: keras.Model, pixels: np.ndarray, names: list[str]) -> list[Tensor]:
    """Return what the named layers make of one batch (N, size, size, 3), as the backend's tensors."""
    wanted = [model.get_layer(name).output for name in names]
    steps = {id(step.gives[0]): step for end in wanted for step in steps_to(model, end)}
    return walk(list(steps.values()), as_known(model, pixels), wanted)


def batches(count: int, batch_size: int, side: int = 0) -> Iterator[slice]:
    """Yield the slices that cut ``count`` photographs into batches; the last one may be smaller.

    Where their ``side`` in pixels is given, a batch of large ones holds fewer, such as 16 of 224 x 224: for
    gradients all maps of a deep CNN are in memory.
    """
    batch_size = errors.whole_number("batch_size", batch_size, 1, 65_536)
    if side:
        batch_size = max(min(batch_size, 16 * 224**2 // side**2), 1)
    for start in range(0, count, batch_size):
        yield slice(start, min(start + batch_size, count))
