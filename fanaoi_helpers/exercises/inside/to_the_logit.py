"""From pixels to the logit: the way, and what one place adds."""

import numpy as np

from ..choosing import Right
from ..lesson import Exercises

ask = Exercises()


ask.order(
    "pixel_to_logit",
    asks="From a patch of pixels to P(GO) in the handout's CNN. Leave out what does not belong.",
    lines=[
        "divide the pixels by 255",
        "conv1: window times kernel, over 3 channels; bias, ReLU",
        "pool1: the largest of each 2×2",
        "conv2: window times kernel, over 32 maps; bias, ReLU",
        "pool2, then Flatten: all numbers in one row",
        "dense1: each neuron weighs the whole row; bias, ReLU",
        "verdict: one neuron weighs 128 numbers; bias: the logit",
        "sigmoid",
    ],
    rules={
        (0, 1): "The CNN's first layer scales the pixels, before any filter sees them.",
        (1, 2): "There is no map to pool before conv1 has made one.",
        (2, 3): "32 maps come into conv2: they are those that pool1 gives.",
        (3, 4): "The second pooling follows the second convolution.",
        (4, 5): "A dense neuron weighs a row of numbers: Flatten makes it.",
        (5, 6): "The last neuron weighs what the 128 neurons of dense1 give.",
        (6, 7): "The sigmoid turns the logit into P(GO), so the logit comes first.",
    },
    extra={
        "softmax over GO and NG": "There is one output, not two: a softmax over one number is always 1.",
    },
    hints=[
        "Two rounds of convolution and pooling, then a row of numbers, then two dense layers.",
        "32 maps and 128 numbers tell you what stands before a line.",
        "It begins with /255 and ends with the sigmoid.",
    ],
    why="Only sums, ReLU and maxima up to the logit: each step can be done by hand.",
    minutes=3,
    difficulty=2,
)


def _some_place(rng):
    channels, neurons = (int(count) for count in rng.integers(3, 8, size=2))
    active = rng.random(neurons) < 0.5
    active[int(rng.integers(neurons))] = True
    return (
        np.abs(rng.normal(size=channels)),
        rng.normal(size=(channels, neurons)),
        active,
        rng.normal(size=neurons),
    )


ask.line(
    "from_here",
    asks="What does one place of pool2 add to the logit? `numbers` (C,) are the place's maps, `weights` (C, "
    "n) their weights in dense1; `active` (n,) says which neurons ReLU lets through, `to_logit` (n,) what 1 "
    "more out of each adds.",
    template="""
        def my_share(numbers, weights, active, to_logit):
            adds = numbers @ weights  # to each neuron's sum, (n,)
            return ____
    """,
    line="(adds * active * to_logit).sum()",
    oracle=lambda numbers, weights, active, to_logit: np.einsum(
        "c,cn,n,n->", numbers, weights, active.astype(float), to_logit
    ),
    cases=_some_place,
    mistakes={
        "You count the silent neurons too: whatever a place adds to them, ReLU lets nothing through.": (
            "(adds * to_logit).sum()"
        ),
        "ReLU looks at a neuron's sum over all places, not at what one place adds. `active` says what it "
        "did.": "(np.maximum(adds, 0) * active * to_logit).sum()",
        "That is what the place adds to the neurons. Each of them has a weight on its way to the logit.": (
            "(adds * active).sum()"
        ),
        "That is what each neuron passes on, one number for each. The logit is their sum.": (
            "adds * active * to_logit"
        ),
        "Each neuron has its own weight: multiply first, then add up.": (
            "(adds * active).sum() * to_logit.sum()"
        ),
        "That is the mean over the neurons. The last neuron adds up.": "(adds * active * to_logit).mean()",
    },
    hints=[
        "Each neuron passes on what was added to it, if it is active, times its weight.",
        "`adds * active * to_logit` is one number for each neuron.",
    ],
    why="With ReLU's gates fixed, as for one photograph, the logit is a plain sum: each place has its share.",
    minutes=3,
    difficulty=2,
)


def _some_maps(rng):
    shape = tuple(int(count) for count in rng.integers(2, 6, size=3))
    return np.maximum(rng.normal(size=shape), 0), rng.normal(size=shape)


@ask.function(
    asks="Grad-CAM: weigh each of the `maps` (h, w, C) with the mean of its `gradients` (h, w, C), add the "
    "maps up, and leave out what is below 0.",
    oracle=lambda maps, gradients: np.clip(
        np.einsum("hwc,ijc->hw", maps, gradients) / gradients[..., 0].size, 0, None
    ),
    cases=_some_maps,
    mistakes={
        "What is below 0 speaks against the verdict; you left it in.": (
            lambda maps, gradients: (maps * gradients.mean(axis=(0, 1))).sum(axis=-1)
        ),
        "You cut off each map before adding: then maps that speak against it can't outweigh the others.": (
            lambda maps, gradients: np.maximum(maps * gradients.mean(axis=(0, 1)), 0).sum(axis=-1)
        ),
        "You weigh with the sum of the gradients: the same picture, but its scale grows with the map.": (
            lambda maps, gradients: np.maximum((maps * gradients.sum(axis=(0, 1))).sum(axis=-1), 0)
        ),
        "You weigh every place with its own gradient. Grad-CAM gives each map one weight, the mean.": (
            lambda maps, gradients: np.maximum((maps * gradients).sum(axis=-1), 0)
        ),
        "The maps alone say where something is, not whether it speaks for the verdict.": (
            lambda maps, gradients: maps.sum(axis=-1)
        ),
        "Without the sign, what speaks against the verdict looks like evidence for it.": (
            lambda maps, gradients: np.abs((maps * gradients.mean(axis=(0, 1))).sum(axis=-1))
        ),
        "You took the mean over the maps. They are to be added up.": (
            lambda maps, gradients: np.maximum((maps * gradients.mean(axis=(0, 1))).mean(axis=-1), 0)
        ),
    },
    hints=[
        "`gradients.mean(axis=(0, 1))` has one number for each map.",
        "Times the maps, summed over the last axis.",
        "`np.maximum(..., 0)` around all of it.",
    ],
    why="A map counts by how much more of it would raise the score; below 0 it speaks for the other verdict.",
    minutes=4,
    difficulty=2,
)
def cam(maps, gradients):
    weights = gradients.mean(axis=(0, 1))  # one for each map
    return np.maximum((maps * weights).sum(axis=-1), 0)


ask.choice(
    "which_output",
    asks="Many recipes explain the output with the largest score, `np.argmax(p, axis=1)`. Six GO and six NG "
    "fans: what does that give for our CNN?",
    options={
        "1 for the GO fans, 0 for the NG fans": "That would take two outputs. How many has ours?",
        "0 for the GO fans, 1 for the NG fans": "That is the alphabet's order, of two outputs. Ours has …?",
        "0 for all twelve": Right(
            "One output: the largest is always number 0. The recipe runs, and explains GO every time."
        ),
        "1 for all twelve": "Positions are counted from 0. Which ones are there?",
        "the number of the fan with the largest P(GO)": (
            "With axis=1 each fan is asked for itself: which of its own outputs is the largest?"
        ),
    },
    hints=["What is the shape of p?", "(12, 1): for each fan, the largest of one number."],
    why="With one sigmoid there is nothing to choose from: the logit speaks for GO, minus the logit for NG.",
    minutes=1,
    difficulty=2,
    prediction=True,
)
