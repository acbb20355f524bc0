"""A layer: what its kernels see, channels, bias and filters, and all windows at once."""

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from ... import byhand
from ..lesson import Exercises

ask = Exercises()

RIGHT_MINUS_LEFT = np.array([[-1, 0, 1], [-2, 0, 2], [-1, 0, 1]])


# What a kernel sees --------------------------------------------------------------------------------------


@ask.value(
    asks="What does the kernel right − left give where the fan is evenly gray, 90 everywhere?",
    given={"kernel": RIGHT_MINUS_LEFT, "brightness": 90},
    mistakes={
        "It would let gray through if its weights added up to 1. What do they add up to?": (
            lambda brightness: brightness
        ),
        "That is the right side of it. The left side has the same weights with a minus.": (
            lambda kernel, brightness: brightness * kernel.clip(min=0).sum()
        ),
        "You left out the minus signs of the kernel.": (
            lambda kernel, brightness: brightness * abs(kernel).sum()
        ),
    },
    hints=[
        "Every product has the factor 90. Take it out: 90 times the sum of all weights.",
        "−1 −2 −1 +1 +2 +1.",
    ],
    why="The weights add up to 0, so even brightness gives 0, however bright it is.",
    minutes=1,
    difficulty=1,
    prediction=True,
)
def even_patch(kernel, brightness):
    window = np.full((3, 3), brightness)
    return (window * kernel).sum()


# Channels, bias, filters ---------------------------------------------------------------------------------

WINDOW = np.stack([[[2, 0], [1, 3]], [[1, 4], [0, 2]], [[5, 1], [2, 0]]], axis=-1)
FILTER = np.stack([[[1, 0], [0, 1]], [[0, -1], [2, 0]], [[1, 1], [0, -1]]], axis=-1)


@ask.value(
    asks="One number of the map: a 2×2 window of three channels, a filter of three kernels, and its bias.",
    given={"window": WINDOW, "weights": FILTER, "bias": -3},
    mistakes={
        "The bias is missing.": lambda window, weights: (window * weights).sum(),
        "You added the bias once for each channel. A filter has one bias, added once.": (
            lambda window, weights, bias: (window * weights).sum() + window.shape[-1] * bias
        ),
        "You took the bias away. It is negative, and it is added.": (
            lambda window, weights, bias: (window * weights).sum() - bias
        ),
        "That is the red channel alone. The responses of all three are added up.": (
            lambda window, weights, bias: (window * weights)[..., 0].sum() + bias
        ),
        "You took the mean of the three channels. They are added up.": (
            lambda window, weights, bias: (window * weights).sum() / window.shape[-1] + bias
        ),
        "You cut off a channel's negative response before adding. ReLU comes after the sum and the bias.": (
            lambda window, weights, bias: byhand.relu((window * weights).sum(axis=(0, 1))).sum() + bias
        ),
    },
    hints=[
        "Three windows, three kernels: each channel gives a number of its own, as in section 1.",
        "Red 2·1 + 3·1 = 5, green 4·(−1) + 0·2 = −4. Now blue.",
        "5 − 4 + 6, and then the bias, once.",
    ],
    why="A filter answers with one number for each window: all channels' products, added up, plus one bias.",
    minutes=4,
    difficulty=2,
)
def channel_sum(window, weights, bias):
    return (window * weights).sum() + bias


ask.order(
    "one_filter",
    asks="One filter, from a photograph x of three channels to a pooled map. Two of the lines do not belong.",
    lines=[
        "x = byhand.pad2d(x, 1)",
        "responses = [conv(x[:, :, c], kernels[:, :, c]) for c in range(3)]",
        "total = sum(responses)",
        "total = total + bias",
        "total = byhand.relu(total)",
        "total = byhand.pool2d(total)",
    ],
    rules={
        (0, 1): "The zeros are added too late: the kernels have passed over the border by then.",
        (1, 2): "You add up responses before there are any.",
        (2, 3): "The bias is added to a sum that is not there yet.",
        (3, 4): "ReLU has cut at 0 before the bias could move what is cut.",
        (2, 5): "You pool a sum that is not there yet.",
    },
    extra={
        "total = total + 3 * bias": "A filter has one bias, not one for each channel.",
        "responses = [byhand.relu(r) for r in responses]": (
            "ReLU on each channel would throw away what one channel holds against another. It comes after "
            "the sum."
        ),
    },
    hints=[
        "What needs what? A line can't use a name before another line has made it.",
        "Zeros, responses, sum, bias, ReLU. Where may pooling stand?",
    ],
    why="Max pooling and ReLU may change places: the largest stays the largest. Average pooling may not.",
    minutes=4,
    difficulty=2,
)


def _layer_cases(rng):
    channels, filters = rng.permutation([2, 3, 4])[:2]
    x = rng.normal(size=(rng.integers(4, 7), rng.integers(4, 7), channels))
    return x, rng.normal(size=(2, 3, channels, filters)), rng.normal(size=filters)


@ask.function(
    asks="All maps of a layer: x (H, W, C), kernels (kh, kw, C, F), bias (F,) give (H', W', F).",
    oracle=lambda x, kernels, bias: byhand.conv_layer(x, kernels, bias),
    cases=_layer_cases,
    mistakes={
        "The sum over the channels is missing: only the last channel is left. Add each to a total.": (
            lambda x, kernels, bias: byhand.conv_layer(x[..., -1:], kernels[:, :, -1:], bias)
        ),
        "Only channel 0 is used.": (
            lambda x, kernels, bias: byhand.conv_layer(x[..., :1], kernels[:, :, :1], bias)
        ),
        "The bias is missing.": lambda x, kernels, bias: byhand.conv_layer(x, kernels),
        "The bias is added once for each channel: it belongs outside that loop.": (
            lambda x, kernels, bias: byhand.conv_layer(x, kernels, bias * x.shape[-1])
        ),
        "The bias is added twice.": lambda x, kernels, bias: byhand.conv_layer(x, kernels, bias * 2),
        "You took the mean over the channels. Their responses are added up.": (
            lambda x, kernels, bias: byhand.conv_layer(x, kernels / x.shape[-1], bias)
        ),
        "Filters come first in your result. Keras puts them last: (H', W', F).": (
            lambda x, kernels, bias: np.moveaxis(byhand.conv_layer(x, kernels, bias), -1, 0)
        ),
        "The kernels are flipped. The layer lays them on the window as they are.": (
            lambda x, kernels, bias: byhand.conv_layer(x, np.flip(kernels, axis=(0, 1)), bias)
        ),
    },
    hints=[
        "Two loops: over the filters f, and inside it over the channels c.",
        "`byhand.convolve2d(x[:, :, c], kernels[:, :, c, f])` is the response of one channel.",
        "Add the channels' responses up, add `bias[f]` once, collect the maps: `np.stack(maps, axis=-1)`.",
    ],
    why="Channels are added up, filters are kept apart, and each filter has one bias.",
    minutes=7,
    difficulty=3,
)
def conv_layer(x, kernels, bias):
    maps = []
    for f in range(kernels.shape[-1]):
        total = bias[f]
        for c in range(x.shape[-1]):
            total = total + byhand.convolve2d(x[:, :, c], kernels[:, :, c, f])
        maps.append(total)
    return np.stack(maps, axis=-1)


def _windows_times_kernel(x, kernel, stride):
    return byhand.convolve2d(x, kernel, stride)


ask.line(
    "window_axes",
    asks="`windows` holds all windows at once, (H', W', kh, kw). Over which axes is the sum taken?",
    template="""
            def my_fast(x, kernel, stride):
                windows = sliding_window_view(x, kernel.shape)[::stride, ::stride]
                return (windows * kernel).sum(axis=____)
        """,
    line="(2, 3)",
    oracle=_windows_times_kernel,
    cases=lambda rng: (
        rng.integers(-9, 10, rng.integers(6, 9, 2)),
        rng.integers(-3, 4, (2, 3)),
        int(rng.integers(1, 3)),
    ),
    names={"np": np, "sliding_window_view": sliding_window_view},
    mistakes={
        "You added up over the positions, and one number for each cell of the kernel is left.": "(0, 1)",
        "You added everything up to a single number. Each window keeps its own sum.": "None",
        "That adds up each column of a window. Its rows belong to the sum, too.": "2",
        "That adds up each row of a window. Its columns belong to the sum, too.": "3",
    },
    hints=[
        "Which two of the four axes must be left over at the end? The sum is taken over the other two.",
        "H' and W' are axes 0 and 1 and stay.",
    ],
    why="The positions stay, the window's own rows and columns are added up.",
    minutes=3,
    difficulty=2,
)
