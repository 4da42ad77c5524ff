"""The drop that a baseline's rows can detect, and that the advice on it is correct."""

from __future__ import annotations

import re

import pytest

from genlabel_robust.gates.baselines.least_drop import advice
from genlabel_robust.statistics import checkpoint_power


def test_the_advice_is_the_smallest_drop_that_an_unchanged_model_passes() -> None:
    said = advice(315)
    assert said.startswith("With 315 test rows, give the gate --max-drop 0.034 or more, or test")
    usual, few, many = (float(one) for one in re.findall(r"0\.\d+", said))
    for drop, discordance in ((usual, 0.05), (few, 0.02), (many, 0.1)):
        assert checkpoint_power(315, discordance, drop)[0] >= 0.8
        assert checkpoint_power(315, discordance, drop - 0.002)[0] < 0.8


@pytest.mark.parametrize("n", [0, 1, 2])
def test_of_hardly_any_rows_it_is_said_that_they_are_too_few(n: int) -> None:
    assert "test more rows" in advice(n)
