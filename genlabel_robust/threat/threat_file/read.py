"""Threat models in TOML files: ε, and how the attacker may change each feature."""

from collections.abc import Callable, Mapping
from os import PathLike
from pathlib import Path
from typing import Any

from genlabel_robust.core import (
    ConfigurationError,
    RelationError,
    UnknownNameError,
    refuse_unknown,
    shown,
    unknown_name,
)
from genlabel_robust.core.files.opening import file_text
from genlabel_robust.core.files.parsing import read_toml
from genlabel_robust.threat.budgets import LARGEST, SMALLEST, budgets_of
from genlabel_robust.threat.constraints.constraints import BY_FEATURE, KINDS, Constraints
from genlabel_robust.threat.constraints.values import EDGES, OWN_UNITS
from genlabel_robust.threat.norms import NORMS, PRICED, UNITS
from genlabel_robust.threat.threat_file.budget import cost_of, price_groups, read_budget
from genlabel_robust.threat.threat_file.lines import line_of, line_with

#: The keys of a file for all features, and for a single one.
GENERAL = ("norm", "eps", "unit", "budget", "one_hot", "relations", "features")
OF_A_FEATURE = tuple(dict.fromkeys(key for kind in KINDS.values() for key in kind.keys))
#: Units that people try for a share of a row's own value.
_SHARES_OF_THE_VALUE = ("percent", "%", "relative", "share")
#: The constraint for each key and its value: true, false or a direction.
_ANSWERS = {
    (key, kind.when): name
    for name, kind in KINDS.items()
    for key in kind.keys
    if kind.when is not None
}
#: The keys that an immutable feature cannot have.
_MOVING = tuple(key for kind in KINDS["immutable"].excludes for key in KINDS[kind].keys)


def read_threat(path: str | PathLike[str]) -> dict[str, Any]:
    """Return the settings "norm", "eps", "unit" and "constraints" that a threat file states.

    They are those of ``RunConfig``; ``evaluate(threat=...)`` and similar functions accept them.
    Only settings in the file are returned; a ``[budget]`` becomes a norm and an ε. A feature's own
    ε becomes a weight relative to the file's ε, the largest if there are several: with another ε
    than the file's, all budgets scale together. Raises ``ConfigurationError`` and
    ``UnknownNameError``, which name the file.
    """
    path = Path(path)
    document = read_toml(path, name=f"threat file {path}", error=ConfigurationError)

    def line(*keys: str) -> str:
        number = line_of(file_text(path), *keys)
        return "" if number is None else f"line {number}: "

    try:
        return _settings(document, line)
    except RelationError as error:
        where = line_with(error.relation, path)
        raise RelationError(f"threat file {path}: {where}{error}", error.relation) from error
    except (ConfigurationError, UnknownNameError) as error:
        raise type(error)(f"threat file {path}: {error}") from error


def _settings(document: Mapping[str, Any], line: Callable[..., str]) -> dict[str, Any]:
    for key in document:
        if key not in GENERAL:
            raise unknown_name("key", key, GENERAL)
    found: dict[str, Any] = {}
    for key, known in (("norm", NORMS), ("unit", UNITS)):
        if key in document:
            refuse_unknown(key, document[key], known)
            found[key] = document[key]
    if "eps" in document:
        found["eps"] = _budgets(document["eps"])
    found |= read_budget(document, line)
    constraints = _constraints(document, max(found.get("eps", ()), default=None), line)
    if "costs" in constraints and found.get("norm", PRICED[0]) not in PRICED:
        name = next(iter(constraints["costs"]))
        raise ConfigurationError(
            f"{line('features', name, 'cost')}feature {name!r} has a cost, but costs do not add up "
            f"under the norm {found['norm']!r}; with costs, the norm must be "
            f"{' or '.join(map(repr, PRICED))}"
        )
    if constraints:
        found["constraints"] = constraints
    return found


def _budgets(value: Any) -> tuple[float, ...]:
    if not isinstance(value, bool) and value == 0:
        raise ConfigurationError(
            "eps is 0; to let only some features change, give eps = 1, give these features an eps "
            "of their own, and give all others immutable = true"
        )
    budgets = budgets_of(value)
    if not budgets:
        raise ConfigurationError(
            f"eps is {shown(value)}; it must be a number above 0, or a list of them"
        )
    return budgets


def _constraints(
    document: Mapping[str, Any], eps: float | None, line: Callable[..., str]
) -> dict[str, Any]:
    """Return the table ``constraints`` of a run; ``eps``: the file's own ε, the largest."""
    features = document.get("features", {})
    if not isinstance(features, Mapping):
        raise ConfigurationError(
            f"features is {shown(features)}; it must be a table for each feature"
        )
    tables: dict[str, dict[str, Any]] = {kind: {} for kind in BY_FEATURE}
    lists: dict[str, list[str]] = {kind: [] for kind in KINDS if kind not in BY_FEATURE}
    for kind in ("one_hot", "relations"):
        lists[kind] = document.get(kind, [])
    for name, about in features.items():
        if not isinstance(about, Mapping):
            raise ConfigurationError(
                f"features.{name} is {shown(about)}; it must be a table, such as {{eps = 0.1}}; "
                "put a name with dots into quotes"
            )
        for key in about:
            if key not in OF_A_FEATURE:
                raise unknown_name("key", key, OF_A_FEATURE, of=f"feature {name!r}")
        for key in _MOVING:
            if about.get("immutable") is True and key in about:
                raise ConfigurationError(
                    f"{line('features', name, key)}feature {name!r} is immutable but has {key} = "
                    f"{about[key]!r}; remove one of them"
                )
        if "share" in about:
            tables["shares"][name] = about["share"]
        shared = "share" in about and "budget" not in document
        own = _free_but_for_share(name, about, eps) if shared else about
        _add_budget(name, own, eps, tables)
        if "cost" in about:
            tables["costs"][name] = cost_of(name, about, line)
        if edges := {edge: about[edge] for edge in EDGES if edge in about}:
            tables["bounds"][name] = edges
        for key, value in about.items():
            if answer := _answer(name, key, value):
                lists[answer].append(name)
    if "budget" in document:
        price_groups(lists["one_hot"], features, tables["costs"])
    constraints = {**tables, **lists}
    # a contradiction within the file is an error, whatever is set elsewhere
    Constraints.of(constraints)
    return {kind: value for kind, value in constraints.items() if value}


def _free_but_for_share(
    name: str, about: Mapping[str, Any], eps: float | None
) -> Mapping[str, Any]:
    """Return ``about`` with a full budget if it has none, so that only its share limits it."""
    if {"eps", "unit", "cost"} & {*about}:
        return about
    if eps is None:
        raise ConfigurationError(
            f"feature {name!r} has a share, and the file has no eps for all others; give "
            "eps = NUMBER at its beginning"
        )
    if {*EDGES} & {*about}:
        raise ConfigurationError(
            f"feature {name!r} has a share and a box of its own, and no eps; give its eps, too, "
            'how far it may move at most, such as eps = 100 with unit = "raw"'
        )
    return {**about, "eps": 1, "unit": "range"}


def _add_budget(
    name: str, about: Mapping[str, Any], eps: float | None, tables: Mapping[str, dict[str, Any]]
) -> None:
    if "unit" in about:
        if about["unit"] in _SHARES_OF_THE_VALUE:
            raise ConfigurationError(
                f"feature {name!r} has the unit {about['unit']!r}; a budget is the same in every "
                "row. For a limit that is a share of the row's own value give share in the place "
                "of eps and unit, such as share = 0.03 for 3 %"
            )
        refuse_unknown("unit", about["unit"], OWN_UNITS, where=f"for feature {name!r}")
        if "eps" not in about and "cost" not in about:
            raise ConfigurationError(
                f"feature {name!r} has the unit {about['unit']!r} but no eps of its own; give its "
                "eps or its cost too"
            )
        tables["units"][name] = about["unit"]
    if "eps" not in about:
        return
    own = about["eps"]
    number = isinstance(own, int | float) and not isinstance(own, bool)
    if not number or not SMALLEST <= own <= LARGEST:
        raise ConfigurationError(
            f"the eps of feature {name!r} is {shown(own)}; it must be a number above 0 (from "
            f"{SMALLEST:g} to {LARGEST:g}); if the feature must not change, make it immutable"
        )
    if eps is None:
        raise ConfigurationError(
            f"feature {name!r} has an eps of its own, but the file has none for the other "
            "features; give eps = NUMBER at the beginning"
        )
    tables["weights"][name] = own / eps
    # under L0 the file's ε is a number of features, which no weight turns into a distance
    tables["own_eps"][name] = float(own)


def _answer(name: str, key: str, value: Any) -> str | None:
    """Return the constraint that ``key = value`` sets for feature ``name``, None if none."""
    answers = [when for of, when in _ANSWERS if of == key]
    if not answers:
        return None
    ways = [when for when in answers if isinstance(when, str)]
    if ways:
        refuse_unknown("direction", value, ways, where=f"for feature {name!r}")
    elif not isinstance(value, bool):
        raise ConfigurationError(
            f"{key} of feature {name!r} is {shown(value)}; it must be true or false"
        )
    return _ANSWERS.get((key, value))
