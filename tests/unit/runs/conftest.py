"""Made-up cells whose every number can be computed by hand."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import pytest

from genlabel_robust.attacks import ATTACKS
from genlabel_robust.attacks.attack import Outcome
from genlabel_robust.runs.cells.cell import CellResult

INF = np.inf
LABELS = (0, 0, 1, 1)


def _result(
    distances: Mapping[str, tuple[float, ...] | None],
    *,
    predictions: tuple[int, ...] = LABELS,
    labels: tuple[int, ...] = LABELS,
    exact: tuple[float, ...] | None = None,
    outcomes: Mapping[str, tuple[int, ...]] | None = None,
    evidence: Mapping[str, Mapping[str, float]] | None = None,
) -> CellResult:
    n, wrong = len(labels), np.array(predictions) != np.array(labels)
    rows, codes = [], []
    for name, found in distances.items():
        values = np.full(n, INF) if found is None else np.array(found)
        code = np.where(np.isinf(values), int(Outcome.SURVIVED), int(Outcome.BROKEN))
        if found is None:
            code[:] = int(Outcome.NOT_APPLICABLE)
        code[wrong] = int(Outcome.MISCLASSIFIED)
        values[wrong] = 0.0
        rows.append(values)
        codes.append(np.array(outcomes[name]) if outcomes and name in outcomes else code)
    return CellResult(
        ids=np.arange(n),
        labels=np.array(labels),
        predictions=np.array(predictions),
        logit_margin=np.where(wrong, -1.0, np.arange(n) + 1.0),
        attacks=tuple(distances),
        needs=tuple(_needs(name) for name in distances),
        distances=np.array(rows).reshape(len(rows), n),
        outcomes=np.array(codes, dtype=np.int64).reshape(len(rows), n),
        queries=np.full((len(rows), n), 3),
        adversarial=np.full((len(rows), n, 2), np.nan),
        exact=None if exact is None else np.array(exact),
        evidence=evidence or {},
    )


def _needs(name: str) -> str:
    return ATTACKS.load(name).needs if name in ATTACKS else "decisions"


@pytest.fixture
def result() -> Callable[..., Any]:
    """Build a ``CellResult`` of four rows, two of each class, from distances by attack.

    ``None`` as distances: the attack is not applicable to the model.
    """
    return _result
