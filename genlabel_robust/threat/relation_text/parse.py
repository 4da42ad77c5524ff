"""Parser of relations: text to tree, without executing anything.

relation    = either ["->" relation]           "implies" is the same
either      = both {"or" both}
both        = opposite {"and" opposite}
opposite    = ["not"] comparison
comparison  = sum {("<=" | "<" | ">=" | ">" | "==" | "!=") sum}
sum         = product {("+" | "-") product}
product     = factor {("*" | "/") factor}
factor      = ["-"] (number | text | truth | column | table | "(" relation ")")
truth       = "true" | "false"
table       = "table" "(" column ")"
"""

from __future__ import annotations

import math
from typing import cast, get_args

from genlabel_robust.core import shown
from genlabel_robust.threat.relation_text.refusal import GRAMMAR, refusal
from genlabel_robust.threat.relation_text.tokens import Kind, Token, tokens
from genlabel_robust.threat.relation_text.tree import (
    Arithmetic,
    Compare,
    Comparison,
    Join,
    Name,
    Node,
    Not,
    Number,
    Table,
    Text,
    Truth,
)

#: How deep brackets and negations may be nested.
_DEEPEST = 40


def parse(text: str) -> Node:
    """Return the tree of the relation ``text``; raises ``RelationError`` if it is invalid."""
    reader = _Reader(text)
    tree = reader.relation()
    reader.expect("end", "")
    if not isinstance(tree, Compare | Not | Join):
        raise refusal(text, f"makes no comparison; {GRAMMAR}")
    return tree


class _Reader:
    """The tokens of a relation, of which the first ``_next`` have been read."""

    def __init__(self, text: str) -> None:
        self._text, self._tokens, self._next, self._depth = text, tokens(text), 0, 0

    def relation(self) -> Node:
        """Read a whole relation, or one in parentheses."""
        self._depth += 1
        if self._depth > _DEEPEST:
            raise refusal(self._text, f"is nested more than {_DEEPEST} levels deep")
        left = self._either()
        if self._take("sign", "->") or self._take("word", "implies"):
            left = Join("or", Not(left), self.relation())
        self._depth -= 1
        return left

    def expect(self, kind: Kind, value: str) -> Token:
        """Read one token of ``kind``, with ``value`` unless that is empty."""
        token = self._tokens[self._next]
        if token.kind != kind or (value and token.value != value):
            raise self._unexpected(token)
        self._next += 1
        return token

    def _either(self) -> Node:
        left = self._both()
        while self._take("word", "or"):
            left = Join("or", left, self._both())
        return left

    def _both(self) -> Node:
        left = self._opposite()
        while self._take("word", "and"):
            left = Join("and", left, self._opposite())
        return left

    def _opposite(self) -> Node:
        denied = False
        while self._take("word", "not"):
            denied = not denied
        part = self._comparison()
        return Not(part) if denied else part

    def _comparison(self) -> Node:
        left: Node = self._sum()
        parts: list[Node] = []
        while (token := self._tokens[self._next]).value in get_args(Comparison):
            if token.kind != "sign":
                break
            self._next += 1
            right = self._sum()
            parts.append(Compare(cast("Comparison", token.value), left, right))
            left = right
        if not parts:
            return left
        whole = parts[0]
        for part in parts[1:]:
            whole = Join("and", whole, part)
        return whole

    def _sum(self) -> Node:
        left = self._product()
        while (sign := self._sign("+", "-")) is not None:
            left = Arithmetic("+" if sign == "+" else "-", left, self._product())
        return left

    def _product(self) -> Node:
        left = self._factor()
        while (sign := self._sign("*", "/")) is not None:
            left = Arithmetic("*" if sign == "*" else "/", left, self._factor())
        return left

    def _factor(self) -> Node:
        negative = False
        while self._take("sign", "-"):
            negative = not negative
        part = self._single()
        return Arithmetic("-", Number(0.0), part) if negative else part

    def _single(self) -> Node:
        token = self._tokens[self._next]
        self._next += 1
        if token.kind == "number":
            value = float(token.value)
            if not math.isfinite(value):
                raise refusal(self._text, f"has the number {token.value}, which is too large")
            return Number(value)
        if token.kind == "text":
            return Text(token.value)
        if token.kind == "name":
            return Name(token.value)
        if token.kind == "word" and token.value in ("true", "false"):
            return Truth(token.value == "true")
        if token.kind == "word" and token.value == "table":
            self.expect("sign", "(")
            column = Name(self.expect("name", "").value)
            self.expect("sign", ")")
            return Table(column)
        if token.kind == "sign" and token.value == "(":
            part = self.relation()
            self.expect("sign", ")")
            return part
        self._next -= 1
        raise self._unexpected(token)

    def _sign(self, *signs: str) -> str | None:
        token = self._tokens[self._next]
        if token.kind == "sign" and token.value in signs:
            self._next += 1
            return token.value
        return None

    def _take(self, kind: Kind, value: str) -> bool:
        token = self._tokens[self._next]
        if token.kind == kind and token.value == value:
            self._next += 1
            return True
        return False

    def _unexpected(self, token: Token) -> Exception:
        if token.kind == "end":
            return refusal(self._text, f"ends too early; {GRAMMAR}")
        return refusal(self._text, f"has {shown(token.value)} out of place; {GRAMMAR}")
