"""The columns that relations name: their numbers and levels in terms of encoded columns."""

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
    """A column of the table in terms of encoded columns.

    ``value``: its number, None for a category; ``levels``: for a category, the form of each level
    that is 1 for rows with the level and otherwise 0. ``absent``: the form that is 1 where the
    value is missing and otherwise 0, None if no value can be missing. ``code``: the encoded column
    that contains the whole value, None for a category that may change. ``numbers`` (n,): the
    numbers or level codes of the reference rows; NaN for missing values. ``mutable``: whether the
    attacker may change it.
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

    ``feature_names`` (d,): its encoded columns, of which those marked ``mutable`` (d,) may change;
    ``encoding``: the encoding of the table's columns, None if they are encoded as they are.
    ``rows`` (n, d): the reference rows.
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
        """Return the column ``name``; raises ``RelationError`` about ``text`` if there is none."""
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
    """Return the form that is 1 if the category at encoded column ``at`` has level ``number``."""
    if part.free:
        return Linear(weights={at + number: 1.0})
    keys = tuple(float(code) for code in range(count))
    return Linear(lookups=((1.0, Lookup(at, keys, tuple(float(k == number) for k in keys))),))


def level_of(column: Column, level: str, text: str) -> Linear:
    """Return the form that is 1 if ``column`` has ``level``; ``RelationError`` if it is unknown."""
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
