"""Translation of limits on a table's columns to limits on the encoded columns."""

from collections.abc import Collection, Sequence
from dataclasses import replace
from typing import Any

from genlabel_robust.core import ConfigurationError
from genlabel_robust.data import Task
from genlabel_robust.data.columns.choose_encoding import MOST_LEVELS, too_many_levels
from genlabel_robust.data.columns.number_or_category import Category, Number, missing_name
from genlabel_robust.threat.constraints.constraints import KINDS, Constraints


def freed(constraints: Any) -> frozenset[str]:
    """Return the names that have a budget: a category among them may change.

    ``constraints``: ``Constraints``, or its table; weights, units and costs are budgets.
    """
    limits = Constraints.of(constraints)
    return frozenset({*limits.weights, *limits.units, *limits.costs, *limits.own_eps})


def kept_whole(constraints: Any) -> frozenset[str]:
    """Return the names that must keep integer values if they have such values at first.

    ``constraints``: ``Constraints``, or its table. These features move by whole numbers, do not
    move at all, or are 0 or 1.
    """
    whole = (name for name, kind in KINDS.items() if kind.keeps_whole)
    return frozenset(Constraints.of(constraints).features(*whole))


def limits_of_features(task: Task, constraints: Constraints) -> Constraints:
    """Return ``constraints`` as limits on the features of ``task``.

    The names are those of features or of the table's columns, see ``Task.limited``. In the latter
    case each level of a category is a feature, which never changes unless the category has a
    budget. Limits on columns that were left out are ignored. Raises ``ConfigurationError`` for
    limits that cannot apply to a category, and for a budget of a column that was left out.
    """
    if task.limited == "features" or task.encoding is None:
        return constraints
    known = without_columns(constraints, task.left_out)
    return Constraints.of(encoded_limits(task.encoding.parts, known, changed=freed(constraints)))


def without_columns(constraints: Constraints, left_out: Collection[str]) -> Constraints:
    """Return ``constraints`` without limits on the columns in ``left_out``.

    Raises ``ConfigurationError`` if one of them has a budget, which could not be spent.
    """
    if not left_out:
        return constraints
    kinds: dict[str, Any] = {}
    for kind, entries in constraints.by_kind():
        if isinstance(entries, tuple):
            kinds[kind] = tuple(entry for entry in entries if entry not in left_out)
            continue
        odd = [name for name in entries if name in left_out]
        if odd:
            raise ConfigurationError(
                f"feature {odd[0]!r} has {kind} of its own, but the column was left out because it "
                f"looks like an identifier or is empty; keep it as a feature (--keep {odd[0]!r}), "
                "or remove it from the threat"
            )
    return replace(constraints, **kinds)


def encoded_limits(
    parts: Sequence[Number | Category], constraints: Any, changed: Collection[str] | None = None
) -> dict[str, Any]:
    """Return ``constraints`` on the columns ``parts`` as limits on the encoded columns.

    Codes never change. A category that may change becomes a one-hot group, and each level has the
    category's weight, unit and cost. The column "NAME is missing" of a number never changes unless
    a limit that allows change, such as a weight, names it; then it changes by 1. All other limits
    stay the same. ``changed``: the categories that may change, if others are one-hot groups as
    well; None for all one-hot groups. Raises ``ConfigurationError`` for limits that cannot apply to
    a category.
    """
    limits = Constraints.of(constraints)
    weights: dict[str, Any] = dict(limits.weights)
    units: dict[str, Any] = dict(limits.units)
    costs: dict[str, Any] = dict(limits.costs)
    own_eps: dict[str, Any] = dict(limits.own_eps)
    immutable, integer = list(limits.immutable), list(limits.integer)
    groups = list(limits.one_hot)
    named = limits.features(*(name for name, kind in KINDS.items() if kind.asks_for_change))
    for part in parts:
        if isinstance(part, Number):
            gone = missing_name(part.name)
            comes_and_goes = part.fill is not None and gone in named
            if comes_and_goes and part.name in limits.shares:
                raise ConfigurationError(
                    f"feature {part.name!r} has a share, and {gone!r} may change: a missing value "
                    "has no share; leave out one of the two"
                )
            if part.fill is not None:
                (integer if comes_and_goes else immutable).append(gone)
            continue
        may_change = part.free and (changed is None or part.name in changed)
        _refuse_of_category(part, limits, {other.name for other in parts}, may_change)
        if not may_change:
            for table in (weights, units, costs, own_eps):
                table.pop(part.name, None)
            if part.free and part.name in immutable:
                immutable.remove(part.name)
            immutable += part.names
            continue
        if changed is not None and len(part.level_names) > MOST_LEVELS:
            raise too_many_levels(part.name, len(part.levels))
        groups.append(part.names)
        for table in (weights, units, costs, own_eps):
            if part.name in table:
                value = table.pop(part.name)
                for name in part.names:
                    table.setdefault(name, value)
        if part.name in immutable:
            immutable.remove(part.name)
            immutable += part.names
    return replace(
        limits,
        weights=weights,
        units=units,
        costs=costs,
        own_eps=own_eps,
        immutable=tuple(immutable),
        integer=tuple(integer),
        one_hot=tuple(groups),
    ).as_dict()


def _refuse_of_category(
    part: Category, limits: Constraints, columns: set[str], may_change: bool
) -> None:
    refused = {name: kind.of_category for name, kind in KINDS.items() if kind.of_category}
    for name, words in refused.items():
        if part.name in limits.features(name):
            raise ConfigurationError(
                f"feature {part.name!r} is a category, so {words!r} cannot apply to it; it does "
                "not change at all unless it has a budget, such as eps = 1 with unit = 'raw'"
            )
    if not may_change:
        budgets = {*limits.weights, *limits.units, *limits.costs, *limits.own_eps}
        if part.name in budgets and len(part.level_names) > 1:
            raise ConfigurationError(
                f"category {part.name!r} has a budget, but was encoded as a category that does not "
                "change; name it as free when you encode the rows"
            )
        for name in {*part.level_names} - columns:
            if name in budgets or name in limits.features(*refused):
                raise ConfigurationError(
                    f"feature {name!r} is one level of the category {part.name!r}, and only the "
                    f"whole category can change: give the budget to {part.name!r}"
                )
