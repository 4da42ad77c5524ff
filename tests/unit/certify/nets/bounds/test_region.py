"""The minimum of a linear function over a ball and a box."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.optimize import minimize

from genlabel_robust.certify.nets.bounds.region import Ball
from genlabel_robust.threat.norms import Norm
from genlabel_robust.threat.threat_model import distance

#: Those under which a length is how far a step goes.
NORMS: tuple[Norm, ...] = ("linf", "l2", "l1")

RNG = np.random.default_rng(0)


def cases(d: int = 4, q: int = 30) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    slope = RNG.normal(size=(q, d)) * RNG.choice([0.0, 1e-6, 1.0, 100.0], (q, d))
    low, high = np.sort(RNG.uniform(-0.5, 0.5, (2, q, d)), axis=0)
    # most boxes contain the example, as that of a row does; halves of it need not
    inside = RNG.random((q, 1)) < 0.7
    return slope, np.where(inside, -np.abs(low), low), np.where(inside, np.abs(high), high)


@pytest.mark.parametrize("norm", NORMS)
def test_the_bound_is_below_all_points_of_the_region_and_met_by_one(norm: Norm) -> None:
    slope, low, high = cases()
    ball = Ball(norm, 0.45)
    value, point = ball.minimise(slope, low, high)
    reached = 0
    for i in range(len(slope)):
        drawn = RNG.uniform(low[i], high[i], (4000, 4))
        if norm != "linf":
            drawn = drawn[distance(drawn, norm) <= ball.radius]
        if len(drawn):
            assert (drawn @ slope[i]).min() >= value[i]
        if norm == "linf" or distance(point[i], norm) <= ball.radius * (1 + 1e-7):
            reached += bool(np.isclose(point[i] @ slope[i], value[i], rtol=1e-6, atol=1e-9))
    assert reached > 15


def test_the_bound_in_l2_is_that_of_a_general_solver() -> None:
    slope, low, high = cases(q=8)
    low, high = -np.abs(low), np.abs(high)
    value, _ = Ball("l2", 0.3).minimise(slope, low, high)
    for i in range(len(slope)):
        found = minimize(
            lambda x, i=i: slope[i] @ x / 100,
            np.zeros(4),
            bounds=list(zip(low[i], high[i], strict=True)),
            method="SLSQP",
            constraints={"type": "ineq", "fun": lambda x: 0.09 - x @ x},
            options={"ftol": 1e-12},
        )
        assert 100 * found.fun == pytest.approx(value[i], rel=1e-3, abs=1e-3)


def test_a_box_outside_the_ball_is_empty() -> None:
    low, high = np.array([[0.4, 0.4], [-0.1, 0.4]]), np.full((2, 2), 0.5)
    assert Ball("l2", 0.5).empty(low, high).tolist() == [True, False]
    assert not Ball("linf", 0.1).empty(low, high).any()
