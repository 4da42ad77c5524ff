from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from genlabel_robust.core.seeds import generator
from genlabel_robust.core.space import AttackSpace, project
from genlabel_robust.core.threat import Norm, distance

NORMS = st.sampled_from(["linf", "l2"])
SEEDS = st.integers(0, 2**32 - 1)


def space_of(seed: int, d: int = 5) -> AttackSpace:
    rng = generator(seed, "space")
    scale = 10.0 ** rng.uniform(-6, 6, d)
    low = rng.normal(size=d)
    mutable = rng.random(d) < 0.7
    return AttackSpace(rng.normal(size=d) * scale, scale, low, low + rng.random(d), mutable)


def rows_of(seed: int, space: AttackSpace, n: int = 6) -> np.ndarray:
    return space.offset + space.scale * generator(seed, "rows").normal(size=(n, space.offset.size))


@given(seed=SEEDS)
@settings(max_examples=40, deadline=None)
def test_the_box_contains_its_example_and_pins_what_is_immutable(seed: int) -> None:
    space = space_of(seed)
    u = space.enter(rows_of(seed, space))
    low, high = space.box(u)
    assert (low <= u).all()
    assert (u <= high).all()
    np.testing.assert_array_equal(low[:, ~space.mutable], u[:, ~space.mutable])
    np.testing.assert_array_equal(high[:, ~space.mutable], u[:, ~space.mutable])
    assert (low[:, space.mutable] <= space.low[space.mutable]).all()
    assert (high[:, space.mutable] >= space.high[space.mutable]).all()


@given(seed=SEEDS, norm=NORMS, eps=st.floats(1e-6, 10.0))
@settings(max_examples=80, deadline=None)
def test_a_projection_lies_in_the_ball_and_in_the_box(seed: int, norm: Norm, eps: float) -> None:
    space = space_of(seed)
    center = space.enter(rows_of(seed, space))
    low, high = space.box(center)
    wild = center + generator(seed, "wild").normal(size=center.shape) * 5
    inside = project(wild, center, low, high, eps, norm)
    assert (inside >= low - 1e-12).all()
    assert (inside <= high + 1e-12).all()
    assert (distance(inside - center, norm) <= eps * (1 + 1e-12) + 1e-12).all()


@given(seed=SEEDS, norm=NORMS)
@settings(max_examples=30, deadline=None)
def test_a_point_already_inside_is_not_moved(seed: int, norm: Norm) -> None:
    space = space_of(seed)
    center = space.enter(rows_of(seed, space))
    low, high = space.box(center)
    np.testing.assert_allclose(project(center, center, low, high, 0.1, norm), center, rtol=1e-15)


def test_l2_projection_meets_the_sphere_when_the_box_is_wide() -> None:
    center = np.zeros((1, 2))
    wide = np.full((1, 2), 100.0)
    u = project(np.array([[3.0, 4.0]]), center, -wide, wide, 1.0, "l2")
    np.testing.assert_allclose(u, [[0.6, 0.8]], rtol=1e-15)


def test_distance_is_measured_in_attack_space() -> None:
    space = AttackSpace(
        np.array([5.0, 0.0]), np.array([10.0, 0.1]), np.zeros(2), np.ones(2), np.ones(2, bool)
    )
    raw = np.array([[1.0, 1.0]])
    moved = raw + np.array([[10.0, 0.2]])
    np.testing.assert_allclose(space.distance(raw, moved, "linf"), [2.0])
    np.testing.assert_allclose(space.distance(raw, moved, "l2"), [np.sqrt(5.0)])
