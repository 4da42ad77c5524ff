from __future__ import annotations

import numpy as np
import pytest
from sklearn.svm import SVC
from sklearn.tree import DecisionTreeClassifier

from genlabel_robust.core.seeds import generator
from genlabel_robust.data.task import Scaling
from genlabel_robust.models.adapters.torch_module import ModuleAdapter
from genlabel_robust.models.model import SklearnModel, TorchModel
from genlabel_robust.models.nets.chain import LINEAR3, LOGISTIC, MLP

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


@pytest.mark.parametrize("given", [False, True])
@pytest.mark.parametrize("architecture", [LINEAR3, MLP], ids=lambda a: a.name)
def test_the_logits_of_a_row_are_the_same_bits_in_any_company(architecture, given) -> None:
    net = architecture.module(architecture.initialise(2, 3, generator(0, "test")))
    model = ModuleAdapter(net, 3) if given else TorchModel(net, SCALING, 3)
    raw = generator(1, "test").normal(size=(1000, 2))
    everyone = model.scores(raw)
    for n in (1, 7, 8, 9, 16, 17, 24, 999):
        assert model.scores(raw[500 - n // 2 :][:n]).tobytes() == (
            everyone[500 - n // 2 :][:n].tobytes()
        )


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
