"""Run ART's gradient attacks and keep the best point that they visited."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeAlias

import numpy as np

from genlabel_robust.attacks.attack import AttackResult, GradientHealth, Outcome
from genlabel_robust.core.seeds import integer_seed
from genlabel_robust.core.space import project
from genlabel_robust.core.threat import Norm
from genlabel_robust.estimators.art import GradientEstimator, art_seed
from genlabel_robust.estimators.target import AttackTarget, Loss

#: Given the estimator and the number of the restart, ART's attack object.
Build: TypeAlias = Callable[[GradientEstimator, int], Any]


def run_gradient_attack(
    target: AttackTarget, norm: Norm, eps: float, seed: int, losses: Sequence[Loss], build: Build
) -> AttackResult:
    """Run one restart per entry of ``losses``; keep each example's lowest margin ever visited.

    Source: per-example worst case over restarts and iterates, as in Croce & Hein
    2020 (2003.01690); ART keeps the last iterate, and the best restart per batch.
    """
    before = target.queries.copy()
    points, margin = target.x.copy(), np.full(len(target.x), np.inf)
    health = GradientHealth()
    labels = np.eye(target.n_classes, dtype=np.float32)[target.y]
    for restart, loss in enumerate(losses):
        estimator = GradientEstimator(target, loss)
        with art_seed(integer_seed(seed, "restart", restart)):
            last = build(estimator, restart).generate(target.x.astype(np.float32), labels)
        estimator.predict(last)
        better = estimator.best_margin < margin
        points[better], margin[better] = estimator.best[better], estimator.best_margin[better]
        health += GradientHealth(
            estimator.gradients, estimator.zero_gradients, estimator.nonfinite_gradients
        )
    return AttackResult(
        # float32 steps overshoot ε by some 1e-8
        points=project(points, target.x, *target.box, eps, norm),
        outcome=np.where(margin <= 0.0, int(Outcome.BROKEN), int(Outcome.SURVIVED)),
        queries=target.queries - before,
        health=health,
    )
