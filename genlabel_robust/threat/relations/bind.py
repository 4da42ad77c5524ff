"""Translation of a relation's tree to alternative sets of limits on encoded columns."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal

from genlabel_robust.core import shown
from genlabel_robust.threat.relation_text.parse import parse
from genlabel_robust.threat.relation_text.refusal import GRAMMAR, refusal
from genlabel_robust.threat.relation_text.tree import (
    Arithmetic,
    Compare,
    Join,
    Name,
    Node,
    Not,
    Number,
    Table,
    Text,
    Truth,
)
from genlabel_robust.threat.relations.columns import Column, Columns, level_of
from genlabel_robust.threat.relations.dependence import Dependence, learned, ways_of_table
from genlabel_robust.threat.relations.linear import Kind, Limit, Linear, Way

#: The most ways in which a row can satisfy one relation.
MOST_WAYS = 200
_OPPOSITE = {"<=": ">", ">": "<=", "<": ">=", ">=": "<", "==": "!=", "!=": "=="}


@dataclass(frozen=True)
class Relation:
    """A relation's ``text`` and its ``ways``: a row satisfies it if all limits of one way hold.

    The last ``gone`` ways are those in which a value is missing. ``tables``: the tables that it
    uses.
    """

    text: str
    ways: tuple[Way, ...]
    gone: int = 0
    tables: tuple[Dependence, ...] = ()


def bind(
    text: str,
    columns: Columns,
    table: Callable[[Column, Column, str], Dependence] = learned,
) -> Relation:
    """Return the relation ``text`` over encoded columns; raises ``RelationError``.

    A relation does not bind a row in which one of its values is missing; for each column that can
    be missing, this is an additional way. ``table``: a function that returns the table of a target
    column by a source column, for the relation's text.
    """
    reader = _Binder(text, columns, table)
    ways = reader.ways(parse(text), holds=True)
    absent = [column.absent for column in reader.used.values() if column.absent is not None]
    gone = [(Limit(one.plus(Linear(-1.0)), ">="),) for one in absent]
    return Relation(text, (*ways, *gone), len(gone), tuple(reader.tables))


@dataclass
class _Binder:
    """Translates one relation; ``used``: the columns that it names, and ``tables`` its tables."""

    text: str
    columns: Columns
    table: Callable[[Column, Column, str], Dependence]
    used: dict[str, Column] = field(default_factory=dict)
    tables: list[Dependence] = field(default_factory=list)

    def ways(self, node: Node, *, holds: bool) -> list[Way]:
        """Return the ways in which ``node`` is true, or, unless ``holds``, false."""
        if isinstance(node, Not):
            return self.ways(node.part, holds=not holds)
        if isinstance(node, Join):
            left, right = (self.ways(side, holds=holds) for side in (node.left, node.right))
            if (node.word == "and") == holds:
                return self._few([(*one, *other) for one in left for other in right])
            return self._few([*left, *right])
        if isinstance(node, Compare):
            return self._compared(node.sign if holds else _OPPOSITE[node.sign], node)
        if isinstance(node, Name) and self._column(node).truth:
            return self._numbers("==" if holds else "!=", node, Truth(value=True))
        raise refusal(self.text, f"makes no comparison in {_described(node)}; {GRAMMAR}")

    def _few(self, ways: list[Way]) -> list[Way]:
        if len(ways) > MOST_WAYS:
            raise refusal(
                self.text,
                f"can be met in more than {MOST_WAYS} ways; write simpler relations",
            )
        return ways

    def _column(self, node: Name) -> Column:
        column = self.columns.named(node.name, self.text)
        self.used[node.name] = column
        return column

    def _compared(self, sign: str, node: Compare) -> list[Way]:
        sides = (node.left, node.right)
        for side, other in (sides, sides[::-1]):
            if isinstance(side, Table):
                if sign != "==" or not isinstance(other, Name):
                    raise refusal(
                        self.text,
                        "uses table() in a way that is not allowed; write COLUMN == table(COLUMN), "
                        "without not, and not as part of a sum",
                    )
                target, source = self._column(other), self._column(side.column)
                if target is source:
                    raise refusal(self.text, "is a table of a column of itself")
                table = self.table(target, source, self.text)
                self.tables.append(table)
                return self._few(ways_of_table(target, source, table, self.text))
        if any(self._is_category(side) for side in sides):
            return self._levels(sign, *sides)
        return self._numbers(sign, *sides)

    def _is_category(self, node: Node) -> bool:
        if isinstance(node, Text):
            return True
        return isinstance(node, Name) and self._column(node).value is None

    def _levels(self, sign: str, left: Node, right: Node) -> list[Way]:
        """Return the ways of a comparison between categories, or of a category with a level."""
        if isinstance(left, Text):
            left, right = right, left
        if not isinstance(left, Name) or not isinstance(right, Name | Text):
            raise self._text_with_number(left if isinstance(left, Text) else right, left)
        column = self._column(left)
        if column.value is not None and (isinstance(right, Text) or not column.truth):
            raise self._text_with_number(right, left)
        if sign not in ("==", "!="):
            raise refusal(
                self.text,
                f"compares the category {column.name!r} by {sign}; levels have no order, so use == "
                "or !=",
            )
        if isinstance(right, Text):
            test = level_of(column, right.value, self.text)
            return (
                [(Limit(test.plus(Linear(-1.0)), "==", next(iter(test.weights), None)),)]
                if (sign == "==")
                else [(Limit(test, "<="),)]
            )
        return self._two_categories(sign, column, self._column(right))

    def _two_categories(self, sign: str, left: Column, right: Column) -> list[Way]:
        if not left.levels or not right.levels:
            number = right if left.levels else left
            raise refusal(self.text, f"compares text with the number {number.name!r}")
        nothing = Linear()
        limits: list[Limit] = []
        for level in dict.fromkeys([*left.levels, *right.levels]):
            one, other = left.levels.get(level, nothing), right.levels.get(level, nothing)
            if sign == "==":
                limits.append(Limit(one.plus(other, -1.0), "==", next(iter(one.weights), None)))
            else:
                limits.append(Limit(one.plus(other).plus(Linear(-1.0)), "<="))
        return [tuple(limits)]

    def _numbers(self, sign: str, left: Node, right: Node) -> list[Way]:
        one, other = self._linear(left), self._linear(right)
        form = one.plus(other, -1.0)
        if form.is_constant:
            raise refusal(self.text, f"compares only constants; {GRAMMAR}")
        if not form.finite:
            raise refusal(self.text, "has numbers that are too large")
        if sign == "!=":
            return [(Limit(form, "<"),), (Limit(form, ">"),)]
        kinds: dict[str, Kind] = {k: k for k in ("<=", "<", ">=", ">", "==")}
        return [(Limit(form, kinds[sign], _alone(one, other) if sign == "==" else None),)]

    def _linear(self, node: Node) -> Linear:
        """Return ``node`` as a linear form; raises ``RelationError`` if it is not linear."""
        if isinstance(node, Number | Truth):
            return Linear(float(node.value))
        if isinstance(node, Name):
            value = self._column(node).value
            if value is None:
                raise refusal(
                    self.text,
                    f"compares or adds the text of {node.name!r} with numbers; compare it with one "
                    f"of its levels, such as {node.name} == {self._example(node)}",
                )
            return value
        if isinstance(node, Text):
            raise self._text_with_number(node, node)
        if isinstance(node, Arithmetic):
            return self._arithmetic(node.sign, self._linear(node.left), self._linear(node.right))
        raise refusal(self.text, f"has {_described(node)} where a number is needed; {GRAMMAR}")

    def _arithmetic(self, sign: Literal["+", "-", "*", "/"], left: Linear, right: Linear) -> Linear:
        if sign in ("+", "-"):
            return left.plus(right, 1.0 if sign == "+" else -1.0)
        if sign == "*" and left.is_constant:
            left, right = right, left
        if not right.is_constant:
            word = "multiplies two columns" if sign == "*" else "divides by a column"
            raise refusal(self.text, f"{word}; only products with constants are linear")
        if sign == "/" and right.constant == 0:
            raise refusal(self.text, "divides by 0")
        return left.times(right.constant if sign == "*" else 1 / right.constant)

    def _example(self, node: Name) -> str:
        return shown(next(iter(self._column(node).levels), ""))

    def _text_with_number(self, text: Node, other: Node) -> Exception:
        names = [node.name for node in (text, other) if isinstance(node, Name)]
        numbers = [name for name in names if self.columns.named(name, self.text).levels == {}]
        number = f"the number {numbers[0]!r}" if numbers else "a number"
        if isinstance(text, Text):
            return refusal(self.text, f"compares text {shown(text.value)} with {number}")
        category = next((name for name in names if name not in numbers), "")
        return refusal(self.text, f"compares the category {category!r} with {number}")


def _alone(left: Linear, right: Linear) -> int | None:
    """Return the encoded column that is alone on one side of an equality, the right side first."""
    for side, other in ((right, left), (left, right)):
        if len(side.weights) == 1 and not side.lookups:
            (column,) = side.weights
            if column not in other.weights:
                return column
    return None


def _described(node: Node) -> str:
    if isinstance(node, Name):
        return f"{node.name!r}"
    if isinstance(node, Text | Number | Truth):
        return shown(node.value)
    return "a table()" if isinstance(node, Table) else "a sum or a comparison"
