"""The .keras file: what is kept in it, who saved it, and the right sentence for each that can't be opened."""

import ast
import inspect
import json
import re
import zipfile

import numpy as np
import pytest
from hostile_models import members, zipped

from fanaoi_helpers import cnn, files
from fanaoi_helpers.cnn import archives, limits
from fanaoi_helpers.errors import WorkbookError

keras = cnn.keras
PIXELS = np.random.default_rng(0).integers(0, 256, (3, 16, 16, 3), dtype=np.uint8)


def small():
    """A CNN with what a newer Keras has given further arguments: initializers, and a normalization."""
    layers = keras.layers
    return keras.Sequential(
        [
            keras.Input((16, 16, 3), name="photo"),
            layers.RandomFlip("horizontal", seed=1),
            layers.Rescaling(1 / 255, offset=-0.5),
            layers.Conv2D(4, 3, padding="same", kernel_initializer=keras.initializers.HeNormal(seed=2)),
            layers.BatchNormalization(momentum=0.7),
            layers.Flatten(),
            layers.Dense(1, "sigmoid", kernel_regularizer=keras.regularizers.L2(0.02)),
        ]
    )


@pytest.fixture(scope="module")
def ours(tmp_path_factory):
    model = small()
    path = cnn.save(model, tmp_path_factory.mktemp("ours") / "model.keras")
    return path, cnn.predict(model, PIXELS)


def told(path, member="config.json"):
    with zipfile.ZipFile(path) as archive:
        return json.loads(archive.read(member))


def layer(config, kind):
    return next(one for one in config["config"]["layers"] if one["class_name"] == kind)


def forged(ours, path, change=None, version="9.9.9"):
    """Write the model as if a Keras of ``version`` had, with ``change`` made to its configuration."""
    texts = {"config.json": told(ours[0]), "metadata.json": told(ours[0], "metadata.json")}
    if change:
        change(texts["config.json"])
    texts["metadata.json"] |= {"keras_version": version}
    archives.rewritten(ours[0], path, texts)
    return path


def refused(path):
    with pytest.raises(WorkbookError) as found:
        cnn.load(path)
    sentence = str(found.value)
    assert sentence.startswith(files.shown(path)) and "\n" not in sentence and len(sentence) < 400
    return sentence


# --- what is kept ---


def test_only_what_is_not_the_default_is_kept_and_the_model_is_the_same(ours):
    config = told(ours[0])
    conv, norm = layer(config, "Conv2D")["config"], layer(config, "BatchNormalization")["config"]
    assert conv["filters"] == 4 and conv["padding"] == "same" and "groups" not in conv
    assert conv["kernel_initializer"]["config"] == {"seed": 2}
    assert norm["momentum"] == 0.7 and not [name for name in norm if name.startswith("renorm")]
    assert layer(config, "Dense")["config"]["kernel_regularizer"]["config"] == {"l2": 0.02}
    model, again = small(), cnn.load(ours[0])
    for one, other in zip(model.layers, again.layers, strict=True):
        assert drop_names(one.get_config()) == drop_names(other.get_config())
    np.testing.assert_array_equal(cnn.predict(again, PIXELS), ours[1])


def drop_names(config):
    return {name: value for name, value in config.items() if name != "name"}


PACKED = ("Wrapper", "TimeDistributed", "Bidirectional", "RNN", "StackedRNNCells", "Lambda", "Pipeline")


def layers_made():
    """Yield every layer and initializer of this Keras that is made of at most two numbers, serialized."""
    for space in (keras.layers, keras.initializers):
        for name, kind in inspect.getmembers(space, inspect.isclass):
            for words in ((), (2,), (0.5,), (2, 2)) if name not in PACKED else ():
                try:
                    config = keras.saving.serialize_keras_object(kind(*words))
                except Exception:
                    continue
                yield name, config
                break


def test_every_layer_is_the_same_without_its_defaults():
    names = set()
    for name, config in layers_made():
        again = keras.saving.deserialize_keras_object(archives.plain(config))
        assert again.get_config() == config["config"] or name == "InputLayer", name
        names.add(name)
    assert names > {
        "Conv2D",
        "Dense",
        "BatchNormalization",
        "RandomRotation",
        "Rescaling",
        "TextVectorization",
    }
    assert len(names) > 100


def test_what_a_compiled_model_needs_is_kept(tmp_path):
    model = small()
    optimizer = cnn.repaired_optimizer(64, 8, 2)
    model.compile(optimizer, loss="binary_crossentropy", metrics=["accuracy"])
    again = keras.saving.load_model(cnn.save(model, tmp_path / "model.keras"))
    assert again.optimizer.get_config() == optimizer.get_config() and again.loss == "binary_crossentropy"


def test_a_file_is_replaced_whole_or_not_at_all(ours, tmp_path, monkeypatch):
    path = tmp_path / "below" / "model.keras"
    assert cnn.save(cnn.load(ours[0]), path) == path
    before = path.read_bytes()

    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(archives, "rewritten", full)
    with pytest.raises(WorkbookError, match="could not be written .No space left"):
        cnn.save(small(), path)
    assert path.read_bytes() == before and [one.name for one in path.parent.iterdir()] == ["model.keras"]


def test_a_name_that_is_no_keras_file_is_refused(tmp_path):
    with pytest.raises(WorkbookError, match=r"model\.h5 does not end in \.keras"):
        cnn.save(small(), tmp_path / "model.h5")


# What is saved by a method `save` and is no model.
PICTURES = re.compile(
    r"image|picture|shot|Image|fromarray|noise|photo|chips|np$|render|pair|rotate|convert|resize"
)


def test_nothing_else_in_the_package_saves_a_model():
    seen = 0
    for folder in ("fanaoi_helpers", "benchmarks"):
        for path in (files.root() / folder).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if (
                    isinstance(node, ast.Call)
                    and isinstance(node.func, ast.Attribute)
                    and node.func.attr == "save"
                ):
                    owner = ast.unparse(node.func.value)
                    seen += 1
                    allowed = path.name == "archives.py" or owner == "cnn" or PICTURES.search(owner)
                    assert allowed, f"{path}: {ast.unparse(node)}: use cnn.save"
    assert seen > 3


# --- who saved it ---


def test_the_file_says_that_the_workbook_saved_it_and_what_it_means(ours, tmp_path):
    assert cnn.archives.read(ours[0]).ours and cnn.archives.read(cnn.shipped_model()).ours
    mark = told(ours[0], "metadata.json")["fanaoi_workbook"]
    assert mark["takes"] == "photographs of 0..255" and mark["gives"] == "P(GO)"
    small().save(tmp_path / "foreign.keras")
    assert not cnn.archives.read(tmp_path / "foreign.keras").ours
    # A model of another kind is saved as well, without the promise.
    digits = keras.Sequential(
        [keras.Input((28, 28, 1)), keras.layers.Flatten(), keras.layers.Dense(10, "softmax")]
    )
    assert not cnn.archives.read(cnn.save(digits, tmp_path / "digits.keras")).ours


@pytest.mark.parametrize(
    "mark", ["yes", True, [], {}, {"takes": "photographs of 0..255"}, {"takes": "-1..1", "gives": "P(GO)"}]
)
def test_any_other_mark_is_none(ours, tmp_path, mark):
    texts = {"metadata.json": {"fanaoi_workbook": mark}}
    archives.rewritten(ours[0], tmp_path / "model.keras", texts)
    assert not cnn.archives.read(tmp_path / "model.keras").ours


def test_what_earlier_workbooks_saved_is_known_by_its_layers(tmp_path):
    models = {"handout": cnn.handout_cnn(16, 2, 2, 2), "repaired": cnn.repaired_cnn(32)}
    models["looks"] = cnn.four_looks(models["repaired"])
    for name, model in models.items():
        model.save(tmp_path / f"{name}.keras")
        assert "fanaoi_workbook" not in told(tmp_path / f"{name}.keras", "metadata.json")
        assert cnn.archives.read(tmp_path / f"{name}.keras").ours, name


# --- a newer Keras ---


def says_nothing(config):
    """What a newer Keras would write of arguments that it added and nobody used."""
    layer(config, "Conv2D")["config"] |= {"reach": None, "sparse_kernel": False, "zones": [], "tag": ""}
    layer(config, "Conv2D")["config"]["kernel_initializer"]["config"] |= {"some_axes": None}
    layer(config, "BatchNormalization")["config"] |= {"again": False, "again_momentum": 0.99}
    layer(config, "Dense")["config"]["dtype"]["config"] |= {"source": None}


def test_what_is_new_and_says_nothing_is_left_out(ours, tmp_path):
    path = forged(ours, tmp_path / "model.keras", says_nothing)
    with pytest.raises(Exception, match="Unrecognized|unexpected"):
        keras.saving.load_model(path)
    kept = path.read_bytes()
    np.testing.assert_array_equal(cnn.predict(cnn.load(path), PIXELS), ours[1])
    assert path.read_bytes() == kept and [one.name for one in tmp_path.iterdir()] == ["model.keras"]


TOO_NEW = {
    "an argument in use": (
        lambda config: layer(config, "Conv2D")["config"].update(reach=2),
        "the reach=2 of 'Conv2D'",
    ),
    "a zero": (lambda config: layer(config, "Conv2D")["config"].update(reach=0), "the reach=0 of 'Conv2D'"),
    "a switch that is on": (
        lambda config: layer(config, "BatchNormalization")["config"].update(again=True, again_momentum=0.9),
        "the again=True of 'BatchNormalization'",
    ),
    "an initializer's argument": (
        lambda config: layer(config, "Conv2D")["config"]["kernel_initializer"]["config"].update(axes=[1]),
        "the axes=[1] of 'HeNormal'",
    ),
    "a layer": (lambda config: layer(config, "Conv2D").update(class_name="StereoConv2D"), "'StereoConv2D'"),
    "an initializer": (
        lambda config: layer(config, "Conv2D")["config"]["kernel_initializer"].update(class_name="HeZipf"),
        "'HeZipf'",
    ),
}


@pytest.mark.parametrize("case", TOO_NEW)
def test_what_is_really_too_new_gets_both_versions_and_what_is_not_known(ours, tmp_path, case):
    change, what = TOO_NEW[case]
    sentence = refused(forged(ours, tmp_path / "model.keras", change))
    assert "saved by Keras 9.9.9" in sentence and f"Keras {keras.__version__}, which is installed" in sentence
    assert f"does not know {what}" in sentence and "cnn.save" in sentence
    assert "broken" not in sentence and "code of its own" not in sentence


def test_a_file_that_is_too_new_in_a_way_that_nobody_can_tell(ours, tmp_path):
    def otherwise(config):
        config["config"]["layers"] = {"in": "another", "form": True}

    sentence = refused(forged(ours, tmp_path / "new.keras", otherwise))
    assert "saved by Keras 9.9.9" in sentence and keras.__version__ in sentence and "broken" not in sentence
    sentence = refused(forged(ours, tmp_path / "old.keras", otherwise, version="3.9.0"))
    assert "is broken" in sentence


def test_a_file_of_keras_2_is_too_old_and_not_broken(ours, tmp_path):
    def in_its_words(config):
        for one in config["config"]["layers"]:
            one["module"] = "keras.src.engine.layers"

    sentence = refused(forged(ours, tmp_path / "model.keras", in_its_words, version="2.15.0"))
    assert "saved by Keras 2.15.0" in sentence and "with Keras 3" in sentence and "broken" not in sentence


@pytest.mark.parametrize("version", [None, 3, "", "new\nest", "3" * 200, ["3.15"]])
def test_a_version_that_is_none_is_not_repeated(ours, tmp_path, version):
    sentence = refused(forged(ours, tmp_path / "model.keras", TOO_NEW["a layer"][0], version=version))
    assert "saved by Keras (it does not say which)" in sentence


@pytest.mark.parametrize("error", [MemoryError(), type("ResourceExhaustedError", (Exception,), {})("OOM")])
def test_a_model_that_is_too_large_is_not_broken(ours, monkeypatch, error):
    def load_model(*_, **__):
        raise error

    monkeypatch.setattr(keras.saving, "load_model", load_model)
    assert "needs more memory" in refused(ours[0])


@pytest.mark.parametrize("place", [(archives, "rewritten"), (limits.shutil, "copyfileobj")])
def test_a_full_disk_is_not_the_files_fault(ours, tmp_path, monkeypatch, place):
    path = forged(ours, tmp_path / "model.keras", says_nothing)

    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(*place, full)
    with pytest.raises(WorkbookError, match="could not be written .No space left"):
        cnn.load(path)


# --- code, and layers of other programs ---


@keras.saving.register_keras_serializable("elsewhere")
class Doubled(keras.layers.Layer):
    def call(self, x):
        return x * 2


def of_layer(middle, path):
    stack = [keras.Input((16, 16, 3)), middle, keras.layers.Flatten(), keras.layers.Dense(1, "sigmoid")]
    keras.Sequential(stack).save(path)
    return path


@pytest.mark.parametrize("version", ["3.11.0", "9.9.9"])
def test_unsafe_is_said_of_code_alone(ours, tmp_path, version):
    of_layer(keras.layers.Lambda(lambda x: x * 2), tmp_path / "lambda.keras")
    path = forged((tmp_path / "lambda.keras", None), tmp_path / "model.keras", version=version)
    sentence = refused(path)
    assert "code of its own" in sentence and "broken" not in sentence and "saved by Keras" not in sentence
    # A name is no code.
    safe = forged(
        ours, tmp_path / "safe.keras", lambda c: layer(c, "Conv2D")["config"].update(name="unsafe", reach=3)
    )
    assert "code of its own" not in refused(safe)


def test_a_layer_of_another_program_is_named(tmp_path):
    path = of_layer(Doubled(), tmp_path / "model.keras")
    config = told(path)
    layer(config, "Doubled").update(module="fan_company", registered_name="fan_company>Doubled")
    archives.rewritten(path, tmp_path / "other.keras", {"config.json": config})
    sentence = refused(tmp_path / "other.keras")
    assert "needs 'Doubled', which is not Keras' own" in sentence and "broken" not in sentence
    # One that this session knows is opened, as ever; what it means is still asked for.
    with pytest.raises(WorkbookError, match="was not saved by this workbook"):
        cnn.load(path)


# --- broken ---


def without(name):
    return lambda parts, path: zipped(path, {one: value for one, value in parts.items() if one != name})


def with_text(name, text):
    return lambda parts, path: zipped(path, parts | {name: text})


def flipped(name):
    def write(parts, path):
        whole = bytearray(zipped(path, parts).read_bytes())
        at = bytes(whole).index(parts[name][-200:]) + 100
        whole[at] ^= 1
        path.write_bytes(whole)

    return write


def cut(parts, path):
    path.write_bytes(zipped(path, parts).read_bytes()[:-300])


def bomb(parts, path):
    zipped(path, parts | {"model.weights.h5": bytes(limits.WORTH_A_RATIO + 1)}, zipfile.ZIP_DEFLATED)


def other_weights(parts, path):
    cnn.handout_cnn(16, 1, 1, 1).save(path)
    zipped(path, parts | {"model.weights.h5": members(path)["model.weights.h5"]})


BROKEN = {
    "cut": (cut, "only a part"),
    "empty zip": (lambda parts, path: zipped(path, {}), "lacks config.json or the weights"),
    "no layers": (without("config.json"), "lacks config.json or the weights"),
    "no weights": (without("model.weights.h5"), "lacks config.json or the weights"),
    "a bit of the weights": (flipped("model.weights.h5"), "check sum of model.weights.h5"),
    "a bit of the layers": (flipped("config.json"), "check sum of config.json"),
    "torn text": (with_text("config.json", '{"module": "keras'), "JSONDecodeError"),
    "no text": (with_text("config.json", b"\xff\xfe\x00"), "UnicodeDecodeError"),
    "no model": (with_text("config.json", "[1]"), "describes no model"),
    "metadata": (with_text("metadata.json", "7"), "describes no model"),
    "endless text": (with_text("config.json", "[" * 200_000), "RecursionError"),
    "endless layers": (with_text("config.json", '{"a":' * 400 + "1" + "}" * 400), "nested without an end"),
    "odd layers": (with_text("config.json", '{"config": {"layers": ["a", {"config": 7}]}}'), "do not fit"),
    "odd names": (with_text("config.json", '{"class_name": [], "module": {}, "config": []}'), "do not fit"),
    "empty model": (with_text("config.json", "{}"), "do not fit"),
    "weights that are none": (with_text("model.weights.h5", b"hello"), "do not fit"),
    "weights of another model": (other_weights, "do not fit"),
    "a bomb": (bomb, "would unpack to 1 MB"),
}


@pytest.mark.parametrize("how", BROKEN)
def test_broken_is_said_of_what_is_broken(ours, tmp_path, how, monkeypatch):
    write, why = BROKEN[how]
    monkeypatch.setattr(limits, "WORTH_A_RATIO", 1 << 20)
    write(members(ours[0]), tmp_path / "model.keras")
    sentence = refused(tmp_path / "model.keras")
    assert "is broken" in sentence and why in sentence, sentence
    with zipfile.ZipFile(ours[0]) as archive:
        assert archive.testzip() is None


def test_no_metadata_is_no_fault(tmp_path):
    cnn.handout_cnn(16, 1, 1, 1).save(tmp_path / "whole.keras")
    without("metadata.json")(members(tmp_path / "whole.keras"), tmp_path / "model.keras")
    assert cnn.load(tmp_path / "model.keras").name == "handout_cnn"


def test_what_lies_beside_in_the_zip_goes_nowhere(ours, tmp_path):
    (tmp_path / "in").mkdir()
    parts = members(ours[0]) | {
        "../out.txt": b"x",
        "/tmp/fanaoi_out.txt": b"x",
        "assets/../../out2.txt": b"x",
    }
    config = json.loads(parts["config.json"])
    says_nothing(config)
    path = zipped(tmp_path / "in" / "model.keras", parts | {"config.json": json.dumps(config)})
    try:
        cnn.load(path)
    except WorkbookError as error:
        assert "broken" in str(error)
    assert {one.name for one in tmp_path.rglob("*")} == {"in", "model.keras"}
