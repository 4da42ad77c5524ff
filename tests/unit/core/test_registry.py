from __future__ import annotations

import sys

import pytest

from genlabel_robust.core.errors import UnknownNameError
from genlabel_robust.core.registry import Registry

FRUIT = Registry(
    "fruit",
    {
        "apple": ("fractions:Fraction", "round"),
        "apricot": ("decimal:Decimal", "small"),
        "broken": ("no_such_module_here:X", "cannot be imported"),
    },
)


def test_listing_keeps_the_order_and_imports_nothing() -> None:
    assert list(FRUIT) == ["apple", "apricot", "broken"]
    assert len(FRUIT) == 3
    assert FRUIT.describe("apricot") == "small"
    assert "no_such_module_here" not in sys.modules


def test_load_returns_the_named_attribute() -> None:
    from fractions import Fraction

    assert FRUIT["apple"] == "fractions:Fraction"
    assert FRUIT.load("apple") is Fraction


def test_an_unknown_name_answers_with_the_nearest_and_all_known() -> None:
    with pytest.raises(UnknownNameError) as caught:
        FRUIT.load("appel")
    text = str(caught.value)
    assert text.startswith("there is no fruit 'appel'; did you mean 'apple'")
    assert text.endswith("known: apple, apricot, broken")
    assert caught.value.exit_code == 2


def test_a_name_like_no_other_gets_no_guess() -> None:
    with pytest.raises(UnknownNameError) as caught:
        FRUIT.describe("zzz")
    assert str(caught.value) == "there is no fruit 'zzz'; known: apple, apricot, broken"
