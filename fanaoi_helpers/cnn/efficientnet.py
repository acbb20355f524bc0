"""EfficientNet-Lite0 with the weights that it learned on ImageNet: convolutions to borrow.

M. Tan and Q. V. Le, EfficientNet (ICML 2019), in the variant for small devices that Google published in
2020: no squeeze-and-excitation, ReLU6 instead of swish. The weights (Apache License 2.0, see LICENSE) come
with the workbook, in assets/; nothing is downloaded.
"""

from collections.abc import Mapping
from functools import lru_cache
from hashlib import sha256
from pathlib import Path

import numpy as np

from .. import errors, files
from ..errors import WorkbookError
from .hardware import ready_gpu
from .quiet import channels_last, keras

FILE = "efficientnet_lite0.npz"
SHA256 = "cfc72029d2c360a914de68e360e3e1584ea9e8df67f417b28f71d71cd88699d7"
# Of each stage: blocks, kernel, stride of its first block, expansion, filters.
STAGES = (
    (1, 3, 1, 1, 16),
    (2, 3, 2, 6, 24),
    (2, 5, 2, 6, 40),
    (3, 3, 2, 6, 80),
    (3, 5, 1, 6, 112),
    (4, 5, 2, 6, 192),
    (1, 3, 1, 6, 320),
)
# The maps that leave each stage but the first, and the last ones: what "all maps" means below.
ALL_MAPS = ("block2b", "block3b", "block4c", "block5c", "block6d", "block7a_project", "last_relu")
MIDDLE_MAPS = ("block3b", "block5c")  # fine enough to point, and not yet only about ImageNet's classes
NORM_EPSILON = 1e-3  # added to the variance, as it was trained
USUAL_SIZE = 224  # that the weights were trained at
SMALLEST_SIZE, LARGEST_SIZE = 64, 512


def backbone(image_size: int = USUAL_SIZE) -> keras.Model:
    """Return the borrowed convolutions, frozen: photographs (N, size, size, 3) of 0..255 in, last maps out.

    The last maps are 1,280, each ``size / 32`` numbers wide and high. A block first makes six times as many
    maps (``expand``, 1x1), looks at each map alone (``depth``), and mixes them to few again (``project``);
    where it keeps size and number, what came in is added to what goes out.

    Args:
        image_size: side of the photographs in pixels, 64 to 512, a multiple of 32; 224 is what it learned on.

    Raises:
        WorkbookError: only the package is installed, without the workbook's ``assets``, or the file is not
            the one that was shipped.
    """
    model = untrained(image_size)
    fill(model, _weights())
    model.trainable = False
    return model


@channels_last()
def untrained(image_size: int = USUAL_SIZE) -> keras.Model:
    """Return the layers of `backbone` with the weights that Keras draws."""
    size = errors.whole_number("image_size", image_size, SMALLEST_SIZE, LARGEST_SIZE)
    if size % 32:
        raise WorkbookError(
            f"image_size is {size}, but the borrowed convolutions halve it five times: take a multiple of "
            f"32, such as {USUAL_SIZE}."
        )
    ready_gpu()

    layers = keras.layers
    photo = keras.Input((size, size, 3), name="photo")
    # As it was trained: 127 is 0, and 128 steps are 1.
    x = layers.Rescaling(1 / 128, offset=-127 / 128, name="rescale")(photo)

    def conv(
        x: keras.KerasTensor, name: str, filters: int, kernel: int = 1, stride: int = 1
    ) -> keras.KerasTensor:
        return layers.Conv2D(filters, kernel, stride, padding="same", name=name)(x)

    def relu(x: keras.KerasTensor, name: str) -> keras.KerasTensor:
        return layers.ReLU(6, name=f"{name}_relu")(x)

    x = relu(conv(x, "stem", 32, 3, 2), "stem")
    channels = 32
    for stage, (blocks, kernel, stride, expansion, filters) in enumerate(STAGES, start=1):
        for block in range(blocks):
            name, came_in = f"block{stage}{'abcd'[block]}", x
            if expansion > 1:
                x = relu(conv(x, f"{name}_expand", channels * expansion), f"{name}_expand")
            steps = stride if block == 0 else 1
            x = layers.DepthwiseConv2D(kernel, steps, padding="same", name=f"{name}_depth")(x)
            x = conv(relu(x, f"{name}_depth"), f"{name}_project", filters)
            x = layers.Add(name=name)([came_in, x]) if block else x
            channels = filters
    x = relu(conv(x, "last", 1280), "last")
    return keras.Model(photo, x, name="efficientnet_lite0")


def fill(model: keras.Model, weights: Mapping[str, np.ndarray]) -> None:
    """Give each convolution of `untrained` its weights, with the batch normalization that followed it.

    What normalizes a map by fixed numbers is a factor and a summand: the one is multiplied into the kernel,
    the other makes the bias. The answers are the same, for half the work.

    Args:
        model: `untrained`.
        weights: ``NAME/0`` is a kernel, ``NAME_norm/0`` to ``3`` are scale, shift, mean and variance.
    """
    for layer in model.layers:
        if layer.weights:
            scale, shift, mean, variance = (weights[f"{layer.name}_norm/{part}"] for part in range(4))
            factor = scale / np.sqrt(variance + NORM_EPSILON)
            each = factor[:, None] if isinstance(layer, keras.layers.DepthwiseConv2D) else factor
            layer.set_weights([weights[f"{layer.name}/0"] * each, shift - mean * factor])


@lru_cache(maxsize=1)
def _weights() -> dict[str, np.ndarray]:
    """Return the weights by layer and number, float32."""
    path = weights_file()
    try:
        content = path.read_bytes()
    except OSError as error:
        raise WorkbookError(
            f"{files.shown(path)} can't be read ({error.strerror}), but the borrowed convolutions are in it: "
            "get the whole workbook."
        ) from error
    if sha256(content).hexdigest() != SHA256:
        raise WorkbookError(
            f"{files.shown(path)} is not the file that came with the workbook: get it again, or make it with "
            "benchmarks/backbone.py."
        )
    with np.load(path, allow_pickle=False) as stored:
        return {name: stored[name].astype("float32") for name in stored}


def weights_file() -> Path:
    """Return where the weights lie."""
    return files.root() / "assets" / FILE
