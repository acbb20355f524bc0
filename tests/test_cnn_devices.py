"""Several devices share a training; one device is timed."""

import os
import subprocess
import sys
from types import SimpleNamespace

import mirrored
import numpy as np
import pytest
from toys import small_cnn, toy, trained

from fanaoi_helpers import cnn, files, machine
from fanaoi_helpers.cnn import backends, hardware, models
from fanaoi_helpers.errors import WorkbookError

HISTORY = ("loss", "accuracy", "val_loss", "val_accuracy")
on_tensorflow = pytest.mark.skipif(cnn.keras.backend.backend() != "tensorflow", reason="TensorFlow only")


@pytest.fixture(scope="module")
def ends(tmp_path_factory):
    """What mirrored.py printed, and what it left: trainings on one device and on two, by name."""
    place = tmp_path_factory.mktemp("mirrored")
    environment = {**os.environ, "PYTHONPATH": str(files.root()), "CUDA_VISIBLE_DEVICES": ""}
    words = [sys.executable, mirrored.__file__, place]
    done = subprocess.run(words, env=environment, capture_output=True, text=True, timeout=600)
    assert done.returncode == 0, done.stderr[-3000:]
    return done.stdout.splitlines(), {name: dict(np.load(place / f"{name}.npz")) for name in mirrored.RUNS}


@on_tensorflow
def test_two_devices_train_like_one(ends):
    printed, (one, two, odd) = ends[0], ends[1].values()
    assert printed[0] == "CPU:0: only one device works; there is nothing to share."
    assert printed[1] == "2 devices share each batch: CPU:0, CPU:1."
    for name in (*HISTORY, "p_go"):
        np.testing.assert_allclose(two[name], one[name], rtol=1e-4, atol=1e-4)
        assert np.isfinite(odd[name]).all(), "a device was left without a photograph"
    assert one["loss"][1] < one["loss"][0]
    assert any("goes on after epoch 1." in line for line in two["lines"])


@on_tensorflow
def test_what_two_devices_trained_is_an_ordinary_model_on_disk(ends):
    for end in ends[1].values():
        np.testing.assert_array_equal(end["p_again"], end["p_go"])


def test_one_device_works_alone_and_says_so(capsys):
    with cnn.on_all_gpus():
        pass
    assert "one device" in capsys.readouterr().out or len(cnn.devices()) > 1


def test_another_backend_works_on_one_device_and_says_so(monkeypatch, capsys):
    monkeypatch.setattr(cnn.keras.backend, "backend", lambda: "jax")
    with cnn.on_all_gpus():
        pass
    assert "this is jax: one device works." in capsys.readouterr().out


def test_a_batch_that_devices_can_not_share_is_refused(monkeypatch):
    shared = SimpleNamespace(num_replicas_in_sync=3)
    monkeypatch.setattr(cnn.keras.Model, "distribute_strategy", shared, raising=False)
    with pytest.raises(WorkbookError, match=r"^batch_size is 32, but 3 devices .* multiple of 3\.$"):
        trained(batch_size=32)


def test_a_device_is_timed_without_touching_the_model():
    model = small_cnn()
    before = model.get_weights()
    pixels, labels, _ = toy()
    assert cnn.steps_per_second(model, pixels, labels, batch_size=8, steps=3) > 0
    for kept, weight in zip(before, model.get_weights(), strict=True):
        np.testing.assert_array_equal(kept, weight)
    assert cnn.devices()[0] == "CPU" and not model.compiled
    if cnn.devices() == ["CPU"]:
        with pytest.raises(WorkbookError, match=r"^device is 'GPU', but it must be one of 'CPU'\.$"):
            cnn.steps_per_second(model, pixels, labels, device="GPU")


@on_tensorflow
def test_the_cpu_is_timed_without_xla_where_a_gpu_is(monkeypatch):
    """Keras would compile for the CPU, too: slower there, which would flatter the GPU."""
    import tensorflow as tf

    asked, compiled = [], cnn.keras.Model.compile
    monkeypatch.setattr(tf.config, "list_physical_devices", gpu_as_well(tf.config.list_physical_devices))
    monkeypatch.setattr(cnn.timing, "devices", lambda: ["CPU", "GPU"])

    def compile(model, *words, **options):
        compiled(model, *words, **options)
        asked.append(model.jit_compile)

    monkeypatch.setattr(cnn.keras.Model, "compile", compile)
    pixels, labels, _ = toy()
    assert cnn.steps_per_second(small_cnn(), pixels, labels, batch_size=8, device="CPU", steps=2) > 0
    assert asked == [False]
    small_cnn().compile("adam", loss="binary_crossentropy")
    assert asked == [False, True], "a GPU is not played well enough for this test"


def gpu_as_well(real):
    """Return TensorFlow's list of devices with a GPU that is not there."""

    def listed(kind=None):
        card = SimpleNamespace(device_type="GPU", name="/physical_device:GPU:0")
        return [*([] if kind == "GPU" else real(kind)), *([card] if kind in (None, "GPU") else [])]

    return listed


def test_a_device_is_named_as_every_backend_takes_it(monkeypatch):
    """PyTorch takes "cpu:0" for another device than "cpu", and then no weight has a gradient."""
    asked, real = [], cnn.keras.device
    monkeypatch.setattr(cnn.keras, "device", lambda name: asked.append(name) or real(name))
    pixels, labels, _ = toy()
    cnn.steps_per_second(small_cnn(), pixels, labels, batch_size=8, steps=1)
    assert asked == ["cpu"]


@pytest.fixture
def a_card(monkeypatch):
    """A GPU that Keras sees; what was decided about it is forgotten before and after."""
    monkeypatch.setattr(hardware, "gpu_name", lambda: "NVIDIA RTX 5090")
    hardware.ready_gpu.cache_clear()
    yield
    hardware._FOR_GOOD.close()
    hardware.ready_gpu.cache_clear()


def test_a_card_that_computes_is_used_after_one_step(a_card, monkeypatch, capsys):
    steps, real = [], hardware._first_step
    monkeypatch.setattr(hardware, "_first_step", lambda: steps.append(real()))
    for _ in range(3):
        assert hardware.ready_gpu() == "" and cnn.device() == "GPU: NVIDIA RTX 5090"
    assert len(steps) == 1 and capsys.readouterr() == ("", "")


def test_a_card_that_can_not_compute_is_left_for_the_cpu_in_a_sentence(a_card, monkeypatch, capsys):
    def no_kernel():
        raise RuntimeError("CUDA_ERROR_INVALID_PTX:\n no kernel image")

    monkeypatch.setattr(hardware, "_first_step", no_kernel)
    entered, real = [], cnn.keras.device
    monkeypatch.setattr(cnn.keras, "device", lambda name: entered.append(name) or real(name))
    model = small_cnn()  # the first that needs a GPU
    if cnn.keras.backend.backend() == "tensorflow":
        import tensorflow as tf

        monkeypatch.setattr(tf.config, "list_physical_devices", gpu_as_well(tf.config.list_physical_devices))
    _, history = trained(model=model, epochs=2)
    assert len(history["loss"]) == 2 and not model.jit_compile
    assert cnn.device().startswith("CPU") and cnn.devices() == ["CPU"] and entered == ["cpu"]
    assert hardware.compute_capability() is None
    out, err = capsys.readouterr()
    assert out == "" and err.count("\n") == 1
    assert err.startswith("Keras sees the NVIDIA RTX 5090, but a first step on it fails (RuntimeError: CUDA_")
    finding = machine.computes_on()
    assert not finding.fine and "INVALID_PTX: no kernel image" in finding.todo


def test_a_card_that_computes_wrong_numbers_is_no_use(monkeypatch):
    monkeypatch.setattr(cnn.keras.ops, "relu", lambda x: x * float("nan"))
    with pytest.raises(RuntimeError, match="computes nan where 5808 is right"):
        hardware._first_step()


@pytest.mark.parametrize(
    ("seconds", "compiling"),
    [([25.9, 6.2, 6.0, 6.4], 19.7), ([6.3, 6.2, 6.0], 0), ([25.9], 0), ([], 0), ([1.0, 5.0], 0)],
)
def test_compiling_is_told_apart_from_an_epoch(seconds, compiling):
    assert cnn.compiling_seconds(seconds) == pytest.approx(compiling)


def test_pytorch_takes_every_seed_of_a_layer(monkeypatch):
    usual = models.layer_seeds(0, 9)
    assert len(set(usual)) == 9 and max(usual) >= 2**31, "these would not do for a test"
    monkeypatch.setattr(backends.BACKEND, "seeds", backends._Torch.seeds)
    assert max(models.layer_seeds(0, 9)) < 2**31 and len(set(models.layer_seeds(0, 9))) == 9
    assert models.layer_seeds(None, 2) == [None, None]
