"""A net near one example: a function of the perturbation, with bounds on its rounding errors.

The rounding of each layer depends on the bounds of the layer before: a sum of products, computed in
any order, has an error of some ulps of the sum of their sizes, see ``ReluNet.sizes``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from genlabel_robust.certify.nets.bounds.backward import LocalNet, Relaxed, adaptive, backward
from genlabel_robust.certify.nets.bounds.device_arrays import faster_on_gpu
from genlabel_robust.certify.nets.bounds.layer_rounding import TINY, LayerRounding, layer_roundings
from genlabel_robust.certify.nets.bounds.region import Ball
from genlabel_robust.core import FloatArray, IntArray
from genlabel_robust.structure import FLOAT64, ReluNet

#: The error of a softmax or a sigmoid after the scores, in units of roundoff and for each of two
#: classes: exp has an error of some ulps, and so has the subtracted logarithm of a sum of k, which
#: is at most log k.
_LINK = 16

#: Lower and upper bounds of the values before one layer's ReLUs, (q, w) each.
Bounds = tuple[FloatArray, FloatArray]


@dataclass(frozen=True, eq=False)
class Localised:
    """``net`` as a function of the free features near one example, and the bounds of its values.

    ReLUs that are 0 in the whole region are left out. ``low``, ``high`` (f,): the box of δ;
    ``bounds``: for each hidden layer the smallest and largest values in the region, (1, w) each;
    ``last`` (w,): which of the net's last ReLUs remain; ``blur`` (k,): how far the score of each
    class can differ from the product of its weights and their outputs; +inf where the model's type
    may overflow. ``roundings``: of each layer.
    """

    net: LocalNet
    low: FloatArray
    high: FloatArray
    bounds: list[Bounds]
    last: IntArray
    blur: FloatArray
    roundings: list[LayerRounding]

    def loss(self, number: int, inputs: FloatArray) -> FloatArray:
        """Return the rounding error of a layer's values, (q, w), for inputs of size up to (q, v).

        ``number``: of the layer, not the first.
        """
        weight, bias = self.net.weights[number], self.net.biases[number]
        own = self.net.kappa * (inputs @ np.abs(weight).T + np.abs(bias))
        return own + self.roundings[number].of(inputs)


def localise(
    net: ReluNet,
    raw: FloatArray,
    slack: FloatArray,
    scale: FloatArray,
    free: IntArray,
    low: FloatArray,
    high: FloatArray,
    ball: Ball,
    device: str | None = None,
) -> Localised:
    """Return ``net`` near the raw row ``raw`` (d,), as a function of its ``free`` features.

    ``slack`` (d,): how far, in raw units, a row may differ from the δ that describes it; ``scale``
    (d,): raw units per unit of δ; ``low``, ``high``: (f,), the box of δ. ``device``: as for
    ``LocalNet``.
    """
    ratio = (scale / net.scale)[free]
    center = (raw - net.offset) / net.scale
    reach = np.maximum(np.abs(low), np.abs(high))
    kappa = (4 * max(max(w.shape) for w in net.weights) + 64) * FLOAT64
    size = np.abs(center)
    size[free] += reach * ratio
    span = np.abs(raw)
    span[free] += reach * scale[free]
    # the cast rounds either the features scaled in float64, or the raw features
    off = (net.rounding + 8 * FLOAT64) * size + (slack + 8 * FLOAT64 * span) / net.scale + TINY
    fixed = np.delete(np.abs(net.weights[0]), free, axis=1) @ np.delete(off, free)
    input_loss = off[free] / ratio + kappa * reach
    roundings = layer_roundings(net)
    found = LocalNet((), (), (), input_loss, reach, kappa, ball, device)
    bounds: list[Bounds] = []
    inputs, error, left = size, off, np.arange(len(raw))
    for number, (weight, bias) in enumerate(zip(net.weights[:-1], net.biases[:-1], strict=True)):
        rounding = roundings[number].of_inputs(left)
        weight = weight[:, left]  # noqa: PLW2901
        loss = kappa * (np.abs(weight) @ inputs + np.abs(bias)) + rounding.of(inputs + error)
        if number == 0:
            loss = loss + fixed
            bias = weight @ center + bias  # noqa: PLW2901
            weight = weight[:, free] * ratio  # noqa: PLW2901
        before = found
        found = before.with_layer(weight, bias, loss)
        below, above = _interval(found, number, bounds, low[None], high[None], loss)
        loss = loss + 4 * kappa * np.maximum(np.abs(below), np.abs(above))[0]
        # ReLUs that are 0 in the whole region add nothing to later layers; one is kept, because
        # empty arrays have no maximum
        left = np.flatnonzero(above[0] > 0)
        left = left if len(left) else np.array([0])
        bounds.append((below[:, left], above[:, left]))
        found = before.with_layer(weight[left], bias[left], loss[left])
        roundings[number] = rounding.of_outputs(left)
        inputs, error = np.maximum(above[0, left], 0.0), np.zeros(len(left))
    blur = roundings[-1].of_inputs(left).of(inputs) + _LINK * net.rounding
    return Localised(found, low, high, bounds, left, blur, roundings)


def _interval(
    net: LocalNet,
    number: int,
    bounds: list[Bounds],
    low: FloatArray,
    high: FloatArray,
    loss: FloatArray,
) -> Bounds:
    """Return interval bounds of a layer's values, tightened by CROWN after the first layer."""
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
    forms = tighten(net, number, bounds, least, most, low, high, loss)
    return forms.into(least, most, forms.least)


@dataclass(frozen=True, eq=False)
class Forms:
    """Linear bounds of some of a layer's values in q boxes of δ.

    ``which`` (u,): the bounded values; ``slope`` (q, 2 u, d), ``least`` (q, 2 u): the slopes of
    linear functions below each value and below its negative, and their minima in the box.
    """

    which: IntArray
    slope: FloatArray
    least: FloatArray

    def take(self, rows: Any) -> Forms:
        """Return the bounds of some of the boxes."""
        return Forms(self.which, self.slope[rows], self.least[rows])

    def into(self, least: FloatArray, most: FloatArray, values: FloatArray) -> Bounds:
        """Return ``least`` and ``most`` (q, w), tightened by ``values`` (q, 2 u), as ``least``."""
        least, most, u = least.copy(), most.copy(), len(self.which)
        least[:, self.which] = np.maximum(least[:, self.which], values[:, :u])
        most[:, self.which] = np.minimum(most[:, self.which], -values[:, u:])
        return least, most


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
) -> Forms:
    """Return CROWN's bounds of layer ``number``, whose values lie in ``least``, ``most`` (q, w).

    ``bounds``: of the layers before, (q, w) each; ``low``, ``high``: (q, d); ``loss`` (w,) or
    (q, w): the rounding error of the layer's values; ``losses``: as for ``backward``. Only values
    whose sign is not fixed in every subproblem are bounded.
    """
    open_ = np.flatnonzero(((least < 0) & (most > 0)).any(axis=0))
    if not len(open_):
        return Forms(open_, np.zeros((len(least), 0, low.shape[1])), np.zeros((len(least), 0)))
    loss = (net.losses[number] if loss is None else loss)[..., open_]
    weight, bias = net.weights[number][open_], net.biases[number][open_]
    q = len(least)
    lines = [Relaxed.of(*pair) for pair in bounds]
    slopes = [adaptive(*pair) for pair in bounds]
    both = np.broadcast_to(np.concatenate([weight, -weight]), (q, 2 * len(open_), weight.shape[1]))
    constant = np.broadcast_to(np.concatenate([bias, -bias]), (q, 2 * len(open_)))
    shapes = [one.shape for one in net.weights[:number]]
    device = net.device if faster_on_gpu(q * 2 * len(open_), shapes) else None
    passed = backward(net, both, constant, lines, slopes, low, high, losses=losses, device=device)
    return Forms(open_, passed.slope, passed.value - np.concatenate([loss, loss], axis=-1))
