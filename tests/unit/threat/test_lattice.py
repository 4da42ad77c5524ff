"""Neighbours on the lattice, compared with all points that exist."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from genlabel_robust.core.seeds import generator
from genlabel_robust.threat.lattice import Lattice
from genlabel_robust.threat.norms import Norm
from genlabel_robust.threat.space import project
from genlabel_robust.threat.threat_model import distance, within

SEEDS = st.integers(0, 2**32 - 1)
NORMS = st.sampled_from(["linf", "l2", "l1"])
GROUP = np.array([3, 4, 5])


def lattice_of(seed: int) -> tuple[Lattice, np.ndarray, np.ndarray, np.ndarray]:
    """Return a lattice of a continuous feature, two integers and three categories.

    Also returns a box (6,), (6,) that ends at integer steps, and the current categories (6,).
    """
    rng = generator(seed, "lattice")
    step = np.where(np.arange(6) < 3, rng.uniform(0.05, 0.5, 6), rng.uniform(0.2, 1.0))
    held = np.zeros(6, dtype=bool)
    held[rng.choice(GROUP)] = True
    low = -step * rng.integers(0, 4, 6)
    high = step * rng.integers(0, 4, 6)
    low[GROUP], high[GROUP] = np.where(held, -step, 0)[GROUP], np.where(held, 0, step)[GROUP]
    return Lattice(step, np.array([1, 2]), [GROUP]), low, high, held


def every_point(lattice: Lattice, low, high, held, continuous: float) -> np.ndarray:
    """Return all valid points (q, 6), with the continuous feature at one value."""
    steps = [
        np.arange(round(low[i] / lattice.step[i]), round(high[i] / lattice.step[i]) + 1)
        for i in lattice.integer
    ]
    points = []
    for first, second, category in product(*steps, range(3)):
        point = np.zeros(6)
        point[0] = continuous
        point[lattice.integer] = np.array([first, second]) * lattice.step[lattice.integer]
        point[GROUP] = (np.eye(3)[category] - held[GROUP]) * lattice.step[GROUP]
        points.append(point)
    return np.array(points)


@given(seed=SEEDS, norm=NORMS, eps=st.floats(0.05, 2.0))
def test_a_neighbour_exists_in_the_box_and_in_the_ball_of_its_point(
    seed: int, norm: Norm, eps: float
) -> None:
    lattice, low, high, held = lattice_of(seed)
    rng = generator(seed, "points")
    wild = rng.uniform(-1.5, 1.5, (30, 6)) * np.maximum(high - low, 0.1)
    points = project(wild, np.zeros_like(wild), low, high, eps, norm)
    for ball in (None, (norm, eps)):
        found = lattice.nearest(points, np.tile(held, (30, 1)), ball)
        exist = every_point(lattice, low, high, held, 0.0)
        gaps = np.abs(found[:, None, 1:] - exist[None, :, 1:]).max(axis=2)
        assert (gaps.min(axis=1) < 1e-9).all()
        assert (found[:, 0] == points[:, 0]).all()
    assert within(distance(found, norm), eps).all()


@given(seed=SEEDS, norm=NORMS, eps=st.floats(0.05, 2.0))
def test_a_point_that_exists_is_its_own_neighbour(seed: int, norm: Norm, eps: float) -> None:
    lattice, low, high, held = lattice_of(seed)
    exist = every_point(lattice, low, high, held, low[0])
    held = np.tile(held, (len(exist), 1))
    np.testing.assert_allclose(lattice.nearest(exist, held, None), exist, rtol=1e-12, atol=1e-12)
    inside = within(distance(exist, norm), eps)
    again = lattice.nearest(exist, held, (norm, eps))
    np.testing.assert_allclose(again[inside], exist[inside], rtol=1e-12, atol=1e-12)


@given(seed=SEEDS, eps=st.floats(0.05, 2.0))
def test_in_linf_the_neighbour_is_the_nearest_point_of_the_ball_that_exists(
    seed: int, eps: float
) -> None:
    lattice, low, high, held = lattice_of(seed)
    wild = generator(seed, "points").uniform(-1.5, 1.5, (20, 6)) * np.maximum(high - low, 0.1)
    points = project(wild, np.zeros_like(wild), low, high, eps, "linf")
    found = lattice.nearest(points, np.tile(held, (20, 1)), ("linf", eps))
    for point, own in zip(points, found, strict=True):
        exist = every_point(lattice, low, high, held, point[0])
        exist = exist[within(distance(exist, "linf"), eps)]
        nearest = distance(exist - point, "l2").min()
        assert distance(own - point, "l2") == pytest.approx(nearest, rel=1e-9, abs=1e-9)


def test_roundings_that_do_not_all_fit_are_made_for_what_had_gone_furthest() -> None:
    lattice = Lattice(np.ones(3), np.arange(3), [])
    point = np.array([[0.9, 0.8, -0.7]])
    held = np.zeros((1, 3), dtype=bool)
    for norm, eps, expected in (
        ("l1", 2.5, [1, 1, 0]),
        ("l1", 1.9, [1, 0, 0]),
        ("l2", 1.42, [1, 1, 0]),
        ("l2", 0.99, [0, 0, 0]),
        ("linf", 1.0, [1, 1, -1]),
        ("linf", 0.99, [0, 0, 0]),
    ):
        assert lattice.nearest(point, held, (norm, eps)).tolist() == [expected]


def test_what_does_not_fit_alone_does_not_bar_what_does() -> None:
    lattice = Lattice(np.array([3.0, 1.0]), np.arange(2), [])
    held = np.zeros((1, 2), dtype=bool)
    found = lattice.nearest(np.array([[2.9, 0.8]]), held, ("l1", 2.0))
    assert found.tolist() == [[0.0, 1.0]]


def test_on_a_tie_the_category_stays() -> None:
    lattice = Lattice(np.ones(3), np.zeros(0, dtype=np.int64), [np.arange(3)])
    held = np.array([[False, True, False]])
    even = np.array([[0.5, -0.5, 0.0]])
    assert lattice.nearest(even, held, None).tolist() == [[0.0, 0.0, 0.0]]
    assert lattice.nearest(even * 1.01, held, None).tolist() == [[1.0, -1.0, 0.0]]


def test_a_category_that_may_not_be_left_is_kept() -> None:
    lattice = Lattice(np.ones(2), np.zeros(0, dtype=np.int64), [np.arange(2)])
    nothing_held = np.zeros((1, 2), dtype=bool)
    assert lattice.nearest(np.array([[1.0, 0.0]]), nothing_held, None).tolist() == [[0.0, 0.0]]
