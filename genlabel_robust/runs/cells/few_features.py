"""What one cell knows of changes of single columns, and of the fewest that suffice."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from genlabel_robust.certify.singles.singles import Singles
from genlabel_robust.core import BoolArray, FloatArray


@dataclass(frozen=True, eq=False)
class FewFeatures:
    """Of n examples of d features, in c columns of the table, at e budgets.

    ``singles``: what is known of changes of one column alone. ``sparse`` (e, n, d): of the rows
    within each ε that the model mislabels, one that changes the fewest columns of those that were
    found; NaN where there is none.
    """

    singles: Singles
    sparse: FloatArray

    @property
    def alone(self) -> FloatArray:
        """The distance (n,) of the nearest change of one column that the model mislabels."""
        return np.asarray(self.singles.upper.min(axis=1, initial=np.inf))

    def of(self, rows: BoolArray) -> FewFeatures:
        """Return what is known of those of the n examples that ``rows`` (n,) marks."""
        one = self.singles
        chosen = replace(one, lower=one.lower[rows], upper=one.upper[rows], value=one.value[rows])
        return FewFeatures(chosen, self.sparse[:, rows])
