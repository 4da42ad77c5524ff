"""Places of a row: the nearest valid value in each cell between thresholds.

A feature that the trees do not split stays where it is. For any other feature, a cell has a *place*
if the box, a monotone direction, whole steps and immutability leave a value in it. The place is the
nearest such value: it costs least, and all trees treat it like the others of its cell. The columns
of a one-hot group have the places 0 and 1.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from functools import cached_property

import numpy as np

from genlabel_robust.certify.touching import column_prices
from genlabel_robust.certify.trees.boxes import LeafBoxes
from genlabel_robust.core import BoolArray, FloatArray, IntArray
from genlabel_robust.threat import AttackSpace, Norm
from genlabel_robust.threat.violations import inside, slack_of

_LARGEST = np.finfo(np.float64).max
#: A place with a larger cost counts as outside the box, because its square would overflow.
_FARTHEST = 1e150


@dataclass(frozen=True, eq=False)
class Places:
    """The places of one row, feature by feature, each feature's in ascending order.

    ``feature``, ``cell``, ``value`` (c,): of each place; ``cost`` (c,): its distance from the
    row's own value, in attack space. ``begin``, ``end`` (c,): the first and the last value of the
    cell, valid or not.
    """

    feature: IntArray
    cell: IntArray
    value: FloatArray
    cost: FloatArray
    begin: FloatArray
    end: FloatArray

    def within(self, radius: float) -> Places:
        """Return the places that cost at most ``radius``."""
        near = self.cost <= radius
        return Places(*(getattr(self, part.name)[near] for part in fields(self)))


class Grid:
    """All cells of all features of an ensemble, from which each row's places are taken."""

    def __init__(self, boxes: LeafBoxes, space: AttackSpace, norm: Norm) -> None:
        d = len(boxes.thresholds)
        self.space = space
        #: The L0 cost (d,) of touching each column, None under other norms.
        self.price = column_prices(space) if norm == "l0" else None
        self.grouped = np.zeros(d, dtype=bool)
        for group in space.rules.one_hot:
            self.grouped[list(group)] = True
        self._integer = np.zeros(d, dtype=bool)
        self._integer[list(space.rules.integer)] = True
        self._sign = np.zeros(d)
        self._sign[list(space.rules.increasing)] = 1.0
        self._sign[list(space.rules.decreasing)] = -1.0
        feature: list[IntArray] = []
        cell: list[IntArray] = []
        first: list[FloatArray] = []
        last: list[FloatArray] = []
        for number, thresholds in enumerate(boxes.thresholds):
            if self.grouped[number]:
                ends = np.array([0.0, 1.0])
                cells = np.searchsorted(thresholds, ends)
                begins = ends
            elif len(thresholds):
                begins = np.concatenate([[-_LARGEST], np.nextafter(thresholds, np.inf)])
                ends = np.concatenate([thresholds, [_LARGEST]])
                cells = np.arange(len(ends))
            else:
                continue
            feature.append(np.full(len(ends), number))
            cell.append(cells)
            first.append(begins)
            last.append(ends)
        none = np.zeros(0, dtype=np.int64)
        self._feature = np.concatenate([none, *feature])
        self._cell = np.concatenate([none, *cell])
        self._first = np.concatenate([np.zeros(0), *first])
        self._last = np.concatenate([np.zeros(0), *last])
        #: The features (f,) with cells: if one of them has no place, no row is valid.
        self.listed = np.unique(self._feature)
        #: The index (f + 1,) of the first cell of each of them, over all cells in order.
        self.first_cell = np.cumsum([0, *(len(boxes.thresholds[i]) + 1 for i in self.listed)])

    @cached_property
    def _whole(self) -> IntArray:
        return np.flatnonzero(self._integer[self._feature])

    def places(self, raw: FloatArray) -> Places:
        """Return the places of the row ``raw`` (d,), by the rules of ``violations``."""
        # unbounded boxes end at the largest floats, where differences overflow
        with np.errstate(over="ignore", invalid="ignore"):
            return self._places(raw)

    def _places(self, raw: FloatArray) -> Places:
        space, feature = self.space, self._feature
        own = raw[feature]
        value = np.clip(own, self._first, self._last)
        exists = self._first <= self._last
        if len(self._whole):
            at = self._whole
            value[at], exists[at] = self._nearest_whole(own[at], at)
        moved = value - own
        u = space.enter(raw[None])
        low, high = (((edge - u) * space.scale)[0][feature] for edge in space.box(u))
        slack = slack_of(own, value, space.offset[feature])
        exists &= inside(moved, low, high, slack)
        exists &= (moved == 0) | space.mutable[feature]
        exists &= self._sign[feature] * moved >= 0
        if self.price is None:
            cost = np.abs(moved / space.scale[feature])
        else:
            cost = np.where(moved == 0, 0.0, self.price[feature])
        kept = np.flatnonzero(exists & (cost <= _FARTHEST))
        return Places(
            feature[kept],
            self._cell[kept],
            value[kept],
            cost[kept],
            self._first[kept],
            self._last[kept],
        )

    def _nearest_whole(self, own: FloatArray, at: IntArray) -> tuple[FloatArray, BoolArray]:
        """Return the nearest value at whole steps in each cell, and whether there is one."""
        first, last = self._first[at], self._last[at]
        nearest = np.clip(own, first, last)
        steps = np.where(nearest > own, np.ceil(nearest - own), np.floor(nearest - own))
        value, exists = nearest.copy(), np.zeros(len(at), dtype=bool)
        # sums of floats may end a step before the cell, or behind its end
        for more in (1, 0, -1):
            tried = own + (steps + more * np.sign(steps))
            fits = (first <= tried) & (tried <= last)
            value, exists = np.where(fits, tried, value), exists | fits
        return value, exists
