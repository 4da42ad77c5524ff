"""Exact L∞ distances to the boundary of an affine model among whole numbers and categories.

In L∞ the budget t binds each feature by itself, so the most that a rival class can gain is a
sum over features: |w| min(t, room) of a continuous one, |w| times the whole steps that fit into
t of a whole number, and of a one-hot group the best switch that fits into t. Each term grows
with t, so the least t that gains the gap is found by bisection. In L2 and L1 features share the
budget, and the best whole steps are those of a knapsack: nothing is said there.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from genlabel_robust.core.arrays import BoolArray, FloatArray, IntArray

#: Numbers in the largest array of one block of rows.
_BLOCK = 1_000_000
#: What rounding can take off a whole number of steps, and off a gap, as a share of it.
_STEP, _GAP = 1e-9, 1e-12
#: Halvings until the distance is known to the last bit of what matters.
_HALVINGS = 60


@dataclass(frozen=True, eq=False)
class Steps:
    """What of d features is not continuous, in attack space.

    ``step`` (d,): one raw unit; ``integer`` (i,): the features that move by whole steps;
    ``groups``: the columns of each one-hot group that may change; ``held`` (n, d): marks the
    columns that are 1, each row's category.
    """

    step: FloatArray
    integer: IntArray
    groups: Sequence[IntArray]
    held: BoolArray


def lattice_distance(
    weight: FloatArray,
    bias: FloatArray,
    u: FloatArray,
    y: IntArray,
    low: FloatArray,
    high: FloatArray,
    steps: Steps,
) -> FloatArray:
    """Return the least L∞ budget (n,) that lets another class score as high as ``y``.

    Arguments as of ``exact_distance``, whose boxes end at whole steps, as those of
    ``AttackSpace`` do. 0 for a misclassified example, +inf where no point that exists ties.
    """
    (k, d), n = weight.shape, len(u)
    distance = np.full(n, np.inf)
    block = max(_BLOCK // max(k * d, 1), 1)
    for start in range(0, n, block):
        rows = slice(start, start + block)
        part = Steps(steps.step, steps.integer, steps.groups, steps.held[rows])
        distance[rows] = _block(weight, bias, u[rows], y[rows], low[rows], high[rows], part)
    return distance


def _block(
    weight: FloatArray,
    bias: FloatArray,
    u: FloatArray,
    y: IntArray,
    low: FloatArray,
    high: FloatArray,
    steps: Steps,
) -> FloatArray:
    rows = np.arange(len(u))
    scores = u @ weight.T + bias
    gap = scores[rows, y][:, None] - scores
    # the sums that the gap is a difference of are rounded
    gap -= _GAP * (np.abs(u) @ np.abs(weight).T + np.abs(bias)).max(axis=1, keepdims=True)
    gap[rows, y] = np.inf
    gains = _Gains(weight[None, :, :] - weight[y][:, None, :], u, low, high, steps)
    most = gains.largest
    reached = gains.at(np.broadcast_to(most[:, None], gap.shape)) >= gap
    short, far = np.zeros(gap.shape), np.repeat(most[:, None], gap.shape[1], axis=1)
    for _ in range(_HALVINGS):
        middle = (short + far) / 2
        enough = gains.at(middle) >= gap
        short, far = np.where(enough, short, middle), np.where(enough, middle, far)
    distance = np.where(gap <= 0, 0.0, np.where(reached, far, np.inf))
    return np.asarray(distance.min(axis=1))


class _Gains:
    """What rivals (n, k) gain at most within a budget; ``toward`` (n, k, d): their slopes."""

    def __init__(
        self, toward: FloatArray, u: FloatArray, low: FloatArray, high: FloatArray, steps: Steps
    ) -> None:
        room = np.where(toward > 0, (high - u)[:, None, :], (u - low)[:, None, :])
        slope = np.abs(toward)
        kinds = np.zeros(toward.shape[2], dtype=np.int64)
        kinds[steps.integer] = 1
        for group in steps.groups:
            kinds[group] = 2
        free, whole = kinds == 0, kinds == 1
        self._free = slope[..., free], room[..., free]
        self._whole = slope[..., whole], room[..., whole], steps.step[whole]
        self._switches = [
            _switches(toward[..., group], steps.step[group], steps.held[:, group])
            for group in steps.groups
        ]
        ends = [part[1].max(axis=(1, 2), initial=0.0) for part in (self._free, self._whole)]
        ends += [
            np.where(np.isfinite(costs), costs, 0.0).max(axis=1) for costs, _ in self._switches
        ]
        #: The budget (n,) from which on nothing more is gained.
        self.largest: FloatArray = np.max(ends, axis=0) * (1 + 2 * _STEP)

    def at(self, budget: FloatArray) -> FloatArray:
        """Return the gains (n, k) within ``budget`` (n, k)."""
        slope, room = self._free
        gain = (slope * np.minimum(budget[..., None], room)).sum(axis=2)
        slope, room, step = self._whole
        moved = np.floor(budget[..., None] / step + _STEP) * step
        gain += (slope * np.minimum(moved, room)).sum(axis=2)
        for costs, gains in self._switches:
            within = costs[:, None, :] <= budget[..., None] * (1 + _STEP)
            gain += np.where(within, gains, 0.0).max(axis=2, initial=0.0)
        return np.asarray(gain)


def _switches(
    toward: FloatArray, step: FloatArray, held: BoolArray
) -> tuple[FloatArray, FloatArray]:
    """Return what switching to each of g categories costs (n, g) and gains (n, k, g).

    ``toward`` (n, k, g), ``step`` (g,), ``held`` (n, g). A row that is none of the categories
    that may change stays as it is.
    """
    own = held.argmax(axis=1)
    gains = toward * step
    gains = gains - np.take_along_axis(gains, own[:, None, None], axis=2)
    costs = np.maximum(step[own][:, None], step)
    return np.where(held | ~held.any(axis=1, keepdims=True), np.inf, costs), gains
