"""A net about one example: a function of the perturbation, with the rounding that it may have.

By layers, as each needs the bounds of the one before: a sum of products that is computed in any
order is off by some ulps of the sum of their sizes, see ``ReluNet.sizes``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from genlabel_robust.certify.nets.backward import LocalNet, Relaxed, adaptive, backward
from genlabel_robust.certify.nets.region import Ball
from genlabel_robust.core.arrays import FloatArray, IntArray
from genlabel_robust.structure.relu_net import ReluNet

_UNIT = 2.0**-53
#: What is lost by each number that is too small for its type, with room for sums of them.
_TINY = 1e-35
#: Sizes from which on float32 may overflow.
_HUGE = 1e30
#: What a softmax or a sigmoid after the scores can blur, in units of roundoff and for each of two
#: classes: exp is off by some ulps, and a logarithm of a sum of k, at most log k, is taken off.
_LINK = 16

#: Lower and upper bounds of the values before one layer's ReLUs, (q, w) each.
Bounds = tuple[FloatArray, FloatArray]


@dataclass(frozen=True, eq=False)
class Localised:
    """``net`` in the free features about one example, and the bounds of its values.

    ``low``, ``high`` (f,): the box of δ; ``bounds``: for each hidden layer the least and largest
    values in the region, (1, w) each; ``blur`` (k,): how far the score of each class can be off
    its weights times what the last ReLUs give; +inf where the model's type may overflow.
    """

    net: LocalNet
    low: FloatArray
    high: FloatArray
    bounds: list[Bounds]
    blur: FloatArray
    whole: ReluNet

    def loss(self, number: int, inputs: FloatArray) -> FloatArray:
        """Return what rounding takes off a layer's values, (q, w), for inputs up to (q, v).

        That of the layer after the first or a later one.
        """
        weight, bias = self.net.weights[number], self.net.biases[number]
        own = self.net.kappa * (inputs @ np.abs(weight).T + np.abs(bias))
        return own + _rounding(self.whole, number, inputs)


def localise(
    net: ReluNet,
    raw: FloatArray,
    slack: FloatArray,
    scale: FloatArray,
    free: IntArray,
    low: FloatArray,
    high: FloatArray,
    ball: Ball,
) -> Localised:
    """Return ``net`` about the raw row ``raw`` (d,), for perturbations of its ``free`` features.

    ``slack`` (d,): raw units by which a row may be off what δ says; ``scale`` (d,): raw units
    of one unit of δ; ``low``, ``high``: (f,), the box of δ.
    """
    ratio = (scale / net.scale)[free]
    center = (raw - net.offset) / net.scale
    weights = (net.weights[0][:, free] * ratio, *net.weights[1:-1])
    first = net.weights[0] @ center + net.biases[0]
    biases = (first, *net.biases[1:-1])
    reach = np.maximum(np.abs(low), np.abs(high))
    kappa = (4 * max(max(w.shape) for w in net.weights) + 64) * _UNIT
    size = np.abs(center)
    size[free] += reach * ratio
    span = np.abs(raw)
    span[free] += reach * scale[free]
    # the cast of what was scaled in float64, or of the raw features if that is their type
    off = (net.rounding + 8 * _UNIT) * size + (slack + 8 * _UNIT * span) / net.scale + _TINY
    fixed = np.delete(np.abs(net.weights[0]), free, axis=1) @ np.delete(off, free)
    input_loss = off[free] / ratio + kappa * reach
    losses: list[FloatArray] = []
    bounds: list[Bounds] = []
    inputs, error = size, off
    for number, (weight, bias) in enumerate(zip(net.weights[:-1], net.biases[:-1], strict=True)):
        terms = np.abs(weight) @ inputs + np.abs(bias)
        loss = kappa * terms + _rounding(net, number, inputs + error)
        if number == 0:
            loss = loss + fixed
        found = LocalNet(weights, biases, tuple(losses), input_loss, reach, kappa, ball)
        bounds.append(_interval(found, number, bounds, low[None], high[None], loss))
        below, above = bounds[-1]
        losses.append(loss + 4 * kappa * np.maximum(np.abs(below), np.abs(above))[0])
        inputs, error = np.maximum(above[0], 0.0), np.zeros(len(weight))
    blur = _rounding(net, len(net.weights) - 1, inputs) + _LINK * net.rounding
    found = LocalNet(weights, biases, tuple(losses), input_loss, reach, kappa, ball)
    return Localised(found, low, high, bounds, blur, net)


def _rounding(net: ReluNet, number: int, inputs: FloatArray) -> FloatArray:
    """Return the rounding (…, w) of a layer by the model, of inputs up to ``inputs`` (…, v)."""
    terms, constant = net.rounding_sizes()[number]
    size = inputs @ terms.T + constant
    # γ_n = n u / (1 - n u) of Higham 2002, 3.1, and other terms of second order
    spent = 8 * max(max(weight.shape) for weight in net.weights) * net.rounding
    found = net.rounding / max(1 - spent, 1e-300) * size + _TINY * inputs.shape[-1]
    return np.where((size < _HUGE) & (spent < 1), found, np.inf)


def _interval(
    net: LocalNet,
    number: int,
    bounds: list[Bounds],
    low: FloatArray,
    high: FloatArray,
    loss: FloatArray,
) -> Bounds:
    """Return interval bounds of a layer's values, cut with CROWN's where there are ReLUs before."""
    weight, bias = net.weights[number], net.biases[number]
    if number == 0:
        both = np.concatenate([weight, -weight])
        wide = (len(both), len(low[0]))
        value, _ = net.ball.minimise(both, np.broadcast_to(low, wide), np.broadcast_to(high, wide))
        value = value - np.abs(both) @ net.input_loss - np.tile(loss, 2)
        value = value + np.concatenate([bias, -bias])
        return value[None, : len(weight)], -value[None, len(weight) :]
    below, above = (np.maximum(edge, 0.0) for edge in bounds[-1])
    plus, minus = np.maximum(weight, 0.0), np.minimum(weight, 0.0)
    least = below @ plus.T + above @ minus.T + bias - loss
    most = above @ plus.T + below @ minus.T + bias + loss
    return tighten(net, number, bounds, least, most, low, high, loss)


def tighten(
    net: LocalNet,
    number: int,
    bounds: list[Bounds],
    least: FloatArray,
    most: FloatArray,
    low: FloatArray,
    high: FloatArray,
    loss: FloatArray | None = None,
    losses: Sequence[FloatArray] | None = None,
) -> Bounds:
    """Return the bounds (q, w) of layer ``number`` that CROWN's make of ``least`` and ``most``.

    ``bounds``: of the layers before, (q, w) each; ``low``, ``high``: (q, d); ``loss`` (w,) or
    (q, w): what rounding takes off the layer's values; ``losses``: as of ``backward``. Only values
    whose sign is open in some subproblem are looked at.
    """
    open_ = np.flatnonzero(((least < 0) & (most > 0)).any(axis=0))
    if not len(open_):
        return least, most
    loss = (net.losses[number] if loss is None else loss)[..., open_]
    weight, bias = net.weights[number][open_], net.biases[number][open_]
    q = len(least)
    lines = [Relaxed.of(*pair) for pair in bounds]
    slopes = [adaptive(*pair) for pair in bounds]
    both = np.broadcast_to(np.concatenate([weight, -weight]), (q, 2 * len(open_), weight.shape[1]))
    constant = np.broadcast_to(np.concatenate([bias, -bias]), (q, 2 * len(open_)))
    found = backward(net, both, constant, lines, slopes, low, high, losses=losses).value
    found -= np.concatenate([loss, loss], axis=-1)
    least, most = least.copy(), most.copy()
    least[:, open_] = np.maximum(least[:, open_], found[:, : len(open_)])
    most[:, open_] = np.minimum(most[:, open_], -found[:, len(open_) :])
    return least, most
