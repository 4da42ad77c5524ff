"""The direction in which a loss rises fastest."""

import numpy as np

from genlabel_robust.core import FloatArray
from genlabel_robust.threat import Norm


def steepest(gradient: FloatArray, norm: Norm) -> FloatArray:
    """Return the unit step in L∞ or L2 that gains most along ``gradient``: (q, m) -> (q, m).

    The step is 0 where the gradient is 0.
    """
    if norm == "linf":
        return np.sign(gradient)
    # scaled first, because the squares of a tiny gradient underflow
    peak = np.abs(gradient).max(axis=1, keepdims=True)
    direction = gradient / np.where(peak > 0, peak, 1.0)
    length = np.linalg.norm(direction, axis=1, keepdims=True)
    return np.asarray(direction / np.where(length > 0, length, 1.0))
