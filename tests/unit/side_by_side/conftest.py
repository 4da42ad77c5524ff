"""Runs built in memory from the outcome of each row and the manifest."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from genlabel_robust.attacks.attack import Outcome
from genlabel_robust.certify.certificate import Certificate
from genlabel_robust.runs.cells.cell import CellResult, Inside
from genlabel_robust.runs.cells.panel import Panel
from genlabel_robust.runs.folder.stored_run import Group, StoredCell, StoredRun
from genlabel_robust.runs.results.dataset import Dataset
from genlabel_robust.runs.results.results import Results
from genlabel_robust.runs.results.row import Row

GROUP: Group = ("iris", "mlp", "vanilla")
PGD = {"name": "pgd", "steps": 20}
PRINT = {"test_features": "x", "test_labels": "y", "attack_space": "s"}


def cell(
    distances: Sequence[float] | np.ndarray, lower: Sequence[float] | np.ndarray | None = None
) -> CellResult:
    """The result of one attack with ``distances`` (n,), 0 for a misclassified row.

    ``lower``: the certified bounds.
    """
    found = np.asarray(distances, dtype=float)
    n, wrong = len(found), found == 0
    told = np.where(np.isfinite(found), int(Outcome.BROKEN), int(Outcome.SURVIVED))
    told[wrong] = Outcome.MISCLASSIFIED
    proved = None
    if lower is not None:
        nothing = np.zeros((n, 2)), np.zeros(n, dtype=np.int64)
        proved = Certificate(np.asarray(lower, dtype=float), np.full(n, np.inf), *nothing)
    return CellResult(
        ids=np.arange(n) + 100,
        labels=np.zeros(n, dtype=np.int64),
        predictions=wrong.astype(np.int64),
        logit_margin=np.zeros(n),
        attacks=("pgd",),
        needs=("gradients",),
        distances=found[None],
        outcomes=told[None],
        queries=np.ones((1, n), dtype=np.int64),
        adversarial=np.full((1, n, 2), np.nan),
        exact=None,
        certificate=proved,
        inside=Inside("trees", "3 trees") if proved else Inside(reason="nothing was asked"),
    )


def run(
    panels: Mapping[Group, Sequence[CellResult]],
    *,
    path: str = "runs/one",
    threat: Mapping[str, Any] | None = None,
    attacks: Sequence[Mapping[str, Any]] = (PGD,),
    config: Mapping[str, Any] | None = None,
    fingerprint: Mapping[str, str] | None = None,
    checks: Sequence[Mapping[str, Any]] = (),
    model: Mapping[str, Any] | None = None,
    packages: Mapping[str, str] | None = None,
    parts: Sequence[Mapping[str, Any]] = (),
) -> StoredRun:
    """A finished run with ``panels``, without files on disk."""
    attacker = {"norm": "linf", "eps": [0.1], "unit": "range", **(threat or {})}
    sizes = {group[0]: len(cells[0].labels) for group, cells in panels.items()}
    rows = [
        Row(
            dataset=group[0],
            strategy=group[2],
            architecture=group[1],
            eps=eps,
            norm="linf",
            unit="range",
            n_examples=sizes[group[0]],
            n_seeds=len(cells),
            attacks={},
            hyper_parameters=(),
            checks=tuple(checks),
        ).as_dict()
        for group, cells in panels.items()
        for eps in attacker["eps"]
    ]
    datasets = {
        name: Dataset(
            content_hash="c",
            fingerprint=PRINT if fingerprint is None else fingerprint,
            n_train=10,
            n_test=n,
            classes=("a", "b"),
            scaling="range",
            notices=(),
            diagnostics={},
            features=(),
        ).as_dict()
        for name, n in sizes.items()
    }
    about = {} if model is None else {"model": dict(model)}
    return StoredRun(
        Path(path),
        {
            "suite": {"label": "quick-1", "attacks": [dict(one) for one in attacks]},
            "identity": {},
            "config": {k: {"value": v, "source": "default"} for k, v in (config or {}).items()},
            "environment": {"python": "3.11.7", "packages": dict(packages or {})},
            **({"parts": [dict(one) for one in parts]} if parts else {}),
            "finished": "2026-01-02T03:04:05+00:00",
        },
        Results(
            {
                "threat": attacker,
                "suite": "quick-1",
                "checks": "quick",
                "canaries": None,
                "datasets": datasets,
                "rows": rows,
                **about,
            }
        ),
        {group: Panel(list(cells)) for group, cells in panels.items()},
        {
            group: tuple(
                StoredCell(f"{number:032x}", *group, seed=number, settings={})
                for number in range(len(cells))
            )
            for group, cells in panels.items()
        },
        digest="d" * 64,
    )


@pytest.fixture
def make_cell() -> Callable[..., CellResult]:
    return cell


@pytest.fixture
def make_run() -> Callable[..., StoredRun]:
    return run


@pytest.fixture
def group() -> Group:
    return GROUP
