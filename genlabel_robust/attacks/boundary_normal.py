"""Boundary normal: measure the normal of the boundary feature by feature, using labels only.

HopSkipJump (Chen et al. 2020, 1904.02144) estimates the normal from random probes of one bit each,
with an error of 1/sqrt(probes). A move along one feature changes the distance at which the ray to
the point meets the boundary, in proportion to the normal's component along that feature. Bisection
measures this distance to any accuracy: the error halves with every m queries.
"""

from dataclasses import dataclass

import numpy as np

from genlabel_robust.attacks.attack import Attack, AttackResult
from genlabel_robust.attacks.search.bisect import crossing
from genlabel_robust.attacks.search.boundary_descent import LEAST, LabelQueries, descend
from genlabel_robust.attacks.settings import budget, count, size
from genlabel_robust.core import BoolArray, FloatArray, IntArray
from genlabel_robust.targets.target import AttackTarget
from genlabel_robust.threat import Ball, distance

#: The largest measurable component of the normal, relative to that along the ray: larger ones
#: occur only where the ray meets the boundary at less than 15 degrees.
_LARGEST = 4.0

#: The width of a round's moves relative to the last round's: the first round measures the boundary
#: at large, later ones measure it near the best point.
_NARROWER = 0.8


@dataclass(frozen=True)
class BoundaryNormal(Attack):
    """At most ``rounds`` rounds from the ``starts`` nearest starts, one for each class.

    A round moves each feature alone, in the first round by ``width`` times the distance, later by
    ever less. With ``bits`` queries it measures how much nearer the boundary is after the move. It
    then aims at the point of the box that is farthest along the measured normal. ``max_queries``:
    as in ``descend``.
    """

    name = "boundary-normal"
    needs = "decisions"
    kind = "minimum"
    norms = ("l2",)
    cost = 700

    starts: int = count(3)
    rounds: int = budget(8)
    bits: int = count(6)
    width: float = size(0.3)
    max_queries: int = budget(1000)

    def _attack(
        self, target: AttackTarget, ball: Ball, seed: int, start: FloatArray | None
    ) -> AttackResult:
        norm, _ = ball
        return descend(
            target,
            norm,
            seed,
            start,
            self._aim,
            cost=(2 + self.bits) * target.n_features,
            starts=self.starts,
            rounds=self.rounds,
            max_queries=self.max_queries,
        )

    def _aim(
        self,
        queries: LabelQueries,
        number: int,
        rows: IntArray,
        inside: FloatArray,
        outside: FloatArray,
    ) -> FloatArray:
        """Return the normal (q, m) of the boundary; the function is an ``Aim``."""
        low, high, length = queries.low[rows], queries.high[rows], distance(outside, "l2")
        width = self.width * _NARROWER**number * length[:, None]
        ahead = np.where(outside < 0, -width, width)
        ends = np.clip(inside + ahead, low, high), np.clip(inside - ahead, low, high)
        move = queries.across(inside, rows, *ends) - inside
        i, j = np.nonzero(move)
        step = move[i, j]

        def back(share: FloatArray) -> BoolArray:
            points = inside[i] * (1 - share[:, None])
            points[np.arange(len(i)), j] += step
            return np.asarray(~queries.adversarial(np.clip(points, low[i], high[i]), rows[i]))

        most = np.minimum(_LARGEST * np.abs(step) / length[i], 1.0)
        near, far = crossing(back, most, self.bits)
        normal = np.zeros(outside.shape)
        normal[i, j] = (near + far) / 2 / step
        # a feature at its limit since an earlier round cannot be measured, and stays there
        room = np.where(outside < 0, outside - low, high - outside)
        least = LEAST * length[:, None]
        at_limit = (number > 0) & (move == 0) & (room <= least) & (np.abs(outside) > least)
        steepest = np.abs(normal).max(axis=1, keepdims=True)
        return np.where(at_limit, np.sign(outside) * steepest, normal)
