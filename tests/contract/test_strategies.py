"""The contract of every registered strategy."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from sklearn.datasets import load_iris
from sklearn.ensemble import RandomForestClassifier

from genlabel_robust.core.errors import ConfigurationError, NotApplicableError, UnknownNameError
from genlabel_robust.models import ARCHITECTURES
from genlabel_robust.models.nets.chain import MLP
from genlabel_robust.parts.contracts import strategies as contract
from genlabel_robust.strategies import DEFAULT_STRATEGIES, STRATEGIES
from genlabel_robust.strategies.build import build, setting_names
from genlabel_robust.strategies.genlabel_latent import LatentGenLabel
from genlabel_robust.strategies.strategy import BatchStrategy, LossStrategy
from genlabel_robust.trainers.config import TrainConfig
from genlabel_robust.trainers.sklearn_trainer import train_sklearn
from genlabel_robust.trainers.torch_trainer import accuracy, train

NAMES = list(STRATEGIES)
ON_BATCHES = [name for name in NAMES if isinstance(build(name), BatchStrategy)]
BY_LOSS = [name for name in NAMES if isinstance(build(name), LossStrategy)]
SMALL = MLP.with_widths((8, 8))


@pytest.fixture(scope="module")
def iris():
    x, y = load_iris(return_X_y=True)
    order = np.random.default_rng(0).permutation(150)
    return ((x - x.mean(0)) / x.std(0)).astype(np.float32)[order], y[order].astype(np.int64)


def sign_step(net, x, y, rng):
    x = x.clone().requires_grad_(True)
    loss = torch.nn.functional.cross_entropy(net(x), y)
    (slope,) = torch.autograd.grad(loss, x)
    return x + 0.05 * slope.sign()


def fitted(name, iris, **settings):
    strategy = build(name, settings)
    if isinstance(strategy, LatentGenLabel):
        strategy.body = torch.tanh
    return strategy.fit(iris[0], iris[1], 3)


def test_the_default_strategies_are_the_papers_in_its_order():
    assert tuple(NAMES[:8]) == DEFAULT_STRATEGIES
    assert NAMES[8:] == [
        "genlabel-gm-latent",
        "genlabel-kde-latent",
        "adamixup-fixed-policy",
        "adversarial",
    ]


@pytest.mark.parametrize("name", NAMES)
def test_a_strategy_knows_its_name_and_its_needs(name):
    strategy = build(name)
    assert strategy.name == name
    assert strategy.needs <= {"gradients", "latent"}
    assert STRATEGIES.describe(name)


@pytest.mark.parametrize("name", NAMES)
def test_an_unknown_setting_is_refused(name):
    with pytest.raises(UnknownNameError, match=f"strategy '{name}' has no setting 'alhpa'; "):
        build(name, {"alhpa": 1.0})


@pytest.mark.parametrize("name", [name for name in NAMES if "alpha" in setting_names(name)])
@pytest.mark.parametrize("alpha", [0.0, -1.0, float("nan"), float("inf"), "one", True])
def test_an_impossible_alpha_is_refused(name, alpha):
    with pytest.raises(ConfigurationError, match="alpha"):
        build(name, {"alpha": alpha})


@pytest.mark.parametrize("name", [name for name in NAMES if "gamma" in setting_names(name)])
@pytest.mark.parametrize("gamma", [-0.1, 1.1, float("nan")])
def test_an_impossible_gamma_is_refused(name, gamma):
    with pytest.raises(ConfigurationError, match=r"gamma is .* \[0, 1\]"):
        build(name, {"gamma": gamma})


@pytest.mark.parametrize("name", ON_BATCHES)
def test_soft_batches_are_distributions_with_weights(name, iris):
    strategy = fitted(name, iris)
    contract.soft_batches_are_distributions(strategy, *iris)
    batch = strategy(*map(torch.tensor, iris), np.random.default_rng(0))
    assert set(batch.weight.tolist()) <= {0.0, 1.0}


@pytest.mark.parametrize("name", ON_BATCHES)
def test_the_generator_decides_and_nothing_global_moves(name, iris):
    contract.the_generator_decides(fitted(name, iris), *iris)


def test_all_mixing_strategies_see_the_same_mixed_points(iris):
    mixing = ["mixup", "mixup-exclude-mi", "genlabel-gm", "genlabel-kde", "genlabel-nn"]
    tensors = [torch.tensor(array) for array in iris]
    batches = [fitted(name, iris)(*tensors, np.random.default_rng(3)) for name in mixing]
    for batch in batches[1:]:
        assert torch.equal(batch.x, batches[0].x)
    assert torch.equal(batches[1].target, batches[0].target)


def test_every_strategy_works_on_batches_by_a_loss_or_is_the_search_space():
    assert sorted([*ON_BATCHES, *BY_LOSS, "genlabel-cv"]) == sorted(NAMES)
    assert not callable(build("genlabel-cv"))


@pytest.mark.parametrize("name", [*ON_BATCHES, *BY_LOSS])
def test_use_before_fit_is_refused(name):
    contract.refuses_use_before_fit(build(name))


@pytest.mark.parametrize("name", BY_LOSS)
def test_a_loss_is_a_number_with_a_slope(name, iris):
    strategy = build(name)
    if strategy.attacked:
        strategy.attack_step = contract.sign_step
    contract.has_a_loss_with_a_slope(strategy.fit(*iris, 3), *iris)


@pytest.mark.nightly(
    but=[
        f"{arch}-{name}"
        for arch, names in (("logistic", NAMES), ("mlp", NAMES[::3]))
        for name in names
    ]
)
@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("architecture", list(ARCHITECTURES))
def test_every_architecture_learns_iris_or_is_not_applicable(name, architecture, iris):
    net = ARCHITECTURES.load(architecture)
    net = net.with_widths((8, 8)) if net.widths else net
    config = TrainConfig(epochs=50, batch_size=50, learning_rate=0.05, folds=3, gammas=(0.0, 1.0))
    arguments = (*iris, 3, net, name, {}, config, 0, sign_step)
    if "latent" in build(name).needs and not net.widths:
        with pytest.raises(NotApplicableError, match="hidden layer"):
            train(*arguments)
        return
    before = torch.random.get_rng_state()
    trained = train(*arguments)
    assert torch.equal(torch.random.get_rng_state(), before)
    assert not trained.module.training
    assert accuracy(trained.module, *iris) > 0.85
    again = train(*arguments)
    for (w, b), (w2, b2) in zip(trained.layers, again.layers, strict=True):
        assert np.array_equal(w, w2)
        assert np.array_equal(b, b2)


@pytest.mark.parametrize("name", NAMES)
def test_a_forest_learns_iris_or_says_not_applicable(name, iris):
    forest = RandomForestClassifier(n_estimators=5)
    config = TrainConfig(folds=2, gammas=(0.0, 1.0), copies=2)
    if build(name).needs:
        with pytest.raises(NotApplicableError, match="RandomForestClassifier does not have"):
            train_sklearn(*iris, 3, forest, name, {}, config)
    else:
        trained = train_sklearn(*iris, 3, forest, name, {}, config)
        assert (trained.estimator.predict(iris[0]) == iris[1]).mean() > 0.85
        assert not hasattr(forest, "estimators_")
