"""Several devices share a training; one device is timed."""

import os
import subprocess
import sys
from types import SimpleNamespace

import mirrored
import numpy as np
import pytest
from test_cnn import small_cnn, toy

from fanaoi_helpers import cnn, files, machine
from fanaoi_helpers.cnn import backend
from fanaoi_helpers.errors import WorkbookError

HISTORY = ("loss", "accuracy", "val_loss", "val_accuracy")
on_tensorflow = pytest.mark.skipif(cnn.keras.backend.backend() != "tensorflow", reason="TensorFlow only")


@pytest.fixture(scope="module")
def ends(tmp_path_factory):
    """What mirrored.py left: trainings on one device and on two, by name."""
    place = tmp_path_factory.mktemp("mirrored")
    environment = {**os.environ, "PYTHONPATH": str(files.root()), "CUDA_VISIBLE_DEVICES": ""}
    words = [sys.executable, mirrored.__file__, place]
    done = subprocess.run(words, env=environment, capture_output=True, text=True, timeout=600)
    assert done.returncode == 0, done.stderr[-3000:]
    return {name: dict(np.load(place / f"{name}.npz")) for name in mirrored.RUNS}


@on_tensorflow
def test_two_devices_train_like_one(ends):
    one, two = ends["one"], ends["two"]
    assert (one["shares"], two["shares"]) == (1, 2)
    for name in HISTORY:
        np.testing.assert_allclose(two[name], one[name], rtol=1e-4, atol=1e-5)
    np.testing.assert_allclose(two["p_go"], one["p_go"], atol=1e-4)
    assert one["loss"][1] < one["loss"][0]


@on_tensorflow
def test_what_two_devices_trained_is_an_ordinary_model_on_disk(ends):
    for end in ends.values():
        np.testing.assert_array_equal(end["p_again"], end["p_go"])


@on_tensorflow
def test_a_shared_training_goes_on(ends):
    assert any("goes on after epoch 1." in line for line in ends["two"]["told"])


@on_tensorflow
def test_no_device_is_left_without_a_photograph(ends):
    assert np.isfinite([ends["odd"][name] for name in HISTORY]).all()
    assert ends["two"]["told"][0] == "2 devices share each batch: CPU:0, CPU:1."


def test_the_last_batch_of_several_devices_is_filled_up():
    pixels = np.arange(21, dtype=np.uint8)
    batches = cnn.Batches(pixels, np.arange(21) % 2, np.arange(21), batch_size=8, seed=1, shares=4)
    seen = [batches[number][0] for number in range(len(batches))]
    assert [len(batch) for batch in seen] == [8, 8, 8]
    photographs, times = np.unique(np.concatenate(seen), return_counts=True)
    assert photographs.tolist() == list(range(21)) and times.max() == 2


def test_one_device_works_alone_and_says_so():
    told = []
    with cnn.on_all_gpus(["CPU:0"], report=told.append) as shares:
        assert shares == 1
    assert len(told) == 1 and "one device" in told[0]


@on_tensorflow
def test_a_device_that_is_not_there_is_refused():
    with (
        pytest.raises(WorkbookError, match=r"^devices holds 'GPU:7', but this machine has CPU:0"),
        cnn.on_all_gpus(["CPU:0", "GPU:7"]),
    ):
        pass


def test_another_backend_works_on_one_device_and_says_so(monkeypatch):
    monkeypatch.setattr(cnn.keras.backend, "backend", lambda: "jax")
    told = []
    with cnn.on_all_gpus(report=told.append) as shares:
        assert shares == 1
    assert "jax" in told[0]


def test_a_batch_that_devices_can_not_share_is_refused(monkeypatch):
    monkeypatch.setattr(cnn.training, "devices_of", lambda model: 3)
    with pytest.raises(WorkbookError, match=r"^batch_size is 32, but 3 devices .* multiple of 3\.$"):
        cnn.train(small_cnn(), *toy(), epochs=1)


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
    monkeypatch.setattr(backend, "gpu_name", lambda: "NVIDIA RTX 5090")
    backend.ready_gpu.cache_clear()
    yield
    backend._FOR_GOOD.close()
    backend.ready_gpu.cache_clear()


def test_a_card_that_computes_is_used_after_one_step(a_card, monkeypatch, capsys):
    steps, real = [], backend._first_step
    monkeypatch.setattr(backend, "_first_step", lambda: steps.append(real()))
    for _ in range(3):
        assert backend.ready_gpu() == "" and cnn.device() == "GPU: NVIDIA RTX 5090"
    assert len(steps) == 1 and capsys.readouterr() == ("", "")


def test_a_card_that_can_not_compute_is_left_for_the_cpu_in_a_sentence(a_card, monkeypatch, capsys):
    def no_kernel():
        raise RuntimeError("CUDA_ERROR_INVALID_PTX:\n no kernel image")

    monkeypatch.setattr(backend, "_first_step", no_kernel)
    entered, real = [], cnn.keras.device
    monkeypatch.setattr(cnn.keras, "device", lambda name: entered.append(name) or real(name))
    model = small_cnn()  # the first that needs a GPU
    pixels, labels, split = toy()
    if cnn.keras.backend.backend() == "tensorflow":
        import tensorflow as tf

        monkeypatch.setattr(tf.config, "list_physical_devices", gpu_as_well(tf.config.list_physical_devices))
    history = cnn.train(model, pixels, labels, split, epochs=2, report=lambda line: None)
    assert len(history["loss"]) == 2 and not model.jit_compile
    assert cnn.device().startswith("CPU") and cnn.devices() == ["CPU"] and entered == ["cpu"]
    assert backend.compute_capability() is None
    out, err = capsys.readouterr()
    assert out == "" and err.count("\n") == 1
    assert err.startswith("Keras sees the NVIDIA RTX 5090, but a first step on it fails (RuntimeError: CUDA_")
    finding = machine.computes_on()
    assert not finding.fine and "INVALID_PTX: no kernel image" in finding.todo


def test_a_card_that_computes_wrong_numbers_is_no_use(monkeypatch):
    monkeypatch.setattr(cnn.keras.ops, "relu", lambda x: x * float("nan"))
    with pytest.raises(RuntimeError, match="computes nan where 5808 is right"):
        backend._first_step()


@pytest.mark.parametrize(
    ("seconds", "compiling"),
    [([25.9, 6.2, 6.0, 6.4], 19.7), ([6.3, 6.2, 6.0], 0), ([25.9], 0), ([], 0), ([1.0, 5.0], 0)],
)
def test_compiling_is_told_apart_from_an_epoch(seconds, compiling):
    assert cnn.compiling_seconds(seconds) == pytest.approx(compiling)


def test_pytorch_takes_every_seed_of_a_layer(monkeypatch):
    usual = backend.layer_seeds(0, 9)
    assert len(set(usual)) == 9 and max(usual) >= 2**31, "these would not do for a test"
    monkeypatch.setattr(cnn.keras.backend, "backend", lambda: "torch")
    assert max(backend.layer_seeds(0, 9)) < 2**31 and len(set(backend.layer_seeds(0, 9))) == 9
    assert backend.layer_seeds(None, 2) == [None, None]
