"""What one cell knows of changes of single columns, and of the fewest that suffice."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from genlabel_robust.certify.singles.singles import Singles
from genlabel_robust.core import BoolArray, FloatArray

#: The fields of what is known of single columns; their arrays are called "single_NAME".
_SINGLE = ("lower", "upper", "value")


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


def few_arrays(few: FewFeatures) -> dict[str, Any]:
    """Return the arrays by the names that they are stored under."""
    return {f"single_{name}": getattr(few.singles, name) for name in _SINGLE} | {
        "sparse": few.sparse
    }


def stored_counts(few: FewFeatures) -> dict[str, int]:
    """Return what stands in the cell's JSON."""
    return {"left_out": few.singles.left_out}


def few_of(arrays: Mapping[str, Any], counts: Mapping[str, int]) -> FewFeatures | None:
    """Return what ``few_arrays`` and ``stored_counts`` wrote, None where there is nothing."""
    if "sparse" not in arrays:
        return None
    singles = {name: arrays[f"single_{name}"] for name in _SINGLE}
    return FewFeatures(Singles(**singles, left_out=counts.get("left_out", 0)), arrays["sparse"])
