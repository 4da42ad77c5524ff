"""The queried adversarial point of the lowest price, for each example."""

import numpy as np

from genlabel_robust.core import BoolArray, FloatArray, IntArray
from genlabel_robust.targets.target import AttackTarget


class FewestFound:
    """The ``points`` (n, m) of the lowest ``price`` (n,) under L0, inf where none is known."""

    def __init__(self, target: AttackTarget) -> None:
        self._target = target
        self.points = target.x.copy()
        self.price = np.full(len(target.x), np.inf)

    @property
    def broken(self) -> BoolArray:
        """Mark the examples (n,) for which a point is known."""
        return np.asarray(np.isfinite(self.price))

    def worth_more(self, least: float) -> BoolArray:
        """Mark the examples (n,) whose price may be reducible; ``least``: of any change."""
        return np.asarray(self.price > least)

    def keep(self, points: FloatArray, rows: IntArray, adversarial: BoolArray) -> None:
        """Record ``points`` (q, m) of distinct ``rows`` (q,) where they are ``adversarial``."""
        price = np.where(adversarial, self._target.distance(points, rows, "l0"), np.inf)
        better = price < self.price[rows]
        self.points[rows[better]], self.price[rows[better]] = points[better], price[better]
