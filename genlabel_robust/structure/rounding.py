"""Bounds on the rounding errors of a library's sums of leaves."""

import numpy as np

from genlabel_robust.core import FloatArray

#: The unit roundoffs of the two types that libraries use for sums.
FLOAT32, FLOAT64 = 2.0**-24, 2.0**-53
#: How close two margins can be for a logistic function or a softmax, computed in float32 or
#: float64, to give equal probabilities, or ones in the other order: some sixteen rounding
#: operations on numbers of at most 1.
LINK32, LINK64 = 2.0**-20, 2.0**-49


def sum_rounding(largest: FloatArray, base: FloatArray, unit: float, *, ordered: bool) -> float:
    """Bound the rounding error of a difference of two scores, each a sum of leaves and a base.

    ``largest`` (t, k): the largest absolute leaf value for each tree and class; ``base`` (k,): the
    initial values of the sums. ``unit``: the unit roundoff of the type in which the library adds;
    ``ordered``: whether it adds tree after tree, starting at the base. An addition is off by at
    most ``unit`` times the sum so far. Products with a rate or a weight and a final division each
    add ``unit`` times the whole sum. Our own sums in float64 are included as well.
    """
    total = np.abs(base) + largest.sum(axis=0)
    counts = (largest > 0).sum(axis=0)
    far = counts * total
    if ordered:
        so_far = np.abs(base) + np.cumsum(largest, axis=0)
        far = np.where(largest > 0, so_far, 0.0).sum(axis=0)
    size = unit * (far + 4 * total) + FLOAT64 * 2 * (counts + 1) * total
    # a class with at most one leaf is exact; second-order terms are far below 1 %
    size = np.where((counts + (base != 0) <= 1) & (unit == 0), 0.0, 1.01 * size)
    return float(np.sort(size)[-2:].sum())
