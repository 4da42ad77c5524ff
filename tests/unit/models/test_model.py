from __future__ import annotations

import numpy as np
import pytest
from sklearn.svm import SVC
from sklearn.tree import DecisionTreeClassifier

from genlabel_robust.core.seeds import generator
from genlabel_robust.data.task import Scaling
from genlabel_robust.models.architecture import LINEAR3, LOGISTIC, MLP
from genlabel_robust.models.model import SklearnModel, TorchModel

SCALING = Scaling("range", np.array([10.0, -2.0]), np.array([4.0, 0.5]))


@pytest.mark.parametrize("architecture", [LOGISTIC, LINEAR3], ids=lambda a: a.name)
def test_an_affine_model_is_its_weights_on_scaled_features(architecture) -> None:
    model = TorchModel(
        architecture.module(architecture.initialise(2, 3, generator(0, "test"))), SCALING, 3
    )
    weight, bias = model.affine()
    raw = generator(1, "test").normal(size=(20, 2))
    assert np.allclose(SCALING.apply(raw) @ weight.T + bias, model.scores(raw), atol=1e-5)


def test_a_net_with_relu_is_not_affine() -> None:
    model = TorchModel(MLP.module(MLP.initialise(2, 3, generator(0, "test"))), SCALING, 3)
    assert model.affine() is None


def test_a_class_that_the_estimator_never_saw_has_the_lowest_score() -> None:
    tree = DecisionTreeClassifier().fit([[0.0, 0.0], [1.0, 1.0]], [0, 2])
    model = SklearnModel(tree, SCALING, 3)
    scores = model.scores(np.array([[10.0, -2.0], [14.0, -1.5]]))
    assert scores.tolist() == [[1.0, 0.0, 0.0], [0.0, 0.0, 1.0]]
    assert model.knowledge == "scores"


def test_an_estimator_without_probabilities_offers_decisions() -> None:
    rng = np.random.default_rng(0)
    x = rng.normal(size=(40, 2))
    model = SklearnModel(SVC().fit(SCALING.apply(x), (x[:, 0] > 0).astype(int)), SCALING, 2)
    assert model.knowledge == "decisions"
    assert model.scores(x).sum(axis=1).tolist() == [1.0] * 40
    assert (model.scores(x).argmax(axis=1) == model.predict(x)).all()
