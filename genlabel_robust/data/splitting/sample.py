"""Nested stratified samples of rows: a smaller sample is part of every larger one."""

import numpy as np

from genlabel_robust.core import IntArray, generator


def stratified_sample(y: IntArray, size: int, seed: int) -> IntArray:
    """Return ``size`` row numbers of ``y`` (n,), ascending; all if ``size`` >= n.

    The i-th of the n_c rows of class c, in random order, has the key (i + 1/2) / n_c. The first row
    of each class is taken, starting with the most frequent class, and then the rows with the
    smallest keys. So a sample contains a row of each class unless there are more classes than it
    has rows. With two classes, each has its share of the sample to within one row; with more,
    nearly so, except for rare classes.
    """
    rng = generator(seed, "data", "sample")
    order = rng.permutation(len(y))
    key, later = np.empty(len(y)), np.ones(len(y), dtype=bool)
    for label in np.unique(y):
        rows = order[y[order] == label]
        key[rows] = (np.arange(len(rows)) + 0.5) / len(rows)
        later[rows[0]] = False
    # ties are broken by the random order
    ranked = np.lexsort((np.arange(len(y)), key[order], later[order]))
    return np.sort(order[ranked][:size])
