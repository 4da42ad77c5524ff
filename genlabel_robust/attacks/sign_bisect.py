"""Sign bisection: the vertex of the smallest L∞ cube across the boundary, using labels only.

In L∞ the best point of a ball is a vertex of its cube, clipped to the box: a sign for each
feature. RayS (Chen & Gu 2020, 2006.12792) searches these signs from the example. Here they are
determined at the boundary, where a single better sign is enough to cross it.
"""

from dataclasses import dataclass

import numpy as np

from genlabel_robust.attacks.attack import Attack, AttackResult
from genlabel_robust.attacks.search.boundary_descent import LabelQueries, descend
from genlabel_robust.attacks.settings import budget, count
from genlabel_robust.core import FloatArray, IntArray
from genlabel_robust.targets.target import AttackTarget
from genlabel_robust.threat import Ball, distance


@dataclass(frozen=True)
class SignBisect(Attack):
    """At most ``rounds`` rounds from the ``starts`` nearest starts, one for each class.

    A round queries, just inside the boundary and for each feature alone, whether either end of
    its interval in the cube is adversarial. It then moves all features for which one is. On an
    affine model one round finds the best signs. ``max_queries``: as in ``descend``.
    """

    name = "sign-bisect"
    needs = "decisions"
    kind = "minimum"
    norms = ("linf",)
    cost = 300

    starts: int = count(3)
    rounds: int = budget(8)
    max_queries: int = budget(500)

    def _attack(
        self, target: AttackTarget, ball: Ball, seed: int, start: FloatArray | None
    ) -> AttackResult:
        norm, _ = ball
        return descend(
            target,
            norm,
            seed,
            start,
            _signs,
            cost=2 * target.n_features,
            starts=self.starts,
            rounds=self.rounds,
            max_queries=self.max_queries,
        )


def _signs(
    queries: LabelQueries, _: int, rows: IntArray, inside: FloatArray, outside: FloatArray
) -> FloatArray:
    """Return the signs (q, m) that lead across the boundary; the function is an ``Aim``.

    A feature whose interval has no adversarial end keeps its present sign.
    """
    radius = distance(outside, "linf")
    # the opposite end first, as it reveals a wrong sign; ``across`` skips values already in place
    across = np.where(outside < 0, 1.0, -1.0) * radius[:, None]
    low, high = queries.low[rows], queries.high[rows]
    ends = np.clip(across, low, high), np.clip(-across, low, high)
    move = queries.across(inside, rows, *ends) - inside
    return np.sign(np.where(move == 0, outside, move))
