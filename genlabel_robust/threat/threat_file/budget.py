"""The table ``[budget]`` of a threat file, for attackers with a limited amount to spend."""

from collections.abc import Callable, Mapping
from typing import Any

from genlabel_robust.core import ConfigurationError, shown, unknown_name
from genlabel_robust.threat.budgets import budgets_of
from genlabel_robust.threat.norms import PRICED


def read_budget(document: Mapping[str, Any], line: Callable[..., str]) -> dict[str, Any]:
    """Return the settings "norm" and "eps" of a file's ``[budget]``; none without that table.

    ``line``: a function that returns the line of a key for errors. Raises ``ConfigurationError``.
    """
    if "budget" not in document:
        return {}
    table = document["budget"]
    if not isinstance(table, Mapping):
        raise ConfigurationError(
            f"{line('budget')}budget is {shown(table)}; it must be a table, [budget], with "
            "cost = NUMBER"
        )
    for key in table:
        if key != "cost":
            raise unknown_name("key", key, ("cost",), of="[budget]")
    if "cost" not in table:
        raise ConfigurationError(
            f"{line('budget')}[budget] has no cost; give cost = NUMBER, the total that the "
            "attacker may spend"
        )
    if "eps" in document:
        raise ConfigurationError(
            f"{line('budget')}the file has both an eps and a [budget]; give only one of them"
        )
    norm = document.get("norm", PRICED[0])
    if norm not in PRICED:
        raise ConfigurationError(
            f"{line('budget')}the file has a [budget] and the norm {norm!r}, under which costs do "
            f"not add up; with a [budget], the norm must be {' or '.join(map(repr, PRICED))}"
        )
    return {"norm": norm, "eps": _amounts(table["cost"], line)}


def _amounts(value: Any, line: Callable[..., str]) -> tuple[float, ...]:
    try:
        amounts = budgets_of(value)
    except ConfigurationError:
        amounts = ()
    if not amounts:
        raise ConfigurationError(
            f"{line('budget', 'cost')}the cost of [budget] is {shown(value)}; it must be a number "
            "above 0, such as 100, or a list of them"
        )
    return amounts


def cost_of(name: str, about: Mapping[str, Any], line: Callable[..., str]) -> float:
    """Return the cost of feature ``name`` from its table ``about`` in the file."""
    price = about["cost"]
    numeric = isinstance(price, int | float) and not isinstance(price, bool)
    if not numeric or not 0 < price < float("inf"):
        raise ConfigurationError(
            f"{line('features', name, 'cost')}the cost of feature {name!r} is {shown(price)}; it "
            "must be a number above 0; if the feature must not change, make it immutable"
        )
    if "eps" in about:
        raise ConfigurationError(
            f"{line('features', name, 'cost')}feature {name!r} has both a cost and an eps of its "
            "own; give only one of them"
        )
    return float(price)


def price_groups(groups: Any, features: Mapping[str, Any], costs: dict[str, float]) -> None:
    """Set in ``costs`` the default cost 1 for columns of ``groups`` that ``features`` lacks.

    So a switch of category costs 1 under a ``[budget]``, whatever number of columns it moves.
    """
    for group in groups if isinstance(groups, list) else ():
        for name in group if isinstance(group, list) else ():
            about = features.get(name, {}) if isinstance(name, str) else {}
            if isinstance(name, str) and not {"cost", "eps", "immutable"} & {*about}:
                costs[name] = 1.0
