"""Branch and bound over boxes of one region: returns a proof, a witness, or leaves it open."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from genlabel_robust.certify.votes.bounds import Bounder, Boxes
from genlabel_robust.certify.votes.branching import best_leaves, chosen_cut
from genlabel_robust.certify.votes.hunt import Hunt
from genlabel_robust.core import FloatArray

#: The number of boxes that are cut at once.
_BATCH = 64
#: How many trees, those that matter most first, move a query point into their best leaves.
_DRAWN = 24


@dataclass(eq=False)
class Search:
    """The search of ``bounder``'s region; ``work``: the boxes that may be bounded.

    ``hunt``: queries the model; ``stop``: called between steps. ``used``: the boxes bounded so far.
    """

    bounder: Bounder
    hunt: Hunt
    eps: float
    work: int
    stop: Callable[[], bool] = lambda: False
    used: int = 0
    _open: int = 0

    def run(self, root: Boxes) -> str:
        """Return "proved", "broken" or "open"."""
        stack = [root.take(root.value <= 0)]
        while stack:
            boxes = stack.pop()
            if not len(boxes):
                continue
            if self.hunt.ask(self._points(boxes), self.eps):
                return "broken"
            boxes = self._settled(boxes)
            if self.hunt.broken(self.eps):
                return "broken"
            if not len(boxes):
                continue
            if self.used >= self.work or self.stop():
                return "open"
            children = self._halves(boxes)
            order = np.argsort(-children.value, kind="stable")
            stack += [
                children.take(order[begin : begin + _BATCH])
                for begin in range(0, len(order), _BATCH)
            ]
        return "open" if self._open else "proved"

    def _settled(self, boxes: Boxes) -> Boxes:
        """Query the model once in each box where it is constant; return the other boxes."""
        if self.bounder.smooth:
            return boxes
        reached = self.bounder.leaves.tree[:, None] == np.arange(len(self.bounder.leaves.starts))
        constant = (boxes.mask.astype(np.int64) @ reached.astype(np.int64) == 1).all(axis=1)
        for number in np.flatnonzero(constant):
            right = self.hunt.settles(boxes.low[number], boxes.high[number], self.eps)
            self._open += not right
        return boxes.take(~constant)

    def _halves(self, boxes: Boxes) -> Boxes:
        """Cut each box in two; return the halves that are not proved."""
        cut = chosen_cut(self.bounder, boxes)
        self._open += int((~cut.possible).sum())
        boxes = boxes.take(cut.possible)
        axes, below, above = (part[cut.possible] for part in (cut.axes, cut.below, cut.above))
        q, every = len(boxes), np.arange(len(boxes))
        low, high = np.tile(boxes.low, (2, 1)), np.tile(boxes.high, (2, 1))
        high[every, axes], low[q + every, axes] = below, above
        low, high = self.bounder.region.wholes(low, high)
        kept = np.flatnonzero(~self.bounder.region.empty(low, high))
        self.used += len(kept)
        if not len(kept):
            return boxes.take(kept)
        halves = self.bounder.bounded(low[kept], high[kept], boxes.mask[kept % q])
        return halves.take(halves.value <= 0)

    def _points(self, boxes: Boxes) -> FloatArray:
        """Return points (q, d), or two per box, where the lead is probably small."""
        bounder, leaves, every = self.bounder, self.bounder.leaves, np.arange(len(boxes))
        region = bounder.region
        low = np.maximum(boxes.low, region.inner_low)
        high = np.maximum(np.minimum(boxes.high, region.inner_high), low)
        if len(leaves.starts):
            best = best_leaves(bounder, boxes)
            weight = (boxes.most - boxes.least) * boxes.steep[:, leaves.member]
            order = np.argsort(-weight, axis=1, kind="stable")[:, :_DRAWN]
            begins, ends = _edges(bounder)
            for tree in order.T:
                leaf = best[every, tree]
                least, most = low.copy(), high.copy()
                least[:, leaves.axes] = np.maximum(low[:, leaves.axes], begins[:, leaf].T)
                most[:, leaves.axes] = np.minimum(high[:, leaves.axes], ends[:, leaf].T)
                agree = (least <= most).all(axis=1, keepdims=True)
                low, high = np.where(agree, least, low), np.where(agree, most, high)
        nearest = np.clip(region.choice.row, low, high)
        down = np.zeros(low.shape)
        first = len(bounder.members) - len(bounder.smooth)
        for number, part in enumerate(bounder.smooth):
            slopes = part.slopes(nearest)
            slope = slopes[every, np.minimum(boxes.rival, slopes.shape[1] - 1)]
            down += slope * boxes.steep[:, [first + number]]
        corner = np.where(down > 0, low, np.where(down < 0, high, nearest))
        return np.concatenate([nearest, corner]) if bounder.smooth else nearest


def _edges(bounder: Bounder) -> tuple[FloatArray, FloatArray]:
    """Return the lower and upper ends of the leaves, in raw units: (f, l) and (f, l)."""
    leaves = bounder.leaves
    begins, ends = [], []
    for number, cuts in enumerate(leaves.cuts):
        begins.append(np.append(-np.inf, np.nextafter(cuts, np.inf))[leaves.low[number]])
        ends.append(np.append(cuts, np.inf)[leaves.high[number]])
    return np.stack(begins), np.stack(ends)
