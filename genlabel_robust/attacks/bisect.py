"""Draw adversarial points back toward the clean example until they meet the boundary."""

from __future__ import annotations

import numpy as np

from genlabel_robust.core.arrays import FloatArray, IntArray
from genlabel_robust.estimators.target import AttackTarget


def bisect(
    target: AttackTarget, points: FloatArray, rows: IntArray, halvings: int = 22
) -> FloatArray:
    """Return points (q, m) on the segments from the examples ``rows`` to ``points``.

    Each ``points`` (q, m) must be adversarial for its example. The result is a point
    that was asked about and is adversarial, within 2**-halvings of the segment's
    length from one that is not.
    """
    center = target.x[rows]
    outside, inside = np.ones(len(rows)), np.zeros(len(rows))
    for _ in range(halvings if len(rows) else 0):
        middle = (outside + inside) / 2
        labels = target.predict(center + middle[:, None] * (points - center), rows)
        adversarial = labels != target.y[rows]
        outside = np.where(adversarial, middle, outside)
        inside = np.where(adversarial, inside, middle)
    return center + outside[:, None] * (points - center)
