from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from genlabel_robust.core.errors import ConfigurationError
from genlabel_robust.threat.budgets import MOST, parse_eps

POSITIVE = st.floats(1e-6, 1e6)


@given(POSITIVE)
def test_a_number_is_itself(value: float) -> None:
    assert parse_eps(value) == parse_eps(repr(value)) == (value,)


@given(POSITIVE, POSITIVE, st.integers(2, 200))
def test_a_range_holds_its_count_both_ends_and_even_steps(
    low: float, high: float, count: int
) -> None:
    values = parse_eps(f"{low!r}:{high!r}:{count}")
    assert len(values) == count
    assert values[0] == pytest.approx(low, abs=1e-12)
    assert values[-1] == high
    step = (high - low) / (count - 1)
    for i, value in enumerate(values):
        assert value == pytest.approx(low + i * step, rel=1e-9, abs=1e-9)


def test_a_range_is_written_as_a_person_would() -> None:
    expected = (
        0.01,
        0.042222222222,
        0.074444444444,
        0.106666666667,
        0.138888888889,
        0.171111111111,
        0.203333333333,
        0.235555555556,
        0.267777777778,
        0.3,
    )
    assert parse_eps("0.01:0.3:10") == expected
    assert parse_eps("0.1:0.3:3") == (0.1, 0.2, 0.3)
    assert parse_eps("0.3:0.1:3") == (0.3, 0.2, 0.1)


@given(st.one_of(st.floats(max_value=0.0), st.just(math.nan), st.just(math.inf)))
def test_what_is_not_above_0_and_finite_is_refused(value: float) -> None:
    with pytest.raises(ConfigurationError, match="must be a number above 0"):
        parse_eps(value)
    with pytest.raises(ConfigurationError, match="must be a number above 0"):
        parse_eps(f"{value!r}:1:3")


@given(st.text(st.characters(exclude_categories=("N",)), max_size=12))
def test_text_without_a_digit_is_refused(text: str) -> None:
    with pytest.raises(ConfigurationError, match="must be a number above 0"):
        parse_eps(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        ":",
        "::",
        "0.1:",
        "0.1:0.2",
        "0.1:0.2:",
        "0.1:0.2:1",
        "0.1:0.2:0",
        "0.1:0.2:-3",
        "0.1:0.2:2.5",
        "0.1:0.2:3:4",
        f"0.1:0.2:{MOST + 1}",
        "0.1,0.2",
        "10%",
    ],
)
def test_a_range_that_is_none_is_refused_with_the_text(text: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        parse_eps(text)
    assert repr(text) in str(caught.value)
    assert "0.01:0.3:10" in str(caught.value)


def test_the_longest_range_is_taken() -> None:
    assert len(parse_eps(f"0.1:0.2:{MOST}")) == MOST
