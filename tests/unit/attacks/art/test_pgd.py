from __future__ import annotations

import numpy as np
import pytest
import torch

from genlabel_robust.attacks.art.pgd import PGD
from genlabel_robust.attacks.attack import Outcome
from genlabel_robust.certify.exact import exact_margins
from genlabel_robust.core.errors import ConfigurationError


def broken(attack, target, norm, eps, **options) -> np.ndarray:
    return attack(target, norm, eps, 0, **options).outcome == Outcome.BROKEN


@pytest.mark.parametrize("targets", [0, 2])
@pytest.mark.parametrize("norm", ["linf", "l2"])
def test_what_can_be_broken_on_an_affine_model_is_and_nothing_else(
    norm, targets, make_target
) -> None:
    target = make_target(n=200, d=4, k=4)
    exact = exact_margins(target.model, target.space, target.raw, target.y, norm)
    eps = float(np.median(exact))
    found = broken(PGD(steps=50, restarts=4, targets=targets), target, norm, eps)
    assert found[exact < 0.97 * eps].all()
    assert not found[exact > 1.0001 * eps].any()


@pytest.mark.parametrize("targets", [0, 3])
@pytest.mark.parametrize("norm", ["linf", "l2"])
def test_an_example_gets_the_same_alone_and_among_a_thousand(norm, targets, make_target) -> None:
    target = make_target(n=1000, d=20, k=4, widths=(16,))
    attack = PGD(steps=5, restarts=4, targets=targets)
    together = attack(target, norm, 0.1, 3)
    assert 0.1 < (together.outcome == Outcome.BROKEN).mean() < 0.9
    for row in (0, 1, 499, 998, 999):
        alone = attack(target.subset(np.array([row])), norm, 0.1, 3)
        assert alone.points.tobytes() == together.points[row].tobytes()
        assert alone.outcome[0] == together.outcome[row]
        assert alone.queries[0] == together.queries[row]


def test_where_the_best_of_a_smaller_ball_breaks_it_is_not_lost(make_target) -> None:
    target = make_target(n=60, widths=(16,))
    best = PGD(steps=40, restarts=2)(target, "linf", 0.1, 0)
    weak = PGD(steps=1, restarts=1, step_ratio=0.01)
    without, with_start = (
        broken(weak, target, "linf", 0.1, start=start) for start in (None, best.points)
    )
    assert (with_start | ~(best.outcome == Outcome.BROKEN)).all()
    assert not without.any()


def test_a_rival_behind_another_that_cannot_be_reached_is_found_by_targets(make_target) -> None:
    """Class 1 runs a constant 1 behind the true class; class 2 starts far behind, and rises."""
    target = make_target(n=20, d=2, k=3)
    with torch.no_grad():
        layer = target.model.module[0]
        layer.weight.copy_(torch.tensor([[0.0, 0.0], [0.0, 0.0], [4000.0, 0.0]]))
        layer.bias.copy_(torch.tensor([1.0, 0.0, -2000.0]))
    target.raw[:, 0] = 0.3
    target.y[:] = 0
    untargeted, targeted = PGD(steps=10, restarts=1), PGD(steps=10, restarts=1, targets=2)
    assert not broken(untargeted, target, "linf", 0.21).any()
    assert broken(targeted, target, "linf", 0.21).all()


def test_more_restarts_never_break_less(make_target) -> None:
    target = make_target(n=150, d=8, widths=(32,), scale=3, seed=3)
    few, many = (broken(PGD(steps=3, restarts=r), target, "linf", 0.06) for r in (2, 8))
    assert (many | ~few).all()
    assert many.sum() > few.sum()


@pytest.mark.parametrize("value", [-1, 1.5, "many"])
def test_targets_are_a_whole_number(value) -> None:
    with pytest.raises(ConfigurationError, match="targets"):
        PGD(targets=value)
