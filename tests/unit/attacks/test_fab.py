from __future__ import annotations

import numpy as np
import pytest
import torch

from genlabel_robust.attacks.attack import Outcome
from genlabel_robust.attacks.fab import FAB
from genlabel_robust.attacks.settings import doubled
from genlabel_robust.certify.exact import exact_margins
from genlabel_robust.threat.threat_model import distance

NORMS = ["linf", "l2", "l1"]


@pytest.mark.parametrize("norm", NORMS)
@pytest.mark.parametrize(("d", "k"), [(2, 2), (5, 3), (30, 8)])
def test_one_step_comes_to_the_exact_margin_of_an_affine_model(norm, d, k, make_target) -> None:
    target = make_target(n=80, d=d, k=k)
    exact = exact_margins(target.model, target.space, target.raw, target.y, norm)
    result = FAB(steps=1, restarts=1, targets=k)(target, norm, 0.1, 0)
    found = result.outcome == Outcome.BROKEN
    assert (found == np.isfinite(exact)).all()
    assert found.sum() > 60
    ratio = distance(result.points, norm)[found] / exact[found]
    # the lower end is the rounding of float32 logits
    assert 1 - 1e-4 < ratio.min() < ratio.max() < 1 + 1e-4


@pytest.mark.parametrize("norm", NORMS)
def test_no_point_of_a_fine_grid_is_nearer(norm, make_target) -> None:
    target = make_target(n=30, d=2, k=3, widths=(32,), seed=4)
    everyone = np.arange(30)
    result = FAB(steps=20)(target, norm, 0.1, 0)
    axis = np.linspace(-1, 1, 101)
    grid = np.stack(np.meshgrid(axis, axis), axis=-1).reshape(-1, 2)
    rows = np.repeat(everyone, len(grid))
    points = np.clip(np.tile(grid, (30, 1)), *(edge[rows] for edge in target.box))
    right = target.predict(points, rows) == target.y[rows]
    nearest = np.where(right, np.inf, distance(points, norm)).reshape(30, -1).min(axis=1)
    assert len(np.unique(target.y)) == 2
    assert (distance(result.points, norm) <= nearest + 1e-6).all()


@pytest.mark.parametrize("norm", NORMS)
def test_an_example_gets_the_same_alone_and_among_a_thousand(norm, make_target) -> None:
    target = make_target(n=1000, d=20, k=4, widths=(16,))
    attack = FAB(steps=4, restarts=2, targets=2)
    together = attack(target, norm, 0.1, 3)
    for row in (0, 1, 499, 998, 999):
        alone = attack(target.subset(np.array([row])), norm, 0.1, 3)
        assert alone.points.tobytes() == together.points[row].tobytes()
        assert alone.queries[0] == together.queries[row]


def test_a_doubled_budget_comes_nearer(make_target) -> None:
    target = make_target(n=60, d=8, widths=(32,), scale=3, seed=4)
    few = FAB(steps=3, restarts=1)
    near, nearer = (distance(a(target, "l2", 0.1, 0).points, "l2") for a in (few, doubled(few)))
    assert (nearer <= near * 1.01).all()
    assert nearer.mean() < 0.99 * near.mean()


def flat_around(target) -> None:
    """Make a net predict class 1 from x₀ = 0.6 on, after a stretch with zero gradient."""
    first, second = (layer for layer in target.model.module if hasattr(layer, "weight"))
    with torch.no_grad():
        for layer in (first, second):
            layer.weight.zero_()
            layer.bias.zero_()
        first.weight[0, 0], first.bias[0] = 10.0, -5.0
        second.weight[1, 0], second.bias[1] = 1.0, -1.0
    target.raw[:, 0] = np.linspace(0.0, 0.4, len(target.raw))
    target.y[:] = 0


def test_where_there_is_no_gradient_a_start_of_the_black_box_attacks_helps(make_target) -> None:
    target = make_target(n=20, d=3, k=2, widths=(4,))
    flat_around(target)
    result = FAB(steps=10, restarts=1)(target, "linf", 0.1, 0)
    assert (result.outcome == Outcome.BROKEN).all()
    assert distance(result.points, "linf") == pytest.approx(0.6 - target.raw[:, 0], rel=1e-3)
    assert result.health.zero >= 20


def test_where_the_model_knows_one_class_only_there_is_no_start(make_target) -> None:
    target = make_target(n=5, d=3, k=2, widths=(4,))
    flat_around(target)
    with torch.no_grad():
        target.model.module[-1].bias[1] = -1e3
    result = FAB(steps=3, restarts=2)(target, "l2", 0.1, 0)
    assert (result.outcome == Outcome.NO_START).all()
    assert (result.points == 0).all()


def test_points_from_elsewhere_are_begun_from_as_well(make_target) -> None:
    target = make_target(n=20, d=3, k=2, widths=(4,))
    flat_around(target)
    start = target.x.copy()
    start[:, 0] = 0.9 - target.raw[:, 0]
    target.pool = target.pool[:0]
    result = FAB(steps=10, restarts=1)(target, "l1", 0.1, 0, start=start)
    assert distance(result.points, "l1") == pytest.approx(0.6 - target.raw[:, 0], rel=1e-3)
