"""The handout's CNN: sizes that the page has wrong, what 64 filters and a dense layer cost."""

import numpy as np

from ..choosing import Right
from ..lesson import Exercises

ask = Exercises()


ask.choice(
    "same_padding",
    asks="For photographs of 80×80 the handout prints pooled maps of 40×40 and 20×20; Keras makes 39×39 and "
    "18×18. What would have to be written into the code to make the page right?",
    options={
        '`padding="same"` in both convolutions': Right(
            "80 stays 80 and is halved to 40; 40 stays 40 and is halved to 20."
        ),
        '`padding="same"` in both poolings': (
            "Pooling then rounds up: 78, 39, 37, 19. The borders are lost in the convolutions."
        ),
        "`strides=2` in both convolutions": (
            "Then 80 becomes 39 and pooling makes 19 of it: one convolution and you are below 20 already."
        ),
        "`target_size=(82, 82)` for the photographs": (
            "82 gives 80 and 40, well done so far. But then comes 38, and 19."
        ),
        "nothing: Keras pads where nothing is said": (
            'Keras pads nothing then: where nothing is said, padding is "valid", which means none.'
        ),
    },
    hints=[
        "Which layer takes 80 to 78?",
        "A 3×3 kernel without padding loses a row on each side. How is it kept?",
    ],
    why='Without padding="same" each convolution takes off its border: 78, 39, 37, 18.',
    minutes=2,
    difficulty=1,
)


@ask.value(
    asks="conv2, 64 filters of 3×3, has 18,496 parameters. Suppose that conv1 had 64 filters too, not 32. "
    "How many would conv2 have then?",
    given={"filters_1": 64, "filters_2": 64},
    mistakes={
        "That is as before. Each of conv2's filters reads all maps of conv1: now there are more.": (
            lambda: 18_496
        ),
        "Twice as many weights, yes. But a filter has one bias, however many maps it reads.": (
            lambda: 2 * 18_496
        ),
        "That is how many conv1 has then. Asked is conv2.": lambda: (3 * 3 * 3 + 1) * 64,
        "The biases are missing, one for each filter.": lambda: 3 * 3 * 64 * 64,
        "Nine weights are one kernel. A filter has one for each map that comes in.": lambda: (3 * 3 + 1) * 64,
    },
    hints=[
        "How many maps does a filter of conv2 read, and how many weights does it have for each?",
        "64 maps, 9 weights for each, one bias; and there are 64 such filters.",
    ],
    why="(3 · 3 · 64 + 1) · 64. A filter costs as many kernels as there are maps before it.",
    minutes=2,
    difficulty=1,
    prediction=True,
)
def conv2_weights(filters_1, filters_2):
    one_filter = 3 * 3 * filters_1 + 1  # a 3×3 kernel for each map of conv1, and one bias
    return one_filter * filters_2


def _dense_by_slices(image_size, filters, units):
    rows = np.arange(image_size)[2:][1::2][2:][1::2]  # what is left of the rows: 3×3, pooled, 3×3, pooled
    return np.ones((len(rows) ** 2 * filters + 1, units)).sum()


def _padded(image_size, filters, units):
    return ((image_size // 4) ** 2 * filters + 1) * units


@ask.function(
    asks="How many parameters does dense1 have, for photographs of `image_size`, `filters` in conv2 and "
    "`units` neurons? In all 3×3 convolutions nothing is padded; poolings are 2×2.",
    oracle=_dense_by_slices,
    cases=lambda rng: (int(rng.integers(10, 60)), int(rng.integers(1, 9)), int(rng.integers(1, 9))),
    mistakes={
        "You forgot the biases, one for each neuron.": (
            lambda image_size, filters, units: dense_weights.reference(image_size, filters, units) - units
        ),
        "You have one bias for the layer. Each neuron has its own.": (
            lambda image_size, filters, units: dense_weights.reference(image_size, filters, units) - units + 1
        ),
        "Your convolutions keep the size, as on the handout's page. Without padding each takes off 2.": (
            _padded
        ),
        "Your neurons read maps as large as the photograph. Convolutions and poolings come before.": (
            lambda image_size, filters, units: (image_size**2 * filters + 1) * units
        ),
        "Maps of 18×18 are what photographs of 80×80 come to. Here `image_size` says how large they are.": (
            lambda image_size, filters, units: (18 * 18 * filters + 1) * units
        ),
        "Your neurons read a single map. Flatten hands on all of them.": (
            lambda image_size, filters, units: dense_weights.reference(image_size, 1, units)
        ),
        "One convolution and one pooling are missing: there are two of each before flatten.": (
            lambda image_size, filters, units: (((image_size - 2) // 2) ** 2 * filters + 1) * units
        ),
        "You halve without dropping: a row that is left over is not used, so round down (`//`).": (
            lambda image_size, filters, units: ((((image_size - 2) / 2 - 2) / 2) ** 2 * filters + 1) * units
        ),
        "You count the side of a map once. A map has side · side values.": (
            lambda image_size, filters, units: (((image_size - 2) // 2 - 2) // 2 * filters + 1) * units
        ),
    },
    hints=[
        "First the side of a map after conv1, pool1, conv2, pool2.",
        "A convolution: `side - 2`. A pooling: `side // 2`. Both twice.",
        "Flatten hands on side · side · filters values; each neuron has a weight for each, and a bias.",
    ],
    why="The side counts twice: double the photograph's edge, and dense1 has more than four times as many.",
    minutes=5,
    difficulty=2,
)
def dense_weights(image_size, filters, units):
    side = image_size
    for _ in range(2):
        side = (side - 2) // 2  # a convolution takes off its border, pooling halves and drops
    values = side * side * filters  # that flatten hands on
    return values * units + units
