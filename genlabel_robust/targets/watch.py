"""A record of the adversarial points that an attack queries, so that no success is lost."""

from __future__ import annotations

import numpy as np

from genlabel_robust.core import BoolArray, FloatArray, IntArray
from genlabel_robust.threat import AttackSpace, Norm, distance


class Watch:
    """The nearest queried adversarial point, ``points`` (n, m) at ``distances`` (n,).

    ``space``: the attack space of the points; needed for lengths under L0.
    """

    def __init__(self, origin: FloatArray, norm: Norm, space: AttackSpace | None = None) -> None:
        self.norm = norm
        self._length = distance if space is None else space.length
        self.points = origin.copy()
        self.distances = np.full(len(origin), np.inf)

    def see(self, points: FloatArray, rows: IntArray, adversarial: BoolArray) -> None:
        """Record ``points`` (q, m), variants of ``rows`` (q,), where ``adversarial`` (q,)."""
        rows, points = rows[adversarial], points[adversarial]
        far = self._length(points, self.norm)
        # the last of equal rows wins an assignment: the nearest must come last
        order = np.argsort(-far, kind="stable")
        nearest = np.full(len(self.distances), -1)
        nearest[rows[order]] = order
        seen = np.flatnonzero(nearest >= 0)
        nearer = seen[far[nearest[seen]] < self.distances[seen]]
        self.distances[nearer] = far[nearest[nearer]]
        self.points[nearer] = points[nearest[nearer]]

    def take(self, part: Watch, rows: IntArray, lines: IntArray | None = None) -> None:
        """Add the records of ``part`` at ``lines`` (q,), all by default, as those of ``rows``."""
        lines = np.arange(len(part.distances)) if lines is None else lines
        nearer = part.distances[lines] < self.distances[rows]
        self.distances[rows[nearer]] = part.distances[lines[nearer]]
        self.points[rows[nearer]] = part.points[lines[nearer]]
