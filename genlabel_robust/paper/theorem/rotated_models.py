"""The two models of the theorem: logits on the plane, rotated by rotating their input.

Both are homogeneous, f(s x) = s f(x) for s > 0. Their weights have norm 1; with norm ρ, the logit
is ρ f.
"""

from dataclasses import dataclass
from math import cos, pi, sin
from typing import ClassVar, Protocol

import numpy as np

from genlabel_robust.core import FloatArray, IntArray, generator

_HIDDEN = 32
#: The numbers of directions and radii of the grid in the disc around a point.
_ANGLES, _RADII = 128, 8


class RotatedModel(Protocol):
    """A binary model with the logit f of class 1; ``exact``: whether ``least`` is exact."""

    name: ClassVar[str]
    exact: ClassVar[bool]

    def logit(self, x: FloatArray) -> FloatArray:
        """Return f (n,) of points ``x`` (n, 2)."""

    def gradient(self, x: FloatArray) -> FloatArray:
        """Return the gradient (n, 2) of f at ``x`` (n, 2)."""

    def least(self, x: FloatArray, sign: IntArray, radius: float) -> FloatArray:
        """Return the lowest ``sign * f`` (n,) within ``radius`` (L2) of each ``x`` (n, 2)."""


def turned(x: FloatArray, phi: float) -> FloatArray:
    """Rotate ``x`` (n, 2) by -``phi`` · π, which rotates a model of it by ``phi`` · π."""
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
        """Return the lowest ``sign * f`` (n,), after a step of ``radius`` along the first axis."""
        return sign * x[:, 0] - radius


@dataclass(frozen=True, eq=False)
class ReluNet:
    """A net with one hidden layer and no biases, as in the theorem: f(x) = Σ aⱼ max(0, wⱼ·x).

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
        """Return the lowest ``sign * f`` (n,) on a polar grid; the true minimum may be lower."""
        angle = np.linspace(0.0, 2 * pi, _ANGLES, endpoint=False)
        circle = np.stack([np.cos(angle), np.sin(angle)], axis=1)
        share = np.linspace(0.0, 1.0, _RADII + 1)
        steps = radius * (share[:, None, None] * circle).reshape(-1, 2)
        around = self.logit((x[:, None] + steps).reshape(-1, 2)).reshape(len(x), -1)
        return np.asarray((sign[:, None] * around).min(axis=1))


def random_relu_net(x: FloatArray, seed: int) -> ReluNet:
    """Draw a net with random hidden weights that separates left from right.

    The output weight of each unit is the first coordinate of its hidden weights, so f grows along
    that coordinate. f is scaled to a mean gradient length of 1 on ``x`` (n, 2).
    """
    weight = generator(seed, "paper", "relu net").normal(size=(2, _HIDDEN))
    net = ReluNet(weight, weight[0])
    return ReluNet(weight, weight[0] / np.linalg.norm(net.gradient(x), axis=1).mean())
