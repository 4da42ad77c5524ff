"""Adversarial points that an attack met and did not return."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from genlabel_robust.runs.cells.cell import CellResult

NotPassed = Callable[..., dict[str, str]]


def test_a_success_that_was_lost_is_a_failure(sound: CellResult, not_passed: NotPassed) -> None:
    planted = replace(sound, evidence={"pgd": sound.evidence["pgd"] | {"lost": 1.0}})
    assert not_passed(planted) == {"lost-successes": "fail"}
