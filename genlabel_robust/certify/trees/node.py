"""A part of a row's region, with the leaves that it can reach."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from genlabel_robust.certify.trees.boxes import CellArray
from genlabel_robust.core.arrays import BoolArray, FloatArray, IntArray


@dataclass(eq=False)
class Node:
    """Leaves (l,) in groups, one of each group to be chosen, in a box of places.

    ``low``, ``high`` (a, l): the box of each leaf, over a features; ``gain`` (l,): by how much
    it raises the rival's score over the label's; ``starts`` (g,): where each group begins. A
    group is a tree, or several merged ones. ``first``, ``last`` (a,): the box of the node, which
    each leaf meets; ``settled``: the gain of what is the same in all of it.
    """

    low: CellArray
    high: CellArray
    gain: FloatArray
    starts: IntArray
    first: IntArray
    last: IntArray
    settled: float

    def sizes(self) -> IntArray:
        """Return the number of leaves of each group (g,)."""
        return np.diff(self.starts, append=len(self.gain))

    def most(self) -> FloatArray:
        """Return the largest gain of each group (g,)."""
        return np.asarray(np.maximum.reduceat(self.gain, self.starts))

    def keep(self, kept: BoolArray) -> bool:
        """Drop all leaves but ``kept`` (l,); false if a group has none left."""
        sizes = np.add.reduceat(kept, self.starts, dtype=np.int64)
        if not sizes.all():
            return False
        at = np.flatnonzero(kept)
        self.low, self.high, self.gain = self.low[:, at], self.high[:, at], self.gain[at]
        self.starts = np.concatenate([[0], np.cumsum(sizes[:-1])])
        return True

    def drop_groups(self, dropped: BoolArray) -> None:
        """Drop the groups ``dropped`` (g,), whose gain is settled."""
        sizes = self.sizes()
        at = np.flatnonzero(~np.repeat(dropped, sizes))
        self.low, self.high, self.gain = self.low[:, at], self.high[:, at], self.gain[at]
        sizes = sizes[~dropped]
        self.starts = np.concatenate([[0], np.cumsum(sizes)])[: len(sizes)].astype(np.int64)

    def hull(self) -> None:
        """Shrink the box to what every group can reach at all."""
        low = np.minimum.reduceat(self.low, self.starts, axis=1).max(axis=1)
        high = np.maximum.reduceat(self.high, self.starts, axis=1).min(axis=1)
        self.first, self.last = np.maximum(self.first, low), np.minimum(self.last, high)

    def meets(self) -> BoolArray:
        """Mark the leaves that meet the box."""
        return np.asarray(
            ((self.low <= self.last[:, None]) & (self.high >= self.first[:, None])).all(axis=0)
        )
