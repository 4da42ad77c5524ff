"""A stream of soft batches that any number of models can be trained on."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from genlabel_robust.strategies.soft_batch import SoftBatch
from genlabel_robust.strategies.strategy import BatchStrategy


@dataclass(frozen=True, eq=False)
class Stream:
    """Data ``x`` (n, d), ``y`` (n,), a fitted strategy and its two random streams.

    ``mixing`` feeds the strategy, ``order`` the order of the rows. A stream is read
    once: its generators move on.
    """

    x: Tensor
    y: Tensor
    strategy: BatchStrategy
    mixing: np.random.Generator
    order: np.random.Generator

    def batches(self, epochs: int, batch_size: int, shuffle: bool) -> Iterator[SoftBatch]:
        """Yield the soft batches of all epochs; the last of an epoch may be smaller."""
        for x, y in rows_in_batches(self.x, self.y, epochs, batch_size, shuffle, self.order):
            yield self.strategy(x, y, self.mixing)


def rows_in_batches(
    x: Tensor, y: Tensor, epochs: int, batch_size: int, shuffle: bool, order: np.random.Generator
) -> Iterator[tuple[Tensor, Tensor]]:
    """Yield (b, d), (b,): in the order of the data, or in a fresh one each epoch."""
    for _ in range(epochs):
        if shuffle:
            rows = torch.from_numpy(order.permutation(len(x))).to(x.device)
            x, y = x[rows], y[rows]
        for start in range(0, len(x), batch_size):
            yield x[start : start + batch_size], y[start : start + batch_size]
