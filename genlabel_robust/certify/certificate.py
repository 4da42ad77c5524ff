"""What has been proved of each example."""

from __future__ import annotations

from dataclasses import dataclass

from genlabel_robust.core.arrays import FloatArray, IntArray


@dataclass(frozen=True, eq=False)
class Certificate:
    """Bounds on the distance of n examples to the nearest row that the model mislabels.

    Of the rows that exist: in the example's box and allowed by the constraints. Distances are
    in attack space. ``lower`` (n,): no such row is nearer; +inf where the whole box is proved.
    ``upper`` (n,): the distance of ``witness`` (n, d), a raw row that the model itself
    mislabels; +inf and NaN where none was found. 0 for both where the example is misclassified.
    Where they are equal the distance is exact. ``work`` (n,): bound steps and branches used.

    So at ε an example is certified where ``lower`` is not within ε, tolerance included, broken
    where ``upper`` is, and open between.
    """

    lower: FloatArray
    upper: FloatArray
    witness: FloatArray
    work: IntArray
