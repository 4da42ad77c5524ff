from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import pytest
import torch
from sklearn.datasets import load_iris
from sklearn.ensemble import BaggingClassifier, HistGradientBoostingClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC
from sklearn.tree import DecisionTreeClassifier

from genlabel_robust.core.errors import DataError, NotApplicableError
from genlabel_robust.data.task import Scaling
from genlabel_robust.models.model import SklearnModel
from genlabel_robust.strategies.mixup import Mixup
from genlabel_robust.strategies.mixup_exclude_mi import MixupExcludeMI
from genlabel_robust.strategies.soft_batch import SoftBatch
from genlabel_robust.strategies.strategy import BatchStrategy
from genlabel_robust.trainers.config import TrainConfig
from genlabel_robust.trainers.grid import Candidate
from genlabel_robust.trainers.sklearn_trainer import (
    SMALLEST_SHARE,
    train_sklearn,
    unroll,
    weight_parameter,
)

CONFIG = TrainConfig(folds=3, gammas=(0.0, 1.0), copies=3)


@pytest.fixture(scope="module")
def iris():
    x, y = load_iris(return_X_y=True)
    order = np.random.default_rng(0).permutation(150)
    return ((x - x.mean(0)) / x.std(0)).astype(np.float32)[order], y[order].astype(np.int64)


@pytest.mark.parametrize(
    "estimator",
    [
        "random-forest",
        "svc",
        "logistic-regression",
        "gaussian-nb",
        HistGradientBoostingClassifier(max_iter=5),
    ],
)
def test_estimators_learn_from_soft_labels(estimator, iris):
    trained = train_sklearn(*iris, 3, estimator, "genlabel-gm", {}, CONFIG)
    assert (trained.estimator.predict(iris[0]) == iris[1]).mean() > 0.93


def test_vanilla_is_the_plain_fit(iris):
    plain = LogisticRegression().fit(*iris)
    trained = train_sklearn(*iris, 3, LogisticRegression(), "vanilla", {}, CONFIG)
    assert np.array_equal(trained.estimator.coef_, plain.coef_)
    assert trained.chosen == Candidate(None, None, None)


def test_a_forest_on_unrolled_soft_labels_differs_from_the_plain_one_and_repeats(iris):
    def probabilities(strategy, seed):
        trained = train_sklearn(*iris, 3, "random-forest", strategy, {}, CONFIG, seed)
        return trained.estimator.predict_proba(iris[0])

    first = probabilities("genlabel-kde", 0)
    assert np.array_equal(first, probabilities("genlabel-kde", 0))
    assert not np.array_equal(first, probabilities("genlabel-kde", 1))
    assert not np.array_equal(first, probabilities("vanilla", 0))


def test_every_random_state_is_set_from_the_seed(iris):
    bagging = BaggingClassifier(DecisionTreeClassifier(splitter="random"), n_estimators=3)
    fits = [
        train_sklearn(*iris, 3, bagging, "mixup", {}, CONFIG, seed).estimator for seed in (0, 0, 1)
    ]
    assert fits[0].random_state == fits[1].random_state != fits[2].random_state
    assert fits[0].estimator.random_state is not None
    assert bagging.random_state is None
    assert np.array_equal(fits[0].predict_proba(iris[0]), fits[1].predict_proba(iris[0]))


def test_genlabel_cv_chooses_density_and_gamma_by_the_given_score(iris):
    held_out = []

    def score(estimator, x, y):
        held_out.append(len(x))
        return float(len(held_out) % 3 == 0)  # the third candidate of each fold

    trained = train_sklearn(
        *iris, 3, DecisionTreeClassifier(), "genlabel-cv", {}, CONFIG, score=score
    )
    tried = [candidate for candidate, _ in trained.scores]
    assert tried == [
        Candidate(None, "gaussian", 0.0),
        Candidate(None, "gaussian", 1.0),
        Candidate(None, "kde", 1.0),
    ]
    assert trained.chosen == tried[2]
    assert held_out == [50] * 9


def test_what_takes_no_weights_is_trained_plainly_or_not_at_all(iris):
    neighbours = KNeighborsClassifier()
    train_sklearn(*iris, 3, neighbours, "vanilla", {}, CONFIG)
    with pytest.raises(NotApplicableError, match="KNeighborsClassifier does not take in fit"):
        train_sklearn(*iris, 3, neighbours, "mixup", {}, CONFIG)


def test_a_pipeline_hands_the_weights_to_its_last_step(iris):
    pipeline = make_pipeline(StandardScaler(), SVC())
    assert weight_parameter(pipeline) == "svc__sample_weight"
    assert weight_parameter(make_pipeline(StandardScaler(), KNeighborsClassifier())) is None
    trained = train_sklearn(*iris, 3, pipeline, "genlabel-gm", {}, CONFIG)
    assert (trained.estimator.predict(iris[0]) == iris[1]).mean() > 0.93


def test_a_class_without_any_weight_is_never_predicted_and_breaks_nothing():
    # the middle class lies on top of the others: its density is nowhere the largest
    x = np.array([[-1.0], [-1.01], [-0.99], [1.0], [1.01], [0.99], [-1.0], [1.0]], np.float32)
    y = np.array([0, 0, 0, 1, 1, 1, 2, 2])
    trained = train_sklearn(x, y, 3, DecisionTreeClassifier(), "genlabel-nn", {}, CONFIG)
    assert trained.estimator.classes_.tolist() == [0, 1]
    model = SklearnModel(trained.estimator, Scaling("none", np.zeros(1), np.ones(1)), 3)
    assert model.scores(x.astype(np.float64)).shape == (8, 3)
    assert set(model.predict(x.astype(np.float64))) == {0, 1}


RNG = np.random.default_rng(0)
X = RNG.normal(size=(20, 2)).astype(np.float32)
Y = np.repeat([0, 1], 10)


@dataclass(eq=False)
class Fixed(BatchStrategy):
    """A strategy that gives every row the same target, and weight 2."""

    target: tuple[float, ...] = ()
    name: ClassVar[str] = "fixed"

    def _soften(self, x, y, rng):
        target = torch.tensor(self.target).expand(len(x), -1)
        return SoftBatch(x, target, torch.full((len(x),), 2.0))


def test_a_row_comes_once_per_class_with_its_share_as_weight():
    strategy = Fixed(target=(0.25, 0.0, 0.75)).fit(X, Y, 3)
    soft = unroll(X, Y, 3, strategy, 1, 8, np.random.default_rng(0))
    assert len(soft.x) == len(soft.y) == len(soft.weight) == 40
    assert sorted(set(zip(soft.y.tolist(), soft.weight.tolist(), strict=True))) == [
        (0, 0.5),
        (2, 1.5),
    ]
    rows, counts = np.unique(soft.x, axis=0, return_counts=True)
    assert np.array_equal(rows, np.unique(X, axis=0))
    assert set(counts) == {2}


def test_the_weighted_mean_label_is_that_of_the_soft_labels():
    strategy = Mixup().fit(X, Y, 2)
    soft = unroll(X, Y, 2, strategy, 3, 8, np.random.default_rng(0))
    assert soft.weight.sum() == pytest.approx(3 * 20, rel=1e-5)
    # mixing permutes the rows of a batch, so that each class keeps its total weight
    assert soft.weight[soft.y == 1].sum() == pytest.approx(3 * 10, rel=1e-5)
    assert (soft.weight > SMALLEST_SHARE).all()


def test_dropped_rows_are_left_out():
    x = np.array([[-1.0], [0.0], [1.0]] * 4, dtype=np.float32)
    y = np.array([0, 1, 2] * 4)
    strategy = MixupExcludeMI().fit(x, y, 3)
    soft = unroll(x, y, 3, strategy, 20, 12, np.random.default_rng(0))
    assert soft.weight.sum() < 20 * 12 - 1


def test_each_copy_draws_fresh_ratios_and_orders():
    strategy = Mixup().fit(X, Y, 2)
    soft = unroll(X, Y, 2, strategy, 10, 8, np.random.default_rng(0))
    # 10 copies of 3 batches: 30 ratios, each a pair of weights {λ, 1-λ} where classes differ
    ratios = {round(min(w, 1 - w), 5) for w in soft.weight.tolist() if w < 0.999}
    assert len(ratios) > 20


def test_one_class_left_is_refused_and_a_missing_one_among_more_is_not():
    with pytest.raises(DataError, match="left weight on 1 of 3 classes"):
        unroll(X, Y, 3, Fixed(target=(1.0, 0.0, 0.0)).fit(X, Y, 3), 1, 8, np.random.default_rng(0))
    some = Fixed(target=(0.5, 0.5, 0.0)).fit(X, Y, 3)
    assert set(unroll(X, Y, 3, some, 1, 8, np.random.default_rng(0)).y) == {0, 1}
