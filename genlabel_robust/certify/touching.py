"""L0 lengths as sums over columns, which searches and programs can add up."""

import numpy as np

from genlabel_robust.core import FloatArray
from genlabel_robust.threat import AttackSpace


def column_prices(space: AttackSpace) -> FloatArray:
    """Return a lower bound (d,) on the L0 cost of touching each column.

    A switch touches two columns of its group, each for half of the price. Where several columns of
    another feature may change, each costs its share: together they cost the price, and one alone
    costs less than it really does. So sums are never too large. They equal the L0 length if each
    feature has one changeable column or is categorical. Otherwise the row with the smallest sum is
    still the nearest one, and results are measured by their true length.
    """
    owned = space.touchable
    columns = np.bincount(owned.owner[space.mutable], minlength=len(owned.price))
    share = owned.price / np.maximum(columns, 1)
    for group in space.rules.one_hot:
        share[owned.owner[list(group)]] = owned.price[owned.owner[list(group)]] / 2
    return np.asarray(share[owned.owner])


def next_price(space: AttackSpace, radius: float) -> float:
    """Return the smallest possible length above ``radius``, inf if there is none."""
    owned = space.touchable
    if radius >= owned.total(space.mutable):
        return float("inf")
    if owned.whole:
        return float(np.floor(radius) + 1)
    return float(np.nextafter(radius, np.inf))
