"""What notebooks 03 and 04 say holds where a GPU multiplies with fewer digits, as most do today."""

import re

import lesson
import numpy as np
import pytest
import tf32

from fanaoi_helpers import notebooks
from fanaoi_helpers.cnn import keras


def product(x, kernel):
    """Return ``x`` times ``kernel`` by a dense layer without a bend."""
    layer = keras.layers.Dense(kernel.shape[1], use_bias=False)
    layer.build((None, len(kernel)))
    layer.set_weights([kernel])
    return keras.ops.convert_to_numpy(layer(x))


def test_the_stand_in_rounds_to_ten_bits_but_not_on_the_cpu():
    rng = np.random.default_rng(0)
    x, kernel = rng.normal(size=(8, 64)).astype("float32"), rng.normal(size=(64, 3)).astype("float32")
    bits = [np.frombuffer(array.tobytes(), np.int32).astype(np.int64) for array in (x, kernel)]
    nearest = [((some + (1 << 12)) >> 13 << 13).astype(np.int32) for some in bits]
    by_bits = [np.frombuffer(some.tobytes(), np.float32) for some in nearest]
    exact, wanted = x @ kernel, by_bits[0].reshape(x.shape) @ by_bits[1].reshape(kernel.shape)
    with tf32.multiplying():
        found = product(x, kernel)
        with keras.device("cpu"):
            on_cpu = product(x, kernel)
    np.testing.assert_allclose(found, wanted, atol=2e-4)
    assert np.abs(found - exact).max() > 5e-4
    np.testing.assert_allclose(on_cpu, exact, atol=2e-5)
    np.testing.assert_allclose(product(x, kernel), exact, atol=2e-5)


@pytest.mark.parametrize("number", ["03", "04"])
def test_what_a_lesson_claims_holds(number):
    with tf32.multiplying():
        printed = lesson.execute(number)["printed"]
    for cell in notebooks.read(notebooks.find(number))["cells"]:
        if cell["cell_type"] != "code" or notebooks.tagged(cell, "nbval-ignore-output"):
            continue
        texts = ["".join(output["text"]) for output in cell["outputs"] if output.get("name") == "stdout"]
        stored = "".join(texts)
        for line in re.findall(r"^.*(?:: True|by hand.*|by Keras.*)$", stored, re.MULTILINE):
            assert line in printed


def test_a_network_by_hand_is_compared_on_the_cpu():
    with tf32.multiplying():
        names = lesson.execute("03", until="Nothing else. The weights are random still")
    np.testing.assert_allclose(names["by_keras"], names["values"][-1], rtol=0, atol=1e-6)
