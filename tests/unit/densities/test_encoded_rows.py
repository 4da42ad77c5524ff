"""Densities of one-hot features that are constant, collinear, or seen in one class only."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from scipy.stats import multivariate_normal

from genlabel_robust.densities import DENSITIES
from genlabel_robust.densities.density import posterior
from genlabel_robust.densities.gaussian import RIDGE


def encoded(n: int = 300) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(0)
    y = np.arange(n) % 2
    job = np.where(y == 1, rng.integers(0, 3, n), rng.integers(0, 2, n))
    own = rng.integers(0, 2, n)
    # of the third level class 0 has no row; the last feature is constant
    levels = [job == 0, job == 1, job == 2, own == 0, own == 1]
    return np.column_stack([rng.normal(y, 1), *levels, np.zeros(n)]).astype(np.float64), y


@pytest.mark.parametrize("name", ["gaussian", "kde", "nearest-neighbour"])
def test_mixed_rows_have_a_posterior(name: str) -> None:
    x, y = encoded()
    rng = np.random.default_rng(1)
    ratio = rng.random((200, 1))
    mixed = ratio * x[:200] + (1 - ratio) * x[rng.integers(len(x), size=200)]
    found = posterior(DENSITIES.load(name)().fit(x, y, 2).log_density(mixed))
    assert torch.isfinite(found).all()
    np.testing.assert_allclose(found.sum(dim=1), 1, rtol=1e-12)
    # a share of a level that a class never has all but rules it out
    if name != "nearest-neighbour":
        assert (found[mixed[:, 3] > 0.2, 0] < 1e-6).all()


def test_a_gaussian_of_collinear_features_is_the_one_with_a_ridge() -> None:
    x, y = encoded()
    density = DENSITIES.load("gaussian")().fit(x, y, 2)
    for label in (0, 1):
        own = x[y == label]
        covariance = np.cov(own.T, bias=True) + RIDGE * np.eye(x.shape[1])
        expected = multivariate_normal(own.mean(axis=0), covariance).logpdf(x[:50])
        np.testing.assert_allclose(density.log_density(x[:50])[:, label], expected, rtol=1e-9)
