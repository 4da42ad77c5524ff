"""Scores on a scale that does not flatten out where the model is sure of itself."""

import numpy as np

from genlabel_robust.core import FloatArray, probable
from genlabel_robust.core.scores import LEAST_PROBABILITY


def unflattened(scores: FloatArray) -> FloatArray:
    """Return the logarithms of those rows of ``scores`` (q, k) that look like probabilities.

    Other rows are returned as they are. Near 0 and 1 probabilities hardly change, and their
    differences hide which way is better.
    """
    logarithms = np.log(np.maximum(scores, LEAST_PROBABILITY))
    return np.where(probable(scores)[:, None], logarithms, scores)
