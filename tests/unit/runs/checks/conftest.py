"""A sound result, in which a failure is planted, and what its checks say then."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

import numpy as np
import pytest

from genlabel_robust.certify.certificate import Certificate
from genlabel_robust.runs.cells.canary_record import AttackOnCanary, CanaryRecord
from genlabel_robust.runs.cells.cell import CellResult
from genlabel_robust.runs.cells.panel import Panel
from genlabel_robust.runs.checks import run_checks
from genlabel_robust.runs.checks.judging import Check

INF = np.inf
CANARIES = {"affine": CanaryRecord(0.1, 1.0, {"pgd": AttackOnCanary(1.0, 1.0, lost=0, outside=0)})}
#: Of four rows, two survived ε = 0.25 and were probed.
PROBES = {
    "repeated": {"rows": 4, "changed": 0},
    "scores": {"rows": 4, "gradients": 1, "probabilities": 0, "saturated": 0},
    "stored": {"rows": 10, "bad": 0},
    "full range": {"rows": 1, "sampled": 1, "robust": 0, "breakable": 0, "constant": 0},
    "convergence at 0.25": {"rows": 2, "sampled": 2, "broken": 0},
}
HEALTHY = {"gradients": 100.0, "zero_gradients": 0.0, "nonfinite_gradients": 0.0}


@pytest.fixture
def distances() -> dict[str, tuple[float, ...]]:
    """The distances that sound attacks find on four rows."""
    return {
        "fgsm": (0.2, INF, 0.3, INF),
        "pgd": (0.1, 0.2, 0.3, 0.4),
        "hopskipjump": (0.1, 0.2, 0.3, 0.5),
    }


@pytest.fixture
def sound(
    result: Callable[..., CellResult], distances: Mapping[str, tuple[float, ...]]
) -> CellResult:
    """A result that passes every check."""
    found = result(distances, exact=(0.1, 0.2, 0.3, 0.4), evidence={"pgd": HEALTHY})
    return replace(found, probes=PROBES)


@pytest.fixture
def checks() -> Callable[..., dict[str, Check]]:
    """Return a function that gives the checks of cells at ε, by name."""

    def made(
        *cells: CellResult,
        eps: float = 0.25,
        canaries: Mapping[str, CanaryRecord] | None = CANARIES,
    ) -> dict[str, Check]:
        return {c.name: c for c in run_checks(Panel(cells), eps, (eps,), canaries)}

    return made


@pytest.fixture
def decided() -> Callable[[CellResult], CellResult]:
    """Return a function that certifies all rows that no attack broke."""

    def made(cell: CellResult) -> CellResult:
        nearest = np.array([0.1, 0.2, 0.3, 0.4])
        witness, work = np.full((4, 1), np.nan), np.zeros(4, np.int64)
        return replace(cell, certificate=Certificate(nearest, nearest, witness, work))

    return made


@pytest.fixture
def not_passed(checks: Callable[..., dict[str, Check]]) -> Callable[..., dict[str, str]]:
    """Return a function that gives the status of each check that does not pass for a cell."""

    def made(cell: CellResult, eps: float = 0.25) -> dict[str, str]:
        found = checks(cell, eps=eps)
        return {name: check.status for name, check in found.items() if check.status != "pass"}

    return made
