"""What is known of changes of one column alone."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from genlabel_robust.core import BoolArray, FloatArray


@dataclass(frozen=True, eq=False)
class Singles:
    """How far n examples are from being mislabelled if only one of c columns is changed.

    Distances in attack space, as of ``Certificate``, but of changes of that column alone.
    ``lower`` (n, c): no such change is nearer; ``upper`` (n, c): that of one that the model itself
    mislabels, +inf where none was found; 0 for both where the example is misclassified.
    ``value`` (n, d): what each feature is changed to there, by the column that it is part of; NaN
    where its column has none. ``left_out``: so many examples were not looked at;
    ``questions``: so many rows the model was asked about.
    """

    lower: FloatArray
    upper: FloatArray
    value: FloatArray
    left_out: int = 0
    questions: int = 0


def nothing_tried(correct: BoolArray, columns: int, features: int) -> Singles:
    """Return what is known of examples, ``correct`` (n,) or not, before anything is tried."""
    n = len(correct)
    upper = np.where(correct[:, None], np.inf, np.zeros((n, columns)))
    return Singles(np.zeros((n, columns)), upper, np.full((n, features), np.nan))
