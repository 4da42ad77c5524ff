"""Reading and checking of a constraint's value: names, groups of names, or a table by name."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from genlabel_robust.core import ConfigurationError, refuse_unknown, shown, unknown_name
from genlabel_robust.threat.budgets import LARGEST, SMALLEST
from genlabel_robust.threat.relation_text.parse import parse

#: The units for the ε of a single feature; "global-range" is one number for all features.
OWN_UNITS = ("range", "std", "raw")
#: The most relations in one threat.
_MOST_RELATIONS = 200
EDGES = ("low", "high")


@dataclass(frozen=True)
class Values:
    """The values that a kind of constraint can have.

    ``read``: a function of the kind's name and a value that returns the checked value. ``empty``:
    the value for no constraint. ``schema``: the JSON Schema of other values.
    """

    read: Callable[[str, Any], Any]
    empty: Any
    schema: Mapping[str, Any]


def _features(kind: str, value: Any) -> tuple[str, ...]:
    """Return the names of features in ``value``, without duplicates."""
    sequence = isinstance(value, Sequence) and not isinstance(value, str)
    if not sequence or not all(isinstance(name, str) for name in value):
        raise ConfigurationError(f"{kind} has {shown(value)}; it must be a list of feature names")
    return tuple(dict.fromkeys(value))


def _groups(kind: str, value: Any) -> tuple[tuple[str, ...], ...]:
    """Return groups of names of features."""
    if isinstance(value, str) or not isinstance(value, Sequence):
        raise ConfigurationError(f"{kind} is {shown(value)}; it must be a list of lists of names")
    return tuple(_features(kind, group) for group in value)


def _weights(kind: str, value: Any) -> dict[str, float]:
    """Return a positive factor for each feature."""
    return _above_zero(kind, value, "weight")


def _costs(kind: str, value: Any) -> dict[str, float]:
    """Return a positive cost for each feature."""
    return _above_zero(kind, value, "cost")


def _own_eps(kind: str, value: Any) -> dict[str, float]:
    """Return a positive ε for each feature."""
    return _above_zero(kind, value, "eps")


def _shares(kind: str, value: Any) -> dict[str, float]:
    """Return a share in (0, 1] for each feature."""
    for name, share in _table(kind, value, "share").items():
        numeric = isinstance(share, int | float) and not isinstance(share, bool)
        if not isinstance(name, str) or not numeric or not SMALLEST <= share <= 1:
            raise ConfigurationError(
                f"the share of feature {name!r} is {shown(share)}; it must be a number above 0 and "
                "up to 1, such as 0.03 for 3 % of the row's own value"
            )
    return {name: float(share) for name, share in value.items()}


def _above_zero(kind: str, value: Any, what: str) -> dict[str, float]:
    for name, number in _table(kind, value, "number").items():
        numeric = isinstance(number, int | float) and not isinstance(number, bool)
        if not isinstance(name, str) or not numeric or not SMALLEST <= number <= LARGEST:
            raise ConfigurationError(
                f"the {what} of feature {name!r} is {shown(number)}; it must be a number above 0; "
                "if the feature must not change, make it immutable"
            )
    return {name: float(number) for name, number in value.items()}


def _units(kind: str, value: Any) -> dict[str, str]:
    """Return the unit of ε for each feature."""
    for name, unit in _table(kind, value, "unit").items():
        refuse_unknown("unit of ε", unit, OWN_UNITS, where=f"for feature {name!r}")
    return dict(value)


def _bounds(kind: str, value: Any) -> dict[str, dict[str, float]]:
    """Return the low bound, the high bound or both for each feature."""
    table = _table(kind, value, "{low = number, high = number}")
    return {name: _edges(name, edges) for name, edges in table.items()}


def _edges(name: Any, edges: Any) -> dict[str, float]:
    if not isinstance(edges, Mapping) or not edges:
        raise ConfigurationError(
            f"the bounds of feature {name!r} are {shown(edges)}; they must be low, high or "
            "both, such as {low = 0}"
        )
    for edge, value in edges.items():
        if edge not in EDGES:
            raise unknown_name("bound", str(edge), EDGES, where=f"for feature {name!r}")
        number = isinstance(value, int | float) and not isinstance(value, bool)
        if not number or not -LARGEST <= value <= LARGEST:
            raise ConfigurationError(
                f"the bound {edge} of feature {name!r} is {shown(value)}; it must be a number in "
                f"raw units, from -{LARGEST:g} to {LARGEST:g}, or left out"
            )
    if len(edges) == 2 and not edges["low"] < edges["high"]:
        raise ConfigurationError(
            f"the bounds of feature {name!r} are {edges['low']:g} to {edges['high']:g}; low must "
            "be below high; if the feature must not change, make it immutable"
        )
    return {edge: float(edges[edge]) for edge in EDGES if edge in edges}


def _table(kind: str, value: Any, of: str) -> Mapping[Any, Any]:
    if isinstance(value, Mapping):
        return value
    raise ConfigurationError(f"{kind} is {shown(value)}; it must be a table of name = {of}")


def _relations(kind: str, value: Any) -> tuple[str, ...]:
    """Return the texts of valid relations, without duplicates."""
    sequence = isinstance(value, Sequence) and not isinstance(value, str)
    if not sequence or not all(isinstance(text, str) for text in value):
        raise ConfigurationError(
            f"{kind} is {shown(value)}; it must be a list of strings, such as ['a <= b']"
        )
    if len(value) > _MOST_RELATIONS:
        raise ConfigurationError(
            f"{kind} has {len(value)} entries; at most {_MOST_RELATIONS} are allowed"
        )
    for text in value:
        parse(text)
    return tuple(dict.fromkeys(value))


FEATURES = Values(
    _features,
    (),
    {"type": "array", "minItems": 1, "uniqueItems": True, "items": {"type": "string"}},
)
RELATIONS = Values(_relations, (), FEATURES.schema)
GROUPS = Values(_groups, (), {"type": "array", "items": FEATURES.schema})
_ABOVE_ZERO = {"type": "object", "additionalProperties": {"type": "number", "exclusiveMinimum": 0}}
WEIGHTS = Values(_weights, {}, _ABOVE_ZERO)
COSTS = Values(_costs, {}, _ABOVE_ZERO)
OWN_EPS = Values(_own_eps, {}, _ABOVE_ZERO)
SHARES = Values(
    _shares,
    {},
    {
        "type": "object",
        "additionalProperties": {"type": "number", "exclusiveMinimum": 0, "maximum": 1},
    },
)
UNITS = Values(_units, {}, {"type": "object", "additionalProperties": {"enum": [*OWN_UNITS]}})
BOUNDS = Values(
    _bounds,
    {},
    {
        "type": "object",
        "additionalProperties": {
            "type": "object",
            "additionalProperties": False,
            "minProperties": 1,
            "properties": {edge: {"type": "number"} for edge in EDGES},
        },
    },
)
