"""The region of a row: the places that it can reach within a radius, and their costs."""

from functools import cached_property

import numpy as np

from genlabel_robust.certify.trees.boxes import CellArray, LeafBoxes
from genlabel_robust.certify.trees.places import Grid, Places
from genlabel_robust.core import BoolArray, FloatArray, IntArray
from genlabel_robust.threat import Norm

#: The relative tolerance with which a sum of costs may exceed the radius.
_ROUNDING = 1e-9


class Region:
    """The places of the a features that have more than one place within ``radius``.

    ``empty``: whether no row is valid. ``low``, ``high`` (a, l), ``value`` (l, k), ``tree`` (l,):
    the reachable leaves, as boxes of places. ``place``, ``cost`` (a, width): the value of each
    place and its cost, NaN and inf beyond the ``last`` (a,). ``begin``, ``end``, ``only``: see
    ``_ends``.
    """

    def __init__(
        self,
        boxes: LeafBoxes,
        grid: Grid,
        places: Places,
        raw: FloatArray,
        norm: Norm,
        radius: float,
    ) -> None:
        near = places.within(radius)
        counts = np.bincount(near.feature, minlength=len(raw))[grid.listed]
        self.norm = norm
        self.empty = not counts.all()
        if self.empty:
            return
        starts = counts.cumsum() - counts
        self._leaves(boxes, grid, near, starts, counts)
        moving = np.flatnonzero(counts > 1)
        self.feature, self.last = grid.listed[moving], counts[moving] - 1
        shape = (len(moving), int(counts.max(initial=1)))
        filled = np.arange(shape[1]) < counts[moving][:, None]
        of_moving = (counts > 1).repeat(counts)
        self.place, self.cost = np.full(shape, np.nan), np.full(shape, np.inf)
        self.place[filled], self.cost[filled] = near.value[of_moving], near.cost[of_moving]
        if norm == "l2":
            self.cost = self.cost**2
        self.draw_in(radius)
        own = raw[self.feature][:, None]
        #: The cost of moving up to at least a place, and of moving down to at most it.
        self.up = np.where(self.place > own, self.cost, 0.0)
        self.down = np.where(self.place < own, self.cost, 0.0)
        self._own = (self.place < own).sum(axis=1)
        self._rows = np.arange(len(moving))
        self._ends(near, filled, of_moving)
        self.raw = raw.copy()
        self.raw[near.feature[~of_moving]] = near.value[~of_moving]
        #: One-hot groups: the rows of their moving columns, and how many other columns are 1.
        self._groups = []
        for group in grid.space.rules.one_hot:
            fixed = np.setdiff1d(group, self.feature)
            rows = np.searchsorted(self.feature, np.intersect1d(group, self.feature))
            self._groups.append((rows, int(self.raw[fixed].sum())))

    def _ends(self, near: Places, filled: BoolArray, of_moving: BoolArray) -> None:
        """Set the first and last value in the cell of each place.

        ``begin``, ``end`` (a, width): of the moving features; ``only``: of each feature with one
        place, by its number.
        """
        self.begin, self.end = np.full(filled.shape, np.nan), np.full(filled.shape, np.nan)
        self.begin[filled], self.end[filled] = near.begin[of_moving], near.end[of_moving]
        rest = ~of_moving
        ends = zip(near.begin[rest].tolist(), near.end[rest].tolist(), strict=True)
        self.only = dict(zip(near.feature[rest].tolist(), ends, strict=True))

    def _leaves(
        self, boxes: LeafBoxes, grid: Grid, near: Places, starts: IntArray, counts: IntArray
    ) -> None:
        """Set the leaves that contain places, with their boxes in places instead of cells."""
        first, last = near.cell[starts], near.cell[starts + counts - 1]
        meets = boxes.low[grid.listed] <= last[:, None]
        meets &= boxes.high[grid.listed] >= first[:, None]
        kept = np.flatnonzero(meets.all(axis=0))
        begin = grid.first_cell[:-1]
        at = begin.repeat(counts) + near.cell
        there = np.bincount(at, minlength=grid.first_cell[-1])
        # the first place from a cell on, and the last one up to it
        upto = there.cumsum() - starts.repeat(np.diff(grid.first_cell))
        moving = np.flatnonzero(counts > 1)
        own = grid.listed[moving][:, None]
        kind = boxes.low.dtype
        low = (upto - there).astype(kind)[begin[moving][:, None] + boxes.low[own, kept]]
        high = (upto - 1).astype(kind)[begin[moving][:, None] + boxes.high[own, kept]]
        meets = (low <= high).all(axis=0)
        if not meets.all():
            low, high, kept = low[:, meets], high[:, meets], kept[meets]
        self.low, self.high = low, high
        self.value, self.tree, self.base = boxes.value[kept], boxes.tree[kept], boxes.base

    def draw_in(self, radius: float) -> None:
        """Limit the total cost to ``radius``, under L2 and L1."""
        limit = radius * (1 + _ROUNDING)
        self.limit = limit * limit if self.norm == "l2" else limit

    @cached_property
    def leaf_cost(self) -> FloatArray:
        """The least cost of each leaf by feature: (a, l) under L2 and L1, (0, l) under L∞."""
        if self.norm == "linf":
            return np.zeros((0, self.low.shape[1]))
        return self.spent(self.low, self.high)

    def spent(self, low: CellArray, high: CellArray) -> FloatArray:
        """Return the least cost of each feature in boxes: (a, ...) -> (a, ...), for L2 and L1."""
        rows = self._rows if low.ndim == 1 else self._rows[:, None]
        return np.asarray(np.maximum(self.up[rows, low], self.down[rows, high]))

    def consistent(self, first: IntArray, last: IntArray) -> bool:
        """Fix one-hot columns (in place) that the others imply; False if no category fits."""
        for group, ones in self._groups:
            if not len(group):
                if ones != 1:
                    return False
                continue
            fixed = first[group]
            if ones + fixed.sum() > 1:
                return False
            if ones + fixed.sum() == 1:
                last[group] = fixed
            elif last[group].sum() == 0:
                return False
            elif last[group].sum() == 1:
                first[group] = last[group]
        return True

    def nearest(self, first: IntArray, last: IntArray) -> FloatArray | None:
        """Return the nearest row (d,) in a box of places, None if no category fits in it."""
        chosen = np.clip(self._own, first, last)
        for group, ones in self._groups:
            taken = self._category(group, ones, first, last)
            if taken is None:
                return None
            chosen[group] = taken
        raw = self.raw.copy()
        raw[self.feature] = self.place[self._rows, chosen]
        return raw

    def _category(
        self, group: IntArray, ones: int, first: IntArray, last: IntArray
    ) -> IntArray | None:
        """Return the places of the columns of a one-hot group at its nearest category."""
        must, may = first[group], last[group]
        if ones:
            return np.zeros_like(must) if ones == 1 and not must.any() else None
        options = np.flatnonzero(may) if not must.any() else np.flatnonzero(must)
        if not len(options) or must.sum() > 1:
            return None
        rows = np.eye(len(group), dtype=np.int64)[options]
        costs = np.where(rows == 1, self.cost[group, 1], self.cost[group, 0])
        total = costs.max(axis=1) if self.norm == "linf" else costs.sum(axis=1)
        return np.asarray(rows[np.argmin(total)])
