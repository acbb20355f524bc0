"""The handout's CNN: its numbers, its training, and what it refuses."""

import csv
import gc
import hashlib
import json
import weakref
import zipfile
from types import SimpleNamespace

import numpy as np
import pytest
from toys import flat_net, small_cnn, toy, trained

from fanaoi_helpers import cnn, files
from fanaoi_helpers.cnn.precision import computing_in
from fanaoi_helpers.errors import WorkbookError
from fanaoi_helpers.photos import Split
from fanaoi_helpers.verdicts import judge

keras = cnn.keras

SANE = {"units": 40, "learning_rate": 0.001, "output_dir": "", "all_gpus": False}


# --- the model ---


def test_the_handouts_numbers():
    """Row 7 of the handout errata."""
    model = cnn.handout_cnn()
    names = ["rescale", "conv1", "pool1", "conv2", "pool2", "flatten", "dense1", "verdict"]
    assert [layer.name for layer in model.layers] == names
    sides = [model.get_layer(name).output.shape[1] for name in ("conv1", "pool1", "conv2", "pool2")]
    assert sides == [78, 39, 37, 18] == list(cnn.map_sizes(80))
    assert model.get_layer("flatten").output.shape == (None, 20_736)
    weights = [model.get_layer(name).count_params() for name in ("conv1", "conv2", "dense1", "verdict")]
    assert weights == [896, 18_496, 2_654_336, 129]
    assert model.count_params() == cnn.count_weights() == 2_673_857
    assert round(100 * weights[2] / model.count_params(), 1) == 99.3


@pytest.mark.parametrize("arguments", [(10, 1, 1, 1), (11, 3, 5, 7), (37, 8, 2, 9)])
def test_sizes_and_weights_are_keras_own(arguments):
    model = cnn.handout_cnn(*arguments)
    assert model.count_params() == cnn.count_weights(*arguments)
    assert tuple(
        model.get_layer(n).output.shape[1] for n in ("conv1", "pool1", "conv2", "pool2")
    ) == cnn.map_sizes(arguments[0])


def test_the_model_divides_by_255_once():
    model = cnn.handout_cnn(10)
    white = np.full((1, 10, 10, 3), 255, np.uint8)
    np.testing.assert_allclose(np.asarray(model.get_layer("rescale")(white)), 1, rtol=1e-6)
    assert sum(isinstance(layer, keras.layers.Rescaling) for layer in model.layers) == 1


def test_the_seed_decides_the_first_weights_and_nothing_else_does():
    first, again, other = small_cnn(3), small_cnn(3), small_cnn(4)
    for a, b, c in zip(first.get_weights(), again.get_weights(), other.get_weights(), strict=True):
        np.testing.assert_array_equal(a, b)
        assert not a.any() or not np.array_equal(a, c)  # biases start at 0 in all of them
    state = np.random.get_state()[1].copy()
    small_cnn(3)
    np.testing.assert_array_equal(state, np.random.get_state()[1])
    assert not np.array_equal(small_cnn(None).get_weights()[0], small_cnn(None).get_weights()[0])


@pytest.mark.parametrize(
    ("name", "value"), [("image_size", 9), ("filters_1", 0), ("filters_2", 2.5), ("dense_units", -1)]
)
def test_a_model_that_can_not_be_is_refused(name, value):
    with pytest.raises(WorkbookError, match=f"^{name} is"):
        cnn.handout_cnn(**{name: value})


# --- batches and training ---


def test_each_epoch_holds_each_photograph_once_in_an_order_of_its_own():
    pixels = np.arange(50, dtype=np.uint8).reshape(50, 1, 1, 1).repeat(3, axis=3)
    index = np.arange(5, 45)
    batches = cnn.Batches(pixels, np.arange(50) % 2, index, batch_size=7, seed=1)
    assert len(batches) == 6
    epochs = []
    for _ in range(3):
        seen = [batches[number] for number in range(len(batches))]
        assert [len(x) for x, _ in seen] == [7, 7, 7, 7, 7, 5]
        numbers = np.concatenate([x[:, 0, 0, 0] for x, _ in seen])
        np.testing.assert_array_equal(np.sort(numbers), index)
        np.testing.assert_array_equal(np.concatenate([y[:, 0] for _, y in seen]), numbers % 2)
        epochs.append(numbers.tolist())
        batches.on_epoch_end()
    assert len({tuple(order) for order in epochs}) == 3
    np.testing.assert_array_equal(cnn.Batches(pixels, np.arange(50), index, 40)[0][0][:, 0, 0, 0], index)


def test_training_learns_and_reports_each_epoch():
    lines = []
    model, history = trained(epochs=12, report=lines.append)
    pixels, labels, split = toy()
    assert {name: len(values) for name, values in history.items()} == dict.fromkeys(
        ("loss", "accuracy", "val_loss", "val_accuracy", "seconds"), 12
    )
    assert history["loss"][-1] < history["loss"][0] and history["val_accuracy"][-1] == 1
    assert [line.split()[:2] for line in lines] == [["epoch", f"{epoch}/12"] for epoch in range(1, 13)]
    unseen, truth, _ = toy(seed=9)
    p_go = cnn.predict(model, unseen)
    assert p_go.shape == (60,) and p_go.dtype == np.float64 and ((p_go > 0.5) == truth).all()


def test_the_best_epoch_on_validation_is_kept_not_the_last():
    pixels, labels, split = toy()
    labels[split.validation] = 1 - labels[split.validation]  # what is learned makes validation worse
    model = small_cnn()
    how = {"epochs": 8, "batch_size": 8, "learning_rate": 0.01, "report": lambda line: None}
    history = cnn.train(model, pixels, labels, split, **how)
    assert min(history["val_loss"]) < 0.9 * history["val_loss"][-1]
    p_go = cnn.predict(model, pixels[split.validation], batch_size=7)
    loss = -np.mean(np.log(np.where(labels[split.validation] == 1, p_go, 1 - p_go)))
    assert min(history["val_loss"]) == pytest.approx(loss, rel=1e-3)


@pytest.fixture(scope="module")
def first_run():
    return trained(seed=1)


def test_the_seed_decides_the_run(first_run):
    again, other, order = (
        trained(**seeds)[1] for seeds in ({"seed": 1}, {"seed": 2}, {"seed": 2, "model": small_cnn(1)})
    )
    first = first_run[1]
    for name in first.keys() - {"seconds"}:
        np.testing.assert_allclose(first[name], again[name], rtol=1e-5)
    assert not np.allclose(first["loss"], other["loss"], rtol=1e-4)
    assert not np.allclose(first["loss"], order["loss"], rtol=1e-4)  # the same weights, another order


def test_memory_mapped_photographs_train_the_same(tmp_path, first_run):
    pixels, labels, split = toy()
    np.save(tmp_path / "pixels.npy", pixels)
    mapped = np.load(tmp_path / "pixels.npy", mmap_mode="r")
    model, history = trained(seed=1, photographs=(mapped, labels, split))
    np.testing.assert_allclose(history["loss"], first_run[1]["loss"], rtol=1e-5)
    np.testing.assert_array_equal(cnn.predict(model, mapped), cnn.predict(model, pixels))


def refused_training(**changes):
    pixels, labels, split = toy()
    arguments = {
        "pixels": pixels,
        "labels": labels,
        "split": split,
        "epochs": 1,
        "learning_rate": 0.01,
    } | changes
    model = small_cnn()
    return cnn.train(
        model, arguments.pop("pixels"), arguments.pop("labels"), arguments.pop("split"), **arguments
    )


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"pixels": toy(size=18)[0]}, r"^pixels has the shape .*18.*model takes \(N, 16, 16, 3\)"),
        ({"pixels": toy()[0] / 255}, "^pixels .*float64.*255"),
        ({"pixels": toy()[0][..., 0]}, "^pixels "),
        ({"labels": toy()[1][:-1]}, "^labels "),
        ({"labels": toy()[1] + 1}, "^labels .*1 for GO, 0 for NG"),
        ({"labels": np.array(["GO", "NG"] * 30)}, "^labels "),
        ({"split": SimpleNamespace(train=np.arange(3), validation=np.arange(0))}, "^split.validation "),
        ({"split": SimpleNamespace(train=np.arange(61), validation=np.arange(3))}, "^split.train "),
        ({"epochs": 0}, "^epochs "),
        ({"batch_size": 0}, "^batch_size "),
        ({"learning_rate": 2}, "^learning_rate "),
        ({"seed": -1}, "^seed "),
    ],
)
def test_training_refuses_what_does_not_fit(changes, sentence):
    with pytest.raises(WorkbookError, match=sentence):
        refused_training(**changes)


def test_a_lost_loss_ends_the_run_in_a_sentence():
    model = small_cnn()
    weights = model.get_weights()
    weights[-2][:] = np.nan
    model.set_weights(weights)
    pixels, labels, split = toy()
    with pytest.raises(
        WorkbookError, match="no longer a number after epoch 1: the learning_rate of 0.01 is too large"
    ):
        cnn.train(model, pixels, labels, split, epochs=2, learning_rate=0.01, report=lambda line: None)


def test_no_photographs_no_predictions():
    assert cnn.predict(small_cnn(), np.empty((0, 16, 16, 3), np.uint8)).shape == (0,)
    with pytest.raises(WorkbookError, match="^pixels "):
        cnn.predict(small_cnn(), np.zeros((1, 16, 16, 3)))


# --- many photographs at once: the model is compiled ---


def test_a_compiled_model_says_the_same():
    model = small_cnn(1)
    pixels = toy(150)[0]
    one_by_one = np.concatenate([cnn.predict(model, pixels[n : n + 1]) for n in range(150)])
    for count in (64, 65, 150):
        np.testing.assert_allclose(cnn.predict(model, pixels[:count]), one_by_one[:count], atol=1e-6)
    np.testing.assert_allclose(cnn.predict(model, pixels, batch_size=7), one_by_one, atol=1e-6)


def test_a_compiled_model_knows_its_new_weights_and_settings():
    model, other, pixels = small_cnn(1), small_cnn(2), toy(80)[0]
    wanted = cnn.predict(other, pixels)
    assert np.abs(cnn.predict(model, pixels) - wanted).max() > 1e-3
    model.set_weights(other.get_weights())
    np.testing.assert_allclose(cnn.predict(model, pixels), wanted, atol=1e-6)
    with computing_in(model, "bfloat16"):
        assert np.abs(cnn.predict(model, pixels) - wanted).max() > 1e-5
    np.testing.assert_allclose(cnn.predict(model, pixels), wanted, atol=1e-6)
    model.get_layer("rescale").scale = 0.0
    assert np.ptp(cnn.predict(model, pixels)) == 0


@pytest.mark.skipif(keras.backend.backend() != "tensorflow", reason="TensorFlow traces")
def test_a_model_is_traced_once_and_not_kept_alive(caplog):
    pixels, times = toy(100)[0], []

    class Counting(keras.layers.Layer):
        def call(self, x):
            times.append(1)
            return x

    model = keras.Sequential([*small_cnn().layers[:-1], Counting(), keras.layers.Dense(1, "sigmoid")])
    model.build((None, 16, 16, 3))
    times.clear()
    for count in (64, 100, 99, 64):
        cnn.predict(model, pixels[:count])
    assert len(times) == 1
    gone = weakref.ref(model)
    del model
    gc.collect()
    assert gone() is None
    for seed in range(6):
        cnn.predict(small_cnn(seed), pixels)
    assert "retracing" not in caplog.text


@pytest.mark.skipif(keras.backend.backend() != "tensorflow", reason="TensorFlow traces")
def test_many_short_trainings_are_quiet_about_tracing_and_about_nothing_else(caplog):
    import tensorflow as tf

    def tell(line):
        tf.get_logger().warning(line)

    for seed in range(6):
        trained(model=flat_net(seed), epochs=1, report=tell)
    assert "retracing" not in caplog.text and "epoch 1/1" in caplog.text


def test_a_compiled_model_is_saved_like_any_other(tmp_path):
    model, pixels = small_cnn(), toy(80)[0]
    model.save(tmp_path / "before.keras")
    p_go = cnn.predict(model, pixels)
    model.save(tmp_path / "after.keras")
    np.testing.assert_array_equal(cnn.predict(cnn.load(tmp_path / "after.keras"), pixels), p_go)
    before, after = (zipfile.ZipFile(tmp_path / f"{name}.keras") for name in ("before", "after"))
    assert before.namelist() == after.namelist()
    assert before.read("config.json") == after.read("config.json")


# --- what a run leaves ---


class Picture:
    """Stands for a matplotlib Figure."""

    def savefig(self, path):
        path.write_bytes(b"a picture")


class Album(SimpleNamespace):
    """Photographs of which only the contents are known."""

    def __init__(self, contents):
        self.contents = contents

    def __len__(self):
        return len(self.contents)


HISTORY = {"loss": [0.5, 0.25], "accuracy": [0.5, 1.0], "val_loss": [0.6, 0.3], "val_accuracy": [0.5, 0.75]}


def test_a_run_is_saved_and_loaded(tmp_path, first_run):
    model, _ = first_run
    folder = cnn.save_run(
        tmp_path / "new" / "run",
        model,
        HISTORY | {"seconds": [1.5, 1.25]},
        {"fans": "Lüfter", "n": 3},
        {"history": Picture()},
        photos=Album([f"{index:016x}" + "f" * 48 for index in range(4)]),
        split=Split(np.array([2, 0]), np.array([1]), np.array([3]), by="serial", groups=np.arange(4)),
    )
    assert sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*")) == [
        "figures",
        "figures/history.png",
        "history.csv",
        "metrics.json",
        "model.keras",
        "photographs.csv",
    ]
    told = json.loads((folder / "metrics.json").read_text(encoding="utf-8"))
    digest = hashlib.sha256((folder / "model.keras").read_bytes()).hexdigest()
    assert told == {"fans": "Lüfter", "n": 3, "model_sha256": digest}
    assert (folder / "photographs.csv").read_text().split() == [
        "content,part",
        *("0000000000000002,train", "0000000000000000,train", "0000000000000001,validation"),
        "0000000000000003,test",
    ]
    with (folder / "history.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.reader(file))
    assert rows[0] == ["epoch", "loss", "accuracy", "val_loss", "val_accuracy", "seconds"]
    assert [float(value) for value in rows[2]] == [2, 0.25, 1.0, 0.3, 0.75, 1.25]
    pixels = toy(seed=5)[0]
    np.testing.assert_array_equal(
        cnn.predict(cnn.load(folder / "model.keras"), pixels), cnn.predict(model, pixels)
    )


def test_metrics_json_tells_of_a_whole_run_only(tmp_path):
    """Whichever file can't be written, no metrics.json is left, not even one from a run before."""

    class Killed(Exception):
        pass

    class Broken:
        def __init__(self, model):
            self.model = model

        def __getattr__(self, name):
            return getattr(self.model, name)

        def save(self, path):
            raise Killed

        def savefig(self, path):
            raise Killed

    model = small_cnn()
    for broken in ("model", "figure"):
        cnn.save_run(tmp_path, model, HISTORY, {"run": 1})
        kept = (tmp_path / "model.keras").read_bytes()
        with pytest.raises(Killed):
            if broken == "model":
                cnn.save_run(tmp_path, Broken(model), HISTORY, {"run": 2})
            else:
                cnn.save_run(tmp_path, model, HISTORY, {"run": 2}, {"history": Broken(model)})
        assert not (tmp_path / "metrics.json").exists()
        assert sorted(path.name for path in tmp_path.rglob("*.*")) == [
            "history.csv",
            "model.keras",
        ]  # none half done
        if broken == "model":
            assert (tmp_path / "model.keras").read_bytes() == kept


def test_results_that_no_file_can_hold_are_refused_before_anything_is_touched(tmp_path):
    model = small_cnn()
    cnn.save_run(tmp_path, model, HISTORY, {"run": 1})
    for metrics, figures in [({"auc": float("nan")}, {}), ({"a": object()}, {}), ({}, {"../up": Picture()})]:
        with pytest.raises(WorkbookError, match="^(metrics|figures) "):
            cnn.save_run(tmp_path, model, HISTORY, metrics, figures)
    assert json.loads((tmp_path / "metrics.json").read_text(encoding="utf-8"))["run"] == 1


def test_a_folder_that_can_not_be_written_is_one_sentence(tmp_path):
    (tmp_path / "taken").write_text("a file", encoding="utf-8")
    with pytest.raises(WorkbookError, match="could not be written"):
        cnn.save_run(tmp_path / "taken", small_cnn(), HISTORY, {})
    with pytest.raises(WorkbookError, match="could not be written"):
        cnn.save_run(tmp_path / "taken" / "below", small_cnn(), HISTORY, {})


def test_a_run_without_photographs_leaves_none_of_an_earlier_one(tmp_path):
    """What inspect says of training photographs must be of this model."""
    (tmp_path / "photographs.csv").write_text("content,part\n0000000000000002,train\n", encoding="utf-8")
    cnn.save_run(tmp_path, small_cnn(), HISTORY, {})
    assert not (tmp_path / "photographs.csv").exists()


@pytest.fixture(scope="module")
def other_models(tmp_path_factory):
    """Files that are no model, or a model of another kind, by what is wrong with them."""
    folder = tmp_path_factory.mktemp("models")
    cnn.save_run(folder, small_cnn(), HISTORY, {})
    whole = (folder / "model.keras").read_bytes()
    (folder / "half.keras").write_bytes(whole[: len(whole) // 2])
    (folder / "text.keras").write_text("not a model", encoding="utf-8")
    (folder / "model.h5").write_bytes(whole)
    with zipfile.ZipFile(folder / "zip.keras", "w") as archive:
        archive.writestr("hello.txt", "hello")
    layers, photo = keras.layers, keras.Input((16, 16, 3))
    kinds = {
        "lambda": [photo, layers.Lambda(lambda x: x * 2), layers.Flatten(), layers.Dense(1, "sigmoid")],
        "grey": [keras.Input((16, 16, 1)), layers.Flatten(), layers.Dense(1, "sigmoid")],
        "oblong": [keras.Input((16, 20, 3)), layers.Flatten(), layers.Dense(1, "sigmoid")],
        "any": [keras.Input((None, None, 3)), layers.GlobalMaxPooling2D(), layers.Dense(1, "sigmoid")],
        "ten": [photo, layers.Flatten(), layers.Dense(10, "softmax")],
        "logit": [photo, layers.Flatten(), layers.Dense(1)],
    }
    for name, stack in kinds.items():
        keras.Sequential(stack).save(folder / f"{name}.keras")
    return folder


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("missing", "is not there"),
        ("half", "is broken .* only a part"),
        ("text", "not a .keras file"),
        ("model.h5", "not a .keras file"),
        ("zip", "is broken .*lacks config.json"),
        ("lambda", "code of its own"),
        ("grey", "must take square color photographs"),
        ("oblong", "must take square color photographs"),
        ("any", "must take square color photographs"),
        ("ten", "one probability"),
        ("logit", "one probability"),
    ],
)
def test_a_file_that_is_no_model_of_ours_is_refused_by_name(other_models, name, why):
    path = other_models / (name if "." in name else f"{name}.keras")
    with pytest.raises(WorkbookError, match=why) as refused:
        cnn.load(path)
    assert files.shown(path) in str(refused.value) and "\n" not in str(refused.value)


def test_a_folder_is_no_model(tmp_path):
    with pytest.raises(WorkbookError, match="is not there"):
        cnn.load(tmp_path)


# --- what a result depends on ---


def test_device_and_versions():
    assert cnn.device().startswith(("CPU, ", "GPU: "))
    told = cnn.versions()
    assert told["keras"] == keras.__version__ and told["numpy"] == np.__version__ and told["backend"] in told


def test_metrics_hold_what_a_run_must_tell():
    photos = SimpleNamespace(
        unit_ids=np.array([0, 0, 1, 1, 2, 2]), labels=np.array([1, 0, 1, 1, 1, 1]), classes=("bad", "good")
    )
    parts = [np.array([0, 1]), np.array([2, 3]), np.array([4, 5])]
    split = Split(*parts, by="serial", groups=photos.unit_ids)
    verdicts = judge([1, 1], [0.9, 0.8], 0.5)
    told = cnn.metrics(SANE, photos, split, verdicts, 12.3456)
    assert told["parameters"] == SANE and told["seconds"] == 12.35 and told["test"]["accuracy"] == 1.0
    assert told["test"] == verdicts.with_units([2, 2]).as_dict() and told["test"]["go_units"] == 1
    assert told["of_each_class"]["train"] == {
        "good": {"photographs": 1, "units": 1},
        "bad": {"photographs": 1, "units": 1},
    }
    assert told["of_each_class"]["test"] == {
        "good": {"photographs": 2, "units": 1},
        "bad": {"photographs": 0, "units": 0},
    }
    assert told["photographs"] == {"train": 2, "validation": 2, "test": 2}
    assert told["units"] == {"train": 1, "validation": 1, "test": 1} and told["split_by"] == "serial"
    assert told["device"] == cnn.device() and told["versions"] == cnn.versions()
    assert told["units_on_two_sides"] == 0
    json.dumps(told, allow_nan=False)

    def torn(unit_ids, groups):
        photos.unit_ids, split = np.array(unit_ids), Split(*parts, by="copies", groups=np.array(groups))
        return cnn.metrics(SANE, photos, split, verdicts, 1)["units_on_two_sides"]

    alone = range(6)
    assert torn([0, 0, 1, 1, 1, 2], alone) == torn(alone, [0, 0, 1, 1, 1, 2]) == 1  # by serial, by copies
    assert torn(alone, [0, 1, 0, 1, 0, 1]) == 2 and torn(alone, alone) == 0
