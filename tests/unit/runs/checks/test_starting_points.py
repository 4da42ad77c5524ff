"""Attacks that have nowhere to start."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from genlabel_robust.attacks.attack import Outcome
from genlabel_robust.runs.cells.cell import CellResult
from genlabel_robust.runs.checks.judging import Check

NotPassed = Callable[..., dict[str, str]]


def test_an_attack_without_a_start_is_a_warning(sound: CellResult, not_passed: NotPassed) -> None:
    outcomes = sound.outcomes.copy()
    outcomes[2, 3] = int(Outcome.NO_START)
    assert not_passed(replace(sound, outcomes=outcomes)) == {"starting-points": "warn"}


def test_no_start_is_needed_where_every_answer_is_decided(
    sound: CellResult,
    checks: Callable[..., dict[str, Check]],
    decided: Callable[[CellResult], CellResult],
) -> None:
    outcomes = sound.outcomes.copy()
    outcomes[2, 3] = int(Outcome.NO_START)
    found = checks(decided(replace(sound, outcomes=outcomes)))["starting-points"]
    assert found.status == "pass"
    assert found.value > 0
    assert "and none was needed: every answer is decided" in found.sentence
