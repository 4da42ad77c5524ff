"""Which columns of a table are one feature, and the price of touching it."""

from collections.abc import Sequence

import numpy as np

from genlabel_robust.core import ConfigurationError
from genlabel_robust.data.columns.number_or_category import Category, Number
from genlabel_robust.threat.constraints import Constraints
from genlabel_robust.threat.costs import switch_cost
from genlabel_robust.threat.features import Features


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
            f"what is one column of the table has different costs: {shown}; under l0 it has one "
            "price, so give one cost"
        )
    return costs.pop() if costs else 1.0
