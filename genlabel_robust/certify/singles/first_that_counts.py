"""The first point of each example that passes a check."""

from collections.abc import Callable

import numpy as np

from genlabel_robust.core import BoolArray, IntArray


def first_that_counts(
    rows: IntArray, order: IntArray, counts: Callable[[IntArray], BoolArray]
) -> IntArray:
    """Return the index of the first point of each example that passes ``counts``, if one does.

    ``rows`` (p,): the examples of the points; ``order``: the indices of the points to try, sorted
    by ``rows``, best first within each example. ``counts``: checks points (q,), at most one of each
    example per call.
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
