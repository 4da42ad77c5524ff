"""A stratified sample of rows, nested: a smaller one is part of every larger one."""

import numpy as np

from genlabel_robust.core import IntArray, generator


def stratified_sample(y: IntArray, size: int, seed: int) -> IntArray:
    """Return ``size`` of the row numbers of ``y`` (n,), ascending; all if ``size`` >= n.

    The i-th of the n_c rows of class c, in random order, has the key (i + 1/2) / n_c;
    the first row of each class is taken, of the most frequent class first, and then the rows
    with the smallest keys. So a sample holds a row of each class unless there are more
    classes than it has rows, and each class has its share of the sample to within a row for
    two classes, and nearly so for more, rare classes apart.
    """
    rng = generator(seed, "data", "sample")
    order = rng.permutation(len(y))
    key, later = np.empty(len(y)), np.ones(len(y), dtype=bool)
    for label in np.unique(y):
        rows = order[y[order] == label]
        key[rows] = (np.arange(len(rows)) + 0.5) / len(rows)
        later[rows[0]] = False
    # of equal keys, the one that is earlier in the random order
    ranked = np.lexsort((np.arange(len(y)), key[order], later[order]))
    return np.sort(order[ranked][:size])
