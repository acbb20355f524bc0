"""How fast the handout's CNN is trained: the handout's pipeline, ours, the bare step; same photographs.

`python benchmarks/training.py [--units N] [--epochs E] [--rounds R] [--folder DIR]`

Each way trains in a process of its own, with validation after each epoch. Counted are the photographs trained
on, and two times. The whole run: from opening the photographs and building the model (importing is not
counted) to the end of the last epoch; what the bare step needs to make its photographs resident is not
counted either. The steady epochs: all but the first one, in which the training is traced.

The ways take turns, each round in the opposite order of the one before. A ratio is that of the two ways in
the same round, and the median over the rounds is what counts, so that other work on the machine hits both.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from statistics import median

SIZE, BATCH = 80, 32

START = """
import json, os, resource, sys, time
os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
import numpy as np
from fanaoi_helpers import cnn, photos
from fanaoi_helpers.cnn import keras
folder, parts, size, batch, epochs = sys.argv[1], sys.argv[2], *map(int, sys.argv[3:6])
started, ends = (time.perf_counter(), time.process_time()), []

class Clock(cnn.keras.callbacks.Callback):
    def on_epoch_end(self, epoch, logs=None):
        ends.append((time.perf_counter(), time.process_time()))

def ended(count, history):
    (whole, whole_cpu), (steady, steady_cpu) = np.subtract(ends[-1], started), np.subtract(ends[-1], ends[0])
    steady_count = count * (epochs - 1)
    print(json.dumps({"whole": count * epochs / whole, "steady": steady_count / steady,
                      "cpu": steady_cpu / steady_count, "cores": steady_cpu / steady,
                      "accuracy": max(history["val_accuracy"])}))
"""

HANDOUT = """
from keras.src.legacy.preprocessing.image import ImageDataGenerator
layers = keras.layers
model = keras.Sequential([
    keras.Input((size, size, 3)),
    layers.Conv2D(32, 3, activation="relu"),
    layers.MaxPooling2D(2),
    layers.Conv2D(64, 3, activation="relu"),
    layers.MaxPooling2D(2),
    layers.Flatten(),
    layers.Dense(128, activation="relu"),
    layers.Dense(1, activation="sigmoid"),
])
model.compile(loss="binary_crossentropy", optimizer="adam", metrics=["accuracy"])
flows = {}
for part in ("train", "validation"):
    generator = ImageDataGenerator(rescale=1.0 / 255)
    flows[part] = generator.flow_from_directory(
        f"{parts}/{part}", target_size=(size, size), batch_size=batch, class_mode="binary", seed=42)
fitted = model.fit(flows["train"], epochs=epochs, validation_data=flows["validation"],
                   callbacks=[Clock()], verbose=0)
ended(flows["train"].samples, fitted.history)
"""

OURS = """
precision = sys.argv[6]
album = photos.load(folder, size)
split = photos.split(album, 0)
model = cnn.handout_cnn(size, seed=0)
history = cnn.train(model, album.pixels, album.labels, split, epochs=epochs, batch_size=batch,
                    precision=precision, callbacks=[Clock()], report=lambda line: None)
ended(len(split.train), history)
"""

BARE = """
import tensorflow as tf
from fanaoi_helpers.cnn.precision import computing_in
precision = sys.argv[6]
album = photos.load(folder, size)
split = photos.split(album, 0)

def resident(index):
    index = np.random.default_rng(0).permutation(index)
    starts = range(0, len(index), batch)
    some = [index[start : start + batch] for start in starts]
    return [(tf.constant(album.pixels[one]), tf.constant(album.labels[one, None], "float32")) for one in some]

train, validation = resident(split.train), resident(split.validation)
model = cnn.handout_cnn(size, seed=0)
started = time.perf_counter(), time.process_time()
with computing_in(model, precision):
    model.compile("adam", loss="binary_crossentropy", metrics=["accuracy"])
    step = tf.function(lambda x, y: model.train_step((x, y)), reduce_retracing=True)
    test = tf.function(lambda x, y: model.test_step((x, y)), reduce_retracing=True)
    history = {"val_accuracy": []}
    for epoch in range(epochs):
        model.reset_metrics()
        for x, y in train:
            step(x, y)
        model.reset_metrics()
        for x, y in validation:
            told = test(x, y)
        history["val_accuracy"].append(float(told["accuracy"]))
        ends.append((time.perf_counter(), time.process_time()))
    ended(len(split.train), history)
"""

WAYS = {  # words, precision, does it find the photographs opened before?
    "the handout's": (HANDOUT, "float32", True),
    "ours, cold": (OURS, "float32", False),
    "ours, warm": (OURS, "float32", True),
    "the bare step": (BARE, "float32", True),
    "ours, warm, bfloat16": (OURS, "bfloat16", True),
    "the bare step, bfloat16": (BARE, "bfloat16", True),
}
# What is promised: one way's rate against another's, of the whole run or of the steady epochs.
PROMISES = [
    ("ours, warm", "the handout's", "whole", 1.9),
    ("ours, cold", "the handout's", "whole", 1.6),
    ("ours, warm", "the bare step", "steady", 0.95),
    ("ours, warm, bfloat16", "the handout's", "whole", 2.5),
]


def measured(words, runs, *arguments):
    """Run a program of its own and return what it measured."""
    environment = {**os.environ, "FANAOI_RUNS": str(runs), "FANAOI_HEADLESS": "1"}
    command = [sys.executable, "-c", START + words, *map(str, arguments)]
    done = subprocess.run(command, env=environment, capture_output=True, text=True)
    if done.returncode:
        raise SystemExit(done.stderr)
    return json.loads(done.stdout.splitlines()[-1])


def sorted_into_parts(folder, place):
    """Lay the photographs out as flow_from_directory wants them: place/train/GO and so on; return place."""
    from fanaoi_helpers import photos

    album = photos.load(folder, SIZE)
    split = photos.split(album, 0)
    for part in ("train", "validation"):
        for index in getattr(split, part):
            path = Path(album.paths[index])
            link = place / part / photos.CLASSES[album.labels[index]] / f"{index}{path.suffix}"
            link.parent.mkdir(parents=True, exist_ok=True)
            try:
                os.link(path, link)
            except OSError:  # another disk, or one without hard links
                shutil.copy(path, link)
    return place


def main():
    """Print the rate of each way, and the ratios that are promised."""
    options = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    options.add_argument("--units", type=int, default=2000, help="simulated fans, two photographs of each")
    options.add_argument("--epochs", type=int, default=5)
    options.add_argument("--rounds", type=int, default=3)
    options.add_argument("--folder", type=Path, help="holds GO/ and NG/; drawn by the line unless given")
    chosen = options.parse_args()
    if chosen.epochs < 2 or chosen.rounds < 1:
        options.error("--epochs must be 2 or more, --rounds 1 or more")
    os.environ |= {"FANAOI_HEADLESS": "1", "TF_CPP_MIN_LOG_LEVEL": "3"}

    with tempfile.TemporaryDirectory() as place:
        place = Path(place)
        os.environ["FANAOI_RUNS"] = str(place / "runs")
        from fanaoi_helpers import fans
        from fanaoi_helpers.cnn.precision import cpu_computes_bfloat16

        folder = chosen.folder or fans.produce(place / "line", chosen.units, 2, seed=0)
        parts = sorted_into_parts(folder, place / "parts")
        ways = {name: way for name, way in WAYS.items() if way[1] == "float32" or cpu_computes_bfloat16()}
        found = {name: [] for name in ways}
        for turn in range(chosen.rounds):
            for name in list(ways)[:: 1 if turn % 2 == 0 else -1]:
                words, precision, warm = ways[name]
                runs = place / ("runs" if warm else f"cold{turn}")
                found[name].append(
                    measured(words, runs, folder, parts, SIZE, BATCH, chosen.epochs, precision)
                )
                if not warm:
                    shutil.rmtree(runs)

    print(
        "photographs a second (median of rounds)       whole run   steady epochs  CPU each   cores   accuracy"
    )
    for name, rounds in found.items():
        whole, steady, cpu, cores, accuracy = (
            median(one[part] for one in rounds) for part in ("whole", "steady", "cpu", "cores", "accuracy")
        )
        print(f"{name:44} {whole:10.0f} {steady:15.0f} {cpu * 1e3:7.2f} ms {cores:7.2f} {accuracy:10.3f}")
    for name, other, part, least in PROMISES:
        if name in found:
            ratios = sorted(a[part] / b[part] for a, b in zip(found[name], found[other], strict=True))
            ratio = median(ratios)
            print(
                f"{name} / {other}, {part}: {ratio:.2f} (at least {least}; the rounds: {ratios[0]:.2f} to "
                f"{ratios[-1]:.2f}){'' if ratio >= least else '  MISSED'}"
            )


if __name__ == "__main__":
    main()
