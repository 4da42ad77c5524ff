"""Constraints: how the attacker may change single features."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from itertools import chain
from typing import Any

from genlabel_robust.core import ConfigurationError, shown, unknown_feature, unknown_name
from genlabel_robust.threat.constraints.kind import ConstraintKind
from genlabel_robust.threat.constraints.values import (
    BOUNDS,
    COSTS,
    EDGES,
    FEATURES,
    GROUPS,
    OWN_EPS,
    RELATIONS,
    SHARES,
    UNITS,
    WEIGHTS,
)


@dataclass(frozen=True)
class Rules:
    """How single columns may change, by column number; see ``Constraints``."""

    increasing: tuple[int, ...] = ()
    decreasing: tuple[int, ...] = ()
    integer: tuple[int, ...] = ()
    one_hot: tuple[tuple[int, ...], ...] = ()


@dataclass(frozen=True)
class Constraints:
    """Limits on features, by name; a feature without a limit moves freely in the ball and the box.

    Each field declares a kind by a ``ConstraintKind``, whose ``help`` describes it. Kinds that
    affect the box or the steps of a column are also in ``Rules``. Raises ``ConfigurationError`` for
    invalid values and for limits that contradict each other.
    """

    weights: Mapping[str, float] = ConstraintKind(
        WEIGHTS,
        "Makes a feature's own budget eps times its weight; the default weight is 1.",
        keys=("eps",),
        draft=(
            'eps = 2, unit = "raw"',
            'a budget of its own, in "raw" units, "std" or shares of the "range"',
        ),
        in_numbers="ε × {:g}",
        noun="own budget",
    ).field()
    units: Mapping[str, str] = ConstraintKind(
        UNITS,
        "A feature's own unit of eps, instead of the threat's unit.",
        keys=("unit",),
        noun="own unit",
    ).field()
    costs: Mapping[str, float] = ConstraintKind(
        COSTS,
        "The price of one unit of a feature's eps, or of one switch of a category; 1 by default.",
        keys=("cost",),
        draft=("cost = 3", "the price of one unit of eps, or of a switch of a category: [budget]"),
        excludes=("weights", "own_eps"),
        in_numbers="at {:g}",
        noun="price",
    ).field()
    own_eps: Mapping[str, float] = ConstraintKind(
        OWN_EPS,
        "How far a feature may move at most under the norm l0, in its unit.",
        keys=("eps",),
        in_numbers="by at most {:g}",
        noun="own limit",
    ).field()
    shares: Mapping[str, float] = ConstraintKind(
        SHARES,
        "How far a feature may move at most, as a share of the row's own value.",
        keys=("share",),
        draft=("share = 0.03", "at most 3 % of the row's own value, whatever eps is"),
        of_category="share",
        in_numbers="by at most {:g} of its own value",
        noun="own share",
    ).field()
    bounds: Mapping[str, Mapping[str, float]] = ConstraintKind(
        BOUNDS,
        "A feature's box in raw units (low, high or both), instead of the training range.",
        keys=EDGES,
        draft=("low = 0, high = 10", "its box in raw units, instead of the training range"),
        of_category="low or high",
        noun="own range",
    ).field()
    one_hot: tuple[tuple[str, ...], ...] = ConstraintKind(
        GROUPS,
        "Groups of 0/1 columns; in each group exactly one column is 1.",
        excludes=("increasing", "decreasing", "integer", "bounds", "shares"),
        of_category="one_hot",
        keeps_whole=True,
        asks_for_change=False,
        noun="one-hot group",
    ).field()
    immutable: tuple[str, ...] = ConstraintKind(
        FEATURES,
        "Features that never change.",
        keys=("immutable",),
        when=True,
        draft=("immutable = true", "never changes"),
        excludes=(
            "increasing",
            "decreasing",
            "weights",
            "units",
            "costs",
            "bounds",
            "own_eps",
            "shares",
        ),
        keeps_whole=True,
        asks_for_change=False,
    ).field()
    increasing: tuple[str, ...] = ConstraintKind(
        FEATURES,
        "Features that may only increase.",
        keys=("only",),
        when="up",
        draft=('only = "up"', 'or "down": changes in one direction only'),
        excludes=("decreasing",),
        of_category="only",
        in_words="up only",
    ).field()
    decreasing: tuple[str, ...] = ConstraintKind(
        FEATURES,
        "Features that may only decrease.",
        keys=("only",),
        when="down",
        of_category="only",
        in_words="down only",
    ).field()
    integer: tuple[str, ...] = ConstraintKind(
        FEATURES,
        "Features that change by whole numbers of raw units.",
        keys=("integer",),
        when=True,
        draft=(
            "integer = true",
            "changes by whole numbers; false lets such a column change by fractions",
        ),
        excludes=("continuous",),
        of_category="integer",
        keeps_whole=True,
    ).field()
    continuous: tuple[str, ...] = ConstraintKind(
        FEATURES,
        "Features that change by fractions, although their columns contain whole numbers.",
        keys=("integer",),
        when=False,
        of_category="integer",
        asks_for_change=False,
    ).field()

    relations: tuple[str, ...] = ConstraintKind(
        RELATIONS,
        "What must hold between features, such as 'a + b <= c'.",
        asks_for_change=False,
        of_features=False,
        noun="relation",
    ).field()

    def __post_init__(self) -> None:
        for name, kind in KINDS.items():
            object.__setattr__(self, name, kind.values.read(name, getattr(self, name)))
        self._refuse_contradictions()

    @classmethod
    def of(cls, table: Any) -> Constraints:
        """Return ``table`` as constraints: a table as from ``as_dict``, or a ``Constraints``."""
        if isinstance(table, cls):
            return table
        if not isinstance(table, Mapping):
            raise ConfigurationError(
                f"constraints is {shown(table)}; it must be a table, such as immutable = ['age']"
            )
        for kind in table:
            if kind not in KINDS:
                raise unknown_name("constraint", str(kind), KINDS)
        return cls(**table)

    def __bool__(self) -> bool:
        """Return whether there is any limit."""
        return any(getattr(self, kind) for kind in KINDS)

    def by_kind(self) -> list[tuple[str, Any]]:
        """Return the limits that are set, each with its kind, sorted by kind."""
        return [(kind, getattr(self, kind)) for kind in sorted(KINDS) if getattr(self, kind)]

    def as_dict(self) -> dict[str, Any]:
        """Return the limits that are set, as plain JSON values."""
        return {kind: _plain(getattr(self, kind)) for kind in KINDS if getattr(self, kind)}

    def features(self, *kinds: str) -> tuple[str, ...]:
        """Return the names of the features that have a constraint of one of ``kinds``."""
        entries = chain.from_iterable(
            getattr(self, kind) for kind in kinds if KINDS[kind].of_features
        )
        return tuple(
            chain.from_iterable((entry,) if isinstance(entry, str) else entry for entry in entries)
        )

    def rules(self, names: Sequence[str]) -> Rules:
        """Return the limits by column number, for a table with the columns ``names``.

        Raises ``UnknownFeatureError`` for a feature that the table does not have.
        """
        number = {name: i for i, name in enumerate(names)}
        for name in self.features(*KINDS):
            if name not in number:
                raise unknown_feature(name, names)

        def numbers(chosen: Any) -> Any:
            if isinstance(chosen, str):
                return number[chosen]
            return tuple(numbers(entry) for entry in chosen)

        return Rules(**{f.name: numbers(getattr(self, f.name)) for f in fields(Rules)})

    def _refuse_contradictions(self) -> None:
        for name, count in Counter(self.features("one_hot")).items():
            if count > 1:
                raise ConfigurationError(f"feature {name!r} is in one_hot groups twice")
        for group in self.one_hot:
            if len(group) < 2:
                raise ConfigurationError(
                    f"the one_hot group {list(group)} has fewer than two columns; for a single "
                    "0/1 column use integer"
                )
            fixed = set(group) & set(self.immutable)
            if fixed and fixed != set(group):
                raise ConfigurationError(
                    f"in the one_hot group {list(group)}, only {sorted(fixed)} are immutable; name "
                    "all of its columns or none"
                )
        for first, kind in KINDS.items():
            for second in kind.excludes:
                others = set(self.features(second))
                for name in self.features(first):
                    if name in others:
                        raise ConfigurationError(
                            f"feature {name!r} cannot be constrained by both {first} and {second}"
                        )


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {name: _plain(entry) for name, entry in value.items()}
    return [_plain(entry) for entry in value] if isinstance(value, tuple) else value


#: All kinds of constraints, by name.
KINDS: Mapping[str, ConstraintKind] = {f.name: f.metadata["kind"] for f in fields(Constraints)}

#: The kinds that map each feature to a value.
BY_FEATURE = tuple(name for name, kind in KINDS.items() if kind.by_feature)
