from __future__ import annotations

import numpy as np
import pytest

from genlabel_robust.attacks.search.farthest import farthest
from genlabel_robust.threat.threat_model import distance


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
