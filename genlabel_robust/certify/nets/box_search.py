"""Branch and bound over boxes: for a few free features, all rival classes at once.

In low dimension halving boxes works better than fixing ReLUs, if the axis is chosen well. Here all
axes are tried, and the halves with the best bounds are kept (strong branching).
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from genlabel_robust.certify.nets.bounds.boxes import Boxes, bounded, guessed, raised
from genlabel_robust.certify.nets.bounds.leads import Leads
from genlabel_robust.certify.nets.bounds.local import Localised
from genlabel_robust.core import BoolArray, FloatArray, IntArray

#: The number of boxes that are halved at once.
_BATCH = 128
#: An axis is not halved if it is narrower than the box's widest axis by this factor.
_THINNER = 4.5
#: The exponent with which the width of an axis counts when one is chosen.
_WIDTH = 0.3
#: Boxes are not halved below this share of the region.
_THINNEST = 1e-6
#: The rounding error of a whole step.
_SLACK = 1e-6


@dataclass(eq=False)
class BoxSearch:
    """The search for a proof of all ``leads``, or for a point that refutes one of them.

    Fields as in ``Search``; ``used``: the boxes that were bounded.
    """

    local: Localised
    leads: Leads
    tries: Callable[[FloatArray], bool]
    work: int
    step: FloatArray
    stop: Callable[[], bool] = lambda: False
    used: int = 0
    _open: int = 0

    def run(self) -> str:
        """Return "proved", "broken" or "open"."""
        low, high = self.local.low[None], self.local.high[None]
        unknown = np.full((1, len(self.leads.constant)), np.inf)
        root = bounded(self.local, self.leads, low, high, self.local.bounds, unknown)
        self.used += 1
        stack = [root] if root.worst[0] >= 0 else []
        while stack:
            boxes = stack.pop()
            if self.tries(boxes.point):
                return "broken"
            if self.used >= self.work or self.stop():
                return "open"
            thin = self._thin(boxes)
            self._open += int(thin.sum())
            if thin.all():
                continue
            boxes = self._halves(boxes.take(~thin))
            order = np.argsort(boxes.worst, kind="stable")
            stack += [
                boxes.take(order[begin : begin + _BATCH]) for begin in range(0, len(order), _BATCH)
            ]
        return "open" if self._open else "proved"

    def _thin(self, boxes: Boxes) -> BoolArray:
        """Mark the boxes (q,) that are nearly points: there only rounding prevents a proof."""
        width = (boxes.high - boxes.low) / np.maximum(self.local.net.reach, 1e-300)
        return np.asarray((width <= _THINNEST).all(axis=1))

    def _halves(self, boxes: Boxes) -> Boxes:
        """Halve each box along its best axis; return the halves that are not proved."""
        q = len(boxes.low)
        axes = self._axes(boxes)
        self.used += 3 * q
        low, high = self._cut(boxes, np.arange(q), axes)
        twice = boxes.take(np.tile(np.arange(q), 2))
        halves = bounded(self.local, self.leads, low, high, twice.bounds, twice.short)
        halves = halves.take(np.flatnonzero(halves.worst >= 0))
        self.used += len(halves.low)
        halves = raised(self.local, self.leads, halves)
        return halves.take(np.flatnonzero(halves.worst >= 0))

    def _cut(self, boxes: Boxes, rows: IntArray, axes: IntArray) -> tuple[FloatArray, FloatArray]:
        """Return the ends (2 n, f) of the halves of n boxes along ``axes``, lower halves first."""
        n, every = len(rows), np.arange(len(rows))
        low, high = boxes.low[np.tile(rows, 2)], boxes.high[np.tile(rows, 2)]
        middle = (low[every, axes] + high[every, axes]) / 2
        size = self.step[axes]
        whole = np.where(size > 0, size, 1.0)
        under = np.floor(middle / whole + _SLACK) * whole
        high[every, axes] = np.where(size > 0, under, middle)
        low[n + every, axes] = np.where(size > 0, under + size, middle)
        return low, high

    def _axes(self, boxes: Boxes) -> IntArray:
        """Return the axis (q,) whose halves have the best estimated bounds."""
        q, f = boxes.low.shape
        rows, axes = (part.ravel() for part in np.indices((q, f)))
        width = boxes.high - boxes.low
        open_ = width > self.step / 2
        share = np.where(open_, width / np.maximum(self.local.net.reach, 1e-300), 0.0)
        # narrow axes are not narrowed further: the bounds would hardly change
        wide = open_ & (share >= share.max(axis=1, keepdims=True) / _THINNER)
        rows, axes = (part[wide.ravel()] for part in (rows, axes))
        low, high = self._cut(boxes, rows, axes)
        halves = boxes.take(np.tile(rows, 2))
        halves = guessed(self.local, self.leads, halves, low, high)
        cost = np.full((q, f), np.inf)
        shorts = np.maximum(halves.worst, 0.0)
        # weigh in the width, so that the widest axis is halved sooner or later
        cost[rows, axes] = (shorts[: len(rows)] + shorts[len(rows) :]) / share[rows, axes] ** _WIDTH
        return np.asarray(cost.argmin(axis=1))
