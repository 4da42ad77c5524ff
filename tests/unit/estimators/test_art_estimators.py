from __future__ import annotations

import numpy as np
import pytest

from genlabel_robust.core.errors import GenlabelRobustError
from genlabel_robust.estimators.art import (
    DecisionEstimator,
    GradientEstimator,
    QueryBudgetSpent,
    art_seed,
)
from genlabel_robust.estimators.losses import cross_entropy, margin


def test_a_batch_that_was_split_is_refused(make_target) -> None:
    """Row i of every call is a variant of example i: half a batch would be misread."""
    target = make_target(n=8)
    estimator = GradientEstimator(target, margin)
    with pytest.raises(GenlabelRobustError, match="split its batch"):
        estimator.predict(target.x[:4].astype(np.float32))


def test_the_best_visited_point_has_the_lowest_margin(make_target) -> None:
    target = make_target(n=6, widths=(8,))
    estimator = GradientEstimator(target, margin)
    visited = [target.x + shift for shift in (0.0, 0.1, -0.1, 0.2)]
    for points in visited:
        estimator.predict(points.astype(np.float32))
    margins = []
    for points in visited:
        scores = target.scores(points.astype(np.float32).astype(np.float64), np.arange(6))
        true = scores[np.arange(6), target.y]
        scores[np.arange(6), target.y] = -np.inf
        margins.append(true - scores.max(axis=1))
    assert np.allclose(estimator.best_margin, np.min(margins, axis=0), atol=1e-6)


def test_gradients_keep_their_direction_however_small(make_target) -> None:
    target = make_target(n=6, scale=1e-30)
    gradient = GradientEstimator(target, cross_entropy).loss_gradient(
        target.x.astype(np.float32), None
    )
    assert np.abs(gradient).max(axis=1) == pytest.approx(1.0)


def test_the_closest_adversarial_query_is_remembered(make_target) -> None:
    target = make_target(n=3)
    estimator = DecisionEstimator(target, 1, "linf", max_queries=1000)
    others = target.from_pool(1)[target.model.predict(target.pool) != target.y[1]]
    estimator.predict(others.astype(np.float32))
    gaps = np.abs(others.astype(np.float32).astype(np.float64)).max(axis=1)
    assert estimator.best_distance == pytest.approx(gaps.min())


def test_queries_past_the_budget_are_refused(make_target) -> None:
    target = make_target(n=2)
    estimator = DecisionEstimator(target, 0, "l2", max_queries=5)
    estimator.predict(np.repeat(target.x[:1], 5, axis=0).astype(np.float32))
    with pytest.raises(QueryBudgetSpent):
        estimator.predict(target.x[:1].astype(np.float32))
    assert target.queries[0] == 5


def test_the_global_random_state_is_restored_even_after_an_error() -> None:
    before = np.random.get_state()[1].copy()  # noqa: NPY002

    def draw_and_fail() -> None:
        with art_seed(3):
            np.random.random()  # noqa: NPY002
            raise ValueError("broken")

    with pytest.raises(ValueError, match="broken"):
        draw_and_fail()
    assert (np.random.get_state()[1] == before).all()  # noqa: NPY002
