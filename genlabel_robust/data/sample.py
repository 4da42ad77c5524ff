"""A stratified sample of rows, nested: a smaller one is part of every larger one."""

from __future__ import annotations

import numpy as np

from genlabel_robust.core.arrays import IntArray
from genlabel_robust.core.seeds import generator


def stratified_sample(y: IntArray, size: int, seed: int) -> IntArray:
    """Return ``size`` of the row numbers of ``y`` (n,), ascending; all if ``size`` >= n.

    The i-th of the n_c rows of class c, in random order, has the key (i + 1/2) / n_c;
    the rows with the smallest keys are taken. So each class has its share of the
    sample to within a row for two classes, and nearly so for more.
    """
    rng = generator(seed, "data", "sample")
    order = rng.permutation(len(y))
    key = np.empty(len(y))
    for label in np.unique(y):
        rows = order[y[order] == label]
        key[rows] = (np.arange(len(rows)) + 0.5) / len(rows)
    # of equal keys, the one that is earlier in the random order
    return np.sort(order[np.argsort(key[order], kind="stable")][:size])
