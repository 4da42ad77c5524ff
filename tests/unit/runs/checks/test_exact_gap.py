"""Attacks that overestimate robust accuracy."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from genlabel_robust.runs.cells.cell import CellResult
from genlabel_robust.runs.checks.judging import Check

Checks = Callable[..., dict[str, Check]]
NotPassed = Callable[..., dict[str, str]]


def test_attacks_far_above_the_exact_value_are_a_warning(
    sound: CellResult, checks: Checks, not_passed: NotPassed
) -> None:
    planted = replace(sound, exact=np.array([0.1, 0.2, 0.2, 0.4]))
    assert not_passed(planted) == {"exact-gap": "warn"}
    assert checks(planted)["exact-gap"].value == pytest.approx(0.25)
