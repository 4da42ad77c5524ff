"""Margins in a model's own scores."""

from __future__ import annotations

import numpy as np

from genlabel_robust.core.arrays import FloatArray, IntArray
from genlabel_robust.core.errors import ConfigurationError


def logit_margin(scores: FloatArray, y: IntArray) -> FloatArray:
    """Return the score of the true class less the best of the others, (n,).

    ``scores``: (n, k), in the model's units; ``y``: (n,). Negative where the example
    is misclassified. Raises ``ConfigurationError`` for fewer than two classes.
    """
    n, k = scores.shape
    if k < 2:
        raise ConfigurationError(f"scores have {k} column(s); a margin needs two classes or more")
    rows = np.arange(n)
    others = scores.copy()
    others[rows, y] = -np.inf
    return np.asarray(scores[rows, y] - others.max(axis=1))
