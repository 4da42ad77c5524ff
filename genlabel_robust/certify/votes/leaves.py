"""The reachable leaves of a vote's trees in boxes, and their contributions to leads."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from genlabel_robust.certify.trees.boxes import CellArray, LeafBoxes
from genlabel_robust.certify.votes.region import Region
from genlabel_robust.core import BoolArray, FloatArray, IntArray

#: The rounding error of float64 sums, in any order, as a share of the largest score.
_ROUNDING = 1e-12


@dataclass(frozen=True, eq=False)
class Leaves:
    """The leaves (l,) of all trees, in order, that a region can reach.

    ``axes`` (f,): the features that have thresholds in the region; ``cuts``: the thresholds of
    each of them there, ascending. ``low``, ``high`` (f, l): the first and last cell of each leaf;
    cell i reaches from cut i - 1 (excluded) to cut i (included). ``gain`` (l, r): a leaf's score
    for the label minus that for each rival; ``starts`` (t,): the first leaf of each tree;
    ``member`` (t,): the member, of m, that each tree belongs to. ``settled`` (m, r): the part of
    the leads that is constant in the region; ``off`` (m, r): how much the library's own leads can
    differ from these sums.
    """

    axes: IntArray
    cuts: list[FloatArray]
    low: CellArray
    high: CellArray
    gain: FloatArray
    starts: IntArray
    member: IntArray
    settled: FloatArray
    off: FloatArray

    @property
    def tree(self) -> IntArray:
        """The tree of each leaf, (l,)."""
        sizes = np.diff(self.starts, append=len(self.gain))
        return np.arange(len(self.starts)).repeat(sizes)

    def cells(self, low: FloatArray, high: FloatArray) -> tuple[IntArray, IntArray]:
        """Return the first and last cells (q, f) of boxes ``low``, ``high`` (q, d)."""
        first = np.zeros((len(low), len(self.axes)), dtype=np.int64)
        last = first.copy()
        for number, (axis, cuts) in enumerate(zip(self.axes, self.cuts, strict=True)):
            first[:, number] = np.searchsorted(cuts, low[:, axis])
            last[:, number] = np.searchsorted(cuts, high[:, axis])
        return first, last

    def reached(self, first: IntArray, last: IntArray, mask: BoolArray) -> BoolArray:
        """Mark the leaves of ``mask`` (q, l) that boxes of cells (q, f) reach."""
        mask = mask.copy()
        for number in range(len(self.axes)):
            mask &= self.low[number] <= last[:, number : number + 1]
            mask &= self.high[number] >= first[:, number : number + 1]
        return mask

    def extremes(self, mask: BoolArray) -> tuple[FloatArray, FloatArray]:
        """Return each tree's smallest and largest gain, (q, t, r), over the leaves in ``mask``."""
        q, r = len(mask), self.gain.shape[1]
        least = np.empty((q, len(self.starts), r))
        most = least.copy()
        for rival in range(r if len(self.starts) else 0):
            gain = self.gain[:, rival]
            least[..., rival] = np.minimum.reduceat(
                np.where(mask, gain, np.inf), self.starts, axis=1
            )
            most[..., rival] = np.maximum.reduceat(
                np.where(mask, gain, -np.inf), self.starts, axis=1
            )
        return least, most

    def leads(self, least: FloatArray, most: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Sum bounds (q, t, r) of trees' gains to bounds (q, m, r) of each member's leads."""
        of = np.eye(len(self.settled))[self.member]
        return (
            np.einsum("qtr,tm->qmr", least, of) + self.settled - self.off,
            np.einsum("qtr,tm->qmr", most, of) + self.settled + self.off,
        )


def leaves_in(boxes: Sequence[LeafBoxes], region: Region, y: int, rivals: IntArray) -> Leaves:
    """Return the leaves of all members' trees that ``region`` can reach, for the label ``y``."""
    cuts = []
    for i, (low, high) in enumerate(zip(region.low, region.high, strict=True)):
        known = np.concatenate([np.zeros(0), *(part.thresholds[i] for part in boxes)])
        cuts.append(np.unique(known[(known >= low) & (known < high)]))
    axes = np.array([i for i, known in enumerate(cuts) if len(known)], dtype=np.int64)
    if not boxes:
        none = np.zeros(0, dtype=np.int64)
        cells, gain = np.zeros((0, 0), dtype=np.int32), np.zeros((0, len(rivals)))
        return Leaves(axes, [], cells, cells, gain, none, none, gain, gain)
    parts = [_of_member(part, region, axes, cuts, y, rivals) for part in boxes]
    settled: FloatArray = np.stack([part[4] for part in parts])
    off: FloatArray = np.stack([part[5] for part in parts])
    sizes = [len(part[3]) for part in parts]
    lows, highs = (np.concatenate([part[i] for part in parts], axis=1) for i in (0, 1))
    counts = np.concatenate([part[3] for part in parts])
    return Leaves(
        axes,
        [cuts[i] for i in axes],
        lows,
        highs,
        np.concatenate([part[2] for part in parts]),
        np.cumsum(counts) - counts,
        np.arange(len(boxes)).repeat(sizes),
        settled,
        off,
    )


def _of_member(
    boxes: LeafBoxes,
    region: Region,
    axes: IntArray,
    cuts: list[FloatArray],
    y: int,
    rivals: IntArray,
) -> tuple[CellArray, CellArray, FloatArray, IntArray, FloatArray, FloatArray]:
    """Return a member's ``low``, ``high``, ``gain``, leaves per tree (t,), ``settled``, ``off``."""
    first, last = (
        np.array([np.searchsorted(*pair) for pair in zip(boxes.thresholds, edge, strict=True)])
        for edge in (region.low[:, None], region.high[:, None])
    )
    kept = np.flatnonzero(((boxes.low <= last) & (boxes.high >= first)).all(axis=0))
    gain = boxes.value[kept][:, [y]] - boxes.value[kept][:, rivals]
    starts = np.flatnonzero(np.diff(boxes.tree[kept], prepend=-1))
    base = boxes.base[y] - boxes.base[rivals]
    largest = np.abs(boxes.value[kept][:, [y, *rivals]]).max(axis=1)
    size = np.maximum.reduceat(largest, starts).sum() + np.abs(boxes.base).max()
    off = 2 * boxes.rounding + _ROUNDING * 2 * size + np.zeros(len(rivals))
    sizes = np.diff(starts, append=len(kept))
    single = sizes == 1
    settled = base + gain[starts[single]].sum(axis=0)
    moving = ~single.repeat(sizes)
    kept, gain = kept[moving], gain[moving]
    low = np.zeros((len(axes), len(kept)), dtype=np.int32)
    high = low.copy()
    for number, axis in enumerate(axes.tolist()):
        own, all_cuts = boxes.thresholds[axis], cuts[axis]
        # a leaf's first and last value, as cells between the cuts in the region
        begins = np.append(-np.inf, own)[boxes.low[axis, kept]]
        ends_at = np.append(own, np.inf)[boxes.high[axis, kept]]
        low[number] = np.searchsorted(all_cuts, begins, side="right")
        high[number] = np.searchsorted(all_cuts, ends_at, side="left")
    return low, high, gain, sizes[~single], settled, off
