"""The region of a row: which places it can reach within a radius, and what each costs."""

from __future__ import annotations

from functools import cached_property

import numpy as np

from genlabel_robust.certify.trees.boxes import CellArray, LeafBoxes
from genlabel_robust.certify.trees.places import Places
from genlabel_robust.core.arrays import FloatArray, IntArray
from genlabel_robust.core.threat import Norm

#: By how much more than the radius a sum of costs may be and is still looked at.
_ROUNDING = 1e-9


class Region:
    """The places of the a features that have more than one within ``radius``.

    ``empty``: whether nothing at all exists. ``low``, ``high`` (a, l), ``value`` (l, k),
    ``tree`` (l,): the leaves that can be reached, as boxes of places.
    """

    def __init__(
        self,
        boxes: LeafBoxes,
        places: Places,
        raw: FloatArray,
        groups: tuple[tuple[int, ...], ...],
        listed: IntArray,
        norm: Norm,
        radius: float,
    ) -> None:
        near = places.within(radius)
        numbers, starts, counts = np.unique(near.feature, return_index=True, return_counts=True)
        self.raw, self.radius, self.norm = raw, radius, norm
        self.empty = len(numbers) < len(listed)
        if self.empty:
            return
        ends = starts + counts
        kept = np.arange(boxes.low.shape[1])
        for number, start, end in zip(numbers, starts, ends, strict=True):
            meets = boxes.low[number, kept] <= near.cell[end - 1]
            meets &= boxes.high[number, kept] >= near.cell[start]
            kept = kept[meets]
        moving = np.flatnonzero(counts > 1)
        kind = boxes.low.dtype
        low, high = [np.zeros((0, len(kept)), kind)], [np.zeros((0, len(kept)), kind)]
        for i in moving:
            cells = near.cell[starts[i] : ends[i]]
            there = np.bincount(cells, minlength=len(boxes.thresholds[numbers[i]]) + 1)
            through = np.cumsum(there)
            low.append((through - there).astype(kind)[boxes.low[numbers[i], kept]][None])
            high.append((through - 1).astype(kind)[boxes.high[numbers[i], kept]][None])
        self.low, self.high = np.concatenate(low), np.concatenate(high)
        meets = (self.low <= self.high).all(axis=0)
        self.low, self.high, kept = self.low[:, meets], self.high[:, meets], kept[meets]
        self.value, self.tree, self.base = boxes.value[kept], boxes.tree[kept], boxes.base
        self.feature = numbers[moving]
        self.last: IntArray = (counts[moving] - 1).astype(np.int64)
        width = int(counts.max(initial=1))
        shape = (len(moving), width)
        self.place, cost = np.full(shape, np.nan), np.full(shape, np.inf)
        for row, i in enumerate(moving):
            self.place[row, : counts[i]] = near.value[starts[i] : ends[i]]
            cost[row, : counts[i]] = near.cost[starts[i] : ends[i]]
        self.cost = cost if norm == "linf" else cost if norm == "l1" else cost**2
        self.limit = radius if norm != "l2" else radius**2
        self.limit *= 1 + _ROUNDING
        own = raw[self.feature][:, None]
        #: What going up at least to a place costs, and what going down to it does.
        self.up = np.where(self.place > own, self.cost, 0.0)
        self.down = np.where(self.place < own, self.cost, 0.0)
        at = {int(number): row for row, number in enumerate(self.feature)}
        #: One-hot groups: the rows of their moving columns.
        self.groups = [np.array([at[c] for c in g if c in at], dtype=np.int64) for g in groups]
        fixed = {
            int(n): near.value[s] for n, s, c in zip(numbers, starts, counts, strict=True) if c == 1
        }
        self.raw = raw.copy()
        self.raw[list(fixed)] = list(fixed.values())
        ones = [sum(fixed[c] == 1 for c in g if c in fixed) for g in groups]
        #: How many of each group's columns are 1 wherever the row goes.
        self.ones = ones

    @cached_property
    def leaf_cost(self) -> FloatArray:
        """What each leaf costs at least: (a, l) under L2 and L1, (0, l) under L∞."""
        if self.norm == "linf":
            return np.zeros((0, self.low.shape[1]))
        return self.spent(self.low, self.high)

    def spent(self, low: CellArray, high: CellArray) -> FloatArray:
        """Return the least cost of each feature in boxes: (a, ...) -> (a, ...), L1 and L2."""
        rows = np.arange(len(low)).reshape(-1, *[1] * (low.ndim - 1))
        return np.asarray(np.maximum(self.up[rows, low], self.down[rows, high]))

    def consistent(self, first: IntArray, last: IntArray) -> bool:
        """Fix the one-hot columns (in place) that follow from the others; false if none fit."""
        for group, ones in zip(self.groups, self.ones, strict=True):
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
        up = np.take_along_axis(self.up, first[:, None], 1)[:, 0]
        down = np.take_along_axis(self.down, last[:, None], 1)[:, 0]
        own = (self.place < self.raw_of()[:, None]).sum(axis=1)
        chosen = np.where(up > 0, first, np.where(down > 0, last, np.clip(own, first, last)))
        for group, ones in zip(self.groups, self.ones, strict=True):
            taken = self._category(group, ones, first, last)
            if taken is None:
                return None
            chosen[group] = taken
        raw = self.raw.copy()
        raw[self.feature] = self.place[np.arange(len(chosen)), chosen]
        return raw

    def raw_of(self) -> FloatArray:
        """Return the row's own values of the moving features (a,)."""
        return self.raw[self.feature]

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
