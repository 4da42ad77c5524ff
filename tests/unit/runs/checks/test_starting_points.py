"""Attacks that have nowhere to start."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from genlabel_robust.attacks.attack import Outcome
from genlabel_robust.runs.cells.cell import CellResult

NotPassed = Callable[..., dict[str, str]]


def test_an_attack_without_a_start_is_a_warning(sound: CellResult, not_passed: NotPassed) -> None:
    outcomes = sound.outcomes.copy()
    outcomes[2, 3] = int(Outcome.NO_START)
    assert not_passed(replace(sound, outcomes=outcomes)) == {"starting-points": "warn"}
