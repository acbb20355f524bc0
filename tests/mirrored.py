"""Trains on one device and on two that share each batch. Run by test_cnn_devices.py in a process of its own:

python mirrored.py FOLDER leaves what came out there. The processor is told to be two GPUs.
"""

import sys
from pathlib import Path
from types import SimpleNamespace
from unittest import mock

import numpy as np
import tensorflow as tf
from toys import small_cnn, toy, trained

from fanaoi_helpers import cnn

# devices, photographs to train on: of 61 the last of two batches of 60 would hold one
RUNS = {"one": (1, 64, 8), "two": (2, 64, 8), "odd": (2, 61, 60)}


def main(folder):
    """Train on one device, on two with an interruption, and on two with an odd photograph."""
    cpu = tf.config.list_physical_devices("CPU")[0]
    tf.config.set_logical_device_configuration(cpu, [tf.config.LogicalDeviceConfiguration()] * 2)
    cards = [SimpleNamespace(name=f"/device:CPU:{number}") for number in (0, 1)]
    for name, (count, train, batch_size) in RUNS.items():
        photographs = toy(96, train=train)
        with mock.patch.object(tf.config, "list_logical_devices", lambda _, count=count: cards[:count]):
            with cnn.on_all_gpus():
                model = small_cnn()
        lines = []
        how = {"photographs": photographs, "batch_size": batch_size, "report": lines.append}
        if name == "two":
            how["resume_dir"] = folder
            trained(model=model, epochs=1, **how)
        history = trained(model=model, epochs=2, **how)[1]
        history["p_go"] = cnn.predict(model, photographs[0])
        cnn.save_run(folder / name, model, history, {})
        history["p_again"] = cnn.predict(cnn.load(folder / name / "model.keras"), photographs[0])
        np.savez(folder / f"{name}.npz", lines=lines, **history)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
