"""Merge trees in pairs, so that contradictory pairs of leaves no longer count in the bound.

The leaves of a merged tree are the pairs of leaves whose boxes intersect. Source: the levels of
Chen et al. 2019 (1906.03849); here only trees whose best leaves contradict each other are merged,
because only they lower the bound.
"""

import numpy as np

from genlabel_robust.certify.trees.node import Node
from genlabel_robust.core import IntArray

#: The most pairs of leaves that one call may create, and that one pair of trees may create.
ALL_PAIRS, PAIRS = 20_000, 200


def merge(node: Node) -> int:
    """Merge trees of ``node``; return the number of pairs of leaves, 0 if all are too large."""
    most = node.most()
    best = node.best(most)
    regret = node.regret(best, most)
    low, high = node.low[:, best], node.high[:, best]
    clash = (low[:, :, None] > high[:, None, :]).any(axis=0)
    clash |= clash.T
    # a tie loses nothing at first, but its leaves contradict each other all the same
    lost = np.where(clash, np.minimum(regret[:, None], regret) + 1e-12, -1.0)
    counts = node.sizes[:, None] * node.sizes
    lost[counts > PAIRS] = -1.0
    pairs, total = [], 0
    for one in np.argsort(-regret, kind="stable"):
        other = int(lost[one].argmax())
        if lost[one, other] < 0:
            continue
        total += int(counts[one, other])
        if total > ALL_PAIRS:
            break
        pairs.append((int(one), other))
        lost[[one, other]] = -1.0
        lost[:, [one, other]] = -1.0
    if pairs:
        _replace(node, np.array(pairs))
    return total if pairs else 0


def _replace(node: Node, pairs: IntArray) -> None:
    """Replace the pairs of groups (q, 2) by groups of their intersecting pairs of leaves."""
    one, other = pairs.T
    sizes = node.sizes
    counts = sizes[one] * sizes[other]
    pair = np.arange(len(pairs)).repeat(counts)
    number = np.arange(len(pair)) - (counts.cumsum() - counts).repeat(counts)
    a = node.starts[one][pair] + number // sizes[other][pair]
    b = node.starts[other][pair] + number % sizes[other][pair]
    low = np.maximum(node.low[:, a], node.low[:, b])
    high = np.minimum(node.high[:, a], node.high[:, b])
    kept = np.flatnonzero((low <= high).all(axis=0))
    merged = np.zeros(len(sizes), dtype=bool)
    merged[pairs] = True
    left = (~merged.repeat(sizes)).nonzero()[0]
    node.gain = np.concatenate([node.gain[left], (node.gain[a] + node.gain[b])[kept]])
    node.unprice()
    cost = np.maximum(node.cost[:, a[kept]], node.cost[:, b[kept]])
    node.cost = np.concatenate([node.cost[:, left], cost], axis=1)
    node.low = np.concatenate([node.low[:, left], low[:, kept]], axis=1)
    node.high = np.concatenate([node.high[:, left], high[:, kept]], axis=1)
    node.sizes = np.concatenate([sizes[~merged], np.bincount(pair[kept], minlength=len(pairs))])
    node.starts = node.sizes.cumsum() - node.sizes
