from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import kstest

from genlabel_robust.attacks.search.ball import ball_points
from genlabel_robust.threat.threat_model import distance


def generators(count: int) -> list[np.random.Generator]:
    return [np.random.default_rng(i) for i in range(count)]


@pytest.mark.parametrize("norm", ["linf", "l2", "l1"])
@pytest.mark.parametrize("m", [1, 3])
def test_points_are_uniform_in_the_ball(norm, m) -> None:
    """A share r^m of the volume lies within r; false alarms: one seed, fixed, in 1,000."""
    points = ball_points(generators(2000), norm, np.full(2000, 0.5), m)
    assert points.shape == (2000, m)
    assert kstest((distance(points, norm) / 0.5) ** m, "uniform").pvalue > 1e-3
    assert np.abs(np.sign(points).mean(axis=0)).max() < 0.08


def test_every_ball_has_its_own_radius() -> None:
    radius = np.array([0.0, 1e-3, 10.0])
    found = distance(ball_points(generators(3), "l1", radius, 4), "l1")
    assert (found <= radius).all()
    assert (found[1:] > 0.1 * radius[1:]).all()
