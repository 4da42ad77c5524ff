"""Points outside the ball."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from genlabel_robust.runs.cells.cell import CellResult

NotPassed = Callable[..., dict[str, str]]


def test_points_outside_the_ball_are_a_failure(sound: CellResult, not_passed: NotPassed) -> None:
    planted = replace(sound, evidence={"pgd": sound.evidence["pgd"] | {"outside": 1.0}})
    assert not_passed(planted) == {"ball": "fail"}
