"""Prices under L1: a cost is a weight, and a switch costs what it says."""

from dataclasses import replace

from genlabel_robust.core import PriceError
from genlabel_robust.data import Task
from genlabel_robust.data.columns.number_or_category import Number, missing_name
from genlabel_robust.threat.constraints.constraints import Constraints


def weighted_by_cost(task: Task, constraints: Constraints) -> Constraints:
    """Return ``constraints`` with weights in the place of costs, for L1; as they are without costs.

    A feature whose unit costs c has the weight 1 / c. A switch moves two columns of a one-hot group
    by 1 each: they have the raw weight 2 / c, so that it costs c; 1 where the group has no cost.
    What says that a value is missing costs c by itself. Raises ``PriceError`` where the
    columns of one group have different costs.
    """
    if not constraints.costs:
        return constraints
    weights = {name: 1 / cost for name, cost in constraints.costs.items()}
    units = dict(constraints.units)
    for group in constraints.one_hot:
        if {*group} & {*constraints.weights, *constraints.immutable}:
            continue
        for name in group:
            weights[name], units[name] = 2 / switch_cost(group, constraints), "raw"
    for flag in _flags(task):
        if flag in constraints.costs:
            units[flag] = "raw"
    return replace(constraints, costs={}, weights={**weights, **constraints.weights}, units=units)


def switch_cost(group: tuple[str, ...], constraints: Constraints) -> float:
    """Return what switching the category of a one-hot ``group`` costs.

    Raises ``PriceError`` where its columns have different costs.
    """
    costs = [constraints.costs.get(name) for name in group]
    if any(cost != costs[0] for cost in costs):
        # what differs from the first, and then whatever has a price
        odd = sorted(group, key=lambda name: constraints.costs.get(name) == costs[0])
        priced = [name for name in odd if name in constraints.costs]
        shown = ", ".join(f"{name!r} {constraints.costs.get(name, 'none')}" for name in group)
        raise PriceError(
            f"the columns of one category have different costs: {shown}; a switch has one price, "
            "so give all of them the same cost",
            tuple(("features", name, "cost") for name in priced),
        )
    return 1.0 if costs[0] is None else costs[0]


def _flags(task: Task) -> list[str]:
    """Return the columns that say of a number that it is missing."""
    parts = () if task.encoding is None else task.encoding.parts
    return [
        missing_name(part.name)
        for part in parts
        if isinstance(part, Number) and part.fill is not None
    ]
