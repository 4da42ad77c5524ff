"""A part of a row's region, with the leaves that it can reach."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TypeAlias

import numpy as np

from genlabel_robust.certify.trees.boxes import CellArray
from genlabel_robust.core import BoolArray, FloatArray, IntArray

#: The first and the last place of each feature.
Box: TypeAlias = tuple[IntArray, IntArray]
#: Features are dropped from boxes of at least so many numbers, if at most this share remains.
_SMALL, _SHARE = 4_000, 0.8


@dataclass(eq=False)
class Node:
    """A box of places and its reachable leaves (l,), in groups; a row reaches one leaf per group.

    ``low``, ``high`` (m, l): the box of each leaf, over the features ``rows`` (m,) of all a that
    some leaf restricts; ``gain`` (l,): how much the leaf raises the rival's score over the label's;
    ``sizes`` (g,): the number of leaves of each group, in order. A group is a tree, or several
    merged ones. ``first``, ``last`` (a,): the box of the node, which each leaf intersects;
    ``settled``: the gain that is constant in the box. ``cost`` (m, l): the least cost of each leaf,
    feature by feature, under L2 and L1; (0, l) under L∞. ``priced`` (l,): the gain minus the price
    of that cost, if there is a price; ``credit``: the value of the whole radius at that price.
    """

    low: CellArray
    high: CellArray
    gain: FloatArray
    sizes: IntArray
    first: IntArray
    last: IntArray
    settled: float
    cost: FloatArray
    rows: IntArray
    priced: FloatArray = field(default_factory=lambda: np.zeros(0))
    credit: float = 0.0

    def __post_init__(self) -> None:
        if len(self.priced) != len(self.gain):
            self.priced = self.gain
        #: The index (g,) of the first leaf of each group.
        self.starts: IntArray = self.sizes.cumsum() - self.sizes

    def part(self, first: IntArray, last: IntArray) -> Node:
        """Return the same leaves in another box, which some of them may not intersect."""
        return Node(
            self.low,
            self.high,
            self.gain,
            self.sizes,
            first,
            last,
            self.settled,
            self.cost,
            self.rows,
            self.priced,
            self.credit,
        )

    def most(self) -> FloatArray:
        """Return the largest priced gain of each group (g,)."""
        return np.asarray(np.maximum.reduceat(self.priced, self.starts))

    def bound(self, most: FloatArray) -> float:
        """Return an upper bound on the lead, from the largest gains ``most`` (g,) of the groups."""
        return float(most.sum()) + self.settled + self.credit

    def best(self, most: FloatArray) -> IntArray:
        """Return the first leaf of each group (g,) whose priced gain is the ``most``."""
        at = (self.priced == most.repeat(self.sizes)).nonzero()[0]
        places = self.starts.searchsorted(at, side="right")
        new = np.ones(len(at), dtype=bool)
        np.not_equal(places[1:], places[:-1], out=new[1:])
        return np.asarray(at[new])

    def regret(self, best: IntArray, most: FloatArray) -> FloatArray:
        """Return the least loss (g,) of each group without its ``best`` leaf, inf if alone."""
        priced = self.priced.copy()
        priced[best] = -np.inf
        return np.asarray(most - np.maximum.reduceat(priced, self.starts))

    def keep(self, kept: BoolArray) -> bool:
        """Drop all leaves but ``kept`` (l,); return False if a group has none left."""
        sizes = np.add.reduceat(kept, self.starts, dtype=np.int64)
        if not sizes.all():
            return False
        self._take(kept.nonzero()[0], sizes)
        return True

    def drop_groups(self, dropped: BoolArray) -> None:
        """Drop the groups ``dropped`` (g,), whose gain is already in ``settled``."""
        kept = ~dropped
        self._take(kept.repeat(self.sizes).nonzero()[0], self.sizes[kept])

    def hull(self) -> None:
        """Shrink the box to the part that every group can reach."""
        low = np.minimum.reduceat(self.low, self.starts, axis=1).max(axis=1)
        high = np.maximum.reduceat(self.high, self.starts, axis=1).min(axis=1)
        self.first, self.last = self.within(low, high)

    def within(self, low: CellArray, high: CellArray) -> Box:
        """Return the intersection of the box with ``low`` and ``high`` (m,)."""
        first, last = self.first.copy(), self.last.copy()
        first[self.rows] = np.maximum(first[self.rows], low)
        last[self.rows] = np.minimum(last[self.rows], high)
        return first, last

    def meets(self) -> BoolArray:
        """Mark the leaves that intersect the box."""
        meets = self.low <= self.last[self.rows, None]
        meets &= self.high >= self.first[self.rows, None]
        return np.asarray(meets.all(axis=0))

    def drop_rows(self) -> None:
        """Drop the features that no leaf restricts any more, if that saves much."""
        if self.low.size < _SMALL:
            return
        restricted = (self.low > self.first[self.rows, None]).any(axis=1)
        restricted |= (self.high < self.last[self.rows, None]).any(axis=1)
        at = np.flatnonzero(restricted)
        if len(at) < _SHARE * len(self.rows):
            self.low, self.high, self.rows = self.low[at], self.high[at], self.rows[at]
            if len(self.cost):
                self.cost = self.cost[at]

    def _take(self, at: IntArray, sizes: IntArray) -> None:
        self.low, self.high = self.low.take(at, axis=1), self.high.take(at, axis=1)
        self.cost = self.cost.take(at, axis=1)
        # without a price both names share one array
        priced = self.priced.take(at) if self.priced is not self.gain else None
        self.gain, self.sizes = self.gain.take(at), sizes
        self.priced = self.gain if priced is None else priced
        self.starts = sizes.cumsum() - sizes

    def unprice(self) -> None:
        """Remove the price, so that distance costs nothing."""
        self.priced, self.credit = self.gain, 0.0
