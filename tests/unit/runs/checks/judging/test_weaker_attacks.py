"""What spares a stronger attack says nothing against it."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np

from genlabel_robust.attacks.attack import Outcome
from genlabel_robust.runs.cells.cell import CellResult

INF = np.inf
Build = Callable[..., CellResult]
NotPassed = Callable[..., dict[str, str]]
Distances = Mapping[str, tuple[float, ...]]


def test_rows_that_a_stronger_attack_had_no_time_for_are_no_weakness_of_it(
    result: Build, not_passed: NotPassed, distances: Distances
) -> None:
    late = int(Outcome.OUT_OF_TIME)
    cell = result(distances | {"pgd": (INF, 0.2, 0.3, 0.4)}, outcomes={"pgd": (late, 0, 0, 0)})
    assert not_passed(cell) == {"time": "fail"}


def test_rows_spared_by_early_stop_are_no_weakness_of_the_stronger_attack(
    result: Build, not_passed: NotPassed, distances: Distances
) -> None:
    skipped = int(Outcome.SKIPPED)
    cell = result(
        distances | {"pgd": (INF, 0.2, 0.3, 0.4)},
        outcomes={"pgd": (skipped, 0, 0, 0)},
    )
    assert not_passed(cell) == {}
