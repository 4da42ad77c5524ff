"""Tables, ``target == table(source)``: the target's value for each value of the source."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from genlabel_robust.core import FloatArray, IntArray, shown
from genlabel_robust.threat.relation_text.refusal import refusal
from genlabel_robust.threat.relations.columns import Column
from genlabel_robust.threat.relations.linear import Limit, Linear, Lookup, Way

#: The most values of a mutable number in a table: each is a separate case.
MOST_VALUES = 64


@dataclass(frozen=True, eq=False)
class Dependence:
    """The value of the column ``target`` for each value of the column ``source``.

    ``keys`` (v,): the distinct values, or codes of levels, ascending; ``values`` (v,): the target's
    values, or codes of levels, for these.
    """

    target: str
    source: str
    keys: FloatArray
    values: FloatArray


def ways_of_table(target: Column, source: Column, table: Dependence, text: str) -> list[Way]:
    """Return the ways in which ``target`` can equal its value in ``table`` for ``source``.

    A category with a level that no reference row has satisfies the relation. Raises
    ``RelationError`` if the table would be too large.
    """
    keys, values = table.keys, table.values
    if source.code is None:
        return _of_levels(target, source, keys, values)
    if source.value is None or source.truth or not source.mutable:
        found = tuple(keys.tolist())
        return [
            _equal(target, lambda numbers: _looked_up(source.code or 0, found, numbers), values)
        ]
    if len(keys) > MOST_VALUES:
        raise refusal(
            text,
            f"is a table of {len(keys):,} values of {source.name!r}, a number that may change; at "
            f"most {MOST_VALUES} values are allowed: make the column immutable, or leave the "
            "relation out",
        )
    return [_case(target, source, key, value) for key, value in zip(keys, values, strict=True)]


def learned(target: Column, source: Column, text: str) -> Dependence:
    """Return the table of the reference rows in which neither value is missing.

    Raises ``RelationError`` if there are no such rows, or if two of them contradict each other.
    """
    both = np.flatnonzero(~np.isnan(source.numbers) & ~np.isnan(target.numbers))
    if not len(both):
        raise refusal(text, "is an empty table: no reference row has both values")
    order: IntArray = both[np.argsort(source.numbers[both], kind="stable")]
    keys, first = np.unique(source.numbers[order], return_index=True)
    values = target.numbers[order[first]]
    expected = values[np.searchsorted(keys, source.numbers[both])]
    other = np.flatnonzero(expected != target.numbers[both])
    if len(other):
        row = int(both[other[0]])
        same = order[first[int(np.searchsorted(keys, source.numbers[row]))]]
        raise refusal(
            text,
            f"does not hold in the reference rows: if {source.name!r} is "
            f"{_written(source, source.numbers[row])}, row {same} has "
            f"{_written(target, target.numbers[same])} and row {row} has "
            f"{_written(target, target.numbers[row])}; rows that contradict the others: "
            f"{len(other)}",
        )
    return Dependence(target.name, source.name, keys, values)


def _written(column: Column, number: float) -> str:
    levels = list(column.levels)
    return shown(levels[int(number)]) if levels else f"{number:.12g}"


def _looked_up(column: int, keys: tuple[float, ...], numbers: FloatArray) -> Linear:
    return Linear(lookups=((1.0, Lookup(column, keys, tuple(numbers.tolist()))),))


def _equal(target: Column, make: Callable[[FloatArray], Linear], values: FloatArray) -> Way:
    """Return the limits that ``target`` equals ``make(values)``, as a number or level by level.

    ``make``: returns the form that has the numbers (v,) for the source's v values.
    """
    if target.value is not None and not target.levels:
        return (_same(target.value, make(values)),)
    return tuple(
        _same(test, make((values == number).astype(np.float64)))
        for number, test in enumerate(target.levels.values())
    )


def _same(target: Linear, other: Linear) -> Limit:
    follows = next(iter(target.weights), None)
    return Limit(target.plus(other, -1.0), "==", follows)


def _of_levels(target: Column, source: Column, keys: FloatArray, values: FloatArray) -> list[Way]:
    """Return the ways of a table by a category that may change."""
    tests = list(source.levels.values())

    def make(numbers: FloatArray) -> Linear:
        whole = Linear()
        for key, number in zip(keys, numbers, strict=True):
            whole = whole.plus(tests[int(key)], float(number))
        return whole

    unknown = [test for number, test in enumerate(tests) if number not in {*keys.astype(int)}]
    return [
        _equal(target, make, values),
        *((Limit(test.plus(Linear(-1.0)), ">="),) for test in unknown),
    ]


def _case(target: Column, source: Column, key: float, value: float) -> Way:
    """Return the limits that ``source`` is ``key`` and that ``target`` is ``value``."""
    here = _same(source.value or Linear(), Linear(float(key)))
    if target.value is not None and not target.levels:
        return (here, _same(target.value, Linear(float(value))))
    tests = list(target.levels.values())
    return (here, _same(tests[int(value)], Linear(1.0)))
