"""Fewer bits on request, and photographs that stay on disk."""

import threading
import tracemalloc
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from toys import small_cnn, toy, trained

from fanaoi_helpers import cnn
from fanaoi_helpers.cnn import precision
from fanaoi_helpers.errors import WorkbookError

keras = cnn.keras
HALVES = ("bfloat16", "float16")


@pytest.fixture(scope="module")
def both():
    return {name: trained(precision=name, epochs=12) for name in ("float32", *HALVES)}


@pytest.mark.parametrize("half", HALVES)
def test_half_the_bits_learn_the_same(both, half):
    whole, fewer = (both[name][1] for name in ("float32", half))
    assert whole["loss"] != fewer["loss"]  # it was another computation
    assert np.isfinite([fewer[name] for name in ("loss", "val_loss")]).all()
    np.testing.assert_allclose(fewer["loss"][0], whole["loss"][0], rtol=0.02)
    assert fewer["val_accuracy"][-1] == whole["val_accuracy"][-1] == 1


@pytest.mark.parametrize("half", HALVES)
def test_a_model_trained_in_half_the_bits_is_a_float32_model(both, tmp_path, half):
    model, history = both[half]
    assert {str(weight.dtype) for weight in model.weights} == {"float32"}
    assert {layer.compute_dtype for layer in model.layers} == {"float32"}
    pixels, labels, split = toy()
    p_go = cnn.predict(model, pixels)
    model.save(tmp_path / "model.keras")
    np.testing.assert_array_equal(cnn.predict(cnn.load(tmp_path / "model.keras"), pixels), p_go)
    # What it was trained to say in fewer bits, it says in float32: P(GO) within 0.02 or 0.01.
    with precision.computing_in(model, half):
        assert [layer.compute_dtype for layer in model.layers[1:-1]] == [half] * (len(model.layers) - 2)
        assert model.layers[-1].compute_dtype == "float32"
        in_half = cnn.predict(model, pixels)
    assert 0 < np.abs(in_half - p_go).max() < {"bfloat16": 0.02, "float16": 0.01}[half]
    again = keras.saving.load_model(tmp_path / "model.keras")  # by Keras alone, with its optimizer
    assert type(again.optimizer) is keras.optimizers.Adam
    for kept, loaded in zip(model.optimizer.variables, again.optimizer.variables, strict=True):
        np.testing.assert_array_equal(np.asarray(kept), np.asarray(loaded))
    truth = labels[split.validation]
    told = model.evaluate(pixels[split.validation], truth, verbose=0, return_dict=True)
    assert told["loss"] == pytest.approx(min(history["val_loss"]), rel=0.1, abs=2e-3)


def test_layers_of_models_inside_are_found():
    inside = keras.Sequential([keras.Input((16, 16, 3)), keras.layers.Conv2D(2, 3), keras.layers.Flatten()])
    model = keras.Sequential([keras.Input((16, 16, 3)), inside, keras.layers.Dense(1, activation="sigmoid")])
    with precision.computing_in(model, "bfloat16"):
        assert [layer.compute_dtype for layer in inside.layers] == ["bfloat16"] * 2
        assert model.layers[-1].compute_dtype == "float32"
    assert {layer.compute_dtype for layer in (*inside.layers, *model.layers)} == {"float32"}


@pytest.mark.parametrize(
    ("gpu", "cpu", "chosen", "slow"),
    [
        (None, True, "bfloat16", "float16"),
        (None, False, "float32", "bfloat16 float16"),
        (9.0, False, "bfloat16", ""),  # H200
        (8.0, False, "bfloat16", ""),  # A100
        (7.5, True, "float16", "bfloat16"),  # T4
        (7.0, False, "float16", "bfloat16"),  # V100
        (6.1, True, "float32", "bfloat16 float16"),  # GTX 1080
        (0.0, True, "float32", "bfloat16 float16"),  # another maker's
    ],
)
def test_auto_goes_by_the_hardware(monkeypatch, gpu, cpu, chosen, slow):
    monkeypatch.setattr(precision, "compute_capability", lambda: gpu)
    monkeypatch.setattr(precision, "cpu_computes_bfloat16", lambda: cpu)
    monkeypatch.setattr(keras.backend, "backend", lambda: "tensorflow")
    assert precision.chosen_precision("auto") == chosen
    told = {name: precision.slow_here(name) for name in ("float32", "bfloat16", "float16")}
    assert [name for name, sentence in told.items() if sentence] == slow.split()
    for name in slow.split():
        assert name in told[name] and told[name].endswith(f"slow: the hardware is made for {chosen}.")
        assert precision.chosen_precision(name) == name  # asked for is asked for


def test_what_is_slow_is_told_once_before_the_first_epoch(monkeypatch):
    monkeypatch.setattr(precision, "fast_here", lambda: [])
    lines = []
    pixels, labels, split = toy()
    for name in ("float16", "auto", "float32"):
        cnn.train(small_cnn(), pixels, labels, split, epochs=1, precision=name, report=lines.append)
    assert [line.startswith("precision float16 is emulated here (") for line in lines] == [
        True,
        *[False] * 3,
    ]


def test_a_training_in_float16_goes_on(tmp_path):
    def cut(line):
        if line.startswith("epoch 2/"):
            raise KeyboardInterrupt

    pixels, labels, split = toy()
    how = {"epochs": 4, "batch_size": 8, "learning_rate": 0.01, "precision": "float16", "deterministic": True}
    told, ends = [], []
    for folder, report in ((None, print), (tmp_path, cut), (tmp_path, told.append)):
        model = small_cnn()
        try:
            history = cnn.train(model, pixels, labels, split, resume_dir=folder, report=report, **how)
        except KeyboardInterrupt:
            continue
        ends.append((history["val_loss"], model.get_weights()))
    assert "goes on after epoch 2" in told[0]
    assert ends[0][0] == ends[1][0] and len(ends[0][0]) == 4
    for one, other in zip(ends[0][1], ends[1][1], strict=True):
        np.testing.assert_array_equal(one, other)


def test_gradients_too_large_for_float16_cost_a_step_and_no_more(monkeypatch):
    """A loss multiplied by far too much: the first steps are left out, then it learns as ever."""
    scaler, made = keras.optimizers.LossScaleOptimizer, []

    def too_much(optimizer):
        made.append(scaler(optimizer, initial_scale=2.0**40))
        return made[-1]

    monkeypatch.setattr(cnn.fitting, "scaled", lambda optimizer, precision: too_much(optimizer))
    _, history = trained(precision="float16", epochs=12)
    assert np.isfinite([history[name] for name in ("loss", "val_loss")]).all()
    assert float(made[0].dynamic_scale) < 2.0**40 and history["val_accuracy"][-1] == 1


@pytest.mark.parametrize("value", ["float64", "", None, 16])
def test_another_precision_is_refused(value):
    with pytest.raises(WorkbookError, match=r"^precision is .*'float32', 'bfloat16', 'float16', 'auto'\.$"):
        trained(precision=value)


def private_memory():
    """Return what this process has in memory beside files, in bytes; None where the system doesn't tell."""
    try:
        status = Path("/proc/self/status").read_text(encoding="utf-8")
    except OSError:
        return None
    return 1024 * int(status.split("RssAnon:")[1].split()[0])


def test_memory_mapped_photographs_are_not_copied_whole(tmp_path):
    count, size = 5_000, 128
    pixels = np.lib.format.open_memmap(
        tmp_path / "pixels.npy", mode="w+", dtype=np.uint8, shape=(count, size, size, 3)
    )
    pixels.flush()  # zeros: a file with holes, quickly made
    pixels = np.load(tmp_path / "pixels.npy", mmap_mode="r")
    part = np.arange(count)
    split = SimpleNamespace(train=part[: count // 2], validation=part[count // 2 :])
    model = keras.Sequential(
        [
            keras.Input((size, size, 3)),
            keras.layers.AveragePooling2D(64),
            keras.layers.Flatten(),
            keras.layers.Dense(1, activation="sigmoid"),
        ]
    )
    before, most, over = private_memory(), [0], threading.Event()

    def look():
        while not over.wait(0.01):
            most[0] = max(most[0], private_memory() or 0)

    watch = threading.Thread(target=look)
    watch.start()
    tracemalloc.start()
    try:
        cnn.train(
            model, pixels, part % 2, split, epochs=1, resume_dir=tmp_path / "r", report=lambda line: None
        )
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
        over.set()
        watch.join()
    assert pixels.nbytes > 245e6
    assert peak < 50e6
    if before is not None:
        assert most[0] - before < 150e6
