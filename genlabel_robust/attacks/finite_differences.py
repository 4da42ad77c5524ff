"""Finite differences: projected gradient descent with gradients estimated from scores.

As in ZOO (Chen et al. 2017, 1708.03999), but along all features at once, and with the steps
of PGD (Madry et al. 2018, 1706.06083).
"""

from dataclasses import dataclass

import numpy as np

from genlabel_robust.attacks.attack import Attack, AttackResult
from genlabel_robust.attacks.search.gradient_attack import plan_runs, run_gradient_attack
from genlabel_robust.attacks.search.log_probabilities import unflattened
from genlabel_robust.attacks.search.stacked_runs import LossOf
from genlabel_robust.attacks.search.steepest import steepest
from genlabel_robust.attacks.settings import budget, size
from genlabel_robust.core import FloatArray, IntArray
from genlabel_robust.targets.target import AttackTarget, Loss
from genlabel_robust.targets.visited import Visited
from genlabel_robust.threat import Ball, Norm, project, within


@dataclass(frozen=True)
class FiniteDifferences(Attack):
    """``restarts`` runs of ``steps`` steps of length ``step_ratio`` · ε / steps, like PGD.

    Each gradient is estimated from one move of ``width`` · ε along every feature. On piecewise
    constant models, such as trees, the estimate carries no information and counts as zero.
    """

    name = "finite-differences"
    needs = "scores"
    kind = "fixed"
    norms = ("linf", "l2")
    cost = 2000

    steps: int = budget(20)
    restarts: int = budget(4)
    step_ratio: float = size(4.0)
    width: float = size(0.01)

    def _attack(
        self, target: AttackTarget, ball: Ball, seed: int, start: FloatArray | None
    ) -> AttackResult:
        norm, eps = ball
        low, high = target.box

        def walk(visited: Visited, loss_of: LossOf, rows: IntArray, begin: FloatArray) -> None:
            points = begin
            for _ in range(self.steps):
                gradient = _gradient(
                    visited, loss_of(rows), points, rows, norm, eps, self.width * eps
                )
                open_ = visited.rank[rows] >= 0
                rows, points, gradient = rows[open_], points[open_], gradient[open_]
                if not len(rows):
                    return
                points = points + self.step_ratio * eps / self.steps * steepest(gradient, norm)
                points = project(points, target.x[rows], low[rows], high[rows], eps, norm)
            visited.scores(points, rows)

        runs = plan_runs(target, self.restarts, 0, start)
        return run_gradient_attack(target, norm, eps, seed, runs, walk)


def _gradient(
    visited: Visited,
    loss: Loss,
    points: FloatArray,
    rows: IntArray,
    norm: Norm,
    eps: float,
    width: float,
) -> FloatArray:
    """Return the forward differences (q, m) of ``loss`` at ``points`` (q, m), by feature.

    The step has length ``width`` and goes toward the farther limit of the box; the difference is 0
    without room, and also where it is not finite. Adversarial probes are recorded.
    """
    target, (count, m) = visited.target, points.shape
    low, high = (edge[rows] for edge in target.box)
    scores = unflattened(visited.scores(points, rows))
    weights = loss(scores, target.y[rows])
    there = np.where(high - points >= points - low, points + width, points - width)
    move = np.clip(there, low, high) - points
    probes = points[:, None] + np.eye(m) * move[:, None]
    owners = np.repeat(rows, m)
    raw = target.scores(probes.reshape(-1, m), owners)
    found = (raw.argmax(axis=1) != target.y[owners]).reshape(count, m)
    found &= within(target.distance(probes.reshape(-1, m), owners, norm), eps).reshape(count, m)
    hit = np.flatnonzero(found.any(axis=1))
    visited.scores(probes[hit, found[hit].argmax(axis=1)], rows[hit])

    change = unflattened(raw).reshape(count, m, -1) - scores[:, None]
    rise = np.einsum("qmk,qk->qm", change, weights)
    gradient = np.divide(rise, move, out=np.zeros_like(rise), where=move != 0)
    finite = visited.count(gradient, rows)
    return np.where(finite[:, None], gradient, 0.0)
