from __future__ import annotations

import numpy as np
import pytest
import torch
from torch import nn

from genlabel_robust.data.rows import rows_of
from genlabel_robust.models.adapters.log_probabilities import LogProbabilities, logarithmic
from genlabel_robust.models.adapters.torch_module import ModuleAdapter
from genlabel_robust.models.as_model import as_model
from genlabel_robust.models.inside import gives_probabilities

X = np.random.default_rng(0).normal(size=(20, 3))
Y = np.arange(20) % 2


def logits(scale: float = 1.0) -> nn.Module:
    torch.manual_seed(0)
    module = nn.Linear(3, 2).double()
    with torch.no_grad():
        module.weight *= scale
    return module


def softmax(scale: float = 1.0) -> nn.Module:
    return nn.Sequential(logits(scale), nn.Softmax(dim=1))


def margin(scores: np.ndarray) -> np.ndarray:
    return np.asarray([[-1.0, 1.0]] * len(scores))


@pytest.mark.parametrize("scale", [1.0, 20.0])
def test_the_logarithm_of_a_softmax_has_the_margins_and_gradients_of_its_logits(
    scale: float,
) -> None:
    plain = as_model(logits(scale), rows_of(X), (0, 1))
    model = as_model(softmax(scale), rows_of(X), (0, 1))
    assert isinstance(model, LogProbabilities)
    assert not isinstance(plain, LogProbabilities)
    assert gives_probabilities(model, X)
    assert (model.knowledge, model.n_classes) == ("gradients", 2)
    scores, gradient = model.vjp(X, margin)
    wanted, way = plain.vjp(X, margin)
    np.testing.assert_allclose(np.diff(scores), np.diff(wanted), rtol=1e-9)
    np.testing.assert_allclose(gradient, way, rtol=1e-6)
    assert (model.scores(X) == scores).all()
    assert (model.predict(X) == plain.predict(X)).all()
    assert (model.decide(X) == plain.predict(X)).all()


def test_a_gradient_is_finite_where_a_probability_is_0() -> None:
    class Edge(nn.Module):
        """Probabilities that are 0 with a gradient that is not 0."""

        def forward(self, x: torch.Tensor) -> torch.Tensor:
            p = 1e9 * x[:, :1] - 1e9 * x[:, :1].detach()
            return torch.cat([p, 1 - p], dim=1)

    model = LogProbabilities(ModuleAdapter(Edge(), 2))
    scores, gradient = model.vjp(X, margin)
    assert np.isfinite(gradient).all()
    assert (gradient[:, 0] < 0).all()
    assert scores[0].tolist() == [np.log(1e-30), 0.0]


def test_a_softmax_that_saturates_in_float32_has_lost_its_gradient() -> None:
    module = softmax(1e4).float()
    model = LogProbabilities(ModuleAdapter(module, 2))
    scores, gradient = model.vjp(X, margin)
    lost = (scores == 0).any(axis=1)
    assert lost.mean() > 0.8
    assert (scores[lost].min(axis=1) == np.log(1e-30)).all()
    assert (gradient[lost] == 0).all()


@pytest.mark.parametrize(
    "answer",
    [
        np.array([[0.5, 0.5], [0.5, 0.6]]),
        np.array([[0.5, 0.5], [-0.5, 1.5]]),
        np.array([[0.0, 1.0], [1.0, 0.0]]),
    ],
    ids=["sums", "signs", "decisions"],
)
def test_what_is_no_probability_in_every_row_stays_what_it_is(answer: np.ndarray) -> None:
    model = ModuleAdapter(logits(), 2)
    assert logarithmic(model, answer) is model
    assert logarithmic(model, np.array([[0.2, 0.8], [1.0, 0.0]])) is not model
