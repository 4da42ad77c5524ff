from __future__ import annotations

from itertools import product
from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.compose import ColumnTransformer
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis
from sklearn.impute import SimpleImputer
from sklearn.linear_model import (
    LogisticRegression,
    Perceptron,
    RidgeClassifier,
    SGDClassifier,
)
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import KBinsDiscretizer, MinMaxScaler, OneHotEncoder, StandardScaler
from sklearn.svm import LinearSVC
from xgboost import XGBClassifier

from genlabel_robust.certify.affine.certify import certify_affine
from genlabel_robust.data.rows import Rows, rows_of, task_of_rows
from genlabel_robust.models.as_model import as_model
from genlabel_robust.models.model import Model
from genlabel_robust.models.structures.checked import checked_structure
from genlabel_robust.structure import Affine, NoStructure, ReluNet
from genlabel_robust.threat.box_of_task import attack_space
from genlabel_robust.threat.constraints.constraints import Constraints
from genlabel_robust.threat.constraints.limits_of_columns import encoded_limits
from genlabel_robust.threat.norms import NORMS, Norm
from genlabel_robust.threat.space import AttackSpace
from genlabel_robust.threat.threat_model import ThreatModel

LINEAR = [
    LogisticRegression(),
    RidgeClassifier(),
    SGDClassifier(random_state=0),
    LinearSVC(),
    Perceptron(),
    LinearDiscriminantAnalysis(),
]


def table(n: int = 300) -> pd.DataFrame:
    """Integers, a number and a category with missing values, and a boolean."""
    rng = np.random.default_rng(0)
    frame = pd.DataFrame(
        {
            "age": rng.integers(20, 28, n),
            "tenure": rng.gamma(2, 3, n).round(1),
            "work": rng.choice(["a", "b", "c"], n),
            "married": rng.random(n) < 0.4,
        }
    )
    frame.loc[rng.random(n) < 0.15, "tenure"] = np.nan
    frame.loc[rng.random(n) < 0.1, "work"] = np.nan
    return frame


def labels(frame: pd.DataFrame, k: int = 2) -> np.ndarray:
    rng = np.random.default_rng(1)
    z = (frame["age"] - 24) / 2 + frame["tenure"].fillna(9) / 6 + (frame["work"] == "a") * 1.5
    return np.digitize(z + 0.3 * rng.normal(size=len(z)), [0.0, 1.5] if k == 3 else [1.0])


def columns(scaler: Any, indicator: bool = False) -> ColumnTransformer:
    imputer = SimpleImputer(strategy="median", add_indicator=indicator)
    coded = [("i", SimpleImputer(strategy="most_frequent")), ("o", OneHotEncoder())]
    return ColumnTransformer(
        [
            ("num", Pipeline([("i", imputer), ("s", scaler)]), ["age", "tenure"]),
            ("cat", Pipeline(coded), ["work"]),
            ("rest", "passthrough", ["married"]),
        ]
    )


def given(core: Any, k: int = 2, free: tuple[str, ...] = (), **how: Any) -> tuple:
    """Return a fitted pipeline as a model, its attack space, and its rows."""
    train = table()
    fitted = Pipeline(
        [("columns", columns(**({"scaler": StandardScaler()} | how))), ("core", core)]
    )
    fitted.fit(train, labels(train, k))
    rows = rows_of(train[:25], train, free=free, continuous=())
    model = as_model(fitted, rows, tuple(range(k)))
    return model, space_of(rows, k, free), rows.x


def space_of(rows: Rows, k: int, free: tuple[str, ...]) -> AttackSpace:
    limits = encoded_limits(rows.encoding.parts, {"weights": dict.fromkeys(free, 3.0)})
    threat = ThreatModel("linf", (0.1,), constraints=Constraints.of(limits))
    task = task_of_rows("made", rows, np.zeros(len(rows.x), dtype=int), tuple(range(k)))
    return attack_space(task, threat)


@pytest.mark.nightly(every=3)
@pytest.mark.parametrize("core", LINEAR, ids=lambda core: type(core).__name__)
@pytest.mark.parametrize("k", [2, 3])
def test_a_linear_classifier_behind_a_pipeline_is_read(core: Any, k: int) -> None:
    model, space, raw = given(core, k)
    found = checked_structure(model, space, raw)
    assert isinstance(found, Affine), found
    assert found.scores(raw) == pytest.approx(model.scores(raw), rel=1e-10, abs=1e-10)


@pytest.mark.nightly(but=["relu"])
@pytest.mark.parametrize("activation", ["identity", "relu"])
def test_a_net_behind_a_pipeline_is_read_with_missing_values_and_codes(activation: str) -> None:
    net = MLPClassifier((3,), activation=activation, max_iter=3000, random_state=0)
    found = checked_structure(*given(net))
    assert isinstance(found, Affine if activation == "identity" else ReluNet)
    assert found.flags is not None
    assert [feature for feature, _ in found.codes] == [3, 4]


@pytest.mark.parametrize("k", [2, 3])
def test_boosted_weights_of_xgboost_are_read_and_what_is_missing_adds_nothing(k: int) -> None:
    core = XGBClassifier(booster="gblinear", n_estimators=10, nthread=1)
    model, space, raw = given(core, k, scaler=MinMaxScaler(), indicator=True)
    found = checked_structure(model, space, raw)
    assert isinstance(found, Affine), found
    train = table()[["age", "tenure"]]
    alone = core.fit(train, labels(table(), k))
    rows = rows_of(train[:25], train, continuous=())
    model = as_model(alone, rows, tuple(range(k)))
    assert isinstance(checked_structure(model, space_of(rows, k, ()), rows.x), Affine)


def test_a_column_that_is_no_affine_function_leaves_no_structure() -> None:
    bins = KBinsDiscretizer(3, encode="ordinal", quantile_method="averaged_inverted_cdf")
    model, space, raw = given(LogisticRegression(), scaler=bins)
    found = checked_structure(model, space, raw)
    assert isinstance(found, NoStructure)
    assert "is not affine" in found.reason


def test_weights_that_are_not_finite_leave_no_structure() -> None:
    model, space, raw = given(LogisticRegression())
    model.model.estimator.steps[-1][1].coef_[0, 0] = np.nan
    found = checked_structure(model, space, raw)
    assert isinstance(found, NoStructure)
    assert "not finite" in found.reason


def nearest(model: Model, space: AttackSpace, row: np.ndarray, norm: Norm) -> float:
    """Return the distance to the nearest misclassified row over ages, works and booleans."""
    box = (edge[0] for edge in space.box(space.enter(row[None])))
    low, high = (space.offset + space.scale * edge for edge in box)
    units = [[{0: age} for age in np.arange(low[0], high[0] + 0.5)]]
    units += [
        [dict(zip(group, taken, strict=True)) for taken in np.eye(len(group))]
        for group in space.rules.one_hot
    ]
    rows = []
    for choice in product(*units):
        rows.append(row.copy())
        for part in choice:
            rows[-1][list(part)] = list(part.values())
    made = np.array(rows)
    wrong = model.predict(made) != model.predict(row[None])[0]
    far = space.distance(np.repeat(row[None], len(made), 0), made, norm)
    allowed = (made[:, ~space.mutable] == row[~space.mutable]).all(axis=1)
    return float(np.where(wrong & allowed, far, np.inf).min())


@pytest.mark.nightly(but=["linf", "l0"])
@pytest.mark.parametrize("norm", NORMS)
def test_the_distance_is_that_of_brute_force_by_the_library_itself(norm: Norm) -> None:
    model, space, raw = given(LogisticRegression(C=10.0), free=("work", "married"))
    tenure = list(model.model.view.encoding.feature_names).index("tenure")
    space.mutable[tenure] = False
    found = checked_structure(model, space, raw)
    assert isinstance(found, Affine)
    raw = raw[:12]
    certificate = certify_affine(found, model, space, raw, model.predict(raw), norm, (0.1,))
    known = np.array([nearest(model, space, row, norm) for row in raw])
    assert np.isfinite(known).sum() > 6
    np.testing.assert_allclose(certificate.upper, known, rtol=1e-9)
    np.testing.assert_allclose(certificate.lower, known, rtol=1e-6)
