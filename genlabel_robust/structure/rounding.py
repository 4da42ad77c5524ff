"""How far a library's sums of leaves can be from exact ones."""

from __future__ import annotations

import numpy as np

from genlabel_robust.core.arrays import FloatArray, IntArray

#: The unit roundoffs of the two types in which libraries add.
FLOAT32, FLOAT64 = 2.0**-24, 2.0**-53
#: How near to each other two margins can be for a logistic or a softmax, computed in float32
#: or float64, to make equal probabilities of them, or such in the other order: some sixteen
#: roundings of numbers of at most 1.
LINK32, LINK64 = 2.0**-20, 2.0**-49


def sum_rounding(largest: FloatArray, base: FloatArray, counts: IntArray, unit: float) -> float:
    """Bound the rounding of a difference of two scores, each a sum of leaves and a base.

    ``largest`` (k,): of each class the sum over trees of the largest leaf in absolute value;
    ``base``, ``counts`` (k,): what it begins with, and from how many trees it gets anything.
    ``unit``: the unit roundoff of the type in which the library adds. Each of n additions is off
    by at most ``unit`` times the largest partial sum, in any order; as many again are allowed
    for products with a rate or a weight, a final division, and our own sums in float64.
    """
    size = (largest + np.abs(base)) * (2 * counts + 8) * unit
    # a class without any leaf is exact
    size = np.where((largest == 0) & (base == 0), 0.0, size)
    return float(np.sort(size)[-2:].sum())
