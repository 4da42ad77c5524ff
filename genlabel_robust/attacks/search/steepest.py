"""The direction in which a loss rises fastest."""

import numpy as np

from genlabel_robust.core import FloatArray
from genlabel_robust.threat import Norm


def steepest(gradient: FloatArray, norm: Norm) -> FloatArray:
    """Return the step of length 1 in L∞ or L2 that gains most along ``gradient``: (q, m) -> (q, m).

    A gradient of 0 has none: the step is 0.
    """
    if norm == "linf":
        return np.sign(gradient)
    # scaled first: the squares of a tiny gradient are all zero
    peak = np.abs(gradient).max(axis=1, keepdims=True)
    direction = gradient / np.where(peak > 0, peak, 1.0)
    length = np.linalg.norm(direction, axis=1, keepdims=True)
    return np.asarray(direction / np.where(length > 0, length, 1.0))
