"""Backward linear bounds of ReLU nets, in batches, with multipliers for split neurons.

Sources: CROWN (Zhang et al. 2018, 1811.00866), α-CROWN (Xu et al. 2021, 2011.13824), β-CROWN
(Wang et al. 2021, 2103.06624). A score is bounded below by a linear function of the perturbation:
from the last layer to the first, each ReLU is replaced by a line above or below it, depending on
the sign of its coefficient. For the line below, any slope α in [0, 1] is valid. A neuron that a
subproblem fixes to s z >= 0 may have any multiplier β >= 0.

Rounding is part of the bound. The model computes the values before the ReLUs of a layer as
``W h + b + η`` from its own values h of the layer before, where each |η| is at most some ulps of a
sum of sizes. The bounds hold for these computed values, for any such η: a coefficient A of the
layer costs |A| |η|. The bounds themselves are computed in float64. Whatever the rounding of a
layer's coefficients A, the coefficients of the layer before differ from those of exact arithmetic
by some ulps of |A| |W|. That costs as much times the sizes of the layer before: a term of the same
form. ``LocalNet.losses`` holds both.
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

    ``weights``: (w_1, d), (w_2, w_1), …, one per hidden layer; ``biases``: (w_1,), …; both give
    the values before the ReLUs. ``losses``: (w_1,), …: the most that rounding costs per unit of
    the coefficient of each value; ``input_loss`` (d,): the same for δ; ``reach`` (d,): the largest
    |δ|; ``kappa``: the rounding error of a float64 sum, in any order, as a share of the sizes of
    its terms. ``device``: the torch device that bounds many functions at once, None for numpy.
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
        """Return the net without rounding errors: its bounds are estimates, not proofs."""
        nothing = tuple(np.zeros_like(loss) for loss in self.losses)
        return replace(self, losses=nothing, input_loss=np.zeros_like(self.input_loss), kappa=0.0)


@dataclass(frozen=True, eq=False)
class Relaxed:
    """The linear relaxation of one layer's ReLUs in q subproblems, each (q, w).

    ``slope``, ``intercept``: of the line above; ``unstable``: marks the ReLUs whose bounds have
    different signs. The others are exactly linear, with slope 0 or 1.
    """

    slope: FloatArray
    intercept: FloatArray
    unstable: BoolArray

    @classmethod
    def of(cls, low: FloatArray, high: FloatArray) -> Relaxed:
        """Return the relaxation for values between ``low`` and ``high``, (q, w) each."""
        on = low >= 0
        unstable = ~on & (high > 0)
        width = np.where(unstable, high - low, 1.0)
        slope = np.where(unstable, high / width, on)
        return cls(slope, np.where(unstable, -slope * low, 0.0), unstable)

    def take(self, rows: IntArray | BoolArray) -> Relaxed:
        """Return the relaxation of some subproblems."""
        return Relaxed(self.slope[rows], self.intercept[rows], self.unstable[rows])

    def below(self, alpha: FloatArray) -> FloatArray:
        """Return the slopes of the lines below: ``alpha`` (q, m, w) where a ReLU is unstable."""
        return np.where(self.unstable[:, None], alpha, self.slope[:, None])


def adaptive(low: FloatArray, high: FloatArray) -> FloatArray:
    """Return CROWN's slopes (q, 1, w) of the lines below, which minimise the relaxation's area."""
    return np.asarray((high > -low)[:, None].astype(np.float64))


@dataclass(frozen=True, eq=False)
class Passed:
    """The result of a backward pass: bounds ``value`` (q, m), and their ``slope`` (q, m, d).

    ``point`` (q, m, d): the minimiser of the linear bound. ``before``: for each layer the
    coefficients (q, m, w) of its ReLUs' outputs; empty after a pass on a device.
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
    """Return lower bounds of ``coefficients · ReLU(values of the last layer) + constant``.

    ``coefficients`` (q, m, w), ``constant`` (q, m): m functions in each of q subproblems;
    ``layers``: the relaxations of the layers to pass, from the first; ``alphas``: (q, m, w), q or m
    may be 1; ``low``, ``high``: (q, d), boxes of δ. ``multipliers``: for each layer s β (q, m, w)
    of the constraints s z >= 0; ``losses``: (w,) or (q, w), to use instead of the net's.
    ``device``: the torch device that computes the pass, None for numpy.
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
    """Return the product (q, m) of (q, m, w) and (w,) or (q, w)."""
    return a @ b if b.ndim == 1 else (a @ b[:, :, None])[:, :, 0]


def forward(
    net: LocalNet, passed: Passed, layers: list[Relaxed], alphas: list[FloatArray]
) -> list[FloatArray]:
    """Return the values (q, m, w) before each layer's ReLUs at the minimiser of the linear bound.

    Each ReLU is replaced by the line that ``passed`` used. By Danskin's theorem these values z give
    the gradients of the bound: with respect to α it is z times the coefficient where that is
    positive; with respect to the multiplier of s z >= 0 it is -s z.
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
