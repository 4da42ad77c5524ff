"""One step against many."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np

from genlabel_robust.runs.cells.cell import CellResult

INF = np.inf
Build = Callable[..., CellResult]
NotPassed = Callable[..., dict[str, str]]
Distances = Mapping[str, tuple[float, ...]]


def test_one_step_that_beats_many_is_a_warning(
    result: Build, not_passed: NotPassed, distances: Distances
) -> None:
    weak = distances | {"fgsm": (0.1, 0.2, 0.3, 0.4), "pgd": (INF, 0.2, 0.3, 0.4)}
    assert not_passed(result(weak)) == {"pgd-against-fgsm": "warn"}
