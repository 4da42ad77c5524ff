"""Robust rows that are misclassified."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

import numpy as np
import pytest

from genlabel_robust.runs.cells.cell import CellResult
from genlabel_robust.runs.cells.panel import Panel
from genlabel_robust.runs.checks.judging import Check

INF = np.inf
Build = Callable[..., CellResult]
Checks = Callable[..., dict[str, Check]]
NotPassed = Callable[..., dict[str, str]]
Distances = Mapping[str, tuple[float, ...]]


def test_a_misclassified_example_is_never_robust(
    result: Build, checks: Checks, distances: Distances
) -> None:
    cell = result(distances, predictions=(1, 1, 1, 1))
    planted = replace(cell, distances=np.full_like(cell.distances, INF))
    assert checks(planted)["robust-where-correct"].status == "pass"


def test_a_misclassified_example_that_counts_as_robust_is_a_failure(
    result: Build, monkeypatch: pytest.MonkeyPatch, not_passed: NotPassed, distances: Distances
) -> None:
    monkeypatch.setattr(Panel, "robust", lambda self, distances, eps: distances > eps)
    cell = result(distances, predictions=(1, 0, 1, 1))
    planted = replace(cell, distances=np.full_like(cell.distances, INF))
    assert not_passed(planted) == {"robust-where-correct": "fail"}
