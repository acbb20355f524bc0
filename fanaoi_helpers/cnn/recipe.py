"""The repaired recipe: a CNN that asks if anything bad is found anywhere, and how it is trained."""

from pathlib import Path

from .. import errors, files
from ..errors import WorkbookError
from .hardware import ready_gpu
from .models import layer_seeds
from .quiet import channels_last, keras

SMALLEST_REPAIRED = 32  # 32 -> 16 -> 8: the last maps are larger than the window that makes them
LARGEST_REPAIRED = 1024
FILTERS = (16, 32, 48, 48, 48)
STRIDES = (2, 2, 1, 1, 1)
SHIFT = 0.03  # of the photograph's side, to each side: about 4 pixels of 128
BRIGHTNESS = 0.08  # of 255, darker or brighter: up to 20
# 1 to 1.15 times the contrast. Keras makes the same of a plain 0.15, though its words promise 0.85 to 1.15.
CONTRAST = (0, 0.15)
MOMENTUM = 0.9  # of the running means: settled after some dozens of steps, so that a small folder has enough
IN_TRAINING = ("brightness", "contrast", "shift")  # layers that change nothing when the CNN is asked
# A map's largest value is near 3 at first, and 48 x 3 x 0.02 about 2.9: training begins undecided.
LARGEST_START, BIAS_START = 0.04, 2.9
LEARNING_RATE = 0.003
WEIGHT_DECAY = 1e-3


@channels_last()
def repaired_cnn(image_size: int = 128, seed: int | None = None) -> keras.Model:
    """Return the repaired CNN, untrained: photographs (N, size, size, 3) of 0..255 in, P(GO) (N, 1) out.

    What differs from the handout's CNN, and why:

    - 128 pixels instead of 80: a small defect covers more of them;
    - in training each photograph gets another ``brightness``, a little more ``contrast`` and a small
      ``shift``, as the lamp and the fixture would give it: none of them makes a good fan bad;
    - values from -1 to 1 in the model's own ``rescale`` layer;
    - five blocks ``conv`` - ``norm`` - ``relu``: batch normalization keeps the values of each map in one
      range, so a convolution needs no bias of its own. The first two halve the maps by their stride, so the
      last maps are 32 x 32, a number for every 4 pixels, and Grad-CAM can point;
    - the strongest answer of each map (``strongest``) instead of Flatten and Dense: it counts that there is
      a defect, not where, and 48 weights do what 2.7 million did;
    - these answers speak ``against`` the fan, and ``verdict`` weighs them with numbers that are never
      negative: a fan is GO unless something bad is found somewhere. Nothing makes up for a defect, and the
      maps learn to stay quiet where there is none.

    Args:
        image_size: side of the photographs in pixels, 32 to 1024.
        seed: decides the first weights and the shifts; None draws other ones each time. Nothing global is
            seeded.
    """
    size = errors.whole_number("image_size", image_size, SMALLEST_REPAIRED, LARGEST_REPAIRED)
    if seed is not None:
        seed = errors.whole_number("seed", seed, 0, 2**32 - 1)
    ready_gpu()

    count = len(FILTERS) + 4
    seeds = layer_seeds(seed, count)
    layers = keras.layers

    photo = keras.Input((size, size, 3), name="photo")
    x = layers.RandomBrightness(BRIGHTNESS, seed=seeds[-2], name="brightness")(photo)
    x = layers.RandomContrast(CONTRAST, seed=seeds[-1], name="contrast")(x)
    x = layers.Rescaling(1 / 127.5, offset=-1, name="rescale")(x)
    x = layers.RandomTranslation(SHIFT, SHIFT, fill_mode="nearest", seed=seeds[0], name="shift")(x)
    for number, (filters, stride) in enumerate(zip(FILTERS, STRIDES, strict=True), start=1):
        x = layers.Conv2D(
            filters,
            3,
            strides=stride,
            padding="same",
            use_bias=False,
            kernel_initializer=keras.initializers.GlorotUniform(seed=seeds[number]),
            name=f"conv{number}",
        )(x)
        x = layers.BatchNormalization(momentum=MOMENTUM, name=f"norm{number}")(x)
        x = layers.ReLU(name=f"relu{number}")(x)
    x = layers.GlobalMaxPooling2D(name="strongest")(x)
    x = layers.Rescaling(-1, name="against")(x)
    verdict = layers.Dense(
        1,
        activation="sigmoid",
        kernel_constraint=keras.constraints.NonNeg(),
        kernel_initializer=keras.initializers.RandomUniform(0, LARGEST_START, seed=seeds[-3]),
        bias_initializer=keras.initializers.Constant(BIAS_START),
        name="verdict",
    )(x)
    return keras.Model(photo, verdict, name="repaired_cnn")


@channels_last()
def four_looks(model: keras.Model) -> keras.Model:
    """Return the repaired CNN that looks four times and says its worst answer: the smallest P(GO).

    The strides leave one number for every 4 pixels, so a small defect is seen well or badly by where it
    happens to lie among them. Each look moves the photograph by 0 or 2 pixels down and to the right; the rim
    that comes in is a mirror image. The weights are shared with ``model``, nothing is trained, a verdict
    costs four times as much, and the threshold has to be chosen anew, on validation.

    To ask a model about several views of its input is known as test-time augmentation. Most take the mean;
    the minimum fits here, because a fan is GO unless something bad is found.

    Args:
        model: made by :func:`repaired_cnn`, trained.
    """
    names = [layer.name for layer in model.layers]
    if names != ["photo", *_layer_names()]:
        raise WorkbookError(
            f"The model {model.name!r} has the layers {', '.join(names)}; four_looks takes the layers that "
            "repaired_cnn makes."
        )
    layers = keras.layers
    photo = keras.Input(model.input_shape[1:], name="photo")
    answers = []
    for down, right in ((0, 0), (0, 2), (2, 0), (2, 2)):
        x = _with_mirrored_rim(photo, down, right)
        x = layers.Cropping2D(((0, down), (0, right)), name=f"look_{down}_{right}")(x)
        for name in _layer_names():
            if name not in IN_TRAINING:
                x = model.get_layer(name)(x)
        answers.append(x)
    return keras.Model(photo, layers.Minimum(name="worst")(answers), name="repaired_cnn_four_looks")


def _with_mirrored_rim(photo: keras.KerasTensor, down: int, right: int) -> keras.KerasTensor:
    """Return photographs (N, height + down, width + right, 3), mirrored at the top and at the left."""
    if keras.backend.backend() != "torch":
        return keras.ops.pad(photo, ((0, 0), (down, 0), (right, 0), (0, 0)), mode="symmetric")
    for axis, more in ((1, down), (2, right)):  # PyTorch pads no rows of photographs but with zeros
        if more:
            rim = keras.ops.take(photo, [*range(more)][::-1], axis=axis)
            photo = keras.ops.concatenate([rim, photo], axis=axis)
    return photo


def _layer_names() -> list[str]:
    blocks = [f"{part}{number}" for number in range(1, len(FILTERS) + 1) for part in ("conv", "norm", "relu")]
    return ["brightness", "contrast", "rescale", "shift", *blocks, "strongest", "against", "verdict"]


def repaired_optimizer(photographs: int, batch_size: int, epochs: int) -> keras.optimizers.AdamW:
    """Return the repaired recipe's optimizer: Adam with weight decay, its learning rate up and down again.

    The learning rate rises from 0 to 0.003 in the first epoch and falls to 0 along a cosine in the others:
    large steps at first, small ones at the end, so that the last epochs settle. Give it to :func:`train`:
    ``train(model, ..., epochs=20, batch_size=32, optimizer=repaired_optimizer(len(split.train), 32, 20))``.

    Args:
        photographs: in the training part, such as ``len(split.train)``.
        batch_size: photographs per step.
        epochs: times that every photograph is seen; the schedule ends with the last one.
    """
    photographs = errors.whole_number("photographs", photographs, 1, 10**9)
    batch_size = errors.whole_number("batch_size", batch_size, 1, 4096)
    epochs = errors.whole_number("epochs", epochs, 1, 1000)
    steps = -(-photographs // batch_size)
    warmup = steps if epochs > 1 else max(1, steps // 2)
    schedule = keras.optimizers.schedules.CosineDecay(
        0.0, max(1, steps * epochs - warmup), warmup_target=LEARNING_RATE, warmup_steps=warmup
    )
    return keras.optimizers.AdamW(schedule, weight_decay=WEIGHT_DECAY)


def shipped_model() -> Path:
    """Return the trained repaired CNN that comes with the workbook; what it was trained on stands beside it.

    Raises:
        WorkbookError: only the package is installed, without the workbook's ``assets``.
    """
    path = files.root() / "assets" / "repaired_cnn.keras"
    if not path.is_file():
        raise WorkbookError(
            f"{files.shown(path)} is not there; get the whole workbook, or train the repaired CNN yourself "
            "with benchmarks/recipe.py --ship."
        )
    return path
