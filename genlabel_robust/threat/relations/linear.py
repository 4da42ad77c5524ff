"""Linear forms over encoded columns, and limits on them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

import numpy as np

from genlabel_robust.core import FloatArray

#: The difference up to which two sides count as equal, as a share of the largest term.
EQUAL = 1e-9

#: How a form is compared with 0; "!=" is expressed by two ways.
Kind: TypeAlias = Literal["<=", "<", ">=", ">", "=="]


@dataclass(frozen=True)
class Lookup:
    """A number for each of the values ``keys`` of an encoded ``column`` that never changes.

    NaN for other values of the column, for which nothing is known.
    """

    column: int
    keys: tuple[float, ...]
    values: tuple[float, ...]

    def of(self, raw: FloatArray) -> FloatArray:
        """Return the numbers (n,) for raw rows (n, d)."""
        order = np.argsort(self.keys, kind="stable")
        keys, values = np.array(self.keys)[order], np.array(self.values)[order]
        place = np.minimum(np.searchsorted(keys, raw[:, self.column]), len(keys) - 1)
        return np.where(keys[place] == raw[:, self.column], values[place], np.nan)


@dataclass(frozen=True)
class Linear:
    """A linear form: ``constant`` plus weighted encoded columns plus weighted ``lookups``."""

    constant: float = 0.0
    weights: Mapping[int, float] = field(default_factory=dict)
    lookups: tuple[tuple[float, Lookup], ...] = ()

    @property
    def is_constant(self) -> bool:
        """Whether its value is the same for every row."""
        return not self.weights and not self.lookups

    @property
    def finite(self) -> bool:
        """Whether all its coefficients are finite."""
        numbers = [self.constant, *self.weights.values(), *(w for w, _ in self.lookups)]
        return bool(np.isfinite(numbers).all())

    def plus(self, other: Linear, factor: float = 1.0) -> Linear:
        """Return the sum of this form and ``factor`` times ``other``."""
        weights = dict(self.weights)
        for column, weight in other.weights.items():
            weights[column] = weights.get(column, 0.0) + factor * weight
        return Linear(
            self.constant + factor * other.constant,
            {column: weights[column] for column in sorted(weights) if weights[column]},
            self.lookups + tuple((factor * weight, lookup) for weight, lookup in other.lookups),
        )

    def times(self, factor: float) -> Linear:
        """Return the product of this form and a constant."""
        return Linear().plus(self, factor)

    def of(self, raw: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Return the values (n,) at raw rows (n, d), and the magnitude (n,) of the largest term.

        Adds term by term, so that a row's value does not depend on the other rows.
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
    """A comparison of a form with 0, by ``kind``.

    ``follows``: in an equality, the encoded column that is computed from the others.
    """

    form: Linear
    kind: Kind
    follows: int | None = None


#: Limits that must all hold; a relation holds if one of its ways does.
Way: TypeAlias = tuple[Limit, ...]
