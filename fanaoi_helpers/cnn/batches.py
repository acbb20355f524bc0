"""Photographs for Keras, batch by batch."""

import numpy as np

from .quiet import keras


class Batches(keras.utils.PyDataset):
    """Hands photographs to Keras batch by batch, so that a memory-mapped array never lies in memory whole.

    Each epoch holds every photograph of ``index`` once, in an order that ``seed`` and the epoch's number
    decide; without a seed the order is that of ``index``.
    """

    def __init__(
        self,
        pixels: np.ndarray,
        labels: np.ndarray,
        index: np.ndarray,
        batch_size: int,
        seed: int | None = None,
    ) -> None:
        super().__init__()
        self.pixels, self.labels, self.index = pixels, labels, np.asarray(index)
        self.batch_size, self.seed = batch_size, seed
        self.begin(0)

    def __len__(self) -> int:
        """Return the number of batches; the last one may be smaller."""
        return -(-len(self.index) // self.batch_size)

    def __getitem__(self, number: int) -> tuple[np.ndarray, np.ndarray]:
        """Return photographs (n, size, size, 3) uint8 and labels (n, 1) float32 of one batch."""
        # Sorted: the order within a batch changes nothing, and a file is read fastest from front to back.
        chosen = np.sort(self.order[number * self.batch_size : (number + 1) * self.batch_size])
        return self.pixels[chosen], self.labels[chosen].astype("float32")[:, None]

    def on_epoch_end(self) -> None:
        """Shuffle for the next epoch; Keras calls this."""
        self.begin(self.epoch + 1)

    def begin(self, epoch: int) -> None:
        """Shuffle for ``epoch``."""
        self.epoch, self.order = epoch, self.index
        if self.seed is not None:
            self.order = np.random.default_rng([self.seed, epoch]).permutation(self.index)
