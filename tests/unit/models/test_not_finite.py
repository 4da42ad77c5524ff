"""Models that return NaN, or too many numbers, only when they are attacked."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, StandardScaler

from genlabel_robust import audit
from genlabel_robust.core.errors import ConfigurationError, DataError
from genlabel_robust.data.rows import rows_of
from genlabel_robust.models.as_model import as_model

RNG = np.random.default_rng(0)
X = RNG.random((50, 3))
Y = np.where(X[:, 0] > 0.5, "yes", "no")
CLASSES = ("no", "yes")


class Holed(ClassifierMixin, BaseEstimator):
    """Probabilities that are NaN if the first column is above 2, with ``extra`` more columns."""

    def __init__(self, extra: int = 0) -> None:
        self.extra = extra

    def fit(self, x: Any, y: Any) -> Holed:
        self.classes_, self.n_features_in_ = np.unique(y), x.shape[1]
        return self

    def predict_proba(self, x: Any) -> np.ndarray:
        of_yes = np.where(x[:, 0] > 2, np.nan, x[:, 0] > 0.5)
        return np.stack([1 - of_yes, of_yes, *[of_yes] * self.extra], axis=1)

    def predict(self, x: Any) -> np.ndarray:
        return self.classes_[self.predict_proba(x)[:, :2].argmax(axis=1)]


def test_an_estimator_decides_nothing_where_its_probabilities_are_no_numbers() -> None:
    for estimator in (Holed(), make_pipeline(StandardScaler(), Holed())):
        model = as_model(estimator.fit(X, Y), rows_of(X), CLASSES)
        far = np.array([[9.0, 0, 0], [0, 0, 0]])
        for ask in (model.predict, model.decide, model.scores):
            with pytest.raises(DataError, match=r"not finite \(NaN or infinite\) for 1 of 2 rows"):
                ask(far)
            ask(X)


def test_a_pipeline_changes_the_rows_once_for_its_label_and_its_probabilities() -> None:
    changed: list[int] = []

    def counted(rows: np.ndarray) -> np.ndarray:
        changed.append(len(rows))
        return rows + 1

    pipeline = make_pipeline(FunctionTransformer(counted), StandardScaler(), LogisticRegression())
    model = as_model(pipeline.fit(X, Y), rows_of(X), CLASSES)
    changed.clear()
    labels = model.predict(X)
    assert changed == [len(X)]
    assert (np.array(CLASSES)[labels] == pipeline.predict(X)).all()


def test_an_attack_that_meets_what_is_no_number_ends_in_an_error() -> None:
    x = np.random.default_rng(1).uniform(-1, 1, (60, 3))
    y = np.where(x[:, 0] > 0, "yes", "no")

    def holed(rows: np.ndarray) -> np.ndarray:
        """Return scores that are NaN everywhere but at the rows ``x``."""
        scores = np.stack([-rows[:, 0], rows[:, 0]], axis=1)
        away = np.abs(rows[:, None] - x[None]).max(axis=2).min(axis=1) > 1e-9
        scores[away] = np.nan
        return scores

    class Estimator(Holed):
        def predict_proba(self, x: Any) -> np.ndarray:
            return 0.5 + holed(np.asarray(x)) / 2

    for model in (holed, Estimator().fit(x, y)):
        for attack in ("hopskipjump", "square"):
            with pytest.raises(DataError, match="scores are not finite"):
                audit(model, x, y, classes=CLASSES, attacks=[attack], eps=0.1, checks="off")


def test_probabilities_of_another_number_than_the_classes_are_told() -> None:
    model = as_model(Holed(1).fit(X, Y), rows_of(X), CLASSES)
    with pytest.raises(ConfigurationError, match=r"scores of shape \(50, 3\) for 50 rows and 2"):
        model.scores(X)
