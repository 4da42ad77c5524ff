from __future__ import annotations

import math
from typing import Any

import pytest

from genlabel_robust.core.errors import UsageError
from genlabel_robust.gates.verdicts.terms import Terms


@pytest.mark.parametrize(
    "values",
    [
        {"max_drop": 0},
        {"max_drop": 1},
        {"max_drop": -0.1},
        {"max_drop": math.nan},
        {"min_robust": -0.1},
        {"min_robust": 40},
        {"min_robust": math.nan},
        {"mode": "receipt"},
        {"inconclusive": "maybe"},
    ],
)
def test_terms_that_cannot_be_are_refused_with_their_name(values: dict[str, Any]) -> None:
    with pytest.raises(UsageError) as caught:
        Terms(**values)
    (value,) = values.values()
    assert str(value) in str(caught.value)


def test_the_ends_of_a_floor_are_allowed() -> None:
    assert [Terms(min_robust=floor).min_robust for floor in (0, 1)] == [0, 1]
