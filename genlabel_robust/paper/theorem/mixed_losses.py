"""The theorem's losses of a logit: of mixup, of GenLabel, and the budget of the adversarial one.

Two Gaussian classes in the plane, means (-1, 0) and (+1, 0), covariance σ² I. The losses
on mixed points are expectations over all pairs of points and over λ, by quadrature.
"""

from dataclasses import dataclass

import numpy as np
from scipy.special import expit, roots_jacobi

from genlabel_robust.core import FloatArray, IntArray, generator

#: Values of λ in the quadrature; the labels' steepest slope at σ = 0.3 is integrated to 1e-7.
NODES = 64


def gaussian_classes(n: int, sigma: float, seed: int) -> tuple[FloatArray, IntArray]:
    """Draw ``n`` points (n, 2), the first half of class 0, and their labels (n,)."""
    y = np.repeat([0, 1], [n // 2, n - n // 2])
    noise = generator(seed, "paper", "two Gaussians").normal(scale=sigma, size=(n, 2))
    return noise + np.stack([2.0 * y - 1.0, np.zeros(n)], axis=1), y


def genlabel(x: FloatArray, sigma: float) -> FloatArray:
    """Return the posterior (n,) of class 1 at ``x`` (n, 2), under equal priors.

    The logarithm of the densities' ratio is 2 x₀ / σ².
    """
    return np.asarray(expit(2.0 * x[:, 0] / sigma**2))


@dataclass(frozen=True, eq=False)
class MixedPoints:
    """All pairs of n points at all q values of λ.

    ``x`` (n·n·q, 2); ``mixup``, ``genlabel`` (n·n·q,): what each calls class 1;
    ``weight`` (n·n·q,) sums to 1.
    """

    x: FloatArray
    mixup: FloatArray
    genlabel: FloatArray
    weight: FloatArray

    def losses(self, logit: FloatArray) -> tuple[float, float]:
        """Return the cross-entropy in nats of ``logit`` (n·n·q,) to mixup's labels and GenLabel's.

        CE(f, t) = log(1 + e^f) - t f.
        """
        log_sum = self.weight @ np.logaddexp(0.0, logit)
        weighted = self.weight * logit
        return float(log_sum - self.mixup @ weighted), float(log_sum - self.genlabel @ weighted)


def mix(x: FloatArray, y: IntArray, alpha: float, sigma: float, nodes: int = NODES) -> MixedPoints:
    """Mix every one of ``x`` (n, 2), labels ``y`` (n,), with every one, λ ~ Beta(alpha, alpha).

    Gauss-Jacobi quadrature: its weight function is the Beta distribution's density.
    """
    t, weight = roots_jacobi(nodes, alpha - 1.0, alpha - 1.0)
    ratio = ((t + 1.0) / 2.0)[:, None, None]
    label = ratio * y[:, None] + (1.0 - ratio) * y
    point = ratio[..., None] * x[:, None] + (1.0 - ratio[..., None]) * x
    point = point.reshape(-1, 2)
    share = np.repeat(weight / weight.sum(), len(x) ** 2) / len(x) ** 2
    return MixedPoints(point, label.ravel(), genlabel(point, sigma), share)


def budget(x: FloatArray, gradient: FloatArray, alpha: float) -> float:
    """Return the adversary's L2 radius, R · minᵢ ‖xᵢ‖ · E[1-λ], R = minᵢ |cos(∇f(xᵢ), xᵢ)|.

    λ ~ Beta(alpha + 1, alpha), so that E[1-λ] = alpha / (2 alpha + 1). ``x``,
    ``gradient``: (n, 2). Source: Zhang et al. 2021 (2010.04819).
    """
    length = np.linalg.norm(x, axis=1)
    cosine = np.abs((gradient * x).sum(axis=1)) / (np.linalg.norm(gradient, axis=1) * length)
    return float(cosine.min() * length.min() * alpha / (2.0 * alpha + 1.0))
