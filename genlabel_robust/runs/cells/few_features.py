"""What one cell knows of changes of single columns, and of the fewest that suffice."""

from __future__ import annotations

from dataclasses import dataclass

from genlabel_robust.certify.singles.singles import Singles
from genlabel_robust.core import FloatArray


@dataclass(frozen=True, eq=False)
class FewFeatures:
    """Of n examples of d features, in c columns of the table, at e budgets.

    ``singles``: what is known of changes of one column alone. ``sparse`` (e, n, d): of the rows
    within each ε that the model mislabels, one that changes the fewest columns of those that were
    found; NaN where there is none.
    """

    singles: Singles
    sparse: FloatArray
