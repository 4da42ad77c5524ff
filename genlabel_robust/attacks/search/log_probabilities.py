"""Scores on a scale that stays sensitive where the model is confident."""

import numpy as np

from genlabel_robust.core import FloatArray, probable
from genlabel_robust.core.scores import LEAST_PROBABILITY


def unflattened(scores: FloatArray) -> FloatArray:
    """Replace those rows of ``scores`` (q, k) that look like probabilities by their logarithms.

    Other rows are returned unchanged. Near 0 and 1 probabilities hardly change, so their
    differences hide which direction is better.
    """
    logarithms = np.log(np.maximum(scores, LEAST_PROBABILITY))
    return np.where(probable(scores)[:, None], logarithms, scores)
