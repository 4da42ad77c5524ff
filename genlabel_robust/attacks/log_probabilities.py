"""Scores on a scale that does not flatten out where the model is sure of itself."""

from __future__ import annotations

import numpy as np

from genlabel_robust.core.arrays import FloatArray

#: How far the sum of probabilities may be from 1, and the least of them told from 0.
_ROUNDING, _LEAST = 1e-3, 1e-30


def unflattened(scores: FloatArray) -> FloatArray:
    """Return the logarithms of those rows of ``scores`` (q, k) that look like probabilities.

    That is all at least 0 with a sum of 1; other rows are returned as they are. Near 0
    and 1 probabilities hardly change, and their differences hide which way is better.
    """
    probable = (scores >= 0).all(axis=1) & (np.abs(scores.sum(axis=1) - 1) < _ROUNDING)
    return np.where(probable[:, None], np.log(np.maximum(scores, _LEAST)), scores)
