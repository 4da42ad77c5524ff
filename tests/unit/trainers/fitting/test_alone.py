from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pytest
import torch
from sklearn.datasets import load_iris
from torch import nn

from genlabel_robust.core.errors import NotApplicableError
from genlabel_robust.models.nets.architecture import Architecture
from genlabel_robust.models.nets.chain import MLP
from genlabel_robust.strategies import STRATEGIES
from genlabel_robust.strategies.build import build
from genlabel_robust.strategies.soft_batch import SoftBatch
from genlabel_robust.strategies.strategy import BatchStrategy
from genlabel_robust.trainers.config import TrainConfig
from genlabel_robust.trainers.fitting.alone import fit_alone
from genlabel_robust.trainers.fitting.stacked import fit_stacked
from genlabel_robust.trainers.grid import Candidate
from genlabel_robust.trainers.job import Job, Recipe
from genlabel_robust.trainers.torch_trainer import accuracy, train

CONFIG = TrainConfig(epochs=40, batch_size=50, learning_rate=0.02, folds=3, gammas=(0.0, 1.0))


@dataclass(frozen=True)
class Residual(Architecture):
    """A net that is not a chain: a block adds to its input."""

    name: str = "residual"
    learning_rate: float = 0.01
    dropout: float = 0.0

    def net(self, n_features, n_classes):
        block = _Block(self.dropout)
        return nn.Sequential(nn.Linear(n_features, 8), nn.ReLU(), block, nn.Linear(8, n_classes))


class _Block(nn.Module):
    def __init__(self, dropout):
        super().__init__()
        self.linear, self.dropout = nn.Linear(8, 8), nn.Dropout(dropout)

    def forward(self, x):
        return x + self.dropout(self.linear(x)).relu()


class Whole(Residual):
    """The same net without access to the features before the last layer."""

    def net(self, n_features, n_classes):
        return nn.Sequential(nn.Sequential(*super().net(n_features, n_classes)))


@dataclass(eq=False)
class Weightless(BatchStrategy):
    name = "weightless"

    def _soften(self, x, y, rng):
        return SoftBatch(x, self._one_hot(x, y), torch.zeros(len(x)))


@pytest.fixture(scope="module")
def iris():
    x, y = load_iris(return_X_y=True)
    order = np.random.default_rng(0).permutation(150)
    return ((x - x.mean(0)) / x.std(0)).astype(np.float32)[order], y[order].astype(np.int64)


def sign_step(net, x, y, rng):
    x = x.clone().requires_grad_(True)
    (slope,) = torch.autograd.grad(nn.functional.cross_entropy(net(x), y), x)
    return x + 0.05 * slope.sign()


def weights(module):
    return torch.cat([parameter.detach().flatten() for parameter in module.parameters()])


@pytest.mark.parametrize("name", ["vanilla", "mixup", "mixup-exclude-mi", "genlabel-gm"])
def test_a_chain_trained_alone_is_the_one_of_the_stack(name, iris) -> None:
    settings = {"gamma": 0.4} if name == "genlabel-gm" else {}
    recipe = Recipe(MLP.with_widths((8,)), build(name, settings), 3, CONFIG, seed=1)
    density, gamma = ("gaussian", 0.4) if settings else (None, None)
    job = Job(*map(torch.tensor, iris), Candidate(0.01, density, gamma))
    (alone,), (stacked,) = fit_alone([(recipe, job)]), fit_stacked([(recipe, job)])
    torch.testing.assert_close(weights(alone), weights(stacked), atol=2e-4, rtol=1e-3)


@pytest.mark.nightly(every=2)
@pytest.mark.parametrize("name", list(STRATEGIES))
def test_a_net_that_is_no_chain_learns_under_every_strategy(name, iris) -> None:
    arguments = (*iris, 3, Residual(), name, {}, CONFIG, 0, sign_step)
    before = torch.random.get_rng_state()
    trained = train(*arguments)
    assert torch.equal(torch.random.get_rng_state(), before)
    assert not trained.module.training
    assert accuracy(trained.module, *iris) > 0.85
    assert torch.equal(weights(train(*arguments).module), weights(trained.module))


def test_latent_features_that_nobody_can_ask_for_are_not_applicable(iris) -> None:
    with pytest.raises(NotApplicableError, match="'residual' has no hidden layer whose features"):
        train(*iris, 3, Whole(), "genlabel-gm-latent", {}, CONFIG)


def test_what_layers_draw_in_training_is_decided_by_the_seed(iris) -> None:
    net = Residual(dropout=0.5)
    first, again, plain = (
        weights(train(*iris, 3, one, "vanilla", {}, CONFIG, 0).module)
        for one in (net, net, Residual())
    )
    assert torch.equal(first, again)
    assert not torch.equal(first, plain)


def test_a_batch_without_weight_is_no_step(iris) -> None:
    recipe = Recipe(Residual(), Weightless(), 3, CONFIG, seed=0)
    job = Job(*map(torch.tensor, iris), Candidate(0.01, None, None))
    (module,) = fit_alone([(recipe, job)])
    assert torch.equal(weights(module), weights(job.draw(recipe)))
