"""Attacks without gradients against those with them."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np

from genlabel_robust.runs.cells.cell import CellResult

INF = np.inf
Build = Callable[..., CellResult]
NotPassed = Callable[..., dict[str, str]]
Distances = Mapping[str, tuple[float, ...]]


def test_a_black_box_that_beats_the_gradients_is_a_warning(
    result: Build, not_passed: NotPassed, distances: Distances
) -> None:
    weak = distances | {"pgd": (INF, INF, INF, INF), "fgsm": (INF, INF, INF, INF)}
    assert not_passed(result(weak)) == {"white-box-against-black-box": "warn"}
    # 0.1 and 0.2 are within 0.25, and nothing is within 0.05
    assert not_passed(result(weak), 0.05) == {}
