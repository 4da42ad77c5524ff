"""Claims that the model does not confirm."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from genlabel_robust.runs.cells.cell import CellResult
from genlabel_robust.runs.checks.judging import Check

Checks = Callable[..., dict[str, Check]]
NotPassed = Callable[..., dict[str, str]]


def test_claims_that_were_not_confirmed_are_a_warning(
    sound: CellResult, checks: Checks, not_passed: NotPassed
) -> None:
    # 10 of 12 claims on record were confirmed
    planted = replace(sound, evidence={"pgd": sound.evidence["pgd"] | {"unconfirmed": 2.0}})
    assert not_passed(planted) == {"claims": "warn"}
    assert checks(planted)["claims"].value == pytest.approx(2 / 12)
