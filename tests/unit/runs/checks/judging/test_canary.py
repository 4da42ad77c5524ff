"""What the attacks break on models of known margins."""

from __future__ import annotations

from collections.abc import Callable

from genlabel_robust.runs.cells.canary_record import CanaryRecord
from genlabel_robust.runs.cells.cell import CellResult
from genlabel_robust.runs.checks.judging import Check

Checks = Callable[..., dict[str, Check]]


def test_an_attack_that_fails_on_the_canary_is_a_failure(sound: CellResult, checks: Checks) -> None:
    weak = {"affine": CanaryRecord(0.1, 0.9, {})}
    found = checks(sound, canaries=weak)["canary-affine"]
    assert found.as_dict() == {
        "name": "canary-affine",
        "status": "fail",
        "value": 0.9,
        "bound": "at least",
        "limit": 0.99,
        "sentence": "Together the attacks broke 90 % of the rows that can be broken on an affine "
        "model whose margins are known; at least 99 % is needed. Attack with a stronger suite.",
    }


def test_a_suite_of_which_nothing_works_on_the_canary_has_not_proved_itself(
    sound: CellResult, checks: Checks
) -> None:
    none = {"forest": CanaryRecord(0.1, None, {})}
    (found,) = [c for name, c in checks(sound, canaries=none).items() if "canary" in name]
    assert (found.name, found.status, found.value) == ("canary-forest", "fail", 0.0)
    assert found.sentence.startswith("No attack of the suite can work on a small forest")
