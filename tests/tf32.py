"""A stand-in for NVIDIA's GPUs from Ampere on, which round the factors of products to 10 bits (TF32)."""

import contextlib
from unittest import mock

from fanaoi_helpers.cnn import keras

LOST = 13  # of float32's 23 bits behind the leading one


def rounded(x):
    """Return ``x`` with 10 bits behind the leading one, to the nearest; its gradient is that of ``x``."""
    if keras.backend.standardize_dtype(x.dtype) != "float32":
        return x
    # x + c - c rounds x, where c is so much larger that its own last bit is the last one that x may keep.
    large = keras.ops.multiply(x, 2.0**LOST + 1)
    high = large - (large - x)
    return x + keras.ops.stop_gradient(high - x)


@contextlib.contextmanager
def multiplying():
    """Let Keras' dense layers and convolutions multiply so for a while, but for what is put on the CPU."""
    on_cpu, device = [], keras.device
    ops = keras.src.ops

    @contextlib.contextmanager
    def noted(name):
        with device(name):
            on_cpu.append(name)
            yield
            on_cpu.pop()

    def with_rounded(product):
        def multiply(x, kernel, *words, **options):
            if not on_cpu:
                x, kernel = (rounded(keras.ops.convert_to_tensor(factor)) for factor in (x, kernel))
            return product(x, kernel, *words, **options)

        return multiply

    with (
        mock.patch.object(keras, "device", noted),
        mock.patch.object(ops, "matmul", with_rounded(ops.matmul)),
        mock.patch.object(ops, "conv", with_rounded(ops.conv)),
    ):
        yield
