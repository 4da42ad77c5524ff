"""The state of the search along lines: the distances proved, broken and open on each half-line."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from genlabel_robust.certify.singles.ways import length, room
from genlabel_robust.core import BoolArray, FloatArray, IntArray
from genlabel_robust.models import Model
from genlabel_robust.threat import TOLERANCE, Norm

#: Bisection ends when the mislabelled point is within this share of its distance from a right one.
_CLOSE = 1e-4
#: The share of the way to a mislabelled point that need not be proved.
_GAP = 5e-4


@dataclass(frozen=True, eq=False)
class Rows:
    """l lines through rows ``begin`` (l, d) of labels ``y`` (l,), each along one feature.

    ``number`` (l,): the feature; ``scale`` (l,): its raw units per unit of attack space; ``cost``
    (l,): as in ``Lines``; ``whole`` (l,): whether it moves by whole steps. ``quick``: a faster
    version of the model with the same labels.
    """

    quick: Model
    begin: FloatArray
    y: IntArray
    number: IntArray
    scale: FloatArray
    cost: FloatArray
    whole: BoolArray
    norm: Norm
    eps: tuple[float, ...]

    def mislabelled(self, lines: IntArray, t: FloatArray) -> BoolArray:
        """Mark the rows ``t`` (q,) raw units along ``lines`` (q,) that the model mislabels."""
        if not len(lines):
            return np.zeros(0, dtype=bool)
        rows = self.begin[lines]
        rows[np.arange(len(lines)), self.number[lines]] += t
        return np.asarray(self.quick.decide(rows) != self.y[lines])

    def distance(self, lines: IntArray, t: FloatArray) -> FloatArray:
        """Return the distances from the examples of rows ``t`` (q,) raw units along ``lines``."""
        return length(t / self.scale[lines], self.cost[lines], self.norm)

    def reach(self, lines: IntArray, eps: float) -> FloatArray:
        """Return a bound (q,) on |t| for rows on ``lines`` that count as within ``eps``."""
        radius = eps * (1 + 2 * TOLERANCE)
        return self.scale[lines] * room(self.cost[lines], radius, self.norm)


@dataclass(eq=False)
class Halves:
    """h half-lines: ``line`` (h,), and the ``sign`` (h,) of t. All other fields refer to |t|.

    ``end`` (h,): the farthest row that may be accepted; ``ask`` (h,): the farthest to query.
    ``broken`` (h,): the nearest known mislabelled point, +inf without one; ``goal`` (h,): the
    distance to prove; ``open`` (h,): where the proof ends early, +inf if it does not.
    """

    rows: Rows
    line: IntArray
    sign: FloatArray
    end: FloatArray
    ask: FloatArray
    broken: FloatArray
    goal: FloatArray
    open: FloatArray

    @classmethod
    def of(
        cls, rows: Rows, line: IntArray, sign: float, end: FloatArray, ask: FloatArray
    ) -> Halves:
        """Return half-lines in the state before any search."""
        endless = np.full(len(line), np.inf)
        return cls(
            rows, line, np.full(len(line), sign), end, ask, endless, end.copy(), endless.copy()
        )

    def mislabelled(self, halves: IntArray, t: FloatArray) -> BoolArray:
        """Mark the points ``t`` (q,) of ``halves`` (q,) that the model mislabels."""
        return self.rows.mislabelled(self.line[halves], self.sign[halves] * t)

    def breaks(self, halves: IntArray, right: FloatArray, wrong: FloatArray) -> None:
        """Record that ``halves`` (q,) are correct at ``right`` (q,) and wrong at ``wrong`` (q,).

        Finds the boundary between the two by bisection.
        """
        whole = self.rows.whole[self.line[halves]]
        low, high = right.copy(), wrong.copy()
        active = np.arange(len(halves))
        while True:
            width = np.where(whole, 1.0, _CLOSE * high)
            active = active[(high - low > width * (1 + 1e-9))[active]]
            if not len(active):
                break
            middle = (low + high)[active] / 2
            middle = np.where(whole[active], low[active] + np.floor(middle - low[active]), middle)
            stuck = (middle <= low[active]) | (middle >= high[active])
            active, middle = active[~stuck], middle[~stuck]
            bad = self.mislabelled(halves[active], middle)
            high[active[bad]], low[active[~bad]] = middle[bad], middle[~bad]
        np.minimum.at(self.broken, halves, high)
        own = np.unique(halves)
        self.goal[own] = self._goals(own)

    def _goals(self, halves: IntArray) -> FloatArray:
        """Return the distance to prove on ``halves`` (q,), which have a mislabelled point."""
        line, broken = self.line[halves], self.broken[halves]
        goal = np.where(self.rows.whole[line], np.maximum(broken - 1, 0.0), broken * (1 - _GAP))
        for eps in self.rows.eps:
            decided = self.rows.reach(line, eps)
            goal = np.where((decided > goal) & (decided < broken), decided, goal)
        return goal

    def leave(self, halves: IntArray, t: FloatArray) -> None:
        """Record that ``halves`` (q,) are not proved from ``t`` (q,) on."""
        np.minimum.at(self.open, halves, t)
