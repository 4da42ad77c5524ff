"""Gradients that point nowhere."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from genlabel_robust.runs.cells.cell import CellResult
from genlabel_robust.runs.checks.judging import Check

Build = Callable[..., CellResult]
Checks = Callable[..., dict[str, Check]]
NotPassed = Callable[..., dict[str, str]]


@pytest.mark.parametrize("fault", ["zero_gradients", "nonfinite_gradients"])
def test_useless_gradients_are_a_warning(
    fault: str, sound: CellResult, not_passed: NotPassed
) -> None:
    assert not_passed(replace(sound, evidence={"pgd": sound.evidence["pgd"] | {fault: 1.0}})) == {}
    planted = replace(sound, evidence={"pgd": sound.evidence["pgd"] | {fault: 2.0}})
    assert not_passed(planted) == {"gradients": "warn"}


def test_no_gradients_asked_for_means_no_check_of_them(result: Build, checks: Checks) -> None:
    assert "gradients" not in checks(result({"hopskipjump": (0.1, 0.2, 0.3, 0.4)}))
