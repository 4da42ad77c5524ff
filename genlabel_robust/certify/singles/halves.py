"""Lines along single numbers, from where each begins one way: what is asked, and what is known."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from genlabel_robust.certify.singles.ways import length, room
from genlabel_robust.core import BoolArray, FloatArray, IntArray
from genlabel_robust.models import Model
from genlabel_robust.threat import TOLERANCE, Norm

#: A point is nearest where it lies within this share of one that is known to be right.
_CLOSE = 1e-4
#: Of the way to a point that the model mislabels so much is not proved, as a share.
_GAP = 5e-4


@dataclass(frozen=True, eq=False)
class Rows:
    """l lines: rows ``begin`` (l, d) of labels ``y`` (l,), of which the feature ``number`` moves.

    ``scale`` (l,): raw units of one in attack space; ``cost`` (l,): as of ``Lines``; ``whole``
    (l,): whether it moves by whole steps. ``asked``: the model as it answers quickly.
    """

    asked: Model
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
        return np.asarray(self.asked.decide(rows) != self.y[lines])

    def distance(self, lines: IntArray, t: FloatArray) -> FloatArray:
        """Return how far from the examples the rows ``t`` (q,) raw units along ``lines`` are."""
        return length(t / self.scale[lines], self.cost[lines], self.norm)

    def reach(self, lines: IntArray, eps: float) -> FloatArray:
        """Return up to which |t| (q,) rows on ``lines`` count as within ``eps``, and beyond."""
        radius = eps * (1 + 2 * TOLERANCE)
        return self.scale[lines] * room(self.cost[lines], radius, self.norm)


@dataclass(eq=False)
class Halves:
    """h half-lines: ``line`` (h,), and ``sign`` (h,) of t. All else counts |t|.

    ``end`` (h,): as far as a row may be presented, and ``ask`` (h,): as far as is asked.
    ``broken`` (h,): the nearest that the model mislabels, +inf where none is known; ``goal`` (h,):
    how far it is to be proved; ``open`` (h,): from where on it is not, +inf where it is.
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
        """Return the half-lines of which nothing is known."""
        endless = np.full(len(line), np.inf)
        return cls(
            rows, line, np.full(len(line), sign), end, ask, endless, end.copy(), endless.copy()
        )

    def mislabelled(self, halves: IntArray, t: FloatArray) -> BoolArray:
        """Mark the points ``t`` (q,) of ``halves`` (q,) that the model mislabels."""
        return self.rows.mislabelled(self.line[halves], self.sign[halves] * t)

    def breaks(self, halves: IntArray, right: FloatArray, wrong: FloatArray) -> None:
        """Take over that ``halves`` (q,) are right at ``right`` (q,), and not at ``wrong`` (q,).

        The boundary between is found by halving.
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
        """Return how far ``halves`` (q,), which break, are to be proved."""
        line, broken = self.line[halves], self.broken[halves]
        goal = np.where(self.rows.whole[line], np.maximum(broken - 1, 0.0), broken * (1 - _GAP))
        for eps in self.rows.eps:
            decided = self.rows.reach(line, eps)
            goal = np.where((decided > goal) & (decided < broken), decided, goal)
        return goal

    def leave(self, halves: IntArray, t: FloatArray) -> None:
        """Take over that ``halves`` (q,) are not proved from ``t`` (q,) on."""
        np.minimum.at(self.open, halves, t)
