from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from sklearn.compose import make_column_transformer
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression, RidgeClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler
from xgboost import XGBClassifier

from genlabel_robust.data.rows import rows_of
from genlabel_robust.models.as_model import as_model

X = np.random.default_rng(0).normal(size=(80, 4))
Y = np.digitize(X @ [1.0, -2.0, 0.0, 0.5], [-1.0, 1.0])
LINEAR = [
    make_pipeline(StandardScaler(), LogisticRegression()),
    RidgeClassifier(),
    XGBClassifier(booster="gblinear", n_estimators=5, nthread=1),
]


@pytest.mark.parametrize("estimator", LINEAR, ids=["logistic", "ridge", "gblinear"])
@pytest.mark.parametrize("k", [2, 3])
def test_the_gradients_of_a_linear_classifier_are_those_of_its_own_sums(estimator, k) -> None:
    y = np.minimum(Y, k - 1)
    model = as_model(estimator.fit(X, y), rows_of(X), tuple(range(k)))
    assert model.knowledge == "gradients"
    assert (model.predict(X) == estimator.predict(X)).all()
    assert (model.scores(X).argmax(axis=1) == model.predict(X)).all()
    weight = np.random.default_rng(1).normal(size=(len(X), k))
    _, gradient = model.vjp(X, lambda scores: weight)
    for j in range(4):
        step = np.eye(4)[j] * 0.5
        difference = model.scores(X + step) - model.scores(X - step)
        assert gradient[:, j] == pytest.approx((weight * difference).sum(axis=1), abs=1e-4)


def test_sums_do_not_saturate_where_probabilities_do() -> None:
    estimator = LogisticRegression(C=1e6).fit(X, Y > 0)
    model = as_model(estimator, rows_of(X), (False, True))
    far = 1e3 * X
    assert (estimator.predict_proba(far).max(axis=1) == 1.0).any()
    _, gradient = model.vjp(far, lambda scores: np.ones_like(scores))
    assert (np.abs(gradient).max(axis=1) > 0.1).all()


def test_a_freed_category_has_gradients_too() -> None:
    frame = pd.DataFrame({"size": X[:, 0], "shape": np.where(X[:, 1] > 0, "round", "flat")})
    columns = make_column_transformer((OneHotEncoder(), ["shape"]), (StandardScaler(), ["size"]))
    estimator = make_pipeline(columns, LogisticRegression()).fit(frame, Y > 0)
    rows = rows_of(frame, free=("shape",))
    model = as_model(estimator, rows, (False, True))
    _, gradient = model.vjp(rows.x, lambda scores: np.array([[0.0, 1.0]] * len(scores)))
    flat, round_ = (list(rows.names).index(f"shape={level}") for level in ("flat", "round"))
    moved = rows.x[:1].copy()
    moved[0, [flat, round_]] = moved[0, [round_, flat]]
    change = (gradient[0] * (moved[0] - rows.x[0])).sum()
    assert change == pytest.approx((model.scores(moved) - model.scores(rows.x[:1]))[0, 1])


def test_other_estimators_stay_as_they_are() -> None:
    forest = RandomForestClassifier(5, random_state=0).fit(X, Y)
    assert as_model(forest, rows_of(X), (0, 1, 2)).knowledge == "scores"


def test_an_estimator_whose_sums_are_not_those_of_its_weights_stays_as_it_is() -> None:
    class Bent(LogisticRegression):
        def decision_function(self, rows):
            return super().decision_function(rows) ** 3

    Bent.__module__, Bent.__qualname__ = "sklearn.made", "LogisticRegression"
    Bent.__name__ = "LogisticRegression"
    model = as_model(Bent().fit(X, Y > 0), rows_of(X), (False, True))
    assert model.knowledge == "scores"
