"""Linear forms over encoded columns, and the limits that a relation puts on them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

import numpy as np

from genlabel_robust.core import FloatArray

#: How far two sides may be apart and still count as equal, as a share of the largest term.
EQUAL = 1e-9

#: How a form compares with 0; "!=" is one of two limits.
Kind: TypeAlias = Literal["<=", "<", ">=", ">", "=="]


@dataclass(frozen=True)
class Lookup:
    """A number for each of the values ``keys`` of an encoded ``column`` that never changes.

    Where the column has none of them it is NaN: nothing is known there.
    """

    column: int
    keys: tuple[float, ...]
    values: tuple[float, ...]

    def of(self, raw: FloatArray) -> FloatArray:
        """Return the numbers (n,) of raw rows (n, d)."""
        order = np.argsort(self.keys, kind="stable")
        keys, values = np.array(self.keys)[order], np.array(self.values)[order]
        place = np.minimum(np.searchsorted(keys, raw[:, self.column]), len(keys) - 1)
        return np.where(keys[place] == raw[:, self.column], values[place], np.nan)


@dataclass(frozen=True)
class Linear:
    """``constant`` and the sum of ``weights`` times encoded columns and times ``lookups``."""

    constant: float = 0.0
    weights: Mapping[int, float] = field(default_factory=dict)
    lookups: tuple[tuple[float, Lookup], ...] = ()

    @property
    def is_constant(self) -> bool:
        """Whether it is the same for every row."""
        return not self.weights and not self.lookups

    @property
    def finite(self) -> bool:
        """Whether all its numbers are."""
        numbers = [self.constant, *self.weights.values(), *(w for w, _ in self.lookups)]
        return bool(np.isfinite(numbers).all())

    def plus(self, other: Linear, factor: float = 1.0) -> Linear:
        """Return the sum with ``factor`` times ``other``."""
        weights = dict(self.weights)
        for column, weight in other.weights.items():
            weights[column] = weights.get(column, 0.0) + factor * weight
        return Linear(
            self.constant + factor * other.constant,
            {column: weights[column] for column in sorted(weights) if weights[column]},
            self.lookups + tuple((factor * weight, lookup) for weight, lookup in other.lookups),
        )

    def times(self, factor: float) -> Linear:
        """Return the product with a constant."""
        return Linear().plus(self, factor)

    def of(self, raw: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Return the values (n,) at raw rows (n, d), and the size (n,) of the largest term.

        Term after term, so that a row's value does not depend on the rows beside it.
        """
        value = np.full(len(raw), self.constant)
        largest = np.abs(value)
        terms = [weight * raw[:, column] for column, weight in self.weights.items()]
        terms += [weight * lookup.of(raw) for weight, lookup in self.lookups]
        for term in terms:
            value = value + term
            largest = np.maximum(largest, np.abs(term))
        return value, largest


@dataclass(frozen=True)
class Limit:
    """That a form compares with 0 as ``kind`` says.

    ``follows``: of an equality, the encoded column that is computed from the others.
    """

    form: Linear
    kind: Kind
    follows: int | None = None


#: Limits that must hold all at once; a relation holds where one of its ways does.
Way: TypeAlias = tuple[Limit, ...]
