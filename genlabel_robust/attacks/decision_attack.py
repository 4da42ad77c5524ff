"""Run ART's decision-based attacks, one example at a time, from starts of our own."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeAlias

import numpy as np

from genlabel_robust.attacks.attack import AttackResult, Outcome
from genlabel_robust.attacks.bisect import bisect
from genlabel_robust.attacks.starts import identity, starting_points
from genlabel_robust.core.seeds import integer_seed
from genlabel_robust.core.threat import Norm
from genlabel_robust.estimators.art import DecisionEstimator, QueryBudgetSpent, art_seed
from genlabel_robust.estimators.target import AttackTarget

#: Given the estimator of one example, ART's attack object.
Build: TypeAlias = Callable[[DecisionEstimator], Any]


def run_decision_attack(
    target: AttackTarget, norm: Norm, seed: int, max_queries: int, build: Build
) -> AttackResult:
    """Attack each example from its nearest start; keep the closest adversarial point asked about.

    An example without any start is ``NO_START``: that is not robustness. Each
    example has its own seed, so that a result does not depend on its company.
    """
    before = target.queries.copy()
    starts, found = starting_points(target, norm, seed)
    points = starts.copy()
    for row in np.flatnonzero(found):
        estimator = DecisionEstimator(target, int(row), norm, max_queries)
        x, start = (a[row : row + 1].astype(np.float32) for a in (target.x, starts))
        with art_seed(integer_seed(seed, "example", identity(target, int(row)))):
            try:
                last = build(estimator).generate(x, x_adv_init=start)
                estimator.predict(last)
            except QueryBudgetSpent:
                pass
        if np.isfinite(estimator.best_distance):
            points[row] = estimator.best
    rows = np.flatnonzero(found)
    rows = rows[target.predict(points[rows], rows) != target.y[rows]]
    points[rows] = bisect(target, points[rows], rows)
    broken = np.zeros(len(points), dtype=bool)
    broken[rows] = True
    outcome = np.where(broken, int(Outcome.BROKEN), int(Outcome.SURVIVED))
    outcome[~found] = int(Outcome.NO_START)
    return AttackResult(points=points, outcome=outcome, queries=target.queries - before)
