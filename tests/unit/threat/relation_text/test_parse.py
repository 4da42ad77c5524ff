from __future__ import annotations

import pytest

from genlabel_robust.core.errors import RelationError
from genlabel_robust.threat.relation_text.parse import parse
from genlabel_robust.threat.relation_text.tree import (
    Arithmetic,
    Compare,
    Join,
    Name,
    Not,
    Number,
    Table,
    Text,
)

A, B, C = Name("a"), Name("b"), Name("c")


def test_products_bind_closer_than_sums() -> None:
    sum_ = Arithmetic("+", A, Arithmetic("*", Number(2.0), B))
    assert parse("a + 2 * b <= c") == Compare("<=", sum_, C)


def test_differences_are_read_from_the_left() -> None:
    left = Arithmetic("-", Arithmetic("-", A, B), C)
    assert parse("a - b - c > 1e2") == Compare(">", left, Number(100.0))


def test_and_binds_closer_than_or_and_both_closer_than_an_implication() -> None:
    a, b, c = (Compare("<", name, Number(1.0)) for name in (A, B, C))
    either = Join("or", a, Join("and", b, c))
    assert parse("a < 1 or b < 1 and c < 1") == either
    assert parse("a < 1 or b < 1 and c < 1 -> a < 1") == Join("or", Not(either), a)
    assert parse("a < 1 IMPLIES b < 1") == Join("or", Not(a), b)


def test_implications_are_read_from_the_right() -> None:
    a, b, c = (Compare("<", name, Number(1.0)) for name in (A, B, C))
    assert parse("a < 1 -> b < 1 -> c < 1") == Join("or", Not(a), Join("or", Not(b), c))


def test_a_chain_of_comparisons_is_all_of_them() -> None:
    assert parse("a <= b <= c") == Join("and", Compare("<=", A, B), Compare("<=", B, C))


def test_odd_names_stand_in_backticks_and_levels_in_quotes() -> None:
    assert parse("`odd name-1` == 'it is'") == Compare("==", Name("odd name-1"), Text("it is"))
    assert parse('`and` == "or"') == Compare("==", Name("and"), Text("or"))


def test_a_table_is_that_of_a_column() -> None:
    assert parse("a == table(`b`)") == Compare("==", A, Table(B))


def test_two_negations_are_none() -> None:
    assert parse("not not a < b") == Compare("<", A, B)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "ends too early"),
        ("a <=", "ends too early"),
        ("a + b", "makes no comparison"),
        ("a = b", "cannot be read, starting at '= b'"),
        ("a <= b c", "has 'c' out of place"),
        ("(a <= b", "ends too early"),
        ("a <= b)", "has ')' out of place"),
        ("a <= __import__('os')", "has '(' out of place"),
        ("a <= table(b + c)", "has '+' out of place"),
        ("a <= 1e999", "too large"),
        ("a <= 3x", "cannot be read, starting at '3x'"),
        ("a <= `b", "cannot be read, starting at '`b'"),
        ("(" * 50 + "a <= b" + ")" * 50, "nested more than 40 levels deep"),
        ("a <= b" + " + b" * 400, "more than 300 words and signs"),
        ("a <= b" + " " * 3000, "longer than 2,000 characters"),
    ],
)
def test_what_is_no_relation_is_refused_in_one_sentence(text: str, told: str) -> None:
    with pytest.raises(RelationError) as caught:
        parse(text)
    assert told in str(caught.value)
    assert "\n" not in str(caught.value)
    assert caught.value.relation == text
    assert caught.value.exit_code == 2
