from __future__ import annotations

import pickle

import numpy as np
import pytest
from sklearn.datasets import load_iris
from sklearn.model_selection import cross_val_score
from sklearn.utils.estimator_checks import parametrize_with_checks

from genlabel_robust.strategies import STRATEGIES
from genlabel_robust.trainers.classifier import GenLabelClassifier


@parametrize_with_checks(
    [
        GenLabelClassifier(epochs=20),
        GenLabelClassifier("vanilla", "logistic", epochs=40),
    ]
)
def test_scikit_learns_own_checks_pass(estimator, check):
    check(estimator)


@pytest.fixture(scope="module")
def iris():
    x, y = load_iris(return_X_y=True)
    order = np.random.default_rng(0).permutation(150)
    return x[order], np.array(["setosa", "versicolor", "virginica"])[y[order]]


@pytest.mark.parametrize("strategy", [name for name in STRATEGIES if name != "genlabel-cv"])
def test_every_strategy_trains_it(strategy, iris):
    classifier = GenLabelClassifier(
        strategy, epochs=25, batch_size=32, random_state=0, attack_step=lambda net, x, y, rng: x
    )
    assert classifier.fit(*iris).score(*iris) > 0.85
    assert classifier.classes_.tolist() == ["setosa", "versicolor", "virginica"]
    np.testing.assert_allclose(classifier.predict_proba(iris[0]).sum(axis=1), 1.0)


def test_it_cross_validates(iris):
    classifier = GenLabelClassifier(architecture="logistic", epochs=30, random_state=0)
    assert cross_val_score(classifier, *iris, cv=3).mean() > 0.85


def test_random_state_decides(iris):
    def fitted(state):
        return GenLabelClassifier(epochs=2, random_state=state).fit(*iris).predict_proba(iris[0])

    assert np.array_equal(fitted(0), fitted(0))
    assert not np.array_equal(fitted(0), fitted(1))
    assert not np.array_equal(fitted(None), fitted(None))
    state = np.random.RandomState
    assert np.array_equal(fitted(state(4)), fitted(state(4)))


def test_no_global_random_state_is_read_or_moved(iris):
    before = np.random.get_state()[1].copy()  # noqa: NPY002
    GenLabelClassifier(epochs=1).fit(*iris)
    assert (np.random.get_state()[1] == before).all()  # noqa: NPY002


def test_features_far_outside_the_training_range_and_constant_ones_are_fine(iris):
    x = np.column_stack([iris[0], np.full(150, 7.0)])
    classifier = GenLabelClassifier(epochs=2, random_state=0).fit(x, iris[1])
    assert np.isfinite(classifier.predict_proba(x * 1e6)).all()


# torch before 2.6 says so of its own way to read a pickled tensor
@pytest.mark.filterwarnings("ignore:You are using `torch.load`:FutureWarning")
def test_a_pickled_classifier_predicts_the_same(iris):
    classifier = GenLabelClassifier(epochs=2, random_state=0).fit(*iris)
    again = pickle.loads(pickle.dumps(classifier))  # noqa: S301
    assert np.array_equal(again.predict_proba(iris[0]), classifier.predict_proba(iris[0]))


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"strategy": "mixpu"}, "did you mean 'mixup'"),
        ({"architecture": "mpl"}, "did you mean 'mlp'"),
        ({"strategy": "mixup", "gamma": 0.5}, "strategy 'mixup' has no setting 'gamma'"),
        ({"gamma": 2.0}, "gamma is 2.0"),
        ({"epochs": 0}, "epochs is 0"),
        ({"strategy": "adversarial"}, "attack_step="),
    ],
)
def test_what_cannot_be_is_a_value_error_with_advice(settings, message, iris):
    with pytest.raises(ValueError, match=message):
        GenLabelClassifier(**settings).fit(*iris)


def test_a_class_with_one_example_is_refused():
    with pytest.raises(ValueError, match="class 1 has 1 example"):
        GenLabelClassifier().fit(np.arange(8.0).reshape(4, 2), [0, 0, 0, 1])
