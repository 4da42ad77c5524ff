"""Backward linear bounds of ReLU nets, in batches, with multipliers of split neurons.

Sources: CROWN (Zhang et al. 2018, 1811.00866), α-CROWN (Xu et al. 2021, 2011.13824), β-CROWN
(Wang et al. 2021, 2103.06624). A score is bounded below by a linear function of the perturbation:
from the last layer to the first, each ReLU is replaced by a line above or below it, by the sign of
its coefficient. Of the lines below, any slope α in [0, 1] is valid; a neuron that a subproblem
fixes to s z >= 0 may be given any multiplier β >= 0.

Rounding is part of the bound. What a model computes before the ReLUs of a layer is
``W h + b + η`` of what it computed for the layer before, each |η| at most some ulps of a sum of
sizes; what is bounded here are the computed values, for any such η, so that a coefficient A of the
layer costs |A| |η|. The bounds are themselves computed in float64. With coefficients A of a layer
that were computed somehow, the next ones differ from those of exact arithmetic by some ulps of
|A| |W|, which costs that times the sizes of the layer before: a term of the same form.
``LocalNet.losses`` holds both.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import numpy as np

from genlabel_robust.certify.nets.bounds.device_arrays import split_by_sign, to_device, to_numpy
from genlabel_robust.certify.nets.bounds.region import Ball
from genlabel_robust.core import BoolArray, FloatArray, IntArray


@dataclass(frozen=True, eq=False)
class LocalNet:
    """A net as a function of the perturbation δ (d,) of one example.

    ``weights``: (w_1, d), (w_2, w_1), …, one for each hidden layer; ``biases``: (w_1,), …; the
    values before each ReLU. ``losses``: (w_1,), …: what a coefficient of 1 of each of them can
    lose by rounding; ``input_loss`` (d,): and one of δ; ``reach`` (d,): the largest |δ|;
    ``kappa``: what float64 loses of a sum, in any order, as a share of its terms' sizes.
    ``device``: the torch device that bounds many functions at once; None: numpy bounds all.
    """

    weights: tuple[FloatArray, ...]
    biases: tuple[FloatArray, ...]
    losses: tuple[FloatArray, ...]
    input_loss: FloatArray
    reach: FloatArray
    kappa: float
    ball: Ball
    device: str | None = None

    def with_layer(self, weight: FloatArray, bias: FloatArray, loss: FloatArray) -> LocalNet:
        """Return the net with one more hidden layer."""
        return replace(
            self,
            weights=(*self.weights, weight),
            biases=(*self.biases, bias),
            losses=(*self.losses, loss),
        )

    def without_rounding(self) -> LocalNet:
        """Return the net as if its values were exact: what it is bounded by is no proof."""
        nothing = tuple(np.zeros_like(loss) for loss in self.losses)
        return replace(self, losses=nothing, input_loss=np.zeros_like(self.input_loss), kappa=0.0)


@dataclass(frozen=True, eq=False)
class Relaxed:
    """The lines of one layer's ReLUs in q subproblems, each (q, w).

    ``slope``, ``intercept``: of the line above; ``unstable``: marks the ReLUs that have a kink
    within their bounds. The others are lines themselves: of slope 0 or 1.
    """

    slope: FloatArray
    intercept: FloatArray
    unstable: BoolArray

    @classmethod
    def of(cls, low: FloatArray, high: FloatArray) -> Relaxed:
        """Return the lines for values between ``low`` and ``high``, (q, w) each."""
        on = low >= 0
        unstable = ~on & (high > 0)
        width = np.where(unstable, high - low, 1.0)
        slope = np.where(unstable, high / width, on)
        return cls(slope, np.where(unstable, -slope * low, 0.0), unstable)

    def take(self, rows: IntArray | BoolArray) -> Relaxed:
        """Return the lines of some subproblems."""
        return Relaxed(self.slope[rows], self.intercept[rows], self.unstable[rows])

    def below(self, alpha: FloatArray) -> FloatArray:
        """Return the slopes of the lines below: ``alpha`` (q, m, w) where there is a choice."""
        return np.where(self.unstable[:, None], alpha, self.slope[:, None])


def adaptive(low: FloatArray, high: FloatArray) -> FloatArray:
    """Return CROWN's slopes (q, 1, w) of the lines below, which leave the least area."""
    return np.asarray((high > -low)[:, None].astype(np.float64))


@dataclass(frozen=True, eq=False)
class Passed:
    """What a backward pass found: ``value`` (q, m), the bounds; ``slope`` (q, m, d) of δ.

    ``point`` (q, m, d): where the linear bound is least. ``before``: for each layer the
    coefficients (q, m, w) of what its ReLUs give; empty after a pass on a device.
    """

    value: FloatArray
    slope: FloatArray
    point: FloatArray
    before: list[FloatArray]


def backward(
    net: LocalNet,
    coefficients: FloatArray,
    constant: FloatArray,
    layers: list[Relaxed],
    alphas: list[FloatArray],
    low: FloatArray,
    high: FloatArray,
    multipliers: list[FloatArray] | None = None,
    losses: Sequence[FloatArray] | None = None,
    device: str | None = None,
) -> Passed:
    """Bound ``coefficients · ReLU(values of the last of layers) + constant`` from below.

    ``coefficients`` (q, m, w), ``constant`` (q, m): m functions in each of q subproblems;
    ``layers``: the lines of the first layers, as many as are passed; ``alphas``: (q, m, w) or
    with q or m of 1; ``low``, ``high``: (q, d), boxes of δ. ``multipliers``: for each layer
    s β (q, m, w), of the constraints s z >= 0; ``losses``: (w,) or (q, w), in place of the net's.
    ``device``: the torch device that passes the functions through the layers; None: numpy does.
    """
    losses = net.losses if losses is None else losses
    q, m, _ = coefficients.shape
    there = partial(to_device, device=device)
    a, value = there(coefficients), there(constant) + 0.0
    before: list[Any] = [a] * len(layers)
    for number in range(len(layers) - 1, -1, -1):
        lines, loss = layers[number], there(losses[number])
        before[number] = a
        negative, positive = split_by_sign(a)
        value += _product(negative, there(lines.intercept) + loss) - _product(positive, loss)
        positive *= there(lines.below(alphas[number]))
        negative *= there(lines.slope[:, None])
        a = positive
        a += negative
        if multipliers is not None:
            multiplier = there(multipliers[number])
            a -= multiplier
            value -= _product(abs(multiplier), loss)
        value += a @ there(net.biases[number])
        weight = there(net.weights[number])
        a = (a.reshape(q * m, len(weight)) @ weight).reshape(q, m, weight.shape[1])
    a, value = to_numpy(a), to_numpy(value)
    d = a.shape[2]
    edges = (low, high) if m == 1 else (np.repeat(edge, m, axis=0) for edge in (low, high))
    least, point = net.ball.minimise(a.reshape(q * m, d), *edges)
    lost = np.abs(a) @ net.input_loss + net.kappa * np.abs(constant)
    kept = before if device is None else []
    return Passed(value + least.reshape(q, m) - lost, a, point.reshape(q, m, d), kept)


def _product(a: Any, b: Any) -> Any:
    """Return (q, m, w) times (w,) or (q, w): (q, m)."""
    return a @ b if b.ndim == 1 else (a @ b[:, :, None])[:, :, 0]


def forward(
    net: LocalNet, passed: Passed, layers: list[Relaxed], alphas: list[FloatArray]
) -> list[FloatArray]:
    """Return the values (q, m, w) before each layer's ReLUs where the linear bound is least.

    Each ReLU is replaced by the line that ``passed`` took. By Danskin's theorem they make the
    gradients of the bound: of α, the value where the coefficient is positive, times that; of a
    multiplier of s z >= 0, -s z.
    """
    x, found = passed.point, []
    q, m, _ = x.shape
    for number, lines in enumerate(layers):
        weight = net.weights[number]
        z = (x.reshape(q * m, weight.shape[1]) @ weight.T).reshape(q, m, len(weight))
        z += net.biases[number]
        found.append(z)
        above = passed.before[number] < 0
        below = lines.below(alphas[number])
        x = np.where(above, lines.slope[:, None] * z + lines.intercept[:, None], below * z)
    return found
