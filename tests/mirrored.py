"""Trains on one device and on two that share each batch. Run by test_cnn_devices.py in a process of its own:

python mirrored.py FOLDER leaves one.npz and two.npz there. The processor is told to be two devices.
"""

import sys
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import tensorflow as tf

from fanaoi_helpers import cnn

# devices, photographs to train on: with 61 and batches of 8 the last batch holds an odd number, 5
RUNS = {"one": (["CPU:0"], 64), "two": (["CPU:0", "CPU:1"], 64), "odd": (["CPU:0", "CPU:1"], 61)}


def main(folder):
    """Train on one device, on two with an interruption, and on two with an odd batch."""
    cpu = tf.config.list_physical_devices("CPU")[0]
    tf.config.set_logical_device_configuration(cpu, [tf.config.LogicalDeviceConfiguration()] * 2)
    rng = np.random.default_rng(0)
    pixels, labels = rng.integers(0, 120, (96, 16, 16, 3), dtype=np.uint8), np.arange(96) % 2
    pixels[labels == 1, 5:11, 5:11] += 130
    for name, (devices, count) in RUNS.items():
        split = SimpleNamespace(train=np.arange(count), validation=np.arange(64, 96))
        told = []
        with cnn.on_all_gpus(devices, report=told.append) as shares:
            model = cnn.handout_cnn(16, filters_1=4, filters_2=4, dense_units=8, seed=0)
        how = {"batch_size": 8, "learning_rate": 0.01, "report": told.append}
        if name == "two":
            cnn.train(model, pixels, labels, split, epochs=1, resume_dir=folder, **how)
            how["resume_dir"] = folder
        history = cnn.train(model, pixels, labels, split, epochs=2, **how)
        history["p_go"] = cnn.predict(model, pixels)
        cnn.save_run(folder / name, model, history, {})
        history["p_again"] = cnn.predict(cnn.load(folder / name / "model.keras"), pixels)
        np.savez(folder / f"{name}.npz", told=told, shares=shares, **history)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
