from __future__ import annotations

from itertools import permutations

import numpy as np
import pytest

from genlabel_robust.core.gain import least_distance


def spent_in_order(slope, room, gap, order) -> float:
    """Return the length that gains ``gap`` when features are used up in ``order``."""
    spent = 0.0
    for j in order:
        if gap <= 0:
            break
        step = min(room[j], gap / slope[j])
        spent, gap = spent + step, gap - slope[j] * step
    return spent if gap <= 1e-12 else np.inf


def test_the_l1_distance_is_the_least_over_every_order_of_the_features() -> None:
    rng = np.random.default_rng(0)
    slope, room = rng.exponential(size=(40, 4)), rng.exponential(size=(40, 4))
    gap = rng.uniform(0, 1.2, 40) * (slope * room).sum(axis=1)
    found = least_distance(slope, room, gap, "l1")
    assert 0 < np.isinf(found).sum() < 20
    for row, value in enumerate(found):
        ways = [
            spent_in_order(slope[row], room[row], gap[row], order)
            for order in permutations(range(4))
        ]
        assert value == pytest.approx(min(ways), rel=1e-9)


def test_the_steepest_of_two_open_features_pays_for_everything() -> None:
    slope, room = np.array([[1.0, 4.0, 0.0]]), np.array([[np.inf, np.inf, np.inf]])
    assert least_distance(slope, room, np.array([2.0]), "l1").tolist() == [0.5]


def test_a_gap_that_the_walls_just_allow_is_covered() -> None:
    slope, room = np.array([[2.0, 1.0]]), np.array([[0.5, 0.25]])
    assert least_distance(slope, room, np.array([1.25]), "l1").tolist() == [0.75]
    assert np.isposinf(least_distance(slope, room, np.array([1.26]), "l1")).all()
