"""bfloat16 on request, and photographs that stay on disk."""

import threading
import tracemalloc
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from test_cnn import small_cnn, toy

from fanaoi_helpers import cnn
from fanaoi_helpers.cnn import backend, precision
from fanaoi_helpers.errors import WorkbookError

keras = cnn.keras


def trained(**how):
    pixels, labels, split = toy()
    model = small_cnn()
    history = cnn.train(
        model,
        pixels,
        labels,
        split,
        epochs=12,
        batch_size=8,
        learning_rate=0.01,
        report=lambda line: None,
        **how,
    )
    return model, history


@pytest.fixture(scope="module")
def both():
    return {name: trained(precision=name) for name in ("float32", "bfloat16")}


def test_bfloat16_learns_the_same(both):
    float32, bfloat16 = (both[name][1] for name in ("float32", "bfloat16"))
    assert float32["loss"] != bfloat16["loss"]  # it was another computation
    np.testing.assert_allclose(bfloat16["loss"][0], float32["loss"][0], rtol=0.02)
    assert bfloat16["val_accuracy"][-1] == float32["val_accuracy"][-1] == 1


def test_a_model_trained_in_bfloat16_is_a_float32_model(both, tmp_path):
    model, history = both["bfloat16"]
    assert {str(weight.dtype) for weight in model.weights} == {"float32"}
    assert {layer.compute_dtype for layer in model.layers} == {"float32"}
    pixels, labels, split = toy()
    p_go = cnn.predict(model, pixels)
    model.save(tmp_path / "model.keras")
    np.testing.assert_array_equal(cnn.predict(cnn.load(tmp_path / "model.keras"), pixels), p_go)
    # What it was trained to say in bfloat16, it says in float32: P(GO) within 0.02.
    with precision.computing_in(model, "bfloat16"):
        assert [layer.compute_dtype for layer in model.layers[1:-1]] == ["bfloat16"] * (len(model.layers) - 2)
        assert model.layers[-1].compute_dtype == "float32"
        in_bfloat16 = cnn.predict(model, pixels)
    assert 0 < np.abs(in_bfloat16 - p_go).max() < 0.02
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
    ("gpu", "cpu", "chosen"),
    [(None, True, "bfloat16"), (None, False, "float32"), (True, False, "bfloat16"), (False, True, "float32")],
)
def test_auto_goes_by_the_hardware(monkeypatch, gpu, cpu, chosen):
    monkeypatch.setattr(precision, "gpu_computes_bfloat16", lambda: gpu)
    monkeypatch.setattr(precision, "cpu_computes_bfloat16", lambda: cpu)
    monkeypatch.setattr(keras.backend, "backend", lambda: "tensorflow")
    assert precision.chosen_precision("auto") == chosen
    assert precision.chosen_precision("float32") == "float32"


@pytest.mark.parametrize("value", ["float16", "", None, 16])
def test_another_precision_is_refused(value):
    with pytest.raises(WorkbookError, match=r"^precision is .*'float32', 'bfloat16', 'auto'\.$"):
        trained(precision=value)


@pytest.mark.parametrize("kind", ["Adam", "AdamW", "Adam with amsgrad", "SGD"])
def test_the_quick_step_is_keras_step(kind):
    make = {
        "Adam": lambda: keras.optimizers.Adam(0.01, beta_1=0.8, beta_2=0.99, epsilon=1e-5),
        "AdamW": lambda: keras.optimizers.AdamW(
            keras.optimizers.schedules.CosineDecay(0.01, 40), weight_decay=0.1, clipnorm=1.0
        ),
        "Adam with amsgrad": lambda: keras.optimizers.Adam(0.01, amsgrad=True),
        "SGD": lambda: keras.optimizers.SGD(0.01, momentum=0.9),
    }[kind]
    pixels, labels, _ = toy()
    told = []
    for quick in (False, True):
        model, optimizer = small_cnn(), make()
        if quick:
            backend.in_one_pass(optimizer)
        model.compile(optimizer, loss="binary_crossentropy")
        for _ in range(5):
            model.train_on_batch(pixels, labels[:, None].astype("float32"))
        told.append((model.get_weights(), [np.asarray(one) for one in optimizer.variables]))
    for plain, quick in zip(told[0][0] + told[0][1], told[1][0] + told[1][1], strict=True):
        np.testing.assert_allclose(quick, plain, rtol=1e-4, atol=2e-5)


def test_a_model_trained_in_quick_steps_is_saved_with_keras_adam(both, tmp_path):
    model, _ = both["float32"]
    model.save(tmp_path / "model.keras")
    again = keras.saving.load_model(tmp_path / "model.keras")
    assert type(again.optimizer) is keras.optimizers.Adam
    for kept, loaded in zip(model.optimizer.variables, again.optimizer.variables, strict=True):
        np.testing.assert_array_equal(np.asarray(kept), np.asarray(loaded))


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
