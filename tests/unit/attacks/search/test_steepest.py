from __future__ import annotations

import numpy as np
import pytest
from art.attacks.evasion import FastGradientMethod

from genlabel_robust.attacks.art.gradient_estimator import GradientEstimator, art_norm
from genlabel_robust.attacks.search.steepest import steepest
from genlabel_robust.targets.losses import margin
from genlabel_robust.targets.visited import Visited, lowest_margin


@pytest.mark.parametrize("norm", ["linf", "l2"])
def test_the_direction_is_that_of_art(norm, make_target) -> None:
    target = make_target(n=20, widths=(8,))
    visited = Visited(target, lowest_margin(target))
    estimator = GradientEstimator(visited, margin, np.arange(20))
    plain = FastGradientMethod(estimator, norm=art_norm(norm))
    x = target.x.astype(np.float32)
    ours = steepest(estimator.loss_gradient(x, None), norm)
    np.testing.assert_allclose(plain._compute_perturbation(x, None, None), ours, atol=1e-6)


def test_no_feature_moves_that_has_no_gradient() -> None:
    gradient = np.array([[0.0, 0.0], [0.0, -3.0]])
    assert (steepest(gradient, "linf") == [[0, 0], [0, -1]]).all()
    assert (steepest(gradient, "l2") == [[0, 0], [0, -1]]).all()


def test_tiny_gradients_have_a_direction_as_well() -> None:
    assert steepest(np.array([[3e-200, 4e-200]]), "l2")[0] == pytest.approx([0.6, 0.8])
