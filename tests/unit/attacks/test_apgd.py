from __future__ import annotations

from itertools import accumulate

import numpy as np
import pytest

from genlabel_robust.attacks.apgd import APGD, _legs
from genlabel_robust.attacks.attack import Outcome
from genlabel_robust.certify.exact import exact_margins
from genlabel_robust.core.scores import logit_margin
from genlabel_robust.threat.threat_model import distance


def test_the_checkpoints_are_those_of_the_paper() -> None:
    assert list(accumulate(_legs(100))) == [22, 41, 57, 70, 80, 87, 93, 99, 100]
    for steps in (1, 2, 3, 7, 25, 50, 1000):
        assert sum(_legs(steps)) == steps
        assert min(_legs(steps)) > 0


@pytest.mark.parametrize("k", [2, 4])
@pytest.mark.parametrize("norm", ["linf", "l2"])
def test_what_can_be_broken_on_an_affine_model_is_and_nothing_else(norm, k, make_target) -> None:
    target = make_target(n=200, d=4, k=k)
    exact = exact_margins(target.model, target.space, target.raw, target.y, norm)
    eps = float(np.median(exact))
    found = APGD(steps=60)(target, norm, eps, 0).outcome == Outcome.BROKEN
    assert found[exact < 0.995 * eps].all()
    assert not found[exact > 1.0001 * eps].any()


@pytest.mark.parametrize("norm", ["linf", "l2"])
def test_no_point_of_a_fine_grid_has_a_lower_margin(norm, make_target) -> None:
    target = make_target(n=40, d=2, k=3, widths=(16, 16), scale=2, seed=4)
    eps, everyone = 0.1, np.arange(40)
    result = APGD(steps=100, restarts=6)(target, norm, eps, 0)
    reached = logit_margin(target.scores(result.points, everyone), target.y)
    axis = np.linspace(-eps, eps, 41)
    grid = np.stack(np.meshgrid(axis, axis), axis=-1).reshape(-1, 2)
    grid = grid[distance(grid, norm) <= eps]
    rows = np.repeat(everyone, len(grid))
    points = np.clip(np.tile(grid, (40, 1)), *(edge[rows] for edge in target.box))
    margins = logit_margin(target.scores(points, rows), target.y[rows]).reshape(40, -1)
    survived = result.outcome == Outcome.SURVIVED
    assert survived.sum() > 15
    assert (margins[survived] > 0).all()
    assert (reached <= margins.min(axis=1) + 1e-3)[survived].all()


@pytest.mark.parametrize("norm", ["linf", "l2"])
def test_an_example_gets_the_same_alone_and_among_a_thousand(norm, make_target) -> None:
    target = make_target(n=1000, d=20, k=3, widths=(16,))
    attack = APGD(steps=12, restarts=3)
    together = attack(target, norm, 0.1, 3)
    assert 0.1 < (together.outcome == Outcome.BROKEN).mean() < 0.9
    for row in (0, 1, 499, 998, 999):
        alone = attack(target.subset(np.array([row])), norm, 0.1, 3)
        assert alone.points.tobytes() == together.points[row].tobytes()
        assert alone.queries[0] == together.queries[row]


def test_an_example_that_is_broken_drops_out_at_the_next_checkpoint(make_target) -> None:
    target = make_target(n=100, widths=(16,))
    result = APGD(steps=100, restarts=1)(target, "linf", 0.1, 0)
    broken = result.outcome == Outcome.BROKEN
    assert (result.queries[~broken] == 101).all()
    assert np.median(result.queries[broken]) == 1 + 22


def test_steps_shrink_where_the_ball_is_far_wider_than_what_there_is_to_find(make_target) -> None:
    """The highest loss lies within the ball, where steps of its width jump over it."""
    target = make_target(n=60, d=3, k=2, widths=(32, 32), scale=2)
    few, many = (APGD(steps=s, restarts=1)(target, "l2", 0.2, 0) for s in (10, 100))
    margins = [logit_margin(target.scores(r.points, np.arange(60)), target.y) for r in (few, many)]
    open_ = many.outcome == Outcome.SURVIVED
    assert open_.sum() > 10
    assert (margins[1] <= margins[0] + 1e-6)[open_].mean() > 0.9
    assert margins[1][open_].mean() < margins[0][open_].mean()
