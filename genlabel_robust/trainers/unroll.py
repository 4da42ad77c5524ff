"""Soft labels for classifiers that know only hard ones: weighted copies."""

from dataclasses import dataclass

import numpy as np
import torch

from genlabel_robust.core import DataError, Float32Array, FloatArray, IntArray
from genlabel_robust.strategies.strategy import BatchStrategy

#: A class's share of a mixed point below this is left out: it would double the rows
#: and could not move any estimator.
SMALLEST_SHARE = 1e-6


@dataclass(frozen=True, eq=False)
class WeightedRows:
    """``x`` (m, d), hard labels ``y`` (m,), ``weight`` (m,) > 0."""

    x: Float32Array
    y: IntArray
    weight: FloatArray


def unroll(
    x: Float32Array,
    y: IntArray,
    n_classes: int,
    strategy: BatchStrategy,
    copies: int,
    batch_size: int,
    rng: np.random.Generator,
) -> WeightedRows:
    """Return every mixed point once per class, weighted by its share of that class.

    ``x``: (n, d), ``y``: (n,). ``strategy`` is fitted. Each copy takes the rows in
    a fresh order and in batches of ``batch_size``, one λ each: so the copies hold
    ``copies * ceil(n / batch_size)`` different λ, and pairs that the order of the
    data would never bring together. Each copy's weights sum to n, if nothing was
    dropped. Raises ``DataError`` if fewer than two classes are left.
    """
    points, targets = [], []
    rows, labels = torch.tensor(x), torch.tensor(y)
    for _ in range(copies):
        order = torch.from_numpy(rng.permutation(len(x)))
        for part in torch.split(order, batch_size):
            batch = strategy(rows[part], labels[part], rng)
            points.append(batch.x.numpy())
            targets.append((batch.target * batch.weight.unsqueeze(1)).numpy())
    mixed = np.concatenate(points)
    share = np.concatenate(targets).astype(np.float64)
    row, label = np.nonzero(share > SMALLEST_SHARE)
    if len(np.unique(label)) < 2 <= n_classes:
        raise DataError(
            f"strategy {strategy.name!r} left weight on {len(np.unique(label))} of {n_classes} "
            "classes; raise copies, or use another strategy"
        )
    return WeightedRows(mixed[row], label.astype(np.int64), share[row, label])
