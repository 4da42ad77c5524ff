"""The tree of a relation: sums of columns, comparisons of sums, and logical operators."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

#: Comparison operators.
Comparison: TypeAlias = Literal["<=", "<", ">=", ">", "==", "!="]


@dataclass(frozen=True)
class Number:
    """A constant."""

    value: float


@dataclass(frozen=True)
class Text:
    """A text, such as a level of a category."""

    value: str


@dataclass(frozen=True)
class Truth:
    """True or false."""

    value: bool


@dataclass(frozen=True)
class Name:
    """A column."""

    name: str


@dataclass(frozen=True)
class Table:
    """A table of the target's value for each value of a column, learned from the reference rows."""

    column: Name


@dataclass(frozen=True)
class Arithmetic:
    """A sum, a difference, a product or a quotient."""

    sign: Literal["+", "-", "*", "/"]
    left: Node
    right: Node


@dataclass(frozen=True)
class Compare:
    """A comparison of two sides."""

    sign: Comparison
    left: Node
    right: Node


@dataclass(frozen=True)
class Not:
    """A negation."""

    part: Node


@dataclass(frozen=True)
class Join:
    """A conjunction or a disjunction of two parts."""

    word: Literal["and", "or"]
    left: Node
    right: Node


Node: TypeAlias = Number | Text | Truth | Name | Table | Arithmetic | Compare | Not | Join
