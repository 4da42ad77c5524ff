"""PGD: projected gradient descent (Madry et al. 2018, arXiv 1706.06083), by ART."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from art.attacks.evasion import ProjectedGradientDescentNumpy

from genlabel_robust.attacks.art.gradient_estimator import GradientEstimator, art_norm
from genlabel_robust.attacks.attack import Attack, AttackResult
from genlabel_robust.attacks.search.gradient_attack import plan_runs, run_gradient_attack
from genlabel_robust.attacks.search.stacked_runs import LossOf
from genlabel_robust.attacks.search.steepest import steepest
from genlabel_robust.attacks.settings import budget, count, size
from genlabel_robust.core import Float32Array, FloatArray, IntArray
from genlabel_robust.targets.target import AttackTarget
from genlabel_robust.targets.visited import Visited
from genlabel_robust.threat import Ball


@dataclass(frozen=True)
class PGD(Attack):
    """Runs of ``steps`` steps, each of length ``step_ratio`` · ε / steps.

    ``restarts`` and ``targets``: the number of runs and their losses, see ``plan_runs``. L1 is not
    offered: ART's step moves only the feature with the largest gradient, and stalls once that
    feature is at its limit.
    """

    name = "pgd"
    needs = "gradients"
    kind = "fixed"
    norms = ("linf", "l2")
    cost = 500
    repeats = "fgsm"

    steps: int = budget(25)
    restarts: int = budget(20)
    step_ratio: float = size(4.0)
    targets: int = count(0, least=0)

    def _attack(
        self, target: AttackTarget, ball: Ball, seed: int, start: FloatArray | None
    ) -> AttackResult:
        norm, eps = ball

        def walk(visited: Visited, loss_of: LossOf, rows: IntArray, begin: FloatArray) -> None:
            estimator = GradientEstimator(visited, loss_of(rows), rows)
            descent = _Descent(
                estimator,
                begin.astype(np.float32),
                norm=art_norm(norm),
                eps=eps,
                eps_step=self.step_ratio * eps / self.steps,
                max_iter=self.steps,
                batch_size=len(rows),
                verbose=False,
            )
            stack = visited.target
            labels = np.eye(stack.n_classes, dtype=np.float32)[stack.y[rows]]
            estimator.predict(descent.generate(stack.x[rows].astype(np.float32), labels))

        runs = plan_runs(target, self.restarts, self.targets, start)
        return run_gradient_attack(target, norm, eps, seed, runs, walk, at_once=True)


class _Descent(ProjectedGradientDescentNumpy):  # type: ignore[misc]
    """ART's PGD from given points (b, m): ART draws its own for the batch, from global state."""

    def __init__(self, estimator: GradientEstimator, begin: Float32Array, **settings: Any) -> None:
        super().__init__(estimator, **settings)
        self._begin = begin

    def _compute(self, x: Float32Array, *args: Any, **kwargs: Any) -> Any:
        return super()._compute(self._begin if self._i_max_iter == 0 else x, *args, **kwargs)

    def _compute_perturbation(
        self, x: Float32Array, y: Float32Array, *args: Any, **kwargs: Any
    ) -> Float32Array:
        # The same as ART's, which checks for NaN row by row: two thirds of an attack's time.
        gradient = self.estimator.loss_gradient(x, y)
        return steepest(gradient, "linf" if self.norm == np.inf else "l2").astype(np.float32)
