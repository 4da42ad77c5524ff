"""How far a library's sums of leaves can be from exact ones."""

import numpy as np

from genlabel_robust.core import FloatArray

#: The unit roundoffs of the two types in which libraries add.
FLOAT32, FLOAT64 = 2.0**-24, 2.0**-53
#: How near to each other two margins can be for a logistic or a softmax, computed in float32
#: or float64, to make equal probabilities of them, or such in the other order: some sixteen
#: roundings of numbers of at most 1.
LINK32, LINK64 = 2.0**-20, 2.0**-49


def sum_rounding(largest: FloatArray, base: FloatArray, unit: float, *, ordered: bool) -> float:
    """Bound the rounding of a difference of two scores, each a sum of leaves and a base.

    ``largest`` (t, k): for each tree and class the largest leaf in absolute value; ``base``
    (k,): what the sums begin with. ``unit``: the unit roundoff of the type in which the library
    adds; ``ordered``: whether it adds tree after tree, from the base on. An addition is off by at
    most ``unit`` times the sum so far. Products with a rate or a weight and a final division add
    ``unit`` times the whole sum each, and our own sums in float64 are counted as well.
    """
    total = np.abs(base) + largest.sum(axis=0)
    counts = (largest > 0).sum(axis=0)
    far = counts * total
    if ordered:
        so_far = np.abs(base) + np.cumsum(largest, axis=0)
        far = np.where(largest > 0, so_far, 0.0).sum(axis=0)
    size = unit * (far + 4 * total) + FLOAT64 * 2 * (counts + 1) * total
    # a class of one leaf, or none, is exact; what roundings of roundings add is far below 1 %
    size = np.where((counts + (base != 0) <= 1) & (unit == 0), 0.0, 1.01 * size)
    return float(np.sort(size)[-2:].sum())
