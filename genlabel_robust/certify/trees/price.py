"""A price of distance under L2 and L1, where all features share one budget.

A row costs, feature by feature, at least what each leaf that it reaches costs there. So any
shares a of the trees, of each feature at most 1 in all, give a bound: the cost of a row is at
least the sum of a · cost over trees and features, at most the radius; and the lead is at most
price · radius + the sum over trees of the best leaf's gain - price · a · cost (weak duality).
Shares go to the trees that gain by moving a feature; of several prices the best is taken.
"""

import numpy as np

from genlabel_robust.certify.trees.node import Node
from genlabel_robust.core import FloatArray

#: How often the shares are adapted to the leaves that were best at the last price.
_ROUNDS = 3
#: Prices, as multiples of what closes the node if the whole radius is spent.
_PRICES = np.array([0.1, 0.2, 0.4, 0.7, 1.0, 1.4, 2.0, 3.0, 5.0])


def price(node: Node, excess: FloatArray, left: float, floor: float) -> None:
    """Set the prices of the leaves of ``node``, if there are some that lower its bound.

    ``excess`` (a, l): what each leaf costs more than the node does; ``left``: how much more may
    be spent.
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
