"""What `test_cnn_versions` runs with another Keras in front: open what is in one folder, save into another.

python tests/other_keras.py TO_OPEN TO_SAVE prints one JSON object: the version, the scores of each file, and
the defaults of all layers.
"""

import functools
import inspect
import json
import sys
from pathlib import Path

import numpy as np

from fanaoi_helpers import cnn, fans
from fanaoi_helpers.cnn import archives
from fanaoi_helpers.errors import WorkbookError

keras = cnn.keras


@functools.cache
def photographs(size):
    """Return two good fans and two bad ones, (4, size, size, 3) uint8."""
    units = [fans.make_unit("P", 1), fans.make_unit("P", 2)]
    units += [fans.make_unit("P", 3, "blade_missing", 30.0), fans.make_unit("P", 4, "label_missing", 10.0)]
    return np.stack([fans.render(unit, size=size).pixels for unit in units])


def scores(model):
    """Return P(GO) of the four fans."""
    return cnn.predict(model, photographs(model.input_shape[1])).tolist()


def models():
    """Yield the workbook's networks by name, with weights that make their scores differ."""
    layers, rng = keras.layers, np.random.default_rng(1)
    small = [
        keras.Input((32, 32, 3)), layers.RandomFlip("horizontal"), layers.RandomRotation(0.1),
        layers.RandomZoom(0.1), layers.Rescaling(1 / 255), layers.Dropout(0.3), layers.GaussianNoise(0.1),
        layers.Conv2D(4, 3, activation="relu", kernel_regularizer=keras.regularizers.L2(0.01)),
        layers.MaxPooling2D(), layers.BatchNormalization(), layers.GlobalAveragePooling2D(),
        layers.Dense(1, activation="sigmoid", kernel_initializer="he_normal"),
    ]  # fmt: skip
    repaired = cnn.repaired_cnn(32, seed=0)
    made = {"handout": cnn.handout_cnn(32, 4, 4, 8), "repaired": repaired, "small": keras.Sequential(small)}
    made["looks"] = cnn.four_looks(repaired)
    for name, model in made.items():
        if name != "looks":
            model.set_weights([rng.uniform(0.02, 0.4, one.shape) for one in model.get_weights()])
            last = model.get_layer("verdict") if name != "small" else model.layers[-1]
            kernel, bias = last.get_weights()
            pixels = photographs(32)
            probe = keras.Model(model.inputs[0], last.input)(pixels, training=False)
            logits = keras.ops.convert_to_numpy(probe) @ kernel
            scale = 4 / (np.ptp(logits) + 1e-6)  # scores from about 0.1 to 0.9
            last.set_weights([kernel * scale, bias * 0 - scale * logits.mean()])
    return made


def save(folder):
    """Save each network as the workbook does, ready to be trained on, and as Keras itself does."""
    told = {}
    for name, model in models().items():
        model.save(folder / f"{name}-raw.keras")
        model.compile(cnn.repaired_optimizer(4, 2, 1), loss="binary_crossentropy", metrics=["accuracy"])
        model.optimizer.build(model.trainable_variables)
        cnn.save_run(folder / name, model, {}, {})
        told[f"{name}/model.keras"] = told[f"{name}-raw.keras"] = scores(model)
    return told


def opened(folder):
    """Return the scores of every file in ``folder`` by the workbook, and of all but "-raw" by Keras alone."""
    told = {}
    for path in sorted(folder.rglob("*.keras")):
        name = path.relative_to(folder).as_posix()
        try:
            model = archives.opened(archives.read(path))
            told[name] = [scores(model), None if "-raw" in name else scores(keras.saving.load_model(path))]
        except WorkbookError as error:
            told[name] = str(error)
    return told


def defaults():
    """Return the defaults of everything that a saved network is made of, as texts."""
    found = {}
    for space in (keras.layers, keras.initializers, keras.regularizers, keras.constraints):
        for name, kind in inspect.getmembers(space, inspect.isclass):
            taken = {one: value for one, value in archives._constructor(kind).items()}
            found[f"{space.__name__}.{name}"] = {one: repr(value) for one, value in taken.items()}
    return found


if __name__ == "__main__":
    to_open, to_save = map(Path, sys.argv[1:])
    print(
        json.dumps(
            {
                "version": keras.__version__,
                "opened": opened(to_open),
                "saved": save(to_save),
                "defaults": defaults(),
            }
        )
    )
