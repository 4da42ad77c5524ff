"""Features as L0 counts them: sets of columns, each with the cost of changing it."""

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
    """The f features to which d columns belong, and the cost of changing each feature.

    ``owner`` (d,): the number of each column's feature; ``price`` (f,): 1 for a feature without a
    cost, so that lengths count features. All columns of a category are one feature, and so are a
    number and the mark of its missing values.
    """

    owner: IntArray
    price: FloatArray

    @classmethod
    def single(cls, d: int) -> Features:
        """Return ``d`` columns, each of which is a feature of cost 1."""
        return cls(np.arange(d), np.ones(d))

    @cached_property
    def _order(self) -> tuple[IntArray, IntArray, FloatArray]:
        """The columns sorted by owner, the start of each owner's columns, and their prices."""
        order = np.argsort(self.owner, kind="stable")
        owners, starts = np.unique(self.owner[order], return_index=True)
        return order, starts, self.price[owners]

    @property
    def whole(self) -> bool:
        """Whether every price, and therefore every length, is a whole number."""
        return bool((self.price == np.rint(self.price)).all())

    def among(self, columns: IntArray) -> Features:
        """Return the features of ``columns`` (m,) alone, in their order."""
        return Features(self.owner[columns], self.price)

    def touched(self, moved: BoolArray) -> BoolArray:
        """Mark which of the g features that have columns are changed: (..., d) -> (..., g)."""
        order, starts, _ = self._order
        if not len(starts):
            return np.zeros((*moved.shape[:-1], 0), dtype=bool)
        return np.asarray(np.logical_or.reduceat(moved[..., order], starts, axis=-1))

    def length(self, moved: BoolArray) -> FloatArray:
        """Return the sum of the prices of the changed features: (..., d) -> (...)."""
        return np.asarray(self.touched(moved) @ self._order[2])

    def total(self, movable: BoolArray) -> float:
        """Return the cost of changing all features that have a column in ``movable`` (d,)."""
        return float(self.length(movable))

    def project(self, delta: FloatArray, size: FloatArray, eps: float) -> FloatArray:
        """Return the moves (..., d) with as many features as ``eps`` buys and all others at 0.

        Features are kept in descending order of the ``size`` (..., d) of their columns' moves; one
        that the rest of the budget cannot buy is skipped.
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
    """Return the features of the columns ``names`` with their prices, 1 by default.

    ``parts``: the table's columns that the ``names`` encode, empty if they are the columns;
    ``constraints``: with the costs and the one-hot groups. All columns that encode one column of
    the table are one feature, and so are those of a one-hot group. Raises ``ConfigurationError`` if
    the columns of one feature have different costs.
    """
    number = {name: i for i, name in enumerate(names)}
    owner = np.arange(len(names))
    several = [part.names for part in parts if len(part.names) > 1]
    for columns in (*several, *constraints.one_hot):
        places = [number[name] for name in columns]
        # a group may merge features that a column of the table has formed before
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
        listed = ", ".join(f"{name!r} {constraints.costs.get(name, 'none')}" for name in columns)
        raise ConfigurationError(
            f"the encoded features of one column of the table have different costs: {listed}; "
            "under l0 a column has one price, so give them one cost"
        )
    return costs.pop() if costs else 1.0
