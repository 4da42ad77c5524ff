"""Examples that are left out for want of time."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

import numpy as np
import pytest

from genlabel_robust.attacks.attack import Outcome
from genlabel_robust.runs.cells.cell import CellResult
from genlabel_robust.runs.checks.judging import Check

INF = np.inf
Build = Callable[..., CellResult]
Checks = Callable[..., dict[str, Check]]
NotPassed = Callable[..., dict[str, str]]
Distances = Mapping[str, tuple[float, ...]]


def test_what_an_attack_had_no_time_for_is_a_failure(
    sound: CellResult, checks: Checks, not_passed: NotPassed
) -> None:
    outcomes = sound.outcomes.copy()
    outcomes[0, [1, 3]] = int(Outcome.OUT_OF_TIME)
    planted = replace(sound, outcomes=outcomes)
    assert not_passed(planted) == {"time": "fail"}
    # two of four rows under one of three attacks
    assert checks(planted)["time"].value == pytest.approx(1 / 6)
    # they had been tried at this budget, and were left out at a larger one
    tried = np.full(outcomes.shape, INF)
    tried[0, [1, 3]] = 0.25
    assert not_passed(replace(planted, tried=tried)) == {}
    assert not_passed(replace(planted, tried=tried), 0.3) == {"time": "fail"}


def test_an_attack_that_cannot_work_is_not_unfinished(
    result: Build, checks: Checks, distances: Distances
) -> None:
    cell = result(distances | {"hopskipjump": None})
    assert checks(cell)["time"].value == 0.0
