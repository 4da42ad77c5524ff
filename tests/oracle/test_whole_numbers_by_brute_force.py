"""Verdicts on tables of whole numbers, against the model's own answers to all rows that there are.

The columns go through zero, where LightGBM splits at 1e-35; one has all of another's values, one is
constant, and some test rows lie outside the box. Distances are held against the model, too.
"""

from __future__ import annotations

from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sklearn.ensemble import (
    HistGradientBoostingClassifier,
    RandomForestClassifier,
    VotingClassifier,
)
from sklearn.linear_model import LogisticRegression
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.tree import DecisionTreeClassifier

from genlabel_robust.runs.audit import audit
from genlabel_robust.runs.folder.frames.margin_rows import margin_rows
from genlabel_robust.runs.folder.stored_run import read_run
from genlabel_robust.threat.threat_model import within


def lightgbm() -> Any:
    library = pytest.importorskip("lightgbm")
    return library.LGBMClassifier(
        n_estimators=4, num_leaves=4, min_child_samples=2, verbose=-1, n_jobs=1
    )


def xgboost() -> Any:
    return pytest.importorskip("xgboost").XGBClassifier(n_estimators=4, max_depth=2, n_jobs=1)


MODELS: dict[str, Any] = {
    "lightgbm": lightgbm,
    "xgboost": xgboost,
    "histogram": lambda: HistGradientBoostingClassifier(max_iter=4, max_depth=2),
    "forest-that-ties": lambda: RandomForestClassifier(2, max_depth=3, random_state=0),
    "tree-behind-a-scaler": lambda: make_pipeline(StandardScaler(), DecisionTreeClassifier()),
    "logistic": lambda: make_pipeline(StandardScaler(), LogisticRegression()),
    "net": lambda: make_pipeline(StandardScaler(), MLPClassifier((6,), random_state=0, tol=1e-2)),
    "vote": lambda: VotingClassifier(
        [("linear", LogisticRegression()), ("tree", DecisionTreeClassifier(max_depth=2))],
        voting="soft",
    ),
    "vote-of-lightgbm": lambda: VotingClassifier(
        [("linear", LogisticRegression()), ("boosted", lightgbm())], voting="soft"
    ),
}
#: Norm, unit and ε, some of them exactly so many steps away.
THREATS = [
    ("linf", "raw", 1.0),
    ("linf", "std", 0.7),
    ("l2", "raw", float(np.sqrt(2))),
    ("l2", "range", 0.3),
    ("l1", "range", 0.5),
    ("l0", "raw", 2.0),
]


def table() -> tuple[np.ndarray, np.ndarray]:
    """Return whole numbers (n, 4), the third a copy and the fourth constant, and labels (n,)."""
    rng = np.random.default_rng(4)
    x = rng.integers([-1, -3, 0, 0], [3, 4, 1, 1], (120, 4))
    x[:, 2], x[:, 3] = x[:, 0], 5
    y = x[:, 0] + 0.4 * x[:, 1] + rng.normal(0, 0.5, len(x)) > 0.5
    return x, y.astype(int)


def shown(x: np.ndarray) -> np.ndarray:
    """Return rows of which the first six are not of the table."""
    rows = np.unique(x, axis=0)[::3].copy()
    rows[:6] += np.array([[-1, 0, 0, 0], [0, 2, 0, 0], [1, -1, 0, 0]] * 2)
    return rows


def nearest(model: Any, x: np.ndarray, row: np.ndarray, y: int, norm: str, unit: str) -> float:
    """Return how far the nearest row is that ``model`` does not label ``y``, inf where none is."""
    low, high = np.minimum(x.min(axis=0), row), np.maximum(x.max(axis=0), row)
    fixed = x.min(axis=0) == x.max(axis=0)
    low[fixed], high[fixed] = row[fixed], row[fixed]
    rows = np.array([*product(*(range(a, b + 1) for a, b in zip(low, high, strict=True)))])
    scale = {"raw": 1.0, "std": x.std(axis=0), "range": np.ptp(x, axis=0)}[unit]
    moved = np.abs(rows - row) / np.where(fixed, 1.0, scale)
    if norm == "l0":
        far = np.count_nonzero(moved, axis=1).astype(float)
    else:
        far = np.linalg.norm(moved, {"linf": np.inf, "l2": 2, "l1": 1}[norm], axis=1)
    return float(far[model.predict(rows) != y].min(initial=np.inf))


@pytest.mark.nightly(but=["lightgbm-linf-raw", "lightgbm-l2-range"])
@pytest.mark.parametrize(
    ("norm", "unit", "eps"), THREATS, ids=[f"{norm}-{unit}" for norm, unit, _ in THREATS]
)
@pytest.mark.parametrize("name", MODELS)
def test_each_verdict_is_that_of_asking_about_all_rows(
    name: str, norm: str, unit: str, eps: float, tmp_path: Path
) -> None:
    x, y = table()
    model, rows = MODELS[name]().fit(x, y), shown(x)
    labels = model.predict(rows)
    run = audit(
        model,
        rows,
        labels,
        reference=x,
        norm=norm,
        unit=unit,
        eps=eps,
        suite="standard" if norm == "l1" else "quick",
        checks="off",
        certify="exact",
        out=tmp_path / "run",
    )
    found = margin_rows(read_run(run.path))
    truth = np.array(
        [nearest(model, x, row, label, norm, unit) for row, label in zip(rows, labels, strict=True)]
    )
    broken = within(truth, eps)
    unproved = norm == "l0" and name.startswith(("net", "vote"))
    expected = np.where(broken, "broken", "open" if unproved else "certified")
    assert found["state"].tolist() == expected.tolist()
    assert (found["at_least"] <= truth * (1 + 2e-5)).all()
    assert (found["at_most"] >= truth * (1 - 1e-9)).all()
