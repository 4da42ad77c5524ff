"""The results for changes of one column alone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from genlabel_robust.core import BoolArray, FloatArray, IntArray


@dataclass(frozen=True, eq=False)
class Singles:
    """Bounds on the distance of n examples to a mislabelled row if one of c columns changes.

    Distances are in attack space, as in ``Certificate``, but only for changes of that column.
    ``lower`` (n, c): no such change is nearer; ``upper`` (n, c): the distance of a change that the
    model itself mislabels, +inf if none is known; both are 0 where the example is misclassified.
    ``value`` (n, d): the value of each feature in the change of its own column; NaN if that column
    has none. ``left_out``: the number of examples that were not searched; ``questions``: the
    number of rows queried.
    """

    lower: FloatArray
    upper: FloatArray
    value: FloatArray
    left_out: int = 0
    questions: int = 0

    def points(self, raw: FloatArray, rows: IntArray, features: Sequence[int]) -> FloatArray:
        """Return the ``rows`` (q,) of ``raw`` (n, d), with the change of one column: (q, d).

        ``features``: the features of that column.
        """
        points = raw[rows]
        points[:, list(features)] = self.value[rows[:, None], list(features)]
        return points


def nothing_tried(correct: BoolArray, columns: int, features: int) -> Singles:
    """Return the trivial results of examples, given whether each is ``correct`` (n,)."""
    n = len(correct)
    upper = np.where(correct[:, None], np.inf, np.zeros((n, columns)))
    return Singles(np.zeros((n, columns)), upper, np.full((n, features), np.nan))
