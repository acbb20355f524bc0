"""How fast this machine trains, on whatever Keras computes on: a row for docs/measured.md.

`python benchmarks/gpu.py [--units N] [--epochs E] [--precision P] [--repaired-epochs E] [--repaired-size S]`

For TensorFlow, JAX or PyTorch (KERAS_BACKEND), on a GPU or a CPU; on photographs of the simulated line:

- the handout's CNN by `cnn.train`: photographs a second in the steady epochs (all but the first), validated
  on one batch alone;
- the bare step: the same `fit` of the same model, which is given one batch again and again, so that nobody
  picks photographs. What it is faster by is the input stall, as a share of the time;
- compiling: what the first epoch takes beyond a steady one;
- the repaired CNN: seconds from its first weights to the score of the sealed test, compiling, threshold and
  the four looks included.

Photographs are drawn and decoded before any of it. The defaults take minutes on a GPU and half an hour on a
CPU; small ones: --units 200 --epochs 3 --repaired-epochs 3 --repaired-size 64.
"""

import argparse
import os
import tempfile
import time
from pathlib import Path
from statistics import median
from types import SimpleNamespace

SIZE, BATCH, OVERKILL = 80, 32, 0.0025  # as in notebook 05; the recipe's overkill, see recipe.py


def quiet(line):
    """Leave out what a training reports."""


def speeds(album, split, epochs, precision):
    """Return photographs a second by `cnn.train` and of the bare step, and the seconds to compile."""
    from fanaoi_helpers import cnn
    from fanaoi_helpers.cnn.backends import BACKEND
    from fanaoi_helpers.cnn.precision import computing_in

    class Clock(cnn.keras.callbacks.Callback):
        """Notes the seconds of each epoch, as `cnn.train` does."""

        seconds = ()

        def on_epoch_begin(self, epoch, logs=None):
            self.began = time.perf_counter()

        def on_epoch_end(self, epoch, logs=None):
            float(logs["val_loss"])  # JAX may be computing still: wait for it
            self.seconds = (*self.seconds, time.perf_counter() - self.began)

    class Same(cnn.Batches):
        """The first batch, as often as there are batches."""

        kept = None

        def __getitem__(self, number):
            if self.kept is None:
                self.kept = super().__getitem__(0)
            return self.kept

    # A single batch to validate on, so that an epoch is nearly nothing but training.
    parts = SimpleNamespace(train=split.train, validation=split.validation[:BATCH])
    model, clock = cnn.handout_cnn(SIZE, seed=0), Clock()
    how = {"epochs": epochs, "batch_size": BATCH, "precision": precision, "report": quiet}
    seconds = cnn.train(model, album.pixels, album.labels, parts, **how)["seconds"]
    same, last = (Same(album.pixels, album.labels, part, BATCH) for part in (parts.train, parts.validation))
    with computing_in(model, precision):
        model.fit(
            BACKEND.fed(same),
            validation_data=BACKEND.fed(last),
            epochs=epochs,
            shuffle=False,
            verbose=0,
            callbacks=[clock],
        )
    ours = len(parts.train) / median(seconds[1:])
    bare = BATCH * len(same) / median(clock.seconds[1:])
    return ours, bare, cnn.compiling_seconds(seconds)


def to_the_score(album, split, epochs, precision):
    """Return the seconds from the repaired CNN's first weights to its sealed score, and the score."""
    from fanaoi_helpers import cnn, verdicts

    began = time.perf_counter()
    model = cnn.repaired_cnn(album.pixels.shape[1], seed=0)
    optimizer = cnn.repaired_optimizer(len(split.train), BATCH, epochs)
    how = {"epochs": epochs, "batch_size": BATCH, "precision": precision, "report": quiet}
    cnn.train(model, album.pixels, album.labels, split, optimizer=optimizer, **how)
    asked, labels = cnn.four_looks(model), album.labels
    p_go = {part: cnn.predict(asked, album.pixels[index]) for part, index in split.parts.items()}
    threshold = verdicts.threshold_for_overkill(labels[split.validation], p_go["validation"], OVERKILL)
    test = verdicts.judge(labels[split.test], p_go["test"], threshold)
    return time.perf_counter() - began, test


def main():
    """Print what was measured, and the row."""
    options = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    options.add_argument("--units", type=int, default=2000, help="simulated fans, two photographs of each")
    options.add_argument("--epochs", type=int, default=5, help="of the handout's CNN")
    options.add_argument("--precision", default="float32", help="of both; auto: the hardware's")
    options.add_argument("--repaired-epochs", type=int, default=20)
    options.add_argument("--repaired-size", type=int, default=128, help="pixels of the repaired CNN")
    chosen = options.parse_args()
    if chosen.epochs < 2:
        options.error("--epochs must be 2 or more: the first one compiles")
    os.environ |= {"FANAOI_HEADLESS": "1", "TF_CPP_MIN_LOG_LEVEL": "3"}

    with tempfile.TemporaryDirectory() as place:
        os.environ["FANAOI_RUNS"] = str(Path(place, "runs"))
        from fanaoi_helpers import cnn, fans, photos

        known, precision = cnn.versions(), cnn.chosen_precision(chosen.precision)
        backend = f"{known['backend']} {known[known['backend']]}"
        print(f"{cnn.device()}; Keras {known['keras']}, {backend}, Python {known['python']}", flush=True)
        folder = fans.produce(Path(place, "line"), chosen.units, 2, seed=0)
        albums = [photos.load(folder, size) for size in (SIZE, chosen.repaired_size)]
        split = photos.split(albums[0], 0)
        ours, bare, compiling = speeds(albums[0], split, chosen.epochs, precision)
        stall = max(0.0, 1 - ours / bare)
        print(f"the handout's CNN, {SIZE} pixels, {precision}: {ours:,.0f} photographs a second", flush=True)
        print(f"the bare step: {bare:,.0f}; input stall {stall:.0%}; compiling {compiling:.1f} s", flush=True)
        seconds, test = to_the_score(albums[1], split, chosen.repaired_epochs, precision)
    what = f"{len(split.train)} photographs of {chosen.repaired_size} pixels, {chosen.repaired_epochs} epochs"
    print(f"the repaired CNN, {what}: sealed score after {seconds:.0f} s, accuracy {test.accuracy:.2%}")
    print(
        f"| {cnn.device()} | {backend} | {precision} | {ours:,.0f} | {bare:,.0f} | {stall:.0%} | "
        f"{compiling:.1f} | {what} | {seconds:.0f} | {test.accuracy:.2%} |"
    )


if __name__ == "__main__":
    main()
