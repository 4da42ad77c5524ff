from __future__ import annotations

import threading
from typing import Any

import numpy as np
import pytest
import torch
from sklearn.ensemble import GradientBoostingClassifier, RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.neighbors import KNeighborsClassifier
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, StandardScaler
from sklearn.svm import SVC
from torch import nn

from genlabel_robust.models.digest import model_digest

X = np.random.default_rng(0).random((60, 3))
Y = (X[:, 0] > 0.5).astype(int)


class Scaled(nn.Linear):
    factor = 1.0

    def __init__(self, factor: float) -> None:
        super().__init__(3, 2)
        self.scale = factor
        with torch.no_grad():
            self.weight.fill_(0.5)
            self.bias.fill_(0.25)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return super().forward(x) * self.scale


class SameWeights(Scaled):
    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return super().forward(x).round()


@pytest.mark.parametrize(
    "make",
    [
        lambda seed: RandomForestClassifier(5, random_state=seed),
        lambda seed: GradientBoostingClassifier(n_estimators=3, subsample=0.5, random_state=seed),
        lambda seed: MLPClassifier((4,), max_iter=300, tol=1.0, random_state=seed),
        lambda seed: SVC(C=1.0 + seed),
        lambda seed: KNeighborsClassifier(1 + seed),
        lambda seed: make_pipeline(
            StandardScaler(), FunctionTransformer(np.tanh), LogisticRegression(C=1.0 + seed)
        ),
    ],
    ids=["forest", "boosting", "mlp", "svc", "neighbours", "pipeline"],
)
def test_an_estimator_trained_twice_is_the_same_and_another_is_not(make: Any) -> None:
    one, two, other = (model_digest(make(seed).fit(X, Y)) for seed in (0, 0, 1))
    assert one is not None
    assert one == two
    assert one != other


def test_asking_does_not_change_a_model() -> None:
    forest = RandomForestClassifier(5, random_state=0).fit(X, Y)
    before = model_digest(forest)
    forest.predict_proba(X)
    assert model_digest(forest) == before


def test_weights_settings_and_code_of_a_module_count_and_its_mode_does_not() -> None:
    one = Scaled(1.0)
    assert model_digest(one) == model_digest(Scaled(1.0).eval())
    assert model_digest(one) != model_digest(Scaled(1000.0))
    assert model_digest(one) != model_digest(SameWeights(1.0))
    moved = Scaled(1.0)
    with torch.no_grad():
        moved.bias[0] = torch.nextafter(moved.bias[0], torch.tensor(1.0))
    assert model_digest(one) != model_digest(moved)


def test_a_module_around_a_module_is_told_apart() -> None:
    nets = [nn.Sequential(nn.Linear(3, 2), act) for act in (nn.ReLU(), nn.GELU())]
    nets[1].load_state_dict(nets[0].state_dict())
    assert model_digest(nets[0]) != model_digest(nets[1])


def test_what_cannot_be_told_is_none() -> None:
    factor = 2.0
    module = Scaled(1.0)
    module.scale = lambda: factor  # type: ignore[assignment]
    assert model_digest(module) is None
    module.scale = threading.Lock()  # type: ignore[assignment]
    assert model_digest(module) is None


def test_a_thing_that_holds_itself_has_an_end() -> None:
    ring: list[Any] = [1.0]
    ring.append(ring)
    assert model_digest(ring) is not None
