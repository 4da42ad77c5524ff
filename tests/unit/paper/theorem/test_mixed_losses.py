from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import beta, multivariate_normal

from genlabel_robust.paper.theorem.mixed_losses import budget, gaussian_classes, genlabel, mix

SIGMA = 0.3
X, Y = gaussian_classes(20, SIGMA, seed=0)


def cross_entropy(logit, target):
    return np.logaddexp(0, logit) - target * logit


def kinked(x):
    return 3 * x[:, 0] + 2 * np.abs(x[:, 1] - 0.1)


def test_genlabel_is_the_ratio_of_the_gaussian_densities():
    x = np.random.default_rng(0).normal(scale=2, size=(200, 2))
    zero, one = (multivariate_normal([m, 0], SIGMA**2 * np.eye(2)).logpdf(x) for m in (-1, 1))
    np.testing.assert_allclose(genlabel(x, SIGMA), 1 / (1 + np.exp(zero - one)), rtol=1e-9)


@pytest.mark.parametrize("alpha", [0.4, 1.0, 3.0])
def test_the_losses_are_those_of_mixing_at_random(alpha):
    rng, m = np.random.default_rng(1), 200_000
    first, second = rng.integers(len(X), size=(2, m))
    ratio = rng.beta(alpha, alpha, m)
    x = ratio[:, None] * X[first] + (1 - ratio[:, None]) * X[second]
    mixed = mix(X, Y, alpha, SIGMA)
    labels = ratio * Y[first] + (1 - ratio) * Y[second], genlabel(x, SIGMA)
    for found, label in zip(mixed.losses(kinked(mixed.x)), labels, strict=True):
        sampled = cross_entropy(kinked(x), label)
        # 4.5 standard errors: one false alarm in 20,000 runs of the six comparisons
        assert abs(found - sampled.mean()) < 4.5 * sampled.std() / np.sqrt(m)


@pytest.mark.parametrize("alpha", [0.4, 1.0])
def test_more_nodes_do_not_change_the_losses(alpha):
    fine = mix(X, Y, alpha, SIGMA, nodes=256)
    coarse = mix(X, Y, alpha, SIGMA)
    logits = [5 * points.x[:, 0] for points in (coarse, fine)]
    np.testing.assert_allclose(coarse.losses(logits[0]), fine.losses(logits[1]), rtol=1e-6)


@pytest.mark.parametrize("alpha", [0.5, 1.0, 2.0])
def test_the_budget_is_that_of_zhang_et_al(alpha):
    x = np.array([[3.0, 4.0], [0.0, 2.0], [-1.0, 1.0]])
    theta = np.array([2.0, 1.0])
    cosines = [abs(theta @ row) / np.linalg.norm(theta) / np.linalg.norm(row) for row in x]
    # λ ~ α/(α+β) Beta(α+1, β) + β/(α+β) Beta(β+1, α), with β = α
    expected = min(cosines) * np.sqrt(2) * (1 - beta.mean(alpha + 1, alpha))
    assert budget(x, np.tile(theta, (3, 1)), alpha) == pytest.approx(expected, rel=1e-12)


def test_the_two_classes_have_their_means_and_spread():
    x, y = gaussian_classes(20_000, SIGMA, seed=1)
    # 4.5 standard errors
    for label, mean in ((0, -1.0), (1, 1.0)):
        np.testing.assert_allclose(x[y == label].mean(0), [mean, 0], atol=4.5 * SIGMA / 100)
    np.testing.assert_allclose(x[y == 1].std(0), SIGMA, atol=4.5 * SIGMA / 141)
