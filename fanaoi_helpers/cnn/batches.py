"""Photographs for Keras, batch by batch."""

from __future__ import annotations

import numpy as np

from .backend import keras


class Batches(keras.utils.PyDataset):
    """Hands photographs to Keras batch by batch, so that a memory-mapped array never lies in memory whole.

    Each epoch holds every photograph of ``index`` once, in an order that ``seed`` and the epoch's number
    decide, beginning with ``epoch``; without a seed the order is that of ``index``. Where devices share each
    batch, its size must be a multiple of ``shares``: a device without a photograph has no mean loss. So the
    last batch is filled up with the epoch's first photographs, at most ``shares`` - 1 of them.
    """

    def __init__(
        self,
        pixels: np.ndarray,
        labels: np.ndarray,
        index: np.ndarray,
        batch_size: int,
        seed: int | None = None,
        epoch: int = 0,
        shares: int = 1,
    ) -> None:
        super().__init__()
        self.pixels, self.labels, self.index = pixels, labels, np.asarray(index)
        self.batch_size, self.seed, self.shares = batch_size, seed, shares
        self.begin(epoch)

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
        self.epoch = epoch
        order = self.index
        if self.seed is not None:
            order = np.random.default_rng([self.seed, self.epoch]).permutation(order)
        self.order = np.resize(order, -(-len(order) // self.shares) * self.shares)
