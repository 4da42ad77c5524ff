from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from genlabel_robust.core.seeds import generator
from genlabel_robust.threat.constraints.constraints import Rules
from genlabel_robust.threat.norms import Norm
from genlabel_robust.threat.space import AttackSpace, project
from genlabel_robust.threat.threat_model import distance

NORMS = st.sampled_from(["linf", "l2", "l1"])
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


def test_a_monotone_features_box_begins_or_ends_at_the_example() -> None:
    plain = AttackSpace(np.zeros(3), np.ones(3), np.zeros(3), np.ones(3), np.ones(3, dtype=bool))
    space = replace(plain, rules=Rules(increasing=(0,), decreasing=(2,)))
    u = np.array([[0.3, 0.3, 0.3], [-0.2, 0.5, 1.4]])
    low, high = space.box(u)
    assert low.tolist() == [[0.3, 0.0, 0.0], [-0.2, 0.0, 0.0]]
    assert high.tolist() == [[1.0, 1.0, 0.3], [1.0, 1.0, 1.4]]


@pytest.mark.parametrize("scale", [1.0, 10.0, 1e6, 0.5])
def test_an_integer_features_box_ends_at_the_last_whole_unit(scale: float) -> None:
    # raw units: the box is 0 … 10, an example need not be whole itself
    space = AttackSpace(
        np.zeros(1),
        np.array([scale]),
        np.zeros(1),
        np.array([10 / scale]),
        np.ones(1, dtype=bool),
        Rules(integer=(0,)),
    )
    raw = np.array([[0.0], [3.0], [3.25], [10.0], [12.5], [-1.0]])
    low, high = (edge * scale for edge in space.box(space.enter(raw)))
    np.testing.assert_allclose(low[:, 0], [0, 0, 0.25, 0, 0.5, -1.0], atol=1e-9)
    np.testing.assert_allclose(high[:, 0], [10, 10, 9.25, 10, 12.5, 10.0], atol=1e-9)


def test_only_features_that_may_change_make_a_space_discrete() -> None:
    space = AttackSpace(
        np.zeros(2),
        np.ones(2),
        np.zeros(2),
        np.ones(2),
        np.array([True, False]),
        Rules(integer=(1,)),
    )
    assert not space.discrete
    assert replace(space, mutable=np.ones(2, dtype=bool)).discrete
    assert not replace(space, rules=Rules(increasing=(0,))).discrete


def test_distance_is_measured_in_attack_space() -> None:
    space = AttackSpace(
        np.array([5.0, 0.0]), np.array([10.0, 0.1]), np.zeros(2), np.ones(2), np.ones(2, bool)
    )
    raw = np.array([[1.0, 1.0]])
    moved = raw + np.array([[10.0, 0.2]])
    np.testing.assert_allclose(space.distance(raw, moved, "linf"), [2.0])
    np.testing.assert_allclose(space.distance(raw, moved, "l2"), [np.sqrt(5.0)])


@pytest.mark.parametrize("ulps", [-3, -1, 0, 1, 3])
def test_an_edge_at_the_examples_own_value_leaves_no_room(ulps: int) -> None:
    one = np.ones(1)
    u = np.array([[0.3]])
    space = AttackSpace(-2 * one, one, one - 1, u[0] + ulps * np.spacing(0.3), one > 0)
    _, high = space.box(u)
    assert high[0, 0] == u[0, 0]
