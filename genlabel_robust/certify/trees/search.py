"""Branch and bound: whether a rival class can win anywhere in a row's region.

A node is a box of places with the leaves that each tree can reach in it. Its bound is the sum of
each tree's best leaf. A node with too small a bound is closed. If the best leaves intersect, the
bound is attained there. Otherwise two of them contradict each other: then trees are merged, or, if
a merged tree would be too large, the box is split at a threshold between the two. Leaves with which
the bound would be too small are dropped at any time.
"""

from dataclasses import dataclass

import numpy as np

from genlabel_robust.certify.related.cells import RelatedCells
from genlabel_robust.certify.trees.judge import Judge
from genlabel_robust.certify.trees.merge import merge
from genlabel_robust.certify.trees.node import Box, Node
from genlabel_robust.certify.trees.price import price
from genlabel_robust.certify.trees.region import Region
from genlabel_robust.certify.trees.split import around, between_best, split
from genlabel_robust.core import BoolArray, FloatArray


@dataclass(frozen=True, eq=False)
class Found:
    """The end of a search: ``witness`` (d,) or None; ``closed``: whether all nodes were closed."""

    witness: FloatArray | None
    closed: bool
    work: int


class Search:
    """The search for one rival: ``floor`` is the smallest lead with which it may win.

    It ends at the first witness. With ``nearest``, under L2 and L1, each witness instead shrinks
    the radius, and the last one is the nearest. ``related``: the relations that rows must satisfy,
    None without any: a box that contains no such row is closed.
    """

    def __init__(
        self,
        region: Region,
        floor: float,
        judge: Judge,
        *,
        nearest: bool = False,
        related: RelatedCells | None = None,
    ) -> None:
        self._region, self._floor, self._judge, self._nearest = region, floor, judge, nearest
        self._costly, self._related = region.norm != "linf", related
        self._witness: FloatArray | None = None
        self._work = 0

    def run(self, root: Node, budget: int) -> Found:
        """Search all of ``root``, or as much as ``budget`` allows."""
        stack = [root]
        while stack:
            node = stack.pop()
            while self._reduce(node):
                self._work += 1
                if self._work > budget:
                    return Found(self._witness, False, self._work)
                witness, attained = self._attained(node)
                if witness is None and attained is None:
                    witness = self._plunge(node)
                if witness is not None:
                    if self._is_last(witness):
                        return Found(witness, True, self._work)
                    continue
                if not len(node.sizes):
                    break
                pairs = merge(node) if attained is None else 0
                self._work += pairs // 1000
                if not pairs:
                    candidates = around(node, *attained) if attained else between_best(node)
                    stack += split(node, candidates, self._floor)
                    break
            else:
                self._work += 1
        witness = self._judge.rest()
        closed = self._related is None or not self._related.undecided
        return Found(self._witness if witness is None else witness, closed, self._work)

    def _is_last(self, witness: FloatArray) -> bool:
        """Record a witness; return whether it ends the search, else shrink the radius."""
        self._witness = witness
        if self._nearest:
            self._region.draw_in(self._judge.draw_in(witness))
        return not self._nearest

    def _reduce(self, node: Node) -> bool:
        """Drop the leaves that cannot matter and shrink the box; False if nothing is left."""
        hulled, priced = False, not self._costly
        if not node.sizes.all():
            return False  # two merged trees have no intersecting leaves in this box
        node.unprice()
        while len(node.sizes):
            most = node.most()
            excess = node.bound(most) - self._floor
            if excess < 0:
                return False
            kept = node.priced >= (most - excess).repeat(node.sizes)
            if not kept.all():
                if not node.keep(kept):
                    return False
                hulled = False
            if not hulled:
                node.hull()
                if not self._shrink(node):
                    return False
                kept = self._reachable(node)
                hulled = bool(kept.all())
                if not hulled:
                    if not node.keep(kept):
                        return False
                    continue
            if not priced:
                least = self._region.spent(node.first, node.last)
                more = np.maximum(node.cost - least[node.rows, None], 0.0)
                price(node, more, float(self._region.limit - least.sum()), self._floor)
                priced = True
                continue
            # a group with a single leaf: the box lies inside that leaf
            single = node.sizes == 1
            if single.any():
                node.settled += float(node.gain[node.starts[single]].sum())
                node.drop_groups(single)
            node.drop_rows()
            return True
        return self._shrink(node) and node.settled >= self._floor

    def _shrink(self, node: Node) -> bool:
        """Cut off what one-hot groups and the radius exclude; False if nothing is left."""
        region = self._region
        if (node.first > node.last).any() or not region.consistent(node.first, node.last):
            return False
        if self._costly:
            spent = region.spent(node.first, node.last)
            left = region.limit - spent.sum() + spent
            if (left < 0).any():
                return False
            too_low = (region.down > left[:, None]).sum(axis=1)
            too_high = ((region.up > left[:, None]) & np.isfinite(region.cost)).sum(axis=1)
            node.first = np.maximum(node.first, too_low)
            node.last = np.minimum(node.last, region.last - too_high)
            if (node.first > node.last).any():
                return False
        return self._related is None or self._related.possible(node.first, node.last)

    def _reachable(self, node: Node) -> BoolArray:
        """Mark the leaves that intersect the box within the radius."""
        kept = node.meets()
        if self._costly:
            least = self._region.spent(node.first, node.last)
            more = np.maximum(node.cost - least[node.rows, None], 0.0).sum(axis=0)
            kept &= more <= self._region.limit - least.sum()
        return kept

    def _attained(self, node: Node) -> tuple[FloatArray | None, Box | None]:
        """Return a witness among the best leaves, and their intersection, each None without one."""
        first, last, lead = node.first, node.last, node.settled
        if len(node.sizes):
            best = node.best(node.most())
            first, last = node.within(node.low[:, best].max(axis=1), node.high[:, best].min(axis=1))
            if (first > last).any():
                return None, None
            lead += float(node.gain[best].sum())
        if lead < self._floor:
            return None, (first, last)
        raw = self._region.nearest(first, last)
        if raw is not None and self._related is not None:
            raw = self._related.nearest(first, last, raw)
            self._work, self._related.work = self._work + self._related.work, 0
        return None if raw is None else self._judge.judge(raw, lead), (first, last)

    def _plunge(self, node: Node) -> FloatArray | None:
        """Search greedily for a witness: fix the best leaves by regret, while they intersect."""
        node = node.part(node.first, node.last)
        while True:
            most = node.most()
            best = node.best(most)
            if node.bound(most) < self._floor:
                return None
            best = best[np.argsort(-node.regret(best, most), kind="stable")]
            low = np.maximum.accumulate(node.low[:, best], axis=1)
            high = np.minimum.accumulate(node.high[:, best], axis=1)
            agree = ((low <= high) & (low <= node.last[node.rows, None])).all(axis=0)
            agree &= (high >= node.first[node.rows, None]).all(axis=0)
            until = int(agree.sum()) - 1
            node.first, node.last = node.within(low[:, until], high[:, until])
            if not self._shrink(node):
                return None
            if agree.all():
                lead = float(node.gain[best].sum()) + node.settled
                raw = self._region.nearest(node.first, node.last)
                if raw is not None and self._related is not None:
                    raw = self._related.near(node.first, node.last, raw)
                if raw is None or lead < self._floor:
                    return None
                return self._judge.judge(raw, lead)
            if not node.keep(self._reachable(node)):
                return None
