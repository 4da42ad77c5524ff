"""Attacks query arrays that give the library's predictions; the library confirms what counts."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.ensemble import GradientBoostingClassifier, RandomForestClassifier
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import LinearSVC

from genlabel_robust.data.task import Scaling
from genlabel_robust.models.model import Model, SklearnModel
from genlabel_robust.models.structures.checked import checked_structure
from genlabel_robust.models.structures.quick_model import QuickModel, quick_model
from genlabel_robust.runs.assess import assess
from genlabel_robust.runs.audit import audit
from genlabel_robust.runs.cells.cell import CellResult
from genlabel_robust.runs.folder.stored_run import read_run
from genlabel_robust.structure import NoStructure
from genlabel_robust.threat.space import AttackSpace

CORES = {
    "boosting": GradientBoostingClassifier(n_estimators=12, random_state=0),
    "forest": RandomForestClassifier(10, max_depth=4, random_state=0),
    "linear": LogisticRegression(),
    # its weights are of float64, and what a recipe shows it of float32
    "linear in two types": LinearSVC(),
}


def table(n: int = 260) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(3)
    x = rng.normal(size=(n, 4)).round(2)
    return x, ((x @ [1.0, -1.0, 0.5, 0.0] + x[:, 0] * x[:, 1] + rng.normal(size=n) / 3) > 0).astype(
        int
    )


class Counting:
    """An estimator that counts the rows it predicts."""

    def __init__(self, estimator: Any) -> None:
        self.estimator, self.rows = estimator, 0

    def predict(self, x: np.ndarray) -> np.ndarray:
        self.rows += len(x)
        return self.estimator.predict(x)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.estimator, name)


def quick(core: str) -> tuple[SklearnModel, QuickModel, np.ndarray]:
    x, y = table()
    scaling = Scaling("range", np.zeros(4), np.ones(4))
    model = SklearnModel(CORES[core].fit(scaling.apply(x[:200]), y[:200]), scaling, 2)
    d = x.shape[1]
    space = AttackSpace(np.zeros(d), np.ones(d), x.min(0), x.max(0), np.ones(d, dtype=bool))
    structure = checked_structure(model, space, x[200:])
    assert not isinstance(structure, NoStructure)
    found = quick_model(model, structure, x[200:], space)
    assert isinstance(found, QuickModel)
    return model, found, x


@pytest.mark.parametrize("core", CORES)
def test_labels_and_scores_are_the_librarys(core: str) -> None:
    model, asked, x = quick(core)
    rng = np.random.default_rng(0)
    raw = np.concatenate([x, rng.uniform(x.min(0), x.max(0), (3000, 4))])
    np.testing.assert_array_equal(asked.decide(raw), model.predict(raw))
    np.testing.assert_allclose(asked.scores(raw), model.scores(raw), rtol=0, atol=4e-6)
    np.testing.assert_array_equal(asked.predict(raw), model.predict(raw))


@pytest.mark.parametrize("core", CORES)
def test_the_library_is_asked_for_ties_and_for_what_lies_outside_the_box_alone(core: str) -> None:
    model, asked, x = quick(core)
    counting = Counting(model.estimator)
    object.__setattr__(model, "estimator", counting)
    ranked = np.sort(asked.asked(x), axis=1)
    ties = int((ranked[:, -1] - ranked[:, -2] <= 1e-9).sum())
    asked.decide(x)
    assert counting.rows == ties
    assert ties < len(x) / 4
    asked.decide(x + 100)
    assert counting.rows == ties + len(x)


def audited(model: Any, x: Any, y: np.ndarray, reference: Any, folder: Path) -> CellResult:
    run = audit(
        model,
        x,
        y,
        reference=reference,
        out=str(folder),
        eps=0.1,
        suite="standard",
        attacks=["sign-bisect", "square"],
        checks="off",
        settings={"attack": {"square": {"moves": 5}}},
    )
    (panel,) = read_run(run.path).panels.values()
    return panel.results[0]


def test_an_audit_finds_what_it_finds_when_it_asks_the_library(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    x, y = table()
    frame = pd.DataFrame(x, columns=list("abcd"))
    frame.loc[::7, "b"] = np.nan
    model = make_pipeline(SimpleImputer(), StandardScaler(), CORES["boosting"])
    model.fit(frame[:200], y[:200])
    rows = frame[200:212].reset_index(drop=True)
    found = audited(model, rows, y[200:212], frame[:200], tmp_path / "arrays")

    def itself(model: Model, *_: Any) -> Model:
        return model

    monkeypatch.setattr(assess, "quick_model", itself)
    known = audited(model, rows, y[200:212], frame[:200], tmp_path / "library")
    assert np.isfinite(known.distances).any()
    np.testing.assert_array_equal(found.distances, known.distances)
    np.testing.assert_array_equal(found.outcomes, known.outcomes)
    np.testing.assert_array_equal(found.queries, known.queries)
    np.testing.assert_array_equal(found.adversarial, known.adversarial)


@pytest.mark.nightly(but=["linear"])
@pytest.mark.parametrize("core", CORES)
def test_what_is_never_a_label_is_none_in_any_company_and_most_rows_are_known(core: str) -> None:
    model, quicker, x = quick(core)
    rows = np.concatenate([x, x + np.random.default_rng(0).normal(size=x.shape) / 20])
    for label in (0, 1):
        labels = np.full(len(rows), label)
        never = quicker.never(rows, labels)
        alone = np.array([model.predict(row[None])[0] for row in rows])
        assert not (never & (alone == labels)).any()
        assert never.sum() > 0.5 * (alone != labels).sum()
