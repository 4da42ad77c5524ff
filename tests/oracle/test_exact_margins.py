"""Exact affine distances against dual norms, general-purpose optimisers and hand calculations."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import linprog, minimize

from genlabel_robust.certify.affine.distance import exact_distance
from genlabel_robust.threat.norms import Norm
from genlabel_robust.threat.threat_model import distance

NORMS: tuple[Norm, ...] = ("linf", "l2", "l1")
SHAPES = [(2, 1), (2, 4), (5, 3), (5, 8)]


def instance(seed: int, k: int, d: int, n: int = 12, wall: float = 0.4) -> dict[str, Any]:
    """Random affine model, points labelled as it predicts them, random walls near them."""
    rng = np.random.default_rng(seed)
    weight, bias = rng.normal(size=(k, d)), rng.normal(size=k)
    u = rng.normal(size=(n, d))
    weight[:, rng.random(d) < 0.15] = 0.0
    low = u - wall * rng.exponential(size=(n, d))
    high = u + wall * rng.exponential(size=(n, d))
    frozen = rng.random((n, d)) < 0.15
    low[frozen] = high[frozen] = u[frozen]
    y = np.argmax(u @ weight.T + bias, axis=1)
    return {"weight": weight, "bias": bias, "u": u, "y": y, "low": low, "high": high}


def without_walls(case: dict[str, Any]) -> dict[str, Any]:
    wide = np.full_like(case["u"], 1e9)
    return case | {"low": -wide, "high": wide}


def nearest_points(case: dict[str, Any], norm: Norm, row: int) -> list[np.ndarray]:
    """Nearest boundary step (d,) for each rival class, by a general optimiser."""
    weight, bias, u, y = case["weight"], case["bias"], case["u"][row], case["y"][row]
    low, high = case["low"][row] - u, case["high"][row] - u
    d = len(u)
    steps = []
    for rival in set(range(len(weight))) - {int(y)}:
        w = weight[rival] - weight[y]
        gap = float(-w @ u + bias[y] - bias[rival])
        if np.where(w > 0, w * high, w * low).sum() < gap:
            continue
        # min t subject to w·δ >= gap, |δ_j| <= t, δ in the box
        a_ub = np.block([[-w, 0.0], [np.eye(d), -np.ones((d, 1))], [-np.eye(d), -np.ones((d, 1))]])
        b_ub = np.concatenate([[-gap], np.zeros(2 * d)])
        bounds = [*zip(low, high, strict=True), (0, None)]
        solved = linprog(np.eye(d + 1)[d], A_ub=a_ub, b_ub=b_ub, bounds=bounds)
        step = solved.x[:d]
        if norm == "l1":
            # δ = up - down, both at least 0: min Σ (up + down)
            solved = linprog(
                np.ones(2 * d),
                A_ub=np.concatenate([-w, w])[None],
                b_ub=[-gap],
                bounds=[*((0, edge) for edge in high), *((0, -edge) for edge in low)],
            )
            step = solved.x[:d] - solved.x[d:]
        if norm == "l2":
            solved = minimize(
                lambda delta: delta @ delta,
                step,
                jac=lambda delta: 2 * delta,
                bounds=list(zip(low, high, strict=True)),
                constraints={
                    "type": "ineq",
                    "fun": lambda delta, w=w, gap=gap: w @ delta - gap,
                    "jac": lambda _, w=w: w,
                },
                method="SLSQP",
                options={"ftol": 1e-14, "maxiter": 500},
            )
            step = solved.x
        assert solved.success
        steps.append(step)
    return steps


@pytest.mark.parametrize(("k", "d"), SHAPES)
@pytest.mark.parametrize(("norm", "dual"), [("linf", 1), ("l2", 2), ("l1", np.inf)])
def test_without_walls_the_distance_is_the_gap_over_the_dual_norm(
    k: int, d: int, norm: Norm, dual: int
) -> None:
    case = without_walls(instance(1, k, d))
    weight, bias, u, y = case["weight"], case["bias"], case["u"], case["y"]
    for row, found in enumerate(exact_distance(**case, norm=norm)):
        ratios = [np.inf]
        for rival in set(range(k)) - {int(y[row])}:
            w = weight[y[row]] - weight[rival]
            gap = w @ u[row] + bias[y[row]] - bias[rival]
            if w.any():
                ratios.append(gap / np.linalg.norm(w, dual))
        assert found == pytest.approx(min(ratios), rel=1e-10)


# of the other optimiser: until scipy 1.16 it steps out of its own bounds, and back
@pytest.mark.filterwarnings("ignore:Values in x were outside bounds:RuntimeWarning")
@pytest.mark.parametrize(("k", "d"), SHAPES)
@pytest.mark.parametrize("norm", NORMS)
def test_within_walls_the_distance_is_that_of_a_general_optimiser(
    k: int, d: int, norm: Norm
) -> None:
    case = instance(2, k, d)
    found = exact_distance(**case, norm=norm)
    for row, value in enumerate(found):
        lengths = [float(distance(step, norm)) for step in nearest_points(case, norm, row)]
        assert value == pytest.approx(min(lengths, default=np.inf), rel=1e-5, abs=1e-8)


def test_the_random_instances_hold_every_kind_of_answer() -> None:
    # without this, the comparisons above could pass on infinite distances alone
    blocked = free = bent = 0
    for k, d in SHAPES:
        case = instance(2, k, d)
        walled = exact_distance(**case, norm="linf")
        plain = exact_distance(**without_walls(case), norm="linf")
        blocked += int(np.isinf(walled).sum())
        free += int(np.isclose(walled, plain).sum())
        bent += int((np.isfinite(walled) & (walled > plain * 1.01)).sum())
    assert min(blocked, free, bent) >= 5


@pytest.mark.parametrize("norm", NORMS)
def test_in_one_dimension_the_distance_is_the_way_to_the_threshold(norm: Norm) -> None:
    # class 1 wins where 2u > 1, from u = 0.5 on
    u = np.array([[0.0], [0.2], [0.5], [0.9], [0.0]])
    found = exact_distance(
        np.array([[-1.0], [1.0]]),
        np.array([0.5, -0.5]),
        u,
        np.array([0, 0, 0, 1, 0]),
        np.array([[-1.0], [-1.0], [-1.0], [0.0], [-1.0]]),
        np.array([[1.0], [0.5], [1.0], [1.0], [0.4]]),
        norm,
    )
    assert found == pytest.approx([0.5, 0.3, 0.0, 0.4, np.inf])


def test_a_wall_in_two_dimensions_by_hand() -> None:
    # gain 3|δ1| + 4|δ2| must reach 5 while |δ2| stays below 0.5: δ1 = 1
    arguments = (
        np.array([[0.0, 0.0], [3.0, 4.0]]),
        np.array([5.0, 0.0]),
        np.zeros((1, 2)),
        np.array([0]),
        np.array([[-9.0, -9.0]]),
        np.array([[9.0, 0.5]]),
    )
    assert exact_distance(*arguments, "linf") == pytest.approx([1.0])
    assert exact_distance(*arguments, "l2") == pytest.approx([np.sqrt(1.25)])
    # 0.5 on the steeper feature gains 2, the remaining 3 cost 1 on the other
    assert exact_distance(*arguments, "l1") == pytest.approx([1.5])


@pytest.mark.parametrize("norm", NORMS)
def test_immutable_features_are_as_good_as_absent(norm: Norm) -> None:
    case = instance(3, 5, 6)
    frozen = np.array([True, False, False, True, False, True])
    for side in ("low", "high"):
        case[side] = np.where(frozen, case["u"], case[side])
    rest = {name: case[name][:, ~frozen] for name in ("weight", "u", "low", "high")}
    # one bias per row, as the frozen part of the scores differs from row to row
    for row in range(len(case["u"])):
        one = {name: value[row : row + 1] for name, value in rest.items() if name != "weight"}
        shifted = case["bias"] + case["weight"][:, frozen] @ case["u"][row, frozen]
        smaller = exact_distance(
            rest["weight"], shifted, y=case["y"][row : row + 1], norm=norm, **one
        )
        whole = exact_distance(**case, norm=norm)[row]
        assert whole == pytest.approx(smaller[0], rel=1e-9)


def test_a_frozen_row_is_never_broken() -> None:
    case = instance(4, 3, 4)
    case |= {"low": case["u"], "high": case["u"]}
    for norm in NORMS:
        assert np.isposinf(exact_distance(**case, norm=norm)).all()


def longest_step(w: np.ndarray, room: np.ndarray, norm: Norm, length: float) -> np.ndarray:
    """Return the step (d,) of the optimal shape, up to ``length``, found by bisection."""
    if norm == "l1":
        step = np.zeros_like(w)
        for j in np.argsort(-np.abs(w)):
            step[j] = min(room[j], length - step.sum()) if w[j] else 0.0
        return step
    pace = np.ones_like(w) if norm == "linf" else np.abs(w)
    shortest, longest = 0.0, 1e7
    for _ in range(200):
        middle = (shortest + longest) / 2
        step = np.where(w == 0, 0.0, np.minimum(middle * pace, room))
        if float(distance(step, norm)) <= length:
            shortest = middle
        else:
            longest = middle
    return np.where(w == 0, 0.0, np.minimum(shortest * pace, room))


def reach(case: dict[str, Any], norm: Norm, row: int, length: float) -> float:
    """Return the best (rival - true) score within ``length`` of the row and its box."""
    weight, bias, u, y = case["weight"], case["bias"], case["u"][row], case["y"][row]
    best = -np.inf
    for rival in set(range(len(weight))) - {int(y)}:
        w = weight[rival] - weight[y]
        room = np.where(w > 0, case["high"][row] - u, u - case["low"][row])
        step = longest_step(w, room, norm, length) * np.sign(w)
        scores = weight @ (u + step) + bias
        best = max(best, scores[rival] - scores[y])
    return float(best)


seeds = st.integers(0, 10_000)


@given(seed=seeds, k=st.integers(2, 5), d=st.integers(1, 6), norm=st.sampled_from(NORMS))
def test_a_step_just_past_the_distance_is_adversarial_and_one_short_of_it_is_not(
    seed: int, k: int, d: int, norm: Norm
) -> None:
    case = instance(seed, k, d, n=1)
    found = float(exact_distance(**case, norm=norm)[0])
    if np.isinf(found):
        assert reach(case, norm, 0, 1e6) < 0
    else:
        assert reach(case, norm, 0, found * (1 + 1e-9)) >= -1e-12
        assert reach(case, norm, 0, found * (1 - 1e-6)) < 0


@given(seed=seeds, k=st.integers(2, 5), d=st.integers(1, 6), shrink=st.floats(0, 1))
def test_a_smaller_box_never_brings_the_boundary_nearer(
    seed: int, k: int, d: int, shrink: float
) -> None:
    case = instance(seed, k, d)
    u = case["u"]
    smaller = case | {
        "low": u - shrink * (u - case["low"]),
        "high": u + shrink * (case["high"] - u),
    }
    for norm in NORMS:
        open_, walled, tight = (
            exact_distance(**boxed, norm=norm) for boxed in (without_walls(case), case, smaller)
        )
        assert (walled >= open_ * (1 - 1e-9)).all()
        assert (tight >= walled * (1 - 1e-9)).all()


@given(seed=seeds, k=st.integers(2, 5), d=st.integers(1, 6))
def test_linf_is_at_most_l2_and_l2_at_most_l1_and_each_at_least_its_share(
    seed: int, k: int, d: int
) -> None:
    case = instance(seed, k, d)
    linf, l2, l1 = (exact_distance(**case, norm=norm) for norm in NORMS)
    assert (np.isinf(linf) == np.isinf(l2)).all()
    assert (np.isinf(linf) == np.isinf(l1)).all()
    for shorter, longer in ((linf, l2), (l2, l1)):
        assert (shorter <= longer * (1 + 1e-9)).all()
        assert (longer <= shorter * np.sqrt(d) * (1 + 1e-9)).all()
