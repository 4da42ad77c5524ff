"""Densities and posteriors against scipy and against closed forms."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from scipy.stats import gaussian_kde, multivariate_normal, norm
from sklearn.datasets import load_iris

from genlabel_robust.densities.density import posterior
from genlabel_robust.densities.gaussian import GaussianDensity
from genlabel_robust.densities.kde import KernelDensity


@pytest.fixture(scope="module")
def iris():
    return load_iris(return_X_y=True)


def test_gaussian_is_scipys_normal_at_the_empirical_moments(iris):
    x, y = iris
    found = GaussianDensity().fit(x, y, 3).log_density(x).numpy()
    for label in range(3):
        rows = x[y == label]
        covariance = np.cov(rows.T, ddof=0) + 1e-4 * np.eye(4)
        expected = multivariate_normal(rows.mean(axis=0), covariance).logpdf(x)
        np.testing.assert_allclose(found[:, label], expected, rtol=1e-9, atol=1e-9)


def test_kde_is_scipys_up_to_the_ridge(iris):
    x, y = iris
    found = KernelDensity().fit(x, y, 3).log_density(x).numpy()
    for label in range(3):
        expected = gaussian_kde(x[y == label].T).logpdf(x.T)
        near = expected > -50
        np.testing.assert_allclose(found[near, label], expected[near], rtol=1e-4, atol=1e-4)


def test_fixed_bandwidth_is_a_mixture_of_isotropic_normals():
    rng = np.random.default_rng(0)
    x, y = rng.normal(size=(12, 2)), np.repeat([0, 1], 6)
    points = rng.normal(size=(5, 2))
    found = KernelDensity(bandwidth=0.2).fit(x, y, 2).log_density(points).numpy()
    for label in range(2):
        kernels = [multivariate_normal(row, 0.2**2 * np.eye(2)) for row in x[y == label]]
        expected = np.log(np.mean([kernel.pdf(points) for kernel in kernels], axis=0))
        np.testing.assert_allclose(found[:, label], expected, rtol=1e-9)


@pytest.mark.parametrize(
    "density", [GaussianDensity(), KernelDensity(), KernelDensity(bandwidth=0.3)]
)
@pytest.mark.parametrize("dimension", [1, 2])
def test_normalised_densities_integrate_to_one(density, dimension):
    rng = np.random.default_rng(1)
    x, y = rng.normal(size=(30, dimension)), np.repeat([0, 1, 2], 10)
    axis = np.linspace(-8, 8, 321)
    grid = np.stack(np.meshgrid(*[axis] * dimension), axis=-1).reshape(-1, dimension)
    values = density.fit(x, y, 3).log_density(grid).exp().numpy()
    mass = values.sum(axis=0) * (axis[1] - axis[0]) ** dimension
    np.testing.assert_allclose(mass, 1.0, atol=1e-5)


def test_posterior_of_two_equal_gaussians_is_the_logistic_function():
    # rows ±0.5 around ±1: each class has mean ±1 and variance 0.25 + 1e-4, so the
    # log-odds at t are 2t / variance
    x, y = np.array([[-1.5], [-0.5], [0.5], [1.5]]), np.array([0, 0, 1, 1])
    t = np.linspace(-2, 2, 9)
    found = posterior(GaussianDensity().fit(x, y, 2).log_density(t[:, None])).numpy()
    expected = 1 / (1 + np.exp(-2 * t / (0.25 + 1e-4)))
    np.testing.assert_allclose(found[:, 1], expected, rtol=1e-9)


def test_two_point_kde_has_the_closed_form_of_scott():
    # n = 2, d = 1: sample variance 2, bandwidth² = 2^(-2/5) (2 + 1e-8)
    x, y = np.array([[0.0], [2.0], [5.0], [7.0]]), np.array([0, 0, 1, 1])
    width = np.sqrt(2 ** (-2 / 5) * (2 + 1e-8))
    expected = np.log((norm(0, width).pdf(0.7) + norm(2, width).pdf(0.7)) / 2)
    found = KernelDensity().fit(x, y, 2).log_density(np.array([[0.7]]))
    assert float(found[0, 0]) == pytest.approx(expected, rel=1e-10)


@pytest.mark.parametrize("density", [GaussianDensity(), KernelDensity()])
def test_posterior_of_far_points_in_64_dimensions_is_finite_and_sums_to_one(density):
    rng = np.random.default_rng(2)
    x, y = rng.normal(size=(200, 64)), np.repeat([0, 1], 100)
    far = rng.normal(size=(20, 64)) * 1e4
    log_density = density.fit(x, y, 2).log_density(far)
    assert float(log_density.max()) < np.log(np.finfo(np.float64).tiny)  # the plain ratio is 0/0
    found = posterior(log_density)
    assert torch.isfinite(found).all()
    torch.testing.assert_close(found.sum(dim=1), torch.ones(20, dtype=torch.float64))
