"""What is touched under L0: features of columns, each with the price of touching it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from genlabel_robust.core import BoolArray, ConfigurationError, FloatArray, IntArray
from genlabel_robust.data.columns.number_or_category import Category, Number
from genlabel_robust.threat.constraints.constraints import Constraints
from genlabel_robust.threat.constraints.costs import switch_cost
from genlabel_robust.threat.threat_model import TOLERANCE


@dataclass(frozen=True, eq=False)
class Features:
    """The f features that d columns belong to, and what it costs to touch each of them.

    ``owner`` (d,): the number of each column's feature; ``price`` (f,): 1 where nothing has a
    price, so that a length is a number of features. A category is one feature, whatever columns
    stand for it, and so is a number together with what says that it is missing.
    """

    owner: IntArray
    price: FloatArray

    @classmethod
    def single(cls, d: int) -> Features:
        """Return ``d`` columns, each a feature of the price 1."""
        return cls(np.arange(d), np.ones(d))

    @cached_property
    def _order(self) -> tuple[IntArray, IntArray, FloatArray]:
        """The columns by owner, where those of each owner begin, and these owners' prices."""
        order = np.argsort(self.owner, kind="stable")
        owners, starts = np.unique(self.owner[order], return_index=True)
        return order, starts, self.price[owners]

    @property
    def whole(self) -> bool:
        """Whether every price is a whole number, and with them every length."""
        return bool((self.price == np.rint(self.price)).all())

    def among(self, columns: IntArray) -> Features:
        """Return the features of these ``columns`` (m,), by their places among them."""
        return Features(self.owner[columns], self.price)

    def touched(self, moved: BoolArray) -> BoolArray:
        """Return which of the features that have columns are touched: (..., d) -> (..., g)."""
        order, starts, _ = self._order
        if not len(starts):
            return np.zeros((*moved.shape[:-1], 0), dtype=bool)
        return np.asarray(np.logical_or.reduceat(moved[..., order], starts, axis=-1))

    def length(self, moved: BoolArray) -> FloatArray:
        """Return the prices of what is touched together: (..., d) -> (...)."""
        return np.asarray(self.touched(moved) @ self._order[2])

    def total(self, movable: BoolArray) -> float:
        """Return what touching all the features costs that have a column in ``movable`` (d,)."""
        return float(self.length(movable))

    def project(self, delta: FloatArray, size: FloatArray, eps: float) -> FloatArray:
        """Return the moves (..., d) with as many features as ``eps`` buys, the others at 0.

        The largest are kept, by the ``size`` (..., d) of each column's move; one that the rest of
        the budget does not buy is passed over.
        """
        order, starts, price = self._order
        if not len(starts):
            return np.zeros_like(delta)
        rank = np.maximum.reduceat(size[..., order], starts, axis=-1)
        best = np.argsort(-rank, axis=-1, kind="stable")
        moved = np.take_along_axis(self.touched(delta != 0), best, axis=-1)
        left = np.full(delta.shape[:-1], eps * (1 + TOLERANCE))
        kept = np.zeros(rank.shape, dtype=bool)
        for place in range(rank.shape[-1]):
            cost = price[best[..., place]]
            buys = moved[..., place] & (cost <= left)
            left = left - np.where(buys, cost, 0.0)
            np.put_along_axis(kept, best[..., place, None], buys[..., None], axis=-1)
        columns = np.zeros(delta.shape, dtype=bool)
        counts = np.diff(np.append(starts, len(order)))
        columns[..., order] = np.repeat(kept, counts, axis=-1)
        return np.where(columns, delta, 0.0)


def features_of(
    names: Sequence[str], parts: Sequence[Number | Category], constraints: Constraints
) -> Features:
    """Return the features of the columns ``names`` with their prices, 1 where there is none.

    ``parts``: the columns of the table that they stand for, none where each stands for itself;
    ``constraints``: with the prices, and the one-hot groups. The columns that stand for one column
    of the table are one feature, and so are those of a one-hot group. Raises
    ``ConfigurationError`` where the columns of one feature have different prices.
    """
    number = {name: i for i, name in enumerate(names)}
    owner = np.arange(len(names))
    several = [part.names for part in parts if len(part.names) > 1]
    for columns in (*several, *constraints.one_hot):
        places = [number[name] for name in columns]
        # a group may join what a column of the table has joined before
        owner[np.isin(owner, owner[places])] = owner[places].min()
    owners, owner = np.unique(owner, return_inverse=True)
    price = np.ones(len(owners))
    for feature in range(len(owners)):
        own = [names[int(i)] for i in np.flatnonzero(owner == feature)]
        price[feature] = _price(own, constraints)
    return Features(owner, price)


def _price(columns: Sequence[str], constraints: Constraints) -> float:
    for group in constraints.one_hot:
        if {*group} <= {*columns}:
            return switch_cost(group, constraints)
    costs = {constraints.costs[name] for name in columns if name in constraints.costs}
    if len(costs) > 1:
        shown = ", ".join(f"{name!r} {constraints.costs.get(name, 'none')}" for name in columns)
        raise ConfigurationError(
            f"the encoded features of one column of the table have different costs: {shown}; under "
            "l0 a column has one price, so give them one cost"
        )
    return costs.pop() if costs else 1.0
