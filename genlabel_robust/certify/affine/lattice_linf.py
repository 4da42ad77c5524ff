"""Exact L∞ distances to the boundary of an affine model with whole numbers and categories.

In L∞ the budget t limits each feature separately, so the most that a rival class can gain is a
sum over features: |w| min(t, room) for a continuous one, |w| times the whole steps that fit into
t for a whole number, and for a one-hot group the best switch that fits into t. Each term grows
with t, so bisection finds the smallest t that closes the gap. In L2 and L1 features share the
budget, and the best whole steps are those of a knapsack: see ``lattice_knapsack``.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from genlabel_robust.certify.affine.rivals import Rivals, nearest
from genlabel_robust.certify.affine.steps import Steps
from genlabel_robust.core import FloatArray, IntArray

#: The rounding error of a number of whole steps, and that of a gap, as shares of each.
_STEP, _GAP = 1e-9, 1e-12
#: Bisections after which the distance is known to all significant bits.
_HALVINGS = 60


def lattice_distance(
    weight: FloatArray,
    bias: FloatArray,
    u: FloatArray,
    y: IntArray,
    low: FloatArray,
    high: FloatArray,
    steps: Steps,
) -> FloatArray:
    """Return the smallest L∞ budget (n,) at which another class scores as high as ``y``.

    The arguments are those of ``exact_distance``; the boxes end at whole steps, as those of
    ``AttackSpace`` do. 0 for a misclassified example, +inf where no valid point ties.
    """
    # the gap is a difference of rounded sums
    lost = _GAP * (np.abs(u) @ np.abs(weight).T + np.abs(bias)).max(axis=1, keepdims=True)

    def way(found: Rivals, rows: slice) -> FloatArray:
        return in_linf(found.demanding(found.gap - lost[rows]), steps.of(rows))[0]

    return nearest(weight, bias, u, y, low, high, way)


def in_linf(rivals: Rivals, steps: Steps) -> tuple[FloatArray, FloatArray]:
    """Return the L∞ budget (n, k) at which each rival closes its gap, and the step (n, k, d).

    ``steps``: the whole-number and categorical features of the same rows. The budget is +inf where
    no valid point closes the gap; the step is then the one with the largest gain.
    """
    gap, gains = rivals.gap, _Gains(rivals, steps)
    most = np.broadcast_to(gains.largest[:, None], gap.shape)
    reached = gains.at(most) >= gap
    short, far = np.zeros(gap.shape), most
    for _ in range(_HALVINGS):
        middle = (short + far) / 2
        enough = gains.at(middle) >= gap
        short, far = np.where(enough, short, middle), np.where(enough, middle, far)
    budget = np.where(gap <= 0, 0.0, np.where(reached, far, most))
    return np.where(reached, budget, np.inf), gains.moves(budget)


class _Gains:
    """The largest gains of the rivals (n, k) within a budget."""

    def __init__(self, rivals: Rivals, steps: Steps) -> None:
        slope, room, free = rivals.slope, rivals.room, steps.free
        self._direction = np.sign(rivals.toward)
        self._steps, self._columns = steps, np.flatnonzero(free)
        self._free = slope[..., free], room[..., free]
        self._whole = (
            slope[..., steps.integer],
            room[..., steps.integer],
            steps.step[steps.integer],
        )
        self._switches = [_Switches.of(steps, group, rivals) for group in steps.groups]
        ends = [part[1].max(axis=(1, 2), initial=0.0) for part in (self._free, self._whole)]
        ends += [
            np.where(np.isfinite(switch.costs), switch.costs, 0.0).max(axis=1)
            for switch in self._switches
        ]
        #: The budget (n,) beyond which gains no longer grow.
        self.largest: FloatArray = np.max(ends, axis=0) * (1 + 2 * _STEP)

    def at(self, budget: FloatArray) -> FloatArray:
        """Return the gains (n, k) within ``budget`` (n, k)."""
        slope, room = self._free
        gain = (slope * np.minimum(budget[..., None], room)).sum(axis=2)
        slope, room, _ = self._whole
        gain += (slope * np.minimum(self._stepped(budget), room)).sum(axis=2)
        for switch in self._switches:
            gain += switch.within(budget).max(axis=2, initial=0.0)
        return np.asarray(gain)

    def moves(self, budget: FloatArray) -> FloatArray:
        """Return the step (n, k, d) with the largest gain within ``budget`` (n, k)."""
        moved = np.zeros(self._direction.shape)
        moved[..., self._columns] = np.minimum(budget[..., None], self._free[1])
        moved[..., self._steps.integer] = np.minimum(self._stepped(budget), self._whole[1])
        moved *= self._direction
        for switch in self._switches:
            switch.make(switch.within(budget), moved)
        return moved

    def _stepped(self, budget: FloatArray) -> FloatArray:
        step = self._whole[2]
        return np.asarray(np.floor(budget[..., None] / step + _STEP) * step)


@dataclass(frozen=True, eq=False)
class _Switches:
    """The costs (n, g) and gains (n, k, g) of switching to each of g categories.

    ``group`` (g,): their columns; ``step`` (g,): the length of one raw unit of each column;
    ``own`` (n,): the category of each row.
    """

    group: IntArray
    step: FloatArray
    own: IntArray
    costs: FloatArray
    gains: FloatArray

    @classmethod
    def of(cls, steps: Steps, group: IntArray, rivals: Rivals) -> _Switches:
        gains, able, own = steps.switches(group, rivals)
        step = steps.step[group]
        costs = np.where(able, np.maximum(step[own][:, None], step), np.inf)
        return cls(group, step, own, costs, gains)

    def within(self, budget: FloatArray) -> FloatArray:
        """Return the gains (n, k, g) of the switches within ``budget`` (n, k), 0 for others."""
        within = self.costs[:, None, :] <= budget[..., None] * (1 + _STEP)
        return np.where(within, self.gains, 0.0)

    def make(self, gains: FloatArray, moved: FloatArray) -> None:
        """Write the switch with the largest of ``gains`` (n, k, g) into ``moved`` (n, k, d)."""
        for row, rival in np.argwhere(gains.max(axis=2) > 0):
            best, own = gains[row, rival].argmax(), self.own[row]
            moved[row, rival, self.group[best]] = self.step[best]
            moved[row, rival, self.group[own]] = -self.step[own]
