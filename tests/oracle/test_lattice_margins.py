"""Exact L∞ distances with integers and categories, compared with all points that exist."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from genlabel_robust.certify.affine.distance import exact_distance
from genlabel_robust.certify.affine.lattice_linf import lattice_distance
from genlabel_robust.certify.affine.steps import Steps
from genlabel_robust.threat.constraints.constraints import Rules
from genlabel_robust.threat.space import AttackSpace

seeds = st.integers(0, 10_000)


def by_enumeration(
    weight: np.ndarray,
    bias: np.ndarray,
    space: AttackSpace,
    raw: np.ndarray,
    label: int,
) -> float:
    """Return the least L∞ budget over all points of the lattice; continuous features last.

    For each combination of whole numbers and categories the rest of the gap is left to the
    continuous features, whose least budget is ``exact_distance``, and the larger one counts.
    """
    u = space.enter(raw[None])
    low, high = (edge[0] for edge in space.box(u))
    whole, groups = list(space.rules.integer), space.rules.one_hot
    rest = [i for i in range(len(raw)) if i not in {*whole, *(j for g in groups for j in g)}]
    choices = [
        [
            raw[i] + s
            for s in range(-9, 10)
            if low[i] - 1e-9 <= (raw[i] + s - space.offset[i]) / space.scale[i] <= high[i] + 1e-9
        ]
        for i in whole
    ]
    best = np.inf
    for values in product(*choices, *(range(len(group)) for group in groups)):
        moved = raw.copy()
        moved[whole] = values[: len(whole)]
        for group, category in zip(groups, values[len(whole) :], strict=True):
            moved[list(group)] = np.eye(len(group))[category]
        there = space.enter(moved[None])
        cost = float(np.abs(there - u).max())
        if not rest:
            scores = weight @ there[0] + bias
            if (np.delete(scores, label) >= scores[label]).any():
                best = min(best, cost)
            continue
        fixed = np.delete(np.arange(len(raw)), rest)
        left = exact_distance(
            weight[:, rest],
            bias + weight[:, fixed] @ there[0, fixed],
            there[:, rest],
            np.array([label]),
            low[None, rest],
            high[None, rest],
            "linf",
        )
        best = min(best, max(cost, float(left[0])))
    return best


def case(seed: int, k: int, whole: int, free: int, group: int) -> tuple[np.ndarray, ...]:
    """Random affine model on ``whole`` integers, ``free`` floats and a one-hot group."""
    rng = np.random.default_rng(seed)
    d, n = whole + free + group, 2
    scale = np.concatenate([rng.uniform(1, 7, whole), rng.uniform(0.5, 2, free + group)])
    low = np.concatenate([rng.uniform(-3, 0, whole), rng.uniform(-2, 0, free), np.zeros(group)])
    raw = np.concatenate(
        [
            rng.integers(0, 4, (n, whole)),
            rng.uniform(-1, 1, (n, free)),
            np.eye(group)[rng.integers(0, group, n)] if group else np.zeros((n, 0)),
        ],
        axis=1,
    )
    space = AttackSpace(
        offset=np.zeros(d),
        scale=scale,
        low=low / scale,
        high=np.concatenate([rng.uniform(1, 5, whole), rng.uniform(0, 2, free), np.ones(group)])
        / scale,
        mutable=np.ones(d, dtype=bool),
        rules=Rules(
            integer=tuple(range(whole)),
            one_hot=(tuple(range(whole + free, d)),) if group else (),
        ),
    )
    weight, bias = rng.normal(size=(k, d)) * 2, rng.normal(size=k)
    return weight, bias, space, raw, np.argmax(space.enter(raw) @ weight.T + bias, axis=1)


def steps_of(space: AttackSpace, raw: np.ndarray) -> Steps:
    groups = [np.array(group) for group in space.rules.one_hot]
    return Steps(1 / space.scale, np.array(space.rules.integer, dtype=int), groups, raw == 1)


@settings(deadline=None, max_examples=30)
@given(
    seed=seeds,
    k=st.integers(2, 4),
    whole=st.integers(0, 3),
    free=st.integers(0, 2),
    group=st.sampled_from([0, 2, 3]),
)
def test_the_distance_is_that_of_the_nearest_point_that_exists(
    seed: int, k: int, whole: int, free: int, group: int
) -> None:
    if not whole + free + group:
        return
    weight, bias, space, raw, y = case(seed, k, whole, free, group)
    u = space.enter(raw)
    found = lattice_distance(weight, bias, u, y, *space.box(u), steps_of(space, raw))
    known = [by_enumeration(weight, bias, space, row, y[i]) for i, row in enumerate(raw)]
    np.testing.assert_allclose(found, known, rtol=1e-8, atol=1e-12)


def test_whole_steps_by_hand() -> None:
    # 2 a step of the first, 1 a step of the second, whose step costs half as much
    arguments = (
        np.array([[0.0, 0.0], [2.0, 1.0]]),
        np.array([4.5, 0.0]),
        np.zeros((1, 2)),
        np.array([0]),
        np.array([[-9.0, -9.0]]),
        np.array([[9.0, 9.0]]),
    )
    steps = Steps(np.array([1.0, 0.5]), np.array([0, 1]), [], np.zeros((1, 2), dtype=bool))
    # 1.5 gains 2·1 + 1.5 = 3.5, and 2 gains 4 + 2; continuous, 1.5 gains 4.5
    assert exact_distance(*arguments, "linf") == pytest.approx([1.5])
    assert lattice_distance(*arguments, steps) == pytest.approx([2.0])


def test_a_switch_costs_the_longer_of_two_steps_and_a_row_of_no_category_stays() -> None:
    weight, bias = np.array([[0.0, 0.0], [0.0, 3.0]]), np.array([2.0, 0.0])
    steps = Steps(
        np.array([0.25, 1.0]),
        np.array([], dtype=int),
        [np.array([0, 1])],
        np.array([[True, False], [False, False]]),
    )
    u = np.array([[0.25, 0.0], [0.0, 0.0]])
    found = lattice_distance(
        weight, bias, u, np.array([0, 0]), np.zeros((2, 2)), np.ones((2, 2)), steps
    )
    assert found == pytest.approx([1.0, np.inf])
