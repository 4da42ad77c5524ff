"""Costs under L1: they become weights, so that changes add up to the costs stated."""

from dataclasses import replace

from genlabel_robust.core import PriceError
from genlabel_robust.data import Task
from genlabel_robust.data.columns.number_or_category import Number, missing_name
from genlabel_robust.threat.constraints.constraints import Constraints


def weighted_by_cost(task: Task, constraints: Constraints) -> Constraints:
    """Return ``constraints`` for L1 with costs replaced by weights; unchanged without costs.

    A feature whose unit costs c gets the weight 1 / c. A switch of category moves two columns of a
    one-hot group by 1 each: they get the raw weight 2 / c, so that the switch costs c, or 1 if the
    group has no cost. The mark of a missing value costs c by itself. Raises ``PriceError`` if the
    columns of a group have different costs.
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
    """Return the cost of switching the category of a one-hot ``group``.

    Raises ``PriceError`` if its columns have different costs.
    """
    costs = [constraints.costs.get(name) for name in group]
    if any(cost != costs[0] for cost in costs):
        # first the columns that differ from the first one, then all others with a cost
        odd = sorted(group, key=lambda name: constraints.costs.get(name) == costs[0])
        priced = [name for name in odd if name in constraints.costs]
        listed = ", ".join(f"{name!r} {constraints.costs.get(name, 'none')}" for name in group)
        raise PriceError(
            f"the columns of one category have different costs: {listed}; a switch has one price, "
            "so give all of them the same cost",
            tuple(("features", name, "cost") for name in priced),
        )
    return 1.0 if costs[0] is None else costs[0]


def _flags(task: Task) -> list[str]:
    """Return the columns that mark missing numbers."""
    parts = () if task.encoding is None else task.encoding.parts
    return [
        missing_name(part.name)
        for part in parts
        if isinstance(part, Number) and part.fill is not None
    ]
