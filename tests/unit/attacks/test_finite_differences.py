from __future__ import annotations

import numpy as np
import pytest

from genlabel_robust.attacks.attack import Outcome
from genlabel_robust.attacks.finite_differences import FiniteDifferences, _gradient
from genlabel_robust.certify.exact import exact_margins
from genlabel_robust.targets.losses import cross_entropy, margin
from genlabel_robust.targets.visited import Visited, lowest_margin


@pytest.mark.parametrize("loss", [margin, cross_entropy])
def test_the_differences_are_the_gradient(loss, make_target) -> None:
    target = make_target(n=30, k=4)
    target.space.low[:], target.space.high[:] = -1, 2
    rows = np.arange(30)
    visited = Visited(target, lowest_margin(target))
    found = _gradient(visited, loss, target.x, rows, "linf", 0.1, 0.05)
    _, gradient = target.gradient(target.x, rows, loss)
    np.testing.assert_allclose(found, gradient, atol=1e-4)
    assert visited.health[0] == 30


@pytest.mark.parametrize("norm", ["linf", "l2"])
def test_on_an_affine_model_of_two_classes_it_breaks_what_can_be_broken(norm, make_target) -> None:
    target = make_target(n=80, d=6, k=2, seed=3)
    exact = exact_margins(target.model, target.space, target.raw, target.y, norm)
    eps = float(np.median(exact))
    broken = FiniteDifferences()(target, norm, eps, 0).outcome == Outcome.BROKEN
    assert broken[exact < 0.99 * eps].all()
    assert not broken[exact > 1.001 * eps].any()


def test_probabilities_that_have_become_0_and_1_do_not_hide_the_way(formula_target) -> None:
    def scores(raw: np.ndarray) -> np.ndarray:
        logit = 400 * (raw.sum(axis=1) - 1)
        return np.stack([1 / (1 + np.exp(logit)), 1 / (1 + np.exp(-logit))], axis=1)

    target = formula_target(scores, [[0.4, 0.44], [0.3, 0.5], [0.44, 0.41]])
    assert (scores(target.raw)[:, 0] == 1).all()
    assert (FiniteDifferences()(target, "linf", 0.11, 0).outcome == Outcome.BROKEN).all()


def test_on_a_staircase_every_gradient_is_counted_as_zero_and_nothing_is_claimed(
    formula_target,
) -> None:
    step = lambda raw: np.eye(2)[(raw[:, 0] > 0.7).astype(int)]  # noqa: E731
    target = formula_target(step, [[0.6, 0.5], [0.65, 0.1]])
    result = FiniteDifferences(restarts=1)(target, "linf", 0.2, 0)
    assert (result.outcome == Outcome.SURVIVED).all()
    assert result.health.zero == result.health.rows == 2 * 20


def test_a_probe_that_is_adversarial_by_itself_is_not_lost(formula_target) -> None:
    # adversarial only between 0.001 and 0.0011 above the example, where the first probe is
    sliver = lambda raw: np.eye(2)[(np.abs(raw[:, 0] - 0.40105) < 5e-5).astype(int)]  # noqa: E731
    target = formula_target(sliver, [[0.4, 0.5]])
    result = FiniteDifferences(width=0.0105)(target, "linf", 0.1, 0)
    assert result.outcome.tolist() == [Outcome.BROKEN]
    np.testing.assert_allclose(result.points, [[0.00105, 0.0]])


def test_scores_that_are_not_finite_are_counted_and_do_no_harm(formula_target) -> None:
    def scores(raw: np.ndarray) -> np.ndarray:
        wall = np.where(raw[:, 0] > 0.5, np.nan, 1.0)
        return np.stack([wall, 3 * raw[:, 1]], axis=1)

    target = formula_target(scores, [[0.4999, 0.3], [0.1, 0.3]])
    result = FiniteDifferences(restarts=1)(target, "linf", 0.1, 0)
    assert result.outcome.tolist() == [Outcome.SURVIVED, Outcome.BROKEN]
    assert result.health.nonfinite > 0
