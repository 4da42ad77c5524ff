"""Lengths under L0 as sums over columns, which searches and programs add up."""

import numpy as np

from genlabel_robust.core import FloatArray
from genlabel_robust.threat import AttackSpace


def column_prices(space: AttackSpace) -> FloatArray:
    """Return what touching each column (d,) costs at least, whatever else is touched.

    A switch touches two columns of its group, each for half of the price. Where several columns of
    another feature may change, each costs its share: together that is the price, and one alone
    costs less than it does. So sums are never too large. They are the price of the nearest row in
    a box where each feature has one column that may change, or is a category; elsewhere that row
    is the nearest all the same, and what is found is measured in full.
    """
    owned = space.touchable
    columns = np.bincount(owned.owner[space.mutable], minlength=len(owned.price))
    share = owned.price / np.maximum(columns, 1)
    for group in space.rules.one_hot:
        share[owned.owner[list(group)]] = owned.price[owned.owner[list(group)]] / 2
    return np.asarray(share[owned.owner])


def next_price(space: AttackSpace, radius: float) -> float:
    """Return the least length above ``radius`` that there can be, inf where nothing costs more."""
    owned = space.touchable
    if radius >= owned.total(space.mutable):
        return float("inf")
    if owned.whole:
        return float(np.floor(radius) + 1)
    return float(np.nextafter(radius, np.inf))
