from __future__ import annotations

import numpy as np
import pytest

from genlabel_robust.targets.losses import cross_entropy, margin, toward, value

LOSSES = [margin, cross_entropy, toward(np.array([1, 2, 0, 3, 2]))]


@pytest.fixture
def scores() -> np.ndarray:
    return np.random.default_rng(0).normal(size=(5, 4)) * [[1], [3], [10], [0.1], [100]]


Y = np.array([0, 1, 2, 0, 3])


@pytest.mark.parametrize("loss", LOSSES, ids=["margin", "cross-entropy", "toward"])
def test_the_weights_are_the_derivatives_of_the_value(loss, scores) -> None:
    step = 1e-6
    for column in range(4):
        ahead, behind = scores.copy(), scores.copy()
        ahead[:, column] += step
        behind[:, column] -= step
        rise = value(ahead, loss(ahead, Y)) - value(behind, loss(behind, Y))
        assert rise / (2 * step) == pytest.approx(loss(scores, Y)[:, column], abs=1e-6)


def test_the_value_of_the_cross_entropy_is_the_log_odds_against_the_true_class(scores) -> None:
    p = np.exp(scores - scores.max(axis=1, keepdims=True))
    p /= p.sum(axis=1, keepdims=True)
    true = p[np.arange(5), Y]
    found = value(scores, cross_entropy(scores, Y))
    fair = (true > 1e-9) & (true < 1 - 1e-9)
    assert fair.sum() >= 3
    assert found[fair] == pytest.approx(np.log((1 / true[fair]) - 1), rel=1e-6)


def test_with_two_classes_every_loss_has_the_direction_of_the_margin(scores) -> None:
    two, y = scores[:, :2], np.array([0, 1, 0, 1, 1])
    for loss in (cross_entropy, toward(1 - y)):
        assert loss(two, y) == pytest.approx(margin(two, y))


def test_no_loss_is_flattened_however_far_the_true_class_leads() -> None:
    scores, y = np.array([[1e6, 0.0, -1.0]]), np.array([0])
    for loss in (margin, cross_entropy, toward(np.array([1]))):
        weights = loss(scores, y)
        assert weights[0, 0] == -1.0
        assert weights[0, 1:].sum() == pytest.approx(1.0)
