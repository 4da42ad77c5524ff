"""What a name in a relation stands for: numbers and levels, over encoded columns."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches

import numpy as np

from genlabel_robust.core import SHOWN, BoolArray, FloatArray, quoted, shown
from genlabel_robust.data.columns.encoding import Encoding
from genlabel_robust.data.columns.number_or_category import Category
from genlabel_robust.data.columns.number_or_category import Number as NumberPart
from genlabel_robust.threat.relation_text.refusal import refusal
from genlabel_robust.threat.relations.linear import Linear, Lookup


@dataclass(frozen=True, eq=False)
class Column:
    """A column of the table, in encoded columns.

    ``value``: its number, None of a category; ``levels``: of a category, what is 1 where it has
    that level and else 0. ``absent``: what is 1 where the value is missing and else 0, None where
    none can be. ``code``: the one encoded column that holds all of it, None of a category that
    may change. ``numbers`` (n,): of the reference rows its numbers, or those of its levels; NaN
    where missing. ``mutable``: whether the attacker may change it.
    """

    name: str
    value: Linear | None
    levels: Mapping[str, Linear]
    absent: Linear | None
    code: int | None
    numbers: FloatArray
    mutable: bool
    truth: bool = False


@dataclass(frozen=True, eq=False)
class Columns:
    """The columns of a table by name.

    ``feature_names`` (d,): its encoded columns, of which the ``mutable`` (d,) may change;
    ``encoding``: how its own stand as these, None where they do as they are. ``rows`` (n, d): the
    reference rows.
    """

    feature_names: tuple[str, ...]
    encoding: Encoding | None
    mutable: BoolArray
    rows: FloatArray
    _known: dict[str, Column] = field(default_factory=dict)

    @property
    def names(self) -> tuple[str, ...]:
        """The names that a relation may use."""
        return self.feature_names if self.encoding is None else self.encoding.columns

    def named(self, name: str, text: str) -> Column:
        """Return the column ``name``; raises ``RelationError`` of ``text`` if there is none."""
        if not self._known:
            self._known.update({column.name: column for column in self._all()})
        if name not in self._known:
            near = get_close_matches(name[:100], self.names, n=3, cutoff=0.5)
            hint = f"did you mean {' or '.join(map(repr, near))}" if near else "known are"
            listed = "" if near else f" {quoted(sorted(self.names))}"
            raise refusal(
                text, f"names the column {shown(name)}, which does not exist; {hint}{listed}"
            )
        return self._known[name]

    def _all(self) -> Iterator[Column]:
        if self.encoding is None:
            for at, name in enumerate(self.feature_names):
                yield self._number(name, at, None)
            return
        place = 0
        for part in self.encoding.parts:
            if isinstance(part, NumberPart):
                yield self._number(part.name, place, None if part.fill is None else place + 1)
            else:
                yield self._category(part, place)
            place += len(part.names)

    def _number(self, name: str, at: int, flag: int | None) -> Column:
        numbers = self.rows[:, at]
        absent = None
        if flag is not None:
            numbers = np.where(self.rows[:, flag] >= 0.5, np.nan, numbers)
            absent = Linear(weights={flag: 1.0})
        value = Linear(weights={at: 1.0})
        return Column(name, value, {}, absent, at, numbers, bool(self.mutable[at]))

    def _category(self, part: Category, at: int) -> Column:
        count, known = len(part.level_names), len(part.levels)
        codes = part.codes(self.rows[:, at : at + len(part.names)]).astype(np.float64)
        tests = [_level(part, at, number, count) for number in range(count)]
        truth = part.kind == "truth"
        return Column(
            part.name,
            tests[1] if truth and known > 1 else None,
            {str(level): test for level, test in zip(part.levels, tests, strict=False)},
            tests[known] if count > known else None,
            None if part.free else at,
            np.where(codes < known, codes, np.nan),
            bool(self.mutable[at : at + len(part.names)].any()),
            truth,
        )


def _level(part: Category, at: int, number: int, count: int) -> Linear:
    """Return what is 1 where a category at encoded column ``at`` has level ``number``."""
    if part.free:
        return Linear(weights={at + number: 1.0})
    keys = tuple(float(code) for code in range(count))
    return Linear(lookups=((1.0, Lookup(at, keys, tuple(float(k == number) for k in keys))),))


def level_of(column: Column, level: str, text: str) -> Linear:
    """Return what is 1 where ``column`` has ``level``; raises ``RelationError`` of ``text``."""
    if level not in column.levels:
        near = get_close_matches(level[:100], column.levels, n=3, cutoff=0.5)
        hint = f"did you mean {' or '.join(map(repr, near))}" if near else "known are"
        listed = "" if near else f" {quoted([*column.levels][: SHOWN + 1])}"
        raise refusal(
            text,
            f"names the level {shown(level)}, which column {column.name!r} does not have; "
            f"{hint}{listed}",
        )
    return column.levels[level]
