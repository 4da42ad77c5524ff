"""Runs built in memory with known results, and one small real run on disk."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import genlabel_robust
from genlabel_robust.attacks.attack import Outcome
from genlabel_robust.runs.cells.cell import CellResult
from genlabel_robust.runs.cells.panel import Panel
from genlabel_robust.runs.folder.stored_run import Group, StoredCell, StoredRun
from genlabel_robust.runs.results.check_result import CheckResult
from genlabel_robust.runs.results.dataset import Dataset, Feature
from genlabel_robust.runs.results.results import Results
from genlabel_robust.runs.results.row import Row
from genlabel_robust.statistics.estimate import Estimate

GROUP: Group = ("iris", "mlp", "vanilla")
ON_CANARY = {"broken": 1.0, "median_ratio": 1.0, "lost": 0, "outside": 0}
CANARIES = {"affine": {"eps": 0.1, "broken": 1.0, "attacks": {"pgd": ON_CANARY}}}
PGD = {"name": "pgd", "steps": 20, "restarts": 2, "step_ratio": 2.5}
FGSM = {"name": "fgsm"}


def result(
    distances: Sequence[Sequence[float]] | np.ndarray,
    *,
    attacks: tuple[str, ...] | None = None,
    adversarial: np.ndarray | None = None,
    outcomes: np.ndarray | None = None,
    tried: np.ndarray | None = None,
) -> CellResult:
    """The result of attacks with ``distances`` (a, n); 0 for a misclassified row."""
    found = np.asarray(distances, dtype=float)
    count, n = found.shape
    wrong = (found == 0).all(axis=0)
    told = np.where(np.isfinite(found), int(Outcome.BROKEN), int(Outcome.SURVIVED))
    told[:, wrong] = Outcome.MISCLASSIFIED
    return CellResult(
        ids=np.arange(n),
        labels=np.zeros(n, dtype=np.int64),
        predictions=wrong.astype(np.int64),
        logit_margin=np.zeros(n),
        attacks=attacks or ("pgd", "fgsm")[:count],
        needs=("gradients",) * count,
        distances=found,
        outcomes=told if outcomes is None else outcomes,
        queries=np.ones((count, n), dtype=np.int64),
        adversarial=np.full((count, n, 2), np.nan) if adversarial is None else adversarial,
        exact=None,
        tried=tried,
    )


def stored(
    panels: Mapping[Group, Sequence[CellResult]],
    *,
    eps: Sequence[float] = (0.1,),
    attacks: Sequence[Mapping[str, Any]] = (PGD,),
    checks: Sequence[Mapping[str, Any]] = (),
    canaries: Mapping[str, Any] | None = CANARIES,
    threat: Mapping[str, Any] | None = None,
    fingerprint: Mapping[str, str] | None = None,
    early_stop: bool = False,
    level: str = "quick",
    features: tuple[Feature, ...] = (),
) -> StoredRun:
    """A finished run with ``panels``."""
    names = dict.fromkeys(group[0] for group in panels)
    sizes = {group[0]: len(members[0].labels) for group, members in panels.items()}
    rows = [
        Row(
            dataset=group[0],
            architecture=group[1],
            strategy=group[2],
            eps=one,
            norm="linf",
            unit="range",
            n_examples=len(members[0].labels),
            n_seeds=len(members),
            attacks={},
            hyper_parameters=(),
            robust_accuracy=Estimate(0.5, 0.4, 0.6, 0.95, "wilson", len(members[0].labels)),
            checks=tuple(CheckResult(**{"value": 0.0, **check}) for check in checks),
        ).as_dict()
        for group, members in panels.items()
        for one in eps
    ]
    prints = {"test_ids": "i", "attack_space": "s"} if fingerprint is None else fingerprint
    return StoredRun(
        Path("nowhere"),
        {
            "suite": {"label": "quick-1", "attacks": [dict(one) for one in attacks]},
            "identity": {},
            "config": {"early_stop": {"value": early_stop, "source": "default"}},
        },
        Results(
            {
                "threat": {"norm": "linf", "eps": list(eps), "unit": "range", **(threat or {})},
                "suite": "quick-1",
                "checks": level,
                "canaries": canaries,
                "datasets": {
                    name: Dataset(
                        content_hash="c",
                        fingerprint=prints,
                        n_train=2,
                        n_test=sizes[name],
                        classes=("a", "b"),
                        scaling="range",
                        notices=(),
                        diagnostics={},
                        features=features,
                    ).as_dict()
                    for name in names
                },
                "rows": rows,
            }
        ),
        {group: Panel(list(members)) for group, members in panels.items()},
        {
            group: tuple(
                StoredCell(f"{number:032x}", *group, seed=number, settings={})
                for number in range(len(members))
            )
            for group, members in panels.items()
        },
    )


@pytest.fixture
def make_result() -> Callable[..., CellResult]:
    return result


@pytest.fixture
def make_run() -> Callable[..., StoredRun]:
    return stored


@pytest.fixture
def group() -> Group:
    return GROUP


@pytest.fixture(scope="session")
def real_run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run on disk of one model on iris with a quick attack; tests must not change it."""
    out = tmp_path_factory.mktemp("gates") / "run"
    run = genlabel_robust.evaluate(
        datasets="iris",
        strategies="vanilla",
        architectures="logistic",
        seeds=1,
        suite="quick",
        settings={"train": {"epochs": 20}},
        jobs=1,
        out=str(out),
    )
    genlabel_robust.write_reports(run.path)
    return run.path
