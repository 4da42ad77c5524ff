"""Whether a rival class can win anywhere in a row's region: branch and bound.

A node is a box of places with the leaves that each tree can reach in it. Its bound is the sum of
each tree's best leaf. A node whose bound is too small is closed. If the best leaves have a place
in common, the bound is attained there. Otherwise two of them contradict each other: then trees
are merged in pairs, into trees whose leaves are the pairs that do not (the levels of Chen et al.
2019, 1906.03849), or, where a merged tree would be too large, the box is split at a threshold
between the two. Leaves with which the bound would be too small are dropped at any time.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from genlabel_robust.certify.trees.node import Node
from genlabel_robust.certify.trees.region import Region
from genlabel_robust.core.arrays import BoolArray, FloatArray, IntArray

#: The most pairs of leaves that one merger, and one of its pairs of trees, may look at.
_PAIRS, _PAIR = 20_000, 1_500
#: The splits of which both halves are bounded before one is chosen.
_CANDIDATES = 6

#: Says whether the model mislabels the row (d,); the score that the trees give it comes along.
Ask = Callable[[FloatArray, float], bool]


@dataclass(frozen=True, eq=False)
class Found:
    """How a search ended: ``witness`` (d,) or None; ``closed``: whether all nodes were."""

    witness: FloatArray | None
    closed: bool
    work: int


class Search:
    """The search for one rival: ``floor`` is the least gain at which it may win."""

    def __init__(self, region: Region, floor: float, ask: Ask) -> None:
        self._region, self._floor, self._ask = region, floor, ask
        self._costly = region.norm != "linf"
        self.work = 0

    def run(self, root: Node, budget: int) -> Found:
        """Search all of ``root``, or as much as ``budget`` allows."""
        stack = [root]
        while stack:
            if self.work >= budget:
                return Found(None, False, self.work)
            node = stack.pop()
            while True:
                self.work += 1
                if not self.reduce(node):
                    break
                witness, attained = self._attained(node)
                if witness is not None:
                    return Found(witness, True, self.work)
                if not len(node.starts):
                    break
                if attained is None and self._merge(node):
                    continue
                stack += self._split(node, attained)
                break
        return Found(None, True, self.work)

    def reduce(self, node: Node) -> bool:
        """Drop the leaves that cannot matter and shrink the box; false if nothing is left."""
        while True:
            if not len(node.starts):
                return self._shrink(node) and node.settled >= self._floor
            most = node.most()
            excess = most.sum() + node.settled - self._floor
            if excess < 0:
                return False
            kept = node.gain >= np.repeat(most - excess, node.sizes())
            if not kept.all() and not node.keep(kept):
                return False
            node.hull()
            if not self._shrink(node):
                return False
            kept = node.meets()
            if self._costly:
                kept &= self._cheap(node)
            changed = not kept.all()
            if changed and not node.keep(kept):
                return False
            single = node.sizes() == 1
            if single.any():
                # whether the box lies inside the leaf is seen to by the hull
                if changed:
                    node.hull()
                    if not self._shrink(node):
                        return False
                node.settled += float(node.gain[node.starts[single]].sum())
                node.drop_groups(single)
            if not changed:
                return True

    def _shrink(self, node: Node) -> bool:
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
        return not (node.first > node.last).any()

    def _cheap(self, node: Node) -> BoolArray:
        """Mark the leaves that the row can reach within the radius."""
        low = np.clip(node.low, node.first[:, None], node.last[:, None])
        high = np.clip(node.high, node.first[:, None], node.last[:, None])
        return np.asarray(self._region.spent(low, high).sum(axis=0) <= self._region.limit)

    def _attained(self, node: Node) -> tuple[FloatArray | None, tuple[IntArray, IntArray] | None]:
        """Return a witness among the best leaves, or the box of them in which there is none."""
        first, last, score = node.first, node.last, node.settled
        if len(node.starts):
            best = self._best(node)
            first = np.maximum(first, node.low[:, best].max(axis=1))
            last = np.minimum(last, node.high[:, best].min(axis=1))
            if (first > last).any():
                return None, None
            score += float(node.gain[best].sum())
        raw = self._region.nearest(first, last)
        if raw is not None and self._ask(raw, score):
            return raw, (first, last)
        return None, (first, last)

    @staticmethod
    def _best(node: Node) -> IntArray:
        """Return the first best leaf of each group (g,)."""
        is_best = node.gain >= np.repeat(node.most(), node.sizes())
        at = np.flatnonzero(is_best)
        groups = np.searchsorted(node.starts, at, side="right") - 1
        return at[np.unique(groups, return_index=True)[1]]

    def _merge(self, node: Node) -> bool:
        """Merge trees whose best leaves contradict each other; false if all would be too large."""
        best, most, sizes = self._best(node), node.most(), node.sizes()
        gain = node.gain.copy()
        gain[best] = -np.inf
        regret = most - np.maximum.reduceat(gain, node.starts)
        low, high = node.low[:, best], node.high[:, best]
        clash = (low[:, :, None] > high[:, None, :]).any(axis=0)
        clash |= clash.T
        lost = np.where(clash, np.minimum(regret[:, None], regret[None, :]) + 1e-12, -1.0)
        lost[sizes[:, None] * sizes[None, :] > _PAIR] = -1.0
        pairs, total = [], 0
        for one in np.argsort(-regret, kind="stable"):
            other = int(np.argmax(lost[one]))
            if lost[one, other] < 0:
                continue
            total += int(sizes[one] * sizes[other])
            if total > _PAIRS:
                break
            pairs.append((int(one), other))
            lost[[one, other]] = -1.0
            lost[:, [one, other]] = -1.0
        if not pairs:
            return False
        self._replace(node, np.array(pairs), sizes)
        return True

    def _replace(self, node: Node, pairs: IntArray, sizes: IntArray) -> None:
        """Replace each pair of groups (q, 2) by the pairs of their leaves that have a place."""
        one, other = pairs.T
        counts = sizes[one] * sizes[other]
        pair = np.repeat(np.arange(len(pairs)), counts)
        number = np.arange(len(pair)) - np.repeat(np.cumsum(counts) - counts, counts)
        a = node.starts[one][pair] + number // sizes[other][pair]
        b = node.starts[other][pair] + number % sizes[other][pair]
        low = np.maximum(node.low[:, a], node.low[:, b])
        high = np.minimum(node.high[:, a], node.high[:, b])
        kept = np.flatnonzero((low <= high).all(axis=0))
        self.work += len(pair) // 1000
        merged = np.zeros(len(sizes), dtype=bool)
        merged[pairs] = True
        left = np.flatnonzero(~np.repeat(merged, sizes))
        node.gain = np.concatenate([node.gain[left], (node.gain[a] + node.gain[b])[kept]])
        node.low = np.concatenate([node.low[:, left], low[:, kept]], axis=1)
        node.high = np.concatenate([node.high[:, left], high[:, kept]], axis=1)
        now = np.concatenate([sizes[~merged], np.bincount(pair[kept], minlength=len(pairs))])
        node.starts = np.concatenate([[0], np.cumsum(now[:-1])])

    def _split(self, node: Node, attained: tuple[IntArray, IntArray] | None) -> list[Node]:
        """Return both halves of the node's box, the more promising one last."""
        candidates = self._candidates(node) if attained is None else self._around(node, *attained)
        feature = np.array([f for f, _ in candidates])
        place = np.array([p for _, p in candidates])
        left = node.low[feature] <= place[:, None]
        right = node.high[feature] > place[:, None]
        gains = np.where(np.concatenate([left, right]), node.gain, -np.inf)
        bounds = np.maximum.reduceat(gains, node.starts, axis=1).sum(axis=1)
        below, above = bounds[: len(feature)], bounds[len(feature) :]
        chosen = int(np.argmin(np.maximum(below, above) + 0.1 * np.minimum(below, above)))
        halves = []
        for kept, bound, is_left in (
            (left[chosen], below[chosen], True),
            (right[chosen], above[chosen], False),
        ):
            if bound + node.settled < self._floor:
                continue
            first, last = node.first.copy(), node.last.copy()
            if is_left:
                last[feature[chosen]] = place[chosen]
            else:
                first[feature[chosen]] = place[chosen] + 1
            half = Node(node.low, node.high, node.gain, node.starts, first, last, node.settled)
            if half.keep(kept):
                halves.append((bound, half))
        halves.sort(key=lambda pair: pair[0])
        return [half for _, half in halves]

    def _candidates(self, node: Node) -> list[tuple[int, int]]:
        """Return the (feature, place) between which the best leaves contradict each other most."""
        best, most = self._best(node), node.most()
        gain = node.gain.copy()
        gain[best] = -np.inf
        regret = most - np.maximum.reduceat(gain, node.starts) + 1e-12
        low, high = node.low[:, best].astype(np.int64), node.high[:, best].astype(np.int64)
        a, width = len(low), int(node.last.max()) + 1
        high = np.minimum(high, width - 1)
        key = np.arange(a)[:, None] * width
        weights = np.broadcast_to(regret, low.shape).ravel()
        above = np.bincount((key + low).ravel(), weights, a * width).reshape(a, width)
        below = np.bincount((key + high).ravel(), weights, a * width).reshape(a, width)
        # a split after a place takes their best leaf from those that begin above it, or end by it
        left = above.sum(axis=1, keepdims=True) - np.cumsum(above, axis=1)
        right = np.cumsum(below, axis=1)
        worth = np.minimum(left, right) + 1e-3 * (left + right)
        places = np.arange(width)
        inside = (places >= node.first[:, None]) & (places < node.last[:, None])
        worth = np.where(inside & (np.minimum(left, right) > 0), worth, -1.0).ravel()
        top = np.argsort(-worth, kind="stable")[:_CANDIDATES]
        return [(int(i // width), int(i % width)) for i in top if worth[i] > 0]

    @staticmethod
    def _around(node: Node, first: IntArray, last: IntArray) -> list[tuple[int, int]]:
        """Return the splits that cut a box from the rest of the node."""
        after = [(int(f), int(last[f])) for f in np.flatnonzero(last < node.last)]
        return after + [(int(f), int(first[f]) - 1) for f in np.flatnonzero(first > node.first)]
