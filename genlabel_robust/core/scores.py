"""Margins in a model's scores, and scores that are probabilities."""

import numpy as np

from genlabel_robust.core.arrays import BoolArray, FloatArray, IntArray
from genlabel_robust.core.errors import ConfigurationError

#: Probabilities below this count as 0; a float32 softmax can still return it.
LEAST_PROBABILITY = 1e-30
#: How far the sum of probabilities may be from 1.
_ROUNDING = 1e-3


def probable(scores: FloatArray) -> BoolArray:
    """Mark the rows of ``scores`` (n, k) that look like probabilities, (n,).

    These are all at least 0 and have a sum of 1.
    """
    whole = np.abs(scores.sum(axis=1) - 1) < _ROUNDING
    return np.asarray((scores >= 0).all(axis=1) & whole)


def logit_margin(scores: FloatArray, y: IntArray) -> FloatArray:
    """Return the score of the true class minus the best other score, (n,).

    ``scores``: (n, k), in the model's units; ``y``: (n,). Negative where the example is
    misclassified. Raises ``ConfigurationError`` for fewer than two classes.
    """
    n, k = scores.shape
    if k < 2:
        raise ConfigurationError(f"scores have {k} column(s); a margin needs at least two classes")
    rows = np.arange(n)
    others = scores.copy()
    others[rows, y] = -np.inf
    return np.asarray(scores[rows, y] - others.max(axis=1))
