"""Six small .keras files that ask for far more than they hold, and what loading each of them takes.

python tests/hostile_models.py FOLDER loads those that `write` has left there as `fanaoi inspect` does, and
prints as JSON for each the sentence, the seconds, and the MB of memory that the process has taken at most so
far; "honest" comes first.
"""

import copy
import io
import json
import os
import resource
import sys
import time
import zipfile
from pathlib import Path

import h5py


def members(path):
    """Return what a .keras file holds, by name."""
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def zipped(path, parts, how=zipfile.ZIP_STORED):
    """Write a .keras file from its parts."""
    with zipfile.ZipFile(path, "w", how) as archive:
        for name, value in parts.items():
            archive.writestr(name, value)
    return path


def arrays(change):
    """Return an HDF5 file with what ``change`` puts into it."""
    buffer = io.BytesIO()
    with h5py.File(buffer, "w") as file:
        change(file)
    return buffer.getvalue()


def sparse(weights, dtype="f4", shape=(32_000, 32_000)):
    """Return weights of which one array declares much and stores nothing."""
    buffer = io.BytesIO(weights)
    with h5py.File(buffer, "r+") as file:
        places = []
        file.visititems(lambda name, one: places.append(name) if isinstance(one, h5py.Dataset) else None)
        del file[places[0]]
        file.create_dataset(places[0], shape, dtype)
    return buffer.getvalue()


def dense(parts, units):
    """Return the parts with so many neurons in the first dense layer; what is stored stays."""
    config = json.loads(parts["config.json"])
    (layer,) = (one for one in config["config"]["layers"] if one["config"].get("name") == "dense1")
    layer["config"]["units"] = units
    for one in config["config"]["layers"]:
        one.pop("build_config", None)
    return parts | {"config.json": json.dumps(config)}


def many(parts, count):
    """Return the parts with so many convolutions in a row in front of the others."""
    config = json.loads(parts["config.json"])
    layers = config["config"]["layers"]
    conv = next(one for one in layers if one["class_name"] == "Conv2D")
    conv["config"] |= {"filters": 3, "kernel_size": [1, 1]}
    added = [copy.deepcopy(conv) for _ in range(count)]
    for number, one in enumerate(added):
        one["config"]["name"] = f"more{number}"
    layers[2:2] = added
    return parts | {"config.json": json.dumps(config)}


def write(folder):
    """Write the six into ``folder``, from the handout's CNN at 80 pixels; return their paths."""
    from fanaoi_helpers import cnn

    blanks = b" " * 200_000_000
    parts = members(cnn.save(cnn.handout_cnn(80, 2, 2, 2, seed=0), folder / "honest.keras"))
    weights = parts["model.weights.h5"]
    made = {
        "h5_sparse": (parts | {"model.weights.h5": sparse(weights)}, zipfile.ZIP_STORED),
        "dense_200000": (dense(parts, 200_000), zipfile.ZIP_STORED),
        "dense_1e9": (dense(parts, 10**9), zipfile.ZIP_STORED),
        "text_200MB": (
            parts | {"config.json": blanks + parts["config.json"]},
            zipfile.ZIP_DEFLATED,
        ),
        "conv_1000": (many(parts, 1000), zipfile.ZIP_STORED),
    }
    paths = [zipped(folder / f"{name}.keras", *what) for name, what in made.items()]
    paths.append(folder / "weights_1GB.keras")
    with zipfile.ZipFile(paths[-1], "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for name, value in parts.items():
            with archive.open(name, "w", force_zip64=True) as file:
                file.write(value)
                for _ in range(1000 if name == "model.weights.h5" else 0):
                    file.write(bytes(1_000_000))
    return paths


def most():
    """Return the MB of memory that this process has had at most."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


if __name__ == "__main__":
    os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
    from fanaoi_helpers import cnn
    from fanaoi_helpers.errors import WorkbookError

    folder, told = Path(sys.argv[1]), {}
    paths = sorted(folder.glob("*.keras"), key=lambda path: (path.stem != "honest", path.name))
    for path in paths:
        started = time.monotonic()
        try:
            said = repr(cnn.load(path))
        except WorkbookError as error:
            said = str(error)
        told[path.stem] = [said, time.monotonic() - started, most()]
    print(json.dumps(told))
