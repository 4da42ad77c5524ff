"""What the attacker may do to single features."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from itertools import chain
from typing import Any

from genlabel_robust.core.errors import (
    ConfigurationError,
    refuse_unknown,
    unknown_feature,
    unknown_name,
)
from genlabel_robust.core.plain_text import shown
from genlabel_robust.threat.budgets import LARGEST, SMALLEST

#: What a single feature's ε may count; "global-range" is one number for all of them.
OWN_UNITS = ("range", "std", "raw")
EDGES = ("low", "high")
#: The limits that are lists of features.
LISTS = ("immutable", "increasing", "decreasing", "integer", "continuous")


@dataclass(frozen=True)
class Rules:
    """How single columns may change, by number; see ``Constraints``."""

    increasing: tuple[int, ...] = ()
    decreasing: tuple[int, ...] = ()
    integer: tuple[int, ...] = ()
    one_hot: tuple[tuple[int, ...], ...] = ()


@dataclass(frozen=True)
class Constraints:
    """Limits on single features, by name; a feature without any moves freely in ball and box.

    ``weights``: a feature's own budget is ε times its weight, 1 where none is given.
    ``units``: a feature's own unit of ε, in the place of the threat's. ``bounds``: a feature's
    box, {"low": number, "high": number} or one of them, in the place of the training range.
    ``immutable``: never changed. ``increasing``, ``decreasing``: only up, only down.
    ``integer``: changed by whole numbers of raw units. ``continuous``: changed by fractions,
    though its column is of whole numbers. ``one_hot``: groups of 0/1 columns of which exactly
    one is 1. Raises ``ConfigurationError`` on values that are none of these and on limits that
    contradict each other.
    """

    weights: Mapping[str, float] = field(default_factory=dict, hash=False)
    units: Mapping[str, str] = field(default_factory=dict, hash=False)
    bounds: Mapping[str, Mapping[str, float]] = field(default_factory=dict, hash=False)
    immutable: tuple[str, ...] = ()
    increasing: tuple[str, ...] = ()
    decreasing: tuple[str, ...] = ()
    integer: tuple[str, ...] = ()
    continuous: tuple[str, ...] = ()
    one_hot: tuple[tuple[str, ...], ...] = ()

    def __post_init__(self) -> None:
        object.__setattr__(self, "weights", _weights(self.weights))
        object.__setattr__(self, "units", _units(self.units))
        object.__setattr__(self, "bounds", _bounds(self.bounds))
        for kind in LISTS:
            object.__setattr__(self, kind, _names(kind, getattr(self, kind)))
        groups: Any = self.one_hot
        if isinstance(groups, str) or not isinstance(groups, Sequence):
            raise ConfigurationError(
                f"one_hot is {shown(groups)}; it must be a list of lists of names"
            )
        object.__setattr__(self, "one_hot", tuple(_names("one_hot", group) for group in groups))
        self._refuse_contradictions()

    @classmethod
    def of(cls, table: Any) -> Constraints:
        """Return the limits that ``table`` states, as ``as_dict`` writes them, or that it is."""
        if isinstance(table, cls):
            return table
        if not isinstance(table, Mapping):
            raise ConfigurationError(
                f"constraints is {shown(table)}; it must be a table, such as immutable = ['age']"
            )
        known = [f.name for f in fields(cls)]
        for kind in table:
            if kind not in known:
                raise unknown_name("constraint", str(kind), known)
        return cls(**table)

    def __bool__(self) -> bool:
        """Say whether anything is limited."""
        return any(getattr(self, f.name) for f in fields(self))

    def as_dict(self) -> dict[str, Any]:
        """Return the limits that are set, as plain JSON values."""
        plain = {
            "weights": dict(self.weights),
            "units": dict(self.units),
            "bounds": {name: dict(edges) for name, edges in self.bounds.items()},
            "one_hot": [list(group) for group in self.one_hot],
        } | {kind: list(getattr(self, kind)) for kind in LISTS}
        return {kind: value for kind, value in plain.items() if value}

    def rules(self, names: Sequence[str]) -> Rules:
        """Return the limits by column number in a table of the columns ``names``.

        Raises ``UnknownFeatureError`` for a feature that the table does not have.
        """
        number = {name: i for i, name in enumerate(names)}
        for name in chain(
            self.weights,
            self.units,
            self.bounds,
            self.immutable,
            self.increasing,
            self.decreasing,
            self.integer,
            self.continuous,
            *self.one_hot,
        ):
            if name not in number:
                raise unknown_feature(name, names)

        def numbers(chosen: Sequence[str]) -> tuple[int, ...]:
            return tuple(number[name] for name in chosen)

        return Rules(
            numbers(self.increasing),
            numbers(self.decreasing),
            numbers(self.integer),
            tuple(numbers(group) for group in self.one_hot),
        )

    def _refuse_contradictions(self) -> None:
        members = tuple(chain(*self.one_hot))
        for name, count in Counter(members).items():
            if count > 1:
                raise ConfigurationError(f"feature {name!r} stands twice in one_hot groups")
        for group in self.one_hot:
            if len(group) < 2:
                raise ConfigurationError(
                    f"the one_hot group {list(group)} has fewer than two columns; for a single "
                    "0/1 column use integer"
                )
            fixed = set(group) & set(self.immutable)
            if fixed and fixed != set(group):
                raise ConfigurationError(
                    f"of the one_hot group {list(group)} only {sorted(fixed)} are immutable; "
                    "name all of its columns or none"
                )
        monotone = {"increasing": self.increasing, "decreasing": self.decreasing}
        pairs = [("immutable", self.immutable, kind, names) for kind, names in monotone.items()]
        pairs += [("one_hot", members, kind, names) for kind, names in monotone.items()]
        pairs += [
            ("increasing", self.increasing, "decreasing", self.decreasing),
            ("one_hot", members, "integer", self.integer),
            ("integer", self.integer, "continuous", self.continuous),
            ("one_hot", members, "bounds", tuple(self.bounds)),
            ("immutable", self.immutable, "weights", tuple(self.weights)),
            ("immutable", self.immutable, "units", tuple(self.units)),
            ("immutable", self.immutable, "bounds", tuple(self.bounds)),
        ]
        for first, one, second, other in pairs:
            both = set(one) & set(other)
            if both:
                name = next(name for name in one if name in both)
                raise ConfigurationError(
                    f"feature {name!r} cannot be constrained by both {first} and {second}"
                )


def _weights(given: Any) -> dict[str, float]:
    if not isinstance(given, Mapping):
        raise ConfigurationError(f"weights is {shown(given)}; it must be a table of name = number")
    for name, weight in given.items():
        number = isinstance(weight, int | float) and not isinstance(weight, bool)
        if not isinstance(name, str) or not number or not SMALLEST <= weight <= LARGEST:
            raise ConfigurationError(
                f"the weight of feature {name!r} is {shown(weight)}; it must be a number above 0, "
                "and a feature that must not change is immutable"
            )
    return {name: float(weight) for name, weight in given.items()}


def _units(given: Any) -> dict[str, str]:
    if not isinstance(given, Mapping):
        raise ConfigurationError(f"units is {shown(given)}; it must be a table of name = unit")
    for name, unit in given.items():
        refuse_unknown(f"unit of ε for feature {name!r}", unit, OWN_UNITS)
    return dict(given)


def _bounds(given: Any) -> dict[str, dict[str, float]]:
    if not isinstance(given, Mapping):
        raise ConfigurationError(
            f"bounds is {shown(given)}; it must be a table of name = {{low = number, high = "
            "number}"
        )
    found = {}
    for name, edges in given.items():
        if not isinstance(edges, Mapping) or not edges:
            raise ConfigurationError(
                f"the bounds of feature {name!r} are {shown(edges)}; they must be low, high or "
                "both, such as {low = 0}"
            )
        for edge, value in edges.items():
            if edge not in EDGES:
                raise unknown_name(f"bound of feature {name!r}", str(edge), EDGES)
            number = isinstance(value, int | float) and not isinstance(value, bool)
            if not number or not -LARGEST <= value <= LARGEST:
                raise ConfigurationError(
                    f"the bound {edge} of feature {name!r} is {shown(value)}; it must be a number "
                    f"in raw units, from -{LARGEST:g} to {LARGEST:g}, or not be given"
                )
        if len(edges) == 2 and not edges["low"] < edges["high"]:
            raise ConfigurationError(
                f"the bounds of feature {name!r} are {edges['low']:g} to {edges['high']:g}; low "
                "must be below high, and a feature that must not change is immutable"
            )
        found[name] = {edge: float(edges[edge]) for edge in EDGES if edge in edges}
    return found


def _names(kind: str, given: Any) -> tuple[str, ...]:
    sequence = isinstance(given, Sequence) and not isinstance(given, str)
    if not sequence or not all(isinstance(name, str) for name in given):
        raise ConfigurationError(
            f"{kind} has {shown(given)}; it must be a list of names of features"
        )
    return tuple(dict.fromkeys(given))
