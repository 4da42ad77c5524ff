"""The stacked cross-validation against a plain loop: one fit after another, scipy's densities."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from scipy.stats import gaussian_kde, multivariate_normal
from sklearn.datasets import load_iris
from sklearn.model_selection import KFold
from torch.nn import functional

from genlabel_robust.core.machine.threads import one_thread
from genlabel_robust.core.seeds import generator, integer_seed
from genlabel_robust.densities.density import posterior
from genlabel_robust.densities.gaussian import GaussianDensity
from genlabel_robust.densities.kde import KernelDensity
from genlabel_robust.models import ARCHITECTURES
from genlabel_robust.models.nets.chain import layers_of
from genlabel_robust.strategies.adamixup import AdaMixup, AdaMixupFixedPolicy
from genlabel_robust.trainers.config import TrainConfig
from genlabel_robust.trainers.torch_trainer import train

SEED = 3
CONFIG = TrainConfig(
    epochs=12, batch_size=32, folds=3, tune=True, learning_rates=(0.1, 0.01), gammas=(0.0, 0.5, 1.0)
)


def gaussian(rows):
    return multivariate_normal(rows.mean(axis=0), np.cov(rows.T, ddof=0) + 1e-4 * np.eye(4)).pdf


def kernels(rows):
    kde = gaussian_kde(rows.T)
    return lambda points: kde.pdf(points.T)


FITTED = {"genlabel-gm": gaussian, "genlabel-kde": kernels}


@pytest.fixture(scope="module")
def iris():
    x, y = load_iris(return_X_y=True)
    order = np.random.default_rng(0).permutation(150)
    return ((x - x.mean(0)) / x.std(0)).astype(np.float32)[order], y[order].astype(np.int64)


@pytest.fixture(autouse=True)
def _one_thread():
    with one_thread():
        yield


def small(name):
    architecture = ARCHITECTURES.load(name)
    return architecture.with_widths((8, 6)) if architecture.widths else architecture


def trained_plainly(x, y, architecture, fit_density, rate, gamma, fold):
    densities = [fit_density(x[y == label]) for label in range(3)]
    points, one_hot = torch.tensor(x), functional.one_hot(torch.tensor(y), 3).float()
    layers = architecture.initialise(4, 3, generator(SEED, "initialisation", fold))
    net, mixing = architecture.module(layers), generator(SEED, "mixing", fold)
    optimiser = torch.optim.Adam(net.parameters(), lr=rate, weight_decay=1e-4)
    for _ in range(CONFIG.epochs):
        for start in range(0, len(x), CONFIG.batch_size):
            own, labels = points[start : start + 32], one_hot[start : start + 32]
            ratio, partner = mixing.beta(1.0, 1.0), mixing.permutation(len(own))
            mixed = ratio * own + (1 - ratio) * own[partner]
            values = np.stack([density(mixed.numpy()) for density in densities], axis=1)
            label = torch.tensor(values / values.sum(axis=1, keepdims=True)).float()
            logits = net(mixed)
            loss = gamma * functional.cross_entropy(logits, label)
            plain = ratio * labels + (1 - ratio) * labels[partner]
            loss = loss + (1 - gamma) * functional.cross_entropy(logits, plain)
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
    return net


@pytest.mark.nightly(but=["genlabel-gm-logistic"])
@pytest.mark.parametrize("architecture", ["logistic", "mlp"])
@pytest.mark.parametrize("strategy", list(FITTED))
def test_a_search_scores_and_chooses_as_the_plain_loop_does(strategy, architecture, iris):
    (x, y), net = iris, small(architecture)
    found = train(x, y, 3, net, strategy, config=CONFIG, seed=SEED)
    candidates = [(rate, gamma) for rate in (0.1, 0.01) for gamma in (0.0, 0.5, 1.0)]
    scores, held_margins = np.zeros((6, 3)), []
    for fold, (kept, out) in enumerate(KFold(3).split(x), start=1):
        for index, candidate in enumerate(candidates):
            plain = trained_plainly(x[kept], y[kept], net, FITTED[strategy], *candidate, fold)
            with torch.no_grad():
                logits = plain(torch.tensor(x[out]))
            scores[index, fold - 1] = (logits.argmax(dim=1).numpy() == y[out]).mean()
            top = logits.topk(2, dim=1).values
            held_margins.append(float((top[:, 0] - top[:, 1]).min()))
    # no held-out row is so near a boundary that rounding could decide it
    assert min(held_margins) > 1e-4
    np.testing.assert_array_equal(np.array([values for _, values in found.scores]), scores)
    best = candidates[int(np.argmax(scores.mean(axis=1)))]
    assert (found.chosen.learning_rate, found.chosen.gamma) == best
    final = trained_plainly(x, y, net, FITTED[strategy], *best, 0)
    for (w, b), (w2, b2) in zip(found.layers, layers_of(final), strict=True):
        np.testing.assert_allclose(w, w2, atol=5e-4)
        np.testing.assert_allclose(b, b2, atol=5e-4)


@pytest.mark.parametrize("kind", [AdaMixup, AdaMixupFixedPolicy])
@pytest.mark.parametrize("architecture", ["logistic", "linear3", "mlp"])
def test_stacked_adamixup_is_its_loss_under_torchs_adam(kind, architecture, iris):
    """With a fixed policy, Adam is given the model alone, as in the authors' code."""
    (x, y), net = iris, small(architecture)
    config = TrainConfig(epochs=4, batch_size=64, learning_rate=0.01)
    found = train(x, y, 3, net, kind.name, config=config, seed=SEED)
    points, labels = torch.tensor(x), torch.tensor(y)
    strategy = kind(seed=integer_seed(SEED, "strategy", 0)).fit(points, labels, 3)
    module = net.module(net.initialise(4, 3, generator(SEED, "initialisation", 0)))
    optimiser = torch.optim.Adam(
        [*module.parameters(), *strategy.parameters()], lr=0.01, weight_decay=1e-4
    )
    mixing = generator(SEED, "mixing", 0)
    for _ in range(4):
        for start in range(0, 150, 64):
            rows = slice(start, start + 64)
            optimiser.zero_grad()
            strategy.loss(module, points[rows], labels[rows], mixing).backward()
            optimiser.step()
    for (w, b), (w2, b2) in zip(found.layers, layers_of(module), strict=True):
        np.testing.assert_allclose(w, w2, atol=2e-4)
        np.testing.assert_allclose(b, b2, atol=2e-4)


@pytest.mark.parametrize(
    ("density", "fit"), [(GaussianDensity(), gaussian), (KernelDensity(), kernels)]
)
def test_a_posterior_is_the_plain_ratio_of_scipys_densities(density, fit, iris):
    x, y = iris[0].astype(np.float64), iris[1]
    points = 0.5 * (x + x[::-1])
    values = np.stack([fit(x[y == label])(points) for label in range(3)], axis=1)
    seen = values.sum(axis=1) > 1e-30
    assert seen.sum() > 100
    found = posterior(density.fit(x, y, 3).log_density(points)).numpy()
    expected = values / values.sum(axis=1, keepdims=True)
    np.testing.assert_allclose(found[seen], expected[seen], atol=1e-5)
