"""Where the numbers of a feature map come from: their receptive fields on the photograph."""

from collections.abc import Iterator, Sequence
from functools import reduce

import numpy as np

from .. import errors
from ..byhand import same_padding
from ..errors import WorkbookError
from ._row import KERNELS, WINDOWS, Step, keras, map_layer, steps_to


def patch_of(model: keras.Model, layer: str, row: int, column: int) -> tuple[int, int, int, int]:
    """Return the pixels that one number of a feature map depends on: its receptive field.

    Where branches join, it is the rectangle around what any of them sees. A window of size k and stride s
    sees, for n rows of its output from row r on, (n - 1) s + k rows of its input from row r s - p on, with p
    rows of padding before the first.
    Source: Dumoulin and Visin, A guide to convolution arithmetic for deep learning (arXiv:1603.07285).

    Args:
        model: a row of layers, or one that branches and joins.
        layer: the feature map's layer.
        row, column: in the feature map.

    Returns:
        (x0, y0, x1, y1), half-open, in pixels of the photograph and cut at its edges.
    """
    (top, height, down, rows), (left, width, across, columns) = _fields(model, layer)
    y0 = top + down * errors.whole_number("row", row, 0, rows - 1)
    x0 = left + across * errors.whole_number("column", column, 0, columns - 1)
    bottom, right = model.input_shape[1:3]
    return max(x0, 0), max(y0, 0), min(x0 + width, right), min(y0 + height, bottom)


def centers(model: keras.Model, layer: str) -> tuple[np.ndarray, np.ndarray]:
    """Return where a layer's numbers sit on the photograph: the middles of their receptive fields.

    Args:
        model: a row of layers, or one that branches and joins.
        layer: the feature maps' layer.

    Returns:
        ys (h,) and xs (w,) in pixels from the photograph's upper left corner: the middle of its first pixel
        is at 0.5. So ``photo[int(ys[row]), int(xs[column])]`` lies in the middle of the field.
    """
    ys, xs = (
        first + size / 2 + step * np.arange(count) for first, size, step, count in _fields(model, layer)
    )
    return ys, xs


def behind(layers: Sequence[keras.Layer], axis: int, first: int) -> Iterator[tuple[int, int]]:
    """Yield which part of their inputs a number sees, the last layer's first: (first row, how many).

    Args:
        layers: in a row.
        axis: 0 for rows, 1 for columns.
        first: the number's row or column in what the last layer gives.

    The first row is negative where the field begins in the padding.
    """
    length = 1
    for layer in reversed(layers):
        before, window, stride = _window(layer, axis)
        first, length = first * stride - before, (length - 1) * stride + window
        yield first, length


def spread(model: keras.Model, layer: str) -> tuple[np.ndarray, np.ndarray]:
    """Return `centers`, or evenly spread ones where the windows of the model are not known."""
    shape = map_layer(model, layer, bare=True).output.shape
    try:
        return centers(model, layer)
    except WorkbookError:
        sides = zip(model.input_shape[1:3], shape[1:3], strict=True)
        ys, xs = ((np.arange(count) + 0.5) * side / count for side, count in sides)
        return ys, xs


def _fields(model: keras.Model, layer: str) -> list[tuple[int, int, int, int]]:
    """Return for rows and for columns: the first field's first pixel, its length, the step, and how many."""
    end = map_layer(model, layer, bare=True).output
    fields = [{id(model.inputs[0]): (0, 1, 1)} for _ in range(2)]
    for step in steps_to(model, end):
        for axis in (0, 1):
            field = reduce(_joined, (_seen(step, tensor, axis, fields[axis]) for tensor in step.takes))
            fields[axis] |= {id(tensor): field for tensor in step.gives}
    return [(*fields[axis][id(end)], end.shape[1 + axis]) for axis in (0, 1)]


def _seen(
    step: Step, tensor: keras.KerasTensor, axis: int, fields: dict[int, tuple[int, int, int]]
) -> tuple[int, int, int]:
    """Return what the first number that a step gives sees through one of the tensors that it takes."""
    first, size, stride = fields[id(tensor)]
    before, window, steps = _window(step.operation, axis, tensor.shape, step.gives[0].shape)
    return first - before * stride, size + (window - 1) * stride, stride * steps


def _joined(one: tuple[int, int, int], other: tuple[int, int, int]) -> tuple[int, int, int]:
    """Return the union of two fields, if the numbers of both stand equally far apart."""
    if one[2] != other[2]:
        raise WorkbookError(
            f"branches join whose numbers stand {one[2]} and {other[2]} pixels apart, so their fields drift "
            "apart; take a layer before they join."
        )
    first = min(one[0], other[0])
    return first, max(one[0] + one[1], other[0] + other[1]) - first, one[2]


def _window(
    layer: keras.Operation, axis: int, takes: tuple[int, ...] = (), gives: tuple[int, ...] = ()
) -> tuple[int, int, int]:
    """Return (padding before, length of the window, stride) of a layer along height (0) or width (1)."""
    takes, gives = takes or layer.input.shape, gives or layer.output.shape
    if not isinstance(layer, WINDOWS):
        if isinstance(layer, keras.Model):  # such as a row of augmentations
            stays = all(_window(inside, axis) == (0, 1, 1) for inside in layer.layers)
        else:
            stays = len(gives) in (3, 4) and takes[1:3] == gives[1:3] and not hasattr(layer, "kernel_size")
        if not stays:
            raise WorkbookError(
                f"layer {layer.name!r} is a {type(layer).__name__}, whose windows are not known here; take a "
                "layer before it, or a model of Conv2D, MaxPooling2D and AveragePooling2D layers."
            )
        return 0, 1, 1
    if isinstance(layer, KERNELS):
        reach = (layer.kernel_size[axis] - 1) * layer.dilation_rate[axis] + 1
    else:
        reach = layer.pool_size[axis]
    stride = layer.strides[axis]
    padded = layer.padding == "same"
    return same_padding(takes[1 + axis], reach, stride)[0] if padded else 0, reach, stride
