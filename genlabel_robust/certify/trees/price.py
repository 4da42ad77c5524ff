"""A price of distance under L2 and L1, where all features share one budget.

In each feature a row costs at least as much as each leaf that it reaches. So shares a of the
trees, at most 1 in sum for each feature, give a bound. The sum of a · cost over trees and features
is at most the cost of the row, which is at most the radius. Hence the lead is at most
price · radius + the sum over trees of the best leaf's gain - price · a · cost (weak duality).
Trees get shares in proportion to their gain from moving a feature; the best of several prices is
taken.
"""

import numpy as np

from genlabel_robust.certify.trees.node import Node
from genlabel_robust.core import FloatArray

#: How often the shares are updated by the best leaves at the last price.
_ROUNDS = 3
#: Candidate prices, as multiples of the one that closes the node if the whole radius is spent.
_PRICES = np.array([0.1, 0.2, 0.4, 0.7, 1.0, 1.4, 2.0, 3.0, 5.0])


def price(node: Node, excess: FloatArray, left: float, floor: float) -> None:
    """Set the prices of the leaves of ``node``, if some price lowers its bound.

    ``excess`` (a, l): the cost of each leaf minus that of the node; ``left``: the remaining budget;
    ``floor``: the bound below which the node is closed.
    """
    total = excess.sum(axis=0)
    most = node.most()
    best_bound = node.bound(most)
    if left <= 0 or not total.any():
        return
    free = np.maximum.reduceat(np.where(total == 0, node.gain, -np.inf), node.starts)
    shares = np.zeros((len(excess), len(node.sizes)))
    prices = _PRICES * (best_bound - floor) / left
    priced = node.gain
    for _ in range(_ROUNDS):
        most = np.maximum.reduceat(priced, node.starts)
        at = (priced == most.repeat(node.sizes)).nonzero()[0]
        groups = node.starts.searchsorted(at, side="right") - 1
        at = at[np.unique(groups, return_index=True)[1]]
        worth = np.minimum(node.gain[at] - free, best_bound - floor)
        wanted = excess[:, at]
        shares += worth * wanted / np.maximum(wanted.sum(axis=0), 1e-300)
        share = shares / np.maximum(shares.sum(axis=1, keepdims=True), 1e-300)
        toll = (share.repeat(node.sizes, axis=1) * excess).sum(axis=0)
        tried = node.gain - prices[:, None] * toll
        bounds = np.maximum.reduceat(tried, node.starts, axis=1).sum(axis=1)
        bounds += node.settled + prices * left
        chosen = int(bounds.argmin())
        priced = tried[chosen]
        if bounds[chosen] < best_bound:
            best_bound = float(bounds[chosen])
            node.priced, node.credit = priced, float(prices[chosen]) * left
            if best_bound < floor:
                return
