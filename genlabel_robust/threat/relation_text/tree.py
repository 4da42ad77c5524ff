"""What a relation says, as a tree: sums of columns, comparisons of sums, and what joins these."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

#: How two sides are compared.
Comparison: TypeAlias = Literal["<=", "<", ">=", ">", "==", "!="]


@dataclass(frozen=True)
class Number:
    """A constant."""

    value: float


@dataclass(frozen=True)
class Text:
    """A level of a category."""

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
    """What the reference rows have for each value of a column."""

    column: Name


@dataclass(frozen=True)
class Arithmetic:
    """A sum, a difference, a product or a quotient."""

    sign: Literal["+", "-", "*", "/"]
    left: Node
    right: Node


@dataclass(frozen=True)
class Compare:
    """Two sides, compared."""

    sign: Comparison
    left: Node
    right: Node


@dataclass(frozen=True)
class Not:
    """What must not be so."""

    part: Node


@dataclass(frozen=True)
class Join:
    """Two parts of which both must hold, or one."""

    word: Literal["and", "or"]
    left: Node
    right: Node


Node: TypeAlias = Number | Text | Truth | Name | Table | Arithmetic | Compare | Not | Join
