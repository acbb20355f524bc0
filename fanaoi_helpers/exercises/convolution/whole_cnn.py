"""The whole CNN: shifts, shapes, parameters, work, receptive field."""

import numpy as np

from ..choosing import Right
from ..lesson import Exercises

ask = Exercises()


# Shifts --------------------------------------------------------------------------------------------------

ask.choice(
    "shift",
    asks="The fan stands 4 pixels further to the right. What does the response map do?",
    options={
        "it moves 4 pixels to the right and changes in nothing else": Right(
            "That is equivariance: shift the input, and the output is shifted."
        ),
        "it stays as it is: a CNN does not care where a thing is": (
            "That would be invariance. One kernel at every place gives the same answers at other places."
        ),
        "it changes everywhere: the kernel was made for the old place": (
            "The kernel has no place: the same nine numbers are used at each position."
        ),
        "it moves and becomes weaker": (
            "Each window of the fan is met again, 4 pixels further on, with the same pixels in it. Same sum."
        ),
    },
    hints=[
        "Take any window of the fan. Where is it now, and what is in it?",
        "Same pixels, same kernel, another place.",
    ],
    why="The same window gives the same sum wherever it lies.",
    minutes=1,
    difficulty=1,
    prediction=True,
)


# Shapes and parameters of the CNN ------------------------------------------------------------------------


@ask.value(
    asks="Rows of the maps after conv1, pool1, conv2 and pool2, for photographs of 80×80; four numbers.",
    given={"side": 80},
    mistakes={
        'That is padding "same". The handout gives none, and none means "valid".': lambda: [80, 40, 40, 20],
        "You rounded up after conv2. A row that is left over is dropped.": lambda: [78, 39, 37, 19],
        "conv2 takes its border too: 3×3 without padding costs two rows each time.": lambda: [78, 39, 39, 19],
        "A 3×3 kernel costs two rows, not three: section 5, with + 1.": lambda: [77, 38, 35, 17],
        "These are the handout's two, and four maps are asked.": lambda: [40, 20],
    },
    hints=[
        "A 3×3 kernel without padding: 80 − 3 + 1.",
        "78, and half of it after pooling. Then 39 − 3 + 1.",
        "37 is odd: pooling drops a row.",
    ],
    why="Two rows lost at each convolution, halved and rounded down at each pooling.",
    minutes=3,
    difficulty=1,
)
def map_sizes(side):
    sizes = []
    for kernel, stride in [(3, 1), (2, 2), (3, 1), (2, 2)]:
        side = (side - kernel) // stride + 1
        sizes.append(side)
    return sizes


@ask.value(
    asks="The trainable parameters of the handout's conv1, conv2, Dense(128) and Dense(1), for photographs "
    "of 80×80; four numbers.",
    given={"side": 18},
    mistakes={
        "The biases are missing, in every layer.": (
            lambda side: [3 * 3 * 3 * 32, 3 * 3 * 32 * 64, side * side * 64 * 128, 128]
        ),
        "You gave each kernel a bias of its own. There is one for each filter.": (
            lambda side: [10 * 3 * 32, 10 * 32 * 64, side * side * 64 * 128 + 128, 129]
        ),
        "You counted one bias for a whole layer. There is one for each filter and each neuron.": (
            lambda side: [3 * 3 * 3 * 32 + 1, 3 * 3 * 32 * 64 + 1, side * side * 64 * 128 + 1, 129]
        ),
        "In both convolutions a filter has a kernel for each channel that comes in; you counted one.": (
            lambda side: [3 * 3 * 32 + 32, 3 * 3 * 64 + 64, side * side * 64 * 128 + 128, 129]
        ),
        "conv2 does not see the photograph's three channels. How many maps does pool1 hand on?": (
            lambda side: [896, 3 * 3 * 3 * 64 + 64, side * side * 64 * 128 + 128, 129]
        ),
        "Your dense layer has 20×20 maps before it. That is the handout's slip.": (
            lambda: [896, 18_496, 20 * 20 * 64 * 128 + 128, 129]
        ),
        "Your dense layer reads a single map. Flatten hands on all of them.": (
            lambda side: [896, 18_496, side * side * 128 + 128, 129]
        ),
        "Your dense layer has one weight for each map. Flatten hands on every position of every map.": (
            lambda: [896, 18_496, 64 * 128 + 128, 129]
        ),
    },
    hints=[
        "A filter: 3 · 3 weights for each channel that comes in, and one bias. How many come into conv2?",
        "A neuron: one weight for each number that comes in, and one bias. From Flatten come 18 · 18 · 64.",
        "conv1 is (3 · 3 · 3 + 1) · 32, and dense1 (18 · 18 · 64 + 1) · 128.",
    ],
    why="Nowhere does the size of the photograph count, but in the dense layer after Flatten.",
    minutes=6,
    difficulty=2,
)
def parameter_counts(side):
    conv1 = 3 * 3 * 3 * 32 + 32
    conv2 = 3 * 3 * 32 * 64 + 64
    dense1 = side * side * 64 * 128 + 128
    verdict = 128 * 1 + 1
    return [conv1, conv2, dense1, verdict]


ask.choice(
    "most_work",
    asks="dense1 has 99.3 % of the parameters. Which layer does most of the multiplications for one "
    "photograph?",
    options={
        "conv1, for it works on the largest picture": (
            "It has the most positions, but only 864 weights: three channels come in."
        ),
        "conv2": Right("18,432 weights, each of them used at 37 × 37 positions."),
        "dense1, as it has most of the weights": (
            "It uses each of its weights once. A convolution uses them again and again."
        ),
        "pool1 and pool2, at the most positions": "Pooling compares. It multiplies nothing.",
    },
    hints=[
        "A dense layer uses each weight once. How often does a convolution use a weight?",
        "Weights times positions: conv1 864 · 78 · 78, conv2 18,432 · 37 · 37.",
    ],
    why="Parameters cost memory, multiplications cost time, and they are not in the same layer.",
    minutes=2,
    difficulty=2,
    prediction=True,
)


# Receptive field -----------------------------------------------------------------------------------------


def _seen_backward(layers):
    """Count from behind: one number needs ``last + 1`` numbers of the layer before it."""
    last = 0
    for kernel, stride in reversed(layers):
        last = last * stride + kernel - 1
    return last + 1


def _layers(rng):
    count = rng.integers(2, 8)
    return ([(int(rng.integers(2, 6)), int(rng.integers(1, 4))) for _ in range(count)],)


@ask.function(
    asks="How many pixels wide is what one number sees after `layers`, a list of (kernel, stride)?",
    oracle=_seen_backward,
    cases=_layers,
    mistakes={
        "The strides are not used. After a stride of 2 a step of one is two pixels of the photograph.": (
            lambda layers: 1 + sum(kernel - 1 for kernel, _ in layers)
        ),
        "A layer's own stride widens the field of the layers after it, not its own.": lambda layers: (
            1 + sum((k - 1) * np.prod([s for _, s in layers[: i + 1]]) for i, (k, _) in enumerate(layers))
        ),
        "You widen by the whole kernel each time. One of its cells was there before: k − 1.": lambda layers: (
            1 + sum(k * np.prod([s for _, s in layers[:i]]) for i, (k, _) in enumerate(layers))
        ),
        "You took the stride just before alone. All strides before are multiplied.": lambda layers: (
            1 + sum((k - 1) * ([1] + [s for _, s in layers])[i] for i, (k, _) in enumerate(layers))
        ),
        "One is missing: begin with the one pixel that a number sees of itself.": (
            lambda layers: receptive_field.reference(layers) - 1
        ),
        "That is the distance between two neighbors, the product of all strides.": (
            lambda layers: np.prod([s for _, s in layers])
        ),
        "You multiplied the kernels. A field grows by adding.": (
            lambda layers: np.prod([k for k, _ in layers])
        ),
    },
    hints=[
        "Keep two numbers, both 1 at first: the field, and how many pixels one step is.",
        "Each layer adds (kernel − 1) steps to the field.",
        "Only then the step grows: step · stride.",
    ],
    why="Each layer adds kernel − 1 steps, and a step is the product of all strides before it.",
    minutes=5,
    difficulty=2,
)
def receptive_field(layers):
    field, step = 1, 1
    for kernel, stride in layers:
        field = field + (kernel - 1) * step
        step = step * stride
    return field
