from __future__ import annotations

from itertools import permutations

import numpy as np
import pytest

from genlabel_robust.threat.shortest_step import farthest, least_distance, least_step
from genlabel_robust.threat.threat_model import distance


def spent_in_order(slope, room, gap, order) -> float:
    """Return the length of a step that gains ``gap`` by using up features in ``order``."""
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


@pytest.mark.parametrize("norm", ["linf", "l2", "l1"])
def test_the_least_step_gains_the_gap_at_the_least_distance(norm) -> None:
    rng = np.random.default_rng(1)
    slope = rng.exponential(size=(200, 6)) * (rng.random((200, 6)) < 0.8)
    room = rng.exponential(size=(200, 6)) * (rng.random((200, 6)) < 0.9)
    most = (slope * room).sum(axis=1)
    gap = rng.uniform(0, 1.3, 200) * most
    step, far = least_step(slope, room, gap, norm), least_distance(slope, room, gap, norm)
    assert ((step >= 0) & (step <= room)).all()
    assert (np.isinf(far) == (gap > most)).all()
    reached = np.isfinite(far)
    assert (slope * step).sum(axis=1) == pytest.approx(np.minimum(gap, most), rel=1e-9)
    assert distance(step[reached], norm) == pytest.approx(far[reached], rel=1e-12)
    assert (step[~reached] == np.where(slope > 0, room, 0)[~reached]).all()


@pytest.mark.parametrize("norm", ["linf", "l2", "l1"])
def test_nothing_moves_for_a_gap_of_0(norm) -> None:
    assert (least_step(np.ones((2, 3)), np.ones((2, 3)), np.array([0.0, -1.0]), norm) == 0).all()


def test_in_l2_it_goes_along_the_direction_until_features_meet_their_walls() -> None:
    direction = np.array([[3.0, -4.0, 0.0], [3.0, -4.0, 0.0], [3.0, -4.0, 0.0], [1.0, 1.0, 1.0]])
    low, high = np.full((4, 3), -10.0), np.full((4, 3), 10.0)
    low[1, 1] = -1.0
    high[2, 0], low[2, 1] = 0.5, -0.5
    np.testing.assert_allclose(
        farthest(direction, low, high, np.array([5.0, 2.0, 9.0, 0.0]), "l2"),
        [[3, -4, 0], [np.sqrt(3), -1, 0], [0.5, -0.5, 0], [0, 0, 0]],
    )


@pytest.mark.parametrize("norm", ["linf", "l2"])
def test_no_other_point_of_ball_and_box_goes_further(norm) -> None:
    rng = np.random.default_rng(0)
    q, m = 200, 4
    direction = rng.normal(size=(q, m)) * rng.exponential(size=(q, m)) ** 2
    low, high = -rng.exponential(0.5, (q, m)), rng.exponential(0.5, (q, m))
    low[rng.random((q, m)) < 0.2] = 0.0
    direction[rng.random((q, m)) < 0.2] = 0.0
    radius = rng.exponential(0.7, q)
    best = farthest(direction, low, high, radius, norm)
    assert (distance(best, norm) <= radius * (1 + 1e-12)).all()
    assert ((low <= best) & (best <= high)).all()
    gain = (direction * best).sum(axis=1)
    for _ in range(200):
        # random points on the sphere, near the best one and anywhere, clipped
        spread = 10.0 ** rng.uniform(-3, 1)
        other = best + spread * rng.normal(size=(q, m))
        other *= (radius / distance(other, norm))[:, None]
        other = np.clip(other, low, high)
        assert ((direction * other).sum(axis=1) <= gain + 1e-9).all()


def test_extreme_slopes_and_walls_lead_to_finite_points() -> None:
    direction = np.array([[1e-300, 1.0], [0.0, 0.0], [1e300, 1e-300], [1.0, 1.0]])
    low, high = np.zeros((4, 2)), np.ones((4, 2))
    high[3] = 0.0
    points = farthest(direction, low, high, np.full(4, 2.0), "l2")
    assert np.isfinite(points).all()
    np.testing.assert_array_equal(points[[1, 3]], 0.0)
    np.testing.assert_array_equal(points[[0, 2]].max(axis=1), 1.0)
