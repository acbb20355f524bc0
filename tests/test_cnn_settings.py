"""What a learner's keras.json says changes nothing in the workbook; what makes Keras fail is one sentence."""

import importlib.util
import json
import os
import subprocess
import sys

import numpy as np
import pytest
from PIL import Image
from toys import small_cnn, toy

from fanaoi_helpers import cnn, explain, files, machine

HOSTILE = {
    "float64": {"floatx": "float64", "epsilon": 0.1},
    "everything": {"floatx": "float16", "epsilon": 0.01, "image_data_format": "channels_first"},
}


def work():
    """Train, judge and explain a little; return what came out."""
    pixels, labels, split = toy()
    model = small_cnn()
    history = cnn.train(model, pixels, labels, split, epochs=2, batch_size=8, report=lambda _: None)
    repaired = cnn.repaired_cnn(32, seed=1)
    shipped = cnn.load(cnn.shipped_model())
    photographs = np.random.default_rng(0).integers(0, 256, (2, 128, 128, 3), dtype=np.uint8)
    heat = explain.grad_cam(shipped, photographs, "NG", "relu5")
    return {
        "layers": [[one.dtype_policy.name, getattr(one, "data_format", None)] for one in model.layers],
        "repaired": [[one.dtype_policy.name, str(one.output.shape)] for one in repaired.layers],
        "loss": history["loss"] + history["val_loss"],
        "scores": [*cnn.predict(model, pixels[:3]), *cnn.predict(shipped, photographs)],
        "heat": np.asarray(heat).ravel()[::97].tolist(),
    }


def keras_home(folder, text):
    (folder / "keras.json").write_text(text if isinstance(text, str) else json.dumps(text), encoding="utf-8")
    environment = {name: value for name, value in os.environ.items() if name != "KERAS_BACKEND"}
    environment |= {"KERAS_HOME": str(folder), "PYTHONUTF8": "1", "CUDA_VISIBLE_DEVICES": ""}
    return environment | {"PYTHONPATH": os.pathsep.join([str(files.root()), str(files.root() / "tests")])}


def done(words, environment):
    return subprocess.run(
        [sys.executable, *words],
        env=environment,
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=300,
    )


@pytest.fixture(scope="module")
def usual():
    return work()


@pytest.mark.parametrize("name", HOSTILE)
def test_whatever_keras_json_says_the_workbook_computes_the_same(tmp_path, usual, name):
    code = (
        "import json, test_cnn_settings as here; from fanaoi_helpers import cnn, machine;"
        "told = here.work(); settings = machine.keras_settings(cnn.LEFT_ASIDE);"
        "print(json.dumps([told, cnn.LEFT_ASIDE, machine.report([settings])]))"
    )
    ran = done(["-c", code], keras_home(tmp_path, HOSTILE[name]))
    assert ran.returncode == 0, ran.stderr[-3000:]
    told, aside, finding = json.loads(ran.stdout.splitlines()[-1])
    assert told.keys() == usual.keys() and aside == HOSTILE[name]
    for part in ("layers", "repaired"):
        assert told[part] == usual[part]
    for part in ("loss", "scores", "heat"):
        np.testing.assert_allclose(told[part], usual[part], rtol=2e-3, atol=1e-5, err_msg=part)
    assert finding.startswith("✓ Keras settings left aside: ") and tmp_path.name in finding.replace(
        "\n      ", ""
    )
    for setting, value in HOSTILE[name].items():
        assert f"{setting} {value}" in finding


def test_what_is_set_in_a_cell_on_purpose_stays_and_stops_none_of_our_networks():
    config = cnn.keras.config
    config.set_floatx("float64")
    config.set_image_data_format("channels_first")
    try:
        repaired = cnn.repaired_cnn(32)
        for model in (cnn.handout_cnn(16, 1, 1, 1), repaired, cnn.four_looks(repaired)):
            formats = {getattr(layer, "data_format", None) for layer in model.layers}
            assert formats <= {"channels_last", None} and model.output_shape == (None, 1)
        assert (config.floatx(), config.image_data_format()) == ("float64", "channels_first")
    finally:
        config.set_floatx("float32")
        config.set_image_data_format("channels_last")


IMPOSSIBLE = {
    "another backend": ({"backend": "theano"}, "theano"),
    "a backend that is not installed": ({"backend": "jax"}, "jax"),
    "a type that is none": ({"floatx": "float8"}, "Error"),
    "an order that is none": ({"image_data_format": "diagonal"}, "Error"),
    "a number that is none": ({"epsilon": "small"}, "Error"),
}


@pytest.mark.parametrize("name", IMPOSSIBLE)
def test_a_keras_json_that_stops_keras_is_named_in_one_sentence(tmp_path, name):
    text, said = IMPOSSIBLE[name]
    if name.endswith("not installed") and importlib.util.find_spec("jax"):
        pytest.skip("jax is installed here")
    environment = keras_home(tmp_path, text)
    Image.new("RGB", (9, 9)).save(tmp_path / "fan.png")
    ran = done(["-m", "fanaoi_helpers", "inspect", str(cnn.shipped_model()), str(tmp_path)], environment)
    assert ran.returncode == 2 and ran.stdout == "" and ran.stderr.count("\n") == 1, ran.stderr
    assert said in ran.stderr and str(tmp_path / "keras.json") in ran.stderr and "Traceback" not in ran.stderr


def test_the_machine_check_goes_on_and_says_which_file(tmp_path):
    code = "from fanaoi_helpers import machine; print(machine.report(machine.check()))"
    ran = done(["-c", code], keras_home(tmp_path, {"backend": "theano"}))
    assert ran.returncode == 0, ran.stderr
    words = " ".join(ran.stdout.split())
    assert "✗ Keras can't be used" in words and "theano" in words and "keras.json" in words
    assert "✓ Python" in words and "Keras settings" not in words


def test_a_variable_comes_before_the_file(tmp_path):
    environment = keras_home(tmp_path, {"backend": "theano"}) | {"KERAS_BACKEND": "tensorflow"}
    ran = done(["-c", "from fanaoi_helpers import cnn; print(cnn.LEFT_ASIDE)"], environment)
    assert ran.returncode == 0 and ran.stdout == "{}\n", ran.stderr
    ran = done(["-c", "import fanaoi_helpers.cnn"], environment | {"KERAS_BACKEND": "nonsense"})
    assert "the variable KERAS_BACKEND asks for 'nonsense'; remove it" in ran.stderr.splitlines()[-1]


def test_nothing_is_told_where_nothing_is_left_aside():
    assert "Keras settings" not in {finding.name for finding in machine.check()}
