from __future__ import annotations

from dataclasses import dataclass, fields

import pytest

from genlabel_robust.attacks.settings import (
    MOST,
    budget,
    check_settings,
    choice,
    count,
    doubled,
    is_budget,
    size,
)
from genlabel_robust.core.errors import ConfigurationError, UnknownNameError


@dataclass(frozen=True)
class Walk:
    name = "walk"
    steps: int = budget(3)
    restarts: int = count(0, least=0)
    length: float = size(0.5)
    begin: str = choice("pool", among=("pool", "noise"))


@pytest.mark.parametrize("value", [0, -1, 2.0, True, "3", MOST + 1])
def test_a_budget_that_is_no_whole_number_in_range_is_refused(value) -> None:
    with pytest.raises(
        ConfigurationError, match=r"attack 'walk': steps is .* a whole number of at"
    ):
        check_settings(Walk(steps=value))


def test_a_count_may_have_another_least_value() -> None:
    check_settings(Walk(restarts=0))
    with pytest.raises(ConfigurationError, match=r"restarts is -1; .* at least 0"):
        check_settings(Walk(restarts=-1))


@pytest.mark.parametrize("value", [0, -0.5, float("inf"), float("nan"), True, "0.5"])
def test_a_size_that_is_no_finite_number_above_zero_is_refused(value) -> None:
    with pytest.raises(ConfigurationError, match=r"length is .* a number above 0"):
        check_settings(Walk(length=value))


def test_a_choice_that_is_unknown_names_the_nearest() -> None:
    with pytest.raises(UnknownNameError, match="no begin 'pol' for attack 'walk'; did you mean"):
        check_settings(Walk(begin="pol"))


def test_only_budgets_are_doubled() -> None:
    assert doubled(Walk(restarts=2)) == Walk(steps=6, restarts=2)
    assert [f.name for f in fields(Walk) if is_budget(f)] == ["steps"]
