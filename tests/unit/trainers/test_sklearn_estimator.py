from __future__ import annotations

import pytest
from sklearn.ensemble import RandomForestClassifier

from genlabel_robust.core.errors import ConfigurationError, NotApplicableError, UnknownNameError
from genlabel_robust.trainers.sklearn_estimator import kebab, sklearn_estimator


@pytest.mark.parametrize(
    ("class_name", "name"),
    [
        ("RandomForestClassifier", "random-forest"),
        ("HistGradientBoostingClassifier", "hist-gradient-boosting"),
        ("SVC", "svc"),
        ("LinearSVC", "linear-svc"),
        ("GaussianNB", "gaussian-nb"),
        ("LogisticRegressionCV", "logistic-regression-cv"),
        ("SGDClassifier", "sgd"),
    ],
)
def test_names_are_the_classes_in_kebab_case(class_name, name):
    assert kebab(class_name) == name
    assert type(sklearn_estimator(name)).__name__ == class_name


def test_settings_reach_the_estimator():
    forest = sklearn_estimator("random-forest", {"n_estimators": 7})
    assert isinstance(forest, RandomForestClassifier)
    assert forest.n_estimators == 7


def test_unknown_names_and_settings_answer_with_the_nearest():
    with pytest.raises(UnknownNameError, match="did you mean 'random-forest'"):
        sklearn_estimator("random-forrest")
    with pytest.raises(UnknownNameError, match="'svc' has no setting 'gama'; did you mean 'gamma'"):
        sklearn_estimator("svc", {"gama": 1.0})


def test_a_classifier_around_others_is_not_built_by_name():
    with pytest.raises(NotApplicableError, match="built around other estimators"):
        sklearn_estimator("voting")


def test_settings_that_the_constructor_refuses_are_a_configuration_error(monkeypatch):
    class Picky:
        def __init__(self, depth=1):
            raise ValueError("depth is too deep")

    registry = "genlabel_robust.trainers.sklearn_estimator._classifiers"
    monkeypatch.setattr(registry, lambda: {"picky": Picky})
    with pytest.raises(ConfigurationError, match=r"'picky' refuses .*too deep"):
        sklearn_estimator("picky")
