from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch
from sklearn.datasets import load_iris
from torch import nn

from genlabel_robust.core.admitted import admitting
from genlabel_robust.core.parts.naming import part_of
from genlabel_robust.models import ARCHITECTURES
from genlabel_robust.models.nets.chain import MLP
from genlabel_robust.models.nets.outside import MadeByFunction
from genlabel_robust.runs.config.run_config import RunConfig
from genlabel_robust.runs.plan.recipe_plan import make_plan
from genlabel_robust.strategies.build import build
from genlabel_robust.trainers.config import TrainConfig
from genlabel_robust.trainers.fitting.alone import fit_alone
from genlabel_robust.trainers.fitting.fit import fit
from genlabel_robust.trainers.fitting.modules import fit_modules
from genlabel_robust.trainers.fitting.stacked import fit_stacked
from genlabel_robust.trainers.grid import Candidate
from genlabel_robust.trainers.job import Job, Recipe
from genlabel_robust.trainers.stacked.modules import why_not_stacked

CONFIG = TrainConfig(epochs=8, batch_size=50, weight_decay=0.01)


class Residual(nn.Module):
    def __init__(self, n_features, n_classes):
        super().__init__()
        self.first, self.norm = nn.Linear(n_features, 8), nn.LayerNorm(8)
        self.inner, self.last = nn.Linear(8, 8), nn.Linear(8, n_classes)
        self.register_buffer("shift", torch.full((8,), 0.1))
        # trained by nobody
        self.frozen = nn.Parameter(torch.ones(8), requires_grad=False)

    def forward(self, x):
        hidden = self.norm(self.first(x)) + self.shift * self.frozen
        return self.last(hidden + torch.tanh(self.inner(hidden)))


class Tied(nn.Module):
    """A net that uses one layer twice."""

    def __init__(self, n_features, n_classes):
        super().__init__()
        self.first, self.last = nn.Linear(n_features, 8), nn.Linear(8, n_classes)
        self.inner = nn.Linear(8, 8)
        self.again = self.inner

    def forward(self, x):
        return self.last(self.again(self.inner(self.first(x)).relu()).relu())


def normed(d, k):
    return nn.Sequential(nn.Linear(d, 8), nn.BatchNorm1d(8), nn.Linear(8, k))


def dropping(d, k):
    return nn.Sequential(nn.Linear(d, 8), nn.Dropout(0.5), nn.Linear(8, k))


class Branching(Tied):
    def forward(self, x):
        return super().forward(x if self.first.weight.sum() > 0 else 2 * x)


class Unused(Tied):
    """A net with a parameter that does not affect the loss, so no optimizer changes it."""

    def __init__(self, n_features, n_classes):
        super().__init__(n_features, n_classes)
        self.idle = nn.Parameter(torch.ones(3))


def architecture(make):
    return MadeByFunction("own", 0.01, make)


@pytest.fixture(scope="module")
def iris():
    x, y = load_iris(return_X_y=True)
    order = np.random.default_rng(0).permutation(150)
    scaled = ((x - x.mean(0)) / x.std(0)).astype(np.float32)[order]
    return torch.tensor(scaled), torch.tensor(y[order])


def assert_alike(ones, others):
    for one, other in zip(ones, others, strict=True):
        assert not one.training
        for (name, value), right in zip(
            one.state_dict().items(), other.state_dict().values(), strict=True
        ):
            torch.testing.assert_close(value, right, atol=3e-4, rtol=1e-3, msg=name)


@pytest.mark.nightly(every=3)
@pytest.mark.parametrize("make", [Residual, Tied, normed])
@pytest.mark.parametrize("name", ["vanilla", "mixup", "mixup-exclude-mi", "genlabel-gm"])
@pytest.mark.parametrize(
    "changes", [{}, {"optimizer": "sgd", "momentum": 0.9, "clip_norm": 0.5}], ids=["adam", "sgd"]
)
def test_nets_trained_together_are_those_trained_alone(name, make, changes, iris) -> None:
    config = replace(CONFIG, **changes)
    density = "gaussian" if name == "genlabel-gm" else None
    gammas = (0.0, 0.4, 1.0) if density else (None,)
    recipe = Recipe(architecture(make), build(name), 3, config, seed=1)
    x, y = iris
    work = [
        (recipe, Job(x[rows], y[rows], Candidate(rate, density, gamma), fold))
        for fold, rows in ((1, slice(0, 100)), (2, slice(50, 150)), (3, slice(0, 90)))
        for rate in (0.01, 0.03)
        for gamma in gammas
    ]
    assert_alike(fit_modules(work), fit_alone(work))


def test_a_chain_is_the_one_of_its_own_stack(iris) -> None:
    recipe = Recipe(MLP.with_widths((8,)), build("mixup"), 3, CONFIG, seed=1)
    work = [(recipe, Job(*iris, Candidate(rate, None, None))) for rate in (0.01, 0.03)]
    assert_alike(fit_modules(work), fit_stacked(work))


@pytest.mark.parametrize("make", [Residual, Tied, normed])
def test_nets_of_any_shape_can_be_stacked(make) -> None:
    assert why_not_stacked(architecture(make), 4, 3) is None


@pytest.mark.parametrize("make", [dropping, Branching, Unused])
def test_what_cannot_be_stacked_is_trained_alone_and_has_a_reason(make, iris) -> None:
    before = torch.random.get_rng_state()
    reason = why_not_stacked(architecture(make), 4, 3)
    assert reason
    assert "\n" not in reason
    assert torch.equal(torch.random.get_rng_state(), before)
    recipe = Recipe(architecture(make), build("vanilla"), 3, CONFIG, seed=1)
    work = [(recipe, Job(*iris, Candidate(rate, None, None))) for rate in (0.01, 0.03)]
    for one, other in zip(fit(work), fit_alone(work), strict=True):
        for value, right in zip(
            one.state_dict().values(), other.state_dict().values(), strict=True
        ):
            assert torch.equal(value, right)


@pytest.mark.nightly
def test_a_run_says_which_nets_are_trained_one_after_the_other() -> None:
    for make, told in ((Residual, False), (dropping, True)):
        part = part_of(ARCHITECTURES, make)
        with admitting([part]):
            plan = make_plan(
                RunConfig(datasets="iris", strategies="vanilla", architectures=part.name, seeds=1)
            )
        notices = " ".join(plan.tasks["iris"].notices)
        assert (f"trains models '{part.name}' one after the other" in notices) is told


@pytest.mark.nightly
def test_what_makes_no_net_is_said_before_anything_is_trained() -> None:
    def failing(d, k):
        raise KeyError(d)

    with (
        admitting([part_of(ARCHITECTURES, failing)]),
        pytest.raises(
            Exception, match="'failing' makes no net of 4 features and 3 classes: KeyError: 4"
        ),
    ):
        make_plan(RunConfig(datasets="iris", strategies="vanilla", architectures="failing"))
