"""The state of decision-based attacks: starts, queries, and the nearest adversarial points."""

import numpy as np

from genlabel_robust.attacks.attack import AttackResult, Outcome
from genlabel_robust.attacks.search.bisect import bisect
from genlabel_robust.attacks.search.starts import blended_noise, starting_points
from genlabel_robust.core import BoolArray, FloatArray, IntArray
from genlabel_robust.targets.target import AttackTarget
from genlabel_robust.threat import Norm


class DecisionSearch:
    """The queries of an attack, and the nearest adversarial point for each example.

    ``points`` (n, m) at ``distances`` (n,), inf where none is known; ``low`` and ``high`` (n, m):
    the examples' boxes.
    """

    def __init__(self, target: AttackTarget, norm: Norm) -> None:
        self.target, self.norm = target, norm
        self.low, self.high = target.box
        self.points = target.x.copy()
        self.distances = np.full(len(target.x), np.inf)
        self._before = target.queries.copy()

    @property
    def queries(self) -> IntArray:
        """The number of points (n,) queried since the search began."""
        return self.target.queries - self._before

    def begin(self, seed: int, start: FloatArray | None, *, blended: bool = False) -> IntArray:
        """Find starts; return the rows (r,) with an adversarial start, kept in ``points``.

        ``start``: as in ``Attack``; ``blended``: start from noise, like foolbox's Boundary attack.
        """
        if blended:
            points, found = blended_noise(self.target, seed)
        else:
            points, found = starting_points(self.target, self.norm, seed)
        rows = np.flatnonzero(found)
        self.ask(points[rows, None], rows)
        if start is not None:
            self.ask(np.clip(start, self.low, self.high)[:, None], np.arange(len(start)))
        return np.flatnonzero(np.isfinite(self.distances))

    def ask(self, points: FloatArray, rows: IntArray) -> BoolArray:
        """Mark (r, c) the adversarial points among c variants (r, c, m) of each of ``rows`` (r,).

        ``rows`` must be distinct; the points must lie in their boxes.
        """
        count, each, m = points.shape
        flat, owners = points.reshape(-1, m), np.repeat(rows, each)
        labels = self.target.predict(flat, owners)
        adversarial: BoolArray = (labels != self.target.y[owners]).reshape(count, each)
        far = self.target.distance(flat, owners, self.norm).reshape(count, each)
        far[~adversarial] = np.inf
        line, best = np.arange(count), far.argmin(axis=1)
        nearer = np.flatnonzero(far[line, best] < self.distances[rows])
        self.points[rows[nearer]] = points[nearer, best[nearer]]
        self.distances[rows[nearer]] = far[nearer, best[nearer]]
        return adversarial

    def result(self, *, drawn_back: bool = True) -> AttackResult:
        """Return the nearest points, with ``drawn_back`` after bisection to the boundary.

        An example without any start is ``NO_START``, which is not robustness.
        """
        rows = np.flatnonzero(np.isfinite(self.distances))
        if drawn_back:
            self.ask(bisect(self.target, self.points[rows], rows)[:, None], rows)
        outcome = np.full(len(self.points), int(Outcome.NO_START))
        outcome[rows] = int(Outcome.BROKEN)
        return AttackResult(points=self.points, outcome=outcome, queries=self.queries)
