from __future__ import annotations

import numpy as np
import pytest

from genlabel_robust.attacks.attack import Outcome
from genlabel_robust.attacks.search.boundary_descent import LabelQueries, descend
from genlabel_robust.threat.threat_model import distance


def half(raw: np.ndarray) -> np.ndarray:
    """Class 1 where the sum of the features exceeds 1, class 0 elsewhere."""
    return np.stack([1 - raw.sum(axis=1), raw.sum(axis=1) - 1], axis=1)


def toward_the_sum(queries, number, rows, inside, outside):
    return np.full(outside.shape, distance(outside, "l2")[:, None] / np.sqrt(outside.shape[1]))


def settings(**changes):
    return {"cost": 0, "starts": 1, "rounds": 1, "max_queries": 1000} | changes


def test_each_feature_is_moved_alone_to_the_first_value_that_crosses(formula_target) -> None:
    target = formula_target(half, [[0.3, 0.3, 0.3]])
    queries = LabelQueries(target, "l2")
    small, large = np.full((1, 3), 0.05), np.array([[0.2, -0.2, 0.2]])
    found = queries.across(np.zeros((1, 3)) + 0.001, np.zeros(1, int), small, large)
    np.testing.assert_array_equal(found, [[0.2, 0.001, 0.2]])
    assert queries.spent.tolist() == [6]


def test_the_boundary_is_met_on_a_path_and_both_sides_are_returned(formula_target) -> None:
    target = formula_target(half, [[0.3, 0.3], [0.1, 0.1]])
    queries = LabelQueries(target, "linf")
    ends = np.array([[0.5, 0.1], [0.9, 0.9]])
    inside, outside = queries.meet(lambda share: share[:, None] * ends, np.arange(2))
    assert (target.predict(inside, np.arange(2)) == 0).all()
    assert (target.predict(outside, np.arange(2)) == 1).all()
    np.testing.assert_allclose(outside, [[1 / 3, 0.2 / 3], [0.4, 0.4]], atol=1e-4)
    np.testing.assert_array_equal(queries.result().points, outside)


def test_one_round_along_the_normal_comes_to_the_nearest_point(formula_target) -> None:
    raw = np.random.default_rng(0).uniform(0, 0.3, (20, 3))
    target = formula_target(half, raw, [[1.0, 0.1, 0.1]])
    result = descend(target, "l2", 0, None, toward_the_sum, **settings())
    exact = (1 - raw.sum(axis=1)) / np.sqrt(3)
    np.testing.assert_allclose(distance(result.points, "l2"), exact, rtol=3e-4)


def test_a_round_that_would_lead_too_far_is_shortened(formula_target) -> None:
    # the aim leads into a gap of class 0, half of the way there does not
    def gap(raw: np.ndarray) -> np.ndarray:
        away = (raw.sum(axis=1) > 1) & (np.abs(raw[:, 0] - raw[:, 1]) > 0.2)
        return np.stack([~away, away], axis=1).astype(float)

    target = formula_target(gap, [[0.2, 0.2]], [[1.0, 0.2]])
    result = descend(target, "l2", 0, None, toward_the_sum, **settings(rounds=6))
    start = descend(target, "l2", 0, None, lambda *parts: parts[-1], **settings())
    found, first = (distance(r.points, "l2")[0] for r in (result, start))
    nearest = np.hypot(0.4, 0.2)  # the corner of what is left of class 1: 0.6, 0.4
    assert nearest - 1e-9 <= found < first - 0.05


@pytest.mark.parametrize("limit", [1, 60, 100])
def test_after_the_first_round_none_leads_past_the_limit(limit, formula_target) -> None:
    raw = np.random.default_rng(0).uniform(0, 0.3, (20, 3))
    target = formula_target(half, raw, [[1.0, 0.1, 0.1]])

    def wasteful(queries, number, rows, inside, outside):
        queries.adversarial(np.repeat(inside, 10, axis=0), np.repeat(rows, 10))
        return outside * 0.9 + 0.1 * toward_the_sum(queries, number, rows, inside, outside)

    wide = settings(cost=10, rounds=50)
    free = descend(target, "l2", 0, None, wasteful, **wide | {"max_queries": 10**6})
    held = descend(target, "l2", 0, None, wasteful, **wide | {"max_queries": limit})
    once = descend(target, "l2", 0, None, wasteful, **wide | {"rounds": 1})
    assert (free.queries > 100).all()
    assert (held.queries <= np.maximum(limit, once.queries)).all()
    assert (held.queries >= once.queries).all()


def test_a_start_that_is_given_counts_even_where_no_other_is_known(formula_target) -> None:
    def corner(raw: np.ndarray) -> np.ndarray:
        inside = np.abs(raw - 0.7).max(axis=1) < 1e-6
        return np.stack([~inside, inside], axis=1).astype(float)

    target = formula_target(corner, [[0.2, 0.3], [0.2, 0.3]])
    without = descend(target, "l2", 0, None, toward_the_sum, **settings())
    assert (without.outcome == Outcome.NO_START).all()
    start = np.array([[0.5, 0.4], [0.0, 0.0]])
    given = descend(target, "l2", 0, start, toward_the_sum, **settings())
    assert given.outcome.tolist() == [Outcome.BROKEN, Outcome.NO_START]
    np.testing.assert_allclose(given.points, start, atol=2e-6)
