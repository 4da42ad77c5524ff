"""The adversarial point of the least price, of all that were asked about."""

import numpy as np

from genlabel_robust.core import BoolArray, FloatArray, IntArray
from genlabel_robust.targets.target import AttackTarget


class FewestFound:
    """The ``points`` (n, m) of the least ``price`` (n,) under L0, inf where nothing was found."""

    def __init__(self, target: AttackTarget) -> None:
        self._target = target
        self.points = target.x.copy()
        self.price = np.full(len(target.x), np.inf)

    @property
    def broken(self) -> BoolArray:
        """Mark the examples (n,) for which a point is known."""
        return np.asarray(np.isfinite(self.price))

    def worth_more(self, least: float) -> BoolArray:
        """Mark the examples (n,) for which less may be enough; ``least``: what any change costs."""
        return np.asarray(self.price > least)

    def keep(self, points: FloatArray, rows: IntArray, adversarial: BoolArray) -> None:
        """Take note of ``points`` (q, m) of ``rows`` (q,), each row once, where ``adversarial``."""
        price = np.where(adversarial, self._target.distance(points, rows, "l0"), np.inf)
        better = price < self.price[rows]
        self.points[rows[better]], self.price[rows[better]] = points[better], price[better]
