"""Notebook 01's exercises on tensors, TensorFlow and the work they make."""

import numpy as np

from ..choosing import Right
from ..lesson import Exercises
from .colors import random_picture

ask = Exercises()

# What is a tensor?


@ask.value(
    asks="The shape of a batch of 32 color photographs of 80 × 80 pixels.",
    given={"batch_size": 32, "image_size": 80},
    mistakes={
        "You laid the photographs behind one another like channels; they come first.": (
            lambda batch_size, image_size: [image_size, image_size, 3, batch_size]
        ),
        "That is PyTorch's order. Keras has the channels last.": (
            lambda batch_size, image_size: [batch_size, 3, image_size, image_size]
        ),
        "They are in color.": lambda batch_size, image_size: [batch_size, image_size, image_size],
        "You glued the photographs together; a new axis keeps them apart.": (
            lambda batch_size, image_size: [batch_size * image_size, image_size, 3]
        ),
    },
    hints=[
        "One photograph has three axes. A batch has one more.",
        "The new axis comes first: which photograph, then row, column, channel.",
    ],
    why="Axis 0 says which photograph; then row, column, channel.",
    minutes=1,
    difficulty=1,
    prediction=True,
)
def batch_shape(batch_size, image_size):
    return [batch_size, image_size, image_size, 3]


@ask.value(
    asks="`batch` has four axes: photograph, row, column, channel. How many have `batch[0]`, `batch[..., "
    "0]`, `batch[0, 5, 7]`, `batch[0, 5, 7, 2]` and `batch[0:1]`? Five numbers.",
    given={"batch": np.zeros((2, 8, 9, 3), np.uint8)},
    mistakes={
        "`0:1` is a slice: it keeps its axis, of length 1.": lambda batch: [3, 3, 1, 0, 3],
        "`[..., 0]` names one index, so it takes one axis away.": lambda batch: [3, 2, 1, 0, 4],
        "`...` stands for the first three axes, and they stay.": lambda batch: [3, 1, 1, 0, 4],
        "A single number has no axis at all.": lambda batch: [3, 3, 1, 1, 4],
        "One pixel holds three numbers, but along one axis.": lambda batch: [3, 3, 3, 0, 4],
        "You counted the axes that are gone, not those that are left.": lambda batch: [1, 1, 3, 4, 0],
    },
    hints=[
        "`batch` has four axes. Each index that is a number takes one away.",
        "`0:1` is a slice and keeps its axis; `...` stands for all axes that are not named.",
        "One number is named, then one, three, four, and in the last one none.",
    ],
    why="A number takes an axis away, a slice keeps it.",
    minutes=2,
    difficulty=2,
    prediction=True,
)
def ndims(batch):
    parts = [batch[0], batch[..., 0], batch[0, 5, 7], batch[0, 5, 7, 2], batch[0:1]]
    return [part.ndim for part in parts]


ask.line(
    "channels_last",
    asks="Turn a picture with the channels first, (3, rows, columns), into (rows, columns, 3).",
    template="def my_channels_last(picture):\n    return ____",
    line="np.moveaxis(picture, 0, -1)",
    oracle=lambda picture: np.stack(list(picture), axis=-1),
    cases=lambda rng: (np.moveaxis(random_picture(rng), -1, 0).copy(),),
    mistakes={
        "The shape is right and the picture is scrambled: `reshape` deals the numbers out anew.": (
            "picture.reshape(picture.shape[1], picture.shape[2], 3)"
        ),
        "`.T` turns all axes round, so rows and columns are swapped as well.": "picture.T",
        "Wrong way: that moves the last axis to the front.": "np.moveaxis(picture, -1, 0)",
    },
    hints=[
        "No number may leave its pixel: an axis is moved, nothing is dealt out anew.",
        "`np.moveaxis(x, from, to)` moves one axis; the last one is -1.",
        "np.moveaxis(picture, ?, -1)",
    ],
    why="`moveaxis` keeps every number in its pixel. `reshape` gives the same shape and another picture.",
    minutes=2,
    difficulty=2,
)

# Pixels or values? How much memory is that?


@ask.value(
    asks="How many pixels has a 224 × 224 × 3 photograph?",
    mistakes={
        "That counts every channel, so it is the number of values.": lambda: 224 * 224 * 3,
        "That is the number of values in a batch of 32.": lambda: 32 * 224 * 224 * 3,
        "That is the number of pixels in a batch of 32.": lambda: 32 * 224 * 224,
        "Sides are multiplied, not added.": lambda: 224 + 224,
    },
    hints=["A pixel is one place in the picture. How many places are there?", "Rows times columns."],
    why="50,176 places with three values each: 150,528 values. The handout's numbers count values.",
    minutes=1,
    difficulty=1,
)
def pixels_224():
    return 224 * 224  # a pixel is one place, however many numbers it holds


@ask.value(
    asks="How many megabytes (millions of bytes) take 10,000 color photographs of 80 × 80 as float32?",
    tolerance=1e-3,  # who counts in mebibytes rounds
    mistakes={
        "You forgot the three channels.": lambda: 10_000 * 80 * 80 * 4 / 1e6,
        "That is uint8, one byte for each value.": lambda: 10_000 * 80 * 80 * 3 / 1e6,
        "That is float64, eight bytes for each value.": lambda: 10_000 * 80 * 80 * 3 * 8 / 1e6,
        "That is one photograph.": lambda: 80 * 80 * 3 * 4 / 1e6,
        "Those are mebibytes, of 1,048,576 bytes each. Here a megabyte is a million bytes.": (
            lambda: 10_000 * 80 * 80 * 3 * 4 / 2**20
        ),
        "Those are gigabytes; a megabyte is a million bytes.": lambda: 10_000 * 80 * 80 * 3 * 4 / 1e9,
        "Those are bytes; a megabyte is a million of them.": lambda: 10_000 * 80 * 80 * 3 * 4,
    },
    hints=[
        "First the values: photographs × rows × columns × channels.",
        "A float32 has 32 bits, that is 4 bytes.",
        "192 million values of 4 bytes each.",
    ],
    why="192 million values: 192 MB as uint8, four times that as float32.",
    minutes=2,
    difficulty=1,
)
def megabytes():
    values = 10_000 * 80 * 80 * 3
    return values * 4 / 1e6  # a float32 takes 4 bytes


# What became of sessions and placeholders?

ask.choice(
    "old_ways",
    asks="Which of these lines of TensorFlow 1 still runs in today's TensorFlow?",
    options={
        "all three: old code runs unchanged": "So the handout says, but each of them is an AttributeError.",
        "`tf.Session()` alone": "There is nothing left to open: results come at once.",
        "`tf.enable_eager_execution()` alone": "It is on from the start, and the switch is gone.",
        "`tf.placeholder(tf.float32)` alone": "A function's argument has taken its place.",
        "none": Right("All three names are gone from TensorFlow 2."),
    },
    hints=["You multiplied tensors above. Did you need any of the three?"],
    why="All three names are gone from TensorFlow 2; `tf.compat.v1` keeps them for old programs.",
    minutes=1,
    difficulty=1,
    prediction=True,
)


@ask.value(
    asks="A `@tf.function` is called with 2, 2 and 3 numbers. How often does Python go through it?",
    given={"shapes": [(2,), (2,), (3,)]},
    mistakes={
        "That is once for each call, as without `@tf.function`.": lambda shapes: len(shapes),
        "The graph of the first call fits equal shapes only.": lambda shapes: 1,
        "Somebody must find out what is to be calculated.": lambda shapes: 0,
    },
    hints=[
        "Python goes through it in order to make a graph. Afterwards the graph does the work.",
        "A graph is made for one shape. Which calls can share one?",
    ],
    why="Once for each new shape: the second call finds the graph of the first one.",
    minutes=2,
    difficulty=2,
    prediction=True,
)
def traces(shapes):
    return len(set(shapes))  # one graph for each shape, used again for equal ones


# From a file to the CNN: in which order?

ask.order(
    "from_file",
    asks="Put the lines in order, from a file to the CNN's answer. Two of them do not belong.",
    code=True,
    lines=[
        'picture = Image.open("fan.png")',
        'picture = picture.convert("RGB")',
        "picture = picture.resize((80, 80))",
        "pixels = np.array(picture)",
        "batch = pixels[np.newaxis]",
        "answer = model(batch)  # its first layer is Rescaling(1 / 255)",
    ],
    rules={
        (0, 1): "What is to be converted must be opened first.",
        (0, 2): "What is to be resized must be opened first.",
        (1, 3): "`convert` belongs to Pillow: use it while it is a picture, not an array.",
        (2, 3): "Pillow resizes pictures. An array's own `resize` only cuts or repeats numbers.",
        (3, 4): "The new axis is an array's business: make the array first.",
        (4, 5): "The CNN wants a batch, even of one.",
    },
    extra={
        "pixels = pixels / 255": "The model's first layer divides. Do both, and the CNN sees night.",
        "pixels = pixels[..., ::-1]": "Pillow gives RGB. Only what OpenCV has read must be turned round.",
    },
    hints=[
        "First what Pillow does, then what NumPy does, then the model.",
        "The model divides by 255, and Pillow reads RGB: which two lines are too many?",
        "Open, convert, resize, array, new axis, model.",
    ],
    why="The model holds the division, so that nobody can forget it or do it twice.",
    minutes=3,
    difficulty=2,
)

# Why do GPUs help?


@ask.value(
    asks="n doubles. By what factor grow the multiplications in a product of two n × n matrices, and in a "
    "convolution of an n × n photograph with a 3 × 3 kernel?",
    mistakes={
        "Both have n × n results, so both grow more than twofold.": lambda: [2, 2],
        "A product has n × n results, and each of them is a sum over n products.": lambda: [4, 4],
        "The kernel does not grow with the photograph.": lambda: [8, 8],
        "A photograph twice as wide is twice as high, too.": lambda: [8, 2],
        "The other way round: which of the two has longer sums when n grows?": lambda: [4, 8],
    },
    hints=[
        "How many results are there, and how many multiplications does each take?",
        "A product takes n for each of its n × n results, the convolution 9 whatever n is.",
        "n³ and 9 n². Put 2n in place of n.",
    ],
    why="n³ grows 2 × 2 × 2 = 8-fold, 9 n² only 2 × 2 = 4-fold.",
    minutes=2,
    difficulty=2,
)
def growth():
    product = 2**3  # n × n results of n multiplications each
    convolution = 2**2  # four times as many positions, each with the same kernel
    return [product, convolution]
