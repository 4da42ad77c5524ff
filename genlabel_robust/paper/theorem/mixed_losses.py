"""The theorem's losses of mixup and GenLabel, and the budget of its adversarial loss.

The data are two Gaussian classes in the plane, with means (-1, 0) and (+1, 0) and covariance
σ² I. The losses on mixed points are expectations over all pairs of points and over λ, by
quadrature.
"""

from dataclasses import dataclass

import numpy as np
from scipy.special import expit, roots_jacobi

from genlabel_robust.core import FloatArray, IntArray, generator

#: The number of values of λ in the quadrature, accurate to 1e-7 even where labels are steepest
#: at σ = 0.3.
NODES = 64


def gaussian_classes(n: int, sigma: float, seed: int) -> tuple[FloatArray, IntArray]:
    """Draw ``n`` points (n, 2) and their labels (n,); the first half belongs to class 0."""
    y = np.repeat([0, 1], [n // 2, n - n // 2])
    noise = generator(seed, "paper", "two Gaussians").normal(scale=sigma, size=(n, 2))
    return noise + np.stack([2.0 * y - 1.0, np.zeros(n)], axis=1), y


def genlabel(x: FloatArray, sigma: float) -> FloatArray:
    """Return the posterior (n,) of class 1 at ``x`` (n, 2), under equal priors.

    The log ratio of the densities is 2 x₀ / σ².
    """
    return np.asarray(expit(2.0 * x[:, 0] / sigma**2))


@dataclass(frozen=True, eq=False)
class MixedPoints:
    """The mixtures of all pairs of n points at all q values of λ.

    ``x`` (n·n·q, 2): the points. ``mixup``, ``genlabel`` (n·n·q,): each strategy's label for
    class 1. ``weight`` (n·n·q,): sums to 1.
    """

    x: FloatArray
    mixup: FloatArray
    genlabel: FloatArray
    weight: FloatArray

    def losses(self, logit: FloatArray) -> tuple[float, float]:
        """Return the cross-entropies of ``logit`` (n·n·q,) with mixup's and GenLabel's labels.

        They are in nats: CE(f, t) = log(1 + e^f) - t f.
        """
        log_sum = self.weight @ np.logaddexp(0.0, logit)
        weighted = self.weight * logit
        return float(log_sum - self.mixup @ weighted), float(log_sum - self.genlabel @ weighted)


def mix(x: FloatArray, y: IntArray, alpha: float, sigma: float, nodes: int = NODES) -> MixedPoints:
    """Mix all pairs of ``x`` (n, 2) with labels ``y`` (n,), for λ ~ Beta(alpha, alpha).

    ``nodes``: the number of values of λ in the Gauss-Jacobi quadrature, whose weight function is
    the density of the Beta distribution.
    """
    t, weight = roots_jacobi(nodes, alpha - 1.0, alpha - 1.0)
    ratio = ((t + 1.0) / 2.0)[:, None, None]
    label = ratio * y[:, None] + (1.0 - ratio) * y
    point = ratio[..., None] * x[:, None] + (1.0 - ratio[..., None]) * x
    point = point.reshape(-1, 2)
    share = np.repeat(weight / weight.sum(), len(x) ** 2) / len(x) ** 2
    return MixedPoints(point, label.ravel(), genlabel(point, sigma), share)


def budget(x: FloatArray, gradient: FloatArray, alpha: float) -> float:
    """Return the adversary's L2 radius, R · minᵢ ‖xᵢ‖ · E[1-λ] with R = minᵢ |cos(∇f(xᵢ), xᵢ)|.

    λ ~ Beta(alpha + 1, alpha), so E[1-λ] = alpha / (2 alpha + 1). ``x``, ``gradient``: (n, 2).
    Source: Zhang et al. 2021 (2010.04819).
    """
    length = np.linalg.norm(x, axis=1)
    cosine = np.abs((gradient * x).sum(axis=1)) / (np.linalg.norm(gradient, axis=1) * length)
    return float(cosine.min() * length.min() * alpha / (2.0 * alpha + 1.0))
