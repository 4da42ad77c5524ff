"""FGSM: one step along the gradient (Goodfellow et al. 2015, arXiv 1412.6572), by ART."""

from dataclasses import dataclass

import numpy as np
from art.attacks.evasion import FastGradientMethod

from genlabel_robust.attacks.art.gradient_estimator import GradientEstimator, art_norm
from genlabel_robust.attacks.attack import Attack, AttackResult
from genlabel_robust.attacks.search.gradient_attack import Run, run_gradient_attack
from genlabel_robust.attacks.search.stacked_runs import LossOf
from genlabel_robust.core import FloatArray, IntArray
from genlabel_robust.targets.losses import cross_entropy
from genlabel_robust.targets.target import AttackTarget
from genlabel_robust.targets.visited import Visited
from genlabel_robust.threat import Ball


@dataclass(frozen=True)
class FGSM(Attack):
    """One step of length ε from the example along the gradient of the cross-entropy."""

    name = "fgsm"
    needs = "gradients"
    kind = "fixed"
    norms = ("linf", "l2")
    cost = 1

    def _attack(
        self, target: AttackTarget, ball: Ball, seed: int, start: FloatArray | None
    ) -> AttackResult:
        norm, eps = ball

        def walk(visited: Visited, loss_of: LossOf, rows: IntArray, begin: FloatArray) -> None:
            estimator = GradientEstimator(visited, loss_of(rows), rows)
            method = FastGradientMethod(
                estimator, norm=art_norm(norm), eps=eps, eps_step=eps, batch_size=len(rows)
            )
            labels = np.eye(target.n_classes, dtype=np.float32)[target.y[rows]]
            estimator.predict(method.generate(begin.astype(np.float32), labels))

        runs = [Run(lambda rows: cross_entropy, target.x)]
        return run_gradient_attack(target, norm, eps, seed, runs, walk)
