"""The two models of the theorem: a logit on the plane, as fast to turn as its input.

Both are homogeneous, f(s x) = s f(x) for s > 0: their weights have a norm of 1, and a
norm of ρ makes the logit ρ f.
"""

from dataclasses import dataclass
from math import cos, pi, sin
from typing import ClassVar, Protocol

import numpy as np

from genlabel_robust.core import FloatArray, IntArray, generator

_HIDDEN = 32
#: Directions and radii of the search in the disc around a point.
_ANGLES, _RADII = 128, 8


class RotatedModel(Protocol):
    """A binary model with the logit f of class 1; ``exact``: whether ``least`` is."""

    name: ClassVar[str]
    exact: ClassVar[bool]

    def logit(self, x: FloatArray) -> FloatArray:
        """Return f (n,) of points ``x`` (n, 2)."""

    def gradient(self, x: FloatArray) -> FloatArray:
        """Return the gradient (n, 2) of f at ``x`` (n, 2)."""

    def least(self, x: FloatArray, sign: IntArray, radius: float) -> FloatArray:
        """Return the lowest ``sign * f`` (n,) within ``radius`` (L2) of each ``x`` (n, 2)."""


def turned(x: FloatArray, phi: float) -> FloatArray:
    """Turn ``x`` (n, 2) by -``phi`` · π: a model of that is the model turned by ``phi`` · π."""
    c, s = cos(phi * pi), sin(phi * pi)
    return np.asarray(x @ np.array([[c, -s], [s, c]]))


@dataclass(frozen=True)
class Logistic:
    """Logistic regression without intercept, f(x) = x₀."""

    name: ClassVar[str] = "logistic regression"
    exact: ClassVar[bool] = True

    def logit(self, x: FloatArray) -> FloatArray:
        """Return f (n,) of points ``x`` (n, 2)."""
        return x[:, 0]

    def gradient(self, x: FloatArray) -> FloatArray:
        """Return the gradient (n, 2), the same everywhere."""
        return np.broadcast_to([1.0, 0.0], x.shape)

    def least(self, x: FloatArray, sign: IntArray, radius: float) -> FloatArray:
        """Return the lowest ``sign * f``: a step of ``radius`` straight down."""
        return sign * x[:, 0] - radius


@dataclass(frozen=True, eq=False)
class ReluNet:
    """One hidden layer of ReLUs without biases, as in the theorem: f(x) = Σ aⱼ max(0, wⱼ·x).

    ``weight`` (2, h), ``out`` (h,).
    """

    weight: FloatArray
    out: FloatArray
    name: ClassVar[str] = "ReLU net"
    exact: ClassVar[bool] = False

    def logit(self, x: FloatArray) -> FloatArray:
        """Return f (n,) of points ``x`` (n, 2)."""
        return np.asarray(np.maximum(x @ self.weight, 0.0) @ self.out)

    def gradient(self, x: FloatArray) -> FloatArray:
        """Return the gradient (n, 2) of f at ``x`` (n, 2)."""
        return np.asarray(((x @ self.weight > 0) * self.out) @ self.weight.T)

    def least(self, x: FloatArray, sign: IntArray, radius: float) -> FloatArray:
        """Return the lowest ``sign * f`` (n,) found on a polar grid: the true one may be lower."""
        angle = np.linspace(0.0, 2 * pi, _ANGLES, endpoint=False)
        circle = np.stack([np.cos(angle), np.sin(angle)], axis=1)
        share = np.linspace(0.0, 1.0, _RADII + 1)
        steps = radius * (share[:, None, None] * circle).reshape(-1, 2)
        around = self.logit((x[:, None] + steps).reshape(-1, 2)).reshape(len(x), -1)
        return np.asarray((sign[:, None] * around).min(axis=1))


def random_relu_net(x: FloatArray, seed: int) -> ReluNet:
    """Return a net of random directions that tells left from right.

    Each unit's weight in the output is its direction's first coordinate, so that f grows
    along it; scaled to a mean gradient of length 1 on ``x`` (n, 2).
    """
    weight = generator(seed, "paper", "relu net").normal(size=(2, _HIDDEN))
    net = ReluNet(weight, weight[0])
    return ReluNet(weight, weight[0] / np.linalg.norm(net.gradient(x), axis=1).mean())
