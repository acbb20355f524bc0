"""A stranger's .keras file takes no more memory and time than it holds, and brings in nothing but layers."""

import json
import os
import subprocess
import sys

import h5py
import hostile_models
import numpy as np
import pytest
from hostile_models import arrays, members, zipped

from fanaoi_helpers import cnn, files
from fanaoi_helpers.cnn import archives, limits
from fanaoi_helpers.errors import WorkbookError
from fanaoi_helpers.meaning import Meaning

keras = cnn.keras
layers = keras.layers
MEGABYTES, SECONDS = 300, 10


@pytest.fixture(scope="module")
def parts(tmp_path_factory):
    return members(
        cnn.save(cnn.handout_cnn(16, 2, 2, 2, seed=0), tmp_path_factory.mktemp("ours") / "m.keras")
    )


def refused(path):
    with pytest.raises(WorkbookError) as found:
        cnn.load(path, Meaning())
    said = str(found.value)
    assert said.startswith(files.shown(path)) and said.isprintable() and len(said) < 400
    return said


def test_six_hostile_models_are_refused_at_once_and_in_little_memory(tmp_path):
    hostile_models.write(tmp_path)
    words = [sys.executable, hostile_models.__file__, str(tmp_path)]
    environment = {"PYTHONPATH": str(files.root())}
    done = subprocess.run(words, capture_output=True, text=True, timeout=300, env=os.environ | environment)
    assert done.returncode == 0, done.stderr[-2000:]
    told = json.loads(done.stdout.splitlines()[-1])
    (_, _, before) = told.pop("honest")
    expected = {
        "h5_sparse": "declares 4,096 MB of weights that are not stored",
        "dense_200000": "do not fit: 130,000,095 weights are declared",
        "dense_1e9": "its layers have 650,000,000,095 weights",
        "text_200MB": "config.json has 200,0",
        "conv_1000": "has 1,010 layers",
        "weights_1GB": "would unpack to 1,000 MB",
    }
    assert told.keys() == expected.keys()
    for name, (said, seconds, most) in told.items():
        assert expected[name] in said and said.isprintable(), said
        assert seconds < SECONDS and most - before < MEGABYTES, (name, seconds, most - before)


# --- what is stored ---


def linked(file):
    file["layers"] = h5py.ExternalLink("/etc/passwd", "/")


def soft(file):
    file.create_dataset("a", data=np.zeros(3))
    file["b"] = h5py.SoftLink("/a")


def outside(file):
    file.create_dataset("a", (100,), "u1", external=[("/etc/passwd", 0, 100)])


def packed(file):
    file.create_dataset("a", data=np.zeros(10_000), compression="gzip")


def texts(file):
    file.create_dataset("a", data=["x" * 10], dtype=h5py.string_dtype())


def circle(file):
    file["a"] = file["/"]
    file.create_dataset("b", (1 << 30,), "f8")


STORED = {
    "another file": (linked, "lead to another file"),
    "another place": (soft, "lead to another file or place"),
    "numbers of another file": (outside, "lead to another file"),
    "packed numbers": (packed, "packed in another way"),
    "texts": (texts, "are no numbers"),
    "a circle": (circle, "declares 8,590 MB"),
}


@pytest.mark.parametrize("how", STORED)
def test_weights_must_be_stored_as_they_are_declared(parts, tmp_path, how):
    make, why = STORED[how]
    path = zipped(tmp_path / "model.keras", parts | {"model.weights.h5": arrays(make)})
    assert why in refused(path)


def test_what_follows_the_weights_is_no_weights(parts, tmp_path):
    weights = parts["model.weights.h5"] + bytes(limits.WORTH_A_RATIO + 1)
    assert "something else" in refused(
        zipped(tmp_path / "model.keras", parts | {"model.weights.h5": weights})
    )


def test_a_file_that_was_packed_again_is_opened(parts, tmp_path):
    path = zipped(tmp_path / "model.keras", parts, 8)
    assert path.stat().st_size < sum(map(len, parts.values()))
    assert cnn.load(path).count_params() == cnn.count_weights(16, 2, 2, 2)


@pytest.mark.parametrize("name", ["model.weights.npz", "assets/words.txt", "__MACOSX/._config.json"])
def test_other_things_in_the_file_are_named(parts, tmp_path, name):
    assert repr(name) in refused(zipped(tmp_path / "model.keras", parts | {name: b"x"}))


# --- which layers ---


def with_layer(parts, path, told):
    config = json.loads(parts["config.json"])
    config["config"]["layers"].insert(2, told)
    return zipped(path, parts | {"config.json": json.dumps(config)})


def layer(kind, module="keras.layers", **config):
    return {"module": module, "class_name": kind, "config": config, "registered_name": None}


CODE = {
    "Lambda": layer("Lambda", function={"class_name": "__lambda__", "config": {"value": "4wEAAA=="}}),
    "a saved model": layer("TFSMLayer", filepath="/tmp/any", call_endpoint="serve"),
    "another path to it": layer("TFSMLayer", "keras.src.export.tfsm_layer", filepath="/tmp/any"),
    "a function in a layer": layer("Activation", activation={"class_name": "__lambda__", "config": {}}),
    "the old way": {"class_name": "Lambda", "config": {"function": ["4wEAAA==", None, None]}},
    "inside a layer": layer("TimeDistributed", layer=layer("Lambda", function="x")),
}


@pytest.mark.parametrize("how", CODE)
def test_code_is_refused_by_name_whatever_keras_would_do(parts, tmp_path, how, monkeypatch):
    monkeypatch.setattr(keras.saving, "load_model", lambda *_, **__: pytest.fail("Keras has seen it"))
    monkeypatch.setattr(
        keras.saving, "deserialize_keras_object", lambda *_, **__: pytest.fail("Keras saw it")
    )
    assert "code of its own" in refused(with_layer(parts, tmp_path / "model.keras", CODE[how]))


def calling(module, name):
    return layer("Activation", activation=layer("function", module) | {"config": name})


OTHERS = {
    "a layer": (layer("LSTM", units=2), "'LSTM'"),
    "a wrapper": (layer("TimeDistributed", layer=layer("Dense", units=1)), "'TimeDistributed'"),
    "a function": (calling("keras.utils", "get_file"), "get_file"),
    "a function of Python": (calling("builtins", "exec"), "exec"),
    "a layer without a place": ({"class_name": "Dense", "config": {"units": 2}}, "do not fit"),
    "another module": (layer("Dense", "os.path", units=2), "not Keras' own"),
    "what only looks like Keras": (layer("Dense", "keras_hub.layers", units=2), "not Keras' own"),
    "what is no layer": (
        layer("get_file", "keras.utils", origin="http://localhost"),
        "does not know 'get_file'",
    ),
    "a name that moves the cursor": (layer("\x1b[2J\x9b31m"), "does not know '\\x1b[2J"),
}


@pytest.mark.parametrize("how", OTHERS)
def test_what_is_not_on_the_list_is_not_made(parts, tmp_path, how, monkeypatch):
    monkeypatch.setattr(keras.saving, "load_model", lambda *_, **__: pytest.fail("Keras has seen it"))
    told, why = OTHERS[how]
    assert why in refused(with_layer(parts, tmp_path / "model.keras", told))


def test_every_layer_on_the_list_is_one_of_keras_and_can_be_opened(tmp_path):
    missing = {name for name in limits.LAYERS if not hasattr(layers, name)}
    assert all(name.startswith("Random") for name in missing)  # some came with Keras 3.9 and later
    pairs = "Add Subtract Multiply Average Maximum Minimum Concatenate".split()
    words = {"Activation": ("relu",), "Reshape": ((8, 32, 3),), "Permute": ((2, 1, 3),), "Dense": (2,)}
    words |= dict.fromkeys(("Conv2D", "Conv2DTranspose", "SeparableConv2D"), (2, 3)) | {"Rescaling": (2,)}
    words |= dict.fromkeys(("AveragePooling2D", "MaxPooling2D"), (2,))
    words |= dict.fromkeys(("DepthwiseConv2D", "GroupNormalization"), (3,))
    words |= dict.fromkeys(("Resizing", "CenterCrop", "RandomCrop"), (8, 8)) | {"RandomPosterization": (4,)}
    photo = keras.Input((16, 16, 3))
    answers = []
    for name in sorted(limits.LAYERS - missing - {"InputLayer", "Dot"}):
        for given in (words.get(name, ()), (0.2,), (0.2, 0.2)):
            try:
                x = getattr(layers, name)(*given)([photo, photo] if name in pairs else photo)
                break
            except (TypeError, ValueError):
                continue
        else:
            pytest.fail(f"{name} can't be made")
        answers.append(layers.Flatten()(x))
    model = keras.Model(photo, layers.Dense(1, "sigmoid")(layers.Concatenate()(answers)))
    again = cnn.load(cnn.save(model, tmp_path / "model.keras"))
    assert {type(layer) for layer in again.layers} == {type(layer) for layer in model.layers}


def test_arithmetic_between_layers_is_opened(tmp_path):
    photo = keras.Input((16, 16, 3))
    x = keras.ops.pad((photo / 127.5 - 1.0) * 2 + 1, ((0, 0), (1, 1), (1, 1), (0, 0)))
    x = keras.ops.mean(keras.ops.relu(layers.Conv2D(2, 3)(x)), axis=(1, 2))
    model = keras.Model(photo, layers.Dense(1, "sigmoid")(x))
    path = cnn.save(model, tmp_path / "model.keras")
    pixels = np.full((2, 16, 16, 3), 9, np.uint8)
    np.testing.assert_allclose(cnn.predict(cnn.load(path), pixels), cnn.predict(model, pixels), atol=1e-6)


# --- how large ---


def sizes(model, monkeypatch, tmp_path):
    """Ask for the sizes of a model that was never allocated, as if all its weights were stored."""
    monkeypatch.setattr(limits, "_stored", lambda *_: limits.MOST_WEIGHTS)
    config = json.loads(json.dumps(keras.saving.serialize_keras_object(model)))
    limits.check_layers(config, "it")
    limits.check_sizes(config, tmp_path, "it")


def declared(make):
    with keras.StatelessScope(initialize_variables=False):
        return make()


def head(x):
    return layers.Dense(1, "sigmoid")(layers.GlobalMaxPooling2D()(x))


def wide(layer_, side=80):
    photo = keras.Input((side, side, 3))
    return lambda: keras.Model(photo, head(layer_(photo)))


TOO_LARGE = {
    "neurons": (lambda: cnn.handout_cnn(1024, 1, 64, 128), "weights, but at most 300,000,000"),
    "resized": (wide(layers.Resizing(50_000, 50_000)), "gives 7,500,000,000 values"),
    "enlarged": (wide(layers.UpSampling2D(1000)), "values for each photograph"),
    "padded": (wide(layers.ZeroPadding2D(50_000)), "values for each photograph"),
    "padded by hand": (
        wide(lambda x: keras.ops.pad(x, ((0, 0), (9**8, 0), (0, 0), (0, 0)), mode="constant")),
        "values for each",
    ),
    "in a model": (
        wide(lambda x: keras.Sequential([keras.Input((80, 80, 3)), layers.ZeroPadding2D(50_000)])(x)),
        "values for each",
    ),
    "photographs": (wide(layers.Rescaling(1), 30_000), "30000, 30000, 3"),
}


@pytest.mark.parametrize("how", TOO_LARGE)
def test_what_is_too_large_is_refused_without_being_made(how, monkeypatch, tmp_path):
    make, why = TOO_LARGE[how]
    with pytest.raises(WorkbookError, match=why):
        sizes(declared(make), monkeypatch, tmp_path)


@pytest.mark.parametrize("numbers", [(1024, 1024, 36, 128), (1024, 1, 1, 4096), (100, 1024, 1024, 512)])
def test_the_largest_models_of_the_workbook_are_opened(numbers, monkeypatch, tmp_path):
    assert cnn.count_weights(*numbers) <= cnn.MOST_WEIGHTS
    sizes(declared(lambda: cnn.handout_cnn(*numbers)), monkeypatch, tmp_path)


def doubled(depth):
    """A model that calls a model twice, which calls a model twice …: 2^depth calls."""
    told = layer("Functional", "keras.src.models.functional", layers=[])
    for _ in range(depth):
        inner = told | {"inbound_nodes": [{"args": [], "kwargs": {}}] * 2}
        told = layer("Functional", "keras.src.models.functional", layers=[inner])
    return told


CALLS = {
    "many": {"config": {"layers": [layer("ReLU")] * 900}},
    "in a row": layer("Sequential", "keras", layers=[layer("ReLU")] * 120),
    "one layer again and again": {"config": {"layers": [layer("ReLU") | {"inbound_nodes": [{}] * 7000}]}},
    "twice twice twice": doubled(8),
    "deep": doubled(90),
}


@pytest.mark.parametrize("how", CALLS)
def test_what_would_be_built_for_minutes_is_refused_at_once(how):
    with pytest.raises(WorkbookError, match="would take too long"):
        limits.check_layers(CALLS[how], "it")


def test_a_model_of_another_program_with_many_layers_is_opened(tmp_path):
    base = keras.applications.MobileNetV2(
        weights=None, include_top=False, input_shape=(64, 64, 3), alpha=0.35, pooling="avg"
    )
    photo = keras.Input((64, 64, 3))
    x = keras.applications.mobilenet_v2.preprocess_input(layers.RandomFlip()(photo))
    model = keras.Model(photo, layers.Dense(1, "sigmoid")(layers.Dropout(0.2)(base(x))))
    model.save(tmp_path / "model.keras")
    pixels = np.random.default_rng(0).integers(0, 256, (2, 64, 64, 3), np.uint8)
    again = cnn.load(tmp_path / "model.keras", Meaning())
    np.testing.assert_allclose(cnn.predict(again, pixels), cnn.predict(model, pixels), atol=1e-6)


def test_what_keras_complains_of_is_not_printed(parts, tmp_path, recwarn, capfd):
    config = json.loads(parts["config.json"])
    config["build_config"] = {"input_shape": [None, 16, 16, 3]}
    path = zipped(tmp_path / "model.keras", parts | {"config.json": json.dumps(config)})
    cnn.load(path)
    archives.opened(archives.read(path))
    assert not [one for one in recwarn if "keras" in str(one.filename) and one.category is UserWarning]
    assert capfd.readouterr().err == ""
