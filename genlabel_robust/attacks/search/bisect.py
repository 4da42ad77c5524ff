"""Bisection from an adversarial point toward the clean example, to meet the boundary."""

from collections.abc import Callable

import numpy as np

from genlabel_robust.core import BoolArray, FloatArray, IntArray
from genlabel_robust.targets.target import AttackTarget


def bisect(
    target: AttackTarget, points: FloatArray, rows: IntArray, halvings: int = 22
) -> FloatArray:
    """Return points (q, m) on the segments from the examples ``rows`` (q,) to ``points``.

    Each of ``points`` (q, m) must be adversarial for its example. Each result was queried and is
    adversarial; a point that is not lies within 2**-halvings of the segment's length.
    """

    def adversarial(share: FloatArray) -> BoolArray:
        return np.asarray(target.predict(share[:, None] * points, rows) != target.y[rows])

    return crossing(adversarial, np.ones(len(rows)), halvings)[1][:, None] * points


def crossing(
    beyond: Callable[[FloatArray], BoolArray], upper: FloatArray, halvings: int
) -> tuple[FloatArray, FloatArray]:
    """Return the last numbers (q,) before and the first (q,) after ``beyond`` becomes true.

    ``beyond`` maps q numbers (q,) to marks (q,): false at 0, true at ``upper`` (q,). The two
    results are 2**-halvings of ``upper`` apart.
    """
    inside, outside = np.zeros_like(upper), upper
    for _ in range(halvings if len(upper) else 0):
        middle = (inside + outside) / 2
        true = beyond(middle)
        inside, outside = np.where(true, inside, middle), np.where(true, middle, outside)
    return inside, outside
