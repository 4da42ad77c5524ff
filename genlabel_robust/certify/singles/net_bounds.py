"""Bounds of ReLU nets on segments of lines along one feature, many at once.

Along a line the values before the first ReLUs are linear functions of one number t. On a segment
[a, b] a linear function is given by its two values at the ends. A ReLU is convex: it is bounded
above by its chord between the ends, and below by its argument or 0. So each layer maps two pairs of
end values, of a lower and an upper linear bound, to the next two pairs; this forward pass needs
only matrix products of the end values. On a segment without a kink the bounds equal the net.

Rounding is part of the bound, as in ``nets.bounds.local``: the values that the model computes
differ from the exact values of a layer by some ulps of a sum of sizes, and so do the bounds.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from genlabel_robust.certify.nets.bounds.layer_rounding import (
    HUGE,
    TINY,
    LayerRounding,
    layer_roundings,
)
from genlabel_robust.core import BoolArray, FloatArray, IntArray
from genlabel_robust.structure import FLOAT64, ReluNet
from genlabel_robust.structure.missing_and_codes import counted

#: The error of a softmax or a sigmoid after the scores, in units of roundoff and for each of two
#: classes.
_LINK = 16
#: The number of segments that are bounded at once: their arrays fit into a processor's cache.
_AT_ONCE = 256


@dataclass(frozen=True, eq=False)
class _Loss:
    """The rounding error of a layer's values (q, w), for inputs of size up to (q, v).

    ``terms`` (w, v), ``constant`` (w,): of the model's rounding plus that of its bounds, which are
    sums of the same products in float64; ``least``: the absolute error in any case; ``most``: the
    size from which the model's type may overflow.
    """

    terms: FloatArray
    constant: FloatArray
    least: float
    most: float

    @classmethod
    def of(
        cls, rounding: LayerRounding, weight: FloatArray, bias: FloatArray, kappa: float
    ) -> _Loss:
        return cls(
            rounding.share * rounding.terms + 4 * kappa * np.abs(weight),
            rounding.share * rounding.constant + 4 * kappa * np.abs(bias),
            rounding.least,
            rounding.share * HUGE,
        )

    def at(self, inputs: FloatArray) -> FloatArray:
        found = inputs @ self.terms.T + self.constant
        return np.where(found < self.most, found + self.least, np.inf)


@dataclass(frozen=True, eq=False)
class NetOnLines:
    """A net on l lines, each from a row along one feature, as a function of t in raw units.

    ``start`` (l, w_1): the values before the first ReLUs at t = 0; ``slope`` (l, w_1): their change
    per raw unit; ``loss`` (l, w_1): the rounding error of these values anywhere on the line; ``y``
    (l,): the labels. ``losses``: the rounding errors of the later layers.
    """

    net: ReluNet
    start: FloatArray
    slope: FloatArray
    loss: FloatArray
    y: IntArray
    losses: list[_Loss]

    @classmethod
    def of(
        cls,
        net: ReluNet,
        begin: FloatArray,
        number: IntArray,
        reach: FloatArray,
        slack: FloatArray,
        y: IntArray,
    ) -> NetOnLines:
        """Return ``net``, of more than one layer, on the lines from the rows ``begin`` (l, d).

        ``number`` (l,): the feature of each line; ``reach`` (l,): the largest |t|; ``slack`` (l,
        d): how far, in raw units, a row may differ from the t that describes it.
        """
        every = np.arange(len(begin))
        weight = net.weights[0]
        counts = counted(net.flags, begin)
        scale = net.scale[number]
        size = np.abs((begin - net.offset) / net.scale)
        span = np.abs(begin)
        size[every, number] += reach / scale
        span[every, number] += reach
        kappa = (4 * max(max(w.shape) for w in net.weights) + 64) * FLOAT64
        # the cast rounds either the features scaled in float64, or the raw features
        off = (net.rounding + 8 * FLOAT64) * size
        off += (slack + 8 * FLOAT64 * span) / net.scale + TINY
        size, off = size * counts, off * counts
        roundings = layer_roundings(net)
        loss = off @ np.abs(weight).T + roundings[0].of(size + off)
        loss += kappa * (size @ np.abs(weight).T + np.abs(net.biases[0]))
        slope = weight.T[number] * (counts[every, number] / scale)[:, None]
        start = net.values(begin)[0]
        loss += kappa * np.abs(start)
        layers = zip(roundings, net.weights, net.biases, strict=True)
        losses = [_Loss.of(one, weight, bias, kappa) for one, weight, bias in layers]
        return cls(net, start, slope, loss, y, losses)

    def proved(self, lines: IntArray, low: FloatArray, high: FloatArray) -> BoolArray:
        """Mark the segments (q,) on which every row has its line's label.

        ``lines`` (q,): their lines; ``low``, ``high`` (q,): their ends, as t.
        """
        found = np.zeros(len(lines), dtype=bool)
        for begin in range(0, len(lines), _AT_ONCE):
            part = slice(begin, begin + _AT_ONCE)
            # values that may overflow have an infinite error, and prove nothing
            with np.errstate(invalid="ignore", over="ignore"):
                found[part] = self._proved(lines[part], low[part], high[part])
        return found

    def _proved(self, lines: IntArray, low: FloatArray, high: FloatArray) -> BoolArray:
        ends = np.stack([low, high])[..., None]
        center = self.start[lines] + ends * self.slope[lines]
        radius = np.broadcast_to(self.loss[lines], center.shape)
        for number in range(1, len(self.net.weights) - 1):
            center, radius, most = _relu(center, radius)
            weight, bias = self.net.weights[number], self.net.biases[number]
            center = center @ weight.T + bias
            radius = radius @ np.abs(weight).T + self.losses[number].at(most)
        center, radius, most = _relu(center, radius)
        return self._leads(lines, center, radius, most)

    def _leads(
        self, lines: IntArray, center: FloatArray, radius: FloatArray, most: FloatArray
    ) -> BoolArray:
        """Mark the segments (q,) on which the label leads over every other class."""
        weight, bias = self.net.weights[-1], self.net.biases[-1]
        blur = self.losses[-1].at(most) + _LINK * self.net.rounding
        found = np.ones(len(lines), dtype=bool)
        labels = self.y[lines]
        for label in np.unique(labels):
            own = np.flatnonzero(labels == label)
            rivals = np.flatnonzero(np.arange(len(bias)) != label)
            lead = weight[label] - weight[rivals]
            least = center[:, own] @ lead.T - radius[:, own] @ np.abs(lead).T
            least = least.min(axis=0) + bias[label] - bias[rivals]
            needed = blur[own][:, [label]] + blur[own][:, rivals]
            found[own] = (least > needed).all(axis=1)
        return found


def _relu(center: FloatArray, radius: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Return linear bounds of the ReLUs' outputs, and their largest absolute values (q, w).

    ``center``, ``radius`` (2, q, w): at both ends, the mean of the upper and the lower bound, and
    half of their difference.
    """
    above = np.maximum(center + radius, 0.0)
    below = center - radius
    # of the two lower bounds, the argument and 0, take the one with the smaller area
    below = np.where(below[0] + below[1] > 0, below, 0.0)
    most = np.maximum(above, np.abs(below)).max(axis=0)
    return (above + below) / 2, (above - below) / 2, most
