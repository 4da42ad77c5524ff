"""The results of one cell on changes of single columns, and on the fewest columns."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from genlabel_robust.certify.singles.singles import Singles
from genlabel_robust.core import BoolArray, FloatArray

#: The fields of ``Singles``; their arrays are stored as "single_NAME".
_SINGLE = ("lower", "upper", "value")


@dataclass(frozen=True, eq=False)
class FewFeatures:
    """Results of n examples with d features, in c columns of the table, at e budgets.

    ``singles``: for changes of one column alone. ``sparse`` (e, n, d): the row within each ε that
    the model mislabels and that changes the fewest columns of all found; NaN without one.
    """

    singles: Singles
    sparse: FloatArray

    @property
    def alone(self) -> FloatArray:
        """The distance (n,) of the nearest change of one column that the model mislabels."""
        return np.asarray(self.singles.upper.min(axis=1, initial=np.inf))

    def of(self, rows: BoolArray) -> FewFeatures:
        """Return the results of those of the n examples that ``rows`` (n,) marks."""
        one = self.singles
        chosen = replace(one, lower=one.lower[rows], upper=one.upper[rows], value=one.value[rows])
        return FewFeatures(chosen, self.sparse[:, rows])


def few_arrays(few: FewFeatures) -> dict[str, Any]:
    """Return the arrays by the names under which they are stored."""
    return {f"single_{name}": getattr(few.singles, name) for name in _SINGLE} | {
        "sparse": few.sparse
    }


def stored_counts(few: FewFeatures) -> dict[str, int]:
    """Return the counts for the cell's JSON file."""
    return {"left_out": few.singles.left_out}


def few_of(arrays: Mapping[str, Any], counts: Mapping[str, int]) -> FewFeatures | None:
    """Read what ``few_arrays`` and ``stored_counts`` wrote, None if there is nothing."""
    if "sparse" not in arrays:
        return None
    singles = {name: arrays[f"single_{name}"] for name in _SINGLE}
    return FewFeatures(Singles(**singles, left_out=counts.get("left_out", 0)), arrays["sparse"])
