"""Attacks that claim the impossible."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from genlabel_robust.runs.cells.cell import CellResult

NotPassed = Callable[..., dict[str, str]]


def test_an_attack_below_the_exact_value_is_a_failure(
    sound: CellResult, not_passed: NotPassed
) -> None:
    planted = replace(sound, exact=np.array([0.1, 0.3, 0.3, 0.4]))
    found = not_passed(planted)
    assert found["exact-bound"] == "fail"


def test_a_difference_of_rounding_at_the_budget_is_no_failure(
    sound: CellResult, not_passed: NotPassed
) -> None:
    planted = replace(sound, exact=np.array([0.1, 0.25 + 5e-6, 0.3, 0.4]))
    assert "exact-bound" not in not_passed(planted)
