"""Random points against attacks that search."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
import pytest

from genlabel_robust.runs.cells.cell import CellResult
from genlabel_robust.runs.checks.judging import Check

INF = np.inf
Build = Callable[..., CellResult]
Checks = Callable[..., dict[str, Check]]
NotPassed = Callable[..., dict[str, str]]
Distances = Mapping[str, tuple[float, ...]]


def test_noise_that_breaks_what_no_other_attack_does_is_a_warning(
    result: Build, checks: Checks, not_passed: NotPassed, distances: Distances
) -> None:
    name = "search-against-noise"
    lucky = result(distances | {"noise": (0.2, 0.2, 0.24, INF)})
    assert not_passed(lucky, 0.25) == {"white-box-against-black-box": "warn"} | {name: "warn"}
    assert checks(lucky)[name].value == pytest.approx(0.25)
    # within 0.3 the others break that row, too
    assert not_passed(lucky, 0.3) == {}


def test_noise_alone_is_compared_with_nothing(result: Build, checks: Checks) -> None:
    assert "search-against-noise" not in checks(result({"noise": (0.1, 0.2, 0.3, 0.4)}))
