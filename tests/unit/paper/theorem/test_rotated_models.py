from __future__ import annotations

import numpy as np
import pytest
from scipy.optimize import check_grad

from genlabel_robust.paper.theorem.mixed_losses import gaussian_classes
from genlabel_robust.paper.theorem.rotated_models import Logistic, random_relu_net, turned

#: Measured for minutes, and seldom changed.
pytestmark = pytest.mark.nightly

X, Y = gaussian_classes(12, 0.3, seed=0)
SIGN = 2 * Y - 1
MODELS = [Logistic(), random_relu_net(X, seed=0)]


def finely_searched(model, radius):
    """Return the lowest signed logit among 400,000 points of each disc."""
    angle = np.linspace(0, 2 * np.pi, 4000, endpoint=False)
    circle = np.stack([np.cos(angle), np.sin(angle)], axis=1)
    steps = (radius * np.linspace(0, 1, 100)[:, None, None] * circle).reshape(-1, 2)
    return np.array([(s * model.logit(x + steps)).min() for x, s in zip(X, SIGN, strict=True)])


def test_the_closed_form_of_logistic_regression_is_what_a_fine_search_finds():
    exact, searched = Logistic().least(X, SIGN, 0.4), finely_searched(Logistic(), 0.4)
    assert (exact <= searched + 1e-12).all()
    np.testing.assert_allclose(exact, searched, atol=1e-6)


@pytest.mark.parametrize("radius", [0.1, 0.8])
def test_the_search_misses_little_on_the_relu_net_and_claims_nothing_that_is_not_there(radius):
    net = MODELS[1]
    found, searched = net.least(X, SIGN, radius), finely_searched(net, radius)
    assert (found >= searched - 1e-12).all()
    # a grid of 128 angles is off by at most half a step: r (1 - cos(π/128)) times the slope
    np.testing.assert_allclose(found, searched, atol=3e-3 * radius)


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.name)
def test_a_gradient_is_that_of_finite_differences(model):
    for row in X:
        error = check_grad(
            lambda x: model.logit(x[None])[0], lambda x: model.gradient(x[None])[0], row
        )
        assert error < 1e-6


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.name)
def test_a_model_is_homogeneous(model):
    np.testing.assert_allclose(model.logit(3 * X), 3 * model.logit(X), rtol=1e-12)


def test_the_relu_net_bends_and_its_mean_gradient_has_length_one():
    gradient = MODELS[1].gradient(X)
    assert np.linalg.norm(gradient, axis=1).mean() == pytest.approx(1.0)
    assert len(np.unique(gradient.round(12), axis=0)) > 1


def test_logistic_regression_on_turned_points_has_turned_weights():
    for phi in (-0.3, 0.1, 0.5):
        weight = np.array([np.cos(phi * np.pi), np.sin(phi * np.pi)])
        np.testing.assert_allclose(Logistic().logit(turned(X, phi)), X @ weight, atol=1e-12)
