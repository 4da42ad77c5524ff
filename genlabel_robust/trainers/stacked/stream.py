"""Streams of soft batches, which any number of models can read."""

from collections.abc import Hashable, Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate, islice, pairwise
from typing import cast

import numpy as np
import torch
from torch import Tensor

from genlabel_robust.strategies.mixing import MixingStrategy, pair_batches
from genlabel_robust.strategies.soft_batch import SoftBatch
from genlabel_robust.strategies.strategy import BatchStrategy

#: The rows that are mixed and labelled at once, if a batch is smaller, to save overhead per call.
BLOCK = 4096


@dataclass(frozen=True, eq=False)
class Stream:
    """Data ``x`` (n, d), ``y`` (n,), a fitted strategy, and two random generators.

    ``mixing`` is the strategy's generator, ``order`` that of the order of the rows. A stream can
    be read only once, because its generators advance. Streams of mixing strategies that share the
    same data and generators see the same mixed points, which are then computed only once.
    """

    x: Tensor
    y: Tensor
    strategy: BatchStrategy
    mixing: np.random.Generator
    order: np.random.Generator

    @property
    def source(self) -> Hashable:
        """A key that is equal for streams with the same points."""
        if isinstance(self.strategy, MixingStrategy):
            return id(self.x), id(self.mixing), id(self.order), self.strategy.alpha
        return id(self)


def read(
    streams: Sequence[Stream], epochs: int, batch_size: int, shuffle: bool
) -> Iterator[tuple[list[SoftBatch], list[slice]]]:
    """Yield the soft batches of all epochs, several batches at a time.

    ``streams`` must have equally many rows. Each item is a list of every stream's soft batch,
    concatenated over the next batches, and a list of the slices of these batches.
    """
    sources: dict[Hashable, list[int]] = {}
    for index, stream in enumerate(streams):
        sources.setdefault(stream.source, []).append(index)
    n, at_once = len(streams[0].x), max(1, BLOCK // batch_size)
    orders = {
        source: row_batches(streams[0].x, epochs, batch_size, shuffle, streams[members[0]].order)
        for source, members in sources.items()
    }
    for _ in range(0, epochs * -(-n // batch_size), at_once):
        soft: dict[int, SoftBatch] = {}
        for source, members in sources.items():
            rows = list(islice(orders[source], at_once))
            made = _soften([streams[i] for i in members], rows)
            soft.update(zip(members, made, strict=True))
        edges = accumulate(map(len, rows), initial=0)
        yield [soft[i] for i in range(len(streams))], [slice(*pair) for pair in pairwise(edges)]


def _soften(streams: Sequence[Stream], rows: Sequence[Tensor]) -> list[SoftBatch]:
    """Return the soft batch of each stream of one source for the batches ``rows``, concatenated."""
    first, *others = streams
    strategy, x, y = first.strategy, first.x, first.y
    if not isinstance(strategy, MixingStrategy):
        return [_joined([strategy(x[batch], y[batch], first.mixing) for batch in rows])]
    joined = torch.cat(list(rows))
    pairing = pair_batches(joined, [len(batch) for batch in rows], strategy.alpha, first.mixing)
    mixed = strategy.mix(x[joined], y[joined], pairing)
    strategies = [strategy, *(cast("MixingStrategy", other.strategy) for other in others)]
    with torch.no_grad():
        return [each.label(mixed) for each in strategies]


def _joined(batches: Sequence[SoftBatch]) -> SoftBatch:
    return SoftBatch(
        torch.cat([batch.x for batch in batches]),
        torch.cat([batch.target for batch in batches]),
        torch.cat([batch.weight for batch in batches]),
    )


def row_batches(
    x: Tensor, epochs: int, batch_size: int, shuffle: bool, order: np.random.Generator
) -> Iterator[Tensor]:
    """Yield the indices (b,) of the rows of ``x`` in each batch, on its device.

    The rows come in the order of the data, or with ``shuffle`` in a new order each epoch.
    """
    rows = torch.arange(len(x), device=x.device)
    for _ in range(epochs):
        if shuffle:
            rows = rows[torch.from_numpy(order.permutation(len(x))).to(x.device)]
        yield from torch.split(rows, batch_size)


def rows_in_batches(
    x: Tensor, y: Tensor, epochs: int, batch_size: int, shuffle: bool, order: np.random.Generator
) -> Iterator[tuple[Tensor, Tensor]]:
    """Yield batches (b, d), (b,) in the order of the data, or with ``shuffle`` in new orders."""
    for rows in row_batches(x, epochs, batch_size, shuffle, order):
        yield x[rows], y[rows]
