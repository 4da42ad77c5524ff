"""What has been proved of each example."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from genlabel_robust.core.arrays import BoolArray, FloatArray, IntArray

#: How far apart the bounds of a distance may be, as a share of it, for it to be called exact:
#: a model that computes in float32 has no boundary that is known better.
EXACT = 1e-3


@dataclass(frozen=True, eq=False)
class Certificate:
    """Bounds on the distance of n examples to the nearest row that the model mislabels.

    Of the rows that exist: in the example's box and allowed by the constraints. Distances are
    in attack space. ``lower`` (n,): no such row is nearer; +inf where the whole box is proved.
    ``upper`` (n,): the distance of ``witness`` (n, d), a raw row that the model itself
    mislabels; +inf and NaN where none was found. 0 for both where the example is misclassified.
    ``work`` (n,): bound steps and branches used.

    So at ε an example is certified where ``lower`` is not within ε, tolerance included, broken
    where ``upper`` is, and open between, be the bounds ever so close.
    """

    lower: FloatArray
    upper: FloatArray
    witness: FloatArray
    work: IntArray

    @property
    def exact(self) -> BoolArray:
        """Mark the examples (n,) whose distance is known, to its rounding."""
        return np.asarray((self.upper <= self.lower * (1 + EXACT)) | np.isinf(self.lower))
