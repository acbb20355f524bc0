"""Backpropagation by hand: dense, ReLU, max pooling, convolution."""

import numpy as np

from ... import byhand
from ..choosing import Right
from ..lesson import Exercises

ask = Exercises()


def _dense_case(rng):
    inputs, outputs = rng.choice([2, 3, 4, 5], size=2, replace=False)
    return rng.normal(size=inputs), rng.normal(size=(inputs, outputs)), rng.normal(size=outputs)


ask.line(
    "dense_back",
    asks="In a dense layer, `d_out[k]` says how much the loss rises with output k. Complete the gradient of "
    "the weights; it has their shape, (inputs, outputs).",
    template="""
        def my_weights_gradient(x, weights, d_out):
            d_weights = ____
            return d_weights
    """,
    line="np.outer(x, d_out)",
    oracle=lambda x, weights, d_out: byhand.dense_gradients(x, weights, d_out)[1],
    cases=_dense_case,
    mistakes={
        "That is (outputs, inputs): the right numbers, but turned over. The inputs go down the rows.": (
            "np.outer(d_out, x)"
        ),
        "The input is missing: a weight whose input is 0 has no say in the output, so its gradient is 0.": (
            "np.ones_like(weights) * d_out"
        ),
        "The blame `d_out` is missing: an output that the loss does not mind gives its weights no "
        "gradient.": "np.outer(x, np.ones_like(d_out))",
        "The weight stands in place of its input. Output = input × weight: what is its slope in the "
        "weight?": "weights * d_out",
        "That is what the inputs get, to be passed on. Here the weights are asked for.": "weights @ d_out",
        "Not pair by pair: each input meets each output, so there is a whole table of products.": "x * d_out",
    },
    hints=[
        "Weight [i, k] is multiplied by input i and goes into output k.",
        "Its gradient is x[i] · d_out[k]: every input with every output.",
        ("NumPy has a function for a table of all products of two rows: np.outer(rows, columns)."),
    ],
    why="Input times blame, for every pair. A weight learns only where something came in and the loss minds.",
    minutes=3,
    difficulty=2,
)


def _relu_case(rng):
    shape = tuple(rng.integers(2, 5, size=2))
    return rng.integers(-2, 3, size=shape).astype(float), rng.normal(size=shape).round(2)  # zeros among x


@ask.function(
    asks="Pass `d_out` back through ReLU: `x` is what went into ReLU, both have the same shape. What does "
    "each number of x get? (At exactly 0: nothing.)",
    oracle=byhand.relu_gradient,
    cases=_relu_case,
    mistakes={
        "You let everything through. Where x was negative, ReLU gave 0 whatever x was.": (
            lambda x, d_out: d_out
        ),
        "That is the slope of ReLU, 0 or 1. What comes back is multiplied by it.": (
            lambda x, d_out: (x > 0).astype(float)
        ),
        "Nearly. Where x is exactly 0 you let the gradient through; Keras and this exercise do not.": (
            lambda x, d_out: np.where(x >= 0, d_out, 0)
        ),
        "You looked at the sign of the gradient. The sign of what went in decides.": (
            lambda x, d_out: np.where(d_out > 0, d_out, 0)
        ),
        "That is the slope of the sigmoid. ReLU's is 0 or 1, nothing between.": (
            lambda x, d_out: d_out * byhand.sigmoid_slope(x)
        ),
        "You passed the input itself on. It only decides what gets through.": (
            lambda x, d_out: np.where(x > 0, x, 0) * d_out
        ),
    },
    hints=[
        "Two cases: x positive, and the rest. What is the slope of ReLU in each?",
        "Where x > 0 the slope is 1 and d_out passes unchanged; elsewhere it is 0.",
        "np.where(condition, this, otherwise) chooses number by number.",
    ],
    why="ReLU is a gate: open or shut by what went forward, for what comes back.",
    minutes=3,
    difficulty=1,
)
def relu_back(x, d_out):
    return np.where(x > 0, d_out, 0)


FEATURE_MAP = np.array([[1, 5, 2, 0], [3, 4, 7, 6], [8, 2, 1, 3], [0, 6, 4, 2]])
D_POOLED = np.array([[1, -2], [5, 3]])


def _in_each_window(d_out):
    """Return ``d_out`` with every number repeated over its 2×2 window."""
    return np.kron(d_out, np.ones((2, 2)))


def _winners(feature_map):
    return pool_back.reference(feature_map, np.ones((2, 2)))


@ask.value(
    asks="What goes back through 2×2 max pooling, as a 4×4 matrix? Into it went the feature map 1 5 2 0 / 3 "
    "4 7 6 / 8 2 1 3 / 0 6 4 2; the gradient of the pooled map is 1 −2 / 5 3.",
    given={"feature_map": FEATURE_MAP, "d_out": D_POOLED},
    mistakes={
        "A quarter for each is what average pooling gives back. Which of the four decided the maximum?": (
            lambda d_out: _in_each_window(d_out) / 4
        ),
        "You gave it to all four of a window. Three of them could grow a little and the maximum would "
        "not.": _in_each_window,
        "The right places. But they get what came back for their window, not 1.": _winners,
        "You gave it to the top left of each window. Look for the largest.": (
            lambda d_out: _in_each_window(d_out) * np.tile([[1, 0], [0, 0]], (2, 2))
        ),
        "You multiplied by the value of the maximum. Its slope is 1: when it grows by 1, so does the "
        "pooled number.": (
            lambda feature_map, d_out: _in_each_window(d_out) * feature_map * _winners(feature_map)
        ),
    },
    hints=[
        ("Each 2×2 window gave one number. Which of its four would change it if it grew a little?"),
        "Find the largest of each window. It gets that window's number; the other three get 0.",
        "The winners are 5, 7, 8 and 4. The 5 stands in row 0, column 1 and gets 1.",
    ],
    why="The winner takes it all. The twelve others pass nothing on for this photograph.",
    minutes=3,
    difficulty=1,
)
def pool_back(feature_map, d_out):
    d_map = np.zeros_like(feature_map)
    for (row, column), blame in np.ndenumerate(d_out):
        window = feature_map[2 * row : 2 * row + 2, 2 * column : 2 * column + 2]
        down, right = np.unravel_index(window.argmax(), window.shape)  # where the largest stands
        d_map[2 * row + down, 2 * column + right] = blame
    return d_map


def _picture_and_blame(rng):
    kernel = rng.integers(1, 4, size=2)
    out = rng.integers(2, 5, size=2)
    return rng.normal(size=tuple(kernel + out - 1)).round(2), rng.normal(size=tuple(out)).round(2)


def _kernel_back_oracle(x, d_out):
    shape = np.subtract(x.shape, d_out.shape) + 1
    return byhand.convolve2d_gradients(x, np.zeros(shape), d_out)[1]


@ask.function(
    asks="The kernel's gradient for stride 1 without padding, from the picture `x` and the `d_out` of the "
    "map. The kernel's size follows from the two shapes.",
    oracle=_kernel_back_oracle,
    cases=_picture_and_blame,
    mistakes={
        "The right numbers in the wrong places: you flipped the result.": (
            lambda x, d_out: np.flip(kernel_back.reference(x, d_out))
        ),
        "You flipped d_out. Its top left number belongs to the top left window.": (
            lambda x, d_out: kernel_back.reference(x, np.flip(d_out))
        ),
        "`d_out` is missing: a window that the loss does not mind must not count.": (
            lambda x, d_out: kernel_back.reference(x, np.ones_like(d_out))
        ),
        "Only the first window counts here. The kernel was laid on every window: add them all up.": (
            lambda x, d_out: (
                d_out[0, 0]
                * x[: np.subtract(x.shape, d_out.shape)[0] + 1, : np.subtract(x.shape, d_out.shape)[1] + 1]
            )
        ),
        "You took the mean over the windows. The map is a sum over windows' shares: add them up.": (
            lambda x, d_out: kernel_back.reference(x, d_out) / d_out.size
        ),
    },
    hints=[
        "Kernel number (u, v) met one pixel in each window. Which ones, all together?",
        "They are a block of x as large as d_out: x[u : u + rows, v : v + columns].",
        "Multiply that block by d_out cell by cell and add up: one number for each (u, v).",
    ],
    why="That is a convolution again: the picture, with the gradient as the kernel.",
    minutes=5,
    difficulty=3,
)
def kernel_back(x, d_out):
    rows, columns = d_out.shape
    d_kernel = np.zeros((x.shape[0] - rows + 1, x.shape[1] - columns + 1))
    for u, v in np.ndindex(d_kernel.shape):
        seen = x[u : u + rows, v : v + columns]  # all the pixels that kernel number (u, v) was laid on
        d_kernel[u, v] = (seen * d_out).sum()
    return d_kernel


KERNEL = np.array([[1, 2], [3, -1]])
D_MAP = np.array([[1, 0], [0, 2]])


def _overwritten(kernel, d_out):
    """Return what is left where each window's share replaces what was there."""
    d_x = np.zeros(np.add(kernel.shape, d_out.shape) - 1)
    for (row, column), blame in np.ndenumerate(d_out):
        if blame:  # nobody lays down a kernel of zeros
            d_x[row : row + kernel.shape[0], column : column + kernel.shape[1]] = blame * kernel
    return d_x


@ask.value(
    asks="What goes back to a 3×3 patch, as a 3×3 matrix? The kernel is 1 2 / 3 −1, the gradient of the map "
    "1 0 / 0 2.",
    given={"kernel": KERNEL, "d_out": D_MAP},
    mistakes={
        "Where windows overlap, their shares are added up. You let the later one replace the earlier one.": (
            _overwritten
        ),
        "You flipped the kernel. Lay it down as it lay in the forward pass.": (
            lambda kernel, d_out: conv_back.reference(np.flip(kernel), d_out)
        ),
        "The kernel is missing: a pixel's share is the kernel number that lay on it, times d_out.": (
            lambda kernel, d_out: conv_back.reference(np.ones_like(kernel), d_out)
        ),
        "`d_out` is missing: the second window counts double and two windows not at all.": (
            lambda kernel, d_out: conv_back.reference(kernel, np.ones_like(d_out))
        ),
    },
    hints=[
        (
            "Begin with nine zeros. Only two windows have a gradient: the top left one and the bottom right "
            "one."
        ),
        (
            "Lay the kernel on the top left, times 1. Lay it on the bottom right, times 2. Add up where they "
            "meet."
        ),
        "They meet in the center: −1 from the first, 2 · 1 from the second.",
    ],
    why="Each pixel collects from every window that it lay in. So the gradient reaches the layer before.",
    minutes=3,
    difficulty=2,
)
def conv_back(kernel, d_out):
    d_x = np.zeros(np.add(kernel.shape, d_out.shape) - 1)
    rows, columns = kernel.shape
    for (row, column), blame in np.ndenumerate(d_out):
        d_x[row : row + rows, column : column + columns] += blame * kernel
    return d_x


ask.choice(
    "dead_filter",
    asks="Two filters, ReLU, max pooling, one neuron. Filter B's bias is lowered until its whole map is "
    "negative. Which gradients become 0?",
    options={
        "none: they only get smaller": "ReLU gives exactly 0 for a negative map, and passes exactly 0 back.",
        "those of B's kernel and bias, but not that of B's dense weight": (
            "The dense weight's gradient is its input times the blame. Which input does it get now?"
        ),
        "those of B's kernel, of its bias and of its dense weight": Right(
            "Kernel and bias get nothing through ReLU, and the weight's input is 0. Filter B is dead for "
            "this patch; another patch may wake it."
        ),
        "all of the network": "Filter A still sees its edge, and the dense layer still hears it.",
    },
    hints=[
        "Go back step by step: dense weight, pooling, ReLU, kernel. Where is the first 0?",
        "The dense weight's gradient is the pooled number times the gradient of z.",
    ],
    why="A whole negative map shuts the gate, and a filter without a gradient does not learn.",
    minutes=1,
    difficulty=2,
    prediction=True,
)
