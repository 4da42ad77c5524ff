"""Split a node's box at a threshold."""

import numpy as np

from genlabel_robust.certify.trees.node import Node
from genlabel_robust.core import IntArray

#: The number of splits that are bounded before one is chosen.
_CANDIDATES = 6
#: The weight of the better half's bound relative to that of the worse half.
_SECOND = 0.1


def between_best(node: Node) -> list[tuple[int, int]]:
    """Return the (row, place) after which a split takes the most from the best leaves."""
    most = node.most()
    best = node.best(most)
    # a tie loses nothing at first, but its leaves contradict each other all the same
    regret = node.regret(best, most) + 1e-12
    first, last = node.first[node.rows, None], node.last[node.rows, None]
    a, width = len(node.rows), int(last.max()) + 1
    key = np.arange(0, a * width, width)[:, None]
    weights = np.broadcast_to(regret, (a, len(best))).ravel()
    low, high = node.low[:, best], np.minimum(node.high[:, best], width - 1)
    begin = np.bincount((key + low).ravel(), weights, a * width).reshape(a, width)
    end = np.bincount((key + high).ravel(), weights, a * width).reshape(a, width)
    # the lower half loses the leaves that begin after the place, the upper one those that end there
    left = begin.sum(axis=1, keepdims=True) - begin.cumsum(axis=1)
    right = end.cumsum(axis=1)
    least = np.minimum(left, right)
    places = np.arange(width)
    inside = (places >= first) & (places < last) & (least > 0)
    worth = np.where(inside, least + 1e-3 * (left + right), -1.0).ravel()
    top = np.argsort(-worth, kind="stable")[:_CANDIDATES]
    return [(int(i // width), int(i % width)) for i in top if worth[i] > 0]


def around(node: Node, first: IntArray, last: IntArray) -> list[tuple[int, int]]:
    """Return the (row, place) after which a split separates a box from the rest of the node."""
    first, last = first[node.rows], last[node.rows]
    above = (last < node.last[node.rows]).nonzero()[0]
    below = (first > node.first[node.rows]).nonzero()[0]
    return [(int(i), int(last[i])) for i in above] + [(int(i), int(first[i]) - 1) for i in below]


def split(node: Node, candidates: list[tuple[int, int]], floor: float) -> list[Node]:
    """Return the halves of ``node`` that can reach ``floor``, the more promising one last.

    Takes the split of ``candidates``, (row, place), with the smallest bounds.
    """
    row, place = np.array(candidates).T
    left = node.low[row] <= place[:, None]
    right = node.high[row] > place[:, None]
    gains = np.where(np.concatenate([left, right]), node.priced, -np.inf)
    bounds = np.maximum.reduceat(gains, node.starts, axis=1).sum(axis=1)
    below, above = bounds[: len(row)], bounds[len(row) :]
    chosen = int(np.argmin(np.maximum(below, above) + _SECOND * np.minimum(below, above)))
    last, first = node.last.copy(), node.first.copy()
    feature = node.rows[row[chosen]]
    last[feature], first[feature] = place[chosen], place[chosen] + 1
    halves = [
        (below[chosen], left[chosen], node.part(node.first, last)),
        (above[chosen], right[chosen], node.part(first, node.last)),
    ]
    halves.sort(key=lambda half: half[0])
    return [
        half
        for bound, kept, half in halves
        if bound + node.settled + node.credit >= floor and half.keep(kept)
    ]
