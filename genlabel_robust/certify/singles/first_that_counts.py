"""Of several points of each example the first that counts."""

from collections.abc import Callable

import numpy as np

from genlabel_robust.core import BoolArray, IntArray


def first_that_counts(
    rows: IntArray, order: IntArray, counts: Callable[[IntArray], BoolArray]
) -> IntArray:
    """Return the number of the first point of each example that counts, if one does.

    ``rows`` (p,): the examples of the points; ``order``: the numbers of those that are tried, in
    the order of ``rows``, the best of each first. ``counts``: asked about points (q,), of each
    example one at a time.
    """
    found = [np.zeros(0, dtype=np.int64)]
    while len(order):
        _, first = np.unique(rows[order], return_index=True)
        tried = order[first]
        good = tried[counts(tried)]
        found.append(good)
        order = np.delete(order, first)
        order = order[~np.isin(rows[order], rows[good])]
    return np.concatenate(found)
