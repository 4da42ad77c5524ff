"""Exact L∞ distances to the boundary of an affine model among whole numbers and categories.

In L∞ the budget t binds each feature by itself, so the most that a rival class can gain is a
sum over features: |w| min(t, room) of a continuous one, |w| times the whole steps that fit into
t of a whole number, and of a one-hot group the best switch that fits into t. Each term grows
with t, so the least t that gains the gap is found by bisection. In L2 and L1 features share the
budget, and the best whole steps are those of a knapsack: see ``lattice_knapsack``.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from genlabel_robust.certify.affine.rivals import Rivals, nearest
from genlabel_robust.certify.affine.steps import Steps
from genlabel_robust.core import FloatArray, IntArray

#: What rounding can take off a whole number of steps, and off a gap, as a share of it.
_STEP, _GAP = 1e-9, 1e-12
#: Halvings until the distance is known to the last bit of what matters.
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
    """Return the least L∞ budget (n,) that lets another class score as high as ``y``.

    Arguments as of ``exact_distance``, whose boxes end at whole steps, as those of
    ``AttackSpace`` do. 0 for a misclassified example, +inf where no point that exists ties.
    """
    # the sums that the gap is a difference of are rounded
    lost = _GAP * (np.abs(u) @ np.abs(weight).T + np.abs(bias)).max(axis=1, keepdims=True)

    def way(found: Rivals, rows: slice) -> FloatArray:
        return in_linf(found.demanding(found.gap - lost[rows]), steps.of(rows))[0]

    return nearest(weight, bias, u, y, low, high, way)


def in_linf(rivals: Rivals, steps: Steps) -> tuple[FloatArray, FloatArray]:
    """Return the L∞ budget (n, k) with which each rival gains its gap, and the step (n, k, d).

    ``steps``: of the same rows. +inf where no point that exists gains it: the step is then the
    one that gains most.
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
    """What rivals (n, k) gain at most within a budget."""

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
        #: The budget (n,) from which on nothing more is gained.
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
        """Return the step (n, k, d) that gains the most within ``budget`` (n, k)."""
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
    """What switching to each of g categories costs (n, g) and gains (n, k, g).

    ``group`` (g,): their columns; ``step`` (g,); ``own`` (n,): the category that a row has.
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
        """Return the gains (n, k, g) of what ``budget`` (n, k) allows, 0 of the rest."""
        within = self.costs[:, None, :] <= budget[..., None] * (1 + _STEP)
        return np.where(within, self.gains, 0.0)

    def make(self, gains: FloatArray, moved: FloatArray) -> None:
        """Write into ``moved`` (n, k, d) the switch of the largest of ``gains`` (n, k, g)."""
        for row, rival in np.argwhere(gains.max(axis=2) > 0):
            best, own = gains[row, rival].argmax(), self.own[row]
            moved[row, rival, self.group[best]] = self.step[best]
            moved[row, rival, self.group[own]] = -self.step[own]
